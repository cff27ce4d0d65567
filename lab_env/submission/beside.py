"""Whether directories beside a module's files are modules by themselves, which only their files' text can tell.

A module may have directories with ``.tf`` files in it: parts that it calls, or roots that call it. A directory that declares the
variable that the module under test must declare, is not called and calls nothing outside, is a submission that somebody else's
file lies beside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab_env.errors import LabError, SubmissionError
from lab_env.processes import shared_workers
from lab_env.submission.directory import read_bytes
from lab_env.submission.limits import MAX_FILE_BYTES, MAX_FILES

_DECLARED = re.compile(rb'^[ \t]*variable[ \t]+"environment"', re.MULTILINE)
_OUTWARD = re.compile(rb'source[ \t]*=[ \t]*"\.\.')
_SEPARATOR = b"\0"


def modules_beside(own: Sequence[Path], inside: Mapping[Path, Path]) -> frozenset[Path]:
    """Those of the entries of a directory that are submissions by themselves.

    :param own: the module's files that lie beside them.
    :param inside: each entry, and where in it the module or archive is.
    """
    if not inside:
        return frozenset()
    order = {
        "own": [str(one.absolute()) for one in own],
        "inside": [(entry.name, str(inner.absolute())) for entry, inner in inside.items()],
    }
    try:
        # In ASCII: a name that is not UTF-8 comes out as it went in. Whose files they are, nobody knows: a worker reads them.
        answer = json.loads(shared_workers().call(_look, json.dumps(order).encode()))
    except LabError:
        return frozenset()  # whoever reads it as one submission says what is wrong
    return frozenset(entry for entry, by_itself in zip(inside, answer, strict=True) if by_itself)


def _look(payload: bytes) -> bytes:
    order = json.loads(payload)
    own = _SEPARATOR.join(_texts([Path(one) for one in order["own"]]))
    return json.dumps([_is_by_itself(name, Path(inner), own) for name, inner in order["inside"]]).encode()


def _is_by_itself(name: str, module: Path, own: bytes) -> bool:
    if re.search(rb'"\./' + re.escape(name.encode("utf-8", "surrogateescape")) + rb'["/]', own):
        return False
    files = sorted(one for one in module.iterdir() if not one.is_symlink() and one.is_file()) if module.is_dir() else []
    terraforms = [one for one in files if one.suffix == ".tf"]
    if not terraforms or any(one.suffix == ".ipynb" for one in files):
        return True  # an archive, notebooks, a modules/secrets
    text = _SEPARATOR.join(_texts(terraforms))
    return _DECLARED.search(text) is not None and _OUTWARD.search(text) is None


def _texts(files: Sequence[Path]) -> list[bytes]:
    found = []
    for file in files[:MAX_FILES]:
        try:
            found.append(read_bytes(file, MAX_FILE_BYTES, shown=file.name))
        except SubmissionError:
            continue
    return found
