"""The plain path beside Terraform by hand: the same four calls on the same root, ours through the façade, in turns.

By hand means what a person would type: ``terraform init``, ``apply``, ``plan``, ``show``, started one after the other with
their output kept, nothing parsed. Both get the same root module, each in an account of its own; their turns alternate so that
a machine that is busy for a while is so for both.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.figures import Figure, Measurement, Settings, ratio, seconds
from benchmarks.stage import REFERENCE
from graders.grade import grade
from graders.model import Depth
from lab_env import workspace as workspaces
from lab_env.engine import Engine, fresh_account, private_engine
from lab_env.submission import load_submission
from lab_env.terraform import RunResult, Terraform, Toolchain, find_toolchain

PLAN_FILE = "run.tfplan"
Calls = dict[str, Callable[[], object]]


def run(settings: Settings) -> list[Figure]:
    toolchain = find_toolchain()
    rounds = min(settings.rounds, 3)  # a round is more than a minute
    hand: defaultdict[str, list[float]] = defaultdict(list)
    ours: defaultdict[str, list[float]] = defaultdict(list)
    with private_engine() as engine, tempfile.TemporaryDirectory(prefix="secrets-lab-bench-") as directory:
        for number in range(rounds):
            by_ours = partial(by_facade, endpoint=engine.endpoint)
            turns = [(hand, by_hand, f"hand-{number}"), (ours, by_ours, f"ours-{number}")]
            for found, make, name in turns if number % 2 == 0 else reversed(turns):
                workspace = prepared(Path(directory) / name, engine, toolchain)
                once: dict[str, float] = {call: seconds(do) for call, do in make(workspace, toolchain).items()}
                for call, value in {**once, "all four": sum(once.values())}.items():
                    found[call].append(value)
        graded = seconds(lambda: grade(REFERENCE, depth=Depth.FULL, engine=engine, toolchain=toolchain).result)
    note = f"median of {rounds}"
    figures = [
        Figure(
            f"plain path, {call}: ours / by hand",
            ratio(ours[call], hand[call]),
            "×",
            1.25,
            f"{statistics.median(ours[call]):.2f} s / {statistics.median(hand[call]):.2f} s, {note}",
        )
        for call in hand
    ]
    return [*figures, Figure("full grading without a lane", graded, "s", None, "once; six Terraform calls")]


def prepared(directory: Path, engine: Engine, toolchain: Toolchain) -> Path:
    """A workspace of the reference under ``dev``, in a fresh account."""
    directory.mkdir()
    workspaces.create(
        load_submission(REFERENCE),
        directory,
        account=fresh_account(engine),
        environments=("dev",),
        provider_version=toolchain.provider_version,
    )
    return directory


def by_facade(directory: Path, toolchain: Toolchain, endpoint: str) -> Calls:
    terraform = Terraform(directory, toolchain=toolchain, endpoint=endpoint)
    plan = Path(PLAN_FILE)

    def well(call: Callable[[], RunResult]) -> None:
        result = call()
        if not result.ok:
            raise RuntimeError(f"terraform {result.command} of the reference failed: {result.errors}")

    return {
        "init": partial(well, terraform.init),
        "apply": partial(well, terraform.apply),
        "plan": partial(well, partial(terraform.plan, plan)),
        "show": partial(terraform.show, plan),
    }


def by_hand(directory: Path, toolchain: Toolchain) -> Calls:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
    environment = {**kept, "TF_CLI_CONFIG_FILE": str(toolchain.cli_config)}

    def typed(*words: str) -> Callable[[], object]:
        argv = [*toolchain.terraform, *words]
        return partial(
            subprocess.run,
            argv,
            cwd=directory,
            env=environment,
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )

    return {
        "init": typed("init"),
        "apply": typed("apply", "-auto-approve"),
        "plan": typed("plan", f"-out={PLAN_FILE}"),
        "show": typed("show", "-json", PLAN_FILE),
    }


MEASUREMENT = Measurement("plain", "the plain path beside terraform init, apply, plan, show by hand", run)
