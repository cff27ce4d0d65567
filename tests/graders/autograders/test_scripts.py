"""The scripts themselves, run in directories laid as the platforms lay them: does each hand-in end as it should?"""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from graders.autograders import classroom50, github, images
from graders.autograders.installation import Installation
from graders.marking.policy.rules import Rules
from graders.model import Depth
from graders.report.platforms.gradescope import Visibility
from lab_env.errors import UsageError
from lab_env.terraform import Toolchain
from tests.graders.autograders import platforms
from tests.graders.report.platforms import formats
from tests.graders.report.platforms.test_outcomes import RUNNER

STATIC = Installation.of(depth=Depth.STATIC)
WORKFLOW = json.loads(
    (Path(__file__).parents[1] / "report" / "platforms" / "schemas" / "github-workflow.json").read_text(
        encoding="utf-8"
    )
)
Grade = Callable[..., tuple[int, dict[str, Any] | None]]

pytestmark = pytest.mark.slow


@pytest.fixture
def on_gradescope(tmp_path: Path) -> Grade:
    """``grade(lay, zip)``: the exit code of ``run_autograder`` on what ``lay`` has put into the submission, and its results."""

    def grade(
        lay: Callable[[Path], None], archive: bytes = images.gradescope(STATIC), **environ: str
    ) -> tuple[int, dict[str, Any] | None]:
        root = tmp_path / "autograder"
        platforms.unpack(archive, root / "source")
        # Gradescope copies it there, and the harness runs the copy.
        shutil.copy(root / "source" / "run_autograder", root)
        (root / "submission").mkdir()
        lay(root / "submission")
        (root / "results").mkdir()
        results = root / "results" / "results.json"
        results.write_text('{"score": 100}')  # of an earlier run
        made = platforms.environment(tmp_path, AUTOGRADER_ROOT=str(root), **environ)
        done = platforms.run(root / "run_autograder", made)
        print(done.stdout, done.stderr)
        if not results.exists():
            return done.returncode, None
        document = json.loads(results.read_text(encoding="utf-8"))
        formats.check_gradescope(document)
        return done.returncode, document

    return grade


def test_a_right_hand_in(on_gradescope: Grade) -> None:
    """Does a right solution get everything that was looked at, in a file that Gradescope takes?"""
    code, document = on_gradescope(platforms.hand_in)
    assert code == 0
    assert document is not None
    assert document["score"] == sum(test["max_score"] for test in document["tests"]) > 0
    assert {test["status"] for test in document["tests"]} == {"passed"}
    assert "Not looked at at depth static" in document["output"]


def test_a_wrong_hand_in(on_gradescope: Grade) -> None:
    """Does a password in a file cost just its own test, with the file and the line?"""
    code, document = on_gradescope(lambda place: platforms.hand_in(place, right=False))
    assert code == 0
    assert document is not None
    (failed,) = [test for test in document["tests"] if test["status"] == "failed"]
    assert failed["name"].endswith("(secret.no_plaintext)")
    assert "Where: modules/secrets/more.tf, line 2" in failed["output"]
    assert document["score"] == sum(test["max_score"] for test in document["tests"]) - failed["max_score"]


def _nothing(place: Path) -> None:
    (place / "essay.txt").write_text("I am sorry.")


def _empty(place: Path) -> None:
    pass


def _two(place: Path) -> None:
    platforms.hand_in(place / "old")
    platforms.hand_in(place / "new")


def _link(place: Path) -> None:
    (place / "modules").symlink_to("/etc")


def _binary(place: Path) -> None:
    (place / "main.tf").write_bytes(b"\x00\xff" * 100)


@pytest.mark.parametrize("lay", [_nothing, _empty, _two, _link, _binary])
def test_a_broken_hand_in(on_gradescope: Grade, lay: Callable[[Path], None]) -> None:
    """Does what cannot be read get 0 and a reason that the student can act on, and the platform a whole file?"""
    code, document = on_gradescope(lay)
    assert code == 0
    assert document is not None
    assert document["score"] == 0
    (test,) = document["tests"]
    assert (test["status"], test["score"]) == ("failed", 0)
    assert len(test["output"]) > 20


def test_a_refused_hand_in(on_gradescope: Grade) -> None:
    """Does a module with a provider get 0, and its reason?"""

    def lay(place: Path) -> None:
        platforms.hand_in(place)
        (place / "modules" / "secrets" / "provider.tf").write_text('provider "aws" {\n  region = "eu-west-1"\n}\n')

    code, document = on_gradescope(lay)
    assert code == 0
    assert document is not None
    assert document["score"] == 0
    assert document["output"].splitlines()[1].startswith("Rejected: ")
    assert not any(test["status"] == "passed" and test["score"] for test in document["tests"])


