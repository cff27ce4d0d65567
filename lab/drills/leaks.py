"""Looks for credentials and for planted values wherever a learner's work may have left them.

Planted values are kept in this process's memory only, in the forms they may be written in.
"""

from __future__ import annotations

import hashlib
import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lab.drills import leak_advice, leak_places
from lab.drills.leak_places import Artifact, Found, Kind, Unread
from lab.output.cards import Block, Card, Cell, Lines, Mark, Table

if TYPE_CHECKING:
    from lab.drills.rotation import Rotation

_MOST = 40
_KINDS = {
    "file": "file",
    "state": "state file",
    "plan": "saved plan",
    "notebook": "notebook",
    "output": "notebook output",
    "history": "Git history",
}
_NEXT: dict[Kind, str] = {
    "plan": "Delete the plan file, and find what reads the value into it.",
    "notebook": "Clear the cell that holds it, and save the notebook.",
    "output": "Clear the cell's output, and save the notebook. Never print a value.",
    "history": "Rotate the value now: taking it out of the newest commit does not take it out of the history.",
}


@dataclass(frozen=True)
class Canary:
    """One planted value, without showing it.

    :param name: where it was planted, for people.
    :param digest: the first digits of its SHA-256, to tell canaries apart.
    """

    name: str
    digest: str
    forms: tuple[tuple[str, bytes], ...] = field(repr=False)

    def find(self, data: bytes) -> list[tuple[int, str]]:
        """Find where it is, as ``(offset, form)``: the first time in each form, a place once."""
        found: dict[int, str] = {}
        for name, form in self.forms:
            offset = data.find(form)
            if offset >= 0:
                found.setdefault(offset, name)
        return sorted(found.items())

    def stands_in(self, text: str) -> bool:
        return bool(self.find(text.encode("utf-8", "surrogatepass")))


def canary_of(name: str, value: str) -> Canary:
    """Make a canary of this value."""
    from graders.evidence.leak_scan import encodings

    digest = hashlib.sha256(value.encode()).hexdigest()[:8]
    return Canary(name, digest, tuple(encodings(value).items()))


@dataclass
class Nest:
    """The canaries of this kernel."""

    canaries: list[Canary] = field(default_factory=list)

    def add(self, canary: Canary) -> None:
        self.canaries.append(canary)


@dataclass(frozen=True)
class Hit:
    """A leak, without its value.

    :param line: 1-based; in a notebook's output the output's own line.
    :param what: what kind of value, and for a planted one in which form.
    :param commit: the commit that brought it in, for the history.
    :param change: the line that the commit wrote, with the value hidden.
    :param origin: for a state, what holds the value there: ``output x``, ``data.type.name`` or a resource's address.
    """

    kind: Kind
    shown: str
    line: int
    what: str
    planted: bool
    commit: str = ""
    change: str = ""
    origin: str = ""

    @property
    def where(self) -> str:
        """``modules/secrets/secret.tf:12``."""
        return f"{self.shown}:{self.line}"

    @property
    def next_step(self) -> str:
        """What to do about it, by what put it there."""
        if self.kind == "file":
            return leak_advice.of_file(self.shown, self.what)
        if self.kind == "state":
            return leak_advice.of_state(self.origin)
        return _NEXT[self.kind]


@dataclass(frozen=True)
class Scan:
    """What was looked at and what was found.

    :param looked: number of places by kind.
    """

    hits: tuple[Hit, ...]
    looked: dict[Kind, int]
    unread: tuple[Unread, ...]
    canaries: tuple[Canary, ...]


def scan(places: Iterable[Found], canaries: Sequence[Canary], *, repository: Path | None = None) -> Scan:
    """Look into every place.

    :param repository: a directory of the Git repository, for the names of commits.
    """
    hits: list[Hit] = []
    looked: dict[Kind, int] = {}
    unread: list[Unread] = []
    for place in places:
        if isinstance(place, Unread):
            unread.append(place)
            continue
        # A plan has several parts, and its main one stands for it.
        counts = place.kind != "plan" or place.shown.endswith("/tfplan")
        looked[place.kind] = looked.get(place.kind, 0) + int(counts)
        hits += _hits(place, canaries)
    return Scan(tuple(_named(_once(hits), repository)), looked, tuple(unread), tuple(canaries))


