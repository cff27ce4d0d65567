"""What nbgrader writes: the notebooks that were handed in, which are not opened here, and the learners' pages."""

from __future__ import annotations

import json
import os
from functools import cached_property
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from nbconvert.exporters import Exporter, HTMLExporter, NotebookExporter
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_notebook
from nbgrader.preprocessors import GetGrades
from traitlets import Any as AnyValue
from traitlets import Bool, List, Unicode

from graders.nbgrader import feedback_page, gradebook
from graders.nbgrader.class_run import concerns, owner


class UnopenedExporter(NotebookExporter):
    """Gives the preprocessors an empty notebook for a submitted one.

    nbconvert would open the file to begin with: through a link, whatever its size, and with an end to the conversion where it is no
    JSON, so that the older mark stayed. ``Reconstruct`` reads submissions itself. What was written to ``autograded/``
    already is read as ever, and so is another assignment.
    """

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook's text after the preprocessors."""
        coursedir = owner(self).coursedir
        ours = resources["nbgrader"] if resources is not None else {}
        submitted = coursedir.format_path(
            coursedir.submitted_directory, ours.get("student", ""), ours.get("assignment", "")
        )
        # nbgrader wrote the path
        if resources is None or os.path.dirname(filename) != submitted or not concerns(self, ours["assignment"]):  # noqa: PTH120
            return super().from_filename(filename, resources=resources, **kw)
        resources["metadata"] = {"name": ours["notebook"], "path": submitted}
        return self.from_notebook_node(new_notebook(), resources=resources)  # type: ignore[no-untyped-call,no-any-return]


class FeedbackPages(Exporter):
    """The learners' pages: :mod:`graders.nbgrader.feedback_page` in the place of nbconvert's HTML.

    The gradebook is read once for the whole class, and not for each page. Pages of other assignments are nbgrader's own.
    """

    lesson = Bool(
        False, help="Show the whole lesson on the learners' pages, and not only its headings, their answers and checks."
    ).tag(config=True)

    elsewhere = List(
        AnyValue(),
        [GetGrades, CSSHTMLHeaderPreprocessor],
        help="The steps to the pages of the course's other assignments, which are nbgrader's.",
    ).tag(config=True)
    file_extension = Unicode(".html")

    def from_filename(  # type: ignore[override]
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page of an autograded notebook."""
        resources = resources or {}
        ours = resources["nbgrader"]
        if not concerns(self, ours["assignment"]):
            return self._of_nbgrader.from_filename(filename, resources=resources, **kw)
        held = _held(owner(self), ours["assignment"]).get(ours["student"])
        document = json.loads(Path(filename).read_bytes())
        resources |= {"output_extension": ".html", "metadata": {"name": ours["notebook"], "path": ""}}
        return feedback_page.page(ours["notebook"], document, held, lesson=self.lesson), resources

    @cached_property
    def _of_nbgrader(self) -> HTMLExporter:
        made = HTMLExporter(parent=self.parent, config=self.config)  # type: ignore[no-untyped-call]
        for step in self.elsewhere:
            made.register_preprocessor(step)  # type: ignore[no-untyped-call]
        return made


_HELD: WeakKeyDictionary[Any, dict[str, dict[str, gradebook.Held]]] = WeakKeyDictionary()


def _held(converter: Any, assignment: str) -> dict[str, gradebook.Held]:
    """What the gradebook held when the converter made its first page."""
    found = _HELD.setdefault(converter, {})
    if assignment not in found:
        found[assignment] = gradebook.held(converter.coursedir, assignment)
    return found[assignment]
