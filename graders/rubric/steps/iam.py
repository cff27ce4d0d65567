"""Step iam: the execution role may read this secret with this key, and nobody may do anything more.

Proved twice where the engine enforces IAM: by calls made as the role itself, and by our evaluator over every policy; where the
engine enforces nothing the evaluator alone proves it, and ``detail`` says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from graders.evidence.deployed import KeyFacts, RoleFacts, SecretFacts
from graders.evidence.facts import Facts
from graders.evidence.subject import (
    deployed,
    execution_role,
    is_value_of,
    its_key,
    password_entries,
    planned,
    the_secret,
    the_task,
)
from graders.model import Evidence, Layer, Outcome
from graders.rubric.access.hard_coded import spelt_out
from graders.rubric.access.other_readers import Problem, other_readers
from graders.rubric.access.permissions import (
    DECRYPT,
    identity_of,
    key_policy,
    may_read,
    may_use_key,
    refused_policy,
    secret_policy,
)
from graders.rubric.look import (
    ALIAS_NAMED,
    api,
    at_the_alias,
    diagnostic_evidence,
    drill,
    lines,
    policy_lines,
    refused_by_aws,
    role_policy_lines,
    writes_policy,
)
from graders.rubric.requirement import Blocked, failed, passed, requirement
from graders.rubric.steps.environments import differences
from graders.rubric.steps.kms import key_of_secret, sets_policy
from graders.rubric.steps.secret import deployed_secret, planned_secrets
from lab_env.ecs_agent import parse_value_from
from lab_env.errors import LabError
from lab_env.iam_policy import AttachedPolicy, Decision, NamedPolicy, Principal, excess, execution_role_allowance

_GIVING_RIGHTS = frozenset(
    {
        "aws_iam_role_policy",
        "aws_iam_policy",
        "aws_iam_role_policy_attachment",
        "aws_secretsmanager_secret_policy",
        "aws_kms_key_policy",
    }
)
_NOBODY_LET_IN = "As long as AWS refuses it, nobody is let in or kept out by it."
_EVALUATED = "The engine enforces no IAM: decided by our evaluator from the deployed policies."
_BOTH = "Decided by our evaluator from the deployed policies, and by calls made as the role itself."


def _role(facts: Facts) -> RoleFacts:
    role = execution_role(facts)
    if role is None:
        if the_task(facts) is None:
            raise Blocked("ecs.secret_reference", "there is no task definition, so no execution role")
        raise Blocked("ecs.execution_role", "the task has no execution role of the module")
    return role


def _probes(facts: Facts, target: str) -> list[Evidence]:
    probes = (facts.drills.probes or ()) if facts.drills else ()
    return [
        drill(f"as the role: {p.action} on the {p.target}: {'allowed' if p.allowed else 'refused'} ({p.answer})")
        for p in probes
        if p.target.endswith(target)
    ]


def _how(facts: Facts) -> tuple[str, Layer]:
    enforced = "iam" in facts.capabilities and facts.drills is not None and facts.drills.probes is not None
    return (_BOTH, Layer.BEHAVIOUR) if enforced else (_EVALUATED, Layer.DEPLOYED)


def _not_everywhere(facts: Facts, decision: Decision, policies: Sequence[NamedPolicy]) -> list[Evidence]:
    """Why a right that holds under dev does not hold elsewhere: its policy is missing there, or spells dev's name out."""
    if len(planned(facts).environments) == 1:
        return []
    # Where the secret has one name everywhere, a policy that names it is right everywhere.
    names = {secret.values.get("name") for secret in planned_secrets(facts).values()}
    found = spelt_out(facts, decision, policies) if len(names) > 1 else []
    for difference in differences([p for p in planned(facts).environments if p.ok]):
        if difference.attribute is not None:
            continue
        resource = next(
            (r for r in planned(facts).deployed_environment.resources if r.address == difference.address), None
        )
        if resource is None or resource.type not in _GIVING_RIGHTS:
            continue
        name = resource.values.get("name")
        # An attachment has no name, and a name made by the provider is not known yet: then it may be the one.
        if not isinstance(name, str) or f'"{name}"' in decision.statement:
            found.append(Evidence(kind="plan", address=resource.address, detail=difference.text))
    return found


