"""What the execution role may do: calls made as the role where the engine enforces IAM, beside what the policies say."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from lab.output.cards import ALLOWED, DENIED, UNKNOWN, Card, Cell, Lines, Mark, Table

if TYPE_CHECKING:
    from graders.evidence.deployed import KeyFacts, RoleFacts, SecretFacts
    from graders.evidence.launch_drill import Decoys
    from lab.drills.live import LiveDeployment
    from lab_env.ecs_agent.role import RoleSession
    from lab_env.iam_policy import Decision, Identity, NamedPolicy, Principal

READ, DECRYPT = "secretsmanager:GetSecretValue", "kms:Decrypt"
ANYTHING = "*"
_MOST = 25
"""Actions at a time; more nobody reads."""

DEFAULT_ACTIONS = (
    READ,
    "secretsmanager:DescribeSecret",
    "secretsmanager:PutSecretValue",
    "secretsmanager:ListSecrets",
    DECRYPT,
    "kms:GetKeyPolicy",
    "kms:ScheduleKeyDeletion",
)
# What may be called for a try: it changes nothing, whatever the answer. By the client's method and the target's argument.
_HARMLESS: Mapping[str, tuple[str, str | None]] = {
    READ: ("get_secret_value", "SecretId"),
    "secretsmanager:DescribeSecret": ("describe_secret", "SecretId"),
    "secretsmanager:GetResourcePolicy": ("get_resource_policy", "SecretId"),
    "secretsmanager:ListSecretVersionIds": ("list_secret_version_ids", "SecretId"),
    "secretsmanager:ListSecrets": ("list_secrets", None),
    DECRYPT: ("decrypt", "KeyId"),
    "kms:DescribeKey": ("describe_key", "KeyId"),
    "kms:GetKeyPolicy": ("get_key_policy", "KeyId"),
    "kms:GetKeyRotationStatus": ("get_key_rotation_status", "KeyId"),
    "kms:ListResourceTags": ("list_resource_tags", "KeyId"),
    "kms:ListAliases": ("list_aliases", None),
    "kms:ListKeys": ("list_keys", None),
}


@dataclass(frozen=True)
class Target:
    """Something to act on.

    :param name: for people: ``secret``, ``decoy key`` …
    :param arn: ``*`` for actions on no resource in particular.
    :param policy: the resource's own policy.
    :param through: the ARN of the secret for which Secrets Manager makes the call; None: the caller makes it.
    """

    name: str
    arn: str
    tags: tuple[tuple[str, str], ...] = ()
    policy: NamedPolicy | None = None
    through: str | None = None
    decoy: bool = False

    @property
    def service(self) -> str:
        return "" if self.arn == ANYTHING else self.arn.split(":")[2]


def secret_target(secret: SecretFacts) -> Target:
    """Take the secret with its policy."""
    from graders.rubric.access.permissions import secret_policy

    return Target("secret", secret.arn, tuple(secret.tags.items()), secret_policy(secret))


def key_target(key: KeyFacts, *, through: SecretFacts | None = None) -> Target:
    """Take the key with its policy; used directly, or by Secrets Manager for the secret."""
    from graders.rubric.access.permissions import key_policy

    name = "key, directly" if through is None else "key, through Secrets Manager"
    return Target(name, key.arn, tuple(key.tags.items()), key_policy(key), None if through is None else through.arn)


def decide(action: str, target: Target, who: Principal, identity: Identity | None) -> Decision:
    """Decide what AWS would say, and which statement decides.

    :param identity: the caller's own policies; None for the account's root.
    """
    from lab_env.iam_policy import Request, decrypts_for_secret, evaluate, reads_secret, uses_key

    tags = dict(target.tags)
    if target.through is not None:
        request = decrypts_for_secret(who, target.arn, target.through, tags=tags, action=action)
    elif target.service == "kms":
        request = uses_key(who, target.arn, tags=tags, action=action)
    elif target.service == "secretsmanager":
        request = reads_secret(who, target.arn, tags=tags, action=action)
    else:
        request = Request(action, target.arn, who)
    return evaluate(
        request,
        identity=identity.policies if identity else (),
        resource_policy=target.policy,
        boundary=identity.boundary if identity else None,
    )


def needed(action: str, target: Target) -> bool:
    """Tell whether the ECS agent needs this to start the task."""
    return (action == READ and target.name == "secret") or (action == DECRYPT and target.through is not None)


def has_resource(action: str) -> bool:
    """Tell whether the action is authorised on a resource: ``ListSecrets`` and the like are on the account as a whole."""
    from lab_env.iam_policy.actions import resource_domain

    return any(pattern != ANYTHING for pattern in resource_domain(action))


def principal_of(role: RoleFacts, session: str) -> Principal:
    """Name a session of the role."""
    from lab_env.iam_policy import Principal

    return Principal.session(role.arn, session, tags=role.tags)


def known_actions(words: Sequence[str]) -> tuple[str, ...]:
    """Find the IAM actions that the words name, sorted; each word is an action or a pattern such as ``kms:Describe*``.

    :raises UsageError: a word names none, or they name too many to be read.
    """
    from lab_env.errors import UsageError
    from lab_env.iam_policy import expand_actions

    found: set[str] = set()
    for word in words:
        actions = expand_actions([word]) if ":" in word else frozenset()
        if not actions:
            raise UsageError(
                f"{word} is no IAM action.",
                next_step="Write it as service:Action, such as secretsmanager:GetSecretValue.",
            )
        found |= actions
    if len(found) > _MOST:
        raise UsageError(
            f"That is {len(found)} actions, more than anybody reads.", next_step=f"Name at most {_MOST} of them."
        )
    return tuple(sorted(found))


@dataclass(frozen=True)
class Row:
    """One action on one target.

    :param arn: the target's; ``*`` for the account as a whole.
    :param engine: what the engine did; None when it was not called.
    :param answer: its answer's code, or why it was not called.
    :param decision: what the policies say.
    :param needed: the ECS agent needs it to start the task.
    """

    action: str
    target: str
    arn: str
    engine: bool | None
    answer: str
    decision: Decision
    needed: bool

    @property
    def disagrees(self) -> bool:
        """Whether engine and evaluator say different things."""
        return self.engine is not None and not self.decision.undetermined and self.engine != self.decision.allowed


@dataclass(frozen=True)
class Matrix:
    """Everything that was asked of the role.

    :param unknown: attached policies whose text nobody here has: they count as no right.
    :param shadow: the calls were made by a role with the same policies, as the engine gave none of the role's own.
    """

    role: str
    rows: tuple[Row, ...]
    unknown: tuple[str, ...]
    shadow: bool
    enforced: bool


@dataclass(frozen=True)
class _Caller:
    """Makes calls with a session's rights; the ciphertexts are what ``kms:Decrypt`` is tried with, by key."""

    clients: Mapping[str, Any]
    ciphertexts: Mapping[str, bytes]

    def call(self, action: str, target: Target) -> tuple[bool | None, str]:
        from graders.evidence.launch_drill import probe

        if action not in _HARMLESS:
            return None, "not called: it might change something"
        if target.through is not None:
            return None, "not called: only Secrets Manager can call so"
        method, argument = _HARMLESS[action]
        arguments: dict[str, Any] = {} if argument is None else {argument: target.arn}
        if action == DECRYPT:
            if target.arn not in self.ciphertexts:
                return None, "not called: nothing can be encrypted with the key"
            arguments["CiphertextBlob"] = self.ciphertexts[target.arn]
        if action == "kms:GetKeyPolicy":
            arguments["PolicyName"] = "default"
        client = self.clients[action.partition(":")[0]]
        seen = probe(action, "account", getattr(client, method), arguments)
        return seen.allowed, "" if seen.allowed else seen.answer


