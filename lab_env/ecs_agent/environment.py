"""What a container's environment can hold: decided here in plain code, because no environment of ours is ever made of it.

Sources: environ(7): a string ``name=value`` that ends at its zero byte. execve(2), "Limits on size of arguments and environment":
one string has at most 32 pages (MAX_ARG_STRLEN: 128 KiB with its zero byte), all of them, with a pointer each, a quarter of the
stack's limit (8 MiB by default, so 2 MiB). encoding/json of Go, in which the ECS agent and containerd are written: a half of a
surrogate pair becomes U+FFFD.
"""

from __future__ import annotations

from collections.abc import Mapping

MAX_STRING_BYTES = 128 << 10
MAX_ALL_BYTES = 2 << 20
_POINTER_BYTES = 8


def why_refused(environment: Mapping[str, str]) -> str | None:
    """Why no container can be created with these variables; None when one can. Neither names nor values are quoted.

    :param environment: well-formed values by well-formed name.
    """
    total = 0
    for name, value in environment.items():
        if not name:
            return "a variable without a name"
        if "=" in name:
            return "an equals sign in a name"
        if "\0" in name or "\0" in value:
            return "a zero byte in a name or a value"
        size = len(name.encode()) + len(value.encode()) + len("=\0")
        if size > MAX_STRING_BYTES:
            return "a variable of 128 KiB or more"
        total += size + _POINTER_BYTES
    return "more than 2 MiB of variables" if total > MAX_ALL_BYTES else None
