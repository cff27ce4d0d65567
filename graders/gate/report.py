"""What the gate says."""

from __future__ import annotations

from dataclasses import dataclass

from graders.model import SourceDiagnostic
from lab_env.errors import UnreadError
from lab_env.hcl import ModuleTree, Span
from lab_env.submission import Submission


@dataclass(frozen=True)
class GateReport:
    """The gate's answer.

    :param violations: in file order; not one when ``accepted``.
    :param notes: remarks that cost nothing; the submission has its own beside them.
    :param tree: the modules that could be read; complete when ``accepted``.
    :param unread: what Terraform reads and the grader does not, when that alone is in the way; nothing of it runs.
    """

    accepted: bool
    violations: tuple[SourceDiagnostic, ...]
    notes: tuple[str, ...]
    tree: ModuleTree
    unread: str | None = None

    def require_read(self) -> None:
        """:raises UnreadError: nothing can be said of the submission, by no fault of its own."""
        if self.unread is not None:
            raise UnreadError(self.unread, next_step="Write it in a plainer way, or grade this submission by hand.")


class Findings:
    """Collects violations and notes; knows which notebook cell a place is in."""

    def __init__(self, submission: Submission) -> None:
        self._submission = submission
        self._violations: dict[tuple[str, int, str], SourceDiagnostic] = {}
        self._notes: dict[str, None] = {}
        self._unread: set[tuple[str, int, str]] = set()

    def refuse(self, message: str, span: Span | None = None, *, address: str | None = None) -> None:
        """Add a violation at a place."""
        path, line = (span.path, span.line) if span else (None, None)
        self.refuse_at(message, path, line, address=address)

    def refuse_at(self, message: str, path: str | None, line: int | None, *, address: str | None = None) -> None:
        """Add a violation at a file and line."""
        file = self._submission.any_file(path) if path else None
        cell = file.cell_at(line) if file and line else None
        found = SourceDiagnostic(summary=message, path=path, line=line, cell=cell, address=address)
        self._violations.setdefault((path or "", line or 0, message), found)

    def unread_at(self, message: str, path: str | None, line: int | None) -> None:
        """Add a place that Terraform reads and the grader does not."""
        self.refuse_at(message, path, line)
        self._unread.add((path or "", line or 0, message))

    def has_said(self, path: str | None, words: str) -> bool:
        """Whether a violation in a file has these words in it."""
        return any(found.path == path and words in found.summary for found in self._violations.values())

    def note(self, text: str) -> None:
        self._notes.setdefault(text)

    @property
    def violations(self) -> tuple[SourceDiagnostic, ...]:
        """Sorted by file and line; what is missing, and so is in no line, comes last: a line that is wrong may be the reason."""
        return tuple(self._violations[key] for key in sorted(self._violations, key=lambda key: (key[1] == 0, key)))

    def report(self, tree: ModuleTree) -> GateReport:
        """The report: accepted when nothing was refused."""
        first = min(self._unread) if self._unread and self._unread >= self._violations.keys() else None
        unread = str(self._violations[first]) if first is not None else None
        return GateReport(not self._violations, self.violations, tuple(self._notes), tree, unread)
