"""nbgrader's tests run by pytest in processes of their own: all with our configuration, and again without it those that fail."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from xml.etree import ElementTree

from lab_env.errors import LabError

REPOSITORY = Path(__file__).resolve().parents[3]
TESTS = "nbgrader.tests.apps"
CHECKOUT, CONFIGURED = "NBGRADER_SUITE_CHECKOUT", "NBGRADER_SUITE_CONFIGURED"
"""What the plug-in is told: whose tests, and whether courses get our configuration."""
_MARKERS = "markers=nbextensions\nlabextensions"


class Outcome(StrEnum):
    """What a test came to."""

    PASSED = "passed"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True)
class Ran:
    """The suite, run.

    :param version: of nbgrader.
    :param ours: each test with our configuration, by ``module::name``.
    :param plain: the same without it, of those that failed.
    """

    version: str
    ours: Mapping[str, Outcome]
    plain: Mapping[str, Outcome]


def run_suite(checkout: Path | None, *, jobs: int = 1, only: Sequence[str] = ()) -> Ran:
    """Run it.

    :param checkout: of nbgrader's repository; left out, the tests that the installed nbgrader brings.
    :param only: modules, such as ``test_nbgrader_collect``; all when left out.
    :raises LabError: there are no tests, or pytest could not run them.
    """
    from importlib.metadata import version

    if checkout is not None and not (checkout / "nbgrader" / "tests" / "apps").is_dir():
        raise LabError(
            f"{checkout} holds no nbgrader/tests/apps.",
            next_step="Name a checkout of jupyter/nbgrader, or leave it out.",
        )
    modules = [path.stem for path in sorted(_root(checkout).joinpath(*TESTS.split(".")).glob("test_*.py"))]
    ours = _run(only or modules, checkout, jobs=jobs, configured=True)
    failed = [test for test, outcome in ours.items() if outcome is Outcome.FAILED]
    plain = _run(failed, checkout, jobs=jobs, configured=False) if failed else {}
    return Ran(version("nbgrader"), ours, plain)


def _run(names: Sequence[str], checkout: Path | None, *, jobs: int, configured: bool) -> Mapping[str, Outcome]:
    with tempfile.TemporaryDirectory(prefix="nbgrader-suite-") as made:
        place = Path(made)
        report = place / "report.xml"
        words = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-c",
            os.devnull,
            "--rootdir",
            str(_root(checkout)),
            "-p",
            "no:cacheprovider",
        ]
        words += ["-o", _MARKERS, "-p", f"{__package__}.plugin", f"--junitxml={report}"]
        words += ["-n", str(jobs)] if jobs > 1 else []
        environment = {
            **os.environ,
            "HOME": made,
            "USER": pwd.getpwuid(os.geteuid()).pw_name,
            "PYTHONPATH": os.pathsep.join(filter(None, (str(REPOSITORY), os.environ.get("PYTHONPATH")))),
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
            CONFIGURED: "yes" if configured else "",
            CHECKOUT: str(checkout.resolve()) if checkout is not None else "",
        }
        command = [*words, *_ids(names, checkout)]
        done = subprocess.run(command, cwd=made, env=environment, capture_output=True, check=False)
        if done.returncode > 1 or not report.is_file():
            said = (done.stdout + done.stderr).decode("utf-8", "replace").strip().splitlines()
            raise LabError(
                f"pytest could not run nbgrader's tests: {said[-1] if said else 'it said nothing'}",
                next_step="Install the project with its development tools.",
            )
        return read(report.read_text(encoding="utf-8"))


def _root(checkout: Path | None) -> Path:
    """From where pytest names the tests: the directory that holds ``nbgrader``."""
    import nbgrader

    return (checkout or Path(nbgrader.__file__).parents[1]).resolve()


def _ids(names: Iterable[str], checkout: Path | None) -> list[str]:
    """The tests by their files, as pytest takes them."""
    tests = _root(checkout).joinpath(*TESTS.split("."))
    return [
        str(tests / f"{module}.py") + (f"::{rest}" if rest else "")
        for module, _, rest in (n.partition("::") for n in names)
    ]


def read(report: str) -> Mapping[str, Outcome]:
    """A JUnit report's tests, by ``module::Class::name``."""
    found = {}
    for case in ElementTree.fromstring(report).iter("testcase"):  # noqa: S314 - pytest's own, of this machine
        module, _, inside = case.get("classname", "").removeprefix(f"{TESTS}.").partition(".")
        parts = [module, *inside.split("."), case.get("name", "")] if inside else [module, case.get("name", "")]
        kinds = {child.tag for child in case}
        outcome = Outcome.PASSED
        if kinds & {"failure", "error"}:
            outcome = Outcome.FAILED
        elif "skipped" in kinds:
            outcome = Outcome.SKIPPED
        found["::".join(parts)] = outcome
    return found
