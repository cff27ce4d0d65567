"""The page of rooms: is it what the code imports, and do the lint's layers hold?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from graders.quality.rooms import PAGE, ROOT, Room, placed, rooms, section


def test_the_page_is_up_to_date() -> None:
    """Does docs/architecture.md show the rooms and arrows that there are? If not: python -m graders.quality.rooms."""
    page = PAGE.read_text(encoding="utf-8")
    assert page == placed(page, section(rooms()))


def test_every_room_says_what_it_is_for() -> None:
    """Has each a sentence, and does no arrow lead from a house to one above it?"""
    found = rooms()
    assert [room.name for room in found if not room.meaning.endswith((".", "?"))] == []
    assert [
        room.name for room in found if room.name.startswith("lab_env") and any("graders" in x for x in room.uses)
    ] == []
    assert len(found) > 40


def test_an_arrow_up_is_refused(tmp_path: Path) -> None:
    """Does the contract notice an import from below to above, and a module that is in no layer?"""
    for house in ("lab", "notebooks", "graders", "solutions", "lab_env"):
        subprocess.run(["cp", "-r", str(ROOT / house), str(tmp_path)], check=True)
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    lint = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]

    def said() -> tuple[int, str]:
        done = subprocess.run(lint, cwd=tmp_path, capture_output=True, text=True)
        return done.returncode, done.stdout

    code, text = said()
    assert (code, "8 kept, 0 broken" in text) == (0, True), text
    (tmp_path / "graders/gate/lists.py").open("a").write("\nimport graders.report.marks\n")
    (tmp_path / "graders/lonely.py").write_text("")
    code, text = said()
    assert code == 1
    assert "graders.gate.lists -> graders.report.marks" in text
    assert "graders.lonely" in text


def test_the_section_is_put_between_its_marks() -> None:
    """Does everything around it stay?"""
    page = "above\n<!-- rooms: begin -->\nold\n<!-- rooms: end -->\nbelow\n"
    made = placed(page, section([Room("lab", "What.", ("lab/verbs", "graders"))]))
    assert made.startswith("above\n")
    assert made.endswith("below\n")
    assert "old" not in made
    assert "| `lab` | What. | `verbs`, `graders` |" in made