def ask_as_role(live: LiveDeployment, words: Sequence[str] = ()) -> Matrix:
    """Ask everything of the execution role that the matrix shows.

    :param words: actions or patterns; the ones that matter in this lesson without.
    :raises NothingDeployedError: there is no secret, no task or no execution role.
    :raises UsageError: a word names no action.
    """
    from graders.evidence.launch_drill import decoys, role_session
    from graders.rubric.access.permissions import identity_of

    actions = known_actions(words) if words else DEFAULT_ACTIONS
    secret, role = live.the_secret(), live.the_role()
    identity = identity_of(role)
    with decoys(live.account, secret.name) as decoy:
        targets = tuple(_targets(live, decoy))
        enforced = "iam" in live.engine.capabilities
        if not enforced:
            return Matrix(role.name, tuple(_rows(actions, targets, live, None)), identity.unknown, False, False)
        with role_session(live.account, role.arn, f"as-role-{secrets.token_hex(4)}") as session:
            caller = _caller(live, session, decoy) if session else None
            rows = tuple(_rows(actions, targets, live, caller))
    return Matrix(role.name, rows, identity.unknown, bool(session and session.shadow), True)


def matrix_card(matrix: Matrix) -> Card:
    """Show the matrix with one sentence on what it comes to."""
    missing = [row for row in matrix.rows if row.needed and not row.decision.allowed]
    more = [row for row in matrix.rows if not row.needed and row.decision.possible and not _tolerated(row)]
    if missing:
        lead = f"It lacks {missing[0].action} on the {missing[0].target}: {missing[0].decision.explanation}."
        step = "Add the missing statement to the role's policy, run %terraform apply, then %as_role again."
        mark = Mark("✗", "too little", "fail")
    elif more:
        lead = f"It may do more than the task needs: {more[0].action} on the {more[0].target}."
        step = "Narrow the statement that the row names, run %terraform apply, then %as_role again."
        mark = Mark("✗", "too much", "fail")
    else:
        besides = [row for row in matrix.rows if _tolerated(row) and row.decision.allowed]
        lead = "Of what was asked it may do what the ECS agent needs, and nothing else."
        if besides:
            lead = (
                "Of what was asked it may do what the ECS agent needs. Besides that it may decrypt with the key directly, "
                "which the same statement allows; nothing else."
            )
        step, mark = "%launch", Mark("✓", "as it should be", "pass")
    return Card(
        f"As the execution role {matrix.role}", lead, mark, (_table(matrix), Lines(tuple(_notes(matrix)))), step
    )


