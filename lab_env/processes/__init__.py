"""Child processes that cannot outlive us: one place to start, limit, watch and end them.

Each child leads a session and process group of its own, so it can be ended together with everything it started
(Terraform and its providers). Four choices, and why:

* **No** ``preexec_fn``: it runs Python between fork and exec, which can dead-lock in a program with threads, and it
  costs the quick ``vfork`` path. Limits are set by a POSIX ``sh`` that then ``exec``s the program (1 ms).
* **No** ``PR_SET_PDEATHSIG``: the kernel sends it when the *thread* that started the child ends, so a child that was
  started from a pool's thread dies too early; it reaches the child only, not the child's own children; Linux only.
  Instead one small *warden* process per parent holds the reading end of a pipe. When the parent goes, whatever killed
  it, the warden reads the end of file and kills every registered group. It works the same on Linux and macOS, and a
  start costs one short write.
* What is said to a child and answered by it goes over one kind of line (:mod:`lab_env.processes.lines`).
* What reads a stranger's bytes does so in a *worker* (:mod:`lab_env.processes.pool`), within limits.
* Time-outs wait on a file descriptor of the process where the system has one (Linux), not by polling.
"""

from __future__ import annotations

from lab_env.processes.child import Child, Limits, clean_environment, spawn, terminate_all
from lab_env.processes.lines import Lines
from lab_env.processes.pool import BOUNDS, MEMORY_BYTES, Bounds, WorkerError, WorkerPool, shared_workers
from lab_env.processes.running import Completed, run
from lab_env.processes.system import create_time, is_running, limit_on_memory, program_of

__all__ = [
    "BOUNDS",
    "MEMORY_BYTES",
    "Bounds",
    "Child",
    "Completed",
    "Limits",
    "Lines",
    "WorkerError",
    "WorkerPool",
    "clean_environment",
    "create_time",
    "is_running",
    "limit_on_memory",
    "program_of",
    "run",
    "shared_workers",
    "spawn",
    "terminate_all",
]
