"""Two pictures as grids: who may do what with the secret and its key, and how the staging labels moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING

from lab.notebook.drills.diagram_flow import of_role
from lab.notebook.drills.pictures import EDGE, INNER, LINE, WIDTH, Pill, Rule, Shape, Text, draw, fitted
from lab.notebook.drills.rights import DECRYPT, READ, Target, decide, key_target, needed, secret_target
from lab.notebook.drills.versions import history_of, short, versions_of
from lab.notebook.output.cards import Drawing, Mark

if TYPE_CHECKING:
    from graders.evidence.deployed import RoleFacts
    from lab.notebook.drills.live import Live
    from lab_env.iam_policy import Decision

_MOST_MOMENTS = 8
_MOST_VERSIONS = 3
_MOST_ROLES = 3
_TOO_MUCH = "yes!"

Ask = Callable[[str, Target], "Decision"]


def permissions(live: Live) -> Drawing:
    """Who may do what with the secret and its key, by all policies together."""
    from lab_env.iam_policy import Principal

    secret, key = live.the_secret(), live.key
    questions: list[tuple[str, str, Target]] = [
        ("Read the secret", READ, secret_target(secret)),
        ("Overwrite it", "secretsmanager:PutSecretValue", secret_target(secret)),
        ("Delete it", "secretsmanager:DeleteSecret", secret_target(secret)),
    ]
    if key is not None:
        questions += [
            ("Decrypt with its key", DECRYPT, key_target(key, through=secret)),
            ("Change key's policy", "kms:PutKeyPolicy", key_target(key)),
        ]
    execution = live.role
    others = [role for role in live.deployed.roles if execution is None or role.arn != execution.arn]
    roles = [*([execution] if execution else []), *others]
    columns: list[tuple[str, Ask]] = [
        (f"{'execution role' if role is execution else 'role'} {role.name}", _by(role)) for role in roles[:_MOST_ROLES]
    ]
    root = Principal.root(live.account.id)
    columns.append(("the account's root (administrators, Terraform)", lambda a, t: decide(a, t, root, None)))
    marks = {
        (row, column): _mark(
            ask(action, target),
            fitting=column == len(columns) - 1 or (roles[column] is execution and needed(action, target)),
        )
        for row, (_, action, target) in enumerate(questions)
        for column, (_, ask) in enumerate(columns)
    }
    shapes, height = _matrix([what for what, _, _ in questions], [who for who, _ in columns], marks)
    told = [
        f"{who}: "
        + "; ".join(f"{what.lower()}: {marks[row, column].word}" for row, (what, _, _) in enumerate(questions))
        + "."
        for column, (who, _) in enumerate(columns)
    ]
    if any(mark.word == _TOO_MUCH for mark in marks.values()):
        legend = f"{_TOO_MUCH} is more than the task needs"
        shapes.append(Text(EDGE, height + 12, legend, "quiet"))
        told.append(f"{legend}.")
        height += 22
    left_out = len(roles) - _MOST_ROLES
    if left_out > 0:
        told.append(f"{left_out} more roles of the module are not shown.")
    return draw("Who may do what with your secret and its key", told, shapes, height)


def _by(role: RoleFacts) -> Ask:
    return lambda action, target: of_role(role, action, target)


def _mark(decision: Decision, *, fitting: bool) -> Mark:
    """``fitting``: it is as it should be when it is allowed."""
    if decision.undetermined:
        return Mark("?", "open", "blocked")
    if not decision.allowed:
        return Mark("✗", "no", "not_run")
    return Mark("✓", "yes", "pass") if fitting else Mark("✓", _TOO_MUCH, "fail")


def _matrix(
    questions: Sequence[str], columns: Sequence[str], marks: Mapping[tuple[int, int], Mark]
) -> tuple[list[Shape], float]:
    """Questions down, principals across by number, and below what the numbers mean."""
    first = 156
    wide = (WIDTH - EDGE - first) / len(columns)
    shapes: list[Shape] = [Text(EDGE, 20, "May …", "quiet")]
    for column in range(len(columns)):
        shapes.append(Text(first + wide * (column + 0.5), 20, f"{column + 1}", "head", "middle"))
    y = 30.0
    for row, what in enumerate(questions):
        shapes += [Rule(y), fitted(EDGE, y + 21, first - EDGE - 6, what)]
        for column in range(len(columns)):
            shapes.append(Pill(first + wide * (column + 0.5), y + 17, min(wide - 6, 62), marks[row, column]))
        y += 34
    shapes.append(Rule(y))
    for column, who in enumerate(columns):
        y += LINE + 3
        shapes.append(fitted(EDGE, y, INNER, f"{column + 1}  {who}"))
    return shapes, y + 10


# --- versions ------------------------------------------------------------------------------------------------------------


def versions(live: Live) -> Drawing:
    """How the staging labels moved from version to version; the last row is what the API says now."""
    existing = {one.id: one for one in versions_of(live)}
    moments = history_of(live)
    written = list(dict.fromkeys([*(one.written for one in moments), *reversed(existing)]))
    columns = _chosen(written, live.tracked)
    rows: list[tuple[str, str, Mapping[str, str]]] = [
        (moment.time.astimezone(UTC).strftime("%H:%M:%S"), moment.who, moment.labels)
        for moment in moments[-_MOST_MOMENTS:]
    ]
    born = {id: next((i for i, m in enumerate(moments[-_MOST_MOMENTS:]) if m.written == id), -1) for id in columns}
    first = 72
    wide = (WIDTH - EDGE - first) / max(1, len(columns))
    shapes: list[Shape] = [Text(EDGE, 18, "Version", "quiet")]
    for number, id in enumerate(columns):
        middle = first + wide * (number + 0.5)
        shapes.append(fitted(middle, 18, wide - 4, short(id).replace("terraform-", ""), "code", "middle"))
        shapes.append(Text(middle, 18 + LINE, "in the state" if id in live.tracked else "", "quiet", "middle"))
    y = 46.0
    told = [f"Version {id} is the one in Terraform's state." for id in columns if id in live.tracked]
    for index, (time, who, labels) in enumerate(rows):
        shapes += [Rule(y), Text(EDGE, y + 16, time), Text(EDGE, y + 16 + LINE, who, "quiet")]
        for number, id in enumerate(columns):
            if index >= born[id]:
                shapes += _label(first + wide * (number + 0.5), y + 21, wide, labels.get(id))
        told.append(f"{time} UTC, {who}: " + _said({id: labels.get(id) for id in columns if index >= born[id]}))
        y += 44
    now = {id: ", ".join(existing[id].stages) if id in existing else "deleted" for id in columns}
    shapes += [Rule(y), Text(EDGE, y + 25, "now", "head")]
    for number, id in enumerate(columns):
        shapes += _label(first + wide * (number + 0.5), y + 21, wide, now[id] or None)
    told.append(f"Now: {_said({id: label or None for id, label in now.items()})}")
    if len(written) > len(columns):
        told.append(f"{len(written) - len(columns)} older versions are not shown.")
    return draw("Staging labels of your secret over time", told, shapes, y + 46)


def _chosen(written: Sequence[str], tracked: frozenset[str]) -> list[str]:
    """The newest versions, and in any case one that Terraform tracks, in the order they were written."""
    kept = set(written[-_MOST_VERSIONS:])
    of_terraform = [id for id in written if id in tracked]
    if of_terraform and not kept & tracked:
        kept = {*written[-(_MOST_VERSIONS - 1) :], of_terraform[-1]}
    return [id for id in written if id in kept]


def _label(x: float, y: float, wide: float, label: str | None) -> Iterator[Shape]:
    if label == "deleted":
        mark = Mark("✗", "deleted", "fail")
    elif not label:
        mark = Mark("!", "no label", "blocked")
    else:
        names = [name.removeprefix("AWS") for name in label.split(", ")]
        main = next((name for name in ("CURRENT", "PREVIOUS") if name in names), names[0])
        mark = Mark("●", main, "pass") if main == "CURRENT" else Mark("○", main[:9], "not_run")
    yield Pill(x, y, min(wide - 3, 92), mark)


def _said(labels: Mapping[str, str | None]) -> str:
    return "; ".join(f"{short(id)} {label or 'has no label'}" for id, label in labels.items()) + "."
