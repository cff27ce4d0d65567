"""docs/assignment.md, followed to the letter: its files are written, its package is built and installed, its commands are run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest

from graders.assignment import Assignment, read_assignment
from lab import assignment as asked
from lab import running
from lab_env.errors import UsageError
from lab_env.lesson import STANDARD, marks
from lab_env.submission import SubmissionRef
from notebooks import release
from notebooks.edition import edition_of
from notebooks.filling import fill_notebooks
from solutions.corpus import load_corpus
from tests.lab.conftest import Ran
from tests.lab.conftest import lab as lab  # the console script in this process

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "assignment.md").read_text(encoding="utf-8")


def files(section: str) -> dict[str, str]:
    """The files of a section of the page, by the name in their first line."""
    text = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```(?:toml|python)\n# (\S+)\n(.*?)```", text, re.DOTALL)
    assert blocks
    return dict(blocks)


def hand_in(directory: Path, changed: Mapping[str, str] = {}) -> Path:
    """The reference, with some files in place of its own."""
    for path, text in ({p: d.decode() for p, d in load_corpus()["reference"].files.items()} | dict(changed)).items():
        file = directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return directory


class TestOtherNames:
    @pytest.fixture
    def copy(self, tmp_path: Path) -> Path:
        """A working copy with the page's file in it."""
        (tmp_path / "work").mkdir()
        for name, text in files("Other names, windows and tags").items():
            (tmp_path / "work" / name).write_text(text)
        return tmp_path / "work"

    def test_a_learner_is_told_the_values(self, copy: Path, lab: Callable[..., Ran]) -> None:
        """Do the starter and the hints of a working copy say what its file asks for, and nothing of the standard lesson's?"""
        assert lab("reset", "--dir", copy, "--yes").code == 0
        starter = "".join(path.read_text() for path in copy.rglob("*.tf"))
        for value in (
            "-orders-login",
            "alias/orders-vault-",
            "PGPASSWORD",
            "14 days",
            "21 days",
            "Stage",
            "Owner",
            "PlatformTeam",
        ):
            assert value in starter
        assert STANDARD.secret not in starter
        told = lab("hint", "kms.alias", "--level", "3", "--dir", copy).out
        assert 'name = "alias/orders-vault-${var.environment}"' in told
        assert "The alias orders-vault-<environment> points at the secret's key" in told

    def test_the_results_name_the_file(self, copy: Path, lab: Callable[..., Ran], tmp_path: Path) -> None:
        """Do results and pages name file, digest and what is asked for, and does a verification notice another file?"""
        json_, page = tmp_path / "results.json", tmp_path / "page.html"
        file = copy / "assignment.toml"
        words = ("--depth", "static", "--json", json_, "--html", page, "--no-cache")
        assert lab("grade", hand_in(tmp_path / "ann"), "--assignment", file, *words).code == 0
        document = json.loads(json_.read_text())
        assert document["assignment"]["digest"] == read_assignment(file).digest
        assert "The secret is named <environment>-orders-login." in document["assignment"]["lines"]
        assert "&lt;environment&gt;-orders-login" in page.read_text()
        titles = {row["id"]: row["title"] for row in document["submissions"][0]["requirements"]}
        assert titles["kms.deletion_window"] == "The secret's key waits 14 days before it is deleted"
        assert "same       assignment" in lab("verify", json_, tmp_path / "ann", "--assignment", file).out
        file.write_text(file.read_text().replace("14", "15"))
        assert "changed    assignment" in lab("verify", json_, tmp_path / "ann", "--assignment", file).out

    @pytest.mark.slow
    def test_the_notebooks_have_the_values(self, copy: Path) -> None:
        """Do released notebooks ask for the values, with no mark left in them and no solution?"""
        written = release.put(copy, edition_of(read_assignment(copy / "assignment.toml")))
        assert len(written) == 6
        text = "".join((copy / f"{name}.ipynb").read_text() for name in written)
        for value in (
            "`-orders-login`",
            "`alias/orders-vault-`",
            "`PGPASSWORD`",
            "**14 days**",
            "**21 days**",
            "`Stage`",
            "`Owner`",
        ):
            assert value in text
        assert not marks(text)
        assert 'resource \\"aws_kms_key\\" \\"secrets\\"' not in text


