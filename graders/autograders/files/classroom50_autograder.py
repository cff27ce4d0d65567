"""Grades a push with Secrets Lab on Classroom 50. Written by `lab autograder classroom50`.

It belongs in CLASSROOM/autograders/ASSIGNMENT/ of the `classroom50` repository, with the lab's wheel beside it where there is
one. Classroom 50's runner starts it in the student's checkout and reads `result.json` there (its wiki, "Advanced Autograding").
Where it ends with another code than 0 there is no mark, and the runner says so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REQUIREMENT = "@REQUIREMENT@"
DEPTH = "@DEPTH@"
RESULT, PAGE = "result.json", "release-body.md"


def main() -> int:
    """Install the lab, grade the checkout, hand on what came of it."""
    checkout = Path.cwd()
    # Of an earlier run, or committed by the student: where we fail nothing must be taken for a result.
    for name in (RESULT, PAGE):
        remove(checkout / name)
    with tempfile.TemporaryDirectory() as scratch:
        # No program is started in the checkout: nothing of the student's is where programs look for what they load.
        os.chdir(scratch)
        lab = installed(Path(scratch) / "venv")
        graded = Path(scratch) / "graded.json"
        code = run(lab, "grade", checkout, "--as", os.environ.get("OWNER") or os.environ.get("USERNAME") or "student",
                   "--depth", DEPTH, "--no-cache", "--json", graded)  # fmt: skip
        if not graded.exists():
            return code or 1
        run(lab, "export", "github-summary", graded, "--out", checkout / PAGE)
        return run(lab, "export", "classroom50", graded, "--out", checkout / RESULT)


def installed(venv: Path) -> str:
    """Put the lab into an environment of its own; `SECRETS_LAB_PROGRAM` names one that is there already, as in an image."""
    if program := os.environ.get("SECRETS_LAB_PROGRAM"):
        return program
    here = Path(__file__).resolve().parent
    wheels = sorted(here.glob("secrets_lab-*.whl"))
    what = f"{wheels[-1]}[terraform]" if wheels else REQUIREMENT
    subprocess.run([sys.executable, "-I", "-m", "venv", venv], check=True)
    subprocess.run([venv / "bin" / "python", "-I", "-m", "pip", "install", "-q", what], check=True)
    return str(venv / "bin" / "lab")


def remove(path: Path) -> None:
    """Take away what has the name of a file of ours; of a link itself, never what it leads to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def run(*words: str | Path) -> int:
    """Run a program; what it prints is in the run's log."""
    return subprocess.run([str(word) for word in words]).returncode


if __name__ == "__main__":
    sys.exit(main())
