"""What differs between two environments' plans beyond the environment's own name."""

from __future__ import annotations

import hashlib
import json
import string
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from graders.evidence.plan import EnvironmentPlan, PlannedResource
from graders.rubric.steps.environments import differences, same_names
from lab_env.hcl.addresses import without_indexes

NAMES = ("dev", "prod", "qa1b2c3")


def resource(
    values: dict[str, Any], unknown: dict[str, Any] | None = None, address: str = "module.secrets.aws_kms_key.this"
) -> PlannedResource:
    kind, name = without_indexes(address).split(".")[-2:]
    return PlannedResource(
        address=address,
        config_address=without_indexes(address),
        mode="managed",
        type=kind,
        name=name,
        index=None,
        values=values,
        unknown=unknown or {},
    )


def plan(environment: str, *resources: PlannedResource) -> EnvironmentPlan:
    return EnvironmentPlan(environment=environment, resources=resources)


def told(left: Any, right: Any, other: str = "prod") -> list[str | None]:
    """The attributes that differ when one argument has these values under dev and under another environment."""
    plans = [plan("dev", resource({"argument": left})), plan(other, resource({"argument": right}))]
    return [difference.attribute for difference in differences(plans)]


def written(name: str) -> dict[str, Any]:
    """Everything that may follow the environment's name."""
    return {
        "name": f"{name}-database-credentials",
        "description": f"Secrets of {name}, not of development ({name.upper()}, {name.capitalize()}).",
        "tags": {"Environment": name, "ManagedBy": "Terraform", f"{name}-owner": "app"},
        "policy": json.dumps({"Resource": [f"arn:{name}-a", "z"], "Sid": name.capitalize()}),
        "days": 7,
        "on": True,
        "set": sorted([f"{name}-x", "k", "m"]),
        "none": None,
    }


@pytest.mark.parametrize("other", NAMES[1:])
def test_names_that_follow(other: str) -> None:
    """Is a module the same in every environment when only names follow it: texts, tags, keys, JSON, cases, set order?"""
    plans = [plan(name, resource(written(name))) for name in ("dev", other)]
    assert differences(plans) == []


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (7, 30),
        (True, False),
        ("t3.small", "t3.large"),
        ("dev-x", "prod-y"),
        ("only-dev", "only-it"),
        ("x-dev-dev", "x-prod-other"),
        (None, "prod"),
        (["a"], ["a", "b"]),
        (["dev", "a"], ["prod", "b"]),
        ({"a": "1"}, {"a": "2"}),
        ({"a": "1"}, {"b": "1"}),
        ({"a": "1"}, {"": "1"}),
        ({"a": "1"}, {"a": "1", "b": "1"}),
        ({"dev": "1", "DEV": "1"}, {"prod": "1", "x": "1"}),
        ('{"cpu": 256}', '{"cpu": 512}'),
        ("dev", "staging"),
        ("prefix", "prod"),
    ],
)
def test_what_depends_on_the_name(left: object, right: object) -> None:
    """Is any other value that is not the same under both environments a difference?"""
    assert told(left, right) == ["argument"]


def test_unchanged_text_with_the_name_in_it() -> None:
    """Is a text that holds the first name and does not follow it no difference here (kms.alias and its like look at that)?"""
    assert told("dev-database", "dev-database") == []
    assert told("a device in dev", "a device in prod") == []


def test_resource_that_is_not_everywhere() -> None:
    """Is a resource that one environment has and the other has not a difference, in both directions?"""
    key, cluster = resource({}), resource({}, address="module.secrets.aws_ecs_cluster.this[0]")
    for plans in ([plan("dev", key), plan("prod", key, cluster)], [plan("dev", key, cluster), plan("prod", key)]):
        (difference,) = differences(plans)
        assert difference.attribute is None
        assert difference.address == "module.secrets.aws_ecs_cluster.this[0]"
        assert "not under" in difference.text


def test_instance_keyed_by_the_name() -> None:
    """Are instances of for_each that are keyed by the environment's name the same resource?"""
    plans = [
        plan(name, resource({"tags": {"E": name}}, address=f'module.secrets.aws_kms_key.this["{name}"]'))
        for name in ("dev", "prod")
    ]
    assert differences(plans) == []


def test_made_in_another_way() -> None:
    """Is a value that is known in one environment and comes from another resource in the other a difference?"""
    plans = [
        plan("dev", resource({}, {"kms_key_id": True})),
        plan("prod", resource({"kms_key_id": None}, {"kms_key_id": False})),
    ]
    assert [d.attribute for d in differences(plans)] == ["kms_key_id"]


