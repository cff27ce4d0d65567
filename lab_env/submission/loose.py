"""Read a submission that a bulk download left as loose files, without following a link.

When a student hands in again, Canvas numbers what has the same name, before the first of its suffixes: ``main.tf``, ``main-1.tf``;
``kms.prod.tf``, ``kms-1.prod.tf`` (Canvas LMS, ``Attachment.make_unique_filename``). Only the newest counts, and a
note says what was left out. A learner may have named two files like that on purpose, though: two ``.tf`` files are taken for
versions of one only when they declare the same block, which no valid module does, and two notebooks when they write the same
file.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence

from lab_env.errors import SubmissionError
from lab_env.submission.archives import is_archive, read_archive
from lab_env.submission.directory import read_bytes
from lab_env.submission.layouts import Handed, LooseFile
from lab_env.submission.limits import MAX_FILE_BYTES, Collector

_NUMBERED = re.compile(r"(?P<stem>.+)-\d+(?P<suffix>(?:\.[A-Za-z][A-Za-z0-9]*)*\.[A-Za-z0-9]+)", re.DOTALL)
_BLOCK = re.compile(
    rb'^[ \t]*((?:resource|data|ephemeral|variable|output|module|check)(?:[ \t]+"[^"\n]+")+)', re.MULTILINE
)
_CELL = re.compile(rb"%%hcl[ \t]+([^\s\"\\]+)")


def read_loose(handed: Handed) -> tuple[Collector, tuple[str, ...]]:
    """All files of one student under the limits, archives opened, and what there is to remark.

    :raises SubmissionError: past a limit, or a file that cannot be read.
    """
    collector = Collector()
    regular = []
    for file in handed.files:
        if stat.S_ISREG(_status(file).st_mode):
            regular.append(file)
        else:
            collector.add_link(file.name)
    kept, notes = _newest(regular)
    for name, file in kept:
        if is_archive(file.path):
            _unpack(file, collector)
        else:
            collector.add(name, _status(file).st_size, lambda limit, file=file: _read(file, limit))  # type: ignore[misc]
    return collector, notes


def _newest(files: Sequence[LooseFile]) -> tuple[list[tuple[str, LooseFile]], tuple[str, ...]]:
    """The files that count with the names to read them under, and a note on each that was handed in again."""
    taken = {file.name for file in files}
    groups: dict[str, list[LooseFile]] = {}
    for file in files:
        groups.setdefault(_unnumbered(file.name), []).append(file)
    kept: list[tuple[str, LooseFile]] = []
    notes = []
    for name, group in groups.items():
        last = max(group, key=lambda file: file.number)
        older = [file for file in group if file is not last and _is_version(file, last, name, taken)]
        notes += [f"{file.path.name} was left out: {last.path.name} was handed in later." for file in older]
        left = [file for file in group if file not in older]
        free = name not in taken or any(file.name == name for file in group)
        kept += [(name if len(left) == 1 and free else file.name, file) for file in left]
    return kept, tuple(notes)


def _is_version(older: LooseFile, newer: LooseFile, name: str, taken: set[str]) -> bool:
    if older.name == newer.name:
        return True
    if name.endswith((".tf", ".ipynb")):
        return not _declared(older).isdisjoint(_declared(newer))
    # Canvas numbers from the second time on: without the first there is nothing that was handed in again.
    return name in taken


def _declared(file: LooseFile) -> frozenset[bytes]:
    data = _read(file, MAX_FILE_BYTES)
    if file.name.endswith(".ipynb"):
        return frozenset(_CELL.findall(data))
    return frozenset(b" ".join(header.split()) for header in _BLOCK.findall(data))


def _unnumbered(name: str) -> str:
    match = _NUMBERED.fullmatch(name)
    return f"{match['stem']}{match['suffix']}" if match else name


def _unpack(file: LooseFile, collector: Collector) -> None:
    inside = read_archive(file.path)
    for path, data in inside.files.items():
        collector.add(path, len(data), lambda limit, data=data: data[:limit])  # type: ignore[misc]
    for path, size in inside.unread.items():
        collector.pass_over(path, size)
    for path, why in inside.oversized.items():
        collector.leave_out(path, why)
    for link in inside.links:
        collector.add_link(link)


def _read(file: LooseFile, limit: int) -> bytes:
    return read_bytes(file.path, limit, shown=file.name)


def _status(file: LooseFile) -> os.stat_result:
    try:
        return file.path.lstat()
    except OSError as error:
        raise SubmissionError(
            f"{file.name} cannot be read ({error.strerror}).", next_step="Check its permissions.", path=file.name
        ) from None
