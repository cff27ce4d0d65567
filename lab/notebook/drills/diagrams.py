"""Pictures of the learner's own deployment: which there are, and their cards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from lab.notebook.drills.diagram_flow import envelope, road
from lab.notebook.drills.diagram_grid import permissions, versions
from lab.notebook.output.cards import Card, Drawing

if TYPE_CHECKING:
    from lab.notebook.drills.live import Live


def check_name(which: str) -> str:
    """The name of a picture, before anything is looked at for it.

    :raises UsageError: there is none of this name.
    """
    from lab_env.errors import UsageError

    if which not in DIAGRAMS:
        raise UsageError(
            f"There is no diagram {which}." if which else "Which diagram?",
            next_step=f"Write %diagram and one of {', '.join(DIAGRAMS)}.",
        )
    return which


def diagram_card(live: Live, which: str) -> Card:
    """One of the pictures.

    :raises NothingDeployedError: what it shows is not deployed.
    """
    title, lead, picture = DIAGRAMS[check_name(which)]
    return Card(title, lead, None, (picture(live),))


DIAGRAMS: Mapping[str, tuple[str, str, Callable[[Live], Drawing]]] = {
    "envelope": (
        "Envelope encryption",
        "Your key encrypts a small data key, and the data key encrypts the value. So the key itself never leaves KMS.",
        envelope,
    ),
    "road": (
        "The secret's road to the container",
        "The task definition carries an address. The value is fetched at the start, gate by gate.",
        road,
    ),
    "permissions": (
        "Who may do what",
        "Decided over every policy of the deployment together: the roles' own, the secret's and the key's.",
        permissions,
    ),
    "versions": (
        "Versions and their staging labels",
        "Every write makes a new version and moves the labels. Terraform watches one version by its id, not the label.",
        versions,
    ),
}
