"""Moodle's offline grading worksheet, in whatever language it was downloaded.

Moodle writes the headings in the language of whoever downloads (Moodle, ``mod/assign/gradingtable.php``), and its importer
wants them back in just these words (``mod/assign/feedback/offline/importgradeslib.php``). So nothing of the file is changed but
the cells to fill, and these are found by their place: the identifier comes first, a word and a number (``Participant 12345``,
in German ``Teilnehmer/in12345``); the grade stands right before the maximum, which is the same number in every row. With blind
marking there are no names, so the number is all that tells people apart. The comments are called by one of the names that
Moodle's language packs have for them, or are the last column, where that is no time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from graders.marking.roster import Roster
from graders.report.lms import numbers
from lab_env.errors import UsageError
from lab_env.text import one_line

_IDENTIFIER = re.compile(r"(?P<word>\D+?)(?P<number>\d+)")
_TIME = re.compile(r"\d{1,2}[:.h]\d{2}")
_NONE = ("", "-", "'-", "—")  # how Moodle says that there is no time; the second as a spreadsheet may have left it
COMMENTS = frozenset(
    name.casefold()
    for name in (
        "Feedback comments", "Feedback als Kommentar", "Feedback par commentaires", "Comentarios de retroalimentación",
        "Comentarios", "Commenti", "Comentários de feedback", "Feedback tekstvak", "Återkopplingskommentarer",
        "Comentaris de retroacció.", "Feedback-iruzkinak", "Comentarii de feedback", "Grįžtamojo ryšio komentarai",
        "Geri bildirim yorumları", "Σχόλια ανατροφοδότησης", "Отзыв в виде комментария", "Відгук - коментарем",
        "تعليقات الإفادة", "تاثرات کے تبصرے", "フィードバックコメント", "反馈意见", "피드백 코멘트",
    )
)  # fmt: skip
"""What the comments' column is called, in 22 languages (the packs' ``assignfeedback_comments``)."""


@dataclass(frozen=True)
class Worksheet:
    """Where what is in a worksheet.

    :param maximum: what a grade is out of.
    :param comma: numbers have a comma before their decimals.
    :param comments: None where the assignment takes none.
    """

    identifier: int
    grade: int
    comments: int | None
    maximum: Decimal
    comma: bool


def recognise(roster: Roster) -> Worksheet | None:
    """Where what is; None when this is no grading worksheet.

    :raises UsageError: it is one of an assignment that is graded by a scale, which has no points.
    """
    if not roster.rows or not _identifies(roster):
        return None
    place = _maximum(roster)
    if place is None:
        if scale := _scale(roster):
            raise UsageError(
                f"{roster.name} is of an assignment that Moodle grades by a scale ({one_line(scale)}).",
                next_step="Set the assignment's grade to points, and download the worksheet again.",
            )
        return None
    written = roster.rows[0][place]
    return Worksheet(
        0, place - 1, _comments(roster, place), numbers.number(written) or Decimal(0), numbers.with_comma(written)
    )


def _identifies(roster: Roster) -> bool:
    found = [_IDENTIFIER.fullmatch(row[0].strip()) for row in roster.rows]
    parts = [match.group("word", "number") for match in found if match]
    return (
        len(parts) == len(found) == len({number for _, number in parts})
        and len({word.strip() for word, _ in parts}) == 1
    )


def _maximum(roster: Roster) -> int | None:
    """The last column with one number for all, right of one that holds marks out of it or nothing."""
    places = range(len(roster.header) - 1, 1, -1)
    return next((place for place in places if _is_maximum([row[place - 1 : place + 1] for row in roster.rows])), None)


def _is_maximum(pairs: Sequence[Sequence[str]]) -> bool:
    highest = numbers.number(pairs[0][1])
    if highest is None or highest <= 0 or len({maximum for _, maximum in pairs}) != 1:
        return False
    marks = [numbers.number(mark) if mark.strip() else Decimal(0) for mark, _ in pairs]
    return all(mark is not None and 0 <= mark <= highest for mark in marks)


def _scale(roster: Roster) -> str:
    """The words of the scale: Moodle lists them in a cell, one a line, the same for everybody."""
    columns: list[tuple[str, ...]] = list(zip(*roster.rows, strict=True))
    return next((one[0] for one in columns if "\n" in one[0] and len(set(one)) == 1 and len(one) > 1), "")


def _comments(roster: Roster, maximum: int) -> int | None:
    behind = range(maximum + 1, len(roster.header))
    named = [place for place in behind if roster.header[place].strip().casefold() in COMMENTS]
    if named:
        return named[-1]
    last = len(roster.header) - 1
    cells = [row[last].strip() for row in roster.rows]
    if any(cells) and all(cell in _NONE or _TIME.search(cell) for cell in cells):
        return None
    return last if last > maximum + 1 else None
