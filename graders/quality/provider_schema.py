"""What the provider's types hold: ``python -m graders.quality.provider_schema`` writes it to ``lab_env/advice/schema.json``."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lab_env import processes
from lab_env.errors import TerraformError
from lab_env.files import write_atomically
from lab_env.terraform import Toolchain, allowed, find_toolchain
from lab_env.terraform.locate import child_environment

FILE = Path(__file__).parents[2] / "lab_env" / "advice" / "schema.json"
_TIMEOUT_S = 300
_MODES = {
    "resource": ("resource_schemas", allowed.RESOURCES),
    "data": ("data_source_schemas", allowed.DATA),
    "ephemeral": ("ephemeral_resource_schemas", allowed.EPHEMERAL),
}


def asked(toolchain: Toolchain) -> Mapping[str, Any]:
    """The provider's own answer, of ``terraform providers schema``.

    :raises TerraformError: there is none.
    """
    with tempfile.TemporaryDirectory(prefix="secrets-lab-schema-") as name:
        directory = Path(name)
        version = toolchain.provider_version
        needs = f'aws = {{\n      source = "hashicorp/aws"\n      version = "{version}"\n    }}'
        (directory / "main.tf").write_text(f"terraform {{\n  required_providers {{\n    {needs}\n  }}\n}}\n")
        for words in (("init", "-input=false"), ("providers", "schema", "-json")):
            done = processes.run(
                [*toolchain.terraform, *words],
                cwd=directory,
                env=child_environment(toolchain.cli_config),
                timeout=_TIMEOUT_S,
            )
            if not done.ok:
                raise TerraformError(f"terraform {words[0]} failed.", next_step="Run lab doctor.")
    found: Mapping[str, Any] = json.loads(done.stdout)
    return next(iter(found["provider_schemas"].values()))


def document(schema: Mapping[str, Any], version: str) -> str:
    """What is kept of it: of the types of this lab the arguments, with type and whether they are needed, and the blocks."""
    kept: dict[str, Any] = {"provider": version}
    for mode, (key, names) in _MODES.items():
        kept[mode] = {name: _block(schema[key][name]["block"]) for name in sorted(names)}
    return json.dumps(kept, separators=(",", ":")) + "\n"


def _block(block: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "arguments": {
            name: [_type(one["type"]), next((how for how in ("required", "optional") if one.get(how)), "computed")]
            for name, one in sorted(block.get("attributes", {}).items())
        }
    }
    if nested := sorted(block.get("block_types", {}).items()):
        found["blocks"] = {name: _block(one["block"]) for name, one in nested}
    return found


def _type(written: Any) -> str:
    """``string``, ``set of string``."""
    if isinstance(written, str):
        return written
    inner = written[1] if isinstance(written[1], str) else written[1][0]
    return f"{written[0]} of {inner}"


def main() -> None:
    """Write the file."""
    toolchain = find_toolchain()
    write_atomically(FILE, document(asked(toolchain), toolchain.provider_version))


if __name__ == "__main__":
    main()
