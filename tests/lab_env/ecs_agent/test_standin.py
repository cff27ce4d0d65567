"""The stand-in: what a learner names and fills is data to it, whatever sandbox stand around it."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import pytest

from lab_env.ecs_agent import AgentError, StandInError, standin
from lab_env.ecs_agent.environment import MAX_STRING_BYTES
from lab_env.sandbox import OPEN, Sandbox
from lab_env.sandbox.layers import python
from tests.lab_env.sandbox.conftest import standing

OBEYED = (
    "BASH_ENV",
    "DYLD_INSERT_LIBRARIES",
    "ENV",
    "GCONV_PATH",
    "GIO_MODULE_DIR",
    "GLIBC_TUNABLES",
    "HOME",
    "HOSTALIASES",
    "IFS",
    "LC_ALL",
    "LC_CTYPE",
    "LD_AUDIT",
    "LD_PRELOAD",
    "LOCALDOMAIN",
    "LOCPATH",
    "MALLOC_CHECK_",
    "NODE_OPTIONS",
    "OPENSSL_CONF",
    "OPENSSL_MODULES",
    "PATH",
    "PWD",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "PYTHONWARNINGS",
    "RES_OPTIONS",
    "SHLVL",
    "SSL_CERT_FILE",
    "TMPDIR",
    "TZ",
    "_",
    "LAB_CONTAINER_PATH",
)
"""Names that a loader, a library, a shell or an interpreter obeys on some machine: examples, not a list that anything rests on."""
ODD = ("a b", "-rf", "%s{0}", "naïve", "\n", "\x1b[2J", "\u202e", "a" * 5000, "salt", "environment")


@pytest.fixture(scope="module")
def every_wall() -> list[Sandbox]:
    """No sandbox, and all combinations that stand on this machine."""
    return [OPEN, *standing()]


def test_every_name_is_data(every_wall: list[Sandbox]) -> None:
    """Does the stand-in see each variable under its own name with its own value, whatever that name does elsewhere?"""
    given = {name: f"/nonexistent/{number}" for number, name in enumerate((*OBEYED, *ODD))}
    for sandbox in every_wall:
        seen = standin.start(given, sandbox=sandbox)
        assert seen.keys() == given.keys(), sandbox
        assert all(seen[name].matches(value) for name, value in given.items()), sandbox
        assert not any(seen[name].matches("another") for name in given), sandbox


_PROBE = """
import json, os, sys
given = json.loads(sys.stdin.buffer.read())["environment"]
environment = open("/proc/self/environ").read() if os.path.exists("/proc/self/environ") else repr(sorted(os.environ))
json.dump({"environment": environment, "arguments": " ".join(sys.orig_argv[:-1]), "directory": repr(os.listdir())}, sys.stdout)
"""


def test_nothing_of_it_is_in_the_process(every_wall: list[Sandbox], monkeypatch: pytest.MonkeyPatch) -> None:
    """Are the process's real environment and directory empty, and its arguments ours, whatever is injected and around us?"""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "the-callers")
    monkeypatch.setattr(standin, "_PROGRAM", _PROBE)
    for sandbox in every_wall:
        seen = standin.start(dict.fromkeys(OBEYED, "injected"), sandbox=sandbox)
        if sys.platform == "linux":
            assert seen["environment"].digest == "", sandbox
        else:
            assert not set(OBEYED[:6]) & set(seen["environment"].digest), sandbox
        assert "the-callers" not in seen["environment"].digest
        assert seen["arguments"].digest == f"{python()} -I -S -c", sandbox
        assert seen["directory"].digest in ("[]", "['.scratch']"), sandbox


# Where the learner's bytes are read, in the stand-in's own program: what could such bytes do there?
_TRIES = """
import os, socket
def tried(what):
    try:
        what()
    except OSError as error:
        return type(error).__name__
    return "did it"
seen = {
    "open": tried(lambda: os.open("/", os.O_RDONLY)),
    "environ": tried(lambda: os.open("/proc/self/environ", os.O_RDONLY)),
    "call": tried(socket.socket),
    "fork": tried(lambda: os._exit(0) if os.fork() == 0 else None),
    "core": str(resource.getrlimit(resource.RLIMIT_CORE)),
}
"""


