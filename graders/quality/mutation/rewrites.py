"""Equivalent rewrites: the same module in other words, which keeps every point."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from functools import partial

from graders.quality.mutation.edits import dropped, replaced
from graders.quality.mutation.model import Kind, Mutator
from graders.quality.mutation.source import Mutation, ResourceBlock, Source, Splice
from lab_env.hcl import (
    Attribute,
    Body,
    Expression,
    Literal,
    Module,
    Object,
    Span,
    Template,
    TemplateFor,
    Traversal,
    references,
    walk,
)

# Refer to resources by an address that is no expression, or set what a block is before expressions are.
_BY_ADDRESS = ("moved", "removed", "import")
_META = frozenset({"count", "for_each", "provider", "depends_on", "source", "providers"})
_BOUND = frozenset({"each", "count", "self", "path", "terraform"})


def _reversed_blocks(source: Source) -> Mutation | None:
    """The blocks of each file from last to first, comments staying where they are."""
    splices: list[Splice] = []
    for _, _, body in source.bodies():
        texts = [_text(source, block.span) for block in body.blocks]
        splices += [_swap(b.span, text) for b, text in zip(body.blocks, reversed(texts), strict=True)]
    return Mutation(tuple(splices)) if splices else None


def _reversed_arguments(source: Source) -> Mutation | None:
    """The single-line arguments of each resource from last to first."""
    splices: list[Splice] = []
    for place in _resources(source):
        movable = [a for a in place.block.body.attributes.values() if a.span.line == a.span.end_line]
        texts = [_text(source, a.span) for a in movable]
        if "\n" not in "".join(texts):
            splices += [_swap(a.span, text) for a, text in zip(movable, reversed(texts), strict=True)]
    return Mutation(tuple(splices)) if splices else None


def _respaced(source: Source) -> Mutation | None:
    """Other blanks around every equals sign."""
    splices = [
        Splice(path, attribute.span.start + len(attribute.name), attribute.expression.span.start, "   =\t")
        for _, path, body in source.bodies()
        for attribute in _attributes(body)
        if _text(source, attribute.span).startswith(attribute.name) and _gap(source, attribute).strip() == "="
    ]
    return Mutation(tuple(splices)) if splices else None


def _comments_between(source: Source) -> Mutation | None:
    splices = [
        Splice(path, block.span.start, block.span.start, "\n\n# A remark.\n/* And\n   another one. */\n\n")
        for _, path, body in source.bodies()
        for block in body.blocks
    ]
    return Mutation(tuple(splices)) if splices else None


def _renamed_labels(source: Source) -> Mutation | None:
    """Every resource and data source under another label, with all that refers to it."""
    splices: list[Splice] = []
    for module in source.tree.modules:
        if any(block.type in _BY_ADDRESS for block in module.blocks):
            return None
        named = [*module.resources.values(), *module.data.values(), *module.ephemerals.values()]
        wanted = {block.address: f"{block.labels[1]}_renamed" for block in named}
        splices += [_relabelled(source, block.header, block.labels[1], f"{block.labels[1]}_renamed") for block in named]
        for traversal in source.traversals(module):
            for address, label in wanted.items():
                if traversal.text == address or traversal.text.startswith(f"{address}."):
                    edit = _readdressed(source, traversal, address, label)
                    if edit is None:
                        return None
                    splices.append(edit)
    return Mutation(tuple(splices)) if splices else None


def _renamed_locals(source: Source) -> Mutation | None:
    splices: list[Splice] = []
    for module in source.tree.modules:
        for name, attribute in module.locals.items():
            start = attribute.span.start
            splices.append(Splice(attribute.span.path, start, start + len(name), f"renamed_{name}"))
            for traversal in source.traversals(module):
                if traversal.root == "local" and traversal.names[:1] == (name,):
                    edit = _readdressed(source, traversal, f"local.{name}", f"renamed_{name}")
                    if edit is None:
                        return None
                    splices.append(edit)
    return Mutation(tuple(splices)) if splices else None


def _extracted(find: str, argument: str, source: Source) -> Mutation | None:
    """An argument's expression becomes a local's."""
    place: ResourceBlock | None = getattr(source, find)
    attribute = place.argument(argument) if place else None
    if place is None or attribute is None or not _is_free(attribute.expression):
        return None
    if _text(source, attribute.span).endswith("\n"):
        return None  # a heredoc ends with its line
    directory = posixpath.dirname(attribute.span.path)
    path = posixpath.join(directory, "extracted.tf")
    text = f"locals {{\n  extracted_setting = {source.text_of(attribute.expression)}\n}}\n"
    return Mutation((replaced(attribute.expression, "local.extracted_setting"),), {path: text})


def _inlined(source: Source) -> Mutation | None:
    """Locals that are used as they are, outside of templates, are written where they are used."""
    splices: list[Splice] = []
    for module in source.tree.modules:
        inside = {id(t) for t in _inside_templates(module)}
        for name, attribute in module.locals.items():
            uses = [t for t in source.traversals(module) if t.root == "local" and t.names[:1] == (name,)]
            plain = all(len(t.steps) == 1 and id(t) not in inside for t in uses)
            nested = any(t.root == "local" for t in references(attribute.expression))
            text = source.text_of(attribute.expression)
            within_local = any(_contains(other.expression, t) for t in uses for other in module.locals.values())
            if not uses or not plain or nested or within_local or text.endswith("\n") or "<<" in text:
                continue
            splices += [replaced(t, f"({text})") for t in uses]
            splices.append(dropped(source, attribute.span))
    return Mutation(tuple(splices)) if splices else None


def _split(source: Source) -> Mutation | None:
    """Each block in a file of its own."""
    added, removed = {}, []
    for _, path, body in source.bodies():
        directory = posixpath.dirname(path)
        for number, block in enumerate(body.blocks):
            name = f"part_{posixpath.basename(path)[:-3]}_{number}.tf"
            added[posixpath.join(directory, name)] = f"{_text(source, block.span)}\n"
        removed.append(path)
    return Mutation(added=added, removed=tuple(removed)) if len(added) > len(removed) else None


def _merged(source: Source) -> Mutation | None:
    """All of a module in one file."""
    added, removed = {}, []
    for module in source.tree.modules:
        if len(module.files) > 1:
            parts = [source.texts[path] for path in module.files]
            added[posixpath.join(next(posixpath.dirname(p) for p in module.files), "everything.tf")] = "\n".join(parts)
            removed += list(module.files)
    return Mutation(added=added, removed=tuple(removed)) if added else None


def _windows(source: Source) -> Mutation | None:
    """Line ends of Windows, where no text spans lines."""
    changed = {
        path: text.replace("\n", "\r\n") for path, text in source.texts.items() if "\r" not in text and "<<" not in text
    }
    splices = tuple(Splice(path, 0, len(source.texts[path]), text) for path, text in changed.items())
    return Mutation(splices) if splices else None


def _formatted(source: Source) -> Mutation | None:
    """``"${var.environment}-x"`` becomes ``format("%s-x", var.environment)``."""
    splices: list[Splice] = []
    for place in _resources(source):
        attribute = place.argument("name")
        template = attribute.expression if attribute else None
        if not isinstance(template, Template) or not _text(source, template.span).startswith('"'):
            continue
        text, values = "", []
        for part in template.parts:
            if isinstance(part, Literal):
                written = source.text_of(part)
                if not {"%", "$", '"'}.isdisjoint(written):  # a quote: it is a string of its own, in a sequence
                    break
                text += written
            elif isinstance(part, Traversal):
                text += "%s"
                values.append(source.text_of(part))
            else:
                break
        else:
            splices.append(replaced(template, f'format("{text}", {", ".join(values)})'))
    return Mutation(tuple(splices)) if splices else None


def _quoted_keys(source: Source) -> Mutation | None:
    """Bare keys of objects get quotes; not those of a variable's type, which is no value."""
    types = {id(inner) for expression in _variable_types(source) for inner in walk(expression)}
    splices = [
        replaced(item.key, f'"{source.text_of(item.key)}"')
        for expression in source.expressions()
        if isinstance(expression, Object) and id(expression) not in types
        for item in expression.items
        if isinstance(item.key, Literal) and source.text_of(item.key).replace("_", "a").isalnum()
    ]
    return Mutation(tuple(splices)) if splices else None


