"""Step secret: the container, its encryption, its recovery window, its tags and the placeholder in it."""

from __future__ import annotations

from graders.evidence.choices import chosen_under
from graders.evidence.deploy_reader import classify_password
from graders.evidence.deployed import SecretFacts
from graders.evidence.facts import Facts
from graders.evidence.placeholder import read_placeholder
from graders.evidence.plan import EnvironmentPlan, PlannedResource
from graders.evidence.subject import deployed, planned, planned_subjects, the_secret
from graders.evidence.versions import SecretVersion, planned_instances, versions_of_secret
from graders.model import Evidence, Layer, Outcome
from graders.rubric.bounds import short
from graders.rubric.look import (
    NOT_PLANNED,
    Finding,
    api,
    diagnostic_evidence,
    everywhere,
    lines,
    plan_evidence,
    planned_attribute,
    planned_tags,
    refused_by_aws,
    show,
)
from graders.rubric.requirement import Blocked, failed, passed, requirement
from lab_env.hcl import Literal, constant, origins
from lab_env.hcl.addresses import in_module
from lab_env.text import parsed_json

_NOT_THERE = "the module has no secret"
_DEV = {"environment": "dev"}


def deployed_secret(facts: Facts) -> SecretFacts:
    """The deployed secret, whatever its name.

    :raises Blocked: there is none, or of several none is the one.
    """
    secret = the_secret(facts)
    if secret is None:
        raise Blocked("secret.container", _NOT_THERE)
    return secret


def planned_secrets(facts: Facts) -> dict[str, PlannedResource]:
    """The planned secret by environment, where there is one.

    :raises Blocked: there is none under any environment.
    """
    found = {s.environment: s.secret for s in planned_subjects(facts) if s.secret is not None}
    if not found:
        raise Blocked("secret.container", _NOT_THERE)
    return found


@requirement(
    "secret.container",
    points=3,
    layer=Layer.DEPLOYED,
    title=lambda lesson: f"A secret named {lesson.secret_name('<environment>')} is deployed",
    hints=lambda lesson: (
        "Look for a resource of type aws_secretsmanager_secret and its name.",
        "The name starts with the environment, so that dev and prod can live in one account.",
        f'name = "{lesson.secret_name("${var.environment}")}"',
    ),
)
def container(facts: Facts) -> Outcome:
    """A secret of the lesson's name is deployed."""
    asked = facts.lesson.secret_name("<environment>")
    expected = f"{asked}, under every environment"
    secret = the_secret(facts)
    wanted = facts.lesson.secret_name(planned(facts).deployed_environment.environment)
    if secret is None or secret.name != wanted:
        refused = refused_by_aws(facts, "aws_secretsmanager_secret") if secret is None else None
        if refused is not None:
            message = f"The secret could not be created. Terraform says: {refused}"
            return failed(str(refused), expected, message, [diagnostic_evidence(refused)])
        own = deployed(facts).secrets if secret is None else (secret,)
        seen: list[Evidence] = [api(f"DescribeSecret: Name={s.name}", s.address) for s in own]
        seen += [e for s in own for e in lines(facts, s.address, "name")]
        names = ", ".join(s.name for s in own) or "no secret"
        why = "; ".join(str(e) for e in deployed(facts).errors[:1])
        seen = seen or [facts.whole_module("no aws_secretsmanager_secret is deployed by this module")]
        message = f"Name the secret {asked}; found {names}."
        return failed(names, expected, message, seen, detail=why)
    by_environment = {s.environment: s.secret for s in planned_subjects(facts)}

    def look(plan: EnvironmentPlan) -> Finding:
        there = by_environment.get(plan.environment)
        name = facts.lesson.secret_name(plan.environment)
        if there is not None and there.values.get("name") == name:
            return Finding(True, "the secret is there", (plan_evidence(plan, there, "name"),))
        others = plan.of_type("aws_secretsmanager_secret")
        evidence = tuple(plan_evidence(plan, other, "name") for other in others)
        return Finding(False, f"there is no {name}", (*evidence, *lines(facts, secret.address, "name")))

    return everywhere(
        facts,
        look,
        expected=expected,
        passes="The container for the credentials is there.",
        fails="The secret's name does not follow var.environment.",
        observed=f"{secret.name} is deployed",
        around=([api(f"DescribeSecret: Name={secret.name}", secret.address)], lines(facts, secret.address, "name")),
    )