def test_it_can_do_nothing_when_it_reads(every_wall: list[Sandbox], monkeypatch: pytest.MonkeyPatch) -> None:
    """Can it open no file and no socket, leave no core, and as a user start no process, before the first byte is read?"""
    before, reading, after = standin._PROGRAM.partition("document = json.loads")
    assert reading
    monkeypatch.setattr(standin, "_PROGRAM", "import os, socket\n" + before + _TRIES + reading + _reported(after))
    for sandbox in every_wall:
        seen = {name: found.digest for name, found in standin.start({"A": "b"}, sandbox=sandbox).items()}
        assert seen["core"] == "(0, 0)"
        assert (seen["open"], seen["environ"], seen["call"]) == ("OSError", "OSError", "OSError"), (sandbox, seen)
        assert seen["fork"] == "BlockingIOError" or not _is_a_user(sandbox), (sandbox, seen)


def _is_a_user(sandbox: Sandbox) -> bool:
    """Whether the stand-in runs as somebody else than root, whose processes nothing limits."""
    return os.geteuid() != 0 or sandbox.around(Path(tempfile.gettempdir()), Path(python())).user is not None


def _reported(program: str) -> str:
    """The rest of the program, which tells what was tried instead of what was injected."""
    return program.replace("json.dump(seen,", "json.dump(tried_all,").replace("seen = {", "tried_all, _ = seen, {", 1)


def test_a_large_environment(every_wall: list[Sandbox]) -> None:
    """Are thirty values as large as Secrets Manager holds them seen whole?"""
    given = {f"N{number}": chr(0x430 + number) * 32_768 for number in range(30)}
    for sandbox in every_wall:
        seen = standin.start(given, sandbox=sandbox)
        assert all(seen[name].matches(value) for name, value in given.items())


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"": "a"}, "without a name"),
        ({"A=B": "a"}, "equals sign"),
        ({"=": "a"}, "equals sign"),
        ({"A\0": "a"}, "zero byte"),
        ({"A": "hunter2\0"}, "zero byte"),
        ({"A": "x" * (MAX_STRING_BYTES - 2)}, "128 KiB"),
        ({"A" * MAX_STRING_BYTES: ""}, "128 KiB"),
        ({"A": "я" * (MAX_STRING_BYTES // 2)}, "128 KiB"),
        ({f"{number}": "x" * 65_536 for number in range(32)}, "2 MiB"),
    ],
    ids=range(9),
)
def test_what_no_environment_can_hold(environment: dict[str, str], reason: str) -> None:
    """Is it refused as a container that cannot be created, in words that quote neither names nor values?"""
    with pytest.raises(
        AgentError, match=f"^CannotCreateContainerError: the environment is refused \\(.*{reason}"
    ) as said:
        standin.start(environment, sandbox=OPEN)
    assert "hunter2" not in str(said.value)


@pytest.mark.skipif(sys.platform != "linux", reason="the bound is Linux's; elsewhere it is another one")
def test_the_bound_of_a_string_is_the_systems() -> None:
    """Does execve of this machine take the largest variable that we take, and not one byte more?"""
    import subprocess

    largest = "x" * (MAX_STRING_BYTES - len("A=\0"))
    assert standin.start({"A": largest}, sandbox=OPEN)["A"].matches(largest)
    assert subprocess.run(["/bin/true"], env={"A": largest}, check=False).returncode == 0
    with pytest.raises(OSError, match="too long"):
        subprocess.run(["/bin/true"], env={"A": f"{largest}x"}, check=False)


def test_half_a_surrogate_pair() -> None:
    """Is half of a pair, in a name or a value, the replacement character, as a Go program would have read it?"""
    seen = standin.start({"N\ud800": "v\udfff"}, sandbox=OPEN)
    assert list(seen) == ["N\ufffd"]
    assert seen["N\ufffd"].matches("v\ufffd")
    assert seen["N\ufffd"].matches("v\udfff")


@pytest.mark.parametrize(
    "program", ["import sys; sys.exit(3)", "import os; os.abort()", "print('x' * (65 << 20))", "print('{')"]
)
def test_a_stand_in_that_fails_is_not_the_learners_fault(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is a stand-in that ends without an answer a fault of ours, which costs no points, and not a task that does not start?"""
    monkeypatch.setattr(standin, "_PROGRAM", program)
    with pytest.raises(StandInError, match=r"stand-in .*lab doctor"):
        standin.start({"A": "b"}, sandbox=OPEN)


def test_layers_that_do_not_stand_are_our_fault(tmp_path: Path) -> None:
    """Is a layer that is gone an error of ours, and not a launch without it?"""
    with pytest.raises(StandInError):
        standin.start({"A": "b"}, sandbox=Sandbox(bwrap=str(tmp_path / "gone")))


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every_wall: list[Sandbox]) -> None:
    """Is its directory gone afterwards, and was no value ever in a file of it?"""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for sandbox in every_wall:
        standin.start({"A": json.dumps("hunter2")}, sandbox=sandbox)
    assert list(tmp_path.iterdir()) == []
