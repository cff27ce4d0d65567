"""Bytes that are not UTF-8: fine in comments, as for Terraform, and refused with their line everywhere else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from graders.gate import check
from graders.grade import grade
from graders.model import Depth
from lab_env.errors import SubmissionError
from lab_env.hcl.terraform_parser import TerraformParser
from lab_env.submission import load_submission
from lab_env.terraform import Toolchain
from lab_env.workspace import files_read

HEAD = b'variable "environment" {\n  type = string\n}\n'
COMMENTS = {
    "hash": b"# Schl\xfcssel f\xfcr die Datenbank\n",
    "slashes": b"locals {\n  a = 1 // gr\xfcn\n}\n",
    "block": b"/* Gr\xfc\xdfe,\n zwei \xe4\xf6 Zeilen */\nlocals {}\n",
    "cut-off at the line's end": b"# \xe2\x82\nlocals {}\n",
    "cut-off at the comment's end": b"/* \xf0\x9f*/\nlocals {}\n",
    "at the end of the file": b"locals {}\n# \xfc",
    "half of a surrogate pair": b"# \xed\xa0\x80\n",
    "a slash written too long": b"/* \xc0\xaf */\n",
    "in a template": b'output "o" {\n  value = "${1 /* gr\xfcn */}"\n}\n',
    "beside real UTF-8": "# grün ".encode() + b"\xfc\n" + 'output "o" {\n  value = "ü"\n}\n'.encode(),
}
ELSEWHERE = {
    "string": (b'output "o" {\n  value = "gr\xfcn"\n}\n', 5),
    "string that looks like a comment": (b'output "o" {\n  value = "# gr\xfcn"\n}\n', 5),
    "heredoc": (b"output \"o\" {\n  value = <<E\n# gr\xfcn\nE\n}\n", 6),
    "name": (b"locals {\n  gr\xfcn = 1\n}\n", 5),
    "label": (b'output "gr\xfcn" {\n  value = 1\n}\n', 4),
    "blank": (b"locals {\n\xa0 a = 1\n}\n", 5),
    "surrogate in a string": (b'output "o" {\n  value = "\xed\xa0\x80"\n}\n', 5),
    "quote written too long": (b'output "o" {\n  value = "\xc0\xa2"\n}\n', 5),
    "behind a comment": (b'# gr\xfcn\noutput "o" {\n  value = "gr\xfcn"\n}\n', 6),
}  # fmt: skip


def handed(directory: Path, data: bytes) -> Path:
    path = directory / "modules/secrets/main.tf"
    path.parent.mkdir(parents=True)
    path.write_bytes(HEAD + data)
    return directory


@pytest.mark.parametrize("name", COMMENTS)
def test_in_a_comment(tmp_path: Path, parser: TerraformParser, name: str) -> None:
    """Is it accepted, and read as a mark that says that something stood there?"""
    submission = load_submission(handed(tmp_path, COMMENTS[name]))
    report = check(submission, parser=parser)
    assert (report.accepted, report.violations) == (True, ())
    assert "\ufffd" in submission.files[0].text
    assert files_read(submission) == ()
    assert grade(tmp_path, depth=Depth.STATIC).result.status == "graded"


@pytest.mark.parametrize("name", ELSEWHERE)
def test_elsewhere(tmp_path: Path, parser: TerraformParser, name: str) -> None:
    """Is the line named, and is nothing else said about the submission?"""
    data, line = ELSEWHERE[name]
    with pytest.raises(SubmissionError, match=rf"main\.tf is not UTF-8 text \(line {line}\)"):
        check(load_submission(handed(tmp_path, data)), parser=parser)
    result = grade(tmp_path, depth=Depth.STATIC).result
    assert (result.status, result.score) == ("ungradable", 0)
    assert "Save the file as UTF-8." in (result.reason or "")


def test_in_a_file_that_nothing_calls(tmp_path: Path) -> None:
    """Does it cost nothing in a directory that Terraform never looks at?"""
    root = handed(tmp_path, b"locals {}\n")
    (root / "old").mkdir()
    (root / "old/main.tf").write_bytes(b'locals {\n  a = "\xfc"\n}\n')
    assert grade(root, depth=Depth.STATIC).result.status == "graded"


def test_a_credential_beside_it_is_found(tmp_path: Path) -> None:
    """Is a comment with such a byte searched for credentials all the same?"""
    result = grade(
        handed(tmp_path, b'# gr\xfcn, password = "hunter2-Tr0ub4dor"\nresource "aws_kms_key" "k" {}\n'),
        depth=Depth.STATIC,
    ).result
    assert next(row for row in result.requirements if row.id == "secret.no_plaintext").status == "fail"


@pytest.mark.terraform
@pytest.mark.parametrize(
    "name", [*COMMENTS, *(n for n in ELSEWHERE if n not in ("surrogate in a string", "quote written too long"))]
)
def test_as_terraform_does(tmp_path: Path, toolchain: Toolchain, name: str) -> None:
    """Does Terraform itself take and refuse the same files? (It takes two texts more that are no UTF-8, which we do not.)"""
    data = COMMENTS[name] if name in COMMENTS else ELSEWHERE[name][0]
    (tmp_path / "main.tf").write_bytes(HEAD + data)
    terraform = [*toolchain.terraform, f"-chdir={tmp_path}"]
    subprocess.run([*terraform, "init", "-backend=false"], check=False, capture_output=True)
    ran = subprocess.run([*terraform, "validate"], check=False, capture_output=True)
    assert (ran.returncode == 0) == (name in COMMENTS), ran.stderr
