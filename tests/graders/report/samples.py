"""Made-up results for the report tests: every status, every kind of evidence, and text that means harm."""

from __future__ import annotations

from graders.model import (
    Adjustment,
    Depth,
    EngineInfo,
    Evidence,
    Layer,
    RequirementResult,
    Results,
    Status,
    SubmissionResult,
    SubmissionStatus,
    Versions,
)
from graders.report.sources import Quotes, quoted, quotes

ARN = "arn:aws:secretsmanager:us-east-1:<account>:secret:dev-database-credentials-with-quite-a-long-name-<suffix>"
NASTY = (
    "<script>alert(1)</script> \x1b[2J\x1b[31mpass\x1b[0m \u202egnp.exe\u202c & \"quotes\" 'x' {{ 7*7 }} \x00\x7f\x9b"
)

KMS_TF = """\
resource "aws_kms_key" "secrets" {
  description             = "Key of the application's secrets"
  deletion_window_in_days = 30
  enable_key_rotation     = true # renews the key material once a year

  tags = {
    Environment = var.environment
    ManagedBy   = "Terraform"
  }
}

resource "aws_kms_alias" "secrets" {
  name          = "alias/app-secrets-dev"
  target_key_id = aws_kms_key.secrets.key_id
}
"""
IAM_TF = """\
data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["secretsmanager:*"]
    resources = ["*"] # a very long comment that runs past the right edge of a telephone's screen, and on
  }
}
"""
SOURCES = {
    "amara-okafor": {"modules/secrets/kms.tf": KMS_TF, "modules/secrets/iam.tf": IAM_TF},
    NASTY: {
        "modules/secrets/kms.tf": f'# {NASTY}\nresource "x" "y" {{\n  z = "</pre><img src=x onerror=alert(1)>"\n}}\n'
    },
}

_IDS: tuple[tuple[str, int, Layer, str], ...] = (
    ("module.valid", 2, Layer.PLAN, "The module is accepted, has a resource, initialises and validates"),
    ("module.environment", 4, Layer.PLAN, "Names and tags follow the environment, and nothing else does"),
    ("kms.key", 4, Layer.DEPLOYED, "A customer-managed key is deployed"),
    ("kms.rotation", 4, Layer.DEPLOYED, "Automatic rotation is on for the key"),
    ("kms.deletion_window", 3, Layer.PLAN, "The key waits 7 days before its deletion"),
    ("kms.tags", 2, Layer.DEPLOYED, "The key carries its tags"),
    ("kms.alias", 4, Layer.DEPLOYED, "The alias points at the key"),
    ("secret.container", 3, Layer.DEPLOYED, "The secret is deployed under its name"),
    ("secret.cmk", 6, Layer.DEPLOYED, "The secret is encrypted with the module's key"),
    ("secret.recovery_window", 3, Layer.PLAN, "The secret can be recovered for 7 days"),
    ("secret.tags", 2, Layer.DEPLOYED, "The secret carries its tag"),
    ("secret.placeholder", 4, Layer.DEPLOYED, "The first version holds a plain placeholder"),
    ("secret.no_plaintext", 6, Layer.HCL, "No credential stands in any file"),
    ("rotation.ignore_changes", 4, Layer.HCL, "The version ignores secret_string"),
    ("rotation.survives_apply", 7, Layer.BEHAVIOUR, "A rotated password survives the next apply"),
    ("rotation.state_clean", 4, Layer.BEHAVIOUR, "The rotated password is in no state, plan or output"),
    ("ecs.secret_reference", 6, Layer.DEPLOYED, "A container gets DB_PASSWORD from the secret"),
    ("ecs.no_plaintext_env", 4, Layer.PLAN, "No credential stands in a container definition"),
    ("ecs.execution_role", 3, Layer.DEPLOYED, "Only ECS tasks may assume the execution role"),
    ("iam.read_secret", 4, Layer.BEHAVIOUR, "The execution role may read the secret"),
    ("iam.decrypt_key", 4, Layer.BEHAVIOUR, "The execution role may decrypt with the key"),
    ("iam.least_privilege", 5, Layer.BEHAVIOUR, "The execution role may do nothing else"),
    ("iam.no_other_reader", 5, Layer.BEHAVIOUR, "Nobody else can read the secret"),
    ("runtime.launch", 5, Layer.BEHAVIOUR, "The launched container sees the rotated password"),
    ("runtime.audit", 2, Layer.BEHAVIOUR, "The trail shows who read the secret"),
)

