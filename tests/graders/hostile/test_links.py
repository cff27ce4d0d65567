"""Links in a class, in every layout: refused by name, a row for everybody, and nobody's mark touched."""

from __future__ import annotations

import json
import shutil
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import Depth, Results, SubmissionResult
from lab.running import found
from solutions.corpus import load_corpus, materialise

NAMES = ("ann", "ben", "eve")


def work(directory: Path) -> Path:
    """The reference, as files in this directory."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    return materialise(load_corpus()["reference"], directory.parent).rename(directory)


def zipped(path: Path) -> Path:
    source = work(path.with_name(f".source-{path.name}"))
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(source.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(source))
    shutil.rmtree(source)
    return path


def cloned(directory: Path) -> Path:
    """A clone: the work, and what git keeps beside it."""
    work(directory)
    (directory / ".git").mkdir()
    (directory / ".git/HEAD").write_text("ref: refs/heads/main\n")
    return directory


def plain(name: str) -> str:
    return name


def canvas(name: str) -> str:
    return f"{name}_{100 + NAMES.index(name) if name in NAMES else 199}_{ord(name[0])}_solution.zip"


def moodle(name: str) -> str:
    return f"{name.title()} Person_{ord(name[0])}_assignsubmission_file_"


@dataclass(frozen=True)
class Layout:
    """A way in which a class lies on the disk, and a link of gus's in it.

    :param entry: where the work of somebody is, below the class.
    :param make: makes it there.
    :param link: what gus has in its place, below the class; ``to`` what it points at.
    :param row: gus's id in the results.
    :param said: what the refusal must name.
    """

    name: str
    entry: Callable[[str], str]
    make: Callable[[Path], Path]
    link: str
    to: str
    row: str
    said: str


LAYOUTS = (
    Layout("a directory", plain, work, "gus", "ben", "gus", "gus is a link"),
    Layout("nothing there", plain, work, "gus", "nobody", "gus", "gus is a link"),
    Layout("the class itself", plain, work, "gus", ".", "gus", "gus is a link"),
    Layout("a directory inside", plain, work, "gus/work", "../ben", "gus", "work is a link"),
    Layout("the modules", plain, work, "gus/modules", "../ben/modules", "gus", "modules is a link"),
    Layout("a file", plain, work, "gus/main.tf", "../ben/modules/secrets/kms.tf", "gus", "main.tf is a link"),
    Layout("nbgrader, the student", "{}/work".format, work, "gus", "ben", "gus", "gus is a link"),
    Layout("nbgrader, the assignment", "{}/work".format, work, "gus/work", "../ben/work", "gus", "work is a link"),
    Layout(
        "nbgrader, another assignment", "{}/work".format, work, "gus/other", "../ben/work", "gus", "other is a link"
    ),
    Layout("archives", "{}.zip".format, zipped, "gus.zip", "ben.zip", "gus", "gus.zip is a link"),
    Layout("archives, a directory", "{}.zip".format, zipped, "gus", "ben.zip", "gus", "gus is a link"),
    Layout("clones", plain, cloned, "gus", "ben", "gus", "gus is a link"),
    Layout("clones, a directory inside", plain, cloned, "gus/modules", "../ben/modules", "gus", "modules is a link"),
    Layout("Canvas", canvas, zipped, "gus_199_77_solution.zip", canvas("ben"), "gus_199", "solution.zip is a link"),
    Layout("Canvas, a directory", canvas, zipped, "gus_199", canvas("ben"), "gus_199", "gus_199 is a link"),
    Layout("Moodle", moodle, work, moodle("gus"), moodle("ben"), "Gus Person_103", f"{moodle('gus')} is a link"),
    Layout(
        "Moodle, inside",
        moodle,
        work,
        f"{moodle('gus')}/modules",
        f"../{moodle('ben')}/modules",
        "Gus Person_103",
        "modules is a link",
    ),
    Layout(
        "Moodle, an archive inside",
        moodle,
        work,
        f"{moodle('gus')}/work.zip",
        f"../{moodle('ben')}",
        "Gus Person_103",
        "work.zip is a link",
    ),
)


def graded(*paths: Path) -> Results:
    return grade_many(found(paths), RunConfig(depth=Depth.STATIC))


def by_id(results: Results) -> dict[str, SubmissionResult]:
    return {one.id: one for one in results.submissions}


def same(one: SubmissionResult) -> str:
    document = one.model_dump(mode="json")
    for row in document["requirements"]:
        row["duration_ms"] = 0
    return json.dumps(document)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_in_a_class(layout: Layout, tmp_path: Path) -> None:
    """Is the link refused by its name, with a row and no points, and does everybody else get what they get without it?"""
    group = tmp_path / "class"
    for name in NAMES:
        layout.make(group / layout.entry(name))
    before = by_id(graded(group))
    assert len(before) == len(NAMES)
    assert {one.score for one in before.values()} == {before[min(before)].score} != {0}
    link = group / layout.link
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(layout.to)
    after = by_id(graded(group))
    gus = after.pop(layout.row)
    assert (gus.score, gus.status.value in ("ungradable", "rejected")) == (0, True)
    assert layout.said in (gus.reason or "")
    assert {id: same(one) for id, one in after.items()} == {id: same(one) for id, one in before.items()}


def test_beside_a_real_assignment(tmp_path: Path) -> None:
    """Does one who has a real assignment and a link keep the one, with a row of its own for the other?"""
    for name in ("ben", "gus"):
        work(tmp_path / f"class/{name}/work")
    (tmp_path / "class/gus/copied").symlink_to("../ben/work")
    rows = by_id(graded(tmp_path / "class"))
    assert sorted(rows) == ["ben", "gus/copied", "gus/work"]
    assert (rows["gus/copied"].score, rows["gus/work"].score) == (0, rows["ben"].score)


def test_by_the_shell(tmp_path: Path) -> None:
    """Is it so when the shell names the submissions one by one, or what is in each student's directory?"""
    for name in NAMES:
        work(tmp_path / f"submitted/{name}/work")
    (tmp_path / "submitted/gus").symlink_to("ben")
    entries = by_id(graded(*sorted((tmp_path / "submitted").glob("*"))))
    # Three have an assignment of the same name, so they are told apart by their paths.
    assert {Path(id).parent.name: one.score != 0 for id, one in entries.items() if id != "gus"} == dict.fromkeys(
        NAMES, True
    )
    assert (entries["gus"].score, len(entries)) == (0, 4)
    inside = by_id(graded(*sorted((tmp_path / "submitted").glob("*/work"))))
    assert len(inside) == 4
    assert sorted(one.score == 0 for one in inside.values()) == [False, False, False, True]
    assert [one.reason.split(",")[0] for one in inside.values() if one.reason] == ["gus is a link"]


