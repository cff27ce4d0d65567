"""Finds the AWS provider on this machine, or has Terraform download it once; it is linked to, never copied.

The layouts are Terraform's own: a *packed* mirror holds zip files, an *unpacked* one a directory per version and
platform (https://developer.hashicorp.com/terraform/cli/config/config-file, "filesystem_mirror" and "Implied Local
Mirror Directories"). A packed provider is unpacked once into our cache, so that every run links to one copy.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab_env import hcl, settings
from lab_env.errors import SubmissionError, TerraformError
from lab_env.files import cache_directory
from lab_env.text import listed

SOURCE = "registry.terraform.io/hashicorp/aws"
OLDEST = (5, 88, 0)
"""The first version with ``secret_string_wo`` and the ephemeral random password, both on the closed list of types."""
BEFORE = (6, 0, 0)
"""Version 6 gives every resource a ``region`` and renames attributes: other plans than those the rubric knows, so only who asks for
it by ``LAB_PROVIDER_VERSION`` gets it."""
TESTED_PROVIDER: Final = "5.100.0"
"""The one that the rubric is held against, and what is downloaded when the machine has none."""
_QUOTED_NAME = re.compile(r'(?m)^([ \t]*)"[^"\n]*"([ \t]*=)')

Version = tuple[int, int, int]


@dataclass(frozen=True)
class Provider:
    """One provider of one version for this platform.

    :param mirror: the unpacked mirror it stands in: ``mirror / SOURCE / version / platform``.
    :param binary: the executable.
    """

    version: str
    mirror: Path
    binary: Path


def target() -> str:
    """Terraform's name for this platform, e.g. ``linux_amd64``."""
    system = {"win32": "windows", "darwin": "darwin"}.get(sys.platform, "linux")
    machine = platform.machine().lower()
    return f"{system}_{ {'x86_64': 'amd64', 'aarch64': 'arm64'}.get(machine, machine) }"


def find_provider() -> Provider | None:
    """The newest allowed provider on this machine, or the version that is asked for; on a tie the place that was named more plainly
    wins.

    :raises TerraformError: ``LAB_PROVIDER_MIRROR`` is set and holds no provider that we can use, or ``LAB_PROVIDER_VERSION``
        names one that is too old.
    :raises UsageError: ``LAB_PROVIDER_VERSION`` is no version.
    """
    asked = _asked()
    if named := settings.PROVIDER_MIRROR.read():
        mirror = settings.expanded(named).absolute()
        found = _newest([mirror], asked)
        if found is None and asked is not None:
            held = sorted({version for version, _ in _versions(mirror)})
            raise TerraformError(
                f"LAB_PROVIDER_VERSION asks for {_written(asked)}, and LAB_PROVIDER_MIRROR is {named}, which holds "
                f"{listed(map(_written, held)) or f'no {SOURCE}'} for {target()}.",
                next_step="Put that version there with `terraform providers mirror`, or unset LAB_PROVIDER_VERSION.",
            )
        if found is None:
            raise TerraformError(
                f"LAB_PROVIDER_MIRROR is {named}, which holds no {SOURCE} for {target()}, {allowed_range()}.",
                next_step="Point it at a directory that `terraform providers mirror` filled, or unset it.",
            )
        return found
    return _newest(mirror_directories(), asked)


def allowed_range() -> str:
    """As a Terraform version constraint."""
    return f">= {_written(OLDEST)}, < {_written(BEFORE)}"


def wanted_version() -> tuple[str, str]:
    """The version to download when this machine has none, and a name of it for sentences.

    :raises LabError: as :func:`find_provider`.
    """
    asked = _asked()
    if asked is None:
        return TESTED_PROVIDER, f"The AWS provider ({allowed_range()})"
    return _written(asked), f"The AWS provider {_written(asked)}, which {settings.PROVIDER_VERSION.name} asks for,"


def provider_remarks(version: str | None) -> tuple[str, ...]:
    """What to say of a version in results: nothing of the tested one.

    :param version: None: the one that is asked for, where none was needed; the files were read for it.
    """
    asked = settings.PROVIDER_VERSION.read()
    named = version or (TESTED_PROVIDER if asked is None else _written(asked))
    if named == TESTED_PROVIDER:
        return ()
    return (f"AWS provider {named} is not the one that the rubric is held against, which is {TESTED_PROVIDER}.",)


def _asked() -> Version | None:
    asked = settings.PROVIDER_VERSION.read()
    if asked is not None and asked < OLDEST:
        raise TerraformError(
            f"LAB_PROVIDER_VERSION is {_written(asked)}, older than {_written(OLDEST)}, the first with write-only secrets.",
            next_step="Set it to a newer one, or unset it.",
        )
    return asked


def _written(version: Version) -> str:
    return ".".join(map(str, version))


