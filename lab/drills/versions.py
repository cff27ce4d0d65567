"""The secret's versions and their staging labels: now, by the API, and how they came about, by the trail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lab.output.cards import Cell, Mark, Table

if TYPE_CHECKING:
    from lab.drills.live import LiveDeployment
    from lab_env.engine.trail import TrailEvent

CURRENT, PREVIOUS = "AWSCURRENT", "AWSPREVIOUS"
_WRITES = ("CreateSecret", "PutSecretValue", "UpdateSecret")


@dataclass(frozen=True)
class Version:
    """One version of the secret.

    :param stages: its staging labels, sorted; none means that AWS may delete it.
    :param created: UTC, in whole seconds.
    :param tracked: Terraform's state has this version's id.
    """

    id: str
    stages: tuple[str, ...]
    created: datetime
    tracked: bool


@dataclass(frozen=True)
class Moment:
    """What a write did to the labels.

    :param who: ``Terraform``, or ``by API`` for a write out of band.
    :param written: id of the version that was written.
    :param labels: AWS's two labels by version id after it.
    """

    time: datetime
    who: str
    written: str
    labels: dict[str, str]


def versions_of(live: LiveDeployment) -> tuple[Version, ...]:
    """List the versions that exist: the current one first, then the previous one, then the others, newest first.

    The embedded engine makes a version without a value when it creates a secret; AWS makes none, so it is left out. It is
    known by its age and by the trail, in which nobody wrote it, so that no value has to be read for it.

    :raises NothingDeployedError: there is no such secret.
    """
    secret = live.the_secret()
    manager = live.client("secretsmanager")
    found = [
        Version(one["VersionId"], tuple(sorted(one.get("VersionStages", ()))), one["CreatedDate"], False)
        for one in _listed(manager, secret.arn)
    ]
    if "trail" in live.engine.capabilities:
        born = manager.describe_secret(SecretId=secret.arn)["CreatedDate"]
        written = {event.parameters.get("ClientRequestToken") for event in _writes(live)} | live.tracked
        found = [one for one in found if one.id in written or one.created != born]
    ordered = sorted(found, key=lambda one: one.created, reverse=True)
    return tuple(
        replace(one, tracked=one.id in live.tracked)
        for one in sorted(ordered, key=lambda one: (CURRENT not in one.stages, PREVIOUS not in one.stages))
    )


def history_of(live: LiveDeployment) -> tuple[Moment, ...]:
    """Trace how AWS's labels moved, write by write, oldest first; empty where the engine keeps no trail.

    A write makes its version current and the one that was current the previous one (PutSecretValue, Secrets Manager API
    Reference), unless it names other labels.
    """
    if "trail" not in live.engine.capabilities:
        return ()
    moments: list[Moment] = []
    labels: dict[str, str] = {}
    for event in _writes(live):
        version = event.parameters.get("ClientRequestToken")
        has_value = any(name in event.parameters for name in ("SecretString", "SecretBinary"))
        if not version or not has_value:
            continue
        stages = event.parameters.get("VersionStages") or [CURRENT]
        if CURRENT in stages or not labels:
            was = next((id for id, label in labels.items() if label == CURRENT and id != version), None)
            if version not in labels or labels[version] != CURRENT:
                labels = {str(version): CURRENT, **({was: PREVIOUS} if was else {})}
        moments.append(Moment(event.time, _writer(event.user_agent), str(version), dict(labels)))
    return tuple(moments)


def _writer(user_agent: str) -> str:
    return "Terraform" if program(user_agent) == "Terraform" else "by API"


def program(user_agent: str) -> str:
    """Name who called, for people: Terraform, or the lab itself (which stands for a person in the console)."""
    if "Terraform" in user_agent:
        return "Terraform"
    return "the lab" if user_agent.startswith("Botocore") else "another program"


def short(version_id: str) -> str:
    """Shorten a version id to fit a column: Terraform's to its end (they all begin with the time), others to their start."""
    if version_id.startswith("terraform-"):
        return f"terraform-…{version_id[-4:]}"
    return version_id if len(version_id) <= 13 else f"{version_id[:8]}…"


def versions_table(caption: str, before: tuple[Version, ...], after: tuple[Version, ...] | None = None) -> Table:
    """Show versions with their labels; with ``after``, both looks side by side."""
    ids = list(dict.fromkeys(one.id for one in (*(after or ()), *before)))
    looks = [before] if after is None else [before, after]
    headers = ("Version", "Labels") if after is None else ("Version", "Labels before", "Labels after")
    known = {one.id: one for look in looks for one in look}
    rows = []
    for id in ids:
        cells = [Cell(id, code=True), *(_labels(id, look, gone=look is after) for look in looks)]
        rows.append((*cells, Cell("its id is in Terraform's state" if known[id].tracked else "")))
    return Table(caption, (*headers, "Terraform"), tuple(rows))


def _listed(manager: Any, arn: str) -> Iterator[dict[str, Any]]:
    """Call ``ListSecretVersionIds`` page by page (the client has no paginator for it)."""
    token: dict[str, str] = {}
    while True:
        page = manager.list_secret_version_ids(SecretId=arn, IncludeDeprecated=True, **token)
        yield from page["Versions"]
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}


def _labels(id: str, versions: tuple[Version, ...], *, gone: bool) -> Cell:
    version = next((one for one in versions if one.id == id), None)
    if version is None:
        return Cell(mark=Mark("✗", "deleted", "fail")) if gone else Cell("not there yet")
    if not version.stages:
        return Cell(mark=Mark("!", "no label", "blocked"))
    first, *others = sorted(version.stages, key=lambda stage: stage != CURRENT)
    mark = Mark("●", first, "pass") if first == CURRENT else Mark("○", first, "not_run")
    return Cell(", ".join(others), mark=mark)


def _writes(live: LiveDeployment) -> tuple[TrailEvent, ...]:
    """Find the calls that may have written a version, by the trail, oldest first."""
    from graders.evidence.launch_drill import calls_on

    secret = live.the_secret()
    events = [event for name in _WRITES for event in calls_on(live.account, secret, name)]
    return tuple(sorted(events, key=lambda event: event.time))
