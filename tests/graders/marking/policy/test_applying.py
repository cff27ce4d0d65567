"""A policy over results: what it changes, what it never changes, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as given_values
from hypothesis import settings
from hypothesis import strategies as st

from graders.marking.policy import Marked, Policy, Rules, apply, check_names, with_missing
from graders.marking.policy.weights import spread
from graders.model import Adjustment, Results, Status, SubmissionResult, SubmissionStatus
from graders.report import csv_report, html_report
from graders.report.lms.entries import comment
from lab_env.errors import UsageError
from tests.graders.report import samples

DUE = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
DAY = timedelta(days=1)
Times = Mapping[str, datetime | Marked]


def policy(**rules: Any) -> Policy:
    return Policy("policy.yaml", "sha256:" + "ab" * 32, Rules.model_validate(rules))


def klass(*more: SubmissionResult) -> Results:
    """ann has 76 of 98, bob everything, cora is rejected, dan unreadable, emi an error throughout, fay one error."""
    faulty = tuple(
        samples.row("kms.alias", Status.ERROR, points=4) if row.id == "kms.alias" else row
        for row in samples.rows(Status.PASS)
    )
    return samples.results(
        samples.submission("ann", samples.rows()),
        samples.submission("bob", samples.rows(Status.PASS)),
        samples.submission("cora", samples.rows(Status.BLOCKED), status=SubmissionStatus.REJECTED, reason="a provider"),
        samples.submission(
            "dan", samples.rows(Status.UNGRADABLE), status=SubmissionStatus.UNGRADABLE, reason="cut off"
        ),
        samples.submission("emi", samples.rows(Status.ERROR), status=SubmissionStatus.ERROR, reason="engine gone"),
        samples.submission("fay", faulty, status=SubmissionStatus.ERROR, reason="check raised"),
        *more,
    )


def marked(rules: Policy, times: Times | None = None, results: Results | None = None) -> dict[str, SubmissionResult]:
    return {one.id: one for one in apply(rules, results or klass(), times or {}).submissions}


def scores(rules: Policy, times: Times | None = None) -> dict[str, int | None]:
    return {id_: one.score for id_, one in marked(rules, times).items()}


def override(submission: str, **rest: Any) -> dict[str, Any]:
    return {"submission": submission, "reason": "Seen in the lab.", **rest}


def test_an_empty_policy_changes_nothing_but_says_that_it_was_there() -> None:
    """Do results under no rules differ by the policy's name and digest only?"""
    after = apply(policy(), klass(), {})
    assert after.policy is not None
    assert (after.policy.name, after.policy.lines) == ("policy.yaml", ())
    assert after.submissions == klass().submissions


def test_a_policy_is_applied_once() -> None:
    """Are results that were marked under a policy, or adjusted otherwise, refused?"""
    with pytest.raises(UsageError, match="under a policy already"):
        apply(policy(), apply(policy(), klass(), {}), {})
    late = samples.submission("x", samples.rows(), adjustments=(Adjustment(kind="late", points=-1, reason="r"),))
    with pytest.raises(UsageError, match="under a policy already"):
        apply(policy(), samples.results(late), {})


def test_weights_move_points_and_the_maximum() -> None:
    """Do a requirement's and a step's weights change points, earned points and the maximum, and no verdict?"""
    one = marked(policy(weights={"kms.alias": 10, "runtime": 20}))
    rows = {row.id: row for row in one["ann"].requirements}
    assert (rows["kms.alias"].points, rows["kms.alias"].earned) == (10, 0)
    # 20 over 5 and 2 points: 14.28 and 5.71.
    assert (rows["runtime.launch"].points, rows["runtime.audit"].points) == (14, 6)
    assert one["ann"].max_score == 98 + 6 + 9
    assert one["ann"].score == klass().submissions[0].score
    assert one["bob"].score == one["bob"].max_score == 100 + 6 + 13
    assert one["emi"].score is None
    assert [row.status for row in one["ann"].requirements] == [
        row.status for row in klass().submissions[0].requirements
    ]


def test_a_weight_of_nothing() -> None:
    """Does a requirement that counts 0 leave score and maximum without its points?"""
    one = marked(policy(weights={"kms": 0}))["bob"]
    assert one.score == one.max_score == 83


