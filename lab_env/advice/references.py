"""References: variables, resources, attributes, functions that there are not; what needs itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lab_env.advice.case import Case, replaced, shown, values_in
from lab_env.advice.model import Advice, Edit
from lab_env.advice.names import nearest
from lab_env.advice.schema import attributes_of, kind_of, types
from lab_env.advice.source import Bracket, Source
from lab_env.advice.syntax import texts_quoted, without_quotes
from lab_env.advice.values import as_text
from lab_env.hcl.names import is_identifier

_ROOTS = {
    "variable": "var",
    "variables": "var",
    "vars": "var",
    "env": "var",
    "input": "var",
    "locals": "local",
    "modules": "module",
}
_WORDS = {
    "True": "true",
    "False": "false",
    "TRUE": "true",
    "FALSE": "false",
    "yes": "true",
    "no": "false",
    "on": "true",
}
_WORDS |= {"off": "false", "None": "null", "nil": "null", "NULL": "null", "Null": "null", "undefined": "null"}
_FUNCTIONS = frozenset(
    """abs base64decode base64encode can ceil chomp chunklist cidrhost cidrnetmask cidrsubnet coalesce coalescelist compact concat
    contains csvdecode distinct element endswith ephemeralasnull file filebase64 flatten floor format formatdate formatlist indent
    index issensitive join jsondecode jsonencode keys length log lookup lower map matchkeys max md5 merge min nonsensitive one
    parseint pow range regex regexall replace reverse sensitive setintersection setproduct setsubtract setunion sha1 sha256 sha512
    signum slice sort split startswith strcontains strrev substr sum templatefile timeadd title tobool tolist tomap tonumber toset
    tostring transpose trim trimprefix trimspace trimsuffix try upper urlencode values yamldecode yamlencode zipmap""".split()  # noqa: SIM905 - a hundred words
)
_FOREIGN = {
    "dumps": "jsonencode",
    "json_encode": "jsonencode",
    "tojson": "jsonencode",
    "to_json": "jsonencode",
    "stringify": "jsonencode",
    "json": "jsonencode",
    "encodejson": "jsonencode",
    "jsonparse": "jsondecode",
    "loads": "jsondecode",
    "str": "tostring",
    "string": "tostring",
    "int": "tonumber",
    "len": "length",
    "size": "length",
    "tolower": "lower",
    "lowercase": "lower",
    "toupper": "upper",
    "uppercase": "upper",
    "strip": "trimspace",
    "readfile": "file",
}
_SECRETS = ("secret", "secrets", "password", "value", "secret_value", "credentials")
_EACH = re.compile(r"(?<![\w.\"-])(?P<name>[A-Za-z_][\w-]*)(?![\w(.\"=-])")


def variable(case: Case) -> Advice | None:
    """``var.enviroment``."""
    name = case.found["name"]
    declared = [address.removeprefix("var.") for address in case.blocks if address.startswith("var.")]
    near = _near_variable(name, declared)
    if near is None:
        listed = ", ".join(f"var.{one}" for one in sorted(declared)[:5])
        said = f"; this module declares {listed}" if listed else ""
        return case.means(f"No variable block declares {shown(name)}{said}.")
    line = re.sub(rf"\bvar\.{re.escape(name)}(?![\w-])", f"var.{near}", case.line)
    return case.write(
        f"There is no variable {shown(name)} in this module: the one that it declares is var.{near}.", line
    )


def _near_variable(name: str, declared: list[str]) -> str | None:
    near = nearest(name, declared)
    if near is None and len(declared) == 1 and (declared[0].startswith(name[:3]) or len(name) < 4):
        return declared[0]
    return near or ("environment" if "environment" in declared and name in ("env", "stage", "environ") else None)


def local(case: Case) -> Advice | None:
    """``local.name`` without such a local value: often it is a variable's."""
    name = case.found["name"]
    if f"var.{name}" in case.blocks:
        line = re.sub(rf"\blocal\.{re.escape(name)}(?![\w-])", f"var.{name}", case.line)
        return case.write(f"{shown(name)} is no local value here but a variable: var.{name}.", line)
    declared = [
        local for source in case.module for block in source.blocks if block.type == "locals" for local in block.names
    ]
    near = nearest(name, declared)
    if near is None:
        return case.means(f"No locals block sets {shown(name)}.")
    line = re.sub(rf"\blocal\.{re.escape(name)}(?![\w-])", f"local.{near}", case.line)
    return case.write(f"There is no local value {shown(name)}: the one that is set is local.{near}.", line)


