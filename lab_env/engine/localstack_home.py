"""LocalStack's own virtual environment: a Python it runs on, the pinned packages, our plug-in.

Its dependencies clash with the embedded engine's, so the two never share an environment.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lab_env import aws_refusals, digests, localstack_ecs, processes, settings
from lab_env.errors import EngineError
from lab_env.events import Notice, OnNotice

if TYPE_CHECKING:
    from filelock import BaseFileLock

VERSION = "4.14.0"
"""The last release that starts without an account."""
PINS = (
    # Without its extra "runtime": that is for services the lesson does not use, and as large again.
    f"localstack-core[base-runtime]=={VERSION}",
    # What that release asks for itself; not named here, pip tries a hundred newer ones on moto's behalf.
    "boto3==1.42.54",
    "botocore==1.42.54",
    "moto-ext==5.1.54",
    # Newer ones of these do not go with that release.
    "cbor2<6",
    "cryptography<46",
    "pyopenssl==25.1.0",
    "service_identity",
    "jsonpath-ng",
    "py_partiql_parser",
)
_SOURCES = (localstack_ecs.SOURCE, Path(aws_refusals.__file__).parent)
OLDEST = (3, 12)
_NAMES = ("python3.13", "python3.12", "python3.14", "python3")
_INSTALL_S = 3600.0
_ASK_S = 30.0
_SAYS = "import ensurepip, sys; print('%d.%d' % sys.version_info[:2]); print(sys.executable)"


def is_ready() -> bool:
    """Whether it is installed, with these pins; makes nothing."""
    return _stamp(directory()).is_file() and _read(_stamp(directory())) == _wanted()


def directory() -> Path:
    """Where it is kept: in the lab's cache, by version."""
    from lab_env.files import cache_directory

    return cache_directory() / f"localstack-{VERSION}"


def interpreter() -> Path:
    """The Python of the environment, with our plug-in as it is now.

    :raises EngineError: the environment is not there, or the plug-in does not install.
    """
    if not is_ready():
        raise EngineError(
            "LocalStack is not installed, and none answers at its usual address.",
            next_step="Run `lab up --engine localstack` once, which installs it, or start a LocalStack of yours.",
        )
    home = directory()
    if _read(home / "plugin") != _plugin_digest():
        with _lock():
            if _read(home / "plugin") != _plugin_digest():
                _install_plugin(home)
    return _python_in(home)


def prepare(on_event: OnNotice) -> None:
    """Make the environment when it is not there: some 200 MB of packages, by pip, as the user's pip is configured.

    :param on_event: told before something that takes long.
    :raises EngineError: there is no Python for it, or pip fails.
    """
    if is_ready():
        return
    python = find_python()
    with _lock():
        if is_ready():  # somebody else made it while we waited
            return
        home = directory()
        on_event(Notice(f"Installing LocalStack {VERSION} with {python} into {home}: some 200 MB, once."))
        shutil.rmtree(home, ignore_errors=True)  # half of one, or one with other pins
        home.mkdir(parents=True)
        _run([str(python), "-m", "venv", str(home / "venv")], "make a virtual environment")
        _pip(home, list(PINS), f"install LocalStack {VERSION}")
        _install_plugin(home)
        _stamp(home).write_text(_wanted())


def find_python() -> Path:
    """A Python that is new enough: this one, one on PATH, pyenv's, uv's.

    :raises EngineError: there is none.
    """
    seen = set()
    for candidate in _candidates():
        if candidate not in seen and (found := _new_enough(candidate)):
            return found
        seen.add(candidate)
    raise EngineError(
        f"LocalStack {VERSION} needs Python {'.'.join(map(str, OLDEST))} or newer, and none was found on PATH or by pyenv or uv.",
        next_step="Install one (`uv python install 3.13`, `pyenv install 3.13`), or use the embedded engine.",
    )


