"""The README where there is no repository around it, as on a package index: are its links whole, and do they lead somewhere?"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
REPOSITORY = str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Repository"])
_LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")


def links(text: str) -> list[tuple[bool, str]]:
    """Of a page in Markdown, outside code: whether it is an image, and where it leads; also those in HTML."""
    prose = re.sub(r"(?ms)^```.*?^```|`[^`\n]*`", "", text)
    found = [(bool(mark), target) for mark, target in _LINK.findall(prose)]
    found += [(False, target) for target in re.findall(r"(?m)^\s*\[[^\]]+\]:\s*(\S+)", prose)]
    return found + [(tag == "src", target) for tag, target in re.findall(r"""\b(src|href)=["']([^"']+)""", prose)]


def anchors(path: Path) -> set[str]:
    """The headings of a page as its repository's site names them."""
    heads = re.findall(r"(?m)^#+ (.+)$", re.sub(r"(?ms)^```.*?^```", "", path.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


def test_no_link_needs_the_repository_around_it() -> None:
    """Is every link and every image an address?"""
    assert len(links(README)) > 15
    assert [target for _, target in links(README) if not target.startswith("https://")] == []
    assert [target for _, target in links("[a](docs/x.md) ![b](c.png) <img src='d.png'>\n[e]: f.md\n")] == [
        "docs/x.md",
        "c.png",
        "f.md",
        "d.png",
    ]


@pytest.mark.parametrize(("image", "target"), [one for one in links(README) if one[1].startswith(REPOSITORY)])
def test_what_is_linked_to_is_there(image: bool, target: str) -> None:
    """Does each address in this repository name a file, a heading that is in it, and an image as itself and not as a page?"""
    kind, branch, rest = target.removeprefix(f"{REPOSITORY}/").split("/", 2)
    path, _, anchor = unquote(rest).partition("#")
    assert (kind, branch) == ("raw" if image else "blob", "main")
    assert (ROOT / path).is_file()
    assert not anchor or anchor in anchors(ROOT / path)


def test_most_links_lead_to_this_repository() -> None:
    """Is none of them another repository's by a slip: does whoever moves it change one address?"""
    hosts = {
        "/".join(target.split("/")[3:5]) for _, target in links(README) if target.startswith("https://github.com/")
    }
    assert hosts == {"/".join(REPOSITORY.split("/")[3:5]), "containers/bubblewrap"}
