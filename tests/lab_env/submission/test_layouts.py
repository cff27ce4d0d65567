"""Canvas's and Moodle's bulk downloads: what is a class, who handed in what, and what stays an ordinary directory."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from lab_env.errors import SubmissionError, UsageError
from lab_env.submission import find_submissions, load_submission
from lab_env.submission.layouts import bulk_download, holds_a_class, inner_submission, loose_files
from lab_env.submission.loose import read_loose

KMS = 'resource "aws_kms_key" "k" {}\n'
SECRET = 'resource "aws_secretsmanager_secret" "s" {}\n'
VARIABLE = 'variable "environment" {}\n'


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def packed(path: Path, files: Mapping[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def ids(path: Path) -> list[str]:
    return [ref.id for ref in find_submissions(path)]


def read(directory: Path, id_: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """A student's files as they will be graded, and the notes."""
    handed = next(one for one in bulk_download(directory) if one.id == id_)
    collector, notes = read_loose(handed)
    return {name: data.decode() for name, data in collector.files.items()}, notes


def test_canvas_files_are_grouped_by_student(tmp_path: Path) -> None:
    """Is a flat directory of Canvas's files a class, a student's loose files one submission, late ones marked?"""
    write(
        tmp_path,
        {
            "okaforamara_12345_678901_main.tf": VARIABLE,
            "okaforamara_12345_678902_kms.tf": KMS,
            "okaforamara_12345_678903_My notes (2).md": "x",
            "kellerbruno_LATE_23456_700000_lab.ipynb": "{}",
            "rossichiara_34567_text.html": "<p>I typed it here</p>",
            "anon_Ab3Xz_678999_main.tf": VARIABLE,
            "LATE_anon_Cd4Yw_679000_main.tf": VARIABLE,
            ".DS_Store": "x",
            "gradebook export.csv": "x",
        },
    )
    packed(tmp_path / "mullerjürgen_45678_678905_module.zip", {"main.tf": VARIABLE})
    refs = find_submissions(tmp_path)
    assert [ref.id for ref in refs] == [
        "anon_Cd4Yw",
        "anon_Ab3Xz",
        "kellerbruno_23456",
        "mullerjürgen_45678",
        "okaforamara_12345",
        "rossichiara_34567",
    ]
    assert len({ref.path for ref in refs}) == len(refs)
    assert {one.id: one.late for one in bulk_download(tmp_path)} == {
        "anon_Cd4Yw": True,
        "anon_Ab3Xz": False,
        "kellerbruno_23456": True,
        "mullerjürgen_45678": False,
        "okaforamara_12345": False,
        "rossichiara_34567": False,
    }
    assert read(tmp_path, "okaforamara_12345") == (
        {"kms.tf": KMS, "main.tf": VARIABLE, "My notes (2).md": "x"},
        (),
    )


def test_a_students_path_leads_to_all_files(tmp_path: Path) -> None:
    """Does any one of a student's files find the others, and an ordinary file none?"""
    write(tmp_path / "c", {"a_1_10_x.tf": "", "a_1_11_y.tf": "", "b_2_12_x.tf": ""})
    for name in ("a_1_10_x.tf", "a_1_11_y.tf"):
        handed = loose_files(tmp_path / "c" / name)
        assert handed is not None
        assert [file.name for file in handed.files] == ["x.tf", "y.tf"]
    write(tmp_path / "o", {"main.tf": "", "a_1_10_x.tf": ""})
    assert loose_files(tmp_path / "o" / "a_1_10_x.tf") is None
    assert loose_files(tmp_path / "o" / "main.tf") is None
    assert loose_files(tmp_path / "absent" / "a_1_10_x.tf") is None


