"""``lab course variants``: each learner's own values, drawn from a seed that stays with the instructor."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lab.course.nbgraders import ASSIGNMENT
from lab_env.errors import UsageError
from lab_env.text import one_line

if TYPE_CHECKING:
    from graders.assignment.document import Table
    from lab_env.lesson import Lesson

SEED = "variants.seed"
_SEED_BYTES = 32


@dataclass(frozen=True)
class Drawn:
    """What drawing came to.

    :param path: where the values stand.
    :param seed: where the seed lies; ``made``: it was made now.
    :param total: rows that there are now; ``new``: how many of them were not there before.
    """

    path: Path
    seed: Path
    made: bool
    total: int
    new: int


def draw(
    directory: Path | None,
    roster: Path,
    *,
    column: str | None = None,
    assignment: Path | None = None,
    seed: Path | None = None,
) -> Drawn:
    """Draw values for all of a class list who have none yet, and write them beside the assignment's file.

    :param column: of the class list, in which the ids stand that submissions' directories are called by; found as everywhere in
        a course when left out.
    :param assignment: the instructor's file; the course's when left out.
    :param seed: its file; ``variants.seed`` in the course directory when left out. It is made when it is not there.
    :raises UsageError: a file is not there or not understood, or the class is too large.
    """
    from graders.assignment import variants
    from lab_env.files import PRIVATE, write_output

    root = _root(directory)
    file = _assignment(root, assignment)
    table = _table(file)
    students = _ids(roster, column)
    seed_file = seed or root / SEED
    secret, made = _seed(seed_file)
    target = file.with_name(variants.FILE)
    known = variants.parse(variants.read_bytes(target), target.name) if target.exists() else {}
    rows = variants.draw(secret, table.course or "", students, known)
    write_output(target, variants.written(rows), mode=PRIVATE)
    return Drawn(target, seed_file, made, len(rows), len(rows) - len(known))


def show(directory: Path | None, student: str, *, assignment: Path | None = None) -> Lesson:
    """Look up one learner's values.

    :raises UsageError: there are none.
    """
    from graders.assignment import read_assignment

    return read_assignment(_assignment(_root(directory), assignment)).rules(student).lesson


def lines(values: Mapping[str, str | int]) -> tuple[str, ...]:
    """Say values in lines."""
    return tuple(f"{name}: {value}" for name, value in values.items())


def _root(directory: Path | None) -> Path:
    return (directory or Path.cwd()).expanduser().resolve()


def _assignment(root: Path, given: Path | None) -> Path:
    from graders.assignment import FILE

    if given is not None:
        return given
    places = (root / "source" / ASSIGNMENT / FILE, root / FILE)
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise UsageError(
            f"There is no {FILE} in {root}.", next_step="Name it with --assignment, or the course directory with --dir."
        )
    return found


def _table(file: Path) -> Table:
    from graders.assignment.reading import read_table

    table = read_table(file)
    if not table.variants:
        raise UsageError(
            f"{one_line(file.name)} asks the same of everybody.",
            next_step='Write variants = true and course = "…" above its first table (docs/assignment.md).',
        )
    return table


def _ids(path: Path, column: str | None) -> tuple[str, ...]:
    from graders.marking.people import people
    from graders.marking.roster import read_roster

    roster = read_roster(path)
    # As everywhere in a course: values of somebody who is called otherwise would be nobody's.
    ids = tuple(one.id for one in people(roster, id_column=column)[0])
    if not ids:
        raise UsageError(f"{roster.name} names nobody.", next_step="Name the class list.")
    return ids


def _seed(path: Path) -> tuple[bytes, bool]:
    """Read the seed, or make one that nobody else may read."""
    try:
        return _read_seed(path), False
    except FileNotFoundError:
        pass
    except OSError as error:
        raise UsageError(
            f"Cannot read {path}: {error.strerror}.", next_step="Name the seed's file with --seed."
        ) from None
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(f"{secrets.token_hex(_SEED_BYTES)}\n", encoding="ascii")
    except OSError as error:
        raise UsageError(
            f"Cannot write {path}: {error.strerror}.", next_step="Name another file with --seed."
        ) from None
    return _read_seed(path), True


def _read_seed(path: Path) -> bytes:
    with path.open("rb") as stream:
        seed = stream.read(4096).strip()
    if len(seed) < _SEED_BYTES:
        raise UsageError(
            f"{path} is too short for a seed.",
            next_step=f"Write at least {_SEED_BYTES} characters that nobody can guess.",
        )
    return seed