def test_a_hand_in_in_a_folder_or_an_archive(on_gradescope: Grade) -> None:
    """Is what a student has packed into one more folder found?"""
    code, document = on_gradescope(lambda place: platforms.hand_in(place / "my work"))
    assert code == 0
    assert document is not None
    assert document["score"] > 0


def test_a_students_program_is_never_run(on_gradescope: Grade, tmp_path: Path) -> None:
    """Are modules with the names of ours and Python's own, handed in beside the answer, text and nothing else?"""
    seen = tmp_path / "ran"

    def lay(place: Path) -> None:
        platforms.hand_in(place)
        for name in ("json.py", "sitecustomize.py", "lab.py", "conftest.py", "typer.py"):
            (place / name).write_text(f"open({str(seen)!r}, 'w')\n")

    code, document = on_gradescope(lay)
    assert (code, document is not None) == (0, True)
    assert not seen.exists()


def test_a_fault_of_ours_is_no_mark(on_gradescope: Grade) -> None:
    """Is there no results.json, also no older one, when the grader cannot work, and does the script end with its code?"""
    code, document = on_gradescope(
        platforms.hand_in, images.gradescope(Installation.of(depth=Depth.PLAN)), LAB_TERRAFORM="/nowhere/terraform"
    )
    assert code in (3, 4)
    assert document is None


def test_settings_of_the_zip(on_gradescope: Grade, tmp_path: Path) -> None:
    """Do the visibility and a policy with weights reach the results, half points and all?"""
    policy = tmp_path / "weights.yaml"
    policy.write_text("weights:\n  secret.no_plaintext: 20\ndisabled: [rotation.ignore_changes]\n")
    made = images.gradescope(STATIC, visibility=Visibility.AFTER_PUBLISHED, policy=images.read_weights(policy))
    code, document = on_gradescope(platforms.hand_in, made)
    assert code == 0
    assert document is not None
    assert document["visibility"] == "after_published"
    points = {test["name"].rpartition("(")[2][:-1]: test["max_score"] for test in document["tests"]}
    assert points["secret.no_plaintext"] == 20
    assert "rotation.ignore_changes" not in points


@pytest.mark.engine
def test_in_full(on_gradescope: Grade, toolchain: Toolchain) -> None:
    """Does the zip deploy a right solution and run the drills, with an engine that needs no Docker, for all 100 points?"""
    code, document = on_gradescope(platforms.hand_in, images.gradescope(Installation.of()))
    assert code == 0
    assert document is not None
    assert document["score"] == 100
    assert len(document["tests"]) == 25


ABOUT_PEOPLE = {
    "due": "2026-11-20T23:59:00Z",
    "late": "{percent_per_day: 10}\ndue: 2026-11-20T23:59:00Z",
    "extensions": "{ann: 2026-11-21T23:59:00Z}\ndue: 2026-11-20T23:59:00Z",
    "submitted": "{ann: 2026-11-21T23:59:00Z}",
    "overrides": "[{submission: ann, points: 3, reason: r}]",
    "manual": "[{submission: ann, points: 3, reason: r}]",
    "bonus": "[{submission: ann, points: 3, reason: r}]",
    "bonus_over_maximum": "true",
    "comments": "{ann: well done}",
    "missing": "0",
}


@pytest.mark.parametrize("key", sorted(Rules.model_fields.keys() - {"weights", "disabled"}))
def test_a_policy_about_people_is_refused(tmp_path: Path, key: str) -> None:
    """Is a policy refused that speaks of times or people, whom the platform knows and the file cannot, whatever the key?"""
    (tmp_path / "p.yaml").write_text(f"disabled: [rotation.ignore_changes]\n{key}: {ABOUT_PEOPLE[key]}\n")
    with pytest.raises(UsageError, match=rf"p\.yaml has .*{key}.* takes weights and disabled alone"):
        images.read_weights(tmp_path / "p.yaml")


def test_setup_tries_the_policy_too() -> None:
    """Does the image's own trial grade under the policy as each submission will be, so that a wrong one shows there?"""
    with zipfile.ZipFile(io.BytesIO(images.gradescope(STATIC))) as archive:
        (graded,) = [
            line for line in archive.read("setup.sh").decode().replace("\\\n", "").splitlines() if " grade " in line
        ]
    assert '${POLICY:+--policy "$here/$POLICY"}' in graded


