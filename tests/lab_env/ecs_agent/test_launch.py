"""The launch drill against the real engine: what starts, what does not, and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lab_env.ecs_agent import LaunchReport
from lab_env.engine.trail import lookup_trail

from .conftest import ECS, PLACEHOLDER, ROTATED, Lesson, document

pytestmark = pytest.mark.engine
Failure = Callable[[LaunchReport], str]


def test_right_form_sees_the_password(lesson: Lesson) -> None:
    """Does the reference's task get its password, under the role's own rights, without the report telling it?"""
    report = lesson.launch()
    assert report.error is None
    assert report.matches(PLACEHOLDER)
    assert not report.matches(ROTATED)
    assert list(report.injected) == ["DB_PASSWORD"]
    assert PLACEHOLDER not in repr(report)
    assert report.trust is not None
    assert report.trust.allowed
    assert report.decrypt is not None
    assert report.decrypt.allowed
    assert report.role_arn == lesson.role_arn
    assert lesson.roles() == ["execution"]


def test_after_rotation_sees_the_rotated_value(lesson: Lesson) -> None:
    """Does a launch after a rotation see the new value and not the old one?"""
    lesson.rotate()
    report = lesson.launch()
    assert report.matches(ROTATED)
    assert not report.matches(PLACEHOLDER)


def test_previous_stage_sees_the_old_value(lesson: Lesson) -> None:
    """Does AWSPREVIOUS give the value before the rotation?"""
    lesson.rotate()
    report = lesson.launch(lesson.container(f"{lesson.secret_arn}:password:AWSPREVIOUS:"))
    assert report.matches(PLACEHOLDER)


def test_trail_shows_the_session_and_no_other(lesson: Lesson) -> None:
    """Is the launch's read in the trail by its access key, and nobody else's in its window?"""
    lesson.api("secretsmanager").get_secret_value(SecretId=lesson.secret_arn)
    report = lesson.launch()
    assert report.session_access_key_id is not None
    reads = lookup_trail(lesson.account, start=report.started, end=report.ended, name="GetSecretValue")
    assert {event.access_key_id for event in reads} == {report.session_access_key_id}


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ("{arn}:password", "invalid ARN format"),
        ("{arn}:password:", "invalid ARN format"),
        ("{arn}:pasword::", "did not contain json key pasword"),
        ("{arn}:password:AWSPENDING:", "ResourceNotFound"),
        ("{arn}:password::00000000-0000-0000-0000-000000000000", "ResourceNotFound"),
        ("{arn}x:password::", "Check that the secret ARN is correct"),
        ("dev-database-credentials", "unable to retrieve secrets from ssm"),
        ("arn:aws:ssm:us-east-1:123456789012:parameter/password", "not authorized to perform: ssm:GetParameters"),
    ],
)
def test_wrong_value_from(lesson: Lesson, failure: Failure, form: str, reason: str) -> None:
    """Does each wrong form of valueFrom stop the task, for its own reason, naming the container?"""
    report = lesson.launch(lesson.container(form.format(arn=lesson.secret_arn)))
    assert failure(report).startswith("ResourceInitializationError: ")
    assert reason in failure(report)
    assert report.container == "app"


def test_what_the_api_does_not_even_take(lesson: Lesson) -> None:
    """Is a version id of two letters, or a region that is none, a task that does not start, and no fault of the engine's?"""
    for form in (f"{lesson.secret_arn}:password::v1", lesson.secret_arn.replace("us-east-1", "bad_region!")):
        report = lesson.launch(lesson.container(form))
        assert report.error is not None
        assert report.error.startswith("ResourceInitializationError")


def test_another_accounts_secret(lesson: Lesson, failure: Failure) -> None:
    """Is a secret of another account out of reach, whoever the root is that asks for us?"""
    other = Lesson(lesson.engine, type(lesson.account)("999988887777", lesson.account.endpoint), lesson.sandbox)
    report = lesson.launch(lesson.container(f"{other.secret_arn}:password::"))
    assert "Check that the secret ARN is correct" in failure(report)


def test_value_that_is_not_json(lesson: Lesson, failure: Failure) -> None:
    """Does a value that is no JSON object stop a task that asks for a key, and not one that takes it whole?"""
    lesson.rotate(PLACEHOLDER)
    assert "not a JSON object" in failure(lesson.launch())
    assert lesson.launch(lesson.container(lesson.secret_arn)).matches(PLACEHOLDER)


