"""A small repository with leaks to be found.

Every planted value is random and made here, so nothing in this project looks like a credential, and a hit is a proof.
Values are never printed: what a notebook prints is saved in it, which would be one more leak.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.demos.module import DemoError, canary

DIRECTORY = "leaky-repository"
_STATE = "terraform.tfstate"
_GIT_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Leak:
    """Where a planted value is, without the value. ``line`` is 1-based; None in the history."""

    name: str
    place: str
    line: int | None


@dataclass(frozen=True)
class LeakyRepository:
    """The sample. ``planted`` has the values by name; they are not in its ``repr``.

    :param history: whether it has a Git history (there is none where Git is not installed).
    """

    path: Path
    planted: Mapping[str, str] = field(repr=False)
    history: bool

    def files(self) -> tuple[str, ...]:
        """List its files, relative, without Git's own."""
        found = (path.relative_to(self.path) for path in self.path.rglob("*") if path.is_file())
        return tuple(sorted(path.as_posix() for path in found if path.parts[0] != ".git"))

    def shown(self, file: str) -> Iterator[str]:
        """Give a file's lines with every planted value blanked out."""
        text = (self.path / file).read_text(encoding="utf-8")
        for value in self.planted.values():
            text = text.replace(value, "█" * 8)
        yield from text.splitlines()

    def commits(self) -> tuple[str, ...]:
        """List the subjects of its commits, the newest first."""
        return tuple(_git(self.path, "log", "--format=%s").splitlines()) if self.history else ()

    def leaks(self) -> tuple[Leak, ...]:
        """Find where each planted value really is: lines of files first, then the history."""
        found = []
        for file in self.files():
            lines = (self.path / file).read_text(encoding="utf-8").splitlines()
            for number, line in enumerate(lines, start=1):
                found += [Leak(name, file, number) for name, value in self.planted.items() if value in line]
        if self.history:
            log = _git(self.path, "log", "--all", "--patch", "--unified=0")
            now = {leak.name for leak in found}
            gone = [name for name, value in self.planted.items() if value in log and name not in now]
            found += [Leak(name, "Git history", None) for name in gone]
        return tuple(found)


def plant(memory: Path) -> LeakyRepository:
    """Write the sample into ``memory`` (``.lab/`` of the course's directory), in place of an older one."""
    path = memory / DIRECTORY
    shutil.rmtree(path, ignore_errors=True)
    planted = {"API token": canary(), "database password": canary(), "migration password": canary()}
    files = _files(planted)
    history = shutil.which("git") is not None
    if history:
        old = {"scripts/migrate.sh": f"#!/bin/sh\nPGPASSWORD={planted['migration password']} ./migrate up\n"}
        _write(path, {**files, **old})
        _git(path, "init", "--quiet")
        _commit(path, "Set up the service")
        (path / "scripts/migrate.sh").write_text("#!/bin/sh\n./migrate up\n", encoding="utf-8")
        _commit(path, "Take the password out of the script")
    else:
        _write(path, files)
        del planted["migration password"]
    return LeakyRepository(path, planted, history)


def _files(planted: Mapping[str, str]) -> dict[str, str]:
    token, password = planted["API token"], planted["database password"]
    return {
        ".gitignore": ".terraform/\n*.tfplan\n",
        "README.md": "# Order service\n\nCopy `example.tfvars` to `prod.tfvars` and fill it in.\n",
        "example.tfvars": 'database_password = "CHANGE_ME"\n',
        "prod.tfvars": f'database_password = "{password}"\n',
        "main.tf": (
            'variable "database_password" {\n  type      = string\n  sensitive = true\n}\n\n'
            f'variable "api_token" {{\n  type    = string\n  default = "{token}"\n}}\n\n'
            'resource "aws_secretsmanager_secret_version" "orders" {\n'
            '  secret_id     = "prod-orders"\n'
            "  secret_string = jsonencode({ password = var.database_password, token = var.api_token })\n}\n\n"
            'output "database_password" {\n  value     = var.database_password\n  sensitive = true\n}\n'
        ),
        "scripts/migrate.sh": "#!/bin/sh\n./migrate up\n",
        _STATE: json.dumps(_state(token, password), indent=2) + "\n",
    }


def _state(token: str, password: str) -> dict[str, Any]:
    """Write what Terraform would keep of ``main.tf``, in its own form (version 4)."""
    version = {
        "id": "prod-orders|1",
        "secret_id": "prod-orders",
        "secret_string": json.dumps({"password": password, "token": token}),
        "version_stages": ["AWSCURRENT"],
    }
    return {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 3,
        "outputs": {"database_password": {"value": password, "type": "string", "sensitive": True}},
        "resources": [
            {
                "mode": "managed",
                "type": "aws_secretsmanager_secret_version",
                "name": "orders",
                "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
                "instances": [{"schema_version": 0, "attributes": version}],
            }
        ],
    }


def _write(path: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def _commit(path: Path, message: str) -> None:
    # -f: in a directory that somebody's own Git ignores as a whole, the sample is still to be committed.
    _git(path, "add", "--all", "--force")
    _git(path, "commit", "--quiet", "--no-verify", "--message", message)


def _git(path: Path, *words: str) -> str:
    """Run Git without the user's configuration: no hooks, no signing, no name of theirs.

    :raises DemoError: Git refuses.
    """
    from lab_env import processes

    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    nobody = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_TERMINAL_PROMPT": "0"}
    settings = [
        "-c",
        "user.name=Sample",
        "-c",
        "user.email=sample@example.invalid",
        "-c",
        f"core.hooksPath={os.devnull}",
    ]
    done = processes.run(["git", *settings, *words], cwd=path, env={**kept, **nobody}, timeout=_GIT_TIMEOUT_S)
    if not done.ok:
        said = done.stderr.decode("utf-8", "replace").strip()[:300]
        raise DemoError(f"git {words[0]} did not work: {said}", next_step="See whether Git works on this machine.")
    return done.stdout.decode("utf-8", "replace")
