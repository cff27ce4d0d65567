"""The drill magics: thin shells that look at the learner's deployment, compute a card and show it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_magic, magics_class

from lab.notebook.output.display import say
from lab.notebook.output.errors import plainly
from lab_env.errors import UsageError

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from lab.drills.leaks import Nest
    from lab.drills.live import LiveDeployment
    from lab.drills.questions import Question
    from lab.output.cards import Card
    from lab.session.session import KernelSession


@magics_class
class DrillMagics(Magics):
    """``%rotate``, ``%launch``, ``%as_role``, ``%trail``, ``%leaks``, ``%diagram``, ``%predict``."""

    def __init__(self, shell: InteractiveShell, session: Callable[[], KernelSession] | None = None) -> None:
        from lab.drills.leaks import Nest

        super().__init__(shell)
        self._session_of = session or _current
        self._nest: Nest = Nest()

    @line_magic
    def rotate(self, line: str) -> None:
        """Rotate the deployed secret's password, as a person in the console would; the new one is never shown."""
        from lab.drills.rotation import rotate, rotation_card

        with self._told():
            _no_words("rotate", line)
            self._show(rotation_card(rotate(self._look())))

    @line_magic
    def launch(self, line: str) -> None:
        """Deploy what changed and start the task the way the ECS agent does."""
        from lab.drills.launching import launch_all, launch_card

        with self._told():
            _no_words("launch", line)
            for launched in launch_all(self._deployed()):
                self._show(launch_card(launched))

    @line_magic
    def as_role(self, line: str) -> None:
        """What the execution role may and may not do: ``%as_role [ACTION …]``."""
        from lab.drills.as_role import ask_as_role, matrix_card

        with self._told():
            self._show(matrix_card(ask_as_role(self._look(), _words(line))))

    @line_magic
    def trail(self, line: str) -> None:
        """Who read the secret, by the trail."""
        from lab.drills.readers import reads_of_secret, trail_card

        with self._told():
            _no_words("trail", line)
            live = self._look()
            self._show(trail_card(live, reads_of_secret(live)))

    @line_magic
    def leaks(self, line: str) -> None:
        """Look for credentials that lie open: ``%leaks [--plant] [DIRECTORY]``."""
        from lab.drills.leaks import directory_scan, inside, leaks_card, workspace_scan

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
                directory = inside(session.place.root, words[0])
                self._show(leaks_card(directory_scan(directory, self._nest.canaries)))
                return
            place, deployed = session.place, session.deployment_directory()
            self._show(leaks_card(workspace_scan(place.files, place.root, deployed, self._nest.canaries)))

    @line_magic
    def diagram(self, line: str) -> None:
        """A picture of the deployment: ``%diagram envelope|road|permissions|versions``."""
        from lab.drills.diagrams import check_name, diagram_card

        with self._told():
            which = check_name(line.strip())
            self._show(diagram_card(self._look(), which))

    @line_magic
    def predict(self, line: str) -> None:
        """Ask a question of the course, or answer it: ``%predict ID [LETTER]``."""
        from lab.drills.questions import answer, load_predictions, overview_card, question, question_card

        with self._told():
            words = _words(line)
            if not words:
                self._show(overview_card(load_predictions(self._session_of().place.root)))
                return
            asked = question(words[0], self._session_of().rules.lesson)
            if len(words) > 1:
                self._show(answer(self._session_of().place.root, asked, words[1]))
                return
            self._show(question_card(asked))
            self._show_buttons(asked)

    def _show_buttons(self, asked: Question) -> None:
        """Show the buttons only where there is a front end beyond a terminal."""
        from lab.drills.questions import answer, bundle, buttons

        if not hasattr(self.shell, "kernel"):
            return
        box = buttons(asked, lambda letter: answer(self._session_of().place.root, asked, letter))
        if box is not None:
            self._publish(bundle(box))

    def _plant(self) -> None:
        from lab.drills.leaks import canary_of, planted_card
        from lab.drills.rotation import rotate

        live = self._look()
        name = live.the_secret().name
        rotation = rotate(live, on_password=lambda password: self._nest.add(canary_of(name, password)))
        self._show(planted_card(rotation))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Show what is not deployed yet as a card; other errors are raised in a line or two."""
        from lab.drills.live import NothingDeployedError
        from lab.output.cards import Card, Mark

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
        from lab.drills.live import look

        return look(self._session_of(), say)

    def _deployed(self) -> LiveDeployment:
        """Deploy the workspace's files, if they changed, and read what is there then."""
        from lab.drills.live import deploy

        return deploy(self._session_of(), say)


def register(ipython: InteractiveShell) -> None:
    """Make the drill magics known to a shell."""
    ipython.register_magics(DrillMagics(ipython))


def _current() -> KernelSession:
    from lab.session import session

    return session.of_kernel()


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
