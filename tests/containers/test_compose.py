"""The compose file and the images: what they promise of every container. Nothing is started; ``docker/try_out.py`` does that."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from distributed.cli import dask_scheduler, dask_worker

from lab_env.engine import localstack, localstack_home
from tests.conftest import missing

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
CONFINED = ("lab", "formgrader", "scheduler", "worker")
PUBLISHED = {"localstack": 4566, "lab": 8888, "formgrader": 8889, "scheduler": 8786}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file with every setting as it is when nobody sets one."""
    text = (ROOT / "docker-compose.yml").read_text()
    document: dict[str, Any] = yaml.safe_load(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text))
    return document


def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


def test_profiles(compose: dict[str, Any]) -> None:
    """Does a plain ``up`` start LocalStack and the lab, and each profile what it is for?"""
    profiles = {name: one.get("profiles", []) for name, one in services(compose).items()}
    assert profiles == {
        "localstack": [], "lab": [], "formgrader": ["instructor"], "scheduler": ["cluster"], "worker": ["cluster"],
    }  # fmt: skip


@pytest.mark.parametrize("name", CONFINED)
def test_rights(compose: dict[str, Any], name: str) -> None:
    """Does a container of ours run as nobody in particular, without rights, on a file system that it cannot change?"""
    one = services(compose)[name]
    assert int(one["user"].split(":")[0]) >= 1000
    assert (one["read_only"], one["cap_drop"]) == (True, ["ALL"])


@pytest.mark.parametrize("name", [*CONFINED, "localstack"])
def test_limits(compose: dict[str, Any], name: str) -> None:
    """Has every container limits and a health check, no way to more rights, and no part of the host's namespaces?"""
    one = services(compose)[name]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "cpus", "pids_limit", "healthcheck"} <= set(one)
    assert not {"privileged", "cap_add", "network_mode", "pid", "ipc", "devices"} & set(one)


def test_what_is_mounted(compose: dict[str, Any]) -> None:
    """Is nothing of the host in any container, its Docker socket least of all, and every named volume used?"""
    sources = {volume.split(":")[0] for one in services(compose).values() for volume in one.get("volumes", [])}
    assert sources == set(compose["volumes"])


def test_the_learners_work_is_kept(compose: dict[str, Any]) -> None:
    """Are the notebooks and what the lab remembers of them on volumes?"""
    targets = {volume.split(":")[1] for volume in services(compose)["lab"]["volumes"]}
    assert targets == {"/srv/work", "/srv/state", "/var/cache/secrets-lab"}


def test_ports(compose: dict[str, Any]) -> None:
    """Is every published port on loopback, and nothing else published?"""
    found = {name: one["ports"] for name, one in services(compose).items() if "ports" in one}
    assert set(found) == set(PUBLISHED)
    for name, ports in found.items():
        assert [port.rsplit(":", 1)[0] for port in ports] == [f"127.0.0.1:{PUBLISHED[name]}"]


def test_networks(compose: dict[str, Any]) -> None:
    """Do the lab, the instructor and the cluster each have a network of their own?"""
    found = {name: one["networks"] for name, one in services(compose).items()}
    assert found == {
        "localstack": ["lab"], "lab": ["lab"], "formgrader": ["instructor"], "scheduler": ["cluster"], "worker": ["cluster"],
    }  # fmt: skip


def test_trust(compose: dict[str, Any]) -> None:
    """May the lab deploy to LocalStack and the workers grade for their scheduler, and nobody anywhere else?"""
    allowed = {
        name: one.get("environment", {}).get("LAB_ALLOW_REMOTE")
        for name, one in services(compose).items()
        if name in CONFINED
    }
    assert allowed == {"lab": "localstack", "formgrader": None, "scheduler": None, "worker": "scheduler"}
    assert "tcp://scheduler:8786" in services(compose)["worker"]["command"]


