"""Read one submission, whatever it is packed in."""

from __future__ import annotations

from pathlib import Path

from lab_env.errors import SubmissionError, UsageError
from lab_env.submission.archives import is_archive, read_archive, stem
from lab_env.submission.directory import read_bytes, read_directory
from lab_env.submission.layouts import loose_files
from lab_env.submission.limits import Collector, cached, check_tree, unseen
from lab_env.submission.loose import read_loose
from lab_env.submission.model import MODULE_DIR, SourceFile, Submission, digest, is_a_link, shown_name
from lab_env.submission.notebooks import read_notebooks


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
        return read_directory(path), ()
    if is_archive(path):
        return read_archive(path), ()
    if path.suffix == ".ipynb":
        collected = Collector()
        collected.add(path.name, path.stat().st_size, lambda limit: read_bytes(path, limit, shown=path.name))
        return collected, ()
    if path.is_file() and id is not None:
        raise SubmissionError(  # it was found in a class
            f"{shown_name(path.name)} is one file beside the submissions.",
            next_step="Put it into a directory of its own.",
        )
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
    module_dir = MODULE_DIR if any(f.path.startswith(f"{MODULE_DIR}/") for f in everything) else "."
    submission = Submission(
        id=id,
        digest=digest((SourceFile(p, data) for p, data in collected.files.items()), collected.links),
        files=files,
        module_dir=module_dir,
        ignored=tuple(sorted((*(f for f in everything if f not in files), *rest), key=lambda f: f.path)),
        links=tuple(sorted(collected.links)),
        notes=tuple(notes),
    )
    if not submission.files_in(module_dir) and not any(
        f.path.endswith(".tf.json") and not unseen(f.path) for f in everything
    ):
        if submission.links:
            raise is_a_link(Path(submission.links[0]))
        raise SubmissionError(
            f"There is no .tf file in {module_dir + '/' if module_dir != '.' else 'the submission'}.",
            next_step=f"Put the module's files into {MODULE_DIR}/.",
        )
    return submission


def _check_text(file: SourceFile) -> None:
    """Refuse a ``.tf`` file that is no text: Terraform reads UTF-8 only."""
    try:
        text = file.data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = file.data.count(b"\n", 0, error.start) + 1
        raise SubmissionError(
            f"{file.path} is not UTF-8 text (line {line}).",
            next_step="Save the file as UTF-8.",
            path=file.path,
            line=line,
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SubmissionError(
            f"{file.path} is a binary file (a zero byte in line {line}).",
            next_step="Hand in the text file.",
            path=file.path,
            line=line,
        )
