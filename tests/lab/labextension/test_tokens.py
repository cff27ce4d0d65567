"""The tokens of HCL, by CodeMirror's own stream language in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page

from lab.jupyter import EXTENSIONS
from solutions.corpus import load_corpus
from tests.lab.labextension.opened_lab import Started, opened

pytestmark = [pytest.mark.browser, pytest.mark.engine]

# `window.tokens(text)`: [style, text] of everything that has a style; a style's words are joined by underscores.
_TOKENS = """
  async () => {
    const { StreamLanguage } = await window.sharedModule('@codemirror/language');
    const { hclParser } = await import('/lab/extensions/secrets-lab-hcl/static/hcl.js');
    const language = StreamLanguage.define(hclParser);
    window.tokens = text => {
      const found = [];
      language.parser.parse(text).iterate({
        enter: ({ name, from, to }) => {
          if (name !== 'Document' && name !== '') found.push([name, text.slice(from, to)]);
        }
      });
      return found;
    };
    window.columns = async text => {
      const { EditorState } = await window.sharedModule('@codemirror/state');
      const { indentUnit, getIndentation, ensureSyntaxTree } = await window.sharedModule('@codemirror/language');
      const state = EditorState.create({ doc: text, extensions: [language, indentUnit.of('  ')] });
      ensureSyntaxTree(state, text.length, 5000);
      return Array.from({ length: state.doc.lines }, (_, line) => getIndentation(state, state.doc.line(line + 1).from));
    };
  }
