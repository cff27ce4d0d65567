"""``variants.csv``: each learner's own values, drawn once from a seed that stays with the instructor.

A value is drawn by HMAC of the seed and the student's id, so the same seed gives the same class the same values in any order and on
any machine. Rows that are there already stay as they are, however the class list grows. A row is found by a key made of the id
(:func:`graders.assignment.model.learner_key`): the file goes to the whole class with the release, and tells nobody who is in it.
"""

from __future__ import annotations

import csv
import hmac
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import ValidationError

from graders.assignment.document import ManagerTag, Names, Tags, Windows, lesson_of
from graders.assignment.model import KEY_DIGITS, learner_key
from lab_env.errors import UsageError
from lab_env.lesson import Lesson
from lab_env.tables import fault
from lab_env.text import one_line

FILE = "variants.csv"
MAX_BYTES = 16 << 20
HEADER = (
    "learner",
    "secret",
    "alias",
    "variable",
    "key_window",
    "secret_window",
    "environment_tag",
    "manager_tag",
    "manager",
)
_KEY = re.compile(rf"[0-9a-f]{{{KEY_DIGITS}}}")
_AGAIN = "Run `lab course variants` again; an older copy of the file may be in your backups."
_ATTEMPTS = 1000

# What a team might call its things. No last word of six letters: AWS would take it for the ending of an ARN.
_SUBJECTS = (
    "accounts", "archive", "atlas", "billing", "booking", "catalog", "claims", "customers", "delivery", "dispatch", "events",
    "exports", "fleet", "harbour", "identity", "imports", "inventory", "invoices", "journal", "ledger", "library", "loyalty",
    "mailing", "metering", "orders", "parking", "payments", "payroll", "planning", "postbox", "quality", "quotes", "records",
    "refunds", "reports", "returns", "rostering", "sales", "search", "sensors", "shipping", "signup", "stock", "support",
    "tariffs", "ticketing", "timetable", "tracking", "training", "travel", "vendors", "voting", "warehouse", "weather",
)  # fmt: skip
_STORES = (
    "database-account", "database-credentials", "database-login", "database-password", "database-user", "db-account",
    "db-credentials", "db-login", "db-password", "db-user", "mariadb-credentials", "mariadb-login", "mysql-account",
    "mysql-credentials", "mysql-login", "mysql-user", "postgres-account", "postgres-credentials", "postgres-login",
    "postgres-user", "store-account", "store-credentials", "store-login", "store-password",
)  # fmt: skip
_KEYS = (
    "app-secrets", "confidential", "credential-key", "credentials", "data-key", "encryption", "guarded", "keyring", "locked",
    "lockbox", "master-key", "private-data", "protected", "safe", "sealed", "secrets", "sensitive", "service-key",
    "strongroom", "vault", "wrapping-key",
)  # fmt: skip
_VARIABLES = (
    "APP_DB_PASSWORD", "APP_PASSWORD", "DATABASE_PASSWORD", "DB_PASSWORD", "DB_PASSWD", "DB_USER_PASSWORD", "JDBC_PASSWORD",
    "LOGIN_PASSWORD", "MYSQL_PASSWORD", "PGPASSWORD", "POSTGRES_PASSWORD", "SERVICE_PASSWORD", "SQL_PASSWORD",
    "STORE_PASSWORD",
)  # fmt: skip
_ENVIRONMENT_TAGS = ("DeployStage", "Env", "Environment", "EnvironmentName", "Landscape", "Stage", "Tier")
_MANAGER_TAGS = ("ManagedBy", "ManagedWith", "MadeBy", "MaintainedBy", "Provisioner", "ProvisionedBy", "Tool")
_MANAGERS = ("IaC", "Infrastructure", "Platform", "PlatformTeam", "Terraform", "terraform-lab")


