"""For whom the notebooks are made: what they ask for, and whether its values are filled in yet."""

from __future__ import annotations

from dataclasses import dataclass

from graders.assignment import Assignment, Rules
from lab_env.lesson import fill
from solutions.wording import in_words_of, marked


@dataclass(frozen=True)
class Edition:
    """:param filled: False: each learner's own values go into the places of the marks when they start."""

    rules: Rules = Rules()
    filled: bool = True

    def text(self, written: str) -> str:
        """A lesson's text, whose marks stand for values."""
        return fill(written, self.rules.lesson) if self.filled else written

    def solution(self, text: str) -> str:
        """A text of the reference, which is written in the words of the standard lesson."""
        return in_words_of(text, self.rules.lesson) if self.filled else marked(text)


def edition_of(assignment: Assignment | None) -> Edition:
    """The edition for a class; None: the standard lesson is asked for."""
    if assignment is None:
        return Edition()
    rules = Rules(lesson=assignment.lesson, packages=assignment.packages)
    return Edition(rules, filled=assignment.variants is None)