_HCL = Evidence(
    kind="hcl",
    path="modules/secrets/kms.tf",
    line=3,
    end_line=3,
    address="module.secrets.aws_kms_key.secrets",
    detail="deletion_window_in_days = 30",
)
_SPECIAL: dict[str, tuple[Status, str, str, str, tuple[Evidence, ...]]] = {
    "kms.deletion_window": (
        Status.FAIL,
        "30 days",
        "7 days",
        "The key waits 30 days before its deletion is final. Set deletion_window_in_days to 7.",
        (
            _HCL,
            Evidence(
                kind="plan",
                address="module.secrets.aws_kms_key.secrets",
                detail="environment dev: deletion_window_in_days=30",
            ),
            Evidence(kind="api", detail="DescribeKey: KeyState=Enabled, PendingDeletionWindowInDays=30"),
        ),
    ),
    "kms.alias": (
        Status.FAIL,
        "alias/app-secrets-dev in every environment",
        "alias/app-secrets-<environment>",
        "The alias is called alias/app-secrets-dev in prod too. Build its name from var.environment.",
        (
            Evidence(
                kind="hcl",
                path="modules/secrets/kms.tf",
                line=13,
                end_line=13,
                address="module.secrets.aws_kms_alias.secrets",
                detail='name = "alias/app-secrets-dev"',
            ),
            Evidence(
                kind="plan",
                address="module.secrets_2.aws_kms_alias.secrets",
                detail="environment prod: name=alias/app-secrets-dev",
            ),
        ),
    ),
    "iam.least_privilege": (
        Status.FAIL,
        f"allowed besides: secretsmanager:PutSecretValue on {ARN}",
        "GetSecretValue on the secret and Decrypt with its key, nothing else",
        "The execution role may do more than the agent needs. Name the one action and the one secret.",
        (
            Evidence(
                kind="hcl",
                path="modules/secrets/iam.tf",
                line=2,
                end_line=5,
                address="module.secrets.data.aws_iam_policy_document.read",
                detail='actions = ["secretsmanager:*"]',
            ),
            Evidence(kind="drill", detail=f"PutSecretValue as the execution role on a decoy: allowed ({ARN})"),
        ),
    ),
    "runtime.audit": (Status.NOT_RUN, "the engine keeps no trail", "", "Not run: the engine keeps no trail.", ()),
    "runtime.launch": (
        Status.BLOCKED,
        "the execution role reads too much",
        "iam.least_privilege first",
        "Cannot be looked at yet. Next: iam.least_privilege.",
        (),
    ),
}


def row(
    id_: str, status: Status, *, points: int, layer: Layer = Layer.PLAN, title: str = "A title", **texts: object
) -> RequirementResult:
    """One row; texts not given are filled in."""
    earned = points if status is Status.PASS else None if status is Status.ERROR else 0
    fields: dict[str, object] = {
        "observed": "seen",
        "expected": "wanted",
        "message": "A sentence.",
        "detail": "for the instructor",
        "hint": "" if status is Status.PASS else "Look at the documentation of aws_kms_key.",
        "blocked_by": "kms.key" if status is Status.BLOCKED else None,
        "evidence": (Evidence(kind="api", detail="DescribeKey: KeyState=Enabled"),),
        "duration_ms": 12,
        **texts,
    }
    return RequirementResult.model_validate(
        {
            "id": id_,
            "step": id_.partition(".")[0],
            "title": title,
            "status": status,
            "points": points,
            "earned": earned,
            "layer": layer,
            **fields,
        }
    )


