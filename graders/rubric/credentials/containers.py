"""Credentials in container definitions: as text in any field, or by reference whatever the value is today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from graders.evidence.facts import Facts
from graders.rubric.credentials.commands import on_command_lines
from graders.rubric.credentials.flow import password_origins, secret_value_references
from graders.rubric.credentials.names import Promise, holds_credential, is_setting, names_credential, promise
from graders.rubric.credentials.text import credentials_in
from lab_env.hcl import Span, origins
from lab_env.hcl.addresses import in_module, without_indexes

_POINTER_SUFFIXES = ("_FILE", "_PATH", "_ARN", "_NAME", "_ID", "_LENGTH", "_URL", "_REGION")


def literal_leaks(containers: Sequence[Mapping[str, Any]]) -> list[str]:
    """What the registered container definitions hold as text, as sentences without the value."""
    found: list[str] = []
    for container in containers:
        name = container.get("name", "?")
        for entry in container.get("environment") or ():
            variable, value = str(entry.get("name", "")), str(entry.get("value", ""))
            if _gives_away(variable, value):
                found.append(f"{name}: environment holds a value for {variable}")
            elif any(True for _ in credentials_in(value, prose=False)):
                found.append(f"{name}: environment variable {variable} holds a credential")
        for field, text in _texts({k: v for k, v in container.items() if k not in ("environment", "secrets")}, ""):
            key = field.rpartition(".")[2]
            hit = next((what for _, what in credentials_in(text, prose=False)), None)
            if hit is None and names_credential(key) and text.strip():
                hit = f"a value for {key}"
            if hit is None and any(True for _ in _arguments(text)):
                hit = "a credential as an argument"
            if hit is not None:
                found.append(f"{name}: {field} holds {hit}")
        for field, words in _lists(container):
            if any(True for _ in on_command_lines(" ".join(words))):
                found.append(f"{name}: {field} holds a password as an argument")
        found += [f"{name}: {hit}" for hit in _split_arguments(container)]
    return list(dict.fromkeys(found))


def _gives_away(variable: str, value: str) -> bool:
    if variable.upper().endswith(_POINTER_SUFFIXES) or not value.strip():
        return False
    # A placeholder counts as well: whoever puts the real value there next has put it in plain text.
    sure = promise(variable) is Promise.SURE and not is_setting(variable, value.strip())
    return sure or holds_credential(variable, value)


def _lists(container: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Commands that are written as lists of words."""
    health = container.get("healthCheck")
    for field, words in (
        ("command", container.get("command")),
        ("entryPoint", container.get("entryPoint")),
        ("healthCheck.command", health.get("command") if isinstance(health, Mapping) else None),
    ):
        if isinstance(words, list | tuple):
            yield field, [str(word) for word in words]


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner, path)


def _arguments(text: str) -> Iterator[str]:
    """``--password x``, ``--db-password=x``, ``mysql -phunter2`` inside one text."""
    words = text.split()
    for word, following in pairwise([*words, ""]):
        flag, _, value = word.partition("=")
        if flag.startswith("-") and names_credential(flag.strip("-")):
            candidate = (value or following).lstrip("\"'")
            if candidate and not candidate.startswith(("-", "$")):
                yield flag


def _split_arguments(container: Mapping[str, Any]) -> Iterator[str]:
    """``["--password", "x"]`` in command and entryPoint."""
    for field in ("command", "entryPoint"):
        words = [str(word) for word in container.get(field) or ()]
        for word, following in pairwise(words):
            value = following.lstrip("\"'")
            if word.startswith("-") and names_credential(word.strip("-")) and value and value[0] not in "-$":
                yield f"{field} holds a value for {word}"


def reference_leaks(facts: Facts, address: str) -> list[tuple[str, Span]]:
    """References through which a secret's value flows into the task definition, with the learner's lines."""
    block = facts.block(without_indexes(address))
    if block is None:
        return []
    path = facts.tree.split(in_module(address))[0]
    passwords = password_origins(facts)
    found = []
    for expression in block.body.expressions():
        references = secret_value_references(facts, path, expression)
        if references:
            found.append((f"a secret's value flows in by reference: {', '.join(references)}", expression.span))
        elif {o.span for o in origins(facts.tree, path, expression)} & passwords:
            found.append(("the placeholder's own local or variable flows in", expression.span))
    return found
