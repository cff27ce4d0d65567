"""The lab as root and as a user, with bubblewrap and without, under every LAB_SANDBOX, in a state directory of either kind.

:func:`expected` was written down first. What a learner deploys, launches and has checked works in every corner in which the
layers that are asked for can stand; where they cannot, one sentence says so and the next one what to do.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab_env.sandbox import SandboxLayer
from lab_env.settings import SandboxSetting
from tests.conftest import missing
from tests.lab_env.sandbox.conftest import standing

from .conftest import Place, Whose
from .started import CELLS

pytestmark = [pytest.mark.engine, pytest.mark.terraform, pytest.mark.longest]

PYTHON = Path(sys.base_prefix)
OTHERS_REACH_PYTHON = all(path.stat().st_mode & 0o005 == 0o005 for path in (PYTHON, *PYTHON.parents))
"""Whether Terraform, which is a library in Python, can be run as another user without bubblewrap's mounts: not in root's home."""


def refusal(corner: Corner) -> tuple[str, str]:
    """What is said, and the next step, where layers are required that cannot stand."""
    gone = "bubblewrap" if corner.whose == "user" or OTHERS_REACH_PYTHON else "user, bubblewrap"
    return (
        f"LAB_SANDBOX is required, and these layers do not stand: {gone}.",
        "Next: Install bubblewrap on Linux, or set LAB_SANDBOX to auto.",
    )


@dataclass(frozen=True)
class Corner:
    """Who starts the lab, on what.

    :param state: the mode of the directory in which the lab keeps its state; in one that is 0700 nobody but its owner can even
        reach what is deployed.
    """

    whose: Whose
    bwrap: bool
    state: int
    sandbox: SandboxSetting

    def __str__(self) -> str:
        return f"{self.whose}-{'bwrap' if self.bwrap else 'none'}-{self.state:04o}-{self.sandbox}"


def expected(corner: Corner) -> tuple[SandboxLayer, ...] | None:
    """The layers that a run has in this corner; None: it is refused, by :func:`refusal`."""
    layers: dict[tuple[Whose, bool], tuple[SandboxLayer, ...]] = {
        ("root", True): ("user", "bubblewrap", "network"),
        ("root", False): ("user", "network") if OTHERS_REACH_PYTHON else ("network",),
        ("user", True): ("bubblewrap", "network"),
        ("user", False): ("network",),
    }
    if corner.sandbox == "off":
        return ()
    if corner.sandbox == "required" and not corner.bwrap:
        return None
    return layers[corner.whose, corner.bwrap]


ALL = [
    Corner(whose, bwrap, state, sandbox)
    for whose, bwrap, state, sandbox in itertools.product(
        ("root", "user"), (True, False), (0o700, 0o755), ("auto", "off", "required")
    )
]
TELLING = {
    # Terraform could not reach the state directory as the user that its provider was.
    Corner("root", False, 0o700, "auto"): ("launch",),
    Corner("root", False, 0o755, "required"): ("check",),
    Corner("user", False, 0o700, "required"): ("launch",),
}
"""What is tried in every day's run; the rest is for `make test-full`."""


def launch(place: Place, corner: Corner) -> None:
    """`lab launch`: deploys, and starts the task twice, the second time without an apply."""
    for _ in range(2):
        ran = place.start("lab", "launch", "--dir", place.working_copy)
        if refused(corner, ran.code, ran.err):
            return
        assert (ran.code, ": started." in ran.out) == (0, True), ran
    (store,) = (one for one in (place.state / "deployments").iterdir() if one.is_dir())
    owners = {path.lstat().st_uid for path in (store, *store.rglob("*"))}
    assert owners == {place.state.stat().st_uid}, "something of the sandbox's user is kept"
    assert store.stat().st_mode & 0o077 == 0, "whoever may go through the state directory sees what is deployed"


def check(place: Place, corner: Corner) -> None:
    """`lab check --depth full`: full marks, behind the layers that the table promises."""
    ran = place.start("lab", "check", "--depth", "full", "--dir", place.working_copy)
    if refused(corner, ran.code, ran.err):
        return
    assert ran.code == 0, ran
    assert "100 of 100" in ran.out
    assert place.start("layers").out.split() == list(expected(corner) or ())


def demo(place: Place, corner: Corner) -> None:
    """`lab demo`: the sample class gets its marks, and nobody an error."""
    ran = place.start("lab", "demo", "--html", place.base / "report.html", "--json", place.base / "demo.json")
    if refused(corner, ran.code, ran.err):
        return
    assert ran.code in (0, 1), ran
    assert '"status": "error"' not in (place.base / "demo.json").read_text()
    assert layers_in((place.base / "demo.json").read_text()) == expected(corner)


def notebook(place: Place, corner: Corner) -> None:
    """A notebook: every cell works, from `%terraform apply` to a destroy and a second apply."""
    seen = place.cells()
    told = [line for one in seen for line in one["told"]]
    if refused(corner, 3 if told else 0, "\n".join(told)):
        return
    assert told == [], seen[-1]
    assert [one["cell"] for one in seen] == list(CELLS)


STEPS: dict[str, Callable[[Place, Corner], None]] = {
    "launch": launch,
    "check": check,
    "demo": demo,
    "notebook": notebook,
}


def refused(corner: Corner, code: int, said: str) -> bool:
    """Whether the corner is one of those that are refused; then it was, in the words of the table, and as nobody's mistake."""
    assert "Correct it" not in said, said
    if expected(corner) is not None:
        return False
    assert code == 3, said
    for words in refusal(corner):
        assert words in said
    return True


def layers_in(document: str) -> tuple[str, ...]:
    """The layers that a result file names, beside the gate and the plan's check, which always stand."""
    isolation = json.loads(document)["isolation"]
    return tuple(layer for layer in isolation if layer not in ("gate", "plan"))


@pytest.mark.parametrize(
    "corner", [pytest.param(one, id=str(one), marks=() if one in TELLING else pytest.mark.full) for one in ALL]
)
def test_what_a_learner_does(corner: Corner, place: Place) -> None:
    """In this corner: does it work, or is it refused in one sentence with the next step?"""
    for step in TELLING.get(corner, STEPS):
        STEPS[step](place, set_up(place, corner))


@pytest.mark.full
@pytest.mark.parametrize("corner", [pytest.param(one, id=str(one)) for one in TELLING])
def test_the_rest_of_a_telling_corner(corner: Corner, place: Place) -> None:
    """Does what is left out in every day's run work there, too?"""
    for step in STEPS.keys() - set(TELLING[corner]):
        STEPS[step](place, set_up(place, corner))


def set_up(place: Place, corner: Corner) -> Corner:
    """Make the place this corner's, on a machine that has what the table goes by."""
    place.state.chmod(corner.state)
    place.whose, place.bwrap = corner.whose, corner.bwrap
    place.more["LAB_SANDBOX"] = corner.sandbox
    if os.geteuid() != 0 and corner.whose == "root":
        missing("the tests are not run as root")
    wanted = {"bubblewrap", "network"} if corner.bwrap else {"network"}
    if corner.sandbox != "off" and not any(wanted <= set(one.layers) for one in standing()):
        missing(f"these layers do not stand here: {', '.join(sorted(wanted))}")
    return corner


def test_the_table_names_every_corner() -> None:
    """Are there twenty-four corners, of which four, without bubblewrap and with layers that are required, are refused?"""
    assert len(set(ALL)) == 24
    assert [one for one in ALL if expected(one) is None] == [
        one for one in ALL if one.sandbox == "required" and not one.bwrap
    ]
    assert set(TELLING) <= set(ALL)