def _as_strings(source: Source) -> Mutation | None:
    """Numbers and booleans of the key and the secret as strings, which Terraform converts."""
    splices = [
        replaced(attribute.expression, f'"{_text(source, attribute.expression.span)}"')
        for place in (source.key, source.secret)
        if place is not None
        for attribute in place.block.body.attributes.values()
        if isinstance(attribute.expression, Literal)
        and not isinstance(attribute.expression.value, str)
        and attribute.expression.value is not None
        and attribute.name not in _META
    ]
    return Mutation(tuple(splices)) if splices else None


def _in_parentheses(source: Source) -> Mutation | None:
    """Every argument of every resource in parentheses."""
    splices = [
        replaced(attribute.expression, f"({_text(source, attribute.expression.span)})")
        for place in _resources(source)
        for attribute in place.block.body.attributes.values()
        if attribute.name not in _META and not _text(source, attribute.expression.span).endswith("\n")
    ]
    return Mutation(tuple(splices)) if splices else None


# --- what the rewrites stand on ------------------------------------------------------------------------------------------


def _resources(source: Source) -> list[ResourceBlock]:
    """Every resource block once."""
    by_block = {}
    for path, block in source.tree.resources():
        by_block[id(block)] = ResourceBlock(block.address, path, block)
    return list(by_block.values())


