"""What moved: is every difference told once, with its cause, and nothing that is the same?"""

from __future__ import annotations

import pytest

from graders.marking.regrade import Move, compare
from graders.model import Adjustment, Depth, Digests, PolicyInfo, Results, Status, SubmissionResult
from lab.verbs.regrade import lines
from tests.graders.report import samples


@pytest.fixture
def old() -> Results:
    return samples.results()


def moved(results: Results, index: int, **changes: object) -> Results:
    """The results with one submission changed."""
    all_ = list(results.submissions)
    all_[index] = all_[index].model_copy(update=changes)
    return results.model_copy(update={"submissions": tuple(all_)})


def flipped(one: SubmissionResult, number: int) -> tuple[object, ...]:
    """Its rows with one that passes where it did not."""
    rows = list(one.requirements)
    row = rows[number]
    rows[number] = row.model_copy(update={"status": Status.PASS, "earned": row.points, "message": "It is right now."})
    return tuple(rows)


def test_the_same_again(old: Results) -> None:
    """Does nobody move when only the time differs?"""
    difference = compare(old, old.model_copy(update={"created": "2030-01-01T00:00:00Z"}))
    assert (difference.causes, difference.moves) == ((), ())
    assert list(lines(difference)) == ["Nobody moved."]


def test_one_row(old: Results) -> None:
    """Is a requirement that passes now told with both points and its message, and the submission's score beside it?"""
    number, one = next(
        (i, s) for i, s in enumerate(old.submissions) if any(r.status is Status.FAIL for r in s.requirements)
    )
    row = next(i for i, r in enumerate(one.requirements) if r.status is Status.FAIL)
    points = one.requirements[row].points
    new = moved(old, number, requirements=flipped(one, row), score=(one.score or 0) + points)
    difference = compare(old, new)
    assert difference.causes == ()
    whole, single = difference.moves
    assert whole.requirement is None
    assert single == Move(
        one.id, one.requirements[row].id, f"fail 0/{points}", f"pass {points}/{points}", "It is right now."
    )
    assert list(lines(difference))[-1] == "1 moved."


def test_edited_files_are_named(old: Results) -> None:
    """Is it said when the learner's files are not the ones of then?"""
    one = old.submissions[0]
    new = moved(old, 0, digest="sha256:other", score=0 if one.score else 1)
    assert compare(old, new).moves[0].why.endswith("The files were changed.")


def test_who_came_and_who_went(old: Results) -> None:
    """Are submissions that are only in one of the two told?"""
    first, rest = old.submissions[0], old.submissions[1:]
    fewer = old.model_copy(update={"submissions": rest})
    assert [(m.id, m.new) for m in compare(old, fewer).moves] == [(first.id, "-")]
    assert [(m.id, m.old) for m in compare(fewer, old).moves] == [(first.id, "-")]


def test_causes(old: Results) -> None:
    """Is everything told that the two gradings do not share?"""
    assert old.engine is not None
    new = old.model_copy(
        update={
            "rubric": "secrets-management@other",
            "versions": old.versions.model_copy(update={"provider": "9.9.9"}),
            "engine": old.engine.model_copy(update={"version": "8.8.8"}),
            "policy": PolicyInfo(name="marks.yaml", digest="sha256:1", lines=()),
        }
    )
    causes = compare(old, new).causes
    for cause, word in zip(causes, ("rubric", "provider", "engine", "policy"), strict=True):
        assert word in cause


def test_other_contents_are_a_cause(old: Results) -> None:
    """Is a grader or provider of the same version told that is another one, and another depth?"""

    def with_grader(digest: str) -> Results:
        digests = Digests(grader=digest, provider="sha256:p", engine="sha256:e")
        return old.model_copy(update={"versions": old.versions.model_copy(update={"digests": digests})})

    one, other = with_grader("sha256:one"), with_grader("sha256:other").model_copy(update={"depth": Depth.PLAN})
    assert compare(one, other).causes == (
        "The grader was sha256:one and is sha256:other, by content.",
        "The depth was full and is plan.",
    )
    assert (
        compare(old.model_copy(update={"depth": None}), one).causes == ()
    )  # what was not written down is not compared


def test_an_adjustment_is_a_reason(old: Results) -> None:
    """Is a late penalty told as why the score moved?"""
    index = next(i for i, s in enumerate(old.submissions) if s.score)
    one = old.submissions[index]
    late = Adjustment(kind="late", points=-1, reason="One day late.")
    new = moved(old, index, score=(one.score or 0) - 1, adjustments=(late,))
    assert compare(old, new).moves[0].why == "One day late."
