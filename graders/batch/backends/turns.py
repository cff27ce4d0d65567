"""Turns on one engine: many at a time, or one alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Who is suspected of ending the engine is graded alone, so that it is known whose doing it is, and nobody else pays for it."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._together = 0
        self._alone = False
        self._wanted_alone = 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """With others. Who waits for a turn alone goes first."""
        with self._changed:
            self._changed.wait_for(lambda: not self._alone and not self._wanted_alone)
            self._together += 1
        try:
            yield
        finally:
            with self._changed:
                self._together -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """When all who are at it have ended, and before anybody else begins."""
        with self._changed:
            self._wanted_alone += 1
            try:
                self._changed.wait_for(lambda: not self._alone and not self._together)
                self._alone = True
            finally:
                self._wanted_alone -= 1
        try:
            yield
        finally:
            with self._changed:
                self._alone = False
                self._changed.notify_all()
