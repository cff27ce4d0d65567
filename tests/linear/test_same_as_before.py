"""The linear readers against those that they replaced: on made texts they find the same."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from graders.rubric.access.hard_coded import spelt_out_in
from graders.rubric.credentials.commands import in_addresses
from graders.rubric.credentials.json_text import credentials_in_json
from graders.rubric.credentials.text import web_tokens
from graders.rubric.steps.environments import _Names
from lab_env.hcl.functions import _VERB
from lab_env.iam_policy.patterns import Pattern, Wild, action_matches, matches
from lab_env.lesson import STANDARD
from lab_env.submission.notebooks import _written_path
from lab_env.terraform.messages import _ENDPOINT_FAULT
from tests.linear import before

pytestmark = pytest.mark.slow

# What stands in credentials and around them: names, signs, values, blanks, the beginnings of tokens and addresses.
PIECES = st.sampled_from(
    [
        *"aA1_-.:=/@\"'`\\ \n\t,;{}()[]<>#*$%é!",
        *("password", "pw", "db_password", "token", "api key", "Passwort", "secret", "name", "value", "apiKey"),
        *(" is ", " was ", ":=", "=>", " = ", ": ", "://", "a://", "https://", "postgres://u:", "@host", "\r\n"),
        *("eyJ", "eyJaaaaaaaa", ".eyJbbbbbbbb", ".cccccccc", "-eyJdddddddd", "EXAMPLE"),
        *("AKIAABCDEFGHIJKLMNOP", "ghp_abcdefghijklmnopqrst1", "github_pat_abcdefghijklmnopqrst", "xoxb-1234567890"),
        *("-----BEGIN ", "RSA ", "PRIVATE KEY-----", "Winter2024!", "hunter2", "CHANGE_ME", "${var.x}", "var.x", '\\"'),
        *(
            "cGFzc3dvcmQ9aHVudGVyMg==",
            "Q0hBTkdFX01F",
            "70617373776f72643d68756e74657232",
            "xxxx",
            "arn:aws:",
            "alias/a",
        ),
    ]
)
TEXTS = st.lists(PIECES, max_size=14).map("".join)


def _web_tokens(text: str) -> list[int]:
    return [m.start() for m in before.WEB_TOKEN.finditer(text) if "EXAMPLE" not in m.group()]


def _passwords_in_addresses(text: str) -> list[int]:
    return [m.start() for m in before.USER_INFO.finditer(text)]


@settings(max_examples=1_500, deadline=None)
@given(TEXTS)
@example("eyJaaaaaaaa-eyJbbbbbbbb.eyJcccccccc.dddddddd.eyJeeeeeeee.ffffffff")
def test_web_tokens_in_made_texts(text: str) -> None:
    """Do tokens begin at the same places, in texts made of what credentials are made of?"""
    assert list(web_tokens(text)) == _web_tokens(text)


@settings(max_examples=1_500, deadline=None)
@given(TEXTS)
@example("1://a:b://c:d@e a.b+c://u:pw1@")
def test_addresses_in_made_texts(text: str) -> None:
    """Does every password in an address stand in an address that was one before?"""
    assert {offset for offset, _ in in_addresses(text)} <= set(_passwords_in_addresses(text))


KEYS = st.sampled_from(["password", "name", "value", "a", "token", ".x", "outputs", "db.password", ""])
VALUES = st.recursive(
    st.sampled_from(["hunter2", "CHANGE_ME", "", "password", 1, None, True]),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=1_000, deadline=None)
@given(VALUES)
def test_credentials_in_made_json(value: object) -> None:
    """Does a JSON value give the same names in the same order without recursion?"""
    assert list(credentials_in_json(value)) == list(before.credentials_in_json(value))


@settings(max_examples=1_000, deadline=None)
@given(*[st.lists(st.sampled_from(["dev", "Dev", "DEV", "prod", "Prod", "d", "e", "-", "developer"]), max_size=6)] * 2)
@pytest.mark.parametrize("other", ["prod", "devel", "de"])
def test_names_that_follow(other: str, left: list[str], right: list[str]) -> None:
    """Is all that followed from two environments' names before still the same, also where one name begins like the other?

    Names that are cut are the same by now, too, so more is.
    """
    one, two = "".join(left), "".join(right)
    assert _Names("dev", other)._same_text(one, two) or not before.followed(one, two, "dev", other)
    follows = one.replace("dev", other)
    assert _Names("dev", other)._same_text(one, follows) or not before.followed(one, follows, "dev", other)


WORDS = st.lists(
    st.sampled_from(
        [
            *("response error StatusCode: 0, ", "response error StatusCode: 500", "response error StatusCode: 501 "),
            *(
                "response error StatusCode: 200, ",
                "operation error ",
                "read tcp ",
                "write tcp 127.0.0.1:1->127.0.0.1:2",
            ),
            *("dial tcp", ": connection reset by peer", ": use of closed network connection", "EOF", "unexpected EOF"),
            *("deserialization failed", "x ", ": ", "i/o timeout", "\n"),
        ]
    ),
    max_size=7,
).map("".join)


@settings(max_examples=1_000, deadline=None)
@given(WORDS)
def test_endpoint_faults(text: str) -> None:
    """Is an endpoint's fault seen in the same sentences?"""
    text = " ".join(text.split())
    assert (_ENDPOINT_FAULT.match(text) is None) is (before.ENDPOINT_FAULT.search(text) is None)


