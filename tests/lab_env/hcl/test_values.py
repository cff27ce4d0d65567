"""Following values: references to resource attributes, constants, and where a variable decides."""

from __future__ import annotations

import pytest

from lab_env.errors import SubmissionError
from lab_env.hcl import (
    UNKNOWN,
    Expression,
    ModuleTree,
    conditional_uses,
    constant,
    ignore_changes,
    load_tree,
    origins,
    resolve,
)


def tree(main: str, **others: str) -> ModuleTree:
    """A module in ``m`` and others beside it by directory."""
    files = [("m/main.tf", main), *((f"{name}/main.tf", text) for name, text in others.items())]
    return load_tree(files, "m")


def local(modules: ModuleTree, name: str, path: str = "") -> Expression:
    return modules.module(path).locals[name].expression


def flows(text: str, expression: str, **others: str) -> set[str]:
    modules = tree(f"{text}\nlocals {{\n  probe = {expression}\n}}\n", **others)
    return set(resolve(modules, "", local(modules, "probe")))


SECRET = "aws_secretsmanager_secret_version.v.secret_string"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (SECRET, {SECRET}),
        ("aws_secretsmanager_secret_version.v", {"aws_secretsmanager_secret_version.v"}),
        ("aws_secretsmanager_secret_version.v[0].secret_string", {SECRET}),
        ("aws_secretsmanager_secret_version.v[*].secret_string", {SECRET}),
        (f'jsondecode({SECRET})["password"]', {SECRET}),
        (f'"postgres://${{{SECRET}}}"', {SECRET}),
        (f"<<EOT\n${{{SECRET}}}\nEOT", {SECRET}),
        (f"[for x in [{SECRET}] : upper(x)][0]", {SECRET}),
        ("local.pick.key", {"aws_kms_key.k.arn"}),
        ('local.pick["key"]', {"aws_kms_key.k.arn"}),
        ("local.pick", {"aws_kms_key.k.arn", SECRET}),
        ("merge(local.pick, { a = 1 }).key", {"aws_kms_key.k.arn"}),
        ("[for v in values(local.pick) : v]", {"aws_kms_key.k.arn", SECRET}),
        ("{ for k, v in local.pick : k => 1 }", set()),
        ("[for k, v in local.pick : k]", set()),
        ("data.aws_iam_policy_document.d.json", {"data.aws_iam_policy_document.d.json"}),
        ("var.environment", {"var.environment"}),
        ("length(local.x) > 0 ? local.pick.key : local.y", {"aws_kms_key.k.arn"}),
        ("path.module", set()),
        ("local.loop", set()),
        ("module.child.role", {"module.child.aws_iam_role.r.arn"}),
        ("module.child.given", {"aws_kms_key.k.arn"}),
        ("module.child.both", {"aws_kms_key.k.arn", "module.child.aws_iam_role.r.name"}),
        ("module.child", {"aws_kms_key.k.arn", "module.child.aws_iam_role.r.arn", "module.child.aws_iam_role.r.name"}),
    ],
)
def test_resolve(expression: str, expected: set[str]) -> None:
    """Which resource attributes flow into a value, through locals, loops, functions and child modules?"""
    text = f"""
variable "environment" {{}}
locals {{
  pick = {{ key = aws_kms_key.k.arn, secret = {SECRET} }}
  loop = local.loop2
  loop2 = local.loop
}}
module "child" {{
  source = "../c"
  arn    = local.pick.key
}}
"""
    child = """
variable "arn" {}
resource "aws_iam_role" "r" {}
output "role" { value = aws_iam_role.r.arn }
output "given" { value = var.arn }
output "both" { value = [var.arn, aws_iam_role.r.name] }
"""
    assert flows(text, expression, c=child) == expected


