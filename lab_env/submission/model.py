"""The value types of a submission."""

from __future__ import annotations

import hashlib
import posixpath
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

MODULE_DIR = "modules/secrets"


@dataclass(frozen=True)
class CellSpan:
    """Lines of a file that came from one notebook cell.

    :param cell: 0-based index of the cell in its notebook.
    :param line: first line in the file (1-based); ``end_line`` is the last one, inclusive.
    :param notebook: the notebook's path in the submission.
    """

    cell: int
    line: int
    end_line: int
    notebook: str


@dataclass(frozen=True)
class SourceFile:
    """One file of a submission.

    :param path: relative to the submission, with forward slashes.
    :param data: its bytes, at most 1 MiB.
    :param cells: which notebook cell each line came from, in the order of the lines; empty for a file that was a file.
    """

    path: str
    data: bytes
    cells: tuple[CellSpan, ...] = ()

    @cached_property
    def text(self) -> str:
        """The text, without a byte order mark; bytes that are not UTF-8 become U+FFFD (never in a ``.tf`` file)."""
        return self.data.decode("utf-8-sig", errors="replace")

    def cell_at(self, line: int) -> int | None:
        """The notebook cell that holds this line, when the file came from a notebook."""
        index = bisect_right(self.cells, line, key=lambda span: span.line) - 1
        return self.cells[index].cell if index >= 0 and line <= self.cells[index].end_line else None


@dataclass(frozen=True)
class Submission:
    """Everything that was read, in path order.

    :param id: the directory's or file's name, or the student's in a class.
    :param digest: ``sha256:`` and 64 hexadecimal digits over path and bytes of everything read.
    :param files: the ``.tf`` files: what Terraform may see.
    :param ignored: every other file that was read; never copied, only scanned for leaks.
    :param links: paths of links and special files; they are never opened, and the gate refuses them.
    :param module_dir: directory of the module under test: ``modules/secrets`` or ``.``.
    :param notes: remarks for the reader that cost nothing.
    """

    id: str
    digest: str
    files: tuple[SourceFile, ...]
    module_dir: str
    ignored: tuple[SourceFile, ...] = ()
    links: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def file(self, path: str) -> SourceFile | None:
        """The ``.tf`` file of this path."""
        return self._by_path.get(path)

    def files_in(self, directory: str) -> tuple[SourceFile, ...]:
        """The ``.tf`` files directly in a directory (``.`` is the submission itself)."""
        return tuple(f for f in self.files if (posixpath.dirname(f.path) or ".") == directory)

    @cached_property
    def _by_path(self) -> dict[str, SourceFile]:
        return {f.path: f for f in self.files}


@dataclass(frozen=True)
class SubmissionRef:
    """A submission that was found and not read yet."""

    id: str
    path: Path


def digest(files: Iterable[SourceFile], links: Iterable[str]) -> str:
    """Digest of a submission; each field is preceded by its length, so that no two submissions share one by chance."""
    total = hashlib.sha256()
    for file in sorted(files, key=lambda f: f.path):
        for field in (file.path.encode(), file.data):
            total.update(len(field).to_bytes(8, "big"))
            total.update(field)
    for link in sorted(links):
        total.update(b"\xff" * 8 + link.encode())
    return f"sha256:{total.hexdigest()}"
