"""Where a text holds a credential: assignments, sentences, known forms, addresses, encodings, JSON documents.

A learner writes these texts, so every pattern takes time in proportion to the text: nothing is read again for another beginning or
end of the same match. tests/linear/ holds that against texts which would show the opposite.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from graders.rubric.credentials.json_text import (
    NamePlaces,
    described_values,
)
from graders.rubric.credentials.names import decode, is_credential, names_credential
from graders.rubric.credentials.words import WORDS
from lab_env.text import parsed_json

# Only up to the value, which may be the next name: "Until March: password = …".
_NAMED = re.compile(
    r"(?<![:/.\w${-])(?P<name>[A-Za-z_][\w-]*+)\\?[\"']?\s*+(?P<sep>:=|=>|[:=])[^\S\n]*+",
)
# In "pw=pw=pw=…" the values lie in each other; no placeholder is as long as this, so nothing more needs to be read of one.
_LONGEST_BARE = 512
_VALUE = re.compile(rf"\\?\"[^\"\n]*+\"|'[^'\n]*+'|[^\s\"',;}}{{)(]{{1,{_LONGEST_BARE}}}+")
_SAID = re.compile(
    r"(?i)\b(?P<name>password|passphrase|token|api key)\s++(?:is|was)\s*+(?::\s++|(?<=\s))[\"'`]?(?P<value>[^\s\"'`,;]++)"
)
# "password for admin is Winter2024!", "temporary password (remove): …", "password `…`", and the same word in other languages:
# only with a value that looks made, because a sentence may go on in any way.
_TOLD = re.compile(
    r"(?i)\b(?P<name>(?:pass|kenn)wort|password|passwd|passphrase|contraseña|senha|mot de passe|wachtwoord|parola|pw)\b"
    r"(?:[^\n:=]{0,30}?(?:\bis\b|\bwas\b|:|=)[^\S\n]*+[\"'`]?|[^\S\n]++[\"'`])(?P<value>[^\s\"'`,;]++)"
)
_KNOWN_FORMS = (
    ("an AWS access key id", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a private key", re.compile(r"-----BEGIN (?:[A-Z]++ )*PRIVATE KEY-----")),
    ("a GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}+|github_pat_[A-Za-z0-9_]{20,}+)\b")),
    ("a Slack token", re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}\b")),
)
# A whole run of signs before the dot, and the beginning of the token in it: a token may begin anywhere in "eyJ-eyJ-eyJ-…".
_TOKEN_HEAD = re.compile(
    r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{11,}+(?=\.eyJ[A-Za-z0-9_-]{8,}+\.(?P<last>[A-Za-z0-9_-]{8,}+))"
)
_TOKEN_START = re.compile(r"\beyJ[A-Za-z0-9_-]{8}")
# The scheme likewise: it may begin anywhere in "a.a.a.a://".
_USER_INFO = re.compile(
    r"(?<![a-z0-9+.-])(?P<scheme>[a-z0-9+.-]++)://[^\s/:@\"']++:(?P<value>[^\s/@\"']++)@",
)
_SCHEME_START = re.compile(r"\b[a-z]")
_REFERENCE = re.compile(
    r"^(?:\$|%\{|<|\{|\[|(?:var|local|data|module|ephemeral|each|self|path|aws_\w+)\b\.?|[a-z_]+\()"
)
_ENCODED = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{12,}+={0,2}+(?![A-Za-z0-9+/_=-])")
# A digit beside a letter, or a sign that no word has. The class stands in front because it is what is searched for fast.
_MADE = re.compile(r"[\d!@$%^&](?:(?<=[!@$%^&])|(?<=[A-Za-z]\d)|(?<=\d)(?=[A-Za-z]))")
_NOTHING_MORE = " \t\r\"'`*/.,;#"


def credentials_in(text: str, *, prose: bool) -> Iterator[tuple[int, str]]:
    """Credentials that a free text holds, as ``(offset, what)``; the value itself is never part of the answer.

    They are looked for as they are asked for, so whoever has enough of them need not pay for the rest.

    :param prose: the text is written for people (comments, documents): an unquoted value counts only when it stands alone
        on its line or looks like no word.
    """
    yield from _plain_credentials(text, prose=prose)
    places = NamePlaces(text)
    for where in described_values(parsed_json(text)):
        yield places.of(where), f"a value for {where.rpartition('.')[2]}"
    for match in _ENCODED.finditer(text):
        decoded = decode(match.group())
        if decoded is not None and any(True for _ in _plain_credentials(decoded, prose=False)):
            yield match.start(), "an encoded credential"


def _plain_credentials(text: str, *, prose: bool) -> Iterator[tuple[int, str]]:
    for what, pattern in _KNOWN_FORMS:
        for match in pattern.finditer(text):
            if "EXAMPLE" not in match.group():
                yield match.start(), what
    for start in _web_tokens(text):
        yield start, "a JSON web token"
    for match in _USER_INFO.finditer(text):
        scheme = _SCHEME_START.search(text, *match.span("scheme"))
        if scheme and is_credential(match["value"]) and not _REFERENCE.match(match["value"]):
            yield scheme.start(), "a password in an address"
    yield from _assigned(text, prose=prose)
    if prose:
        for match in _SAID.finditer(text):
            value = match["value"].rstrip(".")
            if re.search(r"\d|[^\w-]", value) and is_credential(value) and not _REFERENCE.match(value):
                yield match.start("name"), f"a value for {match['name']}"
        for match in _TOLD.finditer(text):
            if _looks_made(match["value"].rstrip(".")):
                yield match.start("name"), f"a value for {match['name']}"


def _web_tokens(text: str) -> Iterator[int]:
    """Where JSON web tokens begin; one does not begin inside another."""
    end = 0
    for match in _TOKEN_HEAD.finditer(text):
        start = _TOKEN_START.search(text, max(match.start(), end), match.end())
        if start is None:
            continue
        end = match.end("last")
        if "EXAMPLE" not in text[start.start() : end]:
            yield start.start()


def _assigned(text: str, *, prose: bool) -> Iterator[tuple[int, str]]:
    lines = _LineRests(text)
    for match in _NAMED.finditer(text):
        if not names_credential(match["name"]):
            continue
        value = _VALUE.match(text, match.end())
        if value and _counts(value.group(), lines.alone(value.end()), prose=prose, colon=match["sep"] == ":"):
            yield match.start("name"), f"a value for {match['name']}"


class _LineRests:
    """Whether nothing but punctuation stands behind an offset on its line; asked with growing offsets, a line is read once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line_end = -1
        self._last = 0

    def alone(self, offset: int) -> bool:
        if offset > self._line_end:
            end = self._text.find("\n", offset)
            self._line_end = len(self._text) if end < 0 else end
            self._last = offset + len(self._text[offset : self._line_end].rstrip(_NOTHING_MORE))
        return self._last <= offset


def _looks_made(value: str) -> bool:
    """Whether a word of a sentence looks like a password: both cases and a digit, with more between or behind them."""
    if len(value) < 8 or re.search(r"[/(){}<>$:\[\]]", value) or not is_credential(value):
        return False
    kinds = (r"[a-z]", r"[A-Z]", r"\d", r"\d[A-Za-z]|[!@#%^&*?+~=]")
    return all(re.search(kind, value) for kind in kinds)


def _counts(value: str, alone: bool, *, prose: bool, colon: bool) -> bool:
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
        return False  # "the real password: somebody": a sentence that goes on
    return alone or _MADE.search(bare) is not None
