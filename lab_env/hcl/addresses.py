"""Addresses as Terraform prints them: ``module.secrets.module.store["a.b"].aws_kms_key.this[0]``.

Source: https://developer.hashicorp.com/terraform/cli/state/resource-addressing; how a key is quoted, from Terraform's own output.
"""

from __future__ import annotations

import re

CALL = "module.secrets"
"""The generated root's call of the module under test; addresses seen from that root begin with it."""

# A key may hold dots, brackets and quotes. What is not closed goes on to the end.
_INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*+"?)?[^\]]*+\]?', re.DOTALL)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def without_indexes(address: str) -> str:
    """The block that an instance comes from: ``module.a["x.y"].aws_kms_key.k[0]`` → ``module.a.aws_kms_key.k``."""
    return _INDEX.sub("", address)


def in_module(address: str) -> str:
    """The address as seen from the module under test."""
    return address.removeprefix(f"{CALL}.")


def hcl_string(text: str) -> str:
    """A quoted HCL string that is this text, with nothing interpolated: as Terraform quotes the key of an instance."""
    quoted = "".join(_ESCAPES.get(char, char if char.isprintable() else _escaped(ord(char))) for char in text)
    return '"' + quoted.replace("${", "$${").replace("%{", "%%{") + '"'


def _escaped(code: int) -> str:
    return f"\\u{code:04x}" if code < 1 << 16 else f"\\U{code:08x}"


def type_of(address: str) -> str:
    """``module.secrets.aws_kms_key.this["a"]`` → ``aws_kms_key``."""
    parts = without_indexes(address).split(".")
    return parts[-2] if len(parts) > 1 else ""
