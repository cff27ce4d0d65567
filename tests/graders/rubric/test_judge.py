"""The judge: statuses, the ``blocked_by`` graph and points, on rubrics made for the question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graders.evidence.facts import Facts
from graders.evidence.normalise import Normaliser
from graders.gate import check
from graders.model import Depth, Evidence, Layer, Outcome, RequirementResult, Status
from graders.rubric.judge import check_graph, judge, uniform
from graders.rubric.requirement import (
    Blocked,
    Check,
    NotShown,
    Requirement,
    failed,
    passed,
    requirement,
    unreachable,
)
from lab_env.errors import RubricError, SubmissionError
from lab_env.submission import load_submission

SEEN = (Evidence(kind="hcl", detail="seen", path="main.tf", line=1),)
HINTS = ("look", "think", "write")


@pytest.fixture(scope="session")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """Static facts of a small accepted module."""
    return _facts(tmp_path_factory.mktemp("accepted"), 'resource "aws_kms_key" "k" {}\n')


@pytest.fixture(scope="session")
def refused(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """Facts of a module that the gate refuses."""
    return _facts(tmp_path_factory.mktemp("refused"), 'provider "aws" {}\n')


def _facts(directory: Path, text: str) -> Facts:
    (directory / "main.tf").write_text(f'variable "environment" {{}}\n{text}')
    submission = load_submission(directory)
    return Facts(submission=submission, depth=Depth.FULL, gate=check(submission))


def yes(facts: Facts) -> Outcome:
    """Says yes."""
    return passed("there", "there", "Fine.", SEEN)


def no(facts: Facts) -> Outcome:
    """Says no."""
    return failed("not there", "there", "Make it.", SEEN)


def blocked_by(id: str) -> Check:
    def look(facts: Facts) -> Outcome:
        """Is blocked."""
        raise Blocked(id, f"{id} is not there")

    return look


def raises(error: BaseException) -> Check:
    def look(facts: Facts) -> Outcome:
        """Raises."""
        raise error

    return look


def vacuous(facts: Facts) -> Outcome:
    """Says yes to nothing."""
    return passed("there", "there", "Fine.", ())


def rule(id: str, look: Check, *needs: str, points: int = 10, layer: Layer = Layer.HCL) -> Requirement:
    return requirement(id, points=points, layer=layer, needs=needs, hints=HINTS)(look)


def judged(facts: Facts, *rules: Requirement, valid: Check = yes) -> Mapping[str, RequirementResult]:
    """The rows of ``module.valid`` and these rules, by id."""
    everything = (rule("module.valid", valid), *rules)
    return {row.id: row for row in judge(everything, facts, normalise=Normaliser())}


def test_pass_and_fail(facts: Facts) -> None:
    """Does a pass earn all points and show no hint, and a fail none and the first hint?"""
    rows = judged(facts, rule("a.yes", yes), rule("a.no", no))
    assert (rows["a.yes"].status, rows["a.yes"].earned, rows["a.yes"].hint) == (Status.PASS, 10, "")
    assert (rows["a.no"].status, rows["a.no"].earned, rows["a.no"].hint) == (Status.FAIL, 0, "look")
    assert rows["a.no"].evidence == SEEN
    assert rows["a.no"].step == "a"
    assert rows["a.no"].title == "Says no"


def test_pass_without_evidence(facts: Facts) -> None:
    """Is a pass that rests on nothing a fault of the grader, worth no number?"""
    row = judged(facts, rule("a.vacuous", vacuous))["a.vacuous"]
    assert (row.status, row.earned) == (Status.ERROR, None)
    assert "without evidence" in row.observed


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyError("x"), AssertionError("x"), RecursionError(), RubricError("x"), OSError("x")]
)
def test_check_that_raises(facts: Facts, error: Exception) -> None:
    """Is a check that raises an error of its own row only: no points, no blame, the others judged?"""
    rows = judged(facts, rule("a.broken", raises(error)), rule("a.yes", yes))
    assert (rows["a.broken"].status, rows["a.broken"].earned) == (Status.ERROR, None)
    assert type(error).__name__ in rows["a.broken"].observed
    assert "not yours" in rows["a.broken"].message
    assert rows["a.yes"].earned == 10


def test_what_cannot_be_read_is_the_learners(facts: Facts) -> None:
    """Does a policy that no AWS would have taken fail the line that meets it, in its own words, and make no error?"""
    theirs = SubmissionError("The key's policy is not valid JSON.", next_step="Correct it.")
    row = judged(facts, rule("a.broken", raises(theirs)))["a.broken"]
    assert (row.status, row.earned, row.observed) == (Status.FAIL, 0, "The key's policy is not valid JSON.")
    assert row.message == "The key's policy is not valid JSON. Correct it."


def test_unreachable_is_a_fault(facts: Facts) -> None:
    """Is a state that the stages before rule out the grader's fault?"""

    def impossible(facts: Facts) -> Outcome:
        """Comes to what cannot be."""
        unreachable("it cannot be")

    assert judged(facts, rule("a.impossible", impossible))["a.impossible"].status is Status.ERROR


