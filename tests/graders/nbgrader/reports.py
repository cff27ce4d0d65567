"""A class in which everybody hands in what instructors elsewhere reported a fault about: docs/instructors-reports.md.

Nobody's notebooks are anybody else's idea of odd: each is the plain submission that its mark is compared with, changed in one way.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from graders.nbgrader.release import joined
from tests.graders.nbgrader.course import Course, Notebook, cell, cell_writing, code, markdown, replace

Notebooks = dict[str, Notebook]
SPARSE = 64 << 30
GONE = "03-ignore-changes"
SCRIPT = "<script>alert('reported')</script>"
LETTERS = "# x₀ → ≤ Ωé"
OF_THE_PAGE_BESIDE = "a page of the learner's own"


def nothing(_: object) -> None:
    """Changes nothing."""


@dataclass(frozen=True)
class HandedIn:
    """One learner's submission.

    :param case: the row of the page.
    :param student: the directory's name.
    :param like: the plain submission that it is worth as much as; None: it has no mark.
    :param change: what is odd about the notebooks.
    :param beside: what is odd about the directory that they lie in.
    """

    case: str
    student: str
    like: str | None = "missed"
    change: Callable[[Notebooks], None] = nothing
    beside: Callable[[Path], None] = nothing
    timestamp: str | None = None


def plain(course: Course) -> Mapping[str, Notebooks]:
    """The submissions without anything odd about them, by name."""
    missed = course.solved()
    replace(cell_writing(missed, "modules/secrets/placeholder.tf"), "ignore_changes = [secret_string]", "")
    without_one = course.solved()
    del without_one[GONE]
    blank = course.released()
    for notebook in blank.values():
        for one in notebook["cells"]:
            if one["metadata"]["nbgrader"]["solution"]:
                one["source"] = joined(one["source"]).split("\n", 1)[0] + "\n\n"
    return {
        "solved": course.solved(),
        "missed": missed,
        "without-one": without_one,
        "released": course.released(),
        "blank": blank,
    }


def hand_in(course: Course, table: tuple[HandedIn, ...]) -> None:
    """The class hands in."""
    made = plain(course)
    for one in table:
        notebooks = copy.deepcopy(dict(made[one.like or "missed"]))
        one.change(notebooks)
        one.beside(course.hand_in(one.student, notebooks, one.timestamp))


def checks(notebooks: Notebooks) -> list[Notebook]:
    """The test cells."""
    return [
        one for notebook in notebooks.values() for one in notebook["cells"] if one["metadata"]["nbgrader"].get("grade")
    ]


def _copied_check(notebooks: Notebooks) -> None:
    cells = notebooks["03-ignore-changes"]["cells"]
    check = cell(notebooks["03-ignore-changes"], "rotation-check")
    cells.insert(cells.index(check), copy.deepcopy(check))
    cells.append(copy.deepcopy(check))


def _checks_deleted(notebooks: Notebooks) -> None:
    for notebook in notebooks.values():
        notebook["cells"] = [one for one in notebook["cells"] if not one["metadata"]["nbgrader"].get("grade")]


def _check_as_markdown(notebooks: Notebooks) -> None:
    for check in checks(notebooks):
        check["cell_type"] = "markdown"
        del check["outputs"], check["execution_count"]


def _all_renamed(directory: Path) -> None:
    for number, path in enumerate(sorted(directory.glob("*.ipynb")), 1):
        path.rename(path.with_name(f"homework {number}.ipynb"))


def _emptied(directory: Path) -> None:
    for path in directory.iterdir():
        path.unlink()


def _scratch(notebooks: Notebooks) -> None:
    notebooks["scratch"] = {
        "cells": [markdown("my notes", nbgrader={"solution": False}), code("1 + 1", nbgrader={"solution": False})],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _never_ends(notebooks: Notebooks) -> None:
    for notebook in notebooks.values():
        notebook["cells"].insert(0, code("kept = []\nwhile True:\n    kept.append(' ' * 10**7)"))


def _other_kernel(notebooks: Notebooks) -> None:
    for notebook in notebooks.values():
        notebook["metadata"] = {
            "kernelspec": {"name": "conda-root-py", "display_name": "Python [root]", "language": "python"},
            "language_info": {"name": "julia", "pygments_lexer": "nobody-has-this"},
        }


def _raw_cells(notebooks: Notebooks) -> None:
    for notebook in notebooks.values():
        raw = {"cell_type": "raw", "metadata": {}, "source": "<not> & <markup"}
        notebook["cells"].insert(1, raw)
        notebook["cells"].append({**raw, "source": ""})


def _foreign_letters(notebooks: Notebooks) -> None:
    cell_writing(notebooks, "modules/secrets/kms.tf")["source"] += f"\n{LETTERS} \ud835\n"


def _edited_checks(notebooks: Notebooks) -> None:
    for check in checks(notebooks):
        check["source"] = "print(100)"
        check["metadata"]["nbgrader"] |= {"points": 1000, "locked": False}
        check["metadata"]["secrets_lab"] = {"requirements": ["module.valid"]}


def _printed_points(notebooks: Notebooks) -> None:
    for number, check in enumerate(checks(notebooks)):
        check["outputs"] = [
            {"output_type": "stream", "name": "stdout", "text": "\n" * (3 << 20) if number == 0 else "100\n"},
            {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": "17"}},
        ]


def _other_assignment(notebooks: Notebooks) -> None:
    notebooks.clear()
    notebooks["problem1"] = {
        "cells": [code("def squares(n):\n    return [i ** 2 for i in range(1, n + 1)]")],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _scripts(notebooks: Notebooks) -> None:
    cell_writing(notebooks, "modules/secrets/kms.tf")["source"] += f"\n# {SCRIPT}\n"
    notebooks["01-kms-key"]["cells"].append(markdown(SCRIPT))


def _page_beside(directory: Path) -> None:
    for path in directory.glob("*.ipynb"):
        path.with_suffix(".html").write_text(OF_THE_PAGE_BESIDE)


def _huge_file(directory: Path) -> None:
    with (directory / "data.bin").open("wb") as stream:
        stream.truncate(SPARSE)


def _link(directory: Path) -> None:
    (directory / f"{GONE}.ipynb").unlink()
    (directory / f"{GONE}.ipynb").symlink_to(directory.parents[1] / "solved" / directory.name / f"{GONE}.ipynb")
    (directory / "notes.txt").symlink_to("/etc/passwd")


def _old(directory: Path) -> None:
    for path in directory.iterdir():
        os.utime(path, (1_700_000_000, 1_700_000_000))


ADDING = (_foreign_letters, _scripts)
"""What changes an answer's text."""

