"""Step ecs: the container gets the password by reference, never as text, and ECS may use the execution role."""

from __future__ import annotations

from graders.evidence.deployed import TaskFacts
from graders.evidence.facts import Facts
from graders.evidence.subject import deployed, named_role, password_entries, the_task
from graders.model import Evidence, Layer, Outcome
from graders.rubric.access.role_trust import judge_trust
from graders.rubric.credentials.containers import literal_leaks, reference_leaks
from graders.rubric.credentials.text import credentials_in
from graders.rubric.look import api, diagnostic_evidence, documents_of, files_read, lines, refused_by_aws
from graders.rubric.requirement import Blocked, failed, passed, requirement
from graders.rubric.steps.secret import deployed_secret
from lab_env.aws_refusals import REGISTRATION_REFUSED, TaskDefinition, why_not_registered
from lab_env.ecs_agent import SecretReference, parse_value_from
from lab_env.errors import LabError
from lab_env.hcl import Span
from lab_env.hcl.addresses import without_indexes
from lab_env.lesson import Lesson
from lab_env.line_numbers import LineNumbers


def task_definition(facts: Facts) -> TaskFacts:
    """The deployed task definition.

    :raises Blocked: the module has none.
    """
    task = the_task(facts)
    if task is None:
        raise Blocked("ecs.secret_reference", "the module has no task definition for the secret")
    return task


def registration_refused(facts: Facts, task: TaskFacts) -> str | None:
    """Why AWS does not register the task definition, though the engine did; None when it does.

    What the apply was told counts first: an engine may have put right what it took.
    """
    for error in deployed(facts).errors:
        if error.refused and error.address == task.address:
            return error.summary.rpartition(f"{REGISTRATION_REFUSED}: ")[2]
    return why_not_registered(
        TaskDefinition(
            task.containers,
            execution_role_arn=task.execution_role_arn,
            network_mode=task.network_mode,
            compatibilities=task.compatibilities,
            cpu=task.cpu,
            memory=task.memory,
        )
    )


@requirement(
    "ecs.secret_reference",
    points=6,
    layer=Layer.DEPLOYED,
    needs=("secret.container",),
    title=lambda lesson: (
        f"An essential container gets {lesson.password} from the secret, following its current version"
    ),
    hints=lambda lesson: (
        "Look at the container definition in your aws_ecs_task_definition: environment or secrets?",
        "secrets takes a name and a valueFrom: an ARN, optionally followed by JSON key, staging label and version id.",
        f'secrets = [{{ name = "{lesson.password}", valueFrom = "${{aws_secretsmanager_secret.….arn}}:password::" }}]',
    ),
)
def secret_reference(facts: Facts) -> Outcome:
    """An essential container gets the password from the secret, following its current version."""
    variable = facts.lesson.password
    expected = f'secrets: {variable} from "<secret arn>:password::" in an essential container'
    task = the_task(facts)
    if task is None:
        secret = deployed_secret(facts)
        refused = refused_by_aws(facts, "aws_ecs_task_definition")
        if refused is not None:
            message = f"The task definition could not be registered. Terraform says: {refused}"
            return failed(str(refused), expected, message, [diagnostic_evidence(refused)])
        there = deployed(facts).tasks
        message = f"Add an aws_ecs_task_definition whose container gets {variable} from the secret."
        why = "; ".join(str(e) for e in deployed(facts).errors[:1])
        names = ", ".join(t.family for t in there)
        observed = f"none of {names} gets a {variable}" if there else "no task definition"
        looked_at = [
            api(f"DescribeTaskDefinition: {t.family}: {_what_there_is(t, facts.lesson)}", t.address) for t in there
        ]
        looked_at = looked_at or [api("no task definition of this module is deployed")]
        return failed(observed, expected, message, [*looked_at, *lines(facts, secret.address)], detail=why)
    secret = deployed_secret(facts)
    where = lines(facts, task.address, "container_definitions")
    refusal = registration_refused(facts, task)
    if refusal is not None:
        message = f"AWS does not register this task definition: {refusal}"
        said = api(f"RegisterTaskDefinition refuses: {refusal}", task.address)
        everything = [said, *lines(facts, task.address), *where]
        return failed(f"AWS refuses the task definition: {refusal}", expected, message, everything)
    essential = password_entries(task, facts.lesson, essential_only=True)
    if not essential:
        seen = api(f"DescribeTaskDefinition: {_what_there_is(task, facts.lesson)}", task.address)
        message = f"No essential container gets {variable} through secrets."
        return failed(_what_there_is(task, facts.lesson), expected, message, [seen, *where])
    problems: list[str] = []
    evidence: list[Evidence] = []
    right = False
    for container, value_from in essential:
        evidence.append(
            api(
                f"DescribeTaskDefinition: {container.get('name')}: {variable} valueFrom {value_from}",
                task.address,
            )
        )
        problem = problem_of_reference(value_from, secret.arn)
        right = right or problem is None
        if problem:
            problems.append(problem)
    # One is enough: another container's variable of that name may be of another database.
    if not right:
        message = f"{variable}: {problems[0]}. Write <secret arn>:password:: with both colons at the end."
        return failed(problems[0], expected, message, [*evidence, *where])
    message = "The container gets the current password by reference."
    return passed(f"{variable} comes from the secret", expected, message, [*evidence, *where])


