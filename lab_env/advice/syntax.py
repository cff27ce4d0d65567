"""What the parser says: quotes, signs, brackets. The lines put right are what HCL's own grammar reads."""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import replace

from lab_env.advice.case import Case, Value, header_text, indentation, replaced, shown, values_in
from lab_env.advice.model import Advice, Edit
from lab_env.advice.names import nearest
from lab_env.advice.schema import kind_of
from lab_env.advice.source import Bracket, Source, Token
from lab_env.advice.values import FALSE, NUMBERS, REFERENCE, SEQUENCE, TRUE, as_text, is_expression

_TOP_TYPES = frozenset(
    {"terraform", "variable", "locals", "output", "resource", "data", "ephemeral", "module", "moved", "removed"}
)
_TOP_TYPES |= {"check", "provider", "import"}
_QUOTES = dict.fromkeys(map(ord, "“”„‟«»＂″"), '"') | dict.fromkeys(map(ord, "‘’‚‛＇′"), "'")
_OTHERS = {ord("、"): ",", ord("–"): "-", ord("—"): "-", ord("−"): "-", ord("…"): "..."}
_NOT_TEXT = re.compile(r"\?|==|!=|&&|\|\||[<>]|\bfor\b|\w\(|^\.|=\s")
_CLOSER = {"{": "}", "[": "]", "(": ")"}
_WORDS_OF = {"{": "brace", "[": "bracket", "(": "parenthesis"}


# ---------------------------------------------------------------- characters


def other_characters(case: Case) -> Advice | None:
    """Full-width and curly characters, blanks that only look like one."""
    line = _plain_characters(case)
    if line is None:
        return None
    strange = next(a for a, b in zip(case.line, line + " " * len(case.line), strict=False) if a != b)
    if ord(strange) in _QUOTES:
        what = f"The quote {strange} comes from a document or a web page; Terraform reads straight double quotes"
    elif strange.isspace() or unicodedata.category(strange) in ("Cf", "Zs"):
        what = (
            "A character here only looks like a blank, as one copied from a web page does; Terraform wants a plain one"
        )
    else:
        what = f"The character {strange} is a full-width or printer's one that only looks like Terraform's {_ascii(strange)}"
    line = _straight(line)
    return case.write(f"{what}: type it again on your keyboard.", line)


def _plain_characters(case: Case) -> str | None:
    """The line with Terraform's own characters outside of strings and comments; None when there are no others."""
    if case.source is None or not case.line or case.line.isascii():
        return None
    line, made, at = case.line, [], 0
    for token in case.source.tokens(case.number, comments=True):
        if token.kind in ("string", "comment"):
            made += [_translated(line[at : token.start]), token.text]
            at = token.end
    made.append(_translated(line[at:]))
    text = "".join(made)
    return text if text != line else None


def _translated(text: str) -> str:
    return "".join(_ascii(character) for character in text)


def _ascii(character: str) -> str:
    code = ord(character)
    if code < 128:
        return character
    if code in _QUOTES:
        return _QUOTES[code]
    if code in _OTHERS:
        return _OTHERS[code]
    if 0xFF01 <= code <= 0xFF5E:
        return chr(code - 0xFEE0)
    category = unicodedata.category(character)
    return " " if category == "Zs" else "" if category == "Cf" else character


def _straight(line: str) -> str:
    return re.sub(r"(?<![\w\"])['`]([^'\"`\n]*)['`](?!\w)", r'"\1"', line)


def single_quotes(case: Case) -> Advice | None:
    line = _straight(case.line)
    if line == case.line:
        return None
    return case.write("Terraform knows double quotes only: text stands between two of them.", line)


def semicolon(case: Case) -> Advice | None:
    """A line's last semicolon goes; one between items is a comma, one between arguments a new line."""
    token = next((t for t in (case.source.tokens(case.number) if case.source else ()) if t.text == ";"), None)
    if token is None:
        return None
    rest = case.line[token.end :].strip()
    sentence = "Terraform has no semicolons: an argument ends with its line."
    if not rest or rest.startswith("#"):
        return case.write(sentence, f"{case.line[: token.start].rstrip()} {rest}".rstrip())
    if case.source is not None and any(
        t.text in ("{", "[") for t in case.source.tokens(case.number) if t.start < token.start
    ):
        return case.write(
            "Items of a list or an object are separated by commas, not by semicolons.", case.line.replace(";", ",")
        )
    return case.write(sentence, f"{case.line[: token.start].rstrip()}\n{indentation(case.line)}{rest.rstrip(';')}")


