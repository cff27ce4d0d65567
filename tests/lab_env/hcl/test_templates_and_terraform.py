"""Templates: what we work out, held against Terraform itself. Unknown is right, another value never is."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest

from lab_env.errors import SubmissionError
from lab_env.hcl import UNKNOWN, constant, load_tree
from lab_env.terraform import Toolchain

ARGUMENTS = """{
  x     = "X"
  n     = 3
  on    = true
  none  = null
  list  = ["p", "q"]
  empty = []
  map   = { b = "two", a = "one", c = "three" }
  items = [{ name = "A", key = "a" }, { name = "B", key = "b" }]
}"""
TEMPLATES = {
    "text": "a } b ~} c \\n \\\" 'd' $ % $$ %% $5 100%\n",
    "no-line-end": "a ${x}",
    "empty": "",
    "interpolations": "${x}${n} ${on} ${1.5} ${x == \"X\" ? \"y\" : \"n\"}\n",
    "escapes": "$${x} %%{if} $$${x} %%${x} $%%{x} %$${x}\n",
    "escape-with-a-marker": "$${~ x} %%{~ if} ${x ~} $${y}\n",
    "only-a-list": "${list}",
    "only-a-number": "${n}",
    "only-a-text": "${x}\n",
    "if": "%{ if on }yes%{ else }no%{ endif }\n",
    "if-without-else": "a%{ if !on }b%{ endif }c\n",
    "if-of-a-text": '%{ if "true" }y%{ endif }%{ if "false" }n%{ endif }\n',
    "for": "%{ for v in list }[${v}]%{ endfor }\n",
    "for-with-index": "%{ for i, v in list }${i}=${v};%{ endfor }\n",
    "for-over-a-map": "%{ for k, v in map }${k}=${v};%{ endfor }\n",
    "for-over-nothing": "a%{ for v in empty }b%{ endfor }c\n",
    "for-in-for": "%{ for a in list }%{ for b in list }${a}${b} %{ endfor }|%{ endfor }\n",
    "for-with-if": "%{ for i, v in list }${v}%{ if i < length(list) - 1 },%{ endif }%{ endfor }\n",
    "hidden-name": "%{ for x in list }${x}%{ endfor }${x}\n",
    "strip-right": "%{ for v in list ~}\n- ${v}\n%{ endfor ~}\nend\n",
    "strip-right-indented": "  %{ for v in list ~}\n    - ${v}\n  %{ endfor ~}\n  end\n",
    "strip-right-one-piece": "${x ~}\n\n  y\n",
    "strip-left": "a \n   %{~ if on }b%{ endif }\n",
    "strip-left-one-piece": "a \n${~ x}",
    "strip-both": "a  ${~ x ~}  b${x ~}  ${~ x}\n",
    "strip-after-a-dollar": "$ \n${~ x} $ \t${~ x} $\n${~ x} % \n%{~ if on }y%{ endif } $5 \n${~ x} $$ \n${~ x}",
    "strip-line-ends": "a\r\n${~ x ~}\r\nb $ \r\n${~ x} $\r\n${~ x}\r\n",
    "strip-other-blanks": "a\u00a0${~ x}b\u2028${~ x}c\x85${~ x}d\x1c${~ x}e\u200b${~ x}f\x0b${~ x}\u3000\n${~ x}",
    "strip-in-a-loop": "[\n%{~ for i, v in list ~}\n  ${v}%{ if i == 0 },%{ endif }\n%{~ endfor ~}\n]\n",
    "carriage-returns": "a\r\nb ${x}\r\n%{ if on }\r\nc\r\n%{ endif }\r\n",
    "mark": "\ufeffa ${x}\n",
    "composed": "e\u0301 ${x} \u00e9 \U0001f600 ${\"e\u0301\"}\n",
    "json": '[{ "name": "${x}", "secrets": [{ "name": "DB_PASSWORD", "valueFrom": "${x}:password::" }] }]\n',
    "jsonencode": "${jsonencode([for i in items : { name = i.name, valueFrom = \"${x}:${i.key}::\" }])}\n",
    "jsonencode-alone": "${jsonencode({ b = [x, n, on, none], a = \"<&>\" })}",
    "jsonencode-on-lines": "${jsonencode([\n  {\n    name = x\n    list = list\n  },\n])}",
    "objects-by-a-loop": '[%{ for i in items }{"key":"${i["key"]}"}%{ if i.name != "B" },%{ endif }%{ endfor }]\n',
    "strings-in-strings": '${"a ${"b ${x}"} \\" \\u00e9 ${list[0]}"} ${{ a = x }.a}\n',
    "directives-in-strings": '${"%{ for v in list ~} ${v} %{~ endfor }!"} ${"%{ if on ~} a %{ else ~} b %{~ endif }"}\n',
    "functions": '${join(",", [for k, v in map : upper("${k}${v}")])} ${length(list)} ${format("%s-%d", x, n)}\n',
    "splat": '${join("", items[*].name)} ${merge(map, { a = "1" }).a} ${lookup(map, "z", "d")}\n',
    "conditions": "%{ if n > 2 && !(x == \"Y\") || false }y%{ endif }\n",
    "null-inside": "a${none}b\n",
    "list-inside": "a${list}b\n",
    "name-not-given": "a\n%{ if false }${other}%{ endif }\n",
    "no-such-key": "${map.z}\n",
    "no-condition": "%{ if x }a%{ endif }\n",
    "module-names": "${path.module} ${var.environment}\n",
}  # fmt: skip
QUOTED = [
    '"$$${var.x}"',
    '"$$$${var.x}"',
    '"$${unclosed"',
    '"%%{ if"',
    '"$${"',
    '"$${ \\"q\\" ${var.x} }"',
    '"%%{ if ${~ var.x ~} }"',
    '"$ ${~ var.x}"',
    '"a$  ${~ var.x}"',
    '"$${  ${~ var.x}"',
    '"$\\t ${~ var.x}"',
    '"\\n \\t${~ var.x ~}\\n \\\\n y"',
    '"a b ${~ var.x ~} $ y"',
    '"${var.x ~} $${y}"',
    '"${var.x ~}${~ var.x ~}  "',
    '"%{ if true ~}  a  %{~ endif ~}  ${~ var.x}"',
    '"\\u00a0${~ var.x}\\u200b${~ var.x}\\u2003${~ var.x}"',
    '"a ${\n  var.x # }\n} b"',
    '"a ${ /* }\\" */ var.x /* ~} */ ~} b"',
    '"%{ if\n true // }\n }y%{ else }n%{ endif\n }"',
    '"%{ for\n k ,\n v in\n [1, 2] }${k}${v}%{ endfor }"',
    '"a ${ <<E\n} ${var.x} \\"\nE\n } b"',
    '<<A\n${ <<B\n} # ${var.x}\nB\n} c # d\nA\n',
    '<<-A\n    ${ var.x # }\n }\n      ${ /* } */ <<-B\n        e\n      B\n ~}\n    f\n  A\n',
    'core::upper("${core::lower("A")}b")',
    '!!true',
    '"${<<_É\nx\n_É\n}"',
]  # fmt: skip
"""Strings and heredocs with sequences, escapes and strip markers in them."""
FAILING = {"null-inside", "list-inside", "name-not-given", "no-such-key", "no-condition", "module-names"}


def ours(text: str) -> object:
    """The value, or UNKNOWN, also where the text is not read at all."""
    main = f'locals {{\n  probe = templatefile("${{path.module}}/t", {ARGUMENTS})\n}}\n'
    try:
        tree = load_tree([("m/main.tf", main)], "m", read={"m/t": text}.get)
    except SubmissionError:
        return UNKNOWN
    return constant(tree, "", tree.root.locals["probe"].expression)


class Terraform:
    """``terraform console`` in a directory with files in it."""

    def __init__(self, toolchain: Toolchain, directory: Path) -> None:
        self._words = [*toolchain.terraform, "console", "-no-color"]
        self._directory = directory
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(directory),
            "TF_CLI_CONFIG_FILE": str(toolchain.cli_config),
            "CHECKPOINT_DISABLE": "1",
        }

    def values(self, *expressions: str) -> list[object] | None:
        """The values, or None when one of them is an error."""
        line = f"base64encode(jsonencode([{', '.join(expressions)}]))\n"
        done = subprocess.run(
            self._words,
            cwd=self._directory,
            env=self._environment,
            input=line,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            return None
        values: list[object] = json.loads(base64.b64decode(done.stdout.strip().strip('"')))
        return values

    def of_module(self, main: str, expressions: list[str]) -> list[object] | None:
        """The values in a module of its own."""
        self._directory = self._directory / "module"
        self._directory.mkdir()
        (self._directory / "main.tf").write_text(main, encoding="utf-8")
        try:
            return self.values(*expressions)
        finally:
            self._directory = self._directory.parent


def call(name: str) -> str:
    return f'templatefile("{name}", local.arguments)'


@pytest.fixture(scope="module")
def terraform(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    directory = tmp_path_factory.mktemp("templates")
    for name, text in TEMPLATES.items():
        (directory / name).write_bytes(text.encode())
    (directory / "main.tf").write_text(f"locals {{\n  arguments = {ARGUMENTS}\n}}\n", encoding="utf-8")
    return Terraform(toolchain, directory)


def test_what_terraform_makes_of_them(terraform: Terraform) -> None:
    """Is each template's value Terraform's own, and of the same type?"""
    names = sorted(set(TEMPLATES) - FAILING)
    assert len(names) >= 30
    values = terraform.values(*(call(name) for name in names))
    assert values is not None
    found = {name: ours(TEMPLATES[name]) for name in names}
    wrong = {
        name: (found[name], value)
        for name, value in zip(names, values, strict=True)
        if found[name] != value or type(found[name]) is not type(value)
    }
    assert wrong == {}


def test_what_terraform_makes_of_strings(terraform: Terraform) -> None:
    """Is the value of each string Terraform's own?"""
    source = "".join(f"  q{number} = {text.rstrip(chr(10))}\n" for number, text in enumerate(QUOTED))
    main = f'variable "x" {{\n  default = "X"\n}}\nlocals {{\n{source}}}\n'
    values = terraform.of_module(main, [f"local.q{number}" for number in range(len(QUOTED))])
    tree = load_tree([("main.tf", main)], ".")
    found = [constant(tree, "", tree.root.locals[f"q{number}"].expression) for number in range(len(QUOTED))]
    assert values is not None
    wrong = [(q, f, v) for q, f, v in zip(QUOTED, found, values, strict=True) if f != v or type(f) is not type(v)]
    assert wrong == []


