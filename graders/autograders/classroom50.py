"""The ``autograder.py`` that Classroom 50's runner starts in a student's checkout: one file, perhaps with the wheel beside it."""

from __future__ import annotations

from graders.autograders.bundle import shipped
from graders.autograders.installation import Installation


def script(installation: Installation) -> str:
    """The text of ``CLASSROOM/autograders/ASSIGNMENT/autograder.py``."""
    text = shipped("classroom50_autograder.py")
    values = {"REQUIREMENT": installation.requirement, "DEPTH": installation.depth.value}
    for name, value in values.items():
        text = text.replace(f'"@{name}@"', f'"{value}"')
    return text
