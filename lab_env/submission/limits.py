"""The limits of a submission, and the one place that enforces them while a submission is being read."""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Callable, Iterable

from lab_env.errors import SubmissionError
from lab_env.submission.names import ignored_by_terraform, systems_own

MAX_FILES = 200
"""That Terraform would read; of others as many are read, and the rest is passed over."""
MAX_FILE_BYTES = 1 << 20
"""Of one that Terraform would read; a larger one of the others is passed over."""
MAX_NOTEBOOK_BYTES = 8 << 20
"""Of a notebook: its outputs and pictures are passed over, so only what a cell writes has to be small."""
MAX_NOTEBOOKS_BYTES = 64 << 20
"""Of all notebooks of a submission together."""
MAX_ENTRIES = 5_000
"""Files of all kinds, in an archive or a directory."""
# Caches that Terraform writes: read for the leak scan, but a learner's working copy with a 700 MB provider in it must
# not be refused for that, so they are read up to a bound and silently cut there.
MAX_CACHE_FILES = 50
MAX_CACHE_BYTES = 4 << 20
CACHE_DIRS = frozenset({".terraform"})
# Written by tools, never by the learner for Terraform; a checkpoint of a notebook would collide with the notebook.
SKIPPED_DIRS = frozenset(
    {
        ".git",
        ".hg",
        ".lab",
        ".svn",
        ".ipynb_checkpoints",
        "__pycache__",
        "__MACOSX",
        ".venv",
        ".mypy_cache",
        ".idea",
        ".vscode",
    }
)
TIMESTAMP = "timestamp.txt"
SECRET = "submission_secret.txt"  # noqa: S105 - a file's name
NBGRADERS_FILES = frozenset({TIMESTAMP, SECRET})
"""What nbgrader puts beside every submission: none of the learner's, and other ones whenever the same is handed in again."""

MAX_NAME_BYTES = 200
"""Of a file's name: with what we add to it while it is written, every file system takes it (the usual limit is 255)."""
_SHOWN = 120
"""Characters of a path that a message quotes."""

Reader = Callable[[int], bytes]
"""Reads at most this many bytes of one file."""


def size_text(count: int) -> str:
    """A byte count as people say it."""
    return f"{count / (1 << 20):.1f} MiB" if count >= 1 << 20 else f"{count} bytes"


def skipped(path: str) -> bool:
    """Whether nothing of this path is read."""
    parts = path.split("/")
    return path in NBGRADERS_FILES or systems_own(parts[-1]) or not SKIPPED_DIRS.isdisjoint(parts[:-1])


def unseen(path: str) -> bool:
    """Whether Terraform passes over a file because of its name: an editor's or a system's, such as ``._kms.tf``."""
    return ignored_by_terraform(path.rpartition("/")[2])


def cached(path: str) -> bool:
    """Whether the path lies in a cache that Terraform writes."""
    return not CACHE_DIRS.isdisjoint(path.split("/")[:-1])


def is_notebook(path: str) -> bool:
    """Whether a file's cells are read for the files that they write."""
    return path.endswith(".ipynb") and not cached(path) and not unseen(path)


_CLEAR = "Clear its outputs (Edit, Clear Outputs of All Cells), save it and hand it in again."


def too_large(path: str, size: int) -> SubmissionError:
    """Why a notebook of this many bytes is not read."""
    return SubmissionError(
        f"{path} is larger than {size_text(MAX_NOTEBOOK_BYTES)} ({size_text(size)}).", next_step=_CLEAR, path=path
    )


def clean_path(path: str, *, where: str) -> str:
    """Normalise a relative path and refuse one that is not plainly inside.

    :param where: the words that name its origin, such as ``the archive``.
    """
    shown = "".join(c if c.isprintable() else "?" for c in path[:_SHOWN])
    shown += "…" if len(path) > _SHOWN else ""
    try:
        path.encode()
    except UnicodeEncodeError:
        raise SubmissionError(
            f'A file name in {where} is not UTF-8 ("{shown}").', next_step="Rename the file and hand in again."
        ) from None
    bad = (
        not path
        or path.startswith("/")
        or "\\" in path
        or ".." in path.split("/")
        or path[1:2] == ":"
        or any(unicodedata.category(c).startswith("C") for c in path)
        or len(path.encode()) > 512
        or any(len(part.encode()) > MAX_NAME_BYTES for part in path.split("/"))
    )
    normal = posixpath.normpath(path) if path else "."
    if bad or normal == ".":
        raise SubmissionError(
            f'The path "{shown}" in {where} does not stay inside the submission, or is no plain file name.',
            next_step="Use relative paths with forward slashes and no '..'.",
            path=shown,
        )
    return normal