@pytest.mark.parametrize(
    "files",
    [
        {"main.tf": "", "a_1_10_x.tf": ""},
        {"vpc_10_7_main.tf": "", "vpc_10_7_b.tf": ""},  # an upload's number twice
        {"vpc_10_0_main.tf": ""},  # Canvas numbers from 1 on
        {"vpc_10_0_main.tf": "", "net_10_1_b.tf": ""},  # a student's number with two names
        {"10_20_main.tf": ""},
        {"two words_1_2_main.tf": ""},
        {"a_1_10_x.tf": "", "modules/secrets/main.tf": ""},
        {"a_1_10_x.tf": "", "modules/other/main.tf": ""},
        {"a_1_10_x.tf": "", "lab.ipynb": "{}"},
        {"a_1_10_x.tf": "", "extra.tf.json": "{}"},
    ],
)
def test_an_ordinary_directory_is_no_class(tmp_path: Path, files: dict[str, str]) -> None:
    """Does one file that Canvas cannot have named keep a module a module?"""
    write(tmp_path / "module", files)
    assert ids(tmp_path / "module") == ["module"]


def test_a_class_of_archives_keeps_its_ids(tmp_path: Path) -> None:
    """Are archives with ordinary names still a class of their own names?"""
    packed(tmp_path / "ann.zip", {"main.tf": ""})
    packed(tmp_path / "bob_1_2_x.zip", {"main.tf": ""})
    assert ids(tmp_path) == ["ann", "bob_1_2_x"]


def test_directories_beside_canvas_files_are_not_lost(tmp_path: Path) -> None:
    """Is an archive that was unpacked in place its student's, and another submission still one?"""
    write(
        tmp_path,
        {
            "a_1_10_x.tf": "",
            "b_2_11_module/main.tf": "",
            "a_1_10_x/main.tf": "",
            "latecomer/main.tf": "",
            "feedback/a.html": "",
        },
    )
    assert ids(tmp_path) == ["a_1", "b_2", "latecomer"]


def test_handing_in_again_replaces(tmp_path: Path) -> None:
    """Does the newest of several versions count, under its own name, with a note on each that does not?"""
    write(
        tmp_path,
        {
            "a_1_10_main.tf": KMS,
            "a_1_30_main-1.tf": KMS + "# better\n",
            "a_1_20_main-2.tf": KMS + "# between\n",
            "a_1_31_kms-1.tf": SECRET,
        },
    )
    files, notes = read(tmp_path, "a_1")
    assert files == {"main.tf": KMS + "# better\n", "kms.tf": SECRET}
    assert notes == (
        "a_1_10_main.tf was left out: a_1_30_main-1.tf was handed in later.",
        "a_1_20_main-2.tf was left out: a_1_30_main-1.tf was handed in later.",
    )


def test_late_is_the_newest_upload(tmp_path: Path) -> None:
    """Is a student late whose first version was in time and whose second was not?"""
    write(tmp_path, {"a_1_10_main.tf": KMS, "a_LATE_1_30_main-1.tf": KMS})
    (handed,) = bulk_download(tmp_path)
    assert handed.late


def test_numbered_names_of_the_learner_stay(tmp_path: Path) -> None:
    """Are two files that declare different things both kept, whatever their names?"""
    own = {"a_1_10_part.tf": KMS, "a_1_11_part-1.tf": SECRET, "a_1_12_x-1.tf": VARIABLE, "a_1_13_x-2.tf": "locals {}\n"}
    write(tmp_path, own)
    assert read(tmp_path, "a_1") == (
        {"part.tf": KMS, "part-1.tf": SECRET, "x-1.tf": VARIABLE, "x-2.tf": "locals {}\n"},
        (),
    )


def test_versions_of_notebooks_and_archives(tmp_path: Path) -> None:
    """Do two notebooks that write the same file, and two archives of one name, count as versions?"""

    def cell(path: str) -> str:
        return f'{{"cells": [{{"source": ["%%hcl {path}\\n"]}}]}}'

    write(tmp_path, {"a_1_10_lab.ipynb": cell("main.tf"), "a_1_11_lab-1.ipynb": cell("main.tf")})
    write(tmp_path, {"b_2_12_lab.ipynb": cell("main.tf"), "b_2_13_lab-1.ipynb": cell("kms.tf")})
    packed(tmp_path / "c_3_14_module.zip", {"main.tf": "old"})
    packed(tmp_path / "c_3_15_module-1.zip", {"top/main.tf": "new"})
    packed(tmp_path / "d_4_16_part-1.zip", {"w/main.tf": "1", "w/link/x.tf": ""})
    packed(tmp_path / "d_4_17_part-2.zip", {"kms.tf": "2"})
    assert list(read(tmp_path, "a_1")[0]) == ["lab.ipynb"]
    assert sorted(read(tmp_path, "b_2")[0]) == ["lab-1.ipynb", "lab.ipynb"]
    assert read(tmp_path, "c_3")[0] == {"main.tf": "new"}
    assert read(tmp_path, "d_4")[0] == {"main.tf": "1", "link/x.tf": "", "kms.tf": "2"}


