"""``%terraform plan|apply|show|output|destroy``: runs it on the workspace's files, showing what Terraform does as it does it."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import TYPE_CHECKING

from lab.terraform import outputs, plan_diff, views
from lab.terraform.views import Step, TerraformView
from lab_env.errors import LabError, UsageError
from lab_env.text import one_line

if TYPE_CHECKING:
    from lab.output.live import Live
    from lab.session.place import Place
    from lab.session.session import Session
    from lab_env.terraform import Event

_DOING = {"create": "creating", "update": "updating", "delete": "destroying", "replace": "replacing", "read": "reading"}
_DID = {"create": "created", "update": "updated", "delete": "destroyed", "replace": "replaced", "read": "read"}
_SHOWN = 12  # resources at a time; a longer list would push the rest of the notebook about


class TerraformRefusedError(LabError):
    """Terraform, or the gate before it, refuses the files."""

    exit_code = 1


class Watch:
    """What a command has done so far.

    :param share_from: the number of changes that it will make, once that is known.
    """

    def __init__(self, command: str, live: Live) -> None:
        self._command = command
        self._live = live
        self._phase = "Starting …"
        self._steps: dict[str, Step] = {}
        self._planned: set[str] = set()
        self._done: set[str] = set()
        self._notes: list[str] = []
        self._show()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth to be read when it is over."""
        return tuple(self._notes)

    def note(self, line: str) -> None:
        """Take a line for people; one that ends in ``…`` tells what begins, and is over when that is."""
        if line.rstrip().endswith("…"):
            self._phase = one_line(line)
        else:
            self._notes.append(one_line(line))
        self._show()

    def event(self, event: Event) -> None:
        """Take what Terraform tells."""
        address = plan_diff.shown_address(event.address) if event.address else ""
        if event.kind == "planned_change" and event.action not in (None, "noop", "read"):
            self._planned.add(address)
        elif event.kind == "refresh_start":
            self._phase = f"Reading {address} …"
        elif event.kind == "apply_start" and event.action in _DOING:
            self._steps[address] = Step("…", address, _DOING[event.action])
        elif event.kind == "apply_progress" and event.action in _DOING:
            seconds = f", {event.elapsed_s:g} s" if event.elapsed_s else ""
            self._steps[address] = Step("…", address, f"{_DOING[event.action]}{seconds}")
        elif event.kind == "apply_complete" and event.action in _DID:
            self._done.add(address)
            self._steps[address] = Step("✓", address, _DID[event.action])
        elif event.kind == "apply_errored":
            self._steps[address] = Step("✗", address, "failed")
        else:
            return
        self._show()

    def _show(self) -> None:
        share = len(self._done) / len(self._planned) if self._planned and self._steps else None
        steps = tuple(self._steps.values())[-_SHOWN:]
        view = TerraformView(self._command, phase=self._phase, share=share, steps=steps, notes=self.notes)
        self._live.passing(view)


def run(session: Session[Place], command: str, live: Live) -> None:
    """Run one command and show what came of it.

    :raises UsageError: there is no such command, or no cell has written a file yet.
    :raises TerraformRefusedError: the files are refused; what is wrong is shown.
    """
    from lab.deployment import RefusedError
    from lab_env.errors import SubmissionError

    action = _action(command)
    watch = Watch(command, live)
    try:
        view = action(session, watch)
    except RefusedError as error:
        if not error.diagnostics:
            raise TerraformRefusedError(error.message, next_step=session.place.front.take_out) from None
        view = views.refused(command, error.diagnostics, session.place, watch.notes)
        live.show(view)
        first = view.problems[0]
        raise TerraformRefusedError(
            f"terraform {command}: {first.where}: {one_line(first.text)}", next_step=view.next_step
        ) from None
    except SubmissionError as error:
        where = f" ({error.path})" if error.path and error.path not in error.message else ""
        raise TerraformRefusedError(f"{error.message}{where}", next_step=error.next_step) from None
    live.show(view)


def _plan(session: Session[Place], watch: Watch) -> TerraformView:
    watch.note("Planning …")
    planned = session.plan(watch.note, on_event=watch.event)
    return views.planned(plan_diff.read(planned), watch.notes, outputs.of_plan(planned))


def _apply(session: Session[Place], watch: Watch) -> TerraformView:
    made = session.apply(watch.note, on_event=watch.event)
    assert made.document is not None and made.applied is not None  # noqa: S101, PT018 - it was applied just now
    given = outputs.of_state(session.workspace_state() or {})
    return views.applied(plan_diff.read(made.document), made.applied, watch.notes, given)


def _show(session: Session[Place], watch: Watch) -> TerraformView:
    from lab.deployment import NotDeployedError

    session.bring_back(watch.note)
    try:
        account = session.account.id
    except NotDeployedError:
        return views.shown(None, "", watch.notes)
    return views.shown(session.workspace_state(), account, watch.notes)


def _output(session: Session[Place], watch: Watch) -> TerraformView:
    session.bring_back(watch.note)
    return views.given_out(session.workspace_state(), watch.notes)


def _destroy(session: Session[Place], watch: Watch) -> TerraformView:
    watch.note("Destroying …")
    return views.destroyed(session.destroy(watch.note, on_event=watch.event), watch.notes)


_ACTIONS: dict[str, Callable[[Session[Place], Watch], TerraformView]] = {
    "plan": _plan,
    "apply": _apply,
    "show": _show,
    "output": _output,
    "destroy": _destroy,
}
COMMANDS = tuple(_ACTIONS)


def check_command(command: str) -> str:
    """Check the name of a command, before anything is opened for it.

    :raises UsageError: there is none of this name.
    """
    _action(command)
    return command


def _action(command: str) -> Callable[[Session[Place], Watch], TerraformView]:
    if command in _ACTIONS:
        return _ACTIONS[command]
    near = difflib.get_close_matches(command, COMMANDS, 1)
    raise UsageError(
        f"There is no %terraform {command}." if command else "%terraform needs a command.",
        next_step=f"Did you mean %terraform {near[0]}?"
        if near
        else "Write %terraform plan, apply, show, output or destroy.",
    )
