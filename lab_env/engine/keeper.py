"""Keeps an engine for a long run: knows whether it is still the same one, and gets another when it is not.

An engine that dies and comes back has forgotten every account. A grading that was under way then sees an empty account where
its resources were, and would blame the learner for it. So a *sentinel* is left on the engine, and each grading asks for it
when it is done: with the sentinel gone, what was seen proves nothing.
"""

from __future__ import annotations

import contextlib
import secrets
import threading
from typing import NamedTuple

from lab_env.engine import Account, Engine, connect, fresh_account
from lab_env.engine.in_use import Use
from lab_env.engine.sessions import client
from lab_env.errors import EngineError
from lab_env.events import Notice, OnNotice

MAX_RESTARTS = 20
"""In one run. A submission that ends the engine is found out by its third time (:mod:`graders.batch.backends.local`)."""


class Sentinel(NamedTuple):
    """A secret in an account of its own, by which an engine is known again."""

    account: Account
    name: str

    def is_there(self) -> bool:
        """Whether the engine still knows it: if not, it has forgotten every account."""
        from botocore.exceptions import ClientError

        with contextlib.suppress(EngineError, ClientError):
            client(self.account, "secretsmanager").describe_secret(SecretId=self.name)
            return True
        return False


class EngineKeeper:
    """One engine for many threads, in use until it is lost or the keeper closed.

    :param spec: as :func:`lab_env.engine.connect` takes it.
    :param on_event: told when the engine had to be replaced.
    """

    def __init__(self, spec: str, on_event: OnNotice) -> None:
        self._spec = spec
        self._on_event = on_event
        self._lock = threading.Lock()
        self._engine: Engine | None = None
        self._sentinel: Sentinel | None = None
        self._use: Use | None = None
        self._lost = 0

    def current(self) -> Engine:
        """The engine, found or started when this is the first call or the last one was lost.

        :raises EngineError: there is none, or it was lost too often.
        """
        with self._lock:
            if self._engine is None:
                if self._lost > MAX_RESTARTS:
                    raise EngineError(
                        f"The engine {self._spec} was lost {self._lost} times in one run.",
                        next_step="Run `lab doctor`.",
                    )
                engine = connect(self._spec)
                self._use = Use(engine.endpoint)
                try:
                    self._sentinel = leave_sentinel(engine)
                except BaseException:
                    self._release()
                    raise
                self._engine = engine
            return self._engine

    def lost(self, engine: Engine) -> bool:
        """Whether ``engine`` is not the one any more that it was when :meth:`current` gave it."""
        with self._lock:
            if self._engine is not engine:
                return True
            if self._sentinel is not None and self._sentinel.is_there():
                return False
            self._engine = self._sentinel = None
            # Before we look for another one: what hangs is replaced only when nobody uses it, us included.
            self._release()
            self._lost += 1
        self._on_event(Notice("The engine was lost; whoever was on it is graded again."))
        return True

    def close(self) -> None:
        """The run is over: it uses the engine no more. Without the lock, under which somebody may still wait for an engine."""
        self._release()

    def _release(self) -> None:
        use, self._use = self._use, None
        if use is not None:
            use.end()


def leave_sentinel(engine: Engine) -> Sentinel:
    """A new sentinel on the engine."""
    account = fresh_account(engine)
    name = f"secrets-lab-sentinel-{secrets.token_hex(8)}"
    client(account, "secretsmanager").create_secret(Name=name, SecretString="here")
    return Sentinel(account, name)
