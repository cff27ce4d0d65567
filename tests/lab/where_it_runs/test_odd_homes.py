"""Homes, directories and masks that a container, a shared machine or a person brings: it works, or says what to set.

What each comes to was written down first: :data:`WORKS` has the odd places in which everything works, the refusals stand in
their tests.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Place

pytestmark = [pytest.mark.engine, pytest.mark.terraform, pytest.mark.longest]

NO_STATE = "Next: Set LAB_STATE_DIR to a directory that you may write to."
NO_CACHE = "Next: Set LAB_CACHE_DIR to a directory of yours."
LONG = Path(*("a-name-of-thirty-eight-letters-and-more",) * 5)
"""Longer than the 108 bytes that the path of a Unix socket may have."""


def not_writable(place: Place) -> None:
    """A home that its owner may read alone."""
    place.whose = "user"
    (place.base / "home").chmod(0o555)


def not_there(place: Place) -> None:
    """A home that nobody has made, where the user may make none either."""
    place.whose = "user"
    (place.base / "home").chmod(0o555)
    place.more["HOME"] = str(place.base / "home" / "nobody")


def no_directory(place: Place) -> None:
    """A home that is no directory, which stops root, too."""
    place.more["HOME"] = "/dev/null"


def nobodys(place: Place) -> None:
    """No HOME, and an id that no account of the machine has: `docker run --user`, where HOME was taken out."""
    place.whose = "user"
    place.more["HOME"] = None


HOMES = (not_writable, not_there, no_directory, nobodys)


@pytest.mark.parametrize("home", [pytest.param(one, marks=() if one is nobodys else pytest.mark.full) for one in HOMES])
def test_a_home_that_cannot_be_used(home: Callable[[Place], None], place: Place) -> None:
    """Is each of the two directories that are then needed asked for by its name, and nothing left in the current directory?"""
    home(place)
    place.more |= {"LAB_STATE_DIR": None, "LAB_CACHE_DIR": None}
    check, up = ("check", "--dir", place.working_copy), ("up",)
    for asked, directory, words in ((NO_CACHE, "cache", check), (NO_STATE, "state", up)):
        ran = place.start("lab", *words)
        assert (ran.code, ran.err.splitlines()[-1]) == (3, asked), ran
        assert "Correct it" not in ran.err
        assert "An error of the lab itself" not in ran.err
        place.more[f"LAB_{directory.upper()}_DIR"] = str(place.base / directory)
    assert place.start("lab", *up).code == 0
    assert list((place.base / "elsewhere").iterdir()) == []


@pytest.mark.full
@pytest.mark.parametrize("home", HOMES)
def test_such_a_home_with_directories_elsewhere(home: Callable[[Place], None], place: Place) -> None:
    """With the two named, does everything work?"""
    home(place)
    everything_works(place)


def everything_works(place: Place) -> None:
    """What a learner does in a terminal and in a notebook, in lanes and without."""
    for words in (["launch"], ["launch", "--plain"], ["check", "--depth", "full"]):
        ran = place.start("lab", *words, "--dir", place.working_copy)
        assert ran.code == 0, ran
        assert "Warm lanes are off" not in ran.err
    seen = place.cells()
    assert seen[-1]["told"] == [], seen[-1]


def letters(place: Place) -> None:
    """Spaces, quotation marks and letters of other alphabets, in a locale that has none of them."""
    home = place.base / "Zoë's «home» 家 ${x} %{y}"
    home.mkdir(mode=0o755)
    place.more |= {"HOME": str(home), "LAB_STATE_DIR": None, "LAB_CACHE_DIR": None, "LC_ALL": "C"}


def other_caches(place: Place) -> None:
    """The user's directories where freedesktop.org's variables say."""
    place.more |= {"LAB_STATE_DIR": None, "LAB_CACHE_DIR": None}
    place.more |= {"XDG_CACHE_HOME": str(place.base / "xdg cache"), "XDG_STATE_HOME": str(place.base / "xdg state")}


def long_state(place: Place) -> None:
    """A state directory, a cache and a temporary directory in which no Unix socket can be."""
    for name in ("state", "cache", "tmp"):
        (place.base / name / LONG).mkdir(parents=True)
    place.more |= {
        "LAB_STATE_DIR": str(place.base / "state" / LONG),
        "LAB_CACHE_DIR": str(place.base / "cache" / LONG),
        "TMPDIR": str(place.base / "tmp" / LONG),
    }
    (place.base / "tmp" / LONG).chmod(0o1777)


def closed_mask(place: Place) -> None:
    """A mask that closes whatever is made to everybody else."""
    place.umask = 0o077


def own_temporary(place: Place) -> None:
    """A temporary directory of the user's own, where nobody else gets: pam_tmpdir."""
    (place.base / "tmp").mkdir(mode=0o700)
    place.more["TMPDIR"] = str(place.base / "tmp")


WORKS = (letters, other_caches, long_state, closed_mask, own_temporary)


@pytest.mark.parametrize("whose", ["root", "user"])
@pytest.mark.parametrize("bwrap", [True, False], ids=["bwrap", "none"])
@pytest.mark.parametrize("odd", [pytest.param(one, id=one.__name__) for one in WORKS])
@pytest.mark.full
def test_odd_places(odd: Callable[[Place], None], bwrap: bool, whose: str, place: Place) -> None:
    """Does everything work there, for root and a user, with bubblewrap and without?"""
    place.bwrap, place.whose = bwrap, "root" if whose == "root" else "user"
    odd(place)
    everything_works(place)


def test_all_of_it_at_once(place: Place) -> None:
    """Every day: does root without bubblewrap launch, in a home with odd letters, with long directories and a closed mask?"""
    place.bwrap = False
    for odd in (letters, long_state, closed_mask):
        odd(place)
    ran = place.start("lab", "launch", "--dir", place.working_copy)
    assert ran.code == 0, ran
    assert "Warm lanes are off" not in ran.err


def test_where_the_users_directories_are(place: Place) -> None:
    """Do XDG_CACHE_HOME and XDG_STATE_HOME say where the lab keeps its things?"""
    other_caches(place)
    assert place.start("layers").code == 0
    assert place.start("lab", "up").code == 0
    assert list((place.base / "xdg cache" / "secrets-lab").glob("cli-*.tfrc"))
    assert list((place.base / "xdg state" / "secrets-lab").glob("engine-*.json"))
    assert list((place.base / "home").iterdir()) == []


@pytest.mark.full
def test_a_limit_on_memory(place: Place) -> None:
    """Where the user's own limit on memory leaves Terraform too little, is that said, and not laid to the module?"""
    assert place.start("lab", "up").code == 0  # what the limit is about is Terraform, not the engine
    place.before = ("prlimit", f"--as={3 * 2**29}", "--")
    ran = place.start("lab", "launch", "--plain", "--dir", place.working_copy)
    assert ran.code == 3, ran
    assert "this session's own limit is 1.5 GiB (ulimit -v)" in ran.err
    assert ran.err.splitlines()[-1].startswith("Next: Take the limit away with `ulimit -v unlimited`")
