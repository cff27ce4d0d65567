"""Can a web page use an engine through the browser that it is opened in? Asked with a real Chromium and real engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from lab_env.engine import Account, Engine, fresh_account, sessions
from tests.chromium import executable, launched
from tests.conftest import missing
from tests.lab_env.engine.pages import WAYS, Stage, stage

pytestmark = [pytest.mark.browser, pytest.mark.engine]
SITES = {"near": "127.0.0.1", "far": "localhost"}
"""Where the page is: on the engine's own site, with another port, and on another site."""


@pytest.fixture(scope="module")  # no longer: it keeps an event loop running, and other tests start their own
def browser() -> Iterator[Browser]:
    program = executable()
    if program is None:
        missing("there is no Chromium on PATH")
    with sync_playwright() as playwright:
        started = launched(playwright, program)
        yield started
        started.close()


@pytest.fixture(params=["embedded", pytest.param("localstack", marks=pytest.mark.longest)])
def called(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """An engine that pages may try to call, and an account on it."""
    running: Engine = request.getfixturevalue({"embedded": "engine", "localstack": "localstack_engine"}[request.param])
    with stage(running.endpoint, fresh_account(running).id) as here:
        yield here


def users(here: Stage) -> list[str]:
    """The users of the stage's account."""
    found = sessions.client(Account(here.account, here.engine), "iam").list_users()["Users"]
    return sorted(user["UserName"] for user in found)


def test_no_page_reaches_the_engine(browser: Browser, called: Stage) -> None:
    """Does a page of another origin come to nothing, whatever way it makes the browser send a request that creates a user?"""
    for site, host in SITES.items():
        page = browser.new_page()
        page.goto(f"http://{host}:{called.pages}/{site}")
        called.await_all({f"{way}-{site}" for way in WAYS if way != "navigation"})
        page.click("#go")
        called.await_all({f"navigation-{site}"})
        page.close()
    assert {name: seen for name, seen in called.passed.items() if {one.status for one in seen} != {404}} == {}
    # They were what they were meant to be: the browser's own words on where they came from, near and far.
    assert {one.site for one in called.passed["img-near"] + called.passed["img-far"]} == {"same-site", "cross-site"}
    assert {one.method for one in called.passed["fetch-signed-far"]} == {"OPTIONS"}
    assert users(called) == []


def test_no_address_reaches_the_engine(browser: Browser, called: Stage) -> None:
    """Does an address that somebody was talked into opening, of which the browser says no site, come to nothing?"""
    page = browser.new_page()
    page.goto(called.address("typed"))
    page.close()
    assert [(one.site, one.status) for one in called.passed["typed"]] == [("none", 404)]
    assert users(called) == []


def test_a_program_reaches_the_engine(called: Stage) -> None:
    """Does the same request, as boto3 signs it, create a user by the same way?"""
    sessions.client(Account(called.account, called.url), "iam").create_user(UserName="program")
    assert [(one.method, one.status) for one in called.passed["program"]] == [("POST", 200)]
    assert users(called) == ["program"]
    sessions.forget(called.url)
