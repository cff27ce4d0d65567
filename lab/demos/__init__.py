"""The demonstrations of the course, for its cells (`from lab.notebook import demos`) and for `lab try`.

Each one does something real with the learner's own deployment, or with an account and a directory of its own, and prints
what was seen as plain lines. What they find is in typed values (the modules beside this one); here it becomes sentences. No
value of a secret is ever printed: a notebook keeps what its cells print. Each line that tells of a call to AWS names the call. In a
notebook of the course::

    from lab.notebook import demos

    sample = demos.leaky_repository()
    demos.where_are_the_leaks(sample)

    envelope = demos.seal("The harbour gate opens at six.")  # under your own key, so kms.tf is written by then
    demos.unseal(envelope)
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lab.demos import first_block, keys, launches, leaks, module, recovery, state
from lab.demos.keys import Envelope
from lab.demos.leaks import LeakyRepository
from lab.demos.module import DemoBench, DemoError, refusal

if TYPE_CHECKING:
    from lab.output.cards import Card
    from lab.session.place import Place
    from lab.session.session import Session
    from lab_env.engine import Engine
    from lab_env.lesson import Lesson
    from lab_env.submission import Submission


def leaky_repository() -> LeakyRepository:
    """Write the sample repository and show its files, with the planted values blanked out."""
    from lab import working_copy

    root = _session().place.root
    sample = leaks.plant(working_copy.memory(root))
    where = sample.path.relative_to(root)
    print(f"The repository is in {where}.")
    print("What looks like a credential is shown as ████████ here; the files have the real characters.")
    print(f"To see them, open a terminal in this directory: less {where}/main.tf")
    if sample.history:
        print(f"To see what each commit changed: git -C {where} log --patch")
    for file in sample.files():
        print(f"\n--- {file}")
        for number, line in enumerate(sample.shown(file), start=1):
            print(f"{number:>3}  {line}")
    for commit in sample.commits():
        print(f"\nCommit: {commit}")
    return sample


def where_are_the_leaks(sample: LeakyRepository) -> None:
    """Tell every place where a planted value is."""
    for leak in sample.leaks():
        place = f"{leak.place}, line {leak.line}," if leak.line else leak.place
        print(f"{place} has the {leak.name}.")


def check_first_block(*, enable_key_rotation: bool = True) -> None:
    """Deploy the block that the first notebook shows in an account of its own, and show the grader's verdict on it."""
    session = _session()
    text = first_block.BLOCK.format(rotation=str(enable_key_rotation).lower())
    print("Deploying this block in an account of its own, and judging it as your work will be judged:", flush=True)
    print(text, flush=True)
    with _bench() as bench:
        rows = first_block.judged(bench, text, first_block.IDS, session.rules)
    _show(first_block.card(rows))


def _show(card: Card) -> None:
    """Show a card where there is a front end, its words elsewhere."""
    # Where nobody has loaded IPython there is no shell of it, and in a terminal it need not be installed.
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        print(card.plain)
    else:
        from IPython.display import display

        display(card)


def sensitive_in_state() -> None:
    """Apply a module whose password is ``sensitive`` and look for it, in an account of its own."""
    print("Applying a small module in an account of its own …", flush=True)
    with _bench() as bench:
        look = module.look_for_sensitive(bench)
    print(f"The password in what terraform plan printed:  {_yes(look.in_plan_output)}")
    print(f"The password in what terraform apply printed: {_yes(look.in_apply_output)}")
    print(f"The password in terraform.tfstate:            {_yes(bool(look.in_state))}")
    for place in look.in_state:
        print(f"  in the clear at {place}")


def seal(text: str) -> Envelope:
    """Put a text into an envelope under your key."""
    envelope = keys.seal(_deployed("kms"), text, lesson=_lesson())
    print("1. KMS made a data key (GenerateDataKey): 32 bytes in the clear, and the same key encrypted by your key.")
    print(
        f"2. This machine encrypted {len(text.encode())} bytes with it: {len(envelope.ciphertext)} bytes of ciphertext."
    )
    print("3. The data key in the clear was thrown away.")
    print(f"Kept: the ciphertext and the encrypted data key ({len(envelope.encrypted_key)} bytes).")
    return envelope


