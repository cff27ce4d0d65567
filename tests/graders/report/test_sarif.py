"""SARIF 2.1.0: held against a schema written from the specification for the parts in use, and safe whatever a learner wrote."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.model import Evidence, PolicyInfo, Results, Status
from graders.report import sarif_report
from tests.graders.report import samples

_BAG = {"type": "object"}  # 3.8 property bag
_MESSAGE = {  # 3.11
    "type": "object",
    "properties": {"text": {"type": "string", "minLength": 1}},
    "required": ["text"],
    "additionalProperties": False,
}
_LOCATION = {  # 3.28
    "type": "object",
    "properties": {
        "id": {"type": "integer", "minimum": 0},
        "physicalLocation": {  # 3.29
            "type": "object",
            "properties": {
                "artifactLocation": {  # 3.4
                    "type": "object",
                    "properties": {"uri": {"type": "string", "format": "uri-reference", "minLength": 1}},
                    "required": ["uri"],
                    "additionalProperties": False,
                },
                "region": {  # 3.30
                    "type": "object",
                    "properties": {
                        "startLine": {"type": "integer", "minimum": 1},
                        "endLine": {"type": "integer", "minimum": 1},
                    },
                    "required": ["startLine"],
                    "additionalProperties": False,
                },
            },
            "required": ["artifactLocation"],
            "additionalProperties": False,
        },
        "logicalLocations": {  # 3.33
            "type": "array",
            "uniqueItems": True,
            "items": {
                "type": "object",
                "properties": {"fullyQualifiedName": {"type": "string"}, "kind": {"type": "string"}},
                "additionalProperties": False,
            },
        },
        "message": _MESSAGE,
        "properties": _BAG,
    },
    "additionalProperties": False,
}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}  # 3.27.10
SCHEMA = {
    "type": "object",
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},  # 3.13.2
        "runs": {
            "type": "array",
            "items": {  # 3.14
                "type": "object",
                "properties": {
                    "tool": {  # 3.18
                        "type": "object",
                        "properties": {
                            "driver": {  # 3.19
                                "type": "object",
                                "properties": {
                                    "name": {"type": "string"},
                                    "version": {"type": "string"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {  # 3.49
                                            "type": "object",
                                            "properties": {
                                                "id": {"type": "string"},
                                                "shortDescription": _MESSAGE,
                                                "help": _MESSAGE,
                                                "properties": _BAG,
                                            },
                                            "required": ["id", "shortDescription", "help"],
                                            "additionalProperties": False,
                                        },
                                    },
                                },
                                "required": ["name"],
                                "additionalProperties": False,
                            }
                        },
                        "required": ["driver"],
                        "additionalProperties": False,
                    },
                    "invocations": {
                        "type": "array",
                        "items": {  # 3.20
                            "type": "object",
                            "properties": {
                                "executionSuccessful": {"type": "boolean"},
                                "toolExecutionNotifications": {
                                    "type": "array",
                                    "items": {  # 3.58
                                        "type": "object",
                                        "properties": {
                                            "level": _LEVEL,
                                            "message": _MESSAGE,
                                            "locations": {"type": "array", "items": _LOCATION},
                                        },
                                        "required": ["message"],
                                        "additionalProperties": False,
                                    },
                                },
                            },
                            "required": ["executionSuccessful"],
                            "additionalProperties": False,
                        },
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {
                        "type": "array",
                        "items": {  # 3.27
                            "type": "object",
                            "properties": {
                                "ruleId": {"type": "string"},
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "kind": {"const": "fail"},
                                "level": _LEVEL,
                                "message": _MESSAGE,
                                "locations": {"type": "array", "minItems": 1, "maxItems": 1, "items": _LOCATION},
                                "relatedLocations": {"type": "array", "uniqueItems": True, "items": _LOCATION},
                                "partialFingerprints": {
                                    "type": "object",
                                    "additionalProperties": {"type": "string"},
                                    "minProperties": 1,
                                },
                                "properties": _BAG,
                            },
                            "required": ["message", "ruleId", "locations", "partialFingerprints"],
                            "additionalProperties": False,
                        },
                    },
                    "properties": _BAG,
                },
                "required": ["tool"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["version", "runs"],
    "additionalProperties": False,
}
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
_RELATIVE = re.compile(r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2}|/)+")  # RFC 3986, 4.2: path-noscheme, all else encoded


def run(results: Results) -> dict[str, Any]:
    """The one run, after the whole log was checked."""
    document = json.loads(sarif_report.dumps(results))
    VALIDATOR.validate(document)
    (one,) = document["runs"]
    for result in one["results"]:
        assert one["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        for place in (*result["locations"], *result.get("relatedLocations", ())):
            uri = place["physicalLocation"]["artifactLocation"]["uri"]
            assert _RELATIVE.fullmatch(uri), uri
            assert not urlsplit(uri).scheme
            assert not uri.startswith("/")
            region = place["physicalLocation"].get("region")
            assert region is None or region["startLine"] <= region["endLine"]
    return dict(one)


def failing(id_: str = "ann", points: int = 4, **texts: Any) -> Results:
    row = samples.row("kms.key", Status.FAIL, points=points, **texts)
    rest = samples.row("kms.alias", Status.PASS, points=100 - points)
    return samples.results(samples.submission(id_, (row, rest)))


def test_every_status_is_valid() -> None:
    """Does a class with everything in it pass the schema, with a rule a requirement and a result a failed one?"""
    one = run(samples.results())
    assert [rule["id"] for rule in one["tool"]["driver"]["rules"]] == [row.id for row in samples.rows()]
    assert [(result["properties"]["submission"][:12], result["ruleId"]) for result in one["results"]] == [
        ("amara-okafor", "kms.deletion_window"),
        ("amara-okafor", "kms.alias"),
        ("amara-okafor", "iam.least_privilege"),
        ("chiara-rossi", "module.valid"),
        ("<script>aler", "kms.key"),
    ]


def test_results_are_at_the_learners_lines() -> None:
    """Is the first cited line the location, and are the others related?"""
    seen = (
        Evidence(kind="api", detail="DescribeKey"),
        Evidence(
            kind="hcl", path="modules/secrets/kms.tf", line=3, end_line=5, address="module.secrets.x.y", detail="d"
        ),
        Evidence(kind="hcl", path="modules/secrets/iam.tf", line=7, cell=2, detail="e"),
        Evidence(kind="hcl", path="terraform.tfvars", detail="f"),
    )
    (result,) = run(failing(evidence=seen))["results"]
    first = result["locations"][0]
    assert first["physicalLocation"] == {
        "artifactLocation": {"uri": "ann/modules/secrets/kms.tf"},
        "region": {"startLine": 3, "endLine": 5},
    }
    assert first["logicalLocations"] == [{"fullyQualifiedName": "module.secrets.x.y", "kind": "resource"}]
    related = result["relatedLocations"]
    assert [place["physicalLocation"].get("region") for place in related] == [{"startLine": 7, "endLine": 7}, None]
    assert related[0]["properties"] == {"notebookCell": 2}


def test_what_was_seen_outside_the_files() -> None:
    """Has a result without a line still a place: the submission, and the address where there is one?"""
    seen = (Evidence(kind="plan", address="module.secrets.x.y", detail="d"), Evidence(kind="drill", detail="e"))
    (result,) = run(failing(evidence=seen))["results"]
    assert result["locations"] == [
        {
            "physicalLocation": {"artifactLocation": {"uri": "ann"}},
            "logicalLocations": [{"fullyQualifiedName": "module.secrets.x.y", "kind": "resource"}],
        }
    ]


@pytest.mark.parametrize(("points", "level"), [(7, "error"), (5, "error"), (4, "warning"), (3, "warning"), (2, "note")])
def test_levels_follow_the_points(points: int, level: str) -> None:
    """Is a failure's level its share of the maximum?"""
    assert run(failing(points=points))["results"][0]["level"] == level