def resource(case: Case) -> Advice | None:
    """A resource or data source that is not declared."""
    type, name = case.found["type"], case.found["name"]
    written = f"{type}.{name}"
    if type in _ROOTS and (root := _ROOTS[type]) != type:
        line = case.line.replace(written, f"{root}.{name}")
        return case.write(f"A value of that kind begins with {root}. in Terraform, not with {shown(type)}.", line)
    if case.found["mode"] != "data" and f"data.{written}" in case.blocks:
        line = re.sub(rf"(?<!data\.)\b{re.escape(written)}(?![\w-])", f"data.{written}", case.line)
        return case.write("It is a data source, and a reference to one begins with data.", line)
    called = [
        a for a, (_, block) in case.blocks.items() if block.type in ("resource", "data") and block.labels[1:] == (type,)
    ]
    if len(called) == 1 and not type.startswith("aws_"):
        line = re.sub(rf"(?<![\w.]){re.escape(type)}(?=\.)", called[0], case.line)
        return case.write(f"A reference begins with the type, and the name follows it: {called[0]}.", line)
    prefix = "data." if case.found["mode"] == "data" else ""
    if prefix and written in case.blocks:
        line = case.line.replace(f"data.{written}", written)
        return case.write(f"{shown(written)} is a resource, and a reference to one does not begin with data.", line)
    return _named(case, prefix, type, name)


def _named(case: Case, prefix: str, type: str, name: str) -> Advice | None:
    mode = "data" if prefix else "resource"
    same = [address.rpartition(".")[2] for address in case.blocks if address.startswith(f"{prefix}{type}.")]
    attributes = attributes_of(type, mode)
    old = f"{prefix}{type}.{name}"
    if name in attributes and same and len(same) == 1:
        line = re.sub(rf"\b{re.escape(old)}(?![\w-])", f"{prefix}{type}.{same[0]}.{name}", case.line)
        sentence = (
            f"Between the type and {shown(name)} the resource's own name is missing: {prefix}{type}.{same[0]}.{name}."
        )
        return case.write(sentence, line)
    near = nearest(name, same) or (same[0] if len(same) == 1 else None)
    if near is not None:
        line = re.sub(rf"\b{re.escape(old)}(?![\w-])", f"{prefix}{type}.{near}", case.line)
        return case.write(f"No {mode} block declares {shown(old)}; {prefix}{type}.{near} is there.", line)
    kind = nearest(type, types(mode))
    if kind is not None and f"{prefix}{kind}.{name}" in case.blocks and kind != type:
        line = re.sub(rf"\b{re.escape(prefix + type)}(?=\.)", f"{prefix}{kind}", case.line)
        return case.write(f"The type is called {kind}, not {shown(type)}.", line)
    if same:
        return case.means(f"No {mode} block declares {shown(old)}; of that type there are {_listed(same)}.")
    return case.means(f"No {mode} block in this module has the labels {shown(type)} and {shown(name)}.")


def _listed(names: list[str]) -> str:
    return ", ".join(shown(name) for name in sorted(names)[:5])