# ---------------------------------------------------------------- text without quotes


def without_quotes(case: Case) -> Advice | None:
    """Text that Terraform would have to guess at, in quotes; a reference in it between ``${`` and ``}``."""
    line = case.line
    found = [value for value in case.values() if is_text(value)]
    for value in reversed(found):
        line = replaced(line, value.start, value.end, _in_place_of(case, value) or value.text)
    if line == case.line:
        return None
    if (number := next((v for v in found if _wants(case, v) == "number"), None)) is not None:
        return case.write(f"{shown(number.name)} wants a number: digits alone.", line)
    if (switch := next((v for v in found if _wants(case, v) == "bool"), None)) is not None:
        return case.write(f"{shown(switch.name)} wants true or false.", line)
    if any(_ALONE.fullmatch(value.text) for value in found):
        return case.write("Outside of quotes a reference stands by itself, without ${ }.", line)
    mixed = next((value for value in found if REFERENCE.search(value.text) and not value.text.startswith("$")), None)
    if mixed is not None:
        return case.write(
            "A reference with text beside it is one text in quotes, with the reference between ${ } in it.", line
        )
    one = found[0].text
    return case.write(
        f"Text stands in double quotes; without them Terraform takes {shown(one)} for names and signs.", line
    )


_ALONE = re.compile(r"\$\{\s*(?P<name>[\w.\[\]-]+)\s*\}")


def _in_place_of(case: Case, value: Value) -> str | None:
    """What a text without quotes is to be: a reference by itself, a number, or a text in quotes."""
    alone = _ALONE.fullmatch(value.text)
    if alone is not None and is_expression(alone["name"]):
        return alone["name"]
    wanted, word = _wants(case, value), value.text.lower()
    digits = re.match(r"\d+", value.text)
    if wanted == "number":
        return digits[0] if digits is not None else NUMBERS.get(word.split(" ")[0], as_text(value.text))
    if wanted == "bool" and word in TRUE | FALSE:
        return "true" if word in TRUE else "false"
    return as_text(value.text)


def _wants(case: Case, value: Value) -> str:
    """The type of the argument that a value is set to; empty where it is not known."""
    kind = kind_of(case.source.block(case.number)) if case.source is not None else None
    return kind.arguments.get(value.name, "") if kind is not None else ""


def is_text(value: Value) -> bool:
    """Whether a value is text that its quotes were forgotten of."""
    text = value.text
    if not value.is_leaf or is_expression(text) or _NOT_TEXT.search(REFERENCE.sub("", text)) or text.count('"') % 2:
        return False
    return as_text(text) is not None


def texts_quoted(line: str) -> str:
    """A line by itself with the texts in quotes that stand there without."""
    for value in reversed(values_in(Source("", line), 1)):
        if is_text(value):
            line = replaced(line, value.start, value.end, as_text(value.text) or value.text)
    return line


def joined(case: Case) -> Advice | None:
    """``+`` between texts, or a text and a reference side by side."""
    for value in case.values():
        text = as_text(value.text) if value.is_leaf else None
        bare = SEQUENCE.sub("", value.text)
        pieces = '"' in bare or REFERENCE.search(bare)
        if text is None or is_expression(value.text) or not pieces or _NOT_TEXT.search(REFERENCE.sub("", value.text)):
            continue
        plus = "+" in REFERENCE.sub("", value.text)
        what = "+ adds numbers in Terraform" if plus else "Two values cannot stand side by side"
        line = replaced(case.line, value.start, value.end, text)
        return case.write(f"{what}; a text takes a value in with ${{ }} inside its quotes.", line)
    return None


def two_arguments(case: Case) -> Advice | None:
    """``cpu = 256 memory = 512`` on one line of a block."""
    tokens = case.source.tokens(case.number) if case.source is not None else ()
    signs = [at for at, token in enumerate(tokens) if token.text == "="]
    if len(signs) < 2 or signs[0] != 1 or any(t.text in ("{", "[", "(") for t in tokens[: signs[1]]):
        return None
    second = tokens[signs[1] - 1]
    if second.kind != "word":
        return None
    text = f"{case.line[: second.start].rstrip().rstrip(',')}\n{indentation(case.line)}{case.line[second.start :]}"
    return case.write("Two arguments stand on one line; in a block each has a line of its own.", text)