@requirement(
    "secret.cmk",
    points=6,
    layer=Layer.DEPLOYED,
    needs=("secret.container",),
    hints=(
        "Look at which key encrypts your aws_secretsmanager_secret.",
        "Without kms_key_id the secret uses aws/secretsmanager, whose key policy you cannot change.",
        "Set kms_key_id of the secret to the arn (or id, or alias) of your own key.",
    ),
)
def cmk(facts: Facts) -> Outcome:
    """The secret is encrypted by a customer-managed key of the module."""
    expected = "DescribeSecret: KmsKeyId resolves (DescribeKey) to a customer-managed key of this module"
    secret = deployed_secret(facts)
    seen: list[Evidence] = [
        api(f"DescribeSecret: KmsKeyId={secret.kms_key_id or 'none (the default, aws/secretsmanager)'}", secret.address)
    ]
    if secret.key_arn is not None:
        seen.append(api(f"DescribeKey: Arn={secret.key_arn} KeyManager={secret.key_manager}", secret.address))
    seen += lines(facts, secret.address, "kms_key_id")
    own = next((k for k in deployed(facts).keys if k.arn == secret.key_arn and k.manager == "CUSTOMER"), None)
    if own is None:
        if secret.kms_key_id is None:
            observed = "the default key of Secrets Manager"
        elif secret.key_arn is None:
            observed = "a key that does not exist"
        else:
            observed = f"a key that is not this module's ({(secret.key_manager or '').lower()}-managed)"
        message = f"The secret is encrypted by {observed}; give it your own key with kms_key_id."
        return failed(observed, expected, message, seen)
    by_environment = planned_secrets(facts)

    def look(plan: EnvironmentPlan) -> Finding:
        there = by_environment.get(plan.environment)
        if there is None:
            return NOT_PLANNED
        evidence = (plan_evidence(plan, there, "kms_key_id"),)
        foreign = foreign_key(facts, plan, there)
        if foreign is not None:
            return Finding(False, foreign, (*evidence, *lines(facts, secret.address, "kms_key_id")))
        return Finding(True, "your own key", evidence)

    return everywhere(
        facts,
        look,
        expected=expected,
        passes="Your own key encrypts the secret.",
        fails=lambda observed: f"Your own key encrypts it under dev, but not everywhere: {observed}.",
        observed=f"encrypted by {own.address}",
        around=(seen, lines(facts, own.address)),
    )


@requirement(
    "secret.recovery_window",
    points=3,
    layer=Layer.PLAN,
    needs=("secret.container",),
    title=lambda lesson: f"A deleted secret can be restored for {lesson.secret_window_days} days",
    hints=lambda lesson: (
        "Look at the arguments of your aws_secretsmanager_secret.",
        "A deleted secret can be restored for 7 to 30 days. The default is 30; 0 deletes at once. "
        f"The lesson asks for {lesson.secret_window_days}.",
        f"Set recovery_window_in_days = {lesson.secret_window_days} on the secret.",
    ),
)
def recovery_window(facts: Facts) -> Outcome:
    """A deleted secret can be restored for as long as the lesson asks for."""
    days = facts.lesson.secret_window_days
    return everywhere(
        facts,
        planned_attribute(facts, planned_secrets(facts), "recovery_window_in_days", lambda value: value == days),
        expected=f"recovery_window_in_days = {days}, under every environment",
        passes=f"A secret deleted by mistake can be restored for {days} days.",
        fails=f"Set recovery_window_in_days = {days} on the secret.",
    )


@requirement(
    "secret.tags",
    points=2,
    layer=Layer.PLAN,
    needs=("secret.container",),
    hints=lambda lesson: (
        "Look at the tags of your aws_secretsmanager_secret.",
        "One tag: which environment the secret belongs to.",
        f"tags = {{ {lesson.environment_tag} = var.environment }}",
    ),
)
def tags(facts: Facts) -> Outcome:
    """The secret is tagged with its environment."""
    tag = facts.lesson.environment_tag
    return everywhere(
        facts,
        planned_tags(facts, planned_secrets(facts), lambda name: {tag: name}),
        expected=f"{tag} = the environment's name, under every environment",
        passes="The secret says which environment it belongs to.",
        fails=f"Tag the secret with {tag} = var.environment.",
    )


