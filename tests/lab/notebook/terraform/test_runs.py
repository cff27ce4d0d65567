"""``%terraform`` on the real engine, as a learner uses it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from lab import deployment
from lab.terraform import plan_diff
from lab.terraform.runs import TerraformRefusedError
from lab.terraform.views import refused
from lab_env import engine as engines
from lab_env.engine import Engine
from lab_env.errors import UsageError
from lab_env.terraform import Toolchain
from solutions.corpus import load_corpus
from tests.lab.notebook.conftest import VARIABLES, Notebook

pytestmark = [pytest.mark.engine, pytest.mark.terraform]

SECRET = "modules/secrets/secret.tf"


@pytest.fixture(autouse=True)
def _everything_is_there(engine: Engine, toolchain: Toolchain) -> None:
    """Skips loudly where a part is missing."""


def test_a_command_that_there_is_not_is_told(notebook: Notebook) -> None:
    """Is a mistyped command a clean error that names the right one, and an empty workspace what to do first?"""
    mistyped = notebook.run("%terraform aply")
    assert isinstance(mistyped.error, UsageError)
    assert mistyped.told == ["There is no %terraform aply.", "Next: Did you mean %terraform apply?"]
    assert isinstance(notebook.run("%terraform").error, UsageError)
    assert "%%hcl cells, from notebook 00 on" in notebook.run("%terraform plan").told[1]


def test_plan_apply_show_destroy_and_apply_again(notebook: Notebook) -> None:
    """Does the whole way work, without a value of the secret in any output, and apply after destroy, in another account?"""
    notebook.write("reference", "variables.tf", "kms.tf", "secret.tf")
    assert "4 to add, 0 to change, 0 to destroy." in notebook.run("%terraform plan").out
    assert notebook.session.workspace_state() is None  # a plan deploys nothing
    applied = notebook.run("%terraform apply").out
    assert "Apply complete: 4 added, 0 changed, 0 destroyed." in applied
    first = notebook.session.account.id
    manager = notebook.session.client("secretsmanager")
    value = manager.get_secret_value(SecretId="dev-database-credentials")["SecretString"]
    password = json.loads(value)["password"]
    shown = notebook.run("%terraform show").out
    assert "4 resources in your practice account" in shown
    assert "secret_string = (sensitive value)" in shown
    for out in (applied, shown):
        assert password not in out

    # A change is planned over what is there.
    assert "No changes" in notebook.run("%terraform plan").out
    text = notebook.place.text("modules/secrets/kms.tf")
    assert text is not None
    notebook.place.write("modules/secrets/kms.tf", text.replace("Encrypts", "Guards"))
    plan = notebook.run("%terraform plan").out
    assert "0 to add, 1 to change, 0 to destroy." in plan
    assert "~   description = " in plan
    assert "→" in plan
    assert "0 added, 1 changed, 0 destroyed" in notebook.run("%terraform apply").out
    assert notebook.session.account.id == first

    # What was deleted behind Terraform's back is made again, although the files are unchanged.
    manager.delete_secret(SecretId="dev-database-credentials", ForceDeleteWithoutRecovery=True)
    again = notebook.run("%terraform apply").out
    assert "2 added, 0 changed, 0 destroyed" in again
    assert "aws_secretsmanager_secret.database was deleted outside Terraform" in again

    destroyed = notebook.run("%terraform destroy").out
    assert "Destroy complete: 4 destroyed." in destroyed
    assert notebook.session.workspace_state() is None
    assert "0 destroyed" in notebook.run("%terraform destroy").out
    assert "Nothing is deployed." in notebook.run("%terraform show").out
    assert "4 added, 0 changed, 0 destroyed" in notebook.run("%terraform apply").out
    assert notebook.session.account.id != first


def test_outputs(notebook: Notebook) -> None:
    """Are outputs told by plan, apply and output, addresses with their values and a secret's value without?"""
    notebook.write("reference", "variables.tf", "kms.tf", "secret.tf")
    assert "Nothing is deployed." in notebook.run("%terraform output").out
    text = (
        'output "key" {\n  value = aws_kms_key.secrets.arn\n}\n'
        'output "hint" {\n  value     = aws_secretsmanager_secret_version.placeholder.secret_string\n  sensitive = true\n}\n'
    )
    notebook.place.write("modules/secrets/outputs.tf", text)
    planned = notebook.run("%terraform plan").out
    assert "key = will be added" in planned
    applied = notebook.run("%terraform apply").out
    shown = notebook.run("%terraform output").out
    arn = "key = arn:aws:kms:us-east-1:"
    assert arn in applied
    assert arn in shown
    assert "hint = (not shown" in shown
    assert "CHANGE_ME" not in applied + shown


