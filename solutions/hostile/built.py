"""The attacks that cannot lie in a repository: archives, links, devices, bombs, broken bytes, strange names.

Each is made on demand and bounded in what making it costs. Its verdict stands beside it, as in a ``case.toml``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from solutions.corpus import ExpectedStatus, Fires
from solutions.hostile import archives, bombs, trees, variables


@dataclass(frozen=True)
class Built:
    """An attack that is made by a function.

    :param make: writes it into an empty directory and returns what is handed in.
    :param reason, path, line, fires: as in :class:`solutions.corpus.Case`; ``path`` and ``line`` where there is such a place.
    :param planned: it passes the gate, and what stops it, or bears it, is the plan: until then it is ``graded``.
    """

    name: str
    status: ExpectedStatus
    reason: str | None
    make: Callable[[Path], Path]
    path: str | None = None
    line: int | None = None
    fires: Fires | None = None
    planned: bool = False


MAIN = trees.MAIN
TEMPLATE = trees.TEMPLATE
_OUTSIDE = "does not stay inside"
_NO_FILE = "which is no regular file"
_LINK = "is a link or special file"
_LONG_HEADERS = "its extended headers are too long"
_DEEP = "nested deeper than 80 levels"

BUILT: tuple[Built, ...] = (
    # -- archives
    Built("zip-slip", "ungradable", _OUTSIDE, archives.zip_with("../../canary.tf")),
    Built("tar-slip", "ungradable", _OUTSIDE, archives.tar_with("../../canary.tf")),
    Built("zip-absolute", "ungradable", _OUTSIDE, archives.zip_with("/tmp/canary.tf")),  # noqa: S108
    Built("tar-absolute", "ungradable", _OUTSIDE, archives.tar_with("/tmp/canary.tf")),  # noqa: S108
    Built("zip-drive", "ungradable", _OUTSIDE, archives.zip_with("C:/canary.tf")),
    Built("zip-backslashes", "ungradable", _OUTSIDE, archives.zip_with("..\\canary.tf")),
    Built("zip-control-characters", "ungradable", _OUTSIDE, archives.zip_with("a\x1b[2J.tf")),
    Built("zip-bomb", "ungradable", "larger than 1 MiB", archives.zip_bomb, path="main.tf"),
    Built("zip-bomb-that-lies", "ungradable", "solution.zip", archives.zip_that_lies),
    Built("tar-bomb", "ungradable", "unpacks to more than 256.0 MiB", archives.tar_bomb),
    Built("zip-thousands", "ungradable", "6000 entries (at most 5000)", archives.zip_thousands),
    Built("tar-thousands", "ungradable", "more than 200 files", archives.tar_thousands),
    Built("tar-device", "ungradable", _NO_FILE, archives.tar_special("device")),
    Built("tar-fifo", "ungradable", _NO_FILE, archives.tar_special("fifo")),
    Built("tar-symbolic-link", "rejected", _LINK, archives.tar_special("symbolic"), path="modules/secrets/l.tf"),
    Built("tar-hard-link", "rejected", _LINK, archives.tar_special("hard"), path="modules/secrets/l.tf"),
    Built("zip-symbolic-link", "rejected", _LINK, archives.zip_link, path="modules/secrets/l.tf"),
    Built("zip-file-in-a-file", "ungradable", "a.tf is a file", archives.zip_file_in_a_file),
    Built("zip-long-name", "ungradable", _OUTSIDE, archives.zip_with("a" * 300 + ".tf")),
    Built("zip-encrypted", "ungradable", "is encrypted", archives.zip_encrypted),
    Built("zip-name-twice", "ungradable", "occurs twice", archives.zip_twice, path=MAIN),
    Built("tar-quadratic-header", "ungradable", _LONG_HEADERS, archives.tar_extended(300_000)),
    Built("tar-header-of-hours", "ungradable", _LONG_HEADERS, archives.tar_extended(5_000_000)),
    Built("tar-of-headers", "ungradable", _LONG_HEADERS, archives.tar_of_headers),
    Built("zip-crowded-directory", "ungradable", "400000 entries (at most 5000)", archives.zip_crowded),
    Built("link-to-an-archive", "ungradable", "solution.zip is a link", archives.link_to_an_archive),
    Built("pipe-as-an-archive", "ungradable", "not a regular file", archives.pipe_as_an_archive),
    Built("zip-in-a-zip", "ungradable", "no .tf file", archives.zip_in_a_zip),
    # -- directories
    Built("link-to-a-file", "rejected", _LINK, trees.link("/etc/passwd"), path="modules/secrets/l.tf"),
    Built("link-to-a-directory", "rejected", _LINK, trees.link("/"), path="modules/secrets/l.tf"),
    Built("link-to-itself", "rejected", _LINK, trees.link("l.tf"), path="modules/secrets/l.tf"),
    Built("link-to-a-neighbour", "rejected", _LINK, trees.link("../../../neighbour"), path="modules/secrets/l.tf"),
    Built("link-instead-of-a-directory", "ungradable", "solution is a link", trees.link_to_a_neighbour),
    Built("link-to-a-neighbours-modules", "ungradable", "modules is a link", trees.link_to_a_neighbours_modules),
    Built("fifo", "rejected", _LINK, trees.fifo, path="modules/secrets/l.tf"),
    Built("terraform-folder", "graded", None, trees.terraform_folder),
    Built(
        "module-in-a-cache",
        "rejected",
        "where there is no .tf file",
        trees.module_in_a_cache,
        path=MAIN,
        line=5,
        fires="apply",
    ),
    Built("programs-beside", "graded", None, trees.programs),
    Built("nul-byte", "ungradable", "zero byte in line 6", trees.raw(b"locals {\n  a = \0\n}\n"), path=MAIN, line=6),
    Built("invalid-utf-8", "ungradable", "not UTF-8", trees.raw(b'locals {\n  a = "\xff"\n}\n'), path=MAIN, line=6),
    Built(
        "provider-behind-a-broken-character",
        "rejected",
        "type provider",
        trees.raw(b'# \xe2\x82\nprovider "aws" {}\n'),
        path=MAIN,
        line=6,
    ),
    Built(
        "provider-behind-a-broken-comment",
        "rejected",
        "type provider",
        trees.raw(b'/* \xf0\x9f*/ provider "aws" {}\n'),
        path=MAIN,
        line=5,
    ),
    Built("utf-16", "ungradable", "not UTF-8", trees.raw("\ufefflocals {}\n".encode("utf-16-le")), path=MAIN),
    Built(
        "surrogates", "ungradable", "not UTF-8", trees.raw(b'locals {\n  a = "\xed\xa0\x80"\n}\n'), path=MAIN, line=6
    ),
    Built("thirty-megabytes", "ungradable", "larger than 1 MiB", trees.thirty_megabytes, path=MAIN),
    Built("thirty-megabytes-beside", "graded", None, trees.thirty_megabytes_beside),
    Built("two-hundred-and-one-files", "ungradable", "more than 200", trees.many_files),
    Built("long-name", "ungradable", _OUTSIDE, trees.named("a" * 248 + ".tf")),
    Built("line-feed-in-a-name", "ungradable", _OUTSIDE, trees.named("a\nb.tf")),
    Built("escape-in-a-name", "ungradable", _OUTSIDE, trees.named("a\x1b[2J\x1b[32mPASS.tf")),
    Built("markup-in-a-file-name", "rejected", "type provider", trees.named(trees.MARKUP), path=trees.MARKUP, line=1),
    Built("markup-as-an-id", "graded", None, trees.handed_in_as("<img src=x onerror=alert(1)>")),
    Built("formula-as-an-id", "graded", None, trees.handed_in_as('=HYPERLINK("http:,,127.0.0.1","x")')),
    Built("command-as-an-id", "graded", None, trees.handed_in_as("@SUM(1+1)*cmd|' ,C calc'!A0")),
    Built("escape-as-an-id", "graded", None, trees.handed_in_as("\x1b[2J\x1b[1;32mpass 100\u202e")),
    Built("notebook-broken", "ungradable", "not a readable notebook", trees.notebook_text('{"cells": [')),
    Built("notebook-nested", "ungradable", "not a readable notebook", trees.notebook_text("[" * 100_000)),
    Built("notebook-escapes", "ungradable", _OUTSIDE, trees.notebook_cell("%%hcl ../../canary.tf\nlocals {}\n")),
    Built("notebook-absolute", "ungradable", _OUTSIDE, trees.notebook_cell("%%hcl /tmp/canary.tf\nlocals {}\n")),
    Built("notebook-with-programs", "graded", None, trees.notebook_with_programs),
    # -- templates
    Built("template-that-is-a-link", "rejected", _LINK, trees.template_link, path=TEMPLATE),
    Built("template-that-is-a-pipe", "rejected", _LINK, trees.template_pipe, path=TEMPLATE),
    Built(
        "template-that-is-a-directory", "rejected", "there is no such file", trees.template_directory, path=MAIN, line=6
    ),
    Built(
        "template-in-a-cache",
        "rejected",
        "Terraform reads files of this name itself",
        trees.template_in_a_cache,
        path=MAIN,
        line=6,
        fires="apply",
    ),
    Built(
        "template-of-thirty-megabytes",
        "ungradable",
        "larger than 1 MiB",
        trees.thirty_megabytes_of_template,
        path=TEMPLATE,
    ),
    Built(
        "template-that-is-not-utf-8",
        "rejected",
        "is not UTF-8 text",
        trees.template(b"a\nb \xff ${1}\n"),
        path=TEMPLATE,
        line=2,
    ),
    Built("template-with-a-zero-byte", "rejected", "zero byte", trees.template(b"a\0b ${1}\n"), path=TEMPLATE, line=1),
    Built(
        "template-with-a-carriage-return",
        "rejected",
        "carriage return",
        trees.template(b'a\n\r${file("CANARY_PATH")}\n'),
        path=TEMPLATE,
        line=2,
    ),
    Built("template-of-sequences", "ungradable", "template sequences", trees.template(b"${1}" * 1_500), path=TEMPLATE),
    Built(
        "template-of-brackets",
        "ungradable",
        _DEEP,
        trees.template(b"${" + b"[" * 500 + b"]" * 500 + b"}"),
        path=TEMPLATE,
    ),
    Built(
        "template-of-directives-in-directives",
        "ungradable",
        _DEEP,
        trees.template(b"%{ if true }" * 200 + b"x" + b"%{ endif }" * 200),
        path=TEMPLATE,
    ),
    Built(
        "template-of-loops-in-loops",
        "ungradable",
        "Look for an expression that grows",
        bombs.loops_in_loops,
        planned=True,
    ),
    # -- bombs of text, which only the search for credentials reads
    Built("dots-in-a-readme", "graded", None, trees.beside("README.md", "a.a.a.", 1 << 20)),
    Built("passwords-in-a-log", "graded", None, trees.beside("debug.log", "pw=a1\n", 1 << 20)),
    Built("quotes-in-a-readme", "graded", None, trees.beside("README.md", 'password "', 1 << 20)),
    Built("addresses-in-a-readme", "graded", None, trees.beside("README.md", "a://a:", 1 << 20)),
    Built("tokens-in-a-readme", "graded", None, trees.beside("README.md", "eyJaaaaaaaa.", 1 << 20)),
    Built("keys-in-a-readme", "graded", None, trees.beside("README.md", "-----BEGIN A ", 1 << 20)),
    Built("brackets-in-json", "graded", None, trees.beside("plan.json", "[", 1 << 20)),
    Built("values-in-json", "graded", None, trees.beside("plan.json", '{"password":{"value":', 1 << 20)),
    # -- names of variables that a process obeys
    Built("library-by-a-variable", "graded", None, variables.handed_in("library-by-a-variable", variables.by_a_file)),
    Built("library-by-its-own-variables", "graded", None, variables.handed_in("own-variables", variables.by_itself)),
    # -- bombs of syntax
    Built("brackets", "ungradable", _DEEP, bombs.value("[" * 500 + "]" * 500), path=MAIN, line=6),
    Built("brackets-past-reading", "ungradable", "words and signs", bombs.value("[" * 99_999), path=MAIN),
    Built("parentheses", "ungradable", _DEEP, bombs.value("(" * 500 + "[1]" + ")" * 500), path=MAIN, line=6),
    Built("blocks-in-blocks", "ungradable", _DEEP, bombs.text("a {\n" * 400 + "}\n" * 400), path=MAIN),
    Built("operators", "ungradable", _DEEP, bombs.value("1 + " * 3_000 + "1"), path=MAIN, line=6),
    Built("operators-past-reading", "ungradable", "words and signs", bombs.value("1 + " * 99_999 + "1"), path=MAIN),
    Built("attributes-of-attributes", "ungradable", "words and signs", bombs.value("a" + ".b" * 99_999), path=MAIN),
    Built("comments", "ungradable", "words and signs", bombs.text("/**/" * 99_999 + "\n"), path=MAIN),
    Built("heredocs", "graded", None, bombs.heredocs),
    Built("templates", "ungradable", "template sequences", bombs.heredoc("${a}" * 1_500), path=MAIN),
    Built("lines", "ungradable", "more than 5000 lines", bombs.text("#\n" * 6_000), path=MAIN),
    Built("blanks", "ungradable", "blank characters in a row", bombs.value(" " * 9_999 + "1"), path=MAIN, line=6),
    Built("long-string", "graded", None, bombs.value('"' + "x" * 900_000 + '"')),
    Built("long-number", "graded", None, bombs.value("9" * 100_000)),
    Built("large-exponent", "graded", None, bombs.value("1e999999999")),
    Built("files-of-the-largest-size", "ungradable", "words and signs together", bombs.many_large_files),
    Built("modules-without-end", "ungradable", "call each other without end", bombs.endless_modules, path=MAIN, line=5),
    Built("modules-by-doubling", "ungradable", "call each other without end", bombs.doubling_modules),
    # -- bombs that Terraform would set off
    Built("count-of-61", "rejected", "61 resources are planned", bombs.count(61), planned=True),
    Built("fifty-rsa-keys", "rejected", "50 RSA keys are planned", bombs.rsa_keys(50), planned=True),
    Built("count-of-a-million", "ungradable", "terraform", bombs.count(1_000_000), planned=True),
    Built("for-each-of-a-million", "ungradable", "terraform", bombs.for_each, planned=True),
    Built("doubling-locals", "ungradable", "Look for an expression that grows", bombs.doubling_locals, planned=True),
    Built("padded-format", "ungradable", "Look for an expression that grows", bombs.padded_format, planned=True),
    Built("aliases-in-yaml", "ungradable", "Look for an expression that grows", bombs.yaml_aliases, planned=True),
    Built("endless-outputs", "ungradable", "Look for a value that is that long", bombs.outputs, planned=True),
    Built("nested-output", "ungradable", "more than 2 GiB of memory", bombs.nested_output, planned=True),
    Built("half-a-pair-in-json", "graded", None, bombs.half_a_pair, planned=True),
    Built("regular-expression", "graded", None, bombs.regular_expression, planned=True),
    Built("dynamic-blocks", "graded", None, bombs.dynamic_blocks, planned=True),
)
"""Every attack of this kind; names are unique."""
