"""JupyterLab for the course: on this machine only, asking nobody else for anything, with our colours for HCL."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from lab import working_copy
from lab_env.errors import LabError, UsageError

EXTENSIONS = Path(__file__).resolve().parent / "labextension"
"""Holds our prebuilt extension, as JupyterLab wants it: a directory by its name. It is used from here, so that nothing
needs to be installed anywhere."""
CONFIG = EXTENSIONS / "config"
"""``labconfig/page_config.json`` in it turns off what asks for JupyterLab's news, and nbgrader's panels for instructors."""

_NO_ONE_ELSE = {
    "ServerApp.ip": "127.0.0.1",
    "ServerApp.allow_remote_access": "False",
    # JupyterLab asks its makers for news and newer versions, and its extension manager asks PyPI.
    "LabApp.news_url": "None",
    "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    "LabApp.extension_manager": "readonly",
}
_FOR_INSTRUCTORS = tuple(
    f"nbgrader.server_extensions.{name}" for name in ("assignment_list", "course_list", "formgrader")
)
"""They look for a course directory and complain that there is none."""
_STOP_S = 20.0
"""JupyterLab gives its kernels a few seconds each to end what they have started."""


def require() -> None:
    """:raises UsageError: JupyterLab or nbgrader is missing here."""
    for module, name in (("jupyterlab", "JupyterLab"), ("nbgrader", "nbgrader")):
        if importlib.util.find_spec(module) is None:
            raise UsageError(
                f"{name} is not installed in this environment.", next_step="pip install 'secrets-lab[notebooks]'"
            )


def put_notebooks(root: Path) -> tuple[str, ...]:
    """The course's notebooks into the working copy, but for those that are there; the names of those that were put.

    A directory that is a nbgrader course is its instructor's: nothing is put into it.

    :raises UsageError: the directory cannot be written to.
    """
    from notebooks import release

    if (root / "nbgrader_config.py").exists():
        return ()
    return release.put(root)


def options(root: Path, *, port: int | None, browser: bool) -> dict[str, str]:
    """What JupyterLab is told, by class and trait; on its command line, which overrides every configuration file."""
    return {
        **_NO_ONE_ELSE,
        "ServerApp.root_dir": str(root),
        "ServerApp.open_browser": str(browser),
        "ServerApp.answer_yes": "True",  # an interrupt is an interrupt: no question in between
        "ServerApp.allow_root": "True",  # in a container there may be nobody else; it is on loopback all the same
        "Application.log_level": "ERROR",  # its address is told all the same
        "LabApp.default_url": _first_page(root),
        "LabApp.extra_labextensions_path": str(EXTENSIONS),
        # The open tabs belong to this working copy: another project's would only be missing files here.
        "LabApp.workspaces_dir": str(_workspaces(root)),
        **({} if port is None else {"ServerApp.port": str(port)}),
    }


def serve(root: Path, *, engine_spec: str, port: int | None, browser: bool) -> int:
    """Runs JupyterLab until it ends or we are interrupted; its exit code, 0 for an interrupt.

    :raises LabError: it ends with an error.
    """
    from lab_env.processes import spawn

    told = options(root, port=port, browser=browser)
    child = spawn(
        [
            sys.executable,
            "-m",
            "jupyterlab",
            *(f"--{name}={value}" for name, value in told.items()),
            *(f"--ServerApp.jpserver_extensions={name}=False" for name in _FOR_INSTRUCTORS),
        ],
        # Not the working copy: Jupyter runs configuration files that lie where it is started, and the working copy may be
        # somebody else's work.
        cwd=EXTENSIONS,
        env=environment(os.environ, engine_spec),
        stdout=None,
        stderr=None,
    )
    try:
        code = child.wait()
    except KeyboardInterrupt:
        # It has a group of its own, so that Ctrl-C reaches only us; it ends its kernels when it is told to end.
        child.terminate_group(grace=_STOP_S)
        return 0
    if code:
        raise LabError("JupyterLab ended with an error.", next_step="Its own messages are above.")
    return 0


def environment(ours: Mapping[str, str], engine_spec: str) -> dict[str, str]:
    """JupyterLab's and its kernels': ours, and which engine they are to use."""
    environment = {
        **ours,
        # nbgrader starts helpers of its own by name.
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), ours.get("PATH", os.defpath)]),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, [str(CONFIG), ours.get("JUPYTER_CONFIG_PATH")])),
        "LAB_ENGINE": engine_spec,
    }
    # A notebook works on the directory that it lies in; what was named with --dir may be another than this one's.
    environment.pop("LAB_WORKSPACE", None)
    return environment


def _first_page(root: Path) -> str:
    """The first notebook for somebody who begins; later, what was open last."""
    from urllib.parse import quote

    found = sorted(path.name for path in root.glob("0*.ipynb"))
    if any(_workspaces(root).glob("*")) or not found:
        return "/lab"
    return f"/lab/tree/{quote(found[0])}"


def _workspaces(root: Path) -> Path:
    return working_copy.memory(root) / "jupyterlab"
