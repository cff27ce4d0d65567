"""The gate and the verdicts in a worker: what counts in whose bounds."""

from __future__ import annotations

import pytest

from graders import confined
from graders.assignment import Rules
from graders.gate import GateReport
from lab_env.processes import BOUNDS
from lab_env.submission import SourceFile, Submission
from lab_env.submission.packing import pack


def test_an_own_check_has_its_time_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do reading and the gate, which a large submission needs longer for, count in their own bounds, and not in the check's?"""
    done: list[str] = []
    gate = confined.check

    def check(submission: Submission) -> GateReport:
        done.append("gate")
        return gate(submission)

    monkeypatch.setattr(confined, "check", check)
    monkeypatch.setattr(confined, "limit_processor_time", lambda seconds: done.append(f"{seconds:g} s"))
    file = SourceFile("main.tf", b'variable "environment" {}\n')
    case = confined._Case(evidence=confined.files_alone(Rules()), rules=Rules(), asked="rotation.ignore_changes")
    confined._ask_own(confined._payload(case, pack(Submission("ann", "", (file,), "."))))
    assert done == ["gate", f"{confined.OWN_CPU_S:g} s"]
    assert confined._OWN_BOUNDS.cpu_s >= BOUNDS.cpu_s + confined.OWN_CPU_S
