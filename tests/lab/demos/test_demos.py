"""The demonstrations of the course, on the real engine and with real Terraform."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from graders.assignment import Rules
from graders.gate import check
from lab import demos
from lab.demos import first_block, keys, launches, leaks, module, recovery, state
from lab.demos.module import DemoBench, DemoError, refusal
from lab_env.ecs_agent import launch
from lab_env.engine import Account, Engine, fresh_account, sessions
from lab_env.lesson import STANDARD
from lab_env.submission import Submission, load_submission
from lab_env.terraform import LanePool, Toolchain
from solutions.corpus import load_corpus, materialise


@pytest.fixture(scope="module")
def bench(engine: Engine, toolchain: Toolchain) -> Iterator[DemoBench]:
    """A bench with a warm lane."""
    with LanePool(1, toolchain=toolchain) as pool, pool.lane() as lane:
        yield DemoBench(engine, toolchain, lane)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Submission:
    """The reference solution."""
    return load_submission(materialise(load_corpus()["reference"], tmp_path_factory.mktemp("reference")))


@pytest.fixture(scope="module")
def deployed(bench: DemoBench, reference: Submission) -> tuple[Account, dict[str, object], str]:
    """The reference in an account: the account, the state and the task definition's ARN."""
    from lab.demos.module import of_submission, require

    account = fresh_account(bench.engine)
    with of_submission(bench, reference, account=account) as made:
        require(made.terraform.apply())
        state = made.terraform.state()
    arn = next(
        instance["attributes"]["arn"]
        for resource in state["resources"]
        if resource["type"] == "aws_ecs_task_definition"
        for instance in resource["instances"]
    )
    return account, state, arn


