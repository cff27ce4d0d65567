"""Quote a submission's files for a report, in a worker process: the report's own process never opens them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from graders.model import SubmissionResult
from graders.report.excerpts import Quote
from graders.report.sources import Citation, Quotes, places, quotes_at
from lab_env.errors import LabError
from lab_env.processes import WorkerPool
from lab_env.submission import SubmissionRef, load_submission

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def read_quotes(result: SubmissionResult, ref: SubmissionRef, workers: WorkerPool) -> Quotes:
    """What a report quotes of one submission; nothing when its files cannot be read any more."""
    wanted = places(result.requirements)
    if not wanted:
        return Quotes()
    order = _orders().dump_json((ref.id, str(ref.path.absolute()).encode("utf-8", "surrogateescape").hex(), wanted))
    try:
        return Quotes(dict(_answers().validate_json(workers.call(_quote, order))))
    except LabError:
        return Quotes()


def _quote(payload: bytes) -> bytes:
    id_, path, wanted = _orders().validate_json(payload)
    loaded = load_submission(Path(bytes.fromhex(path).decode("utf-8", "surrogateescape")), id=id_)
    paths = {path for path, _ in wanted}
    texts = {file.path: file.text for file in (*loaded.files, *loaded.ignored) if file.path in paths}
    return _answers().dump_json(tuple(quotes_at(wanted, texts).by_place.items()))


@cache
def _orders() -> TypeAdapter[tuple[str, str, tuple[Citation, ...]]]:
    from pydantic import TypeAdapter

    return TypeAdapter(tuple[str, str, tuple[Citation, ...]])


@cache
def _answers() -> TypeAdapter[tuple[tuple[Citation, Quote], ...]]:
    from pydantic import TypeAdapter

    return TypeAdapter(tuple[tuple[Citation, Quote], ...])
