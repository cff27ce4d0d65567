"""What runs on a worker: three functions and a plugin, which Dask finds by name; plain bytes and text in, text out.

A worker needs nothing but this package (``dask worker tcp://… --nthreads N``): the caller brings the plugin along. Its threads are
its lanes; lanes, engine and whatever else it starts end with it, whatever kills it (:mod:`lab_env.processes`).
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from distributed import Reschedule, Worker, WorkerPlugin, get_worker

from graders.batch.backends.cluster.address import check_worker
from graders.batch.backends.cluster.backend import Backends
from graders.batch.backends.cluster.environment import difference, own_code
from graders.batch.backends.cluster.messages import TOPIC, Answer, Heard, Opening, Order
from graders.batch.run_config import RunConfig
from lab_env.errors import LabError
from lab_env.events import Notice, Phase
from lab_env.submission import SubmissionRef
from lab_env.submission.packing import unpack
from lab_env.text import one_line

PLUGIN = "secrets-lab"

# Below Dask's own name, so that it goes where the worker's log goes.
_LOG = logging.getLogger("distributed.secrets-lab")


class Desk(WorkerPlugin):
    """The worker's backends, from the first caller to the worker's end. It travels as its name alone."""

    name = PLUGIN
    idempotent = True

    def setup(self, worker: Worker) -> None:
        self.worker = worker
        self.backends = Backends(worker.state.nthreads, wanted=self._wanted, on_event=self._notice)

    def teardown(self, worker: Worker) -> None:
        self.backends.close()

    def opening(self, config: RunConfig) -> Opening:
        """What this worker's verdicts under these settings rest on; its engine runs and its lanes start meanwhile."""
        try:
            check_worker(_listens(self.worker), self.worker.scheduler.address)
            with self.backends.backend(config) as opened:
                return Opening(circumstances=opened.circumstances)
        except LabError as error:
            return Opening(trouble=error.message, next_step=error.next_step)

    def answer(self, packed: bytes, order: Order, key: str) -> Answer:
        """One submission's verdicts.

        :raises Reschedule: the backend was ended in the middle of it; somebody else is to grade it.
        """

        def tell(phase: Phase) -> None:
            self._say(Heard(worker=str(self.worker.name), key=key, phase=phase.name))

        submission = unpack(packed)
        try:
            check_worker(_listens(self.worker), self.worker.scheduler.address)
            with self.backends.backend(order.config, key) as opened:
                differs = difference(opened.circumstances, order.expected)
                if differs is not None:
                    return Answer(worker=self.worker.address, trouble=f"It came later and {differs}.")
                try:
                    graded = opened.backend.grade(SubmissionRef(submission.id, Path()), submission, tell, order.rules)
                except LabError:
                    if opened.ended:
                        raise Reschedule from None
                    raise
                if graded.result.score is None and opened.ended:
                    raise Reschedule
        except LabError as error:
            return Answer(worker=self.worker.address, trouble=str(error))
        return Answer(worker=self.worker.address, result=graded.result, evidence=graded.evidence)

    def _wanted(self, key: str) -> bool:
        # When nobody waits for a task under way, Dask cannot stop its thread: it calls the task cancelled, or forgets it.
        task = self.worker.state.tasks.get(key)
        return task is not None and task.state != "cancelled"

    def _notice(self, notice: Notice) -> None:
        _LOG.warning("%s", one_line(notice.text))  # it may quote a submission
        self._say(Heard(worker=str(self.worker.name), notice=notice.text))

    def _say(self, heard: Heard) -> None:
        self.worker.log_event(TOPIC, heard.model_dump_json())


def code() -> str:
    """What this worker would grade with: a :class:`~graders.batch.backends.cluster.environment.Code`."""
    return own_code().model_dump_json()


async def open_desk(config: str, dask_worker: Worker) -> str:
    """Have the backend opened, which may take long (an engine starts, a provider is downloaded): an ``Opening``."""
    desk = _desk(dask_worker)
    if desk is None:
        return Opening(trouble="Its plugin did not start.").model_dump_json()
    opening = await asyncio.to_thread(desk.opening, RunConfig.model_validate_json(config))
    return opening.model_dump_json()


def grade(packed: bytes, order: str) -> str:
    """Grade one submission, in one of the worker's threads: an ``Answer``."""
    worker = get_worker()
    desk = _desk(worker)
    if desk is None:
        return Answer(worker=worker.address, trouble="Its plugin did not start.").model_dump_json()
    return desk.answer(packed, Order.model_validate_json(order), str(worker.get_current_task())).model_dump_json()


def _desk(worker: Worker) -> Desk | None:
    found = worker.plugins.get(PLUGIN)
    return found if isinstance(found, Desk) else None


def _listens(worker: Worker) -> tuple[str, ...]:
    return tuple(listener.listen_address for listener in worker.listeners)
