"""Arguments and blocks: which there are, of which type, how often."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from lab_env.advice.case import Case, Value, indentation, replaced, shown
from lab_env.advice.model import Advice, Edit
from lab_env.advice.names import nearest
from lab_env.advice.references import main_attribute
from lab_env.advice.schema import attributes_of, kind_of
from lab_env.advice.source import Bracket, Source
from lab_env.advice.values import FALSE, NUMBERS, TRUE, as_text, is_expression, is_reference

_JSON_ARGUMENTS = frozenset(
    {"secret_string", "secret_string_wo", "container_definitions", "policy", "assume_role_policy"}
)
_IN_LIFECYCLE = frozenset({"ignore_changes", "prevent_destroy", "create_before_destroy", "replace_triggered_by"})


# ---------------------------------------------------------------- which there are


def argument(case: Case) -> Advice | None:
    """An argument that the block does not have."""
    name = case.found["name"]
    block = case.source.block(case.number) if case.source is not None else None
    kind = kind_of(block)
    if block is None or kind is None:
        return case.means(f"A block of this type has no argument {shown(name)}.")
    if name in _IN_LIFECYCLE and block.type in ("resource", "data"):
        return _into_lifecycle(case, name)
    if name in kind.blocks:
        return _as_block(case, name)
    if (inner := _of_a_nested_block(block, kind.blocks, name)) is not None:
        return case.means(
            f"{shown(name)} is an argument of the block {inner}: it stands between the braces of {inner} {{ }}."
        )
    near = nearest(name, kind.arguments, taken=block.names)
    owner = block.labels[0] if block.type in ("resource", "data", "ephemeral") and block.labels else block.type
    if near is None:
        if (taken := nearest(name, kind.arguments)) is not None:
            where = case.at(block.names[taken])
            return case.write(f"{owner} has no argument {shown(name)}, and {taken} is set already, in {where}.", "")
        few = ", ".join(sorted(kind.arguments)[:8])
        said = f"; it has {few}" + (" and others" if len(kind.arguments) > 8 else "") if kind.arguments else ""
        return case.means(f"{shown(owner)} has no argument {shown(name)}{said}.")
    line = re.sub(rf"(?<![\w-])\"?{re.escape(name)}\"?(?=\s*[=:{{])", near, case.line, count=1)
    return case.write(f"{shown(owner)} has no argument {shown(name)}; it has {near}.", line)


def _of_a_nested_block(block: Bracket, blocks: tuple[str, ...], name: str) -> str | None:
    if block.type != "data" or "statement" not in blocks:
        return None
    small = name.lower().rstrip("s")
    return "statement" if small in ("action", "resource", "effect", "sid", "principal", "condition") else None


def _into_lifecycle(case: Case, name: str) -> Advice:
    indent = indentation(case.line)
    lines = f"{indent}lifecycle {{\n{indent}  {case.line.strip()}\n{indent}}}"
    sentence = f"{name} is said inside a block lifecycle {{ }} of the resource."
    if "[" in case.line and "]" not in case.line:
        return case.means(sentence)
    return case.write(sentence, lines)


def _as_block(case: Case, name: str) -> Advice | None:
    found = re.fullmatch(rf"(?P<head>\s*{re.escape(name)})\s*[=:]\s*(?P<rest>[\[{{].*)", case.line)
    sentence = f"{name} is a block, and a block's brace follows its name, without the equals sign"
    if found is None or case.source is None:
        return case.means(f"{sentence}.")
    if found["rest"].startswith("{"):
        return case.write(f"{sentence}.", f"{found['head']} {found['rest']}")
    return _list_of_blocks(case, case.source, found["head"], f"{sentence}; several of them are several blocks.")


def _list_of_blocks(case: Case, source: Source, head: str, sentence: str) -> Advice:
    """``statement = [{ … }]`` with one item over several lines."""
    bracket = next((b for b in source.brackets if b.line == case.number and b.sign == "["), None)
    end = bracket.end_line if bracket is not None else None
    first = re.fullmatch(r"[^\[]*\[\s*\{\s*", case.line)
    if end is None or first is None or source.line(end).strip() not in ("}]", "},]"):
        return case.means(sentence)
    closing = f"{indentation(case.line)}}}"
    return case.edits(sentence, Edit(case.number, case.number, f"{head} {{"), Edit(end, end, closing))


def block_type(case: Case) -> Advice | None:
    """A block that the block around it does not have."""
    name = case.found["name"]
    source = case.source
    block = source.block(case.number) if source is not None else None
    kind = kind_of(block)
    if source is None or block is None or kind is None:
        return None
    if name in kind.arguments:
        line = re.sub(rf"(\b{re.escape(name)})\s*\{{", r"\1 = {", case.line, count=1)
        return case.write(f"{name} is an argument: between it and the brace stands an equals sign.", line)
    near = nearest(name, kind.blocks)
    if near is not None:
        return case.write(
            f"There is no block {shown(name)} here; it is called {near}.", case.line.replace(name, near, 1)
        )
    near = nearest(name, kind.arguments, taken=block.names)
    if near is not None:
        line = re.sub(rf"\b{re.escape(name)}\s*\{{", f"{near} = {{", case.line, count=1)
        return case.write(
            f"There is no block {shown(name)} here; there is an argument {near}, set with an equals sign.", line
        )
    return case.means(f"A block {shown(name)} is nothing that this block can hold.")


def required(case: Case) -> Advice | None:
    """An argument that a block cannot do without."""
    name = case.found["name"]
    block = case.source.block(case.number) if case.source is not None else None
    here = _block_at(case)
    kind = kind_of(here or block)
    near = None
    if here is not None and kind is not None:
        near = next((one for one in here.names if nearest(one, [name]) == name and one not in kind.arguments), None)
    if near is not None:
        number = here.names[near] if here is not None else case.number
        text = case.source.line(number) if case.source is not None else ""
        line = re.sub(rf"^(\s*){re.escape(near)}(?=\s*[=:])", rf"\g<1>{name}", text)
        return case.write(
            f"The block has no argument {shown(near)}; it needs {name} ({case.at(number)}).", line, line=number
        )
    return case.means(f"The block cannot do without {name}: add a line that sets it.")


def _block_at(case: Case) -> Bracket | None:
    if case.source is None:
        return None
    return next((one for one in case.source.brackets if one.is_block and one.line == case.number), None)


def too_few_blocks(case: Case) -> Advice | None:
    name = case.found["name"]
    return case.means(f"The block cannot do without a block {shown(name)}: add {shown(name)} {{ … }} to it.")


# ---------------------------------------------------------------- of which type


def wrong_type(case: Case) -> Advice | None:
    """A value of another type than the argument's."""
    name, wanted = case.found["name"], case.found["wanted"].rstrip(".")
    if (element := re.match(r"element \"(?P<name>[^\"]+)\": (?P<wanted>.*)", wanted)) is not None:
        return _wrong_element(case, element["name"], element["wanted"])
    value = next((value for value in case.values() if value.name == name), None)
    if value is None:
        return case.means(f"{shown(name)} wants {_in_words(wanted)}.")
    if value.is_leaf and is_reference(value.text) and (whole := _whole(case, value, name)) is not None:
        return whole
    for kind, rule in _TYPES.items():
        if kind in wanted.split(",")[0]:
            return rule(case, value, name, wanted)
    return case.means(f"{shown(name)} wants {_in_words(wanted)}.")


