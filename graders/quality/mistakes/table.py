"""The mistakes as they are written down: changes of the reference solution, and what a helper would say to each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab_env.submission import Submission, load_submission
from solutions.corpus import load_corpus, materialise

TABLE = Path(__file__).with_name("table.toml")
MODULE = "modules/secrets"


@dataclass(frozen=True)
class Mistake:
    """One mistake.

    :param part: of the page.
    :param what: it is, in a few words.
    :param files: the files that it changes, whole, by their names in the module.
    :param wrote: what the learner wrote.
    :param aws: Terraform takes it, AWS does not.
    :param says: a word that has to be in what is said.
    :param line: as a helper would write it; None: nobody can know it.
    """

    id: str
    part: str
    what: str
    files: Mapping[str, str]
    wrote: str
    aws: bool
    says: str
    line: str | None


def load() -> tuple[Mistake, ...]:
    """All of them, in the order of the table."""
    reference = {
        path.removeprefix(f"{MODULE}/"): data.decode() for path, data in load_corpus()["reference"].files.items()
    }
    return tuple(_mistake(one, reference) for one in tomllib.loads(TABLE.read_text(encoding="utf-8"))["mistake"])


def _mistake(one: Mapping[str, str], reference: Mapping[str, str]) -> Mistake:
    text = reference[one["file"]] if "find" in one else ""
    changed = _changed(text, one, "") if "find" in one else one["write"]
    if "find2" in one:
        changed = _changed(changed, one, "2")
    return Mistake(
        id=one["id"],
        part=one["part"],
        what=one["what"],
        files={one["file"]: changed},
        wrote=_line_of(text, changed),
        aws=bool(one.get("aws")),
        says=one["says"],
        line=one.get("line"),
    )


def _changed(text: str, one: Mapping[str, str], number: str) -> str:
    if one[f"find{number}"] not in text:
        raise ValueError(f"{one['id']}: {one['file']} of the reference solution has no {one[f'find{number}']!r}")
    return text.replace(one[f"find{number}"], one[f"write{number}"], 1)


def _line_of(before: str, after: str) -> str:
    """The first line that is otherwise."""
    old, new = before.splitlines(), after.splitlines()
    for number, line in enumerate(new):
        if number >= len(old) or old[number] != line:
            return line
    return ""


def submission(mistake: Mistake, directory: Path, put_right: Mapping[str, str] | None = None) -> Submission:
    """The reference solution with the mistake in it, read from a directory.

    :param put_right: texts of files, by their path in the submission, in the place of those that the mistake has.
    """
    directory = materialise(load_corpus()["reference"], directory)
    for name, text in mistake.files.items():
        (directory / MODULE / name).write_text(text, encoding="utf-8")
    for path, text in (put_right or {}).items():
        (directory / path).write_text(text, encoding="utf-8")
    return load_submission(directory, id=mistake.id)
