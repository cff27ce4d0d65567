"""What the lesson asks for by name and number, in one value that is handed down: the module under test is held against it.

The standard one is what the course's own texts say. An instructor's file sets others (:mod:`graders.assignment`), and in a course
with variants each learner has their own.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Lesson:
    """The names and settings that lesson, rubric, drills and mutants share.

    :param secret: what follows the environment in the secret's name.
    :param alias: what stands before the environment in the alias of the secret's key.
    :param password: the variable in which the container gets the password.
    :param key_window_days: how long a deleted key waits.
    :param secret_window_days: how long a deleted secret can be restored.
    :param environment_tag, manager_tag, manager: keys of the tags, and who manages the key.
    """

    secret: str = "database-credentials"  # noqa: S105 - a name, not a secret
    alias: str = "app-secrets"
    password: str = "DB_PASSWORD"  # noqa: S105 - a variable's name
    key_window_days: int = 7
    secret_window_days: int = 7
    environment_tag: str = "Environment"
    manager_tag: str = "ManagedBy"
    manager: str = "Terraform"

    def secret_name(self, environment: str) -> str:
        """The secret's name under an environment: ``dev-database-credentials``."""
        return f"{environment}-{self.secret}"

    def alias_name(self, environment: str) -> str:
        """The alias's name under an environment: ``alias/app-secrets-dev``."""
        return f"alias/{self.alias}-{environment}"

    @property
    def values(self) -> dict[str, str | int]:
        """All values by name, in a fixed order."""
        return asdict(self)


STANDARD = Lesson()
"""Where nobody sets anything else."""


class _UnsaidDays(int):
    """A number of days in a text for people of whom each has another."""

    def __format__(self, spec: str) -> str:
        return "<number>"

    def __str__(self) -> str:
        return format(self)


UNSAID = Lesson(
    secret="<secret>",  # noqa: S106 - a word in a text
    alias="<alias>",
    password="<variable>",  # noqa: S106
    key_window_days=_UnsaidDays(0),
    secret_window_days=_UnsaidDays(0),
    environment_tag="<environment tag>",
    manager_tag="<manager tag>",
    manager="<manager>",
)
"""For texts alone, to all who have values of their own."""


_MARK = re.compile(r"\{\{lesson\.(?P<name>\w+)\}\}")
_FIELDS = {
    "secret": "secret",
    "alias": "alias",
    "variable": "password",
    "key_window": "key_window_days",
    "secret_window": "secret_window_days",
    "environment_tag": "environment_tag",
    "manager_tag": "manager_tag",
    "manager": "manager",
}
MARKS: dict[str, str] = {name: f"{{{{lesson.{name}}}}}" for name in _FIELDS}
"""How a text stands for each value, ``{{lesson.secret}}``, by its name."""


def fill(text: str, lesson: Lesson) -> str:
    """A text with a lesson's values in the place of its marks."""

    def value(mark: re.Match[str]) -> str:
        field = _FIELDS.get(mark["name"])
        return mark[0] if field is None else str(lesson.values[field])

    return _MARK.sub(value, text)


def marks(text: str) -> tuple[str, ...]:
    """The names in a text's marks, known or not, each once."""
    return tuple(dict.fromkeys(mark["name"] for mark in _MARK.finditer(text)))
