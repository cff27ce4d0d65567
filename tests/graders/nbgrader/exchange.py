"""What is common to the tests of the exchange: whose a submission is, and collecting as an instructor does it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from graders.nbgrader.kept import is_student_id
from tests.conftest import missing
from tests.graders.nbgrader.course import Course


@dataclass(frozen=True)
class Ran:
    """What ``lab course collect`` came to. :param told: its lines on standard error."""

    code: int
    out: str
    told: tuple[str, ...]

    def about(self, path: Path) -> list[str]:
        """The sentences that name a file of the exchange."""
        return [line for line in self.told if str(path) in line]


def collect(course: Course, *, before: tuple[str, ...] = ()) -> Ran:
    """Run the console script in a process of its own. :param before: the words that it is started by."""
    done = subprocess.run(
        [*before, sys.executable, "-m", "lab.cli", "course", "collect", "--dir", str(course.root)],
        capture_output=True,
        text=True,
        check=False,
        cwd=course.root,
    )
    return Ran(done.returncode, done.stdout, tuple(done.stderr.splitlines()))


def as_a_user() -> tuple[str, ...]:
    """The words that start a program as a user whom permissions stop: none, or for root those of a user in a namespace."""
    if os.geteuid() != 0:
        return ()
    words = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
    if shutil.which("unshare") is None or subprocess.run([*words, "true"], check=False).returncode:
        missing("root cannot be a user here: unshare --user does not work")
    return words


def accounts(number: int) -> tuple[pwd.struct_passwd, ...]:
    """Accounts of this system whose names may be students'; giving them a directory takes root."""
    if os.geteuid() != 0:
        missing("the tests are not run as root, who alone can give a directory to somebody else")
    taken = {0}
    found = []
    for account in pwd.getpwall():
        if account.pw_uid not in taken and is_student_id(account.pw_name):
            taken.add(account.pw_uid)
            found.append(account)
    if len(found) < number:
        missing(f"this system has no {number} accounts")
    return tuple(found[:number])


def give(path: Path, uid: int) -> Path:
    """Let a submission belong to an account, as if it had been handed in by it."""
    for one in (path, *path.rglob("*")):
        os.chown(one, uid, -1, follow_symlinks=False)
    return path


def snapshot(directory: Path) -> dict[str, bytes]:
    """The files of a directory, by name."""
    return {path.name: path.read_bytes() for path in directory.iterdir()}
