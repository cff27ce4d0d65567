"""Which names promise a password, token or key, and which value under such a name is one.

The words are data (:file:`words.toml`); what counts as a placeholder is the closed vocabulary of
:mod:`graders.evidence.placeholder`.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from enum import IntEnum
from functools import cache, lru_cache
from itertools import pairwise

from graders.evidence.placeholder import is_filler, is_placeholder, read_placeholder
from lab_env.tables import ClosedTable, Words, packaged_table
from lab_env.text import parsed_json


class Promise(IntEnum):
    """What a name says of its value."""

    NONE = 0
    PERHAPS = 1
    """``database_secret``, ``redis_auth``: a name, an address or a way to log in as well as a credential; the value decides."""
    SURE = 2
    """``db_password``: any value is one."""


class _Words(ClosedTable):
    """The lists of :file:`words.toml`; what is one text there is a set of its words."""

    sure: Words
    sure_endings: tuple[str, ...]
    sure_pairs: frozenset[str]
    perhaps: Words
    perhaps_pairs: frozenset[str]
    short_endings: Words
    for_whom: Words
    known_to_all: Words
    harmless_pairs: frozenset[str]
    settings: Words
    qualifiers: Words
    about: Words
    fields: Words
    plain_words: Words
    forms: Words
    dummies: Words
    said: tuple[str, ...]
    said_within: tuple[str, ...]
    says: tuple[str, ...]
    users: Words


@cache
def words() -> _Words:
    """The lists, read once."""
    return packaged_table(__package__, "words.toml", _Words)


# A learner's text asks for the same few names again and again; a long one is not kept.
_USUAL_NAME = 64
_LONGEST_NAME = 200


def names_credential(name: str) -> bool:
    """Whether a name promises a password, token or key: ``db_password``, ``DbPassword``, ``API-KEY``; not ``password_length``."""
    return promise(name) is Promise.SURE


def promise(name: str) -> Promise:
    """What a name promises; one that is longer than any name that a person gives promises what its end does."""
    return _known_name(name) if len(name) <= _USUAL_NAME else _promise(name[-_LONGEST_NAME:])


@lru_cache(maxsize=2048)
def _known_name(name: str) -> Promise:
    return _promise(name)


def _promise(name: str) -> Promise:
    known = words()
    spelt = _words(name)
    while len(spelt) > 1 and spelt[-1] in known.qualifiers and " ".join(spelt[-2:]) not in _pairs():
        spelt = spelt[:-1]
    if not spelt or not known.known_to_all.isdisjoint(spelt):
        return Promise.NONE
    last, pair = spelt[-1], " ".join(spelt[-2:])
    if pair in known.harmless_pairs:
        return Promise.NONE
    if _is_sure(last) or pair in _pairs() or _singular(pair) in _pairs():
        return Promise.SURE
    if pair in known.perhaps_pairs:
        return Promise.PERHAPS
    if last in known.about:
        return Promise.NONE
    if last in known.perhaps or last.endswith(("secret", "credentials")) or any(map(_is_sure, spelt)):
        return Promise.PERHAPS
    return Promise.PERHAPS if any(f"{a} {b}" in _pairs() for a, b in pairwise(spelt)) else Promise.NONE


def is_of_machines(name: str) -> bool:
    """Whether a name is none that a sentence has: of several words run together, or of one that is no word (``requirepass``)."""
    spelt = _words(name)
    return len(spelt) > 1 or (bool(spelt) and (spelt[-1] in words().settings or _is_run_together(spelt[-1])))


def is_about(name: str) -> bool:
    """Whether a name says that it is a setting, an address or a remark."""
    spelt = _words(name)
    return bool(spelt) and spelt[-1] in words().about


def _is_sure(word: str) -> bool:
    known = words()
    return word in known.sure or word.endswith(known.sure_endings) or _is_run_together(word)


def _is_run_together(word: str) -> bool:
    """``dbpass``, ``rootpw``: too short an ending to stand for itself (``compass``), so what it is for has to be known."""
    known = words()
    return any(word.endswith(end) and word.removesuffix(end) in known.for_whom for end in known.short_endings)


@cache
def _pairs() -> frozenset[str]:
    return words().sure_pairs


def _singular(pair: str) -> str:
    return pair.removesuffix("s")


_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_JOINT = re.compile(r"[\W_]+|(?<=[^\W\d_])(?=\d)")


def _words(name: str) -> tuple[str, ...]:
    spaced = _HUMP.sub("_", name)
    return tuple(word for word in _JOINT.split(spaced.lower()) if word and not word.isdigit())


def holds_credential(name: str, value: str) -> bool:
    """Whether a value is a credential under its name: any under ``password``, one that looks made under ``secret`` or ``auth``."""
    promised = promise(name)
    if promised is Promise.NONE:
        return False
    text = value.strip()
    if not is_credential(text) or is_setting(name, text):
        return False
    if promised is Promise.SURE:
        return True
    of_key = _words(name)[-1] in ("key", "keys")
    return looks_made(text, shortest=16 if of_key else 6) or (
        not of_key and (_is_spelt_out(text) or _is_no_name(name, text))
    )


# Words of a password that people can remember: Rost-Anker-19.
_REMEMBERED = re.compile(
    r"(?:[\w.@-]{1,40}[:/])?[A-Z][a-z]{2,20}(?:[-_.!+&][A-Z]?[a-z]{2,20}){1,5}[-_.!+&]?\d{1,6}[!?.]?"
)


def _is_no_name(name: str, text: str) -> bool:
    """Letters and digits in one piece that no plain word begins: ``hunter2``, as a secret; ``orders-db-2`` names one."""
    of_secret = _words(name)[-1].endswith(("secret", "credential", "credentials"))
    mixed = text.isalnum() and not text.isalpha() and not text.isdigit() and not text[0].isdigit()
    return of_secret and mixed and 6 <= len(text) <= _USUAL_NAME and read_placeholder(text).in_the_way is not None


def looks_typed(value: str) -> bool:
    """Whether a value looks made, or has letters and digits in one piece that no placeholder has: ``hunter2``."""
    mixed = value.isalnum() and not value.isalpha() and not value[:1].isdigit() and 6 <= len(value) <= _USUAL_NAME
    return looks_made(value) or (mixed and is_credential(value) and read_placeholder(value).in_the_way is not None)


def _is_spelt_out(text: str) -> bool:
    return _REMEMBERED.fullmatch(text) is not None


_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*+(?:_[A-Z0-9]++)++")
_AMOUNT = re.compile(
    r"(?:seconds|minutes|hours|days|weeks)|[-+]?\d{1,7}(?:\.\d{1,3})?(?:ms|s|m|h|d|w|min|mo|y|days?|hours?|minutes?|seconds?)?"
)
_HEADER = re.compile(r"X-[A-Za-z]++(?:-[A-Za-z]++)*+|Authorization|Bearer|Basic", re.IGNORECASE)


def is_setting(name: str, text: str) -> bool:
    """A value that only says where or how: a variable's, header's or JSON key's name, a number of seconds under a token's name."""
    spelt = _words(name)
    of_password = bool(spelt) and (spelt[-1].endswith(("word", "wd", "pass", "pw", "pin", "phrase", "code")))
    if text.lower() in _NOTHING or _is_label(text) or _is_sentence(name, text):
        return True
    if _KEY_OF_ANOTHER.fullmatch(text) and text.split(":")[1].lower() in words().fields:
        return True
    if _AMOUNT.fullmatch(text):
        return not of_password or not text.isdigit()
    if _HEADER.fullmatch(text) or (len(text) < _USUAL_NAME and _VARIABLE.fullmatch(text) and promise(text)):
        return True
    return bool(spelt) and spelt[-1] in ("key", "keys") and text.lower() in words().fields


def _is_label(text: str) -> bool:
    """A label for people: ``{ "password": "Passwort" }``."""
    return text.istitle() and (text.lower() in words().sure or _said().fullmatch(text.lower()) is not None)


@cache
def _said() -> re.Pattern[str]:
    return re.compile("|".join(words().said))


def _is_sentence(name: str, text: str) -> bool:
    """What people are told instead of a value: ``Get this from the operations team``, ``Passwort vergessen?``."""
    said = [word.strip(",.:;?!…()'\"").lower() for word in text.split()]
    if len(said) < 2 or not all(word.replace("-", "").replace("'", "").isalpha() for word in said if word):
        return False
    instruction = len(said) > 3 and not words().plain_words.isdisjoint(said) and not name.lower().endswith("phrase")
    return instruction or any(map(_is_sure, said)) or _phrases().search(text.lower()) is not None


@cache
def _phrases() -> re.Pattern[str]:
    """A password's name where it is of several words: mot de passe."""
    return re.compile("|".join(rf"\b(?:{said})\b" for said in words().said if " " in said and "?" not in said))


