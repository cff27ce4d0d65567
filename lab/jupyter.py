"""JupyterLab for the course: on this machine only, asking nobody else for anything, with our colours for HCL; and formgrader."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab import working_copy
from lab_env import settings
from lab_env.errors import LabError, UsageError

if TYPE_CHECKING:
    from graders.assignment import Assignment

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
_FORMGRADER = "nbgrader.server_extensions.formgrader"
_EXCHANGE = tuple(f"nbgrader.server_extensions.{name}" for name in ("assignment_list", "course_list"))
"""They look for an exchange, and formgrader for a course directory; each complains that there is none."""
_CONTAINER_FILES = (Path("/.dockerenv"), Path("/run/.containerenv"))
"""What Docker and Podman put into a container's file system."""
_STOP_S = 20.0
"""JupyterLab gives its kernels a few seconds each to end what they have started."""


@dataclass(frozen=True)
class Serving:
    """How JupyterLab is reached.

    :param port: None: a free one from 8888 on.
    :param browser: show it in a browser.
    :param in_container: listen on the container's own interface, so that its port can be published; else on loopback alone.
    :param address: what people are told to open, where that is not what it listens on, as a container's published port.
    """

    port: int | None = None
    browser: bool = True
    in_container: bool = False
    address: str | None = None

    def __post_init__(self) -> None:
        """Refuse to listen beyond loopback where this is no container.

        :raises UsageError: it is to.
        """
        if self.in_container and not _is_container():
            raise UsageError(
                "--in-container is for containers, and this is none: JupyterLab would be open to the whole network.",
                next_step="Leave it out; JupyterLab then listens on this machine alone.",
            )


def require() -> None:
    """Refuse to start without JupyterLab and nbgrader.

    :raises UsageError: one of them is missing here.
    """
    for module, name in (("jupyterlab", "JupyterLab"), ("nbgrader", "nbgrader")):
        if importlib.util.find_spec(module) is None:
            raise UsageError(
                f"{name} is not installed in this environment.", next_step="pip install 'secrets-lab[notebooks]'"
            )


def put_notebooks(root: Path, assignment: Assignment | None = None) -> tuple[str, ...]:
    """Put the course's notebooks into the working copy, but for those that are there; give the names of those that were put.

    :param assignment: what is asked of the learner; None: the standard lesson.
    A directory that is a nbgrader course is its instructor's: nothing is put into it.

    :raises UsageError: the directory cannot be written to.
    """
    from notebooks import release
    from notebooks.edition import edition_of

    if (root / "nbgrader_config.py").exists():
        return ()
    return release.put(root, edition_of(assignment))


def options(root: Path, serving: Serving) -> dict[str, str]:
    """List what JupyterLab is told, by class and trait; on its command line, which overrides every configuration file."""
    return {
        **_NO_ONE_ELSE,
        # Also then only requests that name this machine are answered: `allow_remote_access` above.
        **({"ServerApp.ip": "0.0.0.0"} if serving.in_container else {}),  # noqa: S104 - see `Serving`
        **({"ServerApp.custom_display_url": serving.address} if serving.address else {}),
        "ServerApp.root_dir": str(root),
        "ServerApp.open_browser": str(serving.browser),
        "ServerApp.answer_yes": "True",  # an interrupt is an interrupt: no question in between
        "ServerApp.allow_root": "True",  # in a container there may be nobody else; it is on loopback all the same
        "Application.log_level": "ERROR",  # its address is told all the same
        "LabApp.default_url": _first_page(root),
        "LabApp.extra_labextensions_path": str(EXTENSIONS),
        # The open tabs belong to this working copy: another project's would only be missing files here.
        "LabApp.workspaces_dir": str(_workspaces(root)),
        **({} if serving.port is None else {"ServerApp.port": str(serving.port)}),
    }


def serve(root: Path, serving: Serving, *, engine_spec: str) -> int:
    """Run JupyterLab on a working copy until it ends or we are interrupted; its exit code, 0 for an interrupt.

    :raises LabError: it ends with an error.
    """
    # Not in the working copy: Jupyter runs configuration files that lie where it is started, and the working copy may be
    # somebody else's work.
    return _run(
        options(root, serving), (*_EXCHANGE, _FORMGRADER), cwd=EXTENSIONS, env=environment(os.environ, engine_spec)
    )


def serve_formgrader(course: Path, serving: Serving) -> int:
    """Run JupyterLab with formgrader as its first page, in a course directory, whose configuration is its instructor's.

    The results and errors are those of :func:`serve`.
    """
    told = options(course, serving) | {"LabApp.default_url": "/formgrader"}
    return _run(told, _EXCHANGE, cwd=course, env={**os.environ, "PATH": _path(os.environ)}, with_=(_FORMGRADER,))


def _run(
    told: Mapping[str, str], without: Sequence[str], *, cwd: Path, env: Mapping[str, str], with_: Sequence[str] = ()
) -> int:
    from lab_env.processes import spawn

    child = spawn(
        [
            sys.executable,
            "-m",
            "jupyterlab",
            *(f"--{name}={value}" for name, value in told.items()),
            *(f"--ServerApp.jpserver_extensions={name}=False" for name in without),
            *(f"--ServerApp.jpserver_extensions={name}=True" for name in with_),
        ],
        cwd=cwd,
        env=env,
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
    """Make JupyterLab's and its kernels' environment: ours, and which engine they are to use."""
    environment = {
        **ours,
        "PATH": _path(ours),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, [str(CONFIG), ours.get("JUPYTER_CONFIG_PATH")])),
        settings.ENGINE.name: engine_spec,
    }
    # A notebook works on the directory that it lies in; what was named with --dir may be another than this one's.
    environment.pop(settings.WORKSPACE.name, None)
    return environment


def _path(ours: Mapping[str, str]) -> str:
    """Put our programs first: nbgrader starts helpers of its own by name."""
    return os.pathsep.join([str(Path(sys.executable).parent), ours.get("PATH", os.defpath)])


def _is_container() -> bool:
    return any(path.exists() for path in _CONTAINER_FILES) or "KUBERNETES_SERVICE_HOST" in os.environ


def _first_page(root: Path) -> str:
    """Find the first notebook for somebody who begins; later, what was open last."""
    from urllib.parse import quote

    found = sorted(path.name for path in root.glob("0*.ipynb"))
    if any(_workspaces(root).glob("*")) or not found:
        return "/lab"
    return f"/lab/tree/{quote(found[0])}"


def _workspaces(root: Path) -> Path:
    return working_copy.memory(root) / "jupyterlab"
