"""The smallest edits that mutators are made of, each on exact spans of the syntax tree."""

from __future__ import annotations

from graders.quality.mutation.source import Mutation, ResourceBlock, Source, Splice
from lab_env.hcl import Attribute, Block, Expression, Object, ObjectItem, Span, walk


def replaced(expression: Expression, text: str) -> Splice:
    """Another expression in place of this one."""
    span = expression.span
    return Splice(span.path, span.start, span.end, text)


def dropped(source: Source, span: Span) -> Splice:
    """Takes an argument or block away, with its lines where nothing else stands on them."""
    start, end = whole_lines(source.texts[span.path], span)
    return Splice(span.path, start, end, "")


def commented(source: Source, span: Span) -> Splice | None:
    """Puts ``#`` before each line; None where something else stands on them."""
    text = source.texts[span.path]
    start, end = whole_lines(text, span)
    if (start, end) == (span.start, span.end):
        return None
    lines = text[start:end].splitlines(keepends=True)
    return Splice(span.path, start, end, "".join(f"# {line}" for line in lines))


def dropped_item(source: Source, owner: Object, item: ObjectItem) -> Splice:
    """Takes an item out of an object, with the comma that belongs to it."""
    text = source.texts[item.span.path]
    position = owner.items.index(item)
    if position + 1 < len(owner.items):
        return Splice(item.span.path, item.span.start, owner.items[position + 1].span.start, "")
    start = owner.items[position - 1].span.end if position else owner.span.start + 1
    behind = item.span.end
    while text[behind : behind + 1] in (" ", "\t"):
        behind += 1
    end = behind + 1 if text[behind : behind + 1] == "," else item.span.end
    return Splice(item.span.path, start, end, "")


def inserted(source: Source, block: Block, text: str) -> Splice | None:
    """Puts a line at a block's beginning; None for a block that is written on one line."""
    if block.span.line == block.span.end_line:
        return None
    content = source.texts[block.span.path]
    brace = content.index("{", block.header.end)
    return Splice(block.span.path, brace + 1, brace + 1, f"\n  {text}")


def changed(*splices: Splice | None) -> Mutation | None:
    """A change of all these splices; None when one of them cannot be."""
    done = tuple(splice for splice in splices if splice is not None)
    return Mutation(done) if len(done) == len(splices) else None


def set_argument(source: Source, place: ResourceBlock | None, argument: str, value: str) -> Mutation | None:
    """Sets an argument, whether it is written or not."""
    if place is None:
        return None
    attribute = place.argument(argument)
    if attribute is not None:
        return changed(replaced(attribute.expression, value))
    return changed(inserted(source, place.block, f"{argument} = {value}"))


def drop_argument(source: Source, place: ResourceBlock | None, argument: str) -> Mutation | None:
    attribute = place.argument(argument) if place else None
    return changed(dropped(source, attribute.span)) if attribute is not None else None


def comment_out_argument(source: Source, place: ResourceBlock | None, argument: str) -> Mutation | None:
    attribute = place.argument(argument) if place else None
    return changed(commented(source, attribute.span)) if attribute is not None else None


def item_of(attribute: Attribute | None, key: str) -> tuple[Object, ObjectItem] | None:
    """The one item of this constant key that is written in an argument's own expression, with its object."""
    if attribute is None:
        return None
    found = [
        (owner, item)
        for owner in walk(attribute.expression)
        if isinstance(owner, Object)
        for item in owner.items
        if getattr(item.key, "value", None) == key
    ]
    return found[0] if len(found) == 1 else None


def whole_lines(text: str, span: Span) -> tuple[int, int]:
    """The span with its indentation and line end, when nothing else but a comment stands on its lines; else the span itself."""
    start = text.rfind("\n", 0, span.start) + 1
    if text[start : span.start].strip():
        return span.start, span.end
    if text[span.end - 1 : span.end] == "\n":  # a heredoc ends with its line
        return start, span.end
    newline = text.find("\n", span.end)
    end = len(text) if newline < 0 else newline + 1
    rest = text[span.end : end].strip()
    return (start, end) if not rest or rest.startswith(("#", "//")) else (span.start, span.end)
