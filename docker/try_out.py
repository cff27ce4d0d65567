#!/usr/bin/env python3
"""Brings the containers up for real and looks whether they keep what docs/containers.md promises.

    make setup && docker/try_out.py            # Docker, and Compose as its plug-in or as docker-compose; Linux
    docker/try_out.py --profiles               # formgrader and the cluster, too

Everything is done in a project of its own, on free ports, and removed at the end: containers, networks, volumes. Images stay.
The settings of docker-compose.yml hold, so that base images of one's own can be tried (``docker/base-images.sh``); with
LAB_PROVIDER_MIRROR the provider is taken from there. Exit code 1: something was not as promised; the line says what.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = "secrets-lab-try-out"
HEALTHY_S = 300
NOTEBOOKS = ("00-where-secrets-leak", "01-kms-key")
"""Those that are executed: the first writes the variables, the second deploys the key and checks it."""
FORGOTTEN = "The engine was restarted and has forgotten your account"
EXECUTE = """
import sys, nbformat
from nbclient import NotebookClient
for name in sys.argv[1:]:
    notebook = nbformat.read(f"{name}.ipynb", as_version=4)
    NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
    nbformat.write(notebook, f"{name}.ipynb")
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            print(output.get("text") or output.get("data", {}).get("text/plain", ""))
"""


class BrokenError(Exception):
    """Something is not as promised."""


class Project:
    """One Compose project on free ports."""

    def __init__(self, compose: Sequence[str], *, profiles: bool) -> None:
        self.token = secrets.token_hex(16)
        self.ports = {
            name: str(free_port())
            for name in ("LAB_PORT", "LAB_FORMGRADER_PORT", "LOCALSTACK_PORT", "LAB_CLUSTER_PORT")
        }
        self._environment = {**os.environ, **self.ports, "JUPYTER_TOKEN": self.token, "LAB_WORKERS": "1"}
        files = ["-f", "docker-compose.yml"]
        if os.environ.get("LAB_PROVIDER_MIRROR"):
            files += ["-f", "docker/mirror.yml"]
        chosen = ["--profile", "instructor", "--profile", "cluster"] if profiles else []
        self._words = [*compose, "-p", PROJECT, *files, *chosen]

    def compose(self, *words: str) -> str:
        return run([*self._words, *words], self._environment)

    def container(self, service: str) -> str:
        found = self.compose("ps", "-q", service).split()
        if len(found) != 1:
            raise BrokenError(f"{service}: {len(found)} containers instead of one.")
        return found[0]

    def inside(self, service: str, *words: str, data: bytes | None = None, at: str = "/srv/work") -> str:
        return run(["docker", "exec", "-i", "-w", at, self.container(service), *words], self._environment, data)

    def up(self, *services: str) -> None:
        self.compose("up", "-d", "--build", *services)
        for service in services:
            deadline = time.monotonic() + HEALTHY_S
            while (state := self._health(service)) != "healthy":
                if time.monotonic() > deadline:
                    raise BrokenError(
                        f"{service} is {state} after {HEALTHY_S} s: {self.compose('logs', service)[-2000:]}"
                    )
                time.sleep(1)

    def _health(self, service: str) -> str:
        return run(["docker", "inspect", "-f", "{{.State.Health.Status}}", self.container(service)], None).strip()


def run(words: Sequence[str], environment: dict[str, str] | None, data: bytes | None = None) -> str:
    """What a program writes. :raises BrokenError: it fails."""
    done = subprocess.run(
        list(words),
        cwd=ROOT,
        env=environment,
        input=data if data is not None else b"",
        capture_output=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr or done.stdout).decode(errors="replace").strip()[-3000:]
        raise BrokenError(f"{' '.join(words[:6])} … ended with {done.returncode}:\n{last}")
    return done.stdout.decode(errors="replace")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def listening() -> set[tuple[str, int]]:
    """Addresses and ports of this machine that somebody listens on, by /proc/net/tcp and tcp6 (proc(5))."""
    found = set()
    for name in ("tcp", "tcp6"):
        for line in Path("/proc/net", name).read_text().splitlines()[1:]:
            _, local, _, state, *_ = line.split()
            if state == "0A":  # TCP_LISTEN
                address, port = local.split(":")
                words = [bytes.fromhex(address[at : at + 8])[::-1] for at in range(0, len(address), 8)]
                family = socket.AF_INET if name == "tcp" else socket.AF_INET6
                found.add((socket.inet_ntop(family, b"".join(words)), int(port, 16)))
    return found


def confined(project: Project) -> str:
    """Is a learner's container nobody in particular's, without Docker's socket, unchangeable, and without any solution?"""
    if project.inside("lab", "id", "-u").strip() == "0":
        raise BrokenError("the lab runs as root.")
    told = json.loads(run(["docker", "inspect", project.container("lab")], None))[0]
    for container in (told, json.loads(run(["docker", "inspect", project.container("localstack")], None))[0]):
        if any("docker.sock" in mount.get("Source", "") for mount in container["Mounts"]):
            raise BrokenError("Docker's socket is in a container.")
    if not told["HostConfig"]["ReadonlyRootfs"] or told["HostConfig"]["CapDrop"] != ["ALL"]:
        raise BrokenError("the lab's file system or rights are not confined.")
    ours = "/opt/secrets-lab/ours"
    solved = project.inside(
        "lab", "sh", "-c", f"ls -d {ours}/solutions/reference {ours}/notebooks/source 2>/dev/null || true"
    )
    if solved.strip():
        raise BrokenError(f"solutions are in the learners' image: {solved}")
    return "uid 10001, no Docker socket, read-only, no solutions"