@given_values(total=st.integers(0, 1000), shares=st.dictionaries(st.text(min_size=1), st.integers(0, 50), min_size=1))
def test_a_steps_points_add_up(total: int, shares: dict[str, int]) -> None:
    """Is a step's weight spread in whole numbers that add up, each within one of its exact share?"""
    given_ = spread(total, shares)
    assert sum(given_.values()) == total
    whole = sum(shares.values())
    for id_, share in shares.items():
        exact = total * share / whole if whole else total / len(shares)
        assert abs(given_[id_] - exact) < 1 + 1e-9
        assert given_[id_] >= 0


def test_switched_off_rows_are_not_run() -> None:
    """Is a disabled requirement out of score and maximum, said to be the instructor's doing, its verdict kept for them only?"""
    one = marked(policy(disabled=["kms.deletion_window", "kms.alias"]))
    row = next(row for row in one["ann"].requirements if row.id == "kms.deletion_window")
    assert (row.status, row.evidence, row.hint) == (Status.NOT_RUN, (), "")
    assert "instructor switched this requirement off" in row.observed
    assert row.detail == "The grader's verdict was fail: 30 days"
    assert one["ann"].max_score == 98 - 7
    # The only row that the grader failed on is gone, so there is a verdict.
    assert (one["fay"].status, one["fay"].score, one["fay"].reason) == (SubmissionStatus.GRADED, 93, None)
    assert one["fay"].notes == ("Settled by the instructor's policy: check raised",)
    assert (one["emi"].status, one["emi"].score) == (SubmissionStatus.ERROR, None)


def test_a_step_without_its_disabled_row_keeps_its_weight() -> None:
    """Are a step's points spread over what is left of it, and refused when nothing is?"""
    one = marked(policy(weights={"runtime": 20}, disabled=["runtime.audit"]))["bob"]
    assert {row.id: row.points for row in one.requirements if row.step == "runtime"}["runtime.launch"] == 20
    with pytest.raises(UsageError, match="all of which disabled switches off"):
        marked(policy(weights={"runtime": 20}, disabled=["runtime.audit", "runtime.launch"]))


def test_late_days_come_off() -> None:
    """Is the penalty an adjustment with its reason, only as far as there are points, by the submission's own due time?"""
    rules = policy(due=DUE, late={"percent_per_day": 10}, extensions={"bob": DUE + 7 * DAY})
    times = {"ann": DUE + 2 * DAY, "bob": DUE + 2 * DAY, "cora": DUE + DAY, "dan": DUE, "emi": DUE + DAY}
    one = marked(rules, times)
    assert one["ann"].adjustments == (Adjustment(kind="late", points=-20, reason="Handed in 2 days late."),)
    assert one["ann"].score == 81 - 20
    assert (one["bob"].score, one["bob"].adjustments) == (100, ())
    assert one["cora"].adjustments == (
        Adjustment(kind="late", points=0, reason="Handed in 1 day late. The rule takes 10; there were 0."),
    )
    assert (one["emi"].score, one["emi"].adjustments) == (None, ())
    assert one["emi"].notes == ("Handed in 1 day late. The penalty waits until there is a score.",)
    assert one["fay"].notes == ("When it was handed in is not known: no late penalty.",)


def test_the_policys_own_times_count_first() -> None:
    """Is the instructor's time believed before the files', and where the files say nothing?"""
    late = {"points_per_day": 5}
    rules = policy(due=DUE, late=late, submitted={"ann": DUE, "bob": DUE + DAY})
    assert (scores(rules, {"ann": DUE + DAY})["ann"], scores(rules, {"ann": Marked.LATE})["ann"]) == (81, 81)
    assert scores(rules)["bob"] == 95


def test_canvas_marker() -> None:
    """Is a LATE marker one day and said so, and nothing where the student had an extension?"""
    rules = policy(due=DUE, late={"points_per_day": 5}, extensions={"bob": DUE + DAY})
    one = marked(rules, {"ann": Marked.LATE, "bob": Marked.LATE})
    assert one["ann"].score == 76
    assert one["ann"].notes == ("Canvas marks it as late, but not by how much: one day is counted.",)
    assert (one["bob"].score, one["bob"].adjustments) == (100, ())
    assert one["bob"].notes == ("Canvas marks it as late, but it had a later due time: no late penalty.",)


def test_after_the_cut_off_nothing_counts() -> None:
    """Is the score 0 after the cut-off, however good the work is?"""
    rules = policy(due=DUE, late={"cut_off_days": 3})
    assert scores(rules, {"bob": DUE + 3 * DAY})["bob"] == 100
    one = marked(rules, {"bob": DUE + 3 * DAY + timedelta(seconds=1)})["bob"]
    assert (one.score, one.adjustments[0].points) == (0, -100)
    assert "after the cut-off" in one.adjustments[0].reason


