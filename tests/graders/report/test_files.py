"""JSON, its schema, CSV, and how they are written."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import jsonschema
import pytest

from graders.model import Status
from graders.report import csv_report, json_report, schema
from lab_env.errors import UsageError
from lab_env.files import write_output
from lab_env.text import one_line, visible
from tests.graders.report import samples


def test_shipped_schema_is_the_models() -> None:
    """Is the schema file what the models say (else: `python -m graders.report.schema`)?"""
    assert schema.shipped() == schema.document()


def test_json_obeys_its_schema() -> None:
    """Does a JSON with every status validate against the shipped schema?"""
    jsonschema.validate(json.loads(json_report.dumps(samples.results())), schema.shipped())


def test_json_has_the_contracts_order() -> None:
    """Are the fields where the contract puts them?"""
    document = json.loads(json_report.dumps(samples.results()))
    assert list(document) == [
        "schema", "rubric", "created", "engine", "versions", "isolation", "policy", "depth", "assignment", "submissions",
    ]  # fmt: skip
    submission = document["submissions"][0]
    assert list(submission)[:8] == [
        "id", "digest", "status", "reason", "score", "max_score", "adjustments", "requirements",
    ]  # fmt: skip
    requirement = submission["requirements"][4]
    assert list(requirement) == [
        "id", "step", "title", "status", "points", "earned", "layer", "observed", "expected", "message", "detail",
        "hint", "blocked_by", "advice", "evidence", "duration_ms",
    ]  # fmt: skip
    assert list(requirement["evidence"][0]) == ["kind", "path", "line", "end_line", "cell", "address", "detail"]


def test_json_comes_back(tmp_path: Path) -> None:
    """Does reading a written file give the same results, hostile text included?"""
    json_report.write(samples.results(), tmp_path / "r.json")
    assert json_report.load(tmp_path / "r.json") == samples.results()


def test_a_file_of_schema_1_is_read(tmp_path: Path) -> None:
    """Does what an earlier grader wrote give the same results, its walls as the isolation and no advice?"""
    document = json_report.as_document(samples.results())
    document["walls"] = document.pop("isolation")
    document["schema"] = 1
    for submission in document["submissions"]:
        for row in submission["requirements"]:
            del row["advice"]
    (tmp_path / "r.json").write_text(json.dumps(document), encoding="utf-8")
    assert json_report.load(tmp_path / "r.json") == samples.results()


def test_half_points(tmp_path: Path) -> None:
    """Do halves stay halves and whole numbers integers, and is any other part of a point refused?"""
    row = samples.row("kms.key", Status.PASS, points=4)
    half = row.model_copy(update={"points": 3.5, "earned": 3.5})
    one = samples.submission("ann", (half, row)).model_copy(update={"score": 7.5, "max_score": 8.0})
    json_report.write(samples.results(one), tmp_path / "r.json")
    text = (tmp_path / "r.json").read_text(encoding="utf-8")
    assert '"earned": 3.5' in text
    loaded = json_report.load(tmp_path / "r.json").submissions[0]
    assert (loaded.score, loaded.max_score, type(loaded.max_score)) == (7.5, 8, int)
    (tmp_path / "r.json").write_text(text.replace('"earned": 3.5', '"earned": 3.3'), encoding="utf-8")
    with pytest.raises(UsageError, match=r"multiple of 0\.5"):
        json_report.load(tmp_path / "r.json")


def test_json_hides_nothing_on_a_screen() -> None:
    """Can the JSON be shown in a terminal without running what a learner wrote?"""
    text = json_report.dumps(samples.results())
    assert not set(text) & set("\x00\x1b\x7f\x9b\u202e\u202c")


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"schema": 2}', b'{"schema": 1}', b'{"schema": 3}'])
def test_not_a_result_file(tmp_path: Path, content: bytes) -> None:
    """Is a file that is no result file refused in a sentence?"""
    (tmp_path / "r.json").write_bytes(content)
    with pytest.raises(UsageError, match="is no result file"):
        json_report.load(tmp_path / "r.json")


def test_csv_has_a_row_each_and_two_columns_a_requirement() -> None:
    """Is every submission one row, an error's score empty, a blocked one's zero?"""
    table = list(csv.DictReader(io.StringIO(csv_report.dumps(samples.results()), newline="")))
    assert len(table) == 6
    assert table[0]["kms.deletion_window"] == "0"
    assert table[0]["kms.deletion_window status"] == "fail"
    assert table[0]["adjustment"] == "-5"
    assert table[0]["runtime.audit"] == ""
    assert table[4]["score"] == ""
    assert table[4]["kms.key"] == ""
    assert table[4]["kms.key status"] == "error"
    assert table[1]["score"] == "100"


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "'=1", '"=1', "＝1", "\r=1", "\n+1"])
def test_no_formula_in_csv(name: str) -> None:
    """Is a name that a spreadsheet would run made harmless?"""
    one = samples.submission(name, (samples.row("kms.key", Status.PASS, points=4),), reason=name)
    (row,) = csv.DictReader(io.StringIO(csv_report.dumps(samples.results(one)), newline=""))
    assert row["submission"].startswith(("'", "⟨"))
    assert row["reason"].startswith(("'", "⟨"))


def test_a_comma_stays_in_its_cell() -> None:
    """Does a name with commas, quotes and line ends stay one cell of one row?"""
    one = samples.submission('a,"b"\nc', (samples.row("kms.key", Status.PASS, points=4),))
    (row,) = csv.DictReader(io.StringIO(csv_report.dumps(samples.results(one)), newline=""))
    assert row["submission"] == 'a,"b" c'
    assert row["kms.key"] == "4"


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """Is a report that cannot be written whole not written at all?"""
    target = tmp_path / "r.json"
    target.write_text("old", encoding="utf-8")
    with pytest.raises(UnicodeEncodeError):
        write_output(target, "half \ud800")
    assert target.read_text(encoding="utf-8") == "old"
    assert os.listdir(tmp_path) == ["r.json"]  # noqa: PTH208 - the names are what is asked


def test_a_missing_directory_is_said(tmp_path: Path) -> None:
    """Is a directory that is not there a usage error with the path in it?"""
    with pytest.raises(UsageError, match=r"nowhere"):
        write_output(tmp_path / "nowhere" / "r.json", "x")


def test_a_directory_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a directory in the file's place said, also the current one, whose path has no name, and nothing left in it?"""
    monkeypatch.chdir(tmp_path)
    for path in (tmp_path, Path()):
        with pytest.raises(UsageError, match="Cannot write"):
            write_output(path, "x")
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - the names are what is asked
    assert not list(tmp_path.parent.glob(".*.part"))


def test_visible_marks_what_cannot_be_seen() -> None:
    """Do control, bidirectional and zero-width characters become visible while letters stay?"""
    assert visible("añ漢 ok\n\tz") == "añ漢 ok\n\tz"
    assert visible("a\x1b[31m\u202eb\u200b\x85") == "a⟨U+001B⟩[31m⟨U+202E⟩b⟨U+200B⟩⟨U+0085⟩"
    assert visible("a\r\nb") == "a\nb"
    assert one_line(" a\r\n\tb  c ") == "a b c"
