"""Learners' pages as the archives in which Canvas and Moodle take feedback back, and as a list of who gets which page.

Canvas ("Submissions re-upload") knows a learner by the numbers in a file's name, the user's and the upload's, and takes a file
only where that upload is in the learner's submission (Canvas LMS, ``infer_comment_context_from_filename``); so the names begin as
those of its own download do. It shows every file under the upload's name, whatever it is now: a page for a learner who handed in
``lab.zip`` is packed into a .zip of that very name, so that it opens; of the others each page goes to the upload that it is about.

Moodle ("Upload multiple feedback files in a zip") knows a learner by the number in
``<full name>_<number>_assignsubmission_file_/`` and keeps the file's own name (Moodle,
``mod/assign/feedback/file/importziplib.php``).
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from graders.model import Points
from graders.report.csv_report import safe_cell
from graders.report.feedback_pages import file_names
from lab_env.errors import UsageError
from lab_env.submission.layouts import canvas_file
from lab_env.text import listed, one_line

MAX_PAGE_BYTES = 32 << 20
_ALONE = "feedback.html"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same pages give the same archive
_PARTICIPANT = re.compile(r"(?P<name>[^_]+)_(?P<number>\d+)", re.DOTALL)
_NUMBERED = re.compile(r"-\d+$")


@dataclass(frozen=True)
class Receiver:
    """Who gets pages.

    :param id: the submission's.
    :param pages: the files, the one to begin with first.
    :param lms_id: what the platform's download called them: Canvas's ``<name>_<user>``, Moodle's ``<full name>_<number>``.
    :param files: Canvas's own names of what they handed in.
    """

    id: str
    pages: tuple[Path, ...]
    lms_id: str = ""
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Packed:
    """An archive. :param told: who is not in it and why, a sentence each."""

    data: bytes
    told: tuple[str, ...]


def pages_in(directory: Path, ids: Sequence[str]) -> dict[str, tuple[Path, ...]]:
    """Everybody's pages: those that `lab grade --feedback` writes, or a directory a learner as nbgrader has them.

    :return: by id; nobody without a page.
    :raises UsageError: somebody's are of several assignments.
    """
    found: dict[str, tuple[Path, ...]] = {}
    for id_, name in zip(ids, file_names(ids), strict=True):
        alone = directory / name
        if alone.is_file() and not alone.is_symlink():
            found[id_] = (alone,)
        elif _is_plain(id_) and (pages := _below(directory / id_)):
            found[id_] = pages
    return found


def for_canvas(receivers: Iterable[Receiver]) -> Packed:
    """The archive for Canvas."""
    entries: list[tuple[str, bytes]] = []
    told: list[str] = []
    for one in receivers:
        uploads = [found for name in one.files if (found := canvas_file(name)) is not None]
        if not one.pages:
            told.append(f"{one_line(one.id)} has no page.")
        elif not uploads:
            told.append(
                f"{one_line(one.id)} is left out: Canvas's download names no file of theirs, and Canvas knows nobody without one."
            )
        elif archives := [prefix + name for prefix, name in uploads if name.lower().endswith(".zip")]:
            entries.append((archives[0], _zip([(page.name, data) for page, data in _renamed(one.pages)])))
        else:
            entries += [(f"{_upload(page, uploads)}{page.name}", data) for page, data in _renamed(one.pages)]
    return Packed(_zip(entries), tuple(told))


def for_moodle(receivers: Iterable[Receiver]) -> Packed:
    """The archive for Moodle."""
    entries: list[tuple[str, bytes]] = []
    told: list[str] = []
    for one in receivers:
        found = _PARTICIPANT.fullmatch(one.lms_id)
        if not one.pages:
            told.append(f"{one_line(one.id)} has no page.")
        elif found is None:
            told.append(
                f"{one_line(one.id)} is left out: nobody knows their number in Moodle, which its download and its worksheet have."
            )
        else:
            place = f"{_clean(found['name'])}_{found['number']}_assignsubmission_file_"
            entries += [(f"{place}/{page.name}", data) for page, data in _renamed(one.pages)]
    return Packed(_zip(entries), tuple(told))


@dataclass(frozen=True)
class Line:
    """One learner in the list of pages."""

    student: str
    pages: tuple[str, ...]
    score: Points | None = None
    max_score: Points | None = None
    email: str = ""


def as_json(lines: Iterable[Line]) -> str:
    """``{"pages": [{"student": …, "email": …, "pages": [paths], "score": …, "max_score": …}]}``."""
    shown = [
        {
            "student": one.student,
            "email": one.email,
            "pages": list(one.pages),
            "score": one.score,
            "max_score": one.max_score,
        }
        for one in lines
    ]
    return json.dumps({"pages": shown}, indent=1, ensure_ascii=False) + "\n"


def as_csv(lines: Iterable[Line]) -> str:
    """A row a page, for a mail merge; who has none has a row with an empty cell."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(("student", "email", "page", "score", "max_score"))
    for one in lines:
        numbers = ["" if value is None else value for value in (one.score, one.max_score)]
        for page in one.pages or ("",):
            writer.writerow((safe_cell(one.student), safe_cell(one.email), safe_cell(page), *numbers))
    return stream.getvalue()


