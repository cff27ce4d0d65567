"""Tell one submission from a class, and list a class's submissions.

A link is never followed, wherever it stands: it is a submission that is refused by its name when it is read. So nobody is
graded for what a link of theirs points at, and nobody is left out because somebody's link points there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
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
from lab_env.submission.model import MODULE_DIR, SubmissionRef, shown_name


def find_submissions(path: Path, *, alone: bool = True) -> tuple[SubmissionRef, ...]:
    """The submissions at a path, in path order.

    :param alone: False: others were named beside it, so it is somebody's, whatever is in it.

    A path that holds ``modules/secrets/``, a ``.tf`` file or notebooks is one submission; otherwise it is a class, one
    submission a sub-entry. In nbgrader's ``submitted/`` an entry is a student with one directory an assignment. What
    Canvas's and Moodle's bulk downloads unpack to is a class too (:mod:`lab_env.submission.layouts`).

    :raises UsageError: the path does not exist, or is a bulk download that has to be unpacked first.
    """
    if not path.is_symlink() and not path.exists():
        raise UsageError(f"{path} does not exist.", next_step="Check the path.")
    if path.is_symlink() or not path.is_dir():
        if alone and not path.is_symlink() and holds_a_class(path):
            raise UsageError(f"{path} is a whole class in one archive.", next_step="Unpack it and name the directory.")
        handed = loose_files(path)
        return (_ref(handed.id if handed else stem(path), path),)
    name = path.resolve().name
    if (participant := moodle_participant(name)) is not None:
        return (_ref(participant[0], moodle_submission(path)),)
    if students := bulk_download(path):
        loose = [_ref(one.id, one.path) for one in students]
        taken = {file.path.name for one in students for file in one.files}
        beside = _beside(path, {ref.id for ref in loose}, taken)
        return _unique(sorted([*loose, *beside], key=lambda ref: ref.path))
    entries = _entries(path)
    if _are_a_class(entries):
        # A file of somebody's that lies among the submissions has a row, and takes nobody's.
        return _unique(
            [*_class(entries), *(_ref(file.name, file) for file in _files_of_one(path) if file not in entries)]
        )
    if _is_one(path) or not entries or (len(entries) == 1 and entries[0].is_symlink()):
        return (_ref(name, path),)
    return _unique(_class(entries))


def _class(entries: list[Path]) -> list[SubmissionRef]:
    participants = {found for entry in entries if _is_directory(entry) and (found := moodle_participant(entry.name))}
    refs: list[SubmissionRef] = []
    for entry in entries:
        if not _is_directory(entry):
            participant = moodle_participant(entry.name)
            refs.append(_ref(participant[0] if participant else stem(entry), entry))
            continue
        if (participant := moodle_participant(entry.name)) is not None:
            # What was typed into Moodle's text box lies in a directory of its own beside the files.
            if participant[1] == "file" or (participant[0], "file") not in participants:
                refs.append(_ref(participant[0], moodle_submission(entry)))
            continue
        assignments = [] if _is_one(entry) else [e for e in _entries(entry) if e.is_symlink() or _is_one(e)]
        if len(assignments) == 1:
            refs.append(_ref(entry.name, assignments[0]))
        elif assignments:
            refs += [_ref(f"{entry.name}/{a.name}", a) for a in assignments]
        else:
            refs.append(_ref(entry.name, entry))
    return refs


def _ref(name: str, path: Path) -> SubmissionRef:
    return SubmissionRef(shown_name(name), path)


def _is_directory(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _beside(path: Path, known: set[str], taken: set[str]) -> list[SubmissionRef]:
    """What stands among Canvas's loose files: an archive that somebody unpacked there, one more submission, a link.

    :param taken: the names of those files.
    """
    named = [(canvas_student(entry.name), entry) for entry in _entries(path) if entry.name not in taken]
    return [
        _ref(id_ or entry.name, entry)
        for id_, entry in named
        if entry.is_symlink() or (entry.is_dir() and ((id_ and id_ not in known) or (id_ is None and _is_one(entry))))
    ]


def _is_one(path: Path) -> bool:
    """Whether a directory is itself a submission; nothing that is a link makes it one."""
    return _holds_module(path) or any(map(_is_regular, _files_of_one(path)))


def _holds_module(path: Path) -> bool:
    return all(_is_directory(above) for above in (path / MODULE_DIR, (path / MODULE_DIR).parent))


def _files_of_one(path: Path) -> list[Path]:
    """What is called as files of a submission are, links too."""
    try:
        return sorted(
            e
            for e in path.iterdir()
            if (e.suffix in (".tf", ".ipynb") or e.name.endswith(".tf.json")) and not e.name.startswith(".")
        )
    except OSError:
        return []


def _is_regular(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _are_a_class(entries: list[Path]) -> bool:
    """Whether several entries are whole submissions, so that what else lies there makes no one of them all.

    A module may well hold other modules, but not two directories with a ``modules/secrets`` each.
    """
    return sum(_holds_module(entry) or (_is_regular(entry) and is_archive(entry)) for entry in entries) > 1


def _entries(path: Path) -> list[Path]:
    try:
        entries = sorted(path.iterdir(), key=lambda e: e.name)
    except OSError:
        return []
    return [
        e
        for e in entries
        if not e.name.startswith(".") and e.name not in SKIPPED_DIRS and (e.is_symlink() or e.is_dir() or is_archive(e))
    ]


def _unique(refs: list[SubmissionRef]) -> tuple[SubmissionRef, ...]:
    """Ids are the names; where two share one (``ann/`` and ``ann.zip``), the file names with suffix are."""
    count = Counter(ref.id for ref in refs)
    return with_ids_of_their_own(ref if count[ref.id] == 1 else _ref(ref.path.name, ref.path) for ref in refs)


def with_ids_of_their_own(refs: Iterable[SubmissionRef]) -> tuple[SubmissionRef, ...]:
    """No two with one id, whatever they are called: a mark, a page and a line of an export are found by it.

    Who has an id that is a plain name keeps it; of the others the first one does.
    """
    found = tuple(refs)
    taken = {ref.id for ref in found if ref.id == ref.path.name}
    seen: set[str] = set()
    unique = []
    for ref in found:
        id_, number = ref.id, 2
        while id_ in seen or (id_ in taken and ref.id != ref.path.name):
            id_, number = f"{ref.id}~{number}", number + 1
        seen.add(id_)
        unique.append(ref if id_ == ref.id else SubmissionRef(id_, ref.path))
    return tuple(unique)
