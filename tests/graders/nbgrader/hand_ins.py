"""Hand-ins, one by one: what a learner did, and what it comes to on every road, decided before any of them was walked.

Each begins as the solved course. At static depth two requirements are judged: no credential in any file, and the placeholder's
``ignore_changes``; so an answer that is lost shows in the files that are read, and the placeholder's in the mark as well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graders.model import SubmissionStatus
from tests.graders.nbgrader.course import Course, Notebook, cell_writing, code, joined, markdown, replace

MODULE = "modules/secrets"
KMS, PLACEHOLDER, VARIABLES = f"{MODULE}/kms.tf", f"{MODULE}/placeholder.tf", f"{MODULE}/variables.tf"
NAMES = (
    "00-where-secrets-leak",
    "01-kms-key",
    "02-shell-secret",
    "03-ignore-changes",
    "04-ecs-and-iam",
    "05-whole-module",
)
KEY, IGNORE, LAST = NAMES[1], NAMES[3], NAMES[5]
LEAK, IGNORED = "secret.no_plaintext", "rotation.ignore_changes"
PASSWORD = "Harbour-Gate-7431!"
MIB = 1 << 20


@dataclass
class Scene:
    """A directory before it is handed in.

    :ivar notebooks: by path, without ``.ipynb``.
    :ivar raw: other files, and notebooks that are none, by path.
    :ivar last: done to the directory when all is written.
    """

    notebooks: dict[str, Notebook]
    raw: dict[str, bytes] = field(default_factory=dict)
    last: list[Callable[[Path], None]] = field(default_factory=list)

    def writing(self, path: str) -> dict[str, Any]:
        """The answer, or the given cell, that writes a file."""
        return next(
            cell
            for notebook in self.notebooks.values()
            for cell in notebook["cells"]
            if joined(cell["source"]).startswith(f"%%hcl {path}\n")
        )

    def where(self, cell: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
        """The cells among which a cell stands, and its place there."""
        cells = next(one["cells"] for one in self.notebooks.values() if any(cell is other for other in one["cells"]))
        return cells, next(index for index, other in enumerate(cells) if other is cell)

    def take_out(self, path: str) -> dict[str, Any]:
        """The cell that writes a file, which is in no notebook any more."""
        cell = self.writing(path)
        cells, at = self.where(cell)
        del cells[at]
        return cell

    def to_stub(self, path: str) -> str:
        """An answer's text, whose cell is as it was released."""
        cell = self.writing(path)
        text = joined(cell["source"])
        cell["source"] = f"%%hcl {path}\n# Write this part."
        return text

    def drop(self, name: str) -> Notebook:
        return self.notebooks.pop(name)

    def write(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        for path, notebook in self.notebooks.items():
            file = directory / f"{path}.ipynb"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(notebook), encoding="utf-8")
        for path, data in self.raw.items():
            (directory / path).parent.mkdir(parents=True, exist_ok=True)
            (directory / path).write_bytes(data)
        for step in self.last:
            step(directory)


@dataclass(frozen=True)
class HandIn:
    """One hand-in.

    :param lost: the requirements of the two that are not met.
    :param gone: files of the module that are not read; ``more``: files that are read besides.
    :param told: words that the instructor reads in both graders, and the learner in the notebook before handing in.
    :param learner: what the learner reads instead; the same when left out.
    :param graders_only: words that only the graders have, which know what was released, or what was handed in.
    :param differs: the notebook's own mark is another, because it sees what was run; it has to say what is handed in.
    """

    name: str
    does: str
    make: Callable[[Scene], None]
    status: SubmissionStatus = SubmissionStatus.GRADED
    lost: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    more: frozenset[str] = frozenset()
    told: tuple[str, ...] = ()
    learner: tuple[str, ...] | None = None
    graders_only: tuple[str, ...] = ()
    differs: bool = False

    @property
    def score(self) -> int:
        """At static depth."""
        if self.status is not SubmissionStatus.GRADED:
            return 0
        return 10 - 6 * (LEAK in self.lost) - 4 * (IGNORED in self.lost)


def scene(course: Course) -> Scene:
    """The solved course."""
    return Scene(course.solved())


def _nothing(scene: Scene) -> None:
    """As it is."""


