"""The page of all mistakes, from what the last run heard."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from graders.quality.mistakes.run import Heard, advised
from graders.quality.mistakes.table import Mistake
from lab_env.advice import Advice

PAGE = Path(__file__).resolve().parents[3] / "docs" / "beginners-mistakes.md"
_LONGEST = 160

_HEAD = """# Beginners' mistakes

Written by `python -m graders.quality.mistakes` from a run: each of these {count} mistakes was put into the reference solution, and
what Terraform, the gate or AWS said to it was noted. Beside that stands what the lab says: in `%%hcl`, `%terraform`, `%lab_check`
and `lab check`, in reports, in nbgrader's feedback and in the result JSON (`advice`). For {lines} of them it also says the line put
right; that line was written into the file, and the error was gone. A line that would answer what a requirement asks for is no part
of it: that is what hints are for.

`lab_env/advice/` has a small rule for each kind of error. It is given the error, the learner's own files and the provider's schema,
and guesses at no value: where nobody can know what was meant, it says what the error means and no line.
"""


def page(mistakes: Sequence[Mistake], heard: Mapping[str, Heard]) -> str:
    """The page's text."""
    said = [(mistake, heard[mistake.id], advised(mistake, heard[mistake.id])) for mistake in mistakes]
    lines = sum(1 for _, _, found in said if found.line is not None)
    parts = [_HEAD.format(count=len(said), lines=lines).rstrip()]
    for part in dict.fromkeys(mistake.part for mistake in mistakes):
        parts.append(f"\n## {part}\n")
        parts.append("| mistake | the line | what is said to it | what it means | put right |\n|---|---|---|---|---|")
        parts += [_row(mistake, one, found) for mistake, one, found in said if mistake.part == part]
    return "\n".join(parts) + "\n"


def _row(mistake: Mistake, heard: Heard, found: Advice) -> str:
    first = heard.said[0]
    place = f" (line {first.line})" if first.line is not None else ""
    words = f"{first.summary}: {first.detail}" if first.detail else first.summary
    words = words if len(words) <= _LONGEST else f"{words[:_LONGEST].rstrip()} …"
    cells = (
        _text(mistake.what),
        _code(mistake.wrote) if mistake.wrote.strip() else "–",
        f"{_text(words)}{place}",
        _text(found.means),
        "<br>".join(_put_right(found)) or "–",
    )
    return f"| {' | '.join(cells)} |"


def _put_right(found: Advice) -> Iterator[str]:
    for line in (found.line or "").split("\n"):
        if line.strip():
            yield _code(line)


def _code(text: str) -> str:
    """Code in a table's cell: a bar ends the cell even there, and the fence is longer than any in it."""
    shown = " ".join(text.split()).replace("|", "\\|")
    longest = max((len(run) for run in re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def _text(text: str) -> str:
    """A sentence in a table's cell: nothing in it is a tag, an emphasis or the end of the cell."""
    for character in "\\`*_[]|$":
        text = text.replace(character, f"\\{character}")
    return text.replace("<", "&lt;").replace(">", "&gt;")
