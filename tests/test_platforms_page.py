"""docs/platforms.md: do its commands work as they stand there, and is nothing left out?"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from graders.report import json_report
from graders.report.platforms.files import Platform
from lab.verbs import autograder
from tests.graders.report import samples
from tests.lab.conftest import Ran, lab

__all__ = ["lab"]  # a fixture

PAGE = (Path(__file__).parents[1] / "docs" / "platforms.md").read_text(encoding="utf-8")
_COMMANDS = [
    line.partition("#")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    for line in block.splitlines()
]


@pytest.mark.parametrize("command", _COMMANDS)
def test_a_command_of_the_page(
    lab: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Does it end with 0 and write what it says, on results of one submission and of a class?"""
    monkeypatch.chdir(tmp_path)
    amara, bruno = samples.every_status()[:2]
    json_report.write(samples.results(amara), tmp_path / "results.json")
    json_report.write(samples.results(amara, bruno), tmp_path / "class.json")
    program, *words = shlex.split(command)
    assert program == "lab"
    ran = lab(*words)
    assert ran.code == 0, ran.err
    assert ran.out or Path(words[words.index("--out") + 1]).exists()


def test_every_platform_is_on_the_page() -> None:
    """Is each format and each autograder in one of its commands, but for the one that works in its runner alone?"""
    said = " ".join(_COMMANDS)
    assert {one for one in Platform if f"export {one.value} " not in said} == {Platform.CLASSROOM50}
    assert all(f"autograder {one.value} " in said for one in autograder.Platform)


def test_the_pages_json_is_json() -> None:
    """Can the question's settings be copied, and is the entrypoint where the image has it?"""
    (text,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    options = json.loads(text)["externalGradingOptions"]
    dockerfile = Path(__file__).parents[1] / "graders" / "autograders" / "files" / "Dockerfile"
    (directory,) = re.findall(r"COPY \. (\S+)", dockerfile.read_text(encoding="utf-8"))
    assert options["entrypoint"] == f"{directory}/grade.sh"
