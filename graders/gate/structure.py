"""Blocks: which there are, what they are called, what is in them."""

from __future__ import annotations

from graders.gate.lists import BLOCKS, INSTEAD, NEVER_NESTED, PROVIDER_SOURCES, REFUSED_BLOCKS, REQUIRED_PROVIDER_KEYS
from graders.gate.report import Findings
from lab_env.hcl import Block, Body, Literal, ModuleTree, Node, Object
from lab_env.hcl.module import local_source
from lab_env.hcl.names import is_identifier
from lab_env.text import visible

VARIABLE = "environment"
_SHOWN = 60


def check_node(tree: ModuleTree, node: Node, findings: Findings) -> None:
    """Check one module: its blocks against the lists, its variables, its module calls."""
    for body in node.module.files.values():
        for attribute in (*body.attributes.values(), *body.duplicates):
            findings.refuse(f"{attribute.name} stands outside of any block.", attribute.span)
    for block in node.module.blocks:
        _check_block(node, block, findings)
    _check_duplicates(node, findings)
    for path, block in tree.unresolved:
        if path == node.path:
            _explain_source(node, block, findings)
    if node.path == "":
        _check_variables(node, findings)


def _check_block(node: Node, block: Block, findings: Findings) -> None:
    rule = BLOCKS.get(block.type)
    address = node.address(block.address)
    if rule is None:
        reason = REFUSED_BLOCKS.get(block.type)
        findings.refuse(
            f"A block of type {block.type} is not allowed{f': {reason}' if reason else ''}.",
            block.span,
            address=address,
        )
        return
    if len(block.labels) != rule.labels:
        findings.refuse(
            f"A block of type {block.type} has {rule.labels} label{'s' * (rule.labels != 1)}, "
            f"this one has {len(block.labels)}.",
            block.span,
        )
        return
    if rule.types is not None and block.labels[0] not in rule.types:
        what = {"resource": "Resource", "data": "Data source", "ephemeral": "Ephemeral resource"}[block.type]
        instead = INSTEAD.get(block.labels[0])
        findings.refuse(
            f"{what} type {block.labels[0]} is not part of this lab{f': {instead}' if instead else ''}.",
            block.span,
            address=address,
        )
    if block.labels and not is_identifier(block.labels[-1]):
        findings.refuse(
            f"{_shortened(block.labels[-1])} is no name for a block of type {block.type}: a letter or underscore comes "
            "first, then letters, digits, underscores and dashes.",
            block.span,
        )
        return
    for name, reason in rule.without.items():
        if name in block.body.attributes:
            findings.refuse(
                f"The argument {name} is not allowed here: {reason}.",
                block.body.attributes[name].span,
                address=address,
            )
    _check_nested(node, block, rule.blocks, findings)
    if block.type == "terraform":
        _check_terraform(block, findings)
    elif block.type == "check":
        for inner in block.body.blocks_of("data"):
            _check_block(node, inner, findings)
    elif block.type == "module":
        _check_call(node, block, findings)


def _shortened(label: str) -> str:
    shown = visible(label if len(label) <= _SHOWN else f"{label[:_SHOWN]}…").replace("\n", "⟨U+000A⟩")
    return f'"{shown}"'


def _check_nested(node: Node, block: Block, allowed: frozenset[str] | None, findings: Findings) -> None:
    for inner in block.body.blocks:
        if allowed is not None and inner.type not in allowed and inner.type not in NEVER_NESTED:
            reason = REFUSED_BLOCKS.get(inner.type, f"a {block.type} block has no such block")
            findings.refuse(
                f"A block of type {inner.type} is not allowed here: {reason}.",
                inner.span,
                address=node.address(block.address),
            )
    for inner in block.body.walk():
        kind = inner.labels[0] if inner.type == "dynamic" and inner.labels else inner.type
        if kind in NEVER_NESTED:
            reason = REFUSED_BLOCKS.get(kind, "it is not part of this lab")
            findings.refuse(
                f"A block of type {kind} is not allowed: {reason}.", inner.span, address=node.address(block.address)
            )


