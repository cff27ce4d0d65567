"""Which lab an autograder installs, and how it grades: checked before anything is written, since all of it stands in scripts."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from graders.model import Depth
from lab_env.errors import UsageError
from lab_env.text import one_line

# Signs that mean nothing to a shell in quotes, to YAML in quotes, or to a requirements file.
_REQUIREMENT = re.compile(
    r"secrets-lab(\[[a-z,]+\])?( ?(==|~=|>=) ?[0-9A-Za-z.+!*]+| @ [A-Za-z0-9+]+://[A-Za-z0-9._~:/?=&%@+-]+)"
)
_EXTRA = "terraform"
"""An autograder's image has no Terraform of its own, and without this extra the lab brings none."""
_WHEEL = re.compile(r"secrets_lab-(?P<version>[0-9A-Za-z.+!]+)-py3-none-any\.whl")


@dataclass(frozen=True)
class Wheel:
    """The lab as one file that goes with the autograder."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Installation:
    """What an autograder installs and how deep it grades.

    :param requirement: what pip is told.
    :param wheel: takes its place.
    """

    requirement: str
    wheel: Wheel | None = None
    depth: Depth = Depth.FULL

    @classmethod
    def of(
        cls,
        *,
        requirement: str | None = None,
        wheel: Path | None = None,
        depth: Depth = Depth.FULL,
    ) -> Installation:
        """The installation that somebody asked for.

        :raises UsageError: it cannot be installed, or could mean something else in a script.
        """
        if wheel is not None and requirement is not None:
            raise UsageError("--wheel brings the lab itself along.", next_step="Leave out --requirement.")
        if requirement is not None and _REQUIREMENT.fullmatch(requirement) is None:
            raise UsageError(
                f"--requirement is {one_line(requirement)[:200]!r}, which names no version of secrets-lab.",
                next_step="Write it like secrets-lab[terraform]==1.2.0, or secrets-lab[terraform] @ https://…/secrets_lab-1.2.0-py3-none-any.whl.",
            )
        return cls(
            requirement=requirement or f"secrets-lab[{_EXTRA}]=={own_version()}",
            wheel=None if wheel is None else read_wheel(wheel),
            depth=depth,
        )

    @property
    def requirements_file(self) -> str:
        """What ``pip install -r`` reads, in the directory that the wheel lies in."""
        return f"{self.requirement}\n" if self.wheel is None else f"./{self.wheel.name}[{_EXTRA}]\n"


def own_version() -> str:
    """The version of the lab that writes the autograder."""
    return version("secrets-lab")


def read_wheel(path: Path) -> Wheel:
    """A wheel of the lab.

    :raises UsageError: it is none.
    """
    if _WHEEL.fullmatch(path.name) is None:
        raise UsageError(
            f"{one_line(path.name)} is not called as a wheel of the lab.",
            next_step="Name the file that `pip wheel --no-deps .` wrote, secrets_lab-…-py3-none-any.whl.",
        )
    try:
        content = path.read_bytes()
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror}.", next_step="Name the wheel's file.") from error
    except zipfile.BadZipFile:
        names = []
    if "lab/cli.py" not in names:
        raise UsageError(f"{path} is no wheel of the lab.", next_step="Build it again: pip wheel --no-deps .")
    return Wheel(path.name, content)
