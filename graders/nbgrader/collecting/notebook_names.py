"""Which of the files that somebody handed in are kept, and which is which of the assignment's notebooks.

Browsers, JupyterLab and platforms give a file another name on its way: ``01-kms-key (1).ipynb``, ``01-kms-key-Copy1.ipynb``,
``01-kms-key-1.ipynb``, or put it one directory deeper. Such a file gets the released name where no other has it; whatever else
is a notebook keeps its own. Of other files those are kept that a grading reads as text, the module's and its templates':
nothing that some program could take for more than data, and nothing that nbgrader believes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from graders.nbgrader import kept
from graders.nbgrader.copies import original
from lab_env.submission.limits import CACHE_DIRS, NBGRADERS_FILES, SKIPPED_DIRS
from lab_env.submission.model import TEXT_SUFFIXES

MAX_NOTEBOOKS = 100
"""That are taken of one submission; the assignment's own are always."""
_SUFFIX = ".ipynb"
_TEXTS = (".tf", ".tf.json", ".tfvars", ".md", *TEXT_SUFFIXES)


def named(paths: Iterable[str], released: Collection[str]) -> dict[str, str]:
    """The notebooks to keep.

    :param paths: of all files that were handed in, with forward slashes.
    :param released: the assignment's notebooks, such as ``01-kms-key.ipynb``.
    :return: the path by the name that it is kept under; the assignment's own are first.
    """
    notebooks = sorted(filter(_is_notebook, paths), key=lambda path: (path.count("/"), path))
    found = {name: path for path in reversed(notebooks) if (name := _own(path)) in released}
    found = dict(sorted(found.items()))
    stems = {name.removesuffix(_SUFFIX) for name in released}
    for path in notebooks:
        stem = original(_own(path).removesuffix(_SUFFIX), stems)
        if stem is not None and path not in found.values():
            found.setdefault(f"{stem}{_SUFFIX}", path)
    for path in notebooks:
        name = _own(path)
        if path in found.values() or not kept.is_notebook_name(name):
            continue
        if name in found:
            name = path.replace("/", "-")
        if name not in found and kept.is_notebook_name(name) and len(found) < MAX_NOTEBOOKS:
            found[name] = path
    return found


def is_text(path: str) -> bool:
    """Whether a file that is no notebook is kept, in its own place."""
    *above, name = path.split("/")
    plain = all(kept.is_plain(part) for part in (*above, name))
    # What nbgrader writes beside a submission and reads there: in a download the learner has written it.
    believed = name.casefold() in NBGRADERS_FILES
    return plain and name.endswith(_TEXTS) and not believed and not {*above} & (SKIPPED_DIRS | CACHE_DIRS)


def _is_notebook(path: str) -> bool:
    *above, name = path.split("/")
    return name.endswith(_SUFFIX) and not name.startswith(".") and not {*above} & (SKIPPED_DIRS | CACHE_DIRS)


def _own(path: str) -> str:
    return path.rpartition("/")[2]