def draw(seed: bytes, course: str, students: Iterable[str], known: Mapping[str, Lesson]) -> dict[str, Lesson]:
    """The values of these students by their keys, in the order of the keys, after those that are known already.

    No two have the same secret's name or the same alias, so whoever hands in another's answer hands in another's names.

    :raises UsageError: the class is larger than there are names for.
    """
    found = dict(known)
    secrets = {one.secret for one in known.values()}
    aliases = {one.alias for one in known.values()}
    for student in sorted(set(students)):
        key = learner_key(course, student)
        if key in found:
            continue
        for attempt in range(_ATTEMPTS):
            lesson = _drawn(seed, student, attempt)
            if lesson.secret not in secrets and lesson.alias not in aliases:
                break
        else:
            raise UsageError(
                f"There are no names left for {one_line(student)}: {len(found)} learners have theirs.",
                next_step="Split the class into two courses with a variants.csv each.",
            )
        found[key] = lesson
        secrets.add(lesson.secret)
        aliases.add(lesson.alias)
    return dict(sorted(found.items()))


def _drawn(seed: bytes, student: str, attempt: int) -> Lesson:
    def pick(what: str, choices: tuple[str, ...] | range) -> str | int:
        named = f"{what}\0{attempt}\0{student}".encode("utf-8", "surrogateescape")
        number = int.from_bytes(hmac.new(seed, named, "sha256").digest()[:16], "big")
        return choices[number % len(choices)]

    subject = pick("subject", _SUBJECTS)
    days = range(7, 31)
    return Lesson(
        secret=f"{subject}-{pick('secret', _STORES)}",
        alias=f"{subject}-{pick('alias', _KEYS)}",
        password=str(pick("variable", _VARIABLES)),
        key_window_days=int(pick("key window", days)),
        secret_window_days=int(pick("secret window", days)),
        environment_tag=str(pick("environment tag", _ENVIRONMENT_TAGS)),
        manager_tag=str(pick("manager tag", _MANAGER_TAGS)),
        manager=str(pick("manager", _MANAGERS)),
    )


def written(rows: Mapping[str, Lesson]) -> str:
    """The file's text."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows((key, *lesson.values.values()) for key, lesson in rows.items())
    return text.getvalue()


def read_bytes(path: Path) -> bytes:
    """:raises UsageError: it is not there, or too large."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(
            f"Cannot read {path}: {error.strerror}. With variants = true it holds each learner's values.",
            next_step="Run `lab course variants --roster FILE` to draw them, or take variants = true out of the assignment.",
        ) from None
    if len(data) > MAX_BYTES:
        raise UsageError(f"{path} is larger than {MAX_BYTES >> 20} MB.", next_step=_AGAIN)
    return data


def parse(data: bytes, name: str) -> dict[str, Lesson]:
    """The values in a file's bytes, by learners' keys.

    :raises UsageError: it is none that was written here; with the line.
    """
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        rows = [(reader.line_num, row) for row in reader if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{name} cannot be read: {one_line(str(error))}.", next_step=_AGAIN) from None
    if not rows or tuple(rows[0][1]) != HEADER:
        raise UsageError(f"{name}, line 1: the columns are not {', '.join(HEADER)}.", next_step=_AGAIN)
    found: dict[str, Lesson] = {}
    for line, row in rows[1:]:
        key = row[0]
        if len(row) != len(HEADER) or not _KEY.fullmatch(key):
            raise UsageError(f"{name}, line {line}: this is no learner's row.", next_step=_AGAIN)
        if key in found:
            raise UsageError(
                f"{name}, line {line}: this learner is there twice.", next_step="Take one of the rows out."
            )
        found[key] = _lesson(row, name, line)
    return found


def _lesson(row: list[str], name: str, line: int) -> Lesson:
    cells = dict(zip(HEADER, row, strict=True))
    try:
        return lesson_of(
            Names(secret=cells["secret"], alias=cells["alias"], variable=cells["variable"]),
            Windows(key=_number(cells["key_window"]), secret=_number(cells["secret_window"])),
            Tags(
                environment=cells["environment_tag"],
                manager=ManagerTag(key=cells["manager_tag"], value=cells["manager"]),
            ),
        )
    except ValidationError as error:
        raise UsageError(f"{name}, line {line}: {one_line(fault(error, Names).what)}.", next_step=_AGAIN) from None


def _number(cell: str) -> int:
    return int(cell) if cell.isascii() and cell.isdigit() and len(cell) < 4 else -1
