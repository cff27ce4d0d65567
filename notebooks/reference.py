"""The reference's text for an answer cell, so that the course's solutions are the ones that the rubric is tried on."""

from __future__ import annotations

from pathlib import Path

from lab_env.errors import RubricError
from lab_env.hcl import Block, parse

REFERENCE = Path(__file__).resolve().parent.parent / "solutions" / "reference"


def solution_text(file: str, blocks: tuple[str, ...] = (), *, reference: Path = REFERENCE) -> str:
    """Read a file of the reference, or blocks of it in the given order, each with the comment that stands above it.

    :param file: relative to the reference, such as ``modules/secrets/kms.tf``.
    :param blocks: addresses, such as ``aws_kms_key.secrets``; the whole file without them.
    :return: without a line end at the end.
    :raises RubricError: there is no such file or block.
    """
    try:
        text = (reference / file).read_text(encoding="utf-8")
    except OSError:
        raise RubricError(f"The reference has no file {file}.", next_step="Correct the lesson's solution=…") from None
    if not blocks:
        return text.strip("\n")
    found = {block.address: block for block in parse(file, text).blocks}
    for address in blocks:
        if address not in found:
            known = ", ".join(found)
            raise RubricError(f"{file} of the reference has no block {address}.", next_step=f"It has {known}.")
    lines = text.split("\n")
    return "\n\n".join("\n".join(_with_comment(lines, found[address])) for address in blocks)


def _with_comment(lines: list[str], block: Block) -> list[str]:
    first = block.span.line - 1
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return lines[first : block.span.end_line]
