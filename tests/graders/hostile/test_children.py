"""Every process that a grading starts: nothing of a submission is a name or a value in its environment, or one of its arguments."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from graders.batch.grade_many import grade_many
from graders.batch.run_config import RunConfig
from graders.model import Depth, SubmissionStatus
from lab_env import engine as engines
from lab_env.processes import child as children
from lab_env.processes import shared_workers
from lab_env.submission import SubmissionRef
from lab_env.terraform import Toolchain
from solutions.corpus import load_corpus, materialise
from solutions.hostile.variables import injecting

pytestmark = pytest.mark.slow

WORD = "Zq7canaryword"
"""In every place where a learner may choose a text; nothing of ours has it."""
NAMES = frozenset(
    {
        "PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "GOGC", "GOMEMLIMIT", "CHECKPOINT_DISABLE", "TF_IN_AUTOMATION",
        "TF_CLI_CONFIG_FILE", "TF_REATTACH_PROVIDERS", "AWS_EC2_METADATA_DISABLED", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE",
        "GRPC_VERBOSITY", "TF_LOG", "TF_LOG_SDK", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_AWS",
        "LAB_CACHE_DIR",
    }
)  # fmt: skip
"""All that any child of a grading may have in its environment."""
Started = list[tuple[list[str], dict[str, str]]]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """Arguments and environment of each process as it is really started."""
    seen: Started = []
    popen = subprocess.Popen

    def noted(command: Sequence[str], *, env: Mapping[str, str], **options: Any) -> subprocess.Popen[bytes]:
        seen.append((list(command), dict(env)))
        return popen(command, env=env, **options)

    monkeypatch.setattr(children.subprocess, "Popen", noted)
    shared_workers().close()  # an earlier test of this process may have left some: these are started before our eyes
    return seen


def submission(directory: Path) -> SubmissionRef:
    """The reference, with the word in names of files, blocks, variables of the task, tags and values, and as the id."""
    root = materialise(load_corpus()["reference"], directory).rename(directory / f"--{WORD}")
    names = ("secret.tf", "ecs.tf")
    files = {name: (root / "modules/secrets" / name).read_text() for name in names}
    for name, text in injecting(files, {f"{WORD}_NAME": f"{WORD}-value", f"LD_{WORD}": WORD}).items():
        (root / "modules/secrets" / name).unlink()
        (root / "modules/secrets" / f"{WORD}_{name}").write_text(text)
    (root / "modules/secrets" / f"{WORD}.tf").write_text(
        f'variable "{WORD}" {{\n  default = "{WORD}"\n}}\n\noutput "{WORD}" {{\n  value = "{WORD}"\n}}\n\n'
        f'locals {{\n  {WORD} = "{WORD}"\n}}\n'
    )
    (root / "modules/secrets" / f"{WORD}.txt").write_text(f"{WORD}\n")
    return SubmissionRef(root.name, root)


@pytest.mark.engine
@pytest.mark.terraform
@pytest.mark.longest
@pytest.mark.parametrize(
    ("plain", "depth"),
    [
        pytest.param(False, Depth.FULL, id="in a lane"),
        # Without a lane other processes are started until there is a plan; what comes after it is the same.
        pytest.param(True, Depth.PLAN, id="plainly"),
        pytest.param(True, Depth.FULL, id="plainly, to the end", marks=pytest.mark.full),
    ],
)
def test_nothing_of_a_submission_is_environment_or_argument(
    plain: bool, depth: Depth, started: Started, tmp_path: Path, toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Terraform, provider, proxy, relay, stand-in, engine: is each started with words of ours, and told the rest as data?"""
    monkeypatch.setenv("AWS_PROFILE", WORD)
    with engines.private_engine() as engine:
        results = grade_many(
            [submission(tmp_path)], RunConfig(depth=depth, engine=engine.endpoint, plain=plain, jobs=1)
        )
    (result,) = results.submissions
    assert result.status is SubmissionStatus.GRADED, result.reason
    launched = next(row for row in result.requirements if row.id == "runtime.launch")
    assert launched.status.value == ("pass" if depth is Depth.FULL else "not_run"), launched
    kinds = " ".join(word for command, _ in started for word in command)
    wanted = ["terraform", "provider-aws", "lab_env.engine.server"]
    wanted += ["RLIMIT_NOFILE"] if depth is Depth.FULL else []  # the launch's stand-in
    assert [kind for kind in wanted if kind not in kinds] == []
    for command, environment in started:
        assert environment.keys() <= NAMES, (command, environment.keys() - NAMES)
        assert not [word for word in (*command, *environment.values()) if WORD in word], command


def test_nothing_of_it_where_it_is_only_read(started: Started, tmp_path: Path) -> None:
    """Are the processes that only read a class started in the same way?"""
    refs = [submission(tmp_path / str(number)) for number in range(40)]
    refs = [SubmissionRef(f"{ref.id}-{number}", ref.path) for number, ref in enumerate(refs)]
    grade_many(refs, RunConfig(depth=Depth.STATIC, jobs=2))
    assert any("lab_env.processes.worker" in command for command, _ in started)
    for command, environment in started:
        assert environment.keys() <= NAMES, command
        assert not [word for word in (*command, *environment.values()) if WORD in word], command
