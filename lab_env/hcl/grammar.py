"""python-hcl2's grammar, loaded once: text in, lark tree with positions out."""

from __future__ import annotations

import contextlib
import functools
import re
import sys
import threading
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING

from lab_env.files import cache_directory
from lab_env.hcl.model import HclSyntaxError
from lab_env.text import visible

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

_LOCK = threading.Lock()
_BLANK = "new_line_or_comment?"
_SEQUENCES: Mapping[str, str] = {
    rule: f"{start} STRIP_MARKER? {_BLANK} {inner} {_BLANK} STRIP_MARKER? RBRACE"
    for rule, start, inner in (
        ("interpolation", "INTERP_START", "expression"),
        ("template_if_start", "DIRECTIVE_START", f"IF {_BLANK} expression"),
        ("template_else", "DIRECTIVE_START", "ELSE"),
        ("template_endif", "DIRECTIVE_START", "ENDIF"),
        (
            "template_for_start",
            "DIRECTIVE_START",
            f"FOR {_BLANK} identifier {_BLANK} (COMMA {_BLANK} identifier {_BLANK})? IN {_BLANK} expression",
        ),
        ("template_endfor", "DIRECTIVE_START", "ENDFOR"),
    )
}
# Where python-hcl2 reads less than HCL's specification has (https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md).
_CORRECTIONS: tuple[tuple[str, str], ...] = (
    # Letters of every script in a name (Unicode's UAX #31, in NFC or not).
    (r"^NAME : .*$", r"NAME : /[^\W\d][\w-]*/"),
    # An escape is its marker alone: what follows it is text, whether or not there is a brace in it.
    (r"^ESCAPED_INTERPOLATION\.2: .*$", r"ESCAPED_INTERPOLATION.2: /\$\$\{/"),
    (r"^ESCAPED_DIRECTIVE\.2: .*$", r"ESCAPED_DIRECTIVE.2: /%%\{/"),
    # A namespace has one name (core::) or two (provider::aws::).
    (r"^function_call : identifier \(.*?\)\?", "function_call : identifier (COLONS identifier (COLONS identifier)?)?"),
    # A sign in front of a number is an operator: "2-10" and "a - -1" are differences.
    (r"^INT_LITERAL: .*$", "INT_LITERAL: DECIMAL+"),
    (r"^FLOAT_LITERAL: .*\n.*$", 'FLOAT_LITERAL: DECIMAL+ "." DECIMAL+ (EXP_MARK)? | DECIMAL+ (EXP_MARK)'),
    # A sign in front of a sign, a line end in front of an object's arrow, and a heredoc's marker in letters of every script.
    (r"^!unary_op : .*$", "!unary_op : (MINUS | NOT) unary_expr"),
    (r"expression FOR_OBJECT_ARROW", f"expression {_BLANK} FOR_OBJECT_ARROW"),
    (r"\(\?P<heredoc>\[a-zA-Z\]\[a-zA-Z0-9\._-\]\*\)", r"(?P<heredoc>[^\W\d][\w.-]*)"),
    (r"\(\?P<heredoc_trim>\[a-zA-Z\]\[a-zA-Z0-9\._-\]\*\)", r"(?P<heredoc_trim>[^\W\d][\w.-]*)"),
    # Line ends, comments and strip markers in a sequence.
    *((rf"^{rule}: .*$", f"{rule}: {right}") for rule, right in _SEQUENCES.items()),
)


def corrected(grammar: str) -> str:
    """python-hcl2's grammar with what it lacks.

    :raises AssertionError: it is not the grammar that the corrections were written for.
    """
    for pattern, right in _CORRECTIONS:
        grammar, count = re.subn(pattern, right.replace("\\", r"\\"), grammar, flags=re.MULTILINE)
        if count != 1:
            raise AssertionError(f"python-hcl2 has {count} rules {pattern}")
    return grammar


@functools.cache
def _parser() -> Lark:
    """The compiled grammar.

    Compiling takes over a second, so the result is kept in our cache directory, never in python-hcl2's own; where that cannot be
    written it is compiled again. lark discards a kept grammar of another version, or half a one, by itself; what two have written
    into each other it might read.
    """
    import lark
    from filelock import FileLock

    from lab_env.hcl.tokens import Tokens

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
            corrected(files("hcl2").joinpath("hcl2.lark").read_text(encoding="utf-8")),
            parser="lalr",
            cache=cache,
            propagate_positions=True,
            postlex=Tokens(),
        )


def lark_tree(path: str, text: str, *, line: int = 0) -> Tree[Token]:
    """Parse text that ends in a line feed.

    The comments that stand where the grammar has no place for any are its last child.

    :param line: lines before the text in its file, for the error's line number.
    :raises HclSyntaxError: it is not HCL.
    """
    from lark import Tree
    from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

    from lab_env.hcl.tokens import passed_over

    with _LOCK:
        parser = _parser()
    where: int
    try:
        with passed_over() as comments:
            tree = parser.parse(text)
        tree.children.append(Tree("new_line_or_comment", [*comments]))
        return tree
    except UnexpectedToken as error:
        token = error.token
        if token.type == "$END":
            where = text.rstrip().count("\n") + 1
            message = "the file ends inside a block or expression; a closing brace, bracket or quote is missing"
        else:
            where = int(token.line or 1)
            shown = (str(token).strip().splitlines() or ["the end of the line"])[0][:40]
            message = f'"{visible(shown)}" is not expected here'
    except UnexpectedCharacters as error:
        where = int(error.line or 1)
        at = error.pos_in_stream or 0
        message = f'"{visible(text[at : at + 1])}" is not expected here'
    except UnexpectedInput as error:
        where = max(int(getattr(error, "line", 1) or 1), 1)
        message = "this is no HCL"
    raise HclSyntaxError(
        f"{path} line {line + where}: {message}.",
        next_step="Correct the syntax; `terraform fmt` shows the same place.",
        path=path,
        line=line + where,
    )
