"""Cheats, one by one: what each does, how it is planted, and what it pays where nbgrader runs learners' code.

The learner's notebook ``03-ignore-changes`` misses the point (there is no ``ignore_changes``), so an honest grader gives less
than everything, and more is the cheat's doing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from tests.graders.nbgrader.course import Notebook, cell, cell_writing, code, joined, markdown

NAME = "03-ignore-changes"
ANSWER, CHECK = "modules/secrets/placeholder.tf", "rotation-check"
PAYLOAD = "window.canary = 1"
SCRIPT = f"<script>{PAYLOAD}</script>"


class Pays(Enum):
    """What a cheat comes to on stock nbgrader."""

    MARK = "points that were not earned"
    RUNS = "a program of the learner's, run with the instructor's rights"
    SHOWS = "a script of the learner's in the page that the instructor opens"
    LEAKS = "somebody else's file in the learner's own feedback"
    STOPS = "no grading at all, so that an older mark stays"
    NOTHING = "nothing: stock nbgrader holds, and so must we"


@dataclass(frozen=True)
class Scene:
    """Where a cheat is planted.

    :param notebooks: the submission's, by name, before they are written.
    :param directory: the submission's.
    :param canary: a file that is there if something of the learner's ran.
    :param neighbour: the submission of somebody who solved it.
    """

    notebooks: dict[str, Notebook]
    directory: Path
    canary: Path
    neighbour: Path

    @property
    def notebook(self) -> Notebook:
        return self.notebooks[NAME]

    @property
    def answer(self) -> dict[str, object]:
        return cell_writing(self.notebooks, ANSWER)

    @property
    def check(self) -> dict[str, object]:
        return cell(self.notebook, CHECK)

    def solved(self) -> str:
        """The neighbour's answer."""
        notebook = json.loads((self.neighbour / f"{NAME}.ipynb").read_text())
        return joined(cell_writing({NAME: notebook}, ANSWER)["source"])

    def before_the_check(self, *cells: dict[str, object]) -> None:
        at = self.notebook["cells"].index(self.check)
        self.notebook["cells"][at:at] = cells


Plant = Callable[[Scene], None]


def nothing(scene: Scene) -> None:
    """Plants nothing."""


@dataclass(frozen=True)
class Cheat:
    """One cheat.

    :param plant: changes the notebooks. :param files: changes the directory when they are written.
    :param instead: what the same submission without the cheat has in its place.
    :param refused: it costs everything: the module is not one that Terraform or the gate takes, or a path is written twice.
    """

    name: str
    does: str
    pays: Pays
    plant: Plant = nothing
    files: Plant = nothing
    instead: Plant = nothing
    instead_files: Plant = field(default=nothing)
    refused: bool = False


def _runs(source: str) -> Plant:
    """A code cell before the check cell; ``CANARY`` in it is the canary's path."""

    def plant(scene: Scene) -> None:
        scene.before_the_check(code(source.replace("CANARY", repr(str(scene.canary)))))

    return plant


def _check_returns(value: str) -> Plant:
    return _runs(
        "from IPython.core.magic import register_line_magic\n"
        f"@register_line_magic\ndef lab_check(line):\n    return {value}\n"
    )


def _in_the_answer(scene: Scene) -> None:
    scene.answer["source"] = (
        "import builtins\nget_ipython().register_magic_function(lambda line: 19, 'line', 'lab_check')"
    )


def _rubbish_in_the_answer(scene: Scene) -> None:
    scene.answer["source"] = "this is no HCL"


def _says(text: str) -> Plant:
    return lambda scene: scene.before_the_check(markdown(text))


def _ships(name: str, text: str) -> Plant:
    def files(scene: Scene) -> None:
        (scene.directory / name).write_text(text.replace("CANARY", repr(str(scene.canary))))

    return files


def _linked_notebook(scene: Scene) -> None:
    file = scene.directory / f"{NAME}.ipynb"
    file.unlink()
    file.symlink_to(scene.neighbour / file.name)


def _without_the_notebook(scene: Scene) -> None:
    (scene.directory / f"{NAME}.ipynb").unlink()


def _linked_file(scene: Scene) -> None:
    (scene.directory / "notes.txt").symlink_to(scene.neighbour / f"{NAME}.ipynb")


def _pipe(scene: Scene) -> None:
    os.mkfifo(scene.directory / "notes.txt")


def _points(scene: Scene) -> None:
    scene.check["metadata"]["nbgrader"]["points"] = 1000  # type: ignore[index]


def _delete_check(scene: Scene) -> None:
    scene.notebook["cells"].remove(scene.check)


