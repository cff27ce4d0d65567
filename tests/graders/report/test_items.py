"""Item analysis, against values worked out by hand."""

from __future__ import annotations

import pytest

from graders.model import Adjustment, Status, SubmissionResult, SubmissionStatus
from graders.report.items import NEGATIVE, VERY_EASY, VERY_HARD, Item, analyse
from tests.graders.report import samples

IDS = ("kms.a", "kms.b", "kms.c")
SHORT = {"p": Status.PASS, "f": Status.FAIL, "b": Status.BLOCKED, "n": Status.NOT_RUN, "u": Status.UNGRADABLE}


def _class(*learners: str) -> list[SubmissionResult]:
    """Learners as strings: a letter an item, each worth one point. Ten of each: that changes no share and no correlation."""
    return [
        samples.submission(
            f"{number}", tuple(samples.row(id_, SHORT[c], points=1) for id_, c in zip(IDS, letters, strict=True))
        )
        for number, letters in enumerate(10 * learners)
    ]


def _item(submissions: list[SubmissionResult], id_: str = "kms.a") -> Item:
    return next(item for item in analyse(submissions) if item.id == id_)


def test_difficulty_is_the_share_of_points_earned() -> None:
    """Does an item that three of four met have a difficulty of 0.75?"""
    item = _item(_class("ppp", "ppp", "pff", "fff"))
    assert (item.difficulty, item.judged, item.failed, item.lost) == (0.75, 40, 10, 10)


def test_discrimination_is_the_corrected_point_biserial() -> None:
    """Is it the correlation with the rest of the score, the item itself left out?"""
    # The item is 1 1 0 0, the rest 1, 1/2, 1/2, 0: the covariance sums to 1/2, the variances to 1 and 1/2.
    item = _item(_class("ppp", "ppf", "fpf", "fff"))
    assert item.discrimination == pytest.approx(0.5**0.5)
    assert item.flags == ()


def test_an_item_that_the_better_learners_fail_is_flagged() -> None:
    """Is a negative discrimination negative, and flagged?"""
    item = _item(_class("fpp", "fpp", "pff", "pff"))
    assert item.discrimination == pytest.approx(-1)
    assert item.flags == (NEGATIVE,)


@pytest.mark.parametrize(
    "learners",
    [
        pytest.param(("ppp", "ppf", "pff"), id="everybody met it"),
        pytest.param(("fpp", "fpf", "fff"), id="nobody met it"),
        pytest.param(("ppf", "fpf", "ppf"), id="the rest is the same for all"),
    ],
)
def test_no_discrimination_without_variance_or_learners(learners: tuple[str, ...]) -> None:
    """Is there no number where the number would mean nothing?"""
    assert _item(_class(*learners)).discrimination is None


def test_few_learners_have_no_statistics() -> None:
    """Is there no difficulty with nine judged, no discrimination with nineteen or with two on one side, and both past that?"""
    few = _class("ppp", "fff")
    assert _item(few[:9]).difficulty is None
    assert _item(few[:10]).difficulty == 0.5
    assert _item(few[:19]).discrimination is None
    assert _item(few).discrimination == pytest.approx(1)
    one_sided = _class("ppp", "ppf") + _class("fff")[:2]
    assert _item(one_sided).discrimination is None
    assert _item([*one_sided, *_class("fff")[:1]]).discrimination is not None


def test_very_hard_and_very_easy_are_flagged() -> None:
    """Are items flagged that nearly nobody or nearly everybody met, and not on two learners' word?"""
    submissions = _class("pfp", "pfp", "pff")
    assert _item(submissions, "kms.a").flags == (VERY_EASY,)
    assert _item(submissions, "kms.b").flags == (VERY_HARD,)
    assert _item(submissions, "kms.c").flags == ()
    assert _item(submissions[:9], "kms.a").flags == ()


def test_what_was_never_looked_at_says_nothing_about_the_item() -> None:
    """Do blocked and ungradable rows stay out of the difficulty, while the points they cost are counted?"""
    item = _item(_class("ppp", "fpp", "bpp", "upp", "npp"))
    assert (item.difficulty, item.judged, item.unseen, item.lost, item.lost_unseen) == (0.5, 20, 20, 10, 20)


def test_nobody_was_judged() -> None:
    """Has an item that no depth reached no difficulty at all, instead of 0?"""
    item = _item(_class("npp", "npp", "npp"))
    assert (item.difficulty, item.discrimination, item.flags) == (None, None, ())


def test_an_error_is_no_verdict() -> None:
    """Does a submission without a score count for no item?"""
    broken = samples.submission(
        "x", tuple(samples.row(id_, Status.FAIL, points=1) for id_ in IDS), status=SubmissionStatus.ERROR
    )
    assert _item([*_class("ppp"), broken]).difficulty == 1


def test_a_late_penalty_is_not_the_items_fault() -> None:
    """Is the rest of the score that of the requirements, without the learner's adjustments?"""
    plain = _class("ppp", "ppf", "fpf", "fff")
    late = plain[0].model_copy(update={"adjustments": (Adjustment(kind="late", points=-3, reason="r"),), "score": 0})
    assert analyse([late, *plain[1:]]) == analyse(plain)


def test_an_item_without_points_is_still_met_or_not() -> None:
    """Has a requirement that a policy gave no points a difficulty instead of a division by zero?"""
    submissions = [
        samples.submission(
            str(number), (samples.row("kms.a", status, points=0), samples.row("kms.b", Status.PASS, points=number))
        )
        for number, status in enumerate(10 * (Status.PASS, Status.FAIL, Status.FAIL, Status.FAIL))
    ]
    assert _item(submissions).difficulty == 0.25


def test_no_class_no_items() -> None:
    """Is there nothing to say about nobody?"""
    assert analyse([]) == ()
