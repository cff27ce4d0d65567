"""A rotation out of band: what a person does in the console, or a rotation function does at night."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.drills.live import NothingDeployedError
from lab.drills.versions import CURRENT, Version, versions_of, versions_table
from lab.output.cards import Card, Lines, Mark
from lab_env.rotation import PASSWORD_LENGTH, json_value, rotate_password

if TYPE_CHECKING:
    from lab.drills.live import LiveDeployment

FIRST_USER = "app"
AWS_KEEPS = (
    "AWS may delete a version without a label, though not at once: it removes such versions when a secret has more than 100, and "
    "none that is younger than 24 hours."
)
"""PutSecretValue, Secrets Manager API Reference."""


@dataclass(frozen=True)
class Rotation:
    """A rotation, without its value.

    :param written: id of the new version.
    :param kept: the keys of the JSON object that are as they were, sorted.
    :param first: the secret had no value before.
    """

    secret: str
    written: str
    kept: tuple[str, ...]
    first: bool
    before: tuple[Version, ...]
    after: tuple[Version, ...]

    @property
    def lost(self) -> tuple[Version, ...]:
        """Versions that Terraform tracks and that have no label any more, or are deleted."""
        now = {one.id: one for one in self.after}
        return tuple(one for one in self.before if one.tracked and not (one.id in now and now[one.id].stages))


def rotate(live: LiveDeployment, *, on_password: Callable[[str], None] | None = None) -> Rotation:
    """Put one new version whose password is 32 random characters; the user name and all other keys stay.

    :param on_password: told the password; it must not keep or show it.
    :raises NothingDeployedError: there is no secret, or its value is no JSON object that could keep a password.
    """
    secret = live.the_secret()
    manager = live.client("secretsmanager")
    before = versions_of(live)
    value = _current_value(manager, secret.arn)
    rotated = rotate_password(manager, secret.arn, {"username": FIRST_USER} if value is None else value)
    if on_password is not None:
        on_password(rotated.password)
    kept = tuple(sorted(key for key in value or {} if key != "password"))
    return Rotation(secret.name, rotated.version, kept, value is None, before, versions_of(live))


def rotation_card(rotation: Rotation) -> Card:
    """Show what the rotation did to the versions; never a value."""
    from lab_env.text import listed

    if rotation.first:
        lead = "The secret was empty, so this is its first version: a user name and a password."
    else:
        lead = f"A new version holds a new password. Kept as they were: {listed(rotation.kept) or 'no other keys'}."
    notes = [
        f"The password has {PASSWORD_LENGTH} random characters. It is shown nowhere, and the lab does not keep it.",
        "A task that runs already keeps the old password: the agent reads the secret when it starts a container.",
    ]
    next_step = "%launch starts a new task, which gets the new password."
    if rotation.lost:
        ids = listed(one.id for one in rotation.lost)
        notes.append(f"Terraform's state still names version {ids}, which has lost its last label.")
        notes.append(AWS_KEEPS)
        if all(one.id not in {now.id for now in rotation.after} for one in rotation.lost):
            notes.append("This engine has deleted it at once, so that you can see what happens then.")
        next_step = "Predict what %terraform plan says now, then run it. Do not apply it before you have read it."
    return Card(
        f"Rotated {rotation.secret}",
        lead,
        Mark("✓", "done", "pass"),
        (
            versions_table("Versions of the secret and their staging labels", rotation.before, rotation.after),
            Lines(tuple(notes)),
        ),
        next_step,
    )


def _current_value(manager: Any, arn: str) -> dict[str, Any] | None:
    """Read the JSON object under AWSCURRENT; None when there is no value."""
    try:
        answer = manager.get_secret_value(SecretId=arn, VersionStage=CURRENT)
    except manager.exceptions.ResourceNotFoundException:
        return None
    if "SecretString" not in answer and "SecretBinary" not in answer:
        return None  # the embedded engine's version without a value
    value = json_value(answer)
    if value is None:
        raise NothingDeployedError(
            "The secret's current value is not a JSON object, so it has no password of its own to change.",
            next_step="Write the first version with jsonencode({ username = …, password = … }), then apply.",
        )
    return value
