"""Files in a zip: the same bytes for the same files, scripts that may be run."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from importlib.resources import files

_EPOCH = (1980, 1, 1, 0, 0, 0)  # a zip knows no earlier time, and when it was made is nobody's concern
_UNIX = 3


def zipped(contents: Mapping[str, str | bytes], scripts: frozenset[str]) -> bytes:
    """A zip with these files at its root, in the order of their names.

    :param scripts: the names of those that are run.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(contents):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = _UNIX
            info.external_attr = (0o100755 if name in scripts else 0o100644) << 16
            content = contents[name]
            archive.writestr(info, content.encode() if isinstance(content, str) else content)
    return stream.getvalue()


def shipped(name: str) -> str:
    """The text of a file that the package has for autograders."""
    return files("graders.autograders").joinpath("files", name).read_text(encoding="utf-8")
