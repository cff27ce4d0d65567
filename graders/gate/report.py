"""What the gate says."""

from __future__ import annotations

from dataclasses import dataclass

from lab_env.hcl import ModuleTree, Span
from lab_env.submission import Submission


@dataclass(frozen=True)
class Violation:
    """One reason to refuse: a sentence, and where.

    :param path: the file in the submission; with ``line`` 1-based and ``cell`` when it came from a notebook.
    :param address: Terraform address as seen from the module under test, when it is about a block.
    """

    message: str
    path: str | None = None
    line: int | None = None
    cell: int | None = None
    address: str | None = None


@dataclass(frozen=True)
class GateReport:
    """The gate's answer.

    :param violations: in file order; not one when ``accepted``.
    :param notes: remarks that cost nothing; the submission has its own beside them.
    :param tree: the modules that could be read; complete when ``accepted``.
    """

    accepted: bool
    violations: tuple[Violation, ...]
    notes: tuple[str, ...]
    tree: ModuleTree


class Findings:
    """Collects violations and notes; knows which notebook cell a place is in."""

    def __init__(self, submission: Submission) -> None:
        self._submission = submission
        self._violations: dict[tuple[str, int, str], Violation] = {}
        self._notes: dict[str, None] = {}

    def refuse(self, message: str, span: Span | None = None, *, address: str | None = None) -> None:
        """Add a violation at a place."""
        path, line = (span.path, span.line) if span else (None, None)
        self.refuse_at(message, path, line, address=address)

    def refuse_at(self, message: str, path: str | None, line: int | None, *, address: str | None = None) -> None:
        """Add a violation at a file and line."""
        file = self._submission.file(path) if path else None
        cell = file.cell_at(line) if file and line else None
        self._violations.setdefault((path or "", line or 0, message), Violation(message, path, line, cell, address))

    def note(self, text: str) -> None:
        self._notes.setdefault(text)

    @property
    def violations(self) -> tuple[Violation, ...]:
        """Sorted by file and line."""
        return tuple(self._violations[key] for key in sorted(self._violations))

    def report(self, tree: ModuleTree) -> GateReport:
        """The report: accepted when nothing was refused."""
        return GateReport(not self._violations, self.violations, tuple(self._notes), tree)
