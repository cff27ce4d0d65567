"""Where a text holds a credential: assignments, sentences, known forms, addresses, encodings, JSON documents.

A learner writes these texts, so every pattern takes time in proportion to the text: nothing is read again for another beginning or
end of the same match. tests/linear/ holds that against texts which would show the opposite.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

from graders.rubric.credentials.commands import before_hosts, in_addresses, in_headers, on_command_lines
from graders.rubric.credentials.json_text import (
    NamePlaces,
    described_values,
)
from graders.rubric.credentials.login_files import behind_blanks, in_login_files, in_pairs, is_plain
from graders.rubric.credentials.names import (
    Promise,
    decode,
    holds_credential,
    is_credential,
    looks_made,
    promise,
    words,
)
from graders.rubric.credentials.prose import in_tables, logins, looks_strict, told
from graders.rubric.credentials.vendor_forms import library_forms, vendor_forms
from lab_env.text import parsed_json

# Only up to the value, which may be the next name: "Until March: password = …".
_NAMED = re.compile(
    r"(?<![:/\w${-])(?P<name>[A-Za-z_][\w-]*+)\\?[\"']?\s*+(?P<sep>:=|=>|[:=](?![=~]))[^\S\n]*+",
)
# In "pw=pw=pw=…" the values lie in each other; no placeholder is as long as this, so nothing more needs to be read of one.
_LONGEST_BARE = 512
_VALUE = re.compile(rf"\\?\"[^\"\n]*+\"|'[^'\n]*+'|[^\s\"'`,;}}{{)(]{{1,{_LONGEST_BARE}}}+")
# A whole run of signs before the dot, and the beginning of the token in it: a token may begin anywhere in "eyJ-eyJ-eyJ-…".
_TOKEN_HEAD = re.compile(
    r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{11,}+(?=\.eyJ[A-Za-z0-9_-]{8,}+\.(?P<last>[A-Za-z0-9_-]{8,}+))"
)
_TOKEN_START = re.compile(r"\beyJ[A-Za-z0-9_-]{8}")
_REFERENCE = re.compile(
    r"^(?:\$(?![A-Za-z0-9]*[!@#%^&*])|%\{|<|\{|\[|--|!(?:Ref|Sub)\b|![A-Za-z]++\Z|(?:var|local|data|module|ephemeral|each|self|path|aws_\w{1,80})\b\.?|[a-z_]{1,60}\(|(?:os|process|System|Deno|ENV|env|config|settings|this|app)\.)"
)
# response.secret, this.settings.password: in code, not a value but where it is.
_DOTTED = re.compile(r"[A-Za-z_]\w*+(?:\.[A-Za-z_]\w*+)++(?:\[.*)?")
_ENCODED = re.compile(r"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{12,}+={0,2}+(?![A-Za-z0-9+/_=-])")
# A digit beside a letter, or a sign that no word has. The class stands in front because it is what is searched for fast.
_MADE = re.compile(r"[\d!@$%^&](?:(?<=[!@$%^&])|(?<=[A-Za-z]\d)|(?<=\d)(?=[A-Za-z]))")
_NOTHING_MORE = " \t\r\"'`*/.,;#"
_SHORTEST_NUMBER = 4  # a shorter one counts something
_BLOCK = re.compile(r"[|>][+-]?[ \t]*\n[ \t]+(?P<value>\S{1,400})[ \t]*(?:\n|\Z)")
_FALLBACK = re.compile(r"[^\n]{0,160}?(?:\bor\b|\|\||\?\?)[ \t]{0,4}[\"'](?P<value>[^\"'\n]{1,200})[\"']")
_SHELL_DEFAULT = re.compile(r"\$\{(?P<name>[A-Za-z_]\w{0,60}):[-=](?P<value>[^}$\n]{1,200})\}")
_LOGIN = re.compile(r"[A-Za-z][\w.@-]{0,60}:(?P<value>[^\s:]{7,64})")
# AWS's secret access keys: no prefix, but a length and an alphabet.
_SECRET_KEY = re.compile(r"(?<![A-Za-z0-9/+=_.:-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_-])")
_EMULATOR = re.compile(r"(?i)localhost|127\.0\.0\.1|localstack|host\.docker\.internal|0\.0\.0\.0|\[::1\]|:4566\b")
_SEALED = re.compile(r"kind:\s{0,4}SealedSecret|encryptedData:|sops:\s{0,4}\n|\bENC\[AES")
_CODE = (
    ".py",
    ".js",
    ".ts",
    ".go",
    ".rs",
    ".rb",
    ".java",
    ".cs",
    ".php",
    ".kt",
    ".tsx",
    ".jsx",
    ".tf",
    ".hcl",
    ".c",
    ".cpp",
    ".scala",
    ".swift",
)
_NO_PROSE = (
    ".tfvars",
    ".tftpl",
    ".tpl",
    ".tmpl",
    ".json",
    ".tfstate",
    ".env",
    ".ini",
    ".cfg",
    ".conf",
    ".properties",
    ".yml",
    ".yaml",
    ".toml",
    ".xml",
    ".csv",
    ".npmrc",
    ".pypirc",
    ".sh",
    ".cnf",
    "dockerfile",
    ".sql",
    ".config",
    ".env.example",
    ".ps1",
    "history",
    ".lock",
    *_CODE,
)


def is_prose(path: str) -> bool:
    """Whether a file is written for people; in any other an unquoted value is one, whatever stands behind it."""
    return not path.lower().endswith(_NO_PROSE)


def credentials_in(
    text: str, *, prose: bool, path: str = "", about_one: bool = False, library: bool = True
) -> Iterator[tuple[int, str]]:
    """Credentials that a free text holds, as ``(offset, what)``; the value itself is never part of the answer.

    They are looked for as they are asked for, so whoever has enough of them need not pay for the rest.

    :param prose: the text is written for people (comments, documents): an unquoted value counts only when it stands alone
        on its line or looks like no word.
    :param path: the file's name, which says how it is written.
    :param about_one: all of the text is about a credential (the description of a variable called so).
    :param library: ask the library of vendors' forms, too; whoever reads a file in pieces asks it once for all of it.
    """
    found: set[int] = set()
    for offset, what in _each(text, prose=prose, path=path, about_one=about_one):
        # Several rules know the same credential; the first one that does, names it.
        if offset not in found:
            found.add(offset)
            yield offset, what
    if library:
        yield from _on_other_lines(text, found)


def _on_other_lines(text: str, found: set[int]) -> Iterator[tuple[int, str]]:
    """What the library finds where nothing was found yet."""
    places = sorted(found)
    for offset, what in library_forms(text):
        next_one = bisect_left(places, offset)
        around = places[max(0, next_one - 1) : next_one + 1]
        if not any("\n" not in text[min(place, offset) : max(place, offset)] for place in around):
            yield offset, what


def _each(text: str, *, prose: bool, path: str, about_one: bool) -> Iterator[tuple[int, str]]:
    yield from _plain_credentials(text, prose=prose, path=path)
    for offset in () if _SEALED.search(text) else told(text, about_one=about_one):
        yield offset, "a password told in words"
    for offset in in_tables(text, comma=path.lower().endswith(".csv")):
        yield offset, "a password in a table"
    places = NamePlaces(text)
    for where in described_values(parsed_json(text)):
        yield places.of(where), f"a value for {where.rpartition('.')[2]}"
    for match in _ENCODED.finditer(text):
        decoded = decode(match.group())
        if decoded is None:
            continue
        login = _LOGIN.fullmatch(decoded)
        if (login and looks_strict(login["value"])) or any(True for _ in _plain_credentials(decoded, prose=False)):
            yield match.start(), "an encoded credential"


def _plain_credentials(text: str, *, prose: bool, path: str = "") -> Iterator[tuple[int, str]]:
    yield from vendor_forms(text)
    for start in web_tokens(text):
        yield start, "a JSON web token"
    yield from in_addresses(text)
    yield from before_hosts(text)
    yield from _assigned(text, prose=prose, path=path)
    yield from in_headers(text)
    yield from on_command_lines(text)
    yield from in_login_files(text, path)
    yield from in_pairs(text)
    yield from behind_blanks(text)
    for match in _SECRET_KEY.finditer(text):
        if is_secret_access_key(match[0]):
            yield match.start(), "an AWS secret access key"
    for start in logins(text):
        yield start, "a login"


def is_secret_access_key(text: str) -> bool:
    """Whether forty signs are an AWS secret access key's: of both cases and digits in no order; no path and no digest in hex."""
    kinds = (any(map(str.islower, text)), any(map(str.isupper, text)), any(map(str.isdigit, text)))
    if len(text) != 40 or not all(kinds) or text.count("/") > 4 or "EXAMPLE" in text:
        return False
    if decode(text) is not None:
        return False  # thirty bytes drawn at random never read as a text
    counts = Counter(text)
    entropy = -sum(n / 40 * math.log2(n / 40) for n in counts.values())
    return entropy >= 4.2 and looks_made(text.replace("/", "a"))