def test_interrupt_is_not_swallowed(facts: Facts) -> None:
    """Does an interrupt end the judging instead of becoming a verdict?"""
    with pytest.raises(KeyboardInterrupt):
        judged(facts, rule("a.slow", raises(KeyboardInterrupt())))


def test_blocked_by_what_is_not_met(facts: Facts) -> None:
    """Is a requirement blocked by one that it declares and that is not met, with its name and no points?"""
    row = judged(facts, rule("a.no", no), rule("b.later", blocked_by("a.no"), "a.no"))["b.later"]
    assert (row.status, row.blocked_by, row.earned) == (Status.BLOCKED, "a.no", 0)
    assert "a.no" in row.message


def test_blocked_through_a_chain(facts: Facts) -> None:
    """May a blocked requirement block the next one?"""
    rows = judged(
        facts,
        rule("a.no", no),
        rule("b.next", blocked_by("a.no"), "a.no"),
        rule("c.last", blocked_by("b.next"), "b.next"),
    )
    assert rows["c.last"].blocked_by == "b.next"


def test_blocked_by_what_is_met(facts: Facts) -> None:
    """Is it a fault of the grader to be blocked by a requirement that passed?"""
    row = judged(facts, rule("a.yes", yes), rule("b.later", blocked_by("a.yes"), "a.yes"))["b.later"]
    assert (row.status, row.earned) == (Status.ERROR, None)


def test_blocked_by_what_is_not_declared(facts: Facts) -> None:
    """Is it a fault of the grader to be blocked by a requirement outside the declared graph, failed or not?"""
    row = judged(facts, rule("a.no", no), rule("b.later", blocked_by("a.no")))["b.later"]
    assert row.status is Status.ERROR
    assert "does not declare" in row.observed


def test_needs_that_fail_do_not_block_by_themselves(facts: Facts) -> None:
    """Is a requirement still looked at when one that it may be blocked by fails?"""
    assert judged(facts, rule("a.no", no), rule("b.still", yes, "a.no"))["b.still"].earned == 10


def test_blocked_by_what_was_not_run(facts: Facts) -> None:
    """Is what is blocked by something not run itself not run, out of the score and no blame?"""
    rows = judged(
        facts,
        rule("a.unseen", raises(NotShown("the engine keeps no trail"))),
        rule("b.later", blocked_by("a.unseen"), "a.unseen"),
    )
    assert [rows[id].status for id in ("a.unseen", "b.later")] == [Status.NOT_RUN, Status.NOT_RUN]


def test_blocked_by_an_error(facts: Facts) -> None:
    """Is what is blocked by a grader's fault blocked, not failed?"""
    row = judged(facts, rule("a.broken", raises(ValueError())), rule("b.later", blocked_by("a.broken"), "a.broken"))
    assert row["b.later"].status is Status.BLOCKED


