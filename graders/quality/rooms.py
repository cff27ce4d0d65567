"""The rooms of the house as a section for people: ``python -m graders.quality.rooms`` writes it into ``docs/architecture.md``.

A room is a folder with modules of its own; an arrow goes to each other room that one of them imports. Which arrows there may be
is the import contract's (``[tool.importlinter]`` in pyproject.toml, held by ``make lint``).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lab_env.files import write_atomically

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"
HOUSES = ("lab", "notebooks", "graders", "solutions", "lab_env")
"""From above to below."""
BEGIN, END = "<!-- rooms: begin -->\n", "<!-- rooms: end -->\n"


@dataclass(frozen=True)
class Room:
    """:param name: its folder, such as ``graders/gate``.

    :param meaning: the first sentence of its ``__init__``.
    :param uses: the names of the rooms that its modules import, in the order of the houses.
    """

    name: str
    meaning: str
    uses: tuple[str, ...]


def rooms() -> tuple[Room, ...]:
    """All rooms of the installed code, in the order of the houses."""
    import grimp

    graph = grimp.build_graph(*HOUSES, cache_dir=None)
    packages = {module for module in graph.modules if graph.find_children(module)} | set(HOUSES)
    found: dict[str, set[str]] = {}
    for module in graph.modules:
        here = found.setdefault(_room_of(module, packages), set())
        here |= {_room_of(one, packages) for one in graph.find_modules_directly_imported_by(module)}
    names = sorted(found, key=_rank)
    return tuple(Room(n, _meaning(n), tuple(sorted(found[n] - {n}, key=_rank))) for n in names)


def section(found: Iterable[Room]) -> str:
    """The tables, a house each."""
    all_ = tuple(found)
    arrows = sum(len(room.uses) for room in all_)
    parts = [f"{len(all_)} rooms, {arrows} arrows.\n"]
    for house in HOUSES:
        parts.append(f"| room of `{house}/` | what for | uses |\n|---|---|---|")
        parts += [_row(room) for room in all_ if room.name.split("/")[0] == house]
        parts.append("")
    return "\n".join(parts)


def placed(page: str, text: str) -> str:
    """The page with the section between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{text}\n{END}{after}"


def main() -> None:
    """Write the section."""
    write_atomically(PAGE, placed(PAGE.read_text(encoding="utf-8"), section(rooms())))


def _room_of(module: str, packages: set[str]) -> str:
    package = module if module in packages else module.rpartition(".")[0]
    return package.replace(".", "/")


def _rank(name: str) -> tuple[int, str]:
    return HOUSES.index(name.split("/")[0]), name


def _meaning(name: str) -> str:
    text = ast.get_docstring(ast.parse((ROOT / name / "__init__.py").read_text(encoding="utf-8"))) or ""
    return re.sub(r"(:\w+:)?`+([^`]+)`+", r"`\2`", " ".join(text.split("\n\n")[0].split()))


def _row(room: Room) -> str:
    return f"| `{room.name}` | {room.meaning} | {', '.join(_shown(room))} |"


def _shown(room: Room) -> Iterator[str]:
    """The rooms it uses; those of its own house by what is behind the house's name."""
    house = room.name.split("/")[0]
    for name in room.uses:
        yield f"`{name.removeprefix(f'{house}/')}`" if name.startswith(f"{house}/") else f"`{name}`"


if __name__ == "__main__":
    main()