@pytest.mark.parametrize("name", sorted(FAILING))
def test_what_terraform_refuses_has_no_value(terraform: Terraform, name: str) -> None:
    """Is a template that Terraform ends with an error unknown, also where the error is in a branch that is not taken?"""
    assert terraform.values(call(name)) is None
    assert ours(TEMPLATES[name]) is UNKNOWN


HEREDOCS = {
    "strip": "<<EOT\n%{ for v in [\"p\", \"q\"] ~}\n  - ${v}\n%{ endfor ~}\nend\nEOT",
    "flush": "<<-EOT\n    a\n      b ${\"x\"}\n\n    c\n  EOT",
    "flush-and-strip": "<<-EOT\n    %{ for v in [\"p\"] ~}\n      a ${v}\n    %{ endfor ~}\n   end\n  EOT",
    "flush-from-a-sequence": "<<-EOT\n    ${\"x\"}\n  ${\"y\"} z\n  EOT",
    "flush-to-the-margin": "<<-EOT\n    a\n${\"x\"}\n    b\n  EOT",
    "tabs": "<<-EOT\n\t\ta\n\t b\n  EOT",
    "line-ends": "<<EOT\r\nx\r\n  y ${\"z\"}\r\nEOT",
    "flush-line-ends": "<<-EOT\r\n  x\r\n\r\n    y\r\n  EOT",
    "quoted": '"%{ if true ~} \\n\\t z %{~ endif } q $${a} %%{b}"',
}  # fmt: skip


