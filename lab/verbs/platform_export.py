"""``lab export`` for platforms that run graders: one submission's own result file, or a directory with one for each."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from lab.guard import say
from lab_env.errors import UsageError

if TYPE_CHECKING:
    from graders.model import Results


class Visibility(StrEnum):
    """Gradescope's words, without the time that importing its module takes."""

    VISIBLE = "visible"
    HIDDEN = "hidden"
    AFTER_DUE_DATE = "after_due_date"
    AFTER_PUBLISHED = "after_published"


def export(platform: str, results: Results, id_: str | None, visibility: Visibility | None, out: Path | None) -> None:
    """Write it to standard output, a file or a directory.

    :param platform: the format's name on the command line.
    :param id_: of a class this submission alone.
    :raises LabError: a submission has no score, so there is no file.
    """
    from graders.report.platforms import files, gradescope
    from lab_env.files import PRIVATE, write_output
    from lab_env.text import counted

    if visibility is not None and platform != files.Platform.GRADESCOPE:
        raise UsageError("--visibility is Gradescope's.", next_step="Leave it out.")
    wanted = files.Wanted(files.Platform(platform), gradescope.Visibility(visibility or Visibility.VISIBLE), os.environ)
    submissions = files.chosen(results, id_)
    if out is not None and (out.is_dir() or len(submissions) > 1):
        written = files.write_files(wanted, results, submissions, out)
        say(f"Written: {counted(len(written), 'file')} in {out}")
        return
    text = wanted.text(results, files.one_of(submissions, results))
    if out is None:
        # Bytes: the terminal's encoding must not change somebody's name.
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
    else:
        write_output(out, text, mode=PRIVATE)
        say(f"Written: {out}")
