"""Text -> :class:`Body`."""

from __future__ import annotations

import functools
import re

from lab_env.errors import SubmissionError
from lab_env.hcl.model import Body

# The parser's time grows with the square of how many items stand side by side, and of a run of blank characters in a
# heredoc; these bounds keep the worst file below a second or two, and are fifty times what the lesson's module has.
MAX_ITEMS = 5_000
MAX_BLANKS = 2_000
_ITEM_MARKS = {"\n": "lines", ",": "commas", "=": "equals signs", "{": "braces"}


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


def _check_limits(path: str, text: str) -> None:
    for mark, name in _ITEM_MARKS.items():
        if text.count(mark) > MAX_ITEMS:
            raise SubmissionError(
                f"{path} has more than {MAX_ITEMS} {name}.", next_step="Take generated text out of the file.", path=path
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


def _tidy_markers(text: str) -> str:
    """Move blanks behind a heredoc's closing marker in front of it: python-hcl2 does not take them there.

    No place changes by it, and Terraform allows blanks on both sides.
    """
    for marker in {m[1] for m in re.finditer(r"<<-?([^\W\d][\w.-]*)\r?\n", text)}:
        text = re.sub(rf"^([ \t]*{re.escape(marker)})([ \t]+)(?=\r?$)", r"\2\1", text, flags=re.MULTILINE)
    return text
