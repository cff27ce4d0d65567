"""The starter and the reference in the words of another lesson: they are written in those of the standard one, and graded so.

Only for files of this repository, whose every mention of a value is known (a test holds that none is left).
"""

from __future__ import annotations

import re

from lab_env.lesson import MARKS, STANDARD, Lesson, fill

_MENTIONS: tuple[tuple[str, str], ...] = (
    (rf"\b{re.escape(STANDARD.secret)}\b", "secret"),
    (rf"\b{re.escape(STANDARD.alias)}\b", "alias"),
    (rf"\b{STANDARD.password}\b", "variable"),
    (rf"(?:(?<=deletion_window_in_days = )|(?<=waits )){STANDARD.key_window_days}\b", "key_window"),
    (rf"(?:(?<=recovery_window_in_days = )|(?<=recovered for )){STANDARD.secret_window_days}\b", "secret_window"),
    (rf"(?<=\b{STANDARD.manager_tag} \(){STANDARD.manager}\b", "manager"),
    (rf'(?<=\b{STANDARD.manager_tag}   = "){STANDARD.manager}\b', "manager"),
    (rf"\b{STANDARD.manager_tag}\b", "manager_tag"),
    (rf"\b{STANDARD.environment_tag}\b(?= = var\.|\.| \(the)", "environment_tag"),
)


def marked(text: str) -> str:
    """The text with a mark (:data:`lab_env.lesson.MARKS`) for each value of the lesson in it."""
    for pattern, name in _MENTIONS:
        text = re.sub(pattern, MARKS[name], text)
    return text


def in_words_of(text: str, lesson: Lesson) -> str:
    """The text as it says what this lesson asks for."""
    return text if lesson == STANDARD else fill(marked(text), lesson)
