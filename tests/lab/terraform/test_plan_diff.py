"""Plans as lines with signs."""

from __future__ import annotations

import json
from typing import Any

from lab.terraform import plan_diff
from lab.terraform.views import planned

PASSWORD = "kT9!vmQ2xZ7@pLr4"


def _change(type_: str, actions: list[str], before: Any = None, after: Any = None, **more: Any) -> dict[str, Any]:
    change = {"actions": actions, "before": before, "after": after, **more}
    return {"address": f"module.secrets.{type_}.x", "mode": "managed", "type": type_, "change": change}


def _shown(*changes: dict[str, Any], **more: Any) -> str:
    diff = plan_diff.read({"resource_changes": list(changes), **more})
    output = planned(diff, ())
    assert PASSWORD not in output.html
    assert PASSWORD not in output.plain
    return output.plain


def test_a_new_resource_shows_what_is_set_and_names_what_is_not_known() -> None:
    """Are set arguments shown, empty ones left out, and computed ones named on one line?"""
    text = _shown(
        _change(
            "aws_kms_key",
            ["create"],
            after={"description": "d", "policy": None, "tags": {"A": "b"}, "tags_all": {"A": "b"}, "x": []},
            after_unknown={"arn": True, "id": True, "tags": {}},
        )
    )
    assert "1 to add, 0 to change, 0 to destroy." in text
    assert "  + aws_kms_key.x will be created\n" in text
    assert '  +   description = "d"\n  +   tags = {\n  +     A = "b"\n  +   }\n' in text
    assert "arn, id = (known after apply)" in text
    assert "policy" not in text
    assert "tags_all" not in text


def test_a_change_shows_old_and_new_and_what_forces_a_replacement() -> None:
    """Is only what differs shown, inside of JSON documents too, with the reason for a replacement?"""
    old = {"name": "a", "same": "s", "policy": json.dumps({"Version": "1", "Statement": [{"Effect": "Allow"}]})}
    new = {"name": "b", "same": "s", "policy": json.dumps({"Version": "1", "Statement": [{"Effect": "Deny"}]})}
    text = _shown(_change("aws_iam_role", ["delete", "create"], old, new, replace_paths=[["name"]]))
    assert "-/+ aws_iam_role.x must be replaced: destroyed, then created" in text
    assert '~   name = "a" → "b"  # forces replacement' in text
    assert 'Effect = "Allow" → "Deny"' in text
    assert '"Version"' not in text
    assert "# 1 more that stay as they are" in text
    assert "1 to add, 0 to change, 1 to destroy." in text


def test_no_value_of_a_secret_is_shown() -> None:
    """Is a secret's value left out when Terraform marks it, and when it does not?"""
    document = json.dumps({"username": "app", "password": PASSWORD})
    unmarked = _shown(
        _change("aws_secretsmanager_secret_version", ["create"], after={"secret_string": document, "secret_id": "i"}),
        _change(
            "aws_secretsmanager_secret_version",
            ["update"],
            {"secret_string": document, "secret_string_wo": PASSWORD},
            {"secret_string": document + " ", "secret_string_wo": None},
        ),
    )
    assert unmarked.count("(sensitive value)") >= 3
    marked = _shown(
        _change(
            "aws_ecs_task_definition",
            ["create"],
            after={"container_definitions": document, "nested": [{"deep": {"value": PASSWORD}}]},
            after_sensitive={"container_definitions": True, "nested": [{"deep": {"value": True}}]},
        ),
        _change(
            "aws_ecs_task_definition",
            ["update"],
            {"a": PASSWORD, "b": PASSWORD},
            {"a": "open", "b": None},
            before_sensitive={"a": True, "b": True},
            after_sensitive={},
            after_unknown={"b": True},
        ),
    )
    assert "container_definitions = (sensitive value)" in marked
    assert "value = (sensitive value)" in marked


def test_only_what_matters_is_called_drift() -> None:
    """Is a version that was pruned named, and an attribute that the provider fills in later not?"""
    gone = _change("aws_secretsmanager_secret_version", ["delete"])
    filled = _change("aws_iam_role", ["update"])
    text = _shown(_change("aws_secretsmanager_secret_version", ["create"], after={}), resource_drift=[gone, filled])
    assert "Note: aws_secretsmanager_secret_version.x was deleted outside Terraform since the last apply." in text
    assert "aws_iam_role" not in text


def test_an_empty_plan_and_reads_are_no_changes() -> None:
    """Does a plan that only reads say that there is nothing to do?"""
    text = _shown(_change("aws_iam_policy_document", ["read"]), _change("aws_kms_key", ["no-op"]))
    assert "No changes: 0 to add, 0 to change, 0 to destroy." in text


def test_the_html_carries_signs_and_escapes() -> None:
    """Does every line have its sign beside the colour, and is hostile text escaped?"""
    change = _change("aws_kms_key", ["create"], after={"description": "</pre><script>x</script>"})
    html = planned(plan_diff.read({"resource_changes": [change]}), ()).html
    assert "<script" not in html
    assert '<span class="lab-sign">+</span>' in html


def test_sensitive_places_of_a_state_are_left_out_as_a_whole() -> None:
    """Is an attribute hidden when anything in it is marked, whatever the steps of the mark?"""
    tree = plan_diff.sensitive_tree(
        [[{"type": "get_attr", "value": "a"}, {"type": "index", "value": 0}], [{"type": "get_attr", "value": "b"}]]
    )
    lines = plan_diff.state_lines({"a": [PASSWORD], "b": PASSWORD, "c": "open", "secret_string": PASSWORD}, tree)
    assert PASSWORD not in str(lines)
    assert 'c = "open"' in [line.text for line in lines]
