"""A version keeps the labels that it was written with, on the embedded engine as on AWS."""

from __future__ import annotations

from lab_env.engine import Account, sessions


def test_labels_beside_the_current_one(account: Account) -> None:
    """Does a label that comes beside AWSCURRENT stay, move to the next version that asks for it, and stand in the answer?"""
    manager = sessions.client(account, "secretsmanager")
    manager.create_secret(Name="app")
    labels = ["AWSCURRENT", "TERRAFORM_MANAGED"]
    first = manager.put_secret_value(SecretId="app", SecretString="1", VersionStages=labels)
    assert sorted(first["VersionStages"]) == labels
    second = manager.put_secret_value(SecretId="app", SecretString="2", VersionStages=labels)["VersionId"]
    stages = manager.describe_secret(SecretId="app")["VersionIdsToStages"]
    assert sorted(stages[second]) == labels
    assert stages[first["VersionId"]] == ["AWSPREVIOUS"]


def test_version_with_a_label_of_its_own_stays(account: Account) -> None:
    """Is a version with such a label there after two rotations, as the lesson's safer design needs it?"""
    manager = sessions.client(account, "secretsmanager")
    manager.create_secret(Name="app")
    manager.put_secret_value(SecretId="app", SecretString="first", VersionStages=["AWSCURRENT", "TERRAFORM_MANAGED"])
    for value in ("second", "third"):
        manager.put_secret_value(SecretId="app", SecretString=value)
    kept = manager.get_secret_value(SecretId="app", VersionStage="TERRAFORM_MANAGED")
    assert kept["SecretString"] == "first"