class TestVariants:
    @pytest.mark.slow
    def test_from_the_class_list_to_a_learners_notebook(
        self, tmp_path: Path, lab: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Does one release for all become a learner's own on their machine, who says once who they are?"""
        for name in ("LAB_STUDENT", "JUPYTERHUB_USER"):
            monkeypatch.delenv(name, raising=False)
        file = tmp_path / "assignment.toml"
        file.write_text(files("Each learner's own values")["assignment.toml"])
        (tmp_path / "class.csv").write_text("name,id\nAmara,amara-okafor\nBruno,bruno-keller\n")
        course = tmp_path / "course"
        assert lab("course", "new", course, "--assignment", file).code == 0
        refused = lab("course", "release", "--dir", course)
        assert refused.code == 2
        assert "lab course variants --roster" in refused.err
        drawn = lab("course", "variants", "--roster", tmp_path / "class.csv", "--dir", course)
        assert (drawn.code, "2 learners, 2 of them new" in drawn.out) == (0, True)
        assert (course / "variants.seed").stat().st_mode & 0o077 == 0
        assert (
            "2 learners, 0 of them new"
            in lab("course", "variants", "--roster", tmp_path / "class.csv", "--dir", course).out
        )
        assert lab("course", "release", "--dir", course).code == 0
        released = course / "release" / "secrets-management"
        names = {path.name for path in released.iterdir()}
        assert {"assignment.toml", "variants.csv", "01-kms-key.ipynb"} <= names
        assert "variants.seed" not in names
        assert "amara" not in (released / "variants.csv").read_text()
        assert marks((released / "01-kms-key.ipynb").read_text())

        with pytest.raises(UsageError, match="does not know who you are"):
            asked.read(released, environ={})
        assert asked.read(released, environ={"JUPYTERHUB_USER": "bruno-keller"}) is not None
        with pytest.raises(UsageError, match=r"cleo is not in this course's variants\.csv"):
            asked.remember(released, "cleo")
        asked.remember(released, "amara-okafor")
        lesson = asked.rules(released).lesson
        shown = lab("course", "variants", "--show", "amara-okafor", "--dir", course).out
        assert f"secret: {lesson.secret}\n" in shown
        assert len(fill_notebooks(released, lesson)) >= 3
        text = (released / "02-shell-secret.ipynb").read_text()
        assert f"`-{lesson.secret}`" in text
        assert not marks(text)
        nbformat.validate(nbformat.reads(text, as_version=4))
        assert fill_notebooks(released, lesson) == ()

        home = tmp_path / "home"
        home.mkdir()
        monkeypatch.setenv("JUPYTERHUB_USER", "bruno-keller")
        assert (
            release.main([str(home), "--assignment", str(course / "source" / "secrets-management" / "assignment.toml")])
            == 0
        )
        other = asked.rules(home).lesson
        assert other != lesson
        assert f"`-{other.secret}`" in (home / "02-shell-secret.ipynb").read_text()
        assert not any(marks(path.read_text()) for path in home.glob("*.ipynb"))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with this installation in it, and the page's package beside it, built and installed."""
    place = tmp_path_factory.mktemp("own")
    for name, text in files("Requirements of your own").items():
        (place / name).write_text(text)
    project = place / "project"
    project.mkdir()
    for name in ("pyproject.toml", "acme_secrets_rules.py"):
        (place / name).rename(project / name)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place / "venv"], check=True)
    packages = place / "venv" / Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    (packages / "this.pth").write_text(
        "\n".join([str(ROOT), *(one for one in sys.path if one.endswith("-packages"))]) + "\n"
    )
    if uv := shutil.which("uv"):
        build = [uv, "build", "-q", "--wheel", "--out-dir", place, project]
    else:
        build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", place, project]
    subprocess.run(build, check=True)
    words = ["install", "-q", "--no-deps", "--no-index", "--disable-pip-version-check", "--target", packages]
    subprocess.run([sys.executable, "-m", "pip", *words, next(place.glob("*.whl"))], check=True)
    hand_in(place / "class" / "ann")
    hand_in(place / "class" / "ben", {"modules/secrets/variables.tf": 'variable "environment" {\n  type = string\n}\n'})
    return place


def test_a_student_is_named_by_nbgraders_directories(tmp_path: Path) -> None:
    """Does the student's directory name a submission that is graded alone, where each has own values, and only there?"""
    ref = SubmissionRef("secrets-management", tmp_path / "submitted" / "ann" / "secrets-management")
    own = Assignment(name="a", digest="d", variants={})
    assert [one.id for one in running.named([ref], own)] == ["ann"]
    assert [one.id for one in running.named([ref], None)] == ["secrets-management"]
    elsewhere = SubmissionRef("ann", tmp_path / "class" / "ann")
    assert running.named([elsewhere], own) == (elsewhere,)


def test_students_are_named_by_nbgraders_directories(tmp_path: Path) -> None:
    """Does each student's directory name what lies in it when many are graded, and a second assignment of one stay told apart?"""
    for place in ("ann/secrets-management", "ben/secrets-management", "cleo/secrets-management", "cleo/second"):
        (tmp_path / "submitted" / place).mkdir(parents=True)
        (tmp_path / "submitted" / place / "main.tf").touch()
    own = Assignment(name="a", digest="d", variants={})
    found = running.found(sorted((tmp_path / "submitted").glob("*/*")))
    assert sorted(one.id for one in running.named(found, own)) == [
        "ann",
        "ben",
        "cleo/second",
        "cleo/secrets-management",
    ]