def test_every_environment_is_compared() -> None:
    """Is a difference found in the third environment when dev and prod agree?"""
    plans = [plan(name, resource({"days": 7 if name in ("dev", "prod") else 30})) for name in NAMES]
    (difference,) = differences(plans)
    assert (difference.attribute, "qa1b2c3" in difference.text) == ("days", True)


def test_one_environment() -> None:
    """Is a single environment without differences?"""
    assert differences([plan("dev", resource({"days": 7}))]) == []


ENVIRONMENTS = st.text(string.ascii_lowercase + string.digits, min_size=2, max_size=8)
TEXTS = st.text(string.ascii_letters + "-/:_. ", max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 99) | TEXTS | TEXTS.map("{{env}}-".__add__),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def filled(value: Any, environment: str) -> Any:
    if isinstance(value, str):
        return value.replace("{{env}}", environment)
    if isinstance(value, list):
        return [filled(v, environment) for v in value]
    if isinstance(value, dict):
        return {key: filled(v, environment) for key, v in value.items()}
    return value


@given(VALUES, ENVIRONMENTS, ENVIRONMENTS)
def test_any_value_that_follows(value: Any, first: str, other: str) -> None:
    """Is no value a difference that is made of the environment's name and constants alone?"""
    plans = [plan(name, resource({"argument": filled(value, name)})) for name in (first, other)]
    assert differences(plans) == []


@given(VALUES, st.integers(0, 9), st.integers(0, 9))
def test_any_value_that_depends(value: Any, left: int, right: int) -> None:
    """Is a number that differs a difference, wherever it is?"""
    assume(left != right)
    plans = [
        plan(name, resource({"argument": {"inner": [filled(value, name), number]}}))
        for name, number in (("dev", left), ("prod", right))
    ]
    assert [d.attribute for d in differences(plans)] == ["argument"]


def test_json_nested_deeper_than_python_goes() -> None:
    """Is a policy of a hundred thousand brackets compared as the text it is?"""
    deep = "[" * 100_000 + "dev" + "]" * 100_000
    assert told(deep, deep.replace("dev", "prod")) == []
    assert told(deep, deep.replace("dev", "other")) == ["argument"]


def test_a_large_set_in_another_order() -> None:
    """Is a set in another order the same up to some hundreds of members, and does a larger one come to an end?"""
    few, many = ([f"{name}" for name in range(size)] for size in (400, 20_000))
    assert told(few, few[::-1]) == []
    assert told(many, many[::-1]) == ["argument"]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("exec-de", "exec-pr"),  # cut
        ("d-app", "p-app"),
        ("app-34c6fceca75e", "app-bf3dd4d4b8b4"),  # other hashes
    ],
)
def test_cut_names(left: str, right: str) -> None:
    """Is a text that holds the beginning of the name the same, and one with other digits not?"""
    assert bool(told(left, right)) == (left.startswith("app"))


def test_hashed_names() -> None:
    """Is a text with a hash of the environment's name the same in both?"""
    hashed = [hashlib.sha256(name.encode()).hexdigest() for name in ("dev", "prod")]
    assert told(f"app-{hashed[0][:10]}", f"app-{hashed[1][:10]}") == []
    assert told(f"app-{hashed[0][:10]}", f"app-{hashed[0][:9]}x") == ["argument"]


def test_names_of_resources() -> None:
    """Is a name free, and is what repeats it somewhere else the same, while another word there is a choice?"""

    def plans(group: str, words: str) -> list[EnvironmentPlan]:
        address = "module.secrets.aws_cloudwatch_log_group.this"
        return [
            plan(
                "dev", resource({"name": "development"}, address=address), resource({"options": "to development, on"})
            ),
            plan("prod", resource({"name": group}, address=address), resource({"options": words})),
        ]

    assert differences(plans("live", "to live, on")) == []
    assert [d.attribute for d in differences(plans("live", "to live, off"))] == ["options"]


def test_unique_names() -> None:
    """Is a name that must be unique and is the same under two environments told, in any case, and a task's family not?"""
    role, task = "module.secrets.aws_iam_role.this", "module.secrets.aws_ecs_task_definition.this"

    def plans(values: dict[str, Any], other: dict[str, Any], address: str) -> list[EnvironmentPlan]:
        return [
            plan("dev", resource(values, address=address)),
            plan("prod", resource(other, address=address)),
        ]

    assert [r.address for r, _, _ in same_names(plans({"name": "exec"}, {"name": "EXEC"}, role))] == [role]
    assert not [*same_names(plans({"name": "dev-exec"}, {"name": "prod-exec"}, role))]
    assert not [*same_names(plans({"name": None}, {"name": None}, role))]
    assert not [*same_names(plans({"family": "app"}, {"family": "app"}, task))]
