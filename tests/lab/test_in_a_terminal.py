"""The lesson and its drills where a learner without notebooks meets them: a real terminal of 80 columns."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab_env import engine as engines
from lab_env.engine import Engine
from lab_env.terraform import Toolchain
from solutions.corpus import load_corpus, materialise
from tests.lab.terminals import Ran, broken_words, on_a_terminal

LESSONS = range(6)
_NOTEBOOKS_ALONE = re.compile(r"%\w|\bShift\b|\bkernel\b|(?<!notebook )\bcells?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Desk:
    """A working copy, and the state directory of its engine."""

    root: Path
    state: Path

    def run(self, *words: object, columns: int = 80) -> Ran:
        return on_a_terminal(*words, cwd=self.root, env={"LAB_STATE_DIR": str(self.state)}, columns=columns)

    def fits(self, *words: object, code: int = 0) -> str:
        """Run it at 80 columns and on a terminal so wide that nothing has to be wrapped; give what it said.

        What differs from one run to the next (times, ids, how often something was read) is taken out first.
        """
        ran, wide = self.run(*words), self.run(*words, columns=4000)
        assert (ran.code, wide.code) == (code, code), ran.text
        assert ran.screen.overflowed == []
        assert broken_words(ran.screen, wide.text + " " + " ".join(_varying(ran.text))) == []
        return ran.text


def _varying(text: str) -> list[str]:
    return [word for word in text.split() if re.search(r"\d", word)]


@pytest.fixture(scope="module")
def desk(engine: Engine, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The reference, deployed once, with what the embedded engine needs for it."""
    root = materialise(load_corpus()["reference"], tmp_path_factory.mktemp("desk"))
    made = Desk(root, Path(engines.state.directory()))
    ran = made.run("terraform", "apply")
    assert ran.code == 0, ran.text
    yield made
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def empty(tmp_path: Path) -> Desk:
    (tmp_path / "work").mkdir()
    return Desk(tmp_path / "work", tmp_path / "state")


@pytest.mark.slow
@pytest.mark.parametrize("number", LESSONS)
def test_each_lesson_fits_the_terminal(empty: Desk, number: int) -> None:
    """Is each lesson on 80 columns without a broken word, in the terminal's words, with the file to write and the verb to run?"""
    from lab.lessons.course import load
    from lab.lessons.page import written

    ran = empty.run("lesson", number)
    assert ran.code == 0, ran.text
    assert ran.screen.overflowed == []
    lesson = load()[number]
    assert broken_words(ran.screen, "\n".join([*written(lesson, 4000), f"Next: lab lesson {number + 1} check"])) == []
    assert lesson.title in ran.text
    assert _NOTEBOOKS_ALONE.findall(ran.text) == []
    if number:
        assert re.search(r"Write modules/secrets/\w+\.tf", ran.text)
        assert "lab check " in ran.text


@pytest.mark.slow
def test_the_list_of_lessons(empty: Desk) -> None:
    """Without a number, are the lessons listed, with the one to begin with?"""
    ran = empty.run("lesson")
    assert ran.code == 0
    assert [f"\n  {number}  " in f"\n{ran.text}" for number in LESSONS] == [True] * 6
    assert ran.text.splitlines()[-1] == "Next: lab lesson 0"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("lesson", "6"), "0 to 5"),
        (("diagram",), "envelope, road, permissions, versions"),
        (("diagram", "keys"), "envelope, road, permissions, versions"),
        (("leaks", "nowhere"), "nowhere"),
        (("terraform", "aply"), "lab terraform apply"),
        (("predict", "which-rule"), "lab predict which-role"),
    ],
)
def test_a_wrong_word_is_one_sentence(empty: Desk, words: tuple[str, ...], said: str) -> None:
    """Is a word that is not understood one sentence and the next step, on lines that fit?"""
    ran = empty.run(*words)
    assert ran.code == 2, ran.text
    assert ran.screen.overflowed == []
    assert said in " ".join(ran.text.split())
    assert ran.text.count("Next: ") == 1


@pytest.mark.slow
@pytest.mark.engine
@pytest.mark.terraform
@pytest.mark.parametrize("words", [("rotate",), ("trail",), ("as-role",), ("diagram", "road"), ("leaks", "--plant")])
def test_nothing_is_deployed_yet(empty: Desk, words: tuple[str, ...]) -> None:
    """Is a drill before the first deployment one sentence with the next step, and no success?"""
    ran = empty.run(*words)
    assert ran.code == 1, ran.text
    assert ran.screen.overflowed == []
    assert "Nothing is deployed yet." in ran.text
    assert "Next: " in ran.text
    assert "lab terraform apply" in ran.text
    assert "%" not in ran.text


