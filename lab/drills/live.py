"""The learner's deployment as the API has it now: what every drill looks at.

Nothing is deployed by looking. What "the secret", "its key", "the task" and "the execution role" are is what the grader
means by them; the value of the secret is not read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.deployment import ENVIRONMENT
from lab_env.errors import LabError
from lab_env.lesson import STANDARD, Lesson

if TYPE_CHECKING:
    from graders.evidence.deployed import DeployedFacts, KeyFacts, RoleFacts, SecretFacts, TaskFacts
    from lab.session.place import Place
    from lab.session.session import Session
    from lab_env.engine import Account, Engine
    from lab_env.sandbox import Sandbox


class NothingDeployedError(LabError):
    """A drill needs something that is not deployed (yet)."""

    exit_code = 1


@dataclass(frozen=True)
class LiveDeployment:
    """The deployment.

    :param tracked: version ids of the secret that Terraform's state has: what a plan looks at.
    :param sandbox: the layers around what a launch starts.
    :param lesson: what is asked of this learner.
    """

    engine: Engine
    account: Account
    deployed: DeployedFacts
    tracked: frozenset[str]
    sandbox: Sandbox
    lesson: Lesson = STANDARD

    @property
    def secret(self) -> SecretFacts | None:
        from graders.evidence.subject import secret_in

        return secret_in(self.deployed, ENVIRONMENT, self.lesson)

    @property
    def key(self) -> KeyFacts | None:
        from graders.evidence.subject import key_in

        return key_in(self.deployed, self.secret)

    @property
    def task(self) -> TaskFacts | None:
        from graders.evidence.subject import task_in

        return task_in(self.deployed, self.secret, self.lesson)

    @property
    def role(self) -> RoleFacts | None:
        from graders.evidence.subject import role_of

        return role_of(self.deployed, self.task)

    @property
    def alias(self) -> str | None:
        """The name of an alias of the secret's key."""
        key = self.key
        return next((a.name for a in self.deployed.aliases if key is not None and a.target_key_id == key.key_id), None)

    def client(self, service: str) -> Any:
        """Make a client of ``service`` with the rights of the account's root."""
        from lab_env.engine import sessions

        return sessions.client(self.account, service)

    def the_secret(self) -> SecretFacts:
        """Find the deployed secret.

        :raises NothingDeployedError: there is none with the required name.
        """
        if self.secret is None:
            raise NothingDeployedError(
                f"No secret named {self.lesson.secret_name(ENVIRONMENT)} is deployed.",
                next_step="Write it as notebook 2 says, run %terraform apply, then %lab_check secret.container.",
            )
        return self.secret

    def the_role(self) -> RoleFacts:
        """Find the execution role of the deployed task.

        :raises NothingDeployedError: there is no task, or its role is not of this module.
        """
        if self.task is None:
            raise NothingDeployedError(
                "No task definition is deployed, so there is no execution role to look at.",
                next_step="Write it as notebook 4 says, run %terraform apply, then %lab_check ecs.",
            )
        if self.role is None:
            raise NothingDeployedError(
                f"The task {self.task.family} has no execution role that this module makes.",
                next_step="Set execution_role_arn of the task definition, run %terraform apply, then %lab_check ecs.",
            )
        return self.role


def look(session: Session[Place], note: Callable[[str], None]) -> LiveDeployment:
    """Read what is deployed now; nothing is applied, unless the engine was restarted and has forgotten the account.

    :param note: gets a line when what was deployed had to be applied again.
    :raises NothingDeployedError: nothing was applied yet.
    """
    if not _addresses(session.workspace_state()):
        raise NothingDeployedError(
            "Nothing is deployed yet.", next_step=f"{session.place.front.first_write}, then %terraform apply."
        )
    session.bring_back(note)
    return _read(session, session.workspace_state() or {})


def deploy(session: Session[Place], note: Callable[[str], None]) -> LiveDeployment:
    """Deploy the workspace's files, if they changed since, and read what is there then.

    :param note: gets a line when something slow begins.
    :raises NothingDeployedError: there are no files to deploy.
    :raises SubmissionError: the gate or Terraform refuses them.
    """
    if not session.place.paths():
        raise NothingDeployedError(
            "There are no files to deploy yet.", next_step=f"{session.place.front.first_write}, then run this again."
        )
    session.deployed(note)
    return _read(session, session.workspace_state() or {})


def _read(session: Session[Place], state: Mapping[str, Any]) -> LiveDeployment:
    from graders.evidence.deploy_reader import read_deployed, state_resources
    from lab_env.engine import sessions

    account = session.account
    deployed = read_deployed(
        lambda service: sessions.client(account, service),
        state,
        account=account.id,
        region=account.region,
        errors=(),
        values=False,
    )
    tracked = frozenset(
        str(one.attributes.get("version_id"))
        for one in state_resources(state)
        if one.type == "aws_secretsmanager_secret_version"
    )
    return LiveDeployment(session.engine(), account, deployed, tracked, session.toolchain.sandbox, session.rules.lesson)


def _addresses(state: Mapping[str, Any] | None) -> list[str]:
    from graders.evidence.deploy_reader import state_resources

    return [one.address for one in state_resources(state or {})]
