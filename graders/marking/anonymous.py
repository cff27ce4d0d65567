"""Anonymous marking: pseudonyms instead of ids, and a names file that leads back.

A pseudonym is a keyed digest (HMAC-SHA256) of the id; the random key lies in the names file. So pseudonyms are the same as long as
the file is kept, tell nothing without it, and sorting by them shuffles the class. The file is the one thing to keep from
whoever marks: it is written for its owner only.

Replaced is every place where an id stands in the results' texts. A name that a learner wrote into the module is not known to
be one and stays.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from graders.model import Adjustment, Evidence, RequirementResult, Results, SubmissionResult
from lab_env.errors import UsageError
from lab_env.files import write_output

_HEADER = ["pseudonym", "submission"]
_KEY = "(key)"
_PREFIX = "learner-"
_SHORTEST = 8  # hexadecimal digits; two learners that share them get more
_WORD = re.compile(r"[^\W_]+")
_NUMBERED = re.compile(r"(?P<who>.+)_\d+", re.DOTALL)
_SHORTEST_PART = 3  # characters of a part of an id that is replaced by itself
_WRONG = "Name the file that `--anonymous` wrote."


@dataclass(frozen=True)
class Names:
    """:param key: 64 hexadecimal digits. :param pseudonyms: by id."""

    key: str
    pseudonyms: Mapping[str, str]

    @property
    def ids(self) -> dict[str, str]:
        """The ids by pseudonym."""
        return {pseudonym: id_ for id_, pseudonym in self.pseudonyms.items()}

    def with_ids(self, ids: Iterable[str]) -> Names:
        """These names and one for every new id; nobody's changes."""
        known = dict(self.pseudonyms)
        taken = set(known.values())
        for id_ in sorted(set(ids) - set(known)):
            digits = hmac.new(bytes.fromhex(self.key), id_.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
            lengths = range(_SHORTEST, len(digits) + 1)
            known[id_] = next(name for n in lengths if (name := f"{_PREFIX}{digits[:n]}") not in taken)
            taken.add(known[id_])
        return Names(self.key, known)


def anonymise(results: Results, names_file: Path) -> Results:
    """The results with pseudonyms, in their order. The names file is made, or used again and added to.

    :raises UsageError: the names file is none, or cannot be written.
    """
    known = read_names(names_file) if names_file.exists() else Names(secrets.token_hex(32), {})
    names = known.with_ids(one.id for one in results.submissions)
    write_names(names, names_file)
    return replaced(results, names.pseudonyms)


def restore(results: Results, names: Names) -> Results:
    """Anonymised results with their ids again, in the ids' order.

    :raises UsageError: a submission is not in the names file.
    """
    ids = names.ids
    unknown = [one.id for one in results.submissions if one.id not in ids]
    if unknown:
        raise UsageError(
            f"The names file knows no {unknown[0]}.", next_step="Name the file that was written with these results."
        )
    return replaced(results, ids)


def replaced(results: Results, new: Mapping[str, str]) -> Results:
    """Pure: every submission's id and every place where one stands, in the order of the new ids.

    :param new: the new ids by the old ones.
    """
    text = _Replacer(new)
    submissions = sorted((_submission(one, new[one.id], text) for one in results.submissions), key=lambda one: one.id)
    policy = results.policy
    if policy is not None:
        policy = policy.model_copy(update={"lines": tuple(text(line) for line in policy.lines)})
    return results.model_copy(update={"submissions": tuple(submissions), "policy": policy})


def read_names(path: Path) -> Names:
    """Read a names file.

    :raises UsageError: it is not there or no names file.
    """
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""), strict=True))
    except OSError as error:
        raise UsageError(f"Cannot read {path}: {error.strerror}.", next_step=_WRONG) from None
    except (UnicodeDecodeError, csv.Error):
        raise UsageError(f"{path} is no names file.", next_step=_WRONG) from None
    if len(rows) < 2 or rows[0] != _HEADER or any(len(row) != 2 for row in rows) or rows[1][0] != _KEY:
        raise UsageError(f"{path} is no names file.", next_step=_WRONG)
    key, names = rows[1][1], rows[2:]
    if re.fullmatch(r"[0-9a-f]{64}", key) is None:
        raise UsageError(f"The key of {path} is damaged.", next_step=_WRONG)
    pseudonyms = {id_: pseudonym for pseudonym, id_ in names}
    if len(pseudonyms) < len(names) or len(set(pseudonyms.values())) < len(names):
        raise UsageError(f"{path} names somebody twice.", next_step=_WRONG)
    return Names(key, pseudonyms)


