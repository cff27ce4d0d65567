"""Tell one submission from a class, and list a class's submissions.

Every directory and every file of a class has a row, but for what is nobody's by its name (:func:`names.is_nobodys`), which is told.
A lone ``.tf`` file or notebook beside submissions would make one submission of them all, or be one of none: it is refused.

A link is never followed, wherever it stands: it is a submission that is refused by its name when it is read. So nobody is
graded for what a link of theirs points at, and nobody is left out because somebody's link points there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lab_env.errors import UsageError
from lab_env.submission.archives import is_archive, stem
from lab_env.submission.beside import modules_beside
from lab_env.submission.layouts import (
    bulk_download,
    canvas_student,
    holds_a_class,
    inner_submission,
    is_a_platforms,
    loose_files,
    moodle_participant,
    students_beside,
)
from lab_env.submission.limits import SKIPPED_DIRS
from lab_env.submission.model import MODULE_DIR, SubmissionRef, shown_name
from lab_env.submission.names import (
    ignored_by_terraform,
    is_module_like,
    is_nobodys,
    is_other_archive,
    systems_own,
)
from lab_env.text import counted, listed

_NAMED = 3


@dataclass(frozen=True)
class Found:
    """What is at a path.

    :param refs: the submissions, in path order.
    :param passed_over: names of files beside them that are nobody's hand-in; a system's own are not among them.
    """

    refs: tuple[SubmissionRef, ...]
    passed_over: tuple[str, ...] = ()


def find_submissions(path: Path, *, alone: bool = True) -> tuple[SubmissionRef, ...]:
    """The submissions at a path, in path order: those that :func:`look_through` finds."""
    return look_through(path, alone=alone).refs


def look_through(path: Path, *, alone: bool = True) -> Found:
    """What is at a path.

    :param alone: False: others were named beside it, so it is somebody's, whatever is in it.

    A path that holds ``modules/secrets/``, a ``.tf`` file or notebooks is one submission; otherwise it is a class, one
    submission a sub-entry. In nbgrader's ``submitted/`` an entry is a student with one directory an assignment. What
    Canvas's and Moodle's bulk downloads unpack to is a class too (:mod:`lab_env.submission.layouts`).

    :raises UsageError: the path does not exist, is a bulk download that has to be unpacked first, is or holds a file that is no
        submission by itself.
    """
    if not path.is_symlink() and not path.exists():
        raise UsageError(f"{path} does not exist.", next_step="Check the path.")
    if path.is_symlink() or not path.is_dir():
        if alone and not path.is_symlink() and holds_a_class(path):
            raise UsageError(f"{path} is a whole class in one archive.", next_step="Unpack it and name the directory.")
        return _named_file(path, alone=alone)
    name = path.resolve().name
    if not alone and name in SKIPPED_DIRS:
        return Found(())
    if (participant := moodle_participant(name)) is not None:
        return Found((_ref(participant[0], inner_submission(path)),))
    if students := bulk_download(path):
        loose = [_ref(one.id, one.path) for one in students]
        taken = {file.path.name for one in students for file in one.files}
        beside = _beside(path, {ref.id for ref in loose}, taken)
        others, nobodys = _others(path, taken | {ref.path.name for ref in beside})
        refs = [*loose, *beside, *(_ref(stem(file), file) for file in others)]
        return Found(_unique(sorted(refs, key=lambda ref: ref.path)), nobodys)
    entries = _entries(path)
    own = _files_of_one(path)
    if modules := _modules_beside(path, entries, list(filter(_is_regular, own))):
        raise _lone_file(
            path, next(file for file in own if _is_regular(file) and not is_a_platforms(file.name)), modules
        )
    if not _are_a_class(path, entries) and (
        _is_one(path) or not entries or (len(entries) == 1 and entries[0].is_symlink())
    ):
        return Found((_ref(name, path),))
    # A link of a module's file's name that lies among the submissions has a row, and takes nobody's.
    links = [file for file in own if file not in entries]
    others, nobodys = _others(path, {entry.name for entry in (*entries, *links)})
    refs = [*_class(entries), *(_ref(file.name, file) for file in links), *(_ref(stem(file), file) for file in others)]
    return Found(_unique(sorted(refs, key=lambda ref: ref.path)), nobodys)


def _named_file(path: Path, *, alone: bool) -> Found:
    handed = loose_files(path)
    if handed is None and not path.is_symlink() and path.is_file():
        name = shown_name(path.name)
        if name.endswith((".tf", ".tf.json")):
            raise UsageError(f"{path} is one file of a module.", next_step="Name the directory that it is in.")
        if is_nobodys(path.name) and not alone:
            return Found((), () if _is_a_systems(path.name) else (name,))
        if is_nobodys(path.name):
            raise UsageError(
                f"{path} is not a submission.",
                next_step="Name a directory, a .zip or .tar.gz archive, or an .ipynb file.",
            )
    return Found((_ref(handed.id if handed else stem(path), path),))


def _modules_beside(path: Path, entries: list[Path], own: list[Path]) -> list[Path]:
    """The submissions that the module's files in ``own`` lie beside; none where it is one submission with all that is in it."""
    if not own or (_holds_module(path) and not _are_a_class(path, entries)):
        return []
    strange = [file for file in own if not is_a_platforms(file.name)]
    if strange and len(students := students_beside(path)) > 1:
        return [one.path for one in students]
    if not strange:
        return []
    whole = [entry for entry in entries if _is_whole(entry)]
    inside = {
        entry: ref.path
        for entry in entries
        if _is_directory(entry) and not _is_modules(entry)
        for ref in _class([entry])
        if _is_one(ref.path) or (ref.path != entry and is_archive(ref.path))
    }
    found = modules_beside(own, inside)
    beside = [entry for entry in entries if entry in found or (entry in whole and entry not in inside)]
    strong = [entry for entry in whole if entry in found]
    return beside if strong or len(beside) > 1 else []


