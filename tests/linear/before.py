"""The patterns as they were before they were made linear: slow on purpose-made texts, right on all others, and so a measure of
what their successors find. Kept as text; nothing outside of tests reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from graders.rubric.credentials.names import holds_credential

WEB_TOKEN = re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}")
USER_INFO = re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@\"'`]*:(?P<value>[^\s/@\"'`]+)@")
ENDPOINT_FAULT = re.compile(
    r"response error StatusCode: 0,.*(dial tcp|connection re(fused|set)|EOF|i/o timeout|broken pipe|deadline exceeded)"
    r"|response error StatusCode: 5(?!01)\d\d\b"
    r"|response error StatusCode: \d+,.*(unexpected EOF|connection reset by peer|deserialization failed)"
    r"|operation error .*(read|write) tcp .*: (use of closed network connection|connection reset by peer)"
)
MAGIC = re.compile(r"^%%hcl[ \t]+(?P<path>\S.*?)[ \t]*$")
FORMAT_VERB = re.compile(r"%(%|[-+# 0]*(\d*)(?:\.(\d+))?(?:\[(\d+)\])?([a-zA-Z]))")


def credentials_in_json(value: object, path: str = "") -> Iterator[str]:
    """As :func:`graders.rubric.credentials.json_text.credentials_in_json`."""
    if isinstance(value, dict):
        pair = value.get("name"), value.get("value")
        if isinstance(pair[0], str) and isinstance(pair[1], str) and holds_credential(pair[0], pair[1]):
            yield f"{path}.{pair[0]}".lstrip(".")
        for key, inner in value.items():
            where = f"{path}.{key}".lstrip(".")
            held = inner.get("value") if isinstance(inner, dict) and "name" not in inner else inner
            if isinstance(held, str):
                if holds_credential(str(key), held):
                    yield where
            else:
                yield from credentials_in_json(inner, where)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from credentials_in_json(inner, f"{path}[{index}]")


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
