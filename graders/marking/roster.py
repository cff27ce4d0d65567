"""A class list (CSV with a header) and who of it handed in what.

Cells are kept as they are, to the last space: the platform that wrote them has to know them again.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab_env.errors import UsageError
from lab_env.text import listed, one_line

MAX_BYTES = 16 << 20
_DELIMITERS = (",", ";", "\t")
_SAVE = "Save it as CSV (UTF-8) and name that file."
_NUMBERED = re.compile(r"(?P<who>.+)_(?P<number>\d+)", re.DOTALL)
_NUMBER_CELL = re.compile(r"[^\d@.]*?(?P<number>\d+)")
_FIRST, _LAST = ("first name", "firstname"), ("last name", "lastname", "surname")


@dataclass(frozen=True)
class Roster:
    """:param name: the file's name.
    :param rows: as long as the header, in the file's order.
    :param lines: the 1-based line on which each row ends, for messages.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    delimiter: str = ","

    def find(self, *names: str) -> int | None:
        """The first column that is called so, whatever the case and the space around it."""
        wanted = {name.casefold() for name in names}
        return next((i for i, head in enumerate(self.header) if head.strip().casefold() in wanted), None)

    def full_name(self, row: Sequence[str]) -> str:
        """``Okafor, Amara`` where the name stands in two columns, else nothing."""
        first, last = self.find(*_FIRST), self.find(*_LAST)
        return "" if first is None or last is None else f"{row[last]}, {row[first]}"

    def column(self, name: str) -> int:
        """The column of this name.

        :raises UsageError: there is none, or there are two.
        """
        found = [i for i, head in enumerate(self.header) if head == name]
        found = found or [i for i, head in enumerate(self.header) if _key(head) == _key(name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(f"{self.name} has {len(found)} columns {one_line(name)}.", next_step="Rename one of them.")
        near = difflib.get_close_matches(name, self.header, n=1)
        hint = f"Did you mean {one_line(near[0])}?" if near else f"Its columns: {one_line(listed(self.header))}."
        raise UsageError(f"{self.name} has no column {one_line(name)}.", next_step=hint)


@dataclass(frozen=True)
class Match:
    """:param column: what the ids were found in, for people.
    :param rows: the roster's row by submission id.
    :param missing: the submissions that are not in the roster.
    """

    column: str
    rows: Mapping[str, int]
    missing: tuple[str, ...]


def read_roster(path: Path) -> Roster:
    """Read a class list. The delimiter is the one that gives the header the most columns.

    :raises UsageError: it is not there, no UTF-8, no CSV, or a row is longer than the header.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror}.", next_step="Name the class list.") from None
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path} is larger than {MAX_BYTES >> 20} MB.", next_step="Name the class list.")
    return parse_roster(data, path.name)


def parse_roster(data: bytes, name: str) -> Roster:
    """The class list in a file's bytes.

    :raises UsageError: see :func:`read_roster`.
    """
    try:
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}, line {line}: this is not UTF-8 text.", next_step=_SAVE) from None
    delimiter = max(_DELIMITERS, key=lambda mark: _width(text, mark))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[str, ...]] = []
    lines: list[int] = []
    try:
        for cells in reader:
            if cells:
                rows.append(tuple(cells))
                lines.append(reader.line_num)
    except csv.Error as error:
        raise UsageError(f"{name}, line {reader.line_num}: this is no CSV ({error}).", next_step=_SAVE) from None
    if not rows:
        raise UsageError(f"{name} is empty.", next_step="Name the class list.")
    header, people = rows[0], rows[1:]
    for row, line in zip(people, lines[1:], strict=True):
        if len(row) > len(header):
            raise UsageError(
                f"{name}, line {line}: there are {len(row)} cells under {len(header)} headings.",
                next_step="Put text that holds the separator in quotes.",
            )
    padded = tuple(row + ("",) * (len(header) - len(row)) for row in people)
    return Roster(name, header, padded, tuple(lines[1:]), delimiter)


def match(
    roster: Roster, ids: Sequence[str], *, column: str | None = None, people: Iterable[int] | None = None
) -> Match:
    """Find every submission's row.

    In a column an id is looked for as it is, then without regard to case, then as the part of an e-mail address before the @,
    then, for the ids of Canvas's and Moodle's downloads, by the number and the name in them; always in Unicode's composed
    form. The column with the most submissions is taken.

    :param column: the column's name, when it shall not be guessed.
    :param people: the rows that are people; all when left out.
    :raises UsageError: no column fits, two columns fit in different ways, or an id fits two rows or a row two ids.
    """
    rows = range(len(roster.rows)) if people is None else tuple(people)
    if column is not None:
        index = roster.column(column)
        found = [_in_column(roster, ids, rows, roster.header[index], lambda row: row[index])]
    else:
        found = [_in_column(roster, ids, rows, label, cell) for label, cell in _columns(roster)]
    best = max(found, key=lambda one: (len(one.found) + len(one.doubtful), len(one.found), -one.looseness))
    if ids and not best.found and not best.doubtful:
        where = f"The column {one_line(column)}" if column is not None else "No column"
        raise UsageError(
            f"{where} of {roster.name} holds the submissions' ids (the first is {one_line(ids[0])}).",
            next_step="Check that it is this class's list, or name the column with --match.",
        )
    if best.doubtful:
        raise UsageError(best.doubtful[0], next_step="Make them differ, or name another column with --match.")
    equal = [one for one in found if len(one.found) == len(best.found) and one.looseness == best.looseness]
    for other in equal:
        if other.found != best.found:
            raise UsageError(
                f"The ids are found in two columns of {roster.name}, for different people: "
                f"{one_line(best.label)} and {one_line(other.label)}.",
                next_step="Name the right one with --match.",
            )
    return Match(best.label, best.found, tuple(id_ for id_ in ids if id_ not in best.found))


def absent(roster: Roster, ids: Sequence[str], *, column: str | None = None) -> tuple[str, ...]:
    """Those of a class list of whom there is no submission, as the column names them in which the submissions are found.

    A row without a name there is nobody: Canvas's "Points Possible", a line of sums.

    :raises UsageError: see :func:`match`.
    """
    people = [index for index, row in enumerate(roster.rows) if not row[0].strip().startswith("Points Possible")]
    found = match(roster, ids, column=column, people=people)
    cell = dict(_columns(roster))[found.column]
    there = set(found.rows.values())
    names = [cell(roster.rows[index]).strip() for index in people if index not in there]
    return tuple(dict.fromkeys(name for name in names if name))


@dataclass(frozen=True)
class _Column:
    label: str
    found: dict[str, int]
    doubtful: list[str]
    looseness: int


def _in_column(
    roster: Roster, ids: Sequence[str], rows: Iterable[int], label: str, cell: Callable[[Sequence[str]], str]
) -> _Column:
    by_key: list[dict[str, list[int]]] = [{} for _ in _RULES]
    for row in rows:
        text = unicodedata.normalize("NFC", cell(roster.rows[row]).strip())
        for keys, (_, of_cell) in zip(by_key, _RULES, strict=True):
            if text and (key := of_cell(text)):
                keys.setdefault(key, []).append(row)
    found: dict[str, int] = {}
    doubtful: list[str] = []
    looseness = 0
    for id_ in ids:
        own = unicodedata.normalize("NFC", id_.strip())
        for rule, (of_id, _) in enumerate(_RULES):
            key = of_id(own)
            fitting = by_key[rule].get(key, []) if key else []
            if len(fitting) > 1:
                where = listed(str(roster.lines[row]) for row in fitting)
                doubtful.append(
                    f"{one_line(id_)} fits several rows of {roster.name}, column {one_line(label)}: lines {where}."
                )
            elif fitting:
                found[id_] = fitting[0]
                looseness += rule
            if fitting:
                break
    by_row: dict[int, list[str]] = {}
    for id_, row in found.items():
        by_row.setdefault(row, []).append(id_)
    for row, several in by_row.items():
        if len(several) > 1:
            doubtful.append(
                f"Several submissions fit line {roster.lines[row]} of {roster.name}, column {one_line(label)}: "
                f"{one_line(listed(several))}."
            )
    return _Column(label, found, doubtful, looseness)


def _columns(roster: Roster) -> list[tuple[str, Callable[[Sequence[str]], str]]]:
    """Every column, and the full name where it stands in two."""
    columns: list[tuple[str, Callable[[Sequence[str]], str]]] = [
        (head, lambda row, i=i: row[i])  # type: ignore[misc]
        for i, head in enumerate(roster.header)
    ]
    first, last = roster.find(*_FIRST), roster.find(*_LAST)
    if first is not None and last is not None:
        columns.append((f"{roster.header[first]} + {roster.header[last]}", lambda row: f"{row[first]} {row[last]}"))
        columns.append((f"{roster.header[last]} + {roster.header[first]}", lambda row: f"{row[last]} {row[first]}"))
    return columns


def _same(text: str) -> str:
    return text


def _key(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text.strip()).casefold())


def _local_part(text: str) -> str:
    """``ann`` for both ``ann`` and ``Ann@example.edu``."""
    return _key(text.partition("@")[0])


def _mailbox(text: str) -> str:
    """The part before the @ of an address, nothing for other text."""
    return _local_part(text) if "@" in text else ""


def _no_mailbox(text: str) -> str:
    return "" if "@" in text else _key(text)


def _id_number(id_: str) -> str:
    match = _NUMBERED.fullmatch(id_)
    return match["number"] if match else ""


def _cell_number(cell: str) -> str:
    """The number in Canvas's ``12345`` and Moodle's ``Participant 12345``."""
    match = _NUMBER_CELL.fullmatch(cell)
    return match["number"] if match else ""


def _id_name(id_: str) -> str:
    match = _NUMBERED.fullmatch(id_)
    return _letters(match["who"]) if match else ""


def _letters(text: str) -> str:
    """What Canvas leaves of a name: lower case, letters and digits only."""
    return "".join(character for character in _key(text) if character.isalnum())


_RULES: tuple[tuple[Callable[[str], str], Callable[[str], str]], ...] = (
    (_same, _same),
    (_key, _key),
    # Of the two at most one is an address: ann@a.edu and ann@b.edu are two people.
    (_no_mailbox, _mailbox),
    (_mailbox, _no_mailbox),
    (_id_number, _cell_number),
    (_id_name, _letters),
)
"""How an id and a cell are compared, the strictest first: what each of them becomes."""


def _width(text: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), []))
    except csv.Error:
        return 0
