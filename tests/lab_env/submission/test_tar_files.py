"""The reader of tar archives: the same members as Python's own, whoever packed them, and nothing that takes long."""

from __future__ import annotations

import contextlib
import gzip
import io
import shutil
import subprocess
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab_env.submission import tar_files
from lab_env.submission.tar_files import Member, Stream, members

MOST = 1 << 28
_NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=300).filter(
    lambda name: name.strip("/. ") != "" and not name.startswith("/") and "//" not in name and name[-1] != "/"
)
_KINDS = {
    tarfile.REGTYPE: "file",
    tarfile.DIRTYPE: "directory",
    tarfile.SYMTYPE: "link",
    tarfile.LNKTYPE: "link",
    tarfile.FIFOTYPE: "other",
    tarfile.CHRTYPE: "other",
}


def read(data: bytes, most: int = MOST) -> list[tuple[Member, bytes]]:
    stream = Stream(io.BufferedReader(io.BytesIO(data)), most)  # type: ignore[arg-type]
    return [(member, content.read(1 << 20)) for member, content in members(stream)]


def packed(entries: list[tuple[str, bytes, bytes]], format: int) -> bytes:
    """:param entries: name, type, content."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        for name, kind, content in entries:
            info = tarfile.TarInfo(name)
            info.type = kind
            if kind == tarfile.REGTYPE:
                info.size = len(content)
            info.linkname = "t" * 150 if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def by_python(data: bytes) -> list[tuple[str, str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return [
            (one.name, _KINDS[one.type], file.read() if (file := archive.extractfile(one)) and one.isreg() else b"")
            for one in archive
            if not one.issym() and not one.islnk()
        ]


@given(
    st.lists(st.tuples(_NAMES, st.sampled_from(sorted(_KINDS)), st.binary(max_size=2_000)), max_size=5),
    st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]),
    st.booleans(),
)
@settings(deadline=None, max_examples=300)
def test_as_python_reads_it(entries: list[tuple[str, bytes, bytes]], format: int, zipped: bool) -> None:
    """Are names, kinds and contents those that Python's own reader gives, with long names and names in any script?"""
    data = packed(entries, format)
    found = read(gzip.compress(data) if zipped else data)
    assert [(one.name, one.kind, data) for one, data in found if one.kind != "link"] == by_python(data)
    assert sum(one.kind == "link" for one, _ in found) == sum(
        kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) for _, kind, _ in entries
    )


@pytest.mark.parametrize("format", ["ustar", "gnu", "oldgnu", "posix", "v7"])
def test_of_tar_itself(format: str, tmp_path: Path) -> None:
    """Is what the system's tar packs read, in each of its formats?"""
    if shutil.which("tar") is None:
        pytest.skip("there is no tar")
    name = "modules/secrets/" + ("d" * 40 + "/" if format in ("gnu", "oldgnu", "posix") else "") * 3 + "main.tf"
    file = tmp_path / "work" / name
    file.parent.mkdir(parents=True)
    file.write_text("locals {}\n")
    (tmp_path / "work/l.tf").symlink_to("main.tf")
    words = ["tar", f"--format={format}", "-czf", str(tmp_path / "a.tar.gz"), "-C", str(tmp_path / "work"), "."]
    if subprocess.run(words, capture_output=True).returncode != 0:
        pytest.skip(f"this tar knows no format {format}")
    found = {one.name.removeprefix("./"): (one.kind, data) for one, data in read((tmp_path / "a.tar.gz").read_bytes())}
    assert found[name] == ("file", b"locals {}\n")
    assert found["l.tf"] == ("link", b"")


def test_of_git(tmp_path: Path) -> None:
    """Is `git archive`'s output read, with its global header?"""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-C", str(tmp_path)]
    (tmp_path / "main.tf").write_text("locals {}\n")
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "m"], ["archive", "-o", "a.tar.gz", "HEAD"]):
        subprocess.run([*git, *words], check=True, capture_output=True)
    assert [(one.name, data) for one, data in read((tmp_path / "a.tar.gz").read_bytes())] == [
        ("main.tf", b"locals {}\n")
    ]


