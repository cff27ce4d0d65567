"""Reading submissions: directories, archives, notebooks, classes, and everything that stops the grader."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from lab_env.errors import SubmissionError, UsageError
from lab_env.submission import Submission, find_submissions, load_submission

FILES = {
    "modules/secrets/main.tf": 'variable "environment" {}\n',
    "modules/secrets/kms.tf": 'resource "aws_kms_key" "k" {}\n',
    "README.md": "Hello\n",
    "terraform.tfvars": 'environment = "dev"\n',
}


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def notebook(*cells: tuple[str, str]) -> str:
    return json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {},
            "cells": [
                {"cell_type": kind, "id": f"c{i}", "metadata": {}, "source": source}
                | ({"outputs": [], "execution_count": None} if kind == "code" else {})
                for i, (kind, source) in enumerate(cells)
            ],
        }
    )


def make_zip(path: Path, files: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def make_tar(path: Path, files: Mapping[str, str], links: Mapping[str, str] = {}) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content.encode())
            archive.addfile(info, io.BytesIO(content.encode()))
        for name, target in links.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return path


def names(submission: Submission) -> tuple[list[str], list[str]]:
    return [f.path for f in submission.files], [f.path for f in submission.ignored]


def test_directory_splits_terraform_from_the_rest(tmp_path: Path) -> None:
    """Does a directory give its .tf files to Terraform and everything else to the leak scan only?"""
    submission = load_submission(write(tmp_path / "ann", FILES))
    assert names(submission) == (
        ["modules/secrets/kms.tf", "modules/secrets/main.tf"],
        ["README.md", "terraform.tfvars"],
    )
    assert (submission.id, submission.module_dir) == ("ann", "modules/secrets")


def test_what_terraform_passes_over_is_only_scanned(tmp_path: Path) -> None:
    """Are an editor's and a system's dot files no files of the module, whatever is in them, and read for leaks all the same?"""
    left = {
        "._kms.tf": b"\x00\x05\x16\x07\xff",
        ".kms-old.tf": "password = {",
        ".x_override.tf": "",
        "._a.ipynb": b"\x00\x05",
    }
    root = write(tmp_path / "ann", {**FILES, **{f"modules/secrets/{name}": content for name, content in left.items()}})
    (root / "modules/secrets/.#kms.tf").symlink_to("ann@host.4711")
    submission = load_submission(root)
    files, ignored = names(submission)
    assert files == ["modules/secrets/kms.tf", "modules/secrets/main.tf"]
    assert {f"modules/secrets/{name}" for name in left} <= set(ignored)
    assert submission.links == ()


def test_which_texts_an_expression_may_read(tmp_path: Path) -> None:
    """Is a text beside the module readable, and no binary file, no notebook and nothing that is Terraform's own?"""
    others = {
        "a.json": "\ufeff{}\r\n",
        "b.bin": b"\xff",
        "c.txt": b"a\x00b",
        "x.auto.tfvars": "a = 1",
        "d.hcl": "",
        ".terraform/e.json": "{}",
        "versions.tf": "terraform {}\n",
    }
    submission = load_submission(write(tmp_path / "ann", {**FILES, **others}))
    assert {name: submission.readable(name) for name in (*others, "nothing.txt")} == {
        "a.json": "\ufeff{}\r\n",
        **dict.fromkeys([*list(others)[1:], "nothing.txt"]),
    }
    assert submission.readable("modules/secrets/kms.tf") == FILES["modules/secrets/kms.tf"]


def test_packaging_does_not_change_the_digest(tmp_path: Path) -> None:
    """Do a directory, a .zip and a .tar.gz of it, wrapped or not, have one digest, and a changed byte another?"""
    digests = {
        load_submission(write(tmp_path / "a", FILES)).digest,
        load_submission(make_zip(tmp_path / "b.zip", FILES)).digest,
        load_submission(make_zip(tmp_path / "c.zip", {f"c/{k}": v for k, v in FILES.items()})).digest,
        load_submission(make_tar(tmp_path / "d.tar.gz", {f"x/y/{k}": v for k, v in FILES.items()})).digest,
    }
    assert len(digests) == 1
    assert load_submission(write(tmp_path / "e", FILES | {"README.md": "Hello!\n"})).digest not in digests