def module_hits(files: Path) -> tuple[Hit, ...] | None:
    """Find what the grader's own ``secret.no_plaintext`` finds in a module's files; None when it cannot read them as one."""
    hits, whole = _by_rubric(files)
    return hits if whole else None


def _by_rubric(files: Path) -> tuple[tuple[Hit, ...], bool]:
    """Find what ``secret.no_plaintext`` finds in what can be read as HCL, and whether that was all.

    It knows HCL: a value that goes through locals, functions and defaults before it lands in a password.
    """
    from graders import gate
    from graders.evidence.facts import Facts
    from graders.model import Depth
    from graders.rubric.requirement import Blocked
    from graders.rubric.steps.plaintext import no_plaintext
    from lab_env.errors import LabError
    from lab_env.submission import load_submission

    try:
        submission = load_submission(files)
        report = gate.check(submission)
        outcome = no_plaintext.check(Facts(submission=submission, depth=Depth.STATIC, gate=report))
    except Blocked:  # no resource yet, and nothing found in what there is
        return (), report.accepted
    except LabError:
        return (), False
    if outcome.status.value == "pass":
        return (), report.accepted
    return tuple(
        Hit("file", e.path or "", e.line or 1, e.detail, planted=False) for e in outcome.evidence
    ), report.accepted


def workspace_scan(
    files: Path, root: Path, deployment: Path | None, canaries: Sequence[Canary], *, with_history: bool = True
) -> Scan:
    """Scan everything around the learner's module: its files, state and plans, the notebooks beside it, the Git history.

    :param files: the module's files; ``root`` the notebooks' directory; ``deployment`` where Terraform ran.
    """
    by_rubric = module_hits(files)
    own: Iterator[Found] = (
        # The grader's reading stands for the rules; what was planted is looked for all the same.
        replace(place, ruled=by_rubric is None) if isinstance(place, Artifact) else place
        for place in leak_places.files(files)
    )
    places = [*own, *leak_places.deployment(deployment), *leak_places.notebooks(root)]
    if with_history:
        places += leak_places.history(root)
    found = scan(places, canaries, repository=root)
    older = _of_old_configurations(root, found.hits) if with_history else ()
    return replace(found, hits=(*(by_rubric or ()), *found.hits, *older))


def directory_scan(directory: Path, canaries: Sequence[Canary]) -> Scan:
    """Scan any other directory: its files and its Git history. What is HCL in it is read as the grader reads it, too."""
    places = [*leak_places.files(directory), *leak_places.history(directory)]
    found = scan(places, canaries, repository=directory)
    known = {hit.where for hit in found.hits if hit.kind != "history"}
    more = {hit.where: hit for hit in reversed(_by_rubric(directory)[0]) if hit.shown.endswith(".tf")}
    read = [hit for hit in more.values() if hit.where not in known]
    return replace(found, hits=(*reversed(read), *found.hits, *_of_old_configurations(directory, found.hits)))


def _of_old_configurations(directory: Path, known: Sequence[Hit]) -> tuple[Hit, ...]:
    """Find what the grader's own rules find in the Terraform files of each commit, and the text's rules did not."""
    told = {(hit.shown, hit.change) for hit in known if hit.kind == "history"}
    hits: list[Hit] = []
    for files in leak_places.old_configurations(directory):
        with tempfile.TemporaryDirectory(prefix="lab-leaks-") as name:
            for path, (_, data) in files.items():
                target = Path(name) / path
                if target.resolve().is_relative_to(Path(name).resolve()):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(data)
            found = _by_rubric(Path(name))[0]
        for hit in found:
            if hit.shown in files:
                blob, data = files[hit.shown]
                hits.append(replace(hit, kind="history", commit=blob, change=_change(data, hit.line)))
    # One line may land in several things: it is one leak.
    first = {(hit.shown, hit.change): hit for hit in reversed(hits)}
    return tuple(_named((hit for place, hit in reversed(first.items()) if place not in told), directory))


