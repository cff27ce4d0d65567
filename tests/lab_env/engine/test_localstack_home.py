"""LocalStack's own environment, and what is said when there is no LocalStack: without LocalStack itself."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from lab_env import engine as engines
from lab_env import localstack_ecs
from lab_env.engine import localstack, localstack_home, state
from lab_env.errors import EngineError
from lab_env.processes import create_time


def program(path: Path, script: str) -> Path:
    """A shell script that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def python(path: Path, version: str) -> Path:
    """A program that answers as a Python of that version would."""
    return program(path, f"echo {version}; echo {path}")


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of the test's own: no Python but those that it puts there, no LocalStack, a cache and a state directory."""
    monkeypatch.setattr(sys, "version_info", (3, 11, 7))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/bin")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LAB_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("LAB_STATE_DIR", str(tmp_path / "state"))
    for name in ("PYENV_ROOT", "LOCALSTACK_HOST", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(localstack_home, "_NAMES", ("python3.13", "python3.12"))
    return tmp_path


def test_python_on_path(bare: Path) -> None:
    """Is a Python on PATH found, and one that is too old passed over, whatever it is called?"""
    python(bare / "bin" / "python3.13", "3.11")
    wanted = python(bare / "bin" / "python3.12", "3.12")
    assert localstack_home.find_python() == wanted


def test_python_of_pyenv(bare: Path) -> None:
    """When PATH has a shim that is switched off, is pyenv's own Python found?"""
    program(bare / "bin" / "python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    python(bare / "home" / ".pyenv" / "versions" / "3.9.1" / "bin" / "python", "3.9")
    wanted = python(bare / "home" / ".pyenv" / "versions" / "3.13.0" / "bin" / "python", "3.13")
    assert localstack_home.find_python() == wanted


def test_python_of_uv(bare: Path) -> None:
    """Is a Python that only uv knows found?"""
    wanted = python(bare / "uv" / "python", "3.14")
    program(bare / "bin" / "uv", f"echo {wanted}")
    assert localstack_home.find_python() == wanted


def test_no_python(bare: Path) -> None:
    """Is no Python that is new enough one sentence with what to do?"""
    program(bare / "bin" / "uv", "exit 2")
    with pytest.raises(EngineError, match=r"needs Python 3\.12 or newer, and none was found") as caught:
        localstack_home.find_python()
    assert "uv python install" in (caught.value.next_step or "")


def test_not_installed(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without LocalStack, is a grading told how to get it, and nothing downloaded?"""
    monkeypatch.setattr(localstack, "_is_localstack", lambda _endpoint: False)
    with pytest.raises(EngineError, match="LocalStack is not installed") as caught:
        engines.connect("localstack")
    assert "lab up --engine localstack" in (caught.value.next_step or "")
    assert not localstack_home.directory().exists()


def test_another_installations_localstack_is_not_taken(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a LocalStack at the usual address used when it is the user's own, and left alone when another lab runs it?"""
    monkeypatch.setattr(localstack, "_is_localstack", lambda _endpoint: True)
    monkeypatch.setattr(localstack.endpoints, "localstack_endpoint", lambda: "http://localhost:9")
    with pytest.raises(EngineError, match="Nothing answers as AWS at http://localhost:9"):
        engines.connect("localstack")
    ours = state.State(os.getpid(), create_time(os.getpid()) or 0.0, "http://127.0.0.1:9", "4.14.0", ())
    state.write(ours, state.name("localstack", "4.14.0", "of another plug-in"))
    with pytest.raises(EngineError, match="LocalStack is not installed"):
        engines.connect("localstack")
    assert [one.engine.endpoint for one in engines.other_engines() if one.engine] == ["http://127.0.0.1:9"]


def test_half_an_environment_does_not_count(bare: Path) -> None:
    """Is an environment that was cut off, or has other pins, not taken for one?"""
    home = localstack_home.directory()
    home.mkdir(parents=True)
    assert not localstack_home.is_ready()
    (home / "ready").write_text("localstack-core==1.0.0\n")
    assert not localstack_home.is_ready()


def test_pip_fails(bare: Path) -> None:
    """Is a pip that fails one sentence with its reason, and is the half-made environment not taken for one afterwards?"""
    made = 'mkdir -p "$3/bin"; echo "#!/bin/sh" > "$3/bin/python"; echo "echo ERROR: no index >&2; exit 1" >> "$3/bin/python"'
    fake = f'if [ "$2" = venv ]; then {made}; chmod +x "$3/bin/python"; else echo 3.13; echo {bare}/bin/python3.13; fi'
    program(bare / "bin" / "python3.13", fake)
    told: list[str] = []
    with pytest.raises(EngineError, match=r"Could not install LocalStack 4\.14\.0: ERROR: no index"):
        localstack_home.prepare(lambda notice: told.append(notice.text))
    assert len(told) == 1
    assert not localstack_home.is_ready()


@pytest.mark.parametrize(("code", "said"), [(55, "LOCALSTACK_AUTH_TOKEN"), (3, "exit code 3 before it was ready: bad")])
def test_localstack_ends_at_once(bare: Path, monkeypatch: pytest.MonkeyPatch, code: int, said: str) -> None:
    """Is a LocalStack that ends before it is ready explained, one without a token by what it wants, and nothing kept of it?"""
    fake = program(bare / "localstack", f"echo bad; exit {code}")
    monkeypatch.setattr(localstack_home, "interpreter", lambda: fake)
    monkeypatch.setattr(localstack, "_is_localstack", lambda _endpoint: False)
    monkeypatch.setattr(localstack_home, "is_ready", lambda: True)
    with pytest.raises(EngineError, match=said):
        engines.connect("localstack")
    assert not engines.localstack_status().running
    assert not list((bare / "state").glob("localstack*.json"))


def test_container_without_a_token(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a container ended with LocalStack's code for a missing token, is that the reason given?"""
    monkeypatch.setenv("LOCALSTACK_HOST", "127.0.0.1:9")
    with pytest.raises(EngineError, match="Nothing answers as AWS"):
        engines.connect("localstack")
    program(bare / "bin" / "docker", '[ "$4" = exited=55 ] && echo localstack/localstack:latest')
    with pytest.raises(EngineError, match="start only with LOCALSTACK_AUTH_TOKEN") as caught:
        engines.connect("localstack")
    assert "4.14.0" in (caught.value.next_step or "")


def test_plugin_is_all_there() -> None:
    """Do the sources that are installed into LocalStack's environment hold the project file and the modules it names?"""
    text = (localstack_ecs.SOURCE / "pyproject.toml").read_text()
    for module in ("providers", "hooks", "server"):
        assert f"secrets_lab_localstack.{module}:" in text
        assert (localstack_ecs.SOURCE / "secrets_lab_localstack" / f"{module}.py").is_file()
