"""What Terraform says, as typed values: the ``-json`` stream of plan and apply, and ``validate -json``'s one document.

Source: https://developer.hashicorp.com/terraform/internals/machine-readable-ui (format "1.x": types and fields may be
added, so unknown ones are passed over).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lab_env.aws_refusals import words_of

MAX_TEXT = 4000
"""Characters kept of one text of a diagnostic: a learner's error message may be of any length."""


@dataclass(frozen=True)
class Diagnostic:
    """One of Terraform's errors or warnings.

    :param file: relative to the workspace, as Terraform names it; None when it is about no place in the files.
    :param line: 1-based first line; ``end_line`` the last one.
    :param address: the resource it is about, e.g. ``module.secrets.aws_kms_key.main``.
    :param snippet: the source text that Terraform quotes.
    :param refused: AWS refuses it (:mod:`lab_env.aws_refusals`); ``summary`` has AWS's code and words.
    """

    severity: str  # "error" | "warning"
    summary: str
    detail: str
    file: str | None = None
    line: int | None = None
    end_line: int | None = None
    address: str | None = None
    snippet: str | None = None
    refused: bool = False


@dataclass(frozen=True)
class ResourceChange:
    """What is planned for, or was done to, one resource: ``create``, ``update``, ``replace``, ``delete``, ``read`` …"""

    address: str
    action: str
    resource_type: str
    reason: str | None = None


@dataclass(frozen=True)
class Output:
    """One root output. ``value`` is None while it is not known, and always when it is sensitive."""

    name: str
    value: Any
    sensitive: bool
    action: str | None = None


@dataclass(frozen=True)
class Event:
    """One step of progress, for people: ``kind`` is Terraform's message type, ``message`` its sentence."""

    kind: str
    message: str
    address: str | None = None
    action: str | None = None
    elapsed_s: float | None = None


@dataclass(frozen=True)
class RunResult:
    """How one call ended. ``ok=False`` means that the configuration is wrong, as ``errors`` say; never the machinery.

    :param changes: what the plan holds, in address order; of a refresh ("read") only what is left to the apply.
    :param applied: what an apply or destroy really did, in address order.
    :param drift: what the refresh found changed outside Terraform.
    :param duration_s: wall time of the call, in seconds.
    """

    command: str
    ok: bool
    exit_code: int
    diagnostics: tuple[Diagnostic, ...] = ()
    changes: tuple[ResourceChange, ...] = ()
    applied: tuple[ResourceChange, ...] = ()
    drift: tuple[ResourceChange, ...] = ()
    outputs: Mapping[str, Output] = field(default_factory=dict)
    duration_s: float = 0.0

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(diagnostic for diagnostic in self.diagnostics if diagnostic.severity == "error")

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        return tuple(diagnostic for diagnostic in self.diagnostics if diagnostic.severity == "warning")


def parse_diagnostic(data: Mapping[str, Any]) -> Diagnostic:
    """One ``diagnostic`` object, of the stream or of ``validate -json``."""
    place = data.get("range") or {}
    snippet = data.get("snippet") or {}
    summary = _text(data.get("summary"))
    refusal = words_of(summary)
    return Diagnostic(
        severity=str(data.get("severity", "error")),
        summary=refusal or summary,
        detail=_text(data.get("detail")),
        file=place.get("filename") or None,
        line=(place.get("start") or {}).get("line"),
        end_line=(place.get("end") or {}).get("line"),
        address=data.get("address") or None,
        snippet=_text(snippet.get("code")) or None,
        refused=refusal is not None,
    )


