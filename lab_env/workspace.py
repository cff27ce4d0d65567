"""A workspace: a directory that Terraform may run in, with a copy of the module and a root module of ours around it.

The learner's ``.tf`` files are copied line by line as they are, with two changes: the versions that their ``terraform`` blocks ask
for (the gate refuses the rest) are left out, because the pinned ones count, and version 6's spellings are put into those of the
provider that grades (:mod:`lab_env.provider_spellings`). Line numbers stay, so a
diagnostic of Terraform is found again in the learner's file or notebook cell by :meth:`Workspace.source_location`. Files that
they read by a path that is written out are copied byte by byte.
"""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lab_env.engine.model import Account
from lab_env.errors import SubmissionError, UsageError
from lab_env.files import write_atomically
from lab_env.hcl import Body, ModuleTree, literal_path, load_tree, parse, reading_calls
from lab_env.hcl.addresses import hcl_string
from lab_env.hcl.names import is_identifier
from lab_env.provider_spellings import Respelling, respelled, respellings
from lab_env.submission import SourceFile, Submission

SUBMISSION_DIR = "submission"
ROOT_FILE = "main.tf"
OVERRIDE_FILE = "zz_secrets_lab_override.tf"
# Every service the allowed types talk to; an endpoint that is not set would be AWS's own.
SERVICES = ("cloudwatch", "ecs", "iam", "kms", "logs", "secretsmanager", "sts")


@dataclass(frozen=True)
class SourceLocation:
    """A place in the submission; ``cell`` is the notebook cell, when the file came from one."""

    path: str
    line: int
    cell: int | None = None


@dataclass(frozen=True)
class Workspace:
    """One run's directory; use it for one run only.

    :param directory: where Terraform runs.
    :param module_dir: the copy of the module under test, relative to ``directory``.
    """

    directory: Path
    submission: Submission
    account: Account
    module_dir: str
    provider_version: str | None = None

    def set_environments(self, environments: Sequence[str]) -> None:
        """Write the root module: the first environment is ``module.secrets``, the others ``module.secrets_2`` and on.

        :raises UsageError: no environment.
        """
        if not environments:
            raise UsageError("A workspace needs at least one environment.", next_step="Name one, such as dev.")
        calls = "".join(
            f"""
module "{module_name(index)}" {{
  source      = {hcl_string(f"./{self.module_dir}")}
  environment = {hcl_string(environment)}
}}
"""
            for index, environment in enumerate(environments)
        )
        outputs = "".join(_passed_on(name) for name in self._outputs())
        write_atomically(self.directory / ROOT_FILE, _root(self.account, self.provider_version) + calls + outputs)

    def _outputs(self) -> list[str]:
        """The module's outputs that a root can pass on: all but ephemeral ones, which may not leave through a root.

        A name is written into the root, which no gate looks at: one that is no identifier could be any configuration.
        """
        return sorted(
            block.labels[0]
            for file in self.submission.files_in(self.submission.module_dir)
            for block in parse(file.path, file.text).blocks_of("output")
            if len(block.labels) == 1 and is_identifier(block.labels[0]) and block.body.get("ephemeral") is None
        )

    def write_override(self, tree: ModuleTree, value: str, *, only: Callable[[str], bool] | None = None) -> list[Path]:
        """Change the secret's value in the configuration, as an edit of the placeholder would.

        An override file in the workspace's copy of each module merges with the resource argument by argument, so
        that its ``lifecycle``, ``count`` and ``for_each`` stay. A write-only argument is overridden as such; its
        ``secret_string_wo_version`` is not touched, because a plain edit of the placeholder does not touch it either.

        :param tree: the submission's modules.
        :param value: the new secret string.
        :param only: picks secret versions by address, such as ``module.store.aws_secretsmanager_secret_version.v``;
            every one when left out.
        :return: the files written; none when there is no secret version.
        """
        blocks: dict[str, dict[str, str]] = {}
        for path, block in tree.resources("aws_secretsmanager_secret_version"):
            node = tree.nodes[path]
            if only is None or only(node.address(block.address)):
                blocks.setdefault(node.module.directory, {})[block.address] = _override(block.labels, block.body, value)
        written = []
        for directory, overrides in sorted(blocks.items()):
            file = self.directory / SUBMISSION_DIR / directory / OVERRIDE_FILE
            write_atomically(file, "".join(overrides[address] for address in sorted(overrides)))
            written.append(file)
        return written

    def remove_override(self) -> None:
        """Take every override file away again."""
        for file in (self.directory / SUBMISSION_DIR).rglob(OVERRIDE_FILE):
            file.unlink(missing_ok=True)

    def source_location(self, path: str, line: int) -> SourceLocation | None:
        """Where a place in the workspace is in the submission; None for files of ours.

        :param path: as Terraform prints it: relative to the workspace, or absolute.
        """
        relative = os.path.relpath(path, self.directory) if posixpath.isabs(path) else posixpath.normpath(path)
        if not relative.startswith(f"{SUBMISSION_DIR}/"):
            return None
        file = self.submission.any_file(relative.removeprefix(f"{SUBMISSION_DIR}/"))
        return SourceLocation(file.path, line, file.cell_at(line)) if file else None