def default_key() -> None:
    """Make a secret without naming a key and another with one, in an account of its own, and ask which key each has."""
    from lab_env.engine import fresh_account, sessions

    account = fresh_account(_session().engine())
    own = sessions.client(account, "kms").create_key(Description="Made for a demonstration")["KeyMetadata"]["Arn"]
    for named, key in (("without a key", None), ("with a key of your own", own)):
        told = keys.key_of_a_secret(account, key)
        print(f"CreateSecret {named}: DescribeSecret {'tells no key' if told is None else 'tells that key'}.")


def key_material(envelope: Envelope) -> None:
    """Ask how your key's material is rotated, renew it where the engine can, and open what was sealed before."""
    seen = keys.material(_deployed("kms"), envelope, lesson=_lesson())
    print(f"GetKeyRotationStatus: automatic rotation {'on' if seen.automatic else 'off'}, every {seen.days} days.")
    if seen.refused is None:
        print("RotateKeyOnDemand: the key material was renewed.")
    else:
        print(f"RotateKeyOnDemand: refused ({seen.refused}). The lab's engine cannot renew key material; AWS can.")
    print(f"DescribeKey: the alias leads to the same ARN as before: {_yes(seen.same_arn)}")
    print(f"Decrypt: the envelope that was sealed before can be opened: {_yes(seen.opens)}")


def unseal(envelope: Envelope) -> None:
    """Open the envelope, and try it with another encryption context."""
    kms = _deployed("kms")
    length = len(keys.unseal(kms, envelope))
    print("1. KMS decrypted the data key with your key (Decrypt).")
    print(f"2. This machine decrypted the text with the data key: {length} characters, and the tag is right.")
    code = refusal(lambda: keys.unseal(kms, envelope, context={"purpose": "something else"}))
    print(f"With another encryption context: {_answer(code)}.")


def without_the_key(envelope: Envelope) -> None:
    """Open the envelope, disable your key, try to open it again, enable the key and try once more."""
    kms = _deployed("kms")
    opened = keys.unseal(kms, envelope)
    print("The envelope is open: this process has the sentence in its memory, as a container has its password.")
    with keys.disabled(kms, envelope.key_arn):
        print("Your key is disabled (DisableKey).")
        print(f"Opening the envelope again (Decrypt): {_answer(refusal(lambda: keys.unseal(kms, envelope)))}.")
        print(f"The sentence that was read before is still in memory: {_yes(bool(opened))}")
    print("Your key is enabled again (EnableKey).")
    print(f"Opening the envelope again (Decrypt): {_answer(refusal(lambda: keys.unseal(kms, envelope)))}.")


def key_policy(envelope: Envelope) -> None:
    """Show your key's policy as KMS has it, with the account's number left out."""
    account = _account()
    text = _deployed("kms").get_key_policy(KeyId=envelope.key_arn, PolicyName="default")["Policy"]
    print(json.dumps(json.loads(text), indent=2).replace(account.id, "<account>"))


def who_may_decrypt(envelope: Envelope) -> None:
    """Let roles with different rights ask KMS to open the envelope."""
    account = _account()
    if "iam" not in _session().engine().capabilities:
        from lab_env.engine import fresh_account

        account = fresh_account(_embedded("enforces no permissions, so everybody would be allowed"))
        envelope = keys.seal_under_a_new_key(account, lesson=_lesson())
        print("It opens an envelope made there, under a key made for this.", flush=True)
    for trial in keys.try_roles(account, envelope, lesson=_lesson()):
        print(f"{trial.who}: {trial.action} {_answer(trial.refused)}")


def delete_and_restore() -> None:
    """Delete your secret, try to use it inside its recovery window, and restore it."""
    manager = _deployed("secretsmanager")
    if not module.refuses_writes_to_deleted(manager):
        from lab_env.engine import fresh_account, sessions

        account = fresh_account(_embedded("lets a deleted secret be written"))
        manager = sessions.client(account, "secretsmanager")
        manager.create_secret(Name=_lesson().secret_name("dev"), SecretString="{}")
        print("It deletes and restores a secret made for this.", flush=True)
    seen = module.delete_and_restore(manager, lesson=_lesson())
    print(f"DeleteSecret: deleted. It becomes final in {seen.days} days.")
    print(f"GetSecretValue, its value:              {_answer(seen.read_refused)}")
    print(f"PutSecretValue, a new value:            {_answer(seen.write_refused)}")
    print(f"CreateSecret, another one of that name: {_answer(seen.name_refused)}")
    print(f"RestoreSecret: restored. Everything as before: {_yes(seen.restored)}")


