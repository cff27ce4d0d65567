"""Which names promise a password, token or key, and which literal under such a name is one.

A literal counts whatever its strength, encoded too; what counts as a placeholder is the closed vocabulary of
:mod:`graders.evidence.placeholder`.
"""

from __future__ import annotations

import base64
import binascii
import re
from functools import lru_cache
from itertools import pairwise

from graders.evidence.placeholder import is_filler, is_placeholder
from graders.rubric.credentials.words import WORDS


def names_credential(name: str) -> bool:
    """Whether a name promises a password, token or key: ``db_password``, ``DbPassword``, ``API-KEY``; not ``password_length``."""
    return _known_name(name) if len(name) <= _USUAL_NAME else _promises(name)


# A learner's text asks for the same few names again and again; a long one is not kept.
_USUAL_NAME = 64


@lru_cache(maxsize=2048)
def _known_name(name: str) -> bool:
    return _promises(name)


def _promises(name: str) -> bool:
    words = _words(name)
    if not words:
        return False
    last = words[-1]
    paired = any(pair in WORDS.credential_pairs for pair in pairwise(words))
    if paired and (last in ("key", "secret", "string") or last not in WORDS.about):
        return True
    if last in WORDS.about:
        return False
    return any(
        word in WORDS.credential or word in WORDS.credential_joined or word.endswith(WORDS.credential_endings)
        for word in words
    )


def _words(name: str) -> tuple[str, ...]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return tuple(
        word for word in re.split(r"[^a-z0-9]+|(?<=[a-z])(?=\d)", spaced.lower()) if word and not word.isdigit()
    )


def is_credential(value: str) -> bool:
    """Whether a literal under such a name is a credential: anything but nothing, a placeholder, or a pointer elsewhere."""
    text = value.strip()
    if not any(char.isalnum() for char in text) or is_filler(text) or is_placeholder(text):
        return False
    if text.startswith(("arn:aws", "alias/", "/")) or text.lower() in ("true", "false", "null"):
        return False
    decoded = decode(text)
    return decoded is None or not is_placeholder(decoded)


def decode(text: str) -> str | None:
    """What a text says when it is base64 or hex of printable text; None when it is neither."""
    for candidate in (_base64(text), _hex(text)):
        if candidate is not None and candidate.isprintable() and len(candidate) >= 3:
            return candidate
    return None


def _base64(text: str) -> str | None:
    if not re.fullmatch(r"[A-Za-z0-9+/_-]{4,}+={0,2}", text) or len(text.rstrip("=")) % 4 == 1:
        return None
    padded = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None


def _hex(text: str) -> str | None:
    if not re.fullmatch(r"(?:[0-9a-fA-F]{2}){4,}+", text):
        return None
    try:
        return bytes.fromhex(text).decode("utf-8")
    except UnicodeDecodeError:
        return None