def bare(case: Case) -> Advice | None:
    """A word alone, where Terraform looks for a reference."""
    line = case.line
    for value in reversed(case.values()):
        word = _WORDS.get(value.text)
        if word is not None and value.is_leaf:
            what = f"In Terraform it is {word}, in small letters and without quotes, and not {value.text}"
            return case.write(f"{what}.", replaced(line, value.start, value.end, word))
    named = re.search(r"\b(?P<type>aws_\w+)\[\"(?P<name>[\w-]+)\"\]", line)
    if named is not None and f"{named['type']}.{named['name']}" in case.blocks:
        put = f"{named['type']}.{named['name']}"
        sentence = "Type and name of a resource are joined by a full stop."
        return case.write(sentence, replaced(line, named.start(), named.end(), put))
    for name in _bare_names(case):
        root = "var" if f"var.{name}" in case.blocks else "local" if _is_local(case, name) else None
        if root is not None:
            line = re.sub(rf"(?<![\w.\"-])(?<!\w ){re.escape(name)}(?![\w(.\"=-])(?!\s*=[^=])", f"{root}.{name}", line)
            if line != case.line:
                line = texts_quoted(line)
                what = "variable" if root == "var" else "local value"
                return case.write(f"{shown(name)} is a {what}, and a reference to one begins with {root}.", line)
    return without_quotes(case)


def _bare_names(case: Case) -> Iterator[str]:
    """Words that stand alone in a value or between ``${`` and ``}``."""
    if case.source is None:
        return
    for value in case.values():
        if value.is_leaf and is_identifier(value.text):
            yield value.text
    for sequence in re.finditer(r"\$\{([^{}\"]*)\}", case.line):
        yield from (found["name"] for found in _EACH.finditer(sequence[1]))
    for value in case.values():
        if value.is_leaf and '"' not in value.text:
            yield from (found["name"] for found in _EACH.finditer(value.text))


def _is_local(case: Case, name: str) -> bool:
    return any(name in block.names for source in case.module for block in source.blocks if block.type == "locals")


def attribute(case: Case) -> Advice | None:
    """An attribute that a resource does not have, in a reference or in ``ignore_changes``."""
    name = case.found["name"]
    block = case.source.block(case.number) if case.source is not None else None
    if block is not None and block.type == "lifecycle" and block.parent is not None:
        return _ignored(case, name, block)
    pattern = rf"\b(?P<data>data\.)?(?P<type>aws_\w+)\.(?P<name>[\w-]+)(?:\[[^\]]*\])?\.{re.escape(name)}(?![\w-])"
    for found in re.finditer(pattern, case.line):
        there = attributes_of(found["type"], "data" if found["data"] else "resource")
        near = nearest(name, there) or _last_word(name, there)
        if near is not None:
            line = replaced(case.line, found.end() - len(name), found.end(), near)
            return case.write(f"{found['type']} has no attribute {shown(name)}; it has {near}.", line)
        if there:
            common = [one for one in ("arn", "id", "name", "key_id", "json") if one in there]
            return case.means(f"{found['type']} has no attribute {shown(name)}; it has {', '.join(common)} and others.")
    return case.means(f"What the reference names has no attribute {shown(name)}.")


def _last_word(name: str, there: tuple[str, ...]) -> str | None:
    """``key_arn`` for ``arn``."""
    last = name.rpartition("_")[2].lower()
    return last if last in there else None


def _ignored(case: Case, name: str, block: Bracket) -> Advice:
    kind = kind_of(block.parent)
    names = tuple(kind.arguments) if kind is not None else ()
    set_ = tuple(block.parent.names) if block.parent is not None else ()
    near = None
    if "secret_string" in set_ and name in _SECRETS:
        near = "secret_string"
    near = near or nearest(name, [one for one in names if one in set_]) or nearest(name, names)
    if near is None and "secret_string" in set_:
        near = "secret_string"
    sentence = f"ignore_changes names arguments of this resource, and {shown(name)} is none."
    if name == "all":
        line = re.sub(r"\[\s*\"?all\"?\s*\]", "all", case.line)
        return case.write("Everything is ignored by all, without quotes and brackets.", line)
    whole = re.search(rf"\b{re.escape(name)}\.[\w-]+\.(?P<last>\w+)", case.line)
    if whole is not None and whole["last"] in names:
        line = replaced(case.line, whole.start(), whole.end(), whole["last"])
        return case.write("ignore_changes names arguments of its own resource by their names alone.", line)
    if near is None:
        return case.means(sentence)
    line = re.sub(rf"(?<![\w.\"-])\"?{re.escape(name)}\"?(?![\w-])", near, case.line)
    return case.write(f"{sentence[:-1]}; {near} is.", line)


