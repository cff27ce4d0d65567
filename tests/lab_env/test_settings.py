"""The table of environment variables: is it all of them, and what do they say?"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from lab_env import files, settings
from lab_env.errors import LabError
from lab_env.settings import VARIABLES, Reach

ROOT = Path(__file__).parents[2]
_NAME = re.compile(r"\bLAB_[A-Z][A-Z_]+\b")


def named_in(*patterns: str) -> set[str]:
    """The lab's variables that these files name."""
    files = (path for pattern in patterns for path in ROOT.glob(pattern))
    return {name for path in files for name in _NAME.findall(path.read_text(encoding="utf-8"))}


def test_every_variable_that_is_named_is_in_the_table() -> None:
    """Does no module, compose file or image name a variable of ours that the table leaves out, and the table none too many?"""
    modules = named_in(*(f"{house}/**/*.py" for house in ("lab", "graders", "lab_env", "notebooks", "solutions")))
    containers = named_in("docker-compose.yml", "docker/*.yml", "docker/Dockerfile")
    ours = {one.name for one in VARIABLES if one.name.startswith("LAB_")}
    assert (modules | containers) == ours
    assert {one.name for one in VARIABLES if one.reach is Reach.COMPOSE} <= containers


def test_no_module_reads_one_otherwise() -> None:
    """Is there no `environ.get("LAB_…")` beside the table?"""
    readers = re.compile(r"""(environ(ment)?(\.get\(|\[)|getenv\()\s*["']LAB_""")
    files = (path for house in ("lab", "graders", "lab_env") for path in (ROOT / house).rglob("*.py"))
    assert [path for path in files if readers.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda one: one.name)
def test_unset_and_empty_are_the_default(variable: settings.Variable[object]) -> None:
    """Does a variable that is not set, or set to nothing, have its default?"""
    assert variable.read({}) == variable.read({variable.name: " "}) == variable.default


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        (settings.SANDBOX, "required", "required"),
        (settings.ENGINE, "localstack", "localstack"),
        (settings.ENGINE_IDLE_MINUTES, "0.5", 0.5),
        (settings.ALLOW_REMOTE, "One, two ,", frozenset({"one", "two"})),
        (settings.CACHE_DIR, "/a/b", Path("/a/b")),
        (settings.PROVIDER_VERSION, "6.62.0", (6, 62, 0)),
        (settings.DEBUG, "0", False),
        (settings.DEBUG, "1", True),
    ],
)
def test_values(variable: settings.Variable[object], text: str, value: object) -> None:
    """Is a text the value that it stands for?"""
    assert variable.read({variable.name: text}) == value


@pytest.mark.parametrize(
    ("variable", "text", "code"),
    [
        (settings.SANDBOX, "yes", 2),
        (settings.ENGINE_IDLE_MINUTES, "-1", 3),
        (settings.PROVIDER_VERSION, "~> 6.0", 2),
        (settings.PROVIDER_VERSION, "6", 2),
    ],
)
def test_other_texts_are_refused(variable: settings.Variable[object], text: str, code: int) -> None:
    """Is a text that stands for nothing refused by the variable's name, with what to set it to?"""
    with pytest.raises(LabError, match=f"{variable.name} is '{text}'") as refused:
        variable.read({variable.name: text})
    assert refused.value.exit_code == code
    assert (refused.value.next_step or "").startswith("Set it to")


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda one: one.name)
def test_what_a_child_process_gets(variable: settings.Variable[object]) -> None:
    """Does a child process get what this machine has, and nothing that makes Python import or run anything?"""
    got = settings.handed_on({variable.name: "x", "PYTHONPATH": "/x", "PYTHONSTARTUP": "/x"})
    assert got == ({variable.name: "x"} if variable.reach is Reach.MACHINE else {})


@pytest.mark.parametrize("home", [None, "relative"])
def test_a_user_without_a_home(home: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a home directory: is ~ a place where nothing can be, and not in the current directory, which may be a stranger's?"""
    if home is None:
        monkeypatch.delenv("HOME", raising=False)
        monkeypatch.setattr("os.getuid", lambda: 44_201)
        monkeypatch.setattr("pwd.getpwuid", lambda uid: {}[uid])
    else:
        monkeypatch.setenv("HOME", home)
    for name in ("LAB_CACHE_DIR", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for place in (settings.expanded("~"), settings.expanded("~/.terraformrc"), settings.STATE_DIR.parse("~/state")):
        assert place.is_relative_to(os.devnull), place
    assert settings.expanded("a/~b") == Path("a/~b")
    for found in (files.user_directory("cache"), files.user_directory("state"), files.cache_directory()):
        assert found is None or (found.is_absolute() and not found.is_relative_to(Path.cwd()))
    if home is None:
        assert (files.user_directory("state"), files.cache_directory()) == (None, files.NO_CACHE)