def test_a_due_time_alone_costs_nothing() -> None:
    """Does a file that says when but not what it costs change no score and leave no note?"""
    assert marked(policy(due=DUE), {"ann": DUE + DAY}) == {one.id: one for one in klass().submissions}


def test_overrides_give_and_take() -> None:
    """Does an override move the score to its points, leave the verdict as it is, and keep the reason?"""
    rules = policy(
        overrides=[
            override("ann", requirement="kms.alias", full=True),
            override("ann", requirement="kms.deletion_window", points=2),
            override("bob", requirement="kms.alias", points=0),
        ]
    )
    one = marked(rules)
    assert one["ann"].score == 81 + 4 + 2
    assert one["ann"].adjustments[0] == Adjustment(kind="override", points=4, reason="kms.alias: Seen in the lab.")
    assert one["bob"].score == 96
    assert one["bob"].adjustments[0].points == -4
    assert next(row for row in one["ann"].requirements if row.id == "kms.alias").status is Status.FAIL


def test_an_error_needs_every_row_settled() -> None:
    """Has a submission with a fault a score only when all its faults are overridden, or the whole of it?"""
    part = marked(policy(overrides=[override("emi", requirement="kms.key", full=True)]))["emi"]
    assert (part.score, part.status) == (None, SubmissionStatus.ERROR)
    assert "Still no score" in part.notes[-1]
    assert "kms.rotation" in part.notes[-1]
    settled = marked(policy(overrides=[override("fay", requirement="kms.alias", points=3)]))["fay"]
    assert (settled.score, settled.status, settled.reason) == (99, SubmissionStatus.GRADED, None)
    whole = marked(policy(overrides=[override("emi", points=70)]))["emi"]
    assert (whole.score, whole.status) == (70, SubmissionStatus.GRADED)
    assert whole.notes == ("Settled by the instructor's policy: engine gone",)


def test_an_override_may_lift_what_was_refused() -> None:
    """Does a rejected or unreadable submission stay at 0 and what it is, but for what the instructor gives?"""
    rules = policy(overrides=[override("cora", requirement="kms.key", full=True), override("dan", points=30)])
    one = marked(rules)
    assert (one["cora"].score, one["cora"].status) == (4, SubmissionStatus.REJECTED)
    assert (one["dan"].score, one["dan"].status) == (30, SubmissionStatus.UNGRADABLE)
    assert scores(policy(weights={"kms": 50}))["cora"] == 0


def test_points_by_hand_count_whatever_was_handed_in() -> None:
    """Do points that an instructor gives by name lift the 0 of what is rejected, unreadable or not there, and nothing else?"""
    results = with_missing(klass(), ("zoe", "yan"))
    rules = policy(
        missing="0",
        manual=[given("cora", 5), given("zoe", 2.5)],
        bonus=[given("dan", 3), given("zoe", 1)],
    )
    found = marked(rules, {}, results)
    assert {name: found[name].score for name in ("cora", "dan", "zoe", "yan")} == {
        "cora": 5,
        "dan": 3,
        "zoe": 3.5,
        "yan": 0,
    }
    assert [(one.kind, one.points) for one in found["zoe"].adjustments] == [("manual", 2.5), ("bonus", 1)]
    kept = {name: found[name].status for name in ("cora", "dan", "zoe")}
    assert kept == {
        "cora": SubmissionStatus.REJECTED,
        "dan": SubmissionStatus.UNGRADABLE,
        "zoe": SubmissionStatus.UNGRADABLE,
    }


def test_rows_of_a_rejected_submission_never_count() -> None:
    """Is a rejected submission at 0 under a policy even if one of its rows had passed?"""
    odd = samples.submission("gil", samples.rows(Status.PASS), status=SubmissionStatus.REJECTED, reason="r")
    assert marked(policy(), {}, klass(odd))["gil"].score == 0
    lifted = policy(overrides=[override("gil", requirement="kms.key", points=3)])
    assert marked(lifted, {}, klass(odd))["gil"].score == 3


