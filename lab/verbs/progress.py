"""``lab progress``: where you left off."""

from __future__ import annotations

from lab import options


def progress(directory: options.Directory = None) -> None:
    """Show where you left off in the working copy."""
    from lab import screen, working_copy

    known = working_copy.load_progress(working_copy.find(directory))
    console = screen.output()
    if not known.checked:
        console.print("Nothing was checked here yet.")
        console.print("Next: lab check")
        return
    from graders.model import Status
    from graders.report.marks import MARKS, step_title
    from graders.rubric import registry

    console.print(f"Last check: {known.checked}, depth {known.depth}", soft_wrap=True)
    requirements = registry().requirements
    earned = 0
    for step in dict.fromkeys(one.step for one in requirements):
        rows = [one for one in requirements if one.step == step]
        marks = []
        points = 0
        for one in rows:
            verdict = known.verdicts.get(one.id)
            status = Status(verdict.status) if verdict and verdict.status in list(Status) else Status.NOT_RUN
            # A verdict on files that have changed since is shown, and shown as old.
            marks.append(MARKS[status].symbol + ("*" if verdict and verdict.digest != known.digest else ""))
            points += one.points if status is Status.PASS else 0
        earned += points
        total = sum(one.points for one in rows)
        console.print(f"  {step_title(step):12} {points:>3}/{total:<3} {' '.join(marks)}", soft_wrap=True)
    console.print(f"  {'Together':12} {earned:>3}/{sum(one.points for one in requirements)}")
    if any(verdict.digest != known.digest for verdict in known.verdicts.values()):
        console.print("  * seen before your last changes: `lab check --depth full` looks again", soft_wrap=True)
    console.print(f"Next: {known.next_step or 'lab check --depth full'}", soft_wrap=not console.is_terminal)
