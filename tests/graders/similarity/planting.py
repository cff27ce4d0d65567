"""Copies in disguise: what somebody does to another's files so that they look like work of their own.

A disguise takes files by path and gives files by path. It works on places that the project's parser names, so that
what comes out is still HCL, and draws from the generator that it is given, so that a copy is the same in every run.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from lab_env.hcl import Attribute, Block, Body, Expression, Literal, Object, Template, children, parse
from lab_env.submission import SourceFile, Submission
from solutions.corpus import Case

Files = Mapping[str, str]
Disguise = Callable[[Files, random.Random], dict[str, str]]

_SYLLABLES = ("ka", "lo", "mi", "ne", "ru", "sa", "ti", "vo", "ze", "pa")
_PREFIX = {"resource": "", "data": "data.", "ephemeral": "ephemeral.", "variable": "var.", "module": "module."}
_FIXED = re.compile(r"[\w-]+:.*|.*\.amazonaws\.com|aws_.*|\.{0,2}/.*|[A-Z]+", re.DOTALL)


def seeded(seed: object) -> random.Random:
    """A generator of a disguise's choices."""
    return random.Random(str(seed))  # noqa: S311 - nothing here is a secret


def files_of(case: Case) -> dict[str, str]:
    """A case's ``.tf`` files as text."""
    return {path: data.decode() for path, data in case.files.items() if path.endswith(".tf")}


def submission(id: str, files: Files) -> Submission:
    """Files as a loaded submission."""
    made = tuple(SourceFile(path, text.encode()) for path, text in sorted(files.items()))
    return Submission(id, f"sha256:{id}", made, "modules/secrets")


def renamed(files: Files, rng: random.Random) -> dict[str, str]:
    """Every label, variable, local value and output has another name, and every free text other words."""
    names: dict[str, str] = {}
    for path, text in files.items():
        for block in parse(path, text).blocks:
            if block.type == "locals":
                names |= {f"local.{name}": _word(rng) for name in block.body.attributes}
            elif block.type in _PREFIX and block.labels != ("environment",):
                names[_PREFIX[block.type] + ".".join(block.labels)] = _word(rng)
    return {path: _rewritten(path, text, names, rng) for path, text in files.items()}


def _rewritten(path: str, text: str, names: Mapping[str, str], rng: random.Random) -> str:
    body = parse(path, text)
    edits: list[tuple[int, int, str]] = []
    for block in body.blocks:
        address = _PREFIX.get(block.type, "") + ".".join(block.labels)
        if address in names:
            header = text[block.header.start : block.header.end]
            edits.append((block.header.start, block.header.end, _relabelled(header, block.labels[-1], names[address])))
        elif block.type == "output":
            header = text[block.header.start : block.header.end]
            edits.append((block.header.start, block.header.end, _relabelled(header, block.labels[-1], _word(rng))))
        elif block.type == "locals":
            for attribute in block.body.attributes.values():
                start = attribute.span.start
                edits.append((start, start + len(attribute.name), names[f"local.{attribute.name}"]))
    for literal in _texts(body):
        written = text[literal.span.start : literal.span.end]
        inside = written.strip('"')
        if (
            len(inside) > 5
            and ("-" in inside or " " in inside)
            and not _FIXED.fullmatch(inside)
            and "\n" not in written
        ):
            new = re.sub(r"[a-z]{4,}", lambda _: _word(rng), inside)
            edits.append((literal.span.start, literal.span.end, written.replace(inside, new)))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    for old, new in names.items():
        *front, _ = old.split(".")
        text = re.sub(rf"(?<![\w.]){re.escape(old)}(?![\w-])", ".".join((*front, new)), text)
    return text


def _relabelled(header: str, old: str, new: str) -> str:
    at = header.rindex(old)
    return header[:at] + new + header[at + len(old) :]


