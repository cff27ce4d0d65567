"""Where a learner works: a notebook's directory with the workspace that ``%%hcl`` writes in it, or a working copy in a terminal."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from lab_env import settings
from lab_env.errors import UsageError

WORKSPACE = "workspace"


@dataclass(frozen=True)
class Front:
    """How one of the two front ends says what a learner does there; everything else is said in the same words.

    :param first_write: what comes before anything can be deployed.
    :param correct: how an error in a file is put right.
    :param take_out: the same for what the lab does not allow.
    :param environment: where ``variable "environment"`` comes from, when it is not there.
    :param nothing, begin: that there is no file at all, and how to begin.
    """

    first_write: str
    correct: str
    take_out: str
    environment: str
    nothing: str
    begin: str


IN_NOTEBOOKS = Front(
    first_write="Run the cells with your files",
    correct="Correct the cell, run it, then run this one again.",
    take_out="Take it out of the cell, and run the cell.",
    environment="Run the cells of notebook 00: they write variables.tf, which declares the environment.",
    nothing="The workspace is empty: no cell has written a file yet.",
    begin="Run the %%hcl cells, from notebook 00 on.",
)
IN_A_TERMINAL = Front(
    first_write="Write your files",
    correct="Correct the file, then run this again.",
    take_out="Take it out of the file, then run this again.",
    environment="Bring variables.tf, which declares the environment: lab reset module.",
    nothing="There is no Terraform file here yet.",
    begin="Run lab reset: it brings the starter's files.",
)


class Place(ABC):
    """Where a learner's files are."""

    front: ClassVar[Front]

    @property
    @abstractmethod
    def root(self) -> Path:
        """The directory that the learner works in; what the lab remembers is in its ``.lab``."""

    @property
    @abstractmethod
    def files(self) -> Path:
        """The directory that is checked and deployed. It may not exist yet."""

    @abstractmethod
    def paths(self) -> tuple[str, ...]:
        """List the Terraform files, in path order; links are not followed."""

    def text(self, path: str) -> str | None:
        """Read one of the files; None when there is none, or it cannot be read."""
        try:
            return (self.files / path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None


@dataclass(frozen=True)
class WorkingCopy(Place):
    """A working copy in a terminal: what the learner's editor writes is what is checked and deployed.

    :param directory: as :func:`lab.working_copy.find` gives it.
    """

    front = IN_A_TERMINAL
    directory: Path

    @property
    def root(self) -> Path:
        return self.directory

    @property
    def files(self) -> Path:
        return self.directory

    def paths(self) -> tuple[str, ...]:
        from lab.working_copy import terraform_files

        return tuple(path.relative_to(self.directory).as_posix() for path in terraform_files(self.directory))


@dataclass(frozen=True)
class NotebookDirectory(Place):
    """:param directory: the notebooks'."""

    front = IN_NOTEBOOKS
    directory: Path

    @property
    def root(self) -> Path:
        return self.directory

    @property
    def files(self) -> Path:
        """The workspace: a submission of its own, with paths such as ``modules/secrets/kms.tf``."""
        from lab.working_copy import MEMORY

        return self.directory / MEMORY / WORKSPACE

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self._paths()))

    def write(self, path: str, text: str) -> None:
        """Write a file of the workspace, whole or not at all.

        :param path: as :func:`inside` gives it.
        :raises UsageError: it would land outside the workspace, or cannot be written.
        """
        from lab import working_copy
        from lab_env.files import write_output

        working_copy.memory(self.root)
        target = self.files / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"Cannot make the directory of {path}: {error.strerror}.", next_step="Move what is in the way."
            ) from error
        # A link that somebody put in the way must not lead the write elsewhere.
        if target.parent.resolve() != self.root.resolve() / target.parent.relative_to(self.root):
            raise UsageError(f"{path} leads out of the workspace.", next_step="Remove the link in .lab/workspace.")
        write_output(target, text)

    def _paths(self) -> Iterator[str]:
        for folder, _, names in os.walk(self.files):
            for name in names:
                file = Path(folder, name)
                if file.suffix == ".tf" and file.is_file() and not file.is_symlink():
                    yield file.relative_to(self.files).as_posix()


def inside(word: str) -> str:
    """Check the path that ``%%hcl`` was given: it is one that a cell may write.

    :raises UsageError: it is not relative, leaves the workspace, or is neither a ``.tf`` file nor a text that one may read.
    """
    from lab_env.errors import SubmissionError
    from lab_env.submission.limits import cached, skipped
    from lab_env.submission.model import TEXT_SUFFIXES, is_terraforms
    from lab_env.submission.notebooks import written_path

    example = "Name a file of the module, such as %%hcl modules/secrets/kms.tf."
    try:
        path = written_path(word, where="this cell")
    except SubmissionError as error:
        raise UsageError(error.message, next_step=example) from None
    name = path.rpartition("/")[2]
    if (
        not name.endswith((".tf", *TEXT_SUFFIXES))
        or name.startswith(".")
        or (is_terraforms(path) and not name.endswith(".tf"))
    ):
        raise UsageError(
            f"{path} is no file of a module: its name ends neither in .tf nor as a text's that the module reads "
            f"({', '.join(TEXT_SUFFIXES)}).",
            next_step=example,
        )
    if skipped(path) or cached(path):
        raise UsageError(f"Nothing in the directory of {path} is read.", next_step=example)
    return path


def find(environment: Mapping[str, str], notebook: Path | None = None) -> NotebookDirectory:
    """Find the place of this process: ``LAB_WORKSPACE``, else the notebook's directory, which mostly is the current one.

    :param notebook: where the front end says that it is.
    :raises UsageError: ``LAB_WORKSPACE`` names no directory.
    """
    from lab import working_copy

    if named := settings.WORKSPACE.read(environment):
        return NotebookDirectory(working_copy.find(Path(named)))
    return NotebookDirectory(working_copy.find(notebook.parent if notebook is not None else None))


def told_notebook() -> Path | None:
    """The notebook's file, where the front end tells it by a variable of the kernel's, as VS Code does.

    JupyterLab does not: it starts the kernel in the notebook's directory.
    """
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    told = shell.user_ns.get("__vsc_ipynb_file__") if shell is not None else None
    return path if isinstance(told, str) and (path := Path(told)).is_absolute() and path.parent.is_dir() else None
