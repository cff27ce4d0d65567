"""Every requirement bites: on submissions that were really deployed and drilled, a check that always says yes is caught
by a mistake that it must fail, and a check that always says no is caught by the reference.

The corpus is graded once; the mutated rubrics are judged on the kept evidence, without Terraform.
"""

from __future__ import annotations

import json
import threading
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from graders.batch.events import Done, Event
from graders.batch.run_config import RunConfig
from graders.evidence.drills import AuditFacts, DrillFacts
from graders.evidence.facts import Facts
from graders.evidence.kept import KeptEvidence, restore
from graders.evidence.launch_drill import audit, reads_of, run_launch
from graders.evidence.subject import the_secret, the_task
from graders.gate import check
from graders.model import Depth, Evidence, Outcome, Results, Status, SubmissionResult
from graders.quality import self_test
from graders.rubric import Rubric, registry
from graders.rubric.requirement import Check, failed, passed
from graders.verdicts import Examination, decide
from lab_env.engine import Account, Engine, sessions
from lab_env.engine.probe import assume
from lab_env.submission import load_submission
from lab_env.terraform import Toolchain
from solutions.corpus import HERE as CORPUS
from solutions.corpus import Case, load_corpus, materialise

pytestmark = [pytest.mark.engine, pytest.mark.terraform, pytest.mark.longest]

IDS = tuple(requirement.id for requirement in registry().requirements)
NO_MODULE_FAILS_IT = {"runtime.audit"}
"""A second reader in the launch's window is an event in the account, not a property of a module: made below, for real."""

SAMPLE = (
    "reference",
    "starter",
    "valid-missing-argument",
    "valid-missing-brace",
    "gate-provider-block",
    "environment-changes-image",
    "key-disabled",
    "rotation-off",
    "rotation-on-the-spare-key",
    "deletion-window-of-30-days",
    "key-without-managed-by",
    "alias-on-the-spare-key",
    "hard-coded-alias",
    "secret-name-shortened",
    "secret-under-the-default-key",
    "recovery-window-not-set",
    "secret-without-tags",
    "placeholder-not-json",
    "placeholder-word-inside-a-password",
    "password-in-base64",
    "output-of-the-password",
    "ignore-changes-missing",
    "replaced-with-every-apply",
    "live-value-as-an-output",
    "live-value-read-and-not-used",
    "valuefrom-one-colon-short",
    "no-secrets-in-the-container",
    "password-in-environment",
    "trust-ec2-too",
    "trust-ec2-only",
    "read-right-missing",
    "decrypt-right-missing",
    "reads-every-secret",
    "task-role-reads-too",
)


@dataclass(frozen=True)
class Graded:
    """A graded part of the corpus with its evidence kept.

    :param results: as the real rubric judged it.
    """

    cases: tuple[Case, ...]
    examinations: dict[str, Examination]
    results: Results

    def judged(self, rubric: Rubric, cases: tuple[Case, ...]) -> tuple[self_test.Verdict, ...]:
        """The comparison with the corpus when this rubric judges the kept evidence on these cases."""
        again = tuple(decide(self.examinations[case.name], rubric) for case in cases)
        return self_test.judge_cases(cases, self.results.model_copy(update={"submissions": again}))


@pytest.fixture(scope="session", params=["sample", pytest.param("corpus", marks=pytest.mark.full)])
def graded(
    request: pytest.FixtureRequest, engine: Engine, toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory
) -> Graded:
    """The sample, or (``full``) the whole corpus, graded with the real engine, Terraform and provider."""
    corpus = load_corpus()
    names = SAMPLE if request.param == "sample" else tuple(c.name for c in corpus if c.kind != "hostile")
    kept: dict[str, KeptEvidence] = {}
    lock = threading.Lock()

    def keep(event: Event) -> None:
        if isinstance(event, Done) and event.evidence is not None:
            with lock:
                kept[event.result.id] = event.evidence

    tested = self_test.run(RunConfig(jobs=8), only=names, on_event=keep)
    cases = tuple(corpus[name] for name in names)
    missing = [v for v in tested.verdicts if v.case.name not in kept]
    assert not missing, f"no evidence on {[(v.case.name, v.result.reason) for v in missing]}"
    examinations = {}
    for case in cases:
        place = materialise(case, tmp_path_factory.mktemp("teeth"))
        submission = load_submission(place, id=case.name)
        examinations[case.name] = Examination(*restore(kept[case.name], submission, check(submission)))
    return Graded(cases, examinations, tested.results)


