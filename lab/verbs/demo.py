"""``lab demo``: a sample class of six, graded for real."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from lab import options
from lab_env.temporary import temporary_directory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab_env.submission import SubmissionRef

CLASS: Mapping[str, str] = {
    "amara-okafor": "reference",
    "bruno-keller": "ignore-changes-missing",
    "chiara-rossi": "all-secret-actions",
    "dmitri-volkov": "password-in-environment",
    "emi-tanaka": "hard-coded-alias",
    "farid-haddad": "starter",
}
"""Made-up students, and the case of the corpus that each hands in."""


def demo(
    html: options.Html = Path("report.html"),
    json: options.Json = None,
    csv: options.Csv = None,
    depth: options.Depth = options.DepthName.FULL,
    jobs: options.Jobs = None,
    engine: options.Engine = "embedded",
    plain: options.Plain = False,
) -> None:
    """Grade a sample class of six and write its report."""
    from graders.batch.run_config import RunConfig
    from graders.report import terminal
    from lab import running, screen
    from solutions.corpus import require_solutions

    require_solutions()
    reports = running.Reports(json=json, html=html, csv=csv)
    reports.check()
    with temporary_directory("demo") as directory:
        refs = sample_class(directory)
        results = running.grade(refs, RunConfig.of(depth=depth.value, engine=engine, jobs=jobs, plain=plain))
        reports.write(results, refs)
    console = screen.output()
    terminal.print_class(console, results)
    for path in (json, html, csv):
        if path is not None:
            console.print(f"Written: {path}", soft_wrap=True)
    raise typer.Exit(running.exit_code(results))


def sample_class(directory: Path) -> Sequence[SubmissionRef]:
    """Write the class's submissions below ``directory``."""
    from lab_env.submission import find_submissions
    from solutions.corpus import load_corpus, materialise

    corpus = load_corpus()
    handed_in = directory / "class"
    for student, case in CLASS.items():
        materialise(corpus[case], directory / "cases").rename(_made(handed_in) / student)
    return find_submissions(handed_in)


def _made(directory: Path) -> Path:
    directory.mkdir(exist_ok=True)
    return directory
