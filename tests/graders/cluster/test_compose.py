"""The compose file and the image: what they promise of every container. Nothing is started; that takes Docker."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from distributed.cli import dask_scheduler, dask_worker

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file as it is with no setting made."""
    text = (ROOT / "docker-compose.yml").read_text()
    document: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))
    return document


def members(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {name: one for name, one in compose["services"].items() if "cluster" in one.get("profiles", ())}
    assert set(found) == {"scheduler", "worker"}
    return found


def test_rights(compose: dict[str, Any]) -> None:
    """Does every container of the cluster run as nobody in particular, without rights, on a file system that it cannot change?"""
    for one in members(compose).values():
        assert int(one["user"].split(":")[0]) >= 1000
        assert (one["read_only"], one["cap_drop"]) == (True, ["ALL"])
        assert one["security_opt"] == ["no-new-privileges:true"]
        assert {"mem_limit", "cpus", "pids_limit", "healthcheck"} <= set(one)
        assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"} & set(one)


def test_what_is_mounted(compose: dict[str, Any]) -> None:
    """Is nothing of the host in any container, its Docker socket least of all?"""
    for one in members(compose).values():
        sources = [volume.split(":")[0] for volume in one.get("volumes", [])]
        assert set(sources) <= set(compose["volumes"])


def test_ports(compose: dict[str, Any]) -> None:
    """Is the scheduler's port published on loopback, and nothing else at all?"""
    found = members(compose)
    assert found["scheduler"]["ports"] == ["127.0.0.1:8786:8786"]
    assert "ports" not in found["worker"]
    assert [name for name, one in found.items() if one["networks"] != ["cluster"]] == []


def test_trust(compose: dict[str, Any]) -> None:
    """Do workers trust their own network's scheduler, the one that they are told to join, and no other host?"""
    worker = members(compose)["worker"]
    assert worker["environment"] == {"LAB_ALLOW_REMOTE": "scheduler"}
    assert "tcp://scheduler:8786" in worker["command"]


@pytest.mark.parametrize(("service", "program"), [("scheduler", dask_scheduler.main), ("worker", dask_worker.main)])
def test_commands(compose: dict[str, Any], service: str, program: Any) -> None:
    """Does Dask know every option that a container is started with?"""
    words = members(compose)[service]["command"]
    assert words[:2] == ["dask", service]
    assert all(isinstance(word, str) for word in words)
    options = program.make_context(service, list(words[2:])).params
    assert options["dashboard_address"] == "127.0.0.1:8787"


def test_image() -> None:
    """Is everything that the image is built from let through to the build, and nothing else?"""
    steps = (ROOT / "docker" / "Dockerfile").read_text().splitlines()
    copied = [
        word for step in steps if step.startswith("COPY ") and "--from" not in step for word in step.split()[1:-1]
    ]
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignore[1] == "*"
    assert sorted(line[1:].rstrip("/") for line in ignore if line.startswith("!")) == sorted(copied)
    assert all((ROOT / name).exists() for name in copied)
    assert [step for step in steps if step.startswith("USER ")] == ["USER 10001:10001"]