@given(st.data())
@settings(deadline=None, max_examples=300)
def test_damage(data: st.DataObject) -> None:
    """Does a byte that was changed or a cut give an error or other members, and never anything else?"""
    whole = packed([("é" * 120 + ".tf", tarfile.REGTYPE, b"x" * 700), ("b", tarfile.REGTYPE, b"y")], tarfile.PAX_FORMAT)
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, 3_000)) % len(damaged)] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(damaged)))
    with contextlib.suppress(tarfile.TarError, OverflowError):
        read(bytes(damaged[:cut]))


def _header(type: bytes, size: int) -> bytes:
    info = tarfile.TarInfo("././@PaxHeader")
    info.type, info.size = type, size
    return info.tobuf(tarfile.USTAR_FORMAT)


def _extended(content: bytes, type: bytes = tarfile.XHDTYPE) -> bytes:
    return _header(type, len(content)) + content + bytes(-len(content) % 512)


END = packed([("a.tf", tarfile.REGTYPE, b"x")], tarfile.USTAR_FORMAT)


@pytest.mark.parametrize(
    "head",
    [
        _extended(b"1" * 60_000),
        _extended(b"1 a=b\n"),
        _extended(b"99999 path=a\n"),
        _extended(b"0 a=b\n"),
        _extended(b"-6 a=b\n"),
        _extended(b" 6 a=b\n"),
        _extended("٦ a=b\n".encode()),
        _extended(b"9 size=-1\n"),
        _extended(b"27 size=99999999999999999999\n"),
        _extended(b"10 size=x\n"),
        _extended(b"6 abc\n"),
        _extended(b"12 path=../x", tarfile.XGLTYPE),
        _extended(b"10 path=x\n", tarfile.XGLTYPE),
        _header(tarfile.XHDTYPE, 1 << 20),
        _header(tarfile.GNUTYPE_LONGNAME, 1 << 30),
    ],
    ids=range(15),
)
def test_odd_headers(head: bytes) -> None:
    """Is an extended header that is not as POSIX has it an error, and never believed in part?"""
    with pytest.raises(tarfile.TarError):
        read(head + END)


def test_a_header_that_is_right() -> None:
    """Is one that is right obeyed: the name, and a size that the plain header has no room for?"""
    body = b"hello"
    info = tarfile.TarInfo("short")
    info.size = 0
    data = _extended(b"12 path=a/b\n" + b"10 size=5\n") + info.tobuf() + body + bytes(507) + bytes(1024)
    assert read(data) == [(Member("a/b", "file", 5), body)]


@pytest.mark.parametrize(
    "content",
    [
        b"1" * 65_000,
        b"1 hdrcharset=" * 5_000,
        b"11 comment=" * 5_000,
        b"9" * 7 + b" " + b"x" * 60_000,
        b"6 a=b\n" * 10_000,
    ],
    ids=["digits", "keywords", "lengths", "one long record", "many records"],
)
@pytest.mark.parametrize("type", [tarfile.XHDTYPE, tarfile.XGLTYPE], ids=["extended", "global"])
def test_no_header_takes_long(content: bytes, type: bytes) -> None:
    """Is the largest header that is read, fifty times over, read or refused in a moment? Python's own took 100 seconds for one."""
    data = _extended(content[: tar_files.MAX_EXTENDED_BYTES], type) * 50 + END
    began = time.process_time()
    outcomes: list[object] = []
    for _ in range(3):
        try:
            outcomes.append(len(read(data)))
        except tarfile.TarError as error:
            outcomes.append(str(error))
    assert len({str(one) for one in outcomes}) == 1
    assert time.process_time() - began < 20.0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: b"", "empty"),
        (lambda: END[:100], "damaged"),
        (lambda: END[:600], "unexpected end"),
        (lambda: b"no archive at all" * 100, "damaged"),
    ],
    ids=["empty", "half a header", "half a file", "no archive"],
)
def test_what_is_none(make: Callable[[], bytes], words: str) -> None:
    """Is a file that is no archive, or cut off, said to be so?"""
    with pytest.raises(tarfile.TarError, match=words):
        read(make())


def test_bound() -> None:
    """Is an archive that unpacks to more than the bound given up, also when what is in it is passed over?"""
    data = packed([("a", tarfile.REGTYPE, bytes(1 << 22))], tarfile.USTAR_FORMAT)
    stream = Stream(io.BufferedReader(io.BytesIO(gzip.compress(data))), 1 << 20)  # type: ignore[arg-type]
    with pytest.raises(OverflowError):
        for _ in members(stream):
            pass