def test_a_path_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    """Is it an error, not a guess, when two archives hold the same file?"""
    packed(tmp_path / "a_1_10_x.zip", {"main.tf": "1"})
    packed(tmp_path / "a_1_11_y.zip", {"main.tf": "2"})
    with pytest.raises(SubmissionError, match=r"main\.tf occurs twice"):
        read(tmp_path, "a_1")


def test_links_are_never_followed(tmp_path: Path) -> None:
    """Is a link among the files noted for the gate and never opened, archive or not?"""
    outside = tmp_path / "outside"
    packed(outside / "secret.zip", {"main.tf": "x"})
    write(outside, {"secret": "hidden"})
    directory = write(tmp_path / "class", {"a_1_10_main.tf": VARIABLE})
    (directory / "a_1_11_extra.tf").symlink_to(outside / "secret")
    (directory / "a_1_12_module.zip").symlink_to(outside / "secret.zip")
    (handed,) = bulk_download(directory)
    collector, _ = read_loose(handed)
    assert (collector.files, collector.links) == ({"main.tf": VARIABLE.encode()}, {"extra.tf", "module.zip"})


def test_moodle_directories_are_participants(tmp_path: Path) -> None:
    """Is Moodle's directory of directories a class, whatever is in each: files, an archive, a directory, text only?"""
    write(
        tmp_path,
        {
            "Amara Okafor_123_assignsubmission_file_/main.tf": VARIABLE,
            "Amara Okafor_123_assignsubmission_onlinetext_/onlinetext.html": "x",
            "Chiara Rossi_125_assignsubmission_file_/solution/modules/secrets/main.tf": VARIABLE,
            "Dmitri Volkov_126_assignsubmission_onlinetext_/onlinetext.html": "x",
            "Default group_assignsubmission_file/main.tf": VARIABLE,
            "Participant_127_assignsubmission_file_/modules/secrets/main.tf": VARIABLE,
        },
    )
    packed(tmp_path / "Bruno, Keller Jr_124_assignsubmission_file_" / "work.zip", {"main.tf": VARIABLE})
    assert ids(tmp_path) == [
        "Amara Okafor_123",
        "Bruno, Keller Jr_124",
        "Chiara Rossi_125",
        "Default group",
        "Dmitri Volkov_126",
        "Participant_127",
    ]
    loaded = [load_submission(ref.path, id=ref.id) for ref in find_submissions(tmp_path) if "Volkov" not in ref.id]
    assert {one.id: one.module_dir for one in loaded} == {
        "Amara Okafor_123": ".",
        "Bruno, Keller Jr_124": ".",
        "Chiara Rossi_125": "modules/secrets",
        "Default group": ".",
        "Participant_127": "modules/secrets",
    }
    assert ids(tmp_path / "Bruno, Keller Jr_124_assignsubmission_file_") == ["Bruno, Keller Jr_124"]
    with pytest.raises(SubmissionError, match=r"no \.tf file"):
        load_submission(tmp_path / "Dmitri Volkov_126_assignsubmission_onlinetext_")


def test_moodle_directory_with_a_link_is_not_left(tmp_path: Path) -> None:
    """Is a link in a participant's directory not taken for the submission?"""
    packed(tmp_path / "outside.zip", {"main.tf": ""})
    directory = tmp_path / "A B_1_assignsubmission_file_"
    directory.mkdir()
    (directory / "work.zip").symlink_to(tmp_path / "outside.zip")
    assert inner_submission(directory) == directory


