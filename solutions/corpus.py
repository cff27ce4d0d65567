"""The corpus: every solution whose verdict is known beforehand, as typed cases.

A case is a directory with a ``case.toml`` and, beside it, files of its own::

    solutions/reference/          scores 100
    solutions/starter/            scores 0
    solutions/alternatives/NAME/  right in another way: scores 100
    solutions/mistakes/NAME/      wrong in one named way
    solutions/hostile/NAME/       an attack: refused, or read and without effect

``materialise`` builds the submission: the base's files, without those in ``delete``, then the case's own files over
them, then the edits. Nothing here depends on the graders: ids are strings, and ``Corpus.check_ids`` takes the known
ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from re import compile as pattern
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from lab_env.errors import RubricError, UsageError
from lab_env.tables import ClosedTable, Text, toml_table

Kind = Literal["reference", "starter", "alternative", "mistake", "hostile"]
ExpectedStatus = Literal["graded", "rejected", "ungradable"]
Fires = Literal["apply", "destroy"]

HERE = Path(__file__).resolve().parent
CASE_FILE = "case.toml"
EVERY_OTHER = "*"
_SINGLE: tuple[Literal["reference", "starter"], ...] = ("reference", "starter")
_FOLDERS: Mapping[str, Kind] = {"alternatives": "alternative", "mistakes": "mistake", "hostile": "hostile"}
_BASES: frozenset[Kind] = frozenset({"reference", "starter", "alternative"})
_KEBAB_CASE = pattern(r"[a-z0-9]+(-[a-z0-9]+)*")
_IGNORED = frozenset({"__pycache__", ".terraform", ".DS_Store"})


def _plain(text: str) -> str:
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or str(path) != text or "\\" in text:
        raise ValueError(f"the path {text} is not a plain relative one")
    return text


def _once(texts: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(texts)) != len(texts):
        raise ValueError("something is named twice")
    return texts


_Path = Annotated[str, AfterValidator(_plain)]
"""A relative POSIX path that stays inside the submission."""
_Ids = Annotated[tuple[Text, ...], AfterValidator(_once)]


class Edit(ClosedTable):
    """One change of a base's file: ``find`` occurs exactly once in it and becomes ``replace``."""

    file: _Path
    find: Annotated[str, Field(min_length=1)]
    replace: str

    @model_validator(mode="after")
    def _changes_something(self) -> Edit:
        if self.find == self.replace:
            raise ValueError(f"the edit of {self.file} changes nothing")
        return self


class _CaseFile(ClosedTable):
    """A ``case.toml``; :class:`Case` says what the keys mean."""

    title: Text
    why: Text
    base: Text | None = None
    edits: tuple[Edit, ...] = Field((), alias="edit")
    delete: Annotated[tuple[_Path, ...], AfterValidator(_once)] = ()
    fail: _Ids = ()
    blocked: _Ids = ()
    not_run: _Ids = ()
    status: ExpectedStatus = "graded"


class _HostileFile(_CaseFile):
    reason: Text | None = None
    path: _Path | None = None
    line: Annotated[int, Field(ge=1, strict=True)] | None = None
    fires: Fires | None = None


