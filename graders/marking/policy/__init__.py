"""The instructor's grading policy: late days, extensions, own verdicts, marks by hand, own weights, lines switched off.

One YAML file, read and checked (:func:`read_policy`), laid over results by a pure function (:func:`apply`). docs/marks.md describes
the file.
"""

from graders.marking.policy.applying import COMMENT, apply, check_names
from graders.marking.policy.missing import handed_in_nothing, with_missing
from graders.marking.policy.reading import Policy, parse_policy, read_policy
from graders.marking.policy.rules import Rules
from graders.marking.policy.times import Marked, times_of

__all__ = [
    "COMMENT",
    "Marked",
    "Policy",
    "Rules",
    "apply",
    "check_names",
    "handed_in_nothing",
    "parse_policy",
    "read_policy",
    "times_of",
    "with_missing",
]
