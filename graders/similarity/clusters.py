"""Groups of three and more: what pairs alone hide is that several hands hold the same work."""

from __future__ import annotations

from collections.abc import Iterable

from graders.similarity.model import Cluster


def clusters(pairs: Iterable[tuple[str, str]]) -> tuple[Cluster, ...]:
    """The connected groups of at least three, the largest first."""
    root: dict[str, str] = {}

    def top(id_: str) -> str:
        while root[id_] != id_:
            root[id_] = root[root[id_]]
            id_ = root[id_]
        return id_

    joined = list(pairs)
    for left, right in joined:
        root.setdefault(left, left)
        root.setdefault(right, right)
        root[top(right)] = top(left)
    members: dict[str, list[str]] = {}
    for id_ in sorted(root):
        members.setdefault(top(id_), []).append(id_)
    count: dict[str, int] = {}
    for left, _ in joined:
        count[top(left)] = count.get(top(left), 0) + 1
    found = [Cluster(tuple(ids), count[head]) for head, ids in members.items() if len(ids) > 2]
    return tuple(sorted(found, key=lambda cluster: (-len(cluster.members), cluster.members)))
