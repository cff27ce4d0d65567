"""A checkout of somebody else's suite: its commit and its files, read as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lab_env.errors import LabError


@dataclass(frozen=True)
class Checkout:
    """:param commit: 40 hex digits."""

    root: Path
    commit: str

    def files(self, folder: str, pattern: str) -> Iterator[tuple[str, str]]:
        """Names below ``folder`` and texts, sorted.

        :raises LabError: there is none: it is another repository, or the suite has moved.
        """
        found = sorted((self.root / folder).rglob(pattern))
        if not found:
            raise LabError(
                f"In {self.root} there is no {folder}/{pattern}.",
                next_step="Name a checkout of the suite's repository; if the suite has moved, its reader here must follow.",
            )
        for path in found:
            yield path.relative_to(self.root / folder).as_posix(), path.read_text(encoding="utf-8")


def checkout(root: Path) -> Checkout:
    """The checkout at ``root``.

    :raises LabError: it has no ``.git`` that names a commit.
    """
    git = root / ".git"
    try:
        head = (git / "HEAD").read_text(encoding="utf-8").strip()
        if head.startswith("ref: "):
            head = _resolved(git, head.removeprefix("ref: "))
    except (OSError, KeyError) as error:
        raise LabError(
            f"{root} is no git checkout, so the page could not say which commit it is about.",
            next_step="Clone the suite's repository and name that folder.",
        ) from error
    return Checkout(root, head)


def _resolved(git: Path, reference: str) -> str:
    loose = git / reference
    if loose.is_file():
        return loose.read_text(encoding="utf-8").strip()
    lines = (git / "packed-refs").read_text(encoding="utf-8").splitlines()
    return {name: commit for commit, _, name in (line.partition(" ") for line in lines)}[reference]
