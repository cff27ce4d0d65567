"""Where the AWS provider is found: every place, both layouts, the newest allowed one, and no surprise from bad files."""

from __future__ import annotations

import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lab_env.errors import TerraformError
from lab_env.terraform import provider
from lab_env.terraform.provider import SOURCE, find_provider, target, user_configuration


def unpacked(mirror: Path, version: str, platform: str | None = None) -> Path:
    """A mirror with one unpacked package."""
    binary = mirror / SOURCE / version / (platform or target()) / f"terraform-provider-aws_v{version}_x5"
    binary.parent.mkdir(parents=True)
    binary.write_text("#!/bin/sh\n")
    binary.chmod(0o755)
    return binary


def packed(mirror: Path, version: str, member: str | None = None) -> Path:
    """A mirror with one zipped package."""
    archive = mirror / SOURCE / f"terraform-provider-aws_{version}_{target()}.zip"
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("LICENSE.txt", "a licence")
        package.writestr(member or f"terraform-provider-aws_v{version}_x5", "#!/bin/sh\n")
    return archive


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that names no mirror at all: another home, no add-on software."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("LAB_CACHE_DIR", str(tmp_path / "our cache"))
    for name in (
        "LAB_PROVIDER_MIRROR",
        "LAB_PROVIDER_VERSION",
        "TF_CLI_CONFIG_FILE",
        "TF_PLUGIN_CACHE_DIR",
        "XDG_DATA_HOME",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "share"))
    monkeypatch.setattr(provider, "_add_on_software", lambda: iter(()))
    return home


def test_a_machine_without_a_provider_has_none() -> None:
    """Nothing anywhere: is that said, without an error?"""
    assert find_provider() is None