def test_the_zips_shape() -> None:
    """Are the files at the zip's root as Gradescope asks for, scripts to be run, with Unix lines, the same twice?"""
    made = images.gradescope(STATIC)
    assert made == images.gradescope(STATIC)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        modes = {info.filename: info.external_attr >> 16 & 0o777 for info in archive.infolist()}
        texts = {name: archive.read(name) for name in archive.namelist()}
    assert modes == {"requirements.txt": 0o644, "run_autograder": 0o755, "settings.sh": 0o644, "setup.sh": 0o755}
    assert all(b"\r" not in text for text in texts.values())
    assert texts["run_autograder"].startswith(b"#!/usr/bin/env bash\n")
    for name in ("run_autograder", "setup.sh", "settings.sh"):
        assert subprocess.run(["bash", "-n"], input=texts[name]).returncode == 0


@pytest.fixture
def on_prairielearn(tmp_path: Path) -> Grade:
    """The same for the entrypoint of PrairieLearn's image."""

    def grade(lay: Callable[[Path], None], **environ: str) -> tuple[int, dict[str, Any] | None]:
        platforms.unpack(images.prairielearn(STATIC), tmp_path / "image")
        root = tmp_path / "grade"
        (root / "student").mkdir(parents=True)
        lay(root / "student")
        made = platforms.environment(tmp_path, GRADE_ROOT=str(root), **environ)
        done = platforms.run(tmp_path / "image" / "grade.sh", made)
        results = root / "results" / "results.json"
        if not results.exists():
            return done.returncode, None
        document = json.loads(results.read_text(encoding="utf-8"))
        formats.check_prairielearn(document)
        return done.returncode, document

    return grade


@pytest.mark.parametrize(
    ("lay", "gradable", "whole"),
    [
        (platforms.hand_in, True, True),
        (lambda place: platforms.hand_in(place, right=False), True, False),
        (_nothing, False, False),
    ],
)
def test_prairielearns_entrypoint(
    on_prairielearn: Grade, lay: Callable[[Path], None], gradable: bool, whole: bool
) -> None:
    """Does the entrypoint write what PrairieLearn takes for a right, a wrong and an unreadable hand-in?"""
    code, document = on_prairielearn(lay)
    assert code == 0
    assert document is not None
    assert document["gradable"] is gradable
    assert (document["score"] == 1) is whole


@pytest.fixture
def on_classroom50(tmp_path: Path) -> Grade:
    """The same for the script that Classroom 50's runner starts in the checkout."""

    def grade(lay: Callable[[Path], None], **environ: str) -> tuple[int, dict[str, Any] | None]:
        (tmp_path / "bundle").mkdir()
        script = tmp_path / "bundle" / "autograder.py"
        script.write_text(classroom50.script(STATIC), encoding="utf-8")
        checkout = tmp_path / "checkout"
        checkout.mkdir()
        lay(checkout)
        made = platforms.environment(tmp_path, **RUNNER, **environ)
        done = subprocess.run(
            [sys.executable, str(script)], env=made, cwd=checkout, capture_output=True, text=True, timeout=240
        )
        results = checkout / "result.json"
        if done.returncode or not results.is_file():
            return done.returncode, None
        document = json.loads(results.read_text(encoding="utf-8"))
        formats.check_classroom50(document, "clouds-2026", "secrets", "amara")
        assert (checkout / "release-body.md").read_text(encoding="utf-8").startswith("## Secrets Lab: ")
        return done.returncode, document

    return grade


def test_classroom50s_script(on_classroom50: Grade) -> None:
    """Does the script write the push's result and a page in Markdown, and lose not a point of a right hand-in?"""
    code, document = on_classroom50(platforms.hand_in)
    assert code == 0
    assert document is not None
    assert document["score"] == document["max-score"] > 0


def test_classroom50s_script_when_we_fail(on_classroom50: Grade, tmp_path: Path) -> None:
    """Does a fault of ours end it with another code than 0, so that the runner says so, whatever lies in the checkout?"""

    def lay(place: Path) -> None:
        platforms.hand_in(place)
        (place / "result.json").write_text('{"schema": "classroom50/result/v1", "score": 100}')
        (place / "release-body.md").symlink_to("result.json")

    code, document = on_classroom50(lay, LAB_ENGINE="http://127.0.0.1:1", SECRETS_LAB_PROGRAM="/bin/false")
    assert code != 0
    assert document is None
    assert not any(os.path.lexists(tmp_path / "checkout" / name) for name in ("result.json", "release-body.md"))