"""


@dataclass(frozen=True)
class Tokens:
    page: Page

    def of(self, text: str) -> list[tuple[str, str]]:
        """Style and text of each token that has a style."""
        return [(style, part) for style, part in self.page.evaluate("text => window.tokens(text)", text)]

    def columns(self, text: str) -> list[int | None]:
        """Where each line would be put."""
        found: list[int | None] = self.page.evaluate("text => window.columns(text)", text)
        return found


@pytest.fixture(scope="module")
def tokens(browser: Browser, jupyterlab: Started) -> Iterator[Tokens]:
    with opened(browser, jupyterlab.at("/lab")) as seen:
        seen.page.wait_for_function("window.sharedModules && window.sharedModules['@codemirror/language']")
        seen.page.evaluate(_TOKENS)
        yield Tokens(seen.page)


KEYWORD, LABEL, ATTRIBUTE = "keyword", "variableName.definition", "propertyName"
STRING, SPECIAL, CALL, ROOT, NAME = (
    "string",
    "string.special",
    "variableName.standard",
    "variableName.special",
    "variableName",
)
OPERATOR, BRACKET, NUMBER, ATOM, COMMENT, DOT, META = (
    "operator", "bracket", "number", "atom", "comment", "punctuation", "meta",
)  # fmt: skip

CASES = {
    "a block with labels": (
        'resource "aws_kms_key" "a" {}',
        [(KEYWORD, "resource"), (LABEL, '"aws_kms_key"'), (LABEL, '"a"'), (BRACKET, "{"), (BRACKET, "}")],
    ),
    "a block that is not finished": ('resource "aws_', [(KEYWORD, "resource"), (LABEL, '"aws_')]),
    "a block inside": ("a {\n  lifecycle {", [(KEYWORD, "a"), (BRACKET, "{"), (KEYWORD, "lifecycle"), (BRACKET, "{")]),
    "an attribute": ("a = 7", [(ATTRIBUTE, "a"), (OPERATOR, "="), (NUMBER, "7")]),
    "numbers": ("a = -1.5e3", [(ATTRIBUTE, "a"), (OPERATOR, "="), (OPERATOR, "-"), (NUMBER, "1.5e3")]),
    "literals": ("a = true", [(ATTRIBUTE, "a"), (OPERATOR, "="), (ATOM, "true")]),
    "an interpolation": (
        'a = "x-${var.b}"',
        [
            (ATTRIBUTE, "a"), (OPERATOR, "="), (STRING, '"'), (STRING, "x-"), (SPECIAL, "${"), (ROOT, "var"), (DOT, "."),
            (ATTRIBUTE, "b"), (SPECIAL, "}"), (STRING, '"'),
        ],
    ),
    "strings in an interpolation": (
        '"${f("}")}"',
        [
            (STRING, '"'), (SPECIAL, "${"), (CALL, "f"), (BRACKET, "("), (STRING, '"'), (STRING, "}"), (STRING, '"'),
            (BRACKET, ")"), (SPECIAL, "}"), (STRING, '"'),
        ],
    ),
    "escapes": (
        r'"a\"$${b}%%{c}$"',
        [
            (STRING, '"'), (STRING, "a"), (SPECIAL, r"\""), (SPECIAL, "$${"), (STRING, "b}"), (SPECIAL, "%%{"),
            (STRING, "c}$"), (STRING, '"'),
        ],
    ),
    "a quote that is forgotten": (
        'a = "b\nc = 1',
        [
            (ATTRIBUTE, "a"), (OPERATOR, "="), (STRING, '"'), (STRING, "b"), (ATTRIBUTE, "c"), (OPERATOR, "="),
            (NUMBER, "1"),
        ],
    ),
    "a heredoc": (
        'a = <<-EOT\n  "${b} EOT\n  EOT\nc = 1',
        [
            (ATTRIBUTE, "a"), (OPERATOR, "="), (SPECIAL, "<<-EOT"), (STRING, '  "'), (SPECIAL, "${"), (NAME, "b"),
            (SPECIAL, "}"), (STRING, " EOT"), (SPECIAL, "  EOT"), (ATTRIBUTE, "c"), (OPERATOR, "="), (NUMBER, "1"),
        ],
    ),
    "a directive": (
        '"%{ if a ~}b%{ endif }"',
        [
            (STRING, '"'), (SPECIAL, "%{"), (KEYWORD, "if"), (NAME, "a"), (SPECIAL, "~}"), (STRING, "b"), (SPECIAL, "%{"),
            (KEYWORD, "endif"), (SPECIAL, "}"), (STRING, '"'),
        ],
    ),
    "line comments": ("# a\n// b\nc = 1 # d", [
        (COMMENT, "# a"), (COMMENT, "// b"), (ATTRIBUTE, "c"), (OPERATOR, "="), (NUMBER, "1"), (COMMENT, "# d"),
    ]),
    "a block comment": ("/* a\nb */ c = 1", [
        (COMMENT, "/*"), (COMMENT, " a"), (COMMENT, "b */"), (ATTRIBUTE, "c"), (OPERATOR, "="), (NUMBER, "1"),
    ]),
    "no comment in a string": ('"# a // b /* c"', [(STRING, '"'), (STRING, "# a // b /* c"), (STRING, '"')]),
    "references": (
        "a = [aws_kms_key.b.arn, data.c.d, each.value, x[0].y]",
        [
            (ATTRIBUTE, "a"), (OPERATOR, "="), (BRACKET, "["),
            (NAME, "aws_kms_key"), (DOT, "."), (ATTRIBUTE, "b"), (DOT, "."), (ATTRIBUTE, "arn"), (DOT, ","),
            (ROOT, "data"), (DOT, "."), (ATTRIBUTE, "c"), (DOT, "."), (ATTRIBUTE, "d"), (DOT, ","),
            (ROOT, "each"), (DOT, "."), (ATTRIBUTE, "value"), (DOT, ","),
            (NAME, "x"), (BRACKET, "["), (NUMBER, "0"), (BRACKET, "]"), (DOT, "."), (ATTRIBUTE, "y"), (BRACKET, "]"),
        ],
    ),
    "an object": (
        'a = { b = 1, "c" = 2, d : 3, (e) = 4 }',
        [
            (ATTRIBUTE, "a"), (OPERATOR, "="), (BRACKET, "{"),
            (ATTRIBUTE, "b"), (OPERATOR, "="), (NUMBER, "1"), (DOT, ","),
            (ATTRIBUTE, '"c"'), (OPERATOR, "="), (NUMBER, "2"), (DOT, ","),
            (ATTRIBUTE, "d"), (OPERATOR, ":"), (NUMBER, "3"), (DOT, ","),
            (BRACKET, "("), (NAME, "e"), (BRACKET, ")"), (OPERATOR, "="), (NUMBER, "4"), (BRACKET, "}"),
        ],
    ),
    "a for expression": (
        "a = { for k, v in b : k => v if v != null }",
        [
            (ATTRIBUTE, "a"), (OPERATOR, "="), (BRACKET, "{"), (KEYWORD, "for"), (NAME, "k"), (DOT, ","), (NAME, "v"),
            (KEYWORD, "in"), (NAME, "b"), (OPERATOR, ":"), (NAME, "k"), (OPERATOR, "=>"), (NAME, "v"), (KEYWORD, "if"),
            (NAME, "v"), (OPERATOR, "!="), (ATOM, "null"), (BRACKET, "}"),
        ],
    ),
    "a comparison is no attribute": ("(\na == b\n)", [
        (BRACKET, "("), (NAME, "a"), (OPERATOR, "=="), (NAME, "b"), (BRACKET, ")"),
    ]),
    "types and calls": (
        "type = list(string)",
        [
            (ATTRIBUTE, "type"), (OPERATOR, "="), (CALL, "list"), (BRACKET, "("), (CALL, "string"), (BRACKET, ")"),
        ],
    ),
    "a provider's function": ("a = provider::aws::arn_parse(b)", [
        (ATTRIBUTE, "a"), (OPERATOR, "="), (CALL, "provider::aws::arn_parse"), (BRACKET, "("), (NAME, "b"), (BRACKET, ")"),
    ]),
    "names beyond ASCII": ("größe = 1", [(ATTRIBUTE, "größe"), (OPERATOR, "="), (NUMBER, "1")]),
    "the magic": (
        "%%hcl modules/secrets/a.tf\na = 1",
        [(META, "%%hcl"), (STRING, "modules/secrets/a.tf"), (ATTRIBUTE, "a"), (OPERATOR, "="), (NUMBER, "1")],
    ),
    "the magic behind blank lines": ("\n\n%%hcl a.tf", [(META, "%%hcl"), (STRING, "a.tf")]),
    "no magic further down": ("a = 1\n%%hcl b", [
        (ATTRIBUTE, "a"), (OPERATOR, "="), (NUMBER, "1"), (OPERATOR, "%"), (OPERATOR, "%"), (NAME, "hcl"), (NAME, "b"),
    ]),
}  # fmt: skip


def merged(text: str, parts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Parts of one style that touch are one, as CodeMirror has them."""
    found: list[tuple[str, str]] = []
    end = 0
    for style, part in parts:
        start = text.index(part, end)
        if found and found[-1][0] == style and start == end:
            found[-1] = (style, found[-1][1] + part)
        else:
            found.append((style, part))
        end = start + len(part)
    return found