def quote_missing(case: Case) -> Advice | None:
    """A quote that is not closed, or not opened."""
    if case.source is None or not case.line:
        return None
    token = next((t for t in case.source.tokens(case.number) if t.kind == "open string"), None)
    if token is None:
        return None
    value = next((v for v in case.values() if v.start <= token.start < v.end), None)
    rest = token.text[1:].strip()
    if value is not None and value.start < token.start and not _ends_a_name(rest):
        before = SEQUENCE.sub("", value.text[: token.start - value.start])
        if before.count('"') % 2 == 0 and not rest and re.fullmatch(r"[^\"{}\[\]()=]*", before):
            line = replaced(case.line, value.start, value.start, '"')
            return case.write("The text has a quote at its end and none at its beginning.", line)
    body = re.match(r'"(?P<text>.*?)(?P<rest>[\s,})\]]*(?:\s#.*)?)$', token.text)
    if body is None or not body["text"]:
        return None
    line = case.line[: token.start] + f'"{body["text"]}"{body["rest"]}'
    return case.write("The text has a quote at its beginning and none at its end.", line.rstrip())


def _ends_a_name(rest: str) -> bool:
    return rest[:1] in ("=", "{")


# ---------------------------------------------------------------- ${ }


def sequence(case: Case) -> Advice | None:
    """``${`` that nothing closes, or with more in it than an expression; an open one is told on the line behind it, too."""
    if "${" not in case.line and case.source is not None and case.number > 1:
        above = replace(case, said=replace(case.said, line=case.number - 1))
        return sequence(above) if "${" in above.line and _opens(above) else None
    at = 0
    while (at := case.line.find("${", at)) >= 0:
        found = _reference_at(case, at + 2)
        if found is not None:
            end = at + 2 + len(found)
            after = case.line[end:]
            if not re.match(r"\s*[}\[.(]|\s*[-+*/?=!<>&|]\s", after):
                rest = after.lstrip() if after.lstrip().startswith('"') else after
                quote = rest.find('"')
                brace = rest.find("}")
                if brace >= 0 and (brace < quote or quote < 0):
                    rest = rest[:brace] + rest[brace + 1 :]
                line = f"{case.line[:at]}${{{found}}}{rest}"
                if line.count('"') % 2:
                    line = f'{line.rstrip()}"'
                return case.write("What ${ begins has no closing brace: it stands right behind the reference.", line)
        at += 2
    return None


def _opens(case: Case) -> bool:
    """Whether a line has a string that is not closed in it."""
    return case.source is not None and any(t.kind == "open string" for t in case.source.tokens(case.number))


def _reference_at(case: Case, at: int) -> str | None:
    """The reference at a place; a hyphen is its own only where something of that name is declared."""
    blank = len(case.line[at:]) - len(case.line[at:].lstrip())
    found = REFERENCE.match(case.line, at + blank)
    if found is None:
        return None
    text = found[0]
    while "-" in text and text not in case.blocks:
        text = text.rpartition("-")[0]
    return text if REFERENCE.fullmatch(text) else None


# ---------------------------------------------------------------- arguments


def definition_required(case: Case) -> Advice | None:
    """A line that begins neither an argument nor a block."""
    if case.source is None:
        return None
    tokens = case.source.tokens(case.number)
    if not tokens:
        return None
    if all(token.text in ("}", ")", "]", ",", ";") for token in tokens):
        return _one_too_many(case, tokens)
    if case.line.rstrip().endswith("{{"):
        return case.write("A block begins with one brace.", f"{case.line.rstrip()[:-1]}")
    if (
        len(tokens) > 3
        and tokens[0].text in ("-", "*", "+")
        and tokens[1].kind == "word"
        and tokens[2].text in ("=", ":")
    ):
        line = f"{indentation(case.line)}{case.line[tokens[1].start :]}"
        return case.write("Arguments stand one below the other, without a sign in front of each.", line)
    kind = kind_of(case.source.block(case.number)) if len(tokens) == 1 else None
    if kind is not None and tokens[0].text in kind.blocks:
        return case.write("The block has no opening brace at the end of its first line.", f"{case.line.rstrip()} {{")
    if len(tokens) > 1 and tokens[0].kind in ("word", "string") and tokens[1].text in (":", "==", "=>", "+"):
        return _other_sign(case, tokens)
    if len(tokens) > 1 and tokens[0].kind == "word" and tokens[-1].text != "{" and _begins_a_value(case, tokens[1]):
        line = f"{case.line[: tokens[0].end]} = {case.line[tokens[1].start :]}"
        return case.write(f"Between {shown(tokens[0].text)} and its value there is no equals sign.", _tidied(line))
    if len(tokens) > 2 and all(token.kind in ("word", "number") or token.text in ".,!?'’" for token in tokens):
        line = f"{indentation(case.line)}# {case.line.strip()}"
        return case.write("Words for people are a comment in Terraform's files, with # in front.", line)
    return None


