"""Errors as people are to see them in a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lab_env import settings
from lab_env.errors import LabError


class Interrupted(LabError):  # noqa: N818 - what the learner reads above the sentence
    """The learner has stopped it."""


@contextmanager
def plainly() -> Iterator[None]:
    """Tell every error in one or two lines; ``LAB_DEBUG=1`` lets the traceback of what nobody expected through."""
    try:
        yield
    except LabError:
        raise
    except KeyboardInterrupt:
        raise Interrupted("Interrupted.", next_step="Run the cell again when you are ready.") from None
    except Exception as error:
        if settings.DEBUG.read():
            raise
        raise LabError(
            f"An error of the lab itself: {type(error).__name__}: {error}",
            next_step="Restart the kernel and try again; when it comes again, report it.",
        ) from None
