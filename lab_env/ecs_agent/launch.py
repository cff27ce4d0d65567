"""The launch drill: from a registered task definition to what its containers saw."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from lab_env.ecs_agent import standin
from lab_env.ecs_agent.access import Access, judge, refusal
from lab_env.ecs_agent.role import (
    ExecutionRole,
    RoleSession,
    granted_session,
    not_assumable,
    own_session,
    read_execution_role,
    shadow_session,
)
from lab_env.ecs_agent.standin import Digest
from lab_env.ecs_agent.startup import (
    check_logging,
    check_pulling,
    is_parameter,
    log_options,
    parameter_refused,
    registry_login,
    secret_elsewhere_refused,
)
from lab_env.ecs_agent.value_from import AgentError, SecretReference, extract, parse_value_from
from lab_env.engine import Account, Engine, sessions
from lab_env.iam_policy import Decision, PolicySyntaxError, ecs_assumes_role, evaluate
from lab_env.lesson import STANDARD
from lab_env.sandbox import Sandbox

_FAILED = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "


@dataclass(frozen=True)
class ContainerView:
    """What one container's stand-in saw: names, and digests in place of values."""

    name: str
    essential: bool
    injected: Mapping[str, Digest]


@dataclass(frozen=True)
class LaunchReport:
    """How a launch went.

    :param error: what a stopped task's reason would say; None when the task started.
    :param container: the container the error is about, when it is about one.
    :param containers: what was started: every container that has ``secrets``; empty when the task did not start.
    :param role_arn: the task's execution role; None when it has none.
    :param trust: may ECS assume it; None when that was not reached.
    :param access: our evaluator's decisions about each secret that was asked for, up to the first refusal.
    :param session_access_key_id: the key whose calls the trail shows; None when no session began.
    :param shadow_role: whether the values were fetched by a role with the same policies (the engine would not give the
        role's own credentials, or does not know the AWS-managed policy it needs).
    :param engine_denied: the engine refused what our evaluator allows: not proof of the learner's mistake.
    :param started: UTC, just before the first credentials; ``ended`` just after the last stand-in.
    """

    ok: bool
    error: str | None
    started: datetime
    ended: datetime
    container: str | None = None
    containers: tuple[ContainerView, ...] = ()
    role_arn: str | None = None
    trust: Decision | None = None
    access: tuple[Access, ...] = ()
    session_access_key_id: str | None = None
    shadow_role: bool = False
    engine_denied: bool = False

    @property
    def injected(self) -> Mapping[str, Digest]:
        """What the essential containers saw, by name (the first one's for a name that several have)."""
        seen: dict[str, Digest] = {}
        for view in self.containers:
            if view.essential:
                seen = {**view.injected, **seen}
        return seen

    @property
    def decrypt(self) -> Decision | None:
        """The decision about the key that stopped the launch, else the first one; None when no key was involved."""
        decisions = [access.decrypt for access in self.access if access.decrypt is not None]
        return next((decision for decision in decisions if not decision.allowed), decisions[0] if decisions else None)

    def matches(self, expected: str, name: str = STANDARD.password) -> bool:
        """Whether an essential container saw this value under this name."""
        return any(
            view.essential and name in view.injected and view.injected[name].matches(expected)
            for view in self.containers
        )


def launch(
    engine: Engine, account: Account, task_definition: str | Mapping[str, Any], *, sandbox: Sandbox
) -> LaunchReport:
    """Launch a task as ECS would, with stand-ins for its containers.

    :param task_definition: its ARN or family, or ``DescribeTaskDefinition``'s ``taskDefinition``.
    :param sandbox: the layers around the stand-ins: those of Terraform (``Toolchain.sandbox``).
    :raises EngineError: the engine does not answer.
    :raises StandInError: a stand-in did not run, which says nothing about the task.
    """
    return _Launch(engine, account, sandbox).run(task_definition)