def destroy_and_recover() -> None:
    """Destroy a copy of your module, apply it again in the same account, and bring back what was there."""
    print("Applying, destroying and applying a copy of your module in one account, then bringing it back …", flush=True)
    from lab_env.engine import fresh_account, sessions

    submission, engine = _submission(), None
    if not module.refuses_writes_to_deleted(sessions.client(fresh_account(_session().engine()), "secretsmanager")):
        engine = _embedded("lets a deleted secret be written")
    with _bench(engine) as bench:
        seen = recovery.destroy_and_recover(bench, submission, lesson=_lesson())
    print("\nterraform destroy:")
    print(f"  the key:    {seen.key_state}, final in {seen.key_days} days (DescribeKey)")
    print(f"  the secret: deleted, final in {seen.secret_days} days (DescribeSecret)")
    print(f"terraform apply, in the same account: {'done' if seen.again is None else 'refused'}")
    if seen.again is not None:
        print(f"  {seen.again}")
    print("Bringing it back:")
    print(f"  1. CancelKeyDeletion: the key is {seen.cancelled}.")
    print(f"  2. EnableKey: the key is {seen.enabled}.")
    print("  3. RestoreSecret: the secret is there again.")
    print(f"  4. terraform apply with import blocks: {seen.imported} resources imported, the others created again.")
    print(f"The next plan: {', '.join(f'{kind} {action}' for kind, action in seen.planned) or 'no changes'}")
    print(f"The password that was live before the destroy is current: {_yes(seen.same_password)}")


def plan_with_and_without() -> None:
    """Plan your module as it is deployed, with and without its protection; nothing is edited."""
    print("Planning your module twice, with and without ignore_changes; nothing is applied …", flush=True)
    _plan_twice(edit=False)


def edit_and_plan() -> None:
    """Plan an edit of the placeholder in a copy of your module, with and without its protection."""
    print("Editing the placeholder in a copy of your module and planning twice; nothing is applied …", flush=True)
    _plan_twice(edit=True)


def _plan_twice(*, edit: bool) -> None:
    account, submission = _account(), _submission()
    before = _session().workspace_state()
    if before is None:
        raise DemoError("Your module is not deployed yet.", next_step="Run %terraform apply first.")
    with _bench() as bench:
        plan = module.edit_and_plan(bench, submission, account, before, edit=edit)
    print(f"Your module as it is:   {_changes(plan.as_written)}")
    print(f"Without ignore_changes: {_changes(plan.unprotected)}")


def read_back() -> None:
    """Rotate a password outside Terraform and look for it in the state, without and with a data source."""
    print("Applying a small module in an account of its own, rotating its password, applying again …", flush=True)
    with _bench() as bench:
        look = state.look_for_read_back(bench)
    print(f"The rotated password in terraform.tfstate, without a data source: {_yes(bool(look.without))}")
    print(f"The same with a data source that nothing uses:                    {_yes(bool(look.with_data))}")
    for place in look.with_data:
        print(f"  in the clear at {place}")


def write_only() -> None:
    """Write a password by ``secret_string_wo`` and look for it, in an account of its own."""
    print("Applying a small module in an account of its own, then planning two edits of it …", flush=True)
    with _bench() as bench:
        look = state.look_for_write_only(bench)
    print(f"The password is in the secret (GetSecretValue):          {_yes(look.arrived)}")
    print(f"The password in terraform.tfstate:                       {_yes(bool(look.in_state))}")
    print(f"secret_string_wo_version in terraform.tfstate:           {look.kept}")
    print(f"Plan after an edit of the value alone:                   {look.edited or 'nothing to do'}")
    print(f"Plan after an edit of the value and of its wo_version:   {look.counted_up or 'nothing to do'}")


def two_rotations() -> None:
    """Rotate twice under four designs, then plan and apply, in an account of its own."""
    print(
        "Building four secrets in an account of their own, rotating each twice (PutSecretValue), then applying once more …",
        flush=True,
    )
    engine = None
    if "version_pruning" not in _session().engine().capabilities:
        engine = _embedded("keeps a secret's versions without labels for ever, so the accident cannot happen on it")
    with _bench(engine) as bench:
        accident = module.two_rotations(bench)
    for row in accident.rows:
        print(f"\n{row.design}")
        print(f"  placeholder in the state file:  {_yes(row.placeholder_in_state)}")
        print(f"  the next plan for the version:  {row.planned or 'nothing to do'}")
        print(f"  live password after the apply:  {'kept' if row.kept else 'LOST, the placeholder is current'}")
    if accident.label_attached:
        print("\nThis engine drops a label given beside AWSCURRENT; it was attached afterwards, as AWS does by itself.")


