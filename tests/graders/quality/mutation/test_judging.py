"""The figures: do they count a survivor as one, and a point that was taken away for nothing?"""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.model import Depth, RequirementResult, Status, SubmissionResult, SubmissionStatus
from graders.quality.mutation.judging import Count, Figures, Judged, explanations, judge
from graders.quality.mutation.model import EVERYTHING, Kind, Mutant, Mutator
from graders.quality.mutation.mutants import MUTATORS
from graders.quality.mutation.page import document, summary
from graders.quality.mutation.sampling import PUBLISHED_SEED
from graders.rubric import registry
from graders.rubric.judge import uniform
from lab_env.errors import RubricError

RUBRIC = registry()
PAGE = Path(__file__).parents[4] / "docs" / "mutation.md"


def mutant(fail: set[str], may: set[str] | None = None) -> Mutant:
    mutator = Mutator("m", Kind.DROP, "It is gone.", lambda source: None, frozenset(fail), frozenset(may or ()))
    return Mutant(mutator, "reference", {})


def graded(**statuses: Status) -> SubmissionResult:
    """All passed but those named, with ``__`` for the dot."""
    named = {name.replace("__", "."): status for name, status in statuses.items()}

    def row(one: RequirementResult) -> RequirementResult:
        return one.model_copy(update={"status": named.get(one.id, Status.PASS)})

    rows = tuple(row(one) for one in uniform(RUBRIC.requirements, Status.PASS, "seen"))
    return SubmissionResult(
        id="m", digest="", status=SubmissionStatus.GRADED, reason=None, score=100, max_score=100, requirements=rows
    )


def figures(*judged: Judged, explained: dict[tuple[str, str], str] | None = None) -> Figures:
    return Figures(judged, 1, explained or {})


def test_a_mutant_that_fails_as_labelled_is_killed() -> None:
    """Is a requirement that had to fail and did counted as killed, and all others as kept?"""
    found = judge(mutant({"kms.tags"}), graded(kms__tags=Status.FAIL), Depth.FULL, RUBRIC)
    assert found.killed == {"kms.tags"}
    assert len(found.kept) == 24
    assert figures(found).ok


@pytest.mark.parametrize("status", [Status.PASS, Status.BLOCKED, Status.NOT_RUN])
def test_a_survivor_shows(status: Status) -> None:
    """Is anything but a fail a survivor, which only a committed reason excuses, and never from the rate?"""
    found = judge(mutant({"kms.tags"}), graded(kms__tags=status), Depth.FULL, RUBRIC)
    assert found.survived == {"kms.tags": status}
    assert any("kms.tags is " in problem for problem in figures(found).problems)
    excused = figures(found, explained={("m", "kms.tags"): "because"})
    assert excused.unexplained == ()
    assert not excused.ok  # 0 of 1 is still below the rate


def test_a_false_fail_shows() -> None:
    """Is a point that an equivalent rewrite loses a false fail that fails the run?"""
    found = judge(mutant(set()), graded(kms__tags=Status.FAIL), Depth.FULL, RUBRIC)
    assert found.false_fails == {"kms.tags": Status.FAIL}
    assert figures(found).false_fails(Depth.FULL) == Count(1, 25)
    assert not figures(found).ok


def test_what_needs_the_broken_may_be_blocked_and_never_fail() -> None:
    """Is a block downstream of the label no false fail, and a fail there one all the same?"""
    one = mutant({"secret.container"})
    blocked = graded(secret__container=Status.FAIL, secret__tags=Status.BLOCKED)
    assert judge(one, blocked, Depth.FULL, RUBRIC).false_fails == {}
    failed = graded(secret__container=Status.FAIL, secret__tags=Status.FAIL)
    assert judge(one, failed, Depth.FULL, RUBRIC).false_fails == {"secret.tags": Status.FAIL}
    elsewhere = graded(secret__container=Status.FAIL, module__valid=Status.BLOCKED)
    assert judge(one, elsewhere, Depth.FULL, RUBRIC).false_fails == {"module.valid": Status.BLOCKED}


def test_a_depth_counts_what_it_can_see() -> None:
    """Is a requirement of the deployed layer in no denominator of a plan?"""
    found = judge(mutant({"kms.rotation"}), graded(), Depth.PLAN, RUBRIC)
    assert figures(found).kills(Depth.PLAN) == Count(0, 0)
    assert "kms.rotation" not in found.kept


def test_an_invalid_module_earns_nothing() -> None:
    """Is a requirement that passes on a module that is no valid one a survivor?"""
    found = judge(mutant({"module.valid"}, {EVERYTHING}), graded(module__valid=Status.FAIL), Depth.PLAN, RUBRIC)
    assert found.killed == {"module.valid"}
    assert "kms.tags" in found.survived


def test_an_error_is_no_verdict() -> None:
    """Does a fault of the grader fail the run instead of counting as killed?"""
    found = judge(mutant({"kms.tags"}), graded(kms__tags=Status.ERROR), Depth.FULL, RUBRIC)
    assert found.killed == frozenset()
    assert not figures(found).ok


def test_explanations_name_what_is_there(tmp_path: Path) -> None:
    """Are the committed reasons those of real mutators, and is one of nobody's refused?"""
    explanations([mutator.name for mutator in MUTATORS])
    path = tmp_path / "survivors.toml"
    path.write_text('[nobody]\n"kms.tags" = "a reason that is long enough"\n')
    with pytest.raises(RubricError, match="nobody"):
        explanations(["m"], path)
    path.write_text('[m]\n"kms.tags" = "no reason"\n')
    with pytest.raises(RubricError, match=r"survivors\.toml: m\.kms\.tags: write at least 20 characters"):
        explanations(["m"], path)


def test_the_page_has_the_figures_and_their_denominators() -> None:
    """Do the page and the terminal say of how many, for each depth, and name each mutator?"""
    found = figures(judge(mutant({"kms.tags"}), graded(kms__tags=Status.FAIL), Depth.PLAN, RUBRIC))
    page = document(found)
    assert "| `kms.tags` | plan | 1 of 1 (100.0%) |" in page
    assert all(f"`{mutator.name}`" in page for mutator in MUTATORS)
    assert list(summary(found)) == ["plan: 1 mutants, 0 equivalents; killed 1 of 1 (100.0%); false fails 0 of 7"]


def test_the_published_page_is_of_these_mutators() -> None:
    """Is docs/mutation.md of the mutators and the seed that there are? If not: make mutation-page."""
    page = PAGE.read_text(encoding="utf-8")
    fresh = document(Figures((), PUBLISHED_SEED, {}))
    assert page.partition("\n| depth")[0] == fresh.partition("\n| depth")[0]
    mutators = [part.partition("## Each mutator")[2].partition("## Survivors")[0] for part in (page, fresh)]
    assert mutators[0] == mutators[1]
    rows = [line for line in page.partition("## Each mutator")[0].splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == [r.id for r in RUBRIC.requirements]
