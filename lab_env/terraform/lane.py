"""One warm lane: a provider process, and its way through the pool's proxy."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import time
from pathlib import Path
from typing import IO

from lab_env import processes
from lab_env.errors import TerraformError, WrongProviderError
from lab_env.sandbox import Door, Relay, Sandbox
from lab_env.sandbox.layers import FIRST_PID
from lab_env.terraform.facade import FILE_LIMIT, MEMORY_LIMIT
from lab_env.terraform.hosting import ProxyHost
from lab_env.terraform.provider import SOURCE, Provider

PROTOCOL_VERSION = 5
START_TIMEOUT_S = 60.0
_LOG_LIMIT = 1024 * 1024


class Lane:
    """One warm provider. Made by :class:`LanePool`, held by one run at a time.

    :ivar pid: the provider's process.
    :ivar socket: the unix socket that it names.
    """

    def __init__(
        self,
        number: int,
        provider: Provider,
        host: ProxyHost,
        directory: Path,
        *,
        sandbox: Sandbox,
        relay: Relay | None,
    ) -> None:
        """Start the provider and open its way through the proxy.

        :param relay: None: the sandbox's network is open.
        :raises TerraformError: it does not start, speaks another protocol or is another version than it should be.
        """
        self.number = number
        self.invalidated: str | None = None
        self._host = host
        self._directory = directory
        self._log = directory / "log"
        self._relay = relay
        self._door: Door | None = None
        self._sandbox = sandbox
        self.socket = str(directory / "proxy")
        try:
            directory.mkdir(mode=0o700)
            with self._log.open("ab") as log:
                sandbox.let_in(directory)
                self._child = self._begin([str(provider.binary), "-debug"], sandbox, log)
        except OSError as error:
            self._close_door()
            raise TerraformError(f"The AWS provider does not start: {error}.", next_step="Run `lab doctor`.") from error
        try:
            address = self._handshake(provider.version)
            self.pid = processes.program_of(self._child.pid)
            host.order("open", number, provider=f"unix:{address}", address=f"unix:{self.socket}")
            sandbox.let_call(Path(self.socket))
        except OSError as error:  # the pool was closed meanwhile
            self.close()
            raise TerraformError(f"The lane's socket is gone: {error}.") from error
        except BaseException:
            self.close()
            raise

    def reattach(self, sandbox: Sandbox) -> str:
        """Make the value of ``TF_REATTACH_PROVIDERS`` for a Terraform that is to use this lane from that sandbox."""
        return json.dumps(
            {
                SOURCE: {
                    "Protocol": "grpc",
                    "ProtocolVersion": PROTOCOL_VERSION,
                    "Pid": self._looked_for(sandbox),
                    # "Test": the provider outlives the Terraform that used it.
                    "Test": True,
                    "Addr": {"Network": "unix", "String": self.socket},
                }
            }
        )

    def _looked_for(self, sandbox: Sandbox) -> int:
        """The process that Terraform asks every second whether it is there; without one it takes the provider for gone.

        It asks by a signal, so it must be a process that it may send one: of its own user, since it has no right to more.
        """
        if sandbox.bwrap is not None:
            return FIRST_PID  # there it sees but its own: itself
        return self.pid if sandbox.user == self._sandbox.user else self._host.pid

    @property
    def proxy_pid(self) -> int:
        """The proxy's process, which all lanes of the pool share."""
        return self._host.pid

    def require_healthy(self) -> None:
        """:raises TerraformError: the lane was given up, or its provider or proxy has ended."""
        if self.invalidated is None and self._child.poll() is not None:
            self.invalidate("its provider has ended")
        if self.invalidated is None and not self._host.alive:
            self.invalidate("the proxy has ended")
        if self.invalidated is None and self._relay is not None and not self._relay.alive:
            self.invalidate("the sandbox's relay has ended")
        if self.invalidated is not None:
            raise TerraformError(f"Lane {self.number} is out of service: {self.invalidated}.", next_step="Try again.")

    def admit(self, endpoint: str) -> None:
        """Let the provider reach the engine at this URL.

        :raises TerraformError: it cannot: the lane is invalidated.
        """
        if self._door is None:
            return
        try:
            self._door.admit(endpoint)
        except TerraformError as error:
            self.invalidate(error.message)
            raise

    def invalidate(self, reason: str) -> None:
        """Take the lane out of service: it ends when its run gives it back. The first reason is kept."""
        self.invalidated = self.invalidated or reason

    def check(self) -> bool:
        """Whether the lane can serve a run: both processes are there and the provider answers its health service."""
        try:
            self.require_healthy()
            self._host.order("check", self.number)
        except TerraformError as error:
            self.invalidate(error.message)
            return False
        with contextlib.suppress(OSError):
            if self._log.stat().st_size > _LOG_LIMIT:
                os.truncate(self._log, 0)  # opened for appending, so the provider goes on at the start
        return True

    def close(self) -> None:
        """End the provider. Safe to call twice."""
        self.invalidate("closed")
        with contextlib.suppress(TerraformError):
            self._host.order("close", self.number)
        self._child.terminate_group(grace=0)
        self._close_door()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _begin(self, argv: list[str], sandbox: Sandbox, log: IO[bytes]) -> processes.Child:
        """The provider in its sandbox, with a door whose address comes with the first run."""
        self._door = door = self._relay.door() if self._relay is not None else None
        descriptors = () if door is None else (door.descriptor,)
        child = processes.spawn(
            sandbox.command(argv, self._directory, door=None if door is None else door.descriptor),
            cwd=self._directory,
            env=provider_environment(self._directory),
            limits=processes.Limits(data_bytes=MEMORY_LIMIT, file_bytes=FILE_LIMIT),
            stdout=log,
            stderr=log,
            pass_fds=descriptors,
        )
        if door is not None:
            door.given()
        return child

    def _close_door(self) -> None:
        if self._door is not None:
            self._door.close()

    def _handshake(self, version: str) -> str:
        """The provider's socket, as it prints it once it serves."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                text = self._log.read_text(encoding="utf-8", errors="replace")
            except OSError as error:  # the pool was closed meanwhile
                raise TerraformError(f"The AWS provider's log is gone: {error}.") from error
            line = re.search(r"TF_REATTACH_PROVIDERS='(\{.*\})'", text)
            named = re.search(r"^Starting \S+terraform-provider-aws@v?(\S+)", text, re.MULTILINE)
            if line and named:
                break
            if self._child.poll() is not None:
                raise TerraformError(f"The AWS provider ended at its start: {' '.join(text.split())[-300:]}")
            if time.monotonic() > deadline:
                raise TerraformError(f"The AWS provider was not ready after {START_TIMEOUT_S:g} seconds.")
            time.sleep(0.02)
        if named[1] != version:
            raise WrongProviderError(
                f"The AWS provider says that it is {named[1]}, and its mirror says {version}.",
                next_step="Fetch it again with `terraform providers mirror`.",
            )
        try:
            offer = json.loads(line[1])[SOURCE]
            spoken, network, address = offer["ProtocolVersion"], offer["Addr"]["Network"], offer["Addr"]["String"]
        except (ValueError, KeyError, TypeError) as error:
            raise TerraformError("The AWS provider's handshake cannot be read.") from error
        if offer.get("Protocol") != "grpc" or spoken != PROTOCOL_VERSION or network != "unix":
            raise TerraformError(f"The AWS provider speaks protocol {spoken} over {network}, not 5 over a unix socket.")
        return str(address)


def provider_environment(directory: Path) -> dict[str, str]:
    """The provider's environment: fixed when it starts, so nothing of one run or of the caller is in it.

    Its logs are off: they cost a tenth of its time, and they hold requests with secrets in them.
    """
    return {
        "PATH": os.defpath,
        "HOME": "/nonexistent",
        "TMPDIR": str(directory),
        "LANG": "C.UTF-8",
        "TF_LOG": "off",
        "TF_LOG_SDK": "off",
        "TF_LOG_PROVIDER": "off",
        "TF_LOG_PROVIDER_AWS": "off",
    }
