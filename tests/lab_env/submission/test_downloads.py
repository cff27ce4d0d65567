"""A platform's download as an archive and as a directory: who is in it, and that nothing in it can do harm."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from lab_env.errors import UsageError
from lab_env.submission import downloads
from lab_env.submission.downloads import opened
from lab_env.submission.load import collect

CANVAS = {"okaforamara_11_101_main.tf": b"#", "oneilzo\u00eb_LATE_12_102_main.tf": b"#"}
FOLDERS = {
    "Amara Okafor_11_assignsubmission_file_/main.tf": b"#",
    "Zo\u00eb O'Neil_12_assignsubmission_file_/modules/secrets/main.tf": b"#",
    "Zo\u00eb O'Neil_12_assignsubmission_onlinetext_/onlinetext.html": b"hi",
}
FLAT = {
    "Amara Okafor_11_assignsubmission_file_main.tf": b"#",
    "Zo\u00eb O'Neil_12_assignsubmission_file_main.tf": b"#",
}


def archive(path: Path, files: Mapping[str, bytes], *, unsaid: bool = False) -> Path:
    """A .zip. :param unsaid: names are UTF-8 and the archive does not say so, as Canvas's do."""
    with zipfile.ZipFile(path, "w") as made:
        for name, data in files.items():
            made.writestr(name, data)
    if unsaid:
        data = bytearray(path.read_bytes())
        for mark, place in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
            at = data.find(mark)
            while at >= 0:
                data[at + place] &= ~0x08
                at = data.find(mark, at + 4)
        path.write_bytes(data)
    return path


def directory(path: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path


@pytest.mark.parametrize("unsaid", [False, True])
@pytest.mark.parametrize("wrapped", ["", "submissions/", "a/b/"])
@pytest.mark.parametrize(
    ("files", "ids"),
    [
        (CANVAS, {"okaforamara_11", "oneilzo\u00eb_12"}),
        (FOLDERS, {"Amara Okafor_11", "Zo\u00eb O'Neil_12"}),
        (FLAT, {"Amara Okafor_11", "Zo\u00eb O'Neil_12"}),
        ({"ann/main.tf": b"#", "ben/main.tf": b"#"}, {"ann", "ben"}),
    ],
)
def test_everybody_is_found(
    tmp_path: Path, files: Mapping[str, bytes], ids: set[str], wrapped: str, unsaid: bool
) -> None:
    """Is every layout found in an archive and in a directory, below others too, whatever the archive says of its names?"""
    files = {f"{wrapped}{name}": data for name, data in files.items()}
    for path in (archive(tmp_path / "all.zip", files, unsaid=unsaid), directory(tmp_path / "all", files)):
        with opened(path) as found:
            assert {ref.id for ref in found.refs} == ids
            assert found.left_out == ()
            for ref in found.refs:
                assert collect(ref.path, id=ref.id)[0].files


def test_what_canvas_calls_the_files(tmp_path: Path) -> None:
    """Does a download know whose upload each loose file is, and who was late?"""
    with opened(archive(tmp_path / "all.zip", CANVAS)) as found:
        assert {id_: [file.path.name for file in one.files] for id_, one in found.loose.items()} == {
            "okaforamara_11": ["okaforamara_11_101_main.tf"],
            "oneilzo\u00eb_12": ["oneilzo\u00eb_LATE_12_102_main.tf"],
        }
        assert {id_ for id_, one in found.loose.items() if one.late} == {"oneilzo\u00eb_12"}


def test_one_participant_alone(tmp_path: Path) -> None:
    """Is a class of one a class, in both layouts?"""
    for number, files in enumerate(({next(iter(FOLDERS)): b"#"}, {next(iter(FLAT)): b"#"})):
        with opened(archive(tmp_path / f"{number}.zip", files)) as found:
            assert [ref.id for ref in found.refs] == ["Amara Okafor_11"]


def test_an_entry_that_means_harm_costs_itself(tmp_path: Path) -> None:
    """Is a path that leaves, a link, a name twice and a damaged entry left out by name, and everybody else unpacked?"""
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as made:
        for name, data in CANVAS.items():
            made.writestr(name, data)
        made.writestr("../out.tf", b"#")
        made.writestr("/etc/out.tf", b"#")
        link = zipfile.ZipInfo("evil_13_103_main.tf")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr("okaforamara_11_101_main.tf", b"other")
        made.writestr("broken_14_104_main.tf", b"to be damaged")
    path.write_bytes(path.read_bytes().replace(b"to be damaged", b"TO be damaged"))
    with opened(path) as found:
        assert {ref.id for ref in found.refs} == {"okaforamara_11", "oneilzo\u00eb_12"}
        assert (found.root / "okaforamara_11_101_main.tf").read_bytes() == b"#"
        said = "\n".join(found.left_out)
        assert len(found.left_out) == 5
    for words in ("../out.tf", "/etc/out.tf", "link or no regular file", "occurs twice", "cannot be unpacked"):
        assert words in said
    assert not (tmp_path.parent / "out.tf").exists()


def test_an_entry_past_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does what unpacks to too much cost itself, without a trace?"""
    monkeypatch.setattr(downloads, "MAX_FILE_BYTES", 1 << 16)
    files = {**CANVAS, "bomb_13_103_main.tf": bytes(1 << 20)}
    with opened(archive(tmp_path / "all.zip", files)) as found:
        assert len(found.refs) == 2
        assert not (found.root / "bomb_13_103_main.tf").exists()
        assert "larger than" in found.left_out[0]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("nowhere.zip", None, "does not exist"),
        ("all.zip", b"no archive", "cannot be read as an archive"),
        ("all.rar", b"Rar!", "is no .zip"),
        ("one.zip", {"main.tf": b"#"}, "holds no class"),
        ("empty.zip", {}, "holds no class"),
    ],
)
def test_what_is_no_class(tmp_path: Path, name: str, data: bytes | Mapping[str, bytes] | None, words: str) -> None:
    """Is what holds no class refused with what to name instead?"""
    path = tmp_path / name
    if isinstance(data, bytes):
        path.write_bytes(data)
    elif data is not None:
        archive(path, data)
    with pytest.raises(UsageError, match=words) as caught, opened(path):
        pass
    assert caught.value.next_step


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """Is the directory that was unpacked to gone afterwards?"""
    with opened(archive(tmp_path / "all.zip", CANVAS)) as found:
        root = found.root
        assert root.is_dir()
    assert not root.exists()