def _one_too_many(case: Case, tokens: tuple[Token, ...]) -> Advice:
    sign = tokens[0].text
    what = {"}": "closing brace", ")": "closing parenthesis", "]": "closing bracket"}.get(sign, "sign")
    return case.write(
        f"There is one {what} too many: nothing is open here that {case.at(case.number)} could close.", ""
    )


def _other_sign(case: Case, tokens: tuple[Token, ...]) -> Advice:
    name, sign = tokens[0], tokens[1]
    kind = kind_of(case.source.block(case.number)) if case.source is not None else None
    if kind is not None and name.text in kind.blocks and tokens[-1].text == "{":
        return case.write(f"{name.text} is a block: its brace follows its name.", f"{case.line[: name.end]} {{")
    end = sign.end + (case.line[sign.end : sign.end + 1] == "=")
    before = case.line[: sign.start]
    line = f"{before}{'' if before[-1:].isspace() else ' '}= {case.line[end:].lstrip()}"
    if name.kind == "string":
        line = line.replace(name.text, name.text.strip('"'), 1)
    alone = case.line[sign.end : sign.end + 1] != "="
    what = {
        ":": "an argument has an equals sign, not a colon as in YAML and JSON",
        "==": "one equals sign sets an argument; two of them compare",
    }.get(sign.text if alone else "", "an argument is set with an equals sign alone")
    return case.write(f"In Terraform {what}.", _tidied(line))


def _begins_a_value(case: Case, token: Token) -> bool:
    return (
        token.kind in ("string", "number")
        or token.text in ("true", "false", "[")
        or (token.kind == "word" and REFERENCE.match(case.line, token.start) is not None)
    )


def _tidied(line: str) -> str:
    """An argument's line without its last comma, text in quotes."""
    found = re.fullmatch(r"(?P<code>[^#\n]*?[^\s{\[(]),(?P<blank>\s*)", line)
    return texts_quoted(found["code"] if found else line)


def comma(case: Case) -> Advice | None:
    tokens = case.source.tokens(case.number) if case.source is not None else ()
    last = next((token for token in reversed(tokens) if token.text == ","), None)
    if last is None:
        return two_arguments(case)
    if last is not tokens[-1]:
        return two_arguments(case)
    line = replaced(case.line, last.start, last.end, "").rstrip()
    return case.write("In a block arguments end with their line; commas stand only in lists and objects.", line)


def quoted_name(case: Case) -> Advice | None:
    tokens = case.source.tokens(case.number) if case.source is not None else ()
    if len(tokens) < 2 or tokens[0].kind != "string" or not re.fullmatch(r'"[A-Za-z_][\w-]*"', tokens[0].text):
        return None
    name = tokens[0].text.strip('"')
    rest = case.line[tokens[1].end :].strip()
    if tokens[1].text == "=":
        line = replaced(case.line, tokens[0].start, tokens[0].end, name)
        return case.write(f"The name of an argument stands without quotes: {name}.", line)
    if tokens[1].text != ":":
        return None
    sentence = f"This is JSON; in a block it is {name} without quotes, an equals sign, and no comma at the end."
    block = case.source.block(case.number) if case.source is not None else None
    kind = kind_of(block)
    if (
        kind is not None
        and name not in kind.arguments
        and block is not None
        and "aws_ecs_task_definition" in block.labels
    ):
        sentence = (
            f"This is JSON, and {name} belongs to a container: inside jsonencode([{{ … }}]) of container_definitions."
        )
    return case.write(sentence, _tidied(f"{indentation(case.line)}{name} = {rest}"))


# ---------------------------------------------------------------- headers of blocks