def test_heredocs_and_strings(toolchain: Toolchain, tmp_path: Path) -> None:
    """Are the templates that stand in the module itself worked out as Terraform does?"""
    lines = "".join(f"  {name} = {text}\n" for name, text in HEREDOCS.items())
    main = f"locals {{\n{lines}}}\n"
    (tmp_path / "main.tf").write_bytes(main.encode())
    values = Terraform(toolchain, tmp_path).values(*(f"local.{name}" for name in HEREDOCS))
    tree = load_tree([("main.tf", main)], ".")
    assert values == [constant(tree, "", tree.root.locals[name].expression) for name in HEREDOCS]


def test_a_file_as_it_is(toolchain: Toolchain, tmp_path: Path) -> None:
    """Does ``file`` give a file's text with its mark, its line ends and its signs of templates?"""
    texts = ["", "a", "a\n", "\ufeffa ${x}\r\nb\n\n", "e\u0301", '{"a": "$${b}"}\n']
    for number, text in enumerate(texts):
        (tmp_path / str(number)).write_bytes(text.encode())
    values = Terraform(toolchain, tmp_path).values(*(f'file("{number}")' for number in range(len(texts))))
    found = []
    for text in texts:
        tree = load_tree([("main.tf", 'locals {\n  a = file("${path.module}/t")\n}\n')], ".", read={"t": text}.get)
        found.append(constant(tree, "", tree.root.locals["a"].expression))
    assert values == found
