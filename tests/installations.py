"""Another installation of the lab on this machine, as far as it matters here: one whose engine has another version."""

from __future__ import annotations

from pathlib import Path

VERSION = "0.9.9"


def another(directory: Path) -> Path:
    """Metadata of packages that name another version of the engine; what finds it first on its path is that installation."""
    metadata = directory / "another-installation" / f"ministack-{VERSION}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: ministack\nVersion: {VERSION}\n")
    return metadata.parent
