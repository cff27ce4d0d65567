"""The demonstrations of the course, for its cells (`from lab.notebook import demos`) and for `lab try`.

Each one does something real with the learner's own deployment, or with an account and a directory of its own, and prints
what was seen as plain lines. What they find is in typed values (the modules beside this one); here it becomes sentences. No
value of a secret is ever printed: a notebook keeps what its cells print. In a notebook of the course::

    from lab.notebook import demos

    sample = demos.leaky_repository()
    demos.where_are_the_leaks(sample)

    envelope = demos.seal("The harbour gate opens at six.")  # under your own key, so kms.tf is written by then
    demos.unseal(envelope)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lab.demos import keys, leaks, module
from lab.demos.keys import Envelope
from lab.demos.leaks import LeakyRepository
from lab.demos.module import DemoBench, DemoError, refusal

if TYPE_CHECKING:
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
    print(f"The repository is in {sample.path.relative_to(root)}.")
    print("What looks like a credential is shown as ████████ here; the files have the real characters.")
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
    print("1. KMS made a data key: 32 bytes in the clear, and the same key encrypted by your key.")
    print(
        f"2. This machine encrypted {len(text.encode())} bytes with it: {len(envelope.ciphertext)} bytes of ciphertext."
    )
    print("3. The data key in the clear was thrown away.")
    print(f"Kept: the ciphertext and the encrypted data key ({len(envelope.encrypted_key)} bytes).")
    return envelope


def unseal(envelope: Envelope) -> None:
    """Open the envelope, and try it with another encryption context."""
    kms = _deployed("kms")
    length = len(keys.unseal(kms, envelope))
    print("1. KMS decrypted the data key with your key.")
    print(f"2. This machine decrypted the text with the data key: {length} characters, and the tag is right.")
    code = refusal(lambda: keys.unseal(kms, envelope, context={"purpose": "something else"}))
    print(f"With another encryption context: {_answer(code)}.")


def without_the_key(envelope: Envelope) -> None:
    """Disable your key, try to open the envelope, enable the key and try again."""
    kms = _deployed("kms")
    with keys.disabled(kms, envelope.key_arn):
        print("Your key is disabled.")
        print(f"Opening the envelope: {_answer(refusal(lambda: keys.unseal(kms, envelope)))}.")
    print("Your key is enabled again.")
    print(f"Opening the envelope: {_answer(refusal(lambda: keys.unseal(kms, envelope)))}.")


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
    print(f"Deleted. It becomes final in {seen.days} days.")
    print(f"Reading its value:                    {_answer(seen.read_refused)}")
    print(f"Writing a new value:                  {_answer(seen.write_refused)}")
    print(f"Creating another secret of that name: {_answer(seen.name_refused)}")
    print(f"Restored. Everything as before: {_yes(seen.restored)}")


def edit_and_plan() -> None:
    """Plan an edit of the placeholder in a copy of your module, with and without its protection."""
    account, submission = _account(), _submission()
    state = _session().workspace_state()
    if state is None:
        raise DemoError("Your module is not deployed yet.", next_step="Run %terraform apply first.")
    print("Editing the placeholder in a copy of your module and planning twice; nothing is applied …", flush=True)
    with _bench() as bench:
        plan = module.edit_and_plan(bench, submission, account, state)
    print(f"Your module as it is:   {_changes(plan.as_written)}")
    print(f"Without ignore_changes: {_changes(plan.unprotected)}")


def two_rotations() -> None:
    """Rotate twice under four designs, then plan and apply, in an account of its own."""
    print(
        "Building four secrets in an account of their own, rotating each twice, then applying once more …", flush=True
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
