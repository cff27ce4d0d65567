"""Archives that want to write elsewhere, to fill the disk, or to be something else than files."""

from __future__ import annotations

import gzip
import io
import os
import stat
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from solutions.hostile.trees import ENVIRONMENT, MAIN

Make = Callable[[Path], Path]


def zip_with(name: str) -> Make:
    """A module, and a file of this name."""

    def make(directory: Path) -> Path:
        with zipfile.ZipFile(directory / "solution.zip", "w") as archive:
            archive.writestr(MAIN, ENVIRONMENT)
            archive.writestr(zipfile.ZipInfo(name), "locals {}\n")
        return directory / "solution.zip"

    return make


def tar_with(name: str) -> Make:
    """A module, and a file of this name."""

    def make(directory: Path) -> Path:
        with tarfile.open(directory / "solution.tar.gz", "w:gz") as archive:
            _add(archive, MAIN, ENVIRONMENT.encode())
            _add(archive, name, b"locals {}\n")
        return directory / "solution.tar.gz"

    return make


def zip_bomb(directory: Path) -> Path:
    """One file of 100 MiB in 100 KiB."""
    with zipfile.ZipFile(directory / "solution.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("main.tf", b"#" * (100 << 20))
    return directory / "solution.zip"


def zip_that_lies(directory: Path) -> Path:
    """A file that says it has ten bytes and has 30 MiB."""
    path = zip_bomb(directory)
    data = bytearray(path.read_bytes())
    central = data.rindex(b"PK\x01\x02")
    data[central + 24 : central + 28] = (10).to_bytes(4, "little")
    data[22:26] = (10).to_bytes(4, "little")
    path.write_bytes(data)
    return path


def tar_bomb(directory: Path) -> Path:
    """A file of 300 MiB in a directory that nobody reads, but that has to be passed by."""
    header = tarfile.TarInfo(".git/large")
    header.size = 300 << 20
    with gzip.open(directory / "solution.tar.gz", "wb", compresslevel=1) as stream:
        stream.write(header.tobuf())
        for _ in range(300):
            stream.write(bytes(1 << 20))
    return directory / "solution.tar.gz"


def tar_extended(size: int) -> Make:
    """A file behind an extended header of so many digits, which packs into next to nothing.

    Python before 3.11.10 and 3.12.6 looks for a keyword from each of them to the last (CVE-2024-6232): 100 seconds for 300,000,
    hours for 5,000,000.
    """

    def make(directory: Path) -> Path:
        extended = tarfile.TarInfo("././@PaxHeader")
        extended.type, extended.size = tarfile.XHDTYPE, size
        with gzip.open(directory / "solution.tar.gz", "wb") as stream:
            stream.write(extended.tobuf(tarfile.USTAR_FORMAT) + b"1" * size + bytes(-size % tarfile.BLOCKSIZE))
            stream.write(_plain(MAIN, ENVIRONMENT.encode()))
        return directory / "solution.tar.gz"

    return make


def tar_of_headers(directory: Path) -> Path:
    """200,000 extended headers one behind the other, and no file."""
    extended = tarfile.TarInfo("././@PaxHeader")
    content = b"20 comment=yes-yes-\n"
    extended.type, extended.size = tarfile.XHDTYPE, len(content)
    one = extended.tobuf(tarfile.USTAR_FORMAT) + content + bytes(-len(content) % tarfile.BLOCKSIZE)
    with gzip.open(directory / "solution.tar.gz", "wb") as stream:
        for _ in range(200):
            stream.write(one * 1_000)
    return directory / "solution.tar.gz"


def zip_crowded(directory: Path) -> Path:
    """A directory of 400,000 entries that all name one file of no bytes: 19 MiB that unfold to gigabytes in memory."""
    path = directory / "solution.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("f.tf", "")
    data = path.read_bytes()
    central, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entries = 400_000
    crowd = data[central:end] * entries
    # The ZIP64 record says how many there are; the plain one has two bytes for it.
    record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, len(crowd), central)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, central + len(crowd), 1)
    plain = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(data[:central] + crowd + record + locator + plain)
    return path


