"""What the gate says: blocks, types and names that a submission of this lab does not have."""

from __future__ import annotations

import re

from lab_env.advice.case import Case, indentation, replaced, shown
from lab_env.advice.model import Advice
from lab_env.advice.names import nearest
from lab_env.advice.references import _listed
from lab_env.advice.schema import types
from lab_env.advice.source import Bracket, Source

_BLOCK_TYPES = (
    "terraform",
    "variable",
    "locals",
    "output",
    "resource",
    "data",
    "ephemeral",
    "module",
    "moved",
    "removed",
    "check",
)
_SYNONYMS = {
    "var": "variable",
    "vars": "variable",
    "local": "locals",
    "datasource": "data",
    "data_source": "data",
    "out": "output",
}
_WHY_NOT = {
    "provider": "The lab configures the provider itself, so a module of this lab has no provider block: take it out.",
    "backend": "The lab keeps the state itself, so a module of this lab has no backend: take the block out.",
    "cloud": "The lab keeps the state itself, so a module of this lab has no cloud block: take it out.",
    "provisioner": "A provisioner runs programs beside Terraform; this lesson is done by Terraform alone: take it out.",
    "connection": "A connection belongs to a provisioner, and this lesson needs neither: take it out.",
    "import": "The account is new, so there is nothing to import: write the resource itself, and Terraform makes it.",
    "moved": "A moved block needs a from and a to, and no label.",
    "action": "An action runs something beside Terraform; this lesson is done by Terraform alone: take it out.",
}
_MODULES = {
    "kms": 'resource "aws_kms_key"',
    "secret": 'resource "aws_secretsmanager_secret"',
    "iam": 'resource "aws_iam_role"',
    "ecs": 'resource "aws_ecs_task_definition"',
}


def block_not_allowed(case: Case) -> Advice | None:
    type = case.found["type"]
    if type in _WHY_NOT:
        return case.means(_WHY_NOT[type])
    near = _SYNONYMS.get(type.lower()) or nearest(type, _BLOCK_TYPES)
    if near is None and (wanted := _type_as_block(type)) is not None:
        line = re.sub(rf"^(\s*){re.escape(type)}\b", rf'\1{wanted} "{type}"', case.line)
        return case.write(
            f"{shown(type)} is a type: the block begins with {wanted}, and the type is its first label.", line
        )
    if near is None:
        return case.means(f"Terraform has no block {shown(type)}, or this lab does not take it: take it out.")
    line = re.sub(rf"^(\s*){re.escape(type)}\b", rf"\1{near}", case.line)
    return case.write(f"There is no block {shown(type)}; it is called {near}.", line)


def _type_as_block(type: str) -> str | None:
    return next((mode for mode in ("resource", "data") if type in types(mode)), None)


def block_not_allowed_here(case: Case) -> Advice | None:
    type = case.found["type"]
    if type in _WHY_NOT:
        return case.means(_WHY_NOT[type])
    if type in _BLOCK_TYPES:
        return case.means(
            f"A block {type} stands at the top of a file, in no other block; is a closing brace missing further up?"
        )
    return case.means(f"A block {shown(type)} is nothing that the block around it can hold: take it out.")


def labels(case: Case) -> Advice | None:
    """A block with too few labels, or too many."""
    source, type = case.source, case.found["type"]
    wanted, there = int(case.found["wanted"]), int(case.found["there"])
    block = _at(source, case.number)
    if block is None or source is None:
        return None
    named = {
        2: f'has its type and then a name of your own: {type} "aws_kms_key" "main"',
        1: f'has one name in quotes: {type} "environment"',
    }
    sentence = f"A {type} block {named.get(wanted, 'has no name')}."
    given = [label for label in block.labels if label]
    if wanted == 2 and there == 1 and "." in given[0]:
        given = given[0].split(".", 1)
    elif wanted == 2 and there == 1:
        if given[0] not in types(type):
            return case.means(sentence)
        given.append(_own_name(case, f"{'data.' if type == 'data' else ''}{given[0]}"))
    elif wanted == 1 and there == 2 and given[0] in ("string", "number", "bool"):
        given = given[1:]
    elif wanted == 0:
        given = []
    else:
        return case.means(sentence)
    head = " ".join([type, *(f'"{label}"' for label in given)])
    rest = case.line[case.line.find("{") :] if "{" in case.line else "{"
    return case.write(sentence, f"{indentation(case.line)}{head} {rest}")


