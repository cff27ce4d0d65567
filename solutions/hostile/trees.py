"""Directories and notebooks with links, strange names, broken bytes, and programs that hope to be run."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from solutions.corpus import load_corpus, materialise

Make = Callable[[Path], Path]
MAIN = "modules/secrets/main.tf"
ENVIRONMENT = 'variable "environment" {\n  type = string\n}\n\n'
MARKUP = "<script>alert(1)<script>.tf"
_RUN = 'open("CANARY_FILE", "w").write("fired")\n'
_PROVISIONER = """resource "terraform_data" "x" {
  provisioner "local-exec" {
    command = "echo fired > CANARY_FILE"
  }
}
"""


def write(directory: Path, text: str | bytes = "", *, name: str = "solution") -> Path:
    """A submission whose main.tf declares the environment and then says ``text``."""
    path = directory / name / MAIN
    path.parent.mkdir(parents=True)
    path.write_bytes(ENVIRONMENT.encode() + (text.encode() if isinstance(text, str) else text))
    return directory / name


def raw(data: bytes) -> Make:
    """These bytes, from line 5 on."""
    return lambda directory: write(directory, data)


def link(target: str) -> Make:
    """A link beside main.tf."""

    def make(directory: Path) -> Path:
        root = write(directory)
        (root / "modules/secrets/l.tf").symlink_to(target)
        return root

    return make


def fifo(directory: Path) -> Path:
    """A pipe that nobody writes to: who opens it waits for ever."""
    root = write(directory)
    os.mkfifo(root / "modules/secrets/l.tf")
    return root


def terraform_folder(directory: Path) -> Path:
    """The reference, and a .terraform folder with a provider, a backend and modules in it."""
    root = _reference(directory)
    folder = root / "modules/secrets/.terraform"
    provider = folder / "providers/registry.terraform.io/hashicorp/aws/99.0.0/linux_amd64/terraform-provider-aws_v99"
    _put(provider, "#!/bin/sh\necho fired > CANARY_FILE\n")
    provider.chmod(0o755)
    _put(folder / "modules/modules.json", '{"Modules":[{"Key":"x","Source":"./x","Dir":"CANARY_DIR"}]}\n')
    backend = {"version": 3, "backend": {"type": "http", "config": {"address": "http://127.0.0.1:CANARY_PORT/"}}}
    _put(folder / "terraform.tfstate", json.dumps(backend))
    _put(folder / "environment", "other")
    return root


def module_in_a_cache(directory: Path) -> Path:
    """A module hidden in .terraform, which is Terraform's own and not handed on."""
    root = write(directory, 'module "m" {\n  source = "./.terraform/m"\n}\n')
    _put(root / "modules/secrets/.terraform/m/m.tf", _PROVISIONER)
    return root


def programs(directory: Path) -> Path:
    """The reference among files that a careless program would run when it starts here."""
    root = _reference(directory)
    for name in ("sitecustomize.py", "usercustomize.py", "conftest.py", "graders.py", "boto3.py", "hcl2.py"):
        _put(root / name, _RUN)
        _put(root / "modules/secrets" / name, _RUN)
    _put(root / ".git/hooks/post-checkout", "#!/bin/sh\necho fired > CANARY_FILE\n")
    _put(root / "Makefile", "all:\n\techo fired > CANARY_FILE\n")
    _put(root / "ipython_config.py", _RUN)
    return root


