"""A class with every attack in it: whoever else is in the class gets the same bytes as without, and no report is taken over."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import Depth, Results
from graders.report import csv_report, html_report, json_report, junit_report, pages, sarif_report, terminal
from lab.running import sources_of
from lab_env.engine import Engine
from lab_env.submission import SubmissionRef
from lab_env.terraform import Toolchain
from solutions.corpus import load_corpus, materialise
from tests.graders.everywhere import SAMPLE, timeless
from tests.graders.hostile.canaries import ATTACKS, SECRET, Canaries, canaries

pytestmark = pytest.mark.slow

# What is refused before Terraform is started costs nothing in full; of what Terraform is given, one that is refused by its plan.
IN_FULL = (
    "local-exec-on-the-key",
    "data-http",
    "template-in-a-comment",
    "provider-credentials",
    "module-over-http",
    "cli-configuration",
    "terraform-folder",
    "zip-slip",
    "thirty-megabytes",
    "brackets",
    "count-of-61",
)


def neighbours(directory: Path) -> list[SubmissionRef]:
    """The class without the attacks."""
    corpus = load_corpus()
    return [SubmissionRef(f"classmate-{name}", materialise(corpus[name], directory)) for name in SAMPLE]


def among(refs: list[SubmissionRef], attacks: list[SubmissionRef]) -> list[SubmissionRef]:
    """The class with the attacks between, before and behind."""
    step = len(attacks) // len(refs) + 1
    mixed: list[SubmissionRef] = []
    for index, ref in enumerate(refs):
        mixed += [*attacks[index * step : (index + 1) * step], ref]
    return mixed


def of_neighbours(results: Results) -> dict[str, Any]:
    """Their part of the result JSON, without times."""
    document = timeless(results)
    return {s["id"]: json.dumps(s) for s in document["submissions"] if s["id"].startswith("classmate-")}


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Canaries, Results, list[SubmissionRef]]]:
    """All attacks and the neighbours, at depth static."""
    directory = tmp_path_factory.mktemp("class")
    with pytest.MonkeyPatch.context() as patch, canaries(directory / "canaries") as here:
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        attacks = []
        for attack in ATTACKS:
            handed = attack.write(here)
            attacks.append(SubmissionRef(handed.name if "-as-an-id" in attack.name else attack.name, handed))
        refs = among(neighbours(directory), attacks)
        yield here, grade_many(refs, RunConfig(depth=Depth.STATIC)), refs


def test_neighbours_are_the_same(graded: tuple[Canaries, Results, list[SubmissionRef]], tmp_path: Path) -> None:
    """Do the others in the class get byte for byte what they get without a single attack in it?"""
    here, results, refs = graded
    assert len(results.submissions) == len(refs) == len(ATTACKS) + len(SAMPLE)
    assert of_neighbours(results) == of_neighbours(grade_many(neighbours(tmp_path), RunConfig(depth=Depth.STATIC)))
    assert {one.status.value for one in results.submissions} == {"graded", "rejected", "ungradable"}
    assert here.sang(json_report.dumps(results)) == []


def test_reports_are_not_taken_over(graded: tuple[Canaries, Results, list[SubmissionRef]]) -> None:
    """Do names, reasons and lines with markup, formulas and escapes stay text in every report and on a terminal?"""
    here, results, refs = graded
    page = html_report.render(results, sources_of(results, refs))
    # The page's own script, which its policy allows by its digest, and no other.
    ours = pages.file_of("class.js")
    assert page.count(f"<script>{ours}</script>") == page.count("<script") == 1
    digest = base64.b64encode(hashlib.sha256(ours.encode()).digest()).decode()
    assert f"; script-src 'sha256-{digest}'; " in page
    assert not re.search(r"<img\b|<svg[^>]*onload|javascript:alert\(\d\)[\"']", page)
    assert "&lt;script&gt;alert(1)" in page
    screen = io.StringIO()
    terminal.print_class(Console(file=screen, force_terminal=False, width=200), results)
    painted = io.StringIO()
    terminal.print_class(Console(file=painted, force_terminal=True, width=200, color_system=None), results)
    texts = {
        "html": page,
        "csv": csv_report.dumps(results),
        "junit": junit_report.dumps(results),
        "sarif": sarif_report.dumps(results),
        "terminal": screen.getvalue(),
        "painted": re.sub(r"\x1b\[[0-9;]*m", "", painted.getvalue()),
    }
    for name, text in texts.items():
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text), name
    for row in csv.reader(io.StringIO(texts["csv"])):
        assert not any(cell.lstrip().startswith(("=", "@", "+")) for cell in row), row[:2]
    assert here.sang(*texts.values()) == []


@pytest.mark.engine
@pytest.mark.full
def test_neighbours_are_the_same_in_full(
    engine: Engine, toolchain: Toolchain, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Is it so in a class that is deployed and drilled, where attacks and neighbours share lanes and an engine?"""
    alone = grade_many(neighbours(tmp_path), RunConfig(jobs=2))
    with canaries(tmp_path_factory.mktemp("full") / "canaries") as here:
        attacks = {a.name: a for a in ATTACKS if a.name in IN_FULL}
        assert len(attacks) == len(IN_FULL)
        refs = [SubmissionRef(name, attack.write(here)) for name, attack in attacks.items()]
        results = grade_many(among(neighbours(tmp_path_factory.mktemp("again")), refs), RunConfig(jobs=2))
        assert of_neighbours(results) == of_neighbours(alone)
        found = {one.id: one.status.value for one in results.submissions if one.id in attacks}
        assert found == {name: attack.status for name, attack in attacks.items()}
        assert here.sang(json_report.dumps(results)) == []
