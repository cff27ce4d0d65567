"""Terraform: which one, with which provider, run how; its results as typed values.

``find_toolchain()`` says what is there. ``Terraform`` runs one workspace's commands, plainly or in a warm lane.
``LanePool`` keeps lanes: provider processes that stay up between runs, behind a proxy that serves only the allow-listed
types (see ``lanes``).
"""

from __future__ import annotations

from lab_env.terraform.facade import Terraform, Timeouts
from lab_env.terraform.lanes import Lane, LanePool, default_size
from lab_env.terraform.locate import Toolchain, find_toolchain
from lab_env.terraform.messages import Diagnostic, Event, Output, ResourceChange, RunResult

__all__ = [
    "Diagnostic",
    "Event",
    "Lane",
    "LanePool",
    "Output",
    "ResourceChange",
    "RunResult",
    "Terraform",
    "Timeouts",
    "Toolchain",
    "default_size",
    "find_toolchain",
]
