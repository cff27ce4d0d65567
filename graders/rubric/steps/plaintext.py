"""secret.no_plaintext: no credential in any file, and no output of a secret's value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Any, NamedTuple

from graders.evidence.facts import Facts
from graders.model import Layer, Outcome, Unlisted
from graders.rubric.bounds import MAX_EVIDENCE
from graders.rubric.credentials.flow import (
    arguments_on_the_way,
    literals_through_resources,
    password_origins,
    secret_value_references,
)
from graders.rubric.credentials.json_text import credentials_in_json
from graders.rubric.credentials.names import (
    Promise,
    holds_credential,
    is_about,
    is_credential,
    names_credential,
    promise,
    words,
)
from graders.rubric.credentials.text import credentials_in, is_prose
from graders.rubric.credentials.vendor_forms import library_forms
from graders.rubric.requirement import Blocked, failed, passed, requirement
from lab_env.errors import LabError
from lab_env.hcl import (
    UNKNOWN,
    Attribute,
    Body,
    Call,
    Conditional,
    Expression,
    Literal,
    Node,
    Object,
    Span,
    Template,
    Tuple,
    constant,
    load_tree,
    origins,
    walk,
)
from lab_env.hcl.addresses import CALL, in_module
from lab_env.line_numbers import LineNumbers
from lab_env.text import parsed_json

_COMMENT_SIGNS = "#/* \t"
MAX_FINDINGS = 5_000
"""A file of nothing but passwords has a hundred thousand; behind this many none is looked for any more."""


class Found(NamedTuple):
    """A place that gives a credential away, without the credential.

    :param detail: for the evidence; ``what`` is for the verdict.
    """

    span: Span
    detail: str
    what: str
    address: str | None = None

    @property
    def place(self) -> tuple[str, int, int, str, str | None]:
        """What tells it from another one."""
        return self.span.path, self.span.line, self.span.end_line, self.detail, self.address


@requirement(
    "secret.no_plaintext",
    points=6,
    layer=Layer.HCL,
    hints=(
        "Read every file as a stranger would: variables' defaults, locals, tfvars, comments, outputs.",
        "A password in a file is in Git for ever; an output of a secret's value is in the state in plain text.",
        "Keep only placeholders in files, and output ARNs instead of values.",
    ),
)
def no_plaintext(facts: Facts) -> Outcome:
    """No file holds a credential, and no output hands out a secret's value."""
    expected = "only placeholders in files; outputs without a secret's value"
    everywhere = chain(_values(facts), _texts(facts), _ignored_files(facts), _outputs(facts), _planned(facts))
    found = list(islice(everywhere, MAX_FINDINGS + 1))
    if found:
        first = found[0]
        where = f"{first.span.path}:{first.span.line}" if first.span.line else first.span.path
        message = f"{first.what[:1].upper()}{first.what[1:]} ({where}). Whoever reads the files or the state has it."
        places = list({one.place: one for one in found[:MAX_FINDINGS]}.values())
        evidence = [facts.at(one.span, one.detail, address=one.address) for one in places[:MAX_EVIDENCE]]
        unlisted = Unlisted(
            places=len(places) - len(evidence), searched_to=MAX_FINDINGS if len(found) > MAX_FINDINGS else None
        )
        return failed(first.what, expected, message, evidence, unlisted=unlisted)
    if not any(facts.tree.resources()):
        # Also where module.valid is not run: an empty module keeps no secret, and earns nothing by having none.
        raise Blocked("module.valid", "the module has no resource yet")
    files = len(facts.submission.files) + len(facts.submission.ignored)
    seen = facts.whole_module(f"{files} file(s) read: values, defaults, locals, comments, encoded text, outputs")
    return passed("no credential in any file", expected, "No file gives a credential away.", [seen])


def _values(facts: Facts) -> Iterator[Found]:
    """Literals that land in something named like a credential, through locals, defaults and functions."""
    for node in facts.tree.nodes.values():
        templates = facts.tree.templates.values() if node.path == "" else ()
        for name, expression in _named_expressions(node, templates):
            for span in _credential_spans(facts, node, name, expression):
                yield Found(span, f"a literal lands in {name}", f"a literal value for {name}")
        for block in node.module.resources.values():
            if block.labels[0] != "aws_secretsmanager_secret_version":
                continue
            for argument in ("secret_string", "secret_string_wo"):
                expression_ = block.body.get(argument)
                value = UNKNOWN if expression_ is None else constant(facts.tree, node.path, expression_)
                parsed = parsed_json(value) if isinstance(value, str) else None
                for key in credentials_in_json(parsed):
                    assert expression_ is not None  # noqa: S101 - it has a value
                    text = f"{key} of the first version is no placeholder"
                    yield Found(expression_.span, text, text, f"{CALL}.{node.address(block.address)}")