def _right(
    facts: Facts,
    role: RoleFacts,
    decision: Decision,
    policies: Sequence[NamedPolicy],
    to_do: str,
    expected: str,
    evidence: Sequence[Evidence],
) -> Outcome:
    """The verdict on a right that the execution role must have, under every environment.

    :param policies: that the decision rests on.
    :param to_do: what the right is for, such as ``read the secret``.
    """
    detail, layer = _how(facts)
    if decision.allowed:
        elsewhere = _not_everywhere(facts, decision, policies)
        if elsewhere:
            message = f"The right is there under dev, but not everywhere: {elsewhere[0].detail}."
            return failed(elsewhere[0].detail, expected, message, [*elsewhere, *evidence], detail=detail, layer=layer)
        message = f"The execution role may {to_do}."
        return passed(decision.explanation, expected, message, evidence, detail=detail, layer=layer)
    refused = refused_by_aws(facts, *_GIVING_RIGHTS)
    if refused is not None:
        message = f"The policy could not be created, so the execution role may not {to_do}. Terraform says: {refused}"
        seen = [diagnostic_evidence(refused), *evidence]
        return failed(str(refused), expected, message, seen, detail=detail, layer=layer)
    sentences = identity_of(role).refused
    if sentences:
        observed = f"AWS refuses {sentences[0]}"
        message = f"{observed} So the execution role may not {to_do}."
        return failed(observed, expected, message, evidence, detail=detail, layer=layer)
    if decision.undetermined:
        message = f"Whether the execution role may {to_do} could not be decided: {decision.explanation}."
        return failed(decision.explanation, expected, message, evidence, detail=detail, layer=layer)
    seen = at_the_alias(facts, [*evidence, *_resource_policies(facts)])
    alias = next((f" {e.path} line {e.line} {ALIAS_NAMED}." for e in seen if e.detail == ALIAS_NAMED), "")
    message = f"The execution role may not {to_do}: {decision.explanation}.{alias}"
    return failed(decision.explanation, expected, message, seen, detail=detail, layer=layer)


def _asked_label(facts: Facts, secret: SecretFacts) -> str | None:
    """The staging label that the task's own reference to the secret names."""
    task = the_task(facts)
    for _, value_from in password_entries(task, facts.lesson, essential_only=True) if task else ():
        if is_value_of(secret, value_from):
            try:
                return parse_value_from(value_from).version_stage
            except LabError:
                return None
    return None


@requirement(
    "iam.read_secret",
    points=4,
    layer=Layer.BEHAVIOUR,
    needs=("secret.container", "ecs.secret_reference", "ecs.execution_role"),
    hints=(
        "Look for the policy of the role in execution_role_arn.",
        "The role needs one Secrets Manager action on one ARN.",
        'actions = ["secretsmanager:GetSecretValue"], resources = [the secret\'s arn], attached to the execution role.',
    ),
)
def read_secret(facts: Facts) -> Outcome:
    """The execution role may read the secret."""
    expected = "secretsmanager:GetSecretValue on the secret is allowed to the execution role"
    role, secret = _role(facts), deployed_secret(facts)
    identity = identity_of(role)
    label = _asked_label(facts, secret)
    decision = may_read(Principal.session(role.arn, tags=role.tags), secret, identity, version_stage=label)
    evidence = [
        api(f"policies of {role.address}: {decision.explanation}", role.address),
        *_probes(facts, "secret"),
        *role_policy_lines(facts, role),
    ]
    policies = [*identity.policies, secret_policy(secret)]
    return _right(facts, role, decision, policies, _reading(label), expected, evidence)


def _reading(label: str | None) -> str:
    return f"read the secret's version {label}" if label else "read the secret"


