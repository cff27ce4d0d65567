"""What depends on the environment's name beyond names: between two plans, and where no plan shows a value yet.

Building a name (cutting, hashing, cleaning, looking one up) is no choice; what counts is whether anything but the name differs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graders.evidence.facts import Facts
from graders.evidence.plan import EnvironmentPlan, PlannedResource
from graders.rubric.look import contents_read, show
from lab_env.hcl import UNKNOWN, Body, Expression, Node, Span, Use, conditional_uses, constant, reached_by
from lab_env.hcl.addresses import CALL
from lab_env.text import parsed_json

_MOST_TRIES = 200_000  # of finding a member of a set in another order: the square of a set of 450
_MOST_PLACES = 500_000  # pairs of places in two texts

# What something is called: a name that is looked up is a name all the same.
_NAMING = frozenset({"name", "name_prefix", "family"})
_NAMING_TAGS = frozenset({"name", "environment", "env", "stage"})
UNIQUE_NAMES = {
    "aws_cloudwatch_log_group": "log group",
    "aws_ecs_cluster": "cluster",
    "aws_iam_policy": "policy",
    "aws_iam_role": "role",
    "aws_kms_alias": "alias",
    "aws_secretsmanager_secret": "secret",
}
"""Types whose name must be unique in an account and region, in words (IAM, KMS, Secrets Manager, ECS and Logs API references)."""


@dataclass(frozen=True)
class Difference:
    """:param attribute: the top-level argument that differs; None when the resource itself is there or not there.
    :param span: the expression that chooses, where no plan shows the value.
    :param picks: whether it chooses among resources, or cannot be worked out.
    """

    address: str
    attribute: str | None
    text: str
    span: Span | None = None
    picks: bool = False


def differences(plans: Sequence[EnvironmentPlan]) -> list[Difference]:
    """Every plan against the first one; a text that differs only by names does not count."""
    return [found for other in plans[1:] for found in _between(plans[0], other)]


def choices(facts: Facts, plans: Sequence[EnvironmentPlan]) -> list[Difference]:
    """What is chosen by the environment's value where the plans show nothing, because AWS makes the value only later.

    Such an expression is worked out under each name, with resources' attributes as what they are called. What cannot be worked out
    is a choice when the environment is compared in it, and none when its name is only cut, looked up or rewritten.
    """
    uses = conditional_uses(facts.tree)
    found: list[Difference] = []
    for node in facts.tree.nodes.values():
        module = node.module
        for block in (*module.resources.values(), *module.data.values(), *module.module_calls.values()):
            address = f"{CALL}.{node.address(block.address)}"
            for name, expression, top in _expressions(block.body):
                if not (top and block.type != "module" and _shown(plans, address, name)):
                    mine = _uses_in(facts, node, expression, uses) if uses else []
                    chosen = _chosen(facts, node, expression, plans, address, name, mine)
                    # What is handed to a module and known lands in its resources, whose plans show it.
                    found += [c for c in chosen if block.type != "module" or c.picks]
    return found


def same_names(plans: Sequence[EnvironmentPlan]) -> Iterator[tuple[PlannedResource, EnvironmentPlan, EnvironmentPlan]]:
    """Resources whose name must be unique in an account and is the same in two environments."""
    for resource in plans[0].of_type(*UNIQUE_NAMES):
        name = resource.values.get("name")
        for other in plans[1:]:
            if isinstance(name, str) and any(
                name.lower() == str(r.values.get("name")).lower() for r in other.of_type(resource.type)
            ):
                yield resource, plans[0], other
                break


# --- two plans -----------------------------------------------------------------------------------------------------------


def _between(first: EnvironmentPlan, other: EnvironmentPlan) -> list[Difference]:
    a, b = first.environment, other.environment
    bare = _Names(a, b)
    there = {r.address: r for r in other.resources if r.mode == "managed"}
    pairs: list[tuple[PlannedResource, PlannedResource]] = []
    found: list[Difference] = []
    for resource in (r for r in first.resources if r.mode == "managed"):
        counterpart = there.get(resource.address) or next(
            (r for r in there.values() if r.type == resource.type and bare.same(resource.address, r.address)), None
        )
        if counterpart is None:
            text = f"{resource.address} is there under {a}, but not under {b}"
            found.append(Difference(resource.address, None, text))
        else:
            pairs.append((resource, counterpart))
    matched = {counterpart.address for _, counterpart in pairs}
    for address in sorted(set(there) - matched):
        found.append(Difference(address, None, f"{address} is there under {b}, but not under {a}"))
    names = _Names(a, b, [*_names_of(pairs)])
    for resource, counterpart in pairs:
        found += _attributes(resource, counterpart, names)
    return found


def _names_of(pairs: Sequence[tuple[PlannedResource, PlannedResource]]) -> Iterator[tuple[str, str]]:
    for left, right in pairs:
        for attribute in _NAMING:
            one, two = left.values.get(attribute), right.values.get(attribute)
            if isinstance(one, str) and isinstance(two, str) and len(one) > 2 and one != two:
                yield one, two


def _attributes(first: PlannedResource, other: PlannedResource, names: _Names) -> list[Difference]:
    found = []
    for attribute in sorted({*first.values, *other.values}):
        left, right = first.values.get(attribute), other.values.get(attribute)
        if attribute in _NAMING and isinstance(left, str) and isinstance(right, str):
            continue
        if attribute in ("tags", "tags_all"):
            left, right = _without_names(left), _without_names(right)
        if not names.same(left, right):
            text = f"{attribute} is {show(left)} under {names.first}, but {show(right)} under {names.other}"
            found.append(Difference(first.address, attribute, text))
    for attribute in sorted({*first.unknown, *other.unknown}):
        if first.known(attribute) != other.known(attribute):
            text = f"{attribute} is made in another way under {names.other} than under {names.first}"
            found.append(Difference(first.address, attribute, text))
    return found


def _without_names(tags: object) -> object:
    if not isinstance(tags, Mapping):
        return tags
    return {key: value for key, value in tags.items() if str(key).lower() not in _NAMING_TAGS}


# --- expressions ---------------------------------------------------------------------------------------------------------


def _expressions(body: Body, *, top: bool = True) -> Iterator[tuple[str, Expression, bool]]:
    for name, attribute in body.attributes.items():
        yield name, attribute.expression, top
    for block in body.blocks:
        if block.type not in ("lifecycle", "provisioner"):
            yield from _expressions(block.body, top=False)


def _uses_in(facts: Facts, node: Node, expression: Expression, uses: Sequence[Use]) -> list[Use]:
    reached = [part.span for part in reached_by(node, expression)]
    reached += [content.span for content in contents_read(facts, node, expression)]
    return [use for use in uses if any(span.contains(use.span) for span in reached)]


def _shown(plans: Sequence[EnvironmentPlan], address: str, attribute: str) -> bool:
    """Whether the plans show the argument's value, or that its resources are not the same ones."""
    resources = [r for plan in plans for r in plan.at(address)]
    return attribute in ("count", "for_each") or all(r.known(attribute) for r in resources)


