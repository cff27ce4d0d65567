"""Holds all workers of a cluster to one standard before anything is graded: the caller's code, one engine, one Terraform."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from graders.batch.backends.cluster import worker
from graders.batch.backends.cluster.environment import (
    Circumstances,
    Code,
    code_difference,
    difference,
    own_code,
)
from graders.batch.backends.cluster.errors import ClusterError
from graders.batch.backends.cluster.messages import Opening
from graders.batch.run_config import RunConfig

if TYPE_CHECKING:
    from distributed import Client

_LACKING = ("ModuleNotFoundError", "ImportError", "AttributeError")


def common_circumstances(client: Client, config: RunConfig) -> Circumstances | None:
    """What the verdicts of all workers rest on; None when there are no workers.

    Each worker has its engine running and its lanes starting afterwards.

    :raises ClusterError: a worker has other code than ours, another engine or version than the others, or cannot grade.
    """
    own, whole = own_code(), own_code(config.packages)
    for where, text in _each(client, worker.code):
        differs = code_difference(Code.model_validate_json(text), own)
        if differs is not None:
            raise ClusterError(
                f"{where} {differs}.", next_step="Install the same secrets-lab on both, and start the worker again."
            )
    client.register_plugin(worker.Desk())
    first: Circumstances | None = None
    for where, text in _each(client, worker.open_desk, config.model_dump_json()):
        opening = Opening.model_validate_json(text)
        if opening.circumstances is None:
            raise ClusterError(
                f"{where} cannot grade: {opening.trouble}", next_step=opening.next_step or "Stop that worker."
            )
        its = opening.circumstances
        differs = code_difference(its.code, whole)
        if differs is not None:
            raise ClusterError(
                f"{where} {differs}.", next_step="Install the same packages on both, and start the worker again."
            )
        isolation = tuple(layer for layer in (first or its).isolation if layer in its.isolation)
        first = (first or its).model_copy(update={"isolation": isolation})
        differs = difference(its, first)
        if differs is not None:
            raise ClusterError(
                f"{where} is not like the others: it {differs}.", next_step="Give all workers the same, or stop one."
            )
    return first


def _each(client: Client, function: Callable[..., Any], *arguments: str) -> Iterator[tuple[str, str]]:
    """What each worker answers to a call, by the worker's name, in the order of their addresses."""
    answers = client.run(function, *arguments, on_error="return")
    known = client.scheduler_info()["workers"]
    for address, answer in sorted(answers.items()):
        name = str(known[address]["name"]) if address in known else address
        where = f"The worker {name}" if name == address else f"The worker {name} ({address})"
        # What cannot be pickled arrives as an Exception that holds the first one's text.
        kind = str(answer).partition("(")[0] if type(answer) is Exception else type(answer).__name__
        if kind in _LACKING:
            raise ClusterError(
                f"{where} does not have this version of secrets-lab: {answer}.",
                next_step="Install the same secrets-lab[cluster] there, and start the worker again.",
            )
        if not isinstance(answer, str):
            raise ClusterError(f"{where} gave no answer: {answer}", next_step="Look at its log, then try again.")
        yield where, answer
