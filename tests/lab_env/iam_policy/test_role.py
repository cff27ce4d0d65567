"""A role's policies: what is known of them, and what is not."""

from __future__ import annotations

import json

from graders.evidence.deployed import RoleFacts
from graders.rubric.access.permissions import identity_of
from lab_env.iam_policy import NamedPolicy, PolicyText, Role, UnknownPolicy

AWS = "arn:aws:iam::aws:policy/"
READ = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"},
    }
)


def role(boundary: PolicyText | None = None) -> Role:
    return Role(
        name="execution",
        arn="arn:aws:iam::111122223333:role/execution",
        trust="{}",
        inline=(PolicyText("read", None, READ),),
        attached=(PolicyText("PowerUserAccess", f"{AWS}PowerUserAccess", None), PolicyText("x", f"{AWS}NoSuch", None)),
        boundary=boundary,
        tags={},
    )


def test_what_is_known() -> None:
    """Are the module's and the shipped policies read under their names, and is one without a text named as unknown?"""
    identity = role().identity(lambda policy: f"policy {policy.name}")
    assert [policy.name for policy in identity.policies] == ["policy read", "AWS-managed policy PowerUserAccess"]
    assert identity.unknown == (f"{AWS}NoSuch",)
    assert identity.boundary is None


def test_boundaries() -> None:
    """Is a boundary read like any policy, and one without a text a limit that nobody knows?"""
    written = role(PolicyText("fence", "arn:aws:iam::111122223333:policy/fence", READ))
    assert isinstance(written.identity(lambda policy: policy.name).boundary, NamedPolicy)
    hidden = role(PolicyText("ReadOnlyAccess", f"{AWS}ReadOnlyAccess", None))
    assert hidden.identity(lambda policy: policy.name).boundary == UnknownPolicy('boundary "ReadOnlyAccess"')


def test_the_verdicts_read_the_same_role() -> None:
    """Do the deployed facts of a role come to the same policies, under the name of the learner's own block?"""
    facts = RoleFacts(**vars(role()), address="module.secrets.aws_iam_role.execution")
    assert identity_of(facts).policies[0].name == 'policy "read" of role aws_iam_role.execution'
    assert identity_of(facts).unknown == role().identity(lambda policy: policy.name).unknown