def write_names(names: Names, path: Path) -> None:
    """Write a names file, whole or not at all, readable for its owner only. Ids stand as they are: they must lead back.

    :raises UsageError: it cannot be written.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(_HEADER)
    writer.writerow([_KEY, names.key])
    writer.writerows(sorted((pseudonym, id_) for id_, pseudonym in names.pseudonyms.items()))
    # Never anything else: the names are not readable even for a moment.
    write_output(path, stream.getvalue(), mode=0o600)


class _Replacer:
    """Replaces whole ids in a text, whatever their case, and the parts that tell who it is (``mia`` of ``mia/extra``).

    Ids are looked up by the first word in them, so that a text costs the same for ten learners as for a thousand.
    """

    def __init__(self, new: Mapping[str, str]) -> None:
        names = {part: name for id_, name in new.items() for part in _parts(id_)} | dict(new)
        names |= {
            unicodedata.normalize(form, word): name for word, name in tuple(names.items()) for form in ("NFC", "NFD")
        }
        self._by_word: dict[str, list[tuple[str, int, str]]] = {}
        self._wordless: list[tuple[str, str]] = []
        self._done: dict[str, str] = {}  # a class says the same sentences over and over
        for id_, name in sorted(names.items(), key=lambda item: (-len(item[0]), item[0])):
            if (word := _WORD.search(id_)) is not None:
                self._by_word.setdefault(word[0].casefold(), []).append((id_, word.start(), name))
            elif id_:
                self._wordless.append((id_, name))

    def __call__(self, text: str) -> str:
        if text not in self._done:
            self._done[text] = self._replace(text)
        return self._done[text]

    def _replace(self, text: str) -> str:
        pieces: list[str] = []
        done = 0
        for word in _WORD.finditer(text):
            for id_, before, name in self._by_word.get(word[0].casefold(), ()):
                start, end = word.start() - before, word.start() - before + len(id_)
                if start >= done and text[start:end].casefold() == id_.casefold() and _whole(text, start, end):
                    pieces += [text[done:start], name]
                    done = end
                    break
        replaced = "".join([*pieces, text[done:]])
        for id_, name in self._wordless:
            replaced = replaced.replace(id_, name)
        return replaced


def _whole(text: str, start: int, end: int) -> bool:
    """Whether what stands there is no part of a longer word."""
    return not any(0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum() for at in (start, end))


def _parts(id_: str) -> list[str]:
    """What stands for the learner in an id of nbgrader (``student/assignment``), Canvas or Moodle (``name_number``)."""
    match = _NUMBERED.fullmatch(id_)
    parts = [id_.partition("/")[0], *([match["who"]] if match else [])]
    return [part for part in parts if len(part) >= _SHORTEST_PART]


def _submission(one: SubmissionResult, id_: str, text: Callable[[str], str]) -> SubmissionResult:
    return one.model_copy(
        update={
            "id": id_,
            "reason": None if one.reason is None else text(one.reason),
            "notes": tuple(text(note) for note in one.notes),
            "adjustments": tuple(_adjustment(adjustment, text) for adjustment in one.adjustments),
            "requirements": tuple(_row(row, text) for row in one.requirements),
        }
    )


def _adjustment(adjustment: Adjustment, text: Callable[[str], str]) -> Adjustment:
    return adjustment.model_copy(update={"reason": text(adjustment.reason)})


def _row(row: RequirementResult, text: Callable[[str], str]) -> RequirementResult:
    # Ids, titles and hints are the rubric's own words.
    fields = {name: text(getattr(row, name)) for name in ("observed", "expected", "message", "detail")}
    advice = row.advice
    if advice is not None:
        line = None if advice.line is None else text(advice.line)
        advice = advice.model_copy(update={"means": text(advice.means), "line": line})
    return row.model_copy(
        update={**fields, "advice": advice, "evidence": tuple(_evidence(seen, text) for seen in row.evidence)}
    )


def _evidence(seen: Evidence, text: Callable[[str], str]) -> Evidence:
    texts = {"detail": seen.detail, "path": seen.path, "address": seen.address}
    return seen.model_copy(update={name: text(value) for name, value in texts.items() if value is not None})