@requirement(
    "iam.decrypt_key",
    points=4,
    layer=Layer.BEHAVIOUR,
    needs=("kms.key", "secret.cmk", "secret.container", "ecs.secret_reference", "ecs.execution_role"),
    hints=(
        "A secret under your own key needs a second right: look at the key.",
        "Secrets Manager decrypts in the reader's name, so the reader needs kms:Decrypt on the key's ARN (not its alias).",
        'actions = ["kms:Decrypt"], resources = [the key\'s arn], best with kms:ViaService = secretsmanager.<region>….',
    ),
)
def decrypt_key(facts: Facts) -> Outcome:
    """The execution role may decrypt with the secret's key through Secrets Manager."""
    expected = "kms:Decrypt with the secret's key, through Secrets Manager, is allowed to the execution role"
    role, key = _role(facts), key_of_secret(facts)
    sentence = refused_policy(key) if sets_policy(facts, key) else None
    if sentence is not None:
        seen = list(policy_lines(facts, key.address))
        message = f"AWS refuses {sentence} So the key is not there to decrypt with."
        return failed(f"AWS refuses {sentence}", expected, message, seen)
    # Without the right name there may still be a secret; the right to the key does not depend on which one.
    secret = the_secret(facts)
    arn = (
        secret.arn
        if secret
        else f"arn:aws:secretsmanager:{deployed(facts).region}:{deployed(facts).account}:secret:any"
    )
    identity = identity_of(role)
    decision = may_use_key(DECRYPT, Principal.session(role.arn, tags=role.tags), key, arn, identity)[0]
    evidence = [
        api(f"key policy and policies of {role.address}: {decision.explanation}", role.address),
        *_probes(facts, "key"),
        *role_policy_lines(facts, role),
    ]
    policies = [*identity.policies, key_policy(key)]
    return _right(facts, role, decision, policies, "decrypt with the secret's key", expected, evidence)


@requirement(
    "iam.least_privilege",
    points=5,
    layer=Layer.BEHAVIOUR,
    needs=("secret.container", "ecs.secret_reference", "ecs.execution_role", "iam.read_secret"),
    hints=(
        "Read every action and every resource in the execution role's policies.",
        "One action on the secret's ARN, one on the key's ARN; pulling images and writing logs is fine. No stars beyond that.",
        "Replace * and secretsmanager:* by GetSecretValue on the secret's arn and kms:Decrypt on the key's arn.",
    ),
)
def least_privilege(facts: Facts) -> Outcome:
    """The execution role may do nothing else, on nothing else."""
    expected = "GetSecretValue on the secret, kms:Decrypt on its key, ECR pull and log writing; nothing more"
    role, secret = _role(facts), deployed_secret(facts)
    identity = identity_of(role)
    if not identity.grants_anything and not secret.policy:
        raise Blocked("iam.read_secret", "the role has no permissions at all")
    key = its_key(facts)
    detail, layer = _how(facts)
    where = role_policy_lines(facts, role)
    if identity.unknown:
        observed = f"{', '.join(identity.unknown)}: its text is not known"
        message = f"A policy whose text is not known cannot be called least privilege: {', '.join(identity.unknown)}."
        seen = [api(f"ListAttachedRolePolicies: {name}", role.address) for name in identity.unknown]
        return failed(observed, expected, message, [*seen, *where], detail=detail, layer=layer)
    refused = refused_by_aws(facts, "aws_iam_role_policy_attachment")
    if refused is not None and refused.refused:
        message = f"A policy that AWS does not have cannot be attached: {refused}"
        return failed(
            str(refused), expected, message, [diagnostic_evidence(refused), *where], detail=detail, layer=layer
        )
    too_much = excess(
        identity.policies,
        execution_role_allowance(
            secret.arn, key.arn if key else "arn:aws:kms:::key/none", creates_log_groups=_creates_log_groups(facts)
        ),
        attached=_attached(secret, key),
        principal=Principal.session(role.arn, tags=role.tags),
        boundary=identity.boundary if isinstance(identity.boundary, NamedPolicy) else None,
    )
    decoys = [e for target in ("decoy secret", "decoy key", "account") for e in _probes(facts, target)]
    if too_much:
        first = too_much[0]
        observed = f"{first.action} on {', '.join(first.resource_patterns)}"
        seen = [api(f"{e.where}: {e.action} on {', '.join(e.resource_patterns)}", role.address) for e in too_much]
        message = f"The execution role may do more than its task needs: {observed} ({first.where})."
        where += _resource_policies(facts)
        return failed(observed, expected, message, [*seen, *decoys, *where], detail=detail, layer=layer)
    reached = (
        [p for p in (facts.drills.probes or ()) if p.allowed and p.target.startswith("decoy")] if facts.drills else []
    )
    if reached:
        observed = f"{reached[0].action} on a {reached[0].target} was allowed"
        message = f"As the role itself, {observed}: it reaches more than its own secret and key."
        return failed(observed, expected, message, [*decoys, *where], detail=detail, layer=layer)
    seen = [api(f"every statement of {len(identity.policies)} policies: nothing beyond the allowance", role.address)]
    message = "The execution role can do its job and nothing else."
    return passed(
        "nothing beyond the allowance", expected, message, [*seen, *decoys, *where], detail=detail, layer=layer
    )


