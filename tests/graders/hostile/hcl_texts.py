"""HCL for the two parsers to quarrel over: right files made of awkward pieces, and files of the corpus, broken."""

from __future__ import annotations

from hypothesis import strategies as st

from solutions.corpus import load_corpus

PAYLOADS = (
    'provider "aws" {}\n',
    'resource "terraform_data" "x" {\n  provisioner "local-exec" {\n    command = "id"\n  }\n}\n',
    'data "external" "x" {\n}\n',
    'module "m" {\n  source = "git::x"\n}\n',
)
# What ends or begins a string, a comment, a heredoc, a template, a line or a name, or only looks as if it did.
TOKENS = (
    *('"', '\\"', "\\", "${", "$${", "$$${", "%{", "%%{", "}", "~}", "${~", "%{ if a }", "%{ endif }", "#", "//", "/*", "*/"),
    *("<<E\n", "<<-E\n", "<<E \n", "<<E\r\n", "\nE\n", "\n E \n", "\nE\t\r\n", "\nE#\n", "\nE.E\n", "<<E.E\n", "<<É\n"),
    *("\n", "\r", "\r\n", "\t", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\u00a0", "\u200b", "\ufeff", "\x7f"),
    *("{", "{}", "[", "]", "(", ")", "=", "=>", ":", ",", "...", ".", "[*]", ".*", "?", "!", "-", "+", "==", "&&", "é", "е"),
    *(" ", "  a = 1\n", " b {}\n", 'c "d" e {\n', "for x in y : z", "true", "null", "1e5", "0x1", "a-b", "a::b()", "_", "'"),
    *PAYLOADS,
)  # fmt: skip

_texts = st.sampled_from(
    [
        "",
        "x",
        "}",
        "{",
        "# x",
        "/* x",
        "*/",
        "//",
        "<<E",
        "E",
        "é",
        "a b",
        "100%",
        "$5",
        "'",
        "=",
        "x\\n",
        '\\"',
        "\\\\",
        "$${x}",
        "%%{x}",
        "$${",
        "%%{",
        "${b}",
        "${b.c[0]}",
        '${"}"}',
        '${"${b}"}',
        "%{ if b }x%{ endif }",
        "$",
        "%",
        "$$",
        "\\u00e9",
        "\\U0001F600",
        "\t",
        "provider {}",
        "${f({})}",
        '${{ a = "}" }.a}',
    ]
)
_quoted = st.lists(_texts, max_size=3).map(lambda parts: '"' + "".join(parts) + '"')
_lines = st.sampled_from(
    [
        "x",
        "",
        "  x",
        "}",
        "{",
        '"',
        "E x",
        "xE",
        "E-",
        "E.",
        "  E2",
        "#",
        "/*",
        "*/",
        "${b}",
        "$${b}",
        "%{ if b }",
        "\\",
        "%{ endif }",
        '${"}"}',
        "<<E",
        "é",
        "\tx",
        'provider "aws" {}',
        "${b",
        "E}",
        "E)",
        "E,",
        "'",
    ]
)
_markers = st.sampled_from(["E", "EOT", "E_1", "É", "E-F", "e"])


@st.composite
def _heredocs(draw: st.DrawFn) -> str:
    marker, dash = draw(_markers), draw(st.sampled_from(["", "-"]))
    body = "".join(f"{line}\n" for line in draw(st.lists(_lines, max_size=4)))
    before, behind = draw(st.sampled_from(["", "", "  ", "\t"])), draw(st.sampled_from(["", "", "", " ", "\t"]))
    return f"<<{dash}{marker}\n{body}{before}{marker}{behind}\n"


_atoms = st.one_of(
    _quoted,
    st.sampled_from(["1", "1.5", "1e3", "true", "null", "b", "b.c", "b[0]", "b[*].c", "b.0", "b.*.c", 'b["}"]', "f()"]),
    st.sampled_from(
        ["a-b", "é", "_x", "f(x...)", "provider::aws::f(1)", "(\n1\n)", "-1", "!b", "1 - 1", "a -1", "1+1"]
    ),
)
_comments = st.sampled_from(
    ["", "", " # x", " // x", " /* x */", " /* # */", " # */", ' # "', " # ${", " /* /* */", " // \\", " # <<E", " #\r"]
)
_blanks = st.sampled_from(["", " ", "\n", " /* } */ ", "\t"])


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, inner, _blanks).map(lambda t: f"[{t[2]}{t[0]},{t[2]}{t[1]}{t[2]}]"),
        st.tuples(inner, inner).map(lambda t: f'{{ k = {t[0]}, "q" : {t[1]} }}'),
        st.tuples(inner, inner).map(lambda t: f"{{\n  k = {t[0]} # }}\n  (b) = {t[1]}\n}}"),
        st.tuples(inner, inner).map(lambda t: f"f({t[0]}, {t[1]})"),
        inner.map(lambda t: f"[for v in {t} : v]"),
        inner.map(lambda t: f"{{ for k, v in {t} : k => v... if b }}"),
        inner.map(lambda t: f"({t})"),
        st.tuples(inner, inner).map(lambda t: f"b ? {t[0]} : {t[1]}"),
        st.tuples(inner, inner, st.sampled_from(["==", "<", "&&", "*", "%", "-"])).map(
            lambda t: f"({t[0]} {t[2]} {t[1]})"
        ),
    )