def web_tokens(text: str) -> Iterator[int]:
    """Where JSON web tokens begin; one does not begin inside another."""
    end = 0
    for match in _TOKEN_HEAD.finditer(text):
        start = _TOKEN_START.search(text, max(match.start(), end), match.end())
        if start is None:
            continue
        end = match.end("last")
        if "EXAMPLE" not in text[start.start() : end]:
            yield start.start()


def _assigned(text: str, *, prose: bool, path: str) -> Iterator[tuple[int, str]]:
    lines = _LineRests(text)
    code = path.lower().endswith(_CODE)
    emulated: bool | None = None
    sealed = _SEALED.search(text) is not None
    for match in _NAMED.finditer(text):
        promised = promise(match["name"])
        if promised is Promise.NONE:
            continue
        value = _VALUE.match(text, match.end())
        if value is None:
            continue
        if match["sep"] == ":" and (block := _BLOCK.match(text, match.end())):
            if holds_credential(match["name"], block["value"]):
                yield match.start("name"), f"a value for {match['name']}"
            continue
        bare = value[0].replace("\\", "").strip("\"'")
        if bare.lower() in words().dummies or bare.lower() == "test":
            emulated = _EMULATOR.search(text) is not None if emulated is None else emulated
            if emulated and "access" in match["name"].lower() + "access" * match["name"].lower().endswith("secret_key"):
                continue
        if sealed and not value[0].startswith(("'", '"')):
            continue
        if match["sep"] == ":" and _is_parameter(text, match.end("sep"), bare):
            continue
        # "… needs the same password: it has …": a sentence within data.
        sentence = match["sep"] == ":" and text[max(0, match.start() - 2) : match.start()].strip("\t ").isalpha()
        shell = match["sep"] == "=" and match.end() - match.end("sep") == 0 and match["name"].isupper()
        if _counts(
            match["name"],
            value.group(),
            lines.alone(value.end()),
            prose=(prose or lines.comment or sentence) and not shell,
            colon=match["sep"] == ":",
            code=code,
        ) or (
            promised is Promise.SURE and (other := _FALLBACK.match(text, match.end())) and is_credential(other["value"])
        ):
            yield match.start("name"), f"a value for {match['name']}"
    for match in _SHELL_DEFAULT.finditer(text):
        if holds_credential(match["name"], match["value"]):
            yield match.start(), f"a value for {match['name']}"


