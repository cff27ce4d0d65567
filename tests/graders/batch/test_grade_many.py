"""Many submissions: the same results on any number of jobs and either speed path, in order, each on its own."""

from __future__ import annotations

import _thread
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from graders.assignment import Rules
from graders.batch.backends.processes import ReadingBackend
from graders.batch.events import Done, Event
from graders.batch.grade_many import default_jobs, grade_many, isolation
from graders.batch.ledger import Ledger
from graders.batch.run_config import RunConfig
from graders.grade import Graded
from graders.model import Depth, Results, Status, SubmissionStatus
from graders.report import json_report
from graders.rubric import registry
from graders.verdicts import refused
from lab_env.engine import Engine
from lab_env.errors import EngineError, SubmissionError
from lab_env.events import Phase
from lab_env.submission import Submission, SubmissionRef
from lab_env.terraform import Toolchain
from solutions.corpus import load_corpus, materialise
from tests.graders.batch.conftest import CASES, part
from tests.graders.everywhere import corpus_refs, timeless


def refs(directory: Path, names: Sequence[str] = CASES) -> tuple[SubmissionRef, ...]:
    """These cases of the corpus as submissions."""
    corpus = load_corpus()
    return tuple(SubmissionRef(name, materialise(corpus[name], directory)) for name in names)


@pytest.fixture(scope="module")
def lanes(graded_class: Results) -> Results:
    """The cases graded in four warm lanes."""
    return part(graded_class, CASES)


@pytest.mark.engine
@pytest.mark.terraform
def test_as_the_corpus_says(graded_class: Results, lanes: Results, tmp_path: Path) -> None:
    """Do the cases get the verdicts of the corpus, in the order in which they were handed in?"""
    corpus = load_corpus()
    handed_in = corpus_refs(tmp_path, tuple(one.id for one in graded_class.submissions))
    assert [one.id for one in graded_class.submissions] == [ref.id for ref in handed_in]
    for one in lanes.submissions:
        assert corpus[one.id].disagreements({row.id: row.status.value for row in one.requirements}) == ()


@pytest.mark.full
@pytest.mark.engine
@pytest.mark.terraform
def test_one_job_and_another_run(lanes: Results, tmp_path: Path) -> None:
    """Does a second run, elsewhere and one after the other, give the same JSON but for times?"""
    assert timeless(grade_many(refs(tmp_path), RunConfig(jobs=1))) == timeless(lanes)


@pytest.mark.engine
@pytest.mark.terraform
@pytest.mark.parametrize(
    "names",
    [
        pytest.param(("reference", "valid-missing-argument"), id="two"),
        # The plain path takes a minute or more for each deployment.
        pytest.param(CASES, id="all", marks=pytest.mark.full),
    ],
)
def test_plain_path(lanes: Results, tmp_path: Path, names: tuple[str, ...]) -> None:
    """Does Terraform's plain path give the same JSON as warm lanes but for times?"""
    same = tuple(one for one in lanes.submissions if one.id in names)
    plain = grade_many(refs(tmp_path, names), RunConfig(jobs=2, plain=True))
    assert timeless(plain) == timeless(lanes.model_copy(update={"submissions": same}))


@pytest.mark.engine
@pytest.mark.terraform
def test_nothing_of_the_run_is_told(lanes: Results, engine: Engine) -> None:
    """Is no temporary folder, port, account number or key id in the JSON?"""
    text = json_report.dumps(lanes.model_copy(update={"engine": None}))
    assert "secrets-lab-" not in text.replace('"secrets-lab', "")
    assert engine.endpoint not in text
    for row in (row for one in lanes.submissions for row in one.requirements):
        for shown in (row.observed, row.message, row.detail, *(e.detail for e in row.evidence)):
            for word in shown.replace("/", " ").replace(":", " ").replace(",", " ").split():
                assert not (word.isdigit() and len(word) == 12), shown