@pytest.mark.parametrize(
    ("id_", "path", "uri"),
    [
        ("mia/extra", "a b/ü.tf", "mia/extra/a%20b/%C3%BC.tf"),
        ("http://x", "100%.tf", "http%3A/x/100%25.tf"),
        ("/srv/ann", "x?y#z.tf", "srv/ann/x%3Fy%23z.tf"),
        ("..", "../../etc/passwd", "%E2%9F%A8..%E2%9F%A9/%E2%9F%A8..%E2%9F%A9/%E2%9F%A8..%E2%9F%A9/etc/passwd"),
        ("a\\b", "😀.tf", "a%5Cb/%F0%9F%98%80.tf"),
    ],
)
def test_names_are_percent_encoded(id_: str, path: str, uri: str) -> None:
    """Is any name one relative address that stays below the submission?"""
    one = run(failing(id_, evidence=(Evidence(kind="hcl", path=path, line=1, detail="d"),)))
    assert one["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_message_text_is_no_syntax() -> None:
    """Are braces doubled (3.11.5), and a link that a learner wrote no link (3.11.6)?"""
    assert run(failing(message="use ${var.environment}"))["results"][0]["message"]["text"].startswith(
        "use ${{var.environment}}"
    )
    text = run(failing(message="see [here](https://evil.example) [x]"))["results"][0]["message"]["text"]
    assert text.startswith(r"see \[here\](https://evil.example) \[x\]")
    assert run(failing(message='["a"] (b)'))["results"][0]["message"]["text"].startswith('["a"] (b)')


def test_fingerprints_survive_a_moved_line() -> None:
    """Is the same failure the same when lines move or the words change, and another one another?"""

    def fingerprint(id_: str = "ann", line: int = 3, path: str = "kms.tf", **texts: Any) -> str:
        seen = (Evidence(kind="hcl", path=path, line=line, address="a.b", detail="d"),)
        (result,) = run(failing(id_, evidence=seen, **texts))["results"]
        return str(result["partialFingerprints"]["secretsLab/v1"])

    assert fingerprint() == fingerprint(line=99) == fingerprint(message="Other words.")
    assert len({fingerprint(), fingerprint("bob"), fingerprint(path="x.tf")}) == 3


def test_what_stopped_the_grader_is_a_notification() -> None:
    """Are an error, an unreadable and a refused submission notifications, and the run unsuccessful only for our fault?"""
    (invocation,) = run(samples.results())["invocations"]
    assert invocation["executionSuccessful"] is False
    told = invocation["toolExecutionNotifications"]
    assert [(one["level"], one["message"]["text"].partition(":")[0]) for one in told] == [
        ("warning", "chiara-rossi"),
        ("warning", "dmitri-volkov"),
        ("error", "emi-tanaka"),
    ]
    assert run(failing())["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_rules_carry_help_and_the_policy_is_shown() -> None:
    """Has every rule a help text with its points, and the run the policy's sentences?"""
    info = PolicyInfo(name="p.yaml", digest="sha256:" + "0" * 64, lines=("Switched off: kms.tags.",))
    one = run(failing(title="The key is there", hint="Look at aws_kms_key.").model_copy(update={"policy": info}))
    assert one["tool"]["driver"]["rules"][0]["help"]["text"] == "The key is there. Worth 4 points. Look at aws_kms_key."
    assert one["properties"]["policy"] == ["Switched off: kms.tags."]


@given(st.text(min_size=1))
def test_any_text_is_valid(text: str) -> None:
    """Does any text whatever, in every place, give a valid log that shows it?"""
    seen = (Evidence(kind="hcl", path=text, line=1, address=text, detail=text or "d"),)
    one = run(failing(text, message=text, observed=text, title=text, evidence=seen))
    uri = one["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(uri, errors="replace") is not None
    assert not set(sarif_report.dumps(failing(text, message=text))) & set("\x00\x1b\x7f\x9b\u202e\u200b\u2028")


def test_the_same_results_the_same_bytes(tmp_path: Path) -> None:
    """Is the file the same twice, and what dumps gives?"""
    sarif_report.write(samples.results(), tmp_path / "a.sarif")
    sarif_report.write(samples.results(), tmp_path / "b.sarif")
    assert (tmp_path / "a.sarif").read_bytes() == (tmp_path / "b.sarif").read_bytes()
    assert (tmp_path / "a.sarif").read_text(encoding="utf-8") == sarif_report.dumps(samples.results())
