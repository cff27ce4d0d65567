"""``lab reset``: the starter's files again, in a fresh account; what was there is backed up first."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Annotated

import typer

from lab import options
from lab_env.errors import LabError, UsageError

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


def reset(
    step: Annotated[str | None, typer.Argument(metavar="STEP", help="Only this step's files, such as kms.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    directory: options.Directory = None,
) -> None:
    """Put the starter's files back; yours are backed up."""
    from lab import rubric, screen, working_copy
    from lab.deployment import commands as deployment

    root = working_copy.find(directory)
    if step is not None:
        rubric.checked_steps([step])
    fresh = starter(step)
    replaced = _mine(root) if step is None else [root / path for path in fresh if (root / path).is_file()]
    if replaced and not yes:
        _ask(root, replaced)
    console = screen.output()
    if replaced:
        console.print(f"Backed up: {back_up(root, replaced)}", soft_wrap=True)
        for path in replaced:
            path.unlink()
    for name, content in fresh.items():
        _write(root / name, content)
        console.print(f"Written: {name}", soft_wrap=True)
    deployment.forget(root)
    known = working_copy.load_progress(root)
    if known.checked:
        working_copy.save_progress(root, known.without(step))
    console.print("The next deployment gets a fresh account.", soft_wrap=True)
    # The lesson begins with the key, whatever comes first in the alphabet.
    first = next((path for path in fresh if path.endswith("/kms.tf")), next(iter(fresh)))
    console.print(f"Next: open {first}, then lab check{f' {step}' if step else ''}", soft_wrap=True)


def starter(step: str | None) -> dict[str, bytes]:
    """The starter's files by path: of one step, or all."""
    from solutions.corpus import load_corpus

    files = load_corpus()["starter"].files
    if step is None:
        return dict(files)
    return {path: data for path, data in files.items() if PurePosixPath(path).stem in FILES[step]}


def back_up(root: Path, paths: Sequence[Path], *, base: Path | None = None) -> Path:
    """Copies ``paths`` to a new folder under ``.lab/backups`` and returns it.

    :param base: what their paths there are relative to; ``root`` when left out.
    :raises LabError: a copy is not what the original is; nothing may be removed then.
    """
    from lab import working_copy

    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = working_copy.memory(root) / "backups" / stamp
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


def _mine(root: Path) -> list[Path]:
    """The learner's Terraform files: beside the working copy's root and below ``modules/``; links are not followed."""
    return sorted([*_terraform_files(root, deep=False), *_terraform_files(root / "modules", deep=True)])


def _terraform_files(directory: Path, *, deep: bool) -> Iterator[Path]:
    for folder, folders, names in os.walk(directory):
        folders[:] = [name for name in sorted(folders) if not name.startswith(".")] if deep else []
        for name in names:
            path = Path(folder, name)
            if path.suffix == ".tf" and path.is_file() and not path.is_symlink():
                yield path


def _ask(root: Path, replaced: Sequence[Path]) -> None:
    from graders.report.text import counted, one_line

    shown = ", ".join(one_line(str(path.relative_to(root))) for path in replaced[:8])
    more = f" and {len(replaced) - 8} more" if len(replaced) > 8 else ""
    question = f"Replace {counted(len(replaced), 'file')} in {one_line(str(root))} ({shown}{more})? They are backed up."
    if not sys.stdin.isatty():
        raise UsageError(f"{question} There is nobody to ask.", next_step="Say --yes.")
    if not typer.confirm(question):
        raise typer.Exit(0)


def _write(path: Path, content: bytes) -> None:
    from graders.report.files import write_atomically

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"Cannot make {path.parent}: {error.strerror}.", next_step="Move what is in the way."
        ) from error
    write_atomically(path, content.decode("utf-8"))
