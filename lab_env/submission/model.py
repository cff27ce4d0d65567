"""The value types of a submission."""

from __future__ import annotations

import hashlib
import os
import posixpath
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

from lab_env.errors import SubmissionError
from lab_env.submission.limits import cached
from lab_env.submission.names import MODULE_DIR as MODULE_DIR

TEXT_SUFFIXES = (".tftpl", ".tpl", ".tmpl", ".json", ".yaml", ".yml", ".txt")
"""What files are usually called that a module reads with ``file`` and ``templatefile``."""
# What Terraform loads by its name or keeps for itself. Beside the module's own files none of them is handed on.
_TERRAFORMS = (".tf", ".tf.json", ".tfvars", ".tfvars.json", ".tfstate", ".tfstate.backup", ".tfplan", ".hcl", ".tofu")


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
    :param data: its bytes, at most 1 MiB, but for a notebook's.
    :param cells: which notebook cell each line came from, in the order of the lines; empty for a file that was a file.
    """

    path: str
    data: bytes
    cells: tuple[CellSpan, ...] = ()

    @cached_property
    def text(self) -> str:
        """The text, without a byte order mark; bytes that are not UTF-8 become U+FFFD (in a ``.tf`` file of a module: in comments
        alone, or the gate refuses it)."""
        return self.data.decode("utf-8-sig", errors="replace")

    @cached_property
    def is_utf_8(self) -> bool:
        """Whether the bytes are UTF-8 from the first to the last."""
        try:
            self.data.decode()
        except UnicodeDecodeError:
            return False
        return True

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
    :param ignored: every other file that was read, scanned for leaks; of them only those are copied which the module reads by a
        path that is written out (``file``, ``templatefile``).
    :param links: paths of links and special files; they are never opened, and the gate refuses them.
    :param module_dir: directory of the module under test: ``modules/secrets`` or ``.``, or where alone there are ``.tf`` files.
    :param notes: remarks for the reader that cost nothing.
    :param unread: path and size of each file that Terraform does not read and we did not either: too large, or one too many.
    """

    id: str
    digest: str
    files: tuple[SourceFile, ...]
    module_dir: str
    ignored: tuple[SourceFile, ...] = ()
    links: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unread: tuple[tuple[str, int], ...] = ()

    def file(self, path: str) -> SourceFile | None:
        """The ``.tf`` file of this path."""
        return self._by_path.get(path)

    def any_file(self, path: str) -> SourceFile | None:
        """Whatever was read at this path, a ``.tf`` file or not."""
        return self._by_path.get(path) or self._ignored_by_path.get(path)

    def readable(self, path: str) -> str | None:
        """The text that ``file`` and ``templatefile`` find at a path, a byte order mark included.

        :return: None when there is no such file, it is no UTF-8 text, or Terraform gets it in other words or for itself.
        """
        own = self._by_path.get(path)
        if own is not None:
            # In the workspace's copy the terraform blocks are blank, and comments are UTF-8.
            return None if b"terraform" in own.data or not own.is_utf_8 else own.data.decode()
        file = self._ignored_by_path.get(path)
        if file is None or is_terraforms(path) or path.endswith(".ipynb") or b"\0" in file.data:
            return None
        try:
            return file.data.decode()
        except UnicodeDecodeError:
            return None

    def files_in(self, directory: str) -> tuple[SourceFile, ...]:
        """The ``.tf`` files directly in a directory (``.`` is the submission itself)."""
        return tuple(f for f in self.files if (posixpath.dirname(f.path) or ".") == directory)

    @cached_property
    def _by_path(self) -> dict[str, SourceFile]:
        return {f.path: f for f in self.files}

    @cached_property
    def _ignored_by_path(self) -> dict[str, SourceFile]:
        return {f.path: f for f in self.ignored}


@dataclass(frozen=True)
class SubmissionRef:
    """A submission that was found and not read yet.

    :param id: text, whatever bytes the name on the disk is made of (:func:`shown_name`).
    :param path: where it is; a link when that is what was handed in, and then it is refused when it is read.
    """

    id: str
    path: Path


def is_terraforms(path: str) -> bool:
    """Whether Terraform itself would read or write a file of this name."""
    return path.endswith(_TERRAFORMS) or cached(path)


def shown_name(name: str) -> str:
    """A file's name as text: bytes that are not UTF-8 become ``\\xNN``, so that no report and no JSON stumbles over them."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def is_a_link(path: Path) -> SubmissionError:
    """Why what was handed in is not read."""
    name = shown_name(path.name)
    return SubmissionError(
        f"{name} is a link, and links are never followed.", next_step="Hand in the files themselves.", path=name
    )


def digest(files: Iterable[SourceFile], links: Iterable[str], unread: Mapping[str, int] = MappingProxyType({})) -> str:
    """Digest of a submission; each field is preceded by its length, so that no two submissions share one by chance.

    :param unread: of what was not read, path and size.
    """
    total = hashlib.sha256()
    for file in sorted(files, key=lambda f: f.path):
        for field in (file.path.encode(), file.data):
            total.update(len(field).to_bytes(8, "big"))
            total.update(field)
    for link in sorted(links):
        total.update(b"\xff" * 8 + link.encode())
    for path, size in sorted(unread.items()):
        total.update(b"\xfe" * 8 + len(path.encode()).to_bytes(8, "big") + path.encode() + size.to_bytes(8, "big"))
    return f"sha256:{total.hexdigest()}"
