"""``%diagram``: pictures of the learner's own deployment, drawn from what was read of it once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from lab.drills.as_role import (
    DECRYPT,
    READ,
    Target,
    decide,
    key_target,
    needed,
    principal_of,
    secret_target,
    verdict,
)
from lab.drills.pictures import (
    EDGE,
    INNER,
    LINE,
    WIDTH,
    Arrow,
    Look,
    Pill,
    Rule,
    Shape,
    Text,
    box_height,
    draw,
    fitted,
    labelled,
)
from lab.drills.versions import CURRENT, Moment, Version, history_of, short, versions_of
from lab.output.cards import Card, Drawing, Mark

if TYPE_CHECKING:
    from graders.evidence.deployed import RoleFacts
    from lab.drills.live import LiveDeployment
    from lab_env.iam_policy import Decision

_MIDDLE = WIDTH / 2
_GAP = 34
_MOST_MOMENTS = 8
_MOST_VERSIONS = 3
_MOST_ROLES = 3
_TOO_MUCH = "yes!"

BoxLines = list[tuple[Look, str]]
Ask = Callable[[str, Target], "Decision"]


@dataclass(frozen=True)
class Scene:
    """What the pictures show: the deployment, and the secret's versions and their past where there is a secret."""

    live: LiveDeployment
    versions: tuple[Version, ...] = ()
    history: tuple[Moment, ...] = ()

    @property
    def current(self) -> str:
        """Id of the current version; empty when there is none."""
        return next((one.id for one in self.versions if CURRENT in one.stages), "")


def scene_of(live: LiveDeployment) -> Scene:
    """Read what the pictures show."""
    return Scene(live) if live.secret is None else Scene(live, versions_of(live), history_of(live))


def check_name(which: str) -> str:
    """Check the name of a picture, before anything is looked at for it.

    :raises UsageError: there is none of this name.
    """
    from lab_env.errors import UsageError

    if which not in DIAGRAMS:
        raise UsageError(
            f"There is no diagram {which}." if which else "Which diagram?",
            next_step=f"Write %diagram and one of {', '.join(DIAGRAMS)}.",
        )
    return which


def diagram_card(live: LiveDeployment, which: str) -> Card:
    """Draw one of the pictures.

    :raises NothingDeployedError: what it shows is not deployed.
    """
    title, lead, picture = DIAGRAMS[check_name(which)]
    return Card(title, lead, None, (picture(scene_of(live)),))


def envelope(scene: Scene) -> Drawing:
    """Draw how the key protects the value: it encrypts a data key, and that encrypts the value."""
    live, current = scene.live, scene.current
    key_name, key_lines, by_ours = _envelope_key(live)
    secret = live.secret
    half = (INNER - 12) / 2
    shapes = labelled(EDGE, 4, INNER, key_lines, "solid" if by_ours else "missing")
    y = 4 + box_height(len(key_lines))
    left, right = EDGE + half / 2, EDGE + half + 12 + half / 2
    shapes += [Arrow(left, y, left, y + _GAP), Arrow(right, y, right, y + _GAP)]
    shapes += [Text(_MIDDLE, y + 21, "1 GenerateDataKey", "quiet", "middle")]
    y += _GAP
    plain: BoxLines = [("head", "Data key, plain"), ("plain", "in memory only,"), ("plain", "then forgotten")]
    sealed: BoxLines = [("head", "Data key, encrypted"), ("plain", "by the key above;"), ("plain", "may lie anywhere")]
    shapes += labelled(EDGE, y, half, plain, "inset") + labelled(EDGE + half + 12, y, half, sealed, "inset")
    y += box_height(3)
    shapes += [Arrow(left, y, left, y + _GAP), Arrow(right, y, right, y + _GAP)]
    shapes += [Text(left + 8, y + 21, "2 encrypts", "quiet"), Text(right - 8, y + 21, "3 kept beside", "quiet", "end")]
    y += _GAP
    name = secret.name if secret else "no secret is deployed yet"
    secret_lines: BoxLines = [
        ("head", "Secret"),
        ("code", name),
        ("plain", f"version {short(current)}, {CURRENT}" if current else "no current version"),
        ("plain", "value ••••••••, encrypted, and its data key"),
    ]
    shapes += labelled(EDGE, y, INNER, secret_lines, "solid" if secret else "missing")
    y += box_height(len(secret_lines))
    shapes += [Text(EDGE, y + 22, "4 To read it, KMS must decrypt the data key:", "quiet")]
    told = [
        f"KMS key: {key_name}.",
        "1. KMS gives a data key twice: plain, and encrypted by the key, which never leaves KMS.",
        "2. The plain data key encrypts the value and is forgotten.",
        f"3. The encrypted data key is kept beside the value, in secret {name}.",
    ]
    decision = _decrypts(live)
    if decision is None:
        shapes += [Text(EDGE, y + 22 + LINE, "who may ask for that, the role's policies will say", "quiet")]
        told.append("4. To read it, KMS must decrypt the data key; no execution role is deployed that could ask.")
    else:
        role = live.role.name if live.role else ""
        shapes.append(fitted(EDGE, y + 26 + LINE, INNER - 104, role, "code"))
        shapes.append(Pill(WIDTH - EDGE - 48, y + 22 + LINE, 96, verdict(decision)))
        told.append(f"4. To read it, KMS must decrypt the data key. Role {role}: {decision.explanation}.")
    return draw("Envelope encryption of your secret", told, shapes, y + 34 + LINE)


