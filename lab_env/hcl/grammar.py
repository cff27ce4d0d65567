"""python-hcl2's grammar, loaded once: text in, lark tree with positions out."""

from __future__ import annotations

import contextlib
import functools
import sys
import threading
from importlib.resources import files
from typing import TYPE_CHECKING

from lab_env.files import cache_directory
from lab_env.hcl.model import HclSyntaxError

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

_LOCK = threading.Lock()
# Terraform takes letters of every script in a name (Unicode's UAX #31, in NFC or not); python-hcl2 knows ASCII only.
_ASCII_NAME = "/[a-zA-Z_][a-zA-Z0-9_-]*/"
_UNICODE_NAME = r"/[^\W\d][\w-]*/"


@functools.cache
def _parser() -> Lark:
    """The compiled grammar.

    Compiling takes over a second, so the result is kept in our cache directory, never in python-hcl2's own; where that cannot be
    written it is compiled again. lark discards a kept grammar of another version, or half a one, by itself; what two have written
    into each other it might read.
    """
    import lark
    from filelock import FileLock
    from hcl2.postlexer import PostLexer

    file = cache_directory() / f"hcl-grammar-{sys.implementation.cache_tag}-lark-{lark.__version__}.bin"
    cache: str | bool = False
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(
            OSError, NotImplementedError
        ):  # it cannot be written there, or the file system has no locks
            file.parent.mkdir(parents=True, exist_ok=True)
            stack.enter_context(FileLock(file.with_suffix(".lock")))
            cache = str(file)
        return lark.Lark(
            files("hcl2").joinpath("hcl2.lark").read_text(encoding="utf-8").replace(_ASCII_NAME, _UNICODE_NAME),
            parser="lalr",
            cache=cache,
            propagate_positions=True,
            postlex=PostLexer(),
        )


def lark_tree(path: str, text: str, *, line: int = 0) -> Tree[Token]:
    """Parse text that ends in a line feed.

    :param line: lines before the text in its file, for the error's line number.
    :raises HclSyntaxError: it is not HCL.
    """
    from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

    with _LOCK:
        parser = _parser()
    where: int
    try:
        return parser.parse(text)
    except UnexpectedToken as error:
        token = error.token
        if token.type == "$END":
            where = text.rstrip().count("\n") + 1
            message = "the file ends inside a block or expression; a closing brace, bracket or quote is missing"
        else:
            where = int(token.line or 1)
            shown = (str(token).strip().splitlines() or ["the end of the line"])[0][:40]
            message = f"{shown!r} is not expected here"
    except UnexpectedCharacters as error:
        where = int(error.line or 1)
        at = error.pos_in_stream or 0
        message = f"{text[at : at + 1]!r} is not expected here"
    except UnexpectedInput as error:
        where = max(int(getattr(error, "line", 1) or 1), 1)
        message = "this is no HCL"
    raise HclSyntaxError(
        f"{path} line {line + where}: {message}.",
        next_step="Correct the syntax; `terraform fmt` shows the same place.",
        path=path,
        line=line + where,
    )
