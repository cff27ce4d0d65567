"""Fixtures of the whole suite: the real engine, the real Terraform, and how a missing one is treated.

On a user's machine a missing part skips its tests with a reason; under ``CI=true`` it fails them: a green run must mean
that everything ran.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from datetime import date
from typing import NoReturn

import pytest

from lab_env.engine import Account, Engine, connect, fresh_account, localstack, localstack_home, stop
from lab_env.errors import LabError
from lab_env.terraform import Toolchain, find_toolchain

STATE = pytest.StashKey[str]()
PARTS = 12
"""In how many days the slow roads see the whole corpus."""
NEEDS = {
    "engine": {"engine", "account", "localstack_engine"},
    "terraform": {"toolchain"},
    "browser": {"browser"},
    "slow": {"released", "jupyterlab", "dask", "from_nbgrader", "wheel"},
}
"""Marker by the fixtures that bring what it says. What a test starts without a fixture is marked in its file."""


def pytest_configure(config: pytest.Config) -> None:
    """One state directory for the run and all its workers, so that no engine of the user's is used or stopped.

    Ctrl-C means something in each of them: a shell has what it starts in the background ignore it, and whoever is started from
    there, so a test that interrupts would wait for ever.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if not hasattr(config, "workerinput"):
        # Which part of the corpus takes the slow roads (tests/graders/everywhere.py); set here, all workers agree at midnight.
        os.environ.setdefault("CORPUS_PART", f"{date.today().toordinal() % PARTS + 1}/{PARTS}")
        config.stash[STATE] = os.environ["LAB_STATE_DIR"] = tempfile.mkdtemp(prefix="lab-tests-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the run's engine, which the workers share, when the last of them is done."""
    state = config.stash.get(STATE, None)
    if state is not None:
        os.environ["LAB_STATE_DIR"] = state
        stop(purge=True)
        shutil.rmtree(state, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """Whoever uses the engine, Terraform or the browser has its marker, before ``-m`` selects."""
    for marker, fixtures in NEEDS.items():
        if fixtures & set(getattr(item, "fixturenames", ())):
            item.add_marker(marker)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that the other workers do the rest meanwhile."""
    items.sort(key=lambda item: item.get_closest_marker("longest") is None)


def missing(what: str) -> NoReturn:
    """Skip loudly, or fail where everything must be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI=true and {what}")
    pytest.skip(f"NOT TESTED: {what}")


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The embedded engine of this test run."""
    try:
        return connect("embedded")
    except LabError as error:
        missing(f"the embedded engine does not start: {error}")


@pytest.fixture
def account(engine: Engine) -> Account:
    """A fresh account."""
    return fresh_account(engine)


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    """Terraform and the provider."""
    try:
        return find_toolchain()
    except LabError as error:
        missing(f"Terraform or the provider is missing: {error}")


@pytest.fixture(scope="session")
def localstack_engine() -> Iterator[Engine]:
    """A LocalStack of this test run, on a free port."""
    try:
        localstack_home.prepare(print)
    except LabError as error:
        missing(f"LocalStack is not there: {error}")
    with localstack.private_localstack() as engine:
        yield engine