def _attributes(body: Body) -> Iterator[Attribute]:
    yield from body.attributes.values()
    for block in body.blocks:
        yield from _attributes(block.body)


def _text(source: Source, span: Span) -> str:
    return source.texts[span.path][span.start : span.end]


def _gap(source: Source, attribute: Attribute) -> str:
    start = attribute.span.start + len(attribute.name)
    return source.texts[attribute.span.path][start : attribute.expression.span.start]


def _swap(span: Span, text: str) -> Splice:
    return Splice(span.path, span.start, span.end, text)


def _relabelled(source: Source, header: Span, old: str, new: str) -> Splice:
    head, _, tail = _text(source, header).rpartition(f'"{old}"')
    return _swap(header, f'{head}"{new}"{tail}')


def _readdressed(source: Source, traversal: Traversal, address: str, label: str) -> Splice | None:
    """Another last name in the address with which a traversal begins; None where it is written in an unusual way."""
    start = traversal.span.start
    if not source.texts[traversal.span.path].startswith(address, start):
        return None
    begin = start + len(address.rpartition(".")[0]) + 1
    return Splice(traversal.span.path, begin, start + len(address), label)


def _variable_types(source: Source) -> Iterator[Expression]:
    for _, _, body in source.bodies():
        for block in body.blocks_of("variable"):
            if "type" in block.body.attributes:
                yield block.body.attributes["type"].expression


def _is_free(expression: Expression) -> bool:
    """Whether an expression means the same in a local: it names nothing of its own block."""
    return all(r.root not in _BOUND for r in references(expression))


def _inside_templates(module: Module) -> Iterator[Traversal]:
    for body in module.files.values():
        for expression in body.expressions():
            for outer in walk(expression):
                if isinstance(outer, Template | TemplateFor):
                    yield from (t for t in walk(outer) if isinstance(t, Traversal))


def _contains(expression: Expression, traversal: Traversal) -> bool:
    return any(inner is traversal for inner in walk(expression))


def _same(name: str, meaning: str, apply: Callable[[Source], Mutation | None]) -> Mutator:
    return Mutator(name, Kind.EQUIVALENT, meaning, apply)


MUTATORS: tuple[Mutator, ...] = (
    _same("reorder-blocks", "Terraform orders by reference, not by place.", _reversed_blocks),
    _same("reorder-arguments", "The order of arguments means nothing.", _reversed_arguments),
    _same("reformat-blanks", "Blanks mean nothing.", _respaced),
    _same("reformat-comments", "Comments mean nothing.", _comments_between),
    _same("reformat-line-ends", "Line ends of Windows mean nothing.", _windows),
    _same("rename-labels", "A label is a private name.", _renamed_labels),
    _same("rename-locals", "A local is a private name.", _renamed_locals),
    _same("extract-local-of-the-key-tags", "A local is the same value.", partial(_extracted, "key", "tags")),
    _same(
        "extract-local-of-the-key-window",
        "A local is the same value.",
        partial(_extracted, "key", "deletion_window_in_days"),
    ),
    _same("extract-local-of-the-secret-name", "A local is the same value.", partial(_extracted, "secret", "name")),
    _same("extract-local-of-the-secret-key", "A local is the same value.", partial(_extracted, "secret", "kms_key_id")),
    _same("extract-local-of-the-secret-tags", "A local is the same value.", partial(_extracted, "secret", "tags")),
    _same("extract-local-of-the-value", "A local is the same value.", partial(_extracted, "version", "secret_string")),
    _same(
        "extract-local-of-the-containers",
        "A local is the same value.",
        partial(_extracted, "task", "container_definitions"),
    ),
    _same("inline-locals", "The value is the same where it is used.", _inlined),
    _same("split-files", "Terraform reads all files of a directory as one.", _split),
    _same("merge-files", "Terraform reads all files of a directory as one.", _merged),
    _same("write-names-with-format", "format gives the same text.", _formatted),
    _same("quote-keys", "A bare key is a string.", _quoted_keys),
    _same("write-numbers-as-strings", "Terraform converts to the argument's type.", _as_strings),
    _same("put-in-parentheses", "Parentheses around a whole expression mean nothing.", _in_parentheses),
)
