"""The gate: a submission's files against the closed lists, before any Terraform command runs on them."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

from graders.gate.agreement import can_be_asked, check_agreement, check_template, syntax_errors, template_errors
from graders.gate.encoding import check_encoding
from graders.gate.functions import check_expressions, check_template_calls
from graders.gate.report import Findings, GateReport
from graders.gate.structure import check_node
from lab_env.errors import SubmissionError
from lab_env.hcl import HclSyntaxError, Module, ModuleTree, Node, load_tree, parse
from lab_env.hcl.parse import MAX_PIECES, count_pieces
from lab_env.hcl.terraform_parser import TerraformParser, shared_parser
from lab_env.provider_spellings import respellings, version_6_is_asked_for
from lab_env.submission import Submission
from lab_env.submission.limits import unseen

MAX_HCL_BYTES = 1 << 20
"""Of all ``.tf`` files and of what they read together; a second of parsing is about 100 KB, and the lesson's module has 4."""
MAX_HCL_PIECES = 2 * MAX_PIECES
"""Words and signs of all ``.tf`` files together: many files of the largest size that is read would take minutes."""


def check(submission: Submission, *, parser: TerraformParser | None = None) -> GateReport:
    """Decide whether Terraform may see a submission.

    :param parser: Terraform's parser; this process's own when left out.
    :return: a report; a file that is no HCL is a violation with Terraform's words, not an exception.
    :raises SubmissionError: a file is past a limit or no UTF-8 text, so nothing can be said about it: ``ungradable``.
    :raises TerraformError: Terraform's parser is missing.
    """
    parser = parser or shared_parser()
    parser.start()
    findings = Findings(submission)
    _check_names(submission, findings)
    _check_size(submission)
    texts = [(f.path, f.text) for f in submission.files]
    try:
        tree = load_tree(texts, submission.module_dir, read=submission.readable)
    except HclSyntaxError as error:
        check_encoding(submission, (error.path,) if error.path else (), parser)
        _explain(submission, error, parser, findings)
        return findings.report(_readable(submission))
    check_encoding(submission, tuple(path for module in tree.modules for path in module.files), parser)
    for node in tree.nodes.values():
        check_node(tree, node, findings)
        check_expressions(submission, node, findings)
    for module in tree.modules:
        if not syntax_errors(submission, tuple(module.files), parser, findings):
            check_agreement(submission, module, parser, findings)
    _check_templates(submission, tree, parser, findings)
    places, unknown = respellings(tree, dict(texts), version_6=version_6_is_asked_for())
    for place in places:
        findings.note(place.note)
    for one in unknown:
        findings.refuse(one.message, one.span)
    for directory in tree.unused:
        if not _is_wrapper(submission, directory):
            findings.note(f"The files in {directory} are not used: no module call leads there.")
    return findings.report(tree)


def _check_names(submission: Submission, findings: Findings) -> None:
    """Refuse by name what Terraform would read and we do not: JSON syntax, overrides, links."""
    for path in submission.links:
        findings.refuse_at(f"{path} is a link or special file; hand in the file itself.", path, None)
    for file in (*submission.files, *submission.ignored):
        base = posixpath.basename(file.path)
        if unseen(file.path):
            continue
        if base.endswith(".tf.json"):
            findings.refuse_at(f"{file.path} is Terraform in JSON syntax; write it in .tf syntax.", file.path, None)
        if base in ("override.tf", "override.tf.json") or base.endswith(("_override.tf", "_override.tf.json")):
            findings.refuse_at(
                f"{file.path} is an override file; write its settings into the blocks themselves.", file.path, None
            )


def _check_templates(submission: Submission, tree: ModuleTree, parser: TerraformParser, findings: Findings) -> None:
    texts = {path: submission.readable(path) or "" for path in tree.templates}
    read = sum(len(file.data) for path in {*texts, *tree.texts} if (file := submission.any_file(path)))
    _refuse_size(sum(len(f.data) for f in submission.files) + read, "The .tf files and the files that they read")
    pieces = {path: count_pieces(text) for path, text in texts.items()}
    _refuse_pieces(pieces, "The templates")
    for path, template in sorted(tree.templates.items()):
        check_template_calls(template, findings)
        if not template_errors(submission, path, parser, findings):
            check_template(submission, path, template, parser, findings)


def _check_size(submission: Submission) -> None:
    _refuse_size(sum(len(f.data) for f in submission.files), "The .tf files")
    _refuse_pieces({f.path: count_pieces(f.text) for f in submission.files}, "The .tf files")


def _refuse_size(total: int, what: str) -> None:
    if total > MAX_HCL_BYTES:
        raise SubmissionError(
            f"{what} have {total // 1024} KiB together (at most {MAX_HCL_BYTES // 1024}).",
            next_step="Take generated files out.",
        )


def _refuse_pieces(pieces: Mapping[str, int], what: str) -> None:
    if sum(pieces.values()) > MAX_HCL_PIECES:
        largest = max(pieces, key=lambda path: pieces[path])
        raise SubmissionError(
            f"{what} have {sum(pieces.values())} words and signs together (at most {MAX_HCL_PIECES}), "
            f"{pieces[largest]} of them in {largest}.",
            next_step="Take generated files out.",
            path=largest,
        )


def _explain(submission: Submission, error: HclSyntaxError, parser: TerraformParser, findings: Findings) -> None:
    """A file that python-hcl2 cannot read: Terraform's words when it cannot either, else the reason."""
    path = error.path or ""
    template = submission.file(path) is None
    said = (
        template_errors(submission, path, parser, findings)
        if template
        else syntax_errors(submission, (path,), parser, findings)
    )
    if not said:
        # What only Terraform can read is not judged by guessing, nor is it the learner's fault, if Terraform can be asked.
        known = not template or can_be_asked(submission.readable(path) or "")
        tell = findings.unread_at if known else findings.refuse_at
        tell(f"Terraform can read this, but the grader cannot: {error.message}", error.path, error.line)


def _readable(submission: Submission) -> ModuleTree:
    """The module under test without the files that are no HCL."""
    files = {}
    for file in submission.files_in(submission.module_dir):
        try:
            files[file.path] = parse(file.path, file.text)
        except HclSyntaxError:
            continue
    return ModuleTree({"": Node("", Module(submission.module_dir, files))})


def _is_wrapper(submission: Submission, directory: str) -> bool:
    """Whether a directory is a root module of the learner's own around the module under test, which ours replaces."""
    return directory == "." and submission.module_dir != "."