CLASS = (
    HandedIn("other-kernel", "other-kernel", change=_other_kernel),
    HandedIn("copied-check", "copied-check", change=_copied_check),
    HandedIn("checks-deleted", "checks-deleted", change=_checks_deleted),
    HandedIn("check-as-markdown", "check-as-markdown", change=_check_as_markdown),
    HandedIn("renamed-stops-nobody", "renamed", beside=_all_renamed),
    HandedIn("no-notebook", "no-notebook", None, beside=_emptied),
    HandedIn("extra-notebook", "extra-notebook", change=_scratch),
    HandedIn("notebook-missing", "notebook-missing", "without-one"),
    HandedIn("nothing-done", "nothing-done", "released"),
    HandedIn("blank-answers", "blank-answers", "blank"),
    HandedIn("never-ends", "never-ends", change=_never_ends),
    HandedIn("raw-cells", "raw-cells", change=_raw_cells),
    HandedIn("foreign-letters", "foreign-letters", change=_foreign_letters),
    HandedIn("edited-check", "edited-check", change=_edited_checks),
    HandedIn("printed-points", "printed-points", "released", change=_printed_points),
    HandedIn("other-assignment", "other-assignment", None, change=_other_assignment),
    HandedIn("scripts", "scripts", change=_scripts),
    HandedIn("page-beside", "page-beside", beside=_page_beside),
    HandedIn("huge-file", "huge-file", beside=_huge_file),
    HandedIn("link", "link", None, beside=_link),
    HandedIn("backslash", "DOMAIN\\ann", None),
    HandedIn("brackets", "ann (2)"),
    HandedIn("brackets", "[ab]", None),
    HandedIn("letters", "Îva-Åberg_1"),
    HandedIn("letters", "李 é́"),
    HandedIn("formula", "=1+1"),
    HandedIn("without-a-time", "without-a-time", "solved"),
    HandedIn("no-time", "empty-time", timestamp=""),
    HandedIn("no-time", "nonsense-time", None, timestamp="But I want to be a timestamp :("),
    HandedIn("nothing-changed", "solved", "solved", beside=_old, timestamp="2026-11-20 10:00:00 UTC"),
)
"""In no order: the export has one."""


def as_json(notebooks: Mapping[str, Notebook], directory: Path) -> None:
    """Write notebooks where nobody's course is."""
    directory.mkdir(parents=True)
    for name, notebook in notebooks.items():
        (directory / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
