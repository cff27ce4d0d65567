"""The package as it is installed: everything is in it, and it works without this checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("lab", "lab_env", "graders", "notebooks", "solutions")
_NOT_OURS = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, because building writes beside the sources."""
    copy = tmp_path_factory.mktemp("source")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, copy / name, ignore=_NOT_OURS)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Unpacked."""
    directory = tmp_path_factory.mktemp("wheel")
    if uv := shutil.which("uv"):
        words = [uv, "build", "-q", "--wheel", "--out-dir", str(directory), str(source)]
    else:
        words = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(directory), str(source)]
    built = subprocess.run(words, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(next(directory.glob("*.whl"))) as archive:
        archive.extractall(directory / "site")
    return directory / "site"


def test_everything_is_in_it(source: Path, wheel: Path) -> None:
    """Is each file of each package in the wheel, those of the attacks with odd names included, and no authors' tool?"""
    ours = {path.relative_to(source) for name in PACKAGES for path in (source / name).rglob("*") if path.is_file()}
    tools = {path for path in ours if path.is_relative_to("graders/quality")}
    packed = {path.relative_to(wheel) for path in wheel.rglob("*") if path.is_file()}
    assert len(ours) > 900
    assert ours - packed == tools
    assert len(tools) > 20


def test_it_works_without_the_checkout(wheel: Path, tmp_path: Path) -> None:
    """Does `lab` from the wheel write the starter, grade a class of two and write the page, with the wheel's own files?"""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(wheel)}

    def started(program: str, *words: str) -> subprocess.CompletedProcess[str]:
        # This checkout is installed too, and finds whatever the wheel lacks.
        alone = "import sys; sys.meta_path = [one for one in sys.meta_path if 'editable' not in repr(one).lower()]; "
        argv = [sys.executable, "-c", alone + program, *words]
        return subprocess.run(argv, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)

    def python(program: str, *words: str) -> str:
        done = started(program, *words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def lab(*words: str) -> None:
        python("from lab.cli import main; main()", *words)

    refused = started("from lab.cli import main; main()", "self-test")
    assert refused.returncode == 2, refused.stderr
    assert "is not in the installed package. Next: Run it in a checkout" in " ".join(refused.stderr.split())
    where = python("import graders, lab, lab_env; print(graders.__file__, lab.__file__, lab_env.__file__)")
    assert all(Path(name).is_relative_to(wheel) for name in where.split())
    (tmp_path / "class" / "starter").mkdir(parents=True)
    lab("reset", "--dir", "class/starter")
    shutil.copytree(wheel / "solutions" / "reference", tmp_path / "class" / "reference")
    lab("grade", "class", "--depth", "static", "--json", "results.json", "--html", "class.html")
    results = json.loads((tmp_path / "results.json").read_text())
    assert {one["id"]: one["status"] for one in results["submissions"]} == {"reference": "graded", "starter": "graded"}
    assert "<svg" in (tmp_path / "class.html").read_text()
