"""Where the course's solutions come from."""

from __future__ import annotations

import pytest

from lab_env.errors import RubricError
from notebooks.reference import REFERENCE, solution_text

SECRET = "modules/secrets/secret.tf"


def test_a_whole_file() -> None:
    """Is a file taken as it is?"""
    assert solution_text(SECRET) + "\n" == (REFERENCE / SECRET).read_text(encoding="utf-8")


def test_blocks_with_their_comments() -> None:
    """Is a block taken with the comment above it, and without its neighbours?"""
    text = solution_text(SECRET, ("aws_secretsmanager_secret_version.placeholder",))
    assert text.startswith("# The first version")
    assert text.endswith("}")
    assert 'resource "aws_secretsmanager_secret" ' not in text


def test_the_parts_are_the_file() -> None:
    """Do all blocks together give the file, so that nothing is lost when it is split over two notebooks?"""
    blocks = ("aws_secretsmanager_secret.database", "aws_secretsmanager_secret_version.placeholder")
    assert solution_text(SECRET, blocks) == solution_text(SECRET)


def test_what_is_not_there_is_told() -> None:
    """Does a wrong name say what there is?"""
    with pytest.raises(RubricError, match=r"no file modules/secrets/none\.tf"):
        solution_text("modules/secrets/none.tf")
    with pytest.raises(RubricError, match=r"no block aws_x\.y\. It has aws_secretsmanager_secret\.database"):
        solution_text(SECRET, ("aws_x.y",))