def _planned(facts: Facts) -> Iterator[Found]:
    """Arguments whose value the files alone do not tell (a function that is not worked out here), in the plan that knows it."""
    for plan in facts.plan.environments if facts.plan else ():
        variables = {"environment": plan.environment}
        for resource in plan.resources:
            block = facts.block(resource.config_address) if resource.mode == "managed" else None
            if block is None:
                continue
            path = facts.tree.split(in_module(resource.config_address))[0]
            for name, attribute in block.body.attributes.items():
                value = resource.values.get(name)
                if not isinstance(value, str | dict | list) or not resource.known(name):
                    continue
                if constant(facts.tree, path, attribute.expression, variables=variables) is not UNKNOWN:
                    continue
                for what in _in_planned(name, value):
                    detail = f"the plan has {what}, whose value the files do not tell"
                    yield Found(attribute.span, detail, what, resource.config_address)


def _in_planned(name: str, value: str | dict[str, Any] | list[Any]) -> Iterator[str]:
    parsed = parsed_json(value) if isinstance(value, str) else value
    if isinstance(parsed, dict | list):
        yield from (
            f"a value for {key} in {name}" for key in credentials_in_json({name: parsed} if value is parsed else parsed)
        )
    elif isinstance(value, str):
        if holds_credential(name, value):
            yield f"a value for {name}"
        yield from (f"{what} in {name}" for _, what in credentials_in(value, prose=False))


def _named_expressions(node: Node, templates: Iterable[Expression] = ()) -> Iterator[tuple[str, Expression]]:
    """Every expression under a name that promises a credential: attributes, locals, defaults, object keys, name/value pairs.

    :param templates: those that are read there.
    """
    module = node.module
    for name, attribute in module.locals.items():
        yield from _in_expression(name, attribute.expression)
    for template in templates:
        yield from _in_expression("", template)
    for block in module.blocks:
        if block.type == "locals":
            continue
        if block.type == "variable":
            default = block.body.get("default")
            if default is not None:
                yield from _in_expression(block.labels[0], default)
            # optional(string, "…") in the type is a default as well.
            type_ = block.body.get("type")
            if type_ is not None:
                yield from _optional_defaults(block.labels[0], type_)
        elif block.type == "output":
            value = block.body.get("value")
            if value is not None:
                yield from _in_expression(block.labels[0], value)
        else:
            yield from _in_body(block.body)


def _optional_defaults(name: str, type_: Expression) -> Iterator[tuple[str, Expression]]:
    for inner in walk(type_):
        for key, value in _members(inner):
            if isinstance(value, Call) and value.name == "optional" and len(value.args) == 2:
                yield from _in_expression(key, value.args[1])
    if isinstance(type_, Call) and type_.name == "optional" and len(type_.args) == 2:
        yield from _in_expression(name, type_.args[1])


def _in_body(body: Body) -> Iterator[tuple[str, Expression]]:
    for name, attribute in body.attributes.items():
        yield from _in_expression(name, attribute.expression)
    # set { name = "auth.password", value = … }
    label, value = body.get("name"), body.get("value")
    if isinstance(label, Literal) and isinstance(label.value, str) and value is not None:
        yield from _in_expression(label.value, value)
    for block in body.blocks:
        if block.type != "lifecycle":
            yield from _in_body(block.body)


def _members(expression: Expression) -> Iterator[tuple[str, Expression]]:
    """The members of an object, by the names that are written down; the name of a ``name`` and ``value`` pair, too."""
    if not isinstance(expression, Object):
        return
    label, value = expression.get("name") or expression.get("key"), expression.get("value")
    if isinstance(label, Literal) and isinstance(label.value, str) and value is not None:
        yield label.value, value
    for item in expression.items:
        if isinstance(item.key, Literal) and isinstance(item.key.value, str):
            yield item.key.value, item.value


def _in_expression(name: str, expression: Expression) -> Iterator[tuple[str, Expression]]:
    if promise(name) and not isinstance(expression, Object):
        yield name, expression
    elif promise(name) is Promise.SURE or name.lower().endswith(("credentials", "creds", "login", "logins")):
        # passwords = { dev = "…" }: the keys say whose it is.
        for key, value in _members(expression):
            if promise(key) is not Promise.SURE and not is_about(key):
                yield f"{key}_secret", value
    for inner in walk(expression):
        if isinstance(inner, Object) and not _names_fields(inner):
            for key, value in _members(inner):
                if promise(key) and not isinstance(value, Object):
                    # What a block is repeated for has names as keys: { password = "Database", token = "Registry" }.
                    yield f"{key}_credential" if name == "for_each" else key, value