def mirror_directories() -> tuple[Path, ...]:
    """Every directory that may be a mirror, most plainly named first, each once; they need not exist."""
    home = settings.expanded("~")
    candidates = [*user_configuration().directories, cache_directory() / "plugins"]
    if cache := os.environ.get("TF_PLUGIN_CACHE_DIR"):
        candidates.append(Path(cache))
    # Terraform's implied directories, but for ./terraform.d/plugins: what lies beside a submission is not ours to run.
    candidates.append(home / ".terraform.d" / "plugins")
    if sys.platform == "darwin":
        support = Path("Library", "Application Support", "io.terraform", "plugins")
        candidates += [home / support, Path(os.sep) / support]
    else:
        data_home = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
        data = (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
        candidates += [path / "terraform" / "plugins" for path in (data_home, *map(Path, filter(None, data)))]
    candidates += _add_on_software()
    return tuple(dict.fromkeys(settings.expanded(path).absolute() for path in candidates))


def _add_on_software() -> Iterator[Path]:
    """Directories one below the one that the Filesystem Hierarchy Standard (3.13) keeps for add-on software."""
    with suppress(OSError):
        yield from sorted(path for path in Path(os.sep, "opt").iterdir() if (path / SOURCE).is_dir())


@dataclass(frozen=True)
class UserConfiguration:
    """What we take from the user's own CLI configuration: where providers come from, and nothing else."""

    directories: tuple[Path, ...] = ()
    network_mirror: str | None = None


def user_configuration() -> UserConfiguration:
    """Read tolerantly: a file that is missing or broken names no place, and is no error of ours.

    Terraform reads it as HCL 1, which has no templates and takes names of arguments in quotation marks.
    """
    named = os.environ.get("TF_CLI_CONFIG_FILE")
    path = settings.expanded(named or "~/.terraformrc")
    try:
        text = path.read_text(encoding="utf-8", errors="replace").replace("${", "$${")
        body = hcl.parse(path.name, _QUOTED_NAME.sub(r"\1quoted\2", text))
    except (OSError, SubmissionError):
        return UserConfiguration()
    methods = [block for outer in body.blocks_of("provider_installation") for block in outer.body.blocks]
    mirrors = [_text(block.body, "path") for block in methods if block.type == "filesystem_mirror"]
    networks = [_text(block.body, "url") or "" for block in methods if block.type == "network_mirror"]
    directories = filter(None, [*mirrors, _text(body, "plugin_cache_dir")])
    return UserConfiguration(
        tuple(settings.expanded(os.path.expandvars(directory)) for directory in directories),
        next((url for url in networks if url.startswith("https://")), None),
    )


def _text(body: hcl.Body, name: str) -> str | None:
    value = body.get(name)
    return value.value if isinstance(value, hcl.Literal) and isinstance(value.value, str) else None


def _newest(mirrors: Iterable[Path], asked: Version | None) -> Provider | None:
    best: tuple[Version, Path, Path] | None = None
    for mirror in mirrors:
        for version, path in _versions(mirror):
            allowed = OLDEST <= version < BEFORE if asked is None else version == asked
            if allowed and (best is None or version > best[0]):
                best = (version, mirror, path)
    if best is None:
        return None
    version, mirror, path = best
    name = _written(version)
    if path.suffix == ".zip":
        return unpack(path, name)
    return Provider(name, mirror, path)


def _versions(mirror: Path) -> Iterator[tuple[Version, Path]]:
    """Each usable provider in a mirror: its version, and its executable or zip file. Pre-releases are left out."""
    place = mirror / SOURCE
    with suppress(OSError):
        for path in sorted(place.iterdir()):
            version = _version(path.name)
            binary = binary_in(path / target()) if version else None
            if version is not None and binary is not None:
                yield version, binary
        for path in sorted(place.glob(f"terraform-provider-aws_*_{target()}.zip")):
            version = _version(path.name.split("_")[1])
            if version is not None and zipfile.is_zipfile(path):
                yield version, path


def _version(text: str) -> Version | None:
    match = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def binary_in(directory: Path) -> Path | None:
    """The provider's executable in an unpacked package."""
    with suppress(OSError):
        for path in sorted(directory.glob("terraform-provider-aws*")):
            if path.is_file() and os.access(path, os.X_OK):
                return path
    return None


def unpack(archive: Path, version: str) -> Provider:
    """Unpack a zipped provider into our cache, once, however many of us ask at the same time."""
    mirror = cache_directory() / "plugins"
    final = mirror / SOURCE / version / target()
    found = binary_in(final)
    if found is None:
        final.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=final.parent))
        try:
            with zipfile.ZipFile(archive) as package:
                for entry in package.infolist():
                    name = Path(entry.filename).name
                    if not name or entry.is_dir():
                        continue
                    with package.open(entry) as source, (staging / name).open("wb") as copy:
                        shutil.copyfileobj(source, copy)
                    (staging / name).chmod(0o755)
            adopt(staging, final)
        except (OSError, zipfile.BadZipFile) as error:
            raise TerraformError(
                f"The provider package {archive} cannot be unpacked: {error}.",
                next_step="Fetch it again with `terraform providers mirror`, or free disk space (it needs 800 MB).",
            ) from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        found = binary_in(final)
    if found is None:
        raise TerraformError(
            f"The provider package {archive} holds no terraform-provider-aws.",
            next_step="Fetch it again with `terraform providers mirror`.",
        )
    return Provider(version, mirror, found)


def adopt(staging: Path, final: Path) -> None:
    """Move a complete directory to its place; whoever comes second keeps what is there."""
    staging.chmod(0o755)
    try:
        staging.rename(final)
    except OSError:
        if binary_in(final) is None:
            raise
