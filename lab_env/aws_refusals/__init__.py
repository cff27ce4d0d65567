"""What AWS refuses, decided in front of an engine: pure rules of a call's service, operation and parameters.

Both engines ask :func:`refusal` before they see a call: the embedded one in its front (:mod:`lab_env.engine.refusing`), LocalStack
in our plug-in, which carries a copy of this package. So nothing here imports anything but the standard library and itself. What a
rule has to know of the account it asks for with a :class:`Question`, which the engine's side puts to the engine.

No rule without a source in AWS's documentation; each module names its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from . import keys, policies, roles, secrets, task_definition
from .model import Answer, Asking, Call, Question, Refusal, Rule, Verdict, settle, without_questions
from .retries import RETRIED, STOOD_FOR, Retries
from .task_definition import REFUSED as REGISTRATION_REFUSED
from .task_definition import TaskDefinition, why_not_registered

LENIENT = "secrets-lab-lenient"
"""The session token of a caller who gets what others hang on in spite of AWS: keys, roles, secrets, tasks. A grading that has noted
what AWS refuses goes on to judge the rest so. No module can send it: it is the provider block's, which is ours."""

REQUEST_ID = "aws-refuses-this"
"""The request id of an answer of ours: by it an error tells where it comes from."""
_ERROR = re.compile(
    r"operation error (?P<service>[\w ]+): \w+, https response error StatusCode: \d+, "
    rf"RequestID: {REQUEST_ID}, (?:api error )?(?P<code>\w+): "
)
_ATTACHED = without_questions(roles.refuse_attachment)
_NAMED = without_questions(roles.refuse_names)
_RULES: Mapping[tuple[str, str], tuple[Rule, ...]] = {
    **dict.fromkeys(policies.CARRYING, (policies.refuse_policy,)),
    **dict.fromkeys((("kms", name) for name in keys.STATEFUL), (keys.refuse_state,)),
    ("iam", "CreateRole"): (_NAMED, _ATTACHED, policies.refuse_policy),
    ("iam", "PutRolePolicy"): (_NAMED, policies.refuse_policy),
    ("iam", "CreatePolicy"): (_NAMED, policies.refuse_policy),
    ("iam", "AttachRolePolicy"): (_ATTACHED,),
    ("iam", "PutRolePermissionsBoundary"): (_ATTACHED,),
    ("kms", "CreateAlias"): (without_questions(keys.refuse_alias), keys.refuse_target, keys.refuse_state),
    ("kms", "EnableKeyRotation"): (without_questions(keys.refuse_period), keys.refuse_state),
    ("secretsmanager", "CreateSecret"): (secrets.refuse_creation,),
    ("secretsmanager", "PutSecretValue"): (secrets.refuse_new_value,),
    ("secretsmanager", "UpdateSecret"): (secrets.refuse_new_value,),
    ("secretsmanager", "GetSecretValue"): (secrets.refuse_reading,),
    ("ecs", "RegisterTaskDefinition"): (without_questions(task_definition.refuse_registration),),
}
CALLS = frozenset(_RULES)
"""The calls that there are rules for, as (service, operation)."""
CALLS_OF_THE_LENIENT = frozenset(
    [("iam", name) for name in ("PutRolePolicy", "CreatePolicy", "CreatePolicyVersion", "AttachRolePolicy")]
    + [("kms", "CreateAlias")]
)
"""Those of them that are refused to everybody: nothing hangs on a right that AWS does not give, and an alias needs its key."""


def words_of(error: str) -> str | None:
    """An error of Terraform's provider with AWS's code and words, without how the call was made; None: it is no refusal of ours.

    >>> made = "operation error IAM: CreateRole, https response error StatusCode: 400, RequestID: aws-refuses-this, "
    >>> words_of(f"creating IAM Role (a): {made}api error MalformedPolicyDocumentException: Invalid principal in policy.")
    'creating IAM Role (a): MalformedPolicyDocument: Invalid principal in policy.'
    """
    found = _ERROR.search(error)
    if found is None:
        return None
    code = found["code"]
    if code in RETRIED and (code == "MalformedPolicyDocument") != (found["service"] == "IAM"):
        code = RETRIED[code]
    code = STOOD_FOR.get(code, code)
    return f"{error[: found.start()]}{code}: {error[found.end() :]}"


def refusal(call: Call) -> Verdict:
    """Whether AWS refuses a call."""
    for rule in _RULES.get((call.service, call.operation), ()):
        found = yield from rule(call)
        if found is not None:
            return found
    return None


__all__ = [
    "CALLS",
    "CALLS_OF_THE_LENIENT",
    "LENIENT",
    "REGISTRATION_REFUSED",
    "REQUEST_ID",
    "Answer",
    "Asking",
    "Call",
    "Question",
    "Refusal",
    "Retries",
    "TaskDefinition",
    "Verdict",
    "refusal",
    "settle",
    "why_not_registered",
    "words_of",
]