def _tolerated(row: Row) -> bool:
    """Accept decrypting directly, which comes with the right on the key unless a condition takes it away; the grader does, too."""
    return row.action == DECRYPT and row.target == "key, directly"


def _table(matrix: Matrix) -> Table:
    rows = []
    for row in matrix.rows:
        by_engine = Cell(row.answer, mark=None if row.engine is None else _judged(row, row.engine))
        by_policy = Cell(
            _reason(row), mark=UNKNOWN if row.decision.undetermined else _judged(row, row.decision.allowed)
        )
        rows.append(
            (
                Cell(row.action, code=True),
                Cell(row.target),
                Cell("yes" if row.needed else "no"),
                by_engine,
                by_policy,
            )
        )
    headers = ("Action", "On", "Needed", "The engine", "The policies")
    return Table("Each action tried as the role, and which statement decides", headers, tuple(rows))


def _judged(row: Row, allowed: bool) -> Mark:
    """Choose the mark: the colour says whether it is as it should be, the word which way it went."""
    if row.needed:
        return ALLOWED if allowed else DENIED
    if not allowed:
        return replace(DENIED, kind="not_run")
    return replace(ALLOWED, kind="not_run" if _tolerated(row) else "fail")


def _reason(row: Row) -> str:
    """Say which statement decided; the row says on what already."""
    if row.decision.allowed:
        return f"by {row.decision.statement}" if row.decision.statement else ""
    reason = row.decision.explanation.partition(": ")[2] or row.decision.explanation
    return reason.replace(f"{row.action} on {row.arn}", "it")


