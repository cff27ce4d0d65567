"""What stands on this machine, by content: a version number says what something is called, a digest what it is."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import importlib.util
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from lab_env.files import cache_directory, write_atomically

_NOT_CODE = frozenset({".pyc", ".pyo"})


def of_file(path: Path, *, afresh: bool = False) -> str:
    """``sha256:`` and 64 hexadecimal digits of a file's bytes; empty when it cannot be read.

    A provider has 700 MB, which take seconds: the digest is kept in the cache directory by path, size and time of change.

    :param afresh: believe nothing that was kept.
    """
    try:
        stat = path.stat()
    except OSError:
        return ""
    name = hashlib.sha256(f"{path.resolve()}\0{stat.st_size}\0{stat.st_mtime_ns}\0{stat.st_ino}".encode()).hexdigest()
    kept = cache_directory() / "digests" / name
    with contextlib.suppress(OSError, ValueError):
        text = "" if afresh else kept.read_text(encoding="ascii")
        if len(text) == len("sha256:") + 64:
            return text
    try:
        with path.open("rb") as stream:
            digest = f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
    except OSError:
        return ""
    with contextlib.suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(kept, digest.encode())
    return digest


def of_package(name: str) -> str:
    """The same over the files of an installed package that is not imported for it; empty when there is none."""
    files = _tree(name)
    return f"sha256:{of_files(files)}" if files else ""


def of_distribution(name: str, module: str) -> str:
    """64 hexadecimal digits over everything that an installed distribution brings; not over what its installer writes.

    :param module: one of its modules. Where it is only pointed to, as ``pip install -e`` does, no list names its files: then they
        are those of its top-level modules, and those beside this one when that is a single file.
    :raises PackageNotFoundError: it is not installed.
    """
    distribution = importlib.metadata.distribution(name)
    files = {}
    for listed in distribution.files or ():
        path = Path(str(listed.locate()))
        if not _is_installers(listed) and path.suffix not in _NOT_CODE and path.is_file():
            files[listed.as_posix()] = path
    top = module.partition(".")[0]
    tops = {top, *(distribution.read_text("top_level.txt") or "").split()}
    for one in tops:
        files |= {f"{one}/{path}": place for path, place in _tree(one).items()}
        if (single := _single(one)) is not None:
            files[single.name] = single
    if (single := _single(top)) is not None and single.name not in {str(listed) for listed in distribution.files or ()}:
        files |= {path.name: path for path in single.parent.glob("*.py")}
    return of_files(files)


def _is_installers(listed: PurePosixPath) -> bool:
    """Whether it is metadata, points to the files, or is a program that names this machine's Python."""
    first = listed.parts[0]
    return first.endswith(".dist-info") or first == ".." or first.startswith("__editable__") or first.endswith(".pth")


def _tree(name: str) -> dict[str, Path]:
    """The files of an installed package, by their places in it; empty when there is none."""
    spec = importlib.util.find_spec(name)
    roots = [Path(place) for place in spec.submodule_search_locations or ()] if spec is not None else []
    found = [(path, root) for root in roots for path in root.rglob("*") if path.suffix not in _NOT_CODE]
    return {path.relative_to(root).as_posix(): path for path, root in found if path.is_file()}


def _single(name: str) -> Path | None:
    """The file of a module that is no package."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.submodule_search_locations is not None or spec.origin is None:
        return None
    return Path(spec.origin)


def of_files(files: Mapping[str, Path]) -> str:
    """64 hexadecimal digits over files, each by its name and its bytes; the order does not matter.

    :param files: by the names that they go by, which are not their places on this machine.
    """
    total = hashlib.sha256()
    for name in sorted(files):
        data = files[name].read_bytes()
        total.update(f"{name}\0{len(data)}\0".encode())
        total.update(data)
    return total.hexdigest()