@pytest.mark.parametrize(
    ("arguments", "template", "expected", "literals", "constructs"),
    [
        (f"{{ a = {SECRET}, b = 1 }}", "x ${a}", {SECRET}, ["x "], []),
        (f"{{ a = {SECRET}, b = 1 }}", "x ${b}", set(), [1, "x "], []),
        (f"merge({{ b = 1 }}, {{ a = {SECRET} }})", "${jsonencode([a])}", {SECRET}, [], []),
        ("local.given", "%{ for k, v in pick ~}${v}%{ endfor }", {"aws_kms_key.k.arn", SECRET}, [], []),
        ("local.given", "${pick.key}", {"aws_kms_key.k.arn"}, [], []),
        ("local.given", '${jsonencode({ a = [for x in ["l"] : pick["key"]] })}', {"aws_kms_key.k.arn"}, [], []),
        # What is not given is an error, and nothing of the module's.
        ("{ b = 1 }", "${local.pick.secret}${var.environment}", set(), [], []),
        ("{ env = var.environment }", "${env}", {"var.environment"}, [], []),
        ("{ env = var.environment }", '%{ if env == "dev" }a%{ endif }', set(), ["a"], ["a comparison", "a condition"]),
        ("{ env = var.environment }", '${lookup({}, env, "")}', {"var.environment"}, [""], ["the function lookup"]),
        ("{ env = var.environment }", "%{ for env in [true] }%{ if env }a%{ endif }%{ endfor }", set(), ["a"], []),
    ],
)
def test_what_flows_through_a_template(
    arguments: str, template: str, expected: set[str], literals: list[object], constructs: list[str]
) -> None:
    """Does what a template is given flow out of it where it is used, and is a choice in it one by what it is given?"""
    text = f"""
variable "environment" {{}}
locals {{
  pick  = {{ key = aws_kms_key.k.arn, secret = {SECRET} }}
  given = {{ pick = local.pick }}
  probe = templatefile("${{path.module}}/t", {arguments})
}}
resource "aws_x" "y" {{
  a = local.probe
}}
"""
    modules = load_tree([("m/main.tf", text)], "m", read={"m/t": template}.get)
    probe = local(modules, "probe")
    assert set(resolve(modules, "", probe)) == expected
    assert [literal.value for literal in origins(modules, "", probe)] == literals
    assert all(literal.span.path == "m/t" for literal in origins(modules, "", probe) if isinstance(literal.value, str))
    uses = conditional_uses(modules)
    assert sorted(use.construct for use in uses) == constructs
    assert {use.span.path for use in uses} <= {"m/t"}


def test_each_count_and_dynamic_blocks() -> None:
    """Are each.value, each.key and a dynamic block's iterator followed to their collections?"""
    modules = tree(
        """
resource "aws_x" "y" {
  for_each = { a = { arn = aws_iam_role.r.arn, other = aws_iam_role.o.arn } }
  one      = each.value.arn
  two      = each.key
  dynamic "statement" {
    for_each = [aws_kms_key.k.arn]
    iterator = it
    content {
      three = it.value
    }
  }
}
"""
    )
    block = modules.root.resources["aws_x.y"]

    def at(name: str) -> set[str]:
        bodies = [block.body, *(b.body for b in block.body.walk())]
        found = next(b.get(name) for b in bodies if name in b.attributes)
        assert found is not None
        return set(resolve(modules, "", found))

    assert (at("one"), at("two"), at("three")) == ({"aws_iam_role.r.arn"}, set(), {"aws_kms_key.k.arn"})


