"""The scripts' own installing: from the wheel that goes with the zip, into an environment without this checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
import yaml

from graders.autograders import classroom50, github, images
from graders.autograders.installation import Installation, own_version
from graders.model import Depth
from tests.graders.autograders import platforms
from tests.graders.report.platforms.test_outcomes import RUNNER
from tests.shared import once

PACKAGES = ("lab", "lab_env", "graders", "notebooks", "solutions")
_NOT_OURS = shutil.ignore_patterns("__pycache__", "*.egg-info", "build")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This checkout as a wheel."""

    def make(place: Path) -> None:
        source = place / "source"
        for name in PACKAGES:
            shutil.copytree(platforms.ROOT / name, source / name, ignore=_NOT_OURS)
        for name in ("pyproject.toml", "README.md", "LICENSE"):
            shutil.copy(platforms.ROOT / name, source)
        if uv := shutil.which("uv"):
            words = [uv, "build", "-q", "--wheel", "--out-dir", str(place), str(source)]
        else:
            words = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(place), str(source)]
        built = subprocess.run(words, capture_output=True, text=True)
        assert built.returncode == 0, built.stderr
        shutil.rmtree(source)

    (path,) = once(tmp_path_factory, "autograders-wheel", make).glob("*.whl")
    return path


@pytest.fixture
def offline(tmp_path: Path) -> dict[str, str]:
    """An environment in which pip installs the lab's wheel without an index; what the lab needs is this environment's.

    So pip installs one more wheel: a .pth file that names this environment's directory. Its own .pth files are not read there, so
    the checkout that it knows is not found.
    """
    neighbour = tmp_path / "neighbour-1-py3-none-any.whl"
    with zipfile.ZipFile(neighbour, "w") as archive:
        archive.writestr("neighbour.pth", f"{sysconfig.get_path('purelib')}\n")
        archive.writestr("neighbour-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: neighbour\nVersion: 1\n")
        archive.writestr(
            "neighbour-1.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("neighbour-1.dist-info/RECORD", "")
    (tmp_path / "more.txt").write_text(f"{neighbour}\n")
    made = platforms.environment(
        tmp_path, PIP_NO_INDEX="1", PIP_NO_DEPS="1", PIP_REQUIREMENT=str(tmp_path / "more.txt")
    )
    del made["SECRETS_LAB_PROGRAM"]
    return made


def test_setup_installs_the_wheel_and_tries_it(wheel: Path, offline: dict[str, str], tmp_path: Path) -> None:
    """Does setup.sh make the environment from the zip's wheel and grade the starter, so that the image is known to work?"""
    made = images.gradescope(Installation.of(wheel=wheel, depth=Depth.STATIC))
    platforms.unpack(made, tmp_path / "autograder" / "source")
    done = platforms.run(tmp_path / "autograder" / "source" / "setup.sh", offline, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "starter" in done.stdout
    program = "import lab, importlib.metadata as m; print(lab.__file__, m.version('secrets-lab'))"
    python = tmp_path / "home" / "venv" / "bin" / "python"
    where = subprocess.run([python, "-I", "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert Path(where[0]).is_relative_to(tmp_path / "home")
    assert where[1] == own_version()


def test_setup_says_what_is_missing(offline: dict[str, str], tmp_path: Path) -> None:
    """Does the image's build fail, and not a student's grading, when the lab cannot be installed?"""
    platforms.unpack(images.gradescope(Installation.of(depth=Depth.STATIC)), tmp_path / "autograder" / "source")
    done = platforms.run(tmp_path / "autograder" / "source" / "setup.sh", offline, cwd=tmp_path)
    assert done.returncode != 0
    assert f"secrets-lab[terraform]=={own_version()}" in done.stderr


@pytest.mark.full
def test_the_workflow_installs_what_it_names(wheel: Path, offline: dict[str, str], tmp_path: Path) -> None:
    """Does the workflow's step install the version that it pins, and nothing out of the checkout?"""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    steps = yaml.safe_load(github.workflow(Installation.of()))["jobs"]["grade"]
    (install,) = [step["run"] for step in steps["steps"] if step.get("name") == "Install"]
    environ = {
        **offline,
        **{key: str(value) for key, value in steps["env"].items()},
        "PIP_FIND_LINKS": str(wheel.parent),
        "PATH": f"{tmp_path / 'venv' / 'bin'}{os.pathsep}{offline['PATH']}",
    }
    done = subprocess.run(["bash", "-e", "-c", install], env=environ, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    helped = subprocess.run(
        [tmp_path / "venv" / "bin" / "lab", "export", "--help"], capture_output=True, text=True, check=True
    )
    assert "github-annotations" in helped.stdout


@pytest.mark.full
def test_classroom50s_script_installs_the_wheel_beside_it(wheel: Path, offline: dict[str, str], tmp_path: Path) -> None:
    """Does the script install the bundle's wheel, with nothing of a checkout that has a pip.py and a venv.py of its own?"""
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "autograder.py").write_text(classroom50.script(Installation.of(depth=Depth.STATIC)), "utf-8")
    shutil.copy(wheel, tmp_path / "bundle")
    platforms.hand_in(tmp_path / "checkout")
    for name in ("pip.py", "venv.py", "json.py"):
        (tmp_path / "checkout" / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    environ = {**offline, **RUNNER}
    words = [sys.executable, str(tmp_path / "bundle" / "autograder.py")]
    done = subprocess.run(words, env=environ, cwd=tmp_path / "checkout", capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "checkout" / "result.json").is_file()
    assert not (tmp_path / "ran").exists()