def test_flat_module_and_caches(tmp_path: Path) -> None:
    """Is a flat directory its own module, with tools' caches skipped or bounded rather than counted?"""
    files: dict[str, str | bytes] = {
        "main.tf": "",
        ".git/config": "x",
        ".ipynb_checkpoints/a.ipynb": "broken",
        ".terraform/providers/big": b"x" * (2 << 20),
        ".terraform/modules/m/x.tf": "nonsense {",
        ".terraform/terraform.tfstate": "{}",
    }
    submission = load_submission(write(tmp_path / "s", files))
    assert submission.module_dir == "."
    assert names(submission) == (["main.tf"], [".terraform/modules/m/x.tf", ".terraform/terraform.tfstate"])


def test_notebook_cells_become_files(tmp_path: Path) -> None:
    """Do %%hcl cells become files whose lines know their cell, and is the rest kept for the leak scan?"""
    write(
        tmp_path / "s",
        {
            "lab.ipynb": notebook(
                ("markdown", "%%hcl not/code.tf\nTitle"),
                ("code", "%%hcl modules/secrets/main.tf\na = 1\nb = 2\n\n"),
                ("code", "print('password')"),
                ("code", "%%hcl modules/secrets/main.tf\nc = 3"),
            ),
        },
    )
    submission = load_submission(tmp_path / "s")
    (file,) = submission.files
    assert file.text == "a = 1\nb = 2\nc = 3\n"
    assert [file.cell_at(line) for line in (1, 2, 3, 4)] == [1, 1, 3, None]
    assert [(f.path, "print('password')" in f.text, "a = 1" in f.text) for f in submission.ignored] == [
        ("lab.ipynb", True, False)
    ]


def test_single_notebook_file(tmp_path: Path) -> None:
    """Can one notebook be handed in by itself?"""
    path = write(tmp_path, {"ann.ipynb": notebook(("code", "%%hcl main.tf\na = 1"))}) / "ann.ipynb"
    assert [f.path for f in load_submission(path).files] == ["main.tf"]


def test_notebook_counts_before_the_file_it_wrote(tmp_path: Path) -> None:
    """Does the cell win over a different file on disk, with a note, and silently over the same one?"""
    cell = notebook(("code", "%%hcl main.tf\na = 1"))
    same = load_submission(write(tmp_path / "same", {"a.ipynb": cell, "main.tf": "a = 1\n"}))
    other = load_submission(write(tmp_path / "other", {"a.ipynb": cell, "main.tf": "a = 2\n"}))
    assert (same.files[0].text, same.notes) == ("a = 1\n", ())
    assert other.files[0].text == "a = 1\n"
    assert "main.tf" in other.notes[0]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no .tf file"),
        ({"README.md": "x"}, "no .tf file"),
        ({"modules/secrets/notes.md": "x", "main.tf": ""}, "no .tf file in modules/secrets/"),
        ({"main.tf": b"x" * (30 << 20)}, "30.0 MiB"),
        ({"main.tf": b"a = 1\n\xff\xfea\x00"}, "not UTF-8 text (line 2)"),
        ({"main.tf": b"a = 1\n\n\x00"}, "line 3"),
        ({f"f{i}.tf": "" for i in range(201)}, "more than 200"),
        ({"a.ipynb": "{"}, "not a readable notebook"),
        ({"a.ipynb": "[" * 100_000}, "not a readable notebook"),
        ({"a.ipynb": notebook(("code", "%%hcl ../x.tf\n"))}, "does not stay inside"),
        ({"a.ipynb": notebook(("code", "%%hcl /etc/x.tf\n"))}, "does not stay inside"),
        (
            {"a.ipynb": notebook(("code", "%%hcl m.tf\n")), "b.ipynb": notebook(("code", "%%hcl m.tf\n"))},
            "two notebooks, a.ipynb and b.ipynb",
        ),
        ({"bad\nname.tf": ""}, "does not stay inside"),
    ],
)
def test_what_stops_the_grader(tmp_path: Path, files: dict[str, str | bytes], words: str) -> None:
    """Is each unreadable submission refused with a reason and a next step?"""
    (tmp_path / "s").mkdir()
    with pytest.raises(SubmissionError) as caught:
        load_submission(write(tmp_path / "s", files))
    assert words in caught.value.message
    assert caught.value.next_step


