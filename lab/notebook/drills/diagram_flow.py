"""Two pictures from top to bottom: how the key protects the value, and how the value gets into the container."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lab.notebook.drills.as_role import verdict
from lab.notebook.drills.pictures import (
    EDGE,
    INNER,
    LINE,
    WIDTH,
    Arrow,
    Look,
    Pill,
    Shape,
    Text,
    box_height,
    draw,
    fitted,
    labelled,
)
from lab.notebook.drills.rights import DECRYPT, READ, Target, decide, key_target, principal_of, secret_target
from lab.notebook.drills.versions import CURRENT, short, versions_of
from lab.notebook.output.cards import Drawing
from lab_env.lesson import LESSON

if TYPE_CHECKING:
    from graders.evidence.deployed import RoleFacts
    from lab.notebook.drills.live import Live
    from lab_env.iam_policy import Decision

_MIDDLE = WIDTH / 2
_GAP = 34

Lines = list[tuple[Look, str]]


def envelope(live: Live) -> Drawing:
    """How the key protects the value: it encrypts a data key, and that encrypts the value."""
    key_name, key_lines, by_ours = _envelope_key(live)
    secret = live.secret
    current = _current(live)
    half = (INNER - 12) / 2
    shapes = labelled(EDGE, 4, INNER, key_lines, "solid" if by_ours else "missing")
    y = 4 + box_height(len(key_lines))
    left, right = EDGE + half / 2, EDGE + half + 12 + half / 2
    shapes += [Arrow(left, y, left, y + _GAP), Arrow(right, y, right, y + _GAP)]
    shapes += [Text(_MIDDLE, y + 21, "1 GenerateDataKey", "quiet", "middle")]
    y += _GAP
    plain: Lines = [("head", "Data key, plain"), ("plain", "in memory only,"), ("plain", "then forgotten")]
    sealed: Lines = [("head", "Data key, encrypted"), ("plain", "by the key above;"), ("plain", "may lie anywhere")]
    shapes += labelled(EDGE, y, half, plain, "inset") + labelled(EDGE + half + 12, y, half, sealed, "inset")
    y += box_height(3)
    shapes += [Arrow(left, y, left, y + _GAP), Arrow(right, y, right, y + _GAP)]
    shapes += [Text(left + 8, y + 21, "2 encrypts", "quiet"), Text(right - 8, y + 21, "3 kept beside", "quiet", "end")]
    y += _GAP
    name = secret.name if secret else "no secret is deployed yet"
    secret_lines: Lines = [
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


def _envelope_key(live: Live) -> tuple[str, Lines, bool]:
    """The key's name, the lines of its box, and whether it is the module's own."""
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


# --- road ----------------------------------------------------------------------------------------------------------------


def road(live: Live) -> Drawing:
    """The secret's way into the container, gate by gate."""
    from graders.evidence.subject import db_password_entries

    task, role, secret, key = live.task, live.role, live.secret, live.key
    entries = db_password_entries(task, essential_only=False) if task else []
    container = str(entries[0][0].get("name", "")) if entries else ""
    source = entries[0][1] if entries else f"nothing takes {LESSON.password} from a secret"
    current = _current(live)
    stops: list[tuple[str, str, str, bool]] = [
        (
            "Task definition",
            task.arn.rpartition("/")[2] if task else "",
            f"{LESSON.password}: {source}",
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
    stops.append(("Container", container, f"{LESSON.password} in plain text, from its start on", bool(container)))
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
        lines: Lines = [("head", f"{number + 1} {what}"), ("code", name), ("plain", more)]
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


def _assumes(live: Live) -> Decision | None:
    from lab_env.iam_policy import ecs_assumes_role, evaluate, named_policy

    if live.role is None:
        return None
    trust = named_policy("the role's trust policy", live.role.trust, "trust")
    return evaluate(ecs_assumes_role(live.role.arn, region=live.account.region), resource_policy=trust)


def _reads(live: Live) -> Decision | None:
    if live.role is None or live.secret is None:
        return None
    return of_role(live.role, READ, secret_target(live.secret))


def _decrypts(live: Live) -> Decision | None:
    """By the execution role through Secrets Manager; None where that right is not asked for."""
    if live.role is None or live.secret is None or live.key is None or live.secret.key_arn != live.key.arn:
        return None
    return of_role(live.role, DECRYPT, key_target(live.key, through=live.secret))


def of_role(role: RoleFacts, action: str, target: Target) -> Decision:
    from graders.rubric.access.permissions import identity_of

    return decide(action, target, principal_of(role, "session"), identity_of(role))


def _current(live: Live) -> str:
    """Id of the current version; empty when there is none."""
    if live.secret is None:
        return ""
    return next((one.id for one in versions_of(live) if CURRENT in one.stages), "")
