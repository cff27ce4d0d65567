"""Reading ``terraform show -json``: environments, addresses, what is known."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from graders.evidence.plan import read_environment, third_environment


@given(st.binary(min_size=32, max_size=32))
def test_third_environment(digest: bytes) -> None:
    """Is the third name derived from the digest, short, a name that AWS accepts anywhere, and neither dev nor prod?"""
    name = third_environment(f"sha256:{digest.hex()}")
    assert name == third_environment(f"sha256:{digest.hex()}")
    assert re.fullmatch(r"qa[0-9a-f]{5}", name)
    assert name[2:] == digest.hex()[:5]


def test_third_environment_differs() -> None:
    """Does another submission get another name?"""
    assert third_environment("sha256:" + "0" * 64) != third_environment("sha256:" + "1" * 64)


def change(address: str, *, after: Any = None, unknown: Any = None, mode: str = "managed") -> dict[str, Any]:
    kind, name = address.split(".")[-2:]
    return {
        "address": address,
        "mode": mode,
        "type": kind,
        "name": name.split("[")[0],
        "change": {"actions": ["create"], "after": after, "after_unknown": {} if unknown is None else unknown},
    }


PLAN = {
    "resource_changes": [
        change("module.secrets_2.aws_kms_key.this", after={"description": "prod"}),
        change("module.secrets.module.store.aws_secretsmanager_secret.this[0]", after={"name": "dev"}),
        change("module.secrets.aws_kms_key.this", after={"description": "dev"}, unknown={"arn": True, "tags": {}}),
        change("aws_kms_key.outside", after={}),
        change("module.secrets.aws_kms_key.gone", after=None, unknown=False),
    ],
    "prior_state": {
        "values": {
            "root_module": {
                "resources": [],
                "child_modules": [
                    {
                        "address": "module.secrets",
                        "resources": [
                            {
                                "address": "module.secrets.data.aws_region.now",
                                "mode": "data",
                                "type": "aws_region",
                                "name": "now",
                                "values": {"name": "us-east-1"},
                            }
                        ],
                    },
                    {
                        "address": "module.secrets_2",
                        "resources": [
                            {
                                "address": "module.secrets_2.data.aws_region.now",
                                "mode": "data",
                                "type": "aws_region",
                                "name": "now",
                                "values": {},
                            }
                        ],
                    },
                ],
            }
        }
    },
}


def test_read_environment_takes_one_call_only() -> None:
    """Does each environment get its own call's resources, child modules and data sources read at plan time included?"""
    dev = read_environment(PLAN, "secrets", "dev")
    assert [r.address for r in dev.resources] == [
        "module.secrets.aws_kms_key.gone",
        "module.secrets.aws_kms_key.this",
        "module.secrets.data.aws_region.now",
        "module.secrets.module.store.aws_secretsmanager_secret.this[0]",
    ]
    assert dev.environment == "dev"
    assert dev.ok


def test_addresses_are_the_learners_own() -> None:
    """Are the second call's addresses written as the first one's, so that both can be compared?"""
    prod = read_environment(PLAN, "secrets_2", "prod")
    assert [r.address for r in prod.resources] == [
        "module.secrets.aws_kms_key.this",
        "module.secrets.data.aws_region.now",
    ]
    assert prod.of_type("aws_kms_key")[0].values == {"description": "prod"}


def test_config_address_and_types() -> None:
    """Is an instance found by its block's address and by its type, a data source only by its address?"""
    dev = read_environment(PLAN, "secrets", "dev")
    (stored,) = dev.at("module.secrets.module.store.aws_secretsmanager_secret.this")
    assert stored.values == {"name": "dev"}
    assert [r.name for r in dev.of_type("aws_kms_key", "aws_region")] == ["gone", "this"]


def test_known() -> None:
    """Is an attribute unknown when it or any part of it is known after apply only?"""
    key = read_environment(
        {
            "resource_changes": [
                change(
                    "module.secrets.aws_kms_key.k",
                    after={},
                    unknown={"arn": True, "tags": {"a": True}, "list": [False, {"b": True}], "none": {}, "no": False},
                )
            ]
        },
        "secrets",
        "dev",
    ).resources[0]
    assert [name for name in ("arn", "tags", "list", "none", "no", "absent") if key.known(name)] == [
        "none",
        "no",
        "absent",
    ]


def test_empty_plan() -> None:
    """Is a plan without changes and prior state no resources?"""
    assert read_environment({}, "secrets", "dev").resources == ()
