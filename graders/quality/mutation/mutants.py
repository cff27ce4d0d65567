"""The registry of mutators, and the mutants they make of the corpus' right solutions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from graders.quality.mutation import access, arguments, names, rewrites, validity, values
from graders.quality.mutation.model import EVERYTHING, Mutant, Mutator
from graders.quality.mutation.source import Source
from graders.rubric import Rubric, registry
from lab_env.errors import RubricError
from lab_env.submission import load_submission
from lab_env.temporary import temporary_directory
from solutions.corpus import Case, load_corpus, materialise

MUTATORS: tuple[Mutator, ...] = (
    *arguments.MUTATORS,
    *names.MUTATORS,
    *values.MUTATORS,
    *access.MUTATORS,
    *validity.MUTATORS,
    *rewrites.MUTATORS,
)


def solutions() -> tuple[Case, ...]:
    """The right solutions: the reference and every alternative."""
    corpus = load_corpus()
    return (*corpus.of_kind("reference"), *corpus.of_kind("alternative"))


def make(cases: Sequence[Case] | None = None, mutators: Collection[Mutator] = MUTATORS) -> tuple[Mutant, ...]:
    """Every mutant of every solution, in the order of mutators, then solutions.

    A change that leaves the files as they are, or makes of two solutions the same one, is no mutant.

    :raises RubricError: a mutator names an id that the rubric does not have.
    """
    check_ids(mutators, registry())
    sources = [source_of(case) for case in (solutions() if cases is None else cases)]
    found: list[Mutant] = []
    seen: set[tuple[tuple[str, bytes], ...]] = {tuple(source.result_of_nothing().items()) for source in sources}
    for mutator in mutators:
        for source in sources:
            change = mutator.apply(source)
            if change is None:
                continue
            files = source.result_of(change)
            if tuple(files.items()) not in seen:
                seen.add(tuple(files.items()))
                found.append(Mutant(mutator, source.name, files))
    return tuple(found)


def source_of(case: Case) -> Source:
    """A case of the corpus as mutators see it."""
    with temporary_directory("mutation") as directory:
        return Source(load_submission(materialise(case, directory), id=case.name))


def check_ids(mutators: Collection[Mutator], rubric: Rubric) -> None:
    """:raises RubricError: two mutators share a name, or one names an id that the rubric does not have."""
    known = {r.id for r in rubric.requirements} | {EVERYTHING}
    names_ = [mutator.name for mutator in mutators]
    if len(set(names_)) < len(names_):
        raise RubricError("Two mutators have the same name.", next_step="Look into graders/quality/mutation/.")
    for mutator in mutators:
        for id in sorted((mutator.fail | mutator.may) - known):
            raise RubricError(f"The mutator {mutator.name} names {id}, which the rubric does not have.")


def write(mutant: Mutant, directory: Path) -> Path:
    """Writes a mutant's files to ``directory/<its name>`` and returns that path."""
    target = directory / mutant.name
    for path, content in mutant.files.items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return target