# dev-database-credentials:password: the key of a secret's JSON text, as AWS CodeBuild and ECS name it.
_KEY_OF_ANOTHER = re.compile(r"[A-Za-z]\w*+(?:[-/]\w++)++:[\w-]++(?::[\w-]*+){0,2}")
_POINTER = re.compile(
    r"arn:aws|alias/|/|\./|\.\./|~/|pk_(?:live|test)_|ENC\[|data:|[a-z][a-z0-9+.-]{1,20}://|:[\w.-]{0,64}:[\w-]{0,64}:[\w-]{0,64}\Z|"
    r"(?:rate|cron)\(|(?:env|file|ssm|vault|secretsmanager|awsssm|op|ref):"
)
_FORM = re.compile(
    r"<[^<>]*+>|\{\{.*|\{%.*|\$\{[^}]*+\}.*|#\{.*|\$\(.*|\$[A-Z_][A-Z0-9_]*+|%[sdvq]|%[A-Za-z_]\w*+%|%~?\d|@[\w.-]++@|:[a-z_]++|"
    r"__[A-Z][A-Z0-9_]*__|%\(\w++\)s|\[[A-Z_ ]++\]|!(?:Ref|Sub|GetAtt)\b.*|\.\.\.|…|\(.*\)",
    re.DOTALL,
)
_DRAWN = re.compile(r"([xX*#._-])\1{7}|\A([xX*#])\2{2,}+(?:[-_. ]\2{2,}+)++\Z")
_NOTHING = frozenset(
    {"true", "false", "null", "none", "n/a", "required", "optional", "yes", "no", "on", "off", "undefined"}
)


