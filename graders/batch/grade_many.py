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
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from graders import confined
from graders.batch.backends import Backend, BackendError, Graded
from graders.batch.backends.local import LocalBackend
from graders.batch.backends.processes import ReadingBackend
from graders.batch.cache import Cache
from graders.batch.identity import Identity, versions_of
from graders.batch.ledger import Entry, Ledger
from graders.batch.threads import in_threads
from graders.evidence.kept import KeptEvidence, restore
from graders.gate import check
from graders.model import Depth, EngineInfo, Results, SubmissionResult
from graders.rubric import Rubric, registry
from graders.verdicts import Examination, decide, refused
from lab_env import processes
from lab_env import terraform as terraforms
from lab_env.engine import engine_identity
from lab_env.errors import LabError
from lab_env.submission import Submission, SubmissionRef, read_submission
from lab_env.terraform import find_toolchain


@dataclass(frozen=True)
class GradingEvent:
    """What happens to one submission: a phase begins, or (``result``) it is done.

    :param slot: which of the places that grade at a time it has, from 0.
    :param kept: the result was read back, not found now.
    """

    id: str
    phase: str
    result: SubmissionResult | None = None
    slot: int = 0
    kept: bool = False


OnProgress = Callable[[GradingEvent], None]


def grade_many(
    refs: Sequence[SubmissionRef],
    *,
    engine_spec: str = "embedded",
    depth: Depth = Depth.FULL,
    jobs: int | None = None,
    plain: bool = False,
    cluster: str | None = None,
    rubric: Rubric | None = None,
    cache: Cache | None = None,
    ledger: Ledger | None = None,
    on_progress: OnProgress | None = None,
    on_examined: Callable[[Examination], None] | None = None,
    on_notice: Callable[[str], None] | None = None,
    on_results: Callable[[Results], None] | None = None,
) -> Results:
    """Grade every submission; the results come in the order of ``refs`` whatever finishes first.

    :param jobs: submissions at a time; from cores and free memory when left out.
    :param plain: Terraform's plain path, without warm lanes.
    :param cluster: a Dask scheduler's address, whose workers grade; None: this machine.
    :param cache: where unchanged submissions are read back from and new evidence is kept; None: everything is graded.
    :param ledger: of a run that may be gone on with; each result is on the disk before the next one is begun.
    :param on_progress: called from several threads.
    :param on_examined: given each submission's evidence that was gathered now; not on a cluster.
    :param on_results: given the results before the ledger's last line is written: when they cannot be put away, the run has
        not ended, and the same command resumes what the ledger holds.
    :raises EngineError, TerraformError: there is no engine, Terraform or provider.

    >>> from pathlib import Path
    >>> refs = [SubmissionRef(name, Path("solutions", name)) for name in ("reference", "starter")]
    >>> [(one.id, one.score) for one in grade_many(refs, depth=Depth.STATIC).submissions]
    [('reference', 10), ('starter', 0)]
    """
    rules = rubric or registry()
    notice = on_notice or (lambda text: None)
    toolchain = find_toolchain() if depth is not Depth.STATIC and refs and cluster is None else None
    width = max(1, min(len(refs), jobs or default_jobs(plain=plain, depth=depth)))
    with ExitStack() as stack:
        make: Callable[[], Backend]
        around: tuple[str, ...]
        if cluster is not None:
            from graders.batch.backends.cluster import connect_cluster

            connected = connect_cluster(cluster, engine_spec=engine_spec, depth=depth, plain=plain, on_notice=notice)
            workers = stack.enter_context(connected)
            width, versions = max(1, min(len(refs), jobs or workers.width)), workers.versions
            around = workers.isolation
            make = partial(_given, workers)
        else:
            versions = versions_of(toolchain, engine_spec)
            around = toolchain.sandbox.layers if toolchain is not None else ()
            if depth is Depth.STATIC and not (rubric or on_examined):
                make = partial(ReadingBackend, processes.shared_workers())
            else:
                make = partial(
                    LocalBackend,
                    engine_spec=engine_spec,
                    depth=depth,
                    toolchain=toolchain,
                    width=width,
                    plain=plain,
                    rubric=rubric,
                    workers=processes.shared_workers(),
                    on_notice=notice,
                    on_examined=on_examined,
                )
        backend = stack.enter_context(_Once(make))
        pinned = engine_identity(engine_spec) if toolchain is not None else None
        if pinned is None and depth is not Depth.STATIC and refs:
            info = backend.get().engine  # an engine that has to be asked what it is
            pinned = info.model_dump_json() if info is not None else None
        identity = Identity(depth=depth, engine=pinned, versions=versions, rubric=rules)
        judge = _judge if rubric is None else partial(_judge_here, rubric)
        run = _Run(identity, backend, judge, cache, ledger, on_progress or (lambda progress: None))
        graded = in_threads(run.one, refs, width, give_up=run.give_up, end=partial(_end, backend))
        engine = run.engine(graded)
    results = Results(
        rubric=rules.label,
        created=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        depth=depth,
        engine=engine,
        versions=versions,
        isolation=isolation(depth if refs else Depth.STATIC, around),
        submissions=tuple(entry.result for entry in graded),
    )
    if on_results is not None:
        on_results(results)
    if ledger is not None:
        ledger.finish()
    return results


