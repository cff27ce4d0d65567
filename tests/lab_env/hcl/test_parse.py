"""The adapter over python-hcl2: every form of HCL, with its place; and everything that cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab_env.errors import SubmissionError
from lab_env.hcl import (
    Attr,
    Binary,
    Call,
    Conditional,
    Expression,
    ForExpr,
    HclSyntaxError,
    Index,
    Literal,
    Object,
    Relative,
    Splat,
    Template,
    TemplateFor,
    TemplateIf,
    Traversal,
    Tuple,
    Unary,
    parse,
    references,
    string_literals,
)


def expr(text: str) -> Expression:
    found = parse("f.tf", f"a = {text}\n").get("a")
    assert found is not None
    return found


def refs(text: str) -> list[str]:
    return [r.text for r in references(expr(text))]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"plain"', "plain"),
        ("12", 12),
        ("1.5e3", 1500.0),
        ("true", True),
        ("null", None),
        (r'"a\n\t\"\\b\u00e9\U0001F600"', 'a\n\t"\\bé😀'),
        ('"$${not} %%{not} 100% $5"', "${not} %{not} 100% $5"),
        ("<<EOT\none\n  two\nEOT", None),
        ('"é"', "é"),
    ],
)
def test_literals(text: str, value: object) -> None:
    """Are constants decoded as Terraform decodes them?"""
    found = expr(text)
    if text.startswith("<<"):
        assert "".join(str(lit.value) for lit in string_literals(found)) == "one\n  two\n"
    else:
        assert isinstance(found, Literal)
        assert found.value == value


def test_operators_bind_as_in_hcl() -> None:
    """Do precedence and parentheses give the right tree?"""
    found = expr("!a && b || c == 1 + 2 * 3 ? x : y ? z : w")
    assert isinstance(found, Conditional)
    assert isinstance(found.otherwise, Conditional)
    either = found.condition
    assert isinstance(either, Binary)
    assert either.operator == "||"
    assert isinstance(either.left, Binary)
    assert isinstance(either.left.left, Unary)
    assert isinstance(either.right, Binary)
    assert isinstance(either.right.right, Binary)
    assert (either.right.operator, either.right.right.operator) == ("==", "+")
    assert isinstance(product := expr("(1 + 2) * 3"), Binary)
    assert product.operator == "*"


def test_traversals_keep_every_step() -> None:
    """Are names, indexes and splats kept, and joined across them?"""
    found = expr('aws_x.y[each.key]["z"].w[*].v')
    assert isinstance(found, Traversal)
    assert [type(s) for s in found.steps] == [Attr, Index, Index, Attr, Splat, Attr]
    assert found.text == "aws_x.y.w.v"
    assert refs('aws_x.y[each.key]["z"].w[*].v') == ["aws_x.y.w.v", "each.key"]
    legacy = expr("a.0.b.*.c")
    assert isinstance(legacy, Traversal)
    assert [type(s) for s in legacy.steps] == [Index, Attr, Splat, Attr]
    assert isinstance(expr("merge(a, b).c"), Relative)


def test_collections_and_calls() -> None:
    """Are object keys told apart (bare, quoted, computed), and arguments kept?"""
    found = expr('{ bare = 1, "quoted" : 2, (var.k) = 3, "${x}" = [1, f(y...)] }')
    assert isinstance(found, Object)
    assert [type(i.key) for i in found.items] == [Literal, Literal, Traversal, Template]
    last = found.items[-1].value
    assert isinstance(last, Tuple)
    call = last.items[1]
    assert isinstance(call, Call)
    assert (call.name, call.expand) == ("f", True)
    assert isinstance(found.get("bare"), Literal)
    assert isinstance(expr("provider::aws::arn_parse(a)"), Call)


def test_for_expressions_bind_their_names() -> None:
    """Are loop names left out of the references, but not the collection's or a name used outside of the loop?"""
    found = expr("{ for k, v in local.m : k => v.x... if v.y != null }")
    assert isinstance(found, ForExpr)
    assert (found.key_name, found.value_name, found.grouping) == ("k", "v", True)
    assert refs("{ for k, v in local.m : k => [v.x, local.o] }") == ["local.m", "local.o"]
    assert refs("[for v in [for w in local.a : w] : v]") == ["local.a"]
    assert refs("[v.x, [for v in v.y : v]]") == ["v.x", "v.y"]


def test_templates() -> None:
    """Are interpolations and directives found in quoted strings and in both kinds of heredoc?"""
    quoted = expr('"a ${var.b}-%{ if c ~} yes %{ else }no%{ endif }%{ for k, v in l }${v}%{ endfor }"')
    assert isinstance(quoted, Template)
    assert [type(p) for p in quoted.parts] == [Literal, Traversal, Literal, TemplateIf, TemplateFor]
    assert refs('"${a["${b.c}"]}"') == ["a", "b.c"]
    body = (
        '{"x": "${b.c}"}\n    %{ if d ~}y%{ else }z%{ endif }\n  %{ for v in l ~}\n ${f("}${v}")} $${x}\n %{ endfor }\n'
    )
    for start in ("<<EOT\n", "<<-EOT\n"):
        found = expr(f"{start}  {body}  EOT")
        assert [r.text for r in references(found)] == ["b.c", "d", "l"]
        assert "${x}" in "".join(str(lit.value) for lit in string_literals(found))