def test_the_whole_submission_is_the_last_word() -> None:
    """Is no late penalty taken off points that the instructor set for the whole submission?"""
    rules = policy(due=DUE, late={"percent_per_day": 10}, overrides=[override("bob", points=55)])
    one = marked(rules, {"bob": DUE + DAY})["bob"]
    assert (one.score, [a.points for a in one.adjustments]) == (55, [-45])
    assert one.notes == ("Handed in 1 day late. No penalty: the instructor set the points.",)


@pytest.mark.parametrize(
    ("rules", "words", "hint"),
    [
        ({"extensions": {"annn": DUE}, "due": DUE}, "no submission annn", "Did you mean ann?"),
        ({"submitted": {"boob": DUE}}, "no submission boob", "Did you mean bob?"),
        ({"overrides": [override("zzzzzzzz", points=3)]}, "no submission zzzzzzzz", "There are 6"),
        (
            {"overrides": [override("ann", requirement="kms.rotations", points=3)]},
            "no requirement kms.rotations",
            "kms.rotation?",
        ),
        ({"disabled": ["iam.read"]}, "no requirement iam.read", "iam.read_secret?"),
        ({"weights": {"kmss": 3}}, "no step kmss", "Did you mean kms?"),
        ({"weights": {"kms.alia": 3}}, "no requirement kms.alia", "Did you mean kms.alias?"),
        (
            {"overrides": [override("ann", requirement="kms.key", points=5)]},
            "5 points for kms.key of ann, which is worth 4",
            "",
        ),
        ({"overrides": [override("bob", points=101)]}, "101 points for the submission bob, which is worth 100", ""),
        (
            {"overrides": [override("ann", requirement="runtime.audit", full=True)]},
            "runtime.audit of ann was not run",
            "",
        ),
    ],
)
def test_what_is_not_there_is_refused(rules: dict[str, Any], words: str, hint: str) -> None:
    """Is a name that nothing has, or points that there are not, refused with the nearest name?"""
    with pytest.raises(UsageError) as caught:
        marked(policy(**rules))
    assert words in caught.value.message
    assert caught.value.message.startswith("policy.yaml: ")
    assert hint in (caught.value.next_step or "")


def test_names_can_be_checked_before_grading() -> None:
    """Can the class and the rubric be asked first, so that a typing error costs no grading?"""
    rules = policy(disabled=["kms.key"], submitted={"ann": DUE})
    check_names(rules, ["ann"], ["kms.key", "kms.alias"])
    with pytest.raises(UsageError, match="no submission ann"):
        check_names(rules, ["bob"], ["kms.key"])


def test_the_sentences_name_nobody() -> None:
    """Does every rule have its sentence, and no learner's name stand in what everybody reads?"""
    rules = policy(
        due=DUE,
        late={"grace_minutes": 15, "percent_per_day": "12.50", "maximum": 50, "cut_off_days": 7},
        extensions={"ann": DUE + DAY},
        submitted={"bob": DUE},
        overrides=[override("ann", requirement="kms.key", points=1), override("bob", points=3)],
        weights={"kms.alias": 8, "runtime": 20},
        disabled=["kms.tags", "secret.tags"],
    )
    info = apply(rules, klass(), {}).policy
    assert info is not None
    assert info.lines == (
        "Due 2026-11-20 23:59:00 UTC.",
        "Late: 12.5 % of the maximum off for each day begun, at most 50 %.",
        "The first 15 minutes cost nothing.",
        "Later than 7 days: nothing counts.",
        "1 submission with a later due time.",
        "1 time of handing in set by the instructor.",
        "2 verdicts of the instructor's own, in 2 submissions.",
        "kms.alias counts 8 points (the rubric: 4).",
        "The step runtime counts 20 points (the rubric: 7).",
        "Switched off: kms.tags and secret.tags.",
        "Total: 113 points.",
    )
    in_points = apply(policy(due=DUE, late={"points_per_day": 1, "maximum": "10"}), klass(), {}).policy
    assert in_points is not None
    assert in_points.lines[1] == "Late: 1 point off for each day begun, at most 10."


def test_the_csv_shows_the_adjustments() -> None:
    """Has the CSV the sum of the adjustments beside the score that contains them?"""
    rules = policy(due=DUE, late={"points_per_day": 5}, overrides=[override("ann", requirement="kms.alias", full=True)])
    text = csv_report.dumps(apply(rules, klass(), {"ann": DUE + DAY}))
    assert text.splitlines()[1].startswith("ann,graded,80,98,-1,")