def _wrong_element(case: Case, name: str, wanted: str) -> Advice | None:
    """One of the values of a map, which may stand some lines further down."""
    last = len(case.source.lines) if case.source is not None else 0
    for number in range(case.number, min(case.number + _MOST_LINES, last) + 1):
        value = next((value for value in case.values(number) if value.name == name), None)
        rule = next((rule for kind, rule in _TYPES.items() if kind in wanted.split(",")[0]), None)
        if value is not None and rule is not None:
            return rule(replace(case, said=replace(case.said, line=number)), value, name, wanted)
    return case.means(f"{shown(name)} wants {_in_words(wanted)}.")


_MOST_LINES = 40


def _in_words(wanted: str) -> str:
    first = wanted.split(",")[0].removesuffix(" required").removesuffix(" is required").strip()
    known = {"string": "one text in quotes", "a number": "a number", "number": "a number", "a bool": "true or false"}
    known |= {
        "bool": "true or false",
        "set of string": "a list of texts: [ ]",
        "list of string": "a list of texts: [ ]",
    }
    known |= {"map of string": "names and their values between { }"}
    return known.get(first, shown(first))


def _whole(case: Case, value: Value, name: str) -> Advice | None:
    """A whole resource for one of its attributes."""
    found = re.fullmatch(r"(?P<data>data\.)?(?P<type>aws_\w+)\.[\w-]+(?:\[[^\]]*\])?", value.text)
    if found is None:
        return None
    mode = "data" if found["data"] else "resource"
    there = attributes_of(found["type"], mode)
    wanted = next((one for one in (name, name.rpartition("_")[2]) if one in there), None)
    if wanted is None:
        wanted = "name" if name == "role" else main_attribute(found["type"], mode)
    if name == "kms_key_id" and "arn" in there:
        wanted = "arn"
    line = replaced(case.line, value.end, value.end, f".{wanted}")
    return case.write(
        f"The reference names the whole resource; {name} wants one attribute of it, here .{wanted}.", line
    )


