"""SARIF 2.1.0 (OASIS), for editors and code scanning: every ``fail`` at the learner's own lines.

One run. A rule is a requirement; a result is a failed one, at ``<submission>/<path>`` with percent-encoded names; what
stopped the grader is a notification of the invocation, not a result.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from graders.marking.wording import Wording, for_all
from graders.model import Evidence, RequirementResult, Results, Status, SubmissionResult, SubmissionStatus
from lab_env.files import PRIVATE, write_output
from lab_env.text import counted, visible

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINGERPRINT = "secretsLab/v1"
_LINK = re.compile(r"\[[^\[\]]*\]\(")
_ERROR_SHARE, _WARNING_SHARE = 0.05, 0.03  # of the maximum: 5 and 3 of 100 points


def as_document(results: Results, *, alone: bool = False) -> dict[str, Any]:
    """The SARIF log as plain dicts and lists.

    :param alone: the one submission is a repository of its own, so paths are those in it, without its name before them.
    """
    rows = {row.id: row for one in results.submissions for row in one.requirements}
    index = {id_: number for number, id_ in enumerate(rows)}
    wordings = for_all(results.submissions)
    rules = [
        _rule([row for one in results.submissions for row in one.requirements if row.id == id_], wordings.get(id_))
        for id_ in rows
    ]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "Secrets Lab", "version": results.versions.grader, "rules": rules}},
                "invocations": [_invocation(results, alone)],
                "results": [
                    _result(one, row, index[row.id], "" if alone else one.id)
                    for one in results.submissions
                    for row in one.requirements
                    if row.status is Status.FAIL
                ],
                "columnKind": "unicodeCodePoints",
                "properties": {"rubric": _plain(results.rubric)} | _policy(results),
            }
        ],
    }


def dumps(results: Results, *, alone: bool = False) -> str:
    """The JSON text, the same for the same results.

    :param alone: the one submission is a repository of its own.
    """
    return json.dumps(as_document(results, alone=alone), ensure_ascii=False, indent=2) + "\n"


def write(results: Results, path: Path) -> None:
    """Writes the SARIF log to ``path``, whole or not at all."""
    write_output(path, dumps(results), mode=PRIVATE)


def _rule(rows: list[RequirementResult], wording: Wording | None) -> dict[str, Any]:
    first = rows[0]
    title = first.title if wording is None else wording.title
    # A hint is shown where somebody needs it, and only there.
    hint = next((row.hint if wording is None else wording.hint for row in rows if row.hint), "")
    told = f"{title}. Worth {counted(first.points, 'point')}."
    return {
        "id": _plain(first.id),
        "shortDescription": {"text": _message(title)},
        "help": {"text": _message(f"{told} {hint}" if hint else told)},
        "properties": {"tags": [_plain(first.step)], "points": first.points},
    }


def _result(one: SubmissionResult, row: RequirementResult, index: int, root: str) -> dict[str, Any]:
    lines = [seen for seen in row.evidence if seen.path is not None]
    places = [_place(root, seen) for seen in lines] or [_somewhere(root, row.evidence)]
    result: dict[str, Any] = {
        "ruleId": _plain(row.id),
        "ruleIndex": index,
        "kind": "fail",
        "level": _level(row.points, one.max_score),
        "message": {"text": _message(_said(row))},
        "locations": places[:1],
        "partialFingerprints": {_FINGERPRINT: _fingerprint(one.id, row, lines)},
        "properties": {"submission": _plain(one.id), "points": row.points},
    }
    if places[1:]:
        result["relatedLocations"] = [{"id": number, **place} for number, place in enumerate(places[1:], start=1)]
    return result


def _said(row: RequirementResult) -> str:
    means = row.advice.means if row.advice is not None else ""
    seen = (("Found", row.observed), ("Expected", row.expected), ("What this usually means", means))
    return " ".join([row.message, *(f"{word}: {text.rstrip('.')}." for word, text in seen if text)])


def _place(root: str, seen: Evidence) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": _address(root, seen.path or "")}}
    if seen.line is not None:
        physical["region"] = {"startLine": seen.line, "endLine": max(seen.line, seen.end_line or seen.line)}
    place: dict[str, Any] = {"physicalLocation": physical, "message": {"text": _message(seen.detail)}}
    if seen.address:
        place["logicalLocations"] = [{"fullyQualifiedName": _plain(seen.address), "kind": "resource"}]
    if seen.cell is not None:
        place["properties"] = {"notebookCell": seen.cell}
    return place


def _somewhere(root: str, evidence: Iterable[Evidence]) -> dict[str, Any]:
    """What was seen outside the files: the submission as a whole, and the address where there is one."""
    place: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": _address(root)}}}
    addresses = list(dict.fromkeys(seen.address for seen in evidence if seen.address))
    if addresses:
        place["logicalLocations"] = [
            {"fullyQualifiedName": _plain(address), "kind": "resource"} for address in addresses
        ]
    return place


def _invocation(results: Results, alone: bool) -> dict[str, Any]:
    levels = {
        SubmissionStatus.ERROR: "error",
        SubmissionStatus.UNGRADABLE: "warning",
        SubmissionStatus.REJECTED: "warning",
    }
    told = [
        {
            "level": levels[one.status],
            "message": {"text": _message(f"{one.id}: {one.status.value}: {one.reason or 'no reason given'}")},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": _address("" if alone else one.id)}}}],
        }
        for one in results.submissions
        if one.status in levels
    ]
    faults = any(one.status is SubmissionStatus.ERROR for one in results.submissions)
    return {"executionSuccessful": not faults, "toolExecutionNotifications": told}


def _policy(results: Results) -> dict[str, Any]:
    return {"policy": [_plain(line) for line in results.policy.lines]} if results.policy is not None else {}


def _level(points: float, max_score: float) -> str:
    share = points / max_score if max_score else 0
    return "error" if share >= _ERROR_SHARE else "warning" if share >= _WARNING_SHARE else "note"


def _fingerprint(id_: str, row: RequirementResult, lines: list[Evidence]) -> str:
    """The same while the same thing is wrong: of submission, requirement, file and address, but of no line number."""
    first = lines[0] if lines else None
    parts = (id_, row.id, (first.path if first else None) or "", (first.address if first else None) or "")
    total = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()


def _address(root: str, path: str = "") -> str:
    """Where a file of a submission is.

    :param root: the submission's name; empty where the submission is all there is.
    """
    return "/".join(part for part in (_uri(root), _uri(path)) if part) or "."


def _uri(path: str) -> str:
    """A relative reference (RFC 3986): every segment percent-encoded, none empty, none that climbs."""
    segments = (f"⟨{part}⟩" if part in (".", "..") else part for part in path.split("/") if part)
    return "/".join(quote(part, safe="", errors="surrogatepass") for part in segments)


def _plain(text: str) -> str:
    return visible(text)


def _message(text: str) -> str:
    """A message string: braces doubled, since single ones are placeholders (3.11.5), and no link made by a learner (3.11.6)."""
    shown = visible(text).replace("{", "{{").replace("}", "}}")
    if _LINK.search(shown):
        shown = shown.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return shown
