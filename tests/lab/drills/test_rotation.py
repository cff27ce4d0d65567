"""``%rotate`` on the deployed reference, and the two-rotation accident."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lab.drills.rotation import Rotation, rotate, rotation_card
from lab.drills.versions import CURRENT, PREVIOUS, history_of, versions_of
from tests.lab.drills.conftest import DrillBench

pytestmark = [pytest.mark.engine, pytest.mark.terraform]


def _value(bench: DrillBench) -> dict[str, Any]:
    secret = bench.look().the_secret()
    value: dict[str, Any] = json.loads(
        bench.session.client("secretsmanager").get_secret_value(SecretId=secret.arn)["SecretString"]
    )
    return value


def test_a_rotation_changes_the_password_and_nothing_else(reference: DrillBench) -> None:
    """Is the new password 32 characters that were not there before, with the user name and all other keys as they were?"""
    manager = reference.session.client("secretsmanager")
    live = reference.look()
    manager.put_secret_value(
        SecretId=live.the_secret().arn,
        SecretString=json.dumps({"username": "ada", "password": "CHANGE_ME", "port": 5432}),
    )
    rotation = rotate(reference.look())
    after = _value(reference)
    assert len(after.pop("password")) == 32
    assert after == {"username": "ada", "port": 5432}
    assert rotation.kept == ("port", "username")


def test_the_password_is_shown_nowhere(reference: DrillBench) -> None:
    """Is the value in no form of the output, and in nothing that the magic leaves in the shell?"""
    seen: list[str] = []
    rotation = rotate(reference.look(), on_password=seen.append)
    shown = json.dumps(rotation_card(rotation)._repr_mimebundle_()) + repr(rotation)
    outputs = json.dumps(reference.run("rotate"))
    assert seen[0] not in shown
    assert _value(reference)["password"] not in outputs
    assert seen[0] != _value(reference)["password"]


def test_labels_before_and_after(make_bench: Callable[[Path], DrillBench], tmp_path: Path) -> None:
    """Do one and two rotations move the labels as AWS moves them, and is Terraform's version lost by the second one?"""
    bench = make_bench(tmp_path)
    bench.write("reference")
    bench.deploy()
    first = versions_of(bench.look())
    assert [(one.stages, one.tracked) for one in first] == [((CURRENT,), True)]  # not the engine's empty version

    one = rotate(bench.look())
    assert [version.stages for version in one.after] == [(CURRENT,), (PREVIOUS,)]
    assert [version.id for version in one.after] == [one.written, first[0].id]
    assert one.lost == ()
    assert "%launch" in rotation_card(one).next_step

    two = rotate(bench.look())
    assert [version.id for version in two.lost] == [first[0].id]
    text = rotation_card(two).plain
    assert first[0].id in text
    assert "deleted" in text
    assert "%terraform plan" in text

    moments = history_of(bench.look())
    assert [moment.who for moment in moments] == ["Terraform", "by API", "by API"]
    assert moments[-1].labels == {two.written: CURRENT, one.written: PREVIOUS}


def test_a_secret_without_a_value_gets_its_first(reference: DrillBench) -> None:
    """Is an empty secret filled, and said to have been empty?"""
    live = reference.look()
    arn = reference.session.client("secretsmanager").create_secret(Name="never-written")["ARN"]
    empty = live.the_secret().model_copy(update={"arn": arn})
    live = replace(live, deployed=live.deployed.model_copy(update={"secrets": (empty,)}), tracked=frozenset())
    rotation = rotate(live)
    assert rotation.first
    assert rotation.before == ()
    assert "was empty" in rotation_card(rotation).plain
    assert _value(reference)  # the other secret is as it was


def test_a_value_that_is_no_object_is_not_overwritten(make_bench: Callable[[Path], DrillBench], tmp_path: Path) -> None:
    """Is a plain text left alone, with one sentence and what to do?"""
    bench = make_bench(tmp_path)
    bench.write("reference")
    bench.deploy()
    secret = bench.look().the_secret()
    manager = bench.session.client("secretsmanager")
    manager.put_secret_value(SecretId=secret.arn, SecretString="just text")
    text = bench.text("rotate")
    assert "not a JSON object" in text
    assert "Next: " in text
    assert manager.get_secret_value(SecretId=secret.arn)["SecretString"] == "just text"
    manager.put_secret_value(SecretId=secret.arn, SecretBinary=b"\x00\x01")
    assert "not a JSON object" in bench.text("rotate")
    assert manager.get_secret_value(SecretId=secret.arn)["SecretBinary"] == b"\x00\x01"


def test_what_the_card_says_of_a_rotation_that_kept_nothing() -> None:
    """Is a value that had only a password told as such?"""
    rotation = Rotation("dev-database-credentials", "v2", (), False, (), ())
    assert "no other keys" in rotation_card(rotation).plain
