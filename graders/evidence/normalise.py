"""Takes out of every text what differs from run to run: accounts, key ids, ARN suffixes, ports, version ids, times, folders.

Same input, rubric and engine must give the same JSON, so verdicts speak of ``<account>`` and ``<key>``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from graders.model import Evidence

_UUID = re.compile(r"\bmrk-[0-9a-f]{32}\b|\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
# Not when the name goes on; a full stop or a wildcard behind the suffix is the sentence's or the policy's.
_SECRET_SUFFIX = re.compile(r"(:secret:[A-Za-z0-9/_+=.@-]+?)-[A-Za-z0-9]{6}(?![-.]?[A-Za-z0-9/_+=@])")
_LOOPBACK_PORT = re.compile(r"(?<![\w.])(127\.0\.0\.1|localhost|\[::1\]):\d{2,5}\b")
# What the provider makes up for a name, a name behind a prefix (which may end in digits) or a version id: the time from the
# year to 4 digits of a second's fraction, then a counter in 8 hexadecimal digits (terraform-plugin-sdk, helper/id). Which of
# the three it is cannot be told from it.
_GENERATED_NAME = re.compile(
    r"(?:\bterraform-)?20\d\d(?:0[1-9]|1[0-2])[0-3]\d[0-2]\d[0-5]\d[0-5]\d\d{4}[0-9a-f]{8}(?![0-9A-Za-z])"
)
_REQUEST_ID = re.compile(r"(?i)(request ?id: )[0-9a-z-]+")
# What timestamp() and plantimestamp() give, and what AWS stamps.
_TIME = re.compile(r"\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})(?![0-9A-Za-z])")
_ACCESS_KEY = re.compile(r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b")


@dataclass(frozen=True)
class Normaliser:
    """:param account: the run's account number. :param folders: paths of this run, longest first."""

    account: str | None = None
    folders: tuple[str, ...] = ()

    def text(self, text: str) -> str:
        """The text with everything that varies named instead of shown."""
        for folder in self.folders:
            text = text.replace(folder + "/", "").replace(folder, "<workspace>")
        text = _SECRET_SUFFIX.sub(r"\1-<suffix>", text)
        text = _UUID.sub("<key>", text)
        if self.account:
            text = re.sub(rf"(?<!\d){re.escape(self.account)}(?!\d)", "<account>", text)
        text = _LOOPBACK_PORT.sub(r"\1:<port>", text)
        text = _GENERATED_NAME.sub("<generated>", text)
        text = _TIME.sub("<time>", text)
        text = _REQUEST_ID.sub(r"\1<request>", text)
        return _ACCESS_KEY.sub("<access-key>", text)

    def evidence(self, evidence: Evidence) -> Evidence:
        """The same evidence with its texts normalised."""
        return evidence.model_copy(
            update={
                "detail": self.text(evidence.detail),
                "address": self.text(evidence.address) if evidence.address else evidence.address,
            }
        )
