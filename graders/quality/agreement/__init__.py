"""Our IAM evaluator beside public suites: each case is asked of ours, every difference judged by AWS's documentation.

``python -m graders.quality.agreement iam-simulate=DIR pmapper=DIR moto=DIR`` reads checkouts and prints the page
``docs/iam-agreement.md``; ``--write`` writes it. Nothing of a suite is run or kept: JSON is read as JSON, Python as a syntax tree.
"""

from __future__ import annotations

from graders.quality.agreement.asking import ask
from graders.quality.agreement.model import Asked, Case, Outcome, Said, Taken
from graders.quality.agreement.suites import SUITES, Suite

__all__ = ["SUITES", "Asked", "Case", "Outcome", "Said", "Suite", "Taken", "ask"]
