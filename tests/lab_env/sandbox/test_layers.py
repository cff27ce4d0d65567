"""In the sandbox: what a program sees, reaches, may change, and leaves behind."""

from __future__ import annotations

import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from lab_env.sandbox import OPEN, Sandbox
from lab_env.sandbox.layers import SCRATCH_NAME
from tests.conftest import missing

from .conftest import Inside

CANARY = "canary-5b1e-sings"


def test_it_sees_its_own_directory_and_no_other(bubble: Sandbox, inside: Inside, run_directory: Path) -> None:
    """Is everything of the machine's but the system's programs out of sight: homes, other runs, other processes?"""
    (run_directory.parent / "neighbour").mkdir()
    secret = run_directory.parent / "neighbour" / "secret.txt"
    secret.write_text(CANARY)
    secret.chmod(0o644)
    done = inside(
        bubble, f"cat {secret}; ls -A {run_directory.parent}; echo; ls / /etc; ls /home /var /run; ls -d /proc/[0-9]*"
    )
    beside, _, said = done.stdout.decode().partition("\n\n")
    assert beside == "run"
    assert CANARY not in said
    assert not {"home", "var", "run", "srv", "passwd", "shadow"} & set(said.split())
    assert all(int(word.rpartition("/")[2]) < 10 for word in said.split() if word.startswith("/proc/"))
    assert done.stderr.count(b"No such file") == 4


def test_it_writes_in_its_own_directory_and_nowhere_else(bubble: Sandbox, inside: Inside, run_directory: Path) -> None:
    """Can it make files in the run's directory and in a temporary one, and nowhere else at all?"""
    line = f'echo a > made && echo b > "$TMPDIR/kept" && for d in / /usr /etc /tmp /dev {run_directory.parent}; do'
    done = inside(bubble, f'{line} : > "$d/x" && echo "wrote $d"; done; exit 0')
    assert (done.returncode, done.stdout) == (0, b""), done
    assert (run_directory / "made").read_text() == "a\n"
    assert (run_directory / SCRATCH_NAME / "kept").read_text() == "b\n"


def test_it_has_no_rights(all_standing: list[Sandbox], inside: Inside) -> None:
    """Behind any layers: no capability, no way to get one, and for root another user without groups?"""
    for sandbox in all_standing:
        done = inside(sandbox, "id -u; id -G; grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status")
        user, groups, *status = done.stdout.decode().splitlines()
        values = dict(line.replace(":", "").split() for line in status)
        assert int(values["CapEff"], 16) == 0, sandbox
        assert values["NoNewPrivs"] == "1", sandbox
        if sandbox.user is not None:
            assert (user, groups) == (str(sandbox.user), str(sandbox.user))
            assert int(values["CapBnd"], 16) == 0, sandbox