def beside(name: str, unit: str, size: int) -> Make:
    """The reference, and beside it a text of about so many bytes that says one thing over and over."""

    def make(directory: Path) -> Path:
        root = _reference(directory)
        _put(root / name, unit * (size // len(unit.encode())))
        return root

    return make


def link_to_a_neighbour(directory: Path) -> Path:
    """A neighbour's work, by a link in the place of one's own directory."""
    _reference(directory).rename(directory / "neighbour")
    (directory / "solution").symlink_to("neighbour", target_is_directory=True)
    return directory / "solution"


def link_to_a_neighbours_modules(directory: Path) -> Path:
    """A directory of one's own, and in it nothing but a link to what a neighbour has written."""
    _reference(directory).rename(directory / "neighbour")
    (directory / "solution").mkdir()
    (directory / "solution/modules").symlink_to("../neighbour/modules", target_is_directory=True)
    return directory / "solution"


def thirty_megabytes(directory: Path) -> Path:
    """A main.tf of 30 MiB."""
    root = write(directory)
    (root / MAIN).open("ab").truncate(30 << 20)
    return root


def thirty_megabytes_beside(directory: Path) -> Path:
    """30 MiB beside the module."""
    root = write(directory)
    with (root / "notes.bin").open("wb") as file:
        file.truncate(30 << 20)
    return root


def many_files(directory: Path) -> Path:
    """One file more than are read."""
    root = write(directory)
    for index in range(200):
        _put(root / f"modules/secrets/f{index}.tf", "")
    return root


def named(name: str) -> Make:
    """A provider block in a file of this name, in the submission's own directory."""

    def make(directory: Path) -> Path:
        root = directory / "solution"
        _put(root / "main.tf", ENVIRONMENT)
        _put(root / name, 'provider "aws" {}\n')
        return root

    return make


def handed_in_as(name: str) -> Make:
    """The reference in a directory of this name, which is the submission's id."""

    def make(directory: Path) -> Path:
        return _reference(directory).rename(directory / name)

    return make


def notebook_text(text: str) -> Make:
    """A file that calls itself a notebook."""

    def make(directory: Path) -> Path:
        (directory / "solution.ipynb").write_text(text, encoding="utf-8")
        return directory / "solution.ipynb"

    return make


def notebook_cell(source: str) -> Make:
    """A notebook with this cell."""
    return notebook_text(_notebook(source))


def notebook_with_programs(directory: Path) -> Path:
    """The reference in cells, among cells that run programs."""
    cells = [f"%%hcl {path}\n{data.decode()}" for path, data in load_corpus()["reference"].files.items()]
    text = _notebook(
        _RUN, *cells, "!echo fired > CANARY_FILE", "%%bash\necho fired > CANARY_FILE\n", "%load_ext evil\n"
    )
    return notebook_text(text)(directory)


def _notebook(*sources: str) -> str:
    return json.dumps(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": "evil", "argv": ["sh", "-c", "echo fired > CANARY_FILE"]}},
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"c{index}",
                    "metadata": {},
                    "source": source,
                    "outputs": [],
                    "execution_count": None,
                }
                for index, source in enumerate(sources)
            ],
        }
    )


TEMPLATE = "modules/secrets/text.tftpl"
_CALL = 'output "o" {\n  value = templatefile("${path.module}/text.tftpl", {})\n}\n'


def template(data: bytes) -> Make:
    """A template of these bytes, and in line 6 of main.tf the call that reads it."""

    def make(directory: Path) -> Path:
        root = write(directory, _CALL)
        (root / TEMPLATE).write_bytes(data)
        return root

    return make


def template_link(directory: Path) -> Path:
    """A link in the template's place."""
    root = write(directory, _CALL)
    (root / TEMPLATE).symlink_to("/etc/passwd")
    return root


def template_pipe(directory: Path) -> Path:
    """A pipe in the template's place."""
    root = write(directory, _CALL)
    os.mkfifo(root / TEMPLATE)
    return root


def template_directory(directory: Path) -> Path:
    """A directory in the template's place."""
    root = write(directory, _CALL)
    _put(root / TEMPLATE / "text", "x")
    return root


def template_in_a_cache(directory: Path) -> Path:
    """A template hidden in .terraform, of which not every file is read."""
    root = write(directory, _CALL.replace("text.tftpl", ".terraform/text.tftpl"))
    _put(root / "modules/secrets/.terraform/text.tftpl", '${file("CANARY_PATH")}\n')
    return root


def thirty_megabytes_of_template(directory: Path) -> Path:
    """A template of 30 MiB."""
    root = write(directory, _CALL)
    with (root / TEMPLATE).open("wb") as file:
        file.truncate(30 << 20)
    return root


def _reference(directory: Path) -> Path:
    return materialise(load_corpus()["reference"], directory)


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
