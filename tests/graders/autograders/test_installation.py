"""What an autograder installs: this version, another, or a wheel; and nothing that a script would take for more."""

from __future__ import annotations

import zipfile
from importlib.metadata import metadata, version
from pathlib import Path

import pytest

from graders.autograders.bundle import shipped
from graders.autograders.installation import Installation
from lab_env.errors import UsageError


def test_this_version_is_pinned() -> None:
    """Is what is installed just the version that wrote the autograder, when nothing else is said?"""
    assert Installation.of().requirements_file == f"secrets-lab[terraform]=={version('secrets-lab')}\n"


def test_terraform_comes_along(tmp_path: Path) -> None:
    """Is the extra that brings Terraform asked for wherever the lab is installed, and is there one of this name?"""
    wheel = a_wheel(tmp_path / "secrets_lab-1-py3-none-any.whl", "lab/cli.py")
    assert "terraform" in (metadata("secrets-lab").get_all("Provides-Extra") or ())
    for made in (Installation.of(), Installation.of(wheel=wheel)):
        assert "[terraform]" in made.requirements_file
        assert "[terraform]" in made.requirement
    assert "whl[terraform]" in shipped("classroom50_autograder.py").replace("{wheels[-1]}", "whl")


@pytest.mark.parametrize(
    "requirement",
    [
        "secrets-lab==1.2.0",
        "secrets-lab[terraform]==1.2.0",
        "secrets-lab[terraform,cluster] @ https://files.example/secrets_lab-1.2.0-py3-none-any.whl",
        "secrets-lab @ https://files.example/secrets_lab-1.2.0-py3-none-any.whl",
        "secrets-lab @ git+https://git.example/lab@v1.2.0",
    ],
)
def test_another_one(requirement: str) -> None:
    """Can another version be named, or one that lies at an address?"""
    assert Installation.of(requirement=requirement).requirements_file == f"{requirement}\n"


@pytest.mark.parametrize(
    "requirement",
    ["", "secrets-lab", "other==1", "secrets-lab==1 --pre", "secrets-lab==1\nother", 'secrets-lab=="1"', "secrets-lab==$(id)",
     "-r /etc/passwd", "secrets-lab @ /srv/lab", "secrets-lab @ https://x/`id`", "secrets-lab==1 # $HOME", "secrets-lab-evil==1",
     "secrets-lab==1; os_name == 'nt'"],
)  # fmt: skip
def test_what_is_no_version_is_refused(requirement: str) -> None:
    """Is everything refused that pins nothing, or that a shell, YAML or pip could take for more than a name?"""
    with pytest.raises(UsageError, match="names no version of secrets-lab"):
        Installation.of(requirement=requirement)


def a_wheel(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "")
    return path


def test_a_wheel_goes_with_it(tmp_path: Path) -> None:
    """Is a wheel named by where it will lie, and is nothing else installed then?"""
    wheel = a_wheel(tmp_path / "secrets_lab-1.2.0-py3-none-any.whl", "lab/cli.py")
    made = Installation.of(wheel=wheel)
    assert made.requirements_file == "./secrets_lab-1.2.0-py3-none-any.whl[terraform]\n"
    with pytest.raises(UsageError, match="--wheel brings the lab itself along"):
        Installation.of(wheel=wheel, requirement="secrets-lab==1.2.0")


def test_what_is_no_wheel_is_refused(tmp_path: Path) -> None:
    """Is a file that is missing, called otherwise, no zip, or another project's told from a wheel of the lab?"""
    with pytest.raises(UsageError, match="not called as a wheel"):
        Installation.of(wheel=a_wheel(tmp_path / "lab.whl", "lab/cli.py"))
    with pytest.raises(UsageError, match="Cannot read"):
        Installation.of(wheel=tmp_path / "secrets_lab-1-py3-none-any.whl")
    with pytest.raises(UsageError, match="is no wheel of the lab"):
        Installation.of(wheel=a_wheel(tmp_path / "secrets_lab-2-py3-none-any.whl", "other/cli.py"))
    (tmp_path / "secrets_lab-3-py3-none-any.whl").write_text("text")
    with pytest.raises(UsageError, match="is no wheel of the lab"):
        Installation.of(wheel=tmp_path / "secrets_lab-3-py3-none-any.whl")
