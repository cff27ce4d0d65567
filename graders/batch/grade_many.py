"""Many submissions: a thread for each that is graded at a time, results in path order, one never touching another.

What was graded before under the same circumstances is read back (cache), what a cut-off run has done already is kept (ledger),
and the rest goes to a backend (:mod:`graders.batch.backends`). Nothing is started that nobody needs: a class of unchanged
submissions needs neither an engine nor Terraform.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from graders import confined
from graders.assignment import Rules
from graders.batch.backends import Backend, BackendError
from graders.batch.backends.local import LocalBackend
from graders.batch.backends.processes import ReadingBackend
from graders.batch.cache import Cache
from graders.batch.events import Done, OnEvent
from graders.batch.identity import Identity, versions_of
from graders.batch.ledger import Entry, Ledger
from graders.batch.run_config import RunConfig
from graders.batch.threads import in_threads
from graders.evidence.kept import KeptEvidence, restore
from graders.gate import check
from graders.grade import Graded, OnPhase
from graders.model import Depth, EngineInfo, Results, SubmissionResult, Versions
from graders.rubric import Rubric, registry
from graders.verdicts import Examination, decide, refused
from lab_env import processes
from lab_env import terraform as terraforms
from lab_env.engine import engine_identity
from lab_env.errors import LabError
from lab_env.events import Phase, ignore
from lab_env.submission import Submission, SubmissionRef, read_submission
from lab_env.terraform import Toolchain, find_toolchain


def grade_many(  # noqa: PLR0913 - a run's parts, each of which has a default
    refs: Sequence[SubmissionRef],
    config: RunConfig = RunConfig(),
    *,
    rubric: Rubric | None = None,
    cache: Cache | None = None,
    ledger: Ledger | None = None,
    on_event: OnEvent = ignore,
    finish: Callable[[Results], Results] | None = None,
    rules: Callable[[str], Rules] | None = None,
) -> Results:
    """Grade every submission; the results come in the order of ``refs`` whatever finishes first.

    :param cache: another one than the user's, which ``config`` asks for.
    :param ledger: of a run that may be resumed; each result is on the disk before the next one is begun.
    :param on_event: called from several threads.
    :param finish: makes of the results what is returned, and puts it away, before the ledger's last line is written: when it
        raises, the run has not ended, and the same command resumes what the ledger holds.
    :param rules: what each submission is graded by, by its id; as ``config`` says when left out.
    :raises EngineError, TerraformError: there is no engine, Terraform or provider.

    >>> from pathlib import Path
    >>> refs = [SubmissionRef(name, Path("solutions", name)) for name in ("reference", "starter")]
    >>> [(one.id, one.score) for one in grade_many(refs, RunConfig(depth=Depth.STATIC)).submissions]
    [('reference', 10), ('starter', 0)]
    """
    requirements = rubric or registry(Rules(packages=config.packages))
    if cache is None and config.cache:
        cache = Cache()
        cache.sweep()
    with ExitStack() as stack:
        place = _place(refs, config, rubric, on_event, stack)
        backend = stack.enter_context(_Once(place.make))
        pinned = engine_identity(config.engine) if place.toolchain is not None else None
        if pinned is None and config.depth is not Depth.STATIC and refs:
            info = backend.get().engine  # an engine that has to be asked what it is
            pinned = info.model_dump_json() if info is not None else None
        identity = Identity(depth=config.depth, engine=pinned, versions=place.versions, rubric=requirements)
        judge = _judge if rubric is None else partial(_judge_here, rubric)
        run = _Run(identity, backend, judge, cache, ledger, on_event, rules or config.rules)
        graded = in_threads(run.one, refs, place.width, give_up=run.give_up, end=partial(_end, backend))
        engine = run.engine(graded)
    results = Results(
        rubric=requirements.label,
        created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        depth=config.depth,
        engine=engine,
        versions=place.versions,
        isolation=isolation(config.depth if refs else Depth.STATIC, place.sandbox),
        assignment=config.assignment.info if config.assignment is not None else None,
        submissions=tuple(entry.result for entry in graded),
    )
    if finish is not None:
        results = finish(results)
    if ledger is not None:
        ledger.finish()
    return results


@dataclass(frozen=True)
class _Place:
    """Where a run grades.

    :param make: makes the backend.
    :param width: submissions at a time.
    :param sandbox: the layers that stand around Terraform there.
    :param toolchain: this machine's; None when it needs none.
    """

    make: Callable[[], Backend]
    width: int
    versions: Versions
    sandbox: tuple[str, ...]
    toolchain: Toolchain | None = None


def _place(
    refs: Sequence[SubmissionRef], config: RunConfig, rubric: Rubric | None, on_event: OnEvent, stack: ExitStack
) -> _Place:
    """The workers of the cluster that is asked for, else this machine: its readers alone where files are all that is looked at."""
    if config.cluster is not None:
        from graders.batch.backends.cluster import connect_cluster

        workers = stack.enter_context(connect_cluster(config.cluster, config, on_event=on_event))
        width = max(1, min(len(refs), config.jobs or workers.width))
        return _Place(partial(_given, workers), width, workers.versions, workers.isolation)
    width = max(1, min(len(refs), config.jobs or default_jobs(plain=config.plain, depth=config.depth)))
    toolchain = None
    if config.depth is not Depth.STATIC and refs:
        toolchain = find_toolchain(sandbox=config.sandbox, on_event=on_event)
    make: Callable[[], Backend]
    if config.depth is Depth.STATIC and rubric is None:
        make = partial(ReadingBackend, processes.shared_workers())
    else:
        make = partial(
            LocalBackend,
            config,
            toolchain=toolchain,
            workers=processes.shared_workers(),
            width=width,
            rubric=rubric,
            on_event=on_event,
        )
    sandbox = toolchain.sandbox.layers if toolchain is not None else ()
    return _Place(make, width, versions_of(toolchain, config.engine), sandbox, toolchain)


class _Run:
    """What all threads of a run share."""

    def __init__(
        self,
        identity: Identity,
        backend: _Once,
        judge: Callable[[Submission, KeptEvidence, Rules], SubmissionResult],
        cache: Cache | None,
        ledger: Ledger | None,
        on_event: OnEvent,
        rules: Callable[[str], Rules],
    ) -> None:
        self._identity = identity
        self._backend = backend
        self._judge = judge
        self._cache = cache
        self._ledger = ledger
        self._on_event = on_event
        self._rules = rules
        self._given_up = threading.Event()

    def give_up(self) -> None:
        """Keep nothing from now on. Called before anything is killed: what is seen of a run that is being killed is no verdict."""
        self._given_up.set()

    def one(self, ref: SubmissionRef, slot: int) -> Entry:
        """One submission's entry: from the ledger, the cache, kept evidence, or graded now.

        Whatever a submission makes us raise is its own ``error``, and no reason to stop the others.
        """

        def tell(phase: Phase) -> None:
            self._require_going_on()
            self._on_event(replace(phase, slot=slot))

        evidence, rubric = None, self._identity.rubric
        try:
            rules = self._rules(ref.id)
            rubric = rubric.under(rules.lesson)
            submission = read_submission(ref, processes.shared_workers())
            found = self._kept(submission, rules)
            entry, evidence = (found, None) if found is not None else self._graded(ref, submission, tell, rules)
            if rules.variant is not None:
                result = entry.result.model_copy(update={"variant": rules.variant})
                entry = entry.model_copy(update={"result": result})
        except BackendError:
            raise  # nobody can grade any more: what is done is in the ledger, and the same command goes on
        except Exception as error:
            found, entry = None, Entry(key="", capabilities=(), result=self._refused(ref.id, error, rubric))
        self._require_going_on()
        if self._ledger is not None and entry.result.score is not None:
            self._ledger.append(entry)  # an error is no verdict: the next run looks again
        self._on_event(Done(entry.result, evidence, slot, kept=found is not None))
        return entry

    def engine(self, graded: Sequence[Entry]) -> EngineInfo | None:
        """The engine that the results were found on: the backend's, else the one of the run that is read back."""
        if self._backend.made is not None or self._identity.engine is None:
            return self._backend.made.engine if self._backend.made is not None else None
        name, _, engine_version = self._identity.engine.partition(" ")
        found = {entry.capabilities for entry in graded if entry.key}
        return EngineInfo(name=name, version=engine_version, capabilities=min(found, default=()))

    def _kept(self, submission: Submission, rules: Rules) -> Entry | None:
        """What is known of a submission already."""
        key = self._identity.verdict_key(submission.digest, rules)
        if self._ledger is not None and (entry := self._ledger.get(submission.id, key)) is not None:
            return entry
        if self._cache is None:
            return None
        verdict = self._cache.verdict(self._identity, submission.digest, rules, submission.notes)
        if verdict is None:
            return self._judged_again(submission, key, rules)
        result = verdict.result.model_copy(update={"id": submission.id})
        return Entry(key=key, capabilities=verdict.capabilities, result=result)

    def _judged_again(self, submission: Submission, key: str, rules: Rules) -> Entry | None:
        """New verdicts on kept evidence, as after a rubric edit; no Terraform command is run."""
        if self._cache is None:
            return None
        evidence = self._cache.evidence(self._identity, submission.digest, rules)
        if evidence is None:
            return None
        try:
            result = self._judge(submission, evidence, rules)
        except LabError:
            return None  # whoever grades it says what is wrong
        entry = Entry(key=key, capabilities=evidence.capabilities, result=result)
        self._store(entry, Graded(result), rules, submission.notes)
        return entry

    def _graded(
        self, ref: SubmissionRef, submission: Submission, tell: OnPhase, rules: Rules
    ) -> tuple[Entry, KeptEvidence | None]:
        backend = self._backend.get()
        try:
            graded = backend.grade(ref, submission, tell, rules)
        except BackendError:
            raise
        except LabError as error:
            rubric = self._identity.rubric.under(rules.lesson)
            graded = Graded(self._refused(ref.id, error, rubric, digest=submission.digest))
        self._require_going_on()
        entry = Entry(
            key=self._identity.verdict_key(submission.digest, rules),
            capabilities=backend.engine.capabilities if backend.engine is not None else (),
            result=graded.result,
        )
        self._store(entry, graded, rules, submission.notes)
        return entry, graded.evidence

    def _refused(self, id_: str, error: Exception, rubric: Rubric, *, digest: str = "") -> SubmissionResult:
        # An engine whose capabilities nobody knows beforehand was asked for them before the first submission.
        engine = self._backend.made.engine if self._backend.made is not None else None
        able = engine.capabilities if engine is not None else None
        return refused(id_, error, rubric, digest=digest, depth=self._identity.depth, capabilities=able)

    def _require_going_on(self) -> None:
        """:raises BackendError: the run was given up."""
        if self._given_up.is_set():
            raise BackendError("The run was given up.")

    def _store(self, entry: Entry, graded: Graded, rules: Rules, notes: Sequence[str]) -> None:
        if self._cache is not None:
            result = entry.result
            self._cache.store(self._identity, result.digest, result, graded.evidence, entry.capabilities, rules, notes)