class Collector:
    """Gathers a submission's files under the limits.

    :ivar oversized: notebooks that are too large to be read, and why: one of them stops no other file.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.links: set[str] = set()
        self.oversized: dict[str, SubmissionError] = {}
        self.unread: dict[str, int] = {}
        self._cache_files = 0
        self._cache_bytes = 0
        self._entries = 0
        self._terraforms = 0
        self._others = 0
        self._notebook_bytes = 0

    def add(self, path: str, size: int, read: Reader) -> None:
        """Read one file, or pass it over when it is a tool's, or too large and nothing that Terraform reads.

        :raises SubmissionError: past a limit, or the path is no plain one inside.
        """
        if skipped(path):
            return
        path = clean_path(path, where="the submission")
        if cached(path):
            self._add_cached(path, size, read)
            return
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            raise SubmissionError(
                f"There are more than {MAX_ENTRIES} files.",
                next_step="Hand in the module's files only, without caches and generated files.",
            )
        if unseen(path):
            self._add_other(path, size, read)
        elif path.endswith((".tf", ".tf.json")):
            self._add_terraforms(path, size, read)
        elif is_notebook(path):
            self._add_notebook(path, size, read)
        else:
            self._add_other(path, size, read)

    def _add_terraforms(self, path: str, size: int, read: Reader) -> None:
        self._terraforms += 1
        if self._terraforms > MAX_FILES:
            raise SubmissionError(
                f"There are more than {MAX_FILES} files that Terraform would read.",
                next_step="Hand in the module's files only, without caches and generated files.",
            )
        data = read(MAX_FILE_BYTES + 1) if size <= MAX_FILE_BYTES else b""
        if size > MAX_FILE_BYTES or len(data) > MAX_FILE_BYTES:
            raise file_too_large(path, max(size, len(data)))
        self._put(path, data)

    def _add_other(self, path: str, size: int, read: Reader) -> None:
        """What Terraform reads only where the module names it: a text, a picture, a document."""
        data = b""
        if fits := self._others < MAX_FILES and size <= MAX_FILE_BYTES:
            self._others += 1  # also where an archive's entry is larger than it says
            data = read(MAX_FILE_BYTES + 1)
            fits = len(data) <= MAX_FILE_BYTES
        if not fits:
            self.pass_over(path, max(size, len(data)))
            return
        self._put(path, data)

    def _add_notebook(self, path: str, size: int, read: Reader) -> None:
        left = MAX_NOTEBOOKS_BYTES - self._notebook_bytes
        limit = min(MAX_NOTEBOOK_BYTES, left)
        data = read(limit + 1) if size <= limit else b""
        if max(size, len(data)) > MAX_NOTEBOOK_BYTES:
            self.leave_out(path, too_large(path, max(size, len(data))))
        elif max(size, len(data)) > limit:
            said = f"{path} is not read: the notebooks are larger than {size_text(MAX_NOTEBOOKS_BYTES)} together."
            self.leave_out(path, SubmissionError(said, next_step=_CLEAR, path=path))
        else:
            self._notebook_bytes += len(data)
            self._put(path, data)

    def add_link(self, path: str) -> None:
        """Note a link or special file without opening it; one that Terraform passes over (Emacs's lock ``.#kms.tf``) is none.

        :raises SubmissionError: the path is no plain one inside.
        """
        if skipped(path):
            return
        path = clean_path(path, where="the submission")
        if not cached(path) and not unseen(path):
            self.links.add(path)

    def leave_out(self, path: str, why: SubmissionError) -> None:
        """Note a notebook that is too large to be read.

        :raises SubmissionError: there is one of this path.
        """
        self._require_new(path)
        self.oversized[path] = why

    def pass_over(self, path: str, size: int) -> None:
        """Note a file that is not read.

        :raises SubmissionError: there is one of this path.
        """
        self._require_new(path)
        self.unread[path] = size

    def _add_cached(self, path: str, size: int, read: Reader) -> None:
        full = self._cache_files >= MAX_CACHE_FILES or self._cache_bytes + size > MAX_CACHE_BYTES
        if full or size > MAX_FILE_BYTES or "/providers/" in f"/{path}":
            return
        self._cache_files += 1
        self._cache_bytes += size
        self._put(path, read(MAX_FILE_BYTES))

    def _put(self, path: str, data: bytes) -> None:
        self._require_new(path)
        self.files[path] = data

    def _require_new(self, path: str) -> None:
        if path in self.files or path in self.unread or path in self.oversized:
            raise SubmissionError(
                f"The path {path} occurs twice, so it is not clear which one counts.",
                next_step="Pack the submission again.",
                path=path,
            )


def not_utf_8(path: str, line: int) -> SubmissionError:
    """Why a ``.tf`` file is not read; Terraform reads UTF-8 only."""
    return SubmissionError(
        f"{path} is not UTF-8 text (line {line}).", next_step="Save the file as UTF-8.", path=path, line=line
    )


def file_too_large(path: str, size: int) -> SubmissionError:
    """Why a file that Terraform would read is not."""
    return SubmissionError(
        f"{path} is larger than 1 MiB ({size_text(size)}).",
        next_step="Take the file out; a module's own files are a few kilobytes.",
        path=path,
    )


def check_tree(paths: Iterable[str]) -> None:
    """Refuse paths that cannot all be files of one directory.

    :raises SubmissionError: one of them is a directory of another.
    """
    files = set(paths)
    for path in sorted(files):
        above = path.rpartition("/")[0]
        while above:
            if above in files:
                raise SubmissionError(
                    f"{above} is a file, and {path} lies in it.", next_step="Give one of them another name.", path=path
                )
            above = above.rpartition("/")[0]
