"""Which of the files that somebody handed in is which of the assignment's notebooks."""

from __future__ import annotations

import pytest

from graders.nbgrader.collecting.notebook_names import MAX_NOTEBOOKS, named

RELEASED = frozenset({"01-kms-key.ipynb", "02-shell-secret.ipynb"})


@pytest.mark.parametrize(
    "path",
    [
        "01-kms-key.ipynb",
        "01-kms-key (1).ipynb",
        "01-kms-key(2).ipynb",
        "01-kms-key-1.ipynb",
        "01-kms-key-Copy1.ipynb",
        "01-kms-key - Copy.ipynb",
        "01-kms-key copy 2.ipynb",
        "Copy of 01-kms-key.ipynb",
        "Kopie von 01-kms-key (2).ipynb",
        "01-kms-key_1.ipynb",
        "01-kms-key-Kopie.ipynb",
        "01-kms-key - Copy (2).ipynb",
        "my work/secrets/01-kms-key.ipynb",
        "my work/01-kms-key (3).ipynb",
    ],
)
def test_a_name_that_was_changed_on_the_way(path: str) -> None:
    """Does a notebook that a browser, a platform or a directory gave another name get its own back?"""
    assert named([path, "README.md"], RELEASED) == {"01-kms-key.ipynb": path}


def test_the_real_one_before_its_copy_and_the_near_before_the_far() -> None:
    """Does a copy beside the notebook keep its own name, and one in a directory below get one of its own?"""
    paths = [
        "b/01-kms-key.ipynb",
        "01-kms-key.ipynb",
        "01-kms-key-Copy1.ipynb",
        "02-shell-secret-1.ipynb",
        "mine.ipynb",
    ]
    assert named(paths, RELEASED) == {
        "01-kms-key.ipynb": "01-kms-key.ipynb",
        "02-shell-secret.ipynb": "02-shell-secret-1.ipynb",
        "01-kms-key-Copy1.ipynb": "01-kms-key-Copy1.ipynb",
        "mine.ipynb": "mine.ipynb",
        "b-01-kms-key.ipynb": "b/01-kms-key.ipynb",
    }


def test_what_is_no_notebook_of_somebodys() -> None:
    """Are checkpoints, hidden files, odd names and what is past the limit no notebooks?"""
    odd = [".ipynb_checkpoints/01-kms-key.ipynb", "._01-kms-key.ipynb", "*.ipynb", "-x.ipynb", "a.txt"]
    assert named(odd, RELEASED) == {}
    many = [f"n{number}.ipynb" for number in range(2 * MAX_NOTEBOOKS)]
    found = named(["z/01-kms-key.ipynb", *many], RELEASED)
    assert (len(found), found["01-kms-key.ipynb"]) == (MAX_NOTEBOOKS, "z/01-kms-key.ipynb")
