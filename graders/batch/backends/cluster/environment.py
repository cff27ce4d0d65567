"""What a worker's verdicts rest on, so that all workers, and the caller, can be held to the same.

One class graded by two versions of the grader would be two classes. The caller's code must be the worker's; engine, Terraform
and provider must be the same on all workers, while the caller needs none of them.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path

import graders
from graders.assignment import OwnPackage, Rules
from graders.batch.identity import grader_digest, library_versions
from graders.model import EngineInfo, Frozen, Versions
from graders.rubric import registry
from lab_env import digests

_SPOKEN = ("batch", "batch/backends", "batch/backends/cluster")
"""Folders of ``graders`` that both ends of a cluster are made of."""


class Code(Frozen):
    """The grader as a program.

    :param rubric: ``secrets-management@<digest>``.
    :param digest: 64 hexadecimal digits over every module that decides what is seen, and over those that the two ends speak by.
    :param libraries: ``name version``.
    """

    grader: str
    rubric: str
    digest: str
    libraries: tuple[str, ...]


class Circumstances(Frozen):
    """:param engine: None at static depth, where ``versions`` names neither Terraform nor provider.

    :param isolation: the layers of the sandbox. No verdict rests on them, so workers may differ.
    """

    code: Code
    engine: EngineInfo | None
    versions: Versions
    isolation: tuple[str, ...] = ()


def own_code(packages: tuple[OwnPackage, ...] = ()) -> Code:
    """This process's own, as it lies on the disk now.

    :param packages: those that add requirements to the rubric's.
    :raises UsageError: one of them is not installed here.
    """
    return Code(
        grader=version("secrets-lab"),
        rubric=registry(Rules(packages=packages)).label,
        digest=_digest(),
        libraries=tuple(f"{name} {found}" for name, found in library_versions().items()),
    )


def code_difference(worker: Code, caller: Code) -> str | None:
    """What differs first, in words; None when nothing does."""
    if worker.grader != caller.grader:
        return f"runs secrets-lab {worker.grader}, and you run {caller.grader}"
    if worker.rubric != caller.rubric:
        return f"has the rubric {worker.rubric}, and you have {caller.rubric}"
    if worker.digest != caller.digest:
        return f"runs other code of the same version ({worker.digest[:12]}, and you run {caller.digest[:12]})"
    if worker.libraries != caller.libraries:
        here, there = (
            sorted(set(caller.libraries) - set(worker.libraries)),
            sorted(set(worker.libraries) - set(caller.libraries)),
        )
        return f"has {', '.join(there)}, and you have {', '.join(here)}"
    return None


def difference(one: Circumstances, other: Circumstances) -> str | None:
    """What differs first between two workers, as ``has …, and the other has …``; None when nothing does."""
    if one.code != other.code:
        return code_difference(one.code, other.code)
    for what, mine, its in (
        ("the engine", _shown(one.engine), _shown(other.engine)),
        ("Terraform", one.versions.terraform, other.versions.terraform),
        ("the AWS provider", one.versions.provider, other.versions.provider),
        ("the second parser", one.versions.parser, other.versions.parser),
        ("the versions", one.versions.model_dump_json(), other.versions.model_dump_json()),
    ):
        if mine != its:
            return f"has {what} {mine}, and the other has {its}"
    return None


def _shown(engine: EngineInfo | None) -> str:
    return "none" if engine is None else f"{engine.name} {engine.version} ({', '.join(engine.capabilities)})"


def _digest() -> str:
    root = Path(graders.__file__).parent
    spoken = {path.relative_to(root).as_posix(): path for folder in _SPOKEN for path in (root / folder).glob("*.py")}
    return hashlib.sha256(f"{grader_digest()} {digests.of_files(spoken)}".encode()).hexdigest()
