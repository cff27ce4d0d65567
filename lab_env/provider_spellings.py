"""What version 6 of the AWS provider spells otherwise than version 5, which grades.

Version 6 gives every regional resource and data source a ``region``, calls the name of ``aws_region`` so too, and gives a secret's
version a ``secret_arn`` and a secret a ``type``
(https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-6-upgrade). Where that means the same, the
workspace's copy has version 5's words, on the same lines. Where ``LAB_PROVIDER_VERSION`` asks for version 6, its words stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from lab_env import settings
from lab_env.engine.model import REGION
from lab_env.hcl import UNKNOWN, Attr, Attribute, Block, Literal, ModuleTree, Node, Span, Traversal, constant, walk
from lab_env.hcl.model import Body

GRADES: Final = "version 5 of the AWS provider grades"
_ONLY_6: Final = frozenset(
    {
        ("aws_cloudwatch_log_group", "deletion_protection_enabled"),
        ("aws_ecs_service", "deployment_configuration"),
        ("aws_ecs_service", "sigint_rollback"),
        ("aws_iam_policy", "delay_after_policy_creation_in_ms"),
    }
)
"""Arguments and blocks that version 6 has and version 5 has not, and that change what is deployed."""
_EVERYWHERE: Final = ("aws_iam_", "aws_caller_identity", "aws_partition")
"""Types that have no region in version 6 either."""


@dataclass(frozen=True)
class Respelling:
    """One place, and what stands there for version 5.

    :param start: offset in the file's text without a byte order mark, as ``end`` is.
    :param text: None: nothing, and the place is blanked.
    """

    path: str
    line: int
    start: int
    end: int
    text: str | None
    what: str

    @property
    def note(self) -> str:
        return f"{self.path} line {self.line}: {self.what}; {GRADES}."


@dataclass(frozen=True)
class Unknown6:
    """What version 5 cannot be told."""

    message: str
    span: Span


def version_6_is_asked_for() -> bool:
    """Whether ``LAB_PROVIDER_VERSION`` names version 6 or a newer one."""
    asked = settings.PROVIDER_VERSION.read()
    return asked is not None and asked[0] >= 6


def respellings(
    tree: ModuleTree, texts: Mapping[str, str], *, version_6: bool = False
) -> tuple[list[Respelling], list[Unknown6]]:
    """The places of the modules under test that are spelled as in version 6, and those that cannot be put otherwise.

    :param texts: of the files, by path.
    :param version_6: it is version 6 that grades, or a newer one: its words are its own, and only another region is none of them.
    """
    if version_6:
        return [], _other_regions(tree)
    found: dict[tuple[str, int], Respelling] = {}
    unknown: dict[tuple[str, int], Unknown6] = {}
    for node in tree.nodes.values():
        for path, body in node.module.files.items():
            text = texts.get(path, "").removeprefix("\ufeff")
            for one in (*_names(path, body, text), *_arguments(tree, node, body, text)):
                if isinstance(one, Unknown6):
                    unknown.setdefault((one.span.path, one.span.start), one)
                else:
                    found.setdefault((one.path, one.start), one)
    places = [found[key] for key in sorted(found)]
    whole = [place for place in places if place.text is None]
    apart = [
        p for p in places if not any(w is not p and w.path == p.path and w.start <= p.start < w.end for w in whole)
    ]
    return apart, [unknown[key] for key in sorted(unknown)]


def respelled(path: str, text: str, places: list[Respelling]) -> str:
    """A file's text, without a byte order mark, in the words of version 5; no line moves."""
    for place in sorted((p for p in places if p.path == path), key=lambda p: -p.start):
        blank = "".join(c if c in "\r\n" else " " for c in text[place.start : place.end])
        text = text[: place.start] + (blank if place.text is None else place.text) + text[place.end :]
    return text


