"""The sandbox around Terraform and the provider: what they can see, reach and leave behind, whatever got past the gate.

As strong as the machine allows, and never a condition for grading unless ``LAB_SANDBOX=required`` says so:

* **user**: started as root, they run as a user of their own who owns nothing but the run's directory.
* **bubblewrap** (Linux with ``bwrap``): they see the system's programs, themselves and the run's directory. No home
  directory, no other submission, no other process; and every process of theirs ends with the call.
* **network**: a network of their own with nobody in it. The way out is a *door*: one address, the engine's.
  A Terraform in a warm lane has none, because it needs none.

A layer is words in front of the program (:class:`Sandbox`), so that starting, limiting and ending it stays
:mod:`lab_env.processes`'s. Which layers stand is tried out, once, with Terraform itself (:func:`find_sandbox`).
"""

from __future__ import annotations

from lab_env.sandbox.find import find_sandbox
from lab_env.sandbox.layers import OPEN, Programs, Sandbox, SandboxLayer, run_directory
from lab_env.sandbox.relay_host import Door, Relay

__all__ = ["OPEN", "Door", "Programs", "Relay", "Sandbox", "SandboxLayer", "find_sandbox", "run_directory"]