def _names_fields(expression: Object) -> bool:
    """Whether a map says which variable is which key of a JSON text: ``{ DB_USER = "username", DB_PASSWORD = "password" }``."""
    members = list(_members(expression))
    values = [value.value for _, value in members if isinstance(value, Literal)]
    if not values or len(values) != len(members) or expression.get("value") is not None:
        return False
    pairs = [(key, str(value)) for (key, _), value in zip(members, values, strict=True)]
    fields = all(value.lower() in words().fields for _, value in pairs) and any(key != value for key, value in pairs)
    called = (_NAME_OF.fullmatch(value) and any(map(promise, re.split("[-_/]", value))) for _, value in pairs)
    return fields or (len(pairs) > 1 and all(called))


# { password = "db-password", DB_TOKEN = "dev-token" }: of each what it is called elsewhere.
_NAME_OF = re.compile(r"/?[a-z]+(?:[-_/][a-z]+)+")


def _credential_spans(facts: Facts, node: Node, name: str, expression: Expression) -> list[Span]:
    """Where the literals stand that make the expression's value a credential; none when it is a placeholder."""
    if _is_emulators(facts, expression, name):
        return []
    value = constant(facts.tree, node.path, expression)
    literals = [o for o in origins(facts.tree, node.path, expression) if isinstance(o.value, str)]
    if isinstance(value, str) and isinstance(parsed_json(value), dict | list):
        return []  # its members have names of their own
    if isinstance(value, str):
        if holds_credential(name, value):
            return [o.span for o in literals if o.value] or [expression.span]
        return [span for part in _alternatives(expression) for span in _credential_spans(facts, node, name, part)]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return [expression.span] if len(str(value)) >= 4 and holds_credential(name, str(value)) else []
    if value is not UNKNOWN and not isinstance(value, list | dict):
        return []
    pieces = [o for o in literals if isinstance(o.value, str) and _is_piece(name, o.value)]
    return [o.span for o in pieces]


def _alternatives(expression: Expression) -> tuple[Expression, ...]:
    """What the value may be under another input: the branch that is not taken today is written down all the same."""
    if isinstance(expression, Conditional):
        return expression.then, expression.otherwise
    if isinstance(expression, Call) and expression.name in ("coalesce", "try"):
        return expression.args
    return ()


def _is_piece(name: str, text: str) -> bool:
    """Whether a piece of a value that is not known as a whole is a credential's: not just a joint between references."""
    stripped = text.strip(" -_:/.@")
    enough = len([c for c in text if c.isalnum()]) >= 3 and is_credential(text)
    return enough and holds_credential(name, stripped)


_EMULATORS = re.compile(r"localhost|127\.0\.0\.1|localstack|:4566\b", re.IGNORECASE)


def _is_emulators(facts: Facts, expression: Expression, name: str) -> bool:
    """LocalStack's documented keys, which nobody checks, beside the address of an emulator."""
    if not isinstance(expression, Literal) or str(expression.value).lower() not in words().dummies:
        return False
    file = facts.submission.any_file(expression.span.path)
    return "key" in name.lower() and file is not None and _EMULATORS.search(file.text) is not None


def _texts(facts: Facts) -> Iterator[Found]:
    """Comments and texts (heredocs, descriptions, JSON) of the ``.tf`` files."""
    for node_module in facts.tree.modules:
        lines_of_ones = {
            (attribute.span.path, attribute.span.line)
            for body in node_module.files.values()
            for name, attribute in _attributes(body)
            if names_credential(name)
        }
        for comment in node_module.comments:
            text = comment.text.rstrip(_COMMENT_SIGNS)
            said = text.lstrip(_COMMENT_SIGNS)
            lines = LineNumbers(text, first=comment.span.line)
            beside = (comment.span.path, comment.span.line) in lines_of_ones
            for offset, what in credentials_in(said, prose=True, about_one=beside, library=False):
                yield _in_file(
                    comment.span.path,
                    lines.of(len(text) - len(said) + offset),
                    f"a comment: {what}",
                    f"{what} in a comment",
                )
        for path, body in node_module.files.items():
            for expression, about_one in _expressions(body):
                for span, said in _written(expression):
                    prose = any(c.isspace() for c in said)
                    for _, what in credentials_in(said, prose=prose, about_one=about_one, library=False):
                        yield Found(span, what, what)
            file = facts.submission.file(path)
            yield from _by_library(path, file.text if file else "")
    unread = {f.path for f in facts.submission.files} - {path for m in facts.tree.modules for path in m.files}
    for path in sorted(unread):
        file = facts.submission.file(path)
        text = file.text if file else ""
        lines = LineNumbers(text)
        for offset, what in credentials_in(text, prose=False, path=path):
            yield _in_file(path, lines.of(offset), what, what)