def _chosen(
    facts: Facts,
    node: Node,
    expression: Expression,
    plans: Sequence[EnvironmentPlan],
    address: str,
    attribute: str,
    uses: Sequence[Use],
) -> Iterator[Difference]:
    first, *others = [
        (
            plan.environment,
            constant(facts.tree, node.path, expression, variables={"environment": plan.environment}, references=True),
        )
        for plan in plans
    ]
    for name, value in others:
        if UNKNOWN in (first[1], value):
            compared = next((use for use in uses if not use.only_builds_text), None)
            if compared is not None:
                yield Difference(
                    address, attribute, f"var.environment is used in {compared.construct}", compared.span, True
                )
            return
        if attribute not in _NAMING and not _Names(first[0], name, list(_pairs_of_names(plans, first[0], name))).same(
            first[1], value
        ):
            text = f"{attribute} is {_picked(first[1])} under {first[0]}, but {_picked(value)} under {name}"
            yield Difference(address, attribute, text, expression.span, "${" in f"{first[1]}{value}")
            return


def _pairs_of_names(plans: Sequence[EnvironmentPlan], first: str, other: str) -> Iterator[tuple[str, str]]:
    by_name = {plan.environment: plan for plan in plans}
    there = {r.address: r for r in by_name[other].resources}
    yield from _names_of([(r, there[r.address]) for r in by_name[first].resources if r.address in there])


def _picked(value: object) -> str:
    return show(value).replace('"${', "").replace('}"', "")


# --- names ---------------------------------------------------------------------------------------------------------------