def _own_name(case: Case, prefix: str) -> str:
    """The name by which the rest of the module calls it already; else a name that is free."""
    wanted = re.compile(rf"(?<![\w.]){re.escape(prefix)}\.(?P<name>[A-Za-z_][\w-]*)")
    for source in case.module:
        for text in source.lines:
            found = wanted.search(text[:1000])
            if found is not None and f"{prefix}.{found['name']}" not in case.blocks:
                return found["name"]
    return next(
        name for name in ("main", "this", *(f"main_{n}" for n in range(99))) if f"{prefix}.{name}" not in case.blocks
    )


def _at(source: Source | None, number: int) -> Bracket | None:
    if source is None:
        return None
    return next((block for block in source.brackets if block.is_block and block.line == number), None)


def no_name(case: Case) -> Advice | None:
    """A label that is no name."""
    block = _at(case.source, case.number)
    if block is None or not block.header[1:]:
        return None
    token = block.header[-1]
    name = re.sub(r"[^\w-]+", "_", token.text.strip('"').strip()).strip("_")
    name = f"_{name}" if name[:1].isdigit() else name
    if not name.isascii() or not name:
        return case.means(
            "A name begins with a letter or an underscore; letters, digits, underscores and hyphens follow."
        )
    line = replaced(case.line, token.start, token.end, f'"{name}"')
    return case.write(
        "A name has letters, digits, underscores and hyphens only; an underscore stands for a blank.", line
    )


def type_not_part(case: Case) -> Advice | None:
    """A type that is misspelt, of the other mode, or of another lesson."""
    type, what = case.found["type"], case.found["what"]
    mode = {"Resource": "resource", "Data source": "data", "Ephemeral resource": "ephemeral"}[what]
    other = next((m for m in ("data", "resource", "ephemeral") if m != mode and type in types(m)), None)
    if other is not None:
        line = re.sub(rf"^(\s*){mode}\b", rf"\1{other}", case.line)
        return case.write(f"{shown(type)} is written as a block that begins with {other}, not with {mode}.", line)
    near = None if case.found["instead"] else nearest(type, types(mode))
    if near is not None:
        return case.write(f"There is no type {shown(type)}; it is called {near}.", case.line.replace(type, near, 1))
    if case.found["instead"]:
        return case.means(f"This lesson does without {shown(type)}: {case.found['instead'].strip(': ').rstrip('.')}.")
    return case.means(f"This lesson does without {shown(type)}: take the block out, and what refers to it.")


def declared_twice(case: Case) -> Advice | None:
    """Two blocks of one address, with the places of both."""
    address = case.found["address"]
    block = _at(case.source, case.number)
    here = f"{shown(case.said.path or '')} {case.at(case.number)}"
    sentence = f"{shown(address)} stands in {here} and in {_first(case)}"
    free = f"{address}_2"
    if address == "var.environment" or block is None or not block.header[1:] or free in case.blocks:
        return case.means(f"{sentence}: take one of the two away.")
    token = block.header[-1]
    line = replaced(case.line, token.start, token.end, f'"{token.text.strip(chr(34))}_2"')
    return case.write(f"{sentence}: take one of the two away, or give it a name of its own.", line)


def _first(case: Case) -> str:
    """The place of the first of two; a line of the same file is called as the second's is."""
    path, _, line = case.found["first"].rpartition(" line ")
    if path != case.said.path or not line.isdecimal():
        return shown(case.found["first"])
    return f"{shown(path)} {case.at(int(line))}"


def outside(case: Case) -> Advice | None:
    """An argument outside of any block."""
    name = case.found["name"]
    if f"var.{name}" in case.blocks:
        return case.means(f"{shown(name)} is a variable, and who calls the module gives its value: take the line out.")
    return case.means(
        f"Outside of a block nothing is set: {shown(name)} belongs into a block, or a brace further up closes too early."
    )


def argument_not_allowed(case: Case) -> Advice | None:
    return case.write(f"The lab sets {shown(case.found['name'])} itself: take the line out.", "")


