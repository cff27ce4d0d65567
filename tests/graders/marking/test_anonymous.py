"""Anonymous marking: names that do not show, and that come back."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import pytest

from graders.marking.anonymous import Names, anonymise, read_names, replaced, restore
from graders.model import Adjustment, Evidence, PolicyInfo, Results, Status
from graders.report import json_report
from lab_env.errors import UsageError
from tests.graders.report import samples

IDS = ("amara-okafor", "Bruno Keller_124", "mia/extra", '=1+1,"x"\n@', "😀", "ann", "ann-marie")


def klass(*ids: str) -> Results:
    """Every text of every submission speaks of everybody."""
    everybody = " | ".join(ids)
    made = []
    for id_ in ids:
        row = samples.row(
            "kms.key",
            Status.FAIL,
            points=4,
            observed=f"seen: {everybody}",
            expected=f"not {id_}",
            message=f"{id_.upper()}.",
            detail=f"{id_}/main.tf",
            evidence=(Evidence(kind="hcl", path=f"{id_}/main.tf", line=1, address=f'x["{id_}"]', detail=everybody),),
        )
        adjustments = (Adjustment(kind="override", points=0, reason=f"{id_} was ill"),)
        notes = (f"{id_}.zip was unpacked", f"almost the same as {everybody}")
        made.append(samples.submission(id_, (row,), reason=f"{id_}: why", adjustments=adjustments, notes=notes))
    info = PolicyInfo(name="p.yaml", digest="sha256:" + "0" * 64, lines=(f"For {everybody}.",))
    return samples.results(*made).model_copy(update={"policy": info})


def test_no_id_is_left_anywhere(tmp_path: Path) -> None:
    """Does no id, nor the part of it that names the learner, stand anywhere in the results?"""
    hidden = anonymise(klass(*IDS), tmp_path / "names.csv")
    text = json_report.dumps(hidden).casefold()
    for word in ("amara", "okafor", "bruno", "keller", "mia/", "extra", "1+1", "😀", "marie"):
        assert word not in text
    assert "ann" not in text.replace("cannot", "")
    assert all(one.id.startswith("learner-") and len(one.id) == len("learner-") + 8 for one in hidden.submissions)


def test_the_order_tells_nothing(tmp_path: Path) -> None:
    """Are submissions in the pseudonyms' order, which differs from key to key?"""
    ids = tuple(f"student-{number:02}" for number in range(30))
    orders = []
    for name in ("a.csv", "b.csv"):
        hidden = anonymise(klass(*ids), tmp_path / name)
        names = read_names(tmp_path / name).ids
        assert [one.id for one in hidden.submissions] == sorted(one.id for one in hidden.submissions)
        orders.append([names[one.id] for one in hidden.submissions])
    assert orders[0] != orders[1]
    assert list(ids) not in orders


def test_names_stay_when_the_class_grows(tmp_path: Path) -> None:
    """Does everybody keep a pseudonym over runs, and the newcomers get new ones?"""
    first = anonymise(klass("ann", "bob"), tmp_path / "names.csv")
    again = anonymise(klass("ann", "bob"), tmp_path / "names.csv")
    more = anonymise(klass("ann", "bob", "cora"), tmp_path / "names.csv")
    assert first == again
    assert {one.id for one in first.submissions} < {one.id for one in more.submissions}


def test_the_names_come_back(tmp_path: Path) -> None:
    """Does the names file lead back to every id, whatever is in it, and to the texts?"""
    before = klass(*IDS)
    hidden = anonymise(before, tmp_path / "names.csv")
    back = restore(hidden, read_names(tmp_path / "names.csv"))
    assert [one.id for one in back.submissions] == sorted(IDS)
    mine = next(one for one in back.submissions if one.id == "amara-okafor")
    assert (
        mine.requirements[0].observed == next(s for s in before.submissions if s.id == mine.id).requirements[0].observed
    )


def test_the_names_file_is_for_its_owner(tmp_path: Path) -> None:
    """Is the file readable for nobody else, also when an older one was, and is it a CSV that leads back?"""
    path = tmp_path / "names.csv"
    anonymise(klass(*IDS), path)
    path.chmod(0o644)
    anonymise(klass(*IDS), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(item.name for item in tmp_path.iterdir()) == ["names.csv"]
    with path.open(encoding="utf-8", newline="") as stream:
        header, key, *rows = csv.reader(stream)
    assert (header, key[0], len(key[1])) == (["pseudonym", "submission"], "(key)", 64)
    assert sorted(row[1] for row in rows) == sorted(IDS)


def test_equal_digests_get_longer_names() -> None:
    """Do two learners whose digests begin alike still have two pseudonyms?"""
    key = "00" * 32
    first = Names(key, {}).with_ids(["ann"]).pseudonyms["ann"]
    taken = Names(key, {"somebody": first}).with_ids(["ann"]).pseudonyms["ann"]
    assert taken.startswith(first)
    assert len(taken) == len(first) + 1


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("ann said: Ann's file ann_module.zip", "A said: A's file A_module.zip"),
        ("joann, cannot, annex", "joann, cannot, annex"),
        ("ann-marie and ANN-MARIE", "B and B"),
        ("see mia/extra and mia's other one", "see C and C's other one"),
        ("ann", "A"),
        ("", ""),
    ],
)
def test_whole_words_only(text: str, after: str) -> None:
    """Is an id replaced wherever it stands by itself, and no part of another word?"""
    ids = {"ann": "A", "ann-marie": "B", "mia/extra": "C"}
    made = klass(*ids)
    changed = made.model_copy(
        update={"submissions": tuple(one.model_copy(update={"reason": text}) for one in made.submissions)}
    )
    assert {one.reason for one in replaced(changed, ids).submissions} == {after}


def test_decomposed_names_are_found(tmp_path: Path) -> None:
    """Is a name replaced in the other Unicode form too (a macOS directory, a text typed elsewhere)?"""
    made = klass("zoe\u0308")
    changed = made.model_copy(
        update={"submissions": tuple(one.model_copy(update={"reason": "by zo\u00eb"}) for one in made.submissions)}
    )
    assert "zo" not in (anonymise(changed, tmp_path / "n.csv").submissions[0].reason or "")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"a,b\n",
        b"pseudonym,submission\n",
        b"pseudonym,submission\nlearner-1,ann\n",
        b"pseudonym,submission\n(key),zz\n",
        b"pseudonym,submission\n(key)," + b"0" * 64 + b"\nlearner-1,ann\nlearner-1,bob\n",
        b"pseudonym,submission\n(key)," + b"0" * 64 + b"\nlearner-1,ann\nlearner-2,ann\n",
        b"pseudonym,submission\n(key)," + b"0" * 64 + b"\nlearner-1\n",
    ],
)
def test_another_file_is_not_overwritten(tmp_path: Path, content: bytes) -> None:
    """Is a file that is no names file refused and left as it is?"""
    path = tmp_path / "names.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError):
        anonymise(klass("ann"), path)
    assert path.read_bytes() == content


def test_what_the_names_file_does_not_know(tmp_path: Path) -> None:
    """Are results of another key, and a directory that is not there, said and not half done?"""
    anonymise(klass("ann"), tmp_path / "names.csv")
    with pytest.raises(UsageError, match="knows no bob"):
        restore(klass("bob"), read_names(tmp_path / "names.csv"))
    with pytest.raises(UsageError, match="Cannot write"):
        anonymise(klass("ann"), tmp_path / "nowhere" / "names.csv")
    with pytest.raises(UsageError, match="Cannot read"):
        read_names(tmp_path / "nowhere.csv")
