"""The rubric: the requirements of every step of the lesson, a module a step; ``registry()`` is the one way to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

from graders.assignment import Rules
from graders.rubric.requirement import Requirement
from lab_env import digests
from lab_env.errors import UsageError
from lab_env.lesson import Lesson


@dataclass(frozen=True)
class Rubric:
    """:param requirements: in the order of docs/rubric.md."""

    name: str
    requirements: tuple[Requirement, ...]

    @cached_property
    def digest(self) -> str:
        """Changes with every edit of a requirement or of anything a check is made of; 16 hexadecimal digits."""
        return _code()[:16]

    def under(self, lesson: Lesson) -> Rubric:
        """The rubric in the words of a lesson."""
        return replace(self, requirements=tuple(one.under(lesson) for one in self.requirements))

    @property
    def label(self) -> str:
        """As results name it: ``secrets-management@<digest>``."""
        return f"{self.name}@{self.digest}"

    @property
    def max_score(self) -> int:
        return sum(r.points for r in self.requirements)

    @property
    def steps(self) -> tuple[str, ...]:
        """The steps in order: ``module``, ``kms`` …"""
        return tuple(dict.fromkeys(r.step for r in self.requirements))

    def get(self, id: str) -> Requirement:
        """The requirement of this id.

        :raises UsageError: there is none.
        """
        found = next((r for r in self.requirements if r.id == id), None)
        if found is None:
            ids = ", ".join(r.id for r in self.requirements)
            raise UsageError(f"There is no requirement {id!r}.", next_step=f"One of: {ids}.")
        return found


def registry(rules: Rules = Rules()) -> Rubric:
    """The rubric in the words of a lesson: each step's requirements, in the order in which its module declares them.

    Checked: unique ids, 100 points, a graph without cycles.

    :param rules: the standard lesson's when left out.
    :raises RubricError: the rubric breaks its own rules.
    """
    return _registry(rules.lesson)


@lru_cache(maxsize=64)
def _registry(lesson: Lesson) -> Rubric:
    return Rubric("secrets-management", _requirements()).under(lesson)


@lru_cache(maxsize=1)
def _requirements() -> tuple[Requirement, ...]:
    from graders.rubric.judge import check_graph
    from graders.rubric.steps import ecs, iam, kms, module, plaintext, rotation, runtime, secret

    steps = (module, kms, secret, plaintext, rotation, ecs, iam, runtime)
    requirements = tuple(one for step in steps for one in vars(step).values() if isinstance(one, Requirement))
    check_graph(requirements)
    return requirements


@lru_cache(maxsize=1)
def _code() -> str:
    """64 hexadecimal digits over everything that requirements are made of."""
    root = Path(__file__).parent
    files = [*root.rglob("*.py"), *root.rglob("*.toml")]
    return digests.of_files({path.relative_to(root).as_posix(): path for path in files})
