"""The learner's working copy: its directory, and what the lab remembers about it in ``.lab/``."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from lab_env.errors import LabError, UsageError
from lab_env.lesson import STANDARD, Lesson

if TYPE_CHECKING:
    from graders.model import SubmissionResult

MEMORY = ".lab"
_FILE = "progress.json"
_SCHEMA = 1
FILES: Mapping[str, Sequence[str]] = {
    "module": ("variables", "outputs"),
    "kms": ("kms",),
    "secret": ("secret",),
    "rotation": ("secret",),
    "ecs": ("ecs",),
    "iam": ("iam",),
    "runtime": ("ecs", "iam"),
}
"""The starter's files (without ``.tf``) that each step is worked out in."""


@dataclass(frozen=True)
class Verdict:
    """The last verdict on one requirement, and the digest of the files it was about."""

    status: str
    digest: str


@dataclass(frozen=True)
class Progress:
    """Where the learner left off.

    :param checked: when the last check was, UTC; empty when there was none.
    :param depth: how far it went.
    :param digest: of the files it looked at.
    :param verdicts: by requirement id; one that the last check did not run keeps its older verdict.
    :param hints: by requirement id, the highest level shown: 1 to 3.
    :param next_step: what the last check said to do next; empty when nothing failed.
    """

    checked: str = ""
    depth: str = ""
    digest: str = ""
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    hints: Mapping[str, int] = field(default_factory=dict)
    next_step: str = ""

    def after(self, submission: SubmissionResult, *, depth: str, checked: str, next_step: str | None) -> Progress:
        """Add the verdicts of a check."""
        fresh = {
            row.id: Verdict(row.status.value, submission.digest)
            for row in submission.requirements
            if row.status.value != "not_run"
        }
        return replace(
            self,
            checked=checked,
            depth=depth,
            digest=submission.digest,
            verdicts={**self.verdicts, **fresh},
            next_step=next_step or "",
        )

    def with_hint(self, id_: str, level: int) -> Progress:
        """Add a hint shown."""
        return replace(self, hints={**self.hints, id_: max(level, self.hints.get(id_, 0))})

    def without(self, step: str | None) -> Progress:
        """Forget the verdicts of a step (or all of them); hints stay shown."""
        kept = {} if step is None else {i: v for i, v in self.verdicts.items() if i.partition(".")[0] != step}
        return replace(self, verdicts=kept, next_step="", digest="")


def find(directory: Path | None) -> Path:
    """Find the working copy's directory.

    :raises UsageError: it is not there.
    """
    found = (directory or Path.cwd()).expanduser()
    if not found.is_dir():
        raise UsageError(
            f"{found} is not a directory." if found.exists() else f"{found} does not exist.",
            next_step="Name the directory of your working copy with --dir or LAB_WORKSPACE.",
        )
    return found.resolve()


def load_progress(directory: Path) -> Progress:
    """Read what is remembered; nothing when there is no file, or one that somebody broke (the next check writes it again)."""
    try:
        document = json.loads((directory / MEMORY / _FILE).read_text(encoding="utf-8"))
        return _progress(document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Progress()


def save_progress(directory: Path, progress: Progress) -> None:
    """Remember ``progress``, whole or not at all."""
    from lab_env.files import write_output

    document = {
        "schema": _SCHEMA,
        "checked": progress.checked,
        "depth": progress.depth,
        "digest": progress.digest,
        "next_step": progress.next_step,
        "verdicts": {i: {"status": v.status, "digest": v.digest} for i, v in sorted(progress.verdicts.items())},
        "hints": dict(sorted(progress.hints.items())),
    }
    write_output(memory(directory) / _FILE, json.dumps(document, indent=2) + "\n")


def memory(directory: Path) -> Path:
    """Find the directory where the lab remembers things, made if need be.

    :raises UsageError: it cannot be made.
    """
    path = directory / MEMORY
    try:
        path.mkdir(exist_ok=True)
        ignore = path / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"Cannot write to {directory}: {error.strerror}.", next_step="Work in a directory that you may write to."
        ) from error
    return path


def starter(step: str | None, lesson: Lesson = STANDARD) -> dict[str, bytes]:
    """Read the starter's files by path: of one step, or all.

    :param lesson: what they ask for.
    """
    from solutions.corpus import load_corpus
    from solutions.wording import in_words_of

    read = load_corpus()["starter"].files
    files = {path: in_words_of(data.decode(), lesson).encode() for path, data in read.items()}
    if step is None:
        return files
    return {path: data for path, data in files.items() if PurePosixPath(path).stem in FILES.get(step, ())}


def back_up(root: Path, paths: Sequence[Path], *, base: Path | None = None) -> Path:
    """Copy ``paths`` to a new folder under ``.lab/backups``; give the folder.

    :param base: what their paths there are relative to; ``root`` when left out.
    :raises LabError: a copy is not what the original is; nothing may be removed then.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = memory(root) / "backups" / stamp
    number = 1
    while folder.exists():
        number += 1
        folder = folder.with_name(f"{stamp}-{number}")
    for path in paths:
        copy = folder / path.relative_to(base or root)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
        if copy.read_bytes() != path.read_bytes():
            raise LabError(
                f"The backup of {path} is not complete.", next_step="Free some disk space; nothing was changed."
            )
    return folder


def terraform_files(root: Path) -> list[Path]:
    """List the learner's Terraform files: beside the working copy's root and below ``modules/``; links are not followed."""
    return sorted([*_below(root, deep=False), *_below(root / "modules", deep=True)])


def _below(directory: Path, *, deep: bool) -> Iterator[Path]:
    for folder, folders, names in os.walk(directory):
        folders[:] = [name for name in sorted(folders) if not name.startswith(".")] if deep else []
        for name in names:
            path = Path(folder, name)
            if path.suffix == ".tf" and path.is_file() and not path.is_symlink():
                yield path


def write(path: Path, content: bytes) -> None:
    """Write a file of the working copy, whole or not at all, with the directories above it.

    :raises UsageError: it cannot be written.
    """
    from lab_env.files import write_output

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"Cannot make {path.parent}: {error.strerror}.", next_step="Move what is in the way."
        ) from error
    write_output(path, content.decode("utf-8"))


def _progress(document: Mapping[str, Any]) -> Progress:
    if document["schema"] != _SCHEMA:
        return Progress()
    return Progress(
        checked=str(document["checked"]),
        depth=str(document["depth"]),
        digest=str(document["digest"]),
        verdicts={str(i): Verdict(str(v["status"]), str(v["digest"])) for i, v in document["verdicts"].items()},
        hints={str(i): min(3, max(0, int(level))) for i, level in document["hints"].items()},
        next_step=str(document["next_step"]),
    )