@requirement(
    "secret.placeholder",
    points=4,
    layer=Layer.DEPLOYED,
    needs=("secret.container",),
    hints=(
        "Look at the first value that your aws_secretsmanager_secret_version writes.",
        "It is a JSON object with username and password, and the password says of itself that it is not one.",
        'secret_string = jsonencode({ username = "…", password = "CHANGE_ME…" })',
    ),
)
def placeholder(facts: Facts) -> Outcome:
    """The first version is a JSON object with a username and a password that is plainly a placeholder."""
    expected = "a JSON object with username and password, the password a placeholder such as CHANGE_ME"
    secret = deployed_secret(facts)
    versions = versions_of_secret(facts)
    initial = secret.initial
    where = [e for v in versions for e in lines(facts, v.address, v.argument)] or list(lines(facts, secret.address))
    if initial is None or not versions:
        seen = api("GetSecretValue: the secret has no value yet", secret.address)
        return failed("no first version", expected, "Write a first version with placeholder values.", [seen, *where])
    keys = ", ".join(initial.keys) if initial.is_object else "not a JSON object"
    seen = api(f"GetSecretValue: {keys}; password: {initial.password}", secret.address)
    if not initial.is_object:
        return failed(
            "the value is not a JSON object", expected, "Write the value with jsonencode({ … }).", [seen, *where]
        )
    missing = [name for name in ("username", "password") if name not in initial.keys]
    if missing:
        names = " and ".join(missing)
        where += [facts.at(o.span, "what the value is made of") for v in versions for o in _written(facts, v)]
        return failed(f"{names} missing", expected, f"The JSON object lacks {names}.", [seen, *where])
    generated = all(v.generated for v in versions)
    if not generated and initial.password != "placeholder":  # noqa: S105 - a classification
        why = _in_the_way(facts, versions)
        message = (
            f"The first password must be plainly a placeholder (CHANGE_ME, REPLACE…), or generated and write-only{why}."
        )
        return failed(f"the password is {_words(initial.password)}", expected, message, [seen, *where])
    other = _other_environment(facts, versions)
    if other is not None:
        return failed(
            other.observed,
            expected,
            f"The placeholder is not one everywhere: {other.observed}.",
            [seen, *other.evidence],
        )
    how = "generated and write-only" if generated else "plainly a placeholder"
    return passed(
        f"username and password; the password is {how}",
        expected,
        "The first value holds no real password.",
        [seen, *where],
    )


def _words(password: str) -> str:
    return {"other": "not a placeholder", "empty": "empty", "missing": "missing"}.get(password, password)


def _written(facts: Facts, version: SecretVersion) -> tuple[Literal, ...]:
    """The literals that the version's value is made of."""
    expression = version.block.body.get(version.argument)
    path = facts.tree.split(in_module(version.config_address))[0]
    return () if expression is None else origins(facts.tree, path, expression)


def _in_the_way(facts: Facts, versions: tuple[SecretVersion, ...]) -> str:
    """Which part of the written password may be a real one, or that no word says that it is none."""
    for version in versions:
        expression = version.block.body.get(version.argument)
        path = facts.tree.split(in_module(version.config_address))[0]
        value = None if expression is None else constant(facts.tree, path, expression, variables=_DEV)
        written = parsed_json(value) if isinstance(value, str) else None
        password = written.get("password") if isinstance(written, dict) else None
        if not isinstance(password, str) or not password.strip():
            continue
        reading = read_placeholder(password)
        if reading.in_the_way is not None and reading.marker is not None:
            return f'; the part "{short(reading.in_the_way, 40)}" may be a real password'
        if reading.marker is None:
            return "; no word in it says that it is a placeholder"
    return ""


def _other_environment(facts: Facts, versions: tuple[SecretVersion, ...]) -> Finding | None:
    """The first environment under which the planned value is known and no placeholder."""
    for plan in planned(facts).environments[1:]:
        for version in versions:
            for resource in planned_instances(facts, version, plan):
                value = resource.values.get("secret_string")
                if not isinstance(value, str) or not resource.known("secret_string"):
                    continue
                parsed = parsed_json(value)
                password = parsed.get("password") if isinstance(parsed, dict) else None
                if classify_password(password) != "placeholder":
                    evidence = lines(facts, version.address, version.argument)
                    return Finding(False, f"no placeholder under {plan.environment}", evidence)
    return None


def foreign_key(facts: Facts, plan: EnvironmentPlan, secret: PlannedResource) -> str | None:
    """What other key than one of the module encrypts the secret under one environment, in words; None when it is one of them
    or the plan and the files do not tell.

    A key that the module makes is not known before the apply; what is known is an alias that it makes, or somebody else's key.
    """
    if not secret.known("kms_key_id"):
        reached = chosen_under(facts, plan.environment, secret.config_address, "kms_key_id")
        if reached is not None and reached.type not in ("aws_kms_key", "aws_kms_alias"):
            return f"{reached.resource} is no key of this module"
        return None
    named = secret.values.get("kms_key_id")
    if not named:
        return "no kms_key_id is set"
    own = {alias.values.get("name") for alias in plan.of_type("aws_kms_alias")}
    return None if str(named).rpartition(":")[2] in own or named in own else f"kms_key_id = {show(named)}"
