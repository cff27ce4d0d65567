"""What Canvas and Moodle make of a file that is uploaded to them: their importers' demands, read in their sources.

Canvas: ``lib/gradebook_importer.rb``. Moodle: ``lib/csvlib.class.php``, ``mod/assign/feedback/offline/importgradeslib.php`` and
``importgradesform.php``. Feedback: ``infer_comment_context_from_filename`` of ``app/models/abstract_assignment.rb`` and
``mod/assign/feedback/file/importziplib.php``. Nothing of ours is used here, so that a file can be wrong.
"""

from __future__ import annotations

import csv
import io
import posixpath
import re
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass

TOTALS = ("Current Score", "Current Points", "Current Grade", "Final Score", "Final Points", "Final Grade", "Override ")


@dataclass(frozen=True)
class CanvasImport:
    """:param points: by assignment. :param grades: by assignment and Canvas's number of the student; empty takes a mark away."""

    points: dict[str, str]
    grades: dict[str, dict[int, str]]


def canvas(data: bytes) -> CanvasImport:
    """Read a gradebook as Canvas does; an assertion fails where Canvas refuses it."""
    text = data.decode("utf-8")
    first = text.splitlines()[:3]
    counts = {sign: {len(next(csv.reader([line], delimiter=sign))) for line in first} for sign in ";,"}
    width = {sign: found.pop() if len(found) == 1 else 0 for sign, found in counts.items()}
    delimiter = ";" if width[";"] > width[","] else ","
    rows = [
        [_period(cell) for cell in row]
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        if not re.fullmatch("[;, ]+", delimiter.join(row))
    ]
    header = rows[0]
    assert len(header) > 3
    assert "Student" in header[0]
    assert "ID" in header[1]
    columns = 3
    if "SIS Login ID" in header[2]:
        columns = 4
    elif "SIS User ID" in header[2]:
        columns = 5 + ("Integration ID" in header[4])
        columns += "Root Account" in header[columns - 1]
    assert header[columns - 1] == "Section", header
    assignments = {i: name for i, name in enumerate(header) if i >= columns and not any(t in name for t in TOTALS)}
    points: dict[str, str] = {}
    grades: dict[str, dict[int, str]] = {name: {} for name in assignments.values()}
    for row in rows[1:]:
        if "Points Possible" in row[0]:
            points = {name: row[i] for i, name in assignments.items()}
        elif not all(re.fullmatch(r"\s*(Muted|Manual Posting.*)?\s*", cell, re.IGNORECASE) for cell in row):
            for i, name in assignments.items():
                grades[name][int(row[1] or 0)] = row[i].strip()
    return CanvasImport(points, grades)


def _period(cell: str) -> str:
    if not re.fullmatch(r"-?[0-9.,]+%?", cell):
        return cell
    *whole, last = re.split("[,.]", cell)
    return f"{''.join(whole)}.{last}" if whole else last


@dataclass(frozen=True)
class Words:
    """A language of Moodle's: the strings that its importer looks for, and the sign before decimals."""

    identifier: str
    participant: str
    grade: str
    modified: str
    comments: str
    decimal: str = "."


ENGLISH = Words("Identifier", "Participant ", "Grade", "Last modified (grade)", "Feedback comments")
GERMAN = Words("ID", "Teilnehmer/in", "Bewertung", "Zuletzt geändert (Bewertung)", "Feedback als Kommentar", ",")
FRENCH = Words("Identifiant", "Participant", "Note", "Dernière modification (note)", "Feedback par commentaires", ",")
SPANISH = Words(
    "Identificador", "Participante ", "Calificación", "Última modificación (calificación)", "Comentarios de retroalimentación", ","
)  # fmt: skip
JAPANESE = Words("ID", "参加者", "評点", "最終更新日時 (評定)", "フィードバックコメント")


def moodle(data: bytes, words: Words, maximum: float) -> Mapping[int, tuple[float | None, str]]:
    """What Moodle takes over for each participant: the grade, None where it skips it, and the comment."""
    text = data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    header = [cell.strip() for cell in rows[0]]
    assert all(len(row) == len(header) for row in rows), "csvweirdcolumns"
    places = {name: header.index(name) for name in (words.identifier, words.grade, words.modified)}
    comments = header.index(words.comments) if words.comments in header else None
    found: dict[int, tuple[float | None, str]] = {}
    for row in rows[1:]:
        # substr() counts bytes, as strlen() does.
        number = row[places[words.identifier]].encode()[len(words.participant.encode()) :].decode()
        grade = _float(row[places[words.grade]], words.decimal)
        taken = grade if grade is not None and 0 <= grade <= maximum else None
        found[int(number)] = (taken, "" if comments is None else row[comments])
    return found


def _float(text: str, decimal: str) -> float | None:
    text = text.strip().replace(" ", "").replace(decimal, ".")
    number = re.match(r"-?\d+(\.\d+)?", text)  # PHP's (float) reads as far as it can
    return float(number[0]) if number else None


def canvas_feedback(data: bytes, uploads: Mapping[int, int]) -> dict[int, dict[str, bytes]]:
    """The files that Canvas takes for each user, by the name in the archive.

    :param uploads: whose submission each upload is in, by its number.
    """
    found: dict[int, dict[str, bytes]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for path in archive.namelist():
            words = [word for word in posixpath.basename(path).split("_") if word != "LATE"]
            assert words[0] != "anon"
            numbers = [int(word) for word in words if re.fullmatch(r"\d+", word)][:2]
            assert len(numbers) == 2, f"Canvas ignores {path}"
            assert uploads[numbers[1]] == numbers[0], f"{path} is of an upload of somebody else"
            found.setdefault(numbers[0], {})[path] = archive.read(path)
    return found


def moodle_feedback(data: bytes, participants: Collection[int]) -> dict[int, dict[str, bytes]]:
    """The files that Moodle takes for each participant, by the name that it gives them."""
    found: dict[int, dict[str, bytes]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for path in archive.namelist():
            assert not posixpath.basename(path).startswith((".", "~"))
            parts = path.split("/")
            words = parts.pop(0).split("_", 4)
            assert len(words) >= 4, f"Moodle ignores {path}"
            assert words[1].isdigit()
            assert int(words[1]) in participants
            assert words[2:4] == ["assignsubmission", "file"]
            name = posixpath.normpath("/".join([*words[4:], *parts])).lstrip("/")
            found.setdefault(int(words[1]), {})[name] = archive.read(path)
    return found
