"""The closed vocabulary of placeholders."""

from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from graders.evidence.placeholder import is_filler, is_placeholder

PLACEHOLDERS = (
    "change me",
    "CHANGE_ME",
    "changeme",
    "ChangeMe",
    "Change-Me!",
    "CHANGE_ME_IN_AWS_CONSOLE",
    "***CHANGE ME***",
    "<change-me>",
    "CHANGE_ME_1",
    "please change",
    "MUST_BE_CHANGED",
    "replace me",
    "REPLACE_WITH_REAL_PASSWORD",
    "replace this value after deploy",
    "placeholder",
    "<placeholder>",
    "place-holder",
    "placeholder-value-to-be-rotated",
    "initial-placeholder",
    "temporary placeholder",
    "todo",
    "TODO: set in console",
    "TBD",
    "example",
    "ExamplePassword",
    "dummy",
    "dummypassword",
    "DUMMY_VALUE_1",
    "sample-password",
    "fake",
    "not-a-real-password",
    "set in console",
    "SET_IN_AWS_CONSOLE",
    "set via console",
    "set manually",
    "set by ops",
    "fill me in",
    "rotate-me",
    "TO_BE_SET",
    "to be replaced",
    "overwritten outside Terraform",
    "managed outside terraform",
    "your-password-here",
    "unset",
    "REDACTED",
)
CREDENTIALS = (
    "",
    " ",
    "password",
    "password123",
    "secret",
    "admin",
    "postgres",
    "hunter2",
    "123456",
    "qwerty",
    "letmein",
    "dev",
    "prod",
    "set",
    "change",
    "S3cr3t",
    "P@ssw0rd",
    "Tr0ub4dor&3",
    "correct horse battery staple",
    "Granite-Harbor-41-Violet",
    "changeme-8fJ2kQ0x",
    "changeme2024prod",
    "CHANGEME99999",
    "P@ssw0rd-changeme",
    "Todo7hQ2vT9xmK4wZp3",
    "todoK9x!2mPq",
    "todo-1-2-3-4",
    "mastodon",
    "atodo",
    "placeholderadmin",
    "placeholder:Pr0d-P4ss",
    "xK9#mPlaceholder7Qz",
    "Example!2024",
    "exampleXk29dk",
    "dummy8Jd0w2!!xY",
    "MyDummyDogRex",
    "replacement",
    "resetin",
    "putin",
    "changeover",
    "example\0Kq",
)


@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_placeholders(value: str) -> None:
    """Is what says of itself that it is no credential a placeholder?"""
    assert is_placeholder(value)


@pytest.mark.parametrize("value", CREDENTIALS)
def test_credentials(value: str) -> None:
    """Is everything else a credential, however weak, and whatever harmless word it holds?"""
    assert not is_placeholder(value)


@given(
    st.sampled_from(["changeme", "CHANGE_ME", "todo", "Placeholder", "example", "dummy", "replace", "fake", "tbd"]),
    st.text(string.ascii_letters + string.digits, min_size=8, max_size=24),
    st.sampled_from(["", "-", "_", " ", ":", "!"]),
    st.booleans(),
)
def test_marker_inside_a_password(marker: str, password: str, joint: str, first: bool) -> None:
    """Is a generated password still one when a word of the vocabulary stands before or behind it?"""
    assume(sum(c.isdigit() for c in password) > 2)
    value = f"{marker}{joint}{password}" if first else f"{password}{joint}{marker}"
    assert not is_placeholder(value)


@given(st.sampled_from(PLACEHOLDERS), st.sampled_from(["", " ", "<", "**", "'", "  "]))
def test_case_and_decoration(value: str, around: str) -> None:
    """Are upper case, lower case and decoration around a placeholder of no importance?"""
    for same in (value.lower(), value.upper()):
        assert is_placeholder(f"{around}{same}{around}")


@given(st.text(max_size=300))
def test_any_text(value: str) -> None:
    """Does every text get an answer, and no text without a letter pass for a placeholder?"""
    answer = is_placeholder(value)
    assert not (answer and not any(c in string.ascii_letters for c in value))


def test_too_long() -> None:
    """Is a text of more than 200 characters no placeholder, whatever it says?"""
    assert is_placeholder(("change me " * 20).strip())
    assert not is_placeholder("change me " * 21)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("****", True), ("xxxx", True), ("XxXx", True), ("...", True), ("", False), ("1111", False), ("xxy", False)],
)
def test_filler(value: str, expected: bool) -> None:
    """Is one repeated sign a filler, and a repeated digit (a PIN) none?"""
    assert is_filler(value) is expected
    assert not is_placeholder(value)
