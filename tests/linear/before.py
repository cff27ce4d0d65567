"""The patterns as they were before they were made linear: slow on purpose-made texts, right on all others, and so a measure of
what their successors find. Kept as text; nothing outside of tests reads them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from graders.rubric.credentials.names import decode, is_credential, names_credential
from graders.rubric.credentials.text import _REFERENCE, _looks_made
from graders.rubric.credentials.words import WORDS

_ASSIGNED = re.compile(
    r"(?<![:/.\w${-])(?P<name>[A-Za-z_][\w-]*)"
    r"\\?[\"']?\s*(?P<sep>:=|=>|[:=])[^\S\n]*"
    r"(?=(?P<value>\\?\"(?:[^\"\\\n]|\\[^\"\n])*?\\?\"|'[^'\n]*'|[^\s\"',;}{)(]+)(?P<rest>[^\n]*))"
)
_SAID = re.compile(
    r"(?i)\b(?P<name>password|passphrase|token|api key)\s+(?:is|was)\s*:?\s+[\"'`]?(?P<value>[^\s\"'`,;]+)"
)
_TOLD = re.compile(
    r"(?i)\b(?P<name>(?:pass|kenn)wort|password|passwd|passphrase|contraseña|senha|mot de passe|wachtwoord|parola|pw)\b"
    r"(?:[^\n:=]{0,30}?(?:\bis\b|\bwas\b|:|=)[^\S\n]*[\"'`]?|[^\S\n]+[\"'`])(?P<value>[^\s\"'`,;]+)"
)
_KNOWN_FORMS = (
    ("an AWS access key id", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")),
    ("a GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})\b")),
    ("a Slack token", re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}\b")),
    ("a JSON web token", re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")),
)
_USER_INFO = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@\"']+:(?P<value>[^\s/@\"']+)@")
_ENCODED = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{12,}={0,2}(?![A-Za-z0-9+/_=-])")
ENDPOINT_FAULT = re.compile(
    r"response error StatusCode: 0,.*(dial tcp|connection re(fused|set)|EOF|i/o timeout|broken pipe|deadline exceeded)"
    r"|response error StatusCode: 5(?!01)\d\d\b"
    r"|response error StatusCode: \d+,.*(unexpected EOF|connection reset by peer|deserialization failed)"
    r"|operation error .*(read|write) tcp .*: (use of closed network connection|connection reset by peer)"
)
MAGIC = re.compile(r"^%%hcl[ \t]+(?P<path>\S.*?)[ \t]*$")
FORMAT_VERB = re.compile(r"%(%|[-+# 0]*(\d*)(?:\.(\d+))?(?:\[(\d+)\])?([a-zA-Z]))")


def credentials_in(text: str, *, prose: bool) -> Iterator[tuple[int, str]]:
    """As :func:`graders.rubric.credentials.text.credentials_in`."""
    yield from _plain_credentials(text, prose=prose)
    for where in _described_values(_parsed(text)):
        name = where.rpartition(".")[2]
        yield max(text.find(f'"{name}"'), 0), f"a value for {name}"
    for match in _ENCODED.finditer(text):
        decoded = decode(match.group())
        if decoded is not None and any(True for _ in _plain_credentials(decoded, prose=False)):
            yield match.start(), "an encoded credential"


def _plain_credentials(text: str, *, prose: bool) -> Iterator[tuple[int, str]]:
    for what, pattern in _KNOWN_FORMS:
        for match in pattern.finditer(text):
            if "EXAMPLE" not in match.group():
                yield match.start(), what
    for match in _USER_INFO.finditer(text):
        if is_credential(match["value"]) and not _REFERENCE.match(match["value"]):
            yield match.start(), "a password in an address"
    for match in _ASSIGNED.finditer(text):
        if names_credential(match["name"]) and _counts(
            match["value"], match["rest"], prose=prose, colon=match["sep"] == ":"
        ):
            yield match.start("name"), f"a value for {match['name']}"
    if prose:
        for match in _SAID.finditer(text):
            value = match["value"].rstrip(".")
            if re.search(r"\d|[^\w-]", value) and is_credential(value) and not _REFERENCE.match(value):
                yield match.start("name"), f"a value for {match['name']}"
        for match in _TOLD.finditer(text):
            if _looks_made(match["value"].rstrip(".")):
                yield match.start("name"), f"a value for {match['name']}"


def _counts(value: str, rest: str, *, prose: bool, colon: bool) -> bool:
    unescaped = value.replace('\\"', '"')
    quoted = unescaped[:1] in "\"'"
    bare = unescaped.strip("\"'").rstrip(".")
    if _REFERENCE.match(bare) or "${" in bare or not is_credential(bare):
        return False
    if quoted:
        return True
    if bare.lower() in WORDS.plain:
        return False
    if not prose:
        return True
    if colon and bare.isalpha() and bare.islower():
        return False
    alone = not rest.strip(" \t\r\"'`*/.,;#")
    return alone or bool(re.search(r"[A-Za-z]\d|\d[A-Za-z]|[!@$%^&]", bare))


def credentials_in_json(value: object, path: str = "") -> Iterator[str]:
    """As :func:`graders.rubric.credentials.json_text.credentials_in_json`."""
    if isinstance(value, dict):
        pair = value.get("name"), value.get("value")
        if (
            isinstance(pair[0], str)
            and isinstance(pair[1], str)
            and names_credential(pair[0])
            and is_credential(pair[1])
        ):
            yield f"{path}.{pair[0]}".lstrip(".")
        for key, inner in value.items():
            where = f"{path}.{key}".lstrip(".")
            held = inner.get("value") if isinstance(inner, dict) and "name" not in inner else inner
            if isinstance(held, str):
                if names_credential(str(key)) and is_credential(held):
                    yield where
            else:
                yield from credentials_in_json(inner, where)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from credentials_in_json(inner, f"{path}[{index}]")


def _described_values(value: object, path: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for inner in value:
            yield from _described_values(inner, path)
    if not isinstance(value, dict):
        return
    for name, entry in value.items():
        where = f"{path}.{name}".lstrip(".")
        held = entry.get("value") if isinstance(entry, dict) else None
        if names_credential(str(name)) and isinstance(held, str) and is_credential(held):
            yield where
        else:
            yield from _described_values(entry, where)


def _parsed(text: str) -> Any:
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def followed(left: str, right: str, first: str, other: str) -> bool:
    """Whether a text under one environment is that under another, but for the name: by one pattern of all its occurrences."""
    split = re.compile(re.escape(first), re.IGNORECASE)
    parts, found = split.split(left), split.findall(left)
    if not found:
        return False
    pattern = re.escape(parts[0])
    for occurrence, part in zip(found, parts[1:], strict=True):
        cased = other.upper() if occurrence.isupper() else other.capitalize() if occurrence[:1].isupper() else other
        pattern += f"(?:{re.escape(occurrence)}|{re.escape(cased)}){re.escape(part)}"
    return re.fullmatch(pattern, right) is not None


def spelt_out_in(text: str, environment: str) -> list[str]:
    """As :func:`graders.rubric.access.hard_coded.spelt_out_in`."""
    signs, name = r"[A-Za-z0-9:/*?_+=.@-]*", re.escape(environment)
    return re.findall(f"{signs}(?:{name}-database-credentials|app-secrets-{name}){signs}", text)


def wildcards(pattern: str) -> re.Pattern[str]:
    """An action's pattern, or ``StringLike``'s."""
    return re.compile("".join({"*": ".*", "?": "."}.get(char, re.escape(char)) for char in pattern), re.DOTALL)
