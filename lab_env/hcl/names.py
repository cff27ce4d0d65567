"""Which texts are names in HCL."""

from __future__ import annotations


def is_identifier(text: str) -> bool:
    """Whether a text can stand in a configuration as a name: a letter or underscore, then letters, digits, underscores, dashes.

    Source: HCL's specification, "Identifiers" (Unicode's identifiers and the dash); Terraform asks it of every block's name
    ("Invalid output name"), but only when it evaluates the block. Letters are those of Python's identifiers, which are Unicode's.
    """
    return text.replace("-", "_").isidentifier() and not text.startswith("-")
