"""Autograders that a platform builds an image of: Gradescope's zip, and the image of PrairieLearn's external grader.

Both run the same ``setup.sh`` once and read the same ``settings.sh``. The engine is a child process of the lab, so a container
needs no Docker of its own, no right and no network at run time.
"""

from __future__ import annotations

from pathlib import Path

from graders.autograders.bundle import shipped, zipped
from graders.autograders.installation import Installation
from graders.marking.policy import read_policy
from graders.report.platforms.gradescope import Visibility
from lab_env.errors import UsageError
from lab_env.text import listed

_POLICY = "policy.yaml"
_FOR_EVERYBODY = frozenset({"weights", "disabled"})
_SCRIPTS = frozenset({"setup.sh", "run_autograder", "grade.sh"})


def gradescope(
    installation: Installation, *, visibility: Visibility = Visibility.VISIBLE, policy: bytes | None = None
) -> bytes:
    """The zip that is uploaded as a programming assignment's autograder."""
    settings = _settings(installation, policy, f"# When students see their tests.\nVISIBILITY={visibility.value}\n")
    return _bundle(installation, policy, {"settings.sh": settings, "run_autograder": shipped("run_autograder.sh")})


def prairielearn(installation: Installation, *, policy: bytes | None = None) -> bytes:
    """The zip that an image for PrairieLearn's external grader is built of."""
    settings = _settings(installation, policy, "")
    own = {
        "settings.sh": settings,
        "grade.sh": shipped("grade_on_prairielearn.sh"),
        "Dockerfile": shipped("Dockerfile"),
    }
    return _bundle(installation, policy, own)


def read_weights(path: Path) -> bytes:
    """A policy for everybody who will hand in.

    :raises UsageError: it is none, or it says anything else: the platform knows people and times, and the file cannot.
    """
    others = sorted(read_policy(path).rules.model_fields_set - _FOR_EVERYBODY)
    if others:
        raise UsageError(
            f"{path.name} has {listed(others)}, and an autograder, which grades one submission at a time, takes weights "
            "and disabled alone.",
            next_step="Keep those two in it, and set due dates and single marks on the platform.",
        )
    return path.read_bytes()


def _bundle(installation: Installation, policy: bytes | None, own: dict[str, str]) -> bytes:
    contents: dict[str, str | bytes] = {
        **own,
        "setup.sh": shipped("setup.sh"),
        "requirements.txt": installation.requirements_file,
    }
    if installation.wheel is not None:
        contents[installation.wheel.name] = installation.wheel.content
    if policy is not None:
        contents[_POLICY] = policy
    return zipped(contents, _SCRIPTS)


def _settings(installation: Installation, policy: bytes | None, more: str) -> str:
    own = (
        "# How this autograder grades; change a value and zip the files again.\n"
        f"# static, plan or full\nDEPTH={installation.depth.value}\n{more}"
        f"# A policy file beside this one with weights and disabled lines, or nothing.\nPOLICY={_POLICY if policy else ''}\n"
    )
    return own + shipped("places.sh")