def block_header(case: Case) -> Advice | None:
    """A block's first line: where the brace stands, and what stands before it."""
    if case.source is None or not case.line:
        return None
    tokens = case.source.tokens(case.number)
    if not tokens or tokens[0].kind != "word":
        return None
    sign = next((token for token in tokens if token.kind == "sign" and token.text != '"'), None)
    if tokens[0].text not in _TOP_TYPES and (found := _no_header(case, tokens)) is not None:
        return found
    if sign is not None and sign.text in ("=", ":", ",") and tokens[-1].text == "{":
        line = re.sub(r"\s*[=:,]\s*(?=[\"{])", " ", case.line)
        what = {"=": "equals sign", ":": "colon", ",": "comma"}[sign.text]
        return case.write(f"A block has no {what} in front of its brace: only arguments have an equals sign.", line)
    following = _next_line(case.source, case.number)
    if following is not None and case.source.line(following).strip().startswith("{"):
        rest = case.source.line(following).strip()[1:].strip()
        line = f"{case.line.rstrip()} {{" + (f"\n{indentation(case.line)}  {rest}" if rest else "")
        return case.write("The opening brace stands on the same line as the block's name.", line, end=following)
    if sign is not None and sign.text not in ("{",):
        return _without_signs(case, tokens)
    if tokens[0].text not in _TOP_TYPES and len(tokens) == 2 and tokens[1].kind == "string":
        line = f"{case.line[: tokens[0].end]} = {case.line[tokens[1].start :]}"
        return case.write(f"Between {shown(tokens[0].text)} and its value there is no equals sign.", line)
    if not any(token.text == "{" for token in tokens):
        end = tokens[-1].end
        return case.write(
            "The block has no opening brace at the end of its first line.", f"{case.line[:end]} {{{case.line[end:]}"
        )
    return None


def _no_header(case: Case, tokens: tuple[Token, ...]) -> Advice | None:
    """What is read as the beginning of a block and is none: a name with blanks, a value without an equals sign, a sentence."""
    kind = kind_of(case.source.block(case.number)) if case.source is not None else None
    at = next((index for index, token in enumerate(tokens) if token.text == "="), None)
    if at is not None and at > 1 and all(token.kind == "word" for token in tokens[:at]) and kind is not None:
        name = "_".join(token.text for token in tokens[:at])
        name = nearest(name, kind.arguments) or name
        line = f"{indentation(case.line)}{name} {case.line[tokens[at].start :]}"
        return case.write(f"The name of an argument is one word, with underscores: {shown(name)}.", line)
    if len(tokens) > 1 and tokens[-1].text != "{" and tokens[1].kind == "word" and _begins_a_value(case, tokens[1]):
        line = f"{case.line[: tokens[0].end]} = {case.line[tokens[1].start :]}"
        return case.write(f"Between {shown(tokens[0].text)} and its value there is no equals sign.", line)
    if len(tokens) > 2 and all(token.kind in ("word", "number") or token.text in ".,!?" for token in tokens):
        line = f"{indentation(case.line)}# {case.line.strip()}"
        return case.write("Words for people are a comment in Terraform's files, with # in front.", line)
    return None


def _without_signs(case: Case, tokens: tuple[Token, ...]) -> Advice | None:
    labels = [token.text.strip('"') for token in tokens[1:] if token.kind in ("word", "string")]
    if tokens[0].text not in _TOP_TYPES or not labels:
        return None
    line = " ".join([indentation(case.line) + tokens[0].text, *(f'"{label}"' for label in labels), "{"])
    return case.write("Before its brace a block has its type and its labels in quotes, with blanks between them.", line)


def one_line_block(case: Case) -> Advice | None:
    """``tags { a = 1`` and ``block { a = 1, b = 2 }``: more than one argument needs lines."""
    found = re.fullmatch(r"(?P<head>[^{}]*\{)(?P<body>[^{}]+)(?P<end>\}?)\s*", case.line)
    if found is None:
        return None
    indent = indentation(case.line)
    parts = [part.strip() for part in re.split(r"[,;]", found["body"]) if part.strip()]
    lines = [
        found["head"].rstrip(),
        *(f"{indent}  {part}" for part in parts),
        *([f"{indent}}}"] if found["end"] else []),
    ]
    return case.write(
        "A block on one line holds one argument; with more, each has a line of its own.", "\n".join(lines)
    )


def _next_line(source: Source, number: int) -> int | None:
    return next(
        (at for at in range(number + 1, min(number + 20, len(source.lines)) + 1) if source.line(at).strip()), None
    )


# ---------------------------------------------------------------- brackets that are not closed


def brace_missing(case: Case) -> Advice | None:
    """The brace that a file lacks: found by where lines are indented and where the next block begins."""
    source = case.source
    if source is None:
        return None
    found = _unclosed(source, case.number)
    if found is None:
        return case.means("A { has no } that closes it: each block and each object ends with a closing brace.")
    bracket, before = found
    last = next((at for at in range(before - 1, bracket.line - 1, -1) if _is_code(source, at)), bracket.line)
    indent = indentation(source.line(bracket.line))
    name = header_text(bracket) if bracket.is_block else source.line(bracket.line).strip()
    sentence = f"What {case.at(bracket.line)} opens ({shown(name)}) has no closing brace: it is missing behind {case.at(last)}."
    return case.write(sentence, f"{source.line(last)}\n{indent}}}", line=last)