def test_a_long_chain_of_locals_ends() -> None:
    """Does a chain of a thousand locals resolve without exhausting Python's stack?"""
    lines = "\n".join(f"  l{i} = local.l{i + 1}" for i in range(1_000))
    assert flows(f"locals {{\n{lines}\n  l1000 = aws_kms_key.k.arn\n}}", "local.l0") == {"aws_kms_key.k.arn"}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('"a-${var.environment}"', "a-dev"),
        (
            'jsonencode({ b = 1, a = ["x", true, null], c = "<&>" })',
            '{"a":["x",true,null],"b":1,"c":"\\u003c\\u0026\\u003e"}',
        ),
        ('base64encode(jsonencode({ password = "x" }))', "eyJwYXNzd29yZCI6IngifQ=="),
        ('format("%s-%d%%", upper("x"), 3)', "X-3%"),
        ('join("/", ["a", "b"])', "a/b"),
        ("merge({ a = 1 }, { a = 2, b = 3 })", {"a": 2, "b": 3}),
        ("local.mixed.known", "k"),
        ("local.mixed", UNKNOWN),
        ("jsonencode(local.mixed)", UNKNOWN),
        ("aws_kms_key.k.arn", UNKNOWN),
        ('var.environment == "dev" ? 1 : 2', 1),
        ("{ for k, v in { a = 1, b = 2 } : k => v * 2 if v > 1 }", {"b": 4}),
        ("[for v in [1, 2] : v + 1][1]", 3),
        ("<<-EOT\n  a\n    b\n  EOT", "a\n  b\n"),
        ("module.child.out", "child of dev"),
        ("local.loop", UNKNOWN),
        ("uuid()", UNKNOWN),
        ("1 / 0", UNKNOWN),
        ("[1][5]", UNKNOWN),
        ('"%{ if var.environment == "dev" }yes%{ else }no%{ endif }"', "yes"),
    ],
)
def test_constant(expression: str, value: object) -> None:
    """Is the value that a plan would show known without one, and UNKNOWN where it is not?"""
    modules = tree(
        f"""
variable "environment" {{}}
locals {{
  probe = {expression}
  mixed = {{ known = "k", unknown = aws_kms_key.k.arn }}
  loop  = local.loop
}}
module "child" {{
  source = "../c"
  name   = var.environment
}}
""",
        c='variable "name" {}\noutput "out" { value = "child of ${var.name}" }\n',
    )
    found = constant(modules, "", local(modules, "probe"), variables={"environment": "dev"})
    assert found is UNKNOWN if value is UNKNOWN else found == value


@pytest.mark.parametrize(
    ("expression", "constructs"),
    [
        ('"${var.environment}-x"', []),
        ('upper(format("%s", var.environment))', []),
        ('replace(var.environment, "_", "-")', []),
        ('var.environment != "" ? var.environment : "x"', []),
        ("merge(local.tags, { a = var.environment })", []),
        ("local.tags.count == 1 ? 1 : 2", []),
        ('var.environment == "prod"', ["a comparison"]),
        ('var.environment == "prod" ? 1 : 2', ["a comparison", "a condition"]),
        ("{ prod = 1 }[var.environment]", ["a lookup key"]),
        ("lookup({ prod = 1 }, var.environment, 2)", ["the function lookup"]),
        ('startswith(local.name, "prod")', ["the function startswith"]),
        ('replace(var.environment, "prod", "x")', ["the function replace"]),
        ('[for e in [var.environment] : 1 if e == "prod"]', ["a comparison", "the if of a for expression"]),
        ('"%{ if var.environment == "prod" }x%{ endif }"', ["a comparison", "a condition"]),
        ("local.is_prod ? 1 : 2", ["a comparison", "a condition"]),
        ('aws_y.z.name == "prod-x" ? 1 : 2', ["a comparison", "a condition"]),
        ("module.child.same ? 1 : 2", ["a comparison", "a condition"]),
    ],
)
def test_conditional_uses(expression: str, constructs: list[str]) -> None:
    """Where does the environment decide something, and where is it only written down?"""
    modules = tree(
        f"""
variable "environment" {{
  validation {{
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "no"
  }}
}}
locals {{
  name    = "${{var.environment}}-x"
  tags    = {{ e = var.environment, count = 1 }}
  is_prod = local.name == "prod-x"
  unused  = var.environment == "nobody asks"
}}
resource "aws_x" "y" {{
  a = {expression}
}}
resource "aws_y" "z" {{
  name = local.name
}}
{'module "child" {' if "module.child" in expression else "locals {"}
  source = "../c"
  env    = var.environment
}}
""",
        c='variable "env" {}\noutput "same" { value = var.env == "prod" }\n',
    )
    assert sorted(use.construct for use in conditional_uses(modules)) == constructs


