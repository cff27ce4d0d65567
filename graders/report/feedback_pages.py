"""A page a learner, for giving back: that learner's own verdicts and nothing about anybody else."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from graders.model import Results, SubmissionResult
from graders.report import cards, pages
from graders.report.depths import shallow
from graders.report.sources import Quotes, Sources
from lab_env.errors import UsageError
from lab_env.files import PRIVATE, PRIVATE_DIRECTORY, write_output

_LONGEST = 40  # characters of the part of a file name that people read
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*-[0-9a-f]{12}(-[0-9]+)?\.html")


def write_feedback(results: Results, directory: Path, sources: Sources | None = None) -> tuple[Path, ...]:
    """Writes one page a submission into ``directory``, which is made when it is missing.

    A page that stands there under the same name is replaced, whole or not at all; nothing else there is touched.

    :param sources: the learners' lines that the evidence names.
    :returns: the files, one a submission, in the results' order.
    :raises UsageError: the directory cannot be made or written to.
    """
    try:
        directory.mkdir(mode=PRIVATE_DIRECTORY, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"Cannot make the directory {directory}: {error.strerror}.",
            next_step="Name a directory, or a new one inside a directory that exists.",
        ) from error
    written = tuple(directory / name for name in file_names(one.id for one in results.submissions))
    for path, submission in zip(written, results.submissions, strict=True):
        write_output(path, render_feedback(results, submission, sources), mode=PRIVATE)
    return written


def pages_of_others(results: Results, directory: Path) -> tuple[Path, ...]:
    """Learners' pages in ``directory`` that are nobody's in these results, by their names: what earlier runs have left there.

    They stay, since an earlier run may have been of another part of the class; whoever gives the directory away should know.
    """
    own = set(file_names(one.id for one in results.submissions))
    return tuple(
        path for path in sorted(directory.iterdir()) if _NAME.fullmatch(path.name) is not None and path.name not in own
    )


def render_feedback(results: Results, submission: SubmissionResult, sources: Sources | None = None) -> str:
    """The page's text.

    What is meant for the instructor is left out. Of the grading policy only its name is shown: its sentences may name
    others, and what it changed for this learner stands in the points and adjustments.
    """
    quotes = (sources or {}).get(submission.id, Quotes())
    section = cards.section(1, submission, quotes, depth=shallow(results))
    return pages.fill("learner.html.j2", styles=("page.css",), results=results, sections=[section], instructor=False)


def file_names(ids: Iterable[str]) -> list[str]:
    """A name for each id, safe on every file system and the same every time.

    What people can read comes first; a digest of the whole id tells apart what is left of ids that differ only in
    case or in signs. An id that comes twice gets a number.
    """
    names: list[str] = []
    seen: Counter[str] = Counter()
    for id_ in ids:
        plain = unicodedata.normalize("NFKD", id_).encode("ascii", "ignore").decode().lower()
        readable = re.sub("[^a-z0-9]+", "-", plain)[:_LONGEST].strip("-") or "learner"
        stem = f"{readable}-{sha256(id_.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"
        seen[stem] += 1
        names.append(f"{stem}.html" if seen[stem] == 1 else f"{stem}-{seen[stem]}.html")
    return names
