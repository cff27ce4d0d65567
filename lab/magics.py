"""The IPython extension of the course: ``%load_ext lab.magics``. Thin: words in, calls to :mod:`lab.notebook`."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING, NoReturn

from IPython.core.magic import Magics, cell_magic, line_magic, magics_class, no_var_expand

from lab.notebook.output.errors import plainly
from lab_env.errors import UsageError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, InteractiveShell

    from lab.output.view import View
    from lab.session.session import KernelSession


_EDITORS_CELL = "vscode-notebook-cell:"


class _Words(argparse.ArgumentParser):
    """Reads a magic's words; what it does not understand is a clean error and not the end of the kernel."""

    def __init__(self, usage: str) -> None:
        super().__init__(prog="", usage=usage, add_help=False, allow_abbrev=False)
        self._wanted = usage

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"This is not understood: {message}.", next_step=f"Write {self._wanted}.")

    def read(self, line: str) -> argparse.Namespace:
        """Read a magic's words.

        :raises UsageError: they are not as the usage has them.
        """
        try:
            return self.parse_args(shlex.split(line))
        except ValueError as error:
            raise UsageError(f"This is not understood: {error}.", next_step=f"Write {self._wanted}.") from None


def _check_words() -> _Words:
    words = _Words("%lab_check STEP_OR_ID … [--depth static|plan|full] [--hint]")
    words.add_argument("what", nargs="*")
    words.add_argument("--depth", choices=("static", "plan", "full"))
    words.add_argument("--hint", action="store_true")
    return words


def _optional_step() -> _Words:
    words = _Words("%lab_reset [STEP]")
    words.add_argument("step", nargs="?")
    return words


def _command() -> _Words:
    words = _Words("%terraform plan, apply, show, output or destroy")
    words.add_argument("command", nargs="?", default="")
    return words


@magics_class
class LabMagics(Magics):
    """``%%hcl``, ``%terraform``, ``%lab_check``, ``%lab_progress``, ``%lab_reset``."""

    def __init__(self, shell: InteractiveShell, session: KernelSession | None = None) -> None:
        from lab.session.cells import Cells
        from lab.session.session import of_kernel

        super().__init__(shell)
        self._session = session or of_kernel()
        self._cells = Cells(self._session.place)
        self._cell_id: str | None = None

    def remember_cell(self, info: ExecutionInfo) -> None:
        """Remember which cell runs now, where the front end tells."""
        told = info.cell_id
        # VS Code names a place in its editor, which is not the cell's id in the file.
        self._cell_id = None if told is not None and told.startswith(_EDITORS_CELL) else told

    @no_var_expand
    @cell_magic
    def hcl(self, line: str, cell: str) -> None:
        """This cell is a file of your module: ``%%hcl modules/secrets/kms.tf``."""
        from lab.notebook.hcl import hcl_cell
        from lab.notebook.output.display import Live, say
        from lab.session.place import inside

        with plainly():
            path = inside(line.strip())
            told, problems = hcl_cell.write(self._session.place, self._cells, line.strip(), cell, self._cell_id)
            say(told)
            # Soon it will be checked or applied.
            self._session.warm()
            if problems:
                Live(self.shell).show(hcl_cell.ProblemsView(path, problems))
                raise hcl_cell.refused(path, problems)

    @line_magic
    def terraform(self, line: str) -> None:
        """Terraform on your module and your practice account: ``%terraform plan|apply|show|output|destroy``."""
        from lab.notebook.output.display import Live
        from lab.terraform import runs as terraform_runs

        with plainly():
            terraform_runs.run(self._session, _command().read(line).command, Live(self.shell))

    @line_magic
    def lab_check(self, line: str) -> None:
        """Verdicts on what you wrote: ``%lab_check STEP_OR_ID … [--depth static|plan|full] [--hint]``."""
        from graders.model import Depth
        from lab.notebook.check import run
        from lab.notebook.output.display import Live

        with plainly():
            words = _check_words().read(line)
            depth = Depth(words.depth) if words.depth else None
            asked = run.Asked(tuple(words.what), run.asked_ids(words.what, self._session.rules), depth, words.hint)
            run.check(self._session, asked, Live(self.shell))

    @line_magic
    def lab_progress(self, line: str) -> None:
        """Where you left off."""
        from lab.notebook.progress.card import progress_card

        with plainly():
            _Words("%lab_progress alone").read(line)
            self._show(progress_card(self._session.place, self._session.rules))

    @line_magic
    def lab_reset(self, line: str) -> None:
        """Begin again, with a step or with everything: ``%lab_reset [STEP]``. Your files are backed up."""
        from lab.notebook.progress.resetting import reset

        with plainly():
            self._show(reset(self._session, _optional_step().read(line).step))

    def _show(self, view: View) -> None:
        from lab.notebook.output.display import Live

        Live(self.shell).show(view)


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """Make the magics known to a shell.

    :raises UsageError: ``LAB_WORKSPACE`` names no directory.
    """
    from lab.notebook.drills import magics as drill_magics

    if LabMagics.__name__ in ipython.magics_manager.registry:
        return
    magics = LabMagics(ipython)
    ipython.register_magics(magics)
    ipython.events.register("pre_run_cell", magics.remember_cell)
    # IPython prints a warning when %load_ext comes again, and each notebook's first cell may be run again: it is to be quiet.
    if (manager := ipython.extension_manager) is not None:
        ipython.events.register("post_run_cell", lambda *_: manager.loaded.discard(__name__))
    drill_magics.register(ipython)
