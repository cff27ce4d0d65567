"""The Version of a policy is our refusals' matter, which stand in front: moto asks inline policies for it, too.

AWS takes an inline policy without one as a policy of 2008-10-17, and refuses only a managed policy that is not of 2012-10-17.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
"""

from __future__ import annotations

from typing import Any

from moto.iam.policy_validation import IAMPolicyDocumentValidator


def take_policies_without_version() -> None:
    """From now on, moto minds no policy's Version."""
    IAMPolicyDocumentValidator._validate_version = _nothing


def _nothing(_self: Any) -> None:
    pass