def no_local_source(case: Case) -> Advice | None:
    """A module from the registry or from a repository."""
    from lab_env.advice.case import Value

    value: Value | None = next((one for one in case.values() if one.name == "source"), None)
    text = value.text.strip('"') if value is not None else ""
    if value is not None and re.fullmatch(r"[\w-]+(?:/[\w-]+)?", text) and _is_directory(case, text):
        line = replaced(case.line, value.start, value.end, f'"./{text}"')
        return case.write("The path of a module of your own begins with ./", line)
    wanted = next(
        (block for word, block in _MODULES.items() if word in text.lower() or word in case.found["name"]), None
    )
    instead = f"write the resource itself instead, here {wanted}" if wanted else "write its resources yourself instead"
    return case.means(f"The lab takes no modules from elsewhere: {instead}.")


def _is_directory(case: Case, name: str) -> bool:
    return any(f"/{name}/" in f"/{path}" for path in case.files)


def no_default(case: Case) -> Advice | None:
    """A variable that nobody gives a value."""
    name, source = case.found["name"], case.source
    sentence = f"The lab gives a value to environment alone, so {shown(name)} needs a default."
    block = _at(source, case.number)
    if block is None or source is None:
        return case.means(sentence)
    if re.fullmatch(r"\s*variable\s+\"[^\"]*\"\s*\{\s*\}\s*", case.line):
        return case.write(sentence, f'{case.line[: case.line.find("{")]}{{\n  default = "{name}"\n}}')
    default = _default(source, block, name)
    if default is None or not case.line.rstrip().endswith("{"):
        return case.means(sentence)
    return case.write(sentence, f"{case.line}\n  default = {default}")


def _default(source: Source, block: Bracket, name: str) -> str | None:
    """A default of the variable's type."""
    at = block.names.get("type")
    found = re.search(r"=\s*(\w+)", source.line(at)) if at is not None else None
    if at is None:
        return f'"{name}"'
    known = {
        "string": f'"{name}"',
        "number": "1",
        "bool": "true",
        "list": "[]",
        "set": "[]",
        "map": "{}",
        "any": "null",
    }
    return known.get(found[1]) if found is not None else None


def no_environment(case: Case) -> Advice | None:
    """No variable environment: often one of another name."""
    declared = [(source, block) for source in case.module for block in source.blocks if block.type == "variable"]
    names = [block.labels[0] for _, block in declared if block.labels]
    near = nearest("environment", names) or next(
        (n for n in names if n in ("env", "stage", "environ", "environnement")), None
    )
    sentence = (
        'Who calls the module gives it a value for environment, so it declares variable "environment" { type = string }'
    )
    if near is None:
        return case.means(f"{sentence}.")
    return case.means(f"{sentence}; what is declared is {_listed([near])}.")


def provider_not_part(case: Case) -> Advice | None:
    return case.means(
        f"The lesson needs the provider aws alone: take {shown(case.found['name'])} out of required_providers."
    )


def function_not_allowed(case: Case) -> Advice | None:
    name = case.found["name"]
    return case.means(
        f"The lab reads every file before Terraform does, so it takes no {shown(name)}: write the value itself."
    )


def path_of_a_file(case: Case) -> Advice | None:
    """``file("policy.json")`` without ``path.module``."""
    name = case.found["name"]
    found = re.search(rf"\b{re.escape(name)}\(\s*\"(?P<path>[^\"$/~.][^\"$]*|\./[^\"$]+)\"", case.line)
    sentence = f'{name} looks where Terraform was started; a file of your module is at "${{path.module}}/…".'
    if found is None:
        return case.means(sentence)
    path = found["path"].removeprefix("./")
    line = replaced(case.line, found.start("path"), found.end("path"), f"${{path.module}}/{path}")
    return case.write(sentence, line)


def file_not_there(case: Case) -> Advice | None:
    return case.means(
        f"The submission has no file {shown(case.found['path'])}: hand it in too, or write its text here."
    )


def in_json(case: Case) -> Advice | None:
    return case.means("The lab reads Terraform's own syntax only: write the blocks into a file that ends in .tf.")


def override(case: Case) -> Advice | None:
    return case.means("A file of this name changes blocks of other files; write what it says into those blocks.")


def read_otherwise(case: Case) -> Advice | None:
    return case.means("A string, a comment or a heredoc here is written in an unusual way: write it plainly.")