def _notes(matrix: Matrix) -> Iterator[str]:
    if not matrix.enforced:
        yield "This engine does not enforce IAM, so nothing was called: the last column is what AWS would decide."
    if matrix.shadow:
        yield (
            "The engine gave no credentials of the role itself, so a role with the same policies made the calls and is gone "
            "again."
        )
    for name in matrix.unknown:
        yield f"The text of the attached policy {name} is not known here, so it counts as no right."
    for row in matrix.rows:
        if row.disagrees:
            yield f"{row.action} on the {row.target}: engine and policies differ. On AWS the policies decide."
    if any(_tolerated(row) and row.decision.allowed for row in matrix.rows):
        yield "A condition on kms:ViaService would still allow decryption through Secrets Manager, and refuse it directly."
    yield "The decoys are a secret and a key that were made for this look and are deleted after it."


def verdict(decision: Decision) -> Mark:
    """Mark a decision as allowed, denied, or undetermined."""
    return ALLOWED if decision.allowed else UNKNOWN if decision.undetermined else DENIED


def _targets(live: LiveDeployment, decoy: Decoys) -> Iterator[Target]:
    from lab_env.iam_policy import named_policy

    secret, key = live.the_secret(), live.key
    yield secret_target(secret)
    yield Target("decoy secret", decoy.secret_arn, decoy=True)
    kms = live.client("kms")
    if key is not None:
        if secret.key_arn == key.arn:
            yield key_target(key, through=secret)
        yield key_target(key)
    described = kms.describe_key(KeyId=decoy.key_id)["KeyMetadata"]["Arn"]
    policy = kms.get_key_policy(KeyId=decoy.key_id, PolicyName="default")["Policy"]
    yield Target("decoy key", described, policy=named_policy("the decoy key's policy", policy, "kms"), decoy=True)


def _caller(live: LiveDeployment, session: RoleSession, decoy: Decoys) -> _Caller:
    from botocore.exceptions import ClientError

    from lab_env.engine import sessions

    kms = live.client("kms")
    ciphertexts = {kms.describe_key(KeyId=decoy.key_id)["KeyMetadata"]["Arn"]: decoy.ciphertext}
    if live.key is not None:
        # A key that is disabled or not for encryption gives none: the row says that it was not tried.
        with contextlib.suppress(ClientError):
            ciphertexts[live.key.arn] = kms.encrypt(KeyId=live.key.arn, Plaintext=b"a try")["CiphertextBlob"]
    clients = {
        name: sessions.client(live.account, name, credentials=session.credentials) for name in ("secretsmanager", "kms")
    }
    return _Caller(clients, ciphertexts)


def _rows(
    actions: Sequence[str], targets: Sequence[Target], live: LiveDeployment, caller: _Caller | None
) -> Iterator[Row]:
    from graders.rubric.access.permissions import identity_of

    role = live.the_role()
    who, identity = principal_of(role, "as-role"), identity_of(role)
    for action in actions:
        for target in _fitting(action, targets):
            engine, answer = caller.call(action, target) if caller else (None, "not called")
            decision = decide(action, target, who, identity)
            yield Row(action, target.name, target.arn, engine, answer, decision, needed(action, target))


def _fitting(action: str, targets: Sequence[Target]) -> Iterator[Target]:
    """Choose the targets that an action can be about; the account as a whole when there is none.

    A decoy only shows something when the call is made.
    """
    service = action.partition(":")[0]
    fitting = [target for target in targets if target.service == service] if has_resource(action) else []
    for target in fitting:
        if target.through is not None and action != DECRYPT:
            continue
        if action in _HARMLESS or not target.decoy:
            yield target
    if not fitting:
        yield Target("account", ANYTHING)
