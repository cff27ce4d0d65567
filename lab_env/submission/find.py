"""Tell one submission from a class, and list a class's submissions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from lab_env.errors import UsageError
from lab_env.submission.archives import is_archive, stem
from lab_env.submission.layouts import (
    bulk_download,
    canvas_student,
    holds_a_class,
    loose_files,
    moodle_participant,
    moodle_submission,
)
from lab_env.submission.limits import SKIPPED_DIRS
from lab_env.submission.model import MODULE_DIR, SubmissionRef


def find_submissions(path: Path) -> tuple[SubmissionRef, ...]:
    """The submissions at a path, in path order.

    A path that holds ``modules/secrets/``, a ``.tf`` file or notebooks is one submission; otherwise it is a class, one
    submission a sub-entry. In nbgrader's ``submitted/`` an entry is a student with one directory an assignment. What
    Canvas's and Moodle's bulk downloads unpack to is a class too (:mod:`lab_env.submission.layouts`).

    :raises UsageError: the path does not exist, or is a bulk download that has to be unpacked first.
    """
    if not path.exists():
        raise UsageError(f"{path} does not exist.", next_step="Check the path.")
    if not path.is_dir():
        if holds_a_class(path):
            raise UsageError(f"{path} is a whole class in one archive.", next_step="Unpack it and name the directory.")
        handed = loose_files(path)
        return (SubmissionRef(handed.id if handed else stem(path.resolve()), path),)
    if (participant := moodle_participant(path.resolve().name)) is not None:
        return (SubmissionRef(participant[0], moodle_submission(path)),)
    if loose := [SubmissionRef(one.id, one.path) for one in bulk_download(path)]:
        return _unique(sorted([*loose, *_beside(path, {ref.id for ref in loose})], key=lambda ref: ref.path))
    if _is_one(path):
        return (SubmissionRef(path.resolve().name, path),)
    entries = _entries(path)
    if not entries:
        return (SubmissionRef(path.resolve().name, path),)
    participants = {found for entry in entries if entry.is_dir() and (found := moodle_participant(entry.name))}
    refs: list[SubmissionRef] = []
    for entry in entries:
        if entry.is_dir() and (participant := moodle_participant(entry.name)) is not None:
            # What was typed into Moodle's text box lies in a directory of its own beside the files.
            if participant[1] == "file" or (participant[0], "file") not in participants:
                refs.append(SubmissionRef(participant[0], moodle_submission(entry)))
            continue
        assignments = [e for e in _entries(entry) if _is_one(e)] if entry.is_dir() and not _is_one(entry) else []
        if len(assignments) == 1:
            refs.append(SubmissionRef(entry.name, assignments[0]))
        elif assignments:
            refs += [SubmissionRef(f"{entry.name}/{a.name}", a) for a in assignments]
        else:
            refs.append(SubmissionRef(entry.name if entry.is_dir() else stem(entry), entry))
    return _unique(refs)


def _beside(path: Path, known: set[str]) -> list[SubmissionRef]:
    """Directories among Canvas's loose files: an archive that somebody unpacked there, or one more submission."""
    directories = [entry for entry in _entries(path) if entry.is_dir() and not entry.is_symlink()]
    named = [(canvas_student(entry.name), entry) for entry in directories]
    return [
        SubmissionRef(id_ or entry.name, entry)
        for id_, entry in named
        if (id_ and id_ not in known) or (id_ is None and _is_one(entry))
    ]


def _is_one(path: Path) -> bool:
    """Whether a directory is itself a submission."""
    if (path / MODULE_DIR).is_dir():
        return True
    try:
        return any(e.suffix in (".tf", ".ipynb") or e.name.endswith(".tf.json") for e in path.iterdir() if e.is_file())
    except OSError:
        return False


def _entries(path: Path) -> list[Path]:
    try:
        entries = sorted(path.iterdir(), key=lambda e: e.name)
    except OSError:
        return []
    return [
        e
        for e in entries
        if not e.name.startswith(".") and e.name not in SKIPPED_DIRS and (e.is_dir() or (e.is_file() and is_archive(e)))
    ]


def _unique(refs: list[SubmissionRef]) -> tuple[SubmissionRef, ...]:
    """Ids are the names; where two share one (``ann/`` and ``ann.zip``), the file names with suffix are."""
    count = Counter(ref.id for ref in refs)
    return tuple(ref if count[ref.id] == 1 else SubmissionRef(ref.path.name, ref.path) for ref in refs)