def _texts(body: Body) -> list[Literal]:
    found: list[Literal] = []
    pending: list[Expression] = list(body.expressions())
    while pending:
        expression = pending.pop()
        if isinstance(expression, Literal) and isinstance(expression.value, str):
            found.append(expression)
        if not isinstance(expression, Template) or expression.span.line == expression.span.end_line:
            # The keys of an object are the schema's words.
            pending += [i.value for i in expression.items] if isinstance(expression, Object) else children(expression)
    return [literal for literal in found if literal.span.end > literal.span.start]


def _word(rng: random.Random) -> str:
    return "".join(rng.choice(_SYLLABLES) for _ in range(4))


def reordered(files: Files, rng: random.Random) -> dict[str, str]:
    """Blocks of a file, and arguments and blocks inside a block, stand in another order; comments are lost."""
    return {path: "\n".join(_shuffled(text, parse(path, text), rng)) + "\n" for path, text in files.items()}


def _shuffled(text: str, body: Body, rng: random.Random) -> list[str]:
    items: list[Attribute | Block] = [*body.attributes.values(), *body.blocks]
    rng.shuffle(items)
    lines: list[str] = []
    for item in items:
        if isinstance(item, Attribute):
            lines.append(text[item.span.start : item.span.end].rstrip())
        else:
            header = text[item.header.start : item.header.end].rstrip()
            inside = "\n".join(_shuffled(text, item.body, rng))
            lines.append(f"{header} {{\n{inside}\n}}")
    return lines


def reformatted(files: Files, rng: random.Random) -> dict[str, str]:
    """Other indentation, other alignment, blank lines, Windows line ends."""
    out = {}
    for path, text in files.items():
        lines, heredoc = [], ""
        for line in text.split("\n"):
            if heredoc or "<<" in line:
                lines.append(line)
                heredoc = "" if line.strip() == heredoc else heredoc or line.rsplit("<<", 1)[1].strip("- \r")
                continue
            depth = (len(line) - len(line.lstrip(" "))) // 2
            lines.append(
                "\t" * depth + re.sub(r"  +", " ", line.strip()).replace(" = ", "=" if rng.random() < 0.5 else "   = ")
            )
            if rng.random() < 0.2:
                lines.append("")
        out[path] = "\r\n".join(lines) if "<<" not in text else "\n".join(lines)
    return out


def recommented(files: Files, rng: random.Random) -> dict[str, str]:
    """Every comment is gone and each block has a new one."""
    out = {}
    for path, text in files.items():
        body = parse(path, text)
        edits = [(c.span.start, c.span.end, "\n" if c.text.startswith(("#", "//")) else "") for c in body.comments]
        edits += [(b.span.start, b.span.start, f"# {_word(rng)} {_word(rng)} {_word(rng)}\n") for b in body.blocks]
        for start, end, new in sorted(edits, reverse=True):
            text = text[:start] + new + text[end:]
        out[path] = text
    return out


def split(files: Files, rng: random.Random) -> dict[str, str]:
    """Each block has a file of its own."""
    out: dict[str, str] = {}
    for path, text in files.items():
        for block in parse(path, text).blocks:
            new = str(Path(path).with_name(f"{len(out):02}-{_word(rng)}.tf"))
            out[new] = text[block.span.start : block.span.end] + "\n"
    return out


def merged(files: Files, rng: random.Random) -> dict[str, str]:
    """All files of a directory are one, in another order."""
    out: dict[str, str] = {}
    paths = list(files)
    rng.shuffle(paths)
    for path in paths:
        target = str(Path(path).with_name("everything.tf"))
        out[target] = out.get(target, "") + files[path].rstrip() + "\n\n"
    return out


def everything(files: Files, rng: random.Random) -> dict[str, str]:
    """All at once."""
    for disguise in (recommented, renamed, reordered, reformatted, split):
        files = disguise(files, rng)
    return dict(files)


DISGUISES: Mapping[str, Disguise] = {
    one.__name__: one for one in (renamed, reordered, reformatted, recommented, split, merged, everything)
}
