"""What a state file holds of a password: of one that was written write-only, and of one that a data source read back.

Each applies a small module of its own in an account of its own; a value is looked for and never told.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from lab.demos.module import DemoBench, Throwaway, canary, changes, of_text, places_of, require
from lab_env.rotation import rotate_password
from lab_env.workspace import SUBMISSION_DIR

_NAME = "dev-sample"
_VERSION = "aws_secretsmanager_secret_version"
_SHELL = """
variable "environment" {
  type = string
}

resource "aws_secretsmanager_secret" "sample" {
  name = "${var.environment}-sample"
}
"""


@dataclass(frozen=True)
class WriteOnlyLook:
    """What becomes of a password that is given by ``secret_string_wo``.

    :param arrived: the secret has it.
    :param in_state: the places in the state file that hold it.
    :param kept: the number in ``secret_string_wo_version`` that the state holds.
    :param edited: what the next plan does to the version when only the value was edited; None: nothing.
    :param counted_up: what it does when the number was raised as well.
    """

    arrived: bool
    in_state: tuple[str, ...]
    kept: int | None
    edited: str | None
    counted_up: str | None


def look_for_write_only(bench: DemoBench) -> WriteOnlyLook:
    """Apply a module that writes a password write-only, look for it, edit it, and raise its number."""
    from lab_env.engine import sessions

    value = canary()
    with of_text(bench, _write_only(value, 1)) as sample:
        require(sample.terraform.apply())
        manager = sessions.client(sample.account, "secretsmanager")
        state = json.loads(sample.state)
        return WriteOnlyLook(
            arrived=manager.get_secret_value(SecretId=_NAME)["SecretString"] == value,
            in_state=places_of(state, value),
            kept=_number(state),
            edited=_planned(sample, _write_only(canary(), 1), "edited"),
            counted_up=_planned(sample, _write_only(canary(), 2), "counted-up"),
        )


def _write_only(value: str, number: int) -> str:
    return f"""{_SHELL}
variable "first_password" {{
  type      = string
  ephemeral = true
  default   = "{value}"
}}

resource "{_VERSION}" "sample" {{
  secret_id                = aws_secretsmanager_secret.sample.id
  secret_string_wo         = var.first_password
  secret_string_wo_version = {number}
}}
"""


def _number(state: dict[str, list[dict[str, list[dict[str, dict[str, int]]]]]]) -> int | None:
    versions = (one for one in state["resources"] if str(one["type"]) == _VERSION)
    return next((one["instances"][0]["attributes"].get("secret_string_wo_version") for one in versions), None)


def _planned(sample: Throwaway, text: str, name: str) -> str | None:
    """Plan another text of the module: what it would do to the version."""
    directory = sample.workspace.directory
    (directory / SUBMISSION_DIR / "main.tf").write_text(text, encoding="utf-8")
    planned = require(sample.terraform.plan(directory / f"{name}.tfplan"))
    return next((action for _, action in changes(planned, _VERSION)), None)


@dataclass(frozen=True)
class ReadBackLook:
    """Where a rotated password is after the next apply.

    :param without: the places in the state file, of a module that does not read it.
    :param with_data: the places, of the same module with a data source that nothing uses.
    """

    without: tuple[str, ...]
    with_data: tuple[str, ...]


_PLACEHOLDER = f"""{_SHELL}
resource "{_VERSION}" "placeholder" {{
  secret_id     = aws_secretsmanager_secret.sample.id
  secret_string = jsonencode({{ password = "CHANGE_ME" }})

  lifecycle {{
    ignore_changes = [secret_string]
  }}
}}
"""
_DATA = f"""
data "{_VERSION}" "live" {{
  secret_id  = aws_secretsmanager_secret.sample.id
  depends_on = [{_VERSION}.placeholder]
}}
"""


def look_for_read_back(bench: DemoBench) -> ReadBackLook:
    """Rotate a password, apply, and look for it in the state; then add a data source and apply once more."""
    from lab_env.engine import sessions

    with of_text(bench, _PLACEHOLDER) as sample:
        require(sample.terraform.apply())
        manager = sessions.client(sample.account, "secretsmanager")
        password = rotate_password(manager, _NAME, {}).password
        require(sample.terraform.apply())
        without = places_of(json.loads(sample.state), password)
        (sample.workspace.directory / SUBMISSION_DIR / "main.tf").write_text(_PLACEHOLDER + _DATA, encoding="utf-8")
        require(sample.terraform.apply())
        return ReadBackLook(without, places_of(json.loads(sample.state), password))
