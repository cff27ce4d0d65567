"""Step rotation: the rotated password outlives an apply, and Terraform never gets to know it."""

from __future__ import annotations

from graders.evidence.drills import RotationFacts
from graders.evidence.facts import Facts
from graders.evidence.subject import the_secret
from graders.evidence.versions import SecretVersion, versions_of_secret
from graders.model import Evidence, Layer, Outcome
from graders.rubric.look import drill, lines
from graders.rubric.requirement import Blocked, failed, passed, requirement, unreachable
from lab_env.hcl import ignore_changes as ignored_arguments
from lab_env.hcl.addresses import without_indexes


def _versions(facts: Facts) -> tuple[SecretVersion, ...]:
    versions = versions_of_secret(facts)
    if not versions:
        raise Blocked("secret.placeholder", "the module writes no first version of the secret")
    return versions


def _rotation(facts: Facts) -> RotationFacts:
    if the_secret(facts) is None:
        raise Blocked("secret.container", "there is no secret to rotate")
    _versions(facts)
    if facts.drills is None or facts.drills.rotation is None:
        unreachable("the secret is there, but the rotation drill did not run")
    if facts.drills.rotation.version is None:
        raise Blocked("secret.placeholder", "no first version of the secret was deployed")
    return facts.drills.rotation


@requirement(
    "rotation.ignore_changes",
    points=4,
    layer=Layer.HCL,
    needs=("secret.placeholder",),
    hints=(
        "Look at the lifecycle block of your aws_secretsmanager_secret_version.",
        "Terraform should write the first value and never again: tell it which argument to ignore, or use a write-only one.",
        "lifecycle { ignore_changes = [secret_string] }",
    ),
)
def ignore_changes(facts: Facts) -> Outcome:
    """The version ignores later changes of its value, or the value is write-only."""
    expected = "lifecycle { ignore_changes = [secret_string] }, or secret_string_wo"
    good: list[Evidence] = []
    for version in _versions(facts):
        if version.argument == "secret_string_wo":
            good += lines(facts, version.address, "secret_string_wo")
            continue
        ignored = dict(ignored_arguments(version.block))
        by = next((name for name in ("secret_string", "all") if name in ignored), None)
        if by is not None:
            good.append(facts.at(ignored[by], f"ignore_changes: {by}", address=version.address))
            continue
        message = "An edit of the placeholder would replace the version and overwrite the live password. Ignore secret_string."
        where = lines(facts, version.address)
        observed = f"ignores {', '.join(sorted(ignored))}" if ignored else "ignores nothing"
        return failed(observed, expected, message, where)
    return passed("the value's changes are ignored", expected, "Later edits of the placeholder plan nothing.", good)


@requirement(
    "rotation.survives_apply",
    points=7,
    layer=Layer.BEHAVIOUR,
    needs=("secret.container", "secret.placeholder"),
    hints=(
        "Rotate the secret by hand, change the placeholder in your file, and read the plan.",
        'If the plan says "must be replaced", an apply makes the placeholder current again: an outage.',
        "Let the version ignore secret_string (or use secret_string_wo), so that the edit plans nothing.",
    ),
)
def survives_apply(facts: Facts) -> Outcome:
    """A rotated password is still current after the placeholder is edited and applied."""
    expected = "rotate, edit the placeholder, apply: the rotated value is still AWSCURRENT"
    facts_of_drill = _rotation(facts)
    where_edited = (
        f"the placeholder edited at {', '.join(facts_of_drill.edited)}"
        if facts_of_drill.edited
        else "no literal to edit"
    )
    seen = [
        drill(f"PutSecretValue: rotated once, 32 random characters; {where_edited}"),
        drill(f"plan after the edit: {'; '.join(facts_of_drill.planned) or 'no changes'}", facts_of_drill.version),
    ]
    where = [e for v in _versions(facts) for e in lines(facts, v.address)]
    rewritten = [p for p in facts_of_drill.planned if _rewrites(p, _versions(facts))]
    if not facts_of_drill.applied:
        why = str(facts_of_drill.errors[0]) if facts_of_drill.errors else "the apply did not end well"
        seen.append(drill(f"apply: {why}"))
        if not facts_of_drill.planned_well or rewritten or _about_the_version(facts_of_drill, _versions(facts)):
            message = f"The apply after the rotation failed, so nothing is proved. Terraform says: {why}"
            return failed(why, expected, message, [*seen, *where])
    seen.append(
        drill(f"GetSecretValue (AWSCURRENT): {'the rotated value' if facts_of_drill.survived else 'overwritten'}")
    )
    if facts_of_drill.survived:
        return passed(
            "the rotated value is still current",
            expected,
            "Your apply leaves the live password alone.",
            [*seen, *where],
        )
    message = "The apply put the placeholder back in place of the live password: every new task would fail to log in."
    return failed("the rotated value was overwritten", expected, message, [*seen, *where])


def _rewrites(change: str, versions: tuple[SecretVersion, ...]) -> bool:
    """Whether a planned change (``replace ADDRESS``) writes one of the secret's versions."""
    return any(change.endswith(f" {v.config_address}") for v in versions)


def _about_the_version(found: RotationFacts, versions: tuple[SecretVersion, ...]) -> bool:
    """Whether an apply failed for the secret's version itself, and not for a resource that has nothing to do with it."""
    addresses = {v.config_address for v in versions}
    return any(e.address is None or without_indexes(e.address) in addresses for e in found.errors)


@requirement(
    "rotation.state_clean",
    points=4,
    layer=Layer.BEHAVIOUR,
    needs=("secret.container", "secret.placeholder", "rotation.survives_apply"),
    hints=(
        "Ask what of your module reads the secret's value back.",
        "A data source aws_secretsmanager_secret_version reads the live value, and the state keeps it in plain text.",
        "Remove the data source; hand out the secret's ARN instead of its value.",
    ),
)
def state_clean(facts: Facts) -> Outcome:
    """The rotated value is in no state, plan or output, and nothing reads the live value into them."""
    expected = "no state, plan or output holds the rotated value in any encoding; no data source reads it"
    if the_secret(facts) is None:
        raise Blocked("secret.container", "there is no secret to rotate")
    if facts.drills is None or facts.drills.rotation is None:
        unreachable("the secret is there, but the rotation drill did not run")
    facts_of_drill = facts.drills.rotation
    readers = facts.data("aws_secretsmanager_secret_version")
    where = [facts.at(block.span, "reads the live value into the state", address=a) for a, block in readers.items()]
    if facts_of_drill.leaks:
        found = ", ".join(facts_of_drill.leaks)
        message = "After the rotation Terraform's files hold the live password. Anybody who reads the state has it."
        return failed(f"found in {found}", expected, message, [drill(f"the rotated value is in {found}"), *where])
    if readers:
        message = "A data source reads the live value: it ends up in the state in plain text. Use the ARN instead."
        return failed("a data source reads the live value", expected, message, where)
    if not facts_of_drill.planned_well:
        raise Blocked("rotation.survives_apply", "the plan after the rotation failed")
    seen = drill("state, state backup, plan and outputs: the rotated value was looked for in every encoding, not found")
    return passed("nowhere", expected, "Terraform never got to know the live password.", [seen])
