"""The rubric against its own corpus: reference and alternatives full marks, the starter none, every mistake as committed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from graders.batch.events import OnEvent
from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import Results, Status, SubmissionResult
from graders.rubric import registry
from lab_env.errors import UsageError
from lab_env.events import ignore
from lab_env.submission import SubmissionRef
from lab_env.temporary import temporary_directory
from solutions.corpus import Case, load_corpus, materialise


@dataclass(frozen=True)
class Verdict:
    """One case: what was found otherwise than committed (nothing, when it agrees)."""

    case: Case
    result: SubmissionResult
    disagreements: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.disagreements

    @property
    def beyond(self) -> int | float:
        """Points that a mistake loses, ``fail`` or ``blocked``, on lines that are not its own.

        Where the module is not valid nothing can be looked at, so nothing is counted.
        """
        if self.case.kind != "mistake" or "module.valid" in self.case.fail:
            return 0
        lost = (Status.FAIL, Status.BLOCKED)
        return sum(r.points for r in self.result.requirements if r.status in lost and r.id not in self.case.fail)


@dataclass(frozen=True)
class SelfTest:
    verdicts: tuple[Verdict, ...]
    results: Results

    @property
    def ok(self) -> bool:
        return all(verdict.ok for verdict in self.verdicts)

    @property
    def beyond(self) -> int | float:
        """Points that all mistakes together lose on lines that are not their own."""
        return sum(verdict.beyond for verdict in self.verdicts)


def run(config: RunConfig = RunConfig(), *, only: Collection[str] = (), on_event: OnEvent = ignore) -> SelfTest:
    """Grade the corpus (or the cases named in ``only``) and compare it with what the cases say.

    :raises UsageError: there is no case of a name in ``only``.
    :raises RubricError: a case is not well formed, or names an unknown id.
    """
    corpus = load_corpus()
    for name in only:
        if name not in {case.name for case in corpus}:
            raise UsageError(
                f"The corpus has no case named {name}.", next_step="Look into solutions/ for the names there are."
            )
    rubric = registry()
    corpus.check_ids([r.id for r in rubric.requirements])
    cases = [corpus[name] for name in only] if only else [c for c in corpus if c.kind != "hostile"]
    with temporary_directory("corpus") as directory:
        refs = [SubmissionRef(case.name, materialise(case, directory)) for case in cases]
        results = grade_many(refs, config, on_event=on_event)
    return SelfTest(judge_cases(cases, results), results)


def judge_cases(cases: Sequence[Case], results: Results) -> tuple[Verdict, ...]:
    """Each case beside its result; requirements that the engine or depth did not show may be ``not_run``."""
    verdicts = []
    for case, result in zip(cases, results.submissions, strict=True):
        verdicts.append(Verdict(case, result, _disagreements(case, result, _unseen(results))))
    return tuple(verdicts)


def _unseen(results: Results) -> frozenset[str]:
    """Ids that no submission of the run could show: the depth did not ask for them, or the engine has no such thing."""
    ids = [row.id for row in results.submissions[0].requirements] if results.submissions else []
    shown = {r.id for s in results.submissions for r in s.requirements if r.status is not Status.NOT_RUN}
    return frozenset(ids) - shown


def _disagreements(case: Case, result: SubmissionResult, unseen: frozenset[str]) -> tuple[str, ...]:
    said = list(case.disagreements({r.id: r.status.value for r in result.requirements}, unseen=unseen))
    if result.status.value != case.status:
        said.insert(0, f"status is {result.status} ({result.reason}), expected {case.status}")
    if case.kind in ("reference", "alternative") and result.score != result.max_score:
        said.append(f"score is {result.score}, expected {result.max_score}")
    if case.kind == "starter" and result.score != 0:
        said.append(f"score is {result.score}, expected 0")
    return tuple(said)
