"""``python -m graders.quality.hcl_agreement``: our reader and evaluator of HCL beside Terraform, in figures."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from graders.quality.hcl_agreement.figures import of_expressions, of_files
from lab_env.errors import LabError
from lab_env.hcl.terraform_parser import TerraformParser, find_program
from lab_env.terraform import find_toolchain


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; its exit code: 0 nothing is wrong, 1 something is, else the error's."""
    parser = argparse.ArgumentParser(prog="python -m graders.quality.hcl_agreement", description=__doc__)
    parser.add_argument("--expressions", type=int, default=10_000, metavar="N", help="how many expressions (10000)")
    parser.add_argument("--files", type=int, default=2_000, metavar="N", help="how many files (2000)")
    parser.add_argument("--seed", type=int, default=1, help="other expressions and files (1)")
    options = parser.parse_args(arguments)
    try:
        toolchain = find_toolchain()
        values = of_expressions(toolchain, options.expressions, options.seed)
        print(f"Terraform {toolchain.version}, seed {options.seed}\n{values}")
        second = TerraformParser(find_program())
        try:
            readings = of_files(toolchain, second, options.files, options.seed)
        finally:
            second.close()
        print(readings)
    except LabError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return int(bool(values.faults or readings.faults))


if __name__ == "__main__":
    sys.exit(main())
