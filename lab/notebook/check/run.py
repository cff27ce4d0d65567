"""``%lab_check``: verdicts on the workspace's files, first what can be seen without deploying them, then the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from lab.checking import first_to_fix, goes_on, not_looked_at, nothing_yet
from lab.notebook.check.card import BEGIN, CheckState, check_view, hint_level
from lab_env.errors import LabError
from lab_env.text import listed, one_line

if TYPE_CHECKING:
    from graders.assignment import Rules
    from graders.model import Depth, RequirementResult, SubmissionResult
    from lab.notebook.output.display import Live
    from lab.session.session import KernelSession


class CheckFailed(LabError):  # noqa: N818 - what the learner reads above the sentence
    """Not all that was asked for passes."""

    exit_code = 1


@dataclass(frozen=True)
class Asked:
    """What a check is to look at.

    :param words: steps and ids as they were asked for.
    :param ids: the requirements, in the rubric's order.
    :param depth: how far to go; None: as far as is needed for a verdict on all of them.
    :param hint: show the next hint for what fails first.
    """

    words: tuple[str, ...]
    ids: tuple[str, ...]
    depth: Depth | None = None
    hint: bool = False


def asked_ids(words: Sequence[str], rules: Rules | None = None) -> tuple[str, ...]:
    """Find the requirements that steps and ids name.

    :param rules: what is asked of this learner; the standard lesson when left out.
    :raises UsageError: a word names neither, or there is none.
    """
    from lab import checking, rubric
    from lab_env.errors import UsageError

    if not words:
        raise UsageError(
            "%lab_check needs a step or the id of a requirement.",
            next_step=f"The steps are {', '.join(rubric.step_ids(rules))}; an id is kms.rotation, for example.",
        )
    return checking.asked_ids(words, rules)


def check(session: KernelSession, asked: Asked, live: Live) -> None:
    """Look, show the card, remember what was found.

    :raises CheckFailed: not all pass.
    :raises UsageError: no cell has written a file yet.
    :raises EngineError: no engine.
    :raises TerraformError: no Terraform or provider.
    """
    from graders.model import Depth

    run = _Run(session, asked, live)
    depth = asked.depth or Depth.PLAN
    result, depth = run.look(depth)
    if asked.depth is None and goes_on(result, asked.ids):
        run.show(result, depth, busy="Deploying it to an account of its own …")
        result, depth = run.look(Depth.FULL)
    level = run.remember(result, depth)
    run.look_at_what_is_saved(result)
    run.show(result, depth, hint=level)
    failure = run.failure(result, depth)
    if failure is not None:
        raise failure


class _Run:
    """One check."""

    def __init__(self, session: KernelSession, asked: Asked, live: Live) -> None:
        self._session = session
        self._asked = asked
        self._rules = session.rules
        self._live = live
        self._notes: list[str] = []
        self._before: tuple[SubmissionResult, Depth] | None = None
        self._kept = False

    def look(self, depth: Depth) -> tuple[SubmissionResult, Depth]:
        """Find the verdicts and how deep they go; those of before when the files are the same."""
        known = self._session.known(depth)
        self._kept = known is not None
        if known is not None:
            return known
        result = self._session.check(
            depth,
            on_phase=lambda phase: self._busy(depth, phase),
            note=lambda line: self._notes.append(one_line(line)),
        )
        self._before = (result, depth)
        return self._before

    def remember(self, result: SubmissionResult, depth: Depth) -> int:
        """Keep the progress; the level of the hint that is to be shown, 0 for none."""
        from lab import working_copy

        root = self._session.place.root
        progress = working_copy.load_progress(root)
        first = first_to_fix(self._rows(result), result)
        level = 0
        if self._asked.hint and first is not None:
            level = hint_level(progress.hints.get(first.id, 0))
            progress = progress.with_hint(first.id, level)
        next_step = first_to_fix(result.requirements, result)
        progress = progress.after(
            result,
            depth=depth.value,
            checked=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            next_step=None if next_step is None else f"{next_step.id}: {one_line(next_step.message)}",
        )
        working_copy.save_progress(root, progress)
        return level

    def look_at_what_is_saved(self, result: SubmissionResult) -> None:
        """Note where the notebooks, which are what is handed in, are otherwise than what was checked."""
        from lab.notebook.check.handing_in import remarks

        self._notes += [one_line(text) for text in remarks(self._session.place, result, self._rules)]

    def show(self, result: SubmissionResult, depth: Depth, *, busy: str = "", hint: int = 0) -> None:
        """Show the card as it is now."""
        view = check_view(self._state(result, depth, busy=busy, hint=hint), self._session.place, self._rules)
        (self._live.passing if busy else self._live.show)(view)

    def failure(self, result: SubmissionResult, depth: Depth) -> CheckFailed | None:
        """Say in one line what does not pass; None when all does."""
        from graders.model import Depth, Status, SubmissionStatus

        rows = self._rows(result)
        if result.status is not SubmissionStatus.GRADED:
            return CheckFailed(f"{result.status.value.capitalize()}: {one_line(result.reason or 'no reason given')}")
        judged = [row for row in rows if row.status is not Status.NOT_RUN]
        passed = sum(row.status is Status.PASS for row in judged)
        if not judged:
            return CheckFailed(
                f"Nothing of what was asked for can be seen at depth {depth.value}.",
                next_step=f"%lab_check {' '.join(self._asked.words)}",
            )
        if passed == len(judged):
            if unseen := not_looked_at(rows, full=depth is Depth.FULL):
                left = f"{listed(unseen)} {'is' if len(unseen) == 1 else 'are'} not looked at yet"
                return CheckFailed(
                    f"{passed} of {len(judged)} pass, and {left}.",
                    next_step=f"%lab_check {' '.join(self._asked.words)}",
                )
            return None
        if nothing_yet(result):
            return CheckFailed("The module has no resource yet.", next_step=BEGIN)
        first = first_to_fix(rows, result) or judged[0]
        return CheckFailed(f"{passed} of {len(judged)} pass. Next: {first.id}: {one_line(first.message)}")

    def _busy(self, depth: Depth, phase: str) -> None:
        """Tell each phase above the verdicts that are there already."""
        told = _PHASES.get(phase)
        if told is None:
            return
        share, words = told
        before, deep = self._before or (None, depth)
        state = self._state(before, deep, busy=words, share=share if depth.value == "full" else min(1.0, share * 3))
        self._live.passing(check_view(state, self._session.place, self._rules))

    def _state(
        self, result: SubmissionResult | None, depth: Depth, *, busy: str = "", share: float = 0.0, hint: int = 0
    ) -> CheckState:
        rows = self._rows(result) if result else ()
        first = first_to_fix(rows, result) if result else None
        return CheckState(
            words=self._asked.words,
            result=result,
            rows=rows,
            first=first,
            blocker=first if first is not None and first not in rows else None,
            depth=depth,
            busy=busy,
            share=share,
            notes=tuple(self._notes),
            hint=hint,
            kept=self._kept and not busy,
        )

    def _rows(self, result: SubmissionResult) -> tuple[RequirementResult, ...]:
        return tuple(row for row in result.requirements if row.id in self._asked.ids)


# How far each phase of a full check is, and what it does.
_PHASES = {
    "gate": (0.05, "Reading the files …"),
    "plan": (0.1, "Planning for dev, prod and a third name …"),
    "apply": (0.3, "Deploying it to an account of its own …"),
    "rotate": (0.6, "Rotating the secret, editing the placeholder and applying again …"),
    "launch": (0.85, "Launching the task as ECS does …"),
    "probe": (0.9, "Trying what the role may do …"),
    "judge": (0.97, "Judging …"),
}
