"""Requirements of an instructor's own, from an installed package that the assignment names with its version.

The package has an entry point in the group ``secrets_lab.requirements`` that names a module. Its requirements are written as those
of the lesson are (:mod:`graders.rubric.requirement`), in the order of the module, under a step of their own; ``CASES`` in it are
known answers, right ones and mistakes, that ``lab self-test --assignment`` tries them on. Nothing of a package is imported that no
assignment names.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from graders.assignment import OwnPackage
from graders.model import Points
from graders.rubric.requirement import Requirement
from lab_env import digests
from lab_env.errors import UsageError
from lab_env.text import one_line

GROUP = "secrets_lab.requirements"
MOST = 20
"""Requirements of one package."""
_ID = re.compile(r"[a-z][a-z0-9_]{0,30}\.[a-z][a-z0-9_]{0,40}")
_MAXIMUM = 100


@dataclass(frozen=True)
class OwnCase:
    """An answer whose verdict is known: the reference, with these files in it.

    :param files: texts by path, such as ``modules/secrets/logs.tf``; they take the place of the reference's.
    :param fail: the ids that fail; all others of the package pass. None: it is right.
    """

    name: str
    files: Mapping[str, str] = field(default_factory=dict)
    fail: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Loaded:
    """A package's part of the rubric.

    :param digest: 64 hexadecimal digits over all files that it brings.
    """

    package: OwnPackage
    requirements: tuple[Requirement, ...]
    cases: tuple[OwnCase, ...]
    digest: str


def load(packages: Iterable[OwnPackage], known: Sequence[Requirement]) -> tuple[Loaded, ...]:
    """Import the packages that an assignment names.

    :param known: the lesson's own requirements.
    :raises UsageError: one is not installed here in this version, or is no such package; with the next step.
    """
    found = tuple(_load(package) for package in packages)
    ids = {one.id for one in known}
    steps = {one.step for one in known}
    for one in found:
        for requirement in one.requirements:
            if requirement.step in steps:
                raise _wrong(one.package, f"{requirement.id} is in a step of the lesson's own", "Name another step.")
            if requirement.id in ids:
                raise _wrong(one.package, f"{requirement.id} is there twice", "Give one of them another id.")
            ids.add(requirement.id)
        named = {id for case in one.cases for id in case.fail} - {own.id for own in one.requirements}
        if named:
            raise _wrong(one.package, f"a case fails {min(named)}, which it does not have", "Correct the case.")
    return found


@lru_cache(maxsize=16)
def _load(package: OwnPackage) -> Loaded:
    asked = f"The assignment asks for {package.package} {package.version}"
    install = f"Run `pip install '{package.package}=={package.version}'` in this environment."
    try:
        distribution = importlib.metadata.distribution(package.package)
    except importlib.metadata.PackageNotFoundError:
        raise UsageError(f"{asked}, which is not installed here.", next_step=install) from None
    if distribution.version != package.version:
        raise UsageError(f"{asked}, and {distribution.version} is installed here.", next_step=install)
    points = [one for one in distribution.entry_points if one.group == GROUP]
    if len(points) != 1:
        raise _wrong(package, f"it has {len(points)} entry points in {GROUP}", "One names the module of requirements.")
    try:
        module = importlib.import_module(points[0].module)
    except Exception as error:  # somebody else's program: anything may come
        said = one_line(f"{type(error).__name__}: {error}")
        raise _wrong(package, f"it cannot be imported ({said})", "Tell its author.") from None
    requirements = tuple(one for one in vars(module).values() if isinstance(one, Requirement))
    _check(package, requirements)
    cases = tuple(getattr(module, "CASES", ()))
    if not all(isinstance(case, OwnCase) for case in cases):
        raise _wrong(package, "CASES holds something else than OwnCase", "See docs/assignment.md.")
    return Loaded(package, requirements, cases, digests.of_distribution(package.package, points[0].module))


def _check(package: OwnPackage, requirements: Sequence[Requirement]) -> None:
    if not 0 < len(requirements) <= MOST:
        raise _wrong(package, f"it has {len(requirements)} requirements", f"There are 1 to {MOST}.")
    for one in requirements:
        if not _ID.fullmatch(one.id):
            raise _wrong(
                package, f"{one_line(one.id)} is no id", "An id is step.name in small letters, such as logs.kept."
            )
        if not one.title:
            raise _wrong(package, f"{one.id} has no title", "Its check needs a docstring.")
        if isinstance(one.points, bool) or not 0 < one.points <= _MAXIMUM or one.points * 2 != int(one.points * 2):
            raise _wrong(package, f"{one.id} has {one.points} points", "Write whole or half points, up to 100.")


def scaled(requirements: Sequence[Requirement], own: Sequence[Requirement]) -> tuple[Requirement, ...]:
    """All requirements with points that add up to the lesson's maximum again, in halves.

    Each gets its share; what is left over goes to the largest remainders, the first of equals first. None gets less than a half.
    """
    if not own:
        return tuple(requirements)
    every = (*requirements, *own)
    halves = _MAXIMUM * 2
    total = sum(one.points for one in every)
    shares = [one.points * halves / total for one in every]
    given = [max(1, int(share)) for share in shares]
    by_remainder = sorted(range(len(every)), key=lambda place: (given[place] - shares[place], place))
    for place in by_remainder[: max(0, halves - sum(given))]:
        given[place] += 1
    while sum(given) > halves:
        given[given.index(max(given))] -= 1
    return tuple(replace(one, points=_points(half)) for one, half in zip(every, given, strict=True))


def _points(halves: int) -> Points:
    return halves // 2 if halves % 2 == 0 else halves / 2


def _wrong(package: OwnPackage, what: str, next_step: str) -> UsageError:
    return UsageError(f"{package.package} {package.version} brings no requirements: {what}.", next_step=next_step)


__all__ = ["GROUP", "Loaded", "OwnCase", "load", "scaled"]
