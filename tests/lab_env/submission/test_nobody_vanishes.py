"""Every entry of a class has a row, nothing makes one submission of a class, and what Terraform does not read costs nothing."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from lab.running import found
from lab_env.errors import SubmissionError, UsageError
from lab_env.submission import Submission, find_submissions, load_submission
from lab_env.submission.find import look_through
from lab_env.submission.limits import MAX_ENTRIES, MAX_NOTEBOOKS_BYTES

MODULE = 'variable "environment" {}\nresource "aws_kms_key" "k" {}\n'
CELL = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None, "outputs": []}


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def packed(path: Path, files: Mapping[str, str | bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return path


def notebook(**extra: object) -> str:
    cell = {**CELL, "source": "%%hcl modules/secrets/main.tf\n" + MODULE, **extra}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})


def call(source: str) -> str:
    return f'module "m{len(source)}" {{\n  source = "{source}"\n}}\n'


def ids(path: Path) -> list[str]:
    return [ref.id for ref in find_submissions(path)]


def load_error(path: Path, id: str | None = None) -> str:
    with pytest.raises(SubmissionError) as caught:
        load_submission(path, id=id)
    assert caught.value.next_step
    return str(caught.value)


def files_of(submission: Submission) -> list[str]:
    return [file.path for file in submission.files]


# -- a class ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", ["main.tf", "modules/secrets/main.tf", "notebook.ipynb"])
def test_each_entry_has_a_row(tmp_path: Path, module: str) -> None:
    """Has whoever handed in something that is not read a row that says so with the next step, whatever the others' layout?"""
    text = notebook() if module.endswith(".ipynb") else MODULE
    group = write(tmp_path / "class", {f"ann/{module}": text, f"bob/{module}": text})
    packed(group / "cleo.zip", {module: text})
    strays = {
        "dan.rar": "dan.rar is an archive of a kind that is not read. Hand in the same files as .zip.",
        "eve.7z": "eve.7z is an archive",
        "fay.tar.xz": "fay.tar.xz is an archive",
        "gus.docx": "gus.docx is one file beside the submissions, and no module. Hand in the module's directory as .zip.",
        "hal.pdf": "hal.pdf is one file",
        "ida.txt": "ida.txt is one file",
        "kms.tf.txt": "kms.tf.txt is not read by Terraform: rename it to kms.tf.",
        "screenshot.png": "screenshot.png is one file",
    }
    write(group, dict.fromkeys(strays, b"PK"))
    refs = {ref.id: ref.path for ref in find_submissions(group)}
    stems = {"dan.rar": "dan", "eve.7z": "eve", "fay.tar.xz": "fay"}
    assert sorted(refs) == sorted(["ann", "bob", "cleo", *(stems.get(name, name) for name in strays)])
    for name, said in strays.items():
        assert said in load_error(refs[stems.get(name, name)], name)


