"""The closed lists of what a submission may contain; the types are in :mod:`lab_env.terraform.allowed`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lab_env.hcl import FILE_FUNCTIONS
from lab_env.terraform.allowed import DATA, EPHEMERAL, RESOURCES

MAX_RSA_KEYS = 2
"""Of a plan: the lesson needs none, and the engine makes one in a second or two, in which nobody else is served."""
MAX_PLANNED_RESOURCES: Final = 60
PROVIDER: Final = "registry.terraform.io/hashicorp/aws"
PROVIDER_SOURCES: Final = frozenset({"hashicorp/aws", PROVIDER})


@dataclass(frozen=True)
class BlockRule:
    """What a top-level block may look like.

    :param labels: how many labels it has.
    :param blocks: nested blocks it may have; None when the provider's schema decides, of which Terraform takes care.
    :param types: closed list of its first label, if there is one.
    :param without: arguments it must not have, each with the reason.
    """

    labels: int
    blocks: frozenset[str] | None = frozenset()
    types: frozenset[str] | None = None
    without: Mapping[str, str] = field(default_factory=dict)


_ONE_PROVIDER: Final = {"provider": "the grader gives the one provider there is"}

BLOCKS: Final[Mapping[str, BlockRule]] = {
    "terraform": BlockRule(0, frozenset({"required_providers"})),
    "variable": BlockRule(1, frozenset({"validation"})),
    "locals": BlockRule(0),
    "output": BlockRule(1, frozenset({"precondition"})),
    "resource": BlockRule(2, None, RESOURCES, _ONE_PROVIDER),
    "data": BlockRule(2, None, DATA, _ONE_PROVIDER),
    "ephemeral": BlockRule(2, None, EPHEMERAL, _ONE_PROVIDER),
    "module": BlockRule(
        1,
        frozenset(),
        None,
        {"providers": "the grader gives the one provider there is", "version": "only modules of a registry have one"},
    ),
    "moved": BlockRule(0),
    "removed": BlockRule(0, frozenset({"lifecycle"})),
    "check": BlockRule(1, frozenset({"data", "assert"})),
}
"""Every top-level block that may be there."""

REFUSED_BLOCKS: Final[Mapping[str, str]] = {
    "provider": "the grader gives the provider; even an empty block sends it looking for real credentials",
    "import": "the account is fresh, there is nothing to import",
    "provisioner": "it runs programs on the grader's machine",
    "connection": "it connects to other machines",
    "backend": "state is kept by the grader",
    "cloud": "state is kept by the grader",
    "action": "it runs actions on the grader's machine",
    "action_trigger": "it runs actions on the grader's machine",
}
"""The reason for the refusals that people ask about; every other block is refused by not being listed."""

NEVER_NESTED: Final = frozenset({"provisioner", "connection", "backend", "cloud", "provider", "action_trigger"})
"""Refused at any depth, whatever the block around them."""

REQUIRED_PROVIDER_KEYS: Final = frozenset({"source", "version"})

PATH_FUNCTIONS: Final = FILE_FUNCTIONS
"""They read a file: a literal path of a text file inside the module is the only one that exists for the grader."""

REFUSED_FUNCTIONS: Final[Mapping[str, str]] = {
    "abspath": "it tells where the grader's files are",
    "fileset": "it lists the grader's files",
    "pathexpand": "it reads the grader's home directory",
    # It reads text as a template when Terraform runs: what stands here as a string or an escaped $${ is code there, which nobody
    # has checked, and which calls at least abspath. The file of templatefile is there to be checked.
    "templatestring": "it runs text that the grader has not read as code; write the text where it is used",
}

RESTLESS_FUNCTIONS: Final = frozenset({"bcrypt", "plantimestamp", "timestamp", "uuid"})
"""Another result with every run: allowed, because what they do to a secret is for the drills to show, but noted."""

REFUSED_NAMES: Final[Mapping[str, str]] = {
    "path.cwd": "it tells where the grader's files are",
    "path.root": "it tells where the grader's files are; use path.module",
}
