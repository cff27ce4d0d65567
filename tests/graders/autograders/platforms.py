"""Directories as the platforms lay them, and the lab as a program."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[3]
REFERENCE = ROOT / "solutions" / "reference"


def program(directory: Path) -> Path:
    """This checkout's lab as a program, as an image has it installed."""
    path = directory / "lab"
    path.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m lab.cli "$@"\n')
    path.chmod(0o755)
    return path


def environment(directory: Path, **more: str) -> dict[str, str]:
    """What a script gets: nothing of this run's but where the lab keeps things, and the lab."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LAB_CACHE_DIR") if name in os.environ}
    home = Path(os.environ.get("LAB_CACHE_DIR") or Path.home() / ".cache" / "secrets-lab")
    return {
        **kept,
        "LAB_CACHE_DIR": str(home),
        "LAB_STATE_DIR": str(directory / "state"),
        "SECRETS_LAB_HOME": str(directory / "home"),
        "SECRETS_LAB_PROGRAM": str(program(directory)),
        **more,
    }


def run(script: Path, environ: Mapping[str, str], *, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(script)], env=dict(environ), cwd=cwd or script.parent, capture_output=True, text=True, timeout=240
    )


def unpack(archive: bytes, directory: Path) -> None:
    """As a platform unpacks it: with the permissions that the zip names."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory.parent / "unpacked.zip"
    path.write_bytes(archive)
    with zipfile.ZipFile(path) as files:
        for info in files.infolist():
            target = Path(files.extract(info, directory))
            target.chmod(info.external_attr >> 16 & 0o777)
    path.unlink()


def hand_in(directory: Path, *, right: bool = True) -> None:
    """The reference solution, or the same with a password in a file."""
    shutil.copytree(REFERENCE, directory, dirs_exist_ok=True)
    if not right:
        with (directory / "modules" / "secrets" / "more.tf").open("w") as file:
            file.write('locals {\n  db_password = "Tr0ub4dor&3xQz!7"\n}\n')
