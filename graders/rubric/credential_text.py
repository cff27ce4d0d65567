"""Where a text holds a credential: assignments, sentences, known forms, addresses, encodings, JSON documents."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from graders.rubric.credential_names import decode, is_credential, names_credential

_NAME = r"(?<![:/.\w${-])(?P<name>[A-Za-z_][\w-]*)"
# The value is looked at and not consumed, because it may be the next name: "Until March: password = …".
_ASSIGNED = re.compile(
    _NAME
    + r"\\?[\"']?\s*(?P<sep>:=|=>|[:=])[^\S\n]*"
    + r"(?=(?P<value>\\?\"(?:[^\"\\\n]|\\[^\"\n])*?\\?\"|'[^'\n]*'|[^\s\"',;}{)(]+)(?P<rest>[^\n]*))"
)
_SAID = re.compile(
    r"(?i)\b(?P<name>password|passphrase|token|api key)\s+(?:is|was)\s*:?\s+[\"'`]?(?P<value>[^\s\"'`,;]+)"
)
# "password for admin is Winter2024!", "temporary password (remove): …", "password `…`", and the same word in other languages:
# only with a value that looks made, because a sentence may go on in any way.
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
_REFERENCE = re.compile(
    r"^(?:\$|%\{|<|\{|\[|(?:var|local|data|module|ephemeral|each|self|path|aws_\w+)\b\.?|[a-z_]+\()"
)
_PLAIN_WORDS = frozenset(
    [
        "string",
        "number",
        "bool",
        "any",
        "map",
        "list",
        "set",
        "object",
        "null",
        "none",
        "true",
        "false",
        "required",
        "optional",
        "sensitive",
        "set",
        "see",
        "here",
        "there",
        "unknown",
        "yes",
        "no",
        "not",
        "only",
        "never",
        "always",
        "the",
        "a",
        "an",
        "is",
        "was",
        "in",
        "on",
        "of",
        "and",
        "or",
        "for",
        "at",
        "by",
        "to",
        "value",
        "values",
        "json",
        "text",
        "plaintext",
        "plain",
        "secret",
        "password",
        "token",
        "key",
        "username",
        "user",
        "rotated",
        "hidden",
        "write-only",
        "generated",
        "random",
        "computed",
        "n/a",
    ]
)
_ENCODED = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{12,}={0,2}(?![A-Za-z0-9+/_=-])")


def credentials_in(text: str, *, prose: bool) -> Iterator[tuple[int, str]]:
    """Credentials that a free text holds, as ``(offset, what)``; the value itself is never part of the answer.

    :param prose: the text is written for people (comments, documents): an unquoted value counts only when it stands alone
        on its line or looks like no word.
    """
    yield from _plain_credentials(text, prose=prose)
    for where in _described_values(parsed_json(text)):
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


def _looks_made(value: str) -> bool:
    """Whether a word of a sentence looks like a password: both cases and a digit, with more between or behind them."""
    if len(value) < 8 or re.search(r"[/(){}<>$:\[\]]", value) or not is_credential(value):
        return False
    kinds = (r"[a-z]", r"[A-Z]", r"\d", r"\d[A-Za-z]|[!@#%^&*?+~=]")
    return all(re.search(kind, value) for kind in kinds)


def _counts(value: str, rest: str, *, prose: bool, colon: bool) -> bool:
    unescaped = value.replace('\\"', '"')
    quoted = unescaped[:1] in "\"'"
    bare = unescaped.strip("\"'").rstrip(".")
    if _REFERENCE.match(bare) or "${" in bare or not is_credential(bare):
        return False
    if quoted:
        return True
    if bare.lower() in _PLAIN_WORDS:
        return False
    if not prose:
        return True
    if colon and bare.isalpha() and bare.islower():
        return False  # "the real password: somebody": a sentence that goes on
    alone = not rest.strip(" \t\r\"'`*/.,;#")
    return alone or bool(re.search(r"[A-Za-z]\d|\d[A-Za-z]|[!@$%^&]", bare))


def credentials_in_json(value: object, path: str = "") -> Iterator[str]:
    """Names of the credential-like keys of a JSON value that hold a credential, as ``a.b.password``."""
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
    """Names of the entries of a state's outputs or a plan's variables that hold a credential: ``{name: {"value": …}}``.

    Format: https://developer.hashicorp.com/terraform/internals/json-format
    """
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


def parsed_json(text: str) -> object | None:
    """The JSON object or list a text holds, or None."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        parsed: object = json.loads(text)
    except ValueError:
        return None
    return parsed
