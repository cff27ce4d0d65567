"""Bytes that are not UTF-8, such as an umlaut in ISO-8859-1: Terraform takes them in comments and nowhere else, and so do we.

Where a comment is, Terraform's own scanner says: every such byte is made 0xFF, which begins no character in any encoding that it
knows. It is asked so because it takes some sequences for characters that are none in UTF-8 (halves of surrogate pairs, signs
written longer than need be), which would then be read by it as another text than by us. What Terraform is given in the end is the
text with U+FFFD in their places.
"""

from __future__ import annotations

from collections.abc import Iterable

from lab_env.hcl.terraform_parser import TerraformParser
from lab_env.submission import Submission
from lab_env.submission.limits import not_utf_8

_NO_CHARACTER = "\udcff"
"""The byte 0xFF, as :data:`surrogateescape <codecs>` writes it."""
_SUMMARY = "Invalid character encoding"


def check_encoding(submission: Submission, paths: Iterable[str], parser: TerraformParser) -> None:
    """Look at every ``.tf`` file of these that is not UTF-8 throughout.

    :raises SubmissionError: it has such a byte outside of a comment.
    """
    for path in sorted(paths):
        file = submission.file(path)
        if file is None or file.is_utf_8:
            continue
        text = file.data.decode("utf-8", "surrogateescape")
        marked = "".join(_NO_CHARACTER if "\udc80" <= c <= "\udcff" else c for c in text)
        for problem in parser.problems({path: marked}):
            if problem.summary == _SUMMARY:
                raise not_utf_8(path, problem.line or 1)