def pages_of(directory: Path) -> tuple[Path, ...]:
    """A learner's pages right in a directory, the index first."""
    if directory.is_symlink() or not directory.is_dir():
        return ()
    pages = (page for page in directory.glob("*.html") if page.is_file() and not page.is_symlink())
    return tuple(sorted(pages, key=lambda page: (page.name != "index.html", page.name)))


def _below(directory: Path) -> tuple[Path, ...]:
    """A learner's pages in ``<learner>/``, or in ``<learner>/<assignment>/`` where there is one assignment with pages."""
    if directory.is_symlink() or not directory.is_dir():
        return ()
    if pages := pages_of(directory):
        return pages
    found = {place.name: pages for place in sorted(directory.iterdir()) if (pages := pages_of(place))}
    if len(found) > 1:
        raise UsageError(
            f"In {directory} there are pages of several assignments: {one_line(listed(found))}.",
            next_step="Copy those of one assignment to a directory, one for each learner.",
        )
    return next(iter(found.values()), ())


def _is_plain(id_: str) -> bool:
    return id_ not in ("", ".", "..") and not {"/", "\\", "\0"} & set(id_)


def _renamed(pages: Sequence[Path]) -> list[tuple[Path, bytes]]:
    """What a learner sees them called: one page alone has a name that says what it is."""
    if len(pages) == 1:
        return [(Path(_ALONE), _read(pages[0]))]
    return [(page, _read(page)) for page in pages]


def _upload(page: Path, uploads: Sequence[tuple[str, str]]) -> str:
    """The upload that a page is about, else the first."""
    stems = {_NUMBERED.sub("", Path(name).stem): prefix for prefix, name in reversed(uploads)}
    stems |= {Path(name).stem: prefix for prefix, name in reversed(uploads)}
    return stems.get(page.stem, uploads[0][0])


def _clean(name: str) -> str:
    """A full name as a directory's: Moodle leaves out what no file system takes."""
    return re.sub(r'[\x00-\x1f/\\:*?"<>|]', "", name).strip() or "Participant"


def _read(page: Path) -> bytes:
    with page.open("rb") as stream:
        return stream.read(MAX_PAGE_BYTES)


def _zip(entries: Sequence[tuple[str, bytes]]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return stream.getvalue()


def receivers(
    ids: Sequence[str],
    pages: Mapping[str, tuple[Path, ...]],
    lms_ids: Mapping[str, str],
    files: Mapping[str, tuple[str, ...]],
) -> tuple[Receiver, ...]:
    """Everybody, in order.

    :param lms_ids: what the platform calls them, by id; who is not in it is called by the id.
    :param files: Canvas's own names, by id.
    """
    return tuple(Receiver(id_, pages.get(id_, ()), lms_ids.get(id_, id_), files.get(id_, ())) for id_ in ids)
