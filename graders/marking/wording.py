"""Texts for a whole class in which each learner has values of their own: with nobody's values in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graders.assignment import Rules
from graders.model import SubmissionResult
from graders.rubric import registry
from lab_env.lesson import UNSAID


@dataclass(frozen=True)
class Wording:
    """What a requirement is called, and its first hint; empty where there is none that fits all."""

    title: str
    hint: str


def for_all(submissions: Iterable[SubmissionResult]) -> Mapping[str, Wording]:
    """What requirements are called for a class, by id; empty where the results' own words are everybody's.

    Of a package's requirement, whose words are known from results alone, the title is taken when all have the same.
    """
    submissions = tuple(submissions)
    if all(one.variant is None for one in submissions):
        return {}
    titles: dict[str, set[str]] = {}
    for one in submissions:
        for row in one.requirements:
            titles.setdefault(row.id, set()).add(row.title)
    named = {id: Wording(min(said) if len(said) == 1 else id, "") for id, said in titles.items()}
    return named | {one.id: Wording(one.title, one.hints[0]) for one in registry(Rules(lesson=UNSAID)).requirements}