def _change(data: bytes, line: int) -> str:
    lines = data.decode("utf-8", "replace").split("\n")
    return leak_advice.masked(lines[line - 1]) if 0 < line <= len(lines) else ""


def inside(root: Path, word: str) -> Path:
    """Find a directory below the learner's own.

    :raises UsageError: it is not there, or not below.
    """
    from lab_env.errors import UsageError

    found = (root / word).resolve()
    if not found.is_relative_to(root.resolve()) or not found.is_dir():
        raise UsageError(
            f"{word} is not a directory below {root.name or root}, where you work.",
            next_step="Name one that lies there, or leave it out to look through your own work.",
        )
    return found


IN_THIS_KERNEL = (
    "This kernel remembers how the value looks in each encoding, in memory only: restart it and that is gone."
)


def planted_card(rotation: Rotation, remembered: str = IN_THIS_KERNEL) -> Card:
    """Show that a value was planted; never the value.

    :param remembered: how it is known again when it is found.
    """
    return Card(
        f"Planted a value in {rotation.secret}",
        f"It is the password of the new current version {rotation.written}: random, and nowhere else.",
        Mark("✓", "planted", "pass"),
        (
            Lines(
                (
                    remembered,
                    "If %leaks finds it anywhere, that place got it from the live secret: a proof, not a guess.",
                )
            ),
        ),
        "Work on (plan, apply, launch), then %leaks.",
    )


def leaks_card(found: Scan) -> Card:
    """Show each hit with its place and what to do; values are never shown."""
    from lab_env.text import counted, listed

    looked = listed(counted(number, _KINDS[kind]) if kind != "history" else f"{counted(number, 'old version')} in Git"
                    for kind, number in found.looked.items())  # fmt: skip
    planted = (
        f"Looked for {counted(len(found.canaries), 'planted value')} in every encoding, too."
        if found.canaries
        else "No planted value is known: %leaks --plant puts one into your secret, so that a leak can be proved."
    )
    blocks: list[Block] = []
    if found.hits:
        blocks.append(_hits_table(found.hits))
    changes = tuple(_told_change(hit) for hit in found.hits[:_MOST] if hit.kind == "history" and hit.commit)
    if changes:
        blocks.append(Lines(changes))
    notes = [f"Looked at {looked}." if looked else "There was nothing to look at.", planted]
    if len(found.hits) > _MOST:
        notes.append(f"Only the first {_MOST} are shown.")
    if "output" in found.looked or "notebook" in found.looked:
        notes.append("Of a notebook only what is saved is looked at: save it first.")
    notes += [f"Not looked at: {one.what}, because {one.why}." for one in found.unread[:5]]
    blocks.append(Lines(tuple(notes)))
    if not found.hits:
        return Card("No leak found", "No credential and no planted value is where I looked.",
                    Mark("✓", "clean", "pass"), tuple(blocks))  # fmt: skip
    return Card(
        f"{counted(len(found.hits), 'leak')} found",
        "The values are masked here on purpose: what is printed is kept, in a notebook or in a log.",
        Mark("✗", "leaking", "fail"),
        tuple(blocks),
        found.hits[0].next_step,
    )


def _told_change(hit: Hit) -> str:
    path = hit.shown.partition(" (cell ")[0]
    return f"Commit {hit.commit} wrote {hit.where}: {hit.change or '••••••••'} (see it with: git show {hit.commit} -- {path})"


def _hits_table(hits: Sequence[Hit]) -> Table:
    rows = tuple(
        (
            Cell(hit.where + (f" (since commit {hit.commit})" if hit.commit else ""), code=True),
            Cell(_KINDS[hit.kind]),
            Cell(f"{hit.what}: ••••••••"),
            Cell(hit.next_step),
        )
        for hit in hits[:_MOST]
    )
    return Table("Where something lies open", ("Place", "In", "What", "What to do"), rows)