NAMES = ("ann", "bob", "cora", "dan", "emi", "fay")
ROWS = tuple(row.id for row in samples.rows() if row.id != "runtime.audit")
STEPS = ("module", "kms", "secret", "rotation", "ecs", "iam", "runtime")


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """Policies that fit the class: any mixture of everything."""
    disabled = draw(st.lists(st.sampled_from(ROWS), unique=True, max_size=3))
    steps = draw(st.dictionaries(st.sampled_from(STEPS), st.integers(0, 60), max_size=2))
    gone = {step for step in steps if all(row in disabled for row in ROWS if row.startswith(f"{step}."))}
    weights = {step: points for step, points in steps.items() if step not in gone}
    single = draw(st.dictionaries(st.sampled_from(ROWS), st.integers(0, 30), max_size=3))
    weights |= {
        id_: points for id_, points in single.items() if id_.partition(".")[0] not in steps and id_ not in disabled
    }
    whole = draw(st.dictionaries(st.sampled_from(NAMES), st.just(0), max_size=2))
    pairs = draw(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(ROWS)), unique=True, max_size=6))
    overrides = [override(name, points=points) for name, points in whole.items()]
    overrides += [
        override(name, requirement=row, **draw(st.sampled_from([{"full": True}, {"points": 0}])))
        for name, row in pairs
        if name not in whole and row not in disabled
    ]
    late = draw(
        st.none()
        | st.fixed_dictionaries(
            {"percent_per_day": st.integers(0, 100)},
            optional={"maximum": st.integers(0, 100), "cut_off_days": st.integers(1, 9)},
        )
        | st.fixed_dictionaries(
            {"points_per_day": st.integers(0, 40)}, optional={"grace_minutes": st.integers(0, 3000)}
        )
    )
    return policy(due=DUE, late=late, weights=weights, disabled=disabled, overrides=overrides)


TIMES = st.dictionaries(
    st.sampled_from(NAMES),
    st.just(Marked.LATE) | st.integers(-(10**6), 3 * 10**6).map(lambda seconds: DUE + timedelta(seconds=seconds)),
)


@settings(max_examples=200, deadline=None)
@given_values(rules=policies(), times=TIMES)
def test_a_score_always_adds_up(rules: Policy, times: dict[str, datetime | Marked]) -> None:
    """Whatever the rules: is every score its rows and adjustments, within 0 and the maximum, and no fault ever a number?"""
    before = {one.id: one for one in klass().submissions}
    for one in apply(rules, klass(), times).submissions:
        counted = [row for row in one.requirements if row.status is not Status.NOT_RUN]
        assert one.max_score == sum(row.points for row in counted)
        for row, old in zip(one.requirements, before[one.id].requirements, strict=True):
            assert row.status is (Status.NOT_RUN if row.id in rules.rules.disabled else old.status)
            expected = row.points if row.status is Status.PASS else None if row.status is Status.ERROR else 0
            assert row.earned == expected
        if one.score is None:
            assert one.status is SubmissionStatus.ERROR
            assert any(row.status is Status.ERROR for row in counted)
            continue
        assert one.status is not SubmissionStatus.ERROR
        assert 0 <= one.score <= one.max_score
        earned = 0 if one.id in ("cora", "dan") else sum(row.earned or 0 for row in counted)
        assert one.score == earned + sum(adjustment.points for adjustment in one.adjustments)


@settings(max_examples=100, deadline=None)
@given_values(rules=policies(), seconds=st.integers(0, 2 * 10**6), more=st.integers(0, 10**6))
def test_later_is_never_better(rules: Policy, seconds: int, more: int) -> None:
    """Does nobody gain by handing in later?"""
    early, late = (scores(rules, {n: DUE + timedelta(seconds=s) for n in NAMES}) for s in (seconds, seconds + more))
    for name in NAMES:
        assert (early[name] is None) == (late[name] is None)
        assert (late[name] or 0) <= (early[name] or 0)


def given(submission: str, points: float, **rest: Any) -> dict[str, Any]:
    return {"submission": submission, "points": points, "reason": "Said so in the oral.", **rest}


def test_points_by_hand_count_in_halves_and_say_so() -> None:
    """Are points that are given or taken by hand counted, each with its kind and reason, and is a whole score an integer?"""
    rules = policy(manual=[given("ann", 2.5), given("ann", -1)], bonus=[given("ann", 0.5)])
    ann = marked(rules)["ann"]
    before = marked(policy())["ann"]
    assert (ann.score, ann.max_score) == ((before.score or 0) + 2, 98)
    assert isinstance(ann.score, int)
    assert [(one.kind, one.points) for one in ann.adjustments] == [("manual", 2.5), ("manual", -1), ("bonus", 0.5)]
    info = apply(rules, klass(), {}).policy
    assert info is not None
    assert info.lines == (
        "2 marks given by hand, in 1 submission.",
        "1 bonus mark given by hand, in 1 submission.",
    )


