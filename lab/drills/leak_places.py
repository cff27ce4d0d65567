"""Where a value may lie: files, state, saved plans, notebooks' outputs, a Git history. Read only, whatever is in them."""

from __future__ import annotations

import contextlib
import json
import os
import posixpath
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Kind = Literal["file", "state", "plan", "notebook", "output", "history"]

MAX_BYTES = 4 << 20
MAX_BLOBS = 2000
MAX_COMMITS = 200
"""Whose configuration is read as a whole; the files of all others are still looked through one by one."""
_MAX_HISTORY_BYTES = 64 << 20
_GIT_TIMEOUT_S = 60.0
# Names a call: all of them must fit a pipe's buffer.
_BATCH = 500
_DATA = (
    ".tfvars",
    ".json",
    ".tfstate",
    ".backup",
    ".tf",
    ".env",
    ".ini",
    ".cfg",
    ".yaml",
    ".yml",
    ".toml",
    ".sh",
    ".py",
)


@dataclass(frozen=True)
class Artifact:
    """One text or binary that may hold a value.

    :param shown: how people find it: a path, with the cell for a notebook's output and the commit for the history.
    :param ruled: whether the rules for written credentials apply. A notebook's own text is the lesson's: only its outputs
        and the files that its cells write are the learner's.
    """

    kind: Kind
    shown: str
    data: bytes = field(repr=False)
    ruled: bool = True
    commit: str = ""

    @property
    def prose(self) -> bool:
        """Whether it is written for people: there a word after a colon is rarely a credential."""
        return self.kind not in ("state", "plan") and not self.shown.partition(" ")[0].endswith(_DATA)

    def line(self, offset: int) -> int:
        """Find the line, 1-based, in which a byte lies."""
        return self.data.count(b"\n", 0, offset) + 1


@dataclass(frozen=True)
class Unread:
    """Something that was not looked at, and why."""

    what: str
    why: str


Found = Artifact | Unread


def files(directory: Path) -> Iterator[Found]:
    """Read the files below a directory; a tool's caches are passed over, links are not followed."""
    from lab_env.errors import SubmissionError
    from lab_env.submission.directory import read_directory

    if not directory.is_dir():
        return
    try:
        collected = read_directory(directory)
    except SubmissionError as error:
        yield Unread(error.path or directory.name, error.message)
        return
    for path, data in collected.files.items():
        if path.endswith(".ipynb"):
            yield from notebook(path, data)
        else:
            yield Artifact("state" if ".tfstate" in posixpath.basename(path) else "file", path, data)
    for link in sorted(collected.links):
        yield Unread(link, "it is a link")


def notebooks(directory: Path) -> Iterator[Found]:
    """Read the saved notebooks that lie directly in a directory."""
    from lab_env.errors import SubmissionError
    from lab_env.submission.directory import read_bytes

    for path in sorted(directory.glob("*.ipynb")):
        try:
            data = read_bytes(path, MAX_BYTES + 1, shown=path.name)
        except SubmissionError as error:
            yield Unread(path.name, error.message)
            continue
        if len(data) > MAX_BYTES:
            yield Unread(path.name, "it is larger than 4 MiB")
        else:
            yield from notebook(path.name, data)


