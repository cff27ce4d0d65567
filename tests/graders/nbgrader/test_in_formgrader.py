"""Formgrader in a real browser: what an instructor sees of a submission that a learner filled with scripts."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from nbgrader.utils import notebook_hash
from playwright.sync_api import Browser, Page, Route

from lab.course import steps
from lab_env.engine import Engine
from lab_env.terraform import Toolchain
from tests.graders.nbgrader.cheats.table import PAYLOAD, SCRIPT
from tests.graders.nbgrader.course import Course, cell_writing, code, markdown, replace, submit
from tests.pictures import picture

pytestmark = pytest.mark.browser
NAME = "02-shell-secret"


@dataclass(frozen=True)
class Server:
    address: str
    token: str


@pytest.fixture(scope="module")
def hostile(released: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A graded submission with scripts wherever a learner can write one: prose, outputs, names and texts in HCL."""
    course = Course(Path(shutil.copytree(released, tmp_path_factory.mktemp("hostile") / "course")))
    handed = course.solved()
    answer = cell_writing(handed, "modules/secrets/secret.tf")
    replace(answer, '"${var.environment}-database-credentials"', f'"{SCRIPT}"')
    answer["source"] += f'\n# {SCRIPT}\nlocals {{\n  password = "hunter2<img src=x onerror={PAYLOAD}>9fK3"\n}}\n'
    cells = handed[NAME]["cells"]
    cells.insert(0, markdown(f'{SCRIPT}<img src="x" onerror="{PAYLOAD}">'))
    cells.insert(0, code(f"print(1)\n{SCRIPT}"))
    page = {"output_type": "display_data", "metadata": {}, "data": {"text/html": SCRIPT}}
    for one in cells:
        if one["cell_type"] == "code":
            one["outputs"] = [page]
    course.hand_in("mallory", handed)
    steps.autograde(course.root, depth="static")
    steps.feedback(course.root)
    return course


@pytest.fixture(scope="module")
def server(hostile: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Formgrader on the hostile submission."""
    with formgrader(hostile, tmp_path_factory.mktemp("server")) as running:
        yield running


@contextmanager
def formgrader(course: Course, tmp_path: Path) -> Iterator[Server]:
    """``lab course formgrader`` on a course."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    home = tmp_path / "home"
    home.mkdir()
    words = [
        sys.executable, "-m", "lab.cli", "course", "formgrader", "--dir", str(course.root), "--port", str(port), "--no-browser",
    ]  # fmt: skip
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
        "JUPYTER_TOKEN": token,
        **{name: str(home) for name in ("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")},
    }
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(words, cwd=course.root, env=environment, stdout=log, stderr=log)
    try:
        _wait(f"http://127.0.0.1:{port}/api", tmp_path / "server.log", process)
        yield Server(f"http://127.0.0.1:{port}/", token)
    finally:
        process.terminate()
        process.wait(20)


def _wait(address: str, log: Path, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(address, timeout=2):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(log.read_text()[-2000:])


def submission_id(course: Course, name: str = NAME) -> str:
    """Formgrader's id of the notebook."""
    with sqlite3.connect(course.root / "gradebook.db") as db:
        query = "SELECT s.id FROM submitted_notebook s JOIN notebook n ON s.notebook_id = n.id WHERE n.name = ?"
        ((found,),) = db.execute(query, (name,)).fetchall()
        return str(found)


def opened(browser: Browser, address: str, **headers: str) -> tuple[Page, list[str]]:
    """A page, and what it asked for elsewhere or said by dialog."""
    page = browser.new_page(extra_http_headers=headers)
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))

    def only_here(route: Route) -> None:
        if re.match(r"(http://127\.0\.0\.1:|file:|data:)", route.request.url):
            route.continue_()
        else:
            route.abort()

    page.route("**/*", only_here)
    page.goto(address, wait_until="load")
    return page, said


