"""The JSON Schema of the result JSON, generated from the models. ``python -m graders.report.schema`` writes it again."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from graders.model import Results

_FILE = "result.schema.json"


def document() -> dict[str, Any]:
    """The schema (JSON Schema, draft 2020-12) that the models say."""
    schema = Results.model_json_schema(by_alias=True, mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Secrets Lab results, schema 2",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def shipped() -> dict[str, Any]:
    """The schema file of the package."""
    loaded: dict[str, Any] = json.loads(files("graders.report").joinpath(_FILE).read_text(encoding="utf-8"))
    return loaded


def dumps() -> str:
    """The text of the schema file."""
    return json.dumps(document(), indent=2) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name(_FILE).write_text(dumps(), encoding="utf-8")
