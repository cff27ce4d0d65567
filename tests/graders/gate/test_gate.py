"""The gate: everything on the closed lists passes, everything else is refused by name, file and line."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from graders.gate import GateReport, check
from graders.gate.lists import INSTEAD
from lab_env.errors import SubmissionError
from lab_env.hcl.terraform_parser import TerraformParser
from lab_env.submission import load_submission
from lab_env.terraform.allowed import DATA, EPHEMERAL, RESOURCES

VARIABLE = 'variable "environment" {\n  type = string\n}\n'


class Gate:
    """Writes files and asks the gate."""

    def __init__(self, directory: Path, parser: TerraformParser) -> None:
        self._directory = directory
        self._parser = parser

    def __call__(self, text: str = "", files: Mapping[str, str | bytes] = {}) -> GateReport:
        for name, content in {"variables.tf": VARIABLE, "main.tf": text, **files}.items():
            path = self._directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return check(load_submission(self._directory), parser=self._parser)


@pytest.fixture
def gate(tmp_path: Path, parser: TerraformParser) -> Gate:
    return Gate(tmp_path / "s", parser)


def test_everything_on_the_lists_is_accepted(gate: Gate) -> None:
    """Does a module with every allowed block and type pass?"""
    blocks = [f'resource "{t}" "x" {{}}' for t in sorted(RESOURCES)]
    blocks += [f'data "{t}" "x" {{}}' for t in sorted(DATA)]
    blocks += [f'ephemeral "{t}" "x" {{}}' for t in sorted(EPHEMERAL)]
    report = gate(
        "\n".join(blocks)
        + """
terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}
locals {
  a = !true && 1 < 2 || -3 == (4 - (5)) ? "x" : <<-EOT
    ${1 + 2} provisioner "local-exec" {}
  EOT
}
output "o" {
  value = local.a
}
moved {
  from = aws_kms_key.old
  to   = aws_kms_key.x
}
removed {
  from = aws_kms_key.gone
  lifecycle {
    destroy = false
  }
}
check "c" {
  data "aws_region" "here" {}
  assert {
    condition     = data.aws_region.here.name != ""
    error_message = "No region."
  }
}
module "child" {
  source = "./child"
}
""",
        {"child/main.tf": 'resource "aws_kms_key" "k" {\n  lifecycle {\n    prevent_destroy = false\n  }\n}\n'},
    )
    assert (report.accepted, report.violations) == (True, ())
    assert len(report.notes) == 2
    assert list(report.tree.nodes) == ["", "module.child"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('\nresource "aws_s3_bucket" "b" {}', 2, "Resource type aws_s3_bucket"),
        ('resource "null_resource" "b" {}', 1, "null_resource"),
        ('resource "terraform_data" "b" {}', 1, "terraform_data"),
        ('data "external" "b" {}', 1, "Data source type external"),
        ('data "terraform_remote_state" "b" {}', 1, "terraform_remote_state"),
        ('data "http" "b" {}', 1, "http"),
        ('ephemeral "aws_ssm_parameter" "b" {}', 1, "Ephemeral resource type"),
        ('provider "aws" {}', 1, "type provider is not allowed: the grader gives"),
        ('import {\n  to = aws_kms_key.k\n  id = "x"\n}', 1, "type import"),
        ('action "aws_lambda_invoke" "x" {}', 1, "type action"),
        ('terraform {\n  backend "s3" {}\n}', 2, "type backend"),
        ("terraform {\n  cloud {}\n}", 2, "type cloud"),
        ('terraform {\n  provider_meta "aws" {}\n}', 2, "type provider_meta"),
        ("terraform {\n  experiments = [x]\n}", 2, "experiments"),
        ('terraform {\n  required_providers {\n    random = "3"\n  }\n}', 3, "provider random"),
        ('terraform {\n  required_providers {\n    aws = { source = "evil/aws" }\n  }\n}', 3, "provider aws"),
        (
            'terraform {\n  required_providers {\n    aws = {\n      source = "hashicorp/aws"\n'
            "      configuration_aliases = [aws.b]\n    }\n  }\n}",
            3,
            "only source and version",
        ),
        ('resource "aws_kms_key" "k" {\n  provisioner "local-exec" {\n    command = "id"\n  }\n}', 2, "provisioner"),
        ('resource "aws_kms_key" "k" {\n  connection {\n    host = "x"\n  }\n}', 2, "connection"),
        (
            'resource "aws_kms_key" "k" {\n  dynamic "provisioner" {\n    for_each = []\n    content {}\n  }\n}',
            2,
            "provisioner",
        ),
        ('removed {\n  from = aws_kms_key.k\n  provisioner "local-exec" {}\n}', 3, "provisioner"),
        ('resource "aws_kms_key" "k" {\n  provider = aws.other\n}', 2, "argument provider"),
        ('check "c" {\n  data "http" "x" {}\n}', 2, "http"),
        ('module "m" {\n  source = "terraform-aws-modules/kms/aws"\n}', 2, "no local source"),
        ('module "m" {\n  source = "git::https://example.com/x.git"\n}', 2, "no local source"),
        ('module "m" {\n  source = "/etc"\n}', 2, "no local source"),
        ('module "m" {\n  source = "./../../out"\n}', 2, "no local source"),
        ('module "m" {\n  source = "./${var.environment}"\n}', 2, "no local source"),
        ('module "m" {\n  source = "./nothing"\n}', 1, "no .tf file"),
        ('module "m" {\n  source    = "./child"\n  providers = { aws = aws }\n}', 3, "argument providers"),
        ('locals {\n  a = file("/etc/passwd")\n}', 2, "function file takes"),
        ('locals {\n  a = file("${path.module}/../../etc/passwd")\n}', 2, "function file takes"),
        ('locals {\n  a = templatefile("${path.root}/main.tf", {})\n}', 2, "function templatefile takes"),
        ('locals {\n  a = file("policy.json")\n}', 2, '"policy.json" alone is looked for where Terraform was started'),
        (
            'locals {\n  a = templatefile("${path.module}/${var.environment}.tftpl", {})\n}',
            2,
            "nothing but path.module",
        ),
        (
            'locals {\n  a = templatefile("${path.module}/x.auto.tfvars", {})\n}',
            2,
            "Terraform reads files of this name",
        ),
        ("locals {\n  a = filebase64(var.environment)\n}", 2, "filebase64"),
        ('locals {\n  a = file("${path.module}/policy.json")\n}', 2, "reads policy.json, but"),
        ('locals {\n  a = core::file("/etc/passwd")\n}', 2, "function file takes a literal path"),
        # What is a comment or plain text to the gate is code once a function reads it as a template.
        ('# ${file("/etc/passwd")}\nlocals {\n  a = templatefile("${path.module}/main.tf", {})\n}', 3, "templatefile"),
        (
            'locals {\n  a = <<EOT\n$${file("/etc/passwd")}\nEOT\n  b = templatestring(local.a, {})\n}',
            5,
            "templatestring",
        ),
        ('locals {\n  a = fileset(path.module, "**")\n}', 2, "fileset"),
        ('locals {\n  a = pathexpand("~/.aws")\n}', 2, "pathexpand"),
        ("locals {\n  a = path.cwd\n}", 2, "path.cwd"),
        ('locals {\n  a = "${<<EOT\n${file("/etc/passwd")}\nEOT\n}"\n}', 3, "function file takes"),
        ("a = 1", 1, "outside of any block"),
        ('unheard "of" {}', 1, "type unheard"),
        ('resource "aws_kms_key" {}', 1, "2 labels"),
    ],
)
def test_everything_else_is_refused(gate: Gate, text: str, line: int, words: str) -> None:
    """Is each thing that is not on the lists refused, with its file and line?"""
    report = gate(text, {"child/main.tf": ""})
    assert not report.accepted
    assert [(v.path, v.line) for v in report.violations if words in v.summary] == [("main.tf", line)]


TEMPLATE = """[
%{ for name, key in variables ~}
  { "name": "${name}", "valueFrom": "${arn}:${key}::" }%{ if name != last },%{ endif }
%{ endfor ~}
  ${jsonencode({ a = [1 + 2, !true], b = lookup(variables, "x", -1) })}
]
"""
CALL = 'locals {\n  a = templatefile("${path.module}/t/x.json.tftpl", { variables = {}, arn = "", last = "" })\n}\n'


@pytest.mark.parametrize(
    "text",
    [
        TEMPLATE,
        TEMPLATE.replace("\n", "\r\n"),
        "\ufeff" + TEMPLATE,
        TEMPLATE.removesuffix("\n"),
        "",
        "no sequence at all $ % $${ %%{",
        "EOT\nT\n}\n",
        "é ${upper(arn)} é",
    ],
)
def test_a_template_of_the_module_is_accepted(gate: Gate, text: str) -> None:
    """Is a template in the module's directory accepted, with operators, directives and whatever a heredoc would stumble over?"""
    report = gate(CALL, {"t/x.json.tftpl": text})
    assert (report.accepted, report.violations) == (True, ())
    assert list(report.tree.templates) == ["t/x.json.tftpl"]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('\n${file("/etc/passwd")}', 2, "function file is not allowed in a template"),
        ("\n\n%{ for x in fileset(arn, arn) }%{ endfor }", 3, "fileset is not allowed"),
        ('${fileexists("x")}', 1, "fileexists is not allowed in a template"),
        ('${templatefile("x", {})}', 1, "templatefile is not allowed in a template"),
        ("a\n${path.cwd}", 2, "path.cwd"),
        # Terraform's own words, where it has some.
        ("a\n%{ if true }", 2, "Unexpected end of template"),
        ("a\n${arn", 2, "Extra characters after interpolation expression"),
        ("${ 1 + }", 1, "Invalid expression"),
        ("%{ when x }", 1, "Invalid template control keyword"),
        ('x\n${ /* } */ file("/etc/passwd") }', 2, "function file is not allowed in a template"),
        ('x\n${ <<E\n} ${file("/etc/passwd")}\nE\n}', 3, "function file is not allowed in a template"),
        ('x\n${ core::fileset("/etc", "*") }', 2, "fileset is not allowed"),
        ("x\n${ <<E\n${ <<E\nx\nE\n}\nE\n}", 3, "Terraform can read this, but the grader cannot"),
        ("x\ry", 1, "carriage return"),
    ],
)
def test_a_template_passes_the_modules_lists(gate: Gate, text: str, line: int, words: str) -> None:
    """Is what a template must not call refused, and what is no template told, at the template's own line?"""
    report = gate(CALL, {"t/x.json.tftpl": text})
    assert not report.accepted
    assert [(v.path, v.line) for v in report.violations if words in v.summary] == [("t/x.json.tftpl", line)], (
        report.violations
    )


