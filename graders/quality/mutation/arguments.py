"""Mutators of the key's, the secret's and the alias's arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from graders.quality.mutation.edits import (
    changed,
    comment_out_argument,
    drop_argument,
    dropped,
    dropped_item,
    item_of,
    replaced,
    set_argument,
)
from graders.quality.mutation.model import Kind, Mutator
from graders.quality.mutation.source import Mutation, ResourceBlock, Source
from lab_env.hcl import Literal
from lab_env.lesson import STANDARD, Lesson

Find = Callable[[Source], ResourceBlock | None]

_DELETION_DEFAULT = "KMS's default waiting period is 30 days"
_RECOVERY_DEFAULT = "Secrets Manager's default recovery window is 30 days"


def _key(source: Source) -> ResourceBlock | None:
    return source.key


def _secret(source: Source) -> ResourceBlock | None:
    return source.secret


# Arguments of the provider that may not stand without another one: taking that one away would be no valid module any more.
_NEEDED_BY = {"enable_key_rotation": "rotation_period_in_days"}


def _may_go(place: ResourceBlock | None, argument: str) -> bool:
    return place is None or place.argument(_NEEDED_BY.get(argument, "")) is None


def _watched(source: Source, argument: str) -> bool:
    """Whether the module itself refuses another value of it, as a precondition on ``self.enable_key_rotation`` does."""
    return any(
        traversal.names and traversal.names[-1] == argument
        for module in source.tree.modules
        for traversal in source.traversals(module)
    )


def _dropping(find: Find, argument: str, source: Source) -> Mutation | None:
    place = find(source)
    return drop_argument(source, place, argument) if _may_go(place, argument) else None


def _commenting(find: Find, argument: str, source: Source) -> Mutation | None:
    place = find(source)
    return comment_out_argument(source, place, argument) if _may_go(place, argument) else None


def _setting(find: Find, argument: str, value: str, source: Source) -> Mutation | None:
    return set_argument(source, find(source), argument, value)


def _by_environment(find: Find, argument: str, value: str | Callable[[Lesson], str], source: Source) -> Mutation | None:
    place = find(source)
    text = value(source.lesson) if callable(value) else value
    return set_argument(source, place, argument, text) if place is not None and source.in_root(place) else None


def _moving(find: Find, argument: str, spare: str, source: Source) -> Mutation | None:
    """Takes the argument off and gives it to a spare resource instead."""
    place = find(source)
    attribute = place.argument(argument) if place else None
    if attribute is None or not _may_go(place, argument):
        return None
    if not isinstance(attribute.expression, Literal) or place is None or place.node != "":
        return None
    text = spare.format(argument=argument, value=source.text_of(attribute.expression))
    return Mutation((dropped(source, attribute.span),), {f"{source.directory}mutation_spare.tf": text})


def _unwatched(find: Find, argument: str, source: Source) -> ResourceBlock | None:
    return None if _watched(source, argument) else find(source)


_SPARE_KEY = """resource "aws_kms_key" "mutation_spare" {{
  description = "For the logs"
  {argument} = {value}
}}
"""
_SPARE_CONTAINER = """resource "aws_secretsmanager_secret" "mutation_spare" {{
  name = "${{var.environment}}-something-else"
  {argument} = {value}
}}
"""


def _argument_mutators(  # noqa: PLR0913 - the columns of the table below
    find: Find,
    what: str,
    argument: str,
    fail: str,
    *,
    why: str,
    values: dict[Kind, str],
    by_environment: str | Callable[[Lesson], str],
    spare: str,
) -> Iterator[Mutator]:
    name = f"{what}-{argument.replace('_', '-')}"
    find = partial(_unwatched, find, argument)
    ids = frozenset({fail})
    yield Mutator(f"drop-{name}", Kind.DROP, f"Without {argument}: {why}.", partial(_dropping, find, argument), ids)
    text = f"A comment is no argument: {why}."
    yield Mutator(f"comment-out-{name}", Kind.COMMENT, text, partial(_commenting, find, argument), ids)
    for kind, value in values.items():
        yield Mutator(
            f"{kind.value}-{name}",
            kind,
            f"{argument} = {value} is not what the lesson asks for.",
            partial(_setting, find, argument, value),
            ids,
        )
    yield Mutator(
        f"hard-code-{name}-for-dev",
        Kind.HARD_CODE,
        f"{argument} is right under dev only, and chosen by the environment's value.",
        partial(_by_environment, find, argument, by_environment),
        ids | {"module.environment"},
    )
    yield Mutator(
        f"move-{name}-to-a-spare",
        Kind.MOVE,
        f"{argument} stands on another resource than the one that matters: {why}.",
        partial(_moving, find, argument, spare),
        ids,
    )


def _drop_tag(find: Find, field: str, source: Source) -> Mutation | None:
    place, tag = find(source), getattr(source.lesson, field)
    found = item_of(place.argument("tags") if place else None, tag)
    return changed(dropped_item(source, *found)) if found is not None else None


def _rename_tag(find: Find, field: str, source: Source) -> Mutation | None:
    place, tag = find(source), getattr(source.lesson, field)
    found = item_of(place.argument("tags") if place else None, tag)
    return changed(replaced(found[1].key, f'"{tag}Name"')) if found is not None else None


def _set_tag(find: Find, field: str, value: str | Callable[[Lesson], str], source: Source) -> Mutation | None:
    place, tag = find(source), getattr(source.lesson, field)
    found = item_of(place.argument("tags") if place else None, tag)
    text = value(source.lesson) if callable(value) else value
    return changed(replaced(found[1].value, text)) if found is not None else None


def _environment_tag(find: Find, value: str, source: Source) -> Mutation | None:
    place = find(source)
    if place is None or ("var." in value and not source.in_root(place)):
        return None
    return _set_tag(find, "environment_tag", value, source)


def _tag_mutators(find: Find, what: str, fail: str) -> Iterator[Mutator]:
    ids = frozenset({fail})
    yield Mutator(
        f"drop-{what}-tags",
        Kind.DROP,
        "A resource without tags has none of those asked for.",
        partial(_dropping, find, "tags"),
        ids,
    )
    yield Mutator(
        f"comment-out-{what}-tags", Kind.COMMENT, "Tags in a comment are none.", partial(_commenting, find, "tags"), ids
    )
    yield Mutator(
        f"narrow-{what}-tags",
        Kind.NARROW,
        "An empty map of tags has none of those asked for.",
        partial(_setting, find, "tags", "{}"),
        ids,
    )
    yield Mutator(
        f"drop-{what}-tag-environment",
        Kind.DROP,
        f"The tag {STANDARD.environment_tag} is missing.",
        partial(_drop_tag, find, "environment_tag"),
        ids,
    )
    yield Mutator(
        f"rename-{what}-tag-environment",
        Kind.RENAME,
        "A tag of another name is another tag.",
        partial(_rename_tag, find, "environment_tag"),
        ids,
    )
    follows = ids | {"module.environment"}
    yield Mutator(
        f"hard-code-{what}-tag-environment",
        Kind.HARD_CODE,
        "The tag says dev under every environment.",
        partial(_environment_tag, find, '"dev"'),
        follows,
    )
    yield Mutator(
        f"flip-{what}-tag-environment",
        Kind.FLIP,
        "The tag follows the environment, but is its name in capitals.",
        partial(_environment_tag, find, "upper(var.environment)"),
        ids,
    )


_MANAGED_BY = (
    Mutator(
        "drop-key-tag-managed-by",
        Kind.DROP,
        f"The tag {STANDARD.manager_tag} is missing.",
        partial(_drop_tag, _key, "manager_tag"),
        frozenset({"kms.tags"}),
    ),
    Mutator(
        "rename-key-tag-managed-by",
        Kind.RENAME,
        "A tag of another name is another tag.",
        partial(_rename_tag, _key, "manager_tag"),
        frozenset({"kms.tags"}),
    ),
    Mutator(
        "flip-key-tag-managed-by",
        Kind.FLIP,
        f"Tag values are case-sensitive, and the lesson's is {STANDARD.manager}.",
        partial(_set_tag, _key, "manager_tag", lambda lesson: f'"{lesson.manager.lower()}"'),
        frozenset({"kms.tags"}),
    ),
)

# Whatever stands on the key being one that can encrypt.
_UNUSABLE = frozenset({"secret.cmk", "iam.decrypt_key", "iam.least_privilege", "runtime.launch", "runtime.audit"})
_KEY_LINES = frozenset({"kms.rotation", "kms.deletion_window", "kms.tags", "kms.alias", "iam.decrypt_key"})


def _asymmetric(source: Source) -> Mutation | None:
    # Rotation is for symmetric keys only, so it goes too.
    rotation = source.key.argument("enable_key_rotation") if source.key else None
    change = set_argument(source, source.key, "customer_master_key_spec", '"RSA_2048"')
    watched = _watched(source, "enable_key_rotation") or not _may_go(source.key, "enable_key_rotation")
    if change is None or rotation is None or watched:
        return None
    return Mutation((*change.splices, dropped(source, rotation.span)))


MUTATORS: tuple[Mutator, ...] = (
    *_argument_mutators(
        _key,
        "key",
        "enable_key_rotation",
        "kms.rotation",
        why="a key is not rotated unless it is asked for",
        values={Kind.FLIP: "false"},
        by_environment='var.environment == "dev"',
        spare=_SPARE_KEY,
    ),
    *_argument_mutators(
        _key,
        "key",
        "deletion_window_in_days",
        "kms.deletion_window",
        why=_DELETION_DEFAULT,
        values={Kind.WIDEN: "30", Kind.FLIP: "8"},
        by_environment=lambda lesson: f'var.environment == "dev" ? {lesson.key_window_days} : 30',
        spare=_SPARE_KEY,
    ),
    *_argument_mutators(
        _secret,
        "secret",
        "recovery_window_in_days",
        "secret.recovery_window",
        why=_RECOVERY_DEFAULT,
        values={Kind.WIDEN: "30", Kind.NARROW: "0", Kind.FLIP: "14"},
        by_environment=lambda lesson: f'var.environment == "dev" ? {lesson.secret_window_days} : 30',
        spare=_SPARE_CONTAINER,
    ),
    *_tag_mutators(_key, "key", "kms.tags"),
    *_tag_mutators(_secret, "secret", "secret.tags"),
    *_MANAGED_BY,
    Mutator(
        "flip-key-enabled",
        Kind.FLIP,
        "A disabled key encrypts and decrypts nothing.",
        partial(_setting, _key, "is_enabled", "false"),
        frozenset({"kms.key"}),
        _UNUSABLE | _KEY_LINES,
    ),
    Mutator(
        "flip-key-spec",
        Kind.FLIP,
        "Secrets Manager encrypts with symmetric keys only, and only those are rotated.",
        _asymmetric,
        frozenset({"kms.key", "kms.rotation"}),
        _UNUSABLE | _KEY_LINES,
    ),
    Mutator(
        "drop-secret-key",
        Kind.DROP,
        "Without kms_key_id the secret is encrypted by the key that AWS manages.",
        partial(_dropping, _secret, "kms_key_id"),
        frozenset({"secret.cmk"}),
        _KEY_LINES | {"iam.least_privilege", "iam.no_other_reader", "runtime.launch", "runtime.audit"},
    ),
    Mutator(
        "swap-secret-key-for-awss",
        Kind.SWAP,
        "The key behind alias/aws/secretsmanager is managed by AWS.",
        partial(_setting, _secret, "kms_key_id", '"alias/aws/secretsmanager"'),
        frozenset({"secret.cmk"}),
        _KEY_LINES | {"iam.least_privilege", "iam.no_other_reader", "runtime.launch", "runtime.audit"},
    ),
)
