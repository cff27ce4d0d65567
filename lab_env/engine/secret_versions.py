"""Mends four of the engine's Secrets Manager calls, of which the lesson and its drills make use.

* A PutSecretValue that comes again under its token is ignored, and another value under that token is refused (Secrets Manager
  API Reference, PutSecretValue, ``ClientRequestToken``). MiniStack takes it for a new version and moves the labels, so that
  ``AWSPREVIOUS`` is lost.
* The token of an UpdateSecret with a value is the new version's id, and refused when it is one already (UpdateSecret). MiniStack
  makes an id of its own.
* ``DeletedDate`` is when a secret was deleted (SecretListEntry: "the date and time the deletion of the secret occurred"), and
  DeleteSecret's ``DeletionDate`` the end of its recovery window. MiniStack tells the second for both.
* A secret that is created without a value has no version (CreateSecret: "if you include SecretString or SecretBinary", one is
  made). MiniStack makes one without a value.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

Answer = tuple[int, dict[str, str], bytes]
"""MiniStack's: HTTP's status, headers, body."""
Parameters = dict[str, Any]
Operation = Callable[[Parameters], Answer]
Secret = dict[str, Any]
Find = Callable[[Parameters], Secret | None]
_VALUES = ("SecretString", "SecretBinary")
_OK, _REFUSED = 200, 400  # HTTP's


def mend_secrets_manager() -> None:
    """Make the engine do so. There is no setting for that, hence the pinned ministack."""
    from ministack.services import secretsmanager as engine

    resolve: Callable[[Any], tuple[str | None, Secret | None]] = engine._resolve

    def find(parameters: Parameters) -> Secret | None:
        return resolve(parameters.get("SecretId") or parameters.get("Name"))[1]

    mending = {
        "_put_secret_value": put_once,
        "_update_secret": update_under_token,
        "_delete_secret": delete_now,
        "_create_secret": create_shell,
    }
    vars(engine).update({name: mended(vars(engine)[name], find) for name, mended in mending.items()})


def put_once(put: Operation, find: Find) -> Operation:
    """PutSecretValue, which makes one version for a token."""

    def mended(parameters: Parameters) -> Answer:
        secret, token = find(parameters), parameters.get("ClientRequestToken")
        if secret is None or secret.get("DeletedDate") or token not in secret["Versions"]:
            return put(parameters)
        version = secret["Versions"][token]
        if any(version.get(name) != parameters.get(name) for name in _VALUES):
            return _token_used(secret, token)
        told = {"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token, "VersionStages": version["Stages"]}
        return _answer(_OK, told)

    return mended


def update_under_token(update: Operation, find: Find) -> Operation:
    """UpdateSecret, whose token is the new version's id."""

    def mended(parameters: Parameters) -> Answer:
        secret, token = find(parameters), parameters.get("ClientRequestToken")
        if secret is None or secret.get("DeletedDate") or token is None or not _has_value(parameters):
            return update(parameters)
        if token in secret["Versions"]:
            return _token_used(secret, token)
        status, headers, body = update(parameters)
        if status != _OK:
            return status, headers, body
        answer = json.loads(body)
        secret["Versions"][token] = secret["Versions"].pop(answer["VersionId"])
        return _answer(_OK, {**answer, "VersionId": token})

    return mended


def delete_now(delete: Operation, find: Find) -> Operation:
    """DeleteSecret, which notes when it was called."""

    def mended(parameters: Parameters) -> Answer:
        answer = delete(parameters)
        secret = find(parameters)
        if answer[0] == _OK and secret is not None:
            secret["DeletedDate"] = int(time.time())
        return answer

    return mended


def create_shell(create: Operation, find: Find) -> Operation:
    """CreateSecret, which makes a version where there is a value for it."""

    def mended(parameters: Parameters) -> Answer:
        status, headers, body = create(parameters)
        secret = find(parameters)
        if status != _OK or secret is None or _has_value(parameters):
            return status, headers, body
        secret["Versions"].clear()
        return _answer(_OK, {name: value for name, value in json.loads(body).items() if name != "VersionId"})

    return mended


def _has_value(parameters: Mapping[str, Any]) -> bool:
    return any(parameters.get(name) is not None for name in _VALUES)


def _token_used(secret: Secret, token: object) -> Answer:
    said = (
        f"You can't use ClientRequestToken {token} because that value is already in use for a version of "
        f"secret {secret['ARN']}."
    )
    return _answer(_REFUSED, {"__type": "ResourceExistsException", "message": said})


def _answer(status: int, body: Mapping[str, Any]) -> Answer:
    return status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(body).encode()
