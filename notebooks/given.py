"""The files that the notebooks write before anybody has answered: what everybody has, and nobody from anybody else."""

from __future__ import annotations

import json
from collections.abc import Iterator

from graders.nbgrader.release import joined
from graders.nbgrader.settings import HCL_STUB
from lab_env.submission import Submission
from lab_env.submission.model import MODULE_DIR, digest
from lab_env.submission.notebooks import read_notebooks
from notebooks.course import RELEASED, SOURCE

_BEGIN, _END = "### BEGIN SOLUTION", "### END SOLUTION"


def given() -> tuple[Submission, ...]:
    """One submission, called the notebooks; none in an installation without them."""
    place = next((place for place in (SOURCE, RELEASED) if any(place.glob("*.ipynb"))), None)
    if place is None:
        return ()
    notebooks = {}
    for path in sorted(place.glob("*.ipynb")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            cell["source"] = "\n".join(_unanswered(joined(cell["source"])))
        notebooks[path.name] = json.dumps(notebook).encode()
    files = read_notebooks(notebooks).written
    return (Submission(id="the notebooks", digest=digest(files, ()), files=files, module_dir=MODULE_DIR),)


def _unanswered(source: str) -> Iterator[str]:
    """A cell's lines with the stub in the place of the solution, set in as that was; as nbgrader's ``ClearSolutions`` does it."""
    answered = False
    for line in source.split("\n"):
        if _BEGIN in line:
            answered = True
            yield f"{line[: len(line) - len(line.lstrip())]}{HCL_STUB}"
        elif _END in line:
            answered = False
        elif not answered:
            yield line