_SEEN = (Evidence(kind="hcl", detail="a mutant saw nothing"),)


def always_passes(facts: Facts) -> Outcome:
    """A check that looks at nothing and says yes."""
    return passed("anything", "anything", "Always yes.", _SEEN)


def always_fails(facts: Facts) -> Outcome:
    """A check that looks at nothing and says no."""
    return failed("anything", "nothing", "Always no.", _SEEN)


def mutated(id: str, check: Check) -> Rubric:
    """The rubric with another check for one requirement."""
    rubric = registry()
    return replace(
        rubric, requirements=tuple(replace(r, check=check) if r.id == id else r for r in rubric.requirements)
    )


def said(verdicts: tuple[self_test.Verdict, ...], text: str) -> list[str]:
    return [v.case.name for v in verdicts if any(d.startswith(text) for d in v.disagreements)]


def test_corpus_is_as_committed(graded: Graded) -> None:
    """Does the real rubric give every case of the sample the verdict that was committed before the check was run?"""
    wrong = {v.case.name: v.disagreements for v in self_test.judge_cases(graded.cases, graded.results) if not v.ok}
    assert wrong == {}


def test_kept_evidence_gives_the_same_verdicts(graded: Graded) -> None:
    """Does judging kept evidence again give the rows of the grading itself, but for how long a check took?"""

    again = [v.result for v in graded.judged(registry(), graded.cases)]
    assert [_timeless(r) for r in again] == [_timeless(r) for r in graded.results.submissions]


def _timeless(result: SubmissionResult) -> SubmissionResult:
    rows = tuple(row.model_copy(update={"duration_ms": 0}) for row in result.requirements)
    return result.model_copy(update={"requirements": rows})


@pytest.mark.parametrize("id", sorted(set(IDS) - NO_MODULE_FAILS_IT, key=IDS.index))
def test_always_pass_is_caught(graded: Graded, id: str) -> None:
    """Does every mistake that must fail the requirement go red when its check always passes, a deployed one among them?"""
    cases = tuple(case for case in graded.cases if id in case.fail)
    assert cases
    if id != "module.valid":  # what is not valid is never deployed
        facts = [graded.examinations[case.name].facts for case in cases]
        # What AWS refuses is deployed all the same, and the apply's errors say so.
        deployed = [f for f in facts if f.deployed is not None and all(error.refused for error in f.deployed.errors)]
        assert any(f.drills is not None for f in deployed)
    caught = said(graded.judged(mutated(id, always_passes), cases), f"{id} is pass, expected fail")
    assert caught == [case.name for case in cases]


@pytest.mark.parametrize("id", IDS)
def test_always_fail_is_caught(graded: Graded, id: str) -> None:
    """Does the deployed and drilled reference go red when the requirement's check always fails?"""
    cases = tuple(case for case in graded.cases if case.name == "reference")
    verdicts = graded.judged(mutated(id, always_fails), cases)
    assert said(verdicts, f"{id} is fail, expected pass") == ["reference"]


def test_always_pass_of_audit_is_caught(graded: Graded, second_reader: Facts) -> None:
    """Is a second session that really read the secret in the launch's window a fail, and a pass only for a blind check?"""
    examination = Examination(second_reader, graded.examinations["reference"].normalise)
    honest = {r.id: r for r in decide(examination, registry()).requirements}
    assert honest["runtime.audit"].status is Status.FAIL
    assert honest["runtime.audit"].observed == "another identity read the secret"
    assert {r.status for id, r in honest.items() if id != "runtime.audit"} == {Status.PASS}
    blind = {r.id: r for r in decide(examination, mutated("runtime.audit", always_passes)).requirements}
    assert blind["runtime.audit"].status is Status.PASS