def test_rights_on_the_task_role_only(lesson: Lesson, failure: Failure) -> None:
    """Is it no use that the task role may read when the execution role may not?"""
    task_role = lesson.role("task", ECS)
    lesson.allow("task", lesson.read, lesson.decrypt)
    lesson.api("iam").delete_role_policy(RoleName="execution", PolicyName="own")
    error = failure(lesson.launch(taskRoleArn=task_role))
    assert "AccessDeniedException" in error
    assert "secretsmanager:GetSecretValue" in error


def test_missing_right_to_decrypt(lesson: Lesson, failure: Failure) -> None:
    """Does the task not start when the role may read the secret but not use its key, and is it not read then?"""
    lesson.allow("execution", lesson.read)
    report = lesson.launch()
    assert "Access to KMS is not allowed" in failure(report)
    assert report.decrypt is not None
    assert not report.decrypt.allowed
    assert lookup_trail(lesson.account, start=report.started, end=report.ended, name="GetSecretValue") == ()


def test_no_right_to_decrypt_needed_without_own_key(lesson: Lesson) -> None:
    """Does a secret under Secrets Manager's own key need no right on a key?"""
    lesson.allow("execution", lesson.read)
    lesson.api("secretsmanager").delete_secret(SecretId=lesson.secret_arn, ForceDeleteWithoutRecovery=True)
    value = json.dumps({"password": PLACEHOLDER})
    lesson.secret_arn = lesson.api("secretsmanager").create_secret(Name="plain", SecretString=value)["ARN"]
    lesson.allow("execution", lesson.read)
    report = lesson.launch()
    assert report.matches(PLACEHOLDER)
    assert report.decrypt is None


@pytest.mark.parametrize("form", ["id", "alias", "alias arn"])
def test_key_by_every_name(lesson: Lesson, failure: Failure, form: str) -> None:
    """Is the secret's key found by its id and by its alias, so that a missing right is noticed?"""
    lesson.api("kms").create_alias(AliasName="alias/own", TargetKeyId=lesson.key_arn)
    alias = lesson.key_arn.rsplit(":", 1)[0] + ":alias/own"
    names = {"id": lesson.key_arn.rsplit("/", 1)[-1], "alias": "alias/own", "alias arn": alias}
    lesson.api("secretsmanager").update_secret(SecretId=lesson.secret_arn, KmsKeyId=names[form])
    assert lesson.launch().matches(PLACEHOLDER)
    lesson.allow("execution", lesson.read)
    assert "Access to KMS is not allowed" in failure(lesson.launch())


