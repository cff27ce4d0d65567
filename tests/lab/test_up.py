"""``lab up --notebooks``: what JupyterLab is told, what the learner gets, and that nothing of it stays behind."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
import signal
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from lab import jupyter
from lab_env.errors import UsageError
from notebooks import release
from tests.lab.conftest import Ran
from tests.lab.labextension.opened_lab import Started, started

FIRST = "00-where-secrets-leak.ipynb"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """An empty working copy."""
    directory = tmp_path / "course"
    directory.mkdir()
    return directory


def post(running: Started, path: str, body: dict[str, Any]) -> dict[str, Any]:
    token = running.address.rpartition("token=")[2]
    request = urllib.request.Request(  # noqa: S310 - our own server's
        running.origin + path,
        data=json.dumps(body).encode(),
        headers={"Authorization": f"token {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        found: dict[str, Any] = json.loads(answer.read())
    return found


def family(pid: int) -> list[psutil.Process]:
    """A process and all that it started, sessions of their own included, but for the engine, which is to live on."""
    everyone = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return [one for one in everyone if "lab_env.engine.server" not in one.cmdline()]


def listening(processes: list[psutil.Process]) -> set[str]:
    """The addresses that they listen on."""
    found = set()
    for one in processes:
        with contextlib.suppress(psutil.NoSuchProcess):  # a short-lived helper that has ended meanwhile
            found |= {place.laddr.ip for place in one.net_connections() if place.status == psutil.CONN_LISTEN}
    return found


def left(processes: list[psutil.Process], seconds: float = 20) -> list[str]:
    """Which of them have not ended after some seconds."""
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return [" ".join(one.cmdline()[:4]) for one in alive if one.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.engine
def test_from_nothing_to_nothing(course: Path, tmp_path: Path) -> None:
    """Does a newcomer get the notebooks and the first one's address, on loopback alone, and is all gone after Ctrl-C?"""
    with started(course, tmp_path) as running:
        assert sorted(path.name for path in course.glob("*.ipynb")) == [f"{name}.ipynb" for name in release.names()]
        assert f"/lab/tree/{FIRST}" in running.address
        log = running.log.read_text(encoding="utf-8")
        assert "begin with 00-where-secrets-leak" in log
        assert not re.search(r"^\[[EWI] |WARNING", log, re.MULTILINE)
        post(
            running, "/api/sessions", {"path": FIRST, "name": FIRST, "type": "notebook", "kernel": {"name": "python3"}}
        )
        everyone = family(running.process.pid)
        assert any("ipykernel" in " ".join(one.cmdline()) for one in everyone)
        assert listening(everyone) == {"127.0.0.1"}
        assert running.interrupt() == 0
        assert left(everyone) == []


@pytest.mark.engine
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL here")
def test_killed(course: Path, tmp_path: Path) -> None:
    """Is nothing left, kernels included, when `lab up` is killed and can end nothing itself?"""
    with started(course, tmp_path) as running:
        post(
            running, "/api/sessions", {"path": FIRST, "name": FIRST, "type": "notebook", "kernel": {"name": "python3"}}
        )
        everyone = family(running.process.pid)
        running.process.kill()
        running.process.wait(20)
        assert left(everyone) == []


@pytest.mark.engine
def test_files_of_the_working_copy_configure_nothing(course: Path, tmp_path: Path) -> None:
    """Is a Jupyter configuration that lies in the working copy, maybe somebody else's work, not run?"""
    for name in ("jupyter_server_config", "jupyter_lab_config", "jupyter_config", "jupyter_notebook_config"):
        for place in (course, course / ".lab" / "jupyterlab"):
            place.mkdir(parents=True, exist_ok=True)
            (place / f"{name}.py").write_text(f"open({str(tmp_path / 'was-run')!r}, 'w').close()\n")
            (place / f"{name}.json").write_text('{"ServerApp": {"ip": "0.0.0.0"}}')
    with started(course, tmp_path) as running:
        assert "//127.0.0.1:" in running.address
    assert not (tmp_path / "was-run").exists()


