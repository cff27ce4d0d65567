"""The caller's end of a cluster: connects, hands submissions to workers, and tells plainly when there is nobody to hand them to."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from graders.assignment import Rules
from graders.batch.backends.cluster.address import check_scheduler, checked_address, security_for
from graders.batch.backends.cluster.errors import ClusterError, LostSubmissionError
from graders.batch.backends.cluster.messages import TOPIC, Answer, Heard, Order
from graders.batch.run_config import RunConfig
from graders.grade import Graded, OnPhase
from lab_env.events import Notice, OnNotice, Phase, ignore
from lab_env.submission import Submission, SubmissionRef
from lab_env.submission.packing import pack

if TYPE_CHECKING:
    from distributed import Client, Future

    from graders.batch.backends.cluster.environment import Circumstances

SCHEDULER_S = 15.0
"""Seconds to reach the scheduler, and to reach it again when the connection was lost."""
WORKERS_S = 45.0
"""Seconds to wait for a worker when there is none: at the start, and when the last one was lost."""
_LOOK_S = 5.0
_ASKED_AGAIN = 3
"""How often a task is handed out again that Dask gave up, as it may when a worker was too busy to answer in time."""
_CANCELLED = (asyncio.CancelledError, concurrent.futures.CancelledError)


class Cluster:
    """Workers that grade as one backend. Made by :func:`connect_cluster`.

    :ivar width: submissions that all workers take at a time.
    :ivar engine: the engine of all workers; None at static depth.
    :ivar versions: grader, Terraform and provider of all workers.
    :ivar isolation: the layers of the sandbox that are there on every worker that was there at the start.
    """

    def __init__(
        self, client: Client, address: str, config: RunConfig, common: Circumstances, listener: _Listener
    ) -> None:
        self._client = client
        self._address = address
        self._order = Order(config=config, expected=common)
        self._listener = listener
        self._unfit: dict[str, str] = {}
        self.engine = common.engine
        self.versions = common.versions
        self.isolation = common.isolation
        self.width = sum(client.nthreads().values())

    def grade(self, ref: SubmissionRef, submission: Submission, on_event: OnPhase, rules: Rules = Rules()) -> Graded:
        """One submission's verdicts; called from several threads at a time. A worker that dies costs time, no verdict.

        :param on_event: also called from another thread.
        :raises LostSubmissionError: workers died of it, one after the other.
        :raises ClusterError: the scheduler or the last worker is gone, or no worker is fit to grade.
        """

        def tell(phase: str) -> None:
            on_event(Phase(ref.id, phase))

        packed, order = pack(submission), self._order.model_copy(update={"rules": rules}).model_dump_json()
        given_up = 0
        while True:
            try:
                answer = self._asked(packed, order, tell)
            except (ClusterError, LostSubmissionError):
                raise
            except _CANCELLED as error:
                given_up += 1
                if self._client.status != "running" or given_up > _ASKED_AGAIN:
                    raise self._failed(ref.id, error) from error
                continue
            except Exception as error:
                raise self._failed(ref.id, error) from error
            if answer is not None and answer.result is not None:
                return Graded(answer.result, answer.evidence)

    def close(self) -> None:
        """Leave the cluster: what waits is cancelled, what runs is ended by its worker. Safe to call twice."""
        self._client.close(timeout=_LOOK_S)

    def _asked(self, packed: bytes, order: str, tell: Callable[[str], None]) -> Answer | None:
        """A worker's answer; None when another one has to be asked."""
        from graders.batch.backends.cluster import worker

        key = f"grade-{uuid.uuid4().hex}"  # no student's name in Dask's logs and pages
        fit = self._fit()
        self._listener.phases[key] = tell
        tell("queued")
        try:
            only = sorted(fit) if self._unfit else None
            future = self._client.submit(worker.grade, packed, order, key=key, pure=False, workers=only)
            text = self._waited(future, only)
        finally:
            del self._listener.phases[key]
        if text is None:
            return None
        answer = Answer.model_validate_json(text)
        trouble = answer.trouble
        if trouble is not None and self._unfit.setdefault(answer.worker, trouble) is trouble:
            self._listener.on_event(Notice(f"The worker {answer.worker} is left out: {trouble}"))
        return answer

    def _waited(self, future: Future[str], only: list[str] | None) -> str | None:
        """The task's result; None when the workers that were to take it are gone and there are others."""
        alone_since: float | None = None
        while True:
            text = answer_within(future, _LOOK_S)
            if text is not None:
                return text
            fit = self._fit()
            if fit:
                alone_since = None
                if only is None or fit & set(only):
                    continue
            elif alone_since is None:
                alone_since = time.monotonic()
                continue
            elif time.monotonic() - alone_since < WORKERS_S:
                continue
            future.cancel()
            if fit:
                return None
            raise _no_workers(self._address)

    def _fit(self) -> set[str]:
        """The workers that are there and may grade.

        :raises ClusterError: all that are there may not.
        """
        there = set(self._client.nthreads())
        fit = there - set(self._unfit)
        if there and not fit:
            where = min(there)
            raise ClusterError(
                f"No worker is fit to grade; the worker {where}: {self._unfit[where]}",
                next_step="Mend it, or start another one.",
            )
        return fit

    def _failed(self, id: str, error: BaseException) -> ClusterError | LostSubmissionError:
        from distributed.comm.core import CommClosedError
        from distributed.scheduler import KilledWorker

        if isinstance(error, KilledWorker):
            return LostSubmissionError(
                f"{error.allowed_failures + 1} workers died, one after the other, while they graded {id}.",
                next_step="Look at their logs (was it memory?), and grade it without --cluster.",
            )
        cut_off = isinstance(error, (*_CANCELLED, CommClosedError))
        if cut_off or self._client.status != "running":
            return _connection_lost(self._address)
        return LostSubmissionError(
            f"A worker failed on {id}: {type(error).__name__}: {error}",
            next_step="Look at the workers' logs, and grade it without --cluster.",
        )


