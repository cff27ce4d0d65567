"""What a plan would do, as lines with signs: read from ``terraform show -json``, with every sensitive value left out.

Format: https://developer.hashicorp.com/terraform/internals/json-format (``resource_changes``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from lab_env.hcl.addresses import in_module
from lab_env.text import one_line, parsed_json

Sign = Literal["+", "-", "~", "-/+", "<=", " "]

SENSITIVE = "(sensitive value)"
UNKNOWN = "(known after apply)"
# What holds a secret's value, whatever a plan or state marks as sensitive.
NEVER_SHOWN = frozenset({"secret_string", "secret_string_wo", "secret_binary"})
# The provider's copy of tags, merged with its defaults, of which there are none.
_LEFT_OUT = frozenset({"tags_all"})
_WIDEST = 200


@dataclass(frozen=True)
class DiffLine:
    """One line of a change; ``depth`` is how far it is indented."""

    sign: Sign
    depth: int
    text: str


@dataclass(frozen=True)
class ResourceDiff:
    """What would happen to one resource.

    :param address: as in the module, without ``module.secrets.`` in front.
    :param what: in words, such as ``will be created``.
    """

    sign: Sign
    address: str
    what: str
    lines: tuple[DiffLine, ...]

    @property
    def done(self) -> str:
        """The same when it has been done."""
        return self.what.removeprefix("will be ").replace("must be replaced", "replaced")


@dataclass(frozen=True)
class Diff:
    """A whole plan.

    :param drift: sentences on what was changed outside Terraform and is why something is planned.
    """

    changes: tuple[ResourceDiff, ...]
    add: int
    change: int
    destroy: int
    drift: tuple[str, ...]

    @property
    def summary(self) -> str:
        """``2 to add, 0 to change, 0 to destroy.``, in Terraform's words."""
        counts = f"{self.add} to add, {self.change} to change, {self.destroy} to destroy."
        return counts if self.changes else f"No changes: {counts}"


_WORDS: dict[tuple[str, ...], tuple[Sign, str]] = {
    ("create",): ("+", "will be created"),
    ("update",): ("~", "will be updated in place"),
    ("delete",): ("-", "will be destroyed"),
    ("delete", "create"): ("-/+", "must be replaced: destroyed, then created"),
    ("create", "delete"): ("-/+", "must be replaced: created, then destroyed"),
    ("forget",): (" ", "will be forgotten, not destroyed"),
}


def read(document: Mapping[str, Any]) -> Diff:
    """Read the changes of a plan, in address order; what stays as it is and what is only read is left out."""
    counts = {"add": 0, "change": 0, "destroy": 0}
    changes = []
    for entry in document.get("resource_changes", ()):
        change = entry["change"]
        actions = tuple(change["actions"])
        if entry.get("mode") != "managed" or actions not in _WORDS:
            continue
        counts["add"] += "create" in actions
        counts["change"] += "update" in actions
        counts["destroy"] += "delete" in actions
        sign, what = _WORDS[actions]
        lines = () if "delete" in actions and len(actions) == 1 else tuple(_change_lines(change))
        moved = entry.get("previous_address")
        what += f" (moved from {shown_address(str(moved))})" if moved else ""
        changes.append(ResourceDiff(sign, shown_address(str(entry["address"])), what, lines))
    drift = tuple(sorted(_drift(document, {one.address for one in changes})))
    return Diff(tuple(sorted(changes, key=lambda one: one.address)), **counts, drift=drift)


def state_lines(attributes: Mapping[str, Any], sensitive: Any) -> tuple[DiffLine, ...]:
    """Show the attributes of a resource in the state, without what is empty.

    :param sensitive: which of them are, as :func:`sensitive_tree` gives it.
    """
    return tuple(_members(" ", 1, attributes, {}, sensitive))


def sensitive_tree(paths: Sequence[Any]) -> dict[str, Any]:
    """Turn a state's ``sensitive_attributes`` into the form that a plan has them in: nested, with true at each sensitive place."""
    tree: dict[str, Any] = {}
    for path in paths:
        steps = path if isinstance(path, list) else [path]
        first = next((s.get("value") for s in steps if isinstance(s, dict) and s.get("type") == "get_attr"), None)
        if first is not None:
            # An attribute that holds something sensitive is left out as a whole.
            tree[str(first)] = True
    return tree


def shown_address(address: str) -> str:
    """Shorten an address to what the module's author knows it by."""
    return one_line(in_module(address))


def _drift(document: Mapping[str, Any], planned: set[str]) -> Iterator[str]:
    """Tell the drift of what something is planned for: what the provider fills in later is drift, too, and no news."""
    for entry in document.get("resource_drift", ()):
        address = shown_address(str(entry["address"]))
        if entry.get("mode") == "managed" and address in planned:
            gone = entry["change"]["actions"] == ["delete"]
            yield f"{address} was {'deleted' if gone else 'changed'} outside Terraform since the last apply."


