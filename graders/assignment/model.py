"""The rules that a class, and each submission in it, is graded by; frozen values that go down to every worker as JSON."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from graders.model import AssignmentInfo, Frozen
from lab_env.errors import UsageError
from lab_env.lesson import STANDARD, Lesson

KEY_DIGITS = 20
"""Of a learner's key in ``variants.csv``: enough that no two of any class share one."""


class OwnPackage(Frozen):
    """A package that brings requirements of the instructor's own, as the assignment's file names it."""

    package: str
    version: str


class Rules(Frozen):
    """What one submission is graded by.

    :param student: whose values they are; None: they are everybody's.
    :param packages: those that add requirements to the rubric's.
    """

    lesson: Lesson = STANDARD
    student: str | None = None
    packages: tuple[OwnPackage, ...] = ()

    @property
    def digest(self) -> str | None:
        """``sha256:`` and 64 hexadecimal digits; None: the standard lesson.

        A learner's own id is part of it: even two who had the same values would share no verdict.
        """
        if self == Rules():
            return None
        return f"sha256:{hashlib.sha256(self.model_dump_json().encode()).hexdigest()}"

    @property
    def variant(self) -> Lesson | None:
        """The values that are this learner's own."""
        return self.lesson if self.student is not None else None


class UnlistedError(UsageError):
    """Somebody has no values of their own, and nobody may guess them: the instructor's to put right."""


class Assignment(Frozen):
    """An instructor's file.

    :param name: the file's name.
    :param digest: ``sha256:`` and 64 hexadecimal digits of its bytes, and of those of ``variants.csv`` where there is one.
    :param lesson: what is asked of everybody; of what varies, the texts of the standard lesson.
    :param course: with variants, what learners' keys are made with.
    :param variants: each learner's values by their key; None: there are none.
    """

    name: str
    digest: str
    lesson: Lesson = STANDARD
    packages: tuple[OwnPackage, ...] = ()
    course: str = ""
    variants: Mapping[str, Lesson] | None = None

    def rules(self, student: str) -> Rules:
        """What the submission of this student is graded by.

        :param student: from where the submission lies, never from what is in it.
        :raises UnlistedError: there are variants, and none is theirs.
        """
        if self.variants is None:
            return Rules(lesson=self.lesson, packages=self.packages)
        # Several assignments of one student are ann/first and ann/second.
        student = student.partition("/")[0]
        found = self.variants.get(learner_key(self.course, student))
        if found is None:
            raise UnlistedError(
                f"{student} is not in variants.csv, so there are no values to grade by.",
                next_step="Add the student to the class list and run `lab course variants` again, or give the submission's "
                "directory the student's id for a name.",
            )
        return Rules(lesson=found, student=student, packages=self.packages)

    def alone(self, student: str) -> Assignment:
        """The assignment of one learner, with their values for everybody's.

        :raises UnlistedError: see :meth:`rules`.
        """
        return self.model_copy(update={"lesson": self.rules(student).lesson, "variants": None})

    def for_worker(self) -> Assignment | None:
        """What a cluster's worker has to have ready before the first submission: rules go with each."""
        return Assignment(name=self.name, digest="", packages=self.packages) if self.packages else None

    @property
    def info(self) -> AssignmentInfo:
        """The assignment as results name it."""
        return AssignmentInfo(name=self.name, digest=self.digest, lines=tuple(self._lines()))

    def _lines(self) -> list[str]:
        lines = []
        if self.variants is not None:
            lines.append(f"Each learner has values of their own ({len(self.variants)} in variants.csv).")
        lines += changes(self.lesson)
        lines += [f"Requirements of {own.package} {own.version} are added." for own in self.packages]
        return lines


def changes(lesson: Lesson) -> list[str]:
    """What a lesson asks for otherwise than the standard one, a sentence each."""
    said = {
        "secret": f"The secret is named {lesson.secret_name('<environment>')}.",
        "alias": f"The key's alias is {lesson.alias_name('<environment>')}.",
        "password": f"The container gets the password as {lesson.password}.",
        "key_window_days": f"A deleted key waits {lesson.key_window_days} days.",
        "secret_window_days": f"A deleted secret can be restored for {lesson.secret_window_days} days.",
        "environment_tag": f"The environment's tag is {lesson.environment_tag}.",
        "manager_tag": f"The manager's tag is {lesson.manager_tag}.",
        "manager": f"The key is managed by {lesson.manager}.",
    }
    return [sentence for name, sentence in said.items() if lesson.values[name] != STANDARD.values[name]]


def learner_key(course: str, student: str) -> str:
    """By what a learner's row is found: it does not tell the id, and without the course's name nobody can try ids for it."""
    return hmac.new(course.encode(), student.encode("utf-8", "surrogateescape"), "sha256").hexdigest()[:KEY_DIGITS]