def _unclosed(source: Source, opened: int) -> tuple[Bracket, int] | None:
    """The brace that lacks its end, and the line before which the end belongs.

    A closing brace that begins a line stands under the line that it closes; where it stands further to the left, the inner one was
    not closed. A block of the top in a block means the same.
    """
    stack: list[tuple[Bracket, int]] = []
    at = 0
    tidy: dict[int, bool] = {}
    for number in range(1, len(source.lines) + 1):
        tokens = source.tokens(number)
        if not tokens:
            continue
        indent = len(indentation(source.line(number)).expandtabs(2))
        if stack:
            tidy.setdefault(id(stack[-1][0]), indent > stack[-1][1])
            if (
                tidy[id(stack[-1][0])]
                and indent <= stack[-1][1]
                and tokens[0].kind in ("word", "string")
                and len(stack) > 1
            ):
                return stack[-1][0], _comments_above(source, number)
        top = tokens[0].kind == "word" and tokens[0].text in _TOP_TYPES and tokens[-1].text == "{" and indent == 0
        if top and stack:
            return stack[-1][0], _comments_above(source, number)
        for index, token in enumerate(tokens):
            if token.text == "}":
                if index == 0 and stack and stack[-1][1] > indent and _is_tidy(stack, indent):
                    return stack[-1][0], number
                if stack:
                    stack.pop()
            elif token.text == "{" and token.kind == "sign":
                while at < len(source.brackets) and (
                    source.brackets[at].sign != "{" or source.brackets[at].line < number
                ):
                    at += 1
                if at >= len(source.brackets):
                    return None
                stack.append((source.brackets[at], indent))
                at += 1
    return (stack[-1][0], len(source.lines) + 1) if stack else None


def _is_tidy(stack: list[tuple[Bracket, int]], indent: int) -> bool:
    """Whether the brace stands just under an outer one that is open."""
    return any(one == indent for _, one in stack[:-1])


def _comments_above(source: Source, number: int) -> int:
    while number > 1 and not _is_code(source, number - 1):
        number -= 1
    return number


def _is_code(source: Source, number: int) -> bool:
    return bool(source.tokens(number))


def bracket_missing(case: Case) -> Advice | None:
    """A ``[`` or ``(`` that nothing closes, in or above the line."""
    source = case.source
    if source is None:
        return None
    inside = source.inside(case.number)
    if inside is not None and inside.sign == "(" and source.line(inside.line).rstrip().endswith("(("):
        line = f"{source.line(inside.line).rstrip()[:-1]}{{"
        return case.write("Names and their values stand between { } inside the parentheses.", line, line=inside.line)
    near = [one for one in source.brackets if one.end_line is None and one.sign in "[(" and one.line <= case.number]
    if not near:
        return None
    bracket = near[-1]
    closer = _CLOSER[bracket.sign]
    last = _last_of(source, bracket, case.number if case.number > bracket.line else len(source.lines))
    text = source.line(last)
    code = _code(source, last)
    opened, end = case.at(bracket.line), case.at(last)
    sentence = f"The {_WORDS_OF[bracket.sign]} that {opened} opens is not closed: {closer} is missing in {end}."
    own_line = last > bracket.line and not code.rstrip().endswith(("}", "]", ")"))
    if own_line:
        return case.write(sentence, f"{text}\n{indentation(source.line(bracket.line))}{closer}", line=last)
    return case.write(sentence, f"{code.rstrip()}{closer}{text[len(code.rstrip()) :]}", line=last)


def _last_of(source: Source, bracket: Bracket, number: int) -> int:
    """The last line of what a bracket holds: before a brace that closes what is around it, before the next argument."""
    indent = len(indentation(source.line(bracket.line)).expandtabs(2))
    last = bracket.line
    for at in range(bracket.line + 1, min(number, len(source.lines)) + 1):
        tokens = source.tokens(at)
        if not tokens:
            continue
        here = len(indentation(source.line(at)).expandtabs(2))
        closes = tokens[0].text in ("}", "]", ")")
        if here < indent or (here == indent and not closes):
            break
        last = at
        if here == indent and closes:
            break
    return last


def _code(source: Source, number: int) -> str:
    """A line without its comment."""
    comment = next((t for t in source.tokens(number, comments=True) if t.kind == "comment"), None)
    text = source.line(number)
    return text if comment is None else text[: comment.start]


# ---------------------------------------------------------------- between items