def which_role_fetches() -> None:
    """Launch a task whose task role may read the secret, then one whose execution role may."""
    _launches(launches.WHICH_ROLE)


def is_decrypt_needed() -> None:
    """Launch a task whose execution role may only read the secret, then one whose execution role may decrypt, too."""
    _launches(launches.DECRYPT_NEEDED)


def _launches(trials: Sequence[launches.Rights]) -> None:
    from lab_env.engine import fresh_account

    print("Launching a small task in an account of its own, once for each set of rights …", flush=True)
    with _bench() as bench:
        found = launches.try_rights(bench, fresh_account(bench.engine), trials)
    for trial in found:
        print(f"\n{trial.rights.told}:\n  {'started' if trial.stopped is None else f'stopped: {trial.stopped}'}")


def value_from_forms() -> None:
    """Read the usual ways to write ``valueFrom`` as the ECS agent does."""
    secret = _deployed("secretsmanager").describe_secret(SecretId=_lesson().secret_name("dev"))
    for form in module.value_from_forms(secret["ARN"]):
        verdict = f"refused: {form.refused}" if form.refused else f"read as {form.meaning}"
        print(f"{form.text:<32} {verdict}")


def running_task_after_rotation() -> None:
    """Start your task, rotate the password, start it again, and compare what the two containers have."""
    deployment = _session().deployed(_say)
    if not deployment.task_definitions:
        raise DemoError("Your module has no task definition yet.", next_step="Write ecs.tf first.")
    secret = _deployed("secretsmanager").describe_secret(SecretId=_lesson().secret_name("dev"))["ARN"]
    bench = DemoBench(deployment.engine, _session().toolchain)
    seen = module.tasks_around_a_rotation(
        bench, deployment.account, deployment.task_definitions[0], secret, variable=_lesson().password
    )
    print("Rotated in between by PutSecretValue; what each container has is compared by fingerprint.")
    print(f"Container started before the rotation: has the old password: {_yes(seen.old_has_old)}")
    print(f"The same container after the rotation: has the new password: {_yes(seen.old_has_new)}")
    print(f"Container started after the rotation:  has the new password: {_yes(seen.new_has_new)}")


def environments_side_by_side() -> None:
    """Plan your module as ``dev`` and as ``prod`` in one configuration; nothing is applied."""
    from lab_env.engine import fresh_account

    print("Planning your module twice in one configuration; nothing is applied …", flush=True)
    submission = _submission()
    with _bench() as bench:
        names = module.by_environment(bench, submission, fresh_account(bench.engine))
    for environment, rows in names.items():
        print(f"\n{environment}")
        for address, name in rows:
            print(f"  {address:<46} {name}")
    dev, prod = ({name for _, name in rows} for rows in (names["dev"], names["prod"]))
    print(f"\nNames that both environments would use: {', '.join(sorted(dev & prod)) or 'none'}")


def _session() -> Session[Place]:
    from lab.session.session import current

    return current()


def _lesson() -> Lesson:
    return _session().rules.lesson


def _deployed(service: str) -> Any:
    """Make a client of the account in which the workspace's files are deployed, which they are after this."""
    session = _session()
    session.deployed(_say)
    return session.client(service)


def _account() -> Any:
    return _session().deployed(_say).account


def _submission() -> Submission:
    from lab_env.submission import load_submission

    return load_submission(_session().place.files)


@contextmanager
def _bench(engine: Engine | None = None) -> Iterator[DemoBench]:
    """Terraform, the session's warm lane, and an engine: the session's when none is given."""
    from lab_env.engine import using

    session = _session()
    with session.lane(_say) as lane:
        engine = engine or session.engine()
        with using(engine):
            yield DemoBench(engine, session.toolchain, lane)


def _embedded(why: str) -> Engine:
    """Start the embedded engine, for what the session's own cannot show.

    :param why: what that one does, for a sentence.
    """
    from lab_env.engine import connect

    print(f"This engine {why}. The lab's own engine shows it.", flush=True)
    return connect("embedded")


def _say(line: str) -> None:
    print(line, flush=True)


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _answer(code: str | None) -> str:
    return "allowed" if code is None else f"refused ({code})"


def _changes(found: Sequence[tuple[str, str]]) -> str:
    return "; ".join(f"{address} would get: {action}" for address, action in found) or "nothing to do"