def test_everything_waits_for_a_valid_module(facts: Facts) -> None:
    """When the module is not valid, is everything else blocked by that and no check called?"""
    rows = judged(facts, rule("a.yes", raises(AssertionError("called"))), rule("b.yes", yes), valid=no)
    assert {(rows[id].status, rows[id].blocked_by) for id in ("a.yes", "b.yes")} == {(Status.BLOCKED, "module.valid")}


def test_refused_by_the_gate_is_judged_at_every_depth(refused: Facts) -> None:
    """Is a refused module's validity judged even where its layer was not asked for?"""
    static = replace(refused, depth=Depth.STATIC)
    everything = (rule("module.valid", no, layer=Layer.PLAN), rule("a.yes", yes))
    rows = judge(everything, static, normalise=Normaliser())
    assert [row.status for row in rows] == [Status.FAIL, Status.BLOCKED]


@pytest.mark.parametrize(
    ("depth", "run"),
    [
        (Depth.STATIC, {Layer.HCL}),
        (Depth.PLAN, {Layer.HCL, Layer.PLAN}),
        (Depth.FULL, {Layer.HCL, Layer.PLAN, Layer.DEPLOYED, Layer.BEHAVIOUR}),
    ],
)
def test_depth(facts: Facts, depth: Depth, run: set[Layer]) -> None:
    """Is a requirement not run, and its check not called, when its layer was not asked for?"""
    rows = judged(replace(facts, depth=depth), *(rule(f"a.{layer}", yes, layer=layer) for layer in Layer))
    assert {layer for layer in Layer if rows[f"a.{layer}"].status is Status.PASS} == run
    assert all(rows[f"a.{layer}"].status is Status.NOT_RUN for layer in set(Layer) - run)


def test_each_check_is_called_once(facts: Facts) -> None:
    """Is a check that many others need called once?"""
    calls: list[str] = []

    def counted(facts: Facts) -> Outcome:
        """Counts."""
        calls.append("called")
        return no(facts)

    judged(facts, rule("a.first", counted), *(rule(f"b.{i}", blocked_by("a.first"), "a.first") for i in range(5)))
    assert calls == ["called"]


def test_order_does_not_matter(facts: Facts) -> None:
    """May a requirement need one that comes later in the rubric, and do rows keep the rubric's order?"""
    rows = judged(facts, rule("b.later", blocked_by("a.no"), "a.no"), rule("a.no", no))
    assert list(rows) == ["module.valid", "b.later", "a.no"]
    assert rows["b.later"].status is Status.BLOCKED


def test_layer_of_the_outcome(facts: Facts) -> None:
    """Does a row name the layer that really proved it?"""

    def otherwise(facts: Facts) -> Outcome:
        """Is proved elsewhere."""
        return passed("there", "there", "Fine.", SEEN, layer=Layer.PLAN)

    rows = judged(facts, rule("a.one", otherwise), rule("a.two", yes))
    assert (rows["a.one"].layer, rows["a.two"].layer) == (Layer.PLAN, Layer.HCL)


def test_rows_are_normalised(facts: Facts) -> None:
    """Does nothing of the run's account reach a row?"""

    def tells(facts: Facts) -> Outcome:
        """Tells the account."""
        account = "123456789012"
        seen = Evidence(kind="api", detail=account, address=account)
        return failed(account, account, account, [seen], detail=account)

    rules = (rule("module.valid", yes), rule("a.tells", tells))
    rows = judge(rules, facts, normalise=Normaliser(account="123456789012"))
    assert "123456789012" not in rows[1].model_dump_json()