def test_what_is_nobodys(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Have a system's and the instructor's files no row, and are the instructor's named, so that nobody vanishes unsaid?"""
    systems = [
        ".DS_Store",
        "Thumbs.db",
        "desktop.ini",
        "Icon\r",
        ".gitignore",
        "._ann.zip",
        "notes.txt~",
        "~$marks.docx",
    ]
    own = ["LICENSE", "README", "README.md", "class.csv", "index.html", "marks.xlsx", "policy.yaml", "results.json"]
    own += ["results.json.ledger", "results.json.ledger.new"]
    names = {**dict.fromkeys([*systems, *own], "x"), "__MACOSX/._ann/main.tf": "x", ".git/config": "x"}
    group = write(tmp_path / "class", {"ann/main.tf": MODULE, "bob/main.tf": MODULE, **names})
    looked = look_through(group)
    assert [ref.id for ref in looked.refs] == ["ann", "bob"]
    assert set(own) <= set(looked.passed_over) <= {*own, "~$marks.docx"}
    found([group])
    assert "Not a submission, so passed over: LICENSE, README, README.md" in capsys.readouterr().err
    # By the shell's own list, too.
    refs = found([path for path in sorted(group.iterdir()) if not path.name.startswith(".")])
    assert [ref.id for ref in refs] == ["ann", "bob"]


@pytest.mark.parametrize("stray", ["stray.tf", "stray.tf.json", "stray.ipynb"])
@pytest.mark.parametrize(
    "layout",
    [
        ("ann/main.tf", "bob/main.tf"),
        ("ann/modules/secrets/main.tf", "bob/modules/secrets/main.tf"),
        ("ann/modules/secrets/main.tf",),
        ("ann/lab.ipynb", "bob/lab.ipynb"),
        ("ann/secrets-management/lab.ipynb", "bob/secrets-management/lab.ipynb"),
        ("ann.zip", "bob.zip"),
        ("ann/work.zip", "bob/main.tf"),
        ("Ann A_1_assignsubmission_file_/main.tf", "Bob B_2_assignsubmission_file_/work.zip"),
        ("ann_1_10_main.tf", "bob_2_11_main.tf", "ann_1_12_kms.tf"),
        ("Ann A_1_assignsubmission_file_main.tf", "Bob B_2_assignsubmission_file_main.tf"),
    ],
    ids=str,
)
def test_a_lone_file_is_refused_by_name(tmp_path: Path, layout: tuple[str, ...], stray: str) -> None:
    """Is a class with a module's file lying in it neither one submission nor graded without a word?"""
    group = tmp_path / "class"
    for name in layout:
        if name.endswith(".zip"):
            packed(group / name, {"main.tf": MODULE})
        else:
            write(group, {name: notebook() if name.endswith(".ipynb") else MODULE})
    assert len(ids(group)) == len({name.partition("_1_1")[0] for name in layout})
    write(group, {stray: notebook() if stray.endswith("b") else MODULE})
    with pytest.raises(UsageError, match=f"{stray} lies beside . submission") as caught:
        find_submissions(group)
    assert caught.value.exit_code == 2
    assert f"Put {stray} into a directory of its own" in (caught.value.next_step or "")


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": call("./kms") + call("./iam/"), "kms/k.tf": MODULE, "iam/i.tf": MODULE},
        {"main.tf": MODULE, "kms/k.tf": 'resource "aws_kms_key" "k" {}\n', "iam/i.tf": "locals {}\n"},
        {"main.tf": MODULE, "dev/d.tf": MODULE + call(".."), "prod/p.tf": MODULE + call("../")},
        {"main.tf": MODULE, "modules/kms/k.tf": MODULE, "modules/iam/i.tf": MODULE},
        {"main.tf": MODULE, "modules/secrets/s.tf": MODULE, "ann/main.tf": MODULE, "bob/main.tf": MODULE},
        {"modules/secrets/s.tf": MODULE, "one.zip": "x", "two.zip": "x"},
        {"main.tf": MODULE, "old/main.tf": MODULE},
        {"main.tf": MODULE, "backup.zip": "x"},
        {"lab.ipynb": "{}", "modules/secrets/s.tf": MODULE, "images/a.png": "x"},
        {"module/secret/s.tf": MODULE},
        {"Modules/Secrets/s.tf": MODULE, "README.md": "x"},
    ],
    ids=lambda files: " ".join(files),
)  # fmt: skip
def test_one_submission_stays_one(tmp_path: Path, files: dict[str, str]) -> None:
    """Is a module with other modules, with roots around it, copies or archives still one submission, under its own name?"""
    assert ids(write(tmp_path / "ann", files)) == ["ann"]


