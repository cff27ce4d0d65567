"""A requirement is a decorated function: its docstring is its title, its answer an :class:`Outcome` with evidence."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import NoReturn

from graders.evidence.facts import Facts
from graders.model import Depth, Evidence, Layer, Outcome, Points, Status, Unlisted
from lab_env.lesson import STANDARD, Lesson

Check = Callable[[Facts], Outcome]
Hints = tuple[str, str, str]
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
    points: Points
    layer: Layer
    needs: tuple[str, ...]
    hints: Hints
    check: Check
    engine: tuple[str, ...] = ()
    words: Callable[[Lesson], tuple[str, Hints]] | None = None
    """Title and hints under a lesson, where they name what it asks for; None: they are the same under all."""
    own: bool = False
    """It comes from a package of the instructor's, and not from the lesson."""

    def asked(self, depth: Depth, capabilities: Collection[str] | None = None) -> bool:
        """Whether a run looks at it, whatever is handed in: so a class has one maximum.

        :param capabilities: the engine's; None where there was none to ask.
        """
        shown = capabilities is None or all(one in capabilities for one in self.engine)
        return self.layer in depth.layers and shown

    def under(self, lesson: Lesson) -> Requirement:
        """The requirement in the words of a lesson."""
        if self.words is None:
            return self
        title, hints = self.words(lesson)
        return replace(self, title=title, hints=hints)

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
    points: Points,
    layer: Layer,
    needs: tuple[str, ...] = (),
    hints: Hints | Callable[[Lesson], Hints],
    title: Callable[[Lesson], str] | None = None,
    engine: tuple[str, ...] = (),
) -> Callable[[Check], Requirement]:
    """Make a requirement of a check; ``module.valid`` is needed by every other one.

    :param hints: a function where they name what the lesson asks for; so is ``title``, which is else the check's docstring.
    """

    def decorate(check: Check) -> Requirement:
        said = (check.__doc__ or "").strip().splitlines()[0].rstrip(".")
        every = needs if id == "module.valid" or "module.valid" in needs else ("module.valid", *needs)

        def words(lesson: Lesson) -> tuple[str, Hints]:
            return (title(lesson) if title else said), (hints(lesson) if callable(hints) else hints)

        standard_title, standard_hints = words(STANDARD)
        return Requirement(
            id=id,
            title=standard_title,
            points=points,
            layer=layer,
            needs=every,
            hints=standard_hints,
            check=check,
            engine=engine,
            words=words if title is not None or callable(hints) else None,
        )

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