@dataclass(frozen=True)
class Case:
    """A solution and the verdict it must get.

    :ivar directory: where its own files lie.
    :ivar base: the case whose files it starts from, or None when its own files are all there is.
    :ivar fail: ids that must be ``fail``; no other id may be.
    :ivar blocked: ids that may be ``blocked``; no other id may be. ``*`` stands for all that do not fail.
    :ivar not_run: ids that may be ``not_run``, besides those the engine cannot show.
    :ivar reason: of a hostile case that is refused: words that the reason must hold.
    :ivar path: of such a case: the file of the submission that the reason must name, ``line`` the line in it.
    :ivar fires: the Terraform command at which the attack does its harm when nothing stands before it; None when that
        needs something that is not at hand (a provider, a server), or when there is nothing to run.
    """

    name: str
    kind: Kind
    title: str
    why: str
    directory: Path
    base: Case | None = None
    edits: tuple[Edit, ...] = ()
    delete: tuple[str, ...] = ()
    fail: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    not_run: tuple[str, ...] = ()
    status: ExpectedStatus = "graded"
    reason: str | None = None
    path: str | None = None
    line: int | None = None
    fires: Fires | None = None

    @property
    def ids(self) -> frozenset[str]:
        """Every requirement id that the case names."""
        return (frozenset(self.fail) | frozenset(self.blocked) | frozenset(self.not_run)) - {EVERY_OTHER}

    def may_be_blocked(self, key: str) -> bool:
        """Whether the requirement may be ``blocked``."""
        return key in self.blocked or (EVERY_OTHER in self.blocked and key not in self.fail)

    @cached_property
    def files(self) -> Mapping[str, bytes]:
        """The submission: contents by POSIX path. RubricError when an edit, a deletion or an overlay has no effect."""
        files = dict(self.base.files) if self.base else {}
        for path in self.delete:
            if files.pop(path, None) is None:
                raise _wrong(self.name, f"deletes {path}, which its base does not have")
        for path, content in _own_files(self.directory):
            if files.get(path) == content:
                raise _wrong(self.name, f"has a {path} that is the same as its base's")
            files[path] = content
        for edit in self.edits:
            files[edit.file] = _edited(self.name, files.get(edit.file), edit)
        if not files:
            raise _wrong(self.name, "has no files and no base")
        return dict(sorted(files.items()))

    def score(self, points: Mapping[str, int]) -> int:
        """Expected score, when every id that may be blocked is.

        :param points: points by requirement id.
        """
        if self.status != "graded":
            return 0
        return sum(value for key, value in points.items() if key not in self.ids and not self.may_be_blocked(key))

    def disagreements(self, statuses: Mapping[str, str], *, unseen: Collection[str] = ()) -> tuple[str, ...]:
        """What a grading says otherwise than this case, a sentence each; none when they agree.

        :param statuses: status by requirement id, of the whole rubric.
        :param unseen: ids that this engine or depth cannot show, so that they may be ``not_run``.
        """
        said = []
        for key, status in statuses.items():
            allowed = self._allowed(key) | ({"not_run"} if key in unseen else set())
            if status not in allowed:
                said.append(f"{key} is {status}, expected {' or '.join(sorted(allowed))}")
        said += [f"{key} has no verdict, expected fail" for key in self.fail if key not in statuses]
        return tuple(said)

    def _allowed(self, key: str) -> set[str]:
        if self.status == "ungradable":
            return {"ungradable"}
        if key in self.fail:
            return {"fail"}
        if self.status == "rejected":
            return {"blocked"}
        allowed = {"pass"}
        if self.may_be_blocked(key):
            allowed.add("blocked")
        if key in self.not_run:
            allowed.add("not_run")
        return allowed


@dataclass(frozen=True)
class Corpus:
    """All cases: reference, starter, then alternatives, mistakes and hostile ones, each by name."""

    cases: tuple[Case, ...]
    _by_name: Mapping[str, Case] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {case.name: case for case in self.cases})

    def __iter__(self) -> Iterator[Case]:
        return iter(self.cases)

    def __len__(self) -> int:
        return len(self.cases)

    def __getitem__(self, name: str) -> Case:
        try:
            return self._by_name[name]
        except KeyError:
            raise RubricError(
                f"The corpus has no case named {name}.", next_step="Look into solutions/ for the names there are."
            ) from None

    def of_kind(self, kind: Kind) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if case.kind == kind)

    def check_ids(self, known: Collection[str]) -> None:
        """RubricError when a case names a requirement that is not in ``known``."""
        for case in self.cases:
            for key in sorted(case.ids - set(known)):
                raise _wrong(case.name, f"names {key}, which the rubric does not have")


def require_solutions() -> None:
    """Refuse to go on in a learner's installation.

    :raises UsageError: the solutions and the lessons' sources are not in it.
    """
    if not (HERE / "reference").is_dir():
        raise UsageError(
            "This needs the solutions, which a learner's installation does not have.",
            next_step="pip install 'secrets-lab[solutions]', or run it in a checkout of the project.",
        )


