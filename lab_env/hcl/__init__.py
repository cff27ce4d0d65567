"""HCL, read once: the one adapter over python-hcl2.

``parse`` gives a file's typed tree with a span on every node; ``load_tree`` the module under test with the local
modules it calls; ``references``, ``resolve``, ``constant``, ``conditional_uses`` and ``ignore_changes`` answer what the
gate and the rubric ask of it. Nothing here runs Terraform or reads a file.
"""

from lab_env.hcl.environment import Use, conditional_uses, names_mentioned, reached_by
from lab_env.hcl.evaluate import constant
from lab_env.hcl.lifecycle import ignore_changes
from lab_env.hcl.model import (
    Attr,
    Attribute,
    Binary,
    Block,
    Body,
    Call,
    Comment,
    Conditional,
    Expression,
    ForExpr,
    HclSyntaxError,
    Index,
    Literal,
    Object,
    ObjectItem,
    Relative,
    Span,
    Splat,
    Step,
    Template,
    TemplateFor,
    TemplateIf,
    Traversal,
    Tuple,
    Unary,
)
from lab_env.hcl.module import Module, ModuleTree, Node, load_module, load_tree
from lab_env.hcl.origins import Sources, origins, sources
from lab_env.hcl.parse import parse, parse_template
from lab_env.hcl.reading import FILE_FUNCTIONS, literal_path, reading_calls
from lab_env.hcl.resolve import resolve
from lab_env.hcl.types import UNKNOWN, ResourceValue
from lab_env.hcl.walk import children, references, string_literals, walk

__all__ = [
    "FILE_FUNCTIONS",
    "UNKNOWN",
    "Attr",
    "Attribute",
    "Binary",
    "Block",
    "Body",
    "Call",
    "Comment",
    "Conditional",
    "Expression",
    "ForExpr",
    "HclSyntaxError",
    "Index",
    "Literal",
    "Module",
    "ModuleTree",
    "Node",
    "Object",
    "ObjectItem",
    "Relative",
    "ResourceValue",
    "Sources",
    "Span",
    "Splat",
    "Step",
    "Template",
    "TemplateFor",
    "TemplateIf",
    "Traversal",
    "Tuple",
    "Unary",
    "Use",
    "children",
    "conditional_uses",
    "constant",
    "ignore_changes",
    "literal_path",
    "load_module",
    "load_tree",
    "names_mentioned",
    "origins",
    "parse",
    "parse_template",
    "reached_by",
    "reading_calls",
    "references",
    "resolve",
    "sources",
    "string_literals",
    "walk",
]