@pytest.mark.engine
@pytest.mark.terraform
def test_one_bad_submission_touches_no_other(engine: Engine, toolchain: Toolchain, tmp_path: Path) -> None:
    """Is a class with an unreadable, a refused and an empty submission graded to its end, the good one in full?"""
    (tmp_path / "broken.zip").write_bytes(b"no zip")
    (tmp_path / "empty").mkdir()
    (tmp_path / "refused").mkdir()
    (tmp_path / "refused" / "main.tf").write_text('provider "aws" {}\n')
    (good,) = refs(tmp_path, ["reference"])
    others = [SubmissionRef(path.stem, path) for path in (tmp_path / "broken.zip", tmp_path / "empty")]
    results = grade_many([*others, good, SubmissionRef("refused", tmp_path / "refused")], RunConfig(jobs=4))
    assert [(one.id, one.status, one.score) for one in results.submissions] == [
        ("broken", SubmissionStatus.UNGRADABLE, 0),
        ("empty", SubmissionStatus.UNGRADABLE, 0),
        ("reference", SubmissionStatus.GRADED, 100),
        ("refused", SubmissionStatus.REJECTED, 0),
    ]


@pytest.mark.parametrize("jobs", [1, 4])
def test_static_batch(tmp_path: Path, jobs: int) -> None:
    """Does a static batch need no engine and no Terraform, and say so?"""
    results = grade_many(refs(tmp_path), RunConfig(depth=Depth.STATIC, jobs=jobs, engine="http://127.0.0.1:9"))
    assert results.engine is None
    assert results.isolation == ("gate",)
    assert (results.versions.terraform, results.versions.provider) == ("", "")
    by_id = {one.id: {row.id: row.status for row in one.requirements} for one in results.submissions}
    assert by_id["ignore-changes-missing"]["rotation.ignore_changes"] is Status.FAIL
    assert by_id["reference"]["runtime.launch"] is Status.NOT_RUN


def test_static_batches_are_the_same(tmp_path: Path) -> None:
    """Is a static batch the same JSON on one thread and on several?"""
    one, four = (
        timeless(grade_many(refs(tmp_path / str(jobs), CASES), RunConfig(depth=Depth.STATIC, jobs=jobs)))
        for jobs in (1, 4)
    )
    assert one == four


def test_engine_that_is_not_there(tmp_path: Path) -> None:
    """Is an engine that does not answer told before any submission is touched, with exit code 3?"""
    with pytest.raises(EngineError) as refused:
        grade_many(refs(tmp_path, ["reference"]), RunConfig(engine="http://127.0.0.1:9"))
    assert refused.value.exit_code == 3
    assert refused.value.next_step


def test_no_submissions() -> None:
    """Is a class without submissions a result without submissions, and no engine started for it?"""
    results = grade_many([], RunConfig(engine="http://127.0.0.1:9"))
    assert (results.submissions, results.engine) == ((), None)


def test_progress(tmp_path: Path) -> None:
    """Is every submission's beginning and end told, from whatever thread?"""
    told: list[Event] = []
    lock = threading.Lock()

    def tell(event: Event) -> None:
        with lock:
            told.append(event)

    results = grade_many(refs(tmp_path), RunConfig(depth=Depth.STATIC, jobs=3), on_event=tell)
    for one in results.submissions:
        began = [event.name for event in told if isinstance(event, Phase) and event.id == one.id]
        done = [event.result for event in told if isinstance(event, Done) and event.result.id == one.id]
        assert (began[:1], done) == (["gate"], [one])


def test_default_jobs() -> None:
    """Do both speed paths get at least one job, the plain one no more than there are cores?"""
    assert 1 <= default_jobs(plain=True) <= (os.cpu_count() or 1)
    assert default_jobs(plain=False) >= 1


def test_isolation() -> None:
    """Is what is named what that the depth has?"""
    assert [isolation(depth) for depth in Depth] == [("gate",), ("gate", "plan"), ("gate", "plan")]
    around = ("user", "bubblewrap", "network")
    assert [isolation(depth, around) for depth in Depth] == [("gate",), *2 * [("gate", "plan", *around)]]