class _Once:
    """The backend, made by the first who needs it; a context manager that ends it."""

    def __init__(self, make: Callable[[], Backend]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self.made: Backend | None = None

    def get(self) -> Backend:
        with self._lock:
            if self.made is None:
                self.made = self._make()
            return self.made

    def __enter__(self) -> _Once:
        return self

    def __exit__(self, *_: object) -> None:
        if self.made is not None:
            self.made.close()


def _given(backend: Backend) -> Backend:
    return backend


def _judge(submission: Submission, evidence: KeptEvidence, rules: Rules) -> SubmissionResult:
    return confined.judge(submission, evidence, processes.shared_workers(), rules)


def _judge_here(rubric: Rubric, submission: Submission, evidence: KeptEvidence, rules: Rules) -> SubmissionResult:
    """By a rubric of the caller's own, which is no data that a worker could be sent."""
    facts, normalise = restore(evidence, submission, check(submission))
    return decide(Examination(facts, normalise), rubric.under(rules.lesson))


def _end(backend: _Once) -> None:
    """End what the gradings of this process have started: lanes, readers, Terraform."""
    if backend.made is not None:
        backend.made.close()
    processes.shared_workers().close()
    processes.terminate_all(grace=0)


def default_jobs(*, plain: bool, depth: Depth = Depth.FULL) -> int:
    """Submissions at a time that this machine's cores and free memory carry."""
    if plain or depth is Depth.STATIC:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return terraforms.default_size()


def isolation(depth: Depth, sandbox: Sequence[str] = ()) -> tuple[str, ...]:
    """What stood between the submissions and this machine.

    :param sandbox: those around Terraform, which static depth does not start.
    """
    return ("gate",) if depth is Depth.STATIC else ("gate", "plan", *sandbox)