class TestLeakyRepository:
    """The sample repository."""

    def test_every_value_is_planted_and_found(self, tmp_path: Path) -> None:
        """Is each value where the text says, the state file and the history among the places?"""
        sample = leaks.plant(tmp_path)
        places = {(leak.name, leak.place) for leak in sample.leaks()}
        assert ("API token", "main.tf") in places
        assert ("database password", "prod.tfvars") in places
        assert {("API token", "terraform.tfstate"), ("database password", "terraform.tfstate")} <= places
        assert ("migration password", "Git history") in places
        assert {name for name, _ in places} == set(sample.planted)

    def test_nothing_that_is_shown_has_a_value(self, tmp_path: Path) -> None:
        """Are the values blanked out in what is shown, and absent from its repr?"""
        sample = leaks.plant(tmp_path)
        text = "\n".join(line for file in sample.files() for line in sample.shown(file)) + repr(sample)
        assert "████████" in text
        assert not [name for name, value in sample.planted.items() if value in text]

    def test_values_are_new_each_time(self, tmp_path: Path) -> None:
        """Does a second sample have other values, and none of the first?"""
        first = leaks.plant(tmp_path)
        second = leaks.plant(tmp_path)
        everything = "".join((second.path / file).read_text() for file in second.files())
        assert not [value for value in first.planted.values() if value in everything]

    def test_without_git_there_is_no_history(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Is the sample whole without Git, only without the value that was in the history?"""
        monkeypatch.setenv("PATH", str(tmp_path))
        sample = leaks.plant(tmp_path)
        assert not sample.history
        assert "migration password" not in sample.planted
        assert {leak.name for leak in sample.leaks()} == {"API token", "database password"}


@pytest.mark.engine
class TestKeys:
    """Envelope encryption and a key's boundary."""

    @pytest.fixture
    def key(self, account: Account) -> str:
        """The ARN of a key with the course's alias."""
        kms = sessions.client(account, "kms")
        arn: str = kms.create_key()["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName=STANDARD.alias_name("dev"), TargetKeyId=arn)
        return arn

    def test_what_is_sealed_is_unsealed(self, account: Account, key: str) -> None:
        """Does the same text come back, and does the envelope hold neither text nor data key?"""
        kms = sessions.client(account, "kms")
        envelope = keys.seal(kms, "the tide is high")
        assert envelope.key_arn == key
        assert b"tide" not in envelope.ciphertext + envelope.encrypted_key
        assert len(envelope.ciphertext) == len("the tide is high") + 16
        assert keys.unseal(kms, envelope) == "the tide is high"
        assert repr(envelope) == f"Envelope(key_arn={key!r})"

    def test_another_context_is_refused(self, account: Account, key: str) -> None:
        """Does KMS bind the data key to its encryption context?"""
        kms = sessions.client(account, "kms")
        envelope = keys.seal(kms, "x")
        code = refusal(lambda: keys.unseal(kms, envelope, context={"purpose": "other"}))
        assert code == "InvalidCiphertextException"

    def test_a_disabled_key_opens_nothing(self, account: Account, key: str) -> None:
        """Is opening refused while the key is disabled, and allowed afterwards, even after a fault in between?"""
        kms = sessions.client(account, "kms")
        envelope = keys.seal(kms, "x")
        codes = []

        def look_and_fail() -> None:
            with keys.disabled(kms, key):
                codes.append(refusal(lambda: keys.unseal(kms, envelope)))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            look_and_fail()
        assert codes == ["DisabledException"]
        assert refusal(lambda: keys.unseal(kms, envelope)) is None

    def test_what_is_known_of_the_key_material(self, account: Account, key: str) -> None:
        """Is the rotation told as it is set, and does the envelope open whatever became of the material?"""
        kms = sessions.client(account, "kms")
        envelope = keys.seal(kms, "x")
        assert not keys.material(kms, envelope).automatic
        kms.enable_key_rotation(KeyId=key)
        seen = keys.material(kms, envelope)
        assert (seen.automatic, seen.days, seen.same_arn, seen.opens) == (True, 365, True, True)

    def test_a_secret_without_a_key_of_its_own_tells_none(self, account: Account, key: str) -> None:
        """Does DescribeSecret name a key where one was named, and only there? Is nothing left behind?"""
        assert keys.key_of_a_secret(account, None) is None
        assert keys.key_of_a_secret(account, key) == key
        assert sessions.client(account, "secretsmanager").list_secrets()["SecretList"] == []

    def test_no_key_is_told_with_a_next_step(self, account: Account) -> None:
        """What does somebody read who has not written kms.tf yet?"""
        with pytest.raises(DemoError, match=r"no key alias/app-secrets-dev\. Write kms\.tf"):
            keys.seal(sessions.client(account, "kms"), "x")

    def test_only_the_key_arn_opens(self, account: Account, key: str) -> None:
        """May only the role whose policy names the key's ARN decrypt, and may it do no more? Is nothing left behind?"""
        envelope = keys.seal(sessions.client(account, "kms"), "x")
        trials = {(trial.who, trial.action): trial.refused for trial in keys.try_roles(account, envelope)}
        allowed = [who for who, refused in trials.items() if refused is None]
        assert allowed == [("a role that may kms:Decrypt with your key's ARN", "Decrypt")]
        assert {refused for refused in trials.values() if refused} == {"AccessDeniedException"}
        assert len(trials) == 5
        assert sessions.client(account, "iam").list_roles()["Roles"] == []


@pytest.mark.engine
def test_what_an_engine_cannot_show_the_embedded_one_does(
    engine: Engine, account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On an engine that enforces nothing, is who may decrypt shown on the embedded one, and is that said?"""
    lesser = SimpleNamespace(
        engine=lambda: replace(engine, name="localstack", capabilities=frozenset()),
        deployed=lambda _say: SimpleNamespace(account=account),
        rules=Rules(),
    )
    monkeypatch.setattr(demos, "_session", lambda: lesser)
    demos.who_may_decrypt(keys.Envelope(b"", b"", b"", "of a key that nobody has"))
    told = capsys.readouterr().out
    assert "This engine enforces no permissions, so everybody would be allowed. The lab's own engine shows it." in told
    assert "a role that may kms:Decrypt with your key's ARN: Decrypt allowed" in told
    assert "a role without any policy: Decrypt refused (AccessDenied" in told


@pytest.mark.engine
class TestDeletion:
    """Deleting and restoring a secret."""

    def test_everything_is_refused_meanwhile(self, account: Account) -> None:
        """Is the deleted secret unusable, its name taken, and the restored one as before?"""
        manager = sessions.client(account, "secretsmanager")
        manager.create_secret(Name=STANDARD.secret_name("dev"), SecretString="{}")
        seen = module.delete_and_restore(manager)
        assert seen.days == 7
        assert seen.read_refused == seen.write_refused == "InvalidRequestException"
        assert seen.name_refused in {"ResourceExistsException", "InvalidRequestException"}
        assert seen.restored
        assert manager.get_secret_value(SecretId=STANDARD.secret_name("dev"))["SecretString"] == "{}"

    def test_no_secret_is_told_with_a_next_step(self, account: Account) -> None:
        """What does somebody read who has not written secret.tf yet?"""
        with pytest.raises(DemoError, match=r"no secret .* Write secret\.tf"):
            module.delete_and_restore(sessions.client(account, "secretsmanager"))


@pytest.mark.engine
@pytest.mark.terraform
class TestWithTerraform:
    """Demonstrations that apply or plan."""

    def test_sensitive_is_in_the_state(self, bench: DemoBench) -> None:
        """Does `sensitive` hide a value from the output and leave it in the state in the clear?"""
        look = module.look_for_sensitive(bench)
        assert not look.in_plan_output
        assert not look.in_apply_output
        assert "outputs.database_password.value" in look.in_state
        assert any(re.search(r"attributes\.secret_string$", place) for place in look.in_state)

    def test_two_rotations_lose_what_terraform_tracks(self, bench: DemoBench) -> None:
        """Which designs survive two rotations, and which placeholder is in the state?"""
        rows = {row.design: row for row in module.two_rotations(bench).rows}
        ignored, write_only, labelled, empty = (rows[module.DESIGNS[name]] for name in module.DESIGNS)
        assert (ignored.planned, ignored.kept, ignored.placeholder_in_state) == ("create", False, True)
        assert (write_only.planned, write_only.kept, write_only.placeholder_in_state) == ("create", False, False)
        assert (labelled.planned, labelled.kept, labelled.placeholder_in_state) == (None, True, True)
        assert (empty.planned, empty.kept, empty.placeholder_in_state) == (None, True, False)

    def test_the_engine_gives_a_version_its_own_label(self, bench: DemoBench) -> None:
        """Does the safer design work as a learner writes it, without help of ours?"""
        assert not module.two_rotations(bench).label_attached

    def test_a_plan_without_an_edit_is_empty_either_way(
        self, bench: DemoBench, reference: Submission, deployed: tuple[Account, dict[str, object], str]
    ) -> None:
        """Is nothing planned as long as nobody edits the placeholder, with ignore_changes and without?"""
        account, before, _ = deployed
        plan = module.edit_and_plan(bench, reference, account, before, edit=False)
        assert (plan.as_written, plan.unprotected) == ((), ())

    def test_write_only_leaves_no_value(self, bench: DemoBench) -> None:
        """Does the value arrive, is its number all that the state keeps, and does only the number bring a new one?"""
        look = state.look_for_write_only(bench)
        assert (look.arrived, look.in_state, look.kept) == (True, (), 1)
        assert look.edited is None
        assert look.counted_up in {"update", "replace"}

    def test_a_data_source_reads_back(self, bench: DemoBench) -> None:
        """Is a rotated password in the state only when a data source reads it?"""
        look = state.look_for_read_back(bench)
        assert look.without == ()
        assert any("secret_string" in place for place in look.with_data)

    def test_a_destroyed_module_comes_back(self, bench: DemoBench, reference: Submission) -> None:
        """Is the second apply refused, and is all there again, with its password, once key and secret are restored and imported?"""
        seen = recovery.destroy_and_recover(bench, reference)
        assert (seen.key_state, seen.key_days, seen.secret_days) == ("PendingDeletion", 7, 7)
        assert "scheduled for deletion" in (seen.again or "")
        assert (seen.cancelled, seen.enabled) == ("Disabled", "Enabled")
        assert seen.imported == 3
        assert seen.planned == ()
        assert seen.same_password

    def test_who_needs_which_right(self, bench: DemoBench) -> None:
        """Does a task start with its execution role's rights alone, and does it need both of them?"""
        trials = [*launches.WHICH_ROLE, *launches.DECRYPT_NEEDED]
        found = launches.try_rights(bench, fresh_account(bench.engine), trials)
        assert [trial.stopped is None for trial in found] == [False, True, False, True, False]
        assert "secretsmanager:GetSecretValue" in (found[0].stopped or "")
        assert "Access to KMS is not allowed" in (found[2].stopped or "")
        assert "DecryptionFailure" in (found[4].stopped or "")

    @pytest.mark.parametrize(("rotation", "passes"), [("true", 2), ("false", 1)])
    def test_a_block_is_judged_alone(self, bench: DemoBench, rotation: str, passes: int) -> None:
        """Does a right block pass by itself, and does a broken one fail where it is broken?"""
        rows = first_block.judged(bench, first_block.BLOCK.format(rotation=rotation), first_block.IDS, Rules())
        assert tuple(row.id for row in rows) == first_block.IDS
        assert sum(row.status.value == "pass" for row in rows) == passes
        card = first_block.card(rows)
        assert card.plain.startswith("✓ pass" if passes == len(rows) else "✗ fail")
        assert f"{passes} of 2 pass" in card.plain

    def test_a_block_that_is_refused(self, bench: DemoBench) -> None:
        """Is what the gate refuses told in a sentence?"""
        with pytest.raises(DemoError, match="cannot be judged"):
            first_block.judged(bench, 'resource "null_resource" "x" {}\n', ["kms.key"], Rules())

    def test_an_edit_is_planned_only_without_protection(
        self, bench: DemoBench, reference: Submission, deployed: tuple[Account, dict[str, object], str]
    ) -> None:
        """Does ignore_changes, and nothing else, keep an edited placeholder out of the plan?"""
        account, state, _ = deployed
        plan = module.edit_and_plan(bench, reference, account, state)
        assert plan.as_written == ()
        assert plan.unprotected == (("aws_secretsmanager_secret_version.placeholder", "replace"),)

    def test_a_container_keeps_the_password_it_started_with(
        self, bench: DemoBench, deployed: tuple[Account, dict[str, object], str]
    ) -> None:
        """Does only a task that starts after the rotation have the new password?"""
        account, _, task = deployed
        secret = sessions.client(account, "secretsmanager").describe_secret(SecretId=STANDARD.secret_name("dev"))["ARN"]
        seen = module.tasks_around_a_rotation(bench, account, task, secret)
        assert (seen.old_has_old, seen.old_has_new, seen.new_has_new) == (True, False, True)
        assert launch(bench.engine, account, task, sandbox=bench.toolchain.sandbox).ok

    def test_environments_share_no_name(self, bench: DemoBench, reference: Submission) -> None:
        """Does the reference give every name under dev and prod, and none twice?"""
        names = module.by_environment(bench, reference, fresh_account(bench.engine))
        assert list(names) == ["dev", "prod"]
        assert ("aws_secretsmanager_secret.database", "prod-database-credentials") in names["prod"]
        assert len(names["dev"]) == len(names["prod"]) >= 4
        assert not {name for _, name in names["dev"]} & {f"prod-{n}" for _, n in names["dev"]}

    def test_a_refused_module_never_reaches_terraform(self, bench: DemoBench, tmp_path: Path) -> None:
        """Does the gate stand before a demonstration as well?"""
        (tmp_path / "main.tf").write_text('variable "environment" {}\nresource "null_resource" "x" {}\n')
        submission = load_submission(tmp_path)
        assert not check(submission).accepted
        with pytest.raises(DemoError, match=r"^The module is not accepted: [A-Z][^=]*\.( \([^()]*\))?$"):
            module.by_environment(bench, submission, fresh_account(bench.engine))


def test_forms_of_value_from() -> None:
    """Are none and all three extra fields read, and one or two refused?"""
    forms = {
        form.text: form
        for form in module.value_from_forms("arn:aws:secretsmanager:us-east-1:123456789012:secret:a-AbCdEf")
    }
    assert forms["<secret ARN>:password::"].meaning == "the JSON key password of the current version"
    assert [text for text, form in forms.items() if form.refused] == ["<secret ARN>:password", "<secret ARN>:password:"]
