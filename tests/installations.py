"""Another installation on this machine, as far as it matters here: an engine, or a provider, of another version."""

from __future__ import annotations

from pathlib import Path

from lab_env.terraform import Toolchain
from lab_env.terraform.provider import SOURCE, target

VERSION = "0.9.9"


def another(directory: Path) -> Path:
    """Metadata of packages that name another version of the engine; what finds it first on its path is that installation."""
    metadata = directory / "another-installation" / f"ministack-{VERSION}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: ministack\nVersion: {VERSION}\n")
    return metadata.parent


def under_another_version(toolchain: Toolchain, mirror: Path, version: str) -> Path:
    """A mirror in which this machine's provider goes by another version.

    No other one can be had here. It shows what follows from the version's name, not what another provider plans and deploys.
    """
    place = mirror / SOURCE / version / target()
    place.parent.mkdir(parents=True)
    place.symlink_to(toolchain.provider.binary.parent)
    return mirror