def test_a_file_of_a_module_is_no_submission(tmp_path: Path) -> None:
    """Is a file named by itself refused, alone and among others, and a notebook or archive still read?"""
    group = write(tmp_path, {"main.tf": MODULE, "marks.csv": "x", "lab.ipynb": notebook(), "ann/main.tf": MODULE})
    for paths in ([group / "main.tf"], [group / "main.tf", group / "ann"]):
        with pytest.raises(UsageError, match=r"main\.tf is one file of a module"):
            found(paths)
    with pytest.raises(UsageError, match=r"marks\.csv is not a submission"):
        found([group / "marks.csv"])
    assert [ref.id for ref in found([group / "lab.ipynb", group / "ann", group / "marks.csv"])] == ["ann", "lab.ipynb"]


def test_an_archive_in_somebodys_directory(tmp_path: Path) -> None:
    """Is the one archive in a student's directory that student's work, however deep, and are two named?"""
    group = tmp_path / "class"
    packed(group / "ann" / "work.zip", {"main.tf": MODULE})
    packed(group / "bob" / "handed" / "in" / "work.zip", {"w/main.tf": MODULE})
    packed(group / "cleo" / "one.zip", {"main.tf": MODULE})
    packed(group / "cleo" / "two.zip", {"main.tf": MODULE})
    write(group, {"ann/README.md": "x", "dan/a/b/c/main.tf": MODULE, "eve/work.rar": "x"})
    refs = {ref.id: ref.path for ref in find_submissions(group)}
    assert sorted(refs) == ["ann", "bob", "cleo", "dan", "eve"]
    for id_ in ("ann", "bob", "dan"):
        assert files_of(load_submission(refs[id_], id=id_)) == ["main.tf"]
    assert "one.zip and two.zip in it are archives" in load_error(refs["cleo"], "cleo")
    assert "work.rar in it is an archive, which is not opened. Unpack it" in load_error(refs["eve"], "eve")


def test_an_archive_beside_canvas_files(tmp_path: Path) -> None:
    """Has an archive that was sent otherwise a row beside Canvas's files, and does it make one submission of nobody's?"""
    write(tmp_path, {"ann_1_10_main.tf": MODULE, "bob_2_11_main.tf": MODULE, "late.rar": "x", "notes.docx": "x"})
    packed(tmp_path / "cleo.zip", {"main.tf": MODULE})
    assert ids(tmp_path) == ["ann_1", "bob_2", "cleo", "late", "notes.docx"]


# -- a submission ----------------------------------------------------------------------------------------------------


def test_what_terraform_does_not_read_costs_nothing(tmp_path: Path) -> None:
    """Are large pictures, documents and states, and any number of them, passed over with a remark, in each packaging?"""
    large = {
        "shot.png": b"\x89PNG" + b"x" * 1_200_000,
        "report.pdf": b"%PDF" + b"x" * 3_000_000,
        "a.tfstate": b" " * (2 << 20),
    }
    files: dict[str, str | bytes] = {"modules/secrets/main.tf": MODULE, "notes.txt": "hello", **large}
    plain = load_submission(write(tmp_path / "ann", files))
    zipped = load_submission(packed(tmp_path / "ann.zip", files))
    assert (files_of(plain), [f.path for f in plain.ignored]) == (["modules/secrets/main.tf"], ["notes.txt"])
    assert plain.unread == (("a.tfstate", 2 << 20), ("report.pdf", 3_000_004), ("shot.png", 1_200_004))
    assert plain.notes == (
        "a.tfstate (2.0 MiB), report.pdf (2.9 MiB) and shot.png (1.1 MiB) were not read, which costs nothing: Terraform does not "
        "read such files, either.",
    )
    assert (zipped.digest, zipped.notes, zipped.unread) == (plain.digest, plain.notes, plain.unread)
    other = load_submission(write(tmp_path / "bob", {**files, "shot.png": b"x" * (2 << 20)}))
    assert other.digest != plain.digest
    many = load_submission(write(tmp_path / "many", {**files, **{f"pictures/{n}.txt": "x" for n in range(300)}}))
    assert files_of(many) == ["modules/secrets/main.tf"]
    assert len(many.ignored) == 200
    assert "and 101 more were not read" in many.notes[0]


