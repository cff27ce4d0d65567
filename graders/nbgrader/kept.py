"""What may stay on the instructor's disk of what a learner handed in, as pure functions of bytes and names.

A file's bytes are the learner's choice, and so is its name; its place in the course directory can be guessed. So nothing stays that
some program could take for more than data: a notebook is read as JSON and written again by us, on one line that begins with a
brace (no library, no script, no configuration of lines is that), and a name is a plain one.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from graders.nbgrader.timestamps import is_time
from lab_env.errors import SubmissionError
from lab_env.submission.limits import MAX_NOTEBOOK_BYTES, SECRET, SKIPPED_DIRS, TIMESTAMP, too_large

MAX_TIMESTAMP_BYTES = 128
MAX_SECRET_BYTES = 256
_SUFFIX = ".ipynb"
_ID_SIGNS = frozenset(" ._@+-=()'")
_PATTERN = frozenset("*?[]")
_LONGEST_NAME = 200
# nbgrader makes 128 hexadecimal digits. Part of a page's name in the exchange, so a short one could be guessed.
_SECRET = re.compile(rb"[A-Za-z0-9_-]{32,%d}" % MAX_SECRET_BYTES)


def read_document(name: str, data: bytes) -> dict[str, Any]:
    """A notebook's JSON: an object with a list of cells, or of worksheets.

    :param name: for the message.
    :raises SubmissionError: it is none. The parser's words may quote the file, so they are not in it: its kind is enough.
    """
    try:
        document = json.loads(data.decode("utf-8-sig"))
        # Before version 4 the cells stood in worksheets.
        if not isinstance(document["cells" if "cells" in document else "worksheets"], list):
            raise TypeError("cells")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SubmissionError(
            f"{name} is not a readable notebook ({type(error).__name__}).",
            next_step="Open it in JupyterLab, save it and hand it in again.",
            path=name,
        ) from None
    found: dict[str, Any] = document
    return found


def notebook(name: str, data: bytes) -> bytes:
    """The same notebook as we write it: its JSON on one line, in UTF-8.

    Nothing reads a notebook otherwise than as JSON (cells by their ids, digests of their text), so nothing depends on its bytes.

    :param data: at most one byte more than is taken.
    :raises SubmissionError: it is no notebook, or too large.
    """
    if len(data) > MAX_NOTEBOOK_BYTES:
        raise too_large(name, len(data))
    document = read_document(name, data)
    try:
        written = _json(document)
    except RecursionError:
        raise SubmissionError(f"{name} is nested too deep.", next_step="Hand in another one.", path=name) from None
    if len(written) > MAX_NOTEBOOK_BYTES:
        raise too_large(name, len(written))
    return written


def _json(document: dict[str, Any]) -> bytes:
    try:
        return f"{json.dumps(document, ensure_ascii=False)}\n".encode()
    except UnicodeEncodeError:  # half of a surrogate pair is legal in JSON and not in UTF-8
        return f"{json.dumps(document)}\n".encode()


def timestamp(data: bytes) -> bytes:
    """A timestamp as nbgrader writes it: one line of printable ASCII that is a time.

    :raises SubmissionError: it is none.
    """
    text = data.decode("ascii", "replace").strip()
    if len(data) > MAX_TIMESTAMP_BYTES or not (text.isascii() and text.isprintable() and is_time(data)):
        raise SubmissionError(f"{TIMESTAMP} is no timestamp.", next_step="Hand in again.", path=TIMESTAMP)
    return f"{text}\n".encode()


def secret(data: bytes) -> bytes:
    """What `nbgrader submit` puts beside a submission, byte for byte: the learner's feedback is found by a digest of it.

    :raises SubmissionError: it is none.
    """
    if not _SECRET.fullmatch(data):
        raise SubmissionError(
            f"{SECRET} is not what `nbgrader submit` writes, so no feedback can be fetched.",
            next_step="Hand in again.",
            path=SECRET,
        )
    return data


def is_notebook_name(name: str) -> bool:
    """Whether a file in a submission is called as a notebook may be: no option, no hidden file, no pattern, nothing unseen."""
    return name.endswith(_SUFFIX) and is_plain(name.removesuffix(_SUFFIX))


def is_directory_name(name: str) -> bool:
    """Whether a directory in a submission may stay: it has a plain name, and none of those in which tools keep their own."""
    return is_plain(name) and name not in SKIPPED_DIRS


def is_student_id(name: str) -> bool:
    """Whether somebody may be called so in a course directory.

    A closed list: letters and digits of any script, space, and ``. _ @ + - = ( ) '``. nbgrader makes a directory of a name, puts
    it into patterns and into a list that commas part, and shows it in formgrader's pages and scripts as it is, where ``<``,
    ``&`` or a double quote would be a program in the instructor's browser.
    """
    return is_plain(name) and all(
        c.isalnum() or unicodedata.category(c) in ("Mn", "Mc") or c in _ID_SIGNS for c in name
    )


def is_pattern(name: str) -> bool:
    """Whether nbgrader, which puts names into patterns as they are, would take this one for others as well."""
    return not _PATTERN.isdisjoint(name)


def is_plain(name: str) -> bool:
    """Whether a name is no option, no hidden file, no pattern and no path, and all of it can be seen."""
    return (
        0 < len(name.encode("utf-8", "surrogateescape")) <= _LONGEST_NAME
        and name.isprintable()
        and name == name.strip()
        and not name.startswith((".", "-"))
        and not is_pattern(name)
        and not {"/", "\\"} & set(name)
    )
