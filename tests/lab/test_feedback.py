"""`lab grade --feedback`: a page for each learner, the class page's links, and what earlier runs have left."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from .conftest import Ran

ROOT = Path(__file__).parents[2]


def test_pages_links_and_what_is_left(lab: Callable[..., Ran], tmp_path: Path) -> None:
    """Does each learner get a page that the class page links, and is the page of who has left the class named?"""
    submissions, pages = tmp_path / "class", tmp_path / "pages"
    for name in ("amy", "bob", "eve"):
        shutil.copytree(ROOT / "solutions" / "reference", submissions / name)

    def grade() -> Ran:
        html = tmp_path / "class.html"
        return lab("grade", str(submissions), "--depth", "static", "--feedback", str(pages), "--html", str(html))

    first = grade()
    assert first.code == 0
    written = sorted(pages.iterdir())
    assert [page.name.rpartition("-")[0] for page in written] == ["amy", "bob", "eve"]
    linked = set(re.findall(r'href="(pages/[^"#]+)', (tmp_path / "class.html").read_text()))
    assert linked == {f"pages/{page.name}" for page in written}
    assert "earlier runs" not in first.out

    shutil.rmtree(submissions / "amy")
    again = grade()
    assert again.code == 0
    assert f"from earlier runs: 1 page of learners who are not in this one ({written[0].name})." in again.out
    assert written[0].exists()