def test_the_checklist_is_shown_and_no_script_of_the_learner_runs(
    browser: Browser, server: Server, hostile: Course
) -> None:
    """Does formgrader show marks and checklist, text for text, and run nothing that the learner wrote?"""
    address = f"{server.address}formgrader/submissions/{submission_id(hostile)}/"
    page, said = opened(browser, address, Authorization=f"token {server.token}")
    checklist = page.locator(".lab-checklist")
    assert checklist.count() == 1
    assert "secret.no_plaintext" in checklist.inner_text()
    assert "Next step:" in checklist.inner_text()
    assert SCRIPT in page.locator(".nbgrader_cell").first.inner_text()
    score = page.locator("input.score#secret-check")
    score.wait_for()
    page.wait_for_function("document.querySelector('input.score').placeholder !== ''")
    assert float(score.get_attribute("placeholder") or "-1") == 0
    assert page.evaluate("window.canary") is None
    assert said == []
    assert page.locator(".lab-checklist script, .lab-checklist img").count() == 0
    page.close()


def test_feedback_runs_nothing_either(browser: Browser, hostile: Course) -> None:
    """Does the learner's page of feedback show the same, and run nothing?"""
    path = hostile.root / "feedback" / "mallory" / "secrets-management" / f"{NAME}.html"
    page, said = opened(browser, path.as_uri())
    assert page.locator(".lab-checklist").count() == 1
    assert page.evaluate("window.canary") is None
    assert said == []
    page.close()


@pytest.mark.parametrize(
    "place",
    ["manage_students/{}", "manage_submissions/{}", "gradebook/{}", "manage_students/{}/ps", "gradebook/{}/{}"],
)
def test_a_name_in_an_address_is_text(browser: Browser, server: Server, place: str) -> None:
    """Does a link to formgrader with a script in a name's place, as any web page can send the instructor to, run nothing?"""
    for script in (
        f"<img src=x onerror={PAYLOAD}>",
        f"<script>{PAYLOAD}<&#47;script>",
        f'";{PAYLOAD};"',
        f"\\{PAYLOAD}",
    ):
        path = place.replace("{}", quote(script, safe=""))
        page, said = opened(browser, f"{server.address}formgrader/{path}", Authorization=f"token {server.token}")
        page.wait_for_timeout(300)
        assert page.evaluate("window.canary") is None, place
        assert said == []
        page.close()


@pytest.mark.engine
@pytest.mark.terraform
def test_an_instructor_sees_what_failed_and_why(
    browser: Browser, course: Course, tmp_path: Path, engine: Engine, toolchain: Toolchain
) -> None:
    """Of an honest submission, graded in full: does the check cell show its points, the failing line and the next step?"""
    handed = course.solved()
    replace(cell_writing(handed, "modules/secrets/kms.tf"), "= true", "= false")
    course.hand_in("ann", handed)
    steps.autograde(course.root)
    with formgrader(course, tmp_path) as server:
        address = f"{server.address}formgrader/submissions/{submission_id(course, '01-kms-key')}/"
        page, _ = opened(browser, address, Authorization=f"token {server.token}")
        page.set_viewport_size({"width": 1280, "height": 1000})
        checklist = page.locator(".lab-checklist")
        text = checklist.inner_text()
        assert "kms.rotation" in text
        assert "enable_key_rotation" in text
        assert "Next step:" in text
        page.wait_for_function("document.querySelector('input.score#kms-check').placeholder !== ''")
        assert page.locator("input.score#kms-check").get_attribute("placeholder") == "13"
        checklist.evaluate("list => window.scrollTo(0, list.getBoundingClientRect().top + window.scrollY - 150)")
        picture(page, "formgrader")
        page.close()


def test_the_buttons_hand_feedback_out(browser: Browser, course: Course, inbound: Path, tmp_path: Path) -> None:
    """Do formgrader's buttons make the pages and put them where the learner's `fetch_feedback` looks for them?"""
    secret = "0f" * 64
    (submit(inbound, course, "ann") / "submission_secret.txt").write_text(secret)
    steps.collect(course.root)
    steps.autograde(course.root, depth="static")
    with formgrader(course, tmp_path) as server:
        page, _ = opened(browser, f"{server.address}formgrader", Authorization=f"token {server.token}")
        for button, said in ((".generate-feedback", "generated"), (".release-feedback", "released")):
            page.locator(f"{button} a").click()
            done = page.locator(".modal-body", has_text=f"Successfully {said} feedback")
            done.wait_for()
            page.locator(".modal-footer button", has_text="OK").click()
            done.wait_for(state="detached")
        page.close()
    released = {path.stem for path in (inbound.parent / "feedback").iterdir()}
    assert released == {notebook_hash(secret=secret, notebook_id=name) for name in course.released()}