class TestOwnRequirements:
    def lab(self, place: Path, *words: str, assignment: str = "assignment.toml") -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, "PYTHONPATH": "", "LAB_STATE_DIR": str(place / "state")}
        return subprocess.run(
            [place / "venv" / "bin" / "python", "-c", "from lab.cli import main; main()", *words, "--assignment", assignment],
            cwd=place, env=environ, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def graded(self, place: Path, assignment: str = "assignment.toml") -> dict[str, dict[str, Any]]:
        ran = self.lab(place, "grade", "class", "--depth", "static", "--json", "out.json", assignment=assignment)
        assert ran.returncode in (0, 4), ran.stderr
        return {one["id"]: one for one in json.loads((place / "out.json").read_text())["submissions"]}

    @pytest.mark.slow
    def test_it_is_graded_with_the_rest(self, place: Path) -> None:
        """Does the package judge its own cases as it says, and count among 100 points, in halves?"""
        tried = self.lab(place, "self-test", "--depth", "static")
        assert (tried.returncode, "2 of 2 cases agree." in tried.stdout) == (0, True), tried.stdout + tried.stderr
        found = self.graded(place)
        rows = {id: {row["id"]: row for row in one["requirements"]} for id, one in found.items()}
        assert [rows[id]["house.described"]["status"] for id in ("ann", "ben")] == ["pass", "fail"]
        assert rows["ben"]["house.described"]["evidence"][0]["path"] == "modules/secrets/variables.tf"
        assert rows["ann"]["house.described"]["title"] == "Every variable of the module has a description"
        assert 9 <= rows["ann"]["house.described"]["points"] <= 9.5
        assert sum(row["points"] for row in rows["ann"].values()) == 100
        assert all(row["points"] * 2 == int(row["points"] * 2) for row in rows["ann"].values())
        assert found["ann"]["score"] - found["ben"]["score"] == rows["ann"]["house.described"]["points"]

    @pytest.mark.slow
    def test_a_notebook_checks_it(self, place: Path) -> None:
        """Has the course a check cell for it, with points that make a hundred with those of the others?"""
        words = ["-m", "notebooks.build", "--output", "source", "--assignment", "assignment.toml"]
        subprocess.run(
            [place / "venv" / "bin" / "python", *words], cwd=place, env={**os.environ, "PYTHONPATH": ""}, check=True
        )
        cells = [
            cell
            for path in sorted((place / "source").glob("*.ipynb"))
            for cell in json.loads(path.read_text())["cells"]
        ]
        checks = [cell for cell in cells if cell["metadata"]["nbgrader"]["grade"]]
        assert sum(cell["metadata"]["nbgrader"]["points"] for cell in checks) == 100
        assert "".join(checks[-1]["source"]) == "%lab_check house.described"

    @pytest.mark.slow
    def test_a_broken_check_costs_its_own_line(self, place: Path) -> None:
        """Is a check that raises, exits, hangs or returns nothing an error of its line, with a verdict on all others, and its code
        part of the rubric's digest?"""
        before = json.loads((place / "out.json").read_text())["rubric"] if (place / "out.json").is_file() else None
        module = next((place / "venv").rglob("acme_secrets_rules.py"))
        text = module.read_text()
        broken = {
            "raises": "raise KeyError('x')",
            "exits": "raise SystemExit(3)",
            "hangs": "while True: pass",
            "says_nothing": "return None",
        }
        more = "".join(
            f'\n\n@requirement("broken.{name}", points=1, layer=Layer.HCL, hints=("a", "b", "c"))\n'
            f'def {name}(facts: Facts) -> Outcome:\n    """It {name}."""\n    {body}\n'
            for name, body in broken.items()
        )
        module.write_text(text + more)
        try:
            ann = self.graded(place)["ann"]
        finally:
            module.write_text(text)
        rows = {row["id"]: row for row in ann["requirements"]}
        assert {rows[f"broken.{name}"]["status"] for name in broken} == {"error"}
        assert "KeyError" in rows["broken.raises"]["observed"]
        # On a machine that is busy with much else the clock may come first.
        told = rows["broken.hangs"]["observed"]
        assert "took more than 5 seconds of processor time" in told or "gave no answer in 180 seconds" in told
        assert rows["house.described"]["status"] == "pass"
        others = {row["status"] for id, row in rows.items() if not id.startswith("broken.")}
        assert others == {"pass", "not_run"}
        assert (ann["status"], ann["score"]) == ("error", None)
        assert json.loads((place / "out.json").read_text())["rubric"] != before

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("package", "version", "said"),
        [
            ("acme-secrets-rules", "1.3.0", "asks for acme-secrets-rules 1.3.0, and 1.2.0 is installed here"),
            ("acme-other-rules", "1.2.0", "asks for acme-other-rules 1.2.0, which is not installed here"),
            ("pydantic", None, "brings no requirements: it has 0 entry points in secrets_lab.requirements"),
        ],
    )
    def test_another_package_grades_nobody(self, place: Path, package: str, version: str | None, said: str) -> None:
        """Is a package that is missing, of another version or none of requirements told, before anything is graded?"""
        import importlib.metadata

        named = version or importlib.metadata.version(package)
        (place / "other.toml").write_text(f'[[requirements]]\npackage = "{package}"\nversion = "{named}"\n')
        ran = self.lab(place, "grade", "class", "--depth", "static", assignment="other.toml")
        assert ran.returncode == 2
        assert said in ran.stderr
        assert "Traceback" not in ran.stderr
