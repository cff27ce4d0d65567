"""What a check asks for, how deep it goes, what it ends with: decided on results, without looking at anything."""

from __future__ import annotations

import pytest

from graders.grade import grade
from graders.model import Depth, Status, SubmissionResult
from lab import checking
from lab.verbs import check
from lab_env.errors import UsageError
from lab_env.submission import Submission, load_submission
from solutions.corpus import load_corpus, materialise
from tests.graders.report import samples


def _with(result: SubmissionResult, **statuses: Status) -> SubmissionResult:
    rows = tuple(
        row.model_copy(update={"status": statuses[key], "earned": 0})
        if (key := row.id.replace(".", "_")) in statuses
        else row
        for row in result.requirements
    )
    return result.model_copy(update={"requirements": rows})


ALL_PASS = samples.submission("a", samples.rows(Status.PASS))


def test_steps_and_ids_are_asked_for_in_the_rubrics_order() -> None:
    """Do steps and ids name requirements, each once, and is a wrong one told with the right one?"""
    assert checking.asked_ids(["runtime", "kms.key", "runtime.audit"]) == ("kms.key", "runtime.launch", "runtime.audit")
    with pytest.raises(UsageError) as mistyped:
        checking.asked_ids(["kms.rotatoin"])
    assert "kms.rotation" in str(mistyped.value.next_step)


@pytest.mark.parametrize("depth", ["static", "plan"])
def test_nothing_ends_green_that_was_not_looked_at(depth: str) -> None:
    """Is a check that has left something out no success, does it name that, and how to look at it?"""
    half = _with(ALL_PASS, runtime_launch=Status.NOT_RUN, runtime_audit=Status.NOT_RUN)
    code, lines = check.verdict(half, (), depth=depth, words=["iam", "runtime"])
    assert code == 1
    assert f"runtime.launch and runtime.audit are not looked at yet (depth {depth})" in lines[0]
    assert lines[1].startswith("Next: `lab check iam runtime` without --depth")
    assert check.verdict(half, ("kms.key",), depth=depth)[0] == 0
    # What an engine cannot show at all was looked at as deep as one can, and that is said.
    code, lines = check.verdict(half, (), depth="full")
    assert code == 0
    assert "runtime.launch and runtime.audit cannot be seen on this engine" in lines[0]
    code, lines = check.verdict(half, ("runtime.audit",), depth="full", words=["runtime.audit"])
    assert (code, lines[0]) == (1, "Nothing of runtime.audit can be seen on this engine.")


def test_it_deploys_only_what_passes_and_only_when_there_is_more_to_see() -> None:
    """Does a check go on to the deployment while all it saw passes, and stop at the first thing that does not?"""
    half = _with(ALL_PASS, kms_key=Status.NOT_RUN)
    ids = ("kms.key", "kms.tags")
    assert checking.goes_on(half, ids)
    assert not checking.goes_on(half, ("kms.tags",))
    assert not checking.goes_on(_with(half, kms_tags=Status.FAIL), ids)
    assert not checking.goes_on(_with(half, module_valid=Status.FAIL), ids)


def _starter() -> Submission:
    """The starter, as everybody has it first."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as directory:
        return load_submission(materialise(load_corpus()["starter"], Path(directory)))


def test_first_contact_is_one_next_step() -> None:
    """Is a module without a resource told as the beginning, by its files alone, with the one thing to do?"""
    result = grade(_starter(), depth=Depth.STATIC).result
    assert checking.nothing_yet(result)
    code, lines = check.verdict(result, (), depth="static")
    assert code == 1
    assert lines == [
        "The module has no resource yet: this is where everybody begins.",
        "Next: write modules/secrets/kms.tf; `lab lesson 1` says what belongs there. Then `lab check kms`.",
    ]
    assert (
        "modules/secrets/secret.tf; `lab lesson 3`"
        in check.verdict(result, (), depth="static", words=["rotation.ignore_changes"])[1][1]
    )
    assert not checking.nothing_yet(ALL_PASS)
    assert not checking.nothing_yet(_with(result, secret_no_plaintext=Status.FAIL))


def test_a_run_of_watch_names_what_changed() -> None:
    """Does the mark of a run name the files that changed, came or went, and of many how many more?"""
    before = {"a.tf": (1, 1), "b.tf": (1, 1), "c.tf": (1, 1), "d.tf": (1, 1)}
    assert check.changes(before, {**before, "a.tf": (1, 2)}) == "a.tf changed"
    assert check.changes(before, {"b.tf": (1, 1), "e.tf": (1, 1), "c.tf": (2, 1)}) == (
        "a.tf is gone, c.tf changed, d.tf is gone, and 1 more"
    )
