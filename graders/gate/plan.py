"""The second check: the plan against the same lists, before it is applied.

Between HCL and plan stand count, for_each and Terraform itself; the plan says what would really be made, by which
provider.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graders.gate.lists import MAX_PLANNED_RESOURCES, MAX_RSA_KEYS, PROVIDER
from graders.model import SourceDiagnostic
from lab_env.terraform.allowed import DATA, EPHEMERAL, RESOURCES

Json = Mapping[str, Any]


def check_plan(plan: Json) -> tuple[SourceDiagnostic, ...]:
    """Check ``terraform show -json`` of a plan.

    A plan of several environments holds the module several times; the limit is on each call of the root.

    :return: one violation for each thing that is not allowed; empty when the plan may be applied.
    """
    found: dict[str, SourceDiagnostic] = {}

    def refuse(message: str, address: str | None = None) -> None:
        found.setdefault(f"{address}\0{message}", SourceDiagnostic(summary=message, address=address))

    planned = plan.get("planned_values")
    configuration = plan.get("configuration")
    if not isinstance(planned, Mapping) or not isinstance(configuration, Mapping):
        refuse("The plan has no planned values or no configuration, so it cannot be checked.")
        return tuple(found.values())
    count: dict[str, int] = {}
    slow: dict[str, int] = {}
    for resource in _resources(planned.get("root_module") or {}):
        _check_resource(resource, refuse)
        if resource.get("mode") == "managed":
            call = ".".join(str(resource.get("address", "")).split(".")[:2])
            count[call] = count.get(call, 0) + 1
            slow[call] = slow.get(call, 0) + _is_slow(resource)
    for change in plan.get("resource_changes") or ():
        _check_resource(change, refuse)
    for call, number in sorted(count.items()):
        if number > MAX_PLANNED_RESOURCES:
            refuse(f"{number} resources are planned (at most {MAX_PLANNED_RESOURCES}).", call)
    for call, number in sorted(slow.items()):
        if number > MAX_RSA_KEYS:
            refuse(f"{number} RSA keys are planned (at most {MAX_RSA_KEYS}).", call)
    for name, config in (configuration.get("provider_config") or {}).items():
        # A nested module that only inherits the provider is listed as well, without any expression of its own.
        own = config.get("module_address") and config.get("expressions")
        if config.get("full_name") != PROVIDER or config.get("alias") or own:
            refuse(f"The provider configuration {name} is not the grader's own.")
    for address, resource in _configured(configuration.get("root_module") or {}, ""):
        if resource.get("type") not in _types(resource):
            refuse(f"The type {resource.get('type')} is not part of this lab.", address)
        if resource.get("provisioners"):
            refuse("A provisioner is not allowed: it runs programs on the grader's machine.", address)
    return tuple(found[key] for key in sorted(found))


def _check_resource(resource: Json, refuse: Any) -> None:
    address, kind = str(resource.get("address")), resource.get("type")
    if kind not in _types(resource):
        refuse(f"The type {kind} is not part of this lab.", address)
    if resource.get("provider_name") != PROVIDER:
        refuse(f"The provider {resource.get('provider_name')} is not part of this lab.", address)


def _is_slow(resource: Json) -> bool:
    """Whether making it takes the engine, which everybody is on, a second or two."""
    values = resource.get("values") or {}
    return resource.get("type") == "aws_kms_key" and str(values.get("customer_master_key_spec")).startswith("RSA")


def _types(resource: Json) -> frozenset[str]:
    lists = {"managed": RESOURCES, "data": DATA, "ephemeral": EPHEMERAL}
    return lists.get(str(resource.get("mode")), frozenset())


def _resources(module: Json) -> Iterator[Json]:
    pending = [module]
    while pending:
        current = pending.pop()
        yield from current.get("resources") or ()
        pending.extend(current.get("child_modules") or ())


def _configured(module: Json, prefix: str) -> Iterator[tuple[str, Json]]:
    for resource in module.get("resources") or ():
        yield f"{prefix}{resource.get('address')}", resource
    for name, call in (module.get("module_calls") or {}).items():
        yield from _configured(call.get("module") or {}, f"{prefix}module.{name}.")