def test_ignore_changes() -> None:
    """Are all ways to write ignore_changes read, with their lines?"""

    def ignored(value: str) -> list[tuple[str, int]]:
        text = f'resource "a" "b" {{\n  lifecycle {{\n    ignore_changes = {value}\n  }}\n}}\n'
        block = tree(text).root.resources["a.b"]
        return [(name, span.line) for name, span in ignore_changes(block)]

    assert ignored("[secret_string]") == [("secret_string", 3)]
    assert ignored('["secret_string", tags["Name"]]') == [("secret_string", 3), ("tags.Name", 3)]
    assert ignored("all") == [("all", 3)]
    assert ignored("[]") == []


def test_module_tree() -> None:
    """Are child modules found by path, addresses split, unused and missing modules told apart?"""
    modules = load_tree(
        [
            (
                "modules/secrets/main.tf",
                'module "a" {\n  source = "../store"\n}\nmodule "b" {\n  source = "./none"\n}\n',
            ),
            ("modules/store/main.tf", 'resource "aws_kms_key" "k" {}\n'),
            ("modules/spare/main.tf", "no hcl {"),
        ],
        "modules/secrets",
    )
    assert list(modules.nodes) == ["", "module.a"]
    assert [b.labels[0] for _, b in modules.unresolved] == ["b"]
    assert modules.unused == ("modules/spare",)
    for address in ("module.a.aws_kms_key.k", 'module.secrets.module.a["x.y"].aws_kms_key.k[0]'):
        block = modules.block(address)
        assert block is not None
        assert block.span.path == "modules/store/main.tf"
    assert modules.block("module.secrets.aws_kms_key.k") is None


def test_modules_that_call_each_other() -> None:
    """Is an endless tree of modules ungradable?"""
    with pytest.raises(SubmissionError, match="without end"):
        tree('module "a" {\n  source = "./"\n}\n')


@pytest.mark.parametrize(
    "steps",
    [
        'probe = replace(local.a, "a", local.a)',
        'probe = join(local.a, split("", local.a))',
        f"b = [{'local.a, ' * 100}]\n  probe = jsonencode([{'local.b, ' * 100}])",
        f'probe = upper("{"${local.a}" * 20}")',
        'probe = distinct([for i in split("", substr(local.a, 0, 1500)) : [i]])',
        "n = 123456789123456789\n  "
        + "\n  ".join(f"n{i} = local.n{i - 1 or ''} * local.n{i - 1 or ''}" for i in range(1, 13))
        + "\n  probe = local.n12 > 0",
    ],
    ids=["in each letter", "between the letters", "many times", "in a row", "each against all", "a number"],
)
def test_what_would_fill_the_memory_is_unknown(steps: str) -> None:
    """Does a value that a line or two make larger than any memory end as unknown instead of being made?"""
    modules = tree(f'locals {{\n  a = "{"a" * 900_000}"\n  {steps}\n}}\n')
    assert constant(modules, "", local(modules, "probe")) is UNKNOWN


@pytest.mark.parametrize("depth", [400, 5_000])
def test_deep_json_is_no_crash(depth: int) -> None:
    """Is JSON that is nested as deep as Python reads, and deeper, a value or unknown and no crash?"""
    modules = tree(f'locals {{\n  probe = jsondecode("{"[" * depth}{"]" * depth}")\n}}\n')
    found = constant(modules, "", local(modules, "probe"))
    assert found is UNKNOWN or isinstance(found, list)


def test_a_long_list_without_doubles() -> None:
    """Does distinct still tell the members of a long list apart?"""
    modules = tree(f'locals {{\n  probe = distinct(split("", "{"abcab" * 1_000}"))\n}}\n')
    assert constant(modules, "", local(modules, "probe")) == ["a", "b", "c"]
