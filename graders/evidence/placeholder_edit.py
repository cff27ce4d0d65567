"""Edits the first password where a learner would: in the literals that it comes from, in the workspace's copy.

They may stand in a file that ``file`` or ``templatefile`` reads.

An override of ``secret_string`` would leave alone what else hangs on the placeholder: an instance key made of its hash, a
``replace_triggered_by``, a ``secret_string_wo_version`` that is counted from it. An edit of the literal moves them all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from graders.evidence.facts import Facts
from graders.evidence.versions import SecretVersion
from lab_env.files import write_atomically
from lab_env.hcl import Attr, Literal, sources
from lab_env.hcl.addresses import in_module
from lab_env.workspace import SUBMISSION_DIR, Workspace

# Where the password begins in a JSON or YAML text that stands in a literal, its quotes escaped or not.
_IN_TEXT = re.compile(r"""password\\?["']?\s*[:=]\s*\\?["']?""", re.IGNORECASE)
# The first sign of a text that is no escape and no verb of format().
_FIRST = re.compile(r"(?<![%\\\w$])\w")


@dataclass(frozen=True)
class PlaceholderEdit:
    """What was changed in the workspace.

    :param places: file and line in the submission, such as ``modules/secrets/secret.tf:12``.
    """

    places: tuple[str, ...]
    _before: Mapping[Path, str] = field(repr=False)

    def undo(self) -> None:
        """Put the learner's own text back."""
        for path, text in self._before.items():
            write_atomically(path, text)


def edit_placeholder(
    facts: Facts, workspace: Workspace, versions: Sequence[SecretVersion], mark: str
) -> PlaceholderEdit:
    """Write ``mark`` into every literal that the versions' password comes from.

    :param mark: letters, digits and underscores; the password then begins with it.
    :return: without places where the password comes from no literal (an ephemeral value, another resource).
    """
    inserted: dict[str, dict[int, int]] = {}
    for version in versions:
        for literal in _literals(facts, version):
            file = facts.submission.any_file(literal.span.path)
            at = _where(file.text[literal.span.start : literal.span.end]) if file else None
            if at is not None:
                inserted.setdefault(literal.span.path, {})[literal.span.start + at] = literal.span.line
    before: dict[Path, str] = {}
    places: list[str] = []
    for path, offsets in sorted(inserted.items()):
        copy = workspace.directory / SUBMISSION_DIR / path
        whole = before[copy] = copy.read_bytes().decode("utf-8")
        text = whole.removeprefix("\ufeff")  # a file that is only read is copied as it is; no place counts the mark
        for offset in sorted(offsets, reverse=True):
            text = f"{text[:offset]}{mark}{text[offset:]}"
        write_atomically(copy, f"{whole[: whole.startswith(chr(0xFEFF))]}{text}")
        places += [f"{path}:{line}" for line in sorted(set(offsets.values()))]
    return PlaceholderEdit(tuple(places), before)


def _literals(facts: Facts, version: SecretVersion) -> tuple[Literal, ...]:
    expression = version.block.body.get(version.argument)
    if expression is None:
        return ()
    path = facts.tree.split(in_module(version.config_address))[0]
    part = sources(facts.tree, path, expression, steps=(Attr("password"),))
    # In a JSON text that is written out, the names in it tell where the password is; what is interpolated elsewhere is no part.
    written = tuple(one for one in part.literals if isinstance(one.value, str) and _IN_TEXT.search(one.value))
    if written:
        return written
    if part.literals or part.references:
        return tuple(one for one in part.literals if isinstance(one.value, str))
    # A text that is no object to look into: the password is somewhere in it.
    whole = sources(facts.tree, path, expression).literals
    return tuple(one for one in whole if isinstance(one.value, str) and _IN_TEXT.search(one.value))


def _where(written: str) -> int | None:
    """Where in a literal as it is written the password begins; None when there is no text in it."""
    found = _IN_TEXT.search(written)
    if found is not None:
        return found.end()
    first = _FIRST.search(written)
    return first.start() if first else None
