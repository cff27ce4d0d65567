"""A repeated write, a deletion's date and a secret without a value, on the embedded engine as on AWS."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from lab_env.engine import Account, sessions


def test_same_write_again(account: Account) -> None:
    """Is a PutSecretValue under a token that made a version ignored, so that AWSPREVIOUS and every other label stays?"""
    manager = sessions.client(account, "secretsmanager")
    first = manager.create_secret(Name="app", SecretString="1")["VersionId"]
    asked = {"SecretId": "app", "SecretString": "2", "ClientRequestToken": str(uuid.uuid4())}
    made, again = (manager.put_secret_value(**asked) for _ in range(2))
    assert {name: again[name] for name in ("VersionId", "VersionStages")} == {
        "VersionId": asked["ClientRequestToken"],
        "VersionStages": ["AWSCURRENT"],
    }
    assert made["ARN"] == again["ARN"]
    stages = manager.describe_secret(SecretId="app")["VersionIdsToStages"]
    assert stages == {first: ["AWSPREVIOUS"], asked["ClientRequestToken"]: ["AWSCURRENT"]}


def test_earlier_write_again(account: Account) -> None:
    """Does a write that comes again after a later one move nothing, a label of its own included?"""
    manager = sessions.client(account, "secretsmanager")
    manager.create_secret(Name="app")
    labels = ["AWSCURRENT", "TERRAFORM_MANAGED"]
    asked = {"SecretId": "app", "SecretString": "1", "VersionStages": labels, "ClientRequestToken": str(uuid.uuid4())}
    manager.put_secret_value(**asked)
    manager.put_secret_value(SecretId="app", SecretString="2", VersionStages=labels)
    before = manager.describe_secret(SecretId="app")["VersionIdsToStages"]
    manager.put_secret_value(**asked)
    assert manager.describe_secret(SecretId="app")["VersionIdsToStages"] == before


@pytest.mark.parametrize("operation", ["put_secret_value", "update_secret"])
def test_another_value_under_a_token(account: Account, operation: str) -> None:
    """Is another value under a used token refused, with the first one still there?"""
    manager = sessions.client(account, "secretsmanager")
    manager.create_secret(Name="app")
    token = str(uuid.uuid4())
    made = getattr(manager, operation)(SecretId="app", SecretString="1", ClientRequestToken=token)
    assert made["VersionId"] == token
    with pytest.raises(ClientError, match=f"ResourceExistsException.*{token}"):
        getattr(manager, operation)(SecretId="app", SecretString="2", ClientRequestToken=token)
    assert manager.get_secret_value(SecretId="app", VersionId=token)["SecretString"] == "1"


def test_date_of_a_deletion(account: Account) -> None:
    """Is DeletedDate when the secret was deleted, and DeletionDate when that is final, until it is restored?"""
    manager = sessions.client(account, "secretsmanager")
    manager.create_secret(Name="app")
    final = manager.delete_secret(SecretId="app", RecoveryWindowInDays=7)["DeletionDate"]
    deleted = manager.describe_secret(SecretId="app")["DeletedDate"]
    (listed,) = manager.list_secrets(IncludePlannedDeletion=True)["SecretList"]
    assert deleted == listed["DeletedDate"] <= datetime.now(UTC)
    assert abs(final - deleted - timedelta(days=7)) <= timedelta(seconds=1)
    manager.restore_secret(SecretId="app")
    assert "DeletedDate" not in manager.describe_secret(SecretId="app")


def test_refused_deletion_leaves_no_date(account: Account) -> None:
    """Is a secret that was not deleted, because the window is too short, without a date?"""
    manager = sessions.client(account, "secretsmanager")
    manager.create_secret(Name="app")
    with pytest.raises(ClientError, match="InvalidParameterException"):
        manager.delete_secret(SecretId="app", RecoveryWindowInDays=6)
    assert "DeletedDate" not in manager.describe_secret(SecretId="app")


def test_secret_without_a_value(account: Account) -> None:
    """Has a secret that is created without a value no version, until one is written, which is the current one?"""
    manager = sessions.client(account, "secretsmanager")
    assert "VersionId" not in manager.create_secret(Name="app")
    assert manager.list_secret_version_ids(SecretId="app")["Versions"] == []
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        manager.get_secret_value(SecretId="app")
    written = manager.put_secret_value(SecretId="app", SecretString="1")
    assert manager.get_secret_value(SecretId="app")["VersionId"] == written["VersionId"]
    assert manager.describe_secret(SecretId="app")["VersionIdsToStages"] == {written["VersionId"]: ["AWSCURRENT"]}
