"""The cache: evidence by what it rests on, verdicts by that and the rubric. A file each, whole or not there.

Only what a second run would find again is kept: an ``error`` never is.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from graders.assignment import Rules
from graders.batch.identity import Identity
from graders.evidence.kept import KeptEvidence
from graders.model import Frozen, SubmissionResult, SubmissionStatus
from lab_env.engine import state
from lab_env.files import PRIVATE, PRIVATE_DIRECTORY, write_atomically

KEPT_DAYS = 90
"""Days after which what nobody has read is removed."""

_T = TypeVar("_T", bound=Frozen)


class KeptVerdict(Frozen):
    """A submission's result, its ``id`` left empty, and what the engine could do that it was found on."""

    capabilities: tuple[str, ...]
    result: SubmissionResult


class Cache:
    """:param directory: made when it is first written to; in the user's state directory when left out."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory or state.directory() / "evidence"

    def verdict(
        self, identity: Identity, digest: str, rules: Rules = Rules(), notes: Sequence[str] = ()
    ) -> KeptVerdict | None:
        """What this rubric said of a submission with this digest, by these rules.

        :param notes: what was remarked when it was read, as its result says it.
        """
        return self._read(_key(identity, digest, rules, notes), "verdict", KeptVerdict.model_validate_json)

    def evidence(self, identity: Identity, digest: str, rules: Rules = Rules()) -> KeptEvidence | None:
        """What was seen of a submission with this digest."""
        return self._read(identity.evidence_key(digest, rules), "evidence", KeptEvidence.model_validate_json)

    def store(
        self,
        identity: Identity,
        digest: str,
        result: SubmissionResult,
        evidence: KeptEvidence | None = None,
        capabilities: tuple[str, ...] = (),
        rules: Rules = Rules(),
        notes: Sequence[str] = (),
    ) -> None:
        """Keep a result and the evidence under it. A cache that cannot be written to costs time, never a mark."""
        if result.status not in (SubmissionStatus.GRADED, SubmissionStatus.REJECTED) or not digest:
            return
        verdict = KeptVerdict(capabilities=capabilities, result=result.model_copy(update={"id": ""}))
        with contextlib.suppress(OSError):
            self._write(_key(identity, digest, rules, notes), "verdict", verdict)
            if evidence is not None:
                self._write(identity.evidence_key(digest, rules), "evidence", evidence)

    def sweep(self) -> None:
        """Remove what nobody has read for :data:`KEPT_DAYS` days."""
        before = time.time() - KEPT_DAYS * 24 * 3600
        for path in self._directory.glob("*/*.json"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < before:
                    path.unlink()

    @property
    def directory(self) -> Path:
        """Where it lies; nothing else is in there."""
        return self._directory

    def _path(self, key: str, kind: str) -> Path:
        return self._directory / key[:2] / f"{key[2:]}.{kind}.json"

    def _read(self, key: str, kind: str, parse: Callable[[bytes], _T]) -> _T | None:
        """None when it is not there, was damaged, or is of another version's shape."""
        path = self._path(key, kind)
        try:
            digest, _, body = path.read_bytes().partition(b"\n")
            if hashlib.sha256(body).hexdigest().encode() != digest:
                return None
            found = parse(body)
            path.touch()
        except (OSError, ValueError):
            return None
        return found

    def _write(self, key: str, kind: str, value: Frozen) -> None:
        path = self._path(key, kind)
        for each in (self._directory, path.parent):  # mkdir gives its mode to the last one only
            each.mkdir(parents=True, exist_ok=True, mode=PRIVATE_DIRECTORY)
        body = value.model_dump_json().encode()
        write_atomically(path, hashlib.sha256(body).hexdigest().encode() + b"\n" + body, mode=PRIVATE)


def _key(identity: Identity, digest: str, rules: Rules, notes: Sequence[str]) -> str:
    """The notes name files as somebody handed them in, which in a bulk download begin with that person's name. So they are part
    of it: whoever has the same files has the same marks, and no note about anybody else."""
    key = identity.verdict_key(digest, rules)
    return hashlib.sha256(json.dumps([key, *notes]).encode()).hexdigest() if notes else key