def _rename_check(scene: Scene) -> None:
    scene.check["metadata"]["nbgrader"]["grade_id"] = "something-else"  # type: ignore[index]


def _swap_ids(scene: Scene) -> None:
    other = code("19", nbgrader={**scene.check["metadata"]["nbgrader"], "solution": True})  # type: ignore[index]
    scene.before_the_check(other)


def _copy_answer(scene: Scene) -> None:
    scene.before_the_check(code(scene.solved(), **scene.answer["metadata"]))  # type: ignore[arg-type]


def _prefill(scene: Scene) -> None:
    number = {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": "19"}}
    page = {"output_type": "display_data", "metadata": {}, "data": {"text/html": SCRIPT}}
    scene.check["outputs"] = [number, page]


def _check_as_markdown(scene: Scene) -> None:
    scene.check["cell_type"] = "markdown"
    scene.check["source"] = "19"
    del scene.check["outputs"], scene.check["execution_count"]


def _answer_as_raw(scene: Scene) -> None:
    scene.answer["cell_type"] = "raw"
    del scene.answer["outputs"], scene.answer["execution_count"]


def _without_the_answer(scene: Scene) -> None:
    scene.notebook["cells"].remove(scene.answer)


def _easier(scene: Scene) -> None:
    scene.check["metadata"]["secrets_lab"] = {"requirements": ["secret.no_plaintext"]}  # type: ignore[index]


def _hcl_in_the_check(scene: Scene) -> None:
    scene.check["source"] = scene.solved()


def _other_path(path: str) -> Plant:
    def plant(scene: Scene) -> None:
        text = joined(scene.answer["source"])
        scene.answer["source"] = f"%%hcl {path}\n" + text.split("\n", 1)[1]

    return plant


def _kernel(scene: Scene) -> None:
    scene.notebook["metadata"]["kernelspec"] = {"name": "bash", "language": "bash", "display_name": "Bash"}


def _own_points(scene: Scene) -> None:
    scene.before_the_check(
        code("19", nbgrader={"grade": True, "grade_id": "bonus", "locked": False, "points": 50, "schema_version": 3,
                             "solution": False, "task": False})
    )  # fmt: skip


def _attachment(scene: Scene) -> None:
    picture = {"x.svg": {"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg'>{SCRIPT}</svg>"}}
    scene.before_the_check({**markdown("![x](attachment:x.svg)"), "attachments": picture})


def _names(scene: Scene) -> None:
    solved = (scene.neighbour / f"{NAME}.ipynb").read_text()
    for name in (f"{NAME} .ipynb", f"{NAME.upper()}.ipynb", f"{NAME}.ipynb.ipynb", f"x{SCRIPT.replace('/', '')}.ipynb"):
        (scene.directory / name).write_text(solved)


def _huge(scene: Scene) -> None:
    (scene.directory / "06-more.ipynb").write_text('{"cells": [' + "[" * (12 << 20))


def _modules(scene: Scene) -> None:
    for name in ("sitecustomize", "usercustomize", "lab", "graders", "nbgrader_config", "nbformat"):
        _ships(f"{name}.py", "open(CANARY, 'w').close()")(scene)


_REWRITE = """
import sqlite3, pathlib
here = pathlib.Path.cwd()
base = next(p for p in here.parents if (p / "gradebook.db").exists())
me = here.relative_to(base).parts[1]
with sqlite3.connect(base / "gradebook.db") as db:
    db.execute(
        "UPDATE grade SET manual_score = 19 WHERE notebook_id IN (SELECT n.id FROM submitted_notebook n"
        " JOIN submitted_assignment a ON n.assignment_id = a.id WHERE a.student_id = ?)", (me,))
"""
_STARTUP = """
import pathlib
from IPython.paths import get_ipython_dir
folder = pathlib.Path(get_ipython_dir()) / "profile_default" / "startup"
folder.mkdir(parents=True, exist_ok=True)
(folder / "00.py").write_text("open(%r, 'w').close()" % CANARY)
"""
_SILENT = """
import ast
class Nothing(ast.NodeTransformer):
    def visit_Module(self, node):
        node.body = []
        return node
get_ipython().ast_transformers.append(Nothing())
"""
_OUTLIVES = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1); open(%r, 'w').close()" % CANARY], start_new_session=True)
"""
_SHADOW = """
def load_ipython_extension(shell):
    shell.register_magic_function(lambda line, cell: None, "cell", "hcl")
    shell.register_magic_function(lambda line: 19, "line", "lab_check")
