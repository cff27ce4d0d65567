"""Mutators of names, and of what must not depend on the environment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from graders.quality.mutation.edits import changed, dropped, set_argument
from graders.quality.mutation.model import Kind, Mutator
from graders.quality.mutation.source import Mutation, ResourceBlock, Source
from lab_env.lesson import Lesson

# Whoever is named by the secret's name (policies by ARN pattern, alternatives that look it up) is touched, too.
_BY_NAME = frozenset(
    {
        "ecs.secret_reference",
        "iam.read_secret",
        "iam.decrypt_key",
        "iam.least_privilege",
        "iam.no_other_reader",
        "secret.cmk",
        "kms.alias",
    }
)


def _named(name: str, text: str | Callable[[Lesson], str], source: Source) -> Mutation | None:
    place: ResourceBlock | None = getattr(source, name)
    value = text(source.lesson) if callable(text) else text
    if place is None or place.repeated or ("var." in value and not source.in_root(place)):
        return None
    return set_argument(source, place, "name", value)


def _described(name: str, value: str, source: Source) -> Mutation | None:
    place: ResourceBlock | None = getattr(source, name)
    return set_argument(source, place, "description", value) if place is not None and source.in_root(place) else None


def _task_size(source: Source) -> Mutation | None:
    task = source.task
    if task is None or not source.in_root(task) or task.argument("memory") is None:
        return None
    return set_argument(source, task, "memory", 'var.environment == "prod" ? 1024 : 512')


def _counted(source: Source) -> Mutation | None:
    if "environment" not in source.root.variables:
        return None
    text = """resource "aws_cloudwatch_log_group" "mutation" {
  count = var.environment == "prod" ? 1 : 0
  name  = "/app/${var.environment}-extra"
}
"""
    return Mutation(added={f"{source.directory}mutation_logs.tf": text})


def _looked_up(source: Source) -> Mutation | None:
    if "environment" not in source.root.variables:
        return None
    text = """resource "aws_cloudwatch_log_group" "mutation" {
  name              = "/app/${var.environment}-extra"
  retention_in_days = lookup({ dev = 7, prod = 30 }, var.environment, 14)
}
"""
    return Mutation(added={f"{source.directory}mutation_logs.tf": text})


def _drop_alias(source: Source) -> Mutation | None:
    """Only where nothing else speaks of the alias."""
    alias = source.alias
    if alias is None:
        return None
    _, kind, label = ("", *alias.block.labels)
    for node in source.tree.nodes.values():
        for reference in source.traversals(node.module):
            if reference.root == kind and reference.names[:1] == (label,):
                return None
    return changed(dropped(source, alias.block.span))


def _swap_alias_target(source: Source) -> Mutation | None:
    alias = source.alias
    if alias is None or alias.node != "":
        return None
    change = set_argument(source, alias, "target_key_id", "aws_kms_key.mutation_spare.key_id")
    if change is None or "target_key_id" not in alias.block.body.attributes:
        return None
    # A secret that names its key by this alias follows it to the spare key.
    secret_by_alias = source.secret is not None and any(
        r.type == "aws_kms_alias" for r in source.facts.references(source.secret.address, "kms_key_id")
    )
    if secret_by_alias:
        return None
    text = 'resource "aws_kms_key" "mutation_spare" {\n  description = "For the logs"\n}\n'
    return Mutation(change.splices, {f"{source.directory}mutation_spare.tf": text})


_FOLLOWS = "module.environment"
MUTATORS: tuple[Mutator, ...] = (
    Mutator(
        "hard-code-secret-name",
        Kind.HARD_CODE,
        "The secret is called after dev under every environment.",
        partial(_named, "secret", lambda lesson: f'"{lesson.secret_name("dev")}"'),
        frozenset({_FOLLOWS, "secret.container"}),
        _BY_NAME,
    ),
    Mutator(
        "flip-secret-name",
        Kind.FLIP,
        "The name follows the environment, but is made of its name in capitals.",
        partial(_named, "secret", lambda lesson: f'"{lesson.secret_name("${upper(var.environment)}")}"'),
        frozenset({"secret.container"}),
        _BY_NAME,
    ),
    Mutator(
        "rename-secret",
        Kind.RENAME,
        "The secret follows the environment, but has not the name that was asked for.",
        partial(_named, "secret", '"${var.environment}-db-credentials"'),
        frozenset({"secret.container"}),
        _BY_NAME,
    ),
    Mutator(
        "hard-code-alias-name",
        Kind.HARD_CODE,
        "The alias is called after dev under every environment.",
        partial(_named, "alias", lambda lesson: f'"{lesson.alias_name("dev")}"'),
        frozenset({_FOLLOWS, "kms.alias"}),
        _BY_NAME - {"kms.alias"},
    ),
    Mutator(
        "rename-alias",
        Kind.RENAME,
        "The alias follows the environment, but has not the name that was asked for.",
        partial(_named, "alias", '"alias/app-secret-${var.environment}"'),
        frozenset({"kms.alias"}),
        _BY_NAME - {"kms.alias"},
    ),
    Mutator(
        "drop-alias",
        Kind.DROP,
        "There is no alias any more.",
        _drop_alias,
        frozenset({"kms.alias"}),
        _BY_NAME - {"kms.alias"},
    ),
    Mutator(
        "swap-alias-target",
        Kind.SWAP,
        "The alias points at a spare key, not at the secret's.",
        _swap_alias_target,
        frozenset({"kms.alias"}),
        _BY_NAME - {"kms.alias"},
    ),
    Mutator(
        "hard-code-key-description-for-prod",
        Kind.HARD_CODE,
        "The description is chosen by the environment's value.",
        partial(_described, "key", 'var.environment == "prod" ? "Encrypts live secrets" : "Encrypts secrets"'),
        frozenset({_FOLLOWS}),
    ),
    Mutator(
        "hard-code-secret-description-for-prod",
        Kind.HARD_CODE,
        "The description is chosen by the environment's value.",
        partial(_described, "secret", 'var.environment == "prod" ? "Live database" : "Database"'),
        frozenset({_FOLLOWS}),
    ),
    Mutator(
        "hard-code-task-memory-for-prod",
        Kind.HARD_CODE,
        "The task's size is chosen by the environment's value.",
        _task_size,
        frozenset({_FOLLOWS}),
    ),
    Mutator(
        "add-resource-in-prod-only",
        Kind.ADD,
        "A resource is there under one environment and not under another.",
        _counted,
        frozenset({_FOLLOWS}),
    ),
    Mutator(
        "add-lookup-by-environment",
        Kind.ADD,
        "A setting is looked up by the environment's value.",
        _looked_up,
        frozenset({_FOLLOWS}),
    ),
)
