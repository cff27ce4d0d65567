"""Terraform's words as typed values: whatever comes, in any order, with the machinery's faults told apart."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab_env.terraform.messages import (
    MAX_TEXT,
    Diagnostic,
    Event,
    Stream,
    machinery_fault,
    parse_diagnostic,
    parse_validation,
)


def line(kind: str, **fields: Any) -> bytes:
    return json.dumps({"@level": "info", "@message": f"a {kind}", "type": kind, **fields}).encode()


def resource(address: str) -> dict[str, str]:
    return {"addr": address, "resource_type": address.split(".")[-2]}


def test_a_stream_becomes_one_result() -> None:
    """Do plan, progress, outputs and diagnostics of one call end up in one result, sorted by address?"""
    events: list[Event] = []
    stream = Stream(events.append)
    for item in (
        line("version", terraform="1.11.4", ui="1.2"),
        line("planned_change", change={"resource": resource("module.secrets.aws_kms_key.b"), "action": "create"}),
        line(
            "planned_change",
            change={
                "resource": resource("module.secrets.aws_kms_key.a"),
                "action": "replace",
                "reason": "cannot_update",
            },
        ),
        line("resource_drift", change={"resource": resource("aws_kms_key.c"), "action": "update"}),
        line("apply_complete", hook={"resource": resource("data.aws_region.r"), "action": "read"}),
        line(
            "apply_complete",
            hook={"resource": resource("aws_kms_key.b"), "action": "create", "elapsed_seconds": 8},
        ),
        line("outputs", outputs={"z": {"sensitive": True, "type": "string"}, "a": {"sensitive": False, "value": 7}}),
    ):
        stream.feed(item)
    result = stream.result("apply", 0, 1.5)
    assert result.ok
    assert [(c.address, c.action, c.resource_type, c.reason) for c in result.changes] == [
        ("module.secrets.aws_kms_key.a", "replace", "aws_kms_key", "cannot_update"),
        ("module.secrets.aws_kms_key.b", "create", "aws_kms_key", None),
    ]
    assert [change.address for change in result.applied] == ["aws_kms_key.b"]
    assert [change.address for change in result.drift] == ["aws_kms_key.c"]
    assert list(result.outputs) == ["a", "z"]
    assert result.outputs["a"].value == 7
    assert (result.outputs["z"].value, result.outputs["z"].sensitive) == (None, True)
    assert len(events) == 6
    assert events[-2] == Event("apply_complete", "a apply_complete", "aws_kms_key.b", "create", 8)


def test_a_diagnostic_keeps_its_place() -> None:
    """Do file, lines, address and the quoted source come through, and an endless text get cut?"""
    found = parse_diagnostic(
        {
            "severity": "error",
            "summary": "Unsupported argument",
            "detail": "x" * 100_000,
            "address": "aws_kms_key.main",
            "range": {"filename": "modules/secrets/kms.tf", "start": {"line": 3}, "end": {"line": 5}},
            "snippet": {"code": '  nmae = "x"'},
        }
    )
    assert (found.file, found.line, found.end_line) == ("modules/secrets/kms.tf", 3, 5)
    assert (found.address, found.snippet) == ("aws_kms_key.main", '  nmae = "x"')
    assert len(found.detail) == MAX_TEXT + 2


def test_errors_come_first_whatever_the_order() -> None:
    """Is the order of diagnostics the same for every order in which Terraform says them?"""
    items = [
        {"severity": severity, "summary": summary, "detail": "", "range": {"filename": "a.tf", "start": {"line": n}}}
        for severity, summary, n in (("warning", "w", 1), ("error", "late", 9), ("error", "early", 2))
    ]
    results = []
    for order in (items, items[::-1]):
        stream = Stream()
        for item in order:
            stream.feed(line("diagnostic", diagnostic=item))
        results.append(stream.result("plan", 1, 0.0))
    assert results[0] == results[1]
    assert [d.summary for d in results[0].diagnostics] == ["early", "late", "w"]
    assert [d.summary for d in results[0].warnings] == ["w"]


def test_lines_that_are_no_message_are_kept_apart() -> None:
    """A crash's text or a provider's print in the stream: kept for the error, not taken for a message?"""
    stream = Stream()
    for text in (b"panic: runtime error", b"[1, 2]", b'{"no": "type"}', b"", b"\xff\xfe"):
        stream.feed(text)
    assert stream.stray[:3] == ["panic: runtime error", "[1, 2]", '{"no": "type"}']
    assert len(stream.stray) == 4


@given(st.binary(max_size=300))
def test_no_bytes_break_the_stream(data: bytes) -> None:
    """Does any output at all leave the parser standing?"""
    stream = Stream()
    for piece in data.split(b"\n"):
        stream.feed(piece)
    assert stream.result("plan", 1, 0.0).diagnostics == ()
    assert parse_validation(data) is None or not data.strip(b" \t\r\n{}[]")


def test_a_dead_provider_and_a_dead_endpoint_are_the_machinerys_fault() -> None:
    """Are a plug-in that is gone and an endpoint that refuses told apart from mistakes in the configuration?"""
    gone = Diagnostic("error", "Plugin did not respond", "The plugin encountered an error …")
    refused = Diagnostic(
        "error",
        "creating KMS Key: operation error KMS: CreateKey, exceeded maximum number of attempts, 1, https response\n"
        "error StatusCode: 0, RequestID: , request send failed, Post: dial tcp 127.0.0.1:4566: connect: connection refused",
        "",
    )
    lost = Diagnostic(
        "error",
        "waiting for Secrets Manager Secret Version: operation error Secrets Manager: GetSecretValue, decomposing "
        "response: read tcp 127.0.0.1:58782->127.0.0.1:35021: use of closed network connection",
        "",
    )
    mistake = Diagnostic(
        "error", "creating KMS Key: operation error KMS: CreateKey, https response error StatusCode: 400", ""
    )
    assert machinery_fault([mistake, gone]) is gone
    assert machinery_fault([mistake, refused]) is refused
    assert machinery_fault([mistake, lost]) is lost
    # In all the words that Terraform has for it, at a learner's resource or not.
    for summary in ("Request cancelled", "Plugin error", "Unsupported plugin method"):
        words = "The plugin.(*GRPCProvider).ApplyResourceChange request was cancelled."
        told = Diagnostic("error", summary, words, "submission/kms.tf", 3, address="module.secrets.aws_kms_key.this")
        assert machinery_fault([mistake, told]) is told
    assert machinery_fault([Diagnostic("error", "Request cancelled by the module's own words", "")]) is None
    assert machinery_fault([mistake]) is None


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "operation error IAM: CreateRole, https response error StatusCode: 500, RequestID: , api error UnknownError",
            True,
        ),
        ("operation error IAM: CreateRole, https response error StatusCode: 503, RequestID: 1", True),
        ("operation error ECS: CreateCluster, https response error StatusCode: 501, api error InternalFailure", False),
        (
            "operation error IAM: GetRole, https response error StatusCode: 200, deserialization failed: unexpected EOF",
            True,
        ),
        ("operation error IAM: CreateRole, https response error StatusCode: 409, EntityAlreadyExists: Role", False),
        ("operation error IAM: CreateRole, https response error StatusCode: 400, name must be 5003 or less", False),
        ("Failed to write state: write errored.tfstate: no space left on device", True),
        ("open /tmp/x/terraform.tfstate: read-only file system", True),
        ("Failed to save state: open terraform.tfstate: permission denied", True),
        ("fork/exec .terraform/providers/aws: operation not permitted", True),
        ("api error AccessDenied: permission denied", False),
        ('expected description to be one of ["a"], got "no space left on device"', False),
    ],
)
def test_whose_fault_it_is(text: str, fault: bool) -> None:
    """Are an engine's inner errors, answers that were cut off and a full disk told apart from what AWS refuses?"""
    assert (machinery_fault([Diagnostic("error", "creating it", text)]) is not None) is fault


def test_a_learners_text_is_no_fault_of_the_machinery() -> None:
    """Can a learner's own error message pass for a dead endpoint, and a wrong answer for a grader's error?"""
    text = "https response error StatusCode: 0, dial tcp 127.0.0.1: connection refused"
    for summary in (
        "Resource precondition failed",
        "Resource postcondition failed",
        "Check block assertion failed",
        "Module output value precondition failed",
        "Invalid value for variable",
        f'expected key_usage to be one of ["SIGN_VERIFY"], got {text}',
        f'"kms_key_id" ({text}) is an invalid ARN: invalid prefix',
        "Invalid Attribute Value Match",
    ):
        assert machinery_fault([Diagnostic("error", summary, text)]) is None
    assert machinery_fault([Diagnostic("warning", "Plugin did not respond", "")]) is None