def is_credential(value: str) -> bool:
    """Whether a literal under such a name is a credential: anything but nothing, a placeholder, a form, or a pointer elsewhere."""
    text = value.strip()
    if not any(char.isalnum() for char in text) or is_filler(text) or is_placeholder(text):
        return False
    if text.lower() in _NOTHING or _DRAWN.search(text) or _POINTER.match(text) or _FORM.fullmatch(text):
        return False
    decoded = decode(text)
    return decoded is None or not (is_placeholder(decoded) or _is_record(decoded))


# offset:400;sort:name
_PAIRS = re.compile(r"[\w.-]++[:=][^;&,:=]*+(?:[;&,][\w.-]++[:=][^;&,:=]*+)++")


def _is_record(decoded: str) -> bool:
    """Whether an encoded text has fields of its own, as a page's cursor has; what they hold is looked at by their names."""
    return isinstance(parsed_json(decoded), dict | list) or _PAIRS.fullmatch(decoded) is not None


_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_RESOURCE_ID = re.compile(
    r"[a-z]{1,6}-[0-9a-f]{8,40}|(?:sha\d++[:-]|v?\d++\.\d++).*|[\w.+-]++@[\w-]++\.[\w.-]++", re.DOTALL
)
_HOST = re.compile(r"[a-z0-9-]++(?:\.[a-z0-9-]++){2,}+(?::\d++)?")
_SWITCH = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])|(?<=[a-z])(?=[A-Z])")
_SIGN = re.compile(r"[!@#$%^&*?~+=]")
_LONGEST_MADE = 400
_SHORTEST_OF_LETTERS = 16


