"""A private engine, the machine's real Terraform and provider, a cache of our own, and workspaces to run in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab_env import engine as engines
from lab_env.engine import Account, Engine
from lab_env.terraform import LanePool, Terraform, Toolchain, find_toolchain

MODULE = """
variable "environment" {
  type = string
}

resource "aws_kms_key" "secrets" {
  description             = "Key of the ${var.environment} secrets"
  deletion_window_in_days = 7
  enable_key_rotation     = true
}

resource "aws_kms_alias" "secrets" {
  name          = "alias/app-secrets-${var.environment}"
  target_key_id = aws_kms_key.secrets.key_id
}

resource "aws_secretsmanager_secret" "db" {
  name                    = "${var.environment}-database-credentials"
  kms_key_id              = aws_kms_key.secrets.arn
  recovery_window_in_days = 7
  tags                    = { Environment = var.environment }
}

ephemeral "aws_secretsmanager_random_password" "first" {
  password_length = 24
}

resource "aws_secretsmanager_secret_version" "db" {
  secret_id = aws_secretsmanager_secret.db.id
  secret_string_wo = jsonencode({
    username = "admin"
    password = ephemeral.aws_secretsmanager_random_password.first.random_password
  })
  secret_string_wo_version = 1
}

data "aws_caller_identity" "current" {}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "execution" {
  name               = "${var.environment}-execution"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

output "secret_arn" {
  value = aws_secretsmanager_secret.db.arn
}

output "account" {
  value = data.aws_caller_identity.current.account_id
}
"""

SMALL = """
variable "environment" {
  type = string
}

resource "aws_secretsmanager_secret" "db" {
  name = "${var.environment}-database-credentials"
}

output "secret_arn" {
  value = aws_secretsmanager_secret.db.arn
}
"""

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
  access_key                  = "{account}"
  secret_key                  = "secrets-lab"
  max_retries                 = 3
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  endpoints {{
    iam            = "{endpoint}"
    kms            = "{endpoint}"
    secretsmanager = "{endpoint}"
    sts            = "{endpoint}"
  }}
}}

module "secrets" {{
  source      = "./modules/secrets"
  environment = "dev"
}}

output "secrets" {{
  value = module.secrets
}}
"""

Build = Callable[..., Path]


@pytest.fixture(scope="package")
def engine() -> Iterator[Engine]:
    with engines.private_engine() as running:
        yield running


@pytest.fixture
def account(engine: Engine) -> Account:
    return engines.fresh_account(engine)


@pytest.fixture(scope="package", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Our cache directory for this folder's tests: what a first run on a machine meets."""
    with pytest.MonkeyPatch.context() as patch:
        directory = tmp_path_factory.mktemp("cache")
        patch.setenv("LAB_CACHE_DIR", str(directory))
        patch.delenv("LAB_TERRAFORM", raising=False)
        yield directory


@pytest.fixture(scope="package")
def toolchain(cache: Path) -> Toolchain:
    return find_toolchain(download=False)


@pytest.fixture
def build(tmp_path: Path, toolchain: Toolchain) -> Build:
    """Writes a workspace: a root of the grader's kind and one module."""

    def make(account: Account, module: str = SMALL, name: str = "workspace") -> Path:
        return write_workspace(tmp_path / name, account, toolchain, module)

    return make


def write_workspace(directory: Path, account: Account, toolchain: Toolchain, module: str) -> Path:
    folder = directory / "modules" / "secrets"
    folder.mkdir(parents=True)
    (folder / "main.tf").write_text(module)
    root = ROOT.format(version=toolchain.provider_version, account=account.id, endpoint=account.endpoint)
    (directory / "main.tf").write_text(root)
    return directory


@pytest.fixture(scope="package")
def pool(toolchain: Toolchain) -> Iterator[LanePool]:
    """Lanes that all tests of this folder share; a line about a lane that does not start fails the test."""
    notices: list[str] = []
    with LanePool(3, toolchain=toolchain, on_event=lambda notice: notices.append(notice.text)) as lanes:
        yield lanes
    assert not notices


@pytest.fixture
def in_lane(pool: LanePool, toolchain: Toolchain, engine: Engine) -> Iterator[Callable[[Path], Terraform]]:
    """A façade for a workspace, in a lane that is held until the test ends."""
    with pool.lane() as lane:
        assert lane is not None
        yield lambda directory: Terraform(directory, toolchain=toolchain, lane=lane, endpoint=engine.endpoint)


def run_through(terraform: Terraform) -> dict[str, Any]:
    """Init, plan, show, apply, and a second plan: everything that they said."""
    plan = Path("first.tfplan")
    results = {"init": terraform.init(), "plan": terraform.plan(plan)}
    shown = terraform.show(plan)
    results["apply"] = terraform.apply(plan)
    results["again"] = terraform.plan(Path("second.tfplan"))
    return results | {"show": shown, "state": terraform.state(), "shown_again": terraform.show(Path("second.tfplan"))}