def parse_validation(document: bytes) -> tuple[Diagnostic, ...] | None:
    """The diagnostics of ``validate -json``; None when the document is no such thing."""
    try:
        data = json.loads(document)
        return _ordered(parse_diagnostic(item) for item in data["diagnostics"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


class Stream:
    """Collects the lines of one ``-json`` call; hands each step of progress on as it comes."""

    def __init__(self, on_event: Callable[[Event], None] | None = None) -> None:
        self._on_event = on_event
        self._diagnostics: list[Diagnostic] = []
        self._changes: list[ResourceChange] = []
        self._applied: list[ResourceChange] = []
        self._drift: list[ResourceChange] = []
        self._outputs: dict[str, Output] = {}
        self.stray: list[str] = []
        """Lines that are no message (a crash of Terraform, a provider's print), the first few."""

    def feed(self, line: bytes) -> None:
        """One line of output, without its end."""
        if not line.strip():
            return
        try:
            data = json.loads(line)
            kind = data["type"]
        except (ValueError, KeyError, TypeError):
            if len(self.stray) < 50:
                self.stray.append(_text(line.decode("utf-8", "replace")))
            return
        self._take(kind, data)
        if self._on_event is not None and kind != "version":
            self._on_event(_event(kind, data))

    def _take(self, kind: str, data: Mapping[str, Any]) -> None:
        if kind == "diagnostic":
            self._diagnostics.append(parse_diagnostic(data["diagnostic"]))
        elif kind == "planned_change":
            self._changes.append(_change(data["change"]))
        elif kind == "resource_drift":
            self._drift.append(_change(data["change"]))
        elif kind == "apply_complete" and data["hook"].get("action") not in {"read", "noop", None}:
            self._applied.append(_change(data["hook"]))
        elif kind == "outputs":
            for name, item in data["outputs"].items():
                self._outputs[name] = Output(name, item.get("value"), bool(item.get("sensitive")), item.get("action"))

    def result(self, command: str, exit_code: int, duration_s: float) -> RunResult:
        return RunResult(
            command=command,
            ok=exit_code == 0,
            exit_code=exit_code,
            diagnostics=_ordered(self._diagnostics),
            changes=_by_address(self._changes),
            applied=_by_address(self._applied),
            drift=_by_address(self._drift),
            outputs=dict(sorted(self._outputs.items())),
            duration_s=duration_s,
        )


# What the plug-in machinery says when the provider is gone, is taken for gone, or does not talk (Terraform's own summaries:
# internal/plugin/grpc_error.go and its command package).
_PLUGIN_FAULTS = re.compile(
    r"^(Plugin did not respond|Plugin error|Request cancelled$|Unsupported plugin method$"
    r"|Failed to (load plugin schemas|obtain provider schema|instantiate provider)"
    r"|Failed to install provider|Failed to query available provider packages|Unrecognized remote plugin message"
    r"|Required plugins are not installed|Inconsistent dependency lock file)"
)
# The AWS SDK could not reach the endpoint, lost an answer on its way (which it does now and then on a busy machine), or was
# told that the engine itself has failed; 501 says that it has no such API. Words are wrapped in the provider's, so the place
# is not fixed.
# Matched from the beginning, each step at its first place and never taken back: a text of nothing but beginnings is read once.
_ENDPOINT_FAULT = re.compile(
    r"(?>.*?response error StatusCode: 0,).*?(?:dial tcp|connection re(?:fused|set)|EOF|i/o timeout|broken pipe|deadline exceeded)"
    r"|.*?response error StatusCode: 5(?!01)\d\d\b"
    r"|(?>.*?response error StatusCode: \d++,).*?(?:unexpected EOF|connection reset by peer|deserialization failed)"
    r"|(?>.*?operation error )(?>.*?(?:read|write) tcp )"
    r".*?: (?:use of closed network connection|connection reset by peer)"
)
# The workspace's disk, and rights to it, in the words of Go's PathError: a module is a copy that we have let Terraform read.
_DISK_FAULT = re.compile(
    r"\b(write|open|mkdir|sync|fsync|close|create|rename|copy_file_range|l?stat|chdir|fork/exec|unlinkat|chmod) \S+: "
    r"(no space left on device|disk quota exceeded|read-only file system|input/output error|too many open files"
    r"|permission denied|operation not permitted)"
)
# Summaries that come with text that the learner wrote; the second line: a provider's check of an argument, which quotes it.
_LEARNERS_WORDS = re.compile(
    r"(precondition|postcondition|assertion) failed|^Invalid value for variable"
    r'|^(expected |"|invalid value |Invalid Attribute )'
)


def machinery_fault(diagnostics: Iterable[Diagnostic]) -> Diagnostic | None:
    """The first error that is about the provider process, the endpoint or the disk, and not about the configuration."""
    for diagnostic in diagnostics:
        if diagnostic.severity != "error" or _LEARNERS_WORDS.search(diagnostic.summary):
            continue
        if _PLUGIN_FAULTS.search(diagnostic.summary):
            return diagnostic
        if diagnostic.address is None and diagnostic.file is not None:
            # Terraform's language and not a provider: it quotes values, and a value can be made to read like a dead endpoint.
            continue
        text = " ".join(f"{diagnostic.summary} {diagnostic.detail}".split())
        if _ENDPOINT_FAULT.match(text) or _DISK_FAULT.search(text):
            return diagnostic
    return None


def _event(kind: str, data: Mapping[str, Any]) -> Event:
    about = data.get("hook") or data.get("change") or {}
    resource = about.get("resource") or {}
    return Event(
        kind=kind,
        message=_text(data.get("@message")),
        address=resource.get("addr") or (data.get("diagnostic") or {}).get("address"),
        action=about.get("action"),
        elapsed_s=about.get("elapsed_seconds"),
    )


def _change(data: Mapping[str, Any]) -> ResourceChange:
    resource = data["resource"]
    return ResourceChange(resource["addr"], data["action"], resource["resource_type"], data.get("reason"))


def _by_address(changes: Iterable[ResourceChange]) -> tuple[ResourceChange, ...]:
    return tuple(sorted(changes, key=lambda change: (change.address, change.action)))


def _ordered(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Terraform walks its graph in parallel, so the order of its words is chance; ours is errors first, by place."""
    return tuple(
        sorted(
            diagnostics,
            key=lambda d: (d.severity != "error", d.file or "", d.line or 0, d.address or "", d.summary, d.detail),
        )
    )


def _text(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + " …"