def item_separator(case: Case) -> Advice | None:
    """Between the items of a list, an object or a call."""
    rules = (
        other_characters,
        semicolon,
        without_quotes,
        _comma_before_a_name,
        _comma_between,
        bracket_missing,
        _comma_above,
    )
    return next((found for rule in rules if (found := rule(case)) is not None), None)


def _comma_before_a_name(case: Case) -> Advice | None:
    """``{ name = "A" value = "B" }``."""
    tokens = case.source.tokens(case.number) if case.source is not None else ()
    for before, name, sign in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if sign.text in ("=", ":") and name.kind in ("word", "string") and before.text not in (",", "{", "(", "["):
            line = f"{case.line[: before.end]}, {case.line[name.start :]}"
            return case.write("Between two items on one line there is a comma.", line)
    return None


def _comma_between(case: Case) -> Advice | None:
    """``["a" "b"]``."""
    tokens = case.source.tokens(case.number) if case.source is not None else ()
    line = case.line
    for before, after in reversed(list(itertools.pairwise(tokens))):
        if before.kind == "string" and after.kind in ("string", "word"):
            line = f"{line[: before.end]}, {line[after.start :]}"
    return case.write("Between the items of a list there are commas.", line) if line != case.line else None


def _comma_above(case: Case) -> Advice | None:
    """A list over several lines, where the line above ends without a comma."""
    source = case.source
    if source is None:
        return None
    inside = source.inside(case.number)
    for at in (case.number, case.number - 1):
        code = _code(source, at).rstrip()
        following = _next_line(source, at)
        if (
            inside is None
            or inside.sign not in "[("
            or not code
            or code.endswith((",", "[", "(", "{"))
            or following is None
        ):
            continue
        if source.line(following).strip()[:1] in ("]", ")"):
            continue
        sentence = f"Between the items of a list there are commas: one is missing at the end of {case.at(at)}."
        return case.write(sentence, f"{code},{source.line(at)[len(code) :]}", line=at)
    return None


def key_separator(case: Case) -> Advice | None:
    """Between the name and the value of an object's item."""
    tokens = case.source.tokens(case.number) if case.source is not None else ()
    for before, sign in itertools.pairwise(tokens):
        if sign.text in ("=>", "==", "->") and before.kind in ("word", "string"):
            line = f"{case.line[: sign.start]}={case.line[sign.end :]}"
            return case.write("Between a name and its value there is an equals sign in Terraform.", line)
    for before, after in itertools.pairwise(tokens):
        if before.kind in ("word", "string") and _begins_a_value(case, after):
            line = f"{case.line[: before.end]} = {case.line[after.start :]}"
            return case.write(f"Between {shown(before.text)} and its value there is no equals sign.", line)
    listed = re.search(r"\{(?P<items>\s*\"[^{}=:]*)\}|\{(?P<one>\s*\"[^{}\"]*\"\s*)\}", case.line)
    if listed is not None and "=" not in listed[0]:
        line = replaced(case.line, listed.start(), listed.end(), f"[{listed[0][1:-1]}]")
        return case.write("A list stands between [ and ]; between { and } stand names with their values.", line)
    return without_quotes(case)


def call_separator(case: Case) -> Advice | None:
    """In the parentheses of a call."""
    found = re.search(r"\bjsonencode\((?P<items>[^(){}]*=[^(){}]*)\)", case.line)
    if found is not None:
        line = replaced(case.line, found.start("items"), found.end("items"), f"{{ {found['items'].strip()} }}")
        return case.write(
            "jsonencode takes one value: names and their values stand between { } inside its parentheses.", line
        )
    opened = re.search(r"\bjsonencode\(\s*$", case.line) or None
    if opened is None and case.source is not None:
        inside = case.source.inside(case.number)
        if (
            inside is not None
            and inside.sign == "("
            and re.search(r"\bjsonencode\(\s*$", case.source.line(inside.line))
        ):
            return _braces_in_call(case, case.source, inside)
    return bracket_missing(case) or without_quotes(case) or _comma_between(case)


def _braces_in_call(case: Case, source: Source, bracket: Bracket) -> Advice | None:
    end = bracket.end_line
    if end is None or source.line(end).strip() != ")":
        return None
    first = source.line(bracket.line).rstrip()
    return case.edits(
        "jsonencode takes one value: names and their values stand between { } inside its parentheses.",
        Edit(bracket.line, bracket.line, f"{first}{{"),
        Edit(end, end, source.line(end).replace(")", "})", 1)),
    )


