"""What the platforms document of their result files, as JSON Schemas in our own words; and what a schema cannot say.

Gradescope: autograder documentation, "Autograder Specifications". PrairieLearn: "External grading", "Grading results".
Classroom 50: wiki, "Advanced Autograding", "The result.json contract", and what its runner refuses.
"""

from __future__ import annotations

from typing import Any

import jsonschema

_TEXT = {"type": "string"}
_NUMBER = {"type": "number"}
_FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
_VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}

GRADESCOPE = {
    "type": "object",
    "properties": {
        "score": _NUMBER,
        "execution_time": _NUMBER,
        "output": _TEXT,
        "output_format": _FORMAT,
        "test_output_format": _FORMAT,
        "test_name_format": _FORMAT,
        "visibility": _VISIBILITY,
        "stdout_visibility": _VISIBILITY,
        "extra_data": {"type": "object"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "score": _NUMBER,
                    "max_score": _NUMBER,
                    "status": {"enum": ["passed", "failed"]},
                    "name": _TEXT,
                    "name_format": _FORMAT,
                    "number": _TEXT,
                    "output": _TEXT,
                    "output_format": _FORMAT,
                    "tags": {"type": "array", "items": _TEXT},
                    "visibility": _VISIBILITY,
                    "extra_data": {"type": "object"},
                },
                "additionalProperties": False,
            },
        },
        "leaderboard": {"type": "array"},
    },
    "anyOf": [{"required": ["score"]}, {"required": ["tests"]}],
    "additionalProperties": False,
}

_IMAGES = {"type": "array", "items": {"type": "object", "required": ["url"]}}
PRAIRIELEARN = {
    "type": "object",
    "properties": {
        "gradable": {"type": "boolean"},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "message": _TEXT,
        "output": _TEXT,
        "images": _IMAGES,
        "format_errors": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "name": _TEXT,
                    "description": _TEXT,
                    "points": _NUMBER,
                    "max_points": _NUMBER,
                    "message": _TEXT,
                    "output": _TEXT,
                    "images": _IMAGES,
                },
                # Without the points of one, PrairieLearn shows those of none.
                "required": ["points", "max_points"],
                "additionalProperties": False,
            },
        },
    },
    "if": {"properties": {"gradable": {"const": False}}, "required": ["gradable"]},
    "else": {"required": ["score"]},
    "additionalProperties": False,
}
PRAIRIELEARN_BYTES = 1_000_000
"""The longest file that PrairieLearn takes."""

_WHOLE = {"type": "integer", "minimum": 0}
_SAID = {"type": "string", "minLength": 1}
_TIME = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
CLASSROOM50 = {
    "type": "object",
    "properties": {
        "schema": {"const": "classroom50/result/v1"},
        "classroom": _SAID,
        "assignment": _SAID,
        "assignment_type": {"enum": ["individual", "group", "team"]},
        "owner": _SAID,
        "submission": {"type": "string", "pattern": "^submit/"},
        "commit": _SAID,
        "release": _SAID,
        "review": _SAID,
        "datetime": _TIME,
        "graded_at": _TIME,
        "score": _WHOLE,
        "max-score": _WHOLE,
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"test-name": _SAID, "passed": {"type": "boolean"}, "score": _WHOLE, "max-score": _WHOLE},
                "required": ["test-name", "passed", "score", "max-score"],
            },
        },
    },
    "required": [
        "schema", "classroom", "assignment", "assignment_type", "owner", "submission", "commit", "release", "review",
        "datetime", "score", "max-score", "tests",
    ],
    "additionalProperties": False,
}  # fmt: skip


def check_gradescope(document: dict[str, Any]) -> None:
    """As documented: without points at the top each test needs its own."""
    jsonschema.validate(document, GRADESCOPE)
    assert "score" in document or all("score" in test for test in document["tests"])


def check_prairielearn(document: dict[str, Any]) -> None:
    jsonschema.validate(document, PRAIRIELEARN)


def check_classroom50(document: dict[str, Any], classroom: str, assignment: str, owner: str) -> None:
    """What the runner refuses beyond the shape: another identity, more points than there are."""
    jsonschema.validate(document, CLASSROOM50)
    assert (document["classroom"], document["assignment"], document["owner"]) == (classroom, assignment, owner)
    for part in (document, *document["tests"]):
        assert part["score"] <= part["max-score"]
