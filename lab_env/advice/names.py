"""Which of the names that there are somebody meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LONGEST = 64
_ALIKE = 0.75
_STEM = 4
_MEANT = {
    "action": "actions",
    "resource": "resources",
    "principal": "principals",
    "identifier": "identifiers",
    "secret_value": "secret_string",
    "value": "secret_string",
    "secret": "secret_id",
    "secret_name": "secret_id",
    "kms_key": "kms_key_id",
    "key_arn": "kms_key_id",
    "task_role": "task_role_arn",
    "execution_role": "execution_role_arn",
    "trust_policy": "assume_role_policy",
    "assume_role": "assume_role_policy",
    "containers": "container_definitions",
    "key": "target_key_id",
    "key_id": "target_key_id",
    "launch_type": "requires_compatibilities",
}


def nearest(written: str, names: Iterable[str], *, taken: Iterable[str] = ()) -> str | None:
    """The name that was meant; None when none of them is near.

    :param taken: those that stand there already.
    """
    there = sorted(set(names) - set(taken))
    if not written or len(written) > _LONGEST or not there:
        return None
    small = written.lower().replace("-", "_")
    for name in there:
        if name.lower() == small or name.replace("_", "") == small.replace("_", ""):
            return name
    if (meant := _MEANT.get(small)) in there:
        return meant
    by_words = [name for name in there if _words_of(small, name)]
    if len(by_words) == 1:
        return by_words[0]
    as_they_are = {name.lower(): name for name in reversed(by_words or there)}
    near = difflib.get_close_matches(small, list(as_they_are), 1, 0.0 if by_words else _ALIKE)
    return as_they_are[near[0]] if near else None


def _words_of(written: str, name: str) -> bool:
    """Whether each word of what was written is one of the name's, as far as its first letters go."""
    words, theirs = [w for w in written.split("_") if w], name.split("_")
    if len(written) <= _STEM or not words:
        return False
    return all(any(word[:_STEM] == one[:_STEM] for one in theirs) for word in words)
