"""Tokens that vendors' own forms give away under any name: betterleaks' rules, and the forms that these miss.

betterleaks (Go, linear regular expressions) is loaded when the first text is asked for. Where it has no wheel, or will not start,
our own forms are what there is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from graders.rubric.credentials.names import is_credential
from lab_env.tables import ClosedTable, packaged_table

# These judge names and addresses, which our own rules know better: they have HCL's words and the placeholders.
_OURS = frozenset(
    {"generic-password", "generic-credential-uri", "generic-api-key", "curl-auth-user", "curl-auth-header"}
)
_LONGEST = 1 << 21
_EXAMPLE = "EXAMPLE"


def vendor_forms(text: str) -> Iterator[tuple[int, str]]:
    """Where a token stands that is known by its form, as ``(offset, what)``; the vendors' documented examples are none."""
    for what, pattern in _forms():
        for match in pattern.finditer(text):
            if _EXAMPLE not in match[0] and not _is_drawn(match[0]):
                yield match.start(), what


class _Forms(ClosedTable):
    forms: dict[str, str]


@cache
def _forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    data = packaged_table(__package__, "vendor_forms.toml", _Forms)
    return tuple((what, re.compile(pattern)) for what, pattern in data.forms.items())


def _is_drawn(token: str) -> bool:
    """``ghp_xxxxxxxxxxxxxxxxxxxx``: a form drawn with one sign."""
    return re.search(r"([A-Za-z0-9*.])\1{11}", token) is not None


def library_forms(text: str) -> list[tuple[int, str]]:
    """What betterleaks finds, in the order of the text; nothing when it is not installed or cannot read the text."""
    if not 12 <= len(text) <= _LONGEST or "\0" in text:
        return []
    try:
        from betterleaks import scan_string

        found = scan_string(text)
    except Exception:
        return []
    starts = _line_starts(text)
    hits = []
    for finding in found:
        value, line = finding.match.value or "", finding.location.start_line or 1
        if finding.rule_id in _OURS or _EXAMPLE in value or _is_drawn(value) or not is_credential(value):
            continue
        begin = starts[min(line, len(starts)) - 1]
        hits.append((max(text.find(value.split("\n")[0], begin), begin), f"a token ({finding.rule_id})"))
    return sorted(set(hits))


def _line_starts(text: str) -> list[int]:
    starts = [0]
    place = text.find("\n")
    while place >= 0:
        starts.append(place + 1)
        place = text.find("\n", place + 1)
    return starts