def test_bounds_that_stay(tmp_path: Path) -> None:
    """Is the number of files bounded all the same, and everything that Terraform would read?"""
    crowd = write(tmp_path / "crowd", {"main.tf": MODULE, **{f"d/{n}": "" for n in range(MAX_ENTRIES)}})
    assert "more than 5000 files" in load_error(crowd)
    assert "kms.tf is larger than 1 MiB" in load_error(write(tmp_path / "large", {"kms.tf": b"#" * (1 << 20) + b"\n"}))
    assert ".tf.json is larger than 1 MiB" in load_error(
        write(tmp_path / "json", {"m.tf": "", "x.tf.json": b" " * (2 << 20)})
    )


def test_notebooks_stay_bounded(tmp_path: Path) -> None:
    """Is each notebook bounded, and all of them together, and does what is too much cost nobody the rest?"""

    def pictures(size: int) -> str:
        shown = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * size}}
        return notebook(outputs=[shown], source="# nothing is written")

    assert "a.ipynb is larger than 8.0 MiB" in load_error(write(tmp_path / "one", {"a.ipynb": pictures(9 << 20)}))
    each = pictures(7 << 20)
    fit = MAX_NOTEBOOKS_BYTES // len(each)
    files = {f"{number}.ipynb": each for number in range(fit + 1)}
    crowd = load_submission(write(tmp_path / "all", {"main.tf": MODULE, **files}))
    assert files_of(crowd) == ["main.tf"]
    assert "the notebooks are larger than 64.0 MiB together" in " ".join(crowd.notes)


def test_a_notebook_with_pictures_is_read(tmp_path: Path) -> None:
    """Do pasted pictures, pictures in outputs and megabytes of printed text leave a notebook's cells what they are?"""
    picture = {"image/png": "iVBORw0KGgo" + "A" * 5_000_000}
    printed = [{"output_type": "stream", "name": "stdout", "text": "line of a plan\n" * 200_000}]
    shown = [{"output_type": "display_data", "metadata": {}, "data": picture}]
    extras: dict[str, dict[str, object]] = {
        "pasted": {"attachments": {"image.png": picture}},
        "shown": {"outputs": shown},
        "printed": {"outputs": printed},
    }
    for name, extra in extras.items():
        text = notebook(**extra)
        assert len(text) > 2_000_000
        submission = load_submission(write(tmp_path / name, {"lab.ipynb": text}))
        assert [file.text for file in submission.files] == [MODULE]
        assert [file.path for file in submission.ignored] == ["lab.ipynb"]
        assert len(submission.ignored[0].data) <= 1 << 20


@pytest.mark.parametrize(
    "name", ["._kms.tf", ".kms-old.tf", ".#kms.tf", "kms.tf~", "#kms.tf#", ".x_override.tf", "._a.ipynb"]
)
def test_what_terraform_passes_over(tmp_path: Path, name: str) -> None:
    """Is a file that Terraform ignores no file of the module, as a file or a link, large or broken, here and in an archive?"""
    junk = b"\x00\x05\x16\x07\xff" * 300_000
    files: dict[str, str | bytes] = {"modules/secrets/main.tf": MODULE, f"modules/secrets/{name}": junk}
    for submission in (
        load_submission(write(tmp_path / "ann", files)),
        load_submission(packed(tmp_path / "z.zip", files)),
    ):
        assert files_of(submission) == ["modules/secrets/main.tf"]
        assert [path for path, _ in submission.unread] == [f"modules/secrets/{name}"]
    linked = write(tmp_path / "bob", {"modules/secrets/main.tf": MODULE})
    (linked / "modules/secrets" / name).symlink_to("/etc/passwd")
    assert load_submission(linked).links == ()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("kms.tf.txt", "kms.tf.txt is not read by Terraform: rename it to kms.tf."),
        ("kms.tf.docx", "kms.tf.docx is not read by Terraform: rename it to kms.tf."),
        ("kms.TF", "kms.TF is not read by Terraform, whose files end with .tf: rename it to kms.tf."),
        ("Lab.IPYNB", "Lab.IPYNB is not read, because notebooks end with .ipynb: rename it to Lab.ipynb."),
    ],
)
def test_nearly_a_file_of_the_module(tmp_path: Path, name: str, said: str) -> None:
    """Is it said what to call it, as a remark beside a module and as the reason where there is none?"""
    assert load_submission(write(tmp_path / "both", {"main.tf": MODULE, name: "x"})).notes == (said,)
    assert f"There is no .tf file in the submission. {said} Hand in again." in load_error(
        write(tmp_path / "alone", {name: "x"})
    )
    template = load_submission(write(tmp_path / "template", {"main.tf": MODULE, "c.tf.tftpl": "x", "x.tf.bak": "x"}))
    assert template.notes == ()