def test_a_file_of_the_module_is_accepted(gate: Gate) -> None:
    """Is a plain file read with file, whatever signs of templates are in it, also in a module that is called?"""
    report = gate(
        'module "a" {\n  source = "./a"\n}\n',
        {"a/main.tf": 'locals {\n  a = file("${path.module}/x.json")\n}\n', "a/x.json": '${file("/etc/passwd")}'},
    )
    assert (report.accepted, list(report.tree.texts)) == (True, ["a/x.json"])


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ('resource "random_password" "p" {\n  length = 32\n}\n', 'ephemeral "aws_secretsmanager_random_password"'),
        ('ephemeral "random_password" "p" {\n  length = 32\n}\n', 'ephemeral "aws_secretsmanager_random_password"'),
        ('data "aws_secretsmanager_random_password" "p" {}\n', 'ephemeral "aws_secretsmanager_random_password"'),
        (
            'terraform {\n  required_providers {\n    random = { source = "hashicorp/random" }\n  }\n}\n',
            'ephemeral "aws_secretsmanager_random_password"',
        ),
        ('resource "aws_secretsmanager_secret_rotation" "r" {}\n', "the lab sets a new password from outside"),
        ('resource "aws_iam_policy_attachment" "a" {}\n', "aws_iam_role_policy_attachment"),
    ],
)
def test_a_refusal_names_the_allowed_way(gate: Gate, text: str, way: str) -> None:
    """Does the refusal of what people bring from elsewhere say what to write here, and is that allowed?"""
    (violation,) = gate(text).violations
    assert way in violation.summary
    named = re.findall(r'"?(aws_[a-z_]+)"?', way)
    assert set(named) <= RESOURCES | EPHEMERAL


def test_what_stands_instead_is_for_refused_types() -> None:
    """Is every type that has such words refused as what it is, so that they are ever said?"""
    allowed = {"resource": RESOURCES, "data": DATA, "ephemeral": EPHEMERAL}
    assert {name for name in INSTEAD if all(name in kind for kind in allowed.values())} == set()
    assert not INSTEAD.keys() & RESOURCES


def test_modules_that_are_called_are_read_too(gate: Gate) -> None:
    """Is a refused block found in a module two calls away, and its address given?"""
    report = gate(
        'module "a" {\n  source = "./a"\n}\n',
        {
            "a/main.tf": 'module "b" {\n  source = "../b"\n}\n',
            "b/main.tf": '\nresource "aws_s3_bucket" "x" {}\n',
            "unused/main.tf": 'provider "aws" {}\n',
        },
    )
    assert [(v.path, v.line, v.address) for v in report.violations] == [
        ("b/main.tf", 2, "module.a.module.b.aws_s3_bucket.x")
    ]
    assert any("unused" in note for note in report.notes)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"more.tf.json": "{}"}, "JSON syntax"),
        ({"override.tf": ""}, "override file"),
        ({"x_override.tf": ""}, "override file"),
        ({"x_override.tf.json": "{}"}, "override file"),
    ],
)
def test_files_are_refused_by_name(gate: Gate, files: dict[str, str], words: str) -> None:
    """Are files that Terraform would read and we would not refused by name?"""
    report = gate("", files)
    assert not report.accepted
    assert any(words in v.summary and v.path in files for v in report.violations)