def expression_missing(case: Case) -> Advice | None:
    """Where a value should begin."""
    rules = (other_characters, single_quotes, wrong_closer, without_quotes)
    if (found := next((found for rule in rules if (found := rule(case)) is not None), None)) is not None:
        return found
    empty = re.fullmatch(r"\s*(?P<name>[A-Za-z_][\w-]*)\s*=\s*(?:#.*)?", case.line)
    if empty is not None:
        return case.means(f"{shown(empty['name'])} has no value: it stands behind the equals sign, on the same line.")
    twice = re.sub(r",(?:\s*,)+", ",", case.line)
    if twice != case.line:
        return case.write("There is one comma too many.", twice)
    return None


def wrong_closer(case: Case) -> Advice | None:
    """A line that closes another bracket than the one that is open."""
    source = case.source
    tokens = source.tokens(case.number) if source is not None else ()
    inner = source.inside(case.number) if source is not None else None
    if not tokens or inner is None or source is None or tokens[0].text not in ("}", "]", ")"):
        return None
    wanted, there = _CLOSER[inner.sign], tokens[0].text
    if wanted == there:
        return None
    skipped: list[str] = []
    outer: Bracket | None = inner
    while outer is not None and not outer.is_block and _CLOSER[outer.sign] != there:
        skipped.append(_CLOSER[outer.sign])
        outer = outer.parent
    opened = case.at(inner.line)
    sentence = f"The {_WORDS_OF[inner.sign]} that {opened} opens ends with {wanted}, and here stands {there}."
    if outer is not None and outer.is_block and there == "}":
        return None  # it closes the block; what is open in it is not closed
    if outer is None or outer.is_block:
        return case.write(sentence, replaced(case.line, tokens[0].start, tokens[0].end, wanted))
    if len(skipped) == 1 and wanted == "}" and inner.line < case.number:
        indent = indentation(source.line(inner.line))
        return case.write(sentence, f"{indent}}}\n{case.line}")
    return case.write(sentence, replaced(case.line, tokens[0].start, tokens[0].start, "".join(skipped)))


def foreign_string(case: Case) -> Advice | None:
    """``f"…{name}…"``, as in Python."""
    found = re.search(r"(?<![\w\"])[fFrRbBuU]{1,2}(?P<text>\"(?:[^\"\\]|\\.)*\")", case.line)
    if found is None:
        return None
    text = re.sub(rf"(?<![${{])\{{\s*({REFERENCE.pattern})\s*\}}", r"${\1}", found["text"])
    line = replaced(case.line, found.start(), found.end(), text)
    return case.write("A text has nothing in front of its quote; it takes a value in with ${ }.", line)


def bracket_too_many(case: Case) -> Advice | None:
    """A closing bracket behind a value that none opens."""
    source = case.source
    if source is None:
        return None
    tokens = source.tokens(case.number)
    last = tokens[-1] if tokens else None
    if last is None or last.text not in ("}", "]", ")") or len(tokens) < 4 or tokens[1].text != "=":
        return None
    opening = {"}": "{", "]": "[", ")": "("}[last.text]
    if any(token.text == opening for token in tokens):
        return None
    value = next((value for value in case.values() if value.name == tokens[0].text), None)
    if last.text == "]" and value is not None:
        line = replaced(case.line, value.start, value.start, "[")
        return case.write("The list has no opening bracket.", line)
    line = replaced(case.line, last.start, last.end, "").rstrip()
    return case.write(f"{last.text} closes nothing that this line opens.", line)


def call_without_parentheses(case: Case) -> Advice | None:
    """``jsonencode{``: what a function is given stands in parentheses."""
    found = re.search(r"\b(?P<name>jsonencode|merge|yamlencode|concat)\s*(?P<sign>[{\[])", case.line)
    if found is None:
        return None
    line = replaced(case.line, found.start(), found.end(), f"{found['name']}({found['sign']}")
    return case.write("What a function is given stands in parentheses.", line)


def heredoc_missing(case: Case) -> Advice | None:
    """A heredoc without its end, else a quote without its own."""
    source = case.source
    if source is None:
        return None
    for number in range(min(case.number, len(source.lines)), 0, -1):
        token = next((t for t in source.tokens(number) if t.kind == "heredoc"), None)
        if token is not None:
            word = token.text.lstrip("<-")
            sentence = f"The text that {token.text} begins in {case.at(number)} ends at a line of {word} alone, and there is none."
            return case.means(sentence)
        if source.tokens(number) and number < case.number and _closes_at_the_top(source, number):
            break
    return quote_missing(case)


def _closes_at_the_top(source: Source, number: int) -> bool:
    return source.line(number).startswith("}")