def _attributes(body: Body) -> Iterator[tuple[str, Attribute]]:
    yield from body.attributes.items()
    for block in body.blocks:
        yield from _attributes(block.body)


def _by_library(path: str, text: str) -> Iterator[Found]:
    lines = LineNumbers(text)
    for offset, what in library_forms(text):
        yield _in_file(path, lines.of(offset), what, what)


def _expressions(body: Body, about_one: bool = False) -> Iterator[tuple[Expression, bool]]:
    """Every expression, and whether it describes something that is called like a credential."""
    for name, attribute in body.attributes.items():
        yield attribute.expression, about_one and name == "description"
    for block in body.blocks:
        of_one = block.type in ("variable", "output") and bool(block.labels) and names_credential(block.labels[0])
        yield from _expressions(block.body, of_one)


def _written(expression: Expression) -> Iterator[tuple[Span, str]]:
    """The texts that stand in an expression; one with references in it as a whole, each of them as ``${…}``."""
    inside: set[int] = set()
    for inner in walk(expression):
        if isinstance(inner, Tuple):  # a command as a list of words
            words_ = [str(part.value) if isinstance(part, Literal) else "${…}" for part in inner.items]
            if 1 < len(words_) <= _LONGEST_COMMAND and not all("${" in word for word in words_):
                yield inner.span, " ".join(words_)
    for inner in walk(expression):
        if isinstance(inner, Template) and id(inner) not in inside:
            inside |= {id(part) for part in inner.parts if isinstance(part, Literal)}
            parts = [str(p.value) if isinstance(p, Literal) else "${…}" for p in inner.parts]
            yield inner.span, "".join(parts)
        elif (
            isinstance(inner, Literal)
            and isinstance(inner.value, str)
            and id(inner) not in inside
            and len(inner.value) >= _SHORTEST_TEXT
        ):
            yield inner.span, inner.value


_SHORTEST_TEXT = 8
_LONGEST_COMMAND = 200


def _in_file(path: str, line: int, detail: str, what: str) -> Found:
    return Found(Span(path, line, line), detail, what)


def _ignored_files(facts: Facts) -> Iterator[Found]:
    """Everything else that was handed in: tfvars, documents, state, plans."""
    for file in facts.submission.ignored:
        lines = LineNumbers(file.text)
        if file.path.endswith(".tfvars"):
            yield from _in_tfvars(facts, file.path, file.text)
        for offset, what in credentials_in(file.text, prose=is_prose(file.path), path=file.path):
            yield _in_file(file.path, lines.of(offset), what, f"{what} in {file.path}")
        whole = Span(file.path, 1, lines.of(len(file.text)))
        for key in credentials_in_json(parsed_json(file.text)):
            yield Found(whole, f"a value for {key}", f"a value for {key} in {file.path}")


def _in_tfvars(facts: Facts, path: str, text: str) -> Iterator[Found]:
    """What variables are given: lists, maps and heredocs, which are read as Terraform reads them."""
    try:
        tree = load_tree([(f"{path}.tf", f"locals {{\n{text}\n}}\n")], path.rpartition("/")[0] or ".")
    except LabError:
        return
    node = tree.nodes[""]
    for name, expression in _named_expressions(node):
        read = replace(facts, gate=replace(facts.gate, tree=tree))
        for span in _credential_spans(read, node, name, expression):
            what = f"a value for {name}"
            yield _in_file(path, max(span.line - 1, 1), what, f"{what} in {path}")


def _outputs(facts: Facts) -> Iterator[Found]:
    """Outputs of the module under test into which a secret's value flows, whatever that value is today."""
    node = facts.tree.nodes[""]
    passwords = password_origins(facts)
    for name, block in node.module.outputs.items():
        value = block.body.get("value")
        if value is None:
            continue
        references = secret_value_references(facts, node.path, value, through_resources=True)
        text = f"output {name} hands out a secret's value"
        if references:
            yield Found(block.span, f"{text} ({', '.join(references)})", text)
            for argument in arguments_on_the_way(facts, node.path, value):
                said = f"the value goes through {argument.name} of {argument.address}"
                yield Found(argument.expression.span, said, text)
        elif literals_through_resources(facts, node.path, value) & passwords:
            yield Found(block.span, f"{text} (the placeholder's own local or variable)", text)