def _for_text(case: Case, value: Value, name: str, wanted: str) -> Advice | None:
    del wanted
    if name in _JSON_ARGUMENTS and value.text[:1] in ("{", "[", "("):
        return _encoded(case, value, name)
    items = re.fullmatch(r"\[\s*(?P<item>\"(?:[^\"\\]|\\.)*\"|[^\[\]{},]+?)\s*,?\s*\]", value.text)
    if items is not None:
        line = replaced(case.line, value.start, value.end, items["item"])
        return case.write(f"{name} wants one text, not a list of them: without the brackets.", line)
    if name in _JSON_ARGUMENTS:
        line = replaced(case.line, value.start, value.end, f"jsonencode({value.text})")
        return case.write(f"{name} is a text that holds JSON: jsonencode( ) makes it of an object or a list.", line)
    return case.means(f"{shown(name)} wants one text in quotes.")


def _encoded(case: Case, value: Value, name: str) -> Advice | None:
    source = case.source
    sentence = f"{name} is a text that holds JSON: jsonencode( ) makes it of an object or a list."
    if source is None:
        return None
    call = "jsonencode" if value.text.startswith("(") else "jsonencode("
    first = replaced(case.line, value.start, value.start, call)
    if call == "jsonencode":
        return case.write(sentence, first)
    bracket = next(
        (b for b in source.brackets if b.line == case.number and b.sign == value.text[0] and not b.is_block), None
    )
    end = bracket.end_line if bracket is not None else None
    if end is None:
        return case.means(sentence)
    if end == case.number:
        return case.write(sentence, replaced(case.line, value.start, value.end, f"jsonencode({value.text})"))
    last = source.line(end)
    at = last.find("}" if value.text[0] == "{" else "]") + 1
    return case.edits(sentence, Edit(case.number, case.number, first), Edit(end, end, f"{last[:at]}){last[at:]}"))


def _for_number(case: Case, value: Value, name: str, wanted: str) -> Advice | None:
    del wanted
    text = value.text.strip('"').strip().lower()
    number = re.search(r"\d+", text)
    put = number[0] if number else NUMBERS.get(text.split(" ")[0])
    if put is None or not value.is_leaf:
        return case.means(f"{name} wants a number: digits without quotes.")
    line = replaced(case.line, value.start, value.end, put)
    return case.write(f"{name} wants a number: digits alone, not {shown(value.text)}.", line)


def _for_bool(case: Case, value: Value, name: str, wanted: str) -> Advice | None:
    del wanted
    text = value.text.strip('"').strip().lower()
    put = "true" if text in TRUE | {"true"} else "false" if text in FALSE | {"false"} else None
    if put is None:
        return case.means(f"{name} wants true or false, without quotes.")
    line = replaced(case.line, value.start, value.end, put)
    return case.write(f"{name} wants true or false, not {shown(value.text)}.", line)


def _for_list(case: Case, value: Value, name: str, wanted: str) -> Advice | None:
    del wanted
    if not value.is_leaf or not (is_expression(value.text) or as_text(value.text)):
        return case.means(f"{name} wants a list: its items between [ and ].")
    text = value.text
    if text.startswith('"') and "," in text and "${" not in text:
        text = ", ".join(f'"{part.strip()}"' for part in text.strip('"').split(",") if part.strip())
    line = replaced(case.line, value.start, value.end, f"[{text}]")
    return case.write(f"{name} wants a list, also of one item: between [ and ].", line)


