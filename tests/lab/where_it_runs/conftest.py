"""Starts the lab in a process of its own: as root or as a user, with bubblewrap and without, wherever its directories are."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

from solutions.corpus import load_corpus, materialise
from tests.conftest import missing
from tests.lab.conftest import Ran

ROOT = Path(__file__).parents[3]
STARTED = Path(__file__).with_name("started.py")
NOBODYS_ID = 44_201
"""No account of a machine has it, as in a container that is started with ``--user``."""
Whose = Literal["root", "user"]


@functools.cache
def as_a_user() -> tuple[str, ...]:
    """Words that take root's rights away, from somebody who may still read this checkout and its interpreter, wherever they lie."""
    if os.geteuid() != 0:
        return ()
    words = ("unshare", "--user", f"--map-user={NOBODYS_ID}", f"--map-group={NOBODYS_ID}", "--")
    if shutil.which("unshare") is None or subprocess.run([*words, "true"], check=False).returncode:
        missing("root cannot be a user here: unshare --user does not work")
    return words


@dataclass
class Place:
    """Directories for one start of the lab: all are new, and everybody may go through to them.

    :ivar more: variables that are set beside those of :meth:`environment`; None takes one out.
    :ivar before: words that start the process.
    """

    base: Path
    more: dict[str, str | None] = field(default_factory=dict)
    whose: Whose = "root"
    bwrap: bool = True
    umask: int = 0o022
    before: tuple[str, ...] = ()

    @property
    def working_copy(self) -> Path:
        return self.base / "copy"

    @property
    def course(self) -> Path:
        return self.base / "course"

    @property
    def state(self) -> Path:
        return self.base / "state"

    @property
    def cache(self) -> Path:
        return self.base / "cache"

    def environment(self) -> dict[str, str]:
        handed = ("PATH", "LAB_TERRAFORM", "LAB_PROVIDER_MIRROR")
        given: Mapping[str, str | None] = {
            **{name: os.environ[name] for name in handed if name in os.environ},
            "HOME": str(self.base / "home"),
            "PYTHONPATH": str(ROOT),
            "LAB_STATE_DIR": str(self.state),
            "LAB_CACHE_DIR": str(self.cache),
            **self.more,
        }
        return {name: value for name, value in given.items() if value is not None}

    def start(self, *words: object) -> Ran:
        """``start("lab", "check")``: the console script; ``start("notebook", DIRECTORY)``: a notebook's cells."""
        if self.whose == "root" and os.geteuid() != 0:
            missing("the tests are not run as root")
        whose = as_a_user() if self.whose == "user" else ()
        hidden = [] if self.bwrap else ["--without-bwrap"]
        done = subprocess.run(
            [*whose, *self.before, sys.executable, STARTED, *hidden, *map(str, words)],
            env=self.environment(),
            cwd=self.base / "elsewhere",
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            umask=self.umask,
            timeout=900,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def cells(self) -> Sequence[dict[str, Any]]:
        """What the notebook's cells came to."""
        done = self.start("notebook", self.course)
        assert done.code == 0, done.err
        found: list[dict[str, Any]] = json.loads(done.out.splitlines()[-1])
        return found


@pytest.fixture
def place() -> Iterator[Place]:
    """A place whose engine is stopped afterwards; not in the tests' own directory, which is closed to others."""
    with tempfile.TemporaryDirectory(prefix="lab-where-", ignore_cleanup_errors=True) as name:
        made = Place(Path(name).resolve())
        made.base.chmod(0o755)
        for directory in ("home", "cache", "state", "course", "elsewhere"):
            (made.base / directory).mkdir(mode=0o755)
        materialise(load_corpus()["reference"], made.base / "case").rename(made.working_copy)
        yield made
        made.before = ()
        made.start("lab", "down", "--purge", "--all")
        for directory, _, _ in os.walk(made.base):
            Path(directory).chmod(0o700)