@settings(max_examples=1_000, deadline=None)
@given(st.text(alphabet="*?ab:", max_size=10), st.text(alphabet="ab:", max_size=10))
def test_wildcards_over_any_character(pattern: str, value: str) -> None:
    """Does an action's pattern cover the same texts?"""
    assert action_matches(pattern, value) is (before.wildcards(pattern).fullmatch(value) is not None)


_REGEX = {Wild.ANY: ".*", Wild.ONE: ".", Wild.ANY_IN_SEGMENT: "[^:]*", Wild.ONE_IN_SEGMENT: "[^:]"}


@settings(max_examples=2_000, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", ":", *Wild]), max_size=8).map(tuple), st.text(alphabet="ab:\n", max_size=9))
def test_wildcards_within_segments(pattern: Pattern, value: str) -> None:
    """Does a pattern of both kinds of wildcards cover what the regular expression of the same tokens does?"""
    expression = "".join(_REGEX[token] if isinstance(token, Wild) else re.escape(token) for token in pattern)
    assert matches(pattern, value) is (re.fullmatch(expression, value, re.DOTALL) is not None)


def _path_before(line: str) -> str | None:
    match = before.MAGIC.match(line.split("\n", 1)[0].rstrip("\r"))
    return match["path"] if match else None


def _path(line: str) -> str | None:
    return _written_path(line.partition("\n")[0].rstrip("\r"))


def _spelt_before(text: str) -> list[str]:
    return before.spelt_out_in(text, "dev")


def _spelt(text: str) -> list[str]:
    return list(spelt_out_in(text, "dev", STANDARD))


def _verbs_before(text: str) -> list[object]:
    return [(m.span(), m[1], m[4]) for m in before.FORMAT_VERB.finditer(text)]


def _verbs(text: str) -> list[object]:
    return [(m.span(), m[1], m[5]) for m in _VERB.finditer(text)]


@pytest.mark.parametrize(
    ("now", "then", "pieces"),
    [
        (_path, _path_before, ["%%hcl", " ", "\t", "a.tf", "\r", "\n", "\x0b", "'", "é"]),
        (
            _spelt,
            _spelt_before,
            ["dev-database-credentials", "app-secrets-dev", "a", ":", " ", "*", "dev", "app-secrets-"],
        ),
        (_verbs, _verbs_before, ["%", "0", "1", "-", "+", ".", "[1]", "s", "d", "#", " "]),
    ],
    ids=["a notebook's first line", "an environment spelt out", "a verb of format"],
)
@settings(max_examples=700, deadline=None)
@given(data=st.data())
def test_smaller_readers(
    now: Callable[[str], object], then: Callable[[str], object], pieces: list[str], data: st.DataObject
) -> None:
    """Do the first line of a cell, a spelt-out name and a verb of format read as they did?"""
    text = "".join(data.draw(st.lists(st.sampled_from(pieces), max_size=10)))
    assert now(text) == then(text)
