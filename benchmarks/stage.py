"""What the measurements stand on: the reference solution, a private engine, warm lanes, and the machine's own figures."""

from __future__ import annotations

import os
import platform
import resource
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from lab_env.errors import LabError
from lab_env.terraform import find_toolchain
from solutions.corpus import load_corpus

REFERENCE = load_corpus()["reference"].directory
PROVIDER_PROCESS = "terraform-provider-aws"
MEGABYTE = 2**20


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def at_most_cores(count: int) -> Iterator[None]:
    """Only so many cores for us and for whom we start, where the system can do that (Linux)."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:count])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_seconds() -> float:
    """CPU time so far of this process and of every child that has ended, with theirs."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def machine() -> str:
    """The machine in one line, without its name."""
    memory = psutil.virtual_memory().total / 2**30
    load = os.getloadavg()[0]
    line = f"{platform.system()} {platform.machine()}, {cores()} cores, {memory:.0f} GB, load {load:.1f} at the start"
    line += f"; Python {platform.python_version()}"
    try:
        toolchain = find_toolchain(download=False)
    except LabError:
        return line
    layers = ", ".join(toolchain.sandbox.layers) or "none"
    return f"{line}, Terraform {toolchain.version}, AWS provider {toolchain.provider_version}; sandbox: {layers}"


@dataclass
class MemoryWatch:
    """Memory while the block runs: the grader's own process, and each lane's provider.

    :ivar grader_peak: bytes of resident memory (RSS) of this process alone, at its highest.
    :ivar lane_means: bytes of own memory (PSS) a provider, its pages that others share split among them; a value a look.
        Empty where the system does not tell (macOS).
    """

    grader_peak: int = 0
    lane_means: list[float] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> MemoryWatch:
        self._thread = threading.Thread(target=self._watch, name="memory-watch", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        own, looks = psutil.Process(), 0
        while True:
            self.grader_peak = max(self.grader_peak, own.memory_info().rss)
            if looks % 40 == 20:
                self._look_at_lanes(own)
            looks += 1
            if self._over.wait(0.05):
                return

    def _look_at_lanes(self, own: psutil.Process) -> None:
        shares = []
        for child in own.children(recursive=True):
            try:
                # The warm ones only: a provider that Terraform starts for one call has no "-debug".
                if child.name().startswith(PROVIDER_PROCESS[:15]) and "-debug" in child.cmdline():
                    shares.append(getattr(child.memory_full_info(), "pss", 0))
            except psutil.Error:
                continue
        if shares and all(shares):
            self.lane_means.append(sum(shares) / len(shares))


def console_script() -> Path:
    """The ``lab`` of this Python."""
    return Path(sys.executable).parent / "lab"
