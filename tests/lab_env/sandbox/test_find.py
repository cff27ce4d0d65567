"""Which layers are chosen: the strongest that Terraform works behind, and never none in silence."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from lab_env.errors import LabError, TerraformError, UsageError
from lab_env.sandbox import OPEN, Programs, Sandbox, find_sandbox
from lab_env.sandbox.find import Machine, candidates, this_machine, trouble
from lab_env.terraform import Toolchain

from .conftest import SYSTEM_PROGRAM

FULL = Machine(linux=True, root=True, remote=False, bwrap="/usr/bin/bwrap", unshare="/x/unshare", setpriv="/x/setpriv")


@pytest.mark.parametrize(
    ("machine", "layers"),
    [
        (FULL, [("user", "bubblewrap", "network"), ("user", "network"), ("network",), ("user",)]),
        (replace(FULL, root=False), [("bubblewrap", "network"), ("network",)]),
        (replace(FULL, bwrap=None), [("user", "network"), ("network",), ("user",)]),
        (replace(FULL, remote=True), [("user", "bubblewrap"), ("user",)]),
        (replace(FULL, setpriv=None), [("bubblewrap", "network")]),
        (replace(FULL, root=False, bwrap=None, unshare=None), []),
        (replace(FULL, linux=False), []),
    ],
)
def test_the_strongest_first(machine: Machine, layers: list[tuple[str, ...]]) -> None:
    """Are all layers tried that a machine could have, strongest first, and none that it cannot have?"""
    assert [one.layers for one in candidates(machine, SYSTEM_PROGRAM)] == layers


@pytest.mark.terraform
def test_terraform_works_behind_what_is_found(toolchain: Toolchain) -> None:
    """Is what find_toolchain chose the first candidate that Terraform works behind, and is a weaker one's reason told?"""
    programs = Programs(toolchain.terraform, toolchain.provider.binary, toolchain.sandbox.readable)
    if toolchain.sandbox.layers:
        assert trouble(toolchain.sandbox, programs) is None
    else:
        assert toolchain.sandbox.notes


def test_layers_that_do_not_stand_are_passed_over() -> None:
    """A bubblewrap that does not work, as in many containers: is the next layer taken, and the reason told?"""
    machine = replace(this_machine({}), bwrap="/bin/false", linux=True)
    found = find_sandbox(SYSTEM_PROGRAM, {}, machine)
    assert "bubblewrap" not in found.layers
    assert any(note.startswith(("bubblewrap", "user + bubblewrap")) for note in found.notes)


def test_a_program_that_cannot_be_read_inside(tmp_path: Path, all_standing: list[Sandbox]) -> None:
    """Is a layer behind which a program or its provider is out of reach no layer that stands?"""
    hidden = tmp_path / "terraform"
    hidden.write_text("#!/bin/sh\necho Terraform v1.11.4\n")
    hidden.chmod(0o755)
    for sandbox in (one for one in all_standing if one.bwrap is not None):
        programs = Programs((str(hidden),), Path("/bin/sh"), ())
        assert trouble(sandbox, programs) is not None
        assert trouble(replace(sandbox, readable=(*sandbox.readable, hidden)), programs) is None


def test_off_and_required(monkeypatch: pytest.MonkeyPatch) -> None:
    """Does LAB_SANDBOX switch the layers off, ask for them, and refuse other words?"""
    assert find_sandbox(SYSTEM_PROGRAM, {"LAB_SANDBOX": "off"}) == replace(OPEN, notes=("LAB_SANDBOX is off.",))
    with pytest.raises(UsageError, match="LAB_SANDBOX is 'on'"):
        find_sandbox(SYSTEM_PROGRAM, {"LAB_SANDBOX": "on"})
    bare = replace(FULL, bwrap=None, unshare=None, setpriv=None)
    assert find_sandbox(SYSTEM_PROGRAM, {}, bare).layers == ()
    with pytest.raises(TerraformError, match="these layers do not stand: user, bubblewrap, network") as caught:
        find_sandbox(SYSTEM_PROGRAM, {"LAB_SANDBOX": "required"}, bare)
    assert caught.value.exit_code == 3
    assert caught.value.next_step


def test_what_a_run_asks_for() -> None:
    """Does a run that requires the layers get them whatever this machine says, and else this machine's word before the run's?"""
    off = replace(OPEN, notes=("LAB_SANDBOX is off.",))
    bare = replace(FULL, bwrap=None, unshare=None, setpriv=None)
    for own in ({}, {"LAB_SANDBOX": "auto"}, {"LAB_SANDBOX": "off"}):
        with pytest.raises(TerraformError, match="do not stand"):
            find_sandbox(SYSTEM_PROGRAM, own, bare, asked="required")
    assert find_sandbox(SYSTEM_PROGRAM, {}, bare, asked="off") == off
    assert find_sandbox(SYSTEM_PROGRAM, {"LAB_SANDBOX": "off"}, bare, asked="auto") == off
    with pytest.raises(TerraformError, match="do not stand"):
        find_sandbox(SYSTEM_PROGRAM, {"LAB_SANDBOX": "required"}, bare, asked="off")


def test_required_where_all_stand(all_standing: list[Sandbox]) -> None:
    """Are required layers the same as those that are found anyway, where all stand?"""
    wanted = {"bubblewrap", "network", *(["user"] if os.geteuid() == 0 else [])}
    stands = any(set(one.layers) == wanted for one in all_standing)
    try:
        found = find_sandbox(SYSTEM_PROGRAM, {"LAB_SANDBOX": "required"})
    except LabError:
        assert not stands
    else:
        assert set(found.layers) == wanted
