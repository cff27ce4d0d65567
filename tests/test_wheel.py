"""The packages as they are installed: a learner's without a solution, the solutions beside it, and no file in both."""

from __future__ import annotations

import email
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from notebooks import release
from tests.conftest import missing
from tests.shared import once

ROOT = Path(__file__).parents[1]
PACKAGES = ("lab", "lab_env", "graders", "notebooks", "solutions")
FILES = ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in", "CHANGELOG.md", "CONTRIBUTING.md")
SOLVED = tuple(f"solutions/{name}" for name in ("reference", "alternatives", "mistakes", "hostile"))
SOLVED += ("notebooks/lessons/", "notebooks/source/")
_NOT_OURS = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")
SENTENCE = "pip install 'secrets-lab[solutions]'"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy, because building writes beside the sources."""
    copy = tmp_path_factory.mktemp("source")
    for name in (*PACKAGES, "docs"):
        shutil.copytree(ROOT / name, copy / name, ignore=_NOT_OURS)
    for name in FILES:
        shutil.copy(ROOT / name, copy)
    return copy


@pytest.fixture(scope="module")
def built(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both wheels, and the source distribution of the learner's."""

    def make(place: Path) -> None:
        _build(["--wheel"], source, place)
        _build(["--wheel"], source / "solutions", place)
        _build(["--sdist"], source, place)

    return once(tmp_path_factory, "distributions", make)