def _for_map(case: Case, value: Value, name: str, wanted: str) -> Advice | None:
    del wanted
    sentence = f"{name} wants names and their values between {{ }}, such as {{ Environment = var.environment }}"
    items = re.fullmatch(r"\[(?P<items>[^\[\]{}]*)\]", value.text)
    parts = [part.strip() for part in items["items"].split(",") if part.strip()] if items else []
    named = all(re.fullmatch(r'"[A-Za-z_][\w-]*"', part) for part in parts[::2])
    if parts and len(parts) % 2 == 0 and named:
        pairs = ", ".join(f"{key.strip(chr(34))} = {one}" for key, one in zip(parts[::2], parts[1::2], strict=True))
        return case.write(f"{sentence}, not a list.", replaced(case.line, value.start, value.end, f"{{ {pairs} }}"))
    pair = re.fullmatch(r"\"(?P<name>[A-Za-z_]\w*)\s*[=:]\s*(?P<value>[^\"=:]+)\"", value.text)
    if pair is not None:
        text = f'{{ {pair["name"]} = "{pair["value"].strip()}" }}'
        return case.write(f"{sentence}, not a text.", replaced(case.line, value.start, value.end, text))
    return case.means(f"{sentence}.")


_TYPES = {
    "bool": _for_bool,
    "number": _for_number,
    "map of": _for_map,
    "set of": _for_list,
    "list of": _for_list,
    "string": _for_text,
}
_TYPES_OF_VARIABLES: Mapping[str, str] = {
    "text": "string",
    "str": "string",
    "String": "string",
    "varchar": "string",
    "int": "number",
    "integer": "number",
    "float": "number",
    "boolean": "bool",
    "Boolean": "bool",
    "array": "list(string)",
    "list": "list(string)",
    "map": "map(string)",
    "dict": "map(string)",
}


def variable_type(case: Case) -> Advice | None:
    """The type of a variable."""
    found = re.fullmatch(r"(?P<head>\s*type\s*=\s*)\"?(?P<type>[A-Za-z]+)\"?(?P<rest>.*)", case.line)
    if found is None:
        return case.means("A variable's type is string, number, bool, list(string) or map(string), without quotes.")
    put = _TYPES_OF_VARIABLES.get(found["type"]) or nearest(found["type"], ("string", "number", "bool", "any"))
    if put is None:
        return case.means("A variable's type is string, number, bool, list(string) or map(string), without quotes.")
    return case.write(
        f"There is no type {shown(found['type'])}; Terraform's is {put}.", f"{found['head']}{put}{found['rest']}"
    )


def static_list(case: Case) -> Advice | None:
    """``ignore_changes = secret_string``, ``depends_on = aws_kms_key.secrets``."""
    value = next((v for v in case.values() if v.name in ("ignore_changes", "depends_on", "replace_triggered_by")), None)
    if value is None or not value.is_leaf:
        return None
    line = replaced(case.line, value.start, value.end, f"[{value.text.strip(chr(34))}]")
    return case.write(f"{value.name} wants a list, also of one item: between [ and ].", line)


def static_reference(case: Case) -> Advice | None:
    """In ``ignore_changes`` and ``depends_on`` stand names of what there is, and nothing to be reckoned out."""
    value = next((v for v in case.values() if v.name in ("ignore_changes", "depends_on", "replace_triggered_by")), None)
    if value is None:
        return None
    if value.name == "ignore_changes":
        return case.means("ignore_changes names arguments of this resource without quotes, such as [secret_string].")
    items = re.findall(r"[\"']?((?:data\.)?aws_\w+\.[\w-]+)", value.text)
    if not items:
        return case.means(f"{value.name} names resources without quotes, such as [aws_kms_key.secrets].")
    line = replaced(case.line, value.start, value.end, f"[{', '.join(items)}]")
    return case.write(f"{value.name} names resources without quotes.", line)


# ---------------------------------------------------------------- twice


def twice_in_a_block(case: Case) -> Advice | None:
    """An argument that is set twice: one of the two lines goes."""
    name = case.found["name"]
    if case.source is None:
        return None
    numbers = [int(number) for number in re.findall(r"\d+", case.found.groupdict().get("lines") or "")]
    others = sorted({*numbers, case.number})
    where = " and in ".join(case.at(one) for one in others)
    return case.write(f"{shown(name)} is set twice in one block, in {where}: take one of them away.", "")
