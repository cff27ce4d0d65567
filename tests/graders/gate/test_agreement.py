"""The second parser: what python-hcl2 reads otherwise than Terraform is seen, and nothing else is taken for it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graders.gate.agreement import _Bytes, _difference, check_agreement, check_template
from graders.gate.report import Findings
from graders.model import SourceDiagnostic
from lab_env.hcl import Module, parse, parse_template
from lab_env.hcl.terraform_parser import TerraformParser, client, neutralise
from lab_env.submission import SourceFile, Submission

# What python-hcl2 reads otherwise than Terraform: the left text is what it believes, the right one what is there. Our
# adapter refuses the known cases by itself; the check has to hold without that.
DISGUISES = [
    ('locals {\n  a = "x"\n}\n', 'locals {\n  a = "x"\n}\nprovider "aws" {}\n'),
    ('resource "a" "b" {\n  c = 1\n}\n', 'resource "a" "b" {\n  c = 1\n  provisioner "x" {}\n}\n'),
    ("# provider\nlocals {\n}\n", "provider {\n}\nlocals {\n}\n"),
    ('locals {\n  a = "1 == 2"\n  b = 1 == 2\n}\n', "locals {\n  a = 1\n  provisioner {}\n  b = 1 == 2\n}\n"),
    ("locals {\n  a = 1\n}\n", "locals {\n  b = 1\n}\n"),
    ('x "a" {\n}\n', 'x "b" {\n}\n'),
]
HIDDEN = [
    ('locals {\n  a = "${ /* } file(b) */ c }"\n}\n', 'locals {\n  a = "${ /* */ file(b) /* */, c }"\n}\n'),
    ('locals {\n  a = "$${ x"\n}\n', 'locals {\n  a = "${ f(x) }"\n}\n'),
    ("locals {\n  a = [b]\n}\n", "locals {\n  a = [path.cwd]\n}\n"),
    ("locals {\n  a = core::f(b)\n}\n", "locals {\n  a = core::g(b)\n}\n"),
    ("locals {\n  a = { b = 1 }\n}\n", "locals {\n  a = { (b) = 1 }\n}\n"),
]
"""What stands inside of one expression, of which no block and no attribute tells."""


@pytest.mark.parametrize(("believed", "real"), DISGUISES)
def test_the_second_parser_sees_a_disguise(believed: str, real: str, parser: TerraformParser) -> None:
    """Is it noticed when Terraform sees other blocks than python-hcl2 reported?"""
    body = parse("f.tf", believed)
    neutral = neutralise("f.tf", believed, body)
    same = parser.structure({"f.tf": neutral.text})["f.tf"]
    other = parser.structure({"f.tf": neutralise("f.tf", real, parse("f.tf", real)).text})["f.tf"]
    assert _difference(body, same, neutral, _Bytes(believed)) is None
    assert neutral.marks <= same.all_marks()
    assert _difference(body, other, neutral, _Bytes(believed)) is not None


@pytest.mark.parametrize(("believed", "real"), HIDDEN)
def test_a_disguise_inside_an_expression(believed: str, real: str, parser: TerraformParser) -> None:
    """Is it noticed when Terraform sees other calls or references than python-hcl2 reported?"""

    def violations(text: str) -> tuple[SourceDiagnostic, ...]:
        handed = Submission("s", "", (SourceFile("f.tf", text.encode()),), ".", ())
        findings = Findings(handed)
        check_agreement(handed, Module(".", {"f.tf": parse("f.tf", believed)}), parser, findings)
        return findings.violations

    assert violations(believed) == ()
    assert violations(real) != ()


names = st.sampled_from(["var.environment", "local.a", "aws_kms_key.k[0].arn", "a.b[*].c", "x"])
constants = st.sampled_from(["1", "-1", "-12", "2.5", "-20.5", "true", "null", '"s"', '"$${e} \\"q\\" %%{f}"', '"é"'])


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(inner, inner)
    operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "&&", "||", "+", "-", "*", "/", "%"])
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda t: f"{t[0]} {t[1]} {t[2]}"),
        st.tuples(inner, operators, inner).map(lambda t: f"({t[0]} {t[1]} /* c */\n  {t[2]})"),
        inner.map(lambda t: f"!({t})"),
        inner.map(lambda t: f"-({t})"),
        inner.map(lambda t: f"(({t}))"),
        inner.map(lambda t: f'"a${{{t}}}b"'),
        two.map(lambda t: f'"%{{ if {t[0]} }}${{{t[1]}}}%{{ else }}n%{{ endif }}"'),
        two.map(lambda t: f"f({t[0]}, {t[1]})"),
        two.map(lambda t: f"[{t[0]}, {t[1]}]"),
        two.map(lambda t: f"{{ k = {t[0]}, (x) = {t[1]} }}"),
        two.map(lambda t: f"[for v in x : {t[0]} if {t[1]}]"),
        two.map(lambda t: f"{{ for k, v in x : k => {t[0]} if {t[1]} }}"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]}) ? {t[1]} : {t[2]}"),
        inner.map(lambda t: f"x[{t}]"),
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.recursive(names | constants, compound, max_leaves=12))
def test_both_parsers_read_every_expression_alike(parser: TerraformParser, expression: str) -> None:
    """Is right HCL with any mix of operators read the same by both, so that nobody is refused for it?"""
    text = f'# é\nresource "aws_kms_key" "k" {{\n  a = {expression}\n  b = 1\n}}\n'
    body = parse("f.tf", text)
    assert parser.problems({"f.tf": text}) == ()
    neutral = neutralise("f.tf", text, body)
    seen = parser.structure({"f.tf": neutral.text})["f.tf"]
    assert _difference(body, seen, neutral, _Bytes(text)) is None
    assert neutral.marks <= seen.all_marks()


TEMPLATES = [
    ("a ${b} c\n", "a ${file(b)} c\n"),
    ("$${file(b)}\n", "%%${file(b)}\n"),
    ("%{ if a }b%{ endif }", "%{ if a(b) }b%{ endif }"),
    ("${1 == 2}\n", '${ "1 == 2" }\n'),
]


@pytest.mark.parametrize(("believed", "real"), TEMPLATES)
def test_a_template_in_disguise(believed: str, real: str, parser: TerraformParser) -> None:
    """Is it noticed when Terraform sees other calls in a template than those that were looked at?"""

    def violations(text: str) -> tuple[SourceDiagnostic, ...]:
        data = SourceFile("t", text.encode())
        handed = Submission("s", "", (), ".", (data,))
        findings = Findings(handed)
        check_template(handed, "t", parse_template("t", believed), parser, findings)
        return findings.violations

    assert violations(believed) == ()
    assert violations(real) != ()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.recursive(names | constants, compound, max_leaves=12))
def test_both_parsers_read_every_template_alike(parser: TerraformParser, expression: str) -> None:
    """Is a right template with any mix of operators and calls read the same by both, so that nobody is refused for it?"""
    text = f'é $5\n%{{ for v in [1] ~}}\n  ${{ g({expression}) ~}}\n%{{ endfor }} {{"a": "${{h()}}"}}'
    handed = Submission("s", "", (), ".", (SourceFile("t", text.encode()),))
    findings = Findings(handed)
    assert parser.template_problems({"t": text}) == ()
    check_template(handed, "t", parse_template("t", text), parser, findings)
    assert findings.violations == ()


def test_an_edit_inside_a_string_is_noticed(parser: TerraformParser) -> None:
    """Is an operator that Terraform takes for text missing from what it reports back?"""
    text = "locals {\n  a = 1 == 2\n}\n"
    neutral = neutralise("f.tf", text, parse("f.tf", text))
    hidden = neutral.text.replace("1 ", '"').replace(":0 ", '"  ')
    assert neutral.marks
    assert not neutral.marks <= parser.structure({"f.tf": hidden})["f.tf"].all_marks()


STRAY = "Argument or block definition required"
UNREADABLE = [
    ({"a.tf": "a = 1\n}\n"}, [("a.tf", 2, STRAY)]),
    ({"a.tf": "a = 1\n}\n}\n", "b.tf": "b = 1\n"}, [("a.tf", 2, STRAY)]),
    ({"a.tf": "a = 1\n", "b.tf": "\nb {\n}\n}\n}\nc = 1\nd {\n}\n"}, [("b.tf", 4, STRAY)]),
    ({"a.tf": "a = 1\n}\nbody {\n"}, [("a.tf", 2, STRAY)]),
    ({"a.tf": "a = [x == 1, <<E\n}\nE\n]\n# }\nb {\n  c = [\n  {\n  }]\n}\n }\n"}, [("a.tf", 11, STRAY)]),
    ({"a.tf": "a = = 1\nb {\n}\n}\n"}, [("a.tf", 1, "Invalid expression")]),
]


@pytest.mark.parametrize(("files", "expected"), UNREADABLE)
def test_a_brace_too_many(files: dict[str, str], expected: list[tuple[str, int, str]], parser: TerraformParser) -> None:
    """Is a brace that closes nothing told at its place, in its file alone, whatever follows it?"""
    assert [(p.file, p.line, p.summary) for p in parser.problems(files)][: len(expected)] == expected
    assert {p.file for p in parser.problems(files)} == {file for file, _, _ in expected}


def test_places_inside_of_what_is_said(parser: TerraformParser) -> None:
    """Does a message name the learner's own file and line, in a file, a second file and a template?"""
    text = 'a = 1\nb = "%{ if true }x"\n'
    (problem,) = parser.problems({"a.tf": "a = 1\n", "zz.tf": text})
    assert (problem.file, problem.line) == ("zz.tf", 2)
    assert "The if directive at zz.tf:2,6-18 is" in problem.detail
    (problem,) = parser.template_problems({"x.tftpl": "a\n%{ if true }x\n"})
    assert "The if directive at x.tftpl:2,1-13 is" in problem.detail


