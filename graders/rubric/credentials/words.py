"""The words that credentials are known by, read once from ``words.toml``, which says what each list is for."""

from __future__ import annotations

from importlib.resources import files

from lab_env.tables import ClosedTable, toml_table

_FILE = "words.toml"


class _Words(ClosedTable):
    credential: frozenset[str]
    credential_pairs: frozenset[tuple[str, str]]
    credential_joined: frozenset[str]
    credential_endings: tuple[str, ...]
    about: frozenset[str]
    plain: frozenset[str]


WORDS = toml_table(files(__package__).joinpath(_FILE).read_text(encoding="utf-8"), _Words, _FILE)
