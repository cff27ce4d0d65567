"""The workspace: what Terraform gets, and the way back from its words to the learner's lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab_env import workspace
from lab_env.engine.model import Account
from lab_env.errors import UsageError
from lab_env.hcl import ModuleTree, load_tree, parse
from lab_env.submission import Submission, load_submission
from lab_env.terraform import LanePool, Terraform, Toolchain

ACCOUNT = Account("123456789012", "http://127.0.0.1:4566")
MAIN = """terraform {
  required_version = "~> 0.11"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 1.0" }
  }
}
variable "environment" {
  type = string
}
resource "aws_secretsmanager_secret" "s" {
  name = "${var.environment}-database-credentials"
}
resource "aws_secretsmanager_secret_version" "v" {
  count         = 2
  secret_id     = aws_secretsmanager_secret.s.id
  secret_string = jsonencode({ password = "CHANGE_ME" })
  lifecycle {
    ignore_changes = [secret_string]
  }
}
module "child" {
  source    = "../child"
  secret_id = aws_secretsmanager_secret.s.id
}
"""
CHILD = """variable "secret_id" {}
resource "aws_secretsmanager_secret_version" "w" {
  secret_id                = var.secret_id
  secret_string_wo         = "x"
  secret_string_wo_version = 1
}
"""


@pytest.fixture
def submission(tmp_path: Path) -> Submission:
    root = tmp_path / "ann"
    for name, text in {
        "modules/secrets/main.tf": MAIN,
        "modules/child/main.tf": CHILD,
        "terraform.tfvars": 'environment = "x"\n',
        "main.tf": 'module "mine" {\n  source = "./modules/secrets"\n}\n',
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return load_submission(root)


@pytest.fixture
def modules(submission: Submission) -> ModuleTree:
    return load_tree([(f.path, f.text) for f in submission.files], submission.module_dir)


def test_only_terraform_files_are_copied_with_their_lines(tmp_path: Path, submission: Submission) -> None:
    """Is every .tf file there line for line, without its version constraints, and nothing else of the learner's?"""
    made = workspace.create(submission, tmp_path / "w", account=ACCOUNT)
    copied = sorted(str(p.relative_to(made.directory)) for p in made.directory.rglob("*") if p.is_file())
    assert copied == [
        "main.tf",
        "submission/main.tf",
        "submission/modules/child/main.tf",
        "submission/modules/secrets/main.tf",
    ]
    text = (made.directory / "submission/modules/secrets/main.tf").read_text()
    assert text.count("\n") == MAIN.count("\n")
    assert text[text.index("variable") :] == MAIN[MAIN.index("variable") :]
    kept = 'terraform {required_providers { aws = { source = "hashicorp/aws" } }}'
    assert "".join(line.strip() for line in text[: text.index("variable")].splitlines()) == kept


@pytest.mark.parametrize(
    ("block", "kept"),
    [
        ('terraform {\n  required_version = "~> 0.11"\n}\n', ""),
        ("terraform {\n  required_providers {}\n}\n", ""),
        ('terraform {\n  required_providers { aws = "~> 5" }\n}\n', workspace.NAMED),
        (
            'terraform {\n  required_version = "1" # }\n  required_providers {\n    aws = {\n      version = "} { provider"\n'
            "    }\n  } # }\n}\n",
            workspace.NAMED,
        ),
    ],
)
def test_a_module_names_its_provider_in_our_words(tmp_path: Path, block: str, kept: str) -> None:
    """Is of a terraform block only left that the provider is named, whatever it says, and does no line move?"""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/main.tf").write_text(f'{block}variable "environment" {{}}\n')
    made = workspace.create(load_submission(tmp_path / "in"), tmp_path / "w", account=ACCOUNT)
    text = (made.directory / "submission/main.tf").read_text()
    assert text.count("\n") == block.count("\n") + 1
    body = parse("main.tf", text)
    assert [b.type for b in body.blocks] == ["terraform"] * bool(kept) + ["variable"]
    rest = text[: text.index("variable")].replace("terraform {", "", 1).replace(kept, "", 1).strip()
    assert rest == ("}" if kept else "")


def test_the_root_names_every_environment(tmp_path: Path, submission: Submission) -> None:
    """Does the root call the module once an environment, give provider, account and endpoints, and change at a word?"""
    made = workspace.create(
        submission, tmp_path / "w", account=ACCOUNT, environments=("dev", 'od"d${x}'), provider_version="5.100.0"
    )
    body = parse("main.tf", (made.directory / "main.tf").read_text())
    calls = {b.labels[0]: b.body.get("environment") for b in body.blocks_of("module")}
    assert [getattr(calls[name], "value", None) for name in ("secrets", "secrets_2")] == ["dev", 'od"d${x}']
    (provider,) = body.blocks_of("provider")
    (endpoints,) = provider.body.blocks_of("endpoints")
    assert {getattr(a.expression, "value", None) for a in endpoints.body.attributes.values()} == {ACCOUNT.endpoint}
    assert getattr(provider.body.get("access_key"), "value", None) == ACCOUNT.id
    made.set_environments(("dev",))
    assert "secrets_2" not in (made.directory / "main.tf").read_text()
    with pytest.raises(UsageError):
        made.set_environments(())