def test_links_are_refused(tmp_path: Path, gate: Gate) -> None:
    """Is a link refused by its name?"""
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "passwd.tf").symlink_to("/etc/passwd")
    report = gate("")
    assert [(v.path, "link" in v.summary) for v in report.violations] == [("passwd.tf", True)]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"more.tf": VARIABLE}, "var.environment is declared twice"),
        ({"variables.tf": ""}, 'does not declare variable "environment"'),
        ({"more.tf": 'variable "size" {}\n'}, 'Variable "size" has no default'),
        ({"more.tf": "locals {\n  a = 1\n}\nlocals {\n  a = 2\n}\n"}, "local.a is declared twice"),
    ],
)
def test_what_terraform_would_refuse(gate: Gate, files: dict[str, str], words: str) -> None:
    """Is a module that Terraform could not call, or that declares things twice, refused with the reason?"""
    report = gate("", files)
    assert not report.accepted
    assert any(words in v.summary for v in report.violations)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('resource "aws_kms_key" "k" {\n  a = 1 == 2\n', 1, "Unclosed configuration block"),
        ('resource "aws_kms_key" "k" {\n  a = = 1\n}\n', 2, "Invalid expression"),
        ('locals {\n  a = "open\n}\n', 2, "Invalid multi-line string"),
        ("locals {\n  a = 1 b = 2\n}\n", 2, "Missing newline after argument"),
        ("locals {\n  a = 1 +\n  2\n}\n", 2, "Invalid expression"),
        ("locals {\n  a = 1\n  a = 2\n}\n", 2, "written twice in one block, in lines 2 and 3"),
        ("locals {\n}\n}\n", 3, "Argument or block definition required"),
        ("locals {\n}\n}\n}\n", 3, "Argument or block definition required"),
        ("locals {\n}\n}\n\noutput {\n}\n", 3, "Argument or block definition required"),
        ("locals {\n}\n}\n}\na = 1\noutput {\n}\n", 3, "Argument or block definition required"),
        ("locals {\n}\n} body {\n", 3, "Argument or block definition required"),
    ],
)
def test_syntax_errors_in_terraforms_words(gate: Gate, text: str, line: int, words: str) -> None:
    """Does a file that does not parse give Terraform's words with file and line, whichever parser minds?"""
    report = gate(text)
    assert not report.accepted
    assert any((v.path, v.line) == ("main.tf", line) and words in v.summary for v in report.violations), (
        report.violations
    )


def test_what_only_terraform_can_read_is_refused(gate: Gate) -> None:
    """Is HCL that python-hcl2 cannot read refused with the reason, not waved through?"""
    report = gate("locals {\n  a = <<E\n${ <<E\nx\nE\n}\nE\n}\n")
    assert not report.accepted
    assert "Terraform can read this, but the grader cannot" in report.violations[0].summary
    assert report.unread is not None


def test_what_is_refused_beside_it_is_a_refusal(gate: Gate) -> None:
    """Is a file that is refused no fault of the grader's because another place in it is?"""
    assert gate("locals {\n  a = [1 == <<E\nx\nE\n  ]\n}\n").unread is not None
    assert gate('locals {\n  a = [1 == <<E\nx\nE\n  ]\n}\nprovider "aws" {}\n').unread is None


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 500 + "]" * 500,
        "a = 1\n" * 6_000,
        # Each took the parser a minute and more, on one line.
        "a = a" + ".b" * 50_000,
        "/**/" * 50_000,
        "a = " + "1 + " * 50_000 + "1",
        "a = <<EOT\n" + "${b}" * 4_000 + "\nEOT",
    ],
    ids=lambda text: text[:12],
)
def test_limits_make_it_ungradable(gate: Gate, text: str) -> None:
    """Does a file past a limit raise, so that it is ungradable and not rejected?"""
    with pytest.raises(SubmissionError):
        gate(f"locals {{\n{text}\n}}\n")


