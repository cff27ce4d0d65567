"""nbgrader in this process: a course directory opened, one of its steps run, what it said."""

from __future__ import annotations

import logging
import os
import re
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab_env.errors import LabError, UsageError

if TYPE_CHECKING:
    from nbgrader.apps import NbGraderAPI

CONFIG = "nbgrader_config.py"
ASSIGNMENT = "secrets-management"
_SAID = 2
_LONGEST = 600
_LEVEL = re.compile(r"\[(DEBUG|INFO|WARNING|ERROR|CRITICAL)\] ")
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(?::|$)")


class NbgraderError(LabError):
    """nbgrader ended a step; what it said last is in the message."""


@dataclass(frozen=True)
class Opened:
    """A course directory with its configuration read. :param root: absolute."""

    root: Path
    api: NbGraderAPI

    @property
    def coursedir(self) -> Any:
        """nbgrader's own."""
        return self.api.coursedir


def open_course(directory: Path | None) -> Opened:
    """Read the configuration of a course directory and make nbgrader ready for it.

    :param directory: the current one when left out.
    :raises UsageError: there is no course, or its configuration is wrong.
    :raises LabError: nbgrader is not installed.
    """
    root = (directory or Path.cwd()).expanduser().resolve()
    if not (root / CONFIG).is_file():
        raise UsageError(
            f"{root} is not a course directory: there is no {CONFIG} in it.", next_step="Run: lab course new DIR"
        )
    try:
        from nbgrader.apps import NbGraderAPI
        from nbgrader.apps.baseapp import NbGrader
    except ImportError as error:
        raise _not_installed() from error
    _programs_on_path()
    if str(root) not in sys.path:
        # nbgrader finds an instructor's plug-in, such as late.py, in the directory that it is started in.
        sys.path.append(str(root))
    _hush()
    app = NbGrader()
    app.log_level = logging.CRITICAL
    app.raise_config_file_errors = True
    app.load_cwd_config = False
    try:
        app.initialize([], root=str(root))
    except Exception as error:  # a configuration file is a program of the instructor's: anything may come
        raise UsageError(
            f"{root / CONFIG} cannot be used: {type(error).__name__}: {error}",
            next_step="Compare it with a new course's.",
        ) from error
    app.coursedir.root = str(root)
    for handler in app.log.handlers:
        handler.setLevel(logging.CRITICAL)  # every step's words are caught, and told when they matter
    return Opened(root, NbGraderAPI(app.coursedir, parent=app))


@dataclass(frozen=True)
class Attempt:
    """What one step of nbgrader's came to. :param log: what it said. :param error: its traceback, if it ended by one."""

    success: bool
    log: str
    error: str = ""

    @property
    def failure(self) -> NbgraderError:
        """The error to raise where it did not succeed."""
        return NbgraderError(f"nbgrader: {last_words(self.log, self.error)}", next_step=_next(self.log))


def attempt(step: Callable[..., Mapping[str, Any] | None], *words: object, **options: object) -> Attempt:
    """Run one step of nbgrader's API; the caller looks at what it came to.

    :raises NbgraderError: there is no exchange.
    """
    result = step(*words, **options)
    if result is None:
        raise NbgraderError("nbgrader has no exchange on this system.", next_step="Copy the files yourself.")
    return Attempt(bool(result["success"]), str(result.get("log") or ""), str(result.get("error") or ""))


def run(step: Callable[..., Mapping[str, Any] | None], *words: object, **options: object) -> str:
    """Run one step of nbgrader's API.

    :return: what it logged.
    :raises NbgraderError: it did not succeed.
    """
    done = attempt(step, *words, **options)
    if not done.success:
        raise done.failure
    return done.log


Begun = Callable[[str], None]
"""Called with a student at whom a step is now."""
Ended = Callable[[str, bool], None]
"""Called with a student and whether the step ended well."""


