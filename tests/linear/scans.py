"""Everything that reads a learner's text, as functions of one text, and the fragments that make a careless reader slow."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable
from itertools import chain, product
from typing import Any

from graders.evidence.normalise import Normaliser
from graders.evidence.placeholder import is_filler, is_placeholder
from graders.gate.agreement import _Bytes
from graders.nbgrader.markdown import harmless
from graders.report.excerpts import quote
from graders.report.sarif_report import _message
from graders.rubric.access.hard_coded import spelt_out_in
from graders.rubric.credentials.containers import literal_leaks
from graders.rubric.credentials.json_text import credentials_in_json, described_values
from graders.rubric.credentials.login_files import in_login_files
from graders.rubric.credentials.names import decode, holds_credential, is_credential, looks_made, names_credential
from graders.rubric.credentials.prose import in_tables
from graders.rubric.credentials.text import credentials_in
from graders.rubric.credentials.vendor_forms import library_forms
from graders.rubric.steps.environments import _Names
from graders.similarity.plain import plain_words
from graders.similarity.reading import Room, read_text
from graders.similarity.words import sentences, text_word
from lab.drills.leak_places import Artifact
from lab.drills.leaks import scan as leaks
from lab_env.advice import Said, explain
from lab_env.errors import SubmissionError
from lab_env.hcl.functions import FUNCTIONS
from lab_env.hcl.parse import count_pieces, parse, parse_template
from lab_env.hcl.reading import text_expression
from lab_env.hcl.templates import unescape
from lab_env.hcl.types import NotKnown, Refused
from lab_env.iam_policy.patterns import Lookup, action_matches, arn, matches, substitute
from lab_env.lesson import STANDARD
from lab_env.line_numbers import LineNumbers
from lab_env.submission.layouts import canvas_student, moodle_participant
from lab_env.submission.notebooks import read_notebooks
from lab_env.terraform.messages import Diagnostic, machinery_fault
from lab_env.text import one_line, parsed_json, visible

Scan = Callable[[str], object]

FRAGMENTS = (
    "a.", "a.a.", "pw=a1\n", "pw=a1 ", "pw=", "pw=/", "password ", "password: ", "password is ", '"', '\\"', "'", "`", "=", " ",
    "\n", "\t", "\r\n", "-", "_", "A1", "://", "a://a:", "eyJ", "eyJ-", "eyJa.eyJ", "eyJaaaaaaaa.", "-----BEGIN ", "-----BEGIN A ",
    "A ", "${", "%{", "{", "[", '{"a":', "/*", "*/", "#", "//", "<<E\n", "é", "\u202e", "AKIA", "ghp_", "xoxb-", "0", "a=", "a='",
    'a="', "*a", "*", "?", "%0", "dev", ":secret:a-", "Q0hBTkdFX01FX05PVw== ", "operation error read tcp ",
    "mysql -p", "curl -u a:", "-u a:b1 ", "Basic YTpi", "Bearer ", "echo a:b ", "docker login ",
    "name: a\n", 'name="a" ', "<a>",
    "| a |",
    "|-|\n", "a,b\n", "a: \n  Type: x\n", "login a password ", "identified by '", "a/b@", "--password=", "${A:-", "admin/",
    "00D", "sk-", "ops_eyJ", "M-",
    "authorization: a ", 'connect("a", ', "db_password ", "a:b1@", 'assword: send "', '"a" "b"\n', '<a name="password">',
    "パスワード", "A1b2C3", "arn:aws:",
    "response error StatusCode: 0,", "%%hcl a ", "a. ", "[a](", "\\begin{a}",
)  # fmt: skip
"""What repeats in an attack; a text is one of them, or two in turns, over and over."""
BEGINNINGS = ("", "password is", "password", "pw is", "a", "-----BEGIN ", "%", "%%hcl a", "'", "`a", "resource", "a: ")
"""What a run may have to stand behind to be read at all."""
ENDS = ("", ",", "!", "b\n")
"""What takes the match away at the last moment."""


def pairs() -> Iterable[str]:
    """Two fragments in turns."""
    return (a + b for a, b in product(FRAGMENTS, repeat=2) if a != b)


def _all(found: Iterable[object]) -> None:
    deque(found, maxlen=0)


def _refused(scan: Scan) -> Scan:
    """A refusal is an answer, too."""

    def scanned(text: str) -> object:
        try:
            return scan(text)
        except (SubmissionError, ValueError, NotKnown, Refused):
            return None

    return scanned


def _notebook(text: str) -> object:
    cell = {"cell_type": "code", "id": "a", "source": text, "outputs": [], "metadata": {}, "execution_count": None}
    document = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    return read_notebooks({"a.ipynb": json.dumps(document).encode()})


def _container(text: str) -> object:
    container: dict[str, Any] = {"name": "a", "environment": [{"name": "A", "value": text}], "command": text.split(" ")}
    return literal_leaks([container | {"labels": {"a": text}, "healthCheck": {"command": [text]}}])


def _many_lines(text: str) -> object:
    lines = LineNumbers(text)
    return [lines.of(offset) for offset in range(0, len(text), 10)]


def _many_offsets(text: str) -> object:
    offsets = _Bytes(text)
    return [offsets(offset) for offset in range(0, len(text), 10)]


def _names(text: str) -> object:
    return canvas_student(text), moodle_participant(text)


_SAID = (
    ("Invalid character", 1),
    ("Missing newline after argument", 2),
    ("Unclosed configuration block", 1),
    ("Missing item separator", 3),
    ("Invalid multi-line string", 2),
    ('Unsupported argument: An argument named "a" is not expected here', 2),
    ("Invalid reference: A reference to a resource type", 2),
    ("Cycle: module.secrets.aws_kms_key.a, module.secrets.aws_kms_alias.b", None),
    ("creating …: EncryptionFailure: …", 1),
    ("\"name\" must begin with 'alias/'", 2),
)


def _advice(text: str) -> object:
    """In a file of its own, in a block, and beside one: cut where nobody would write as much."""
    block = f'resource "aws_kms_key" "a" {{\n  description = {text[:40_000]}\n}}\n'
    files = {"a.tf": block, "b.tf": text[:40_000]}
    return [explain(Said(said, path=path, line=line), files) for said, line in _SAID for path in files]


_NORMALISER = Normaliser(account="123456789012", folders=("/tmp/secrets-lab-x/run",))
_LOOKUP = Lookup({}, "2012-10-17")

SCANS: dict[str, Scan] = {
    "credentials in prose": lambda text: _all(credentials_in(text, prose=True)),
    "credentials in data": lambda text: _all(credentials_in(text, prose=False)),
    "the library's forms": library_forms,
    "a table": lambda text: _all(chain(in_tables(text), in_tables(text, comma=True))),
    "a file of logins": lambda text: _all(in_login_files(text, ".zsh_history")),
    "a made value": looks_made,
    "a value of a secret": lambda text: holds_credential("database_secret", text),
    "credentials in JSON": lambda text: _all(credentials_in_json(parsed_json(text))),
    "a state's outputs": lambda text: _all(described_values(parsed_json(text))),
    "a value": is_credential,
    "a name": names_credential,
    "an encoding": decode,
    "a placeholder": is_placeholder,
    "filler": is_filler,
    "a container": _container,
    "a spelt-out environment": lambda text: list(spelt_out_in(text, "dev", STANDARD)),
    "two environments": lambda text: _Names("dev", "prod").same(text, text.replace("dev", "prod") + "!"),
    "what varies": _NORMALISER.text,
    "visible": visible,
    "on one line": one_line,
    "an excerpt": lambda text: quote(text, [(line, line + 3) for line in range(1, 400, 20)]),
    "a SARIF message": _message,
    "Markdown": harmless,
    "words of a file": lambda text: read_text("a.tf", text, Room()),
    "plain words": lambda text: _all(plain_words(text)),
    "sentences": lambda text: _all(sentences([(text, 1)])),
    "a text": lambda text: text_word(text, 1, 1),
    "pieces of HCL": count_pieces,
    "a file": _refused(lambda text: parse.__wrapped__("a.tf", text)),
    "a string": _refused(lambda text: parse.__wrapped__("a.tf", f'locals {{\n  a = "{text}"\n}}\n')),
    "a template": _refused(lambda text: parse_template.__wrapped__("a.tftpl", text)),
    "a text that is read": lambda text: text_expression("a.json", text),
    "a heredoc": _refused(lambda text: parse.__wrapped__("a.tf", f"locals {{\n  a = <<-E\n{text}\nE\n}}\n")),
    "a comment": _refused(lambda text: parse.__wrapped__("a.tf", f"/* {text} */\n")),
    "escapes": unescape,
    "format": _refused(lambda text: FUNCTIONS["format"](text)),
    "title": _refused(lambda text: FUNCTIONS["title"](text)),
    "a number": _refused(lambda text: FUNCTIONS["tonumber"](text)),
    "a number of letters": _refused(lambda text: FUNCTIONS["parseint"](text, 36)),
    "base64": _refused(lambda text: FUNCTIONS["base64decode"](text)),
    "JSON": _refused(lambda text: FUNCTIONS["jsondecode"](text)),
    "lines": _many_lines,
    "bytes": _many_offsets,
    "Terraform's words": lambda text: machinery_fault([Diagnostic("error", text, text)]),
    "an action's wildcards": lambda text: action_matches(text[:512], "a" * 512),
    "an ARN's wildcards": lambda text: matches(arn(text[:512]), "a" * 512),
    "a policy's variables": lambda text: substitute(text, _LOOKUP, wildcards=True),
    "a notebook": _refused(_notebook),
    "a downloaded name": _names,
    "an error explained": _advice,
    "an error explained in its own file": lambda text: explain(Said(text, text, "a.tf", 1), {"a.tf": text}),
    "a leak hunt": lambda text: leaks([Artifact("file", "a.md", text.encode())], []),
}