KINDS: dict[str, Callable[[str], Check]] = {
    "pass": lambda need: yes,
    "fail": lambda need: no,
    "blocked": blocked_by,
    "raise": lambda need: raises(ValueError("x")),
    "not shown": lambda need: raises(NotShown("no trail")),
    "vacuous": lambda need: vacuous,
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    kinds=st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=8),
    edges=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=12),
    targets=st.lists(st.integers(0, 7), min_size=8, max_size=8),
    valid=st.sampled_from(sorted(KINDS)),
)
def test_any_rubric(
    facts: Facts, kinds: list[str], edges: list[tuple[int, int]], targets: list[int], valid: str
) -> None:
    """In any graph of checks that say anything: points only for a pass, numbers only without error, blockers not met?"""
    rules = [replace(rule("module.valid", yes), check=KINDS[valid if valid != "blocked" else "fail"](""))]
    for index, kind in enumerate(kinds):
        needs = sorted({f"a.n{b}" for a, b in edges if a == index and b < index})
        check = KINDS[kind](f"a.n{min(targets[index], len(kinds) - 1)}")
        rules.append(replace(rule(f"a.n{index}", yes, *needs), check=check))
    rows = {row.id: row for row in judge(tuple(rules), facts, normalise=Normaliser())}
    assert list(rows) == [r.id for r in rules]
    for one in rules:
        row = rows[one.id]
        assert (row.earned == row.points) is (row.status is Status.PASS)
        assert (row.earned is None) is (row.status is Status.ERROR)
        assert (row.blocked_by is not None) is (row.status is Status.BLOCKED)
        if row.status is Status.PASS:
            assert row.evidence
        if row.blocked_by is not None:
            assert row.blocked_by in one.needs
            assert rows[row.blocked_by].status is not Status.PASS


@pytest.mark.parametrize("status", [Status.UNGRADABLE, Status.ERROR])
def test_uniform(status: Status) -> None:
    """Do all rows of an unreadable submission say why, with no number where the grader is at fault?"""
    rows = uniform((rule("module.valid", yes), rule("a.yes", yes)), status, "the archive cannot be read")
    assert [row.earned for row in rows] == ([None, None] if status is Status.ERROR else [0, 0])
    assert {(row.status, row.message) for row in rows} == {(status, "the archive cannot be read")}


def whole(*rules: Requirement) -> tuple[Requirement, ...]:
    """These rules and what is missing to 100 points."""
    rest = 100 - sum(r.points for r in rules)
    return (*rules, rule("module.valid", yes, points=rest))


def test_graph_accepts_a_whole_rubric() -> None:
    """Is a rubric with 100 points and a graph without cycles accepted?"""
    check_graph(whole(rule("a.one", yes), rule("a.two", yes, "a.one")))


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (whole(rule("a.one", yes, "a.two"), rule("a.two", yes, "a.one")), "cycle"),
        (whole(rule("a.one", yes, "a.one")), "cycle"),
        (whole(rule("a.one", yes, "a.none")), "a.none"),
        (whole(rule("a.one", yes), rule("a.one", yes)), "twice"),
        (whole(replace(rule("a.one", yes), title="")), "title"),
        ((rule("module.valid", yes, points=99),), "99"),
        ((rule("module.valid", yes, points=101),), "101"),
    ],
    ids=["cycle", "itself", "unknown need", "same id", "no title", "99 points", "101 points"],
)
def test_graph_refuses(rules: tuple[Requirement, ...], said: str) -> None:
    """Is a rubric that breaks its own rules refused with the reason?"""
    with pytest.raises(RubricError, match=said):
        check_graph(rules)


def test_every_requirement_needs_a_valid_module() -> None:
    """Does every requirement but module.valid itself need it without saying so, once?"""
    assert rule("module.valid", yes).needs == ()
    assert rule("a.one", yes, "a.two").needs == ("module.valid", "a.two")
    assert rule("a.one", yes, "a.two", "module.valid").needs == ("a.two", "module.valid")


def test_evidence_is_told_once() -> None:
    """Is the same evidence, seen twice, told once and in order?"""
    other = SEEN[0].model_copy(update={"line": 2})
    assert passed("", "", "", [SEEN[0], other, SEEN[0]]).evidence == (SEEN[0], other)