_values = st.one_of(
    st.recursive(_atoms, _compound, max_leaves=5).map(lambda v: (v, "\n")), _heredocs().map(lambda h: (h, ""))
)
_labels = st.sampled_from(['"x"', "x", '"a b"', '"é"', '"}"', "", '"x" y', '"#"', '"/*"'])


@st.composite
def _attributes(draw: st.DrawFn, name: str) -> str:
    value, end = draw(_values)
    comment = draw(_comments) if end else ""
    equals = draw(st.sampled_from([" = ", "=", " =\t"]))
    return f"  {name}{equals}{value}{comment}{end}"


@st.composite
def _bodies(draw: st.DrawFn) -> str:
    names = draw(st.lists(st.sampled_from(["a", "b", "c1", "d-e", "é"]), max_size=3, unique=True))
    parts = [draw(_attributes(name)) for name in names]
    if draw(st.booleans()):
        parts.append(f"  tags_block {draw(_labels)} {{\n  {draw(_attributes('z'))}  }}{draw(_comments)}\n")
    return "".join(draw(st.permutations(parts)))


@st.composite
def right_files(draw: st.DrawFn) -> str:
    """Mostly what Terraform accepts."""
    out = []
    for index in range(draw(st.integers(1, 4))):
        kind = draw(st.integers(0, 9))
        if kind == 0:
            out.append(draw(st.sampled_from(PAYLOADS)))
        elif kind == 1:
            out.append(draw(_comments).strip() + "\n")
        elif kind < 5:
            out.append(f"locals {{\n{draw(_attributes(f'l{index}'))}}}{draw(_comments)}\n")
        else:
            out.append(f'resource "aws_kms_key" "k{index}" {{\n{draw(_bodies())}}}\n')
    text = "".join(out)
    if draw(st.integers(0, 7)) == 0:
        text = text.replace("\n", "\r\n")
    return ("\ufeff" if draw(st.integers(0, 15)) == 0 else "") + text


_SOURCES = tuple(
    data.decode()
    for case in load_corpus()
    for path, data in case.files.items()
    if path.endswith(".tf") and len(data) < 2_000
)


@st.composite
def broken_files(draw: st.DrawFn) -> str:
    """A file with a few edits anywhere in it: something cut, doubled, exchanged or put in."""
    text = draw(st.one_of(right_files(), st.sampled_from(_SOURCES)))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        to = min(len(text), at + draw(st.integers(0, 12)))
        edit = draw(st.integers(0, 3))
        middle = {
            0: "",
            1: text[at:to] * 2,
            2: draw(st.sampled_from(TOKENS)),
            3: draw(st.sampled_from(TOKENS)) + text[at:to],
        }
        text = text[:at] + middle[edit] + text[to:]
    return text


files = st.one_of(right_files(), right_files(), broken_files())