def test_its_environment_is_what_it_was_given(bubble: Sandbox, inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the layers bring nothing of the caller's environment along?"""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", CANARY)
    done = inside(bubble, "cat /proc/self/environ | tr '\\0' '\\n'")
    names = {line.partition("=")[0] for line in done.stdout.decode().splitlines()}
    assert names <= {"PATH", "ASKED", "TMPDIR", "PWD", "SHLVL", "_", "OLDPWD"}


def test_what_it_leaves_behind_ends_with_it(bubble: Sandbox, inside: Inside) -> None:
    """Is a process that went away into a session of its own gone when the call is over?"""
    line = "setsid bash -c 'exec -a left-behind-by-a-test sleep 600' & sleep 0.2"
    inside(bubble, line)
    assert [one for one in psutil.process_iter(["cmdline"]) if "left-behind-by-a-test" in _words(one)] == []
    inside(OPEN, line)  # and without the sandbox it is not: what is tried here is the layers' doing
    left = [one for one in psutil.process_iter(["cmdline"]) if "left-behind-by-a-test" in _words(one)]
    for one in left:
        one.kill()
    assert len(left) == 1


def _words(process: psutil.Process) -> list[str]:
    return process.info["cmdline"] or []


def test_how_it_ended_is_told(all_standing: list[Sandbox], inside: Inside) -> None:
    """Is an exit code the program's own, and a signal a signal?"""
    for sandbox in all_standing:
        codes = [inside(sandbox, line).returncode for line in ("exit 0", "exit 3")]
        assert [sandbox.signal_of(code) for code in codes] == [0, 3], sandbox
        with ThreadPoolExecutor(1) as executor:
            running = executor.submit(inside, sandbox, "exec -a to-be-killed-by-a-test sleep 600")
            while not (
                victims := [one for one in psutil.process_iter(["cmdline"]) if "to-be-killed-by-a-test" in _words(one)]
            ):
                assert not running.done()
                time.sleep(0.02)
            for one in victims:
                one.kill()
            assert sandbox.signal_of(running.result().returncode) == -9, sandbox


def test_what_the_grader_wrote_stays_as_it_is(all_standing: list[Sandbox], inside: Inside, run_directory: Path) -> None:
    """Started as root: can the user inside read the files but neither change, remove nor exchange them, only state?"""
    if os.geteuid() != 0:
        missing("the tests are not run as root, who alone can be another user")
    module = run_directory / "submission" / "modules"
    module.mkdir(parents=True)
    for file in (run_directory / "main.tf", module / "kms.tf"):
        file.write_text("# ours\n")
        file.chmod(0o600)
    (run_directory / "terraform.tfstate").write_text("{}")
    for sandbox in (one for one in all_standing if one.user is not None):
        done = inside(
            sandbox,
            "cat main.tf submission/modules/kms.tf; echo x > main.tf; rm -f main.tf; mv submission taken; "
            "rm -rf submission; echo y > submission/modules/more.tf; echo changed > terraform.tfstate",
        )
        assert done.stdout == b"# ours\n# ours\n", sandbox
        assert (run_directory / "main.tf").read_text() == "# ours\n"
        assert [path.name for path in module.iterdir()] == ["kms.tf"]
        assert (run_directory / "terraform.tfstate").read_text() == "changed\n"
    assert stat.S_IMODE(run_directory.stat().st_mode) == 0o1770


def test_a_directory_that_the_user_cannot_reach(run_directory: Path) -> None:
    """Does a run below a private directory go on without the user, where there is no bubblewrap to show it the way?"""
    sandbox = Sandbox(user=12_345, setpriv="/usr/bin/setpriv")
    assert sandbox.around(run_directory) is sandbox
    run_directory.parent.chmod(0o700)
    assert sandbox.around(run_directory).layers == ()
    assert Sandbox(user=12_345, bwrap="/usr/bin/bwrap").around(run_directory).user == 12_345


def test_a_program_that_the_user_cannot_reach(run_directory: Path) -> None:
    """Does a program that lies below a private directory go on without the user, while other programs keep that layer?"""
    sandbox = Sandbox(user=12_345, setpriv="/usr/bin/setpriv")
    private = run_directory / "home"
    private.mkdir(mode=0o700)
    assert sandbox.around(run_directory, private / "python").layers == ()
    assert sandbox.around(run_directory, Path("/bin/sh")) is sandbox
    assert Sandbox(user=12_345, bwrap="/usr/bin/bwrap").around(run_directory, private / "python").user == 12_345


def test_no_layers_change_nothing(run_directory: Path) -> None:
    """Without any layer: the same words, and the directory as it was?"""
    assert OPEN.command(["terraform", "plan"], run_directory, scratch=True, door=7) == ["terraform", "plan"]
    before = run_directory.stat()
    OPEN.let_in(run_directory)
    assert list(run_directory.iterdir()) == []
    assert run_directory.stat().st_mode == before.st_mode
    assert (OPEN.layers, OPEN.signal_of(137)) == ((), 137)
