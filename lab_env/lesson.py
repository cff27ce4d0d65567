"""What the lesson asks for by name and number, in one value: the module under test is held against these."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Lesson:
    """The names and settings that lesson, rubric, drills and mutants share.

    :param secret: what follows the environment in the secret's name.
    :param alias: what stands before the environment in the alias of the secret's key.
    :param password: the variable in which the container gets the password.
    :param window_days: how long a deleted key waits, and a deleted secret can be restored.
    :param environment_tag, manager_tag, manager: keys of the tags, and who manages the key.
    """

    secret: str = "database-credentials"  # noqa: S105 - a name, not a secret
    alias: str = "app-secrets"
    password: str = "DB_PASSWORD"  # noqa: S105 - a variable's name
    window_days: int = 7
    environment_tag: str = "Environment"
    manager_tag: str = "ManagedBy"
    manager: str = "Terraform"

    def secret_name(self, environment: str) -> str:
        """The secret's name under an environment: ``dev-database-credentials``."""
        return f"{environment}-{self.secret}"

    def alias_name(self, environment: str) -> str:
        """The alias's name under an environment: ``alias/app-secrets-dev``."""
        return f"alias/{self.alias}-{environment}"


LESSON = Lesson()