def test_named_alone(tmp_path: Path) -> None:
    """Has a link that is named on the command line a row, and is a directory behind a link of the system's read?"""
    work(tmp_path / "real/ben")
    (tmp_path / "linked").symlink_to("real", target_is_directory=True)
    (tmp_path / "gus").symlink_to("real/ben", target_is_directory=True)
    (tmp_path / "gone.zip").symlink_to("nowhere.zip")
    assert by_id(graded(tmp_path / "gus"))["gus"].reason.startswith("gus is a link")  # type: ignore[union-attr]
    assert by_id(graded(tmp_path / "gone.zip"))["gone"].reason.startswith("gone.zip is a link")  # type: ignore[union-attr]
    assert by_id(graded(tmp_path / "linked"))["linked"].score == 0
    assert by_id(graded(tmp_path / "linked/ben"))["ben"].score != 0
    # Named side by side they are a class, and in a class a link is refused.
    both = graded(tmp_path / "linked/ben", tmp_path / "real/ben")
    assert [one.score != 0 for one in both.submissions] == [False, True]
    work(tmp_path / "elsewhere/class/ben")
    apart = graded(tmp_path / "linked/ben", tmp_path / "elsewhere/class/ben")
    assert [one.score != 0 for one in apart.submissions] == [True, True]


def test_the_same_twice(tmp_path: Path) -> None:
    """Is a submission that was named twice, alone and with its class, one?"""
    work(tmp_path / "class/ben")
    work(tmp_path / "class/ann")
    assert len(graded(tmp_path / "class", tmp_path / "class/ben", tmp_path / "class/../class/ann").submissions) == 2


def test_in_an_archive(tmp_path: Path) -> None:
    """Does a link in an archive, to a file or in the place of a directory, refuse that submission by its name?"""
    group = tmp_path / "class"
    group.mkdir()
    zipped(group / "ben.zip")
    for name, link in (("one", "modules/secrets/kms.tf"), ("two", "modules")):
        with tarfile.open(group / f"{name}.tar.gz", "w:gz") as archive:
            info = tarfile.TarInfo(link)
            info.type, info.linkname = tarfile.SYMTYPE, "../ben.zip"
            archive.addfile(info)
    rows = by_id(graded(group))
    assert rows["ben"].score != 0
    for name, said in (("one", "kms.tf is a link"), ("two", "modules is a link")):
        assert (rows[name].score, said in (rows[name].reason or "")) == (0, True)
