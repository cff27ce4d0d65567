"""``%lab_reset [STEP]``: takes the workspace's files away, backed up, and forgets what was deployed. Cells stay as they are."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from lab.output.cards import Card, Lines, Mark
from lab_env.text import listed

if TYPE_CHECKING:
    from lab.session.session import KernelSession

# The course writes the first version of the secret to a file of its own, in the notebook on rotation.
_OWN = {"rotation": ("placeholder",), "secret": ("secret", "placeholder")}


def reset(session: KernelSession, step: str | None) -> Card:
    """Remove the files of a step, or all; the card tells what was done.

    :raises UsageError: there is no such step.
    :raises LabError: the backup is not complete; nothing was removed then.
    """
    from lab import deployment, rubric, working_copy

    place = session.place
    if step is not None:
        rubric.checked_steps([step])
    stems = None if step is None else _OWN.get(step, working_copy.FILES[step])
    removed = [path for path in place.paths() if stems is None or PurePosixPath(path).stem in stems]
    done = []
    if removed:
        files = [place.files / path for path in removed]
        folder = working_copy.back_up(place.root, files, base=place.files)
        for file in files:
            file.unlink()
        done.append(f"Removed: {listed(removed)}. Backed up in {folder.relative_to(place.root)}.")
    else:
        done.append("There was no file to remove.")
    deployment.forget(place.files)
    done.append("The next deployment gets a fresh account.")
    known = working_copy.load_progress(place.root)
    if known.checked:
        working_copy.save_progress(place.root, known.without(step))
        done.append("The verdicts on it are forgotten." if step else "All verdicts are forgotten.")
    done.append("Your cells are as they were.")
    what = f"the step {step}" if step else "the workspace"
    return Card(
        f"Reset of {what}",
        "",
        Mark("✓", "done", "pass"),
        (Lines(tuple(done)),),
        "Run the %%hcl cells to write the files again.",
    )
