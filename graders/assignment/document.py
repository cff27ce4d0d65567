"""What may stand in ``assignment.toml``, by the limits of who will read it: AWS, the ECS agent, Terraform's language.

Sources: KMS, ScheduleKeyDeletion (``PendingWindowInDays`` 7 to 30) and CreateAlias (``^alias/[a-zA-Z0-9/_-]+$``, but not
``alias/aws/``); Secrets Manager, DeleteSecret (``RecoveryWindowInDays`` 7 to 30) and CreateSecret (``Name``: letters, digits and
``/_+=.@-``; "Do not end your secret name with a hyphen followed by six characters"); AWS General Reference, "Tag naming limits and
requirements"; POSIX, "Environment variable definition".
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from lab_env.lesson import STANDARD, Lesson
from lab_env.tables import ClosedTable

_DAYS = (7, 30)
_LONGEST_NAME = 64
"""Of a name's own part: with ``alias/`` and an environment's name it stays far below what AWS takes (256 and 512)."""
_SECRET = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9/_+=.@-]*[A-Za-z0-9])?")
_LIKE_A_SUFFIX = re.compile(r"-[^-]{6}\Z")
_ALIAS = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9/_-]*[A-Za-z0-9])?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PROMISES = re.compile(r"PASS|PWD|SECRET|TOKEN|CREDENTIAL", re.IGNORECASE)
_TAKEN = ("AWS_", "ECS_")
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_VALUE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 _.:/=+@-]*[A-Za-z0-9])?")
_PACKAGE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_COURSE = re.compile(r"[\w.-]{4,64}")


def _days(value: object) -> object:
    least, most = _DAYS
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"write a whole number of days from {least} to {most}; AWS takes no other")
    return value


def _short(value: str) -> str:
    if len(value) > _LONGEST_NAME:
        raise ValueError(f"write at most {_LONGEST_NAME} characters")
    return value


def _secret(value: str) -> str:
    if not _SECRET.fullmatch(_short(value)):
        raise ValueError(
            "a secret's name has letters, digits and / _ + = . @ - only, and begins and ends with one of the first two"
        )
    if _LIKE_A_SUFFIX.search(f"-{value}"):  # as it stands behind an environment's name
        raise ValueError(
            "the secret's name, <environment>-<this>, must not end with a hyphen and six characters: AWS adds such an "
            "ending to every ARN, and could not tell them apart"
        )
    return value


def _alias(value: str) -> str:
    if not _ALIAS.fullmatch(_short(value)):
        raise ValueError(
            "an alias has letters, digits and / _ - only; write what stands between alias/ and -<environment>"
        )
    if value.startswith(("aws/", "alias/")):
        raise ValueError(
            "aliases that begin with aws/ are AWS's own; write what stands between alias/ and -<environment>"
        )
    return value


def _variable(value: str) -> str:
    if not _VARIABLE.fullmatch(_short(value)):
        raise ValueError("an environment variable has letters, digits and _ only, and begins with no digit")
    if value.upper().startswith(_TAKEN):
        raise ValueError("variables that begin with AWS_ or ECS_ are set by the ECS agent; choose another name")
    if not _PROMISES.search(value):
        raise ValueError(
            "nobody could tell by this name that it holds a password, and the checks on plain text go by names; write one with "
            "PASS, PWD, SECRET, TOKEN or CREDENTIAL in it, such as PGPASSWORD"
        )
    return value


def _tag(value: str) -> str:
    if len(value) > 128 or not _TAG.fullmatch(value):
        raise ValueError(
            "a tag's key has letters, digits, _ and - only here, begins with a letter, and has at most 128 characters"
        )
    if value.lower().startswith("aws"):
        raise ValueError("tags that begin with aws are AWS's own; choose another key")
    return value


def _value(value: str) -> str:
    if len(value) > 256 or not _VALUE.fullmatch(value):
        raise ValueError(
            "a tag's value has letters, digits, spaces and _ . : / = + @ - only, and at most 256 characters"
        )
    return value


def _package(value: str) -> str:
    if not _PACKAGE.fullmatch(value):
        raise ValueError("write the package's name as pip installs it")
    return value


def _version(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9.!+_-]{1,64}", value):
        raise ValueError('write the version as text, such as "1.2.0"')
    return value


def _course(value: str) -> str:
    if not _COURSE.fullmatch(value):
        raise ValueError("write 4 to 64 letters, digits, dots and hyphens, such as secrets-2026-autumn")
    return value


Days = Annotated[int, BeforeValidator(_days)]


class Names(ClosedTable):
    secret: Annotated[str, AfterValidator(_secret)] = STANDARD.secret
    alias: Annotated[str, AfterValidator(_alias)] = STANDARD.alias
    variable: Annotated[str, AfterValidator(_variable)] = STANDARD.password


class Windows(ClosedTable):
    key: Days = STANDARD.key_window_days
    secret: Days = STANDARD.secret_window_days


class ManagerTag(ClosedTable):
    key: Annotated[str, AfterValidator(_tag)] = STANDARD.manager_tag
    value: Annotated[str, AfterValidator(_value)] = STANDARD.manager


class Tags(ClosedTable):
    environment: Annotated[str, AfterValidator(_tag)] = STANDARD.environment_tag
    manager: ManagerTag = ManagerTag()

    @model_validator(mode="after")
    def _two_tags(self) -> Tags:
        if self.environment.casefold() == self.manager.key.casefold():
            raise ValueError(f"both tags have the key {self.environment}; write another one for the manager")
        return self


class Own(ClosedTable):
    package: Annotated[str, AfterValidator(_package)]
    version: Annotated[str, BeforeValidator(_version)]


class Table(ClosedTable):
    """The whole file."""

    names: Names = Names()
    windows: Windows = Windows()
    tags: Tags = Tags()
    variants: bool = False
    course: Annotated[str, AfterValidator(_course)] | None = None
    requirements: Annotated[tuple[Own, ...], Field(max_length=8)] = ()

    @model_validator(mode="after")
    def _of_one_mind(self) -> Table:
        if self.variants and self.course is None:
            raise ValueError(
                'variants need the course\'s name, such as course = "secrets-2026-autumn" above the first table'
            )
        if self.variants and (self.names, self.windows, self.tags) != (Names(), Windows(), Tags()):
            raise ValueError(
                "with variants = true each learner's names, windows and tags are drawn; take those tables out"
            )
        named = [own.package.lower().replace("_", "-") for own in self.requirements]
        twice = next((name for name in named if named.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"the package {twice} is named twice")
        return self

    @property
    def lesson(self) -> Lesson:
        """What the file asks of everybody."""
        return lesson_of(self.names, self.windows, self.tags)


def lesson_of(names: Names, windows: Windows, tags: Tags) -> Lesson:
    """The same values as one."""
    return Lesson(
        secret=names.secret,
        alias=names.alias,
        password=names.variable,
        key_window_days=windows.key,
        secret_window_days=windows.secret,
        environment_tag=tags.environment,
        manager_tag=tags.manager.key,
        manager=tags.manager.value,
    )