def _hits(place: Artifact, canaries: Sequence[Canary]) -> Iterator[Hit]:
    for canary in canaries:
        for offset, form in canary.find(place.data):
            what = f"the planted value of {canary.name} (as {form})"
            yield Hit(
                place.kind,
                place.shown,
                place.line(offset),
                what,
                planted=True,
                commit=place.commit,
                origin=_origin_of(place, canary.stands_in) if place.kind == "state" else "",
            )
    if place.ruled:
        yield from _ruled(place)


def _ruled(place: Artifact) -> Iterator[Hit]:
    """Find what the rubric's rules for written credentials find."""
    from graders.rubric.credentials.json_text import NamePlaces, credentials_in_json
    from graders.rubric.credentials.text import credentials_in
    from lab_env.line_numbers import LineNumbers
    from lab_env.text import parsed_json

    text = place.data.decode("utf-8-sig", errors="replace")
    lines, names = LineNumbers(text), NamePlaces(text)
    document = parsed_json(text)
    found = tuple(credentials_in_json(document))
    named = (
        {lines.of(names.of(key)): leak_advice.origin(document, key) for key in found} if place.kind == "state" else {}
    )
    told: set[int] = set()

    def origin_on(line: int) -> str:
        return _origin_of(place, set(_texts_of(text, line)).__contains__) if place.kind == "state" else ""

    def change(line: int) -> str:
        return _change(place.data, line) if place.kind == "history" else ""

    for offset, what in credentials_in(text, prose=place.prose):
        line = lines.of(offset)
        if line in told:
            continue  # the same value, seen by another rule
        told.add(line)
        yield Hit(
            place.kind,
            place.shown,
            line,
            what,
            planted=False,
            commit=place.commit,
            change=change(line),
            origin=named.get(line) or origin_on(line),
        )
    for key in found:
        name = key.rpartition(".")[2]
        line = lines.of(names.of(key))
        yield Hit(
            place.kind,
            place.shown,
            line,
            f"a value for {name}",
            planted=False,
            commit=place.commit,
            change=change(line),
            origin=leak_advice.origin(document, key) if place.kind == "state" else "",
        )


def _texts_of(text: str, line: int) -> Iterator[str]:
    """Give the JSON texts that end on a line: of a state as Terraform writes it, a name and its value."""
    for written in re.findall(r'"(?:[^"\\]|\\.)*"', text.split("\n")[line - 1]):
        with suppress(ValueError):
            yield str(json.loads(written))


def _origin_of(place: Artifact, holds: Callable[[str], bool]) -> str:
    """Tell what holds a value in a state; empty when it is no JSON, or the value stands in no text of it."""
    from lab_env.text import parsed_json

    document = parsed_json(place.data.decode("utf-8-sig", "replace"))
    found = leak_advice.places(document, holds)
    return next((origin for path in found if (origin := leak_advice.origin(document, path))), "")


def _once(hits: Iterable[Hit]) -> list[Hit]:
    """Keep each leak once: not a notebook's output again as part of the notebook, not each later version in the history."""
    kept: dict[tuple[object, ...], Hit] = {}
    outputs = {(hit.shown.partition(" (")[0], hit.what) for hit in hits if " (cell " in hit.shown}
    for hit in hits:
        if " (cell " not in hit.shown and (hit.shown, hit.what) in outputs:
            continue
        # In the history the line moves from version to version; in a file it tells two leaks apart.
        kept.setdefault((hit.kind, hit.shown, hit.what, None if hit.kind == "history" else hit.line), hit)
    return list(kept.values())


def _named(hits: Iterable[Hit], repository: Path | None) -> Iterator[Hit]:
    for hit in hits:
        commit = leak_places.commit_of(repository, hit.commit) if repository and hit.commit else ""
        yield replace(hit, commit=commit)