def _envelope_key(live: LiveDeployment) -> tuple[str, BoxLines, bool]:
    """Give the key's name, the lines of its box, and whether it is the module's own."""
    secret, key = live.secret, live.key
    if secret is not None and (key is None or secret.key_arn != key.arn):
        named = "aws/secretsmanager" if secret.kms_key_id is None else secret.kms_key_id
        return named, [("head", "KMS key"), ("code", named), ("plain", "AWS's own: its policy is not yours")], True
    if key is None:
        return "none is deployed yet", [("head", "KMS key"), ("plain", "no key is deployed yet")], False
    rotation = "rotation on" if key.rotation else "rotation off"
    name = live.alias or key.key_id
    return (
        f"{name}, id {key.key_id}, {key.state}, {rotation}",
        [
            ("head", "KMS key, never leaves KMS"),
            ("code", name),
            ("plain", f"{key.state}, {rotation}, id {short(key.key_id)}"),
        ],
        True,
    )


def road(scene: Scene) -> Drawing:
    """Draw the secret's way into the container, gate by gate."""
    from graders.evidence.subject import password_entries

    live, current = scene.live, scene.current
    task, role, secret, key = live.task, live.role, live.secret, live.key
    entries = password_entries(task, live.lesson, essential_only=False) if task else []
    container = str(entries[0][0].get("name", "")) if entries else ""
    source = entries[0][1] if entries else f"nothing takes {live.lesson.password} from a secret"
    stops: list[tuple[str, str, str, bool]] = [
        (
            "Task definition",
            task.arn.rpartition("/")[2] if task else "",
            f"{live.lesson.password}: {source}",
            task is not None,
        ),
        ("Execution role", role.name if role else "", "what the ECS agent is meanwhile", role is not None),
        (
            "Secret",
            secret.name if secret else "",
            f"version {short(current)}, {CURRENT}" if current else "no current version",
            secret is not None,
        ),
    ]
    if secret is None or secret.kms_key_id is not None:
        stops.append(("KMS key", (live.alias or key.key_id) if key else "", key.state if key else "", key is not None))
    else:
        stops.append(("KMS key", "aws/secretsmanager", "AWS's own: no right of yours is needed", True))
    stops.append(("Container", container, f"{live.lesson.password} in plain text, from its start on", bool(container)))
    gates: list[tuple[str, Decision | None]] = [
        ("the ECS agent assumes", _assumes(live)),
        ("GetSecretValue", _reads(live)),
        ("kms:Decrypt, by Secrets Manager", _decrypts(live)),
        ("the value, once, when it starts", None),
    ]
    shapes: list[Shape] = []
    told: list[str] = []
    y = 4.0
    for number, (what, name, more, there) in enumerate(stops):
        lines: BoxLines = [("head", f"{number + 1} {what}"), ("code", name), ("plain", more)]
        if not there:
            lines = [("head", f"{number + 1} {what}"), ("plain", "not deployed yet")]
        shapes += labelled(EDGE, y, INNER, lines, "solid" if there else "missing")
        told.append(f"{number + 1}. {what} {name}: {more}." if there else f"{number + 1}. {what}: not deployed yet.")
        y += box_height(len(lines))
        if number < len(gates):
            label, decision = gates[number]
            shapes += [Arrow(EDGE + 20, y, EDGE + 20, y + _GAP), Text(EDGE + 34, y + 21, label, "quiet")]
            if decision is not None:
                shapes.append(Pill(WIDTH - EDGE - 48, y + 17, 96, verdict(decision)))
                told.append(f"Then {label}: {decision.explanation}.")
            else:
                told.append(f"Then {label}.")
            y += _GAP
    return draw("The road of your secret into the container", told, shapes, y + 4)


