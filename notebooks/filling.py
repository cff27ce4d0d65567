"""A learner's own values in the notebooks that the whole class got: put there on the learner's machine, when the lab starts."""

from __future__ import annotations

from pathlib import Path

from lab_env.lesson import Lesson, fill, marks
from lab_env.text import well_formed

_MOST_BYTES = 64 << 20


def fill_notebooks(directory: Path, lesson: Lesson) -> tuple[str, ...]:
    """Put values in the places of the marks in all notebooks of a directory; what has none is not touched.

    :return: the names of the notebooks that were written again.
    :raises UsageError: one cannot be written.
    """
    return tuple(path.name for path in sorted(directory.glob("*.ipynb")) if _fill(path, lesson))


def _fill(path: Path, lesson: Lesson) -> bool:
    if not marks(_text(path)):
        return False
    import nbformat
    from nbgrader.utils import compute_checksum

    from lab_env.files import write_output

    try:
        document = nbformat.read(path, as_version=nbformat.current_nbformat)
    except Exception:  # the learner's own file, in whatever state it is: JupyterLab says what is wrong with it
        return False
    for cell in document.cells:
        filled = fill(cell.source, lesson)
        if filled == cell.source:
            continue
        cell.source = filled
        ours = cell.metadata.get("nbgrader", {})
        if "checksum" in ours:
            # Otherwise nbgrader would tell that a locked cell was changed.
            ours["checksum"] = compute_checksum(cell)
    write_output(path, well_formed(nbformat.writes(document)).rstrip("\n") + "\n")
    return True


def _text(path: Path) -> str:
    """A notebook's text; none where it is a link, too large or unreadable: then it is none of ours."""
    try:
        if path.is_symlink() or path.stat().st_size > _MOST_BYTES:
            return ""
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
