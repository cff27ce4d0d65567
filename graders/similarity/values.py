"""Learners' own values put back into the standard lesson's before a class is compared: what was copied stays to be seen.

Who copies an answer and writes their own names into it has the same answer; who leaves the other's names in it says whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from lab_env.lesson import STANDARD, Lesson
from lab_env.submission import SourceFile, Submission

# What a name of AWS's may be made of; a value is looked up among the runs, so a text is read once however large the class is.
_RUN = re.compile(r"[A-Za-z0-9_+=.@-]++")
_WINDOWS = re.compile(r"((?:deletion|recovery)_window_in_days[ \t]*=[ \t]*)\d{1,2}\b")


def put_back(
    submissions: Sequence[Submission], variants: Mapping[str, Lesson]
) -> tuple[tuple[Submission, ...], tuple[tuple[str, str], ...]]:
    """The submissions in the words of the standard lesson.

    :param variants: the values that were asked of each of the class, by the submissions' ids.
    :return: and by id, a note on each who has names that were drawn for another.
    """
    if not variants:
        return tuple(submissions), ()
    words = _Words(variants)
    changed = tuple(replace(one, files=tuple(words.file(file) for file in one.files)) for one in submissions)
    return changed, tuple((one.id, note) for one in submissions for note in words.notes(one))


class _Words:
    """The values of a class, and what each is put back to."""

    def __init__(self, variants: Mapping[str, Lesson]) -> None:
        self._variants = variants
        self._owners: dict[str, str] = {}
        self._standard: dict[str, str] = {}
        for id, lesson in variants.items():
            for name, standard in ((lesson.secret, STANDARD.secret), (lesson.alias, STANDARD.alias)):
                self._owners[name] = id
                self._standard[name] = standard
        for lesson in variants.values():
            for value, standard in (
                (lesson.password, STANDARD.password),
                (lesson.environment_tag, STANDARD.environment_tag),
                (lesson.manager_tag, STANDARD.manager_tag),
                (lesson.manager, STANDARD.manager),
            ):
                self._standard.setdefault(value, standard)
        self._longest = max(value.count("-") + 1 for value in self._standard)

    def file(self, file: SourceFile) -> SourceFile:
        text = _RUN.sub(lambda run: "".join(self._pieces(run[0])), file.text)
        return replace(file, data=_WINDOWS.sub(rf"\g<1>{STANDARD.key_window_days}", text).encode())

    def notes(self, submission: Submission) -> Iterator[str]:
        """Whose names are in somebody's files that are not their own."""
        owners: dict[str, str] = {}
        for file in submission.files:
            for run in _RUN.findall(file.text):
                for value in self._values(run):
                    owner = self._owners.get(value, submission.id)
                    if owner != submission.id and value not in _own(self._variants.get(submission.id)):
                        owners.setdefault(owner, value)
        for owner, value in sorted(owners.items()):
            yield f"{value} is in the files, a name that was drawn for {owner}."

    def _pieces(self, run: str) -> Iterator[str]:
        """The run with each value put back; the longest that fits first."""
        parts = run.split("-")
        at = 0
        while at < len(parts):
            end, value = self._longest_at(parts, at)
            yield "-" if at else ""
            yield self._standard[value] if value is not None else parts[at]
            at = end

    def _values(self, run: str) -> Iterator[str]:
        parts = run.split("-")
        at = 0
        while at < len(parts):
            at, value = self._longest_at(parts, at)
            if value is not None:
                yield value

    def _longest_at(self, parts: Sequence[str], at: int) -> tuple[int, str | None]:
        for end in range(min(len(parts), at + self._longest), at, -1):
            value = "-".join(parts[at:end])
            if value in self._standard:
                return end, value
        return at + 1, None


def _own(lesson: Lesson | None) -> Iterable[str]:
    return () if lesson is None else (lesson.secret, lesson.alias)
