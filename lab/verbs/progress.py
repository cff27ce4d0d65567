"""``lab progress``: where you left off."""

from __future__ import annotations

from lab import options


def progress(directory: options.Directory = None) -> None:
    """Show where you left off in the working copy."""
    from lab import assignment, left_off, screen, working_copy
    from lab.output import terminal
    from lab.words import in_terminal

    root = working_copy.find(directory)
    known = working_copy.load_progress(root)
    console = screen.output()
    if not known.checked:
        console.print("Nothing was checked here yet.")
        console.print("Next: lab check")
        return
    console.print(f"Last check: {known.checked}, depth {known.depth}", soft_wrap=True)
    found = left_off.steps(known, assignment.rules(root))
    for step in found:
        marks = " ".join(one.symbol for one in step.seen)
        console.print(f"  {step.title:12} {step.earned:>3}/{step.points:<3} {marks}", soft_wrap=True)
    console.print(f"  {'Total':12} {sum(s.earned for s in found):>3}/{sum(s.points for s in found)}")
    if any(one.old for step in found for one in step.seen):
        terminal.say(console, "* seen before your last changes: `lab check` looks again", indent=2)
    terminal.say(console, f"Next: {in_terminal(known.next_step) or 'lab check'}")
