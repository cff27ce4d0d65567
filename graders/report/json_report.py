"""The result JSON (schema 2): fields in the order of the models, the same bytes for the same results."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from graders.model import Results
from lab_env.errors import UsageError
from lab_env.files import PRIVATE, write_output
from lab_env.text import one_line

_EVIDENCE_ORDER = ("kind", "path", "line", "end_line", "cell", "address", "detail")
_INVISIBLE = re.compile("[\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def as_document(results: Results) -> dict[str, Any]:
    """``results`` as plain dicts and lists, in that order."""
    document = results.model_dump(mode="json", by_alias=True)
    for submission in document["submissions"]:
        for requirement in submission["requirements"]:
            requirement["evidence"] = [{key: row[key] for key in _EVIDENCE_ORDER} for row in requirement["evidence"]]
    return document


def dumps(results: Results) -> str:
    """The JSON text. Characters that are invisible or reorder a line are escaped, other letters stay readable."""
    text = json.dumps(as_document(results), ensure_ascii=False, indent=2)
    # Such a character can only be inside a string here, so its escape means the same.
    return _INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n"


def write(results: Results, path: Path) -> None:
    """Writes the JSON to ``path``, whole or not at all."""
    write_output(path, dumps(results), mode=PRIVATE)


def load(path: Path) -> Results:
    """Reads a file that :func:`write` wrote.

    :raises UsageError: it is not there, or it is no result JSON of schema 1 or 2.
    """
    try:
        return Results.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(
            f"Cannot read {path}: {error.strerror}.", next_step="Name a file that `lab grade --json` wrote."
        ) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the document"
        raise UsageError(
            f"{path} is no result file of schema 1 or 2: {where}: {first['msg']}.",
            next_step="Name a file that `lab grade --json` wrote.",
        ) from error
    except OverflowError as error:  # a number of hundreds of digits, which is none that could be divided
        raise UsageError(
            f"{path} is no result file of schema 1 or 2: a number in it is too large.",
            next_step="Name a file that `lab grade --json` wrote.",
        ) from error


def require_possible(results: Results, path: Path) -> None:
    """Whether each score is one that a grading can come to, before it goes into somebody's gradebook.

    :param path: the file that they are from, for the message.
    :raises UsageError: one is below 0 or above the maximum and every bonus.
    """
    for one in results.submissions:
        bonus = sum(adjustment.points for adjustment in one.adjustments if adjustment.points > 0)
        if one.score is not None and not 0 <= one.score <= one.max_score + bonus:
            raise UsageError(
                f"{path} holds a score that cannot be: {one_line(one.id)} has {one.score} of {one.max_score}.",
                next_step="Somebody changed the file: `lab verify` says where. Grade again.",
            )