def _check_terraform(block: Block, findings: Findings) -> None:
    for name, attribute in block.body.attributes.items():
        if name != "required_version":
            findings.refuse(f"In a terraform block, {name} is not allowed: only versions are.", attribute.span)
            continue
        findings.note(f"The required Terraform version ({attribute.span.path}) is overridden by the grader's own.")
    for providers in block.body.blocks_of("required_providers"):
        _check_providers(providers, findings)


def _check_providers(block: Block, findings: Findings) -> None:
    for inner in block.body.blocks:
        findings.refuse(f"A block of type {inner.type} is not allowed in required_providers.", inner.span)
    for name, attribute in block.body.attributes.items():
        value = attribute.expression
        source: object = "hashicorp/" + name
        if isinstance(value, Object):
            keys = {i.key.value if isinstance(i.key, Literal) else None for i in value.items}
            if not keys <= REQUIRED_PROVIDER_KEYS:
                findings.refuse("In required_providers only source and version are allowed.", attribute.span)
            written = value.get("source")
            if written is not None:
                source = written.value if isinstance(written, Literal) else None
        elif not isinstance(value, Literal):
            source = None
        if name != "aws" or source not in PROVIDER_SOURCES:
            instead = f" With it, {INSTEAD['random_password']}." if name == "random" else ""
            findings.refuse(
                f"The provider {name} is not part of this lab: only hashicorp/aws, under the name aws.{instead}",
                attribute.span,
            )
        else:
            findings.note(f"The required provider version ({attribute.span.path}) is overridden by the pinned one.")


def _check_call(node: Node, block: Block, findings: Findings) -> None:
    source = block.body.get("source")
    if local_source(node.module.directory, source) is None:
        findings.refuse(
            f"Module {block.labels[0]} has no local source: a literal path inside the submission, with ./ or ../ in "
            "front.",
            source.span if source else block.span,
            address=node.address(block.address),
        )


def _explain_source(node: Node, block: Block, findings: Findings) -> None:
    target = local_source(node.module.directory, block.body.get("source"))
    if target is not None:
        findings.refuse(
            f"Module {block.labels[0]} has the source {target}, where there is no .tf file.",
            block.span,
            address=node.address(block.address),
        )


def _check_duplicates(node: Node, findings: Findings) -> None:
    """Two blocks of one address: we would judge one of them, so neither counts."""
    seen: dict[str, Block] = {}
    for block in node.module.blocks:
        if block.type not in BLOCKS or not block.labels:
            continue
        first = seen.setdefault(block.address, block)
        if first is not block:
            findings.refuse(
                f"{block.address} is declared twice; the first is in {first.span.path} line {first.span.line}.",
                block.span,
                address=node.address(block.address),
            )
    names: dict[str, str] = {}
    for block in node.module.blocks:
        if block.type != "locals":
            continue
        for name, attribute in block.body.attributes.items():
            if names.setdefault(name, place := f"{attribute.span.path} line {attribute.span.line}") != place:
                findings.refuse(
                    f"local.{name} is declared twice; the first is in {names[name]}.",
                    attribute.span,
                )
    for body in node.module.files.values():
        _check_redefined(body, findings)


def _check_redefined(body: Body, findings: Findings) -> None:
    for attribute in body.duplicates:
        again = body.attributes[attribute.name].span.line
        findings.refuse(
            f"{attribute.name} is written twice in one block, in lines {attribute.span.line} and {again}.",
            attribute.span,
        )
    for block in body.blocks:
        _check_redefined(block.body, findings)


def _check_variables(node: Node, findings: Findings) -> None:
    if VARIABLE not in node.module.variables:
        where = min(node.module.files, default=None)
        findings.refuse_at(f'The module does not declare variable "{VARIABLE}".', where, None)
    for name, block in node.module.variables.items():
        if name != VARIABLE and "default" not in block.body.attributes:
            findings.refuse(
                f'Variable "{name}" has no default; only "{VARIABLE}" is given by the caller.',
                block.span,
                address=block.address,
            )
