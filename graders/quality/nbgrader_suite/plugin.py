"""A plug-in of pytest's for nbgrader's tests: each course that they make has the configuration of ours in it."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from graders.quality.nbgrader_suite.suite import CHECKOUT, CONFIGURED

CONFIG = Path(__file__).resolve().parents[3] / "notebooks" / "nbgrader_config.py"
_OF_THE_COURSE = ("c.CourseDirectory.course_id =", "c.CourseDirectory.root =")


def configuration(course: str) -> str:
    """Our configuration as a course has it, but for the settings that are every course's own, which the tests give.

    :param course: the course directory.
    """
    lines = CONFIG.read_text(encoding="utf-8").splitlines()
    kept = "\n".join(line for line in lines if not line.startswith(_OF_THE_COURSE))
    return f"{kept.replace('Path(__file__).parent', f'Path({course!r})')}\n"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Let a checkout's tests be those of the installed nbgrader, which they name relatively, before any is imported."""
    if not (checkout := os.environ.get(CHECKOUT)):
        return
    import nbgrader

    tests = Path(checkout) / "nbgrader" / "tests"
    spec = importlib.util.spec_from_file_location(
        "nbgrader.tests", tests / "__init__.py", submodule_search_locations=[str(tests)]
    )
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018 - for the type checker: there is a file
    module = sys.modules["nbgrader.tests"] = nbgrader.tests = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, Any, Any]:
    """Put it where the tests put theirs: into the directory that they work in, or into the API that they call."""
    made = yield
    if not os.environ.get(CONFIGURED):
        return made
    if fixturedef.argname == "temp_cwd":
        config = Path(made) / "nbgrader_config.py"
        own = config.read_text(encoding="utf-8")
        config.write_text(f"{configuration(request.getfixturevalue('course_dir'))}{own}", encoding="utf-8")
    elif fixturedef.argname == "api":
        _configure(made, Path(request.getfixturevalue("course_dir")))
    return made


def _configure(api: Any, course: Path) -> None:
    from traitlets.config.loader import PyFileConfigLoader

    file = course / "ours.py"
    file.write_text(configuration(str(course)), encoding="utf-8")
    config = PyFileConfigLoader(file.name, path=str(course)).load_config()
    file.unlink()
    api.update_config(config)
    api.coursedir.update_config(config)
