"""Expressions: no reading of files that are not the module's, nothing that differs with every run; in templates as in modules."""

from __future__ import annotations

from graders.gate.lists import PATH_FUNCTIONS, REFUSED_FUNCTIONS, REFUSED_NAMES, RESTLESS_FUNCTIONS
from graders.gate.report import Findings
from lab_env.errors import SubmissionError
from lab_env.hcl import Call, Expression, Literal, Node, Template, Traversal, literal_path, walk
from lab_env.submission import Submission
from lab_env.submission.limits import MAX_FILE_BYTES, MAX_FILES, file_too_large
from lab_env.submission.model import is_terraforms


def check_expressions(submission: Submission, node: Node, findings: Findings) -> None:
    """Check every expression of a module."""
    for body in node.module.files.values():
        for root in body.expressions():
            for expr in walk(root):
                if isinstance(expr, Call) and expr.name.removeprefix("core::") in PATH_FUNCTIONS:
                    _check_path(submission, node, expr, findings)
                elif isinstance(expr, Call):
                    _check_call(expr, findings)
                elif isinstance(expr, Traversal):
                    _check_name(expr, findings)


def check_template_calls(template: Expression, findings: Findings) -> None:
    """Check every expression of a template; it may read no file at all, since its paths could come from anywhere."""
    for expr in walk(template):
        if isinstance(expr, Call) and expr.name.removeprefix("core::") in PATH_FUNCTIONS:
            findings.refuse(
                f"The function {expr.name} is not allowed in a template; read the file in the module, and give its text "
                "to the template as a variable.",
                expr.span,
            )
        elif isinstance(expr, Call):
            _check_call(expr, findings)
        elif isinstance(expr, Traversal):
            _check_name(expr, findings)


def _check_call(call: Call, findings: Findings) -> None:
    name = call.name.removeprefix("core::")
    if name in REFUSED_FUNCTIONS:
        findings.refuse(f"The function {name} is not allowed: {REFUSED_FUNCTIONS[name]}.", call.span)
    elif name in RESTLESS_FUNCTIONS:
        findings.note(f"{call.span.path} line {call.span.line}: {name} has another result with every run.")
    elif "::" in name and not name.startswith("provider::aws::"):
        findings.refuse(f"The function {name} is not part of this lab.", call.span)


def _check_path(submission: Submission, node: Node, call: Call, findings: Findings) -> None:
    name = call.name.removeprefix("core::")
    path = literal_path(node.module.directory, call)
    if path is None:
        findings.refuse(
            f"The function {name} takes a literal path inside the module, such as {name}"
            f'("${{path.module}}/{_EXAMPLES.get(name, "policy.json")}"{", { … }" * (name == "templatefile")})'
            f"{_why_not(call)}.",
            call.span,
        )
        return
    file = submission.any_file(path)
    _require_read(submission, path)
    if name == "templatefile" and path.endswith(".tf"):
        findings.refuse(
            f"The function {name} reads {path} as a template, which Terraform reads as code; write the template into a file "
            f"of its own, such as {_EXAMPLES[name]}.",
            call.span,
        )
    elif is_terraforms(path) and submission.file(path) is None:
        findings.refuse(
            f"The function {name} reads {path}, but Terraform reads files of this name itself; call it something else, such "
            f"as {_EXAMPLES.get(name, 'policy.json')}.",
            call.span,
        )
    elif file is None or path.endswith(".ipynb"):
        findings.refuse(
            f"The function {name} reads {path}, but there is no such file in the submission; write its path as it is from "
            "the module's directory, with ${path.module}/ in front.",
            call.span,
        )
    elif b"\0" in file.data:
        line = file.data.count(b"\n", 0, file.data.index(b"\0")) + 1
        findings.refuse_at(f"{path} is a binary file (a zero byte in line {line}), and only text is read.", path, line)
    else:
        try:
            file.data.decode()
        except UnicodeDecodeError as error:
            line = file.data.count(b"\n", 0, error.start) + 1
            findings.refuse_at(f"{path} is not UTF-8 text (line {line}); save it as UTF-8.", path, line)


def _require_read(submission: Submission, path: str) -> None:
    """:raises SubmissionError: the file is there and was passed over, and Terraform would read it after all."""
    size = dict(submission.unread).get(path)
    if size is not None and size > MAX_FILE_BYTES:
        raise file_too_large(path, size)
    if size is not None:
        raise SubmissionError(
            f"{path} was not read, because there are more than {MAX_FILES} files that are not Terraform's.",
            next_step="Hand in the module's files only, without caches and generated files.",
            path=path,
        )


_EXAMPLES = {"templatefile": "containers.json.tftpl"}


def _why_not(call: Call) -> str:
    """What to say to somebody whose path is written out, but without ``path.module``."""
    match call.args[0] if call.args and not call.expand else None:
        case Literal(value=str(text)) if text and not text.startswith(("/", "~", "../")):
            return f'; "{text}" alone is looked for where Terraform was started, which is not the module\'s directory'
        case Template():
            return "; nothing but path.module may be interpolated in it, and it must not leave the module's directory"
    return ""


def _check_name(expr: Traversal, findings: Findings) -> None:
    reason = REFUSED_NAMES.get(".".join((expr.root, *expr.names[:1])))
    if reason is not None:
        findings.refuse(f"{expr.root}.{expr.names[0]} is not allowed: {reason}.", expr.span)