def notebook(name: str, data: bytes, *, kind: Kind = "output", commit: str = "") -> Iterator[Artifact]:
    """Take a notebook apart: each output of each cell as a place of its own, and the whole of it for what was planted."""
    yield Artifact("notebook" if kind == "output" else kind, name, data, ruled=False, commit=commit)
    try:
        cells = json.loads(data)["cells"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    for number, cell in enumerate(cells if isinstance(cells, list) else [], start=1):
        text = "\n".join(_output_texts(cell))
        if text:
            shown = f"{name} (cell {number}, output)"
            yield Artifact(kind, shown, text.encode("utf-8", "surrogateescape"), commit=commit)


def _output_texts(cell: Any) -> Iterator[str]:
    outputs = cell.get("outputs") if isinstance(cell, dict) else None
    for output in outputs if isinstance(outputs, list) else []:
        if not isinstance(output, dict):
            continue
        data = output.get("data")
        yield from _texts([output.get("text"), output.get("traceback")])
        if isinstance(data, dict):
            # HTML says the same as the plain text beside it, in more words.
            plain = {mime: value for mime, value in data.items() if mime != "text/html" or "text/plain" not in data}
            yield from _texts(list(plain.values()))


def _texts(values: list[Any]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield "".join(part for part in value if isinstance(part, str))
        elif value is not None:
            yield json.dumps(value, indent=1)


def deployment(directory: Path | None) -> Iterator[Found]:
    """Read the state files and saved plans of a deployment: Terraform writes them where it runs."""
    from graders.evidence.leak_scan import plan_file_parts

    if directory is None or not directory.is_dir():
        return
    for path in sorted(directory.glob("terraform.tfstate*")):
        if path.is_file():
            yield _bounded("state", path)
    for path in sorted(directory.glob("*.tfplan")):
        place = _bounded("plan", path)
        if isinstance(place, Unread):
            yield place
            continue
        try:
            for name, part in plan_file_parts(place.data):
                # The plan itself is binary, and the configuration in it is a copy of the module's files and the lab's own.
                yield Artifact("plan", f"{path.name}/{name.removeprefix('plan/')}", part, ruled="tfstate" in name)
        except Exception as error:  # a file that only calls itself a plan raises what zipfile makes of it
            yield Unread(path.name, f"it is no plan file ({type(error).__name__})")


def _bounded(kind: Kind, path: Path) -> Found:
    from lab_env.errors import SubmissionError
    from lab_env.submission.directory import read_bytes

    try:
        data = read_bytes(path, MAX_BYTES + 1, shown=path.name)
    except SubmissionError as error:
        return Unread(path.name, error.message)
    return Unread(path.name, "it is larger than 4 MiB") if len(data) > MAX_BYTES else Artifact(kind, path.name, data)


def history(directory: Path) -> Iterator[Found]:
    """Read every version of every file below a directory that its Git repository still has: all branches, the reflog, the index.

    A commit that was undone is in there, too, until Git cleans up.
    """
    git = shutil.which("git")
    if git is None:
        yield Unread("the Git history", "Git is not installed")
        return
    reader = _Git(git, directory)
    if reader.run("rev-parse", "--is-inside-work-tree") is None:
        return
    listed = reader.run("rev-list", "--objects", "--all", "--reflog", "--indexed-objects", "--", ".")
    if listed is None:
        yield Unread("the Git history", "Git could not list it")
        return
    prefix = (reader.run("rev-parse", "--show-prefix") or b"").decode("utf-8", "surrogateescape").strip()
    named = [line.split(b" ", 1) for line in listed.splitlines() if b" " in line]
    paths = {entry[0].decode(): entry[1].decode("utf-8", "surrogateescape") for entry in named if entry[1]}
    inside = {name: path.removeprefix(prefix) for name, path in paths.items() if path.startswith(prefix)}
    if len(inside) > MAX_BLOBS:
        yield Unread("the Git history", f"it has more than {MAX_BLOBS} versions of files; only that many were read")
    for name, data in reader.blobs(list(inside)[:MAX_BLOBS]):
        if data is None:
            yield Unread(f"{inside[name]} in the Git history", "it is too large")
        elif inside[name].endswith(".ipynb"):
            yield from notebook(inside[name], data, kind="history", commit=name)
        else:
            yield Artifact("history", inside[name], data, commit=name)


def old_configurations(directory: Path) -> Iterator[Mapping[str, tuple[str, bytes]]]:
    """Read the Terraform files of each commit that changed one, oldest first: by path the blob's name and its content.

    A value's meaning may lie in another file than the value, so a commit's files are read together.
    """
    git = shutil.which("git")
    reader = _Git(git, directory) if git else None
    if reader is None or reader.run("rev-parse", "--is-inside-work-tree") is None:
        return
    commits = (
        (reader.run("rev-list", "--all", "--reflog", "--reverse", "--", ".") or b"").decode("ascii", "replace").split()
    )
    seen: set[tuple[tuple[str, str], ...]] = set()
    for commit in commits[:MAX_COMMITS]:
        listed = reader.run("ls-tree", "-r", "-z", commit, "--", ".") or b""
        entries = (
            entry.split("\t", 1) for entry in listed.decode("utf-8", "surrogateescape").split("\0") if "\t" in entry
        )
        blobs = {
            path: words.split()[2] for words, path in entries if path.endswith(".tf") and words.split()[1] == "blob"
        }
        if not blobs or tuple(blobs.items()) in seen:
            continue
        seen.add(tuple(blobs.items()))
        contents = dict(reader.blobs(sorted(set(blobs.values()))))
        read = {path: (blob, contents.get(blob)) for path, blob in blobs.items()}
        yield {path: (blob, data) for path, (blob, data) in read.items() if data is not None}


def commit_of(directory: Path, blob: str) -> str:
    """Find the short name of the commit that brought a version of a file in; empty when none has it (it is only staged)."""
    git = shutil.which("git")
    if git is None:
        return ""
    found = _Git(git, directory).run("log", "--all", "--reflog", "--format=%h", f"--find-object={blob}", "--", ".")
    return (found or b"").decode("ascii", "replace").split("\n")[-2] if found and found.strip() else ""


@dataclass(frozen=True)
class _Git:
    """Runs Git for reading: no hooks, no monitors, no network, no questions, whatever the repository's settings are."""

    git: str
    directory: Path

    def run(self, *words: str, said: bytes | None = None) -> bytes | None:
        """Run Git and give what it answers to ``said``; None when it fails."""
        from lab_env import processes

        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.directory),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "LC_ALL": "C",
        }
        safe = ["-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", "-c", "safe.directory=*"]
        quiet = ["-c", "core.quotePath=false", "-c", "log.showSignature=false", "--no-pager"]
        with contextlib.suppress(OSError):
            done = processes.run(
                [self.git, *safe, *quiet, *words],
                cwd=self.directory,
                env=environment,
                timeout=_GIT_TIMEOUT_S,
                input=said,
            )
            return done.stdout if done.ok else None
        return None

    def blobs(self, names: list[str]) -> Iterator[tuple[str, bytes | None]]:
        """Read contents by name, without what is no file's content; None for one that is too large."""
        total = 0
        for start in range(0, len(names), _BATCH):
            batch = "".join(f"{name}\n" for name in names[start : start + _BATCH]).encode()
            wanted: list[str] = []
            for line in (
                (self.run("cat-file", "--batch-check", said=batch) or b"").decode("ascii", "replace").splitlines()
            ):
                name, kind, size = (*line.split(" "), "", "")[:3]
                if kind != "blob":
                    continue
                total += int(size)
                if int(size) > MAX_BYTES or total > _MAX_HISTORY_BYTES:
                    yield name, None
                else:
                    wanted.append(name)
            answer = self.run("cat-file", "--batch", said="".join(f"{name}\n" for name in wanted).encode()) or b""
            yield from _parted(answer)


def _parted(answer: bytes) -> Iterator[tuple[str, bytes]]:
    """Split what ``git cat-file --batch`` says: a line with name, type and size, then so many bytes and a line feed, and again."""
    place = 0
    while (end := answer.find(b"\n", place)) >= 0:
        name, _, size = answer[place:end].decode("ascii", "replace").split(" ")
        yield name, answer[end + 1 : end + 1 + int(size)]
        place = end + 1 + int(size) + 1
