"""What the notebooks hold before anybody has answered."""

from __future__ import annotations

from lab_env.submission.notebooks import read_notebooks
from notebooks.given import given
from notebooks.release import names, text


def test_it_is_what_nbgrader_releases() -> None:
    """Are the files, to the byte, those that the released notebooks write?"""
    (submission,) = given()
    files = read_notebooks({f"{name}.ipynb": text(name).encode() for name in names()}).written
    assert {file.path: file.data for file in submission.files} == {file.path: file.data for file in files}
    assert len(files) > 5
