"""A task whose variables are named so that a process with these in its environment loads a library of the learner's."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from solutions.corpus import load_corpus, materialise
from solutions.hostile import libraries

LIBRARY, CONFIGURATION = "library.bin", "settings.cnf"
"""Names under which both are handed in: nothing reads them, and nothing needs them to be executable."""
_SECRET, _TASK = "modules/secrets/secret.tf", "modules/secrets/ecs.tf"
_PLACEHOLDER = '    password = "CHANGE_ME_IN_AWS_CONSOLE"\n'
_LAST_ENTRY = '        { name = "DB_PASSWORD", valueFrom = "${aws_secretsmanager_secret.database.arn}:password::" },\n'


def injecting(files: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """The reference's files with more variables injected.

    The rotation drill writes a version of its own, so they come from the one before, which is the learner's.

    :param files: text by path or any other name, with the reference's secret and task in them.
    :param variables: text by name.
    """
    keys = {name: f"setting_{number}" for number, name in enumerate(variables)}
    values = "".join(f"    {keys[name]} = {_hcl(value)}\n" for name, value in variables.items())
    address = "${aws_secretsmanager_secret.database.arn}"
    entries = "".join(
        f'        {{ name = {json.dumps(name)}, valueFrom = "{address}:{key}:AWSPREVIOUS:" }},\n'
        for name, key in keys.items()
    )
    changed = dict(files)
    for after, more in ((_PLACEHOLDER, values), (_LAST_ENTRY, entries)):
        (path,) = [path for path, text in changed.items() if text.count(after) == 1]
        changed[path] = changed[path].replace(after, after + more)
    return changed


def by_a_file(_: Path, configuration: Path) -> dict[str, str]:
    """Variables by which OpenSSL reads a configuration that lies beside the library."""
    return {"OPENSSL_CONF": str(configuration)}


def by_itself(library: Path, _: Path) -> dict[str, str]:
    """Variables that are the configuration themselves: no file but the library is needed."""
    return {"OPENSSL_CONF": "/proc/self/environ", "SETTINGS": libraries.configuration(str(library))}


def handed_in(name: str, variables: Callable[[Path, Path], Mapping[str, str]]) -> Callable[[Path], Path]:
    """The reference with such variables, and the two files that they name beside it."""

    def make(directory: Path) -> Path:
        root = materialise(load_corpus()["reference"], directory).rename(directory / name)
        plant(root)
        files = {path: (root / path).read_text(encoding="utf-8") for path in (_SECRET, _TASK)}
        for path, text in injecting(files, variables(root / LIBRARY, root / CONFIGURATION)).items():
            (root / path).write_text(text, encoding="utf-8")
        return root

    return make


def plant(directory: Path, library: str = LIBRARY, configuration: str = CONFIGURATION) -> None:
    """Put the library and its configuration there."""
    (directory / library).write_bytes(libraries.library())
    (directory / configuration).write_text(libraries.configuration(str(directory / library)), encoding="utf-8")


def _hcl(text: str) -> str:
    """A quoted HCL string; none of these texts has a template in it."""
    return json.dumps(text)
