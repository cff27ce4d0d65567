"""The rubric against its corpus: what counts as an agreement, and that a difference is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import Depth, RequirementResult, Results, Status, SubmissionResult, SubmissionStatus
from graders.quality import self_test
from graders.quality.self_test import judge_cases
from graders.rubric import registry
from lab_env.engine import Engine
from lab_env.errors import UsageError
from lab_env.submission import SubmissionRef
from lab_env.terraform import Toolchain
from solutions.corpus import Case, load_corpus, materialise
from tests.graders.everywhere import part, whole_corpus

CORPUS = load_corpus()
NAMES = ("reference", "single-file", "starter", "alias-misspelt", "gate-provider-block")


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Results of the right shape, to be filled with verdicts below."""
    directory = tmp_path_factory.mktemp("cases")
    refs = [SubmissionRef(name, materialise(CORPUS[name], directory)) for name in NAMES]
    return grade_many(refs, RunConfig(depth=Depth.STATIC))


def as_committed(result: SubmissionResult, case: Case) -> SubmissionResult:
    """The result with exactly the verdicts that the case names, every blocked one blocked."""
    rows = []
    for row in result.requirements:
        status = Status.PASS
        if row.id in case.fail:
            status = Status.FAIL
        elif case.may_be_blocked(row.id) or case.status == "rejected":
            status = Status.BLOCKED
        rows.append(having(row, status))
    return result.model_copy(
        update={
            "requirements": tuple(rows),
            "score": sum(row.earned or 0 for row in rows),
            "max_score": 100,
            "status": SubmissionStatus(case.status),
        }
    )


def having(row: RequirementResult, status: Status) -> RequirementResult:
    earned = row.points if status is Status.PASS else None if status is Status.ERROR else 0
    return row.model_copy(update={"status": status, "earned": earned})


def changed(result: SubmissionResult, id: str, status: Status) -> SubmissionResult:
    """The result with another verdict on one requirement."""
    rows = tuple(having(row, status) if row.id == id else row for row in result.requirements)
    return result.model_copy(update={"requirements": rows, "score": sum(row.earned or 0 for row in rows)})


@pytest.fixture
def agreeing(graded: Results) -> Results:
    submissions = tuple(as_committed(one, CORPUS[one.id]) for one in graded.submissions)
    return graded.model_copy(update={"submissions": submissions})


def compared(results: Results, **other: SubmissionResult) -> dict[str, tuple[str, ...]]:
    """What disagrees, by case, with some submissions' results replaced."""
    submissions = tuple(other.get(one.id.replace("-", "_"), one) for one in results.submissions)
    verdicts = judge_cases([CORPUS[name] for name in NAMES], results.model_copy(update={"submissions": submissions}))
    return {verdict.case.name: verdict.disagreements for verdict in verdicts if not verdict.ok}


def test_agreement(agreeing: Results) -> None:
    """Do results that are exactly as committed agree, case by case?"""
    assert compared(agreeing) == {}


@pytest.mark.parametrize("id", [r.id for r in registry().requirements])
@pytest.mark.parametrize("status", [s for s in Status if s is not Status.PASS])
def test_anything_but_a_pass_of_a_right_solution(agreeing: Results, id: str, status: Status) -> None:
    """Is every verdict on a right solution that is not a pass a disagreement, on every requirement?"""
    for index in (0, 1):
        other = changed(agreeing.submissions[index], id, status)
        assert set(compared(agreeing, **{other.id.replace("-", "_"): other})) == {other.id}


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.FAIL])
def test_anything_but_the_fail_of_a_mistake(agreeing: Results, status: Status) -> None:
    """Is every verdict on what a mistake must fail, other than fail, a disagreement that names it?"""
    other = changed(agreeing.submissions[3], "kms.alias", status)
    (said,) = compared(agreeing, alias_misspelt=other)["alias-misspelt"]
    assert said == f"kms.alias is {status}, expected fail"


@pytest.mark.parametrize("status", [Status.FAIL, Status.BLOCKED, Status.ERROR])
def test_mistake_that_costs_too_much(agreeing: Results, status: Status) -> None:
    """Is a mistake that fails or blocks more than it was committed for a disagreement?"""
    other = changed(agreeing.submissions[3], "kms.key", status)
    assert compared(agreeing, alias_misspelt=other) == {"alias-misspelt": (f"kms.key is {status}, expected pass",)}


def test_status_and_score(agreeing: Results) -> None:
    """Are a wrong status of the whole, a lost point and a point for the starter disagreements?"""
    reference, _, starter, _, refused = agreeing.submissions
    assert compared(agreeing, reference=reference.model_copy(update={"score": 99}))
    assert compared(agreeing, starter=starter.model_copy(update={"score": 1}))
    assert compared(agreeing, gate_provider_block=refused.model_copy(update={"status": SubmissionStatus.GRADED}))
    assert compared(agreeing, reference=reference.model_copy(update={"status": SubmissionStatus.ERROR, "score": None}))


def test_what_nobody_could_show(agreeing: Results) -> None:
    """May a requirement be not run when no submission of the run could show it, and only then?"""

    def without(one: SubmissionResult) -> SubmissionResult:
        seen = changed(one, "runtime.audit", Status.NOT_RUN)
        return seen.model_copy(update={"max_score": 98})

    everywhere = {one.id.replace("-", "_"): without(one) for one in agreeing.submissions}
    assert compared(agreeing, **everywhere) == {}
    assert set(compared(agreeing, reference=everywhere["reference"])) == {"reference"}


def test_unknown_case() -> None:
    """Is a name that is not in the corpus a wrong word, told before anything is graded?"""
    with pytest.raises(UsageError, match="no-such-case"):
        self_test.run(RunConfig(engine="http://127.0.0.1:9"), only=["no-such-case"])


def test_static_run() -> None:
    """Does a run at static depth agree on what it can show, and need no engine?"""
    tested = self_test.run(
        RunConfig(depth=Depth.STATIC, engine="http://127.0.0.1:9"), only=["reference", "ignore-changes-missing"]
    )
    assert [v.disagreements for v in tested.verdicts if not v.ok] == []
    assert [v.case.name for v in tested.verdicts] == ["reference", "ignore-changes-missing"]
    assert tested.ok


@pytest.mark.full
@pytest.mark.engine
@pytest.mark.terraform
def test_whole_corpus(engine: Engine, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Does every case of the corpus get the verdict that was committed with it?"""
    cases = tuple(case for case in CORPUS if case.kind != "hostile")
    results = part(whole_corpus(tmp_path_factory), tuple(case.name for case in cases))
    verdicts = judge_cases(cases, results)
    assert {v.case.name: v.disagreements for v in verdicts if not v.ok} == {}
    assert len(verdicts) == len(cases)


def test_corpus_directory_is_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Is the corpus written to a temporary directory that is gone afterwards?"""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    self_test.run(RunConfig(depth=Depth.STATIC), only=["reference"])
    assert list(tmp_path.iterdir()) == []
