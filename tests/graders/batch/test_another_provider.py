"""Another version of the provider than the tested one: what results and reports say of it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.gate import check
from graders.model import Depth, Status
from graders.report import terminal
from graders.report.html_report import render
from lab_env.engine import Engine
from lab_env.submission import SubmissionRef, load_submission
from lab_env.terraform import Toolchain
from solutions.corpus import load_corpus, materialise
from tests.installations import under_another_version

REMARK = "AWS provider 6.99.0 is not the one that the rubric is held against, which is 5.100.0."


def test_results_say_that_another_provider_graded(
    engine: Engine, toolchain: Toolchain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Do results, page and terminal name the version, and that it is not the tested one?

    On the plain path: a lane would notice that this is no 6.99.0.
    """
    monkeypatch.setenv("LAB_PROVIDER_MIRROR", str(under_another_version(toolchain, tmp_path / "mirror", "6.99.0")))
    monkeypatch.setenv("LAB_PROVIDER_VERSION", "6.99.0")
    handed = materialise(load_corpus()["reference"], tmp_path / "class")
    results = grade_many((SubmissionRef("reference", handed),), RunConfig(depth=Depth.PLAN, jobs=1, plain=True))
    assert results.submissions[0].status == "graded", results.submissions[0].reason
    assert {row.status for row in results.submissions[0].requirements} <= {Status.PASS, Status.NOT_RUN}
    assert (results.versions.provider, results.versions.remarks) == ("6.99.0", (REMARK,))
    assert REMARK in render(results)
    out = io.StringIO()
    terminal.print_class(Console(file=out, width=200), results)
    assert REMARK in out.getvalue()


@pytest.mark.parametrize(("asked", "accepted"), [("", False), ("5.99.0", False), ("6.62.0", True)])
def test_the_gate_lets_pass_what_grades(
    asked: str, accepted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is an argument that only version 6 knows refused where version 5 grades, and left to version 6 where that does?"""
    handed = materialise(load_corpus()["reference"], tmp_path)
    (file,) = (path for path in handed.rglob("ecs.tf"))
    group = 'resource "aws_cloudwatch_log_group" "more" {\n  name = "/more"\n  deletion_protection_enabled = false\n}\n'
    file.write_text(file.read_text() + group)
    monkeypatch.setenv("LAB_PROVIDER_VERSION", asked)
    report = check(load_submission(handed))
    assert report.accepted is accepted, report.violations
