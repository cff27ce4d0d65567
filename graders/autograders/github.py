"""The workflow that grades each push to a repository on GitHub: annotations, a summary, alerts where there is code scanning."""

from __future__ import annotations

import json

from graders.autograders.bundle import shipped
from graders.autograders.installation import Installation, own_version
from lab_env.errors import UsageError


def workflow(installation: Installation) -> str:
    """The text of a file in ``.github/workflows/``.

    :raises UsageError: a wheel was given, and a workflow is one file.
    """
    if installation.wheel is not None:
        raise UsageError(
            "A workflow is one file, so no wheel goes with it.",
            next_step="Put the wheel where it can be downloaded, and name it: --requirement 'secrets-lab @ https://…'.",
        )
    text = shipped("grade.yml")
    # JSON's strings are YAML's (YAML 1.2, 1.3), so nothing that stands in one can be more than it.
    values = {
        "REQUIREMENT": installation.requirement,
        "DEPTH": installation.depth.value,
        "CACHE": f"secrets-lab-{own_version()}",
    }
    for name, value in values.items():
        text = text.replace(f'"@{name}@"', json.dumps(value))
    return text