def module(case: Case) -> Advice | None:
    """``module.secrets.aws_kms_key.secrets``: a module's own resources are called without the module."""
    found = re.search(r"\bmodule\.[\w-]+\.(?P<own>(?:data\.)?aws_\w+\.[\w-]+)", case.line)
    if found is None or found["own"] not in case.blocks:
        return case.means("module. refers to a module block, and none of that name is there.")
    line = replaced(case.line, found.start(), found.end(), found["own"])
    return case.write("Inside a module its own resources are called without the module's name.", line)


def no_reference(case: Case) -> Advice | None:
    """A reference where a value has to be fixed."""
    if re.search(r"=\s*\"?(?:\$\{)?(?:var|local|data|aws_\w+)\.", case.line) is None:
        return None
    return case.means(
        "Here stands a fixed value, such as a text in quotes, and no reference: a variable's default is one."
    )


def given_value(case: Case) -> Advice | None:
    """A variable whose type does not take the text that the lab gives."""
    name = case.found["name"]
    sentence = f"The lab gives {shown(name)} a text, so its type is string."
    source, block = case.blocks.get(f"var.{name}", (None, None))
    number = block.names.get("type") if block is not None else None
    if source is None or number is None:
        return case.means(sentence)
    line = re.sub(r"=\s*[^#]*[^#\s]", "= string", source.line(number), count=1)
    return case.edits(sentence, Edit(number, number, line), path=source.path)


def index_missing(case: Case) -> Advice | None:
    """A resource that has ``count`` or ``for_each``."""
    address = case.found["address"]
    key = "0" if case.found["how"] == "count" else None
    if key is None:
        return case.means(f'{address} has for_each, so a reference says which one: {address}["its key"].')
    line = re.sub(rf"\b{re.escape(address)}(?=\.)", f"{address}[0]", case.line)
    return case.write(f"{address} has count, so there may be several: the first is {address}[0].", line)


def no_index(case: Case) -> Advice | None:
    """An index on something that is one."""
    found = re.search(r"\b(aws_\w+\.[\w-]+)\[[^\]]*\]", case.line)
    if found is None:
        return None
    line = replaced(case.line, found.start(), found.end(), found[1])
    return case.write(f"{found[1]} is one resource without count, so it has no index.", line)


def directly(case: Case) -> Advice | None:
    """``var`` or ``local`` alone."""
    name = case.found["name"]
    if name == "var" and "var.environment" in case.blocks:
        line = re.sub(r"(?<![\w.])var(?![\w.])", "var.environment", case.line)
        return case.write("var holds all variables; behind a full stop stands which one.", line)
    return case.means(f"{shown(name)} holds several values; behind a full stop stands which one.")


def cycle(case: Case) -> Advice | None:
    """Resources that need each other: one of the references has to go."""
    addresses = [re.sub(r" \(.*\)$", "", one).strip() for one in case.found["all"].split(",")]
    short = [re.sub(r"^module\.secrets(?:_\d+)?\.", "", one) for one in addresses if "." in one]
    known = [one for one in dict.fromkeys(short) if one in case.blocks]
    places = [place for one in known for place in _uses(case, one, known)]
    what = " and ".join(known[:3]) if 1 < len(known) <= 3 else f"{len(known)} blocks"
    sentence = f"{what} need each other, so neither can be made first: take one of the references away"
    if not places:
        return case.means(f"{sentence}.")
    where = " or ".join(f"{path} line {number}" for path, number in places[:4])
    return case.means(f"{sentence} ({where}).")