def create(
    submission: Submission,
    directory: Path,
    *,
    account: Account,
    environments: Sequence[str] = ("dev",),
    provider_version: str | None = None,
) -> Workspace:
    """Copy a submission that the gate has accepted, and write the root module.

    :param directory: an empty directory, or one that does not exist yet.
    :param provider_version: the exact version of hashicorp/aws; whatever the mirror has when left out.
    :raises UsageError: the directory is not empty.
    """
    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.iterdir()):
        raise UsageError(f"{directory} is not empty.", next_step="Name a directory that does not exist yet.")
    places = _of_provider_6(submission) if (provider_version or "5").split(".")[0] == "5" else []
    contents: dict[str, str | bytes] = {file.path: _without_constraints(file, places) for file in submission.files}
    contents |= {file.path: file.data for file in files_read(submission)}
    for path, content in contents.items():
        target = directory / SUBMISSION_DIR / path
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, content)
    module_dir = posixpath.normpath(posixpath.join(SUBMISSION_DIR, submission.module_dir))
    workspace = Workspace(directory, submission, account, module_dir, provider_version)
    workspace.set_environments(environments)
    return workspace


def files_read(submission: Submission) -> tuple[SourceFile, ...]:
    """The files that ``.tf`` files read by a path that is written out, in path order; no ``.tf`` files themselves."""
    named: set[str | None] = set()
    for file in submission.files:
        with suppress(SubmissionError):  # no HCL; the gate lets none pass that Terraform would load
            calls = reading_calls([parse(file.path, file.text)])
            named |= {literal_path(posixpath.dirname(file.path) or ".", call) for call in calls}
    return tuple(f for f in submission.ignored if f.path in named and submission.readable(f.path) is not None)


def _passed_on(name: str) -> str:
    """A root output of the module's output: only so does its value reach the state file, as it does for a real caller."""
    return f"""
output {hcl_string(name)} {{
  value     = module.{module_name(0)}.{name}
  sensitive = true
}}
"""


def module_name(index: int) -> str:
    """Name of the root's module call of the environment with this index: ``secrets``, ``secrets_2``, …"""
    return "secrets" if index == 0 else f"secrets_{index + 1}"


def _root(account: Account, provider_version: str | None) -> str:
    version = f"\n      version = {hcl_string(provider_version)}" if provider_version else ""
    token = f"\n  token                       = {hcl_string(account.session_token)}" if account.session_token else ""
    endpoints = "\n".join(f"    {service} = {hcl_string(account.endpoint)}" for service in SERVICES)
    # The access key id is the account on the engine. Nothing of the machine's own AWS configuration is read: not its
    # metadata service, its shared files, or its retries, which would turn a refused connection into minutes.
    return f"""# Written by Secrets Lab; the module under test is called below.
terraform {{
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"{version}
    }}
  }}
}}

provider "aws" {{
  region                      = {hcl_string(account.region)}
  access_key                  = {hcl_string(account.id)}
  secret_key                  = "secrets-lab"{token}
  max_retries                 = 3
  shared_config_files         = []
  shared_credentials_files    = []
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true

  endpoints {{
{endpoints}
  }}
}}
"""


def _override(labels: Iterable[str], body: Body, value: str) -> str:
    argument = "secret_string_wo" if "secret_string_wo" in body.attributes else "secret_string"
    quoted = " ".join(hcl_string(label) for label in labels)
    return f"resource {quoted} {{\n  {argument} = {hcl_string(value)}\n}}\n"


NAMED = 'required_providers { aws = { source = "hashicorp/aws" } }'
"""What a module says that calls functions of the provider; the words are ours, whatever the learner's were."""


def _of_provider_6(submission: Submission) -> list[Respelling]:
    texts = {file.path: file.text for file in submission.files}
    try:
        tree = load_tree(texts.items(), submission.module_dir, read=submission.readable)
    except SubmissionError:
        return []  # the gate lets none pass
    return respellings(tree, texts)[0]


def _without_constraints(file: SourceFile, places: list[Respelling]) -> str:
    """The text respelled, with nothing in its ``terraform`` blocks but that the provider is named, where it was; no line moves."""
    own = [place for place in places if place.path == file.path]
    if "terraform" not in file.text and not own:
        return file.text
    text = file.text.removeprefix("\ufeff")
    for block in parse(file.path, text).blocks_of("terraform"):
        start, end = block.span.start, block.span.end
        named = [b for b in block.body.blocks_of("required_providers") if "aws" in b.body.attributes]
        words = _blank(text[start:end])
        if named and "\n" in text[block.header.end : named[0].span.start]:
            at, behind = named[0].span.start, named[0].span.end
            before = f"terraform {{{_blank(text[block.header.end + 1 : at])}"
            words = f"{before}{NAMED}{_blank(text[at:behind])}{_blank(text[behind : end - 1])}}}"
        own.append(Respelling(file.path, block.span.line, start, end, words, "no versions"))
    return respelled(file.path, text, own)


def _blank(text: str) -> str:
    return "".join(c if c in "\r\n" else " " for c in text)