def _lab(words: Sequence[str], temporary: Path) -> subprocess.Popen[str]:
    """The console script as a program of its own, which obeys Ctrl-C whatever started the tests."""
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\nfrom lab.cli import main\nmain()\n"
    environ = {**os.environ, "TMPDIR": str(temporary)}
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environ,
    )


def _until(process: subprocess.Popen[str], command: str) -> set[psutil.Process]:
    """Everything that the program has started by the moment when a Terraform of its runs this command."""
    children: set[psutil.Process] = set()
    while process.poll() is None:
        now = psutil.Process(process.pid).children(recursive=True)
        children.update(now)
        for child in now:
            with contextlib.suppress(psutil.Error):
                if command in child.cmdline():
                    return children
        time.sleep(0.01)
    pytest.fail(f"terraform {command} was never seen: {process.communicate()}")


@pytest.mark.engine
@pytest.mark.terraform
@pytest.mark.parametrize(
    ("phase", "plain"),
    [
        ("plan", False),
        ("apply", False),
        ("plan", True),
        pytest.param("apply", True, marks=pytest.mark.full),  # a plain plan before it takes long
    ],
)
def test_interrupt(engine: Engine, toolchain: Toolchain, tmp_path: Path, phase: str, plain: bool) -> None:
    """Does Ctrl-C in the middle of a class leave no process, no temporary folder, no report, and the class as it was?

    What is there afterwards is the ledger of those that were done already, if any were.
    """
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    submitted = tmp_path / "class"
    handed_in = {path: path.read_bytes() for ref in refs(submitted) for path in ref.path.rglob("*") if path.is_file()}
    report = tmp_path / "results.json"
    words = ["grade", str(submitted), "--json", str(report), "--no-cache", "--jobs", "2"]
    words += ["--plain"] if plain else []
    process = _lab(words, temporary)
    try:
        children = _until(process, phase)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=90)
    finally:
        if process.poll() is None:
            process.kill()
    assert process.returncode == 130, said
    assert said.splitlines()[-1] == "interrupted"
    assert "of 6)" not in said.splitlines()[-2]  # it did not go on to the end
    assert "Traceback" not in said
    _, alive = psutil.wait_procs(children, timeout=30)
    assert [child.pid for child in alive if child.status() != psutil.STATUS_ZOMBIE] == []
    assert not report.exists()
    assert {path.name for path in tmp_path.iterdir()} - {"results.json.ledger"} == {"class", "tmp"}
    # A provider that is killed cannot take away its socket, which nobody listens on any more.
    assert [path.name for path in temporary.iterdir() if not path.is_socket()] == []
    assert {path: path.read_bytes() for path in submitted.rglob("*") if path.is_file()} == handed_in


def test_what_is_seen_while_a_run_is_killed_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is nothing kept of a submission whose grading was under way when the run was given up, whatever it came to?"""
    begun = threading.Event()
    ended: list[str] = []

    def interrupt() -> None:
        if begun.wait(30):
            _thread.interrupt_main()

    def killed(self: object, ref: SubmissionRef, submission: Submission, on_phase: object, rules: Rules) -> Graded:
        """A grading whose parser is killed with the run, and which looks like a file that cannot be read."""
        begun.set()
        while "ended" not in ended:
            time.sleep(0.01)
        error = SubmissionError("Terraform cannot read main.tf.")
        return Graded(refused(ref.id, error, registry(), digest=submission.digest))

    monkeypatch.setattr(ReadingBackend, "grade", killed)
    monkeypatch.setattr(ReadingBackend, "close", lambda self: ended.append("ended"))
    # This process has other tests' engines too.
    monkeypatch.setattr("lab_env.processes.terminate_all", lambda grace=0: None)
    path = tmp_path / "results.json.ledger"
    interrupting = threading.Thread(target=interrupt)
    interrupting.start()
    with pytest.raises(KeyboardInterrupt), Ledger(path) as ledger:
        grade_many(refs(tmp_path / "class", ["reference"]), RunConfig(depth=Depth.STATIC), ledger=ledger)
    interrupting.join()
    assert not path.exists()
