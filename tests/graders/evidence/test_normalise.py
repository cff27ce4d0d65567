"""What differs from run to run is named instead of shown."""

from __future__ import annotations

import string
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.evidence.normalise import Normaliser
from graders.model import Evidence

DIGITS = st.text(string.digits, min_size=12, max_size=12)
SUFFIX = st.text(string.ascii_letters + string.digits, min_size=6, max_size=6)


@dataclass(frozen=True)
class Run:
    """What is different in every run."""

    account: str
    suffix: str
    uuid: str
    port: int
    access_key: str
    folder: str

    def text(self) -> str:
        """What a check might say."""
        arn = f"arn:aws:secretsmanager:us-east-1:{self.account}:secret:dev-database-credentials-{self.suffix}"
        return (
            f"{arn}:password:: and {arn}, {arn}-?, {arn}. The {arn}* and key arn:aws:kms:us-east-1:{self.account}:key/{self.uuid}; "
            f"alias/app-secrets-dev → {self.uuid}; at http://127.0.0.1:{self.port}/, localhost:{self.port} and "
            f"http://[::1]:{self.port}; by {self.access_key}; in {self.folder}/modules/secrets/kms.tf:4 of {self.folder}."
        )

    def normaliser(self) -> Normaliser:
        return Normaliser(account=self.account, folders=(self.folder,))


RUNS = st.builds(
    Run,
    account=DIGITS,
    suffix=SUFFIX,
    uuid=st.uuids().map(str),
    port=st.integers(1024, 65535),
    access_key=st.text(string.ascii_uppercase + "234567", min_size=16, max_size=16).map("ASIA".__add__),
    folder=st.text(string.ascii_lowercase + string.digits, min_size=8, max_size=8).map(
        lambda name: f"/var/run/secrets-lab-{name}/run"
    ),
)


@given(RUNS, RUNS)
def test_two_runs_read_the_same(one: Run, other: Run) -> None:
    """Is the same sentence of two runs the same text?"""
    assert one.normaliser().text(one.text()) == other.normaliser().text(other.text())


@given(RUNS)
def test_nothing_of_the_run_is_left(run: Run) -> None:
    """Is nothing left of the run's account, key, access key and folder?"""
    text = run.normaliser().text(run.text())
    for trace in (run.account, run.uuid, run.access_key, run.folder, f":{run.port}"):
        assert trace not in text


@given(RUNS, st.text(max_size=60))
def test_twice_is_once(run: Run, more: str) -> None:
    """Is a normalised text left alone?"""
    once = run.normaliser().text(run.text() + more)
    assert run.normaliser().text(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "KeyRotationEnabled=true",
        "valueFrom is arn:aws:secretsmanager:us-east-1:<account>:secret:dev-database-credentials-??????",
        "alias/app-secrets-qa1b2c3",
        "deletion_window_in_days = 7",
        "cpu 256, memory 512, port 5432",
        "modules/secrets/kms.tf:12",
        "2012-10-17",
    ],
)
def test_what_does_not_vary_stays(text: str) -> None:
    """Is a text without anything of the run left as it is?"""
    assert Normaliser(account="123456789012", folders=("/var/x",)).text(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("key/mrk-1234abcd12ab34cd56ef1234567890ab", "key/<key>"),
        ("VersionId terraform-20261123000000000000000001", "VersionId <generated>"),
        ("VersionId terraform-2026112300000000000000000a", "VersionId <generated>"),
        ("app-20261123000000000000000001", "app-<generated>"),
        ("app-202611230000000000000000fe", "app-<generated>"),
        ("app20261123000000000000000001", "app<generated>"),
        ("app-120261123000000000000000001", "app-1<generated>"),
        ("app-2020261123000000000000000001", "app-20<generated>"),
        ("20269923000000000000000001", "20269923000000000000000001"),
        ("202611230000000000000000012", "202611230000000000000000012"),
        ("RequestID: 0A1B-22, ResourceNotFound", "RequestID: <request>, ResourceNotFound"),
        ("123456789012", "<account>"),
        ("91234567890125", "91234567890125"),
        ("see [::1]:4566", "see [::1]:<port>"),
        ("in /var/x", "in <workspace>"),
    ],
)
def test_kinds(text: str, expected: str) -> None:
    """Is each kind of thing that varies named by what it is?"""
    assert Normaliser(account="123456789012", folders=("/var/x",)).text(text) == expected


def test_evidence() -> None:
    """Are an evidence's texts normalised, and its place in the learner's file left alone?"""
    seen = Evidence(kind="api", detail="account 123456789012", address="a[123456789012]", path="kms.tf", line=3)
    clean = Normaliser(account="123456789012").evidence(seen)
    assert clean == seen.model_copy(update={"detail": "account <account>", "address": "a[<account>]"})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('AppliedAt = "2026-11-24T20:47:42Z"', 'AppliedAt = "<time>"'),
        ("at 2026-11-24T20:47:42.123+01:00, again", "at <time>, again"),
        ("2026-11-24", "2026-11-24"),
        ("2026-11-24T20:47:42", "2026-11-24T20:47:42"),
        ("12026-11-24T20:47:42Zulu", "12026-11-24T20:47:42Zulu"),
    ],
)
def test_times_are_named(text: str, wanted: str) -> None:
    """Is a time as timestamp() gives it named, and a date, a version or a word left alone?"""
    assert Normaliser().text(text) == wanted
