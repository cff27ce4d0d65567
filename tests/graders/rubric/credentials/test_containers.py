"""What a container definition gives away as text."""

from __future__ import annotations

import pytest

from graders.rubric.credentials.containers import literal_leaks


@pytest.mark.parametrize("blank", ["", " ", "\n"])
def test_a_blank_text_is_no_crash(blank: str) -> None:
    """Is a field that is empty or blank looked at like any other?"""
    assert literal_leaks([{"name": "app", "user": blank, "command": [blank]}]) == []


@pytest.mark.parametrize("command", ["--password hunter2", "run --db-password=hunter2", "run --password hunter2 now"])
def test_a_password_as_an_argument(command: str) -> None:
    """Is a password found that stands in one text with its flag, also at the text's end?"""
    assert literal_leaks([{"name": "app", "healthCheck": {"command": ["CMD-SHELL", command]}}])


def test_a_flag_without_a_value_is_none() -> None:
    """Is a flag at the end of its text no password?"""
    assert literal_leaks([{"name": "app", "healthCheck": {"command": ["CMD-SHELL", "run --password"]}}]) == []