@pytest.mark.slow
@pytest.mark.engine
@pytest.mark.terraform
def test_the_drills_fit_the_terminal(desk: Desk) -> None:
    """Do the drills say on 80 columns what their magics show, in the terminal's words, and never a value?"""
    said = {
        "as-role": desk.fits("as-role"),
        "leaks": desk.fits("leaks"),
        "trail": desk.fits("trail"),
        **{name: desk.fits("diagram", name) for name in ("envelope", "road", "permissions", "versions")},
        "launch": desk.fits("launch"),
    }
    rotated = desk.run("rotate")
    assert (rotated.code, rotated.screen.overflowed) == (0, [])
    said["rotate"] = rotated.text
    assert "Of what was asked it may do what the ECS agent needs." in " ".join(said["as-role"].split())
    assert "No leak found" in said["leaks"]
    assert "GetSecretValue" in said["trail"]
    assert "DB_PASSWORD" in said["road"]
    assert "AWSCURRENT" in said["rotate"]
    assert "Same as the current version" in said["launch"]
    for name, text in said.items():
        assert _NOTEBOOKS_ALONE.findall(text) == [], name


@pytest.mark.slow
@pytest.mark.engine
@pytest.mark.terraform
def test_a_planted_value_is_found_again(desk: Desk) -> None:
    """Does a terminal's scan know what an earlier command planted, without the value lying anywhere?"""
    assert desk.run("leaks", "--plant").code == 0
    found = desk.fits("leaks")
    assert "Looked for 1 planted value" in " ".join(found.split())
    assert "No leak found" in found


@pytest.mark.slow
@pytest.mark.engine
@pytest.mark.terraform
def test_a_check_goes_as_deep_as_it_takes(engine: Engine, toolchain: Toolchain, tmp_path: Path) -> None:
    """Does a check of what passes deploy without being told to, and one of what fails stop before, on lines that fit?"""
    root = materialise(load_corpus()["reference"], tmp_path)
    desk = Desk(root, Path(engines.state.directory()))
    deep = desk.run("check", "kms", "secret.no_plaintext")
    assert (deep.code, deep.screen.overflowed) == (0, [])
    assert "6 of 6 pass, 23 of 23 points." in deep.text
    assert json.loads((root / ".lab" / "progress.json").read_text("utf-8"))["depth"] == "full"
    shallow = desk.run("check", "kms", "--depth", "plan")
    assert shallow.code == 1
    assert "not looked at yet (depth plan)" in " ".join(shallow.text.split())

    kms = root / "modules" / "secrets" / "kms.tf"
    kms.write_text(
        kms.read_text("utf-8").replace("deletion_window_in_days = 7", "deletion_window_in_days = 30"), "utf-8"
    )
    said = desk.fits("check", "kms.deletion_window", "kms.alias", code=1)
    assert "✗ Fail" in said
    assert "Next: kms.deletion_window: " in said
    assert "kms.tags" not in said
    assert json.loads((root / ".lab" / "progress.json").read_text("utf-8"))["depth"] == "plan"


@pytest.mark.slow
@pytest.mark.engine
@pytest.mark.terraform
def test_what_terraform_could_not_create_comes_first(engine: Engine, toolchain: Toolchain, tmp_path: Path) -> None:
    """Is an error of the apply the first thing that a check says, above the verdicts that it explains?"""
    root = materialise(load_corpus()["reference"], tmp_path)
    ecs = root / "modules" / "secrets" / "ecs.tf"
    ecs.write_text(re.sub(r'cpu( +)= "?\d+"?', r'cpu\1= "300"', ecs.read_text("utf-8")), "utf-8")
    ran = Desk(root, Path(engines.state.directory())).run("check", "ecs", "--depth", "full")
    assert (ran.code, ran.screen.overflowed) == (1, [])
    assert ran.text.startswith("✗ Terraform could not create everything: ")
    assert ran.text.count("could not create everything") == 1


@pytest.mark.slow
def test_a_syntax_error_needs_neither_engine_nor_terraform(empty: Desk) -> None:
    """Is what the files alone tell told from them alone, at once?"""
    (empty.root / "main.tf").write_text('resource "aws_kms_key" "k" {\n', "utf-8")
    ran = on_a_terminal(
        "check", cwd=empty.root, env={"LAB_STATE_DIR": str(empty.state), "LAB_TERRAFORM": "/nowhere/terraform"}
    )
    assert (ran.code, ran.screen.overflowed) == (1, [])
    assert "main.tf" in ran.text
