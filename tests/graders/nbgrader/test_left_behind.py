"""What a class leaves on the instructor's disk: data of the kinds we read, in the places that are for it."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path

import pytest

from lab.course import steps
from notebooks.course import ASSIGNMENT
from solutions.hostile import libraries
from tests.graders.nbgrader.course import Course, submit

KINDS = frozenset({".ipynb", ".html", ".txt", ".json", ".db", ".csv", "", ".lock"})
PLACES = frozenset({"submitted", "autograded", "feedback", ".lab", "gradebook.db", "grades.csv"})
LOADED = (
    "nbgrader_config.py",
    "jupyter_server_config.py",
    "jupyter_config.json",
    "ipython_config.py",
    "sitecustomize.py",
    "lab.py",
    "alembic.ini",
    ".terraformrc",
    "lab",
    "alembic",
    "x.so",
    "x.ipynb",
)
"""Names by which something would be loaded in some directory or other."""


def files(root: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and content by path."""
    return {
        str(path.relative_to(root)): (stat.S_IMODE(path.lstat().st_mode), path.read_bytes())
        for path in sorted(root.rglob("*"))
        if not path.is_dir()
    }


def test_only_data_in_its_places(
    course: Course, inbound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the exchange to the marks: is what is new data, not executable, where it belongs, and is no temporary file left?"""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    handed = submit(inbound, course, "mallory")
    submit(inbound, course, "ann")
    for name in LOADED:
        (handed / name).write_bytes(libraries.library())
        (handed / name).chmod(0o755)
    (handed / "modules").mkdir()
    (handed / "modules" / "x.py").write_text("raise SystemExit\n")
    before = {path: found for path, found in files(course.root).items() if path != "gradebook.db"}
    steps.collect(course.root)
    steps.autograde(course.root, depth="static")
    steps.feedback(course.root)
    steps.export(course.root, None, any_depth=True)
    after = files(course.root)
    assert {path: after[path] for path in before} == before
    new = {path: found for path, found in after.items() if path not in before}
    assert {path.split("/")[0] for path in new} == PLACES
    for path, (mode, data) in new.items():
        assert not mode & 0o111, path
        assert Path(path).suffix in KINDS, path
        assert not data.startswith((b"\x7fELF", b"#!")), path
        assert Path(path).name not in LOADED, path
    notebooks = {f"{name}.ipynb" for name in course.released()}
    for place in ("submitted", "autograded"):
        found = {path.name for path in (course.root / place / "mallory" / ASSIGNMENT).iterdir()}
        assert found == {*notebooks, "timestamp.txt"}
    assert list(temporary.rglob("*")) == []