def _uses(case: Case, address: str, others: list[str]) -> Iterator[tuple[str, int]]:
    """The lines of a block that refer to one of the others."""
    source, block = case.blocks[address]
    for number in range(block.line, (block.end_line or block.line) + 1):
        for other in others:
            if other != address and re.search(rf"(?<![\w.-]){re.escape(other)}(?![\w-])", source.line(number)[:1000]):
                yield source.path, number


def itself(case: Case) -> Advice | None:
    """A block that refers to itself."""
    return case.means(
        f"{shown(case.found['address'])} refers to itself, and a value cannot come out of what is still to be made."
    )


def function(case: Case) -> Advice | None:
    """A function that there is not."""
    name = case.found["name"]
    near = _FOREIGN.get(name.lower()) or nearest(name, _FUNCTIONS)
    if near is None:
        return case.means(f"Terraform has no function {shown(name)}, and none can be added.")
    line = re.sub(rf"\b{re.escape(name)}(?=\()", near, case.line)
    return case.write(f"Terraform has no function {shown(name)}; it is called {near}.", line)


def foreign_call(case: Case) -> Advice | None:
    """``json.dumps(``, ``JSON.stringify(``: a function of another language."""
    found = re.search(r"\b[A-Za-z_]\w*\.(?P<name>[A-Za-z_]\w*)\(", case.line)
    if found is None:
        return None
    near = _FOREIGN.get(found["name"].lower())
    if near is None:
        return case.means("Terraform's functions have plain names without a full stop, such as jsonencode or lower.")
    line = replaced(case.line, found.start(), found.end(), f"{near}(")
    return case.write(f"{shown(found[0][:-1])} is another language's; Terraform's function is {near}.", line)


def concat(case: Case) -> Advice | None:
    """``concat("a", "b")``: it joins lists."""
    found = re.search(r"\b(?P<name>concat|join)\((?P<items>[^()\[\]]*)\)", case.line)
    if found is None:
        return None
    source = Source("", f"x = [{found['items']}]")
    pieces = [value.text for value in values_in(source, 1)[1:]]
    text = as_text(" + ".join(pieces))
    if text is None:
        return None
    line = replaced(case.line, found.start(), found.end(), text)
    return case.write(f"{found['name']} joins lists; a text takes a value in with ${{ }} inside its quotes.", line)


def no_attributes(case: Case) -> Advice | None:
    """A full stop behind what has no attributes: between texts, or behind a variable that is one text."""
    for value in case.values():
        joined = re.sub(r"(?<=\")\s*\.\s*(?=[A-Za-z\"])", " + ", value.text)
        text = as_text(joined) if joined != value.text else None
        if text is not None:
            line = replaced(case.line, value.start, value.end, text)
            return case.write("A full stop joins no texts; a text takes a value in with ${ } inside its quotes.", line)
    found = re.search(r"\b(?P<name>(?:var|local)\.[A-Za-z_][\w-]*)\.[A-Za-z_][\w.-]*", case.line)
    if found is None:
        return case.means("What stands in front of the full stop has no attributes.")
    line = replaced(case.line, found.start(), found.end(), found["name"])
    return case.write(f"{found['name']} is one value: there is nothing behind a further full stop.", line)


def whole_in_text(case: Case) -> Advice | None:
    """``"${aws_kms_key.secrets}"``."""
    found = re.search(r"\$\{\s*(?P<data>data\.)?(?P<type>aws_\w+)\.(?P<name>[\w-]+)\s*\}", case.line)
    if found is None:
        return case.means(
            "Between ${ and } stands one text or number; join or jsonencode makes one of a list or an object."
        )
    wanted = main_attribute(found["type"], "data" if found["data"] else "resource")
    line = replaced(case.line, found.end() - 1, found.end() - 1, f".{wanted}")
    return case.write(
        f"The reference names the whole resource; a text takes one attribute of it, here .{wanted}.", line
    )


def main_attribute(type: str, mode: str = "resource") -> str:
    there = attributes_of(type, mode)
    return next((one for one in ("json", "arn", "id") if one in there), "arn")