def test_notebook_cells_are_named(tmp_path: Path, parser: TerraformParser) -> None:
    """Does a violation in a notebook name the cell?"""
    import nbformat

    book = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(f"%%hcl main.tf\n{VARIABLE}"),
            nbformat.v4.new_code_cell('%%hcl main.tf\n\nprovider "aws" {}'),
        ]
    )
    (tmp_path / "a.ipynb").write_text(nbformat.writes(book))
    report = check(load_submission(tmp_path), parser=parser)
    assert [(v.path, v.line, v.cell) for v in report.violations] == [("main.tf", 5, 1)]


def test_a_template_from_a_cell(tmp_path: Path, parser: TerraformParser) -> None:
    """Is a cell with a template the module's file, and does what is wrong in it name the cell?"""
    import nbformat

    book = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(f"%%hcl main.tf\n{VARIABLE}"),
            nbformat.v4.new_code_cell('%%hcl main.tf\nlocals {\n  a = templatefile("${path.module}/a.tftpl", {})\n}'),
            nbformat.v4.new_code_cell('%%hcl a.tftpl\n[]\n${file("/etc/passwd")}'),
        ]
    )
    (tmp_path / "a.ipynb").write_text(nbformat.writes(book))
    report = check(load_submission(tmp_path), parser=parser)
    assert [(v.path, v.line, v.cell) for v in report.violations] == [("a.tftpl", 2, 2)]


PROVIDER = 'provider "aws" {\n}\n'


@pytest.mark.parametrize(
    "text",
    [
        "locals {\n  a = <<EOT\nx\nEOT \n}\n" + PROVIDER + "locals {\n  b = <<EOT\nEOT\n}\n",
        "locals {\n  a = <<EOT\nx\nEOT\t\r\n}\n" + PROVIDER + "locals {\n  b = <<EOT\nEOT\n}\n",
        "locals {\n  a = <<E.T\nE\n}\n" + PROVIDER + "locals {\n  b = <<E\nE.T\n}\n",
        "# x\r" + PROVIDER,
        "/* a /* b */ " + PROVIDER + "/* */",
        'locals {\n  a = "$${"\n}\n' + PROVIDER + 'locals {\n  b = "}"\n}\n',
        'locals {\n  a = "%%{"\n}\n' + PROVIDER + 'locals {\n  b = "}"\n}\n',
        'locals {\n  a = "$$${"\n}\n' + PROVIDER + 'locals {\n  b = "}"\n}\n',
        'locals {\n  a = "${"}"}"\n}\n' + PROVIDER,
        "locals {\n  a = 1\n}" + PROVIDER,
    ],
)
def test_a_block_in_disguise_does_not_pass(gate: Gate, text: str) -> None:
    """Is a provider refused that stands where a careless reader sees a string, a comment or a heredoc?"""
    assert not gate(text).accepted


def test_a_heredoc_that_names_forbidden_things_is_only_text(gate: Gate) -> None:
    """Is what really is text left alone, and a blank behind a closing marker forgiven?"""
    text = f"locals {{\n  a = <<EOT\nEOT-\n{PROVIDER}EOT \n  b = 1 == 2\n}}\n# {PROVIDER.splitlines()[0]}\n"
    assert gate(text).violations == ()


@pytest.mark.slow
def test_the_corpus(tmp_path: Path, parser: TerraformParser) -> None:
    """Is every right solution accepted, and of the mistakes exactly those rejected that say so themselves?"""
    from solutions.corpus import load_corpus, materialise

    rejected, wanted = set(), set()
    for case in load_corpus().cases:
        report = check(load_submission(materialise(case, tmp_path)), parser=parser)
        rejected |= {case.name} if not report.accepted else set()
        wanted |= {case.name} if case.status == "rejected" else set()
    assert rejected == wanted
    assert wanted


def test_many_files_of_the_largest_size_are_ungradable(gate: Gate) -> None:
    """Is the cost of reading bounded for all files together, not only for each?"""
    large = "locals {\n  a = [" + '"a",' * 2_000 + "]\n}\n"
    with pytest.raises(SubmissionError, match="words and signs together"):
        gate("", {f"f{index}.tf": large for index in range(20)})


def test_many_heredocs_cost_what_their_text_does(gate: Gate) -> None:
    """Is a large file with many heredocs, each of its own marker, read in seconds and not minutes?"""
    many = "".join(f"  h{index} = <<M{index}\nx\nM{index}\n" for index in range(1_500))
    gate("")  # the grammar is loaded
    started = time.process_time()
    assert gate(f'locals {{\n{many}  a = "{"x" * 900_000}"\n}}\n').accepted
    assert time.process_time() - started < 10
