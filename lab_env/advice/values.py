"""A value as the learner wrote it, made into what HCL reads: text into quotes, pieces into one text."""

from __future__ import annotations

import re

REFERENCE = re.compile(
    r"(?<![\w.-])(?:var|local|module|each|path|self|count|data\.[a-z]\w*|ephemeral\.[a-z]\w*|aws_\w+)"
    r"(?:\.[A-Za-z_][\w-]*|\[(?:\d{1,9}|\"[^\"\]]{0,60}\")\])+"
)
_KNOWN_WORDS = frozenset({"true", "false", "null"})
TRUE = frozenset({"yes", "on", "1", "enabled", "enable", "y", "t"})
FALSE = frozenset({"no", "off", "0", "disabled", "disable", "n", "f"})
NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen".split()  # noqa: SIM905
    )
} | {"twenty": "20", "thirty": "30"}
"""Words for true, for false and for numbers, as people write them."""
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_JOINER = re.compile(r"\s*(?:\+|&|\.\.)\s*")
SEQUENCE = re.compile(r"\$\{[^{}\"]*\}")


def is_reference(text: str) -> bool:
    """Whether it is a reference and nothing else."""
    return REFERENCE.fullmatch(text) is not None


def is_expression(text: str) -> bool:
    """Whether Terraform would read it as something else than text."""
    return (
        text in _KNOWN_WORDS
        or _NUMBER.fullmatch(text) is not None
        or is_reference(text)
        or text[:1] in ("[", "{", "(", "<", "!")
        or re.match(r"[a-z_0-9]+\(", text) is not None
        or (text[:1] == '"' and text[-1:] == '"' and len(text) > 1)
    )


def as_text(value: str) -> str | None:
    """Words, texts, references and what joins them as one text in quotes; None where that is no text.

    >>> as_text('"alias/app-secrets-" + var.environment')
    '"alias/app-secrets-${var.environment}"'
    >>> as_text('aws_secretsmanager_secret.database.arn:password::')
    '"${aws_secretsmanager_secret.database.arn}:password::"'
    """
    made, at = [], 0
    while at < len(value):
        if value[at] == '"':
            end = _quote(value, at)
            if end is None:
                return None
            made.append(value[at + 1 : end])
            at = _behind(value, end + 1)
            continue
        if found := SEQUENCE.match(value, at):
            made.append(found[0])
            at = found.end()
        elif found := REFERENCE.match(value, at):
            made.append(f"${{{found[0]}}}")
            # A blank behind a reference is text's only where text follows.
            joined = _JOINER.match(value, found.end())
            at = joined.end() if joined else found.end()
            if value[at:].lstrip().startswith('"'):
                at = len(value) - len(value[at:].lstrip())
        elif (found := _JOINER.match(value, at)) and _joins(value, found):
            at = found.end()
        else:
            made.append("\\\\" if value[at] == "\\" else value[at])
            at += 1
    text = "".join(made).strip()
    return f'"{text}"' if text and "\n" not in text else None


def _joins(value: str, found: re.Match[str]) -> bool:
    """Whether a + stands between pieces, not in a name."""
    before, after = value[: found.start()].rstrip(), value[found.end() :]
    return before[-1:] in ('"', ")", "}") or after[:1] == '"' or REFERENCE.match(after) is not None


def _behind(value: str, at: int) -> int:
    """Past what joins a text to what follows it, or past the blanks in front of a reference."""
    joined = _JOINER.match(value, at)
    if joined and _joins(value, joined):
        return joined.end()
    rest = value[at:].lstrip()
    return len(value) - len(rest) if REFERENCE.match(rest) or rest.startswith('"') else at


def _quote(value: str, start: int) -> int | None:
    found = re.compile(r'(?:\\.|[^\\"])*+"').match(value, start + 1)
    return found.end() - 1 if found else None
