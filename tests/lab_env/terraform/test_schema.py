"""The trimmed schema: the allowed types and all else as it was, in one order, kept and read back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_env.errors import TerraformError
from lab_env.terraform import allowed, schema


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number: int, payload: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def entry(number: int, key: str, value: bytes) -> bytes:
    return field(number, field(1, key.encode()) + field(2, value))


def message(*extra: bytes, reverse: bool = False) -> bytes:
    """A response with all allowed types, a provider block, functions, and what else is asked for."""
    entries = [
        entry(number, name, name.encode() * 40)
        for number, names in ((2, allowed.RESOURCES), (3, allowed.DATA), (8, allowed.EPHEMERAL))
        for name in sorted(names, reverse=reverse)
    ]
    return b"".join([field(1, b"provider block"), *entries, *extra, entry(7, "arn_parse", b"function")])


def test_only_allowed_types_are_left() -> None:
    """Are other types gone, each from its own list, and the provider's block and functions still there?"""
    others = (entry(2, "aws_instance", b"x" * 300), entry(3, "aws_ami", b""), entry(8, "aws_kms_secrets", b""))
    # A name that is allowed as a data source only must not slip in as a resource.
    others += (entry(2, "aws_caller_identity", b""),)
    assert schema.trim(message(*others)) == schema.trim(message())
    assert b"aws_instance" not in schema.trim(message(*others))
    assert b"provider block" in schema.trim(message())
    assert b"arn_parse" in schema.trim(message())


def test_the_order_is_ours() -> None:
    """The provider's maps come in any order: is the trimmed copy the same?"""
    assert schema.trim(message(reverse=True)) == schema.trim(message())


def test_a_provider_without_an_allowed_type_is_refused() -> None:
    """Does a provider too old for the closed list give an error that names the type, not a wrong grading?"""
    data = message().replace(b"aws_secretsmanager_random_password", b"aws_secretsmanager_random_passwore")
    with pytest.raises(TerraformError, match="aws_secretsmanager_random_password"):
        schema.trim(data)


@given(st.binary(max_size=200))
def test_no_bytes_get_through_as_a_schema(data: bytes) -> None:
    """Whatever a process answers: is it refused with our own error?"""
    with pytest.raises(TerraformError):
        schema.trim(data)


@given(st.integers(min_value=1, max_value=len(message()) - 1))
def test_a_cut_off_answer_is_refused(length: int) -> None:
    """Is an answer that stops anywhere refused, unless all that it lost is the last field, whole?"""
    whole = message()
    if length == len(whole) - len(entry(7, "arn_parse", b"function")):
        assert schema.trim(whole[:length])
    else:
        with pytest.raises(TerraformError):
            schema.trim(whole[:length])


def test_a_damaged_file_is_not_used(tmp_path: Path) -> None:
    """Is a kept schema read back as it was, and one with a changed, missing or extra byte not at all?"""
    path = tmp_path / "cache" / "schema.bin"
    assert schema.load(path) is None
    schema.save(path, b"some schema")
    assert schema.load(path) == b"some schema"
    whole = path.read_bytes()
    for damaged in (whole[:-1], b"S" + whole[1:], whole + b"x", b""):
        path.write_bytes(damaged)
        assert schema.load(path) is None
