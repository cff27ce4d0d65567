"""A question's buttons, for front ends that have widgets; everybody else types the letter."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lab.notebook.drills.questions import Question, verdict_card

if TYPE_CHECKING:
    from ipywidgets import VBox  # type: ignore[import-untyped]

VIEW = "application/vnd.jupyter.widget-view+json"


def buttons(asked: Question, on_answer: Callable[[str], None]) -> VBox | None:
    """Radio buttons and a button to check; None where ipywidgets is not installed.

    :param on_answer: told the letter of each answer that is checked.
    """
    try:
        import ipywidgets
    except ImportError:
        return None
    choice = ipywidgets.RadioButtons(
        options=[f"{option.letter})" for option in asked.options], value=None, description="Answer:"
    )
    check = ipywidgets.Button(description="Check", tooltip=f"Check the answer to {asked.id}", disabled=True)
    said = ipywidgets.HTML()

    def chosen(change: Any) -> None:
        check.disabled = change["new"] is None

    def checked(_: object) -> None:
        if choice.value is None:
            return
        letter = choice.value.removesuffix(")")
        on_answer(letter)
        said.value = verdict_card(asked, letter).html

    choice.observe(chosen, "value")
    check.on_click(checked)
    return ipywidgets.VBox([choice, check, said])


def bundle(box: VBox) -> dict[str, Any]:
    """What is put out: the widget, and for a front end without widgets a line that the question above makes plain."""
    shown = dict(box._repr_mimebundle_())
    return {**shown, "text/html": "", "text/plain": ""} if VIEW in shown else shown
