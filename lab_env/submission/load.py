"""Read one submission, whatever it is packed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lab_env.errors import SubmissionError, UsageError
from lab_env.submission.archives import is_archive, read_archive, stem, unwrapped
from lab_env.submission.directory import read_bytes, read_directory
from lab_env.submission.layouts import loose_files
from lab_env.submission.limits import Collector, cached, check_tree, is_notebook, not_utf_8, size_text, unseen
from lab_env.submission.loose import read_loose
from lab_env.submission.model import MODULE_DIR, SourceFile, Submission, digest, is_a_link, shown_name
from lab_env.submission.module_place import module_place, no_module
from lab_env.submission.names import not_handed_in, remark
from lab_env.submission.notebooks import NotebookFiles, read_notebooks
from lab_env.submission.remarks import remarks
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
    return build(collected, id or id_of(path), notes)


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


def notebooks_in(collected: Collector) -> NotebookFiles:
    """What the notebooks among the files hold.

    :raises SubmissionError: as :func:`load_submission`.
    """
    found = read_notebooks({path: data for path, data in collected.files.items() if is_notebook(path)})
    return replace(found, unreadable=dict(sorted({**found.unreadable, **collected.oversized}.items())))


def build(collected: Collector, id: str, notes: Sequence[str] = ()) -> Submission:
    """The submission that these files are.

    :raises SubmissionError: they stop the grader.
    """
    notebooks = notebooks_in(collected)
    plain = {p: SourceFile(p, data) for p, data in collected.files.items() if not is_notebook(p)}
    said = [*notes, *remarks(notebooks)]
    for file in notebooks.written:
        # The notebook's magic writes the file too, so both are handed in; the cell is what the learner sees.
        other = plain.pop(file.path, None)
        if other is not None and other.data.split() != file.data.split():
            # A cell without a line writes an empty file.
            writer = file.cells[0].notebook if file.cells else "a notebook"
            said.append(f"{file.path} differs from the cells of {writer}; the notebook counts.")
    everything = sorted((*plain.values(), *notebooks.written), key=lambda f: f.path)
    check_tree(f.path for f in everything)
    files = tuple(f for f in everything if f.path.endswith(".tf") and not cached(f.path) and not unseen(f.path))
    for file in files:
        _check_text(file)
    terraforms = [f.path for f in files]
    module_dir, remark_on_it = module_place([f.path for f in everything], terraforms)
    names = map(remark, sorted({*plain, *collected.unread}))
    said += [one for one in (remark_on_it, *names, _passed(collected)) if one]
    submission = Submission(
        id=id,
        digest=digest(
            (
                *(SourceFile(p, data) for p, data in collected.files.items()),
                # Of what is too large to be read its size is known.
                *(SourceFile(p, error.message.encode()) for p, error in collected.oversized.items()),
            ),
            collected.links,
            collected.unread,
        ),
        files=files,
        module_dir=module_dir,
        ignored=tuple(sorted((*(f for f in everything if f not in files), *notebooks.rest), key=lambda f: f.path)),
        links=tuple(sorted(collected.links)),
        notes=tuple(said),
        unread=tuple(sorted(collected.unread.items())),
    )
    if not submission.files_in(module_dir) and not any(
        f.path.endswith(".tf.json") and not unseen(f.path) for f in everything
    ):
        raise _nothing_to_grade(submission, notebooks, [*(f.path for f in everything), *collected.unread])
    return submission


def _nothing_to_grade(submission: Submission, notebooks: NotebookFiles, paths: Sequence[str]) -> SubmissionError:
    """Why there is no module: what cannot be read or is not followed comes first, as it might have been there."""
    if submission.links:
        return is_a_link(Path(submission.links[0]))
    if notebooks.unreadable:
        return next(iter(notebooks.unreadable.values()))
    unread = remarks(notebooks)
    if notebooks.cells and not notebooks.written:
        cells = f" {unread[0]}" if unread else ""
        return SubmissionError(
            f"There is no .tf file in the submission, and no cell of its notebooks begins with %%hcl PATH.{cells}",
            next_step=f"Begin each cell with %%hcl {MODULE_DIR}/ and the file's name.",
        )
    return no_module(submission.module_dir, paths, [file.path for file in submission.files])


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
