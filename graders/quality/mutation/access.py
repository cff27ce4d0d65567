"""Mutators of the task and of who may read the secret; most of what they break is seen on the deployed module only."""

from __future__ import annotations

from functools import partial

from graders.quality.mutation.edits import changed, drop_argument, replaced
from graders.quality.mutation.model import Kind, Mutator
from graders.quality.mutation.source import Mutation, Source, Splice
from lab_env.hcl import Literal, Object, Template, Tuple
from lab_env.lesson import STANDARD

_LAUNCH = frozenset({"runtime.launch", "runtime.audit"})


def _literal(value: str, other: str, source: Source) -> Mutation | None:
    """Another text in place of the only literal that is ``value``."""
    found = source.literals(value)
    return changed(replaced(found[0], f'"{other}"')) if len(found) == 1 else None


def _value_from(ending: str, source: Source) -> Mutation | None:
    """Another ending in place of the only ``:password::`` behind a reference."""
    found = [
        part
        for expression in source.expressions()
        if isinstance(expression, Template)
        for part in expression.parts
        if isinstance(part, Literal) and part.value == ":password::"
    ]
    return changed(replaced(found[0], ending)) if len(found) == 1 else None


def _drop_execution_role(source: Source) -> Mutation | None:
    return drop_argument(source, source.task, "execution_role_arn") if source.role is not None else None


def _another_reader(source: Source) -> Mutation | None:
    secret = source.secret
    if secret is None or not source.in_root(secret) or secret.repeated:
        return None
    text = f"""resource "aws_iam_role" "mutation" {{
  name               = "${{var.environment}}-mutation"
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = "ecs-tasks.amazonaws.com" }} }}]
  }})
}}

resource "aws_iam_role_policy" "mutation" {{
  name   = "mutation"
  role   = aws_iam_role.mutation.id
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = aws_secretsmanager_secret.{secret.block.labels[1]}.arn
    }}]
  }})
}}
"""
    return Mutation(added={f"{source.directory}mutation_reader.tf": text})


def _more_rights(source: Source) -> Mutation | None:
    role = source.role
    if role is None or role.node != "" or role.repeated:
        return None
    text = f"""resource "aws_iam_role_policy" "mutation" {{
  name   = "mutation"
  role   = aws_iam_role.{role.block.labels[1]}.id
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = "secretsmanager:ListSecrets", Resource = "*" }}]
  }})
}}
"""
    return Mutation(added={f"{source.directory}mutation_rights.tf": text})


def _plain_variable(source: Source) -> Mutation | None:
    """A password in the open beside the secret's reference, where the variable's name is written once."""
    found = source.literals(source.lesson.password)
    if len(found) != 1:
        return None
    for container in source.expressions():
        if not isinstance(container, Object) or container.get("secrets") is None:
            continue
        environment = container.get("environment")
        if isinstance(environment, Tuple):
            start = environment.span.start
            item = '{ name = "PGPASSWORD", value = "q7Rv-2mLx9Tz_4hWc" }, '
            return changed(Splice(environment.span.path, start + 1, start + 1, item))
    return None


def _rights(name: str, kind: Kind, meaning: str, old: str, new: str, fail: set[str], may: frozenset[str]) -> Mutator:
    return Mutator(name, kind, meaning, partial(_literal, old, new), frozenset(fail), may)


_READ, _DECRYPT = "secretsmanager:GetSecretValue", "kms:Decrypt"
# Whose right the only literal is, a policy of the role or one on the secret or key, is not asked here.
_ANY_RIGHT = frozenset({"iam.read_secret", "iam.decrypt_key", "iam.least_privilege", "iam.no_other_reader"}) | _LAUNCH

MUTATORS: tuple[Mutator, ...] = (
    _rights(
        "swap-read-right",
        Kind.SWAP,
        "Describing a secret is not reading it: the task cannot start.",
        _READ,
        "secretsmanager:DescribeSecret",
        {"iam.read_secret", "runtime.launch"},
        _ANY_RIGHT,
    ),
    _rights(
        "swap-decrypt-right",
        Kind.SWAP,
        "Encrypting is not decrypting: the task cannot start.",
        _DECRYPT,
        "kms:Encrypt",
        {"iam.decrypt_key", "runtime.launch"},
        _ANY_RIGHT,
    ),
    Mutator(
        "add-listing-right",
        Kind.WIDEN,
        "The task needs no list of all secrets.",
        _more_rights,
        frozenset({"iam.least_privilege"}),
    ),
    Mutator(
        "add-another-reader",
        Kind.ADD,
        "A second role reads the secret.",
        _another_reader,
        frozenset({"iam.no_other_reader"}),
    ),
    _rights(
        "swap-trusted-service",
        Kind.SWAP,
        "Machines of EC2 may be the execution role, and ECS may not.",
        "ecs-tasks.amazonaws.com",
        "ec2.amazonaws.com",
        {"ecs.execution_role"},
        _LAUNCH | {"iam.no_other_reader"},
    ),
    Mutator(
        "drop-execution-role",
        Kind.DROP,
        "Without an execution role nobody fetches the secret, and ECS registers no task that asks for one.",
        _drop_execution_role,
        frozenset({"ecs.secret_reference", "ecs.execution_role"}),
        _ANY_RIGHT,
    ),
    Mutator(
        "narrow-value-from",
        Kind.NARROW,
        "The ECS agent takes none or all three fields behind the ARN.",
        partial(_value_from, ":password"),
        frozenset({"ecs.secret_reference"}),
        _LAUNCH,
    ),
    Mutator(
        "swap-json-key",
        Kind.SWAP,
        "The container gets the user's name as its password.",
        partial(_value_from, ":username::"),
        frozenset({"ecs.secret_reference"}),
        _LAUNCH,
    ),
    Mutator(
        "hard-code-staging-label",
        Kind.HARD_CODE,
        "The container gets the password before the current one.",
        partial(_value_from, ":password:AWSPREVIOUS:"),
        frozenset({"ecs.secret_reference", "runtime.launch"}),
        _LAUNCH,
    ),
    Mutator(
        "rename-variable-of-the-container",
        Kind.RENAME,
        f"The application looks for {STANDARD.password}, and nothing sets it.",
        lambda source: _literal(source.lesson.password, "DATABASE_PASS", source),
        frozenset({"ecs.secret_reference"}),
        _LAUNCH,
    ),
    Mutator(
        "add-password-in-the-environment",
        Kind.ADD,
        "The task definition holds a password that everybody may read who may describe it.",
        _plain_variable,
        frozenset({"ecs.no_plaintext_env", "secret.no_plaintext"}),
    ),
)
