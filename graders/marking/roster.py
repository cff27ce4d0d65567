"""A class list (CSV with a header) and who of it handed in what.

Cells are kept as they are, to the last space: the platform that wrote them has to know them again.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from graders.marking import csv_text
from lab_env.errors import UsageError
from lab_env.text import listed, one_line

MAX_BYTES = 16 << 20
_MARK = "\ufeff"
_DELIMITERS = (",", ";", "\t")
_SAVE = "Save it as CSV (UTF-8) and name that file."
_NUMBERED = re.compile(r"(?P<who>.+)_(?P<number>\d+)", re.DOTALL)
_NUMBER_CELL = re.compile(r"[^\d@.]*?(?P<number>\d+)")
HEADER = -1
"""The header's place among the rows."""
_FIRST, _LAST = ("first name", "firstname"), ("last name", "lastname", "surname")


@dataclass(frozen=True)
class Roster:
    """:param name: the file's name.
    :param rows: as long as the header, in the file's order.
    :param lines: the 1-based line on which each row ends, for messages.
    :param written: every line as it stands in the file, the header and empty ones too.
    :param mark: the byte order mark that the file begins with, or nothing.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    delimiter: str = ","
    written: tuple[csv_text.Row, ...] = ()
    mark: str = ""

    def find(self, *names: str) -> int | None:
        """The first column that is called so, whatever the case and the space around it."""
        wanted = {name.casefold() for name in names}
        return next((i for i, head in enumerate(self.header) if head.strip().casefold() in wanted), None)

    def filled(
        self,
        changes: Mapping[int, Mapping[int, str]],
        *,
        columns: Sequence[int] | None = None,
        below_header: Sequence[str] = (),
    ) -> str:
        """The file's text with other cells in some places; every other cell, quote and line end is as it was.

        :param changes: the new cells by row (``HEADER`` is the header's) and column; a column behind the last is a new one.
        :param columns: the columns to write; all when left out.
        :param below_header: the cells of a row to put in below the header.
        """
        text = [self.mark]
        index = HEADER
        for row in self.written:
            if row.is_empty:
                text.append(row.end)
                continue
            new = changes.get(index, {})
            if columns is None and not new:
                text.append(self.delimiter.join(row.cells) + row.end)
            else:
                quoted = csv_text.all_quoted(row.cells)
                wanted = range(max(len(row.cells), *(place + 1 for place in new))) if columns is None else columns
                old = (row.cells[place] if place < len(row.cells) else "" for place in wanted)
                cells = [
                    csv_text.written(new[place], self.delimiter, quoted=quoted) if place in new else cell
                    for place, cell in zip(wanted, old, strict=True)
                ]
                text.append(self.delimiter.join(cells) + row.end)
            if index == HEADER and below_header:
                cells = [csv_text.written(cell, self.delimiter) for cell in below_header]
                text.append(f"{self.delimiter.join(cells)}{row.end or self._line_end}")
            index += 1
        return "".join(text)

    @property
    def _line_end(self) -> str:
        return next((row.end for row in self.written if row.end), "\r\n")

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
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}, line {line}: this is not UTF-8 text.", next_step=_SAVE) from None
    mark, text = text[: text.startswith(_MARK)], text.removeprefix(_MARK)
    delimiter = max(_DELIMITERS, key=lambda sign: _width(text, sign))
    try:
        written = tuple(csv_text.rows(text, delimiter))
    except csv_text.CsvTextError as error:
        raise UsageError(f"{name}, line {error.line}: this is no CSV ({error}).", next_step=_SAVE) from None
    found = [row for row in written if not row.is_empty]
    if not found:
        raise UsageError(f"{name} is empty.", next_step="Name the class list.")
    header, *people = (tuple(map(csv_text.value, row.cells)) for row in found)
    lines = tuple(row.line for row in found[1:])
    for row, line in zip(people, lines, strict=True):
        if len(row) > len(header):
            raise UsageError(
                f"{name}, line {line}: there are {len(row)} cells under {len(header)} headings.",
                next_step="Put text that holds the separator in quotes.",
            )
    padded = tuple(row + ("",) * (len(header) - len(row)) for row in people)
    return Roster(name, header, padded, lines, delimiter, written, mark)


def match(
    roster: Roster,
    ids: Sequence[str],
    *,
    column: str | None = None,
    people: Iterable[int] | None = None,
    aliases: Mapping[str, Sequence[str]] | None = None,
) -> Match:
    """Find every submission's row.

    In a column an id is looked for as it is, then without regard to case, then behind an apostrophe of ours, then as the part
    of an e-mail address before the @, then, for the ids of Canvas's and Moodle's downloads, by the number and the name in them;
    always in Unicode's composed form. The column with the most submissions is taken, one in which none of them is in doubt
    before one in which some are: a number tells two of one name apart.

    :param column: the column's name, when it shall not be guessed.
    :param people: the rows that are people; all when left out.
    :param aliases: what somebody is called elsewhere, by id, the best first; looked for where the id itself is not found.
    :raises UsageError: no column fits, two columns fit in different ways, or an id fits two rows or a row two ids.
    """
    rows = range(len(roster.rows)) if people is None else tuple(people)
    if column is not None:
        index = roster.column(column)
        columns = [_CellOf(roster.header[index], lambda row: row[index])]
    else:
        columns = _columns(roster)
    found = [
        _in_column(roster, {id_: (id_, *(aliases or {}).get(id_, ())) for id_ in ids}, rows, one) for one in columns
    ]
    best = max(found, key=lambda one: (one.reached, not one.doubtful, len(one.found), -one.looseness))
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


@dataclass(frozen=True)
class Absent:
    """A class list beside the submissions, where the two are not the same.

    :param names: those of the list of whom there is no submission, as the column names them in which the submissions are found.
    :param strangers: the submissions that are not in the list. While there are any, one of ``names`` may be theirs.
    """

    names: tuple[str, ...]
    strangers: tuple[str, ...]


def absent(roster: Roster, ids: Sequence[str], *, column: str | None = None) -> Absent:
    """Who of a class list is not among the submissions, and which of those are not in it.

    A row without a name is nobody: Canvas's "Points Possible", a line of sums.

    :raises UsageError: see :func:`match`.
    """
    people = [index for index, row in enumerate(roster.rows) if not row[0].strip().startswith("Points Possible")]
    found = match(roster, ids, column=column, people=people)
    cell = next(one.cell for one in _columns(roster) if one.label == found.column)
    there = set(found.rows.values())
    names = [cell(roster.rows[index]).strip() for index in people if index not in there]
    return Absent(tuple(dict.fromkeys(name for name in names if name)), found.missing)


@dataclass(frozen=True)
class _Column:
    """:param reached: how many ids fit a row, or several. :param doubtful: why some do not fit one row alone."""

    label: str
    found: dict[str, int]
    doubtful: list[str]
    looseness: int
    reached: int


@dataclass(frozen=True)
class _CellOf:
    """:param label: what people call the column. :param cell: a row's text in it."""

    label: str
    cell: Callable[[Sequence[str]], str]


def _in_column(roster: Roster, names: Mapping[str, Sequence[str]], rows: Iterable[int], column: _CellOf) -> _Column:
    label = column.label
    by_key: list[dict[str, list[int]]] = [{} for _ in _RULES]
    for row in rows:
        text = unicodedata.normalize("NFC", column.cell(roster.rows[row]).strip())
        for keys, (_, of_cell) in zip(by_key, _RULES, strict=True):
            if text and (key := of_cell(text)):
                keys.setdefault(key, []).append(row)
    found: dict[str, int] = {}
    doubtful: list[str] = []
    looseness = reached = 0
    for id_, called in names.items():
        rule, fitting = _fitting(called, by_key)
        reached += bool(fitting)
        if len(fitting) > 1:
            where = listed(str(roster.lines[row]) for row in fitting)
            doubtful.append(
                f"{one_line(id_)} fits several rows of {roster.name}, column {one_line(label)}: lines {where}."
            )
        elif fitting:
            found[id_] = fitting[0]
            looseness += rule
    by_row: dict[int, list[str]] = {}
    for id_, row in found.items():
        by_row.setdefault(row, []).append(id_)
    for row, several in by_row.items():
        if len(several) > 1:
            doubtful.append(
                f"Several submissions fit line {roster.lines[row]} of {roster.name}, column {one_line(label)}: "
                f"{one_line(listed(several))}."
            )
    return _Column(label, found, doubtful, looseness, reached)


def _fitting(called: Sequence[str], by_key: Sequence[Mapping[str, list[int]]]) -> tuple[int, list[int]]:
    """The rows that the first of somebody's names fits, and by which rule."""
    for name in called:
        own = unicodedata.normalize("NFC", name.strip())
        for rule, (of_id, _) in enumerate(_RULES):
            key = of_id(own)
            if key and (rows := by_key[rule].get(key)):
                return rule, rows
    return 0, []


def _columns(roster: Roster) -> list[_CellOf]:
    """Every column, and the full name where it stands in two."""
    columns = [
        _CellOf(head, lambda row, i=i: row[i])  # type: ignore[misc]
        for i, head in enumerate(roster.header)
    ]
    first, last = roster.find(*_FIRST), roster.find(*_LAST)
    if first is not None and last is not None:
        columns.append(
            _CellOf(f"{roster.header[first]} + {roster.header[last]}", lambda row: f"{row[first]} {row[last]}")
        )
        columns.append(
            _CellOf(f"{roster.header[last]} + {roster.header[first]}", lambda row: f"{row[last]} {row[first]}")
        )
    return columns


def _same(text: str) -> str:
    return text


def _key(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text.strip()).casefold())


def _unescaped(text: str) -> str:
    """``+1`` for ``'+1``: what :func:`graders.report.csv_report.safe_cell` has put before an id, so that no spreadsheet runs it."""
    return _key(text[1:]) if text.startswith("'") and text.lstrip("'\" ")[:1] in _FORMULA else ""


_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


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
    (_key, _unescaped),
    # Of the two at most one is an address: ann@a.edu and ann@b.edu are two people.
    (_no_mailbox, _mailbox),
    (_mailbox, _no_mailbox),
    (_id_number, _cell_number),
    (_id_name, _letters),
)
"""How an id and a cell are compared, the strictest first: what each of them becomes."""


def _width(text: str, delimiter: str) -> int:
    try:
        return len(next(csv_text.rows(text, delimiter)).cells)
    except (StopIteration, csv_text.CsvTextError):
        return 0
