"""The development container: is its description one, does it open nothing, and does its command make a lab that works?

``devcontainer.base.schema.json`` is the specification's own schema (github.com/devcontainers/spec, commit c95ffee), under the
licence beside it. No container is started here.
"""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.notebooks.editor import WITHOUT_JUPYTERLAB

ROOT = Path(__file__).parents[2]
SCHEMA = Path(__file__).with_name("devcontainer.base.schema.json")
VALIDATOR = jsonschema.Draft201909Validator


def read() -> dict[str, Any]:
    """The description; its comments are lines of their own."""
    text = (ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(re.sub(r"(?m)^\s*//.*$", "", text))
    return document


def test_it_is_as_the_specification_has_it() -> None:
    """Is it valid, and would a word that the specification does not know be noticed?"""
    validator = VALIDATOR(json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert [error.message for error in validator.iter_errors(read())] == []
    assert not validator.is_valid(read() | {"postCreateComand": "make setup"})
    assert not validator.is_valid(read() | {"forwardPorts": "8888"})


def test_nothing_is_published() -> None:
    """Is only JupyterLab's port shown, by the editor's own way to loopback, and none published by Docker?"""
    document = read()
    assert document["forwardPorts"] == [8888]
    assert set(document["portsAttributes"]) == {"8888"}
    assert document["otherPortsAttributes"] == {"onAutoForward": "ignore"}
    assert not {"appPort", "runArgs", "privileged", "capAdd", "securityOpt", "mounts"} & document.keys()


def test_its_command_is_there() -> None:
    """Does make know each target, and does the editor look for Python where set-up puts it?"""
    document = read()
    done = subprocess.run(
        [*shlex.split(document["postCreateCommand"]), "--dry-run", "--always-make"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "lab_env/setup.sh" in done.stdout
    assert "notebooks.release" in done.stdout
    settings = document["customizations"]["vscode"]["settings"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (venv,) = re.findall(r"(?m)^VENV\s*:=\s*(\S+)$", makefile)
    assert settings["python.defaultInterpreterPath"] == f"${{containerWorkspaceFolder}}/{venv}/bin/python"


@pytest.mark.full
@pytest.mark.slow
def test_its_command_makes_a_lab(tmp_path: Path) -> None:
    """In a fresh copy, with a home of its own: does the command end well, is the kernel found, and does a check give verdicts?"""
    packed = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
    checkout, home = tmp_path / "checkout", tmp_path / "home"
    home.mkdir()
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(checkout, filter="data")
    kept = ("PATH", "LANG", "HTTPS_PROXY", "https_proxy", "SSL_CERT_FILE")
    environment = {
        name: value for name, value in os.environ.items() if name in kept or name.startswith(("PIP_", "UV_"))
    }
    environment |= {"HOME": str(home)}

    def run(words: str, cwd: Path = checkout) -> str:
        done = subprocess.run(
            ["/bin/sh", "-c", words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=1800
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return done.stdout

    run(read()["postCreateCommand"])
    assert sorted(path.name[:2] for path in (checkout / "practice").glob("*.ipynb")) == [
        "00",
        "01",
        "02",
        "03",
        "04",
        "05",
    ]
    listed = json.loads(run(".venv/bin/jupyter kernelspec list --json"))["kernelspecs"]
    assert Path(listed["python3"]["resource_dir"]).is_relative_to(checkout / ".venv")
    script = tmp_path / "kernel.py"
    script.write_text(WITHOUT_JUPYTERLAB)
    try:
        out = run(f"{checkout}/.venv/bin/python {script} {checkout}/practice/02-shell-secret.ipynb", cwd=home)
    finally:
        run(".venv/bin/lab down --all --purge")
    said = json.loads(out.splitlines()[-1])
    assert said["errors"]["start-02"] is None
    assert "secret.no_plaintext" in said["plain"]["secret-check"]
    assert not [path for path in home.iterdir() if not path.name.startswith(".")]