def _creates_log_groups(facts: Facts) -> bool:
    """Whether the task's log driver is asked to make its log group, which is the execution role's to do."""
    task = the_task(facts)
    options = [(c.get("logConfiguration") or {}).get("options") or {} for c in (task.containers if task else ())]
    return any(str(o.get("awslogs-create-group", "")).lower() == "true" for o in options)


def _attached(secret: SecretFacts, key: KeyFacts | None) -> tuple[AttachedPolicy, ...]:
    found = [AttachedPolicy(secret_policy(secret), secret.arn)]
    if key is not None:
        found.append(AttachedPolicy(key_policy(key), key.arn))
    return tuple(found)


@requirement(
    "iam.no_other_reader",
    points=5,
    layer=Layer.DEPLOYED,
    needs=("secret.container", "ecs.secret_reference"),
    hints=(
        "Who else is named in your key policy, your secret policy, or has a role in your module?",
        "The task role does not need the secret: the execution role fetches it. The account's root stays the key's administrator.",
        "Attach the secret's policy to the execution role only; leave no other principal in key and secret policies.",
    ),
)
def no_other_reader(facts: Facts) -> Outcome:
    """Nobody else the module creates or names can read the secret or use its key."""
    expected = "only the execution role reads the secret or uses its key; the account's root administers the key"
    secret = deployed_secret(facts)
    role = execution_role(facts)
    if role is None and the_task(facts) is None:
        raise Blocked(
            "ecs.secret_reference", "without a task definition nobody can tell which role is the execution role"
        )
    found = other_readers(deployed(facts), secret, its_key(facts), role)
    if found.problems:
        first = found.problems[0]
        seen = [api(p.text, p.address) for p in found.problems]
        where = [e for p in found.problems for e in _problem_lines(facts, p)]
        said = first.text.rstrip(".")
        message = f"{said}. {_NOBODY_LET_IN if first.refused else 'Only the execution role should.'}"
        return failed(said, expected, message, [*seen, *where])
    seen = [api(f"checked and refused: {who}") for who in found.checked]
    message = "Only the execution role can read the secret."
    return passed("nobody else", expected, message, [*seen, *lines(facts, secret.address)])


def _problem_lines(facts: Facts, problem: Problem) -> Sequence[Evidence]:
    if problem.attribute == "policy":
        return policy_lines(facts, problem.address)
    role = next((r for r in deployed(facts).roles if r.address == problem.address), None)
    if role is None:
        return lines(facts, problem.address, problem.attribute)
    return [*role_policy_lines(facts, role), *_resource_policies(facts)]


def _resource_policies(facts: Facts) -> list[Evidence]:
    """Where the secret's and the key's policies are written, if anywhere: they may name a role, for good or ill."""
    found: list[Evidence] = []
    for subject in (the_secret(facts), its_key(facts)):
        if subject is not None and writes_policy(facts, subject.address):
            found += policy_lines(facts, subject.address)
    return found