def _lone_file(path: Path, file: Path, modules: list[Path]) -> UsageError:
    names = [shown_name(one.name) for one in modules]
    more = [f"{len(names) - _NAMED} more"] if len(names) > _NAMED else []
    them = listed([*names[:_NAMED], *more])
    lone = shown_name(file.name)
    return UsageError(
        f"{lone} lies beside {counted(len(names), 'submission')} in {path} ({them}), and a file alone is no submission.",
        next_step=f"Put {lone} into a directory of its own, or take it away; if {path} is one submission, take the others out.",
    )


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
                refs.append(_ref(participant[0], inner_submission(entry)))
            continue
        assignments = [] if _is_one(entry) else [e for e in _entries(entry) if e.is_symlink() or _is_one(e)]
        if len(assignments) == 1:
            refs.append(_ref(entry.name, assignments[0]))
        elif assignments:
            refs += [_ref(f"{entry.name}/{a.name}", a) for a in assignments]
        else:
            refs.append(_ref(entry.name, entry if _is_one(entry) else inner_submission(entry)))
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
    """Whether there is a ``modules/secrets``, or nearly."""
    if all(_is_directory(above) for above in (path / MODULE_DIR, (path / MODULE_DIR).parent)):
        return True
    above = [entry for entry in _directories(path) if is_module_like(f"{entry.name}/{MODULE_DIR.rpartition('/')[2]}")]
    return any(is_module_like(f"{one.name}/{below.name}") for one in above for below in _directories(one))


def _directories(path: Path) -> list[Path]:
    try:
        return sorted(entry for entry in path.iterdir() if _is_directory(entry))
    except OSError:
        return []


def _is_modules(path: Path) -> bool:
    """Whether a directory is called as the one that holds a submission's modules is."""
    return path.name.lower() in ("module", "modules")


def _is_whole(entry: Path) -> bool:
    """Whether an entry is a submission by itself, whatever lies beside it."""
    if _is_directory(entry):
        return _holds_module(entry) or moodle_participant(entry.name) is not None
    return _is_regular(entry) and is_archive(entry)


def _others(path: Path, taken: set[str]) -> tuple[list[Path], tuple[str, ...]]:
    """The files of a class that nothing is known of: somebody's, and the names of nobody's.

    :param taken: the names of those that are known.
    """
    try:
        files = sorted(e for e in path.iterdir() if e.name not in taken and _is_regular(e))
    except OSError:
        return [], ()
    told = tuple(shown_name(file.name) for file in files if is_nobodys(file.name) and not _is_a_systems(file.name))
    return [file for file in files if not is_nobodys(file.name)], told


def _is_a_systems(name: str) -> bool:
    return systems_own(name) or ignored_by_terraform(name)


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


def _are_a_class(path: Path, entries: list[Path]) -> bool:
    """Whether several entries are whole submissions, so that what else lies there makes no one of them all.

    A module may well hold other modules, but not two directories with a ``modules/secrets`` each; and archives beside a
    ``modules/secrets`` are a learner's own.
    """
    whole = [entry for entry in entries if _is_whole(entry)]
    return len(whole) > 1 and (not _holds_module(path) or sum(map(_is_directory, whole)) > 1)


def _entries(path: Path) -> list[Path]:
    try:
        entries = sorted(path.iterdir(), key=lambda e: e.name)
    except OSError:
        return []
    return [
        e
        for e in entries
        if not e.name.startswith(".")
        and e.name not in SKIPPED_DIRS
        and (e.is_symlink() or e.is_dir() or is_archive(e) or is_other_archive(e.name))
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
