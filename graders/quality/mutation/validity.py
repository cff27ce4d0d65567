"""Mutators after which the module is no valid one: nothing else can be looked at then, and nothing earns a point."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from graders.quality.mutation.edits import changed, drop_argument, dropped, inserted, replaced, set_argument
from graders.quality.mutation.model import EVERYTHING, Kind, Mutator
from graders.quality.mutation.source import Mutation, ResourceBlock, Source, Splice
from lab_env.hcl import Traversal


def _rename_label(name: str, source: Source) -> Mutation | None:
    """Renames a resource and leaves those that speak of it as they are; only where somebody does."""
    place: ResourceBlock | None = getattr(source, name)
    if place is None:
        return None
    kind, label = place.block.labels
    module = source.tree.module(place.node)
    if not any(t.root == kind and t.names[:1] == (label,) for t in source.traversals(module)):
        return None
    header = place.block.header
    text = source.texts[header.path][header.start : header.end]
    return changed(Splice(header.path, header.start, header.end, text.replace(f'"{label}"', '"mutation_renamed"')))


def _duplicate(name: str, source: Source) -> Mutation | None:
    place: ResourceBlock | None = getattr(source, name)
    if place is None:
        return None
    span = place.block.span
    text = source.texts[span.path][span.start : span.end]
    return Mutation((Splice(span.path, span.end, span.end, f"\n\n{text}"),))


def _duplicate_argument(source: Source) -> Mutation | None:
    attribute = source.secret.argument("name") if source.secret else None
    if source.secret is None or attribute is None:
        return None
    return changed(inserted(source, source.secret.block, f"name = {source.text_of(attribute.expression)}"))


def _misspell(source: Source) -> Mutation | None:
    attribute = source.secret.argument("name") if source.secret else None
    if attribute is None:
        return None
    start = attribute.span.start
    return changed(Splice(attribute.span.path, start, start + len("name"), "nmae"))


def _drop_variable(source: Source) -> Mutation | None:
    block = source.root.variables.get("environment")
    return changed(dropped(source, block.span)) if block is not None else None


def _swap_reference(source: Source) -> Mutation | None:
    """A reference names a resource that is not there."""
    attribute = source.secret.argument("kms_key_id") if source.secret else None
    expression = attribute.expression if attribute else None
    if not isinstance(expression, Traversal) or expression.root != "aws_kms_key":
        return None
    return changed(replaced(expression, "aws_kms_key.mutation_missing.arn"))


def _drop_family(source: Source) -> Mutation | None:
    return drop_argument(source, source.task, "family")


def _added(text: str, source: Source) -> Mutation | None:
    return Mutation(added={f"{source.directory}mutation_added.tf": text})


def _local_exec(source: Source) -> Mutation | None:
    if source.secret is None:
        return None
    return changed(inserted(source, source.secret.block, 'provisioner "local-exec" {\n    command = "true"\n  }\n'))


def _invalid(name: str, kind: Kind, meaning: str, apply: Callable[[Source], Mutation | None]) -> Mutator:
    return Mutator(name, kind, meaning, apply, frozenset({"module.valid"}), frozenset({EVERYTHING}))


MUTATORS: tuple[Mutator, ...] = (
    _invalid(
        "rename-key-label", Kind.RENAME, "References to the old label lead nowhere.", partial(_rename_label, "key")
    ),
    _invalid(
        "rename-secret-label",
        Kind.RENAME,
        "References to the old label lead nowhere.",
        partial(_rename_label, "secret"),
    ),
    _invalid(
        "rename-role-label", Kind.RENAME, "References to the old label lead nowhere.", partial(_rename_label, "role")
    ),
    _invalid(
        "duplicate-key", Kind.DUPLICATE, "Terraform refuses two resources of one address.", partial(_duplicate, "key")
    ),
    _invalid(
        "duplicate-secret",
        Kind.DUPLICATE,
        "Terraform refuses two resources of one address.",
        partial(_duplicate, "secret"),
    ),
    _invalid(
        "duplicate-argument", Kind.DUPLICATE, "Terraform refuses an argument that is set twice.", _duplicate_argument
    ),
    _invalid("rename-argument", Kind.RENAME, "The provider knows no argument of this name.", _misspell),
    _invalid(
        "drop-variable-environment",
        Kind.DROP,
        "The variable that everything is made of is not declared.",
        _drop_variable,
    ),
    _invalid(
        "swap-reference-to-nothing", Kind.SWAP, "The reference names a resource that is not there.", _swap_reference
    ),
    _invalid("drop-task-family", Kind.DROP, "An argument that the provider requires is missing.", _drop_family),
    _invalid(
        "narrow-key-deletion-window-in-days-too-far",
        Kind.NARROW,
        "KMS waits 7 days at least, so the provider refuses 3.",
        lambda source: set_argument(source, source.key, "deletion_window_in_days", "3"),
    ),
    _invalid(
        "flip-key-deletion-window-in-days-to-a-word",
        Kind.FLIP,
        "A word is no number of days.",
        lambda source: set_argument(source, source.key, "deletion_window_in_days", '"seven"'),
    ),
    _invalid(
        "add-provider",
        Kind.ADD,
        "A module of the lesson configures no provider.",
        partial(_added, 'provider "aws" {}\n'),
    ),
    _invalid(
        "add-backend",
        Kind.ADD,
        "A module of the lesson has no backend.",
        partial(_added, 'terraform {\n  backend "local" {}\n}\n'),
    ),
    _invalid(
        "add-user",
        Kind.ADD,
        "aws_iam_user is not among the lesson's resources.",
        partial(_added, 'resource "aws_iam_user" "mutation" {\n  name = "mutation"\n}\n'),
    ),
    _invalid("add-local-exec", Kind.ADD, "A provisioner runs a program.", _local_exec),
)