def only_loopback(before: set[tuple[str, int]], project: Project) -> str:
    """Is every port that was opened since on loopback, and each published one open?"""
    new = listening() - before
    beyond = [f"{address}:{port}" for address, port in new if address not in ("127.0.0.1", "::1")]
    if beyond:
        raise BrokenError(f"something listens beyond loopback: {', '.join(beyond)}.")
    missing = {int(project.ports[name]) for name in ("LAB_PORT", "LOCALSTACK_PORT")} - {port for _, port in new}
    if missing:
        raise BrokenError(f"nobody listens on {missing}.")
    return ", ".join(f"{address}:{port}" for address, port in sorted(new))


def answers(project: Project, port: str, path: str) -> str:
    """Does the page open with the token, and not without?"""
    address = f"http://127.0.0.1:{project.ports[port]}{path}"
    request = urllib.request.Request(address, headers={"Authorization": f"token {project.token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - our own address
        if answer.status != 200:
            raise BrokenError(f"{address} answers {answer.status}.")
    try:
        with urllib.request.urlopen(f"{address.partition(path)[0]}/api/contents", timeout=60):  # noqa: S310
            raise BrokenError(f"{address} opens without the token.")
    except urllib.error.HTTPError as refused:
        return f"200 with the token, {refused.code} without"


def executed(project: Project, names: Sequence[str]) -> str:
    """Do the solved notebooks run in the container, and what do they print?"""
    return project.inside("lab", "python", "-c", EXECUTE, *names, at="/srv/work/tried")


def tried_out(project: Project, say: Callable[[str, str], None], *, profiles: bool) -> None:
    before = listening()
    project.up("localstack", "lab")
    say("localstack and lab", "healthy")
    say("listening", only_loopback(before, project))
    say("the lab's container", confined(project))
    say("JupyterLab", answers(project, "LAB_PORT", "/lab"))
    with tempfile.TemporaryDirectory() as made:
        run([str(ROOT / ".venv/bin/python"), "-m", "notebooks.build", "--solved", made], None)
        bundle = run_bytes(["tar", "-C", made, "-c", "."])
    project.inside("lab", "sh", "-c", "mkdir tried && tar -x -C tried --no-same-owner", data=bundle)
    if "5 of 5 pass" not in executed(project, NOTEBOOKS):
        raise BrokenError("the check of the key is not green.")
    say("a notebook inside", "executed, 5 of 5 pass")
    files = project.inside("lab", "find", ".", "-name", "*.tf", "-newer", "00-where-secrets-leak.ipynb")
    project.compose("down")
    project.up("localstack", "lab")
    if not files.split() or any(
        name not in project.inside("lab", "find", ".", "-name", "*.tf") for name in files.split()
    ):
        raise BrokenError("the learner's files are gone after down and up.")
    again = executed(project, NOTEBOOKS[1:])
    if FORGOTTEN not in again or "5 of 5 pass" not in again:
        raise BrokenError(
            f"after down and up the lab does not say that it applies again, or not all passes:\n{again[-2000:]}"
        )
    say("down and up", f"{len(files.split())} files stay; it said: {FORGOTTEN}, …; 5 of 5 pass")
    if profiles:
        project.up("formgrader")
        say("formgrader", answers(project, "LAB_FORMGRADER_PORT", "/formgrader"))
        project.up("scheduler", "worker")
        grade = ["lab", "grade", "/opt/secrets-lab/ours/solutions/reference", "--cluster", "tcp://scheduler:8786"]
        graded = project.compose("run", "--rm", "--no-deps", "-T", "worker", *grade, "--no-cache")
        if "100" not in graded:
            raise BrokenError(f"the cluster does not give the reference its points:\n{graded[-2000:]}")
        say("cluster", "the reference: 100 points")


def run_bytes(words: Sequence[str]) -> bytes:
    return subprocess.run(list(words), cwd=ROOT, capture_output=True, check=True).stdout


def compose_words() -> list[str]:
    if subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode == 0:
        return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    raise BrokenError("there is no Compose: neither `docker compose` nor docker-compose.")


def say(what: str, seen: str) -> None:
    print(f"{what}: {seen}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--profiles", action="store_true", help="formgrader and the cluster, too")
    options = parser.parse_args()
    try:
        words = compose_words()
        say("Compose", run([*words, "version"], None).splitlines()[0])
        project = Project(words, profiles=options.profiles)
        project.compose("config", "-q")
        try:
            tried_out(project, say, profiles=options.profiles)
        finally:
            project.compose("down", "-v", "--remove-orphans")
    except BrokenError as error:
        print(f"Not as promised: {error}", file=sys.stderr)
        return 1
    say("All as promised", "everything is removed again, but for the images")
    return 0


if __name__ == "__main__":
    sys.exit(main())
