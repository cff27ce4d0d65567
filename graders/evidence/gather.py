"""Gathers the evidence on one submission: gate, plans, deployment, drills, each stage once and only as deep as asked.

Six Terraform calls do it all: init, one plan of every environment, show, apply, and the rotation drill's plan and apply.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from botocore.exceptions import BotoCoreError

from graders.evidence.deploy_reader import read_deployed
from graders.evidence.deployed import DeployedFacts, SecretFacts
from graders.evidence.drills import AuditFacts, DrillFacts, LaunchFacts, Probe, RotationFacts
from graders.evidence.facts import Facts
from graders.evidence.launch_drill import audit, reads_of, run_launch, run_probes
from graders.evidence.plan import PlanFacts, third_environment
from graders.evidence.planning import learner_diagnostics, plan_environments
from graders.evidence.rotation_drill import rotate, run_rotation_drill
from graders.evidence.subject import execution_role, its_key, the_secret, the_task
from graders.evidence.versions import versions_of_secret
from graders.gate import GateReport
from graders.model import Depth, SourceDiagnostic
from lab_env import workspace as workspaces
from lab_env.engine import Account, Engine, sessions
from lab_env.errors import EngineError
from lab_env.hcl import conditional_uses, names_mentioned
from lab_env.hcl.addresses import without_indexes
from lab_env.lesson import STANDARD, Lesson
from lab_env.submission import Submission
from lab_env.terraform import Lane, Terraform, Toolchain
from lab_env.workspace import Workspace

DEPLOYED_ENVIRONMENT = "dev"
SECOND_ENVIRONMENT = "prod"
MOST_MENTIONED = 3
"""How many names that a module compares its environment with are planned as well."""

OnPhase = Callable[[str], None]
"""Told the name of each phase as it begins: ``plan``, ``apply``, ``rotate``, ``launch`` …"""


@dataclass(frozen=True)
class Bench:
    """What a grading stands on: an engine, an account of its own on it, Terraform, perhaps a warm lane."""

    engine: Engine
    account: Account
    toolchain: Toolchain
    lane: Lane | None


class NoBenchError(ValueError):
    """A depth that needs an engine and Terraform was asked for without them."""


def gather(
    submission: Submission,
    gate: GateReport,
    *,
    depth: Depth,
    bench: Bench | None,
    directory: Path,
    on_phase: OnPhase,
    lesson: Lesson = STANDARD,
) -> Facts:
    """The facts on a submission that was read.

    :param bench: None is enough for ``static``.
    :param directory: an empty directory for the workspace; nothing outside it is touched.
    :param lesson: what is asked of this submission.
    :raises NoBenchError: there is no bench, and the depth needs one.
    :raises EngineError: the engine did not answer.
    :raises TerraformError: Terraform or the provider failed for a reason that is not the learner's.
    """
    capabilities = frozenset(bench.engine.capabilities if bench is not None else ())
    facts = Facts(submission=submission, depth=depth, gate=gate, lesson=lesson, capabilities=capabilities)
    if depth is Depth.STATIC or not gate.accepted or not any(True for _ in facts.tree.resources()):
        return facts
    if bench is None:
        raise NoBenchError(f"the depth {depth} needs an engine and Terraform")
    run = _Run(facts, bench, directory, on_phase)
    try:
        return run.gather()
    except BotoCoreError as error:
        raise EngineError(
            f"The engine at {bench.account.endpoint} did not answer: {error}.", next_step="Run lab doctor."
        ) from error


class _Run:
    """One submission's way through Terraform and the engine."""

    def __init__(self, facts: Facts, bench: Bench, directory: Path, on_phase: OnPhase) -> None:
        self._facts = facts
        self._bench = bench
        self._phase = on_phase
        self._workspace: Workspace = workspaces.create(
            facts.submission,
            directory,
            account=bench.account,
            environments=(DEPLOYED_ENVIRONMENT,),
            provider_version=bench.toolchain.provider_version,
        )
        self._terraform = Terraform(
            directory, toolchain=bench.toolchain, lane=bench.lane, endpoint=bench.account.endpoint
        )

    def gather(self) -> Facts:
        facts = replace(self._facts, plan=self._plan())
        assert facts.plan is not None  # noqa: S101 - set in the line above
        if facts.depth is Depth.PLAN or not facts.plan.ok or facts.plan.violations:
            return facts
        if not any(r.mode == "managed" for r in facts.plan.deployed_environment.resources):
            return facts
        self._phase("apply")
        facts = replace(facts, deployed=self._deploy())
        return replace(facts, drills=self._drills(facts))

    def _plan(self) -> PlanFacts:
        self._phase("plan")
        environments = (DEPLOYED_ENVIRONMENT, SECOND_ENVIRONMENT, third_environment(self._facts.submission.digest))
        tree = self._facts.tree
        mentioned = sorted(names_mentioned(tree, conditional_uses(tree)) - {*environments})[:MOST_MENTIONED]
        # All module calls must be there before init, which installs them.
        self._workspace.set_environments((*environments, *mentioned))
        run = self._terraform.init()
        if not run.ok:
            found = PlanFacts(environments=(), errors=learner_diagnostics(run, self._workspace))
        else:
            found = plan_environments(self._terraform, self._workspace, environments, mentioned=mentioned)
        return found.model_copy(update={"terraform": self._terraform.toolchain.version})

    def _deploy(self) -> DeployedFacts:
        self._workspace.set_environments((DEPLOYED_ENVIRONMENT,))
        errors = learner_diagnostics(self._terraform.apply(), self._workspace)
        if any(error.refused for error in errors):
            errors = (*errors, *self._deploy_the_rest(errors))
        return read_deployed(
            self._client,
            self._terraform.state(),
            account=self._bench.account.id,
            region=self._bench.account.region,
            errors=errors,
        )

    def _deploy_the_rest(self, refused: Sequence[SourceDiagnostic]) -> list[SourceDiagnostic]:
        """Apply once more, as somebody whom the engine refuses nothing: what AWS refuses is told, and what hangs on it is judged.

        :returns: what the second apply could not do, either.
        """
        account = self._bench.account.lenient
        self._bench = replace(self._bench, account=account)
        self._workspace = replace(self._workspace, account=account)
        self._workspace.set_environments((DEPLOYED_ENVIRONMENT,))
        again = learner_diagnostics(self._terraform.apply(), self._workspace)
        places = {(error.path, error.line, error.summary) for error in refused}
        return [error for error in again if (error.path, error.line, error.summary) not in places]

    def _client(self, service: str) -> object:
        return sessions.client(self._bench.account, service)

    def _drills(self, facts: Facts) -> DrillFacts:
        secret = the_secret(facts)
        if secret is None:
            return DrillFacts()
        self._phase("rotate")
        rotation, password = self._rotate(facts, secret)
        launch, trail = self._launch(facts, secret, password)
        return DrillFacts(rotation=rotation, launch=launch, audit=trail, probes=self._probes(facts, secret))

    def _rotate(self, facts: Facts, secret: SecretFacts) -> tuple[RotationFacts, str]:
        manager = self._client("secretsmanager")
        deployed = facts.deployed
        there = {without_indexes(v.address) for v in (deployed.versions if deployed else ())}
        versions = [v for v in versions_of_secret(facts) if v.config_address in there]
        rotation = run_rotation_drill(manager, self._terraform, self._workspace, secret, facts, versions)
        if rotation.facts.survived:
            return rotation.facts, rotation.password
        # What the apply did to the password is one thing; whether a task gets the current one is another.
        return rotation.facts, rotate(manager, secret)

    def _launch(self, facts: Facts, secret: SecretFacts, password: str) -> tuple[LaunchFacts | None, AuditFacts | None]:
        task = the_task(facts)
        if task is None or "ecs" not in facts.capabilities:
            return None, None
        self._phase("launch")
        account, trail = self._bench.account, "trail" in facts.capabilities
        before = reads_of(account, secret) if trail else None
        launch, report = run_launch(
            self._bench.engine,
            account,
            task.arn,
            variable=facts.lesson.password,
            password=password,
            sandbox=self._bench.toolchain.sandbox,
        )
        if before is None:
            return launch, None
        after = reads_of(account, secret)
        return launch, audit(before, after, session_key=report.session_access_key_id, account=account)

    def _probes(self, facts: Facts, secret: SecretFacts) -> tuple[Probe, ...] | None:
        role = execution_role(facts)
        if role is None or "iam" not in facts.capabilities:
            return None
        self._phase("probe")
        return run_probes(self._bench.account, role.arn, secret, its_key(facts))
