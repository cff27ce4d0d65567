"""The gate: what a submission may contain, decided before Terraform reads it, and again on its plan.

The lists are closed, and what cannot be read is refused. ``check`` reads the files with python-hcl2 and compares with Terraform's
own parser; ``check_plan`` is the second check, on the plan's JSON.
"""

from graders.gate.check import check
from graders.gate.plan import check_plan
from graders.gate.report import GateReport

__all__ = ["GateReport", "check", "check_plan"]
