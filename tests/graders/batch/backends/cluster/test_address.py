"""Addresses: Dask's wire runs programs for whoever can connect, so which ones are used at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.batch.backends.cluster import ClusterError
from graders.batch.backends.cluster import address as address_module
from graders.batch.backends.cluster.address import (
    check_scheduler,
    check_worker,
    checked_address,
    own_addresses,
    security_for,
)
from lab_env.errors import UsageError


@pytest.mark.parametrize(
    ("address", "plain"),
    [
        ("tcp://127.0.0.1:8786", "tcp://127.0.0.1:8786"),
        ("tcp://localhost:8786/", "tcp://localhost:8786"),
        ("tcp://[::1]:8786", "tcp://[::1]:8786"),
        ("tls://cluster.example.edu:8786", "tls://cluster.example.edu:8786"),
    ],
)
def test_accepted(address: str, plain: str) -> None:
    """Are loopback and TLS taken without further words?"""
    assert checked_address(address, {}) == plain


@pytest.mark.parametrize("address", ["tcp://10.0.0.5:8786", "tcp://scheduler:8786", "tcp://127.0.0.1.example.edu:1"])
def test_elsewhere(address: str) -> None:
    """Is plain TCP to another machine refused with what to do, unless LAB_ALLOW_REMOTE names that very host?"""
    host = address.split("//")[1].split(":")[0]
    with pytest.raises(UsageError, match="not on this machine") as refused:
        checked_address(address, {"LAB_ALLOW_REMOTE": "other.example.edu"})
    assert "tls://" in (refused.value.next_step or "")
    assert checked_address(address, {"LAB_ALLOW_REMOTE": f"other.example.edu, {host}"}) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "127.0.0.1:8786",
        "tcp://",
        "tcp://127.0.0.1",
        "tcp://127.0.0.1:port",
        "tcp://127.0.0.1:99999",
        "http://127.0.0.1:8786",
        "inproc://127.0.0.1:8786",
        "tcp://somebody:password@127.0.0.1:8786",
        "tcp://127.0.0.1:8786/status",
        "tcp://[::1:8786",
    ],
)
def test_no_address(address: str) -> None:
    """Is anything else a wrong call, with an example, and no password in the message?"""
    with pytest.raises(UsageError, match="not an address of a Dask scheduler") as refused:
        checked_address(address, {})
    assert "tcp://127.0.0.1:8786" in (refused.value.next_step or "")
    assert "password" not in refused.value.message


@pytest.mark.parametrize(
    ("reached", "advertised", "allowed"),
    [
        ("tcp://127.0.0.1:8786", "tcp://127.0.0.1:8786", ""),
        ("tcp://127.0.0.1:8786", "tcp://172.18.0.2:8786", ""),  # a container's published port, or a tunnel
        ("tcp://127.0.0.1:8786", "tcp://10.0.0.5:8786", "10.0.0.5"),
        ("tcp://scheduler:8786", "tcp://10.0.0.5:8786", "scheduler"),
        ("tls://127.0.0.1:8786", "tls://10.0.0.5:8786", ""),
    ],
)
def test_scheduler(reached: str, advertised: str, allowed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a scheduler taken that listens on loopback only, somewhere else, over TLS, or where the user trusts the network?"""
    monkeypatch.setattr(address_module, "own_addresses", lambda: frozenset({"127.0.0.1", "10.0.0.5"}))
    check_scheduler(reached, advertised, {"LAB_ALLOW_REMOTE": allowed})


def test_scheduler_that_listens_on_the_network_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a scheduler of this machine refused that we reach on loopback and everybody else on the network?"""
    monkeypatch.setattr(address_module, "own_addresses", lambda: frozenset({"127.0.0.1", "10.0.0.5"}))
    with pytest.raises(ClusterError, match=r"10\.0\.0\.5 too, without TLS") as refused:
        check_scheduler("tcp://localhost:8786", "tcp://10.0.0.5:8786", {"LAB_ALLOW_REMOTE": "scheduler"})
    assert "--host 127.0.0.1" in (refused.value.next_step or "")


def test_own_addresses() -> None:
    """Does a machine know its own addresses, loopback at least?"""
    assert "127.0.0.1" in own_addresses()


@pytest.mark.parametrize(
    ("listens", "scheduler", "allowed", "good"),
    [
        (("tcp://127.0.0.1:1",), "tcp://127.0.0.1:8786", "", True),
        (("tls://0.0.0.0:1",), "tls://10.0.0.5:8786", "", True),
        (("tcp://0.0.0.0:1",), "tcp://scheduler:8786", "scheduler", True),
        (("tcp://0.0.0.0:1",), "tcp://127.0.0.1:8786", "", False),
        (("tcp://0.0.0.0:1",), "tcp://127.0.0.1:8786", "scheduler", False),
        (("tcp://[::]:1",), "tcp://[::1]:8786", "", False),
        (("tcp://127.0.0.1:1", "tcp://10.0.0.6:1"), "tcp://127.0.0.1:8786", "", False),
        (("tcp://0.0.0.0:1",), "tcp://scheduler:8786", "", False),
    ],
)
def test_worker(listens: tuple[str, ...], scheduler: str, allowed: str, good: bool) -> None:
    """Does a worker grade only where nobody else can reach it, over TLS, or in a network that its environment trusts?"""
    environ = {"LAB_ALLOW_REMOTE": allowed}
    if good:
        check_worker(listens, scheduler, environ)
        return
    with pytest.raises(ClusterError, match="without TLS") as refused:
        check_worker(listens, scheduler, environ)
    assert "--host 127.0.0.1" in (refused.value.next_step or "")


def test_without_certificates(tmp_path: Path) -> None:
    """Is TLS never tried without certificates, or with files that hold none?"""
    import dask

    with pytest.raises(ClusterError, match="no certificates"):
        security_for("tls://127.0.0.1:8786")
    empty = tmp_path / "empty.pem"
    empty.write_text("")
    named = {f"distributed.comm.tls.{name}": str(empty) for name in ("ca-file", "client.cert", "client.key")}
    with dask.config.set(named), pytest.raises(ClusterError, match="cannot be used"):
        security_for("tls://127.0.0.1:8786")
