"""A class of twelve, six of whom have handed in what costs a careless reader most: one of each kind that is read."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from solutions.corpus import load_corpus, materialise
from solutions.hostile.built import BUILT

OTHERS = ("reference", "inline-policy-block", "heredocs", "alias-misspelt", "all-key-actions", "starter")
WORST = ("tar-header-of-hours", "dots-in-a-readme", "passwords-in-a-log", "values-in-json", "notebook-nested")
NOT_UTF_8 = b"0-caf\xe9"
"""A directory's name, which macOS does not have."""


def write_class(directory: Path, *, worst: bool, right: int = 0) -> tuple[str, ...]:
    """Write the class into an empty directory; the worst stand before, between and behind the others.

    :param worst: False: the others alone.
    :param right: so many right ones more, as in a class of the same size in which nobody means harm.
    :return: the others' ids.
    """
    corpus = load_corpus()
    others = []
    for index, name in enumerate(OTHERS):
        made = materialise(corpus[name], directory / f".{name}")
        others.append(made.rename(directory / f"{index}-other").name)
        made.parent.rmdir()
    if worst:
        built = {attack.name: attack for attack in BUILT}
        for index, name in enumerate(WORST):
            place = directory / f".{name}"
            place.mkdir()
            handed = built[name].make(place)
            suffix = "".join(handed.suffixes)
            if handed.is_file() and suffix == ".ipynb":
                # A notebook is one of several: a student's directory.
                (directory / f"{index}-a-worst").mkdir()
                handed.rename(directory / f"{index}-a-worst" / handed.name)
            else:
                handed.rename(directory / f"{index}-a-worst{suffix}")
            place.rmdir()
        if sys.platform != "darwin":
            made = materialise(corpus["reference"], directory / ".named")
            os.rename(os.fsencode(made), os.fsencode(directory) + b"/" + NOT_UTF_8)  # noqa: PTH104 - bytes are no Path
            made.parent.rmdir()
    for index in range(right):
        made = materialise(corpus["reference"], directory / ".right")
        made.rename(directory / f"{index}-right")
        made.parent.rmdir()
    return tuple(others)