"""

CHEATS: tuple[Cheat, ...] = (
    Cheat("startup-file", "leaves an IPython startup file for the kernels that come after", Pays.RUNS, _runs(_STARTUP)),
    Cheat("extra-cell", "defines %lab_check again in a cell of its own", Pays.MARK, _check_returns("19")),
    Cheat("python-answer", "defines %lab_check again in the answer cell", Pays.MARK, _in_the_answer,
          instead=_rubbish_in_the_answer),
    Cheat("negative-number", "has the check return -1", Pays.MARK, _check_returns("-1")),
    Cheat("not-a-number", "has the check return NaN", Pays.MARK, _check_returns("float('nan')")),
    Cheat("a-word", "has the check return a sentence", Pays.MARK, _check_returns("'well done'")),
    Cheat("silence", "has the check return nothing", Pays.MARK, _check_returns("None")),
    Cheat("ast-hook", "turns every later cell into nothing", Pays.MARK, _runs(_SILENT)),
    Cheat("patched-shell", "replaces what runs magics", Pays.MARK,
          _runs("get_ipython().run_line_magic = lambda *words, **more: 19")),
    Cheat("shipped-module", "hands in a module that shadows the course's", Pays.MARK, files=_ships("lab_stand_in.py", _SHADOW)),
    Cheat("linked-notebook", "hands in a link to somebody else's notebook", Pays.MARK, files=_linked_notebook,
          instead_files=_without_the_notebook, refused=True),
    Cheat("any-program", "runs a program", Pays.RUNS, _runs("open(CANARY, 'w').close()")),
    Cheat("outlives-the-kernel", "starts a process that goes on", Pays.RUNS, _runs(_OUTLIVES)),
    Cheat("markdown-script", "writes a script into prose", Pays.SHOWS, _says(SCRIPT)),
    Cheat("markdown-handler", "writes an event handler into prose", Pays.SHOWS,
          _says(f'<img src="x" onerror="{PAYLOAD}">')),
    Cheat("javascript-link", "writes a link that runs a script", Pays.SHOWS, _says(f'<a href="javascript:{PAYLOAD}">x</a>')),
    Cheat("displayed-script", "shows HTML with a script", Pays.SHOWS,
          _runs(f"from IPython.display import HTML, display\ndisplay(HTML({SCRIPT!r}))")),
    Cheat("linked-file", "hands in a link to somebody else's file", Pays.LEAKS, files=_linked_file, refused=True),
    Cheat("dead-kernel", "ends the kernel in the middle", Pays.STOPS, _runs("import os\nos._exit(0)")),
    Cheat("pipe", "hands in a named pipe", Pays.STOPS, files=_pipe, refused=True),
    Cheat("attached-picture", "attaches a picture with a script", Pays.NOTHING, _attachment),
    Cheat("more-points", "makes its check worth 1000 points", Pays.NOTHING, _points),
    Cheat("no-check", "deletes the check cell", Pays.NOTHING, _delete_check),
    Cheat("renamed-check", "gives the check cell another id", Pays.NOTHING, _rename_check),
    Cheat("check-as-answer", "adds an answer cell with the check's id", Pays.NOTHING, _swap_ids),
    Cheat("second-answer", "adds a second answer cell of the same id, solved", Pays.NOTHING, _copy_answer, refused=True),
    Cheat("filled-output", "hands in outputs with the number and a script", Pays.NOTHING, _prefill),
    Cheat("check-as-prose", "makes the check cell Markdown", Pays.NOTHING, _check_as_markdown),
    Cheat("answer-as-raw", "makes the answer cell raw text", Pays.NOTHING, _answer_as_raw,
          instead=_without_the_answer),
    Cheat("easier-requirements", "claims that the check is about something easier", Pays.NOTHING, _easier),
    Cheat("answer-in-the-check", "writes HCL into the check cell", Pays.NOTHING, _hcl_in_the_check,
          refused=True),
    Cheat("path-outside", "writes to a path outside of the workspace", Pays.NOTHING, _other_path("../../../../canary.tf"),
          refused=True),
    Cheat("path-of-another", "writes another notebook's file", Pays.NOTHING, _other_path("modules/secrets/kms.tf"),
          refused=True),
    Cheat("another-kernel", "asks for another kernel", Pays.NOTHING, _kernel),
    Cheat("own-points", "adds a check cell of its own", Pays.NOTHING, _own_points),
    Cheat("other-names", "hands in solved notebooks under look-alike names", Pays.NOTHING, files=_names,
          refused=True),
    Cheat("huge-notebook", "adds twelve megabytes of nested brackets", Pays.NOTHING, files=_huge),
    Cheat("site-customize", "hands in modules that Python imports by itself", Pays.NOTHING,
          files=_modules),
    Cheat("gradebook", "rewrites the gradebook", Pays.MARK, _runs(_REWRITE)),
)  # fmt: skip