def uv(*words: str) -> None:
    """Run uv, which builds packages and installs them."""
    program = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    if not Path(program).exists():
        missing("uv builds the packages.")
    done = subprocess.run([program, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _build(kind: Sequence[str], source: Path, place: Path) -> None:
    uv("build", "-q", *kind, "--out-dir", str(place), str(source))


def names(archive: Path) -> set[str]:
    """Its files, those that describe the package apart, and without the sdist's own directory."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return {name for name in wheel.namelist() if ".dist-info/" not in name and ".data/" not in name}
    with tarfile.open(archive) as sdist:
        return {one.name.partition("/")[2] for one in sdist.getmembers() if one.isfile()}


def learners(built: Path) -> Path:
    (wheel,) = built.glob("secrets_lab-*.whl")
    return wheel


def solved(built: Path) -> Path:
    (wheel,) = built.glob("secrets_lab_solutions-*.whl")
    return wheel


def sdist(built: Path) -> Path:
    (archive,) = built.glob("secrets_lab-*.tar.gz")
    return archive


@pytest.mark.slow
def test_every_file_is_in_one_of_them(source: Path, built: Path) -> None:
    """Is each file of each package in one wheel, those of the attacks with odd names included, and no authors' tool?"""
    ours = {
        path.relative_to(source).as_posix()
        for name in PACKAGES
        for path in (source / name).rglob("*")
        if path.is_file()
    }
    ours = {name for name in ours if "/build/" not in name and ".egg-info/" not in name}
    tools = {name for name in ours if name.startswith("graders/quality/")} | {"solutions/pyproject.toml"}
    first, second = names(learners(built)), names(solved(built))
    assert len(ours) > 900
    assert len(tools) > 20
    assert first & second == set()
    assert ours - first - second == tools
    assert first | second <= ours
    assert {name for name in ours - tools if name.startswith(SOLVED)} == second


@pytest.mark.slow
def test_no_solution_is_in_a_learners(built: Path) -> None:
    """Is no telling line of the reference in the wheel, nor in the source distribution, and are the starter and the notebooks?"""
    reference = (ROOT / "solutions/reference/modules/secrets/iam.tf").read_text(encoding="utf-8")
    telling = max((line.strip() for line in reference.splitlines()), key=len).encode()
    contents: dict[str, bytes] = {}
    with zipfile.ZipFile(learners(built)) as wheel:
        contents |= {name: wheel.read(name) for name in wheel.namelist()}
    with tarfile.open(sdist(built)) as archive:
        contents |= {
            one.name: found.read() for one in archive.getmembers() if (found := archive.extractfile(one)) is not None
        }
    assert [name for name, data in contents.items() if telling in data] == []
    assert "solutions/starter/modules/secrets/iam.tf" in contents
    assert "notebooks/released/00-where-secrets-leak.ipynb" in contents
    with zipfile.ZipFile(solved(built)) as wheel:
        assert any(telling in wheel.read(name) for name in wheel.namelist())


@pytest.mark.slow
def test_the_source_distribution(built: Path, tmp_path: Path) -> None:
    """Are the docs in it, and does it build the same wheel as the checkout?"""
    held = names(sdist(built))
    docs = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*") if path.is_file()}
    assert docs | {"README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"} <= held
    with tarfile.open(sdist(built)) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    _build(["--wheel"], unpacked, tmp_path / "again")
    assert names(learners(tmp_path / "again")) == names(learners(built))


@pytest.mark.slow
def test_twine_takes_them(built: Path) -> None:
    """Does ``twine check --strict`` find nothing, so that an index takes them and shows their descriptions?"""
    archives = sorted(str(path) for path in built.iterdir() if path.suffix in (".whl", ".gz"))
    assert len(archives) == 3
    if subprocess.run([sys.executable, "-c", "import twine"], capture_output=True).returncode:
        missing("twine checks the packages.")
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", *archives], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("PASSED") == 3


@pytest.mark.slow
def test_they_belong_together(built: Path) -> None:
    """Does each name the other in its own version, is the long description the README, and has an index where to look further?"""
    described = []
    for wheel in (learners(built), solved(built)):
        with zipfile.ZipFile(wheel) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            described.append(email.message_from_string(archive.read(name).decode()))
    lab, solutions = described
    assert lab["Version"] == solutions["Version"]
    wanted = [one for one in lab.get_all("Requires-Dist", []) if one.startswith("secrets-lab-solutions")]
    assert wanted == [f'secrets-lab-solutions=={lab["Version"]}; extra == "solutions"']
    assert solutions.get_all("Requires-Dist") == [f"secrets-lab=={lab['Version']}"]
    assert lab.get_payload().strip() == (ROOT / "README.md").read_text(encoding="utf-8").strip()
    for one in described:
        assert {url.partition(",")[0] for url in one.get_all("Project-URL", [])} >= {"Repository", "Issues"}
        assert "Framework :: Jupyter" in one.get_all("Classifier", [])


@pytest.fixture(scope="module")
def environment(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment of its own with a learner's wheel in it; what that needs is this environment's.

    Its own .pth files are not read from there, so the checkout that it knows is not found.
    """
    place = tmp_path_factory.mktemp("environment")
    venv.create(place)
    (site,) = place.glob("lib/python*/site-packages")
    found = [path for path in map(Path, sys.path) if path.name == "site-packages"]
    (site / "neighbours.pth").write_text("".join(f"{path}\n" for path in found or [sysconfig.get_path("purelib")]))
    pip(place, "install", "--offline", "--no-deps", str(learners(built)))
    return place


def pip(environment: Path, *words: str) -> None:
    uv("pip", words[0], "-q", "--python", str(environment / "bin" / "python"), *words[1:])


def run(environment: Path, directory: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """A program of the environment's, with nothing of this run's."""
    kept = {name: os.environ[name] for name in ("PATH", "LAB_CACHE_DIR") if name in os.environ}
    return subprocess.run(
        [environment / "bin" / words[0], *words[1:]],
        cwd=directory,
        env=kept | {"HOME": str(directory), "LAB_STATE_DIR": str(directory / "state")},
        capture_output=True,
        text=True,
        timeout=180,
    )


def done(environment: Path, directory: Path, *words: str) -> str:
    ran = run(environment, directory, *words)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.slow
def test_a_learners_installation(environment: Path, tmp_path: Path) -> None:
    """Does it write the starter and the notebooks, grade a class and write the page, with its own files alone?"""
    where = "import graders, lab, lab_env, notebooks; print(*(m.__file__ for m in (graders, lab, lab_env, notebooks)))"
    assert all(
        Path(name).is_relative_to(environment) for name in done(environment, tmp_path, "python", "-c", where).split()
    )
    assert done(environment, tmp_path, "lab", "--version").startswith("secrets-lab ")
    (tmp_path / "class" / "starter").mkdir(parents=True)
    done(environment, tmp_path, "lab", "reset", "--dir", "class/starter")
    shutil.copytree(ROOT / "solutions" / "reference", tmp_path / "class" / "right")
    done(
        environment,
        tmp_path,
        "lab",
        "grade",
        "class",
        "--depth",
        "static",
        "--json",
        "results.json",
        "--html",
        "a.html",
    )
    results = json.loads((tmp_path / "results.json").read_text())
    assert {one["id"]: one["status"] for one in results["submissions"]} == {"right": "graded", "starter": "graded"}
    assert "<svg" in (tmp_path / "a.html").read_text()
    (tmp_path / "course").mkdir()
    done(environment, tmp_path, "python", "-m", "notebooks.release", "course")
    given = {path.stem: path.read_text(encoding="utf-8") for path in (tmp_path / "course").glob("*.ipynb")}
    assert given == {name: release.text(name) for name in release.names()}


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ("lab", "demo", "--depth", "static"),
        ("lab", "course", "new", "course"),
        ("lab", "grade", "class", "--depth", "static", "--similarity", "similar.html"),
        ("python", "-m", "notebooks.build", "--solved", "solved"),
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_what_needs_the_solutions_says_what_to_install(
    environment: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Where the solutions are not there: one sentence with what to install, exit code 2, and nothing half written?"""
    for name in ("one", "two"):
        (tmp_path / "class" / name).mkdir(parents=True)
        done(environment, tmp_path, "lab", "reset", "--dir", f"class/{name}")
    ran = run(environment, tmp_path, *words)
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert SENTENCE in " ".join(ran.stderr.split())
    assert "Traceback" not in ran.stderr
    assert not [name for name in ("course", "similar.html", "solved", "report.html") if (tmp_path / name).exists()]


@pytest.mark.slow
def test_the_self_test_is_in_neither(environment: Path, tmp_path: Path) -> None:
    """Is the authors' tool, which is in no wheel, told where it is?"""
    ran = run(environment, tmp_path, "lab", "self-test")
    assert ran.returncode == 2, ran.stderr
    assert "is not in the installed package. Next: Run it in a checkout" in " ".join(ran.stderr.split())


@pytest.mark.slow
def test_the_solutions_come_and_go(environment: Path, built: Path, tmp_path: Path) -> None:
    """Beside a learner's: does what needs them work, and is a learner's whole again when they are taken away?"""
    pip(environment, "install", "--offline", "--no-deps", str(solved(built)))
    try:
        done(environment, tmp_path, "lab", "demo", "--depth", "static", "--html", "demo.html")
        done(environment, tmp_path, "lab", "course", "new", "course")
        assert len(list((tmp_path / "course" / "source").rglob("*.ipynb"))) == 6
        done(environment, tmp_path, "python", "-m", "notebooks.build", "--check")
    finally:
        pip(environment, "uninstall", "secrets-lab-solutions")
    (site,) = environment.glob("lib/python*/site-packages")
    assert not [name for name in SOLVED if any(path.is_file() for path in (site / name).rglob("*"))]
    done(environment, tmp_path, "lab", "reset", "--dir", ".")