def convert(
    made: Callable[[Begun, Ended], Any], students: Sequence[str], begun: Begun, ended: Ended
) -> dict[str, NbgraderError]:
    """Run one of nbgrader's converters, as its API does, but that Ctrl-C ends it: the API takes it for an error among others.

    :param made: makes the converter, which calls what it is given.
    :param students: whom it is to convert.
    :return: for whom it did not end well, each with what nbgrader said meanwhile; of those whom it did not come to, why it ended.
    """
    buffer = StringIO()
    handler = logging.StreamHandler(buffer)
    handler.setFormatter(logging.Formatter("[%(levelname)s] %(message)s"))
    well: set[str] = set()
    logs: dict[str, str] = {}
    start = 0

    def noting_begun(student: str) -> None:
        nonlocal start
        start = buffer.tell()
        begun(student)

    def noting_ended(student: str, good: bool) -> None:
        if good:
            well.add(student)
        else:
            logs[student] = buffer.getvalue()[start:]
        ended(student, good)

    converter = made(noting_begun, noting_ended)
    log, error = "", ""
    converter.log.addHandler(handler)
    try:
        converter.start()
    except Exception:
        log, error = buffer.getvalue(), traceback.format_exc()
    finally:
        converter.log.removeHandler(handler)
    return {
        student: Attempt(False, logs.get(student) or log, error).failure for student in students if student not in well
    }


@contextmanager
def chosen(coursedir: Any, student: str) -> Iterator[None]:
    """The course directory for this assignment and these students, as nbgrader's API sets it.

    :param student: an id, or nbgrader's ``*`` for all.
    """
    before = coursedir.student_id, coursedir.assignment_id
    coursedir.student_id, coursedir.assignment_id = student, ASSIGNMENT
    try:
        yield
    finally:
        coursedir.student_id, coursedir.assignment_id = before


def told(log: str, level: str) -> tuple[str, ...]:
    """Find what nbgrader logged on a level, a line each.

    :param level: such as ``WARNING``.
    """
    found: list[list[str]] = []
    wanted = False
    for line in log.splitlines():
        start = _LEVEL.match(line)
        if start is not None:
            wanted = start[1] == level
            if wanted:
                found.append([])
        if wanted:
            found[-1].append(line[start.end() :] if start else line)
    return tuple(" ".join(" ".join(lines).split()) for lines in found)


def last_words(log: str, error: str) -> str:
    """Find what went wrong in what nbgrader logged: the exceptions, else its errors, else the last line of its traceback."""
    errors = [line.partition("] ")[2] for line in log.splitlines() if line.startswith(("[ERROR]", "[CRITICAL]"))]
    said = _raised(log)[-_SAID:] or errors[-_SAID:] or _message(error)
    return " ".join(" ".join(said).split())[:_LONGEST] or "it said nothing."


def _raised(log: str) -> list[str]:
    """Find the exceptions' own words in the tracebacks that nbgrader logs, set in by four spaces."""
    records = re.split(r"^(?=\[[A-Z]+\] )", log, flags=re.MULTILINE)
    tracebacks = (one.partition("\n")[2] for one in records if one.startswith("[ERROR] Traceback "))
    return list(dict.fromkeys(" ".join(_message(textwrap.dedent(one))) for one in tracebacks))


def _message(traceback: str) -> list[str]:
    """Find the exception's own lines: those from the last that is not indented, as a message may have several."""
    lines = traceback.splitlines()
    last = max((index for index, line in enumerate(lines) if _EXCEPTION.match(line)), default=len(lines))
    return lines[last:]


def _next(log: str) -> str:
    if "Cannot add or remove cells" in log:
        return (
            "Give source/ the graded cells back that it had when somebody first handed in, or make a course directory of its own "
            "for the changed assignment: lab course new DIR"
        )
    if "Unwritable directory" in log or "exchange" in log.lower():
        return "Make the exchange directory (c.Exchange.root), or leave the exchange out."
    return "Run the same step with nbgrader itself and --debug to see more."


def _programs_on_path() -> None:
    """Put our programs on the PATH: nbgrader calls ``alembic`` by its name, which an environment that is not activated lacks."""
    programs = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if programs not in path:
        os.environ["PATH"] = os.pathsep.join([programs, *path])


def _hush() -> None:
    """Hush SQLAlchemy, which nbgrader's way to add a submission makes warn of something that is no matter."""
    import warnings

    from sqlalchemy.exc import SAWarning

    warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")


def _not_installed() -> LabError:
    error = LabError("nbgrader is not installed in this environment.", next_step="pip install 'secrets-lab[notebooks]'")
    error.exit_code = 3
    return error