def workflow(text: str) -> dict[str, Any]:
    """The workflow, after the published schema of workflows was held against it."""
    # YAML 1.1 takes the key `on` for true; GitHub does not.
    loaded = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - texts alone
    jsonschema.validate(yaml.safe_load(text.replace("\non:", '\n"on":')), WORKFLOW)
    return dict(loaded)


def test_the_workflow_is_one() -> None:
    """Is it what GitHub's published schema says, whatever is installed, with no right but those that it uses?"""
    plain = workflow(github.workflow(STATIC))
    grade = plain["jobs"]["grade"]
    assert plain["permissions"] == {}
    assert grade["permissions"] == {"contents": "read", "actions": "read", "security-events": "write"}
    assert grade["env"] == {"SECRETS_LAB": STATIC.requirement, "DEPTH": "static"}
    other = Installation.of(requirement="secrets-lab @ https://x.example/a%20b.whl")
    made = workflow(github.workflow(other))["jobs"]["grade"]["env"]
    assert made["SECRETS_LAB"] == "secrets-lab @ https://x.example/a%20b.whl"
    assert "@" not in github.workflow(STATIC).replace("@v", "")


def test_a_workflow_has_no_room_for_a_wheel(tmp_path: Path) -> None:
    """Is a wheel refused with what to do instead?"""
    path = tmp_path / "secrets_lab-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("lab/cli.py", "")
    with pytest.raises(UsageError, match="no wheel goes with it"):
        github.workflow(Installation.of(wheel=path))


def _steps(tmp_path: Path, checkout: Path, environ: dict[str, str], *, without: str = "") -> dict[str, int]:
    """Runs the workflow's commands as GitHub's runner does, and gives each one's exit code; those of actions are left out."""
    temp = tmp_path / "runner-temp"
    temp.mkdir(exist_ok=True)
    (temp / "lab").write_bytes(platforms.program(temp).read_bytes())
    (tmp_path / "summary.md").touch()
    grade = workflow(github.workflow(STATIC))["jobs"]["grade"]
    made = {
        **environ,
        **grade["env"],
        "PATH": f"{temp}{os.pathsep}{environ['PATH']}",
        "GITHUB_WORKSPACE": str(checkout),
        "GITHUB_REPOSITORY": "clouds/secrets-ann",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }
    codes: dict[str, int] = {}
    for step in grade["steps"]:
        if "run" not in step or step["name"] == without:
            continue
        if any(codes.values()) and "!cancelled()" not in step.get("if", ""):
            continue
        cwd = step["working-directory"].replace("${{ runner.temp }}", str(temp))
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]], env=made, cwd=cwd, capture_output=True, text=True, timeout=240
        )
        codes[step["name"]] = done.returncode
        (temp / f"{step['name']}.log").write_text(done.stdout, encoding="utf-8")
    return codes


def test_the_workflows_commands(tmp_path: Path) -> None:
    """Do the commands, run as GitHub's runner runs them, grade the checkout and give annotations, summary, SARIF and JUnit?"""
    platforms.hand_in(tmp_path / "checkout", right=False)
    codes = _steps(tmp_path, tmp_path / "checkout", platforms.environment(tmp_path), without="Install")
    assert codes == {"Grade": 0, "Show": 0}
    temp = tmp_path / "runner-temp"
    (line,) = (temp / "Show.log").read_text("utf-8").splitlines()
    assert line.startswith("::error file=modules/secrets/more.tf,line=2,endLine=2,title=secret.no_plaintext%3A ")
    assert (tmp_path / "summary.md").read_text("utf-8").startswith("## Secrets Lab: ")
    sarif = json.loads((temp / "secrets-lab.sarif").read_text("utf-8"))
    (result,) = sarif["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert (tmp_path / "checkout" / place).is_file()
    assert "<testsuite " in (temp / "secrets-lab.junit.xml").read_text("utf-8")
    assert json.loads((temp / "secrets-lab.json").read_text("utf-8"))["submissions"][0]["id"] == "clouds/secrets-ann"


def test_the_workflow_ends_red_when_we_fail(tmp_path: Path) -> None:
    """Is the job red when the grader could not work, and is nothing shown as a mark?"""
    platforms.hand_in(tmp_path / "checkout")
    broken = platforms.environment(tmp_path, LAB_SANDBOX="nonsense")
    codes = _steps(tmp_path, tmp_path / "checkout", broken, without="Install")
    assert codes["Grade"] != 0
    assert codes["Show"] != 0
    assert (tmp_path / "summary.md").read_text("utf-8") == ""
