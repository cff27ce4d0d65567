"""``assignment.toml`` as a value, or one sentence on what is wrong where in it."""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path

from pydantic import ValidationError

from graders.assignment import variants
from graders.assignment.document import Table
from graders.assignment.model import Assignment, OwnPackage
from lab_env.errors import UsageError
from lab_env.tables import Place, fault, shown_place
from lab_env.text import one_line

FILE = "assignment.toml"
MAX_BYTES = 64 << 10
_EXAMPLE = "See the example in docs/assignment.md."
_HEADER = re.compile(r"\s*\[\[?\s*(?P<name>[^\]#]+?)\s*\]\]?")
_ENTRY = re.compile(r"\s*\"?(?P<name>[\w.-]+)\"?\s*=")


def read_assignment(path: Path) -> Assignment:
    """Read and check an instructor's file, and with ``variants = true`` the learners' values in ``variants.csv`` beside it.

    :raises UsageError: one of them is not there, or something in it is not understood; with file, line and key.
    """
    data = _bytes(path)
    table = parse_table(data, one_line(path.name))
    total = hashlib.sha256(data)
    drawn = None
    if table.variants:
        beside = path.with_name(variants.FILE)
        rows = variants.read_bytes(beside)
        drawn = variants.parse(rows, beside.name)
        total.update(b"\0" + rows)
    return Assignment(
        name=one_line(path.name),
        digest=f"sha256:{total.hexdigest()}",
        lesson=table.lesson,
        packages=tuple(OwnPackage(package=own.package, version=own.version) for own in table.requirements),
        course=table.course or "",
        variants=drawn,
    )


def read_table(path: Path) -> Table:
    """The file alone, as before values were drawn.

    :raises UsageError: see :func:`read_assignment`.
    """
    return parse_table(_bytes(path), one_line(path.name))


def parse_table(data: bytes, name: str) -> Table:
    """:raises UsageError: see :func:`read_assignment`."""
    if len(data) > MAX_BYTES:
        raise UsageError(f"{name} is larger than {MAX_BYTES >> 10} KB.", next_step=_EXAMPLE)
    try:
        text = data.decode("utf-8-sig")
        document = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}, line {line}: this is not UTF-8 text.", next_step="Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name}: this is not TOML: {one_line(str(error))}.", next_step=_EXAMPLE) from None
    try:
        return Table.model_validate(document)
    except ValidationError as error:
        found = fault(error, Table)
        number = line_of(text, found.place)
        where = f"{name}, line {number}" if number is not None else name
        key = one_line(shown_place(found.place))
        if found.known:
            raise UsageError(f"{where}: the key {key} is not known.", next_step=found.hint) from None
        raise UsageError(
            f"{': '.join(filter(None, (where, key, one_line(found.what))))}.", next_step=_EXAMPLE
        ) from None


def line_of(text: str, place: Place) -> int | None:
    """The 1-based line on which a key stands, or the nearest thing around it; None: there is no such line.

    ``tomllib`` tells none. Keys that are written in other ways (inline tables, dotted keys) are found by their table's line.
    """
    wanted = [str(part) for part in place if isinstance(part, str)]
    numbers = [part for part in place if isinstance(part, int)]
    table: list[str] = []
    seen: dict[str, int] = {}
    best: tuple[int, int] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        header, entry = _HEADER.match(line), _ENTRY.match(line)
        if header is not None:
            name = header["name"]
            table = [part.strip().strip('"') for part in name.split(".")]
            seen[name] = seen.get(name, -1) + 1
            if numbers and table == wanted[: len(table)] and seen[name] != numbers[0]:
                table = [*table, "\0"]  # another one of the list
            here = table
        elif entry is not None:
            here = [*table, *entry["name"].split(".")]
        else:
            continue
        depth = len(here)
        if here == wanted[:depth] and (best is None or depth > best[0]):
            best = (depth, number)
    return best[1] if best is not None else None


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror}.", next_step=f"Name an {FILE}.") from None
