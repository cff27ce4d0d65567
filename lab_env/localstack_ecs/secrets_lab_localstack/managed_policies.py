"""The texts of AWS's managed policies, held once.

moto gives every account some 1,500 managed policies, each with a text of its own: 5 MB an account, and a class has an account
a submission. The texts are the same for all, and are never changed.
"""

from __future__ import annotations

import sys
from typing import Any

from moto.iam.models import AWSManagedPolicy


def share_texts() -> None:
    """From now on, accounts share the texts of the managed policies that AWS gives them."""
    make = AWSManagedPolicy.__dict__["from_data"].__func__

    def from_data(cls: Any, *words: Any, **named: Any) -> Any:
        policy = make(cls, *words, **named)
        for holder in (policy, *policy.versions):  # LocalStack keeps the text at the policy, too
            if isinstance(text := getattr(holder, "document", None), str):
                holder.document = sys.intern(text)
        return policy

    AWSManagedPolicy.from_data = classmethod(from_data)
