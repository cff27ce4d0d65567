"""One behaviour that AWS documents, and how it is looked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lab_env.engine.model import Account, Engine, fresh_account


class DiffersError(Exception):
    """The engine answers otherwise; the message says how, without ids or times, so that two runs say the same."""


@dataclass(frozen=True)
class Behaviour:
    """What AWS does.

    :param id: stable, ``service.what``.
    :param says: what AWS documents, a sentence.
    :param source: the AWS document and its section.
    :param look: looks for it in a fresh account. :raises DiffersError: it is not so.
    """

    id: str
    says: str
    source: str
    look: Callable[[Account], None]


@dataclass(frozen=True)
class Seen:
    """:param differs: how the engine answers otherwise; None: as documented."""

    behaviour: Behaviour
    differs: str | None


def look(behaviour: Behaviour, engine: Engine) -> Seen:
    """Look for a behaviour in a fresh account.

    :raises EngineError: the engine went away.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        behaviour.look(fresh_account(engine))
    except DiffersError as other:
        return Seen(behaviour, str(other))
    except ClientError as refused:
        return Seen(behaviour, f"{refused.operation_name} is refused: {code_of(refused)}")
    except BotoCoreError as error:
        return Seen(behaviour, f"the answer is none of AWS's ({type(error).__name__})")
    return Seen(behaviour, None)


def expect(holds: bool, otherwise: str) -> None:
    """:raises DiffersError: it does not hold."""
    if not holds:
        raise DiffersError(otherwise)


def refused(call: Callable[[], Any], *codes: str) -> None:
    """The call is refused with one of these codes.

    :raises DiffersError: it is allowed, or refused with another one.
    """
    from botocore.exceptions import ClientError

    try:
        call()
    except ClientError as error:
        expect(code_of(error) in codes, f"refused with {code_of(error)}")
        return
    raise DiffersError("allowed")


def code_of(error: Any) -> str:
    """The error's code; some engines write it with a namespace before it."""
    return str(error.response["Error"]["Code"]).rsplit("#", 1)[-1]


def days_from_now(then: datetime) -> int:
    """Whole days, to the nearest, until a moment."""
    return round((then - datetime.now(UTC)).total_seconds() / 86_400)
