"""The drill magics: thin shells that look at the learner's deployment, compute a card and show it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_magic, magics_class

from lab.notebook.output.display import say
from lab.notebook.output.errors import plainly
from lab_env.errors import UsageError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from lab.notebook.drills.leaks import Nest
    from lab.notebook.drills.live import LiveDeployment
    from lab.notebook.drills.questions import Question
    from lab.notebook.output.cards import Card
    from lab.notebook.session.session import KernelSession


@magics_class
class DrillMagics(Magics):
    """``%rotate``, ``%launch``, ``%as_role``, ``%trail``, ``%leaks``, ``%diagram``, ``%predict``."""

    def __init__(self, shell: InteractiveShell, session: Callable[[], KernelSession] | None = None) -> None:
        from lab.notebook.drills.leaks import Nest

        super().__init__(shell)
        self._session_of = session or _current
        self._nest: Nest = Nest()

    @line_magic
    def rotate(self, line: str) -> None:
        """Rotate the deployed secret's password, as a person in the console would; the new one is never shown."""
        from lab.notebook.drills.rotation import rotate, rotation_card

        with self._told():
            _no_words("rotate", line)
            self._show(rotation_card(rotate(self._look())))

    @line_magic
    def launch(self, line: str) -> None:
        """Deploy what changed and start the task the way the ECS agent does."""
        from lab.notebook.drills.launching import launch_all, launch_card

        with self._told():
            _no_words("launch", line)
            for launched in launch_all(self._deployed()):
                self._show(launch_card(launched))

    @line_magic
    def as_role(self, line: str) -> None:
        """What the execution role may and may not do: ``%as_role [ACTION …]``."""
        from lab.notebook.drills.as_role import ask_as_role, matrix_card

        with self._told():
            self._show(matrix_card(ask_as_role(self._look(), _words(line))))

    @line_magic
    def trail(self, line: str) -> None:
        """Who read the secret, by the trail."""
        from lab.notebook.drills.readers import reads_of_secret, trail_card

        with self._told():
            _no_words("trail", line)
            live = self._look()
            self._show(trail_card(live, reads_of_secret(live)))

    @line_magic
    def leaks(self, line: str) -> None:
        """Look for credentials that lie open: ``%leaks [--plant] [DIRECTORY]``."""
        from lab.notebook.drills.leaks import directory_scan, leaks_card, workspace_scan

        with self._told():
            words = _words(line)
            if words == ["--plant"]:
                self._plant()
                return
            if len(words) > 1 or any(word.startswith("-") for word in words):
                raise UsageError(f"%leaks {line.strip()} is not understood.", next_step="Write %leaks, %leaks --plant or "
                                 "%leaks DIRECTORY.")  # fmt: skip
            session = self._session_of()
            if words:
                directory = _inside(session.place.root, words[0])
                self._show(leaks_card(directory_scan(directory, self._nest.canaries)))
                return
            place, deployed = session.place, session.deployment_directory()
            self._show(leaks_card(workspace_scan(place.files, place.root, deployed, self._nest.canaries)))

    @line_magic
    def diagram(self, line: str) -> None:
        """A picture of the deployment: ``%diagram envelope|road|permissions|versions``."""
        from lab.notebook.drills.diagrams import check_name, diagram_card

        with self._told():
            which = check_name(line.strip())
            self._show(diagram_card(self._look(), which))

    @line_magic
    def predict(self, line: str) -> None:
        """Ask a question of the course, or answer it: ``%predict ID [LETTER]``."""
        from lab.notebook.drills.questions import (
            load_predictions,
            overview_card,
            question,
            question_card,
            verdict_card,
        )

        with self._told():
            words = _words(line)
            if not words:
                self._show(overview_card(load_predictions(self._session_of().place.root)))
                return
            asked = question(words[0], self._session_of().rules.lesson)
            if len(words) > 1:
                letter = asked.option(words[1]).letter
                self._remember(asked, letter)
                self._show(verdict_card(asked, letter))
                return
            self._show(question_card(asked))
            self._show_buttons(asked)

    def _show_buttons(self, asked: Question) -> None:
        """Show the buttons only where there is a front end beyond a terminal."""
        from lab.notebook.drills.questions import bundle, buttons

        if not hasattr(self.shell, "kernel"):
            return
        box = buttons(asked, lambda letter: self._remember(asked, letter))
        if box is not None:
            self._publish(bundle(box))

    def _remember(self, asked: Question, letter: str) -> None:
        from lab.notebook.drills.questions import remember_prediction

        remember_prediction(self._session_of().place.root, asked.id, letter, right=letter == asked.right)

    def _plant(self) -> None:
        from lab.notebook.drills.leaks import canary_of, planted_card
        from lab.notebook.drills.rotation import rotate

        live = self._look()
        name = live.the_secret().name
        rotation = rotate(live, on_password=lambda password: self._nest.add(canary_of(name, password)))
        self._show(planted_card(rotation))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Show what is not deployed yet as a card; other errors are raised in a line or two."""
        from lab.notebook.drills.live import NothingDeployedError
        from lab.notebook.output.cards import Card, Mark

        with plainly():
            try:
                yield
            except NothingDeployedError as error:
                self._show(Card(error.message, "", Mark("!", "not yet", "blocked"), (), error.next_step or ""))

    def _show(self, card: Card) -> None:
        self._publish(card._repr_mimebundle_())

    def _publish(self, bundle: dict[str, Any]) -> None:
        assert self.shell is not None  # noqa: S101 - magics are made with one
        self.shell.display_pub.publish(bundle)

    def _look(self) -> LiveDeployment:
        from lab.notebook.drills.live import look

        return look(self._session_of(), say)

    def _deployed(self) -> LiveDeployment:
        """Deploy the workspace's files, if they changed, and read what is there then."""
        from lab.notebook.drills.live import deploy

        return deploy(self._session_of(), say)


def register(ipython: InteractiveShell) -> None:
    """Make the drill magics known to a shell."""
    ipython.register_magics(DrillMagics(ipython))


def _current() -> KernelSession:
    from lab.notebook.session import session

    return session.current()


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(
            f"{line.strip()} is not understood ({error}).", next_step="Close the quotation mark."
        ) from None


def _no_words(name: str, line: str) -> None:
    if line.strip():
        raise UsageError(f"%{name} takes no arguments.", next_step=f"Write %{name} alone.")


def _inside(root: Path, word: str) -> Path:
    """Find a directory below the notebooks' own.

    :raises UsageError: it is not there, or not below.
    """
    found = (root / word).resolve()
    if not found.is_relative_to(root.resolve()) or not found.is_dir():
        raise UsageError(
            f"{word} is not a directory below the one of this notebook.",
            next_step="Name one that lies beside the notebook.",
        )
    return found
