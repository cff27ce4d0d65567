"""Credentials written down: in names, values, comments, documents and encodings, and no word too many."""

from __future__ import annotations

import base64
import json
import string
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from graders.grade import grade
from graders.model import Depth, Status
from graders.rubric.credentials.json_text import credentials_in_json
from graders.rubric.credentials.text import credentials_in
from lab_env.text import parsed_json
from solutions.corpus import Case, load_corpus, materialise

CORPUS = load_corpus()
RIGHT = [case for case in CORPUS if case.kind in ("reference", "alternative")]
WRITTEN_DOWN = [case for case in CORPUS.of_kind("mistake") if "secret.no_plaintext" in case.fail]


def found(text: str, *, prose: bool = False) -> list[str]:
    return [what for _, what in credentials_in(text, prose=prose)]


PASSWORDS = st.text(string.ascii_letters + string.digits + "_-", min_size=12, max_size=32).filter(
    lambda v: v[0].isalnum() and any(c.isdigit() for c in v) and any(c.isalpha() for c in v)
)


@pytest.mark.parametrize(
    "form",
    [
        'password = "{}"',
        "db_password: {}",
        "DB_PASSWORD={}",
        "export PGPASSWORD='{}'",
        '{{"username": "app", "password": "{}"}}',
        '"{{\\"password\\": \\"{}\\"}}"',
        "postgres://app:{}@db.internal:5432/app",
    ],
)
@given(PASSWORDS)
def test_forms(form: str, password: str) -> None:
    """Is a generated password found in every form in which people write one down, as text and as a document?"""
    assert found(form.format(password))
    assert found(f"A line before.\n{form.format(password)}\nA line after.", prose=True)


@given(PASSWORDS, st.booleans())
def test_state_and_plan_files(password: str, prose: bool) -> None:
    """Is a password found where a state keeps its outputs and a plan its variables?"""
    held = {"db_password": {"sensitive": True, "type": "string", "value": password}}
    for document in ({"version": 4, "outputs": held}, {"variables": held}, {"planned_values": {"outputs": held}}):
        text = json.dumps(document, indent=2)
        ((offset, what),) = credentials_in(text, prose=prose)
        assert (what, text[offset:].startswith('"db_password"')) == ("a value for db_password", True)


@given(PASSWORDS)
def test_encoded_forms(password: str) -> None:
    """Is a password found when the text around it is base64 or hex as a whole?"""
    text = json.dumps({"username": "app", "password": password}).encode()
    assert "an encoded credential" in found(f"value = {base64.b64encode(text).decode()} # data")
    assert "an encoded credential" in found(f"value = {text.hex()} # data")


@given(PASSWORDS)
def test_the_value_is_never_told(password: str) -> None:
    """Does no answer repeat the credential?"""
    assume(password.lower() not in "a value for db_password")
    assert password not in " ".join(found(f'db_password = "{password}"'))


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("key AKIA2E3KJ5QWERTY7ABC here", "an AWS access key id"),
        ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
        ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "a GitHub token"),
        ("xoxb-123456789012-abcdef", "a Slack token"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "a JSON web token"),
    ],
)
def test_known_forms(text: str, what: str) -> None:
    """Is a credential that is known by its form found under any name, in code and in prose?"""
    assert what in found(text)
    assert what in found(text, prose=True)


def test_documented_examples() -> None:
    """Is the access key id of AWS's own documentation no credential?"""
    assert found("AKIAIOSFODNN7EXAMPLE") == []


@pytest.mark.parametrize(
    "text",
    [
        "The password is Granite-41-Violet",
        "Until March the token was mon-7f3a91c2e84d.",
        "# password: hunter2",
        "Password = hunter2",
        "db_password: Granite-Harbor-41-Violet",
    ],
)
def test_prose_with_one(text: str) -> None:
    """Is a password told in a sentence found?"""
    assert found(text, prose=True)


@pytest.mark.parametrize(
    "text",
    [
        "The password is rotated by hand.",
        "password: see the console",
        "The password is never in this file; the token was removed.",
        "token: a short-lived one from the CI",
        "# Set the password in the console, then start the task again.",
        "password = var.db_password",
        "password = CHANGE_ME",
        "Key: the module's own; secret: Secrets Manager's.",
        "The ARN ends in :password::, which picks the JSON key.",
        "valueFrom = ${aws_secretsmanager_secret.db.arn}:password::",
        "password: <your password>",
        "postgres://app:${var.password}@db.internal/app",
        "postgres://app:CHANGE_ME@db.internal/app",
    ],
)
def test_prose_without_one(text: str) -> None:
    """Is a sentence about passwords no password?"""
    assert found(text, prose=True) == []


def test_where() -> None:
    """Does the offset point at the name, so that the line is right?"""
    text = dedent("""\
        # nothing here
        username = "app"
        db_password = "hunter2"
        """)
    ((offset, _),) = credentials_in(text, prose=False)
    assert text[offset:].startswith("db_password")


def test_json_names() -> None:
    """Are the keys of a JSON value named with their path, pairs of name and value too, placeholders not?"""
    value = {
        "username": "app",
        "password": "CHANGE_ME",
        "inner": {"api_key": "k-123", "list": [{"token": "t-1"}, 3, None]},
        "environment": [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "PORT", "value": "1"}],
    }
    assert list(credentials_in_json(value)) == ["inner.api_key", "inner.list[0].token", "environment[0].DB_PASSWORD"]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=10,
    )
)
def test_any_json(value: object) -> None:
    """Does every JSON value get an answer, as a value and as a text?"""
    list(credentials_in_json(value))
    found(json.dumps(value))
    if isinstance(value, dict | list):
        assert parsed_json(json.dumps(value)) == value


def _terraform_texts() -> Iterator[tuple[str, str]]:
    for case in RIGHT:
        for path, data in case.files.items():
            if path.endswith(".tf"):
                yield f"{case.name}/{path}", data.decode("utf-8-sig")


@pytest.mark.parametrize("prose", [False, True])
def test_right_modules_hold_none(prose: bool) -> None:
    """Is no line of any right module taken for a credential, read as code and as prose?"""
    hits = {name: found(text, prose=prose) for name, text in _terraform_texts()}
    assert len(hits) > 100
    assert {name: what for name, what in hits.items() if what} == {}


def _static(case: Case, directory: Path) -> Status:
    result = grade(materialise(case, directory), depth=Depth.STATIC).result
    return next(row.status for row in result.requirements if row.id == "secret.no_plaintext")


@pytest.mark.parametrize("case", RIGHT, ids=lambda case: case.name)
def test_right_modules_pass(case: Case, tmp_path: Path) -> None:
    """Does every right solution's text pass as a whole, values followed through locals and defaults?"""
    assert _static(case, tmp_path) is Status.PASS


@pytest.mark.parametrize("case", WRITTEN_DOWN, ids=lambda case: case.name)
def test_written_down(case: Case, tmp_path: Path) -> None:
    """Is every mistake that writes a credential down, or hands a secret's value out, caught by reading alone?"""
    assert _static(case, tmp_path) is Status.FAIL


def test_an_empty_module_earns_nothing(tmp_path: Path) -> None:
    """Is a module without a resource not passed for holding no credential, where its text is all that is read?"""
    assert _static(CORPUS["starter"], tmp_path) is Status.BLOCKED
