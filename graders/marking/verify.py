"""Proof of a mark: is what the results name still what is here, and are the results what the run wrote down?

Nothing is graded. Digests of the submissions, the rubric, the engine, Terraform, the provider and the policy are taken again and
compared; the run's ledger, where there is one, is followed line by line and its verdicts held against the results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from graders.assignment import Assignment, Rules, UnlistedError
from graders.batch.identity import NO_VERSION, Identity, versions_of
from graders.batch.ledger import Chain, read_chain
from graders.marking.policy import handed_in_nothing
from graders.model import Depth, Digests, Results, Status, SubmissionResult
from graders.rubric import Rubric, registry
from lab_env.engine import engine_identity
from lab_env.errors import LabError, UsageError
from lab_env.processes import shared_workers
from lab_env.submission import SubmissionRef, read_submission
from lab_env.terraform import find_toolchain


@dataclass(frozen=True)
class Comparison:
    """One thing compared.

    :param subject: ``submission``, ``rubric``, ``grader``, ``library``, ``terraform``, ``provider``, ``engine``, ``policy``,
        ``assignment``, ``result`` or ``ledger``.
    :param same: False: it is another one now; None: it could not be compared, and ``text`` says why.
    """

    subject: str
    same: bool | None
    text: str


@dataclass(frozen=True)
class Verification:
    findings: tuple[Comparison, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing that was compared is another one now."""
        return all(finding.same is not False for finding in self.findings)


def verify(
    results: Results,
    refs: Sequence[SubmissionRef] = (),
    *,
    ledger: Path | None = None,
    policy: Path | None = None,
    assignment: Assignment | None = None,
    rubric: Rubric | None = None,
) -> Verification:
    """Compare results with what is here now.

    :param refs: the submissions, to take their digests again; none: they are not compared.
    :param ledger: of the run that made the results; None: there is none to follow.
    :param policy: the policy file; None where there is none to compare with.
    :param assignment: the instructor's file that says what was asked for; None where there is none to compare with.
    :raises UsageError: the policy file or the ledger cannot be read.
    """
    own = Rules(packages=assignment.packages) if assignment is not None else Rules()
    requirements = rubric or registry(own)
    circumstances = (
        *_circumstances(results, requirements),
        _policy(results, policy),
        *_assignment(results, assignment),
    )
    chain = _read(ledger) if ledger is not None else None
    return Verification(
        (
            *circumstances,
            *_submissions(results, refs),
            *_results(results),
            *_ledger(
                results,
                chain,
                partial(_made_here, results=results, rubric=requirements, assignment=assignment),
                unchanged=all(finding.same for finding in circumstances),
            ),
        )
    )


def _circumstances(results: Results, rubric: Rubric) -> Iterator[Comparison]:
    yield _compared("rubric", results.rubric, rubric.label)
    then = results.versions
    toolchain, missing = None, ""
    if then.terraform:
        try:
            toolchain = find_toolchain()
        except LabError as error:
            missing = str(error)
    named = results.engine.name if results.engine is not None else ""
    try:
        pinned = engine_identity(named)
    except LabError as error:
        pinned, named = None, f"not installed: {error}"
    here = versions_of(toolchain, named if pinned else "", afresh=True)
    none = Digests(grader="", provider="", engine="")
    taken, now = then.digests or none, here.digests or none
    yield _compared("grader", then.grader, here.grader, taken.grader, now.grader)
    for name, was in then.libraries.items():
        if was != (found := here.libraries.get(name, NO_VERSION)):
            yield _compared("library", f"{name} {was}", f"{name} {found}")
    if missing:
        yield Comparison("terraform", None, f"not compared: {missing}")
        yield Comparison("provider", None, f"not compared: {missing}")
    else:
        yield _compared("terraform", then.terraform or "none", here.terraform or "none")
        provider = here.provider or "none"
        yield _compared("provider", then.provider or "none", provider, taken.provider, now.provider)
    if results.engine is None:
        yield Comparison("engine", True, "none was needed")
        return
    label = f"{results.engine.name} {results.engine.version}"
    if pinned is None:
        why = named if named.startswith("not installed") else "only the embedded engine is known by its version"
        yield Comparison("engine", None, f"{label}; not compared: {why}")
    else:
        yield _compared("engine", label, pinned, taken.engine, now.engine)


def _policy(results: Results, policy: Path | None) -> Comparison:
    if policy is None:
        if results.policy is None:
            return Comparison("policy", True, "none")
        return Comparison("policy", None, f"{results.policy.name}; not compared: name the file with --policy")
    from graders.marking.policy import read_policy

    return _compared("policy", results.policy.digest if results.policy else "none", read_policy(policy).digest)


def _assignment(results: Results, assignment: Assignment | None) -> Iterator[Comparison]:
    """Nothing where the standard lesson was asked for, and still is."""
    then = results.assignment
    if assignment is not None:
        yield _compared("assignment", then.digest if then is not None else "the standard lesson", assignment.digest)
    elif then is not None:
        yield Comparison("assignment", None, f"{then.name}; not compared: name the file with --assignment")