def _own_cell(scene: Scene) -> None:
    text = scene.to_stub(PLACEHOLDER)
    scene.notebooks[IGNORE]["cells"].append(code(text))


def _own_file(scene: Scene) -> None:
    text = scene.to_stub(PLACEHOLDER).replace(PLACEHOLDER, f"{MODULE}/version.tf")
    scene.notebooks[IGNORE]["cells"].insert(2, code(text))


def _own_notebook(scene: Scene) -> None:
    cell = scene.take_out(PLACEHOLDER)
    scene.notebooks["06-mine"] = {
        **scene.notebooks[IGNORE],
        "cells": [markdown("# Mine"), code(joined(cell["source"]))],
    }


def _edited_given(scene: Scene) -> None:
    replace(scene.writing(VARIABLES), "description", "# Mine.\n  description")


def _leak_in_given(scene: Scene) -> None:
    scene.writing(VARIABLES)["source"] = (
        joined(scene.writing(VARIABLES)["source"]) + f'\nvariable "db_password" {{\n  default = "{PASSWORD}"\n}}\n'
    )


def _retyped(scene: Scene) -> None:
    for path in (KMS, PLACEHOLDER):
        cells, at = scene.where(scene.writing(path))
        cells[at] = code(joined(cells[at]["source"]))


def _pasted_twice(scene: Scene) -> None:
    cells, at = scene.where(scene.writing(KMS))
    cells.insert(at, {**json.loads(json.dumps(cells[at])), "id": "pasted"})


def _pasted_then_emptied(scene: Scene) -> None:
    cells, at = scene.where(scene.writing(PLACEHOLDER))
    cells.insert(at, {**json.loads(json.dumps(cells[at])), "id": "pasted"})
    cells[at + 1]["source"] = f"%%hcl {PLACEHOLDER}\n"


def _split(scene: Scene) -> None:
    cells, at = scene.where(scene.writing(KMS))
    text = joined(cells[at]["source"])
    half = text.index('resource "aws_kms_alias"')
    cells[at]["source"] = text[:half]
    cells.insert(at + 1, code(f"%%hcl {KMS}\n{text[half:]}"))


def _split_by_the_menu(scene: Scene) -> None:
    cells, at = scene.where(scene.writing(PLACEHOLDER))
    text = joined(cells[at]["source"])
    half = text.index('resource "')
    cells[at]["source"] = f"{text[:half]}# The version is below.\n"
    cells.insert(at + 1, code(text[half:]))


def _other_order(scene: Scene) -> None:
    cells, at = scene.where(scene.writing(KMS))
    cells.insert(0, cells.pop(at))


def _moved(scene: Scene) -> None:
    scene.notebooks[KEY]["cells"].append(scene.take_out(PLACEHOLDER))


def _stripped(scene: Scene) -> None:
    for notebook in scene.notebooks.values():
        notebook["metadata"] = {}
        for cell in notebook["cells"]:
            cell["metadata"] = {}


def _stripped_to_4_0(scene: Scene) -> None:
    _stripped(scene)
    for notebook in scene.notebooks.values():
        notebook["nbformat_minor"] = 0
        for cell in notebook["cells"]:
            cell.pop("id", None)


def _version_3(scene: Scene) -> None:
    """As notebooks were before 2014; some converters still write them."""
    notebook = scene.drop(IGNORE)
    cells = [
        {"cell_type": "code", "language": "python", "metadata": {}, "outputs": [], "input": joined(cell["source"])}
        if cell["cell_type"] == "code"
        else {"cell_type": "markdown", "metadata": {}, "source": joined(cell["source"])}
        for cell in notebook["cells"]
    ]  # fmt: skip
    old = {
        "metadata": {"name": ""},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [{"cells": cells, "metadata": {}}],
    }
    scene.raw[f"{IGNORE}.ipynb"] = json.dumps(old).encode()


def _renamed(to: str) -> Callable[[Scene], None]:
    def make(scene: Scene) -> None:
        for name in NAMES:
            scene.notebooks[to.format(name)] = scene.drop(name)

    return make


def _one_renamed(name: str, to: str) -> Callable[[Scene], None]:
    def make(scene: Scene) -> None:
        scene.notebooks[to] = scene.drop(name)

    return make


def _copy_beside(scene: Scene) -> None:
    scene.notebooks[f"{KEY} (1)"] = scene.notebooks[KEY]


