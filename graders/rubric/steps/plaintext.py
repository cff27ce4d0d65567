"""secret.no_plaintext: no credential in any file, and no output of a secret's value."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, islice
from typing import NamedTuple

from graders.evidence.facts import Facts
from graders.model import Layer, Outcome, Unlisted
from graders.rubric.bounds import MAX_EVIDENCE
from graders.rubric.credentials.flow import password_origins, secret_value_references
from graders.rubric.credentials.json_text import credentials_in_json
from graders.rubric.credentials.names import is_credential, names_credential
from graders.rubric.credentials.text import credentials_in
from graders.rubric.requirement import Blocked, failed, passed, requirement
from lab_env.hcl import (
    UNKNOWN,
    Body,
    Call,
    Conditional,
    Expression,
    Literal,
    Node,
    Object,
    Span,
    constant,
    origins,
    string_literals,
    walk,
)
from lab_env.hcl.addresses import CALL
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
    everywhere = chain(_values(facts), _texts(facts), _ignored_files(facts), _outputs(facts))
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
        for name, expression in _named_expressions(node):
            for span in _credential_spans(facts, node, expression):
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


def _named_expressions(node: Node) -> Iterator[tuple[str, Expression]]:
    """Every expression under a name that promises a credential: attributes, locals, defaults, object keys, name/value pairs."""
    module = node.module
    for name, attribute in module.locals.items():
        yield from _in_expression(name, attribute.expression)
    for block in module.blocks:
        if block.type == "locals":
            continue
        if block.type == "variable":
            default = block.body.get("default")
            if default is not None:
                yield from _in_expression(block.labels[0], default)
        elif block.type == "output":
            value = block.body.get("value")
            if value is not None:
                yield from _in_expression(block.labels[0], value)
        else:
            yield from _in_body(block.body)


def _in_body(body: Body) -> Iterator[tuple[str, Expression]]:
    for name, attribute in body.attributes.items():
        yield from _in_expression(name, attribute.expression)
    for block in body.blocks:
        if block.type != "lifecycle":
            yield from _in_body(block.body)


def _in_expression(name: str, expression: Expression) -> Iterator[tuple[str, Expression]]:
    if names_credential(name) and not isinstance(expression, Object):
        yield name, expression
    for inner in walk(expression):
        if not isinstance(inner, Object):
            continue
        label, value = inner.get("name"), inner.get("value")
        if (
            isinstance(label, Literal)
            and isinstance(label.value, str)
            and value is not None
            and names_credential(label.value)
        ):
            yield label.value, value
        for item in inner.items:
            if isinstance(item.key, Literal) and isinstance(item.key.value, str) and names_credential(item.key.value):
                yield item.key.value, item.value


def _credential_spans(facts: Facts, node: Node, expression: Expression) -> list[Span]:
    """Where the literals stand that make the expression's value a credential; none when it is a placeholder."""
    value = constant(facts.tree, node.path, expression)
    literals = [o for o in origins(facts.tree, node.path, expression) if isinstance(o.value, str)]
    if isinstance(value, str):
        if is_credential(value):
            return [o.span for o in literals if o.value] or [expression.span]
        return [span for part in _alternatives(expression) for span in _credential_spans(facts, node, part)]
    if value is not UNKNOWN and not isinstance(value, list | dict):
        return [] if value is None or isinstance(value, bool) else [expression.span]
    return [o.span for o in literals if isinstance(o.value, str) and _is_piece(o.value)]


def _alternatives(expression: Expression) -> tuple[Expression, ...]:
    """What the value may be under another input: the branch that is not taken today is written down all the same."""
    if isinstance(expression, Conditional):
        return expression.then, expression.otherwise
    if isinstance(expression, Call) and expression.name in ("coalesce", "try"):
        return expression.args
    return ()


def _is_piece(text: str) -> bool:
    """Whether a piece of a value that is not known as a whole is a credential's: not just a joint between references."""
    return len([c for c in text if c.isalnum()]) >= 3 and is_credential(text.strip(" -_:/.@"))


def _texts(facts: Facts) -> Iterator[Found]:
    """Comments and texts (heredocs, descriptions, JSON) of the ``.tf`` files."""
    for node_module in facts.tree.modules:
        for comment in node_module.comments:
            text = comment.text.rstrip(_COMMENT_SIGNS)
            said = text.lstrip(_COMMENT_SIGNS)
            lines = LineNumbers(text, first=comment.span.line)
            for offset, what in credentials_in(said, prose=True):
                yield _in_file(
                    comment.span.path,
                    lines.of(len(text) - len(said) + offset),
                    f"a comment: {what}",
                    f"{what} in a comment",
                )
        for body in node_module.files.values():
            for expression in body.expressions():
                for literal in _text_literals(expression):
                    for _, what in credentials_in(str(literal.value), prose=False):
                        yield Found(literal.span, what, what)
    unread = {f.path for f in facts.submission.files} - {path for m in facts.tree.modules for path in m.files}
    for path in sorted(unread):
        file = facts.submission.file(path)
        text = file.text if file else ""
        lines = LineNumbers(text)
        for offset, what in credentials_in(text, prose=True):
            yield _in_file(path, lines.of(offset), what, what)


def _in_file(path: str, line: int, detail: str, what: str) -> Found:
    return Found(Span(path, line, line), detail, what)


def _text_literals(expression: Expression) -> Iterator[Literal]:
    for literal in string_literals(expression):
        if isinstance(literal.value, str) and len(literal.value) >= 8:
            yield literal


def _ignored_files(facts: Facts) -> Iterator[Found]:
    """Everything else that was handed in: tfvars, documents, state, plans."""
    for file in facts.submission.ignored:
        lines = LineNumbers(file.text)
        for offset, what in credentials_in(file.text, prose=not file.path.endswith((".tfvars", ".json", ".tfstate"))):
            yield _in_file(file.path, lines.of(offset), what, f"{what} in {file.path}")
        whole = Span(file.path, 1, lines.of(len(file.text)))
        for key in credentials_in_json(parsed_json(file.text)):
            yield Found(whole, f"a value for {key}", f"a value for {key} in {file.path}")


def _outputs(facts: Facts) -> Iterator[Found]:
    """Outputs of the module under test into which a secret's value flows, whatever that value is today."""
    node = facts.tree.nodes[""]
    passwords = password_origins(facts)
    for name, block in node.module.outputs.items():
        value = block.body.get("value")
        if value is None:
            continue
        references = secret_value_references(facts, node.path, value)
        text = f"output {name} hands out a secret's value"
        if references:
            yield Found(block.span, f"{text} ({', '.join(references)})", text)
        elif {o.span for o in origins(facts.tree, node.path, value)} & passwords:
            yield Found(block.span, f"{text} (the placeholder's own local or variable)", text)
