"""A requirement is a decorated function: its docstring is its title, its answer an :class:`Outcome` with evidence."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import NoReturn

from graders.evidence.facts import Facts
from graders.model import Depth, Evidence, Layer, Outcome, Status, Unlisted

Check = Callable[[Facts], Outcome]
_NOTHING_MORE = Unlisted()


@dataclass(frozen=True)
class Requirement:
    """One line of the rubric.

    :param id: ``step.name``; results are kept under it, so it never changes.
    :param points: earned by an explicit ``pass`` and nothing else.
    :param layer: where its proof comes from; not asked for means ``not_run``.
    :param needs: the requirements it may be blocked by: the edges of the ``blocked_by`` graph.
    :param hints: three levels: where to look, what is meant, nearly the answer.
    :param engine: what an engine must be able to show for it (``ecs``, ``trail``); without, it is ``not_run`` for everybody.
    """

    id: str
    title: str
    points: int
    layer: Layer
    needs: tuple[str, ...]
    hints: tuple[str, str, str]
    check: Check
    engine: tuple[str, ...] = ()

    def asked(self, depth: Depth, capabilities: Collection[str] | None = None) -> bool:
        """Whether a run looks at it, whatever is handed in: so a class has one maximum.

        :param capabilities: the engine's; None where there was none to ask.
        """
        shown = capabilities is None or all(one in capabilities for one in self.engine)
        return self.layer in depth.layers and shown

    @property
    def step(self) -> str:
        return self.id.partition(".")[0]


class Blocked(Exception):  # noqa: N818 - a state of the graph, not an error
    """Raised by a check when the thing it looks at is not there.

    :param by: the id of the requirement that is not met; one of the requirement's ``needs``.
    """

    def __init__(self, by: str, why: str) -> None:
        super().__init__(why)
        self.by = by
        self.why = why


class NotShown(Exception):  # noqa: N818 - a state of the engine, not an error
    """Raised by a check when the engine cannot show what it looks at at all."""


def requirement(
    id: str,
    *,
    points: int,
    layer: Layer,
    needs: tuple[str, ...] = (),
    hints: tuple[str, str, str],
    engine: tuple[str, ...] = (),
) -> Callable[[Check], Requirement]:
    """Make a requirement of a check; ``module.valid`` is needed by every other one."""

    def decorate(check: Check) -> Requirement:
        title = (check.__doc__ or "").strip().splitlines()[0].rstrip(".")
        every = needs if id == "module.valid" or "module.valid" in needs else ("module.valid", *needs)
        return Requirement(id, title, points, layer, every, hints, check, engine)

    return decorate


def passed(
    observed: str,
    expected: str,
    message: str,
    evidence: Iterable[Evidence],
    *,
    detail: str = "",
    layer: Layer | None = None,
) -> Outcome:
    """A pass; it must carry evidence (a pass that rests on nothing is a fault of the rubric)."""
    return _verdict(Status.PASS, observed, expected, message, evidence, detail, layer)


def failed(
    observed: str,
    expected: str,
    message: str,
    evidence: Iterable[Evidence],
    *,
    detail: str = "",
    layer: Layer | None = None,
    unlisted: Unlisted = _NOTHING_MORE,
) -> Outcome:
    """A fail; what was seen instead, and what to do next.

    :param unlisted: what was found besides the evidence.
    """
    return _verdict(Status.FAIL, observed, expected, message, evidence, detail, layer, unlisted)


def _verdict(  # noqa: PLR0913 - an outcome's own fields
    status: Status,
    observed: str,
    expected: str,
    message: str,
    evidence: Iterable[Evidence],
    detail: str,
    layer: Layer | None,
    unlisted: Unlisted = _NOTHING_MORE,
) -> Outcome:
    return Outcome(
        status=status,
        observed=observed,
        expected=expected,
        message=message,
        detail=detail,
        evidence=tuple(dict.fromkeys(evidence)),
        unlisted=unlisted,
        layer=layer,
    )


def unreachable(why: str) -> NoReturn:
    """A state that the stages before rule out; if it happens the grader is at fault, not the learner."""
    raise AssertionError(why)
