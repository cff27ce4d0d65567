"""Stock nbgrader on a course directory: autograde and feedback, in a process of its own, for it runs what learners wrote.

``python run_stock.py COURSE ASSIGNMENT``; prints the scores by student as JSON.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config


def main(root: str, assignment: str) -> None:
    """Grade and print."""
    config: Any = Config()
    config.CourseDirectory.root = root
    config.CourseDirectory.course_id = "stock"
    config.ClearSolutions.code_stub = {"python": "# Write this part."}
    config.Execute.timeout = config.Execute.startup_timeout = 600  # a busy machine is no reason for a cheat not to pay
    config.Execute.iopub_timeout = 60
    api = NbGraderAPI(config=config)
    released = api.generate_assignment(assignment)
    assert released["success"], released
    # One at a time: a notebook with metadata of another age ends the grading of a whole class.
    for student in sorted(api.get_submitted_students(assignment)):
        api.autograde(assignment, student, force=True)
    api.generate_feedback(assignment, force=True)
    with Gradebook(api.coursedir.db_url, "stock") as book:
        print(json.dumps({one.student.id: one.score for one in book.assignment_submissions(assignment)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
