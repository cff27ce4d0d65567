"""Finds a known value in files, whatever the encoding: raw, JSON-escaped, base64 at any alignment, hex, URL, UTF-16.

Used with values that the drill made itself, so a hit is a proof, not a guess.
"""

from __future__ import annotations

import base64
import binascii
import json
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from urllib.parse import quote, quote_plus


def encodings(value: str) -> dict[str, bytes]:
    """The forms in which a value may be written down, by name. Base64 forms are the part that does not depend on what
    stands before or after the value."""
    raw = value.encode()
    forms = {
        "raw": raw,
        "JSON": json.dumps(value)[1:-1].encode(),
        "JSON in JSON": json.dumps(json.dumps(value)[1:-1])[1:-1].encode(),
        "HTML-safe JSON": json.dumps(value)[1:-1]
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .encode(),
        "URL": quote(value, safe="").encode(),
        "URL form": quote_plus(value).encode(),
        "hex": binascii.hexlify(raw),
        "HEX": binascii.hexlify(raw).upper(),
        "reversed": value[::-1].encode(),
        "UTF-16": value.encode("utf-16-le"),
    }
    for offset in range(3):
        forms[f"base64+{offset}"] = _inner_base64(raw, offset)
        forms[f"base64url+{offset}"] = _inner_base64(raw, offset).replace(b"+", b"-").replace(b"/", b"_")
    return forms


def _inner_base64(raw: bytes, offset: int) -> bytes:
    """The base64 digits that are the same whatever surrounds ``raw`` when it starts ``offset`` bytes after a multiple of 3."""
    encoded = base64.b64encode(b"\0" * offset + raw)
    skipped = (offset * 8 + 5) // 6  # digits that also carry bits of what stands before
    whole = (offset + len(raw)) * 8 // 6  # digits that carry bits of nothing after
    return encoded[skipped:whole]


def find(value: str, places: Mapping[str, bytes]) -> tuple[str, ...]:
    """Where the value is found, as ``place (encoding)``, sorted; each place at most once."""
    forms = encodings(value)
    hits = []
    for place, content in sorted(places.items()):
        name = next((name for name, form in forms.items() if form in content), None)
        if name is not None:
            hits.append(f"{place} ({name})")
    return tuple(hits)


def plan_file_parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The members of a saved plan, which is a zip of the plan, the prior state and the configuration."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for info in archive.infolist():
            yield f"plan/{info.filename}", archive.read(info)
