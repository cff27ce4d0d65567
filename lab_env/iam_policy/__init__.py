"""IAM policies: reading, deciding, explaining, and telling what they grant beyond need.

The package decides as AWS documents it and says "undetermined" where AWS's documentation or our knowledge ends.
"""

from lab_env.iam_policy.actions import all_actions, allowed_actions, expand_actions, has_resources
from lab_env.iam_policy.conditions import OPERATORS
from lab_env.iam_policy.document import (
    NamedPolicy,
    PolicyDocument,
    PolicyKind,
    PolicySyntaxError,
    Statement,
    UnknownPolicy,
    default_key_policy,
    named_policy,
    parse_document,
)
from lab_env.iam_policy.evaluation import Decision, Request, Unread, evaluate
from lab_env.iam_policy.granted import Grantee, grantees
from lab_env.iam_policy.least_privilege import Allowance, AttachedPolicy, Excess, excess, execution_role_allowance
from lab_env.iam_policy.managed import (
    managed_policy,
    managed_policy_arns,
    managed_policy_text,
    managed_policy_version,
    named_managed_policy,
)
from lab_env.iam_policy.principals import Principal
from lab_env.iam_policy.requests import (
    ECS_TASKS,
    assumes_role,
    decrypts_for_secret,
    ecs_assumes_role,
    reads_secret,
    service_assumes_role,
    uses_key,
    writes_role,
)
from lab_env.iam_policy.role import Identity, PolicyText, Role, managed_document, read_role

__all__ = [
    "ECS_TASKS",
    "OPERATORS",
    "Allowance",
    "AttachedPolicy",
    "Decision",
    "Excess",
    "Grantee",
    "Identity",
    "NamedPolicy",
    "PolicyDocument",
    "PolicyKind",
    "PolicySyntaxError",
    "PolicyText",
    "Principal",
    "Request",
    "Role",
    "Statement",
    "UnknownPolicy",
    "Unread",
    "all_actions",
    "allowed_actions",
    "assumes_role",
    "decrypts_for_secret",
    "default_key_policy",
    "ecs_assumes_role",
    "evaluate",
    "excess",
    "execution_role_allowance",
    "expand_actions",
    "grantees",
    "has_resources",
    "managed_document",
    "managed_policy",
    "managed_policy_arns",
    "managed_policy_text",
    "managed_policy_version",
    "named_managed_policy",
    "named_policy",
    "parse_document",
    "read_role",
    "reads_secret",
    "service_assumes_role",
    "uses_key",
    "writes_role",
]
