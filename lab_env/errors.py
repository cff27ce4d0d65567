"""The one exception tree: every error a person may meet says what, where and what to do next.

``exit_code`` is the console script's (0 done, 1 something does not pass, 2 usage, 3 no engine, Terraform or
provider, 4 a grader's fault).
"""

from __future__ import annotations


class LabError(Exception):
    """Base of all errors of this project.

    :param message: one sentence: what was found, and where.
    :param next_step: one sentence: what the reader does next.
    """

    exit_code = 4

    def __init__(self, message: str, *, next_step: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return self.message if self.next_step is None else f"{self.message} {self.next_step}"

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback: the sentence, and the next step below it."""
        lines = [self.message, f"Next: {self.next_step}" if self.next_step else ""]
        # A message may quote what a stranger wrote: a terminal must not obey it.
        return ["".join(c if c.isprintable() else " " for c in line) for line in lines if line]


class UsageError(LabError):
    """The call's words are wrong: an unknown id, a path that does not exist."""

    exit_code = 2


class SubmissionError(LabError):
    """The learner's files stop the grader (unreadable, past a limit): the submission is ``ungradable``.

    :param path: the file it is about, relative to the submission, when there is one.
    :param line: 1-based line in that file.
    """

    exit_code = 1

    def __init__(
        self, message: str, *, next_step: str | None = None, path: str | None = None, line: int | None = None
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.path = path
        self.line = line


class UnreadError(LabError):
    """The files are right for Terraform, and the grader does not read what stands there: its own limit, nobody's mistake."""


class EngineError(LabError):
    """No AWS endpoint, or it does not answer."""

    exit_code = 3


class TerraformError(LabError):
    """Terraform or the provider is missing, cannot start, or ran past a limit (never: the learner's HCL is wrong)."""

    exit_code = 3


class WrongProviderError(TerraformError):
    """The provider is another version than the directory that it lies in says, so no result may name that one."""


class RubricError(LabError):
    """The rubric itself is wrong: a requirement raised, an id is unknown, the graph has a cycle."""

    exit_code = 4