class _Run:
    """What all threads of a run share."""

    def __init__(
        self,
        identity: Identity,
        backend: _Once,
        judge: Callable[[Submission, KeptEvidence], SubmissionResult],
        cache: Cache | None,
        ledger: Ledger | None,
        tell: OnProgress,
    ) -> None:
        self._identity = identity
        self._backend = backend
        self._judge = judge
        self._cache = cache
        self._ledger = ledger
        self._tell = tell
        self._given_up = threading.Event()

    def give_up(self) -> None:
        """Keep nothing from now on. Called before anything is killed: what is seen of a run that is being killed is no verdict."""
        self._given_up.set()

    def one(self, ref: SubmissionRef, slot: int) -> Entry:
        """One submission's entry: from the ledger, the cache, kept evidence, or graded now.

        Whatever a submission makes us raise is its own ``error``, and no reason to stop the others.
        """

        def phase(name: str) -> None:
            self._require_going_on()
            self._tell(GradingEvent(ref.id, name, slot=slot))

        try:
            entry, kept = self._entry(ref, phase)
        except BackendError:
            raise  # nobody can grade any more: what is done is in the ledger, and the same command goes on
        except Exception as error:
            entry, kept = Entry(key="", capabilities=(), result=refused(ref.id, error, self._identity.rubric)), False
        self._require_going_on()
        if self._ledger is not None and entry.result.score is not None:
            self._ledger.append(entry)  # an error is no verdict: the next run looks again
        self._tell(GradingEvent(ref.id, "done", entry.result, slot, kept))
        return entry

    def _entry(self, ref: SubmissionRef, phase: Callable[[str], None]) -> tuple[Entry, bool]:
        """The entry, and whether it was read back."""
        submission = read_submission(ref, processes.shared_workers())
        found = self._kept(submission)
        return found or self._graded(ref, submission, phase), found is not None

    def engine(self, graded: Sequence[Entry]) -> EngineInfo | None:
        """The engine that the results were found on: the backend's, else the one of the run that is read back."""
        if self._backend.made is not None or self._identity.engine is None:
            return self._backend.made.engine if self._backend.made is not None else None
        name, _, engine_version = self._identity.engine.partition(" ")
        found = {entry.capabilities for entry in graded if entry.key}
        return EngineInfo(name=name, version=engine_version, capabilities=min(found, default=()))

    def _kept(self, submission: Submission) -> Entry | None:
        """What is known of a submission already."""
        key = self._identity.verdict_key(submission.digest)
        if self._ledger is not None and (entry := self._ledger.get(submission.id, key)) is not None:
            return entry
        if self._cache is None:
            return None
        verdict = self._cache.verdict(self._identity, submission.digest)
        if verdict is None:
            return self._judged_again(submission, key)
        result = verdict.result.model_copy(update={"id": submission.id})
        return Entry(key=key, capabilities=verdict.capabilities, result=result)

    def _judged_again(self, submission: Submission, key: str) -> Entry | None:
        """New verdicts on kept evidence, as after a rubric edit; no Terraform command is run."""
        evidence = self._cache.evidence(self._identity, submission.digest) if self._cache is not None else None
        if evidence is None:
            return None
        try:
            result = self._judge(submission, evidence)
        except LabError:
            return None  # whoever grades it says what is wrong
        entry = Entry(key=key, capabilities=evidence.capabilities, result=result)
        self._store(entry, Graded(result))
        return entry

    def _graded(self, ref: SubmissionRef, submission: Submission, phase: Callable[[str], None]) -> Entry:
        backend = self._backend.get()
        try:
            graded = backend.grade(ref, submission, phase)
        except BackendError:
            raise
        except LabError as error:
            graded = Graded(refused(ref.id, error, self._identity.rubric, digest=submission.digest))
        self._require_going_on()
        entry = Entry(
            key=self._identity.verdict_key(submission.digest),
            capabilities=backend.engine.capabilities if backend.engine is not None else (),
            result=graded.result,
        )
        self._store(entry, graded)
        return entry

    def _require_going_on(self) -> None:
        """:raises BackendError: the run was given up."""
        if self._given_up.is_set():
            raise BackendError("The run was given up.")

    def _store(self, entry: Entry, graded: Graded) -> None:
        if self._cache is not None:
            self._cache.store(self._identity, entry.result, graded.evidence, entry.capabilities)


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


def _judge(submission: Submission, evidence: KeptEvidence) -> SubmissionResult:
    return confined.judge(submission, evidence, processes.shared_workers())


def _judge_here(rubric: Rubric, submission: Submission, evidence: KeptEvidence) -> SubmissionResult:
    """By a rubric of the caller's own, which is no data that a worker could be sent."""
    facts, normalise = restore(evidence, submission, check(submission))
    return decide(Examination(facts, normalise), rubric)


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