def _change_lines(change: Mapping[str, Any]) -> Iterator[DiffLine]:
    before, after = change.get("before"), change.get("after")
    unknown = change.get("after_unknown") or {}
    hidden = _merged(change.get("before_sensitive"), change.get("after_sensitive"))
    if not isinstance(before, Mapping):
        yield from _members("+", 1, after or {}, unknown, hidden)
        return
    forcing = {str(path[0]) for path in change.get("replace_paths") or () if path}
    after = after if isinstance(after, Mapping) else {}
    same = 0
    for name in sorted({*before, *after, *_true_keys(unknown)} - _LEFT_OUT):
        old, new = before.get(name), after.get(name)
        note = "  # forces replacement" if name in forcing else ""
        if name in _true_keys(unknown):
            if not (old is None or old in ([], {}, "")) or note:
                yield DiffLine("~", 1, f"{name} = {_short(old, name, hidden)} → {UNKNOWN}{note}")
        elif old == new:
            same += old not in (None, [], {}, "")
        else:
            yield from _difference(1, name, old, new, _of(hidden, name), note)
    if same:
        yield DiffLine(" ", 1, f"# {same} more that stay as they are")


def _difference(depth: int, name: str, old: Any, new: Any, hidden: Any, note: str) -> Iterator[DiffLine]:
    """Show an attribute that changes, down to what is different in it."""
    if name in NEVER_SHOWN or hidden is True:
        yield DiffLine("~", depth, f"{name} = {SENSITIVE} → {SENSITIVE}{note}")
        return
    old_parsed, new_parsed = _parsed(old), _parsed(new)
    if isinstance(old_parsed, Mapping) and isinstance(new_parsed, Mapping):
        yield DiffLine("~", depth, f"{name} = {{{note}")
        for key in sorted({*old_parsed, *new_parsed}):
            if old_parsed.get(key) != new_parsed.get(key):
                yield from _difference(depth + 1, key, old_parsed.get(key), new_parsed.get(key), _of(hidden, key), "")
        yield DiffLine(" ", depth, "}")
    elif isinstance(old_parsed, list) and isinstance(new_parsed, list) and len(old_parsed) == len(new_parsed):
        yield DiffLine("~", depth, f"{name} = [{note}")
        for index, (one, other) in enumerate(zip(old_parsed, new_parsed, strict=True)):
            if one != other:
                yield from _difference(depth + 1, f"[{index}]", one, other, _at(hidden, index), "")
        yield DiffLine(" ", depth, "]")
    elif old is None:
        yield from _value("+", depth, name, new, {}, hidden, note)
    elif new is None:
        yield DiffLine("-", depth, f"{name} = {_literal(old_parsed)}{note}")
    else:
        yield DiffLine("~", depth, f"{name} = {_literal(old_parsed)} → {_literal(new_parsed)}{note}")


def _members(sign: Sign, depth: int, values: Mapping[str, Any], unknown: Any, hidden: Any) -> Iterator[DiffLine]:
    """Show the members of something that appears as a whole; those that the provider will fill in, on one line."""
    later = sorted(_true_keys(unknown) - _LEFT_OUT)
    for name in sorted(set(values) - _LEFT_OUT - set(later)):
        yield from _value(sign, depth, name, values[name], _of(unknown, name), _of(hidden, name), "")
    if later:
        yield DiffLine(sign, depth, f"{', '.join(later)} = {UNKNOWN}")


def _value(sign: Sign, depth: int, name: str, value: Any, unknown: Any, hidden: Any, note: str) -> Iterator[DiffLine]:
    if name in NEVER_SHOWN or hidden is True:
        if value not in (None, "", [], {}):
            yield DiffLine(sign, depth, f"{name} = {SENSITIVE}{note}")
        return
    value = _parsed(value)
    if value in (None, "", [], {}):
        return
    if isinstance(value, Mapping):
        yield DiffLine(sign, depth, f"{name} = {{{note}")
        yield from _members(sign, depth + 1, value, unknown, hidden)
        yield DiffLine(sign, depth, "}")
    elif isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value):
        yield DiffLine(sign, depth, f"{name} = [{note}")
        for index, item in enumerate(value):
            yield from _value(sign, depth + 1, f"[{index}]", item, _at(unknown, index), _at(hidden, index), "")
        yield DiffLine(sign, depth, "]")
    else:
        yield DiffLine(sign, depth, f"{name} = {_literal(value)}{note}")


def _parsed(value: Any) -> Any:
    """Read the JSON document that a string holds (policies, container definitions); other values stay as they are."""
    parsed = parsed_json(value) if isinstance(value, str) else None
    return value if parsed is None else parsed


def _literal(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return one_line(text if len(text) <= _WIDEST else f"{text[:_WIDEST]}…")


def _short(value: Any, name: str, hidden: Any) -> str:
    return SENSITIVE if name in NEVER_SHOWN or _of(hidden, name) else _literal(_parsed(value))


def _true_keys(tree: Any) -> set[str]:
    return {str(key) for key, value in tree.items() if value is True} if isinstance(tree, Mapping) else set()


def _of(tree: Any, name: str) -> Any:
    """Find a branch of a tree of marks; a mark on the whole goes for every branch."""
    return tree if tree is True else tree.get(name) if isinstance(tree, Mapping) else None


def _at(tree: Any, index: int) -> Any:
    return tree if tree is True else tree[index] if isinstance(tree, list) and index < len(tree) else None


def _merged(one: Any, other: Any) -> Any:
    """Mark what is marked in either of two trees of marks."""
    if one is True or other is True:
        return True
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return {key: _merged(one.get(key), other.get(key)) for key in {*one, *other}}
    if isinstance(one, list) and isinstance(other, list):
        longest = max(len(one), len(other))
        return [_merged(_at(one, i), _at(other, i)) for i in range(longest)]
    return one or other