def test_localstack(compose: dict[str, Any]) -> None:
    """Is it the release that is tested, with the settings of the host mode, and a token only from the environment?"""
    one = services(compose)["localstack"]
    assert one["build"]["args"]["LOCALSTACK_IMAGE"].endswith(f":{localstack_home.VERSION}")
    told = dict(one["environment"])
    assert not told.pop("LOCALSTACK_AUTH_TOKEN")
    assert told.pop("SERVICES").split(",") == list(localstack.SERVICES)
    assert told.items() <= localstack.SETTINGS.items()


@pytest.mark.parametrize(("service", "program"), [("scheduler", dask_scheduler.main), ("worker", dask_worker.main)])
def test_commands_of_dask(compose: dict[str, Any], service: str, program: Any) -> None:
    """Does Dask know every option that a container is started with?"""
    words = services(compose)[service]["command"]
    assert words[:2] == ["dask", service]
    assert all(isinstance(word, str) for word in words)
    options = program.make_context(service, list(words[2:])).params
    assert options["dashboard_address"] == "127.0.0.1:8787"


@pytest.mark.parametrize("service", ["lab", "formgrader"])
def test_commands_of_the_lab(compose: dict[str, Any], service: str) -> None:
    """Does ``lab`` know every option that a container is started with?"""
    import typer

    from lab.cli import build

    words = services(compose)[service]["command"]
    assert words[0] == "lab"
    command: Any = typer.main.get_command(build())
    rest = list(words[1:])
    while hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]
    told = command.make_context("lab", rest).params
    assert (told["in_container"], told["browser"], told["port"]) == (True, False, 8888)


def test_images() -> None:
    """Is everything that the images are built from let through to the build, and nothing else; and is nobody root in them?"""
    steps = (ROOT / "docker" / "Dockerfile").read_text().splitlines()
    copied = [
        word for step in steps if step.startswith("COPY ") and "--from" not in step for word in step.split()[1:-1]
    ]
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignore[1] == "*"
    assert sorted(line[1:].rstrip("/") for line in ignore if line.startswith("!")) == sorted(copied)
    assert all((ROOT / name).exists() for name in copied)
    users = [step for step in steps if step.startswith("USER ")]
    assert users[-1] == "USER 10001:10001"
    assert set(users) == {"USER 10001:10001", "USER 0"}


@pytest.mark.parametrize("profile", ["", "instructor", "cluster"])
@pytest.mark.parametrize("files", [("docker-compose.yml",), ("docker-compose.yml", "docker/mirror.yml")])
def test_compose_reads_it(profile: str, files: tuple[str, ...]) -> None:
    """Does the Compose that is on this machine, 1.29 or 2, find the files valid?"""
    words = compose_command()
    chosen = ["--profile", profile] if profile else []
    named = [word for name in files for word in ("-f", name)]
    environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "HOME": "/nonexistent", "LAB_PROVIDER_MIRROR": "/tmp"}
    done = subprocess.run(
        [*words, *named, *chosen, "config", "-q"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def compose_command() -> list[str]:
    """``docker-compose``, or ``docker compose``."""
    if found := shutil.which("docker-compose"):
        return [found]
    docker = shutil.which("docker") or "docker"
    if (
        shutil.which(docker)
        and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0
    ):
        return [docker, "compose"]
    return missing("there is no Compose on this machine")


@pytest.mark.parametrize("name", ["values.yaml", "localstack.yaml"])
def test_hub_files_are_yaml(name: str) -> None:
    """Can the files of the JupyterHub recipe be read, and do they name LocalStack's port and settings as elsewhere?"""
    documents = list(yaml.safe_load_all((ROOT / "docker" / "hub" / name).read_text()))
    assert documents
    assert all(isinstance(one, dict) for one in documents)


def test_the_hubs_localstack() -> None:
    """Has the hub's LocalStack the settings of the compose file's, and only one replica?"""
    deployment = next(iter(yaml.safe_load_all((ROOT / "docker" / "hub" / "localstack.yaml").read_text())))
    assert deployment["spec"]["replicas"] == 1
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    told = {one["name"]: one["value"] for one in container["env"]}
    assert told.items() <= localstack.SETTINGS.items()
