"""A made-up class for the tests of the class page: as large as asked for, with names that mean harm."""

from __future__ import annotations

from collections.abc import Iterable

from graders.model import Adjustment, Evidence, PolicyInfo, Results, Status, SubmissionResult, SubmissionStatus
from graders.report.sources import Quotes, quoted
from tests.graders.report import samples

HOSTILE_IDS = (
    "../../etc/passwd",
    "nested/name/with/slashes",
    "C:\\windows\\con",
    "quo\"te's & <b>bold</b>",
    "javascript:alert(1)",
    "=HYPERLINK(0)",
    "fox 🦊 familie 👨‍👩‍👧",
    "con",
    "CON",
    "Con",
    "..",
    "x" * 300,
    "lone \ud800 surrogate",
    samples.NASTY,
)
POLICY = PolicyInfo(
    name=f"late {samples.NASTY}.yml",
    digest="sha256:" + "c0" * 32,
    lines=("Late: 5 points a day.", f"Override for bruno-keller: {samples.NASTY}"),
)


def learner(number: int, id_: str | None = None) -> SubmissionResult:
    """A submission that fails some lines, more the higher its number; every fifth with a late day, every seventh noted."""
    made = tuple(
        samples.row(
            row.id,
            Status.FAIL if (number * 7 + place * 11) % 29 < number % 6 else Status.PASS,
            points=row.points,
            layer=row.layer,
            title=row.title,
            observed=f"observed for {row.id}",
            evidence=(Evidence(kind="hcl", path="modules/secrets/kms.tf", line=3 + place % 3, detail="seen"),),
        )
        for place, row in enumerate(samples.rows(Status.PASS))
    )
    late = (Adjustment(kind="late", points=-5, reason="Handed in 1 day late."),) if number % 5 == 0 else ()
    notes = ("A version constraint was overridden.",) if number % 7 == 0 else ()
    return samples.submission(id_ or f"learner-{number:03}", made, adjustments=late, notes=notes)


def class_of(size: int, *, ids: Iterable[str] = ()) -> Results:
    """``size`` learners with every submission status among them, those with the given ids first, under a policy."""
    named = list(ids)
    submissions = [learner(number, named[number] if number < len(named) else None) for number in range(size)]
    whole = samples.results(*submissions, *samples.every_status()[2:5])
    return whole.model_copy(update={"policy": POLICY})


def sources_of(results: Results) -> dict[str, Quotes]:
    """The same file for everybody, spaced and commented in as many ways as there are learners."""
    lines = samples.KMS_TF.splitlines()
    texts = {
        one.id: {
            "modules/secrets/kms.tf": "\n".join(
                [*lines[:2], f"{' ' * number}deletion_window_in_days   =   30 # mine, {number}", *lines[3:]]
            )
        }
        for number, one in enumerate(results.submissions)
        if one.status is SubmissionStatus.GRADED
    }
    return quoted(results.submissions, texts)
