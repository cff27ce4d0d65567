"""A module's outputs: what is shown of them, and what never is."""

from __future__ import annotations

from typing import Any

from lab.terraform.outputs import HIDDEN, OutputLine, of_plan, of_state

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:dev-a"
PASSWORD = "q7Zt-1Lw8vKe5mBnX0RyAsDc"


def state(**outputs: object) -> dict[str, Any]:
    """A state with a secret, its version, and these outputs."""
    return {
        "outputs": {name: {"value": value, "sensitive": True} for name, value in outputs.items()},
        "resources": [
            {
                "mode": "managed",
                "type": "aws_secretsmanager_secret",
                "instances": [{"attributes": {"arn": ARN, "name": "dev-a", "policy": ""}}],
            },
            {
                "mode": "managed",
                "type": "aws_secretsmanager_secret_version",
                "instances": [
                    {"attributes": {"secret_string": PASSWORD, "id": f"{ARN}|1"}, "sensitive_attributes": []}
                ],
            },
            {
                "mode": "managed",
                "type": "aws_db_instance",
                "instances": [
                    {
                        "attributes": {"password": "Winter-In-Oslo-77"},
                        "sensitive_attributes": [[{"type": "get_attr", "value": "password"}]],
                    }
                ],
            },
            {
                "mode": "data",
                "type": "aws_secretsmanager_random_password",
                "instances": [{"attributes": {"random_password": "Summer-In-Rome-12"}}],
            },
        ],
    }


def test_addresses_are_shown() -> None:
    """Are ARNs, names, numbers and lists of them shown, in the order of their names?"""
    shown = of_state(state(secret_arn=ARN, days=7, name="dev-a", all=[ARN, "dev-a"], on=True))
    assert shown == (
        OutputLine("all", f"[{ARN}, dev-a]"),
        OutputLine("days", "7"),
        OutputLine("name", "dev-a"),
        OutputLine("on", "true"),
        OutputLine("secret_arn", ARN),
    )


def test_values_are_not() -> None:
    """Is a value left out that a secret, a sensitive attribute or a data source has, whatever it stands in or is called?"""
    values = (PASSWORD, "Winter-In-Oslo-77", "Summer-In-Rome-12", f"user:{PASSWORD}", {"password": PASSWORD}, None)
    for value in values:
        (line,) = of_state(state(hint=value))
        assert line == OutputLine("hint", HIDDEN), value
    (line,) = of_state(state(hint=[PASSWORD, ARN]))
    assert PASSWORD not in line.text


def test_a_plan_tells_what_becomes_of_them() -> None:
    """Are changed outputs named without their values, and unchanged ones not at all?"""
    document = {
        "output_changes": {
            "new": {"actions": ["create"], "after": PASSWORD},
            "old": {"actions": ["delete"], "before": PASSWORD},
            "other": {"actions": ["update"]},
            "same": {"actions": ["no-op"]},
        }
    }
    assert of_plan(document) == (
        OutputLine("new", "will be added"),
        OutputLine("old", "will be removed"),
        OutputLine("other", "will change"),
    )
    assert of_plan({}) == of_state({}) == ()
