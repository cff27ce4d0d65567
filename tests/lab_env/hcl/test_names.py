"""What a name is in HCL."""

from __future__ import annotations

from lab_env.hcl.names import is_identifier

NAMES = ("a", "A1", "_", "_a", "a-b", "a_b", "ä", "名前", "for", "true", "a-")
NONE = (
    "",
    "-",
    "-a",
    "1a",
    "a b",
    "a.b",
    "a[0]",
    'a"',
    "a\n",
    "\na",
    "a\u2028b",
    "${a}",
    "a\0",
    "a\t",
    "*",
    "a/b",
    "é\u200b",
)


def test_names() -> None:
    """Are identifiers names, and is what could be more than a name in a configuration none?"""
    assert [name for name in NAMES if not is_identifier(name)] == []
    assert [name for name in NONE if is_identifier(name)] == []
