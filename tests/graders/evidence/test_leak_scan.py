"""Finding a known value in bytes, whatever it was encoded as."""

from __future__ import annotations

import base64
import io
import json
import string
import zipfile
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.evidence.leak_scan import encodings, find, plan_file_parts

# The rotation drill's own: 32 characters, letters, digits and signs that encodings treat differently.
VALUES = st.text(string.ascii_letters + string.digits + "!#%*+-=?@^_~", min_size=32, max_size=32)
AROUND = st.binary(max_size=40)

ENCODERS: dict[str, Callable[[str], bytes]] = {
    "raw": str.encode,
    "JSON": lambda v: json.dumps({"password": v}).encode(),
    "JSON in JSON": lambda v: json.dumps({"secret_string": json.dumps({"password": v})}).encode(),
    "HTML-safe JSON": lambda v: (
        json.dumps(v).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").encode()
    ),
    "URL": lambda v: quote(v, safe="").encode(),
    "URL form": lambda v: quote_plus(v).encode(),
    "hex": lambda v: v.encode().hex().encode(),
    "HEX": lambda v: v.encode().hex().upper().encode(),
    "reversed": lambda v: v[::-1].encode(),
    "UTF-16": lambda v: v.encode("utf-16-le"),
}


@pytest.mark.parametrize("encoding", sorted(ENCODERS))
@given(value=VALUES, before=AROUND, after=AROUND)
def test_every_encoding(encoding: str, value: str, before: bytes, after: bytes) -> None:
    """Is the value found in every encoding, whatever stands around it?"""
    assert find(value, {"state": before + ENCODERS[encoding](value) + after})


@pytest.mark.parametrize("alphabet", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("offset", [0, 1, 2])
@given(value=VALUES, before=AROUND, after=AROUND, outside=AROUND)
def test_base64_at_every_offset(
    alphabet: Callable[[bytes], bytes], offset: int, value: str, before: bytes, after: bytes, outside: bytes
) -> None:
    """Is the value found inside a base64 text, wherever in its groups of three bytes it starts?"""
    lead = before[: len(before) // 3 * 3] + b"x" * offset
    content = outside + alphabet(lead + value.encode() + after) + outside
    assert find(value, {"state": content})


@pytest.mark.parametrize("encoding", sorted(set(ENCODERS) - {"raw"}))
@given(value=st.text(min_size=4, max_size=40).filter(lambda v: v.isprintable()))
def test_values_that_need_escaping(encoding: str, value: str) -> None:
    """Is a value with quotes, ampersands, spaces or letters outside ASCII found in every encoding too?"""
    assert find(value, {"state": ENCODERS[encoding](value)})


@given(value=VALUES, content=st.binary(max_size=400))
def test_absent(value: str, content: bytes) -> None:
    """Is nothing found where no form of the value is?"""
    if not any(form in content for form in encodings(value).values()):
        assert find(value, {"state": content}) == ()


@given(value=VALUES, other=VALUES)
def test_another_password(value: str, other: str) -> None:
    """Is another password of the same kind, in every encoding, no hit?"""
    if value == other or value == other[::-1]:
        return
    everything = b"\n".join([*(encode(other) for encode in ENCODERS.values()), base64.b64encode(other.encode())])
    assert find(value, {"state": everything}) == ()


@given(value=VALUES)
def test_forms_are_long_enough(value: str) -> None:
    """Does every form carry most of the value, so that a hit is no chance?"""
    assert min(map(len, encodings(value).values())) >= len(value)


def test_places_are_named_once_and_sorted() -> None:
    """Does each place appear once, in order, with the plainest encoding found there?"""
    value = "s3cr3t-value-of-the-drill"
    places = {
        "terraform.tfstate": value.encode() + value.encode().hex().encode(),
        "plan/tfstate": value.encode().hex().encode(),
        "plan output": b"nothing",
    }
    assert find(value, places) == ("plan/tfstate (hex)", "terraform.tfstate (raw)")


def test_plan_file_parts() -> None:
    """Is a saved plan's compressed content looked at member by member?"""
    value = "s3cr3t-value-of-the-drill"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tfplan", b"\0" * 1000)
        archive.writestr("tfstate", value)
    assert find(value, {"drill.tfplan": file.getvalue()}) == ()
    assert find(value, dict(plan_file_parts(file.getvalue()))) == ("plan/tfstate (raw)",)
