"""Which values are plainly placeholders: the closed vocabulary of the contract, and nothing that merely looks harmless.

A password that is not in the vocabulary is a credential whatever its strength: ``password123`` is one, ``CHANGE_ME`` is not.
"""

from __future__ import annotations

import re
from importlib.resources import files

from lab_env.tables import ClosedTable, toml_table

_FILE = "placeholder.toml"


class _Vocabulary(ClosedTable):
    """The lists of ``placeholder.toml``, which says what each is for."""

    markers: tuple[str, ...]
    companions: frozenset[str]
    run_together: frozenset[str]


_VOCABULARY = toml_table(files(__package__).joinpath(_FILE).read_text(encoding="utf-8"), _Vocabulary, _FILE)
_MARKER = re.compile("|".join(f"(?:{m})" for m in _VOCABULARY.markers), re.IGNORECASE)
# Stands where a marker was; and the letters that run into one, which are part of its word.
_HERE = "\0"
_GLUED = re.compile(rf"([A-Za-z]+)(?={_HERE})|(?<={_HERE})([A-Za-z]+)")
_WORD = re.compile(r"[A-Za-z]+|\d+")
_LONGEST = 200
_DECORATION = re.compile(r"^[\s<>\[\]{}()*_\-.!?:#$%/\\\"'|,;]*$")


def is_placeholder(value: str) -> bool:
    """Whether the value says of itself that it is no credential.

    True only when a marker of the vocabulary is there as words of its own and nothing but plain companion words, two digits at
    most and punctuation stands beside it: ``CHANGE_ME_IN_AWS_CONSOLE`` yes, ``changeme-8fJ2kQ0x`` no.
    """
    stripped = value.strip()
    if len(stripped) > _LONGEST:  # before anything is looked for in it
        return False
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", stripped)
    if len(text) > _LONGEST or _HERE in text or _MARKER.search(text) is None:
        return False
    rest = _MARKER.sub(_HERE, text)
    words = [word.lower() for word in re.findall(r"[A-Za-z]+", rest)]
    glued = [a or b for a, b in _GLUED.findall(rest)]
    return (
        all(word in _VOCABULARY.companions for word in words)
        and all(word.lower() in _VOCABULARY.run_together for word in glued)
        and len(re.findall(r"\d", rest)) <= 2
        and _DECORATION.match(_WORD.sub("", rest).replace(_HERE, "")) is not None
    )


def is_filler(value: str) -> bool:
    """A value of one repeated sign (``****``, ``xxxx``): not a credential, but not plainly a placeholder either."""
    stripped = value.strip()
    lowered = stripped.lower()
    return bool(stripped) and lowered.count(lowered[0]) == len(lowered) and not stripped[0].isdigit()
