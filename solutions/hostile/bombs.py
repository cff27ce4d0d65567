"""Small files that cost much: to whoever parses them, or to Terraform when it computes them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from solutions.hostile.trees import write

Make = Callable[[Path], Path]


def text(source: str) -> Make:
    """A main.tf that goes on like this in line 5."""
    return lambda directory: write(directory, source)


def value(source: str) -> Make:
    """A local value, in line 6."""
    return text(f"locals {{\n  a = {source}\n}}\n")


def heredoc(source: str) -> Make:
    """A local value that is a heredoc."""
    return value(f"<<EOT\n{source}\nEOT")


def heredocs(directory: Path) -> Path:
    """As many heredocs as are read, each with a marker of its own, above a long string."""
    many = "".join(f"  h{index} = <<M{index}\nx\nM{index}\n" for index in range(1_500))
    return write(directory, f'locals {{\n{many}  a = "{"x" * 900_000}"\n}}\n')


def many_large_files(directory: Path) -> Path:
    """Ninety files of nearly the size that is read."""
    root = write(directory)
    for index in range(90):
        file = root / f"modules/secrets/f{index}.tf"
        items = '"a",' * 2_500
        file.write_text(f"locals {{\n  l{index} = [{items}]\n}}\n", encoding="utf-8")
    return root


def endless_modules(directory: Path) -> Path:
    """A module that calls itself."""
    return write(directory, 'module "again" {\n  source = "../secrets"\n}\n')


def doubling_modules(directory: Path) -> Path:
    """Seven modules, each of which calls the next one three times: 2187 at the end."""
    root = write(directory, _calls(0))
    for index in range(7):
        file = root / f"modules/m{index}/main.tf"
        file.parent.mkdir(parents=True)
        file.write_text(_calls(index + 1) if index < 6 else "locals {}\n", encoding="utf-8")
    return root


def _calls(index: int) -> str:
    return "".join(f'module "{name}" {{\n  source = "../m{index}"\n}}\n' for name in ("a", "b", "c"))


_KEY = 'resource "aws_kms_key" "k" {\n  description = '


def count(number: int) -> Make:
    """So many keys."""
    return text(f'resource "aws_kms_key" "k" {{\n  count = {number}\n}}\n')


def rsa_keys(number: int) -> Make:
    """So many keys of the kind that takes long to make."""
    return text(f'resource "aws_kms_key" "k" {{\n  count = {number}\n  customer_master_key_spec = "RSA_4096"\n}}\n')


def for_each(directory: Path) -> Path:
    """A key for each of a million names."""
    return write(
        directory,
        "locals {\n  n = [for i in range(1000) : tostring(i)]\n}\n"
        'resource "aws_kms_key" "k" {\n'
        '  for_each = toset([for p in setproduct(local.n, local.n) : join("-", p)])\n}\n',
    )


def doubling_locals(directory: Path) -> Path:
    """A value that is twice the one before, forty times: exponential in the size of the file."""
    doubled = "".join(f'  v{i} = "${{local.v{i - 1}}}${{local.v{i - 1}}}"\n' for i in range(1, 40))
    return write(directory, f'locals {{\n  v0 = "0123456789"\n{doubled}}}\n{_KEY}local.v39\n}}\n')


def loops_in_loops(directory: Path) -> Path:
    """A template of twenty loops in each other, ten times each: 10^20 letters."""
    root = write(directory, f'{_KEY}templatefile("${{path.module}}/text.tftpl", {{ ten = range(10) }})\n}}\n')
    loops = "".join(f"%{{ for v{i} in ten }}" for i in range(20))
    (root / "modules/secrets/text.tftpl").write_text(f"{loops}x{'%{ endfor }' * 20}\n", encoding="utf-8")
    return root


def padded_format(directory: Path) -> Path:
    """Ten thousand numbers, each padded to a million characters."""
    padded = '[for i in range(1000) : format("%999999d", i)]'
    return write(directory, f'{_KEY}join("", flatten([for j in range(10) : {padded}]))\n}}\n')


def yaml_aliases(directory: Path) -> Path:
    """A document of aliases to aliases, which unfolds to 10^9 words."""
    levels = "".join(f"  l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]\n" for i in range(1, 9))
    return write(
        directory,
        f"locals {{\n  t = <<EOT\n  l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n{levels}EOT\n}}\n"
        f"{_KEY}jsonencode(yamldecode(local.t))\n}}\n",
    )


def outputs(directory: Path) -> Path:
    """Two outputs of sixteen million characters each, of which a plan as JSON has several copies."""
    return write(
        directory,
        'locals {\n  k = join("", [for i in range(1000) : "0123456789abcdef"])\n'
        '  m = join("", [for i in range(1000) : local.k])\n}\n'
        + "".join(f'output "o{i}" {{\n  value = local.m\n}}\n' for i in range(2))
        + f'{_KEY}"x"\n}}\n',
    )


def nested_output(directory: Path) -> Path:
    """A list in a list, three thousand times; `terraform show` takes gigabytes to write it down (23 for twelve hundred)."""
    brackets = '[for i in range(1000) : "[[["], [for i in range(1000) : "]]]"]'
    return write(directory, f'output "n" {{\n  value = jsondecode(join("", concat({brackets})))\n}}\n{_KEY}"x"\n}}\n')


def half_a_pair(directory: Path) -> Path:
    """JSON in strings with half of a surrogate pair, which is legal there and can be written down nowhere, as key and as value."""
    half = "\\\\ud800"
    document = f'{{\\"username\\": \\"app\\", \\"password\\": \\"CHANGE_ME\\", \\"{half}\\": \\"{half}\\"}}'
    policy = f'{{\\"Version\\": \\"2012-10-17\\", \\"Statement\\": [{{\\"Sid\\": \\"{half}\\"}}]}}'
    return write(
        directory,
        'resource "aws_secretsmanager_secret" "s" {\n  name = "${var.environment}-database-credentials"\n}\n'
        'resource "aws_secretsmanager_secret_version" "v" {\n  secret_id     = aws_secretsmanager_secret.s.id\n'
        f'  secret_string = "{document}"\n}}\n'
        'resource "aws_iam_role" "r" {\n  name = "${var.environment}-r"\n'
        f'  assume_role_policy = "{policy}"\n}}\n',
    )


def regular_expression(directory: Path) -> Path:
    """An expression that is exponential to a matcher that tries every way."""
    return write(
        directory,
        f'{_KEY}"${{can(regex("^(a+)+$", "{"a" * 5_000}!"))}}"\n}}\n'
        'output "p" {\n  value = replace("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "/(a|a?)+$/", "")\n}\n',
    )


def dynamic_blocks(directory: Path) -> Path:
    """A policy document with blocks in blocks for each of a list."""
    return write(
        directory,
        'data "aws_iam_policy_document" "d" {\n  dynamic "statement" {\n    for_each = range(100)\n    content {\n'
        '      actions   = ["kms:Decrypt"]\n      resources = ["*"]\n      dynamic "condition" {\n'
        '        for_each = range(20)\n        content {\n          test     = "StringEquals"\n'
        '          variable = "aws:x${condition.value}"\n          values   = [tostring(statement.value)]\n'
        "        }\n      }\n    }\n  }\n}\n" + _KEY + "data.aws_iam_policy_document.d.version\n}\n",
    )
