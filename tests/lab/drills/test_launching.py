"""``%launch`` and ``%trail`` on deployments that start and one that does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab.drills.launching import launch_all, launch_card
from lab.drills.readers import ROOT, KeyHolder, reads_of_secret, sessions_of
from lab.drills.rotation import rotate
from lab.words import in_terminal
from lab_env.engine.trail import TrailEvent
from tests.lab.drills.conftest import DrillBench

pytestmark = [pytest.mark.engine, pytest.mark.terraform]


def test_a_launch_after_a_rotation_sees_the_new_value(reference: DrillBench) -> None:
    """Does a new task see the current version, say so by fingerprint only, and stand in the trail with its own session?"""
    seen: list[str] = []
    rotate(reference.look(), on_password=seen.append)
    (launched,) = launch_all(reference.look())
    assert launched.report.ok
    assert [(one.variable, one.current) for one in launched.injected] == [("DB_PASSWORD", True)]
    assert launched.reads is not None
    assert [(read.who.principal, read.count) for read in launched.reads] == [("dev-app-execution", 1)]
    assert launched.reads[0].who.name  # the session has a name, as ECS gives it the task's id
    text = launch_card(launched).plain
    assert "Same as the current version: ✓ yes" in text
    assert seen[0] not in text


def test_the_verb_says_what_the_magic_shows(reference: DrillBench) -> None:
    """Does a terminal have each sentence of the card, in the words of verbs?"""
    (launched,) = launch_all(reference.look())
    card = launch_card(launched)
    said = list(card.lines_in(4000, in_terminal))
    words = {word.strip(":") for line in said for word in line.split()}
    assert [word for word in in_terminal(card.plain).split() if word.strip(":") not in words] == []
    assert said[-1] == "Next: lab rotate, then lab launch again: only a new task gets the new value."


def test_a_task_with_a_fixed_version_does_not_follow(make_bench: Callable[[Path], DrillBench], tmp_path: Path) -> None:
    """Does a task whose ``valueFrom`` names one version show "no" after a rotation, and what to look at?"""
    bench = make_bench(tmp_path)
    bench.write("valuefrom-pinned-version")
    bench.deploy()
    assert "✓ yes" in bench.text("launch")
    bench.run("rotate")
    text = bench.text("launch")
    assert "✗ no" in text
    assert "fixed version" in text


def test_a_task_that_does_not_start(make_bench: Callable[[Path], DrillBench], tmp_path: Path) -> None:
    """Is a refused launch told in ECS's words, without a value, a fingerprint or an exception?"""
    bench = make_bench(tmp_path)
    bench.write("valuefrom-one-colon-short")
    text = bench.text("launch")
    assert text.startswith("✗ did not start")
    assert "ResourceInitializationError" in text
    assert "Next: %lab_check ecs iam" in text


def test_the_trail_tells_application_and_terraform_apart(reference: DrillBench) -> None:
    """Are Terraform's reads root's and those of a launch the execution role's, and does the look itself leave none?"""
    launch_all(reference.look())
    before = reads_of_secret(reference.look())
    again = reads_of_secret(reference.look())
    assert before == again
    assert ("dev-app-execution", "the lab") in {(read.who.principal, read.program) for read in before}
    assert (ROOT, "Terraform") in {(read.who.principal, read.program) for read in before}
    text = reference.text("trail")
    assert "dev-app-execution" in text
    assert "Terraform" in text


def test_whose_key_it_is() -> None:
    """Is CloudTrail's own word taken where it has one, and else the last AssumeRole before the key's first call?"""
    start = datetime(2026, 11, 1, tzinfo=UTC)

    def event(seconds: int, name: str, key: str, **more: str) -> TrailEvent:
        arn = more.pop("user_arn", "")
        return TrailEvent(start + timedelta(seconds=seconds), name, "", key, (), dict(more), arn)

    assumed = [
        event(0, "POST.sts", "1", Action="AssumeRole", RoleArn="arn:aws:iam::1:role/first", RoleSessionName="a"),
        event(5, "AssumeRole", "1", roleArn="arn:aws:iam::1:role/second", roleSessionName="b"),
        event(9, "POST.sts", "1", Action="GetCallerIdentity"),
    ]
    reads = [
        event(1, "GetSecretValue", "ASIA1"),
        event(6, "GetSecretValue", "ASIA2"),
        event(7, "GetSecretValue", "ASIA3", user_arn="arn:aws:sts::1:assumed-role/third/c"),
        event(8, "GetSecretValue", "1"),
        event(3600, "GetSecretValue", "ASIA4"),
    ]
    found = sessions_of(reads, assumed, root="1")
    assert found["ASIA1"] == KeyHolder("first", "a")
    assert found["ASIA2"] == KeyHolder("second", "b")
    assert found["ASIA3"] == KeyHolder("third", "c")
    assert found["1"] == KeyHolder(ROOT)
    assert "first" not in found["ASIA4"].principal
    assert "second" not in found["ASIA4"].principal
