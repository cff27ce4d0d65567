"""TLS: with certificates of one authority on all ends, and with no others."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterator
from pathlib import Path

import dask as dask_package
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from graders.batch.backends.cluster import ClusterError, client
from graders.grade import grade
from graders.model import Depth
from tests.graders.batch.backends.cluster.conftest import Class, Dask, connected, dask_at, timeless

pytestmark = pytest.mark.slow

_NOW = datetime.datetime.now(datetime.UTC)


def certificates(directory: Path) -> dict[str, str]:
    """An authority of its own and one certificate for all ends; by the name of Dask's setting, the file's."""
    directory.mkdir()
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    (directory / "ca.pem").write_bytes(_signed("authority", authority, authority, is_authority=True))
    (directory / "cert.pem").write_bytes(_signed("cluster", key, authority, is_authority=False))
    (directory / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    files = {"cert": str(directory / "cert.pem"), "key": str(directory / "key.pem")}
    ends = {f"{end}.{what}": path for end in ("client", "scheduler", "worker") for what, path in files.items()}
    return {
        f"distributed.comm.tls.{name}": path for name, path in {"ca-file": str(directory / "ca.pem"), **ends}.items()
    }


def as_variables(settings: dict[str, str]) -> dict[str, str]:
    """The same as environment variables, as Dask reads them."""
    return {f"DASK_{name.upper().replace('.', '__').replace('-', '_')}": path for name, path in settings.items()}


def _signed(name: str, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey, *, is_authority: bool) -> bytes:
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_NOW - datetime.timedelta(days=1))
        .not_valid_after(_NOW + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .sign(by, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return certificates(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def secured(ours: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dask]:
    """A scheduler that speaks TLS only, and a worker that listens on every interface, over TLS as well."""
    home = tmp_path_factory.mktemp("dask")
    with dask_at(home, "--host", "tls://127.0.0.1", environ=as_variables(ours)) as running:
        running.worker("one")
        with dask_package.config.set(ours):
            running.await_workers(1)
        yield running


def test_with_certificates(secured: Dask, ours: dict[str, str], tmp_path: Path) -> None:
    """Does grading over TLS say what is said here?"""
    handed_in = Class(tmp_path, "reference")
    assert secured.address.startswith("tls://")
    with dask_package.config.set(ours), connected(secured.address) as cluster:
        found = handed_in.graded(cluster)
    assert timeless(found["reference"].result) == timeless(grade(handed_in.refs[0], depth=Depth.STATIC).result)


def test_without_certificates(secured: Dask) -> None:
    """Is no connection tried without certificates?"""
    with pytest.raises(ClusterError, match="no certificates") as refused, connected(secured.address):
        pass
    assert "DASK_DISTRIBUTED__COMM__TLS__CA_FILE" in (refused.value.next_step or "")


@pytest.mark.parametrize("settings", ["theirs", "plain"])
def test_strangers(
    secured: Dask, ours: dict[str, str], settings: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Does who has another authority's certificate, or speaks plain TCP, get no answer?"""
    monkeypatch.setattr(client, "SCHEDULER_S", 3.0)
    with contextlib.ExitStack() as stack:
        address = secured.address
        if settings == "theirs":
            stack.enter_context(dask_package.config.set(certificates(tmp_path / "theirs")))
        else:
            address = address.replace("tls://", "tcp://")
        with pytest.raises(ClusterError, match="no Dask scheduler at"), connected(address):
            pass
