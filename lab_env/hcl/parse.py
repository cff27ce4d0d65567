"""Text -> :class:`Body`."""

from __future__ import annotations

import functools
import re

from lab_env.errors import SubmissionError
from lab_env.hcl.model import Body, Expression, HclSyntaxError

# The parser's time grows with the square of how many items stand side by side, and of a run of blank characters in a
# heredoc; these bounds keep the worst file below a second or two, and are fifty times what the lesson's module has.
MAX_ITEMS = 5_000
MAX_BLANKS = 2_000
# Of words and signs: a line of dots, operators or comments has no items, and costs as much. The largest right design has 1,300.
MAX_PIECES = 12_000
# Of ${ and %{: each one in a heredoc is parsed by itself.
MAX_SEQUENCES = 1_000
_ALONE = re.compile(r"\r(?!\n)")
_ITEM_MARKS = {"\n": "lines", ",": "commas", "=": "equals signs", "{": "braces"}
_PIECE = re.compile(r"\w+|[#=*-]+|[^\w\s]")  # a ruled line in a comment is one
_OPENING_MARKER = re.compile(r"<<-?([^\W\d][\w.-]*)\r?\n")
_CLOSING_MARKER = re.compile(r"^([ \t]*([^\W\d][\w.-]*))([ \t]+)(?=\r?$)", re.MULTILINE)


@functools.lru_cache(maxsize=256)
def parse(path: str, text: str) -> Body:
    """Parse one file.

    :param path: the file's path in the submission, for spans and errors.
    :param text: its text; a byte order mark is passed over, as Terraform does.
    :raises HclSyntaxError: it is not HCL; with file and line.
    :raises SubmissionError: it is nested too deep to be read.
    """
    from lab_env.hcl.convert import Converter
    from lab_env.hcl.grammar import lark_tree

    text = text.removeprefix("\ufeff")
    _check_limits(path, text)
    try:
        return Converter(path).file(lark_tree(path, _tidy_markers(text) + "\n"))
    except RecursionError:
        raise SubmissionError(
            f"{path} is nested too deep to be read.", next_step="Split the expression with locals.", path=path
        ) from None


@functools.lru_cache(maxsize=256)
def parse_template(path: str, text: str) -> Expression:
    """Parse a file that ``templatefile`` reads.

    :param text: its text; a byte order mark is passed over, as Terraform does.
    :raises HclSyntaxError: it is no template, or one that the grader does not read; with file and line.
    :raises SubmissionError: it is past a limit or nested too deep.
    """
    from lab_env.hcl.expressions import ExpressionConverter

    text = text.removeprefix("\ufeff")
    _check_limits(path, text)
    alone = _ALONE.search(text)
    if alone is not None:
        # Terraform takes everything behind it for text, whatever it is.
        line = text.count("\n", 0, alone.start()) + 1
        raise HclSyntaxError(
            f"{path} line {line}: a carriage return stands here without a line feed.",
            next_step="Save the file with one kind of line ends.",
            path=path,
            line=line,
        )
    try:
        return ExpressionConverter(path).template(text)
    except RecursionError:
        raise SubmissionError(
            f"{path} is nested too deep to be read.", next_step="Split the expression with locals.", path=path
        ) from None


def _check_limits(path: str, text: str) -> None:
    for mark, name in _ITEM_MARKS.items():
        if text.count(mark) > MAX_ITEMS:
            raise SubmissionError(
                f"{path} has more than {MAX_ITEMS} {name}.", next_step="Take generated text out of the file.", path=path
            )
    if count_pieces(text) > MAX_PIECES:
        raise SubmissionError(
            f"{path} has more than {MAX_PIECES} words and signs.",
            next_step="Take generated text out of the file.",
            path=path,
        )
    if text.count("${") + text.count("%{") > MAX_SEQUENCES:
        raise SubmissionError(
            f"{path} has more than {MAX_SEQUENCES} template sequences.",
            next_step="Take generated text out of the file.",
            path=path,
        )
    for run in re.finditer(r"\s+", text):
        if run.end() - run.start() > MAX_BLANKS:
            line = text.count("\n", 0, run.start()) + 1
            raise SubmissionError(
                f"{path} line {line}: more than {MAX_BLANKS} blank characters in a row.",
                next_step="Take them out.",
                path=path,
                line=line,
            )


def count_pieces(text: str) -> int:
    """Words and signs of a text, which is what reading it costs, whatever they stand in."""
    return sum(1 for _ in _PIECE.finditer(text))


def _tidy_markers(text: str) -> str:
    """Move blanks behind a heredoc's closing marker in front of it: python-hcl2 does not take them there.

    No place changes by it, and Terraform allows blanks on both sides.
    """
    markers = {m[1] for m in _OPENING_MARKER.finditer(text)}
    if not markers:
        return text
    return _CLOSING_MARKER.sub(lambda m: m[3] + m[1] if m[2] in markers else m[0], text)
