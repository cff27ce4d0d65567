"""The table, the cards and the progress on a terminal and in a pipe."""

from __future__ import annotations

import io

from rich.console import Console

from graders.report import terminal
from graders.report.progress import ProgressDisplay
from graders.report.sources import Quotes
from tests.graders.report import samples


def _console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, force_terminal=terminal, width=160, color_system=None, legacy_windows=False), stream


def test_a_pipe_gets_a_line_a_submission() -> None:
    """Is the class one plain line each, with the score, the steps and what fails, on any width, and then the isolation?"""
    console, stream = _console(terminal=False)
    terminal.print_class(console, samples.results())
    lines = stream.getvalue().splitlines()
    assert len(lines) == 8
    assert lines[0].startswith("amara-okafor ")
    assert "76/98" in lines[0]
    assert "kms 10/17" in lines[0]
    assert lines[0].endswith("kms.deletion_window kms.alias iam.least_privilege")
    assert lines[5] == "Without a mark, by a fault of the grader or the engine:"
    assert "–/100" in lines[6]
    assert lines[7] == "Isolation: the gate, the plan's check; nothing around Terraform."


def test_a_terminal_gets_a_table() -> None:
    """Does the table hold a mark for each requirement of each step?"""
    console, stream = _console(terminal=True)
    terminal.print_class(console, samples.results())
    assert "✓✓✗✓✗" in stream.getvalue()
    assert "Rejected" in stream.getvalue()


def test_a_learner_cannot_steer_the_terminal() -> None:
    """Are escape sequences in names, messages and source lines shown instead of obeyed?"""
    for is_terminal in (True, False):
        console, stream = _console(terminal=is_terminal)
        results = samples.results()
        terminal.print_class(console, results)
        for one in results.submissions:
            terminal.print_cards(console, one, samples.quotes_of(one))
        with ProgressDisplay(console, 1) as progress:
            progress.phase(samples.NASTY, samples.NASTY)
            progress.done(samples.NASTY, samples.NASTY)
        text = stream.getvalue()
        assert "[31mpass" in text
        assert "\x1b[31m" not in text
        assert "\x1b[2J" not in text
        assert "\u202e" not in text
        assert "\x9b" not in text


def test_cards_say_what_where_and_what_next() -> None:
    """Does a failing card show observed, expected, the file, the line and the learner's own text?"""
    console, stream = _console(terminal=False)
    one = samples.every_status()[0]
    terminal.print_cards(console, one, samples.quotes_of(one), only={"kms"})
    text = stream.getvalue()
    for part in ("30 days", "7 days", "modules/secrets/kms.tf:3", "3 |   deletion_window_in_days = 30", "✗ Fail"):
        assert part in text
    assert "iam.read_secret" not in text
    assert terminal.next_step(one) == (
        "kms.deletion_window: The key waits 30 days before its deletion is final. Set deletion_window_in_days to 7. "
        "(`lab hint kms.deletion_window` says more.)"
    )
    assert terminal.next_step(samples.every_status()[1]) is None


def test_what_nobody_could_read_is_told_once() -> None:
    """Does a submission that could not be read give its reason, not 25 times the same card?"""
    console, stream = _console(terminal=False)
    terminal.print_cards(console, samples.every_status()[3], Quotes())
    assert stream.getvalue() == "⊘ Ungradable  The archive cannot be read: it is cut off after 812 bytes.\n"


def test_cards_fit_a_narrow_terminal() -> None:
    """Are cards on 80 columns without a broken word, with rows and quotations set in as on a wide one?"""
    one = samples.every_status()[0]
    said = {}
    for width in (80, 4000):
        stream = io.StringIO()
        console = Console(file=stream, force_terminal=True, width=width, color_system=None, legacy_windows=False)
        terminal.print_cards(console, one, samples.quotes_of(one))
        said[width] = stream.getvalue()
    assert max(len(line) for line in said[80].splitlines()) <= 80
    whole = set(said[4000].split())
    long = [word for word in whole if len(word) > 60]  # an ARN is parted at its joints
    assert [word for word in said[80].split() if word not in whole and not any(word in one for one in long)] == []
    assert "  ✗ Fail " in said[80]
    assert "             3 |   deletion_window_in_days = 30" in said[80]


def test_a_narrow_terminal_gets_a_narrow_table() -> None:
    """Does the table fit 80 columns, with every score and every id to fix still whole?"""
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=80, color_system=None, legacy_windows=False)
    terminal.print_class(console, samples.results(*samples.every_status()[:5]))
    assert max(len(line) for line in stream.getvalue().splitlines()) <= 80
    assert "76/98" in stream.getvalue()
    assert "kms.deletion_window" in stream.getvalue()


def test_progress_in_a_pipe_says_start_and_end() -> None:
    """Is progress in a pipe two lines a submission, however many phases it goes through?"""
    console, stream = _console(terminal=False)
    with ProgressDisplay(console, 2) as progress:
        for phase in ("init", "plan", "apply"):
            progress.phase("a", phase)
        progress.done("a", "graded, 100/100")
    lines = stream.getvalue().splitlines()
    assert lines[0] == "a: started"
    assert lines[1].startswith("a: graded, 100/100 (")
    assert lines[1].endswith(", 1 of 2)")
    assert len(lines) == 2


def test_progress_on_a_terminal_shows_phases_and_leaves_nothing() -> None:
    """Does the live table show who is in which phase?"""
    console, stream = _console(terminal=True)
    with ProgressDisplay(console, 1) as progress:
        progress.phase("amara", "apply")
    assert "amara" in stream.getvalue()
    assert "apply" in stream.getvalue()
