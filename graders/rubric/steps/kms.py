"""Step kms: the customer-managed key, its rotation, its deletion window, its tags and its alias."""

from __future__ import annotations

from graders.evidence.choices import chosen_under
from graders.evidence.deployed import KeyFacts
from graders.evidence.facts import Facts
from graders.evidence.plan import EnvironmentPlan, PlannedResource
from graders.evidence.subject import (
    counterpart,
    deployed,
    its_key,
    planned,
    planned_subjects,
)
from graders.model import Layer, Outcome
from graders.rubric.access.permissions import refused_policy
from graders.rubric.look import (
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
from graders.rubric.requirement import Blocked, failed, requirement
from lab_env.hcl.addresses import without_indexes


def key_of_secret(facts: Facts) -> KeyFacts:
    """The secret's deployed key.

    :raises Blocked: there is none, or several and the secret uses none of them.
    """
    key = its_key(facts)
    if key is None:
        _block_without_key(len([k for k in deployed(facts).keys if k.manager == "CUSTOMER"]))
    assert key is not None  # noqa: S101 - for the type checker; the line above raised
    return key


def planned_keys(facts: Facts) -> dict[str, PlannedResource]:
    """The secret's planned key by environment, where there is one.

    :raises Blocked: there is none under ``dev``, or which one is the secret's cannot be told.
    """
    subjects = planned_subjects(facts)
    if subjects[0].key is None:
        _block_without_key(len(subjects[0].plan.of_type("aws_kms_key")))
    return {s.environment: s.key for s in subjects if s.key is not None}


def _block_without_key(keys: int) -> None:
    if keys == 0:
        raise Blocked("kms.key", "the module has no customer-managed key")
    raise Blocked("secret.cmk", f"the module has {keys} keys and the secret is encrypted by none of them")


@requirement(
    "kms.key",
    points=4,
    layer=Layer.DEPLOYED,
    hints=(
        "Look for a resource of type aws_kms_key in your module.",
        "The key must be yours (customer-managed), symmetric and enabled. The defaults of aws_kms_key are right for that.",
        'Write resource "aws_kms_key" "…" and leave key_usage, customer_master_key_spec and is_enabled at their defaults.',
    ),
)
def key(facts: Facts) -> Outcome:
    """An enabled, symmetric, customer-managed key is deployed."""
    expected = "one aws_kms_key: enabled, SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT, under every environment"
    keys = deployed(facts).keys
    if not keys:
        refused = refused_by_aws(facts, "aws_kms_key")
        if refused is not None:
            message = f"The key could not be created. Terraform says: {refused}"
            return failed(str(refused), expected, message, [diagnostic_evidence(refused)])
        missing = [facts.whole_module("no aws_kms_key is deployed by this module")]
        why = "; ".join(str(e) for e in deployed(facts).errors[:1])
        return failed("no key is deployed", expected, "Add a resource of type aws_kms_key.", missing, detail=why)
    own = its_key(facts)
    sentence = refused_policy(own) if own is not None and sets_policy(facts, own) else None
    if own is not None and sentence is not None:
        where = lines(facts, own.address, "policy")
        return failed(f"AWS refuses {sentence}", expected, f"AWS does not create the key: it refuses {sentence}", where)
    candidates = (own,) if own is not None else keys
    problems = []
    for candidate in candidates:
        found = _key_problem(candidate)
        if found is None:
            return _key_everywhere(facts, candidate, expected)
        problems.append((candidate, *found))
    candidate, problem, attribute = problems[0]
    evidence = [
        api(
            f"DescribeKey: KeyManager={candidate.manager} KeySpec={candidate.spec} KeyUsage={candidate.usage} "
            f"KeyState={candidate.state}",
            candidate.address,
        ),
        *lines(facts, candidate.address),
        *lines(facts, candidate.address, attribute),
    ]
    return failed(problem, expected, f"Your key {problem}; the lesson needs an enabled symmetric key.", evidence)


def sets_policy(facts: Facts, key: KeyFacts) -> bool:
    """Whether the key itself carries its policy, so that a policy that AWS refuses leaves no key at all."""
    block = facts.block(key.address)
    return block is not None and "policy" in block.body.attributes


def _key_problem(key: KeyFacts) -> tuple[str, str] | None:
    """What is wrong with a key, and the argument that makes it so; None when nothing is."""
    if key.manager != "CUSTOMER":
        return f"is managed by {key.manager}", "description"
    if key.spec != "SYMMETRIC_DEFAULT":
        return f"has the key spec {key.spec}", "customer_master_key_spec"
    if key.usage != "ENCRYPT_DECRYPT":
        return f"has the usage {key.usage}", "key_usage"
    if not key.enabled:
        return f"is not enabled ({key.state})", "is_enabled"
    return None


def _key_everywhere(facts: Facts, key: KeyFacts, expected: str) -> Outcome:
    dev = planned(facts).deployed_environment.environment
    seen = api(
        f"DescribeKey: KeyManager=CUSTOMER KeySpec={key.spec} KeyUsage={key.usage} KeyState={key.state}", key.address
    )

    def look(plan: EnvironmentPlan) -> Finding:
        there = counterpart(plan, key.address, deployed_environment=dev)
        if there is None:
            return Finding(False, "the key is missing", lines(facts, key.address))
        for attribute, good in (
            ("is_enabled", (True,)),
            ("key_usage", ("ENCRYPT_DECRYPT",)),
            ("customer_master_key_spec", ("SYMMETRIC_DEFAULT", None)),
        ):
            value = there.values.get(attribute)
            if there.known(attribute) and value not in good:
                found = (plan_evidence(plan, there, attribute), *lines(facts, key.address, attribute))
                return Finding(False, f"{attribute} = {show(value)}", found)
        return Finding(True, "enabled, symmetric, customer-managed", ())

    return everywhere(
        facts,
        look,
        expected=expected,
        passes="Your own key is there, symmetric and enabled.",
        fails=lambda observed: f"The key is right under dev, but not everywhere: {observed}.",
        around=([seen], lines(facts, key.address)),
    )


@requirement(
    "kms.rotation",
    points=4,
    layer=Layer.DEPLOYED,
    needs=("kms.key", "secret.cmk"),
    hints=(
        "Look at the arguments of your aws_kms_key.",
        "KMS can renew a key's material by itself once a year; it is off unless you turn it on.",
        "Set enable_key_rotation = true on the key that encrypts the secret.",
    ),
)
def rotation(facts: Facts) -> Outcome:
    """Automatic rotation is on for the secret's key."""
    expected = "GetKeyRotationStatus: KeyRotationEnabled=true, under every environment"
    key = key_of_secret(facts)
    answer = "an error" if key.rotation is None else f"KeyRotationEnabled={str(key.rotation).lower()}"
    seen = api(f"GetKeyRotationStatus: {answer}", key.address)
    if not key.rotation:
        where = lines(facts, key.address, "enable_key_rotation")
        return failed(
            f"rotation is off ({answer})",
            expected,
            "Turn on automatic rotation: enable_key_rotation = true.",
            [seen, *where],
        )
    return everywhere(
        facts,
        planned_attribute(facts, planned_keys(facts), "enable_key_rotation", lambda value: value is True),
        expected=expected,
        passes="Automatic rotation is on. It renews key material inside the key; it changes no password.",
        fails=lambda observed: f"Rotation is on under dev, but not everywhere: {observed}.",
        observed="rotation is on",
        around=([seen], ()),
    )


@requirement(
    "kms.deletion_window",
    points=3,
    layer=Layer.PLAN,
    needs=("kms.key", "secret.cmk"),
    title=lambda lesson: f"The secret's key waits {lesson.key_window_days} days before it is deleted",
    hints=lambda lesson: (
        "Look at the arguments of your aws_kms_key.",
        "A deleted key waits before it is gone, 7 to 30 days. The default is 30; "
        f"the lesson asks for {lesson.key_window_days}.",
        f"Set deletion_window_in_days = {lesson.key_window_days} on the key that encrypts the secret.",
    ),
)
def deletion_window(facts: Facts) -> Outcome:
    """The secret's key waits as long as the lesson asks for."""
    days = facts.lesson.key_window_days
    return everywhere(
        facts,
        planned_attribute(facts, planned_keys(facts), "deletion_window_in_days", lambda value: value == days),
        expected=f"deletion_window_in_days = {days}, under every environment",
        passes=f"A deleted key waits {days} days: time to notice and cancel.",
        fails=f"Set deletion_window_in_days = {days} on the key.",
    )


@requirement(
    "kms.tags",
    points=2,
    layer=Layer.PLAN,
    needs=("kms.key", "secret.cmk"),
    title=lambda lesson: f"The secret's key is tagged with its environment and with {lesson.manager} as its manager",
    hints=lambda lesson: (
        "Look at the tags of your aws_kms_key.",
        f"Two tags: which environment the key belongs to, and that {lesson.manager} manages it.",
        f'tags = {{ {lesson.environment_tag} = var.environment, {lesson.manager_tag} = "{lesson.manager}" }}',
    ),
)
def tags(facts: Facts) -> Outcome:
    """The secret's key is tagged with its environment and its manager."""
    lesson = facts.lesson
    managed_by = f"{lesson.manager_tag} = {lesson.manager}"
    return everywhere(
        facts,
        planned_tags(
            facts,
            planned_keys(facts),
            lambda name: {lesson.environment_tag: name, lesson.manager_tag: lesson.manager},
        ),
        expected=f"{lesson.environment_tag} = the environment's name, {managed_by}, under every environment",
        passes="The key says whose it is and who manages it.",
        fails=f"Tag the key with {lesson.environment_tag} = var.environment and {managed_by}.",
    )


@requirement(
    "kms.alias",
    points=4,
    layer=Layer.DEPLOYED,
    needs=("kms.key", "secret.cmk"),
    title=lambda lesson: f"The alias {lesson.alias}-<environment> points at the secret's key",
    hints=lambda lesson: (
        "Look for a resource of type aws_kms_alias.",
        "The alias is the key's readable name. It carries the environment's name and points at the key of the secret.",
        f'name = "{lesson.alias_name("${var.environment}")}", target_key_id = the key_id of your key.',
    ),
)
def alias(facts: Facts) -> Outcome:
    """The alias of the lesson's name points at the secret's key."""
    asked = facts.lesson.alias_name("<environment>")
    expected = f"{asked} points at the key of the secret, under every environment"
    key = key_of_secret(facts)
    dev = planned(facts).deployed_environment.environment
    wanted = facts.lesson.alias_name(dev)
    own = [a for a in deployed(facts).aliases if a.address is not None]
    right = next((a for a in own if a.name == wanted), None)
    refused = refused_by_aws(facts, "aws_kms_alias")
    if right is None and refused is not None:
        message = f"The alias could not be created. Terraform says: {refused}"
        return failed(str(refused), expected, message, [diagnostic_evidence(refused)])
    if right is None:
        seen = [api(f"ListAliases: {a.name} → {a.target_key_id}", a.address) for a in own] or [
            api("ListAliases: no alias of this module")
        ]
        names = ", ".join(a.name for a in own) or "no alias"
        where = [e for a in own if a.address for e in lines(facts, a.address, "name")] or list(
            lines(facts, key.address)
        )
        return failed(names, expected, f"Name the alias {asked}; found {names}.", [*seen, *where])
    seen_right = api(f"ListAliases: {right.name} → {right.target_key_id}", right.address)
    if right.target_key_id != key.key_id:
        where = list(lines(facts, right.address or "", "target_key_id"))
        message = "The alias points at another key than the one that encrypts the secret."
        return failed("the alias points at another key", expected, message, [seen_right, *where])

    def look(plan: EnvironmentPlan) -> Finding:
        name = facts.lesson.alias_name(plan.environment)
        found = [a for a in plan.of_type("aws_kms_alias") if a.values.get("name") == name]
        if found:
            reached = chosen_under(facts, plan.environment, found[0].config_address, "target_key_id")
            own = without_indexes(key.address)
            if reached is not None and reached.type == "aws_kms_key" and reached.resource != own:
                where = (
                    plan_evidence(plan, found[0], "target_key_id"),
                    *lines(facts, found[0].address, "target_key_id"),
                )
                return Finding(False, f"the alias points at {reached.resource.removeprefix('module.secrets.')}", where)
            return Finding(True, "the alias points at the key", (plan_evidence(plan, found[0], "name"),))
        evidence = lines(facts, right.address or "", "name")
        others = [plan_evidence(plan, a, "name") for a in plan.of_type("aws_kms_alias")]
        return Finding(False, f"there is no {name}", (*others, *evidence))

    return everywhere(
        facts,
        look,
        expected=expected,
        passes="The alias names the right key.",
        fails=lambda observed: f"The alias is right under dev, but not everywhere: {observed}.",
        around=([seen_right], lines(facts, right.address or "", "name")),
    )