def rows(status: Status | None = None) -> tuple[RequirementResult, ...]:
    """The 25 rows: all with ``status``, or a telling mixture."""
    made = []
    for id_, points, layer, title in _IDS:
        if status is not None or id_ not in _SPECIAL:
            made.append(row(id_, status or Status.PASS, points=points, layer=layer, title=title))
            continue
        own, observed, expected, message, evidence = _SPECIAL[id_]
        made.append(
            row(
                id_,
                own,
                points=points,
                layer=layer,
                title=title,
                observed=observed,
                expected=expected,
                message=message,
                evidence=evidence,
                blocked_by="iam.least_privilege" if own is Status.BLOCKED else None,
            )
        )
    return tuple(made)


def submission(
    id_: str,
    made: tuple[RequirementResult, ...],
    *,
    status: SubmissionStatus = SubmissionStatus.GRADED,
    reason: str | None = None,
    adjustments: tuple[Adjustment, ...] = (),
    notes: tuple[str, ...] = (),
) -> SubmissionResult:
    score = sum(r.earned or 0 for r in made) + sum(a.points for a in adjustments)
    return SubmissionResult(
        id=id_,
        digest="sha256:" + "5e" * 32,
        status=status,
        reason=reason,
        score=None if status is SubmissionStatus.ERROR else score,
        max_score=sum(r.points for r in made if r.status is not Status.NOT_RUN),
        adjustments=adjustments,
        requirements=made,
        notes=notes,
    )


def results(*submissions: SubmissionResult) -> Results:
    """A run over ``submissions``, or over a class that has every status when none is given."""
    return Results(
        schema=2,
        rubric="secrets-management@3f9a1c",
        created="2026-11-23T12:00:00Z",
        engine=EngineInfo(name="embedded", version="1.5.33", capabilities=("iam", "trail", "ecs")),
        versions=Versions(grader="0.1.0", terraform="1.11.4", provider="5.100.0"),
        isolation=("gate", "plan"),
        depth=Depth.FULL,
        submissions=submissions or every_status(),
    )


def every_status() -> tuple[SubmissionResult, ...]:
    """A class with every submission status and every requirement status."""
    nasty = row(
        "kms.key",
        Status.FAIL,
        points=4,
        title=NASTY,
        observed=NASTY,
        expected=NASTY,
        message=NASTY,
        detail=NASTY,
        hint=NASTY,
        evidence=(
            Evidence(
                kind="hcl", path="modules/secrets/kms.tf", line=1, end_line=3, cell=2, address=NASTY, detail=NASTY
            ),
        ),
    )
    return (
        submission(
            "amara-okafor",
            rows(),
            adjustments=(Adjustment(kind="late", points=-5, reason="Handed in two days late."),),
            notes=("The version constraint ~> 4.0 of modules/secrets/versions.tf was overridden by 5.100.0.",),
        ),
        submission("bruno-keller", rows(Status.PASS)),
        submission(
            "chiara-rossi",
            (
                row("module.valid", Status.FAIL, points=2, observed="provider block", evidence=()),
                *rows(Status.BLOCKED)[1:],
            ),
            status=SubmissionStatus.REJECTED,
            reason='modules/secrets/main.tf, line 1: a block of type "provider" is not allowed.',
        ),
        submission(
            "dmitri-volkov",
            rows(Status.UNGRADABLE),
            status=SubmissionStatus.UNGRADABLE,
            reason="The archive cannot be read: it is cut off after 812 bytes.",
        ),
        submission(
            "emi-tanaka",
            rows(Status.ERROR),
            status=SubmissionStatus.ERROR,
            reason="The engine stopped answering during the apply.",
        ),
        submission(NASTY, (nasty, row("kms.rotation", Status.PASS, points=4)), reason=NASTY, notes=(NASTY,)),
    )


def sources(made: Results) -> dict[str, Quotes]:
    """What the evidence of these results quotes of :data:`SOURCES`."""
    return quoted(made.submissions, SOURCES)


def quotes_of(one: SubmissionResult) -> Quotes:
    """What the evidence of this submission quotes of :data:`SOURCES`."""
    return quotes(one.requirements, SOURCES.get(one.id, {}))
