"""The closed lists of what a submission may contain; the types are in :mod:`lab_env.terraform.allowed`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lab_env.hcl import FILE_FUNCTIONS
from lab_env.terraform.allowed import DATA, EPHEMERAL, RESOURCES

MAX_RSA_KEYS = 2
"""Of a plan: the lesson needs none, and the engine makes one in a second or two, in which nobody else is served."""
MAX_PLANNED_RESOURCES: Final = 60
PROVIDER: Final = "registry.terraform.io/hashicorp/aws"
PROVIDER_SOURCES: Final = frozenset({"hashicorp/aws", PROVIDER})


@dataclass(frozen=True)
class BlockRule:
    """What a top-level block may look like.

    :param labels: how many labels it has.
    :param blocks: nested blocks it may have; None when the provider's schema decides, of which Terraform takes care.
    :param types: closed list of its first label, if there is one.
    :param without: arguments it must not have, each with the reason.
    """

    labels: int
    blocks: frozenset[str] | None = frozenset()
    types: frozenset[str] | None = None
    without: Mapping[str, str] = field(default_factory=dict)


_ONE_PROVIDER: Final = {"provider": "the grader gives the one provider there is"}

BLOCKS: Final[Mapping[str, BlockRule]] = {
    "terraform": BlockRule(0, frozenset({"required_providers"})),
    "variable": BlockRule(1, frozenset({"validation"})),
    "locals": BlockRule(0),
    "output": BlockRule(1, frozenset({"precondition"})),
    "resource": BlockRule(2, None, RESOURCES, _ONE_PROVIDER),
    "data": BlockRule(2, None, DATA, _ONE_PROVIDER),
    "ephemeral": BlockRule(2, None, EPHEMERAL, _ONE_PROVIDER),
    "module": BlockRule(
        1,
        frozenset(),
        None,
        {"providers": "the grader gives the one provider there is", "version": "only modules of a registry have one"},
    ),
    "moved": BlockRule(0),
    "removed": BlockRule(0, frozenset({"lifecycle"})),
    "check": BlockRule(1, frozenset({"data", "assert"})),
}
"""Every top-level block that may be there."""

REFUSED_BLOCKS: Final[Mapping[str, str]] = {
    "provider": "the grader gives the provider; even an empty block sends it looking for real credentials",
    "import": "the account is fresh, there is nothing to import",
    "provisioner": "it runs programs on the grader's machine",
    "connection": "it connects to other machines",
    "backend": "state is kept by the grader",
    "cloud": "state is kept by the grader",
    "action": "it runs actions on the grader's machine",
    "action_trigger": "it runs actions on the grader's machine",
}
"""The reason for the refusals that people ask about; every other block is refused by not being listed."""

_GENERATED: Final = (
    'a password that AWS makes comes from ephemeral "aws_secretsmanager_random_password" and goes into secret_string_wo, '
    "so that no state holds it"
)
_NO_FUNCTION: Final = (
    "rotation needs a function in AWS Lambda, which this lab has not; the lab sets a new password from outside, as a rotation "
    "would, and looks whether Terraform leaves it alone"
)
_NO_PROGRAM: Final = "nothing in this lesson runs programs or waits for them"
_NO_NETWORK: Final = "the lab registers the task and starts it without a network"
_NO_DATABASE: Final = "the lab has no database, only the secret that its password is in"
_ROLE: Final = "a task gets its rights from its execution role, an aws_iam_role"

INSTEAD: Final[Mapping[str, str]] = {
    **dict.fromkeys(("random_password", "random_string", "random_id", "random_uuid", "random_bytes"), _GENERATED),
    **dict.fromkeys(("aws_secretsmanager_random_password", "tls_private_key"), _GENERATED),
    **dict.fromkeys(
        ("aws_secretsmanager_secret_rotation", "aws_lambda_function", "aws_lambda_permission"), _NO_FUNCTION
    ),
    **dict.fromkeys(("null_resource", "terraform_data", "external", "http", "time_sleep"), _NO_PROGRAM),
    **dict.fromkeys(("aws_vpc", "aws_subnet", "aws_security_group", "aws_subnets", "aws_lb"), _NO_NETWORK),
    **dict.fromkeys(("aws_db_instance", "aws_rds_cluster", "aws_rds_cluster_instance"), _NO_DATABASE),
    **dict.fromkeys(("aws_iam_user", "aws_iam_access_key", "aws_iam_group", "aws_iam_instance_profile"), _ROLE),
    "aws_iam_policy_attachment": "attach the policy with aws_iam_role_policy_attachment, which leaves other roles alone",
    "aws_kms_grant": "give the right in a policy, of the role or of the key",
    "aws_kms_external_key": "make the key with aws_kms_key",
    "aws_kms_replica_key": "make the key with aws_kms_key; one region is enough here",
    "aws_kms_secrets": "it puts what it decrypts into the state",
    "aws_kms_ciphertext": "it puts what it encrypts into the state",
    "aws_ssm_parameter": "this lesson keeps the password in Secrets Manager",
    "local_file": "a secret in a file is what this lesson avoids",
    "local_sensitive_file": "a secret in a file is what this lesson avoids",
    "terraform_remote_state": "a state of somebody else's is not there; pass what you need as a variable with a default",
}
"""What to write in the place of types that people bring, or why there is nothing."""

NEVER_NESTED: Final = frozenset({"provisioner", "connection", "backend", "cloud", "provider", "action_trigger"})
"""Refused at any depth, whatever the block around them."""

REQUIRED_PROVIDER_KEYS: Final = frozenset({"source", "version"})

PATH_FUNCTIONS: Final = FILE_FUNCTIONS
"""They read a file: a literal path of a text file inside the module is the only one that exists for the grader."""

REFUSED_FUNCTIONS: Final[Mapping[str, str]] = {
    "abspath": "it tells where the grader's files are",
    "fileset": "it lists the grader's files",
    "pathexpand": "it reads the grader's home directory",
    # It reads text as a template when Terraform runs: what stands here as a string or an escaped $${ is code there, which nobody
    # has checked, and which calls at least abspath. The file of templatefile is there to be checked.
    "templatestring": "it runs text that the grader has not read as code; write the text where it is used",
}

RESTLESS_FUNCTIONS: Final = frozenset({"bcrypt", "plantimestamp", "timestamp", "uuid"})
"""Another result with every run: allowed, because what they do to a secret is for the drills to show, but noted."""

REFUSED_NAMES: Final[Mapping[str, str]] = {
    "path.cwd": "it tells where the grader's files are",
    "path.root": "it tells where the grader's files are; use path.module",
}
