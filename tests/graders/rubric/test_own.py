"""Requirements of an instructor's own: what their digest is over."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from graders.assignment import OwnPackage
from graders.rubric import own
from lab_env.digests import of_distribution
from tests.graders.rubric.own_packages import REQUIREMENT, VERSION, install

NUMBERS = itertools.count()


def digest(name: str) -> str:
    own._load.cache_clear()
    (loaded,) = own.load([OwnPackage(package=name, version=VERSION)], ())
    return loaded.digest


@pytest.mark.parametrize("edited", [False, True], ids=["installed", "edited where it lies"])
@pytest.mark.parametrize("top", ["", "pack/"], ids=["modules", "a package"])
def test_every_file_is_in_the_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edited: bool, top: str) -> None:
    """Does a change of any file that the package brings change its digest, and of nothing that the installer writes?"""
    name = f"acme_own_{next(NUMBERS)}"
    rules, helpers = (
        (f"{name}/{top}rules.py", f"{name}/{top}words.toml") if top else (f"{name}.py", f"{name}_helpers.py")
    )
    files = {rules: REQUIREMENT.format(name=name), helpers: "a = 1\n"} | ({f"{name}_more.py": "b = 1\n"} if top else {})
    source = tmp_path / "source" if edited else None
    install(tmp_path / "site", name, files, monkeypatch, source=source)
    place = source or tmp_path / "site"
    seen = [digest(name)]
    for path in list(files)[1:]:
        (place / path).write_text("a = 2\n")
        seen.append(digest(name))
    assert len(set(seen)) == len(files)
    (tmp_path / "site" / f"{name}-{VERSION}.dist-info" / "INSTALLER").write_text("another\n")
    assert digest(name) == seen[-1]


def test_it_is_the_same_wherever_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is the digest one of names and bytes, so that two machines with the same package have the same?"""
    name = f"acme_own_{next(NUMBERS)}"
    files = {f"{name}.py": REQUIREMENT.format(name=name), f"{name}_helpers.py": "a = 1\n"}
    install(tmp_path / "here", name, files, monkeypatch)
    here = digest(name)
    with monkeypatch.context() as there:
        install(tmp_path / "there", name, files, there, source=tmp_path / "source")
        assert digest(name) == here
    assert of_distribution(name, name) == here