@pytest.mark.parametrize(
    ("over", "score", "said"),
    [(False, 100, "Of +4 there was room for +0."), (True, 104, "Said so in the oral.")],
)
def test_a_bonus_passes_the_maximum_only_where_the_policy_says_so(over: bool, score: int, said: str) -> None:
    """Does somebody with all 100 points get 104 with bonus_over_maximum, and 100 without, and is told why?"""
    bob = marked(policy(bonus=[given("bob", 4)], bonus_over_maximum=over))["bob"]
    assert (bob.score, bob.max_score) == (score, 100)
    assert bob.adjustments[0].reason.endswith(said)


def test_points_by_hand_end_at_nothing_and_at_the_maximum() -> None:
    """Is nobody below 0 by points that are taken, or above the maximum by points that are no bonus?"""
    found = marked(policy(manual=[given("ann", -500), given("bob", 3), given("cora", 5)]))
    assert (found["ann"].score, found["bob"].score, found["cora"].score) == (0, 100, 5)
    assert found["ann"].adjustments[0].points == -(marked(policy())["ann"].score or 0) != 0


def test_points_by_hand_wait_for_a_score() -> None:
    """Does an error keep no score when points are given by hand, and say that they wait?"""
    emi = marked(policy(manual=[given("emi", 3)]))["emi"]
    assert (emi.score, emi.adjustments) == (None, ())
    assert emi.notes[-1] == "+3 by hand wait until there is a score: Said so in the oral."


def test_lateness_comes_after_a_bonus_and_a_cut_off_takes_it_too() -> None:
    """Is a late day counted from the points with the bonus, in halves, and is nothing left past the cut-off?"""
    late = {"points_per_day": 0.5, "cut_off_days": 3}
    rules = policy(due=DUE.isoformat(), late=late, bonus=[given("bob", 4)], bonus_over_maximum=True)
    bob = marked(rules, {"bob": DUE + DAY})["bob"]
    assert (bob.score, bob.adjustments[-1].points) == (103.5, -0.5)
    assert marked(rules, {"bob": DUE + 4 * DAY})["bob"].score == 0


def test_a_comment_is_a_note_and_changes_no_score() -> None:
    """Is a comment with its learner's notes, as text, and is the number what it was?"""
    before, after = marked(policy())["ann"], marked(policy(comments={"ann": " Good <b>names</b>. "}))["ann"]
    assert (after.score, after.adjustments) == (before.score, ())
    assert after.notes == (*before.notes, "Your instructor: Good <b>names</b>.")
    page = html_report.render(samples.results(after))
    assert "Good &lt;b&gt;names&lt;/b&gt;." in page
    assert comment(after).endswith("Your instructor: Good <b>names</b>.")


def test_names_of_marks_by_hand_are_checked() -> None:
    """Is a typing error in a name refused wherever a name can stand?"""
    for rules in ({"manual": [given("an", 1)]}, {"bonus": [given("an", 1)]}, {"comments": {"an": "x"}}):
        with pytest.raises(UsageError, match="no submission an"):
            apply(policy(**rules), klass(), {})


def test_who_handed_in_nothing_gets_nothing() -> None:
    """Are those of the class list in the results with 0 of the class's maximum, not late, and can points be given to them?"""
    results = with_missing(klass(), ("zoe", "yan"))
    late = {"points_per_day": 5}
    rules = policy(missing="0", due=DUE.isoformat(), late=late, manual=[given("yan", 2.5)])
    found = marked(rules, {"ann": DUE}, results)
    zoe = found["zoe"]
    assert (zoe.status, zoe.score, zoe.max_score) == (SubmissionStatus.UNGRADABLE, 0, found["ann"].max_score)
    assert (zoe.reason, zoe.notes, zoe.adjustments) == ("Nothing was handed in.", (), ())
    assert found["yan"].score == 2.5
    assert {row.status for row in zoe.requirements} == {Status.UNGRADABLE, Status.NOT_RUN}
    assert comment(zoe).startswith("0 of 98 points. Nothing was handed in.")
    assert list(found)[-2:] == ["zoe", "yan"]