def test_indented_heredoc_loses_common_spaces() -> None:
    """Is the text of <<- what Terraform makes of it?"""
    found = expr("<<-EOT\n    one\n      two\n    EOT")
    assert "".join(str(lit.value) for lit in string_literals(found)) == "one\n  two\n"


def test_every_node_knows_its_lines() -> None:
    """Do spans point at the right lines, in heredocs and with CRLF and a byte order mark too?"""
    text = '# one\nresource "a" "b" {\n  x = [\n    1, # two\n    v.w\n  ]\n  h = <<EOT\nfirst\n${v.z}\nEOT\n}\n'
    for source in (text, text.replace("\n", "\r\n"), "\ufeff" + text):
        body = parse("dir/f.tf", source)
        (block,) = body.blocks
        assert (block.address, block.span.line, block.span.end_line) == ("a.b", 2, 11)
        assert (block.header.line, block.span.path) == (2, "dir/f.tf")
        lines = {r.text: r.span.line for a in block.body.attributes.values() for r in references(a.expression)}
        assert lines == {"v.w": 5, "v.z": 9}
        assert [(c.text, c.span.line) for c in body.comments] == [("# one", 1), ("# two", 4)]
        heredoc = block.body.attributes["h"]
        assert (heredoc.span.line, heredoc.span.end_line) == (7, 10)


def test_comments_everywhere() -> None:
    """Is every comment found, also one in front of an operator?"""
    text = "a = b /* 1 */ + c // 2\n/* 3\n4 */\nd = [ # 5\n]\ne = (x # 6\n  || y)\n"
    assert [c.text for c in parse("f.tf", text).comments] == ["/* 1 */", "// 2", "/* 3\n4 */", "# 5", "# 6"]


def test_a_name_written_twice_is_kept() -> None:
    """Does the second of two equal names hide the first from no one?"""
    body = parse("f.tf", "b {\n  x = 1\n  x = 2\n}\n").blocks[0].body
    assert [a.span.line for a in body.duplicates] == [2]
    assert len(list(body.expressions())) == 2


@pytest.mark.parametrize("name", ["größe", "é", "contraseña", "パスワード", "_x-1"])
def test_names_have_letters_of_every_script(name: str) -> None:
    """Is a name that Terraform takes a name here, too?"""
    assert list(parse("f.tf", f"{name} = 1\n").attributes) == [name]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('resource "a" "b" {\n  x = 1\n', 2),
        ("a = 1\nb = = 2\n", 2),
        ('a = "open\n', 1),
        ("\n\na = [1, 2\n", 3),
        ("a = <<EOT\n${b\nEOT\n", 2),
        ("a = <<EOT\n%{ if b }\nEOT\n", 2),
        ("a = <<EOT\n\n${b c}\nEOT\n", 3),
        ("a = <<EOT\n%{ nonsense }\nEOT\n", 2),
        ('a = "$${x"y}"\n', 1),
        ("€ = 1\n", 1),
        ("}\n", 1),
    ],
)
def test_what_is_no_hcl_names_its_line(text: str, line: int) -> None:
    """Does what cannot be read give an error with file, line and next step?"""
    with pytest.raises(HclSyntaxError) as caught:
        parse("dir/f.tf", text)
    assert (caught.value.path, caught.value.line) == ("dir/f.tf", line)
    assert f"dir/f.tf line {line}: " in caught.value.message
    assert caught.value.next_step


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 500 + "]" * 500,
        "a = " + "(" * 500 + "1" + ")" * 500,
        "a = " + "b + " * 500 + "b",
        "a {\n" * 500 + "}\n" * 500,
        "a = x" + ".y" * 500,
        'a = "' + '${"' * 200 + '"}' * 200 + '"',
        "a = [" + "1," * 20_000 + "]",
        "a = <<E\n" + "\n" * 9_000 + "E\n",
        "a = <<E\n" + " " * 9_000 + "E\n",
        "a = 1\n" * 9_000,
    ],
)
def test_past_a_limit(text: str) -> None:
    """Is a file that would exhaust the parser ungradable, not a crash?"""
    with pytest.raises(SubmissionError) as caught:
        parse("f.tf", text)
    assert not isinstance(caught.value, HclSyntaxError)
    assert caught.value.path == "f.tf"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='ab= "\n{}[]()$%<~-\\#/*?:.,!E1é\t', max_size=60))
def test_any_text_parses_or_gives_a_clean_error(text: str) -> None:
    """Does arbitrary text ever raise anything but the two errors people can read?"""
    try:
        body = parse("f.tf", text)
    except SubmissionError:
        return
    for found in body.expressions():
        assert 1 <= found.span.line <= found.span.end_line <= text.count("\n") + 1


@pytest.mark.parametrize(
    "text",
    [
        'x = "# a"\n',
        'x = "// a"\n',
        'x = "/* a */"\n',
        'x = "${var.y}# b"\n',
        'x = "# ${var.y} // ${var.z}/* c"\n',
        'x = "%{ if true }# d%{ endif }"\n',
        "x = <<EOT\n# e\n  // f\n/* g\nEOT\n",
        "x = <<-EOT\n  # ${var.y}\n  EOT\n",
        'x = { "# h" = 1, "//" = 2 }\n',
        'b "# label" {}\n',
        'x = f("#", "/*", "*/")\n',
        'x = "#" == "//" ? "/*" : "# i"\n',
    ],
)
def test_a_string_is_no_comment(text: str) -> None:
    """Is a text that looks like a comment read as the text it is, and not as a comment?"""
    assert parse("f.tf", text).comments == ()