def looks_made(value: str, *, shortest: int = 6) -> bool:
    """Whether a value looks like one that nobody would choose as a name: letters of both cases, digits and signs mixed."""
    written = value.strip()
    if not shortest <= len(written) <= _LONGEST_MADE or len(written.split()) > 1:
        return False
    if not any(c.isdigit() for c in written) and len(written) < _SHORTEST_OF_LETTERS:
        return False  # as most words of a text are
    # A login before it: "admin:…", "root/…".
    text = re.sub(r"\A[A-Za-z][\w.@-]{0,40}[:/](?=[^/:]++\Z)", "", written)
    if _UUID.fullmatch(text) or _RESOURCE_ID.fullmatch(text) or _HOST.fullmatch(text):
        return False
    if not is_credential(written) or (text != written and not is_credential(text)):
        return False
    has_digit, has_sign = any(c.isdigit() for c in text), _SIGN.search(text) is not None
    lower, upper = any(c.islower() for c in text), any(c.isupper() for c in text)
    switches = len(_SWITCH.findall(text))
    if has_digit and lower and upper:
        return switches >= 3 or (has_sign and switches >= 1) or (switches >= 2 and _is_unreadable(text))
    if has_digit and (lower or upper):
        return switches >= (4 if len(text) < 12 else 3) or (has_sign and "=" not in text and "+" not in text)
    return lower and upper and switches >= 5 and len(text) >= _SHORTEST_OF_LETTERS


# A run of letters that can be spoken.
_SPOKEN = re.compile(r"[A-Z]?[a-z]{3,}")


def _is_unreadable(text: str) -> bool:
    """Whether pieces between dots and hyphens are hardly words: ``z4Mvb-MHxlm``; not ``Orders-DB-v2Beta``."""
    letters = sum(c.isalpha() for c in text)
    spoken = sum(len(run) for run in _SPOKEN.findall(text) if set(run.lower()) & set("aeiouy"))
    return len(text) >= 8 and any(c in "-._" for c in text) and spoken * 2 < letters


def is_form(value: str) -> bool:
    """Whether the password part of an address or a command only shows where one goes: ``user:password@host``, ``-u aaa:bbb``."""
    text = value.strip().strip("\"'`")
    return text.lower() in words().forms or not is_credential(text)


_MOST_UNPACKED = 1 << 16


def decode(text: str) -> str | None:
    """What a text says when it is base64 (packed by gzip, too) or hex of printable text; None when it is neither."""
    for candidate in (_base64(text), _hex(text)):
        if (
            candidate is not None
            and len(candidate) >= 3
            and candidate.replace("\n", "").replace("\t", "").isprintable()
        ):
            return candidate
    return None


def _base64(text: str) -> str | None:
    if not re.fullmatch(r"[A-Za-z0-9+/_-]{4,}+={0,2}", text) or len(text.rstrip("=")) % 4 == 1:
        return None
    padded = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True)
        if data[:2] == b"\x1f\x8b":
            data = zlib.decompressobj(31).decompress(data, _MOST_UNPACKED)
        return data.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, zlib.error):
        return None


def _hex(text: str) -> str | None:
    if not re.fullmatch(r"(?:[0-9a-fA-F]{2}){4,}+", text):
        return None
    try:
        return bytes.fromhex(text).decode("utf-8")
    except UnicodeDecodeError:
        return None