def test_terraforms_errors_are_at_the_cells_own_line(notebook: Notebook) -> None:
    """Is what Terraform refuses told at the line of the cell, quoted, in one clean line, and nothing deployed?"""
    assert notebook.run(f"%%hcl modules/secrets/variables.tf\n{VARIABLES}").error is None
    cell = 'resource "aws_kms_key" "main" {\n  descriptoin = "x"\n}\n'
    assert notebook.run(f"%%hcl modules/secrets/kms.tf\n{cell}").error is None
    ran = notebook.run("%terraform plan")
    assert isinstance(ran.error, TerraformRefusedError)
    assert ran.told[0].startswith("terraform plan: modules/secrets/kms.tf, line 2 (line 3 of its cell): Unsupported")
    assert '    2 | descriptoin = "x"' in ran.out
    assert notebook.session.workspace_state() is None


def test_without_the_given_file_the_next_step_is_notebook_00(notebook: Notebook) -> None:
    """Is a workspace without variables.tf told what is missing, and not only in Terraform's words?"""
    notebook.write("reference", "kms.tf")
    assert "notebook 00" in notebook.run("%terraform apply").told[-1]


def test_a_name_in_its_recovery_window_has_a_remedy(notebook: Notebook) -> None:
    """Is an apply that fails on the window told with the way out, and does that way work?"""
    notebook.write("reference", "variables.tf", "kms.tf", "secret.tf")
    assert notebook.run("%terraform apply").error is None
    (notebook.place.files / SECRET).unlink()
    assert notebook.run("%terraform apply").error is None  # deletes the secret, which holds its name from now on
    notebook.write("reference", "secret.tf")
    assert notebook.run("%terraform apply").error is not None
    assert notebook.run("%terraform destroy").error is None
    assert "4 added" in notebook.run("%terraform apply").out


def test_the_remedy_names_the_fresh_account(notebook: Notebook) -> None:
    """Are AWS's words on a name in its window answered by destroy and apply?"""
    from graders.model import SourceDiagnostic

    notebook.write("reference")
    said = SourceDiagnostic(
        summary="creating Secrets Manager Secret (dev-database-credentials)",
        detail="InvalidRequestException: a secret with this name is already scheduled for deletion.",
        address="module.secrets.aws_secretsmanager_secret.database",
    )
    view = refused("apply", (said,), notebook.place, ())
    assert view.next_step.startswith("Run %terraform destroy, then %terraform apply")
    assert view.problems[0].where == "aws_secretsmanager_secret.database"


def test_a_restarted_engine_is_noticed(notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is what was deployed applied again to a fresh account, with one line that says so, by whatever comes first?"""
    monkeypatch.setenv("LAB_STATE_DIR", str(tmp_path / "state"))
    try:
        notebook.write("reference", "variables.tf", "kms.tf", "secret.tf")
        notes: list[str] = []
        deployed = notebook.session.deployed(notes.append)
        assert not notebook.session.deployed(notes.append).fresh
        notes.clear()
        engines.stop()
        again = notebook.session.deployed(notes.append)
        assert again.fresh
        assert again.account.id != deployed.account.id
        assert [note for note in notes if "restarted" in note] == notes[:1]
        assert notebook.session.client("secretsmanager").describe_secret(SecretId="dev-database-credentials")

        # A plan looks at what was deployed, so it is deployed again first; then there is nothing to do.
        engines.stop()
        planned = notebook.run("%terraform plan").out
        assert "No changes" in planned
        assert planned.count("The engine was restarted") == 1

        engines.stop()
        assert "nothing is left to destroy" in notebook.run("%terraform destroy").out
        assert "4 added" in notebook.run("%terraform apply").out
    finally:
        deployment.forget(notebook.place.files)
        engines.stop(purge=True)


def test_an_engine_that_does_not_tell_its_age_has_a_sentinel(
    engine: Engine, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On an engine known by its address alone, is a lost account found out?"""
    from lab.deployment import made_on, still_there

    by_address = dataclasses.replace(engine, name="endpoint")
    record = made_on(by_address, digest="d", account="123456789012", before=None)
    assert still_there(record, by_address)
    assert made_on(by_address, digest="e", account="123456789012", before=record).sentinel == record.sentinel
    forgotten = dataclasses.replace(record, sentinel=(record.sentinel[0], "no-such-secret"))
    assert not still_there(forgotten, by_address)


def test_an_apply_that_is_cut_off_leaves_a_fresh_start(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Does an interrupt in the middle end cleanly, and does the next apply not stumble over what was made?"""
    from lab_env.terraform import Event

    notebook.write("reference", "variables.tf", "kms.tf")

    def interrupt(event: Event) -> None:
        if event.kind == "apply_complete":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        notebook.session.apply(lambda _: None, on_event=interrupt)
    assert notebook.session.workspace_state() is None
    assert "2 added" in notebook.run("%terraform apply").out


def test_the_reference_is_planned_without_any_value() -> None:
    """Does the corpus' placeholder exist at all, so that its absence above means something?"""
    assert b"password" in b"".join(load_corpus()["reference"].files.values())
    assert plan_diff.SENSITIVE == "(sensitive value)"