@pytest.mark.parametrize("directory", ["module/secret", "Modules/Secrets", "modules/secret", "lab/week 3/terraform"])
def test_the_module_in_another_directory(tmp_path: Path, directory: str) -> None:
    """Is a module that lies alone in a directory of another name read, in each packaging, with a remark?"""
    files = {f"{directory}/main.tf": MODULE, "README.md": "x"}
    for submission in (
        load_submission(write(tmp_path / "ann", files)),
        load_submission(packed(tmp_path / "z.zip", files)),
    ):
        assert (submission.module_dir, files_of(submission)) == (directory, [f"{directory}/main.tf"])
        assert submission.notes == (f"The module was found in {directory}/; the lesson has it in modules/secrets/.",)
    alone = load_submission(write(tmp_path / "bob", {f"{directory}/main.tf": MODULE}))
    assert (alone.module_dir, files_of(alone), alone.notes) == (".", ["main.tf"], ())


def test_several_modules_are_named(tmp_path: Path) -> None:
    """Is nothing guessed where two directories could be the module, and does a wrapper say what its parts are taken for?"""
    said = load_error(write(tmp_path / "two", {"a/main.tf": MODULE, "b/main.tf": MODULE}))
    assert (
        "There is no .tf file in the submission's own directory, and there are some in a and b. Put the module's"
        in said
    )
    wrapped = load_submission(write(tmp_path / "wrapped", {"main.tf": MODULE, "module/secret/main.tf": MODULE}))
    assert wrapped.module_dir == "."
    assert "module/secret/ is taken for a part" in wrapped.notes[0]
    assert (
        load_submission(write(tmp_path / "near", {"x/a.tf": "", "module/secret/m.tf": MODULE})).module_dir
        == "module/secret"
    )


def test_archives_as_people_make_them(tmp_path: Path) -> None:
    """Are Windows's separators, Finder's extras and one directory around everything read, and an archive in an archive named?"""
    windows = load_submission(
        packed(tmp_path / "w.zip", {"lab\\modules\\secrets\\": "", "lab\\modules\\secrets\\main.tf": MODULE})
    )
    finder = load_submission(
        packed(
            tmp_path / "f.zip",
            {
                "lab/modules/secrets/main.tf": MODULE,
                "lab/.DS_Store": "x",
                "lab/Icon\r": "x",
                "__MACOSX/lab/._modules": b"\x00\x05",
                "__MACOSX/lab/._Icon\r": b"\x00\x05",
            },
        )
    )
    for submission in (windows, finder):
        assert (submission.module_dir, files_of(submission)) == ("modules/secrets", ["modules/secrets/main.tf"])
    inner = packed(tmp_path / "inner.zip", {"main.tf": MODULE}).read_bytes()
    said = load_error(packed(tmp_path / "outer.zip", {"inner.zip": inner}))
    assert (
        "There is no .tf file in the submission. inner.zip in it is an archive, which is not opened. Unpack it" in said
    )
    twice = packed(tmp_path / "t.zip", {"a\\m.tf": MODULE, "a/m.tf": MODULE})
    assert "a/m.tf occurs twice" in load_error(twice)
