"""A case with real names, as our evaluator gets it, and ways to change what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from lab_env.iam_policy import PolicySyntaxError, Request, evaluate, named_policy
from tests.lab_env.iam_policy.cases import Json


@dataclass(frozen=True)
class Play:
    """A case with real names, as our evaluator gets it.

    :param kind: of the resource's policy.
    :param by_alias: whether the call names the key by its alias.
    :param identity_too: whether the identity policies must allow as well, whatever the resource's policy says.
    """

    request: Request
    identity: tuple[Json, ...]
    resource_policy: Json | None
    boundary: Json | None
    kind: str
    by_alias: bool = False
    identity_too: bool = False

    def allowed(self) -> bool:
        """Our decision; a policy that AWS refuses and an undetermined decision let nothing through."""
        try:
            identity = [named_policy("identity", document) for document in self.identity]
            boundary = None if self.boundary is None else named_policy("boundary", self.boundary)
            theirs = None if self.resource_policy is None else named_policy("resource", self.resource_policy, self.kind)
        except PolicySyntaxError:
            return False
        together = evaluate(self.request, identity=identity, resource_policy=theirs, boundary=boundary).allowed
        if not self.identity_too:
            return together
        # The engine's check before the call knows nothing of STS's own keys, and neither does this one.
        probe = replace(self.request, action="secretsmanager:None")
        rewritten = [named_policy("identity", _renamed(document)) for document in self.identity]
        return together and evaluate(probe, identity=rewritten, boundary=boundary).allowed

    def documents(self) -> tuple[Json, ...]:
        more = [] if self.resource_policy is None else [self.resource_policy]
        return (*self.identity, *more)

    def rewrite(self, change: Callable[[Json], Json | None]) -> Play:
        """The play with each statement changed; None drops the statement."""
        return replace(
            self,
            identity=tuple(_rewritten(document, change) for document in self.identity),
            resource_policy=None if self.resource_policy is None else _rewritten(self.resource_policy, change),
        )


def statements(document: Json) -> list[Json]:
    written = document["Statement"]
    return [written] if isinstance(written, dict) else list(written)


_NOTHING = {"Effect": "Deny", "Action": "none:None"}


def _rewritten(document: Json, change: Callable[[Json], Json | None]) -> Json:
    kept = []
    for statement in statements(document):
        changed = change(json.loads(json.dumps(statement)))
        if changed is None:
            changed = {
                **_NOTHING,
                **{key: value for key, value in statement.items() if key in ("Principal", "Resource")},
            }
            changed |= {key: "*" for key in ("Principal", "Resource") if f"Not{key}" in statement}
        kept.append(changed)
    return {**document, "Statement": kept}


def _renamed(document: Json) -> Json:
    def change(statement: Json) -> Json:
        text = json.dumps(statement).replace("sts:AssumeRole", "secretsmanager:None").replace("sts:*", "*")
        renamed: Json = json.loads(text)
        return renamed

    return _rewritten(document, change)


def conditions(statement: Json) -> Iterator[tuple[str, str, Any]]:
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            yield operator, key, values