def _assumes(live: LiveDeployment) -> Decision | None:
    from lab_env.iam_policy import ecs_assumes_role, evaluate, named_policy

    if live.role is None:
        return None
    trust = named_policy("the role's trust policy", live.role.trust, "trust")
    return evaluate(ecs_assumes_role(live.role.arn, region=live.account.region), resource_policy=trust)


def _reads(live: LiveDeployment) -> Decision | None:
    if live.role is None or live.secret is None:
        return None
    return of_role(live.role, READ, secret_target(live.secret))


def _decrypts(live: LiveDeployment) -> Decision | None:
    """Decide it for the execution role through Secrets Manager; None where that right is not asked for."""
    if live.role is None or live.secret is None or live.key is None or live.secret.key_arn != live.key.arn:
        return None
    return of_role(live.role, DECRYPT, key_target(live.key, through=live.secret))


def of_role(role: RoleFacts, action: str, target: Target) -> Decision:
    """Decide by the role's own policies and the target's."""
    from graders.rubric.access.permissions import identity_of

    return decide(action, target, principal_of(role, "session"), identity_of(role))


def permissions(scene: Scene) -> Drawing:
    """Draw who may do what with the secret and its key, by all policies together."""
    from lab_env.iam_policy import Principal

    live = scene.live
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
    """Mark a decision; with ``fitting`` it is as it should be when it is allowed."""
    if decision.undetermined:
        return Mark("?", "open", "blocked")
    if not decision.allowed:
        return Mark("✗", "no", "not_run")
    return Mark("✓", "yes", "pass") if fitting else Mark("✓", _TOO_MUCH, "fail")


def _matrix(
    questions: Sequence[str], columns: Sequence[str], marks: Mapping[tuple[int, int], Mark]
) -> tuple[list[Shape], float]:
    """Lay questions down, principals across by number, and below what the numbers mean."""
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


def versions(scene: Scene) -> Drawing:
    """Draw how the staging labels moved from version to version; the last row is what the API says now."""
    live, moments = scene.live, scene.history
    live.the_secret()
    existing = {one.id: one for one in scene.versions}
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
    """Choose the newest versions, and in any case one that Terraform tracks, in the order they were written."""
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


DIAGRAMS: Mapping[str, tuple[str, str, Callable[[Scene], Drawing]]] = {
    "envelope": (
        "Envelope encryption",
        "Your key encrypts a small data key, and the data key encrypts the value. So the key itself never leaves KMS.",
        envelope,
    ),
    "road": (
        "The secret's road to the container",
        "The task definition carries an address. The value is fetched at the start, gate by gate.",
        road,
    ),
    "permissions": (
        "Who may do what",
        "Decided over every policy of the deployment together: the roles' own, the secret's and the key's.",
        permissions,
    ),
    "versions": (
        "Versions and their staging labels",
        "Every write makes a new version and moves the labels. Terraform watches one version by its id, not the label.",
        versions,
    ),
}