@pytest.mark.parametrize(
    ("version", "words"), [("5.88.0", "aws_region.here.name"), ("6.62.0", "aws_region.here.region")]
)
def test_a_module_is_respelled_for_version_5_alone(tmp_path: Path, version: str, words: str) -> None:
    """Are version 6's words put into version 5's where that grades, and left where they are known?"""
    (tmp_path / "in").mkdir()
    text = 'data "aws_region" "here" {}\noutput "r" {\n  value = data.aws_region.here.region\n}\n'
    (tmp_path / "in/main.tf").write_text(text)
    made = workspace.create(load_submission(tmp_path / "in"), tmp_path / "w", account=ACCOUNT, provider_version=version)
    assert words in (made.directory / "submission/main.tf").read_text()
    assert f'version = "{version}"' in (made.directory / "main.tf").read_text()


def test_what_the_module_reads_is_copied_as_it_is(tmp_path: Path) -> None:
    """Are the files that a path names copied byte by byte, also in a module beside, and nothing that is only computed?"""
    reads = """locals {
  a = templatefile("${path.module}/a.tftpl", {})
  b = file("${path.module}/b/c.json")
  c = file("${path.module}/${local.d}")
  e = file("${path.module}/../outside.txt")
  f = file("${path.module}/binary")
}
"""
    files = {
        "main.tf": reads,
        "a.tftpl": "\ufeffa\r\n$${b}",
        "b/c.json": "{}",
        "d": "d",
        "binary": "\0",
        "beside.txt": "",
    }
    for directory in ("modules/secrets", "modules/other"):
        for name, text in {**files, f"../{directory[-1]}.txt": ""}.items():
            path = tmp_path / "in" / directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
    (tmp_path / "in/modules/other/broken.tf").write_text("locals {")
    submission = load_submission(tmp_path / "in")
    assert [file.path for file in workspace.files_read(submission)] == [
        "modules/other/a.tftpl",
        "modules/other/b/c.json",
        "modules/secrets/a.tftpl",
        "modules/secrets/b/c.json",
    ]
    made = workspace.create(submission, tmp_path / "w", account=ACCOUNT)
    assert (made.directory / "submission/modules/secrets/a.tftpl").read_bytes() == files["a.tftpl"].encode()
    assert made.source_location("submission/modules/secrets/a.tftpl", 2) == workspace.SourceLocation(
        "modules/secrets/a.tftpl", 2
    )


def test_override_for_the_rotation_drill(tmp_path: Path, submission: Submission, modules: ModuleTree) -> None:
    """Is the argument that each version uses overridden in its own module, and gone again after?"""
    made = workspace.create(submission, tmp_path / "w", account=ACCOUNT)
    files = made.write_override(modules, '{"password": "${x}\\n"}')
    found = {}
    for file in files:
        for block in parse(file.name, file.read_text()).blocks:
            found[(file.parent.name, *block.labels)] = {
                name: getattr(a.expression, "value", None) for name, a in block.body.attributes.items()
            }
    kind = "aws_secretsmanager_secret_version"
    assert found == {
        ("secrets", kind, "v"): {"secret_string": '{"password": "${x}\\n"}'},
        ("child", kind, "w"): {"secret_string_wo": '{"password": "${x}\\n"}'},
    }
    made.remove_override()
    assert not any(file.exists() for file in files)
    only = made.write_override(modules, "x", only=lambda address: address.startswith("module.child."))
    assert [file.parent.name for file in only] == ["child"]


def test_places_lead_back_to_the_learner(tmp_path: Path, submission: Submission) -> None:
    """Are Terraform's paths, relative or absolute, found in the submission, and ours told apart?"""
    made = workspace.create(submission, tmp_path / "w", account=ACCOUNT)
    expected = workspace.SourceLocation("modules/secrets/main.tf", 7)
    assert made.source_location("submission/modules/secrets/main.tf", 7) == expected
    assert made.source_location("./submission/modules/secrets/main.tf", 7) == expected
    assert made.source_location(str(made.directory / "submission/modules/secrets/main.tf"), 7) == expected
    assert made.source_location("main.tf", 1) is None
    assert made.source_location("submission/modules/secrets/zz_secrets_lab_override.tf", 1) is None


def test_a_used_directory_is_refused(tmp_path: Path, submission: Submission) -> None:
    """Does a second run in the same directory get an error instead of old state?"""
    workspace.create(submission, tmp_path / "w", account=ACCOUNT)
    with pytest.raises(UsageError):
        workspace.create(submission, tmp_path / "w", account=ACCOUNT)


@pytest.mark.terraform
def test_terraform_takes_it(tmp_path: Path, submission: Submission, modules: ModuleTree, toolchain: Toolchain) -> None:
    """Does real Terraform validate the workspace with the override in it, and name the learner's line for a mistake?"""
    made = workspace.create(
        submission,
        tmp_path / "w",
        account=ACCOUNT,
        environments=("dev", "prod"),
        provider_version=toolchain.provider_version,
    )
    made.write_override(modules, "x")
    with LanePool(1, toolchain=toolchain) as pool, pool.lane() as lane:
        terraform = Terraform(made.directory, toolchain=toolchain, lane=lane, endpoint=ACCOUNT.endpoint)
        assert terraform.init().ok
        assert terraform.validate().diagnostics == ()
        file = made.directory / "submission/modules/secrets/main.tf"
        file.write_text(file.read_text().replace('name = "${var', 'nmae = "${var'))
        places = {made.source_location(d.file or "", d.line or 0) for d in terraform.validate().diagnostics}
    assert places == {workspace.SourceLocation("modules/secrets/main.tf", 11)}