def _checkpoints(scene: Scene) -> None:
    for name in NAMES:
        scene.notebooks[f".ipynb_checkpoints/{name}-checkpoint"] = scene.notebooks[name]


def _copied_check(scene: Scene) -> None:
    scene.to_stub(PLACEHOLDER)
    cells = scene.notebooks[IGNORE]["cells"]
    check = next(cell for cell in cells if cell["metadata"].get("nbgrader", {}).get("grade"))
    for id_, points in (("bonus", 50), (check["metadata"]["nbgrader"]["grade_id"], 100)):
        copied = json.loads(json.dumps(check))
        copied["metadata"]["nbgrader"] |= {"grade_id": id_, "points": points}
        copied["outputs"] = [
            {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": str(points)}}
        ]
        cells.append(copied)


def _as_markdown(scene: Scene) -> None:
    cell = scene.writing(PLACEHOLDER)
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]


def _as_raw(scene: Scene) -> None:
    _as_markdown(scene)
    next(cell for cell in scene.notebooks[IGNORE]["cells"] if joined(cell["source"]).startswith("%%hcl"))[
        "cell_type"
    ] = "raw"


def _as_fenced_markdown(scene: Scene) -> None:
    cell = scene.writing(PLACEHOLDER)
    _as_markdown(scene)
    cell["source"] = "```hcl\n" + joined(cell["source"]).partition("\n")[2] + "\n```"


def _begin(change: Callable[[str], str], path: str = PLACEHOLDER) -> Callable[[Scene], None]:
    def make(scene: Scene) -> None:
        cell = scene.writing(path)
        cell["source"] = change(joined(cell["source"]))

    return make


def _without_first_line(text: str) -> str:
    return text.partition("\n")[2]


def _broken(data: bytes, name: str = IGNORE) -> Callable[[Scene], None]:
    def make(scene: Scene) -> None:
        scene.drop(name)
        scene.raw[f"{name}.ipynb"] = data

    return make


def _all_broken(scene: Scene) -> None:
    for name in NAMES:
        _broken(b"", name)(scene)


