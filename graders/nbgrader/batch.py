"""The batch grader as a process of its own: reconstructed submissions in, results out."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from graders.model import SubmissionResult
from graders.nbgrader.errors import NoMarkError
from graders.nbgrader.marks import Settings
from lab_env import processes

_HANDED_ON = (
    "HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_DIRS", "XDG_DATA_HOME", "XDG_STATE_HOME",
    "LAB_ALLOW_REMOTE", "LAB_CACHE_DIR", "LAB_ENGINE_IDLE_MINUTES", "LAB_PROVIDER_MIRROR", "LAB_SANDBOX", "LAB_STATE_DIR",
    "LAB_TERRAFORM",
    "TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR",
    "AWS_ENDPOINT_URL", "LOCALSTACK_HOST", "EDGE_PORT", "USE_SSL",
    "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_DIR", "SSL_CERT_FILE",
)  # fmt: skip
"""Where Terraform, the provider and the engine are, how to reach them, and which sandbox is asked for; nothing that makes Python
import or run anything."""
_SAID = 3
_VERDICTS = (0, 4)  # the contract's exit codes with which a result file comes


def grade_class(submissions: Mapping[str, Mapping[str, bytes]], settings: Settings) -> dict[str, SubmissionResult]:
    """Grade a class in one run of ``lab grade``.

    :param submissions: files by path, by a name that is 64 hexadecimal digits.
    :return: the results by the same names.
    :raises NoMarkError: the run came to no results.
    """
    from graders.report import json_report

    if not submissions:
        return {}
    with tempfile.TemporaryDirectory(prefix="lab-nbgrader-") as directory:
        handed_in, out = Path(directory) / "class", Path(directory) / "results.json"
        for name, files in submissions.items():
            for path, data in files.items():
                file = handed_in / name / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
        done = processes.run(_command(handed_in, out, settings), cwd=Path(directory), env=_environment())
        if done.returncode not in _VERDICTS or not out.is_file():
            raise _fault(done)
        results = {one.id: one for one in json_report.load(out).submissions}
    missing = submissions.keys() - results.keys()
    if missing:
        raise NoMarkError(
            f"The batch grader gave no result for {len(missing)} of {len(submissions)} submissions.",
            next_step="Run `lab doctor`, then autograde again.",
        )
    return {name: results[name] for name in submissions}


def _command(handed_in: Path, out: Path, settings: Settings) -> list[str]:
    # -I: no variable, no user's package and no file of the current directory decides what Python imports.
    words = [sys.executable, "-I", "-m", "lab.cli", "grade", str(handed_in), "--json", str(out)]
    words += ["--depth", settings.depth.value, "--engine", settings.engine]
    if settings.jobs:
        words += ["--jobs", str(settings.jobs)]
    return [*words, "--plain"] if settings.plain else words


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
    return processes.clean_environment(**kept)


def _fault(done: processes.Completed) -> NoMarkError:
    lines = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    said = " ".join(" ".join(lines[-_SAID:]).split()) or "it said nothing"
    return NoMarkError(
        f"The batch grader ended with code {done.returncode}: {said}",
        next_step="Run `lab doctor`, then autograde again.",
    )
