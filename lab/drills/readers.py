"""Who read the secret, by the trail: time, principal, session, program. A trail never holds a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from lab.drills.live import NothingDeployedError
from lab.drills.versions import program
from lab.output.cards import Card, Cell, Lines, Table

if TYPE_CHECKING:
    from lab.drills.live import LiveDeployment
    from lab_env.engine.trail import TrailEvent

READ = "GetSecretValue"
ROOT = "the account's root"
_BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
# From assuming a role to the first call with it; the drills take milliseconds.
_SOON = timedelta(seconds=20)
# What the embedded engine's trail answers at most (lab_env.engine.trail).
_PAGE = 50


@dataclass(frozen=True)
class KeyHolder:
    """Who a key belongs to.

    :param principal: ``the account's root``, or a role's name.
    :param name: of a role's session; empty for root, and where the trail does not tell.
    """

    principal: str
    name: str = ""


@dataclass(frozen=True)
class Read:
    """One or several reads in a row by the same session and program.

    :param time: of the first one, UTC; ``last`` of the last one.
    :param version: the version or label that was asked for; empty for the current one.
    """

    time: datetime
    last: datetime
    who: KeyHolder
    access_key_id: str
    action: str
    program: str
    version: str
    count: int = 1


def reads_of_secret(live: LiveDeployment, *, access_key_id: str | None = None) -> tuple[Read, ...]:
    """Find the reads of the secret, oldest first.

    :param access_key_id: only those of this session.
    :raises NothingDeployedError: there is no secret, or the engine keeps no trail.
    """
    from graders.evidence.launch_drill import calls_on
    from lab_env.engine.trail import lookup_trail

    if "trail" not in live.engine.capabilities:
        raise NothingDeployedError(
            f"The engine {live.engine.name} keeps no trail, so nobody can tell who read the secret.",
            next_step="Use the embedded engine: lab up.",
        )
    events = calls_on(live.account, live.the_secret(), READ)
    end = datetime.now(UTC) + _SOON
    # The embedded engine names calls of the query protocol after their service, CloudTrail by their own name.
    assumed = [
        event
        for name in ("AssumeRole", "POST.sts")
        for event in lookup_trail(live.account, start=_BEGINNING, end=end, name=name)
    ]
    sessions = sessions_of(events, assumed, root=live.account.id)
    wanted = [event for event in events if access_key_id in (None, event.access_key_id)]
    return joined(wanted, sessions)


def sessions_of(events: Iterable[TrailEvent], assumed: Iterable[TrailEvent], *, root: str) -> dict[str, KeyHolder]:
    """Find whose each access key is.

    CloudTrail says it in the event. The embedded engine does not: there a key is that of the last AssumeRole before its
    first call, if that is near enough.

    :param root: the access key of the account's root.
    """
    calls = sorted(
        (event for event in assumed if event.name == "AssumeRole" or event.parameters.get("Action") == "AssumeRole"),
        key=lambda event: event.time,
    )
    found: dict[str, KeyHolder] = {root: KeyHolder(ROOT)}
    for event in sorted(events, key=lambda event: event.time):
        if event.access_key_id in found:
            continue
        if ":assumed-role/" in event.user_arn:
            role, _, name = event.user_arn.partition(":assumed-role/")[2].partition("/")
            found[event.access_key_id] = KeyHolder(role, name)
            continue
        before = [call for call in calls if call.time <= event.time <= call.time + _SOON]
        found[event.access_key_id] = (
            _session(before[-1]) if before else KeyHolder("a role or user that the trail names")
        )
    return found


def joined(events: Iterable[TrailEvent], sessions: dict[str, KeyHolder]) -> tuple[Read, ...]:
    """Turn events into reads; equal ones in a row become one with a count."""
    reads: list[Read] = []
    for event in events:
        version = _asked(event)
        read = Read(
            event.time,
            event.time,
            sessions[event.access_key_id],
            event.access_key_id,
            event.name,
            program(event.user_agent),
            version,
        )
        last = reads[-1] if reads else None
        same = last is not None and (last.access_key_id, last.program, last.version) == (
            read.access_key_id,
            read.program,
            read.version,
        )
        if last is not None and same:
            reads[-1] = Read(
                last.time, read.time, last.who, last.access_key_id, last.action, last.program, version, last.count + 1
            )
        else:
            reads.append(read)
    return tuple(reads)


def trail_card(live: LiveDeployment, reads: tuple[Read, ...]) -> Card:
    """Show who read the secret."""
    from lab_env.text import counted

    name = live.the_secret().name
    total = sum(read.count for read in reads)
    if not reads:
        return Card(
            f"Who read {name}",
            "Nobody has read it since it was made, as far as the trail goes.",
            next_step="%launch starts your task, which reads it.",
        )
    roles = {read.who.principal for read in reads if read.who.principal != ROOT}
    notes = [
        "Terraform reads the version it tracks in every refresh, with the account's rights: that is not your application."
    ]
    if any(read.who.principal == ROOT and read.program != "Terraform" for read in reads):
        notes.append("The lab reads as root, too: %rotate to keep the other keys, %launch to compare fingerprints.")
    if total >= _PAGE:
        notes.append(f"The trail answers with the newest {_PAGE} reads; there may be older ones.")
    notes.append(
        "These are the answers of CloudTrail's LookupEvents. Calls that were refused are not in the embedded engine's trail, and "
        "neither is the kms:Decrypt that Secrets Manager asks KMS for; AWS's CloudTrail has both, some minutes after the call."
    )
    return Card(
        f"Who read {name}",
        f"{counted(total, 'read')}, {counted(len(roles), 'principal')} other than the account's root.",
        None,
        (reads_table("Reads, oldest first (UTC)", reads), Lines(tuple(notes))),
        "" if roles else "%launch starts your task: its session will be here, too.",
    )


def reads_table(caption: str, reads: tuple[Read, ...]) -> Table:
    """Show time, principal, session, what was asked, by which program."""
    rows = []
    for read in reads:
        time = read.time.astimezone(UTC).strftime("%H:%M:%S")
        until = read.last.astimezone(UTC).strftime("%H:%M:%S")
        times = f" × {read.count}" if read.count > 1 else ""
        if until != time:
            times += f", until {until}"
        # Shortened: a whole key id in a saved output is what every scanner for credentials reports, ours too.
        key = (
            read.access_key_id
            if len(read.access_key_id) < 16
            else f"{read.access_key_id[:4]}…{read.access_key_id[-4:]}"
        )
        session = f"{read.who.name} (key {key})" if read.who.name else f"key {key}"
        rows.append(
            (
                Cell(f"{time}{times}"),
                Cell(read.who.principal, code=read.who.principal != ROOT),
                Cell(session, code=True),
                Cell(f"{read.action} ({read.version or 'current version'})"),
                Cell(read.program),
            )
        )
    return Table(caption, ("Time", "Principal", "Session", "Call", "Program"), tuple(rows))


def _session(call: TrailEvent) -> KeyHolder:
    named = {key.lower(): str(value) for key, value in call.parameters.items()}
    return KeyHolder(named.get("rolearn", "").rpartition("/")[2] or "a role", named.get("rolesessionname", ""))


def _asked(event: TrailEvent) -> str:
    named = {key.lower(): str(value) for key, value in event.parameters.items()}
    if "versionid" in named:
        return f"version {named['versionid']}"
    stage = named.get("versionstage", "")
    return "" if stage in ("", "AWSCURRENT") else f"label {stage}"