@pytest.mark.parametrize("case", CASES)
def test_tokens(tokens: Tokens, case: str) -> None:
    """Is each part of the language what it should be?"""
    text, expected = CASES[case]
    assert merged(text, tokens.of(text)) == merged(text, expected)


def test_every_solution_balances(tokens: Tokens) -> None:
    """In the corpus's own files, are all brackets and quotes closed where the file ends?"""
    cases = [*load_corpus().of_kind("reference"), *load_corpus().of_kind("alternative")]
    files = {text: path for case in cases for path, text in case.files.items() if path.endswith(".tf")}
    assert len(files) > 50
    for text, path in files.items():
        found = tokens.of(text.decode() + "\nlast = 1\n")
        assert found[-3:] == [(ATTRIBUTE, "last"), (OPERATOR, "="), (NUMBER, "1")], path


@pytest.mark.parametrize(
    "text",
    [
        '"${"${"${',
        "<<EOT",
        "/*",
        "}}}])",
        '"\\',
        "%{",
        "${",
        "\\",
        "~",
        "a.b.",
        '{"a',
        "\u0000\ufffd",
        '%%hcl "${',
        "é" * 300,
    ],
)
def test_never_refuses(tokens: Tokens, text: str) -> None:
    """Is unfinished text taken as it is, without an error and without an endless loop?"""
    found = tokens.of(text + "\n" + text)
    assert all(part for _, part in found)


@pytest.mark.parametrize(
    "text",
    [
        "a " * 4000,
        "a" + ' "b"' * 2000,
        "a" * 9000 + " = 1",
        "(" * 3000,
        '"${' * 2000,
        "a-" * 4000 + "{",
        "<<" + "a-" * 4000,
    ],
    ids=["names", "labels", "long name", "brackets", "templates", "dashes", "heredoc"],
)
def test_long_lines_end(tokens: Tokens, text: str) -> None:
    """Is a line that invites a regular expression to try everything read to its end, without trying everything?"""
    assert sum(len(part.replace(" ", "")) for _, part in tokens.of(text)) == len(text.replace(" ", ""))


def test_indentation(tokens: Tokens) -> None:
    """Is a new line put where `terraform fmt` would put it?"""
    text = (EXTENSIONS.parents[1] / "solutions/reference/modules/secrets/ecs.tf").read_text(encoding="utf-8")
    lines = text.splitlines()
    for line, column in zip(lines, tokens.columns(text), strict=False):
        if line.strip():
            assert column == len(line) - len(line.lstrip()), line