@pytest.mark.parametrize("number", ["1e1000000", "1.5e-1000000", "-2E+400000000", "5-1e90000000", "é-1e-1"])
def test_numbers_are_not_written_out(parser: TerraformParser, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do a thousand numbers with millions of digits cost the second reader nothing?"""
    monkeypatch.setattr(client, "ANSWER_S", 10.0)
    assert parser.problems({"f.tf": "".join(f"a{i} = {number}\n" for i in range(1_000))}) == ()


def test_a_number_that_is_none(parser: TerraformParser) -> None:
    """Is an exponent that Terraform cannot hold its error still?"""
    (problem,) = parser.problems({"f.tf": "a = 1e9999999999\n"})
    assert problem.summary == "Invalid number literal"


def test_the_end_of_a_heredoc_is_no_number(parser: TerraformParser) -> None:
    """Does a heredoc end at its own marker alone, though another line differs from it in digits behind an e?"""
    (problem,) = parser.problems({"f.tf": "a = <<A-1e5\nA-1e6\n"})
    assert problem.summary == "Unterminated template string"
    assert parser.problems({"f.tf": 'a = <<A-1e5\nA-1e6\n${"${x}"}\nA-1e5\n'}) == ()


def test_the_parser_survives_its_end(parser: TerraformParser) -> None:
    """Is the child started again when it was killed, and does it answer as before?"""
    before = parser.problems({"f.tf": "a {\n"})
    child = parser._child
    assert child is not None
    child.terminate_group(grace=0)
    assert parser.problems({"f.tf": "a {\n"}) == before
    assert [(p.file, p.line) for p in before] == [("f.tf", 1)]