def test_right_through_the_key_policy(lesson: Lesson) -> None:
    """Is a right to decrypt that the key's policy gives as good as one of the role's?"""
    lesson.allow("execution", lesson.read)
    root = {"AWS": f"arn:aws:iam::{lesson.account.id}:root"}
    lesson.api("kms").put_key_policy(
        KeyId=lesson.key_arn,
        PolicyName="default",
        Policy=document(
            {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"},
            {"Effect": "Allow", "Principal": {"AWS": lesson.role_arn}, "Action": "kms:Decrypt", "Resource": "*"},
        ),
    )
    assert lesson.launch().matches(PLACEHOLDER)


@pytest.mark.parametrize("action", ["secretsmanager:GetSecretValue", "kms:Decrypt", "*"])
def test_explicit_deny(lesson: Lesson, failure: Failure, action: str) -> None:
    """Does a Deny win over the role's rights?"""
    lesson.allow("execution", lesson.read, lesson.decrypt, {"Effect": "Deny", "Action": action, "Resource": "*"})
    assert "explicit deny" in failure(lesson.launch())


def test_deny_in_the_secrets_policy(lesson: Lesson, failure: Failure) -> None:
    """Does a Deny in the secret's own policy win, too?"""
    deny = {"Effect": "Deny", "Principal": {"AWS": lesson.role_arn}, "Action": "secretsmanager:*", "Resource": "*"}
    lesson.api("secretsmanager").put_resource_policy(SecretId=lesson.secret_arn, ResourcePolicy=document(deny))
    assert "explicit deny" in failure(lesson.launch())


def test_right_under_tls_only(lesson: Lesson) -> None:
    """Does a policy that asks for TLS, as AWS recommends, not stop a launch?"""
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "secretsmanager:*",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    lesson.api("secretsmanager").put_resource_policy(SecretId=lesson.secret_arn, ResourcePolicy=document(deny))
    assert lesson.launch().error is None


@pytest.mark.parametrize(
    "trust",
    [
        {**ECS, "Principal": {"Service": "ec2.amazonaws.com"}},
        {**ECS, "Principal": {"Service": "ecs.amazonaws.com"}},
        {**ECS, "Condition": {"StringEquals": {"aws:SourceAccount": "000000000000"}}},
        {**ECS, "Effect": "Deny"},
    ],
)
def test_trust_that_ecs_does_not_meet(lesson: Lesson, failure: Failure, trust: dict[str, Any]) -> None:
    """Does the task not start when the role is not ECS's to assume, although the engine would let root assume it?"""
    lesson.trust(trust)
    report = lesson.launch()
    assert failure(report).startswith("ECS was unable to assume the role")
    assert report.session_access_key_id is None
    assert report.trust is not None
    assert not report.trust.allowed


def test_trust_with_the_conditions_aws_recommends(lesson: Lesson) -> None:
    """Does a trust policy with source account and source ARN work, by a shadow role that is gone afterwards?"""
    lesson.trust(
        {
            **ECS,
            "Condition": {
                "StringEquals": {"aws:SourceAccount": lesson.account.id},
                "ArnLike": {"aws:SourceArn": f"arn:aws:ecs:us-east-1:{lesson.account.id}:*"},
            },
        }
    )
    report = lesson.launch()
    assert report.error is None
    assert report.matches(PLACEHOLDER)
    assert report.shadow_role
    assert lesson.roles() == ["execution"]
    reads = lookup_trail(lesson.account, start=report.started, end=report.ended, name="GetSecretValue")
    assert {event.access_key_id for event in reads} == {report.session_access_key_id}


@pytest.mark.parametrize("conditioned", [False, True])
def test_managed_policies(lesson: Lesson, conditioned: bool) -> None:
    """Do rights of a customer-managed policy beside an AWS-managed one count, by the role itself and by its shadow?"""
    iam = lesson.api("iam")
    iam.delete_role_policy(RoleName="execution", PolicyName="own")
    own = iam.create_policy(PolicyName="read", PolicyDocument=document(lesson.read, lesson.decrypt))["Policy"]["Arn"]
    for arn in (own, "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"):
        iam.attach_role_policy(RoleName="execution", PolicyArn=arn)
    if conditioned:
        lesson.trust({**ECS, "Condition": {"StringEquals": {"aws:SourceAccount": lesson.account.id}}})
    report = lesson.launch()
    assert report.matches(PLACEHOLDER)
    assert report.shadow_role is conditioned
    assert lesson.roles() == ["execution"]


def test_right_by_an_aws_managed_policy_alone(lesson: Lesson) -> None:
    """Does a right that only an AWS-managed policy gives count, although the engine knows that policy's name only?"""
    lesson.allow("execution", lesson.decrypt)
    arn = "arn:aws:iam::aws:policy/SecretsManagerReadWrite"
    lesson.api("iam").attach_role_policy(RoleName="execution", PolicyArn=arn)
    report = lesson.launch()
    assert report.error is None
    assert report.matches(PLACEHOLDER)


def test_permissions_boundary(lesson: Lesson, failure: Failure) -> None:
    """Does a boundary without the right stop the launch?"""
    iam = lesson.api("iam")
    logs = document({"Effect": "Allow", "Action": "logs:*", "Resource": "*"})
    boundary = iam.create_policy(PolicyName="boundary", PolicyDocument=logs)["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="execution", PermissionsBoundary=boundary)
    assert "AccessDeniedException" in failure(lesson.launch())


def test_permissions_boundary_whose_text_is_not_known(lesson: Lesson, failure: Failure) -> None:
    """Is a boundary that nobody can read no leave: does the launch stop, and say that it cannot be told?"""
    arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    lesson.api("iam").put_role_permissions_boundary(RoleName="execution", PermissionsBoundary=arn)
    assert 'undetermined: it depends on boundary "ReadOnlyAccess", whose text is not known' in failure(lesson.launch())


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion"])
def test_key_that_is_not_enabled(lesson: Lesson, failure: Failure, state: str) -> None:
    """Does a disabled key, or one to be deleted, stop the launch?"""
    if state == "Disabled":
        lesson.api("kms").disable_key(KeyId=lesson.key_arn)
    else:
        lesson.api("kms").schedule_key_deletion(KeyId=lesson.key_arn, PendingWindowInDays=7)
    error = failure(lesson.launch())
    assert "DecryptionFailure" in error
    assert state in error


def test_no_execution_role(lesson: Lesson, failure: Failure) -> None:
    """Does a task definition with secrets and no execution role, or one that is not there, not start?"""
    definition = {"containerDefinitions": [lesson.container()]}
    assert "executionRoleArn" in failure(lesson.launch_of(definition))
    gone = {**definition, "executionRoleArn": lesson.role_arn + "-gone"}
    assert "there is no such role" in failure(lesson.launch_of(gone))


def test_no_task_definition(lesson: Lesson, failure: Failure) -> None:
    """Is a task definition that is not there one clear error?"""
    assert "there is no task definition nothing" in failure(lesson.launch_of("nothing"))


def test_same_name_in_environment_and_secrets(lesson: Lesson, failure: Failure) -> None:
    """Is a name that is in environment and in secrets refused, as ECS does?"""
    definition = {
        "executionRoleArn": lesson.role_arn,
        "containerDefinitions": [lesson.container(environment=[{"name": "DB_PASSWORD", "value": "x"}])],
    }
    assert "must be unique" in failure(lesson.launch_of(definition))


def test_side_cars(lesson: Lesson) -> None:
    """Does only an essential container count, and does each container see its own variables only?"""
    user = [{"name": "DB_USER", "valueFrom": f"{lesson.secret_arn}:username::"}]
    report = lesson.launch(
        lesson.container(name="app", secrets=user),
        lesson.container(name="helper", essential=False),
        {"name": "quiet", "image": "none", "essential": True},
    )
    assert {view.name: list(view.injected) for view in report.containers} == {
        "app": ["DB_USER"],
        "helper": ["DB_PASSWORD"],
    }
    assert report.matches("app", "DB_USER")
    assert not report.matches(PLACEHOLDER)


def test_one_wrong_side_car_stops_the_task(lesson: Lesson, failure: Failure) -> None:
    """Does a wrong entry in any container stop the whole task, as ECS does?"""
    wrong = lesson.container(f"{lesson.secret_arn}:nothing::", name="helper", essential=False)
    report = lesson.launch(lesson.container(), wrong)
    assert "json key nothing" in failure(report)
    assert report.container == "helper"


def test_task_without_secrets(lesson: Lesson) -> None:
    """Does a task that injects nothing start, and count for nothing?"""
    report = lesson.launch({"name": "app", "image": "none", "essential": True})
    assert (report.ok, report.containers) == (True, ())
    assert not report.matches("")


def test_learners_command_and_callers_environment_stay_out(lesson: Lesson, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is nothing of the learner's run or loaded, and nothing of the caller's seen?"""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-callers")
    marker = "/nonexistent/lab-never-loaded.so"
    lesson.rotate(json.dumps({"password": PLACEHOLDER, "library": marker}))
    names = {"DB_PASSWORD": "password", "LD_PRELOAD": "library", "PYTHONSTARTUP": "library"}
    secrets = [{"name": name, "valueFrom": f"{lesson.secret_arn}:{key}::"} for name, key in names.items()]
    report = lesson.launch(lesson.container(secrets=secrets, command=["/bin/false"], entryPoint=["/bin/false"]))
    assert report.error is None
    assert set(report.injected) == set(names)
    assert report.matches(marker, "LD_PRELOAD")


def test_value_that_no_environment_can_hold(lesson: Lesson, failure: Failure) -> None:
    """Is a value with a NUL a container that cannot be created, not a crash?"""
    lesson.rotate(json.dumps({"password": f"{PLACEHOLDER}\0"}))
    assert failure(lesson.launch()).startswith("CannotCreateContainerError")


FARGATE = {"requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512"}
PULLING = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]


@pytest.mark.parametrize("missing", ["ecr:GetAuthorizationToken", *PULLING, None])
@pytest.mark.parametrize("owner", ["own", "210987654321"])
def test_private_image(lesson: Lesson, owner: str, missing: str | None) -> None:
    """Does Fargate's task stop without any of the four rights to pull a private image, and start with them?"""
    registry = lesson.account.id if owner == "own" else owner
    image = f"{registry}.dkr.ecr.us-east-1.amazonaws.com/shop/app:1"
    repository = f"arn:aws:ecr:us-east-1:{registry}:repository/shop/app"
    pull = {"Effect": "Allow", "Action": [a for a in PULLING if a != missing], "Resource": repository}
    login = {"Effect": "Allow", "Action": ["ecr:GetAuthorizationToken"], "Resource": "*"}
    rights = [pull] if missing == "ecr:GetAuthorizationToken" else [pull, login]
    lesson.allow("execution", lesson.read, lesson.decrypt, *rights)
    error = lesson.launch(lesson.container(image=image), **FARGATE).error
    assert (error is None) == (missing is None)
    assert missing is None or f"not authorized to perform: {missing}" in str(error)
