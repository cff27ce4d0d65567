"""``%diagram``: what the pictures say, of deployments that are whole, partial and hostile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lab.drills.diagrams import DIAGRAMS, diagram_card, scene_of
from lab.drills.live import NothingDeployedError
from lab.drills.pictures import WIDTH
from lab.drills.rotation import rotate
from lab.output.cards import Card, Drawing
from lab_env.engine import sessions
from lab_env.errors import UsageError
from tests.lab.drills.conftest import DrillBench

pytestmark = [pytest.mark.engine, pytest.mark.terraform]

SVG = "{http://www.w3.org/2000/svg}"


def _drawing(card: Card) -> Drawing:
    (block,) = card.blocks
    assert isinstance(block, Drawing)
    return block


def _root(card: Card) -> ElementTree.Element:
    return ElementTree.fromstring(_drawing(card).svg)  # noqa: S314 - made by us


@pytest.mark.parametrize("which", list(DIAGRAMS))
def test_a_picture_says_in_words_what_it_shows(reference: DrillBench, which: str) -> None:
    """Is each picture well formed, named and described for those who do not see it, and told in text?"""
    card = diagram_card(reference.look(), which)
    root = _root(card)
    named = dict(zip(("title", "desc"), str(root.get("aria-labelledby")).split(), strict=True))
    for tag, id in named.items():
        element = root.find(f"{SVG}{tag}")
        assert element is not None
        assert element.get("id") == id
        assert element.text
    assert root.get("role") == "img"
    assert str(root.get("viewBox")).split()[2] == str(WIDTH)
    for line in _drawing(card).plain:
        assert line in card.plain


@pytest.mark.parametrize("which", list(DIAGRAMS))
def test_nothing_leaves_the_picture(reference: DrillBench, which: str) -> None:
    """Do all shapes lie inside the picture's edges?"""
    root = _root(diagram_card(reference.look(), which))
    height = float(str(root.get("viewBox")).split()[3])
    for rect in root.iter(f"{SVG}rect"):
        x, y, w, h = (float(str(rect.get(name))) for name in ("x", "y", "width", "height"))
        assert x >= 0
        assert y >= 0
        assert x + w <= WIDTH
        assert y + h <= height
    for text in root.iter(f"{SVG}text"):
        assert 0 <= float(str(text.get("x"))) <= WIDTH
        assert 0 <= float(str(text.get("y"))) <= height


@pytest.mark.parametrize("which", list(DIAGRAMS))
def test_a_picture_asks_nobody(reference: DrillBench, which: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the scene was read, is each picture drawn without a call, the same as before?"""
    scene = scene_of(reference.look())
    _, _, picture = DIAGRAMS[which]
    before = picture(scene)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a picture makes a call")

    monkeypatch.setattr(sessions, "client", refuse)
    assert picture(scene) == before


def test_the_envelope_is_that_of_the_learners_key(reference: DrillBench) -> None:
    """Does it name the key, its rotation and the secret that are really there?"""
    live = reference.look()
    text = diagram_card(live, "envelope").plain
    assert live.key is not None
    assert live.key.key_id in text
    assert "alias/app-secrets-dev" in text
    assert "rotation on" in text
    assert "dev-database-credentials" in text


def test_the_road_shows_the_gate_that_is_shut(make_bench: Callable[[Path], DrillBench], tmp_path: Path) -> None:
    """Without kms:Decrypt, is that gate the one that is denied, and no other?"""
    bench = make_bench(tmp_path)
    bench.write("decrypt-right-missing")
    bench.deploy()
    lines = [line for line in diagram_card(bench.look(), "road").plain.split("\n") if line.startswith("Then ")]
    assert [("denied" in line, "allowed" in line) for line in lines] == [
        (False, True),
        (False, True),
        (True, False),
        (False, False),
    ]


def test_a_right_that_nobody_should_have(make_bench: Callable[[Path], DrillBench], tmp_path: Path) -> None:
    """Does the matrix show a second role that may read, marked as more than a plain yes?"""
    bench = make_bench(tmp_path)
    bench.write("task-role-reads-too")
    bench.deploy()
    card = diagram_card(bench.look(), "permissions")
    (line,) = [line for line in card.plain.split("\n") if line.startswith("role ")]
    assert "read the secret: yes!" in line
    assert "overwrite it: no" in line


def test_labels_over_time(make_bench: Callable[[Path], DrillBench], tmp_path: Path) -> None:
    """After two rotations, does the picture show the labels wander and Terraform's version lose its last one?"""
    bench = make_bench(tmp_path)
    bench.write("reference")
    bench.deploy()
    (tracked,) = bench.look().tracked
    written = [rotate(bench.look()).written for _ in range(2)]
    lines = diagram_card(bench.look(), "versions").plain.split("\n")
    assert f"Version {tracked} is the one in Terraform's state." in lines
    assert "has no label" in lines[-2]
    assert f"{written[1][:8]}… AWSCURRENT" in lines[-1]
    assert "deleted" in lines[-1]


def test_many_rotations_stay_readable(make_bench: Callable[[Path], DrillBench], tmp_path: Path) -> None:
    """After a dozen rotations, are the newest versions shown beside Terraform's, and the rest counted?"""
    bench = make_bench(tmp_path)
    bench.write("reference")
    bench.deploy()
    for _ in range(12):
        rotate(bench.look())
    card = diagram_card(bench.look(), "versions")
    assert "10 older versions are not shown." in card.plain
    assert "in Terraform's state" in card.plain
    assert float(str(_root(card).get("viewBox")).split()[3]) < 600


def test_a_part_of_the_module(reference: DrillBench) -> None:
    """With only a key deployed, do envelope and road show what is missing, and the others say so in a sentence?"""
    live = reference.look()
    deployed = live.deployed.model_copy(update={"secrets": (), "tasks": (), "roles": ()})
    part = replace(live, deployed=deployed, tracked=frozenset())
    assert "no secret is deployed yet" in diagram_card(part, "envelope").plain
    assert diagram_card(part, "road").plain.count("not deployed yet") == 4
    assert "lab-missing" in _drawing(diagram_card(part, "road")).svg
    for which in ("permissions", "versions"):
        with pytest.raises(NothingDeployedError, match="No secret named dev-database-credentials"):
            diagram_card(part, which)


def test_hostile_names_are_text(reference: DrillBench) -> None:
    """Are names that are markup or steer the reading direction shown as text in every picture?"""
    evil = '</text><script>alert(1)</script>"\u202e'
    live = reference.look()
    found = live.deployed
    container = {**found.tasks[0].containers[0], "name": evil}
    deployed = found.model_copy(
        update={
            "tasks": (found.tasks[0].model_copy(update={"containers": (container,), "family": evil}),),
            "roles": (replace(found.roles[0], name=evil),),
            "aliases": (found.aliases[0].model_copy(update={"name": evil}),),
        }
    )
    for which in DIAGRAMS:
        bundle = diagram_card(replace(live, deployed=deployed), which)._repr_mimebundle_()
        assert "<script" not in bundle["text/html"]
        assert "\u202e" not in bundle["text/html"] + bundle["text/plain"]


def test_an_unknown_picture(reference: DrillBench) -> None:
    """Is a name that is none refused with those there are?"""
    with pytest.raises(UsageError, match="envelope, road, permissions, versions"):
        diagram_card(reference.look(), "keys")
