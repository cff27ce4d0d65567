"""nbgrader's notebook exporter, with one difference: what a learner handed in is not opened here."""

from __future__ import annotations

import os
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

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