def _is_parameter(text: str, place: int, bare: str) -> bool:
    """``WITH PASSWORD :new_password``: SQL's sign of a parameter belongs to the word behind it."""
    beside = text[place : place + 1].isalpha() and text[place - 2 : place - 1].isspace()
    return beside and bare.replace("_", "").isalpha()


class _LineRests:
    """Whether nothing but punctuation stands behind an offset on its line; asked with growing offsets, a line is read once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line_end = -1
        self._last = 0
        self.comment = False
        """Whether the line that was asked for last is a comment."""

    def alone(self, offset: int) -> bool:
        if offset > self._line_end:
            end = self._text.find("\n", offset)
            start = self._text.rfind("\n", max(0, self._line_end), offset) + 1
            self.comment = self._text[start : start + 40].lstrip().startswith(("#", "//", "*", "--", ";"))
            self._line_end = len(self._text) if end < 0 else end
            self._last = offset + len(self._text[offset : self._line_end].rstrip(_NOTHING_MORE))
        return self._last <= offset


def _counts(name: str, value: str, alone: bool, *, prose: bool, colon: bool, code: bool) -> bool:
    unescaped = value.replace('\\"', '"')
    quoted = unescaped[:1] in "\"'"
    bare = unescaped.strip("\"'")
    bare = bare if quoted else bare.rstrip(".")
    if _REFERENCE.match(bare) or "${" in bare or is_plain(bare) or not holds_credential(name, bare):
        return False
    if quoted:
        return not prose or len(bare.split()) < 4
    if bare.lower() in words().plain_words or (bare.isdigit() and len(bare) < _SHORTEST_NUMBER):
        return False
    if code and not bare.isdigit():
        return False
    if _DOTTED.fullmatch(bare) and not any(c.isdigit() for c in bare):
        return False
    if not prose:
        return True
    if colon and bare.isalpha() and bare.islower():
        return False  # "the real password: somebody": a sentence that goes on
    return alone or _MADE.search(bare) is not None