@pytest.fixture(scope="session")
def second_reader(graded: Graded, engine: Engine, toolchain: Toolchain) -> Facts:
    """The reference's facts after another launch, in whose window another role's session read the secret too."""
    facts = graded.examinations["reference"].facts
    secret, task, drills = the_secret(facts), the_task(facts), facts.drills
    assert secret is not None
    assert task is not None
    assert drills is not None
    assert facts.deployed is not None
    assert drills.audit == AuditFacts(session_reads=1, other_reads=())
    account = Account(facts.deployed.account, engine.endpoint)
    current = sessions.client(account, "secretsmanager").get_secret_value(SecretId=secret.arn)["SecretString"]
    intruder = sessions.client(account, "secretsmanager", credentials=assume(account, _other_role(account), "curious"))

    before = reads_of(account, secret)
    password = json.loads(current)["password"]
    variable = facts.lesson.password
    launched, report = run_launch(
        engine, account, task.arn, password=password, variable=variable, sandbox=toolchain.sandbox
    )
    assert launched.error is None
    assert launched.sees_rotated
    intruder.get_secret_value(SecretId=secret.arn)
    after = reads_of(account, secret)

    seen = audit(before, after, session_key=report.session_access_key_id, account=account)
    assert seen == AuditFacts(session_reads=1, other_reads=("another session",))
    return replace(facts, drills=DrillFacts(**{**dict(drills), "launch": launched, "audit": seen}))


def _other_role(account: Account) -> str:
    """A role that may read every secret, as somebody outside the module might have it."""
    iam = sessions.client(account, "iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    right = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}
    arn = iam.create_role(RoleName="curious", AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="curious", PolicyName="read", PolicyDocument=_policy(right))
    return str(arn)


def _policy(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize("names", [pytest.param(SAMPLE, id="sample")])
def test_sample_covers_every_requirement(names: tuple[str, ...]) -> None:
    """Has every requirement that a module can fail at least one mistake in the sample, and is the sample small?"""
    corpus = load_corpus()
    covered = {id for name in names for id in corpus[name].fail}
    assert covered == set(IDS) - NO_MODULE_FAILS_IT
    assert len(names) <= 40


def test_messages_name_the_place(graded: Graded) -> None:
    """Does the evidence of every mistake name the file and the line that a teacher would point at?"""
    places = tomllib.loads((CORPUS / "mistakes" / "places.toml").read_text(encoding="utf-8"))
    missed = []
    for case, result in zip(graded.cases, graded.results.submissions, strict=True):
        if (place := places.get(case.name)) is None:
            continue
        text = graded.examinations[case.name].facts.submission
        file = text.file(place["path"]) or next(f for f in text.ignored if f.path == place["path"])
        wanted = next(n for n, line in enumerate(file.text.splitlines(), start=1) if place["text"] in line)
        failing = [row for row in result.requirements if row.id in case.fail]
        if not any(
            e.path == place["path"] and e.line is not None and e.line <= wanted <= (e.end_line or e.line)
            for row in failing
            for e in row.evidence
        ):
            missed.append(f"{case.name}: {place['path']}:{wanted} ({place['text']})")
    assert missed == []


def test_depths_do_not_contradict(graded: Graded) -> None:
    """Is a line that a shallower look fails never passed by a deeper one?"""
    rubric = registry()
    contradictions = []
    for case, result in zip(graded.cases, graded.results.submissions, strict=True):
        examined = graded.examinations[case.name]
        full = {row.id: row.status for row in result.requirements}
        for depth in (Depth.STATIC, Depth.PLAN):
            plan = examined.facts.plan if depth is Depth.PLAN else None
            facts = replace(examined.facts, depth=depth, plan=plan, deployed=None, drills=None)
            for row in decide(replace(examined, facts=facts), rubric).requirements:
                if row.status is Status.FAIL and full[row.id] is Status.PASS:
                    contradictions.append(f"{case.name}: {row.id} fails at {depth}: {row.observed}")
    assert contradictions == []