@pytest.mark.parametrize("name", ["../x.tf", "/x.tf", "a/../../x.tf", "C:/x.tf", "..\\x.tf", "\\x.tf", "C:\\x.tf"])
def test_archive_paths_stay_inside(tmp_path: Path, name: str) -> None:
    """Is an archive with a path that leaves it refused, in both formats?"""
    for archive in (make_zip(tmp_path / "a.zip", {name: ""}), make_tar(tmp_path / "a.tar.gz", {name: ""})):
        with pytest.raises(SubmissionError, match="does not stay inside"):
            load_submission(archive)


def test_links_are_noted_and_never_opened(tmp_path: Path) -> None:
    """Are links in directories and archives listed for the gate, and their targets not read?"""
    secret = tmp_path / "secret"
    secret.write_text("x")
    root = write(tmp_path / "s", {"main.tf": ""})
    (root / "l.tf").symlink_to(secret)
    (root / "d").symlink_to(tmp_path)
    os.mkfifo(root / "p.tf")
    assert load_submission(root).links == ("d", "l.tf", "p.tf")
    assert names(load_submission(root)) == (["main.tf"], [])
    assert load_submission(make_tar(tmp_path / "t.tar.gz", {"main.tf": ""}, {"l.tf": str(secret)})).links == ("l.tf",)
    info = zipfile.ZipInfo("l.tf")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("main.tf", "")
        archive.writestr(info, str(secret))
    assert load_submission(tmp_path / "z.zip").links == ("l.tf",)


def test_broken_and_exploding_archives(tmp_path: Path) -> None:
    """Are junk, truncated, duplicated and exploding archives refused, without unpacking them all?"""
    (tmp_path / "junk.zip").write_bytes(b"not a zip")
    (tmp_path / "junk.tar.gz").write_bytes(b"\x1f\x8bnot gzip")
    whole = make_tar(tmp_path / "whole.tar.gz", {"main.tf": "x" * 9999}).read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(whole[: len(whole) // 2])
    make_zip(tmp_path / "bomb.zip", {"main.tf": b"\0" * (20 << 20)})
    header = tarfile.TarInfo(".git/big")
    header.size = 300 << 20
    with gzip.open(tmp_path / "bomb.tar.gz", "wb", compresslevel=1) as stream:
        stream.write(header.tobuf())
        for _ in range(300):
            stream.write(b"\0" * (1 << 20))
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        archive.writestr("main.tf", "a")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("main.tf", "b")
    for name in ("junk.zip", "junk.tar.gz", "cut.tar.gz", "bomb.zip", "bomb.tar.gz", "twice.zip"):
        with pytest.raises(SubmissionError) as caught:
            load_submission(tmp_path / name)
        assert caught.value.next_step, name


def test_one_submission_or_a_class(tmp_path: Path) -> None:
    """Which paths are one submission and which are a class, with whose names?"""
    one = write(tmp_path / "one", FILES)
    assert [r.id for r in find_submissions(one)] == ["one"]
    group = tmp_path / "group"
    write(group / "bob", FILES)
    write(group / "ann", {"main.tf": ""})
    write(group, {"roster.csv": "x", ".hidden/main.tf": ""})
    (group / "empty").mkdir()
    make_zip(group / "zoe.zip", FILES)
    make_zip(group / "ann.zip", FILES)
    assert [r.id for r in find_submissions(group)] == ["ann", "ann.zip", "bob", "empty", "zoe"]
    assert [r.id for r in find_submissions(group / "zoe.zip")] == ["zoe"]
    submitted = tmp_path / "submitted"
    write(submitted / "eve" / "secrets", {"a.ipynb": notebook()})
    write(submitted / "mia" / "secrets", {"main.tf": ""})
    write(submitted / "mia" / "extra", {"main.tf": ""})
    assert [r.id for r in find_submissions(submitted)] == ["eve", "mia/extra", "mia/secrets"]
    (tmp_path / "nothing").mkdir()
    assert [r.id for r in find_submissions(tmp_path / "nothing")] == ["nothing"]
    with pytest.raises(UsageError):
        find_submissions(tmp_path / "absent")
    with pytest.raises(UsageError):
        load_submission(group / "roster.csv")
