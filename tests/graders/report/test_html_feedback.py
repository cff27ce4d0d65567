"""The pages for giving back: one a learner, and nothing about anybody else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from graders.model import Status
from graders.report import feedback_pages, html_report
from graders.report.feedback_pages import file_names, pages_of_others, render_feedback, write_feedback
from lab_env.errors import UsageError
from lab_env.text import visible
from tests.graders.report import class_samples, samples


def test_a_page_each_in_the_results_order(tmp_path: Path) -> None:
    """Is there one page a submission, in order, readable, with the learner's own lines?"""
    results = samples.results()
    pages = write_feedback(results, tmp_path / "feedback", samples.sources(results))
    assert len(pages) == len(results.submissions) == len(set(pages))
    assert sorted(tmp_path.joinpath("feedback").iterdir()) == sorted(pages)
    assert pages[0].name.startswith("amara-okafor-")
    text = pages[0].read_text(encoding="utf-8")
    assert '<span class="name">deletion_window_in_days</span>' in text
    assert "<strong>−5</strong> late: Handed in two days late." in text
    assert "The version constraint ~&gt; 4.0" in text


def test_nothing_about_anybody_else() -> None:
    """Is a learner's page free of other names, of the class, and of a policy's sentences that may name others?"""
    results = class_samples.class_of(6)
    for one in results.submissions:
        page = render_feedback(results, one, class_samples.sources_of(results))
        assert one.id in page
        for other in results.submissions:
            assert other.id == one.id or other.id not in page
        assert "bruno-keller" not in page
        assert "average" not in page
        assert "The class" not in page


def test_the_learner_is_told_of_the_policy() -> None:
    """Does a learner read that a policy was applied?"""
    results = class_samples.class_of(2)
    assert "Marked under the grading policy late" in render_feedback(results, results.submissions[0])


def test_what_is_for_the_instructor_stays_there() -> None:
    """Are the instructor's details on the instructor's page and not on the learner's?"""
    row = samples.row("kms.key", Status.FAIL, points=4, detail="Compare with the solution.")
    results = samples.results(samples.submission("a", (row,)))
    assert "Compare with the solution." in html_report.render(results)
    page = render_feedback(results, results.submissions[0])
    assert "Compare with the solution." not in page
    assert "For the instructor" not in page


def test_names_are_safe_and_tell_everybody_apart() -> None:
    """Is every id, however odd, one short plain file name, and no two the same on a file system that ignores case?"""
    names = file_names(class_samples.HOSTILE_IDS)
    assert len({name.lower() for name in names}) == len(class_samples.HOSTILE_IDS)
    for name in names:
        assert re.fullmatch(r"[a-z0-9][a-z0-9-]*-[0-9a-f]{12}\.html", name)
        assert len(name) <= 70
    assert file_names(["Renée Müller"])[0].startswith("renee-muller-")
    assert file_names(["日本"])[0].startswith("learner-")


def test_names_stay_the_same_from_run_to_run() -> None:
    """Does a learner keep the name whoever else is graded?"""
    assert file_names(["a", "b"])[1] == file_names(["b"])[0]


def test_the_same_id_twice_is_two_files() -> None:
    """Is nobody's page overwritten by somebody of the same id?"""
    first, second, third = file_names(["a", "a", "A"])
    assert len({first, second, third}) == 3
    assert second == first.replace(".html", "-2.html")


def test_hostile_ids_stay_inside_the_directory(tmp_path: Path) -> None:
    """Are pages for paths, reserved names and half characters written, all in the directory, with nothing run?"""
    results = class_samples.class_of(len(class_samples.HOSTILE_IDS), ids=class_samples.HOSTILE_IDS)
    directory = tmp_path / "feedback"
    pages = write_feedback(results, directory)
    assert {page.parent for page in pages} == {directory}
    assert list(tmp_path.iterdir()) == [directory]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text
        assert visible(text) == text


def test_other_files_stay_and_pages_are_replaced(tmp_path: Path) -> None:
    """Is a page written again in place, and what else lies there left alone?"""
    (tmp_path / "mine.txt").write_text("mine")
    results = samples.results()
    (tmp_path / file_names([results.submissions[0].id])[0]).write_text("old")
    pages = write_feedback(results, tmp_path)
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert "old" not in pages[0].read_text(encoding="utf-8")[:3]
    assert len(list(tmp_path.iterdir())) == len(pages) + 1


def test_pages_of_earlier_runs_are_known(tmp_path: Path) -> None:
    """Are pages of people who are not in this run named, and neither this run's own nor other files?"""
    results = samples.results()
    write_feedback(results, tmp_path)
    for name in ("mine.html", "index-of-pages.html", "notes.txt"):
        (tmp_path / name).write_text("mine")
    assert pages_of_others(results, tmp_path) == ()
    gone = file_names(["Somebody Else", "Ünïcode", "日本", "twice", "twice"])
    for name in gone:
        (tmp_path / name).write_text("an earlier run's")
    assert [page.name for page in pages_of_others(results, tmp_path)] == sorted(gone)


def test_a_file_where_the_directory_should_be(tmp_path: Path) -> None:
    """Is it said in a sentence when the pages cannot be written?"""
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="Cannot make the directory"):
        write_feedback(samples.results(), tmp_path / "file")
    with pytest.raises(UsageError, match="Cannot make the directory"):
        write_feedback(samples.results(), tmp_path / "missing" / "feedback")


def test_the_same_bytes_every_time(tmp_path: Path) -> None:
    """Do the same results give the same pages?"""
    first, second = (
        [
            page.read_bytes()
            for page in write_feedback(samples.results(), tmp_path / name, samples.sources(samples.results()))
        ]
        for name in ("one", "two")
    )
    assert first == second


def test_an_empty_run_writes_nothing(tmp_path: Path) -> None:
    """Is a run over nobody no page?"""
    empty = samples.results().model_copy(update={"submissions": ()})
    assert feedback_pages.write_feedback(empty, tmp_path / "feedback") == ()
    assert "There was no submission to grade." in html_report.render(empty)