@pytest.mark.engine
def test_the_users_configuration_cannot_open_it(course: Path, tmp_path: Path) -> None:
    """Does the server stay on loopback when the user's own configuration says otherwise, for their other work?"""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "jupyter_server_config.json").write_text(
        '{"ServerApp": {"ip": "0.0.0.0", "allow_remote_access": true, "root_dir": "/"}}'
    )
    with started(course, tmp_path) as running:
        assert listening(family(running.process.pid)) == {"127.0.0.1"}


def test_the_learners_files_stay(course: Path) -> None:
    """Are notebooks that are there left as they are, and only missing ones added?"""
    (course / FIRST).write_text("mine")
    assert len(jupyter.put_notebooks(course)) == len(release.names()) - 1
    assert jupyter.put_notebooks(course) == ()
    assert (course / FIRST).read_text() == "mine"


def test_a_course_directory_is_the_instructors(course: Path) -> None:
    """Is nothing put into the directory of an nbgrader course?"""
    (course / "nbgrader_config.py").write_text("")
    assert jupyter.put_notebooks(course) == ()
    assert not list(course.glob("*.ipynb"))


def test_the_second_time_opens_what_was_open(course: Path) -> None:
    """Is the first notebook opened for somebody who begins, and the last layout for somebody who comes back?"""
    jupyter.put_notebooks(course)
    told = jupyter.options(course, jupyter.Serving())
    assert told["LabApp.default_url"] == f"/lab/tree/{FIRST}"
    layout = Path(told["LabApp.workspaces_dir"]) / "default-37a8.jupyterlab-workspace"
    layout.parent.mkdir(parents=True)
    layout.write_text("{}")
    assert jupyter.options(course, jupyter.Serving())["LabApp.default_url"] == "/lab"


def test_kernels_know_the_engine() -> None:
    """Do the notebooks get the engine that was named, and not the working copy of the terminal?"""
    told = jupyter.environment({"LAB_WORKSPACE": "/elsewhere", "JUPYTER_CONFIG_PATH": "/mine"}, "localstack")
    assert told["LAB_ENGINE"] == "localstack"
    assert "LAB_WORKSPACE" not in told
    assert told["JUPYTER_CONFIG_PATH"].split(os.pathsep) == [str(jupyter.CONFIG), "/mine"]


def test_beyond_loopback_in_a_container_only(
    lab: Callable[..., Ran], course: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Is the container's option refused where there is no container, and given to JupyterLab where there is one?"""
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.setattr(jupyter, "_CONTAINER_FILES", (tmp_path / "mark",))
    ran = lab("up", "--notebooks", "--in-container", "--dir", course)
    assert ran.code == 2
    assert "this is none" in ran.err
    assert not list(course.iterdir())
    (tmp_path / "mark").touch()
    told = jupyter.options(course, jupyter.Serving(8888, False, True, "http://127.0.0.1:8899"))
    assert told["ServerApp.ip"] == "0.0.0.0"  # noqa: S104 - that is the question
    assert told["ServerApp.allow_remote_access"] == "False"
    assert told["ServerApp.custom_display_url"] == "http://127.0.0.1:8899"


@pytest.mark.parametrize("missing", ["jupyterlab", "nbgrader"])
def test_what_is_missing_is_named(
    lab: Callable[..., Ran], course: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    """Is somebody without the notebooks' packages told what to install, before anything is started or written?"""
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else find(name))
    ran = lab("up", "--notebooks", "--dir", course)
    assert ran.code == 2
    assert ran.err.splitlines()[-1] == "Next: pip install 'secrets-lab[notebooks]'"
    assert not list(course.iterdir())


def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    """Is it one sentence when the notebooks cannot be written?"""
    with pytest.raises(UsageError, match="Cannot write"):
        release.put(tmp_path / "not-there")