def link_to_an_archive(directory: Path) -> Path:
    """A neighbour's archive, by a link."""
    zip_with("other.tf")(directory).rename(directory / "neighbour.zip")
    (directory / "solution.zip").symlink_to("neighbour.zip")
    return directory / "solution.zip"


def pipe_as_an_archive(directory: Path) -> Path:
    """A pipe that nobody writes to."""
    os.mkfifo(directory / "solution.tar.gz")
    return directory / "solution.tar.gz"


def zip_thousands(directory: Path) -> Path:
    """6000 empty files."""
    with zipfile.ZipFile(directory / "solution.zip", "w") as archive:
        for index in range(6_000):
            archive.writestr(f"f{index}.tf", "")
    return directory / "solution.zip"


def tar_thousands(directory: Path) -> Path:
    """4000 files: as many entries as are read, more files than are."""
    with tarfile.open(directory / "solution.tar.gz", "w:gz") as archive:
        for index in range(4_000):
            _add(archive, f"f{index}.tf", b"")
    return directory / "solution.tar.gz"


def tar_special(kind: Literal["device", "fifo", "symbolic", "hard"]) -> Make:
    """A module, and an entry that is no file."""
    types = {"device": tarfile.CHRTYPE, "fifo": tarfile.FIFOTYPE, "symbolic": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE}

    def make(directory: Path) -> Path:
        with tarfile.open(directory / "solution.tar.gz", "w:gz") as archive:
            _add(archive, MAIN, ENVIRONMENT.encode())
            special = tarfile.TarInfo("modules/secrets/l.tf")
            special.type = types[kind]
            special.devmajor, special.devminor = 1, 5  # /dev/zero, which never ends
            special.linkname = "/etc/passwd"
            archive.addfile(special)
        return directory / "solution.tar.gz"

    return make


def zip_link(directory: Path) -> Path:
    """A module, and a symbolic link."""
    link = zipfile.ZipInfo("modules/secrets/l.tf")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(directory / "solution.zip", "w") as archive:
        archive.writestr(MAIN, ENVIRONMENT)
        archive.writestr(link, "/etc/passwd")
    return directory / "solution.zip"


def zip_file_in_a_file(directory: Path) -> Path:
    """A file, and another one that lies in it as in a directory."""
    with zipfile.ZipFile(directory / "solution.zip", "w") as archive:
        archive.writestr(MAIN, ENVIRONMENT)
        archive.writestr("modules/secrets/a.tf", "")
        archive.writestr("modules/secrets/a.tf/b.tf", "")
    return directory / "solution.zip"


def zip_encrypted(directory: Path) -> Path:
    """A module that says it is encrypted."""
    with zipfile.ZipFile(directory / "solution.zip", "w") as archive:
        archive.writestr(MAIN, ENVIRONMENT)
    data = bytearray((directory / "solution.zip").read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + at] |= 1
    (directory / "solution.zip").write_bytes(data)
    return directory / "solution.zip"


def zip_twice(directory: Path) -> Path:
    """Two files of one name: which one counts is for each reader to say."""
    with zipfile.ZipFile(directory / "solution.zip", "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr(MAIN, ENVIRONMENT)
        archive.writestr(MAIN, 'provider "aws" {}\n')
    return directory / "solution.zip"


def zip_in_a_zip(directory: Path) -> Path:
    """The module in an archive in the archive."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr(MAIN, ENVIRONMENT)
    with zipfile.ZipFile(directory / "solution.zip", "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
    return directory / "solution.zip"


def _plain(name: str, data: bytes) -> bytes:
    """A member and the archive's end."""
    info = tarfile.TarInfo(name)
    info.size = len(data)
    return info.tobuf() + data + bytes(-len(data) % tarfile.BLOCKSIZE) + bytes(2 * tarfile.BLOCKSIZE)


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))
