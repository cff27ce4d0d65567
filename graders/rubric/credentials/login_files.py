"""Logins in files that are made for them, and settings whose name and value stand apart: XML, pairs, a blank between them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graders.rubric.credentials.commands import in_headers, is_given
from graders.rubric.credentials.names import (
    Promise,
    decode,
    holds_credential,
    is_credential,
    is_of_machines,
    looks_made,
    looks_typed,
    promise,
)
from graders.rubric.credentials.prose import looks_strict

_NUMBER = re.compile(r"[\d.]+")
# "app" "…": a line of pgbouncer's list of users
_USER_LIST = re.compile(r"(?m)^\"[^\"\n]{1,60}\" \"(?P<value>[^\"\n]{6,200})\"$")
_NETRC = re.compile(r"\blogin\s{1,20}\S{1,100}\s{1,20}password\s{1,20}(?P<value>\S{1,200})")
_PGPASS = re.compile(r"(?m)^[^\s:#]{1,200}:(?:\d{1,5}|\*):[^\s:]{1,100}:[^\s:]{1,100}:(?P<value>\S{1,200})$")
_AUTH = re.compile(r"(?:\"auth\"\s{0,4}:\s{0,4}\"|\b_auth\s{0,4}=\s{0,4}\"?)(?P<value>[A-Za-z0-9+/_-]{6,400}={0,2})")
_ELEMENT = re.compile(r"<(?P<name>[A-Za-z_][\w.-]{0,60})(?:\s[^<>\n]{0,100})?>(?P<value>[^<>\n]{1,400})</")
_KEY_VALUE = re.compile(
    r"(?i)\b(?:key|name)\s{0,2}=\s{0,2}\"(?P<name>[\w.: -]{1,80})\"\s{1,20}value\s{0,2}=\s{0,2}\"(?P<value>[^\"\n]{1,400})\""
)
# <property name="…password">…</property>
_NAMED_ELEMENT = re.compile(
    r"<[A-Za-z][\w:.-]{0,40}\s{1,8}(?:name|key|id)\s{0,2}=\s{0,2}\"(?P<name>[\w.: -]{1,80})\"[^<>\n]{0,100}>"
    r"(?P<value>[^<>\n]{1,400})</"
)
_PAIR = re.compile(
    r"(?i)(?:[\"']?\b(?:parameter|option)?(?:name|key)[\"']?\s{0,4}[:=]\s{0,4}[\"']?"
    r"(?P<name>[\w.-]{1,80})[\"']?,?\s{1,40}[\"']?(?:parameter|option)?value[\"']?\s{0,4}[:=]\s{0,4}"
    r"(?P<value>\"[^\"\n]{1,400}\"|'[^'\n]{1,400}'|[^\s,}\"'{\[]{1,400}))"
)
_PAIR_TURNED = re.compile(
    r"(?i)(?:[\"']?\bvalue[\"']?\s{0,4}[:=]\s{0,4}[\"']"
    r"(?P<value>[^\"'\n]{1,400})[\"'],?\s{1,40}[\"']?name[\"']?\s{0,4}[:=]\s{0,4}[\"']?(?P<name>[\w.-]{1,80}))"
)
_DEFAULT = re.compile(
    r"(?m)^[ \t]{0,40}(?P<name>[A-Za-z]\w{1,60}):[ \t]{0,10}\n(?:[ \t]{1,60}"
    r"(?!Default)[A-Za-z]\w{0,40}:[^\n]{0,200}\n){0,6}[ \t]{1,60}(?:Default|default|value):[ \t]{1,10}[\"']?"
    r"(?P<value>[^\s\"'{!]{1,200})"
)
_HISTORY = re.compile(r"(?m)^(?P<value>\S{8,64})$")


def in_login_files(text: str, path: str) -> Iterator[tuple[int, str]]:
    """Where files that are made for logins keep one: ``.netrc``, ``.pgpass``, Docker's ``auth``, XML, pairs of name and value."""
    name = path.rpartition("/")[2].lower()
    for match in _NETRC.finditer(text):
        if is_given(match["value"]):
            yield match.start(), "a login"
    for match in _PGPASS.finditer(text):
        if (
            is_given(match["value"])
            and (name.endswith("pgpass") or not _NUMBER.fullmatch(match["value"]))
            and "arn:" not in match[0]
        ):
            yield match.start(), "a login"
    for match in _AUTH.finditer(text):
        login = decode(match["value"])
        if login is not None and ":" in login and is_credential(login.partition(":")[2]):
            yield match.start(), "a login"
    for match in _USER_LIST.finditer(text):
        if looks_typed(match["value"]):
            yield match.start(), "a login"
    if "history" in name:
        for match in _HISTORY.finditer(text):
            if looks_strict(match["value"]):
                yield match.start(), "a password typed as a command"


def in_pairs(text: str) -> Iterator[tuple[int, str]]:
    """Where XML, JSON or YAML has a name in one place and its value in the next one."""
    for pattern in (_ELEMENT, _NAMED_ELEMENT, _KEY_VALUE, _PAIR, _PAIR_TURNED, _DEFAULT):
        for match in pattern.finditer(text):
            value = match["value"].strip("\"'")
            if holds_credential(match["name"], value) and not is_plain(value):
                yield match.start(), f"a value for {match['name']}"
            elif match["name"].lower().endswith("authorization") and any(
                True for _ in in_headers(f"Authorization: {value}")
            ):
                yield match.start(), "a login in a header"


_BLANK = re.compile(
    r"(?<![\w$.{:/-])(?P<name>[A-Za-z_][\w-]*+)[ \t]{1,8}+(?P<value>\"[^\"\n]{1,400}+\"|'[^'\n]{1,400}+'|[^\s\"'`,;(){}]{8,400}+)"
)


def behind_blanks(text: str) -> Iterator[tuple[int, str]]:
    """Where a blank is all that stands between a setting's name and its value: ``storePassword '…'``, ``requirepass …``."""
    for match in _BLANK.finditer(text):
        if (
            promise(match["name"]) is Promise.SURE
            and is_of_machines(match["name"])
            and (
                looks_made(match["value"].strip("\"'"), shortest=8)
                or (_is_whole_line(text, *match.span()) and looks_typed(match["value"].strip("\"'")))
            )
        ):
            yield match.start(), f"a value for {match['name']}"


def _is_whole_line(text: str, begin: int, end: int) -> bool:
    line_start, line_end = text.rfind("\n", max(0, begin - 80), begin) + 1, text.find("\n", end, end + 80)
    behind = text[end : line_end if line_end >= 0 else end + 80]
    return not behind.strip() and begin - line_start < 80 and not text[line_start:begin].strip()


_NO_VALUE = re.compile(r"(?i)string|str|text|varchar|integer|int|number|bool(?:ean)?|secret|password|null|none")


def is_plain(value: str) -> bool:
    """The name of a type, or of what would stand there."""
    return _NO_VALUE.fullmatch(value) is not None
