"""Step runtime: the task starts under its execution role, sees the rotated password, and the trail shows who read it."""

from __future__ import annotations

from graders.evidence.drills import LaunchFacts
from graders.evidence.facts import Facts
from graders.evidence.subject import (
    deployed,
    its_key,
    named_role,
    password_entries,
    secret_entries,
    the_secret,
    the_task,
)
from graders.model import Layer, Outcome
from graders.rubric.look import api, drill, lines, role_policy_lines
from graders.rubric.requirement import Blocked, NotShown, failed, passed, requirement, unreachable
from graders.rubric.steps.ecs import problem_of_reference, registration_refused


def _launch(facts: Facts) -> LaunchFacts:
    secret = the_secret(facts)
    if secret is None:
        raise Blocked("secret.container", "there is no secret to inject")
    task = the_task(facts)
    if task is None:
        raise Blocked("ecs.secret_reference", "there is no task definition to launch")
    # Under another name, or in a helper: the reference is wrong, but what it leads to can be launched and seen.
    injected = any(problem_of_reference(value_from, secret.arn) is None for _, _, value_from in secret_entries(task))
    if not injected and not password_entries(task, facts.lesson, essential_only=True):
        raise Blocked("ecs.secret_reference", "no container gets the password from the secret")
    if (refusal := registration_refused(facts, task)) is not None:
        raise Blocked("ecs.secret_reference", f"AWS does not register the task definition: {refusal}")
    if named_role(deployed(facts), task) is None:
        raise Blocked("ecs.execution_role", "the task has no execution role of the module")
    key = its_key(facts)
    if key is not None and (not key.enabled or key.usage != "ENCRYPT_DECRYPT"):
        raise Blocked("kms.key", "the key can decrypt nothing")
    if facts.drills is None or facts.drills.launch is None:
        if "ecs" not in facts.capabilities:
            raise NotShown("the engine has no ECS")
        unreachable("everything a launch needs is there, but the launch drill did not run")
    return facts.drills.launch


@requirement(
    "runtime.launch",
    points=5,
    layer=Layer.BEHAVIOUR,
    needs=("kms.key", "secret.container", "ecs.secret_reference", "ecs.execution_role"),
    hints=(
        "Run lab launch and read the error as ECS words it.",
        "Who fetches the secret? The execution role. It needs to be assumable by ECS, to read the secret, to use its key.",
        'valueFrom = "${aws_secretsmanager_secret.….arn}:password::", GetSecretValue on the secret, kms:Decrypt on its key.',
    ),
    engine=("ecs",),
)
def launch(facts: Facts) -> Outcome:
    """Launched under the execution role after the rotation, the container sees the rotated password."""
    seen = _launch(facts)
    expected = f"the task starts and {seen.variable} is the rotated password"
    if seen.engine_denied:
        raise NotShown("the engine refuses this role what AWS's own rules allow, so it cannot show the launch")
    how = "under a shadow role with the same policies" if seen.shadow_role else "under the execution role's own session"
    evidence = [
        drill(f"trust: {seen.trust}"),
        drill(f"kms:Decrypt through Secrets Manager: {seen.decrypt}"),
    ]
    task = the_task(facts)
    where = lines(facts, task.address, "container_definitions") if task else ()
    if seen.error is not None:
        message = f"The task does not start: {seen.error}"
        role = named_role(deployed(facts), task) if task else None
        if role is not None and "not authorized" in seen.error:
            where = (*where, *role_policy_lines(facts, role))
        return failed(seen.error, expected, message, [drill(seen.error), *evidence, *where], detail=how)
    result = "is the rotated password" if seen.sees_rotated else "is not the rotated password"
    evidence.insert(0, drill(f"container {seen.container}: {seen.variable} {result}"))
    if not seen.sees_rotated:
        message = (
            f"The container starts, but {seen.variable} is not the current password: it does not follow the rotation."
        )
        return failed(f"{seen.variable} {result}", expected, message, [*evidence, *where], detail=how)
    return passed(
        "the container sees the rotated password",
        expected,
        "Your task gets the live password at start.",
        [*evidence, *where],
        detail=how,
    )


@requirement(
    "runtime.audit",
    points=2,
    layer=Layer.BEHAVIOUR,
    needs=("kms.key", "secret.container", "ecs.secret_reference", "ecs.execution_role", "runtime.launch"),
    hints=(
        "Look at the trail of the launch (lab launch shows it).",
        "Every read of the secret is an event. Only the launched task should have read it in that window.",
        "If another identity reads the secret, find the policy that lets it.",
    ),
    engine=("ecs", "trail"),
)
def audit(facts: Facts) -> Outcome:
    """The trail of the launch shows that session, and no other, reading the secret."""
    expected = "GetSecretValue by the launched session's access key, and by nobody else, in the launch's window"
    if "trail" not in facts.capabilities:
        raise NotShown("the engine keeps no trail")
    result = _launch(facts)
    if result.engine_denied:
        raise NotShown("the engine could not show the launch")
    trail = facts.drills.audit if facts.drills else None
    if trail is None:
        unreachable("the task was launched, but the trail was not read")
    if result.error is not None and not trail.session_reads:
        raise Blocked("runtime.launch", "the task was stopped before it read the secret")
    seen = [api(f"LookupEvents: GetSecretValue by the launched session: {'yes' if trail.session_reads else 'no'}")]
    seen += [api(f"LookupEvents: GetSecretValue by {other}") for other in trail.other_reads]
    if trail.other_reads:
        message = "Somebody else read the secret while the task was launched."
        return failed("another identity read the secret", expected, message, seen)
    if not trail.session_reads:
        return failed(
            "no read by the launched session", expected, "The trail does not show the launch's own read.", seen
        )
    return passed("only the launched session", expected, "The trail shows who read the secret, and when.", seen)
