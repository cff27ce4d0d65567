"""``lab export feedback``: the learners' pages as Canvas and Moodle take them back, and as a list of who gets which."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lab.guard import say
from lab_env.errors import UsageError

if TYPE_CHECKING:
    from graders.marking.roster import Roster
    from graders.model import Results
    from graders.report.lms.feedback import Line, Receiver

ARCHIVES = ("canvas", "moodle")
LISTS = ("csv", "json")


def export(
    words: Sequence[str],
    *,
    pages: Path | None,
    download: Path | None,
    roster: Path | None,
    match: str | None,
    names: Path | None,
    out: Path | None,
) -> None:
    """Write one of the four.

    :param words: what for, and the result file.
    :raises UsageError: something is missing, or not there.
    """
    from graders.marking.anonymous import read_names
    from graders.marking.roster import read_roster
    from graders.report import json_report
    from graders.report.lms import feedback
    from lab_env.files import PRIVATE, write_output

    if len(words) != 2 or words[0] not in (*ARCHIVES, *LISTS):
        raise UsageError(
            "Say whom the pages are for, and name the result file.",
            next_step="lab export feedback canvas|moodle|csv|json RESULTS.json --pages DIR --out FILE",
        )
    if pages is None or not pages.is_dir():
        raise UsageError(
            "There are no pages." if pages is None else f"{pages} is no directory.",
            next_step="Name with --pages what `lab grade --feedback DIR` has written.",
        )
    if out is None:
        raise UsageError("There is no file to write.", next_step="Name it with --out.")
    found = json_report.load(Path(words[1]))
    ids = {one.id: one.id for one in found.submissions}
    if names is not None:
        ids = {id_: real for id_, real in read_names(names).ids.items() if id_ in ids}
    list_ = None if roster is None else read_roster(roster)
    receivers = _receivers(found, ids, pages, download, list_, match)
    if words[0] in ARCHIVES:
        make = feedback.for_canvas if words[0] == "canvas" else feedback.for_moodle
        packed = make(receivers)
        for sentence in packed.told:
            say(f"Note: {sentence}")
        write_output(out, packed.data, mode=PRIVATE)
    else:
        lines = _lines(found, ids, receivers, list_, match)
        write_output(out, feedback.as_json(lines) if words[0] == "json" else feedback.as_csv(lines), mode=PRIVATE)
    say(f"Written: {out}")


def _receivers(
    results: Results, ids: dict[str, str], pages: Path, download: Path | None, roster: Roster | None, match: str | None
) -> tuple[Receiver, ...]:
    from graders.report.lms import feedback
    from lab_env.submission.downloads import opened

    written = feedback.pages_in(pages, [one.id for one in results.submissions])
    real = {ids[id_]: found for id_, found in written.items() if id_ in ids}
    lms_ids: dict[str, str] = {}
    files: dict[str, tuple[str, ...]] = {}
    if download is not None:
        with opened(download) as found:
            files = {id_: tuple(one.path.name for one in handed.files) for id_, handed in found.loose.items()}
    if roster is not None:
        lms_ids = _participants(list(ids.values()), roster, match)
    return feedback.receivers([ids.get(one.id, one.id) for one in results.submissions], real, lms_ids, files)


def _participants(ids: Sequence[str], roster: Roster, column: str | None) -> dict[str, str]:
    """Moodle's own names for those whom its worksheet has."""
    from graders.marking.people import participant
    from graders.marking.roster import match

    found = match(roster, ids, column=column).rows
    called = {id_: participant(roster, row) for id_, row in found.items()}
    return {id_: name for id_, name in called.items() if name}


def _lines(
    results: Results, ids: dict[str, str], receivers: Sequence[Receiver], roster: Roster | None, column: str | None
) -> list[Line]:
    from graders.marking.roster import match
    from graders.report.lms.feedback import Line

    scores = {ids.get(one.id, one.id): (one.score, one.max_score) for one in results.submissions}
    emails = {}
    if roster is not None:
        place = roster.find("email address", "email", "e-mail", "sis login id")
        found = match(roster, [one.id for one in receivers], column=column).rows
        emails = {id_: roster.rows[row][place].strip() for id_, row in found.items() if place is not None}
    return [
        Line(one.id, tuple(str(page) for page in one.pages), *scores[one.id], emails.get(one.id, ""))
        for one in receivers
    ]