def test_moodle_without_directories(tmp_path: Path) -> None:
    """Are Moodle's files in one directory grouped by participant?"""
    write(
        tmp_path,
        {
            "Amara Okafor_123_assignsubmission_file_main.tf": VARIABLE,
            "Amara Okafor_123_assignsubmission_file_kms_2.tf": KMS,
            "Bruno Keller_124_assignsubmission_file_main.tf": VARIABLE,
        },
    )
    assert ids(tmp_path) == ["Amara Okafor_123", "Bruno Keller_124"]
    assert read(tmp_path, "Amara Okafor_123")[0] == {"main.tf": VARIABLE, "kms_2.tf": KMS}


def test_a_whole_download_has_to_be_unpacked(tmp_path: Path) -> None:
    """Is the platform's archive refused with the next step, not graded as one submission, and an ordinary one still read?"""
    canvas = packed(tmp_path / "c.zip", {"a_1_10_main.tf": "", "b_2_11_main.tf": ""})
    moodle = packed(tmp_path / "m.zip", {"A B_1_assignsubmission_file_/main.tf": ""})
    for path in (canvas, moodle):
        with pytest.raises(UsageError, match="whole class in one archive"):
            find_submissions(path)
    assert ids(packed(tmp_path / "one.zip", {"main.tf": "", "x_1_2_y.tf": ""})) == ["one"]
    (tmp_path / "broken.zip").write_bytes(b"no zip")
    assert not holds_a_class(tmp_path / "broken.zip")


def test_loose_files_are_loaded_as_one_submission(tmp_path: Path) -> None:
    """Does the path that stands for a student load all of the student's files, with the notes, and no link?"""
    outside = write(tmp_path / "outside", {"main.tf": KMS})
    directory = write(
        tmp_path / "class",
        {
            "a_1_10_main.tf": KMS,
            "a_1_11_main-1.tf": KMS,
            "a_1_12_vars.tf": VARIABLE,
            "b_2_13_essay.pdf": "x",
        },
    )
    packed(directory / "c_3_14_module.zip", {"top/modules/secrets/main.tf": VARIABLE})
    (directory / "d_4_15_aaa").symlink_to(outside)
    (directory / "d_4_16_main.tf").write_text(VARIABLE)
    (directory / "e_5_17_gone.tf").symlink_to(tmp_path / "nowhere")
    by_id = {ref.id: ref for ref in find_submissions(directory)}
    one = load_submission(by_id["a_1"].path, id="a_1")
    assert (one.id, [file.path for file in one.files]) == ("a_1", ["main.tf", "vars.tf"])
    assert one.notes == ("a_1_10_main.tf was left out: a_1_11_main-1.tf was handed in later.",)
    assert load_submission(by_id["c_3"].path).module_dir == "modules/secrets"
    assert load_submission(by_id["c_3"].path).id == "c_3"
    linked = load_submission(by_id["d_4"].path)
    assert ([file.path for file in linked.files], linked.links) == (["main.tf"], ("aaa",))
    for id_, words in (("b_2", r"no \.tf file"), ("e_5", r"gone\.tf is a link")):
        with pytest.raises(SubmissionError, match=words):
            load_submission(by_id[id_].path)


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("kms.prod.tf", "kms-1.prod.tf"),
        ("lab.v2.zip", "lab-2.v2.zip"),
        ("kms.tf.txt", "kms-1.tf.txt"),
    ],
)
def test_canvas_numbers_before_the_first_suffix(tmp_path: Path, first: str, again: str) -> None:
    """Is a file whose name has several dots known again when Canvas numbers it, so that only the newest counts?"""
    old, new = (packed(tmp_path / "p" / f"{n}.zip", {"main.tf": KMS if n else VARIABLE}).read_bytes() for n in (0, 1))
    if first.endswith(".tf"):
        old, new = KMS.encode(), f"# newer\n{KMS}".encode()
    elif first.endswith(".txt"):
        old, new = b"old", b"new"
    write(tmp_path / "d", {f"a_1_10_{first}": old, f"a_1_11_{again}": new, "a_1_12_variables.tf": VARIABLE})
    (handed,) = bulk_download(tmp_path / "d")
    _, notes = read_loose(handed)
    assert notes == (f"a_1_10_{first} was left out: a_1_11_{again} was handed in later.",)
