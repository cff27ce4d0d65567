"""No name that a learner gives decides what the class is, and no two submissions are called the same."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import Depth
from lab.running import found
from lab_env.submission.find import with_ids_of_their_own
from lab_env.submission.model import SubmissionRef

TEXT = 'variable "environment" {}\n'


def write(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(TEXT)
    return root


def ids(*paths: Path) -> list[str]:
    return sorted(ref.id for ref in found(paths))


def test_anonymous_files_on_canvas(tmp_path: Path) -> None:
    """Does a file that begins with a number, or with somebody's upload number, leave a class of anonymous students a class?"""
    for odd in ("0_x.tf", "102_x.tf"):
        group = write(tmp_path / odd, "anon_ann_101_main.tf", "anon_bob_102_main.tf", f"anon_eve_103_{odd}")
        assert ids(group) == ["anon_ann", "anon_bob", "anon_eve"]


def test_what_lies_among_submissions(tmp_path: Path) -> None:
    """Do a directory called modules and a module's file that are links leave the others their rows?"""
    group = write(tmp_path / "class", "ann/modules/secrets/main.tf", "bob/modules/secrets/main.tf")
    (group / "fay.tf").symlink_to("/etc/hostname")
    (group / "modules").symlink_to("ann/modules")
    assert {"ann", "bob", "fay.tf", "modules"} == set(ids(group))


def test_a_link_called_modules(tmp_path: Path) -> None:
    """Does it make no submission of a class of flat modules?"""
    group = write(tmp_path / "class", "ann/main.tf", "bob/main.tf")
    write(tmp_path, "elsewhere/secrets/main.tf")
    (group / "modules").symlink_to("../elsewhere")
    assert ids(group) == ["ann", "bob", "modules"]


def test_a_pipe_called_like_an_archive(tmp_path: Path) -> None:
    """Has it a row in a class, and is it said to be no file, at once?"""
    group = write(tmp_path / "class", "ann/main.tf")
    os.mkfifo(group / "fay.zip")
    results = grade_many(found([group]), RunConfig(depth=Depth.STATIC))
    assert [(one.id, one.status.value) for one in results.submissions] == [("ann", "graded"), ("fay", "ungradable")]
    assert "fay.zip is not a regular file" in (results.submissions[1].reason or "")


def test_a_class_among_the_named(tmp_path: Path) -> None:
    """Does an archive with a platform's names in it stop nobody else, and a pipe called like an archive hold up nobody?"""
    write(tmp_path, "ann/main.tf")
    with zipfile.ZipFile(tmp_path / "eve.zip", "w") as archive:
        archive.writestr("x_1_assignsubmission_file_/main.tf", TEXT)
    os.mkfifo(tmp_path / "fay.zip")
    assert ids(*sorted(tmp_path.iterdir())) == ["ann", "eve", "fay"]
    assert ids(tmp_path / "fay.zip") == ["fay"]


def test_no_two_have_one_id() -> None:
    """Is each id one submission's, and does who has it as a plain name keep it, wherever it stands?"""
    refs = [SubmissionRef("zed", Path("a/x")), SubmissionRef("zed", Path("b/zed")), SubmissionRef("zed", Path("c/y"))]
    made = with_ids_of_their_own(refs)
    assert [ref.id for ref in made] == ["zed~2", "zed", "zed~3"]
    assert [ref.path for ref in made] == [ref.path for ref in refs]