@dataclass
class _Launch:
    """One launch; what it has found so far is kept for the report, whatever stops it."""

    engine: Engine
    account: Account
    sandbox: Sandbox
    session_name: str = field(default_factory=lambda: secrets.token_hex(16))  # ECS names it after the task's id
    facts: dict[str, Any] = field(default_factory=dict)

    def run(self, task_definition: str | Mapping[str, Any]) -> LaunchReport:
        started = datetime.now(UTC)
        error = None
        try:
            self.facts["containers"] = self._start(self._described(task_definition))
        except AgentError as reason:
            error = reason.message
        except PolicySyntaxError as reason:
            error = f"A policy cannot be read: {reason.message}"
        return LaunchReport(ok=error is None, error=error, started=started, ended=datetime.now(UTC), **self.facts)

    def _described(self, task_definition: str | Mapping[str, Any]) -> Mapping[str, Any]:
        if not isinstance(task_definition, str):
            return task_definition
        from botocore.exceptions import ClientError

        try:
            answer = sessions.client(self.account, "ecs").describe_task_definition(taskDefinition=task_definition)
        except ClientError as error:
            raise AgentError(f"ClientException: there is no task definition {task_definition}") from error
        definition: Mapping[str, Any] = answer["taskDefinition"]
        return definition

    def _start(self, definition: Mapping[str, Any]) -> tuple[ContainerView, ...]:
        everyone = list(definition.get("containerDefinitions", ()))
        containers = [c for c in everyone if c.get("secrets")]
        fargate = "FARGATE" in (definition.get("requiresCompatibilities") or ())
        arn = definition.get("executionRoleArn")
        needs = any(c.get("secrets") or c.get("repositoryCredentials") or [*log_options(c)] for c in everyone)
        role = self._role(arn) if arn or needs else None
        if fargate:
            check_pulling(self.account, role, everyone)
        beside = self._prepare(role, everyone) if role is not None else []
        wanted = list(self._wanted(containers))
        owners = {reference: container["name"] for container, _, reference in reversed(wanted)}
        owners = {reference: container["name"] for reference, container in beside} | owners
        values = self._fetch(role, owners) if role is not None and owners else {}
        for reference, container in beside:
            self.facts["container"] = container["name"]
            try:
                extract(values[reference], reference)
            except AgentError as error:
                raise AgentError(f"{_FAILED}{error.message}") from None
        if fargate:
            check_logging(self.account, role, everyone)
        views = []
        for container in containers:
            self.facts["container"] = container["name"]
            try:
                mine = {name: extract(values[ref], ref) for owner, name, ref in wanted if owner is container}
            except AgentError as error:
                raise AgentError(f"{_FAILED}{error.message}") from None
            essential = bool(container.get("essential", True))
            views.append(ContainerView(container["name"], essential, standin.start(mine, sandbox=self.sandbox)))
        self.facts["container"] = None
        return tuple(views)

    def _prepare(
        self, role: ExecutionRole, containers: Sequence[Mapping[str, Any]]
    ) -> list[tuple[SecretReference, Mapping[str, Any]]]:
        """What is fetched and not injected: registry logins, the log drivers' options, and parameters.

        :returns: the secrets among them that are the account's, with their containers; the others are taken to be there.
        :raises AgentError: the role may not fetch one.
        """
        found: list[tuple[SecretReference, Mapping[str, Any]]] = []
        for container in containers:
            self.facts["container"] = container["name"]
            options = [*log_options(container)]
            for text in (*(entry["valueFrom"] for entry in container.get("secrets") or ()), *options):
                if is_parameter(text) and (no := parameter_refused(self.account, role, text)):
                    raise AgentError(f"{_FAILED}{no.message}")
            login = registry_login(container, self.account)
            for text in (*(option for option in options if not is_parameter(option)), *([login] if login else ())):
                try:
                    reference = parse_value_from(text)
                except AgentError as error:
                    raise AgentError(f"{_FAILED}{error.message}") from None
                if self._is_there(role, reference):
                    found.append((reference, container))
                elif no := secret_elsewhere_refused(self.account, role, reference.secret_id):
                    raise AgentError(f"{_FAILED}{no.message}")
        self.facts["container"] = None
        return found

    def _is_there(self, role: ExecutionRole, reference: SecretReference) -> bool:
        try:
            judge(self.account, role, self.session_name, reference)
        except AgentError:
            return False
        return True

    def _role(self, arn: str | None) -> ExecutionRole:
        if not arn:
            raise AgentError(
                "ClientException: When you are specifying container secrets, you must also specify a value for "
                "'executionRoleArn'"
            )
        self.facts["role_arn"] = arn
        role = read_execution_role(self.account, arn)
        if role is None or role.role.arn != arn:
            raise not_assumable(arn, "there is no such role in the account")
        request = ecs_assumes_role(role.role.arn, region=self.account.region)
        trust = self.facts["trust"] = evaluate(request, resource_policy=role.trust)
        if not trust.allowed:
            raise not_assumable(arn, trust.explanation)
        return role

    def _wanted(
        self, containers: Sequence[Mapping[str, Any]]
    ) -> Iterator[tuple[Mapping[str, Any], str, SecretReference]]:
        """(container, variable, reference), in the task definition's order."""
        for container in containers:
            self.facts["container"] = container["name"]
            taken = {pair.get("name") for pair in container.get("environment", ())}
            for entry in container["secrets"]:
                if entry["name"] in taken:
                    raise AgentError(
                        "ClientException: The secret name must be unique and not shared with any new or existing "
                        f"environment variables set on the container, such as '{entry['name']}'."
                    )
                taken.add(entry["name"])
                if is_parameter(entry["valueFrom"]):
                    continue  # asked for before; its value is not ours to give
                try:
                    yield container, entry["name"], parse_value_from(entry["valueFrom"])
                except AgentError as error:
                    raise AgentError(f"{_FAILED}{error.message}") from None

    def _fetch(
        self, role: ExecutionRole, references: Mapping[SecretReference, str]
    ) -> dict[SecretReference, str | None]:
        """Each reference's ``SecretString``, read once, with the role's rights.

        :param references: with the first container that asks for each.

        Our evaluator is asked first: what AWS would refuse is never read, so it is in no trail either.
        """
        values: dict[SecretReference, str | None] = {}
        access: list[Access] = []
        for reference, self.facts["container"] in references.items():
            try:
                access.append(judge(self.account, role, self.session_name, reference))
            except AgentError as error:
                raise AgentError(f"{_FAILED}unable to retrieve secret from asm: {error.message}") from None
            self.facts["access"] = tuple(access)
            if no := refusal(access[-1], role):
                raise AgentError(f"{_FAILED}{no.message}")
        with ExitStack() as stack:
            granted = granted_session(self.account, [a.secret_arn for a in access], self.session_name)
            session = own_session(self.account, role.role, self.session_name)
            session = session or stack.enter_context(shadow_session(self.account, role.role, self.session_name))
            for reference, self.facts["container"] in references.items():
                value, denied = self._read(session, reference)
                for other in (shadow_session(self.account, role.role, self.session_name), granted) if denied else ():
                    # The evaluator allows it: the engine lacks the document of an AWS-managed policy, or a condition's key.
                    session = stack.enter_context(other)
                    value, denied = self._read(session, reference)
                    if not denied:
                        break
                if denied:
                    self.facts["engine_denied"] = True
                    raise AgentError(f"{_FAILED}{denied.message}")
                values[reference] = value
        return values

    def _read(self, session: RoleSession, reference: SecretReference) -> tuple[str | None, AgentError | None]:
        """The ``SecretString``, or why access is denied.

        :raises AgentError: it fails for another reason.
        """
        from botocore.exceptions import ClientError, ParamValidationError

        self.facts["session_access_key_id"] = session.credentials.access_key_id
        self.facts["shadow_role"] = session.shadow
        place = replace(self.account, region=reference.region)
        which = {"VersionStage": reference.version_stage, "VersionId": reference.version_id}
        manager = sessions.client(place, "secretsmanager", credentials=session.credentials)
        try:
            answer = manager.get_secret_value(
                SecretId=reference.secret_id, **{name: value for name, value in which.items() if value}
            )
        except (ClientError, ParamValidationError) as error:
            # What the API's own model does not allow (a version id of two letters), AWS refuses in these words.
            said = error.response["Error"] if isinstance(error, ClientError) else {}
            code, message = said.get("Code", "ValidationException"), said.get("Message", str(error))
            reason = AgentError(
                "unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret "
                f"{reference.secret_id} from secrets manager: {code}: {message}"
            )
            if code.startswith("AccessDenied"):
                return None, reason
            raise AgentError(f"{_FAILED}{reason.message}") from None
        return answer.get("SecretString"), None
