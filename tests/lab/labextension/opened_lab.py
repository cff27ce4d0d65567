"""JupyterLab as ``lab up --notebooks`` starts it, and a page of it with everything that it said and asked for."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page

from lab_env.processes import create_time, is_running

ROOT = Path(__file__).resolve().parents[3]
START_S = 600
"""Seconds that JupyterLab may take to start on a machine that does much else."""
SHOWN_MS = 300_000
DEPLOYED_MS = 300_000
"""A deployment on a machine that does much else."""
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/\S*\?token=\w+")


@dataclass
class Started:
    """A running ``lab up --notebooks``.

    :param log: the file that holds all it wrote.
    :param address: what it told people to open, token included.
    """

    process: subprocess.Popen[bytes]
    log: Path
    address: str

    @property
    def origin(self) -> str:
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"

    def at(self, path: str) -> str:
        """The address of a page of it."""
        return f"{self.origin}{path}?{urlsplit(self.address).query}"

    def interrupt(self, seconds: float = 60) -> int:
        """Ctrl-C; its exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(seconds)


def started(
    directory: Path, scratch: Path, *words: str, environment: Mapping[str, str] | None = None
) -> AbstractContextManager[Started]:
    """``lab up --notebooks`` on ``directory``, with Jupyter's own directories in ``scratch``: no setting of the user's."""
    command = [sys.executable, "-m", "lab.cli", "up", "--notebooks", "--no-browser", "--dir", str(directory)]
    return running([*command, "--port", str(_free_port()), *words], ROOT, scratch, environment)


@contextmanager
def running(
    command: Sequence[str], cwd: Path, scratch: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Started]:
    """A command that starts JupyterLab, until the block ends."""
    log = scratch / "up.log"
    own = {
        "JUPYTER_CONFIG_DIR": str(scratch / "config"),
        "JUPYTER_DATA_DIR": str(scratch / "data"),
        "JUPYTER_RUNTIME_DIR": str(scratch / "runtime"),
        "IPYTHONDIR": str(scratch / "ipython"),
    }
    kept = {name: value for name, value in os.environ.items() if name not in ("LAB_WORKSPACE", "JUPYTER_TOKEN")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(command),
            cwd=cwd,
            env={**kept, **own, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_heed_interrupts,
        )
    created = create_time(process.pid)
    try:
        yield Started(process, log, _address(process, log))
    finally:
        if is_running(process.pid, created):
            # Its whole group, as a terminal would: `make` does not pass it on to what it has started.
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(60)


def _heed_interrupts() -> None:
    """A shell that starts the tests in the background has them ignore Ctrl-C, and their children would as well."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        text = log.read_text(encoding="utf-8", errors="replace")
        found = _ADDRESS.search(text)
        if found:
            return found.group()
        if process.poll() is not None:
            break
        time.sleep(0.2)
    raise AssertionError(f"JupyterLab told no address:\n{log.read_text(encoding='utf-8', errors='replace')}")


@dataclass(frozen=True)
class Opened:
    """:param said: errors and warnings of the console, with the script that wrote them; :param asked: hosts, with ports."""

    page: Page
    said: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def cell(self, index: int) -> Locator:
        """A cell of the notebook in front."""
        return self.page.locator(f'.jp-Notebook:visible .jp-Cell[data-windowed-list-index="{index}"]')

    def wear(self, theme: str) -> None:
        """Another theme of JupyterLab, by its menu."""
        if self.page.evaluate("() => document.body.dataset.jpThemeName") != theme:
            self.page.locator(".lm-MenuBar-itemLabel:text-is('Settings')").click()
            self.page.locator(".lm-Menu-itemLabel:text-is('Theme')").hover()
            self.page.locator(f".lm-Menu-itemLabel:text-is('{theme}')").click()
            self.page.wait_for_function("theme => document.body.dataset.jpThemeName === theme", arg=theme)


class Notebook:
    """The notebook in front, driven as a person does: by what is written in it, the mouse and the keyboard."""

    def __init__(self, seen: Opened, name: str) -> None:
        self.page = seen.page
        self.panel = seen.page.locator(".jp-NotebookPanel:visible")
        seen.page.locator(f".jp-mod-current[role=tab] .lm-TabBar-tabLabel:text-is('{name}')").first.wait_for()
        self.idle()

    def cell(self, beginning: str) -> Locator:
        """The cell whose text begins so."""
        begins = re.compile("^" + re.escape(beginning))
        content = self.page.locator(".cm-content").filter(has_text=begins)
        found = self.panel.locator(".jp-CodeCell", has=content).first
        for _ in range(40):  # what is far below is made when it is scrolled to
            if found.count():
                break
            self.panel.locator(".jp-WindowedPanel-outer").hover()
            self.page.mouse.wheel(0, 500)
            self.page.wait_for_timeout(150)
        found.scroll_into_view_if_needed()
        return found

    def write(self, cell: Locator, text: str) -> None:
        """In the place of what is in the cell."""
        cell.locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def run(self, cell: Locator) -> Locator:
        """Shift and Enter, and wait until it has run; its output."""
        prompt = cell.locator(".jp-InputPrompt")
        before = prompt.inner_text()
        cell.locator(".cm-content").click()
        cell.and_(self.page.locator(".jp-mod-active")).wait_for()
        self.page.keyboard.press("Shift+Enter")
        deadline = time.monotonic() + DEPLOYED_MS / 1000
        while prompt.inner_text() in (before, "[*]:") and time.monotonic() < deadline:
            self.page.wait_for_timeout(100)
        assert re.fullmatch(r"\[\d+\]:", prompt.inner_text()), prompt.inner_text()
        cell.scroll_into_view_if_needed()
        return cell.locator(".jp-Cell-outputArea")

    def idle(self) -> None:
        """Until the kernel is there and does nothing."""
        self.panel.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(state="attached")
        self.page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()


@contextmanager
def opened(browser: Browser, address: str, *, height: int = 900) -> Iterator[Opened]:
    """A page of JupyterLab in a new profile; what the container of our extension was given is at ``window.sharedModules``."""
    context = browser.new_context(viewport={"width": 1280, "height": height})
    page = context.new_page()
    page.set_default_timeout(SHOWN_MS)
    seen = Opened(page)
    page.on(
        "console",
        lambda message: (
            seen.said.append(f"{message.type}: {message.text} ({message.location.get('url')})")
            if message.type in ("error", "warning")
            else None
        ),
    )
    page.on("pageerror", lambda error: seen.said.append(f"error: {error}"))
    page.on("request", lambda request: seen.asked.add(urlsplit(request.url).netloc))
    page.on("websocket", lambda socket: seen.asked.add(urlsplit(socket.url).netloc))
    page.add_init_script(_KEEP_SHARED)
    page.goto(address)
    yield seen
    context.close()


# JupyterLab has no door to its modules but the one that it opens to extensions: listen at ours.
_KEEP_SHARED = """
  window._JUPYTERLAB = new Proxy({}, {
    set(all, name, container) {
      if (name === 'secrets-lab-hcl') {
        const { init } = container;
        container.init = scope => { window.sharedModules = scope; return init(scope); };
      }
      all[name] = container;
      return true;
    }
  });
  window.sharedModule = async name => {
    const [newest] = Object.values(window.sharedModules[name]);
    return (await newest.get())();
  };
"""