def _names(path: str, body: Body, text: str) -> Iterator[Respelling]:
    for root in body.expressions():
        for expr in walk(root):
            if not isinstance(expr, Traversal) or not expr.steps or not isinstance(last := expr.steps[-1], Attr):
                continue
            if expr.root == "data" and expr.names[:1] == ("aws_region",) and expr.names[2:] == ("region",):
                new, what = "name", "region of aws_region is read as its name"
            elif expr.root == "aws_secretsmanager_secret_version" and expr.names[1:] == ("secret_arn",):
                new, what = "arn", "secret_arn of the version is read as its arn, which is the secret's"
            else:
                continue
            start = expr.span.end - len(last.name)
            if text[start : expr.span.end] == last.name:
                yield Respelling(path, expr.span.end_line, start, expr.span.end, new, what)


def _arguments(tree: ModuleTree, node: Node, body: Body, text: str) -> Iterator[Respelling | Unknown6]:
    for block in body.blocks:
        if block.type not in ("resource", "data", "ephemeral") or len(block.labels) != 2:
            continue
        kind = block.labels[0]
        given: dict[str, Attribute | Block] = {
            **block.body.attributes,
            **{inner.type: inner for inner in block.body.blocks},
        }
        for name in sorted(name for name in given if (kind, name) in _ONLY_6):
            message = f"{name} of {kind} is known to version 6 of the AWS provider and newer only; {GRADES}."
            yield Unknown6(message, given[name].span)
        of_secret = block.body.attributes.get("type")
        if (region := _of_its_own(block)) is not None:
            yield _region(tree, node, block, region, text)
        if of_secret is not None and block.type == "resource" and kind == "aws_secretsmanager_secret":
            yield _left_out(of_secret, text, "the type of the secret is left out")


def _other_regions(tree: ModuleTree) -> list[Unknown6]:
    found: dict[tuple[str, int], Unknown6] = {}
    for node in tree.nodes.values():
        for body in node.module.files.values():
            for block in body.blocks:
                if (region := _of_its_own(block)) is None or (value := _value(tree, node, region)) == REGION:
                    continue
                found[region.span.path, region.span.start] = _elsewhere(block, region, value)
    return [found[key] for key in sorted(found)]


def _of_its_own(block: Block) -> Attribute | None:
    if block.type not in ("resource", "data", "ephemeral") or len(block.labels) != 2:
        return None
    return None if block.labels[0].startswith(_EVERYWHERE) else block.body.attributes.get("region")


def _elsewhere(block: Block, region: Attribute, value: object) -> Unknown6:
    if isinstance(value, str):
        message = (
            f"region of {block.address} asks for {value[:40]}, but everything is deployed in {REGION}; leave it out."
        )
    else:
        message = f"region of {block.address} is not known before the plan; write {REGION}, or leave it out."
    return Unknown6(message, region.span)


def _region(tree: ModuleTree, node: Node, block: Block, region: Attribute, text: str) -> Respelling | Unknown6:
    wanted = _value(tree, node, region)
    if wanted == REGION:
        return _left_out(region, text, "region is the provider's own and left out")
    return _elsewhere(block, region, wanted)


def _value(tree: ModuleTree, node: Node, region: Attribute) -> object:
    expr = region.expression
    if isinstance(expr, Traversal) and expr.root == "data" and expr.names[:1] == ("aws_region",):
        source = node.module.data.get(f"data.aws_region.{expr.names[1]}") if len(expr.names) == 3 else None
        chosen = source is None or {"region", "name", "endpoint"} & source.body.attributes.keys()
        return UNKNOWN if chosen or expr.names[2] not in ("region", "name", "id") else REGION
    return constant(tree, node.path, expr)


def _left_out(attribute: Attribute, text: str, what: str) -> Respelling | Unknown6:
    span = attribute.span
    rest = text[span.end :].split("\n", 1)[0].strip()
    plain = isinstance(attribute.expression, Literal | Traversal)
    if not plain or (rest and not rest.startswith(("#", "//", "}"))):
        return Unknown6(
            f"{attribute.name} stands here in a way that cannot be left out by itself ({GRADES}); take it out.", span
        )
    return Respelling(span.path, span.line, span.start, span.end, None, what)
