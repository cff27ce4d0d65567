"""What a Terraform call costs, plainly and in a warm lane: time, CPU seconds, memory. Linux only (it reads /proc).

``python -m benchmarks.terraform_lane [LANES] [RUNS]``: one plain run, then RUNS runs over LANES lanes, each in an account
of its own on a private engine: init, plan, show, apply, an edit, plan, apply, as a full grading does.
"""

from __future__ import annotations

import os
import re
import resource
import sys
import tempfile
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab_env import engine as engines
from lab_env.engine import Account, Engine
from lab_env.terraform import LanePool, Terraform, Toolchain, find_toolchain

MODULE = Path(__file__).parents[1] / "solutions" / "reference" / "modules" / "secrets"
ROOT = """
terraform {{
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = "{version}"
    }}
  }}
}}

provider "aws" {{
  region                      = "us-east-1"
  access_key                  = "{account.id}"
  secret_key                  = "secrets-lab"
  max_retries                 = 3
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  endpoints {{
{endpoints}
  }}
}}

module "secrets" {{
  source      = "./modules/secrets"
  environment = "dev"
}}
"""
SERVICES = ("ecs", "iam", "kms", "logs", "secretsmanager", "sts")
EDIT = 'resource "aws_secretsmanager_secret" "{label}" {{\n  description = "edited"\n}}\n'


def main() -> None:
    lanes, runs = (int(word) for word in [*sys.argv[1:], "10", "20"][:2])
    toolchain = find_toolchain()
    with tempfile.TemporaryDirectory() as directory, engines.private_engine() as engine:
        seconds: defaultdict[str, list[float]] = defaultdict(list)
        before = children_cpu()
        run(Path(directory) / "plain", engine, toolchain, None, seconds)
        report("plain", seconds, 1, children_cpu() - before)
        with LanePool(lanes, toolchain=toolchain, on_event=lambda notice: print(notice.text)) as pool:
            started = time.monotonic()
            pool.warm()
            print(f"{lanes} lanes started in {time.monotonic() - started:.1f} s")
            in_lanes(pool, Path(directory), engine, toolchain, runs)


def in_lanes(pool: LanePool, directory: Path, engine: Engine, toolchain: Toolchain, runs: int) -> None:
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    lock = threading.Lock()

    def one(number: int) -> None:
        with pool.lane() as lane:
            own: defaultdict[str, list[float]] = defaultdict(list)
            run(directory / str(number), engine, toolchain, lane, own)
            with lock:
                for name, values in own.items():
                    seconds[name] += values

    before, started = children_cpu() + warm_cpu(pool), time.monotonic()
    with ThreadPoolExecutor(pool.size) as workers:
        list(workers.map(one, range(runs)))
    wall = time.monotonic() - started
    report(f"{pool.size} lanes", seconds, runs, children_cpu() + warm_cpu(pool) - before)
    print(f"  {runs / wall:.2f} runs a second")
    pids = pool.pids()
    memory = sum(proportional_memory(pid) for pid in pids)
    print(f"  {memory / max(1, len(pids) - 1):.0f} MB of own memory (PSS) a lane, the proxy's share included")


def run(directory: Path, engine: Engine, toolchain: Toolchain, lane: object, seconds: dict[str, list[float]]) -> None:
    account = engines.fresh_account(engine)
    module = write(directory, account, toolchain)
    terraform = Terraform(directory, toolchain=toolchain, lane=lane, endpoint=account.endpoint)  # type: ignore[arg-type]
    plan = Path("run.tfplan")

    def timed(name: str, call: object) -> None:
        started = time.monotonic()
        result = call()  # type: ignore[operator]
        seconds[name].append(time.monotonic() - started)
        assert getattr(result, "ok", True), result.errors

    timed("init", terraform.init)
    timed("plan", lambda: terraform.plan(plan))
    timed("show", lambda: terraform.show(plan))
    timed("apply", lambda: terraform.apply(plan))
    text = "".join(path.read_text() for path in module.glob("*.tf"))
    label = re.search(r'resource "aws_secretsmanager_secret" "(\w+)"', text)
    assert label
    (module / "edit_override.tf").write_text(EDIT.format(label=label[1]))
    timed("second plan", lambda: terraform.plan(plan))
    timed("second apply", lambda: terraform.apply(plan))


def write(directory: Path, account: Account, toolchain: Toolchain) -> Path:
    module = directory / "modules" / "secrets"
    module.mkdir(parents=True)
    for path in MODULE.glob("*.tf"):
        text = re.sub(r"(?s)terraform \{\n.*?\n\}\n", "", path.read_text())  # versions: the root says them
        (module / path.name).write_text(text)
    endpoints = "\n".join(f'    {name} = "{account.endpoint}"' for name in SERVICES)
    root = ROOT.format(version=toolchain.provider_version, account=account, endpoints=endpoints)
    (directory / "main.tf").write_text(root)
    return module


def report(name: str, seconds: dict[str, list[float]], runs: int, cpu: float) -> None:
    means = ", ".join(f"{call} {sum(values) / len(values):.2f}" for call, values in seconds.items())
    print(f"{name}: {means} s; {cpu / runs:.2f} CPU seconds a run (Terraform, provider, proxy)")


def children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def warm_cpu(pool: LanePool) -> float:
    """CPU seconds so far of the pool's running processes."""
    return sum(process_cpu(pid) for pid in pool.pids())


def process_cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def proportional_memory(pid: int) -> float:
    """Megabytes, shared pages split among those who share them."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


if __name__ == "__main__":
    main()
