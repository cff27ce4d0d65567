"""Trims the provider's schema to the allowed types, at the wire level of protocol buffers.

``GetSchema`` of tfplugin5 answers with one message: field 1 the provider's own schema, 2 a map of resource types, 3 of
data sources, 8 of ephemeral resources, and small ones (diagnostics, capabilities, functions). A map travels as one
length-delimited entry per key, the key being the entry's field 1; so to trim is to drop entries, and no entry needs to
be understood (https://github.com/hashicorp/terraform/blob/main/docs/plugin-protocol and the protobuf encoding guide).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lab_env.errors import TerraformError
from lab_env.files import cache_directory, write_atomically
from lab_env.terraform import allowed
from lab_env.terraform.provider import Provider

_MAPS: Final = {2: allowed.RESOURCES, 3: allowed.DATA, 8: allowed.EPHEMERAL}
_LENGTH_DELIMITED = 2


def trim(message: bytes) -> bytes:
    """A ``GetSchema`` response with only the allowed types in it, maps in key order (the provider's is chance).

    :raises TerraformError: the message is no such response, or lacks an allowed type.
    """
    kept: list[tuple[int, str, bytes]] = []
    seen: dict[int, set[str]] = {number: set() for number in _MAPS}
    try:
        for number, raw, payload in _fields(message):
            key = ""
            if number in _MAPS:
                key = next(value.decode() for field, _, value in _fields(payload) if field == 1)
                if key not in _MAPS[number]:
                    continue
                seen[number].add(key)
            kept.append((number, key, raw))
    except (IndexError, ValueError, StopIteration) as error:
        raise TerraformError("The provider's schema cannot be read.", next_step="Grade with --plain.") from error
    missing = sorted(name for number, names in _MAPS.items() for name in names - seen[number])
    if missing:
        raise TerraformError(
            f"The provider's schema lacks {', '.join(missing)}.", next_step="Use a newer AWS provider."
        )
    return b"".join(raw for _, _, raw in sorted(kept))


def cache_file(provider: Provider) -> Path:
    """Where this provider's trimmed schema is kept: another version, build or allow-list is another file."""
    size = provider.binary.stat().st_size
    lists = "\n".join(f"{number} {name}" for number, names in sorted(_MAPS.items()) for name in sorted(names))
    digest = hashlib.sha256(f"{provider.version} {size}\n{lists}".encode()).hexdigest()[:16]
    return cache_directory() / f"schema-{provider.version}-{digest}.bin"


def load(path: Path) -> bytes | None:
    """A kept schema; None when there is none, or when the file was damaged."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    body, digest = data[:-32], data[-32:]
    return body if hashlib.sha256(body).digest() == digest else None


def save(path: Path, schema: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, schema + hashlib.sha256(schema).digest())


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Each field of a message: its number, its bytes as they came, and its payload (empty when not length-delimited).

    :raises ValueError: this is no message.
    """
    position = 0
    while position < len(message):
        start = position
        tag, position = _varint(message, position)
        number, wire_type = tag >> 3, tag & 7
        payload = b""
        if wire_type == _LENGTH_DELIMITED:
            length, position = _varint(message, position)
            payload = message[position : position + length]
            position += length
        elif wire_type == 0:
            _, position = _varint(message, position)
        elif wire_type in (1, 5):
            position += 8 if wire_type == 1 else 4
        else:
            raise ValueError(f"wire type {wire_type}")
        if position > len(message) or number == 0:
            raise ValueError("cut off")
        yield number, message[start:position], payload


def _varint(message: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
        if shift > 63:
            raise ValueError("varint")