def answer_within(future: Future[str], seconds: float) -> str | None:
    """A task's result; None when it has not ended by then.

    :raises CancelledError: Dask gave the task up, or the connection was lost.
    :raises Exception: what the task raised, a ``TimeoutError`` among others.
    """
    try:
        try:
            return future.result(timeout=seconds)
        except TimeoutError:
            # Ours or the task's, and the task may have ended since: once it has, it is asked what really came of it.
            return future.result() if future.done() else None
    except UnboundLocalError:
        # So ends Dask's own wait for a cancelled task (distributed 2026.8, utils.sync): it expects no CancelledError.
        raise asyncio.CancelledError from None


class _Listener:
    """Passes on what workers tell while they work.

    :ivar phases: whom to tell the phases of a task, by its key.
    """

    def __init__(self, on_event: OnNotice) -> None:
        self.on_event = on_event
        self.phases: dict[str, Callable[[str], None]] = {}

    def hear(self, event: tuple[float, str]) -> None:
        heard = Heard.model_validate_json(event[1])
        if heard.notice is not None:
            self.on_event(Notice(f"{heard.worker}: {heard.notice}"))
        tell = self.phases.get(heard.key or "")
        if tell is not None and heard.phase is not None:
            tell(f"{heard.phase} on {heard.worker}")


@contextmanager
def connect_cluster(address: str, config: RunConfig, *, on_event: OnNotice = ignore) -> Iterator[Cluster]:
    """The workers of a Dask scheduler, ready to grade; they are left as they are at the block's end.

    :param address: ``tcp://HOST:PORT`` on loopback, or ``tls://HOST:PORT`` with the certificates of Dask's configuration.
    :param config: the engine in it is the one that each worker connects to, as it sees it; ``embedded`` is one of its own.
    :param on_event: told when a worker replaced something or is left out; called from other threads.
    :raises UsageError: the address is none of these.
    :raises ClusterError: Dask is not installed, there is no scheduler or no worker, or the workers would not all give the same
        verdicts as each other, by the same code as ours.
    """
    checked = checked_address(address)
    try:
        import dask
        import distributed
    except ImportError as error:
        raise ClusterError(
            f"Clusters run on Dask, which is not installed here ({error}).",
            next_step="Run `pip install 'secrets-lab[cluster]'` in this environment.",
        ) from None
    # A submission may be large, and travels once: Dask's advice to load data otherwise does not apply.
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}), _silent("distributed.client"):
        client = _connected(distributed.Client, checked)
        try:
            yield _ready(client, checked, config.for_worker(), _Listener(on_event))
        finally:
            client.close(timeout=_LOOK_S)


def _ready(client: Client, address: str, config: RunConfig, listener: _Listener) -> Cluster:
    """The cluster, when there are workers and all of them can grade by these settings.

    :raises ClusterError: there are none, they cannot, or the connection is lost meanwhile.
    """
    from graders.batch.backends.cluster.output import common_circumstances

    try:
        check_scheduler(address, client.scheduler_info()["address"])
        try:
            client.wait_for_workers(1, timeout=WORKERS_S)
        except TimeoutError:
            raise _no_workers(address) from None
        client.subscribe_topic(TOPIC, listener.hear)
        common = common_circumstances(client, config)
        if common is None:
            raise _no_workers(address)
        return Cluster(client, address, config, common, listener)
    except (OSError, asyncio.CancelledError) as error:
        raise _connection_lost(address) from error


@contextmanager
def _silent(name: str) -> Iterator[None]:
    """Keep a logger from printing tracebacks into the progress; what they are about is told as an error of ours."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _no_workers(address: str) -> ClusterError:
    return ClusterError(
        f"The scheduler {address} has no workers.",
        next_step=f"Start one with `dask worker {address} --host 127.0.0.1 --nthreads 4` (docs/cluster.md).",
    )


def _connection_lost(address: str) -> ClusterError:
    return ClusterError(
        f"The connection to the scheduler {address} was lost.",
        next_step="See whether it still runs, then give the same command again.",
    )


def _connected(connect: type[Client], address: str) -> Client:
    security = security_for(address)
    try:
        return connect(
            address,
            timeout=SCHEDULER_S,
            security=security,
            set_as_default=False,
            direct_to_workers=False,
            name="secrets-lab",
        )
    except OSError as error:
        raise ClusterError(
            f"There is no Dask scheduler at {address}: {error}.",
            next_step="Start one with `dask scheduler --host 127.0.0.1`, or check the address (docs/cluster.md).",
        ) from error
