"""Under which code a refusal is answered, so that a client that waits for a change does not wait for minutes.

AWS's changes reach all of AWS after some seconds, so Terraform's provider tries a call again for two minutes when it is refused
under a code that a role that has just been made may cause. Here a second is long. After :data:`SETTLING_S` the same call is
refused under a code that is near AWS's but not the one that the provider waits for: the learner sees AWS's sentence, and not a
time-out. What cannot settle, but has such a code, is refused so at once. Other clients are always told AWS's own.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable

from .model import Refusal

SETTLING_S = 3.0
RETRIED = {
    "MalformedPolicyDocument": "MalformedPolicyDocumentException",
    "MalformedPolicyDocumentException": "MalformedPolicyDocument",
    "NotFoundException": "NoSuchKeyException",
}
"""AWS's codes on which the provider tries again, each with one that it does not know.

IAM has the first, KMS and Secrets Manager the second; the third is KMS's, of a key."""
STOOD_FOR = {"NoSuchKeyException": "NotFoundException"}
"""Codes that are nobody's, and AWS's own that they stand for."""
_REMEMBERED = 256
_TERRAFORM = "terraform-provider-aws"


class Retries:
    """Remembers since when a call is refused.

    :param clock: in seconds, never set back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: OrderedDict[bytes, float] = OrderedDict()

    def code(self, refusal: Refusal, *, user_agent: str, caller: str, body: bytes) -> str:
        """The code to answer with.

        :param caller: whose call it is; with the body it tells one call from another.
        """
        if refusal.code not in RETRIED or _TERRAFORM not in user_agent:
            return refusal.code
        if refusal.settles:
            key = hashlib.sha256(caller.encode() + b"\0" + body).digest()
            since = self._since.setdefault(key, self._clock())
            while len(self._since) > _REMEMBERED:
                self._since.popitem(last=False)
            if self._clock() - since < SETTLING_S:
                return refusal.code
        return RETRIED[refusal.code]
