"""``assignment.toml`` and ``variants.csv``: what is understood, and what is said of the rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from graders.assignment import Assignment, OwnPackage, Rules, UnlistedError, read_assignment
from graders.assignment import variants as drawing
from graders.assignment.model import learner_key
from graders.assignment.reading import parse_table
from lab_env.errors import UsageError
from lab_env.lesson import STANDARD, Lesson

ALL = b"""
[names]
secret = "orders-login"
alias = "orders-vault"
variable = "PGPASSWORD"
[windows]
key = 14
secret = 21
[tags]
environment = "Stage"
manager = { key = "Owner", value = "PlatformTeam" }
[[requirements]]
package = "acme-secrets-rules"
version = "1.2.0"
"""
OWN = '[[requirements]]\npackage = "a"\nversion = "1"\n'
LESSON = Lesson("orders-login", "orders-vault", "PGPASSWORD", 14, 21, "Stage", "Owner", "PlatformTeam")


def written(directory: Path, text: bytes) -> Path:
    path = directory / "assignment.toml"
    path.write_bytes(text)
    return path


def test_every_value_is_read(tmp_path: Path) -> None:
    """Does each key of the file set its value, and is the file named by its bytes?"""
    found = read_assignment(written(tmp_path, ALL))
    assert found.lesson == LESSON
    assert found.packages == (OwnPackage(package="acme-secrets-rules", version="1.2.0"),)
    assert found.rules("ann") == found.rules("ben") == Rules(lesson=LESSON, packages=found.packages)
    assert len(found.info.lines) == 9
    assert read_assignment(written(tmp_path, ALL + b"\n")).digest != found.digest


def test_an_empty_file_is_the_standard_lesson(tmp_path: Path) -> None:
    """Does a file that sets nothing ask for what is asked without one, under the same keys?"""
    found = read_assignment(written(tmp_path, b"# nothing yet\n"))
    assert (found.lesson, found.info.lines) == (STANDARD, ())
    assert found.rules("ann").digest is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[windows]\nkey = 6\n", "assignment.toml, line 2: windows.key: write a whole number of days from 7 to 30"),
        ("[windows]\n\nsecret = 31\n", "assignment.toml, line 3: windows.secret: write a whole number of days"),
        ("[windows]\nkey = true\n", "windows.key: write a whole number of days"),
        ("[windows]\nkey = 7.0\n", "windows.key: write a whole number of days"),
        ("[window]\nkey = 7\n", "assignment.toml, line 1: the key window is not known. Did you mean windows?"),
        ('[names]\nsecrets = "x"\n', "assignment.toml, line 2: the key names.secrets is not known. Did you mean secret?"),
        ('[names]\nsecret = "orders-access"\n', "must not end with a hyphen and six characters"),
        ('[names]\nsecret = "tokens"\n', "must not end with a hyphen and six characters"),
        ('[names]\nsecret = "a b"\n', "names.secret: a secret's name has letters"),
        ('[names]\nsecret = "${x}"\n', "names.secret: a secret's name has letters"),
        (f'[names]\nsecret = "{"x" * 65}"\n', "names.secret: write at most 64 characters"),
        ('[names]\nalias = "aws/x"\n', "names.alias: aliases that begin with aws/ are AWS's own"),
        ('[names]\nalias = "alias/x"\n', "write what stands between alias/ and -<environment>"),
        ('[names]\nalias = "a.b"\n', "names.alias: an alias has letters"),
        ('[names]\nvariable = "DB-PASSWORD"\n', "names.variable: an environment variable has letters"),
        ('[names]\nvariable = "1PASSWORD"\n', "names.variable: an environment variable has letters"),
        ('[names]\nvariable = "AWS_SECRET_TOKEN"\n', "are set by the ECS agent"),
        ('[names]\nvariable = "HELLO"\n', "nobody could tell by this name that it holds a password"),
        ('[tags]\nenvironment = "aws:x"\n', "tags.environment: a tag's key has letters"),
        ('[tags]\nenvironment = "AWSStage"\n', "tags that begin with aws are AWS's own"),
        ('[tags]\nenvironment = "managedby"\n', "both tags have the key managedby"),
        ('[tags]\nmanager = "me"\n', "tags.manager: write a table of keys and values"),
        ('[tags.manager]\nvalue = "a\\"b"\n', "assignment.toml, line 2: tags.manager.value: a tag's value has letters"),
        ("variants = true\n", "variants need the course's name"),
        ('variants = true\ncourse = "x"\n', "course: write 4 to 64 letters"),
        ('variants = true\ncourse = "abcd"\n[windows]\nkey = 8\n', "take those tables out"),
        ('[[requirements]]\npackage = "a"\n', "requirements[1].version: it is missing"),
        (f'{OWN}[[requirements]]\npackage = "b"\nversion = 2\n', "line 6: requirements[2].version"),
        (f'{OWN}[[requirements]]\npackage = "A"\nversion = "2"\n', "the package a is named twice"),
        ("x = ", "assignment.toml: this is not TOML"),
        ("[names]\n[names]\n", "assignment.toml: this is not TOML"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence(text: str, said: str) -> None:
    """Is each mistake told with the key and, where there is one, the line, and never taken for something else?"""
    with pytest.raises(UsageError) as raised:
        parse_table(text.encode(), "assignment.toml")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.next_step


def test_files_that_are_none(tmp_path: Path) -> None:
    """What is said of a file that is not there, is too large, or is no text?"""
    with pytest.raises(UsageError, match="Cannot read"):
        read_assignment(tmp_path / "assignment.toml")
    with pytest.raises(UsageError, match="larger than 64 KB"):
        read_assignment(written(tmp_path, b"#" * 70_000))
    with pytest.raises(UsageError, match="line 2: this is not UTF-8"):
        read_assignment(written(tmp_path, b"\n\xff\n"))
    with pytest.raises(UsageError, match=r"variants\.csv.*lab course variants --roster"):
        read_assignment(written(tmp_path, b'variants = true\ncourse = "abcd"\n'))


class TestVariants:
    STUDENTS = tuple(f"student-{number}" for number in range(300))

    def test_the_same_seed_gives_the_same_values(self) -> None:
        """Do seed and class decide all values, whatever the order of the class list, and another seed others?"""
        rows = drawing.draw(b"seed", "course", self.STUDENTS, {})
        assert drawing.draw(b"seed", "course", self.STUDENTS[::-1], {}) == rows
        assert drawing.draw(b"other", "course", self.STUDENTS, {}) != rows

    def test_no_two_have_the_same_names(self) -> None:
        """Has each of a class of 300 a secret and an alias of their own, and does the file hold what was drawn?"""
        rows = drawing.draw(b"seed", "course", self.STUDENTS, {})
        assert len({row.secret for row in rows.values()}) == len({row.alias for row in rows.values()}) == 300
        assert drawing.parse(drawing.written(rows).encode(), "variants.csv") == rows
        assert len({row.key_window_days for row in rows.values()}) == 24

    def test_every_name_that_can_be_drawn_is_taken_by_aws(self) -> None:
        """Does the file's own check, which knows AWS's rules, take every combination there is?"""
        for subject in drawing._SUBJECTS:
            for store, key in zip(drawing._STORES, (drawing._KEYS * 2), strict=False):
                row = replace(STANDARD, secret=f"{subject}-{store}", alias=f"{subject}-{key}")
                drawing.parse(drawing.written({"0" * 20: row}).encode(), "variants.csv")
        for variable in drawing._VARIABLES:
            drawing.parse(drawing.written({"0" * 20: replace(STANDARD, password=variable)}).encode(), "variants.csv")

    def test_rows_stay_when_somebody_comes_later(self) -> None:
        """Does the class list grow without anybody's values changing?"""
        before = drawing.draw(b"seed", "course", self.STUDENTS[:20], {})
        after = drawing.draw(b"seed", "course", [*self.STUDENTS[:20], "aaa"], before)
        assert {key: after[key] for key in before} == before
        assert len(after) == 21

    def test_the_file_names_nobody(self) -> None:
        """Is no id in what the whole class gets?"""
        text = drawing.written(drawing.draw(b"seed", "course", ["amara-okafor"], {}))
        assert "amara" not in text
        assert learner_key("course", "amara-okafor") in text
        assert learner_key("other", "amara-okafor") not in text

    @pytest.mark.parametrize(
        ("edit", "said"),
        [
            (lambda text: text.replace("learner,", "name,"), "line 1: the columns are not learner"),
            (lambda text: text + text.splitlines()[1] + "\n", "line 3: this learner is there twice"),
            (lambda text: text.replace(",14,", ",99,"), "line 2: write a whole number of days"),
            (lambda text: text.replace("orders-login", "orders login"), "line 2: a secret's name has letters"),
            (lambda text: text + "x,y\n", "line 3: this is no learner's row"),
        ],
    )
    def test_a_broken_file_is_told(self, edit: object, said: str) -> None:
        """Is an edited row that cannot be told with its line, instead of grading by something else?"""
        text = drawing.written({"a" * 20: LESSON})
        with pytest.raises(UsageError, match=said):
            drawing.parse(edit(text).encode(), "variants.csv")  # type: ignore[operator]

    def test_whose_values_they_are(self) -> None:
        """Does an id decide, and is somebody without a row refused by name?"""
        rows = drawing.draw(b"seed", "course", ["ann", "ben"], {})
        found = Assignment(name="a", digest="d", course="course", variants=rows)
        ann, ben = found.rules("ann"), found.rules("ben")
        assert (ann.student, ann.variant) == ("ann", rows[learner_key("course", "ann")])
        assert ann.lesson != ben.lesson
        assert found.rules("ann/second-try") == ann
        assert found.alone("ann").rules("whoever").lesson == ann.lesson
        with pytest.raises(UnlistedError, match=r"^cleo is not in variants\.csv"):
            found.rules("cleo")

    def test_the_same_values_share_no_digest(self) -> None:
        """Have two learners with the same values digests of their own, and everybody's another one?"""
        digests = {Rules(lesson=LESSON, student=who).digest for who in ("ann", "ben", None)}
        assert len(digests) == 3
        assert Rules().digest is None