def _candidates() -> Iterator[str]:
    if sys.version_info >= OLDEST:
        yield sys.executable
    for name in _NAMES:
        if path := shutil.which(name):
            yield path
    roots = (os.environ.get("PYENV_ROOT"), settings.expanded("~/.pyenv"))
    for root in (Path(root) for root in roots if root):
        # A shim on PATH answers only for versions that are switched on; these are all that are installed.
        versions = [path for path in root.glob("versions/3.*/bin/python") if _minor(path.parts[-3]) >= OLDEST[1]]
        yield from (str(path) for path in sorted(versions, key=lambda path: abs(_minor(path.parts[-3]) - 13)))
    if uv := shutil.which("uv"):
        asked = _ask([uv, "python", "find", "--no-project", f">={'.'.join(map(str, OLDEST))}"])
        if asked:
            yield asked[-1]


def _new_enough(python: str) -> Path | None:
    said = _ask([python, "-I", "-c", _SAYS])
    if len(said) != 2 or not re.fullmatch(r"3\.\d+", said[0]) or _minor(said[0]) < OLDEST[1]:
        return None
    return Path(said[1])


def _minor(version: str) -> int:
    found = re.match(r"3\.(\d+)", version)
    return int(found[1]) if found else 0


def _ask(argv: list[str]) -> list[str]:
    """The lines a program writes; none when it fails."""
    try:
        done = processes.run(argv, cwd=Path(Path.cwd().anchor), env=_environment(), timeout=_ASK_S)
    except OSError:
        return []
    return done.stdout.decode(errors="replace").split("\n")[:-1] if done.ok else []


def _install_plugin(home: Path) -> None:
    """Install the plug-in from a copy: building writes beside the sources, which may not be ours to write to."""
    copy = home / "plugin-source"
    shutil.rmtree(copy, ignore_errors=True)
    for source in _SOURCES:  # the one takes the other from beside itself
        shutil.copytree(source, copy / source.name, ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    digest = _plugin_digest()
    plugin = str(copy / localstack_ecs.SOURCE.name)
    _pip(home, ["--no-deps", "--force-reinstall", plugin], "install the ECS plug-in for LocalStack")
    (home / "plugin").write_text(digest)


def _pip(home: Path, packages: list[str], what: str) -> None:
    _run([str(_python_in(home)), "-m", "pip", "install", "--quiet", "--no-input", "--no-compile", *packages], what)


def _run(argv: list[str], what: str) -> None:
    try:
        done = processes.run(argv, cwd=directory(), env=_environment(), timeout=_INSTALL_S)
    except OSError as error:
        raise EngineError(f"Could not {what}: {error}.", next_step=_NEXT) from error
    if not done.ok:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        errors = [line for line in words if line.startswith("ERROR")] or words or ["it took too long."]
        raise EngineError(f"Could not {what}: {errors[-1][:300]}", next_step=_NEXT)


_NEXT = "See whether pip can reach its index and the disk has 1 GiB left, and try again; or use the embedded engine."


def _environment() -> dict[str, str]:
    """The user's, so that pip finds its index, proxy and certificates; without what would bend another Python."""
    bent = ("PYTHONHOME", "PYTHONPATH", "PYTHONSTARTUP", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")
    return {name: value for name, value in os.environ.items() if name not in bent}


def _python_in(home: Path) -> Path:
    return home / "venv" / "bin" / "python"


def _stamp(home: Path) -> Path:
    return home / "ready"


def _wanted() -> str:
    return "\n".join(PINS) + "\n"


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def plugin_files() -> list[Path]:
    """What the plug-in is made of, sorted."""
    found = (path for source in _SOURCES for path in source.rglob("*") if path.suffix in (".py", ".toml", ".txt"))
    return sorted(path for path in found if "build" not in path.parts)


def _plugin_digest() -> str:
    return digests.of_files({str(path.relative_to(localstack_ecs.SOURCE.parent)): path for path in plugin_files()})


def _lock() -> BaseFileLock:
    import filelock

    directory().parent.mkdir(parents=True, exist_ok=True)
    return filelock.FileLock(directory().with_name(f"localstack-{VERSION}.lock"))