class _Names:
    """Two environments' names, what is built of them, and whether two values are the same but for that.

    :param pairs: further names: those of resources.
    """

    def __init__(self, first: str, other: str, pairs: Sequence[tuple[str, str]] = ()) -> None:
        self.first = first
        self.other = other
        self._pairs = [*dict.fromkeys((*pairs, *_built(first, other)))]
        self._hashes = list(zip(_hashes(first), _hashes(other), strict=True))
        self._tries = 0

    def same(self, left: object, right: object) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            return left == right or self._same_text(left, right)
        if isinstance(left, Mapping) and isinstance(right, Mapping):
            return self._same_mapping(left, right)
        if isinstance(left, list) and isinstance(right, list):
            return self._same_list(left, right)
        return left == right

    def _same_mapping(self, left: Mapping[str, object], right: Mapping[str, object]) -> bool:
        if len(left) != len(right):
            return False
        free = [key for key in right if key not in left]
        for key, value in left.items():
            other = key if key in right else next((k for k in free if self._try(key, k)), None)
            if other is None:
                return False
            if other in free:
                free.remove(other)
            if not self.same(value, right[other]):
                return False
        return True

    def _same_list(self, left: list[object], right: list[object]) -> bool:
        if len(left) != len(right):
            return False
        if all(self.same(a, b) for a, b in zip(left, right, strict=True)):
            return True
        # Terraform sorts sets by value, so the name may change their order.
        remaining = list(right)
        for value in left:
            match = next((i for i, candidate in enumerate(remaining) if self._try(value, candidate)), None)
            if match is None:
                return False
            remaining.pop(match)
        return True

    def _try(self, left: object, right: object) -> bool:
        """Whether two members of another order are the same; behind a bound that no module comes near, none is."""
        self._tries += 1
        return self._tries <= _MOST_TRIES and self.same(left, right)

    def _same_text(self, left: str, right: str) -> bool:
        parsed = parsed_json(left), parsed_json(right)
        if parsed[0] is not None and parsed[1] is not None:
            return self.same(*parsed)
        # Each occurrence of a name may have stayed or be the other name; where one begins like the other, both are followed.
        jumps = self._jumps(left)
        if not jumps:
            return False
        pending, seen = [(0, 0)], {(0, 0)}
        while pending and len(seen) < _MOST_PLACES:
            at, there = pending.pop()
            if at == len(left) and there == len(right):
                return True
            steps = [(length, text) for length, text in jumps.get(at, ()) if right.startswith(text, there)]
            if at < len(left) and there < len(right) and left[at] == right[there]:
                steps.append((1, left[at]))
            for length, text in steps:
                place = at + length, there + len(text)
                if place not in seen:
                    seen.add(place)
                    pending.append(place)
        return False

    def _jumps(self, left: str) -> dict[int, list[tuple[int, str]]]:
        """By place: how long a name there is, and what stands for it in the other environment."""
        found: dict[int, list[tuple[int, str]]] = {}
        for match in re.finditer(re.escape(self.first), left, re.IGNORECASE):
            found.setdefault(match.start(), []).append((len(match[0]), _cased_like(self.other, match[0])))
        for one, two in self._pairs:
            bounds = (r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])") if len(one) == 1 else ("", "")
            for match in re.finditer(f"{bounds[0]}{re.escape(one)}{bounds[1]}", left):
                found.setdefault(match.start(), []).append((len(one), two))
        for match in re.finditer(r"[0-9a-f]{4,128}", left):
            for one, two in self._hashes:
                at = one.find(match[0])
                if at >= 0:
                    found.setdefault(match.start(), []).append((len(match[0]), two[at : at + len(match[0])]))
        return found


def _built(first: str, other: str) -> Iterator[tuple[str, str]]:
    """What a name is cut or cleaned to."""
    for length in range(1, max(len(first), len(other))):
        yield first[:length], other[:length]
    cleaned = re.sub(r"[^A-Za-z0-9]", "", first), re.sub(r"[^A-Za-z0-9]", "", other)
    if cleaned != (first, other):
        yield cleaned


def _hashes(name: str) -> tuple[str, ...]:
    raw = name.encode()
    plain = (hashlib.new(kind, raw, usedforsecurity=False) for kind in ("md5", "sha1", "sha256", "sha512"))
    return tuple(made.hexdigest() for made in plain)


def _cased_like(name: str, example: str) -> str:
    if example.isupper():
        return name.upper()
    return name.capitalize() if example[:1].isupper() else name
