"""Where the module under test is in a submission, and what to say where there is none."""

from __future__ import annotations

import posixpath
from collections.abc import Collection

from lab_env.errors import SubmissionError
from lab_env.submission.names import MODULE_DIR, instead, is_module_like
from lab_env.text import listed

_NAMED = 3


def module_place(paths: Collection[str], terraforms: Collection[str]) -> tuple[str, str | None]:
    """The directory of the module under test, and a remark where it is not where the lesson has it.

    :param paths: of all files that were read.
    :param terraforms: of the ``.tf`` files.
    """
    if any(path.startswith(f"{MODULE_DIR}/") for path in paths):
        return MODULE_DIR, None
    directories = sorted({posixpath.dirname(path) or "." for path in terraforms})
    nearly = [directory for directory in directories if is_module_like(directory)]
    if "." in directories:
        taken = "is taken for a part of the module around it: what shall be graded by itself lies in"
        return ".", f"{nearly[0]}/ {taken} {MODULE_DIR}/." if nearly else None
    found = nearly if len(nearly) == 1 else directories
    if len(found) != 1:
        return ".", None
    return found[0], f"The module was found in {found[0]}/; the lesson has it in {MODULE_DIR}/."


def no_module(directory: str, paths: Collection[str], terraforms: Collection[str]) -> SubmissionError:
    """Why there is no module, from what there is instead."""
    where = "the submission" if directory == "." else f"{directory}/"
    elsewhere = sorted({posixpath.dirname(path) or "the submission's own directory" for path in terraforms})
    if elsewhere:
        more = [f"{len(elsewhere) - _NAMED} more directories"] if len(elsewhere) > _NAMED else []
        where = "the submission's own directory" if directory == "." else where
        return SubmissionError(
            f"There is no .tf file in {where}, and there are some in {listed([*elsewhere[:_NAMED], *more])}.",
            next_step=f"Put the module's files into {MODULE_DIR}/.",
        )
    told = instead(path for path in paths if directory == "." or path.startswith(f"{directory}/"))
    said, next_step = told or ("", f"Put the module's files into {MODULE_DIR}/.")
    return SubmissionError(f"There is no .tf file in {where}.{' ' if said else ''}{said}", next_step=next_step)