def load_corpus(root: Path = HERE) -> Corpus:
    """Read every case under ``root``; RubricError names the case that is not well formed."""
    found: dict[str, tuple[Kind, Path]] = {}
    for single in _SINGLE:
        if (root / single).is_dir():
            found[single] = (single, root / single)
    for folder, kind in _FOLDERS.items():
        if not (root / folder).is_dir():
            continue
        for directory in sorted(path for path in (root / folder).iterdir() if path.is_dir()):
            if directory.name in _IGNORED:
                continue
            if directory.name in found:
                raise _wrong(directory.name, "has the name of another case")
            found[directory.name] = (kind, directory)
    loaded: dict[str, Case] = {}
    for name in found:
        _load(name, found, loaded, ())
    return Corpus(tuple(loaded[name] for name in found))


def materialise(case: Case, directory: Path) -> Path:
    """Write the case's submission to ``directory/<case name>`` and return that path; it must not exist yet.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     made = materialise(load_corpus()["starter"], Path(directory))
    ...     sorted(path.name for path in made.glob("modules/secrets/*.tf"))
    ['ecs.tf', 'iam.tf', 'kms.tf', 'outputs.tf', 'secret.tf', 'variables.tf']
    """
    target = directory / case.name
    target.mkdir(parents=True)
    for path, content in case.files.items():
        file = target / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return target


def _load(name: str, found: Mapping[str, tuple[Kind, Path]], loaded: dict[str, Case], below: tuple[str, ...]) -> Case:
    if name in loaded:
        return loaded[name]
    if name in below:
        raise _wrong(name, f"is its own base ({' -> '.join((*below, name))})")
    kind, directory = found[name]
    file = _read(name, directory / CASE_FILE, _HostileFile if kind == "hostile" else _CaseFile)
    base = None
    if file.base is not None:
        if file.base not in found or found[file.base][0] not in _BASES:
            raise _wrong(name, f'has base = "{file.base}", which is neither reference, starter nor an alternative')
        base = _load(file.base, found, loaded, (*below, name))
    case = Case(
        name=name, kind=kind, directory=directory, base=base, **{key: value for key, value in file if key != "base"}
    )
    _check(case)
    loaded[name] = case
    return case


def _check(case: Case) -> None:
    """The rules that hold for every case of a kind."""
    if not _KEBAB_CASE.fullmatch(case.name):
        raise _wrong(case.name, "has a name that is not in kebab-case")
    if case.base is None and (case.edits or case.delete):
        raise _wrong(case.name, "edits or deletes files but has no base")
    if set(case.fail) & (set(case.blocked) | set(case.not_run)):
        raise _wrong(case.name, "names an id as failed and also as blocked or not run")
    if case.kind in ("reference", "alternative") and (case.ids or case.status != "graded"):
        raise _wrong(case.name, "is a right solution and still expects something other than a full score")
    if case.kind == "mistake" and not case.fail:
        raise _wrong(case.name, "is a mistake and names nothing that must fail")
    if case.kind == "hostile" and (case.status == "graded") != (case.reason is None):
        raise _wrong(case.name, "is hostile and needs a reason exactly when it is refused")
    if case.line is not None and case.path is None:
        raise _wrong(case.name, "names a line and no path")


def _read(name: str, path: Path, model: type[_CaseFile]) -> _CaseFile:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise _wrong(name, f"has no {CASE_FILE}") from None
    except UnicodeDecodeError as error:
        raise _wrong(name, f"has a {CASE_FILE} that is not TOML: {error}") from None
    return toml_table(text, model, f"{CASE_FILE} of the corpus case {name}")


def _own_files(directory: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(directory.rglob("*")):
        relative = path.relative_to(directory)
        if path.is_file() and relative.as_posix() != CASE_FILE and not _IGNORED.intersection(relative.parts):
            yield relative.as_posix(), path.read_bytes()


def _edited(name: str, content: bytes | None, edit: Edit) -> bytes:
    if content is None:
        raise _wrong(name, f"edits {edit.file}, which is not there")
    find = edit.find.encode()
    count = content.count(find)
    if count != 1:
        raise _wrong(name, f"edits {edit.file} where it says {edit.find!r}, which occurs {count} times instead of once")
    return content.replace(find, edit.replace.encode())


def _wrong(name: str, what: str) -> RubricError:
    return RubricError(f"The corpus case {name} {what}.", next_step=f"Correct it in solutions/, see {CASE_FILE} there.")
