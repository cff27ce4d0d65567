"""Packages of requirements as an installer leaves them in a directory: installed, or edited where they lie."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

VERSION = "1.0.0"
REQUIREMENT = '''
from graders.model import Evidence, Layer, Outcome, Status
from graders.rubric.requirement import requirement


@requirement("house.{name}", points=5, layer=Layer.HCL, hints=("a", "b", "c"))
def check(facts):
    """No cell speaks of fish."""
    told = any(b"fish" in file.data for file in facts.submission.ignored)
    seen = (Evidence(kind="hcl", detail="the submission"),)
    status = Status.FAIL if told else Status.PASS
    return Outcome(status=status, observed="seen", expected="no fish", message="Take it out.", evidence=seen)
'''


def install(
    site: Path, name: str, files: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, *, source: Path | None = None
) -> None:
    """Install a package whose entry point is the first of ``files``.

    :param name: another for each test: what was loaded once is kept.
    :param source: where the files lie when the installation only points there.
    """
    info = site / f"{name}-{VERSION}.dist-info"
    info.mkdir(parents=True)
    module = next(iter(files)).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    for path, text in files.items():
        place = (source or site) / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    tops = sorted({path.partition("/")[0].removesuffix(".py") for path in files if path.endswith(".py")})
    listed = list(files) if source is None else [f"__editable__.{name}.pth"]
    if source is not None:
        (site / listed[0]).write_text(f"{source}\n", encoding="utf-8")
        monkeypatch.syspath_prepend(source)
    texts = {
        "METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {VERSION}\n",
        "entry_points.txt": f"[secrets_lab.requirements]\nrules = {module}\n",
        "top_level.txt": "".join(f"{top}\n" for top in tops),
        "INSTALLER": f"{site}\n",
        "RECORD": "".join(f"{path},,\n" for path in (*listed, f"{info.name}/METADATA", f"{info.name}/INSTALLER")),
    }
    for file, text in texts.items():
        (info / file).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(site)