def _submissions(results: Results, refs: Sequence[SubmissionRef]) -> Iterator[Comparison]:
    if not refs:
        yield Comparison("submission", None, "not compared: name the submissions' paths")
        return
    here = {ref.id: ref for ref in refs}
    for one in results.submissions:
        ref = here.pop(one.id, None)
        if ref is None and handed_in_nothing(one):
            yield Comparison("submission", True, f"{one.id}: nothing was handed in, then as now")
            continue
        if ref is None:
            yield Comparison("submission", False, f"{one.id}: not at the paths")
            continue
        try:
            digest = read_submission(ref, shared_workers()).digest
        except (LabError, OSError) as error:
            # Results of what could not be read have no digest; then this is what they say.
            same = one.digest == ""
            yield Comparison("submission", same, f"{one.id}: cannot be read{' then as now' if same else ''}: {error}")
            continue
        found = _compared("submission", one.digest or "none, it could not be read", digest)
        yield Comparison("submission", found.same, f"{one.id}: {found.text}")
    for id in here:
        yield Comparison("submission", False, f"{id}: is at the paths, but not in the results")


def _results(results: Results) -> Iterator[Comparison]:
    """Whether each mark is what its own rows add up to; a policy's weights and adjustments are not done again here."""
    for one in results.submissions:
        if results.policy is not None or one.adjustments or one.status.value != "graded":
            continue
        counted = [row for row in one.requirements if row.status.value != "not_run"]
        total = sum(row.earned or 0 for row in counted)
        wrong = [
            row.id for row in one.requirements if (row.earned or 0) != (row.points if row.status.value == "pass" else 0)
        ]
        if wrong:
            yield Comparison("result", False, f"{one.id}: {', '.join(wrong)}: the points are not those of the status")
        if (one.score, one.max_score) != (total, sum(row.points for row in counted)):
            yield Comparison(
                "result", False, f"{one.id}: the score is {one.score}/{one.max_score}, its rows add up to {total}"
            )


def _ledger(
    results: Results, chain: Chain | None, made_here: Callable[[str, SubmissionResult], bool], *, unchanged: bool
) -> Iterator[Comparison]:
    if chain is None:
        yield Comparison("ledger", None, "none beside the results: whether they were edited cannot be told")
        return
    if chain.broken is not None:
        yield Comparison("ledger", False, f"the chain breaks at line {chain.broken}: it was changed, or cut off, there")
    else:
        end = "to its end" if chain.finished else "but the run has not ended"
        yield Comparison("ledger", chain.finished, f"{len(chain.entries)} entries, unbroken {end}")
    for one in results.submissions:
        entry = chain.entries.get(one.id)
        if entry is None:
            if one.score is not None and not (results.policy is not None and handed_in_nothing(one)):
                yield Comparison("ledger", False, f"{one.id}: its mark is not in the ledger")
            continue
        if _edited(one, entry.result, marks=results.policy is None):
            yield Comparison("result", False, f"{one.id}: is not what the run wrote into its ledger")
        if unchanged and entry.key and not made_here(entry.key, one):
            yield Comparison(
                "grader", False, f"{one.id}: the grader's code is not that of the run, under the same version"
            )


def _edited(one: SubmissionResult, written: SubmissionResult, *, marks: bool) -> bool:
    """Whether a result is not what the run wrote down; under a policy only the lines that both have count."""
    if marks:
        return _timeless(one) != _timeless(written)
    rows = {row.id: row for row in written.requirements}
    return one.digest != written.digest or any(
        row.status is not Status.NOT_RUN
        and (row.id not in rows or (row.observed, row.evidence) != (rows[row.id].observed, rows[row.id].evidence))
        for row in one.requirements
    )


def _timeless(one: SubmissionResult) -> SubmissionResult:
    rows = tuple(row.model_copy(update={"duration_ms": 0}) for row in one.requirements)
    return one.model_copy(update={"requirements": rows})


def _made_here(
    key: str, one: SubmissionResult, *, results: Results, rubric: Rubric, assignment: Assignment | None
) -> bool:
    """Whether this grader's own code would give a ledger's key; results that do not tell their depth are tried with each."""
    try:
        asked = assignment.rules(one.id) if assignment is not None else Rules()
    except UnlistedError:
        return False
    engine = results.engine
    pinned = f"{engine.name} {engine.version}" if engine is not None else None
    if engine is not None and engine_identity(engine.name) is None:
        pinned = engine.model_dump_json()
    return any(
        Identity(depth=depth, engine=pinned, versions=results.versions, rubric=rubric).verdict_key(one.digest, asked)
        == key
        for depth in ((results.depth,) if results.depth is not None else Depth)
    )


def _compared(subject: str, then: str, now: str, taken: str = "", found: str = "") -> Comparison:
    """A name and version beside what is here, and, where both are known, what it is by content.

    :param taken: the digest in the results; ``found`` the one that was taken now.
    """
    if then != now:
        return Comparison(subject, False, f"was {then}, is {now}")
    if taken and found and taken != found:
        return Comparison(subject, False, f"{now} by name, but was {taken}, is {found}")
    return Comparison(subject, True, now)


def _read(path: Path) -> Chain:
    try:
        return read_chain(path)
    except OSError as error:
        raise UsageError(
            f"The ledger {path} cannot be read: {error.strerror}.", next_step="Name another file."
        ) from error
