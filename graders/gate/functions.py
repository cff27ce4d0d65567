"""Expressions: no reading of files that are not the module's, nothing that differs with every run."""

from __future__ import annotations

import posixpath

from graders.gate.lists import PATH_FUNCTIONS, REFUSED_FUNCTIONS, REFUSED_NAMES, RESTLESS_FUNCTIONS
from graders.gate.report import Findings
from lab_env.hcl import Attr, Call, Expression, Literal, Node, Template, Traversal, walk
from lab_env.submission import Submission


def check_expressions(submission: Submission, node: Node, findings: Findings) -> None:
    """Check every expression of a module."""
    for body in node.module.files.values():
        for root in body.expressions():
            for expr in walk(root):
                if isinstance(expr, Call):
                    _check_call(submission, node, expr, findings)
                elif isinstance(expr, Traversal):
                    _check_name(expr, findings)


def _check_call(submission: Submission, node: Node, call: Call, findings: Findings) -> None:
    name = call.name.removeprefix("core::")
    if name in REFUSED_FUNCTIONS:
        findings.refuse(f"The function {name} is not allowed: {REFUSED_FUNCTIONS[name]}.", call.span)
    elif name in RESTLESS_FUNCTIONS:
        findings.note(f"{call.span.path} line {call.span.line}: {name} has another result with every run.")
    elif "::" in name and not name.startswith("provider::aws::"):
        findings.refuse(f"The function {name} is not part of this lab.", call.span)
    elif name in PATH_FUNCTIONS:
        path = _literal_path(node, call.args[0]) if call.args and not call.expand else None
        if path is None:
            findings.refuse(
                f"The function {name} takes a literal path inside the module, such as "
                f'{name}("${{path.module}}/policy.tf").',
                call.span,
            )
        elif submission.file(path) is None:
            findings.refuse(
                f"The function {name} reads {path}, but Terraform gets the .tf files only; write the text into a .tf "
                "file, with jsonencode or as a heredoc.",
                call.span,
            )


def _literal_path(node: Node, expr: Expression) -> str | None:
    """The path in the submission, when it is written out and stays in the module's own directory."""
    match expr:
        # A plain string is relative to where Terraform was started, which is no place of the learner's.
        case Template(parts=(Traversal(root="path", steps=(Attr(name="module"),)), Literal(value=str(text)))):
            pass
        case _:
            return None
    directory = node.module.directory
    path = posixpath.normpath(posixpath.join(directory, text.lstrip("/")))
    inside = "" if directory == "." else f"{directory}/"
    if not text.startswith("/") or path.startswith("../") or not path.startswith(inside) or "\\" in text:
        return None
    return path


def _check_name(expr: Traversal, findings: Findings) -> None:
    reason = REFUSED_NAMES.get(".".join((expr.root, *expr.names[:1])))
    if reason is not None:
        findings.refuse(f"{expr.root}.{expr.names[0]} is not allowed: {reason}.", expr.span)