def _what_there_is(task: TaskFacts, lesson: Lesson) -> str:
    if password_entries(task, lesson, essential_only=False):
        return f"{lesson.password} is injected into a container that is not essential"
    names = sorted({str(s.get("name")) for c in task.containers for s in c.get("secrets") or ()})
    return f"secrets: {', '.join(names)}" if names else "no secrets entry in any container"


def problem_of_reference(value_from: str, secret_arn: str) -> str | None:
    """What is wrong with a ``valueFrom`` by the ECS agent's own rules, or None."""
    try:
        reference: SecretReference = parse_value_from(value_from)
    except LabError as error:
        return error.message
    if reference.secret_id != secret_arn:
        return "valueFrom names another secret"
    if reference.json_key is None:
        return "valueFrom injects the whole JSON value instead of its password"
    if reference.json_key != "password":
        return f'valueFrom reads the key "{reference.json_key}" instead of "password"'
    if reference.version_id:
        return "valueFrom is pinned to one version id, so a rotation never reaches the container"
    if reference.version_stage not in (None, "", "AWSCURRENT"):
        return f"valueFrom follows the staging label {reference.version_stage} instead of the current version"
    return None


@requirement(
    "ecs.no_plaintext_env",
    points=4,
    layer=Layer.DEPLOYED,
    needs=("ecs.secret_reference",),
    hints=(
        "Read every field of your container definitions as if you were an intruder.",
        "A value in environment, command or a label is readable by everybody who may describe the task definition.",
        "Keep the password out of environment, command, entryPoint, healthCheck, labels and log options; use secrets only.",
    ),
)
def no_plaintext_env(facts: Facts) -> Outcome:
    """No container definition holds a credential, literal or by reference."""
    expected = "no credential in any field of any container definition"
    if not deployed(facts).tasks:
        raise Blocked("ecs.secret_reference", "the module has no task definition")
    evidence: list[Evidence] = []
    observed: list[str] = []
    for task in deployed(facts).tasks:
        for leak in literal_leaks(task.containers):
            observed.append(leak)
            evidence.append(api(f"DescribeTaskDefinition: {leak}", task.address))
        by_reference = reference_leaks(facts, task.address)
        observed += [text for text, _ in by_reference]
        evidence += [facts.at(span, text, address=task.address) for text, span in by_reference]
        if observed and not by_reference:
            evidence += lines(facts, task.address, "container_definitions")
            evidence += _in_files(facts, task.address)
    if observed:
        message = f"A container definition is no place for a credential: {observed[0]}."
        return failed(observed[0], expected, message, evidence)
    tasks = deployed(facts).tasks
    seen = [
        api(f"DescribeTaskDefinition: {t.family}: every field of {len(t.containers)} container(s) read", t.address)
        for t in tasks
    ]
    return passed("none", expected, "Nobody reads the password from the task definition.", seen)


def _in_files(facts: Facts, address: str) -> list[Evidence]:
    """The lines of the files that container definitions are read from which hold a credential."""
    block = facts.block(without_indexes(address))
    expression = block.body.get("container_definitions") if block else None
    found: dict[tuple[str, int], Evidence] = {}
    for content in () if expression is None else files_read(facts, address, expression):
        path = content.span.path
        file = facts.submission.any_file(path)
        text = file.text if file else ""
        numbers = LineNumbers(text)
        for offset, what in credentials_in(text, prose=False, path=path):
            line = numbers.of(offset)
            found.setdefault((path, line), facts.at(Span(path, line, line), what, address=address))
    return list(found.values())


@requirement(
    "ecs.execution_role",
    points=3,
    layer=Layer.DEPLOYED,
    needs=("ecs.secret_reference",),
    hints=(
        "Look at execution_role_arn of the task definition and at that role's assume_role_policy.",
        "The execution role, not the task role, fetches secrets. ECS tasks, and nobody else, may assume it.",
        'Principal = { Service = "ecs-tasks.amazonaws.com" } in the trust policy of the role in execution_role_arn.',
    ),
)
def execution_role_(facts: Facts) -> Outcome:
    """The task's execution role is the module's, and only ECS tasks may assume it."""
    expected = "execution_role_arn is a role of this module; only ecs-tasks.amazonaws.com may assume it"
    task = task_definition(facts)
    where = lines(facts, task.address, "execution_role_arn")
    seen = api(f"DescribeTaskDefinition: executionRoleArn={task.execution_role_arn or 'none'}", task.address)
    role = named_role(deployed(facts), task)
    if role is None:
        observed = "no execution role" if task.execution_role_arn is None else "a role that this module does not create"
        message = "Give the task an execution role of this module: execution_role_arn."
        return failed(observed, expected, message, [seen, *where])
    problem, explanation = judge_trust(facts, role)
    trust = api(f"GetRole: AssumeRolePolicyDocument: {explanation}", role.address)
    lines_of_trust = (
        *lines(facts, role.address, "assume_role_policy"),
        *documents_of(facts, role.address, "assume_role_policy"),
    )
    if problem:
        return failed(
            problem, expected, f"The execution role's trust policy is wrong: {problem}.", [seen, trust, *lines_of_trust]
        )
    message = "ECS tasks, and only they, may use the execution role."
    return passed("only ECS tasks may assume it", expected, message, [seen, trust, *lines_of_trust])
