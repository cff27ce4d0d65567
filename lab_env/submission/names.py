"""What a file is, by its name alone: Terraform's, a system's, nobody's hand-in, or something that is not read.

Nothing that is handed in is passed over in silence: what is not read is called by what it is, with the next step.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from lab_env.text import listed

MODULE_DIR = "modules/secrets"
ARCHIVES = (".zip", ".tar.gz", ".tgz", ".tar")
"""What is read."""
OTHER_ARCHIVES = (
    ".7z", ".ace", ".arj", ".bz2", ".cab", ".dmg", ".gz", ".iso", ".lha", ".lz", ".lz4", ".lzh", ".lzma",
    ".pkg", ".rar", ".rpm", ".tbz", ".tbz2", ".txz", ".wim", ".xz", ".z", ".zipx", ".zst",
)  # fmt: skip
"""What would have to be unpacked by other programs; ``.tar.xz`` ends with one of them."""

_SYSTEMS = frozenset({".DS_Store", "Thumbs.db", "ehthumbs.db", "desktop.ini", "Icon\r"})
_DOCUMENTS = ("txt", "text", "rtf", "rtfd", "doc", "docx", "odt", "pages", "pdf", "html", "htm", "md")
_CALLED = re.compile(rf"(?P<name>.+\.tf)\.(?:{'|'.join(_DOCUMENTS)})", re.IGNORECASE | re.DOTALL)
_NEARLY = re.compile(r"modules?/secrets?", re.IGNORECASE)
# What an instructor keeps beside a class: texts that say by their names what they are, and the tables, results, pages and settings
# that the lab and the platforms write and read.
_INSTRUCTORS = (
    "readme", "readme.*", "license", "license.*", "makefile",
    "*.csv", "*.tsv", "*.xls", "*.xlsx", "*.ods",
    "*.json", "*.ledger", "*.ledger.new", "*.html", "*.htm", "*.xml", "*.sarif",
    "*.yaml", "*.yml", "*.toml", "*.db", "*.log", "*.py", "*.sh",
)  # fmt: skip
_NAMED = 3


def ignored_by_terraform(name: str) -> bool:
    """Whether Terraform passes over a file because of its name: hidden, or an editor's (``IsIgnoredFile`` in its
    ``internal/configs/parser_config_dir.go``), such as ``._kms.tf``, ``kms.tf~``, ``#kms.tf#``."""
    return name.startswith(".") or name.endswith("~") or (name.startswith("#") and name.endswith("#"))


def systems_own(name: str) -> bool:
    """Whether a file is one that an operating system puts into every directory."""
    return name in _SYSTEMS


def is_archive_name(name: str) -> bool:
    """Whether a file's name is that of an archive that is read."""
    return name.lower().endswith(ARCHIVES)


def is_other_archive(name: str) -> bool:
    """Whether it is that of an archive that is not read."""
    return name.lower().endswith(OTHER_ARCHIVES) and not is_archive_name(name)


def without_suffix(name: str) -> str:
    """``ann`` of ``ann.zip`` and of ``ann.tar.xz``; a name that is no archive's as it is."""
    lower = name.lower()
    for suffix in (*ARCHIVES, *(f".tar{other}" for other in OTHER_ARCHIVES), *OTHER_ARCHIVES):
        if lower.endswith(suffix) and len(lower) > len(suffix):
            return name[: -len(suffix)]
    return name


def is_nobodys(name: str) -> bool:
    """Whether a file beside submissions is nobody's hand-in: a system's, an editor's, or the instructor's."""
    lower = name.lower()
    return (
        systems_own(name)
        or ignored_by_terraform(name)
        or name.startswith("~$")  # Office, while a document is open
        or any(fnmatchcase(lower, pattern) for pattern in _INSTRUCTORS)
    )


def is_module_like(directory: str) -> bool:
    """Whether a path is nearly ``modules/secrets``: ``module/secret``, ``Modules/Secrets``."""
    return directory != MODULE_DIR and _NEARLY.fullmatch(directory) is not None


def remark(path: str) -> str | None:
    """A sentence on a file that somebody may take for one that is read; None for every other."""
    name = path.rpartition("/")[2]
    if ignored_by_terraform(name):
        return None
    if called := _CALLED.fullmatch(name):
        return f"{path} is not read by Terraform: rename it to {called['name']}."
    trimmed = name.strip().lower()
    if trimmed.endswith(".tf") and not name.endswith(".tf"):
        return f"{path} is not read by Terraform, whose files end with .tf: rename it to {name.strip()[:-3]}.tf."
    if trimmed.endswith(".ipynb") and not name.endswith(".ipynb"):
        return f"{path} is not read, because notebooks end with .ipynb: rename it to {name.strip()[:-6]}.ipynb."
    return None


def instead(paths: Iterable[str]) -> tuple[str, str] | None:
    """What there is where no ``.tf`` file is, and the next step; None when nothing of it tells.

    :param paths: of all files that were handed in.
    """
    names = sorted(paths)
    for path in names:
        if said := remark(path):
            return said, "Hand in again."
    packed = [path for path in names if is_archive_name(path) or is_other_archive(path)]
    if packed:
        are = "is an archive" if len(packed) == 1 else "are archives"
        return f"{_some(packed)} in it {are}, which is not opened.", "Unpack it, and hand in the files as one .zip."
    if names and all("/" not in path for path in names):
        return f"What was handed in is {_some(names)}.", f"Hand in the module's files, in {MODULE_DIR}/, as .zip."
    return None


def not_handed_in(name: str) -> tuple[str, str]:
    """Why a file that lies beside submissions is none, and the next step."""
    if is_other_archive(name):
        return f"{name} is an archive of a kind that is not read.", "Hand in the same files as .zip."
    if said := remark(name):
        return said, "Hand in the module's directory as .zip."
    return f"{name} is one file beside the submissions, and no module.", "Hand in the module's directory as .zip."


def _some(names: list[str]) -> str:
    more = [f"{len(names) - _NAMED} more"] if len(names) > _NAMED else []
    return listed([*names[:_NAMED], *more])
