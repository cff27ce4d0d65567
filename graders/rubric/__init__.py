"""The rubric: the requirements of every step of the lesson, a module a step; ``registry()`` is the one way to it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

from graders.assignment import OwnPackage, Rules
from graders.model import Points
from graders.rubric.requirement import Requirement
from lab_env import digests
from lab_env.errors import UsageError
from lab_env.lesson import Lesson


@dataclass(frozen=True)
class Rubric:
    """:param requirements: in the order of docs/rubric.md, then those of packages.

    :param own_code: digests of the packages that the assignment adds.
    """

    name: str
    requirements: tuple[Requirement, ...]
    own_code: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """Changes with every edit of a requirement or of anything a check is made of; 16 hexadecimal digits."""
        code = _code()
        if self.own_code:
            code = hashlib.sha256(" ".join((code, *self.own_code)).encode()).hexdigest()
        return code[:16]

    def under(self, lesson: Lesson) -> Rubric:
        """The rubric in the words of a lesson."""
        return replace(self, requirements=tuple(one.under(lesson) for one in self.requirements))

    @property
    def label(self) -> str:
        """As results name it: ``secrets-management@<digest>``."""
        return f"{self.name}@{self.digest}"

    @property
    def max_score(self) -> Points:
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
            raise UsageError(f'There is no requirement "{id}".', next_step=f"One of: {ids}.")
        return found


def registry(rules: Rules = Rules()) -> Rubric:
    """The rubric in the words of a lesson: each step's requirements, in the order in which its module declares them.

    Checked: unique ids, 100 points, a graph without cycles.

    :param rules: the standard lesson's when left out.
    :raises RubricError: the rubric breaks its own rules.
    :raises UsageError: a package that the rules name is not installed, or is none of requirements.
    """
    return _registry(rules.lesson, rules.packages)


@lru_cache(maxsize=64)
def _registry(lesson: Lesson, packages: tuple[OwnPackage, ...]) -> Rubric:
    return _with_own(packages).under(lesson)


@lru_cache(maxsize=4)
def _with_own(packages: tuple[OwnPackage, ...]) -> Rubric:
    """The lesson's requirements and those of packages, with points that are scaled to the same maximum."""
    from graders.rubric import own
    from graders.rubric.judge import check_graph

    lessons = _requirements()
    loaded = own.load(packages, lessons)
    added = tuple(replace(one, own=True) for package in loaded for one in package.requirements)
    every = own.scaled(lessons, added)
    check_graph(every)
    return Rubric("secrets-management", every, tuple(package.digest for package in loaded))


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
