"""Read one submission, whatever it is packed in."""

from __future__ import annotations

from pathlib import Path

from lab_env.errors import SubmissionError, UsageError
from lab_env.submission.archives import is_archive, read_archive, stem, unwrapped
from lab_env.submission.directory import read_bytes, read_directory
from lab_env.submission.layouts import loose_files
from lab_env.submission.limits import Collector, cached, check_tree, not_utf_8, size_text, unseen
from lab_env.submission.loose import read_loose
from lab_env.submission.model import SourceFile, Submission, digest, is_a_link, shown_name
from lab_env.submission.module_place import module_place, no_module
from lab_env.submission.names import not_handed_in, remark
from lab_env.submission.notebooks import read_notebooks
from lab_env.text import listed

_NAMED = 3
"""Files that a remark names; of more it says how many."""


def load_submission(path: Path, *, id: str | None = None) -> Submission:
    """Read a directory, an archive, one notebook, or the loose files of one student of a bulk download.

    :param path: what was handed in.
    :param id: the submission's id; the directory's or file's name when left out.
    :raises UsageError: the path does not exist or is of another kind.
    :raises SubmissionError: its contents stop the grader; the submission is ``ungradable``.

    >>> from pathlib import Path
    >>> submission = load_submission(Path("solutions/reference"))
    >>> submission.id, submission.module_dir
    ('reference', 'modules/secrets')
    """
    collected, notes = collect(path, id=id)
    return _build(collected, id or id_of(path), notes)


def id_of(path: Path) -> str:
    """The id of a submission that was given none."""
    handed = loose_files(path)
    return handed.id if handed is not None else shown_name(stem(path.resolve())) or "submission"


def collect(path: Path, *, id: str | None = None) -> tuple[Collector, tuple[str, ...]]:
    """The files of one submission as they were handed in, and what there is to remark.

    :raises UsageError: as :func:`load_submission`.
    :raises SubmissionError: as :func:`load_submission`.
    """
    # First: a link among a bulk download's files must not be taken for the directory that it points at.
    handed = loose_files(path)
    if handed is None and path.is_symlink():
        raise is_a_link(path)
    if handed is None and not path.exists():
        raise UsageError(f"{path} does not exist.", next_step="Check the path.")
    if handed is not None:
        return read_loose(handed)
    if path.is_dir():
        return unwrapped(read_directory(path)), ()
    if is_archive(path):
        return read_archive(path), ()
    if path.suffix == ".ipynb":
        collected = Collector()
        collected.add(path.name, path.stat().st_size, lambda limit: read_bytes(path, limit, shown=path.name))
        return collected, ()
    if path.is_file() and id is not None:  # it was found in a class
        said, next_step = not_handed_in(shown_name(path.name))
        raise SubmissionError(said, next_step=next_step)
    raise UsageError(
        f"{path} is not a submission.", next_step="Name a directory, a .zip or .tar.gz archive, or an .ipynb file."
    )


def _build(collected: Collector, id: str, remarks: tuple[str, ...]) -> Submission:
    notebooks = {
        p: data for p, data in collected.files.items() if p.endswith(".ipynb") and not cached(p) and not unseen(p)
    }
    written, rest = read_notebooks(notebooks) if notebooks else ((), ())
    plain = {p: SourceFile(p, data) for p, data in collected.files.items() if p not in notebooks}
    notes = list(remarks)
    for file in written:
        # The notebook's magic writes the file too, so both are handed in; the cell is what the learner sees.
        other = plain.pop(file.path, None)
        if other is not None and other.data.split() != file.data.split():
            notes.append(f"{file.path} differs from the cells of {file.cells[0].notebook}; the notebook counts.")
    everything = sorted((*plain.values(), *written), key=lambda f: f.path)
    check_tree(f.path for f in everything)
    files = tuple(f for f in everything if f.path.endswith(".tf") and not cached(f.path) and not unseen(f.path))
    for file in files:
        _check_text(file)
    terraforms = [f.path for f in files]
    module_dir, remark_on_it = module_place([f.path for f in everything], terraforms)
    notes += [
        said for said in (remark_on_it, *map(remark, sorted({*plain, *collected.unread})), _passed(collected)) if said
    ]
    submission = Submission(
        id=id,
        digest=digest((SourceFile(p, data) for p, data in collected.files.items()), collected.links, collected.unread),
        files=files,
        module_dir=module_dir,
        ignored=tuple(sorted((*(f for f in everything if f not in files), *rest), key=lambda f: f.path)),
        links=tuple(sorted(collected.links)),
        notes=tuple(notes),
        unread=tuple(sorted(collected.unread.items())),
    )
    if not submission.files_in(module_dir) and not any(
        f.path.endswith(".tf.json") and not unseen(f.path) for f in everything
    ):
        if submission.links:
            raise is_a_link(Path(submission.links[0]))
        raise no_module(module_dir, [*(f.path for f in everything), *collected.unread], terraforms)
    return submission


def _passed(collected: Collector) -> str | None:
    """A remark on what was not read; it would be searched for credentials otherwise, which the reader should know."""
    sizes = sorted(collected.unread.items())
    if not sizes:
        return None
    named = [f"{path} ({size_text(size)})" for path, size in sizes[:_NAMED]]
    more = [f"{len(sizes) - _NAMED} more"] if len(sizes) > _NAMED else []
    are = "was" if len(sizes) == 1 else "were"
    return f"{listed([*named, *more])} {are} not read, which costs nothing: Terraform does not read such files, either."


def _check_text(file: SourceFile) -> None:
    """Refuse a ``.tf`` file that is no text. Single bytes that are not UTF-8 are fine in comments, where the gate allows them."""
    at = file.data.find(b"\0")
    if at < 0:
        return
    line = file.data.count(b"\n", 0, at) + 1
    if not file.is_utf_8:
        raise not_utf_8(file.path, line)
    raise SubmissionError(
        f"{file.path} is a binary file (a zero byte in line {line}).",
        next_step="Hand in the text file.",
        path=file.path,
        line=line,
    )