def test_every_place_is_looked_at(bare_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a provider found in each place that Terraform itself would look at, and in our cache?"""
    configured = tmp_path / "configured"
    plugin_cache = tmp_path / "plugin-cache"
    (bare_machine / ".terraformrc").write_text(
        'provider_installation {\n  filesystem_mirror {\n    include = ["*/*/*"]\n'
        f'    path = "{configured}"\n  }}\n}}\nplugin_cache_dir = "{plugin_cache}"\n'
    )
    monkeypatch.setenv("TF_PLUGIN_CACHE_DIR", str(tmp_path / "cache-by-name"))
    places = [
        configured,
        plugin_cache,
        tmp_path / "our cache" / "plugins",
        tmp_path / "cache-by-name",
        bare_machine / ".terraform.d" / "plugins",
    ]
    if sys.platform != "darwin":
        places += [bare_machine / ".local/share/terraform/plugins", tmp_path / "share/terraform/plugins"]
    # Each later place gets a newer one, so it must win.
    for number, place in enumerate(places):
        binary = unpacked(place, f"5.9{number}.0")
        found = find_provider()
        assert found is not None
        assert (found.binary, found.mirror, found.version) == (binary, place, f"5.9{number}.0")


def test_the_newest_allowed_one_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too old, too new, pre-releases, other platforms and stray files: is each passed over?"""
    mirror = tmp_path / "mirror"
    monkeypatch.setenv("LAB_PROVIDER_MIRROR", str(mirror))
    for version in ("5.9.0", "5.87.1", "6.0.0", "5.100.0-beta1"):
        unpacked(mirror, version)
    unpacked(mirror, "5.101.0", platform="plan9_mips")
    (mirror / SOURCE / "notes.txt").write_text("5.102.0")
    unpacked(mirror, "5.103.0").chmod(0o644)  # nothing that could be started
    (mirror / SOURCE / f"terraform-provider-aws_5.104.0_{target()}.zip").write_text("no archive")
    with pytest.raises(TerraformError, match=r"LAB_PROVIDER_MIRROR is .*>= 5\.88\.0, < 6\.0\.0") as caught:
        find_provider()
    assert caught.value.exit_code == 3
    assert caught.value.next_step
    for version in ("5.99.1", "5.100.0", "5.88.0"):
        unpacked(mirror, version)
    found = find_provider()
    assert found is not None
    assert found.version == "5.100.0"


@pytest.mark.parametrize("asked", ["6.62.0", "5.99.1", "7.0.0"])
@pytest.mark.parametrize("build", [unpacked, packed])
def test_another_version_on_request(
    asked: str, build: Callable[[Path, str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is the version that LAB_PROVIDER_VERSION names taken from any mirror, and no other, newer or older?"""
    first, second = tmp_path / "first", tmp_path / "second"
    monkeypatch.setattr(provider, "mirror_directories", lambda: (first, second))
    for version in ("5.98.0", "5.100.0", "6.63.0"):
        unpacked(first, version)
    build(second, asked)
    by_itself = find_provider()
    assert by_itself is not None
    assert by_itself.version == "5.100.0"
    monkeypatch.setenv("LAB_PROVIDER_VERSION", asked)
    found = find_provider()
    assert found is not None
    assert found.version == asked
    assert found.mirror == (second if build is unpacked else tmp_path / "our cache" / "plugins")


def test_a_version_that_nobody_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a version that no directory holds left to the download, and one that a named mirror lacks said with what that holds?"""
    monkeypatch.setenv("LAB_PROVIDER_VERSION", "6.62.0")
    unpacked(tmp_path / "mirror", "5.100.0")
    unpacked(tmp_path / "mirror", "6.61.0")
    monkeypatch.setattr(provider, "mirror_directories", lambda: (tmp_path / "mirror",))
    assert find_provider() is None
    monkeypatch.setenv("LAB_PROVIDER_MIRROR", str(tmp_path / "mirror"))
    with pytest.raises(
        TerraformError, match=r"LAB_PROVIDER_VERSION asks for 6\.62\.0.*holds 5\.100\.0 and 6\.61\.0"
    ) as caught:
        find_provider()
    assert "LAB_PROVIDER_VERSION" in (caught.value.next_step or "")


def test_a_version_that_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a version that lacks what the lesson needs refused before anything is looked for?"""
    monkeypatch.setenv("LAB_PROVIDER_VERSION", "5.87.1")
    with pytest.raises(TerraformError, match=r"LAB_PROVIDER_VERSION is 5\.87\.1, older than 5\.88\.0"):
        find_provider()


def test_a_packed_provider_is_unpacked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight of us at once meet a zipped provider: does each get the same executable, and is it unpacked one time?"""
    monkeypatch.setenv("LAB_PROVIDER_MIRROR", str(tmp_path / "mirror"))
    archive = packed(tmp_path / "mirror", "5.95.0")
    found = []
    threads = [threading.Thread(target=lambda: found.append(find_provider())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    (one,) = set(found)
    assert one is not None
    assert one.binary.read_text() == "#!/bin/sh\n"
    assert one.mirror == tmp_path / "our cache" / "plugins"
    assert [path.name for path in (one.mirror / SOURCE / "5.95.0").iterdir()] == [target()]
    archive.write_bytes(archive.read_bytes())
    again = find_provider()
    assert again == one


def test_a_package_cannot_write_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does a member named with ``..`` land in the package's own directory?"""
    monkeypatch.setenv("LAB_PROVIDER_MIRROR", str(tmp_path / "mirror"))
    packed(tmp_path / "mirror", "5.95.0", member="../../../../terraform-provider-aws_v5.95.0")
    found = find_provider()
    assert found is not None
    assert found.binary.parent == tmp_path / "our cache" / "plugins" / SOURCE / "5.95.0" / target()


def test_a_package_without_a_provider_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip of something else: one sentence that names it?"""
    monkeypatch.setenv("LAB_PROVIDER_MIRROR", str(tmp_path / "mirror"))
    packed(tmp_path / "mirror", "5.95.0", member="README.md")
    with pytest.raises(TerraformError, match=r"5\.95\.0.*holds no terraform-provider-aws"):
        find_provider()


@pytest.mark.parametrize("text", ["{{{{ not HCL", "\x00\xff", 'filesystem_mirror { path = "unclosed', ""])
def test_a_broken_user_configuration_does_not_matter(bare_machine: Path, text: str) -> None:
    """Is a CLI configuration that Terraform itself would refuse simply read as naming nothing?"""
    (bare_machine / ".terraformrc").write_bytes(text.encode("latin-1"))
    assert user_configuration() == provider.UserConfiguration()
    assert find_provider() is None


def test_a_missing_user_configuration_does_not_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``TF_CLI_CONFIG_FILE`` names a file that is not there, or a directory: no error?"""
    for path in (tmp_path / "no-such-file", tmp_path):
        monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(path))
        assert user_configuration() == provider.UserConfiguration()


def test_what_only_a_user_configuration_may_say(
    bare_machine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Are names in quotation marks, variables of the environment, braces in texts and several mirrors read as Terraform does?"""
    monkeypatch.setenv("MIRRORS", str(tmp_path))
    (bare_machine / ".terraformrc").write_text(
        'plugin_cache_dir = "${MIRRORS}/cache" # why: "}"\ndisable_checkpoint = true\n'
        'credentials "app.terraform.io" {\n  token = "}{ not a real one"\n}\n'
        "provider_installation {\n"
        '  dev_overrides {\n    "hashicorp/null" = "/home/me/null"\n    "hashicorp/tls" = "/home/me/tls"\n  }\n'
        '  filesystem_mirror {\n    include = ["}"]\n    path = "$MIRRORS/first"\n  }\n'
        '  filesystem_mirror { path = "~/second" }\n'
        '  filesystem_mirror {\n    path = ["none"]\n  }\n'
        '  network_mirror {\n    url = "http://open.example.edu/"\n  }\n  direct {}\n}\n'
        'host "example.edu" {\n  services = {\n    "modules.v1" = "https://example.edu/"\n  }\n}\n'
    )
    assert user_configuration() == provider.UserConfiguration(
        (tmp_path / "first", bare_machine / "second", tmp_path / "cache"), None
    )


def test_comments_in_a_user_configuration_name_no_mirror(bare_machine: Path) -> None:
    """Is a mirror in a comment left alone, and a network mirror kept for the download?"""
    (bare_machine / ".terraformrc").write_text(
        "provider_installation {\n"
        '  # filesystem_mirror { path = "/old" }\n'
        '  network_mirror {\n    url = "https://mirror.example.edu/providers/"\n  }\n}\n'
    )
    assert user_configuration() == provider.UserConfiguration((), "https://mirror.example.edu/providers/")