def _picture(size: int, name: str) -> Callable[[Scene], None]:
    def make(scene: Scene) -> None:
        cell = markdown("![a](attachment:a.png)")
        cell["attachments"] = {"a.png": {"image/png": "iVBORw0KGgo" * (size // 11)}}
        scene.notebooks[name]["cells"].append(cell)

    return make


def _large_output(scene: Scene) -> None:
    text = "aws_kms_key.secrets: Still creating...\n" * (3 * MIB // 39)
    output = {"output_type": "stream", "name": "stdout", "text": text}
    next(cell for cell in scene.notebooks[KEY]["cells"] if cell["cell_type"] == "code")["outputs"] = [output]


def _says(cell: dict[str, Any], name: str = KEY) -> Callable[[Scene], None]:
    return lambda scene: scene.notebooks[name]["cells"].append(cell)


def _prints(text: str) -> Callable[[Scene], None]:
    cell = code("print(secret)")
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
    return _says(cell)


def _linked_notebook(scene: Scene) -> None:
    scene.raw[".mine"] = json.dumps(scene.drop(IGNORE)).encode()
    scene.last.append(lambda directory: (directory / f"{IGNORE}.ipynb").symlink_to(".mine"))


def _link_beside(scene: Scene) -> None:
    scene.last.append(lambda directory: (directory / "data").symlink_to("/etc"))


def _pipe(scene: Scene) -> None:
    scene.last.append(lambda directory: os.mkfifo(directory / "queue"))


def _file_beside(path: str, text: str) -> Callable[[Scene], None]:
    def make(scene: Scene) -> None:
        scene.raw[path] = text.encode()

    return make


def _as_files(scene: Scene) -> None:
    for name in NAMES:
        for cell in scene.drop(name)["cells"]:
            first, _, body = joined(cell["source"]).partition("\n")
            if first.startswith("%%hcl "):
                scene.raw[first.split()[1]] = body.encode()


def _one_as_file(scene: Scene) -> None:
    scene.raw[PLACEHOLDER] = joined(scene.take_out(PLACEHOLDER)["source"]).partition("\n")[2].encode()


def _stale_file(scene: Scene) -> None:
    scene.raw[PLACEHOLDER] = b"# What the cell wrote an hour ago.\n"


def _without(name: str) -> Callable[[Scene], None]:
    def make(scene: Scene) -> None:
        scene.drop(name)

    return make


def _without_given(scene: Scene) -> None:
    scene.take_out(VARIABLES)


def _emptied(scene: Scene) -> None:
    scene.notebooks.clear()
    scene.raw["README.md"] = b"I will hand in tomorrow.\n"


def _same_ids(scene: Scene) -> None:
    for notebook in scene.notebooks.values():
        for cell in notebook["cells"]:
            cell["id"] = "same"


def _as_lines(scene: Scene) -> None:
    for notebook in scene.notebooks.values():
        for cell in notebook["cells"]:
            cell["source"] = joined(cell["source"]).splitlines(keepends=True)


def _windows(scene: Scene) -> None:
    for notebook in scene.notebooks.values():
        for cell in notebook["cells"]:
            cell["source"] = joined(cell["source"]).replace("\n", "\r\n")


def _with_mark(scene: Scene) -> None:
    scene.raw[f"{IGNORE}.ipynb"] = b"\xef\xbb\xbf" + json.dumps(scene.drop(IGNORE)).encode()


def _surrogate(scene: Scene) -> None:
    scene.writing(KMS)["source"] = joined(scene.writing(KMS)["source"]) + "\n# \ud800"


def _foreign(scene: Scene) -> None:
    scene.notebooks["scratch"] = {**scene.notebooks[KEY], "cells": [code("1 + 1"), markdown("Notes.")]}


def _many(scene: Scene) -> None:
    for number in range(40):
        scene.notebooks[f"notes-{number:02}"] = {**scene.notebooks[KEY], "cells": [markdown("Notes.")]}


def _released(scene: Scene) -> None:
    for path in (
        KMS,
        f"{MODULE}/secret.tf",
        PLACEHOLDER,
        f"{MODULE}/iam.tf",
        f"{MODULE}/ecs.tf",
        f"{MODULE}/outputs.tf",
    ):
        scene.to_stub(path)


GRADED, REJECTED, UNGRADABLE = SubmissionStatus.GRADED, SubmissionStatus.REJECTED, SubmissionStatus.UNGRADABLE
NO_IGNORE, NO_PLACEHOLDER, LEAKS = frozenset({IGNORED}), frozenset({PLACEHOLDER}), frozenset({LEAK})
ALL: frozenset[str] = frozenset({IGNORED, LEAK})
VERSION = frozenset({f"{MODULE}/version.tf"})
PROVIDER = 'provider "aws" {\n  region = "us-east-1"\n}\n'

HAND_INS: tuple[HandIn, ...] = (
    HandIn("solved", "solves everything", _nothing),
    HandIn("released", "hands in what was given out", _released, lost=ALL),
    # Cells of one's own, and given ones
    HandIn("own-cell", "writes the answer into a cell of their own, and leaves the given one", _own_cell),
    HandIn("own-file", "writes a file of their own", _own_file, more=VERSION),
    HandIn("own-notebook", "writes a notebook of their own", _own_notebook,
           graders_only=("06-mine.ipynb is none of the assignment's notebooks: 1 cell of it is read.",)),
    HandIn("edited-given", "edits the cell that was given", _edited_given),
    HandIn("leak-in-given", "puts a password into the cell that was given", _leak_in_given, lost=LEAKS),
    HandIn("without-given", "deletes the cell that was given", _without_given, status=REJECTED,
           told=('does not declare variable "environment"',),
           graders_only=(f"No cell of {NAMES[0]}.ipynb writes {VARIABLES} any more.",)),
    HandIn("retyped", "deletes the answers' cells and types them again", _retyped),
    HandIn("pasted-twice", "pastes the answer's cell once more", _pasted_twice, status=REJECTED, told=("twice",)),
    HandIn("pasted-then-emptied", "pastes the answer's cell and empties the first", _pasted_then_emptied),
    HandIn("split", "splits an answer in two, each with its first line", _split),
    HandIn("split-by-the-menu", "splits an answer with Jupyter's menu, which leaves the second half without its first line",
           _split_by_the_menu, lost=NO_IGNORE, told=("does not begin with %%hcl PATH",)),
    HandIn("other-order", "moves an answer to the top of its notebook", _other_order),
    HandIn("moved", "cuts an answer out and pastes it into another notebook", _moved),
    HandIn("copied-check", "copies a check cell, with points and outputs", _copied_check, lost=NO_IGNORE),
    # What front ends and file managers do
    HandIn("stripped", "uses a front end that drops metadata", _stripped),
    HandIn("stripped-4.0", "uses an old front end: no metadata, no ids", _stripped_to_4_0),
    HandIn("version-3", "uses a converter that writes the notebook format of 2013", _version_3),
    HandIn("downloaded-twice", "downloads a notebook twice: 01-kms-key (1).ipynb", _one_renamed(KEY, f"{KEY} (1)")),
    HandIn("copies", "works in copies: …-Copy1.ipynb", _renamed("{}-Copy1")),
    HandIn("other-names", "gives the notebooks names of their own", _renamed("mine {}")
           , graders_only=("mine 01-kms-key.ipynb is none of the assignment's notebooks: 1 cell of it is read.",)),
    HandIn("deeper", "hands in a directory with the notebooks in it", _renamed("secrets-management/{}")),
    HandIn("one-deeper", "has one notebook in a directory", _one_renamed(IGNORE, f"done/{IGNORE}")),
    HandIn("copy-beside", "has a notebook and its copy", _copy_beside, status=UNGRADABLE,
           told=("is written by two notebooks",), differs=True),
    HandIn("checkpoints", "hands Jupyter's checkpoints in, too", _checkpoints),
    HandIn("same-ids", "has a notebook whose cells all have one id", _same_ids),
    HandIn("as-lines", "has cells that are lists of lines", _as_lines),
    HandIn("windows", "has Windows line ends", _windows),
    HandIn("byte-order-mark", "saves with a byte order mark", _with_mark),
    HandIn("half-a-character", "has half of a surrogate pair in an answer", _surrogate),
    # How an answer begins
    HandIn("as-markdown", "turns an answer to Markdown", _as_markdown, lost=NO_IGNORE, gone=NO_PLACEHOLDER,
           told=("a Markdown cell",)),
    HandIn("as-fenced-markdown", "turns an answer to Markdown with a fence", _as_fenced_markdown, lost=NO_IGNORE,
           gone=NO_PLACEHOLDER, told=("a Markdown cell",)),
    HandIn("as-raw", "turns an answer to raw text", _as_raw, lost=NO_IGNORE, gone=NO_PLACEHOLDER, told=("a raw cell",)),
    HandIn("without-first-line", "deletes an answer's first line", _begin(_without_first_line), lost=NO_IGNORE,
           gone=NO_PLACEHOLDER, told=("does not begin with %%hcl PATH",)),
    HandIn("below-a-comment", "writes a comment above %%hcl", _begin("# My answer.\n{}".format), lost=NO_IGNORE,
           gone=NO_PLACEHOLDER, told=("%%hcl PATH is not its first line",)),
    HandIn("names-no-file", "writes %%hcl without a path", _begin(lambda text: "%%hcl\n" + _without_first_line(text)),
           lost=NO_IGNORE, gone=NO_PLACEHOLDER, told=("names no file",)),
    HandIn("below-an-empty-line", "leaves a line empty above %%hcl, which the notebook does not mind", _begin("\n \n{}".format)),
    HandIn("indented", "indents a whole answer, which the notebook does not mind",
           _begin(lambda text: "\n".join(f"  {line}" for line in text.split("\n")))),
    HandIn("quoted", "quotes the path", _begin(lambda text: text.replace(PLACEHOLDER, f'"./{PLACEHOLDER}"', 1))),
    HandIn("outside", "names a path outside", _begin(lambda text: text.replace(PLACEHOLDER, "../../placeholder.tf", 1)),
           status=UNGRADABLE, told=("does not stay inside",), differs=True),
    HandIn("python", "writes Python into an answer", _begin(lambda text: "import os\nprint(os.environ)"), lost=NO_IGNORE,
           gone=NO_PLACEHOLDER),
    HandIn("provider", "writes what is not allowed", _begin(lambda text: text + "\n" + PROVIDER), status=REJECTED,
           told=("provider",)),
    # Notebooks that cannot be read
    HandIn("empty-notebook", "has a notebook of no bytes", _broken(b""), lost=NO_IGNORE, gone=NO_PLACEHOLDER,
           told=(f"{IGNORE}.ipynb is not a readable notebook",)),
    HandIn("broken-notebook", "has a notebook that ends in the middle", _broken(b'{"cells": ['), lost=NO_IGNORE,
           gone=NO_PLACEHOLDER, told=(f"{IGNORE}.ipynb is not a readable notebook",)),
    HandIn("no-notebook", "has a picture under a notebook's name", _broken(b"\x89PNG\r\n\x1a\n\x00\xff"), lost=NO_IGNORE,
           gone=NO_PLACEHOLDER, told=(f"{IGNORE}.ipynb is not a readable notebook",)),
    HandIn("deep", "has a notebook that is nested without end", _broken(b"[" * 300_000), lost=NO_IGNORE, gone=NO_PLACEHOLDER,
           told=(f"{IGNORE}.ipynb is not a readable notebook",)),
    HandIn("oversized", "has a notebook with a film in it", _picture(9 * MIB, IGNORE), lost=NO_IGNORE, gone=NO_PLACEHOLDER,
           told=(f"{IGNORE}.ipynb is larger than 8.0 MiB",), differs=True),
    HandIn("all-broken", "has nothing but empty notebooks", _all_broken, status=UNGRADABLE,
           told=("is not a readable notebook",), learner=("The workspace is empty",)),
    HandIn("picture", "pastes a picture of 2 MiB", _picture(2 * MIB, IGNORE)),
    HandIn("large-output", "has an output of 3 MiB", _large_output),
    HandIn("missing-notebook", "forgets a notebook", _without(IGNORE), lost=NO_IGNORE, gone=NO_PLACEHOLDER,
           graders_only=(f"{IGNORE}.ipynb was not handed in.",)),
    HandIn("nothing", "hands in no notebook", _emptied, status=UNGRADABLE, told=("There is no .tf file",),
           learner=("The workspace is empty",)),
    # What lies beside
    HandIn("leak-in-a-cell", "keeps a password in a cell of Python", _says(code(f'password = "{PASSWORD}"')), lost=LEAKS,
           told=("no_plaintext",), differs=True),
    HandIn("leak-in-prose", "keeps a password in notes", _says(markdown(f"My password: {PASSWORD}")), lost=LEAKS,
           told=("no_plaintext",), differs=True),
    HandIn("leak-in-an-output", "prints a password", _prints(f'password = "{PASSWORD}"\n'), lost=LEAKS,
           told=("no_plaintext",), differs=True),
    HandIn("notes", "keeps notes that give nothing away", _says(markdown("Ask Ann about the key policy."))),
    HandIn("foreign-notebook", "hands in a notebook that is none of the assignment's", _foreign,
           graders_only=("scratch.ipynb is none of the assignment's notebooks: nothing of it is read",)),
    HandIn("many-notebooks", "hands in forty more notebooks", _many),
    HandIn("file-beside", "has a file of the module beside the notebooks",
           _file_beside(f"{MODULE}/version.tf", "locals {\n  mine = true\n}\n"), more=VERSION, learner=("version.tf",)),
    HandIn("stale-file", "has a file that a cell wrote once", _stale_file, told=("differs from the cells",)),
    HandIn("one-as-file", "hands one answer in as a file", _one_as_file, learner=("placeholder.tf",), differs=True),
    HandIn("all-as-files", "hands in files, and no notebook", _as_files, differs=True),
    HandIn("text-beside", "has a README and a picture beside the notebooks", _file_beside("README.md", "# Read me\n")),
    HandIn("linked-notebook", "hands in a link to a notebook", _linked_notebook, status=REJECTED, told=("link",), differs=True),
    HandIn("link-beside", "has a link beside the notebooks", _link_beside, status=REJECTED, told=("link",), differs=True),
    HandIn("pipe-beside", "has a pipe beside the notebooks", _pipe, status=REJECTED, told=("link or special file",), differs=True),
)  # fmt: skip


def by_name() -> Mapping[str, HandIn]:
    """The table, by name."""
    return {one.name: one for one in HAND_INS}


__all__ = ["HAND_INS", "HandIn", "Scene", "by_name", "cell_writing", "scene"]
