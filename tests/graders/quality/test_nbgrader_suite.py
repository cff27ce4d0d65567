"""nbgrader's own tests on our configuration: are they run, read and judged as they came out?"""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.quality.nbgrader_suite.page import Judgement, judged, page
from graders.quality.nbgrader_suite.plugin import configuration
from graders.quality.nbgrader_suite.suite import Outcome, Ran, read, run_suite
from lab_env.errors import LabError

REPORT = """<?xml version="1.0"?><testsuites><testsuite>
<testcase classname="nbgrader.tests.apps.test_a.TestA" name="test_one[x]"/>
<testcase classname="nbgrader.tests.apps.test_a.TestA" name="test_two"><failure>no</failure></testcase>
<testcase classname="nbgrader.tests.apps.test_b" name="test_three"><error>no</error></testcase>
<testcase classname="nbgrader.tests.apps.test_b" name="test_four"><skipped/></testcase>
</testsuite></testsuites>"""
PASSED, SKIPPED, FAILED = Outcome
FOUND = {
    "test_a::TestA::test_one[x]": PASSED,
    "test_a::TestA::test_two": FAILED,
    "test_b::test_three": FAILED,
    "test_b::test_four": SKIPPED,
}


def test_a_report_is_read() -> None:
    """Is every test of a report found by a name that pytest takes, with what it came to?"""
    assert read(REPORT) == FOUND


def test_every_failure_of_ours_is_judged() -> None:
    """Is what fails with us alone refused until it is judged, what fails anyway only told, and an old judgement refused?"""
    ran = Ran("0.9.6", FOUND, {"test_a::TestA::test_two": PASSED, "test_b::test_three": FAILED})
    with pytest.raises(LabError, match="test_a::TestA::test_two fails with our configuration alone"):
        page(ran, ())
    known = Judgement(tests="test_a::TestA::test_two", why="It asks for another stub.")
    text = page(ran, (known,))
    assert "| a | 2 | 1 | 1 | 0 | 0 |" in text
    assert "| all | 4 | 1 | 1 | 1 | 1 |" in text
    assert "It asks for another stub." in text
    assert "1 test that nbgrader does not pass here without us either: `test_b::test_three`." in text
    with pytest.raises(LabError, match="test_x no longer fails"):
        page(ran, (known, Judgement(tests="test_x", why="-")))


CONFTEST = """
import os, pytest

@pytest.fixture
def course_dir(tmp_path):
    return str(tmp_path / "course")

@pytest.fixture
def temp_cwd(tmp_path, course_dir, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\\n")
    return str(tmp_path)
"""
TESTS = """
from ...utils import notebook_hash

def test_ours(temp_cwd, course_dir):
    text = open("nbgrader_config.py").read()
    assert "lab.Reconstruct" in text and course_dir in text
    assert notebook_hash(secret="a", notebook_id="b")

def test_plain(temp_cwd):
    assert open("nbgrader_config.py").read() == "c = get_config()\\n"
"""


def test_a_checkouts_tests_meet_our_configuration(tmp_path: Path) -> None:
    """Are a checkout's tests run beside the installed nbgrader, with our configuration, and again without it where they fail?"""
    apps = tmp_path / "nbgrader" / "tests" / "apps"
    apps.mkdir(parents=True)
    for place in (apps, apps.parent, apps.parent.parent):
        (place / "__init__.py").touch()
    (apps / "conftest.py").write_text(CONFTEST)
    (apps / "test_own.py").write_text(TESTS)
    ran = run_suite(tmp_path)
    assert ran.ours == {"test_own::test_ours": PASSED, "test_own::test_plain": FAILED}
    assert ran.plain == {"test_own::test_plain": PASSED}


def test_the_configuration_is_the_courses() -> None:
    """Is what the suite's courses get our file, but for the lines that each course has of its own?"""
    text = configuration("/somewhere/else")
    assert "Path('/somewhere/else')" in text
    assert "lab.Reconstruct" in text
    assert "c.CourseDirectory.course_id" not in text
    compile(text, "nbgrader_config.py", "exec")


def test_what_is_no_checkout_is_said(tmp_path: Path) -> None:
    """Is a folder that holds no such tests an error with a next step?"""
    with pytest.raises(LabError, match="nbgrader/tests/apps"):
        run_suite(tmp_path)


def test_the_page_is_about_what_was_judged() -> None:
    """Does the page in the documentation name every judgement that is kept?"""
    text = (Path(__file__).resolve().parents[3] / "docs" / "nbgrader-suite.md").read_text(encoding="utf-8")
    assert all(item.why in text for item in judged())
