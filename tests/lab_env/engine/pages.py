"""A web page that tries to use an engine through the browser it is opened in, and what came of it.

The page calls the engine through a listener here that writes down each request and passes it on as it came: so a test knows
that the browser did send it, and what the engine said.
"""

from __future__ import annotations

import contextlib
import http.client
import http.server
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

LIMIT_S = 60.0
"""Only so that a page that hangs ends some day."""
WAYS = (
    "img", "script", "style", "prefetch", "iframe", "object", "video", "background", "form-get", "form-post", "form-text",
    "form-sandboxed", "fetch-get", "fetch-silent", "fetch-post", "fetch-signed", "xhr", "beacon", "beacon-body", "events",
    "worker", "websocket", "navigation",
)  # fmt: skip
"""How the page calls the engine; each way would create a user of that name."""
_KEYS = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={account}%2F20260101%2Fus-east-1%2Fiam%2Faws4_request"
    "&X-Amz-Date=20260101T000000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=00"
)
"""A presigned URL's: nobody looks at the signature of an account's root."""
_PAGE = """<!doctype html><title>A page of somebody's</title><body><script>
const engine = "%(engine)s", body = name => `Action=CreateUser&Version=2010-05-08&UserName=${name}-%(site)s`;
const keys = "%(keys)s";
const url = name => `${engine}/?${body(name)}&${keys}`;
const add = (tag, attributes) => document.body.appendChild(Object.assign(document.createElement(tag), attributes));
const quiet = promise => promise.catch(() => {});

add("img", {src: url("img")});
add("script", {src: url("script")});
add("link", {rel: "stylesheet", href: url("style")});
add("link", {rel: "prefetch", href: url("prefetch")});
add("iframe", {src: url("iframe")});
add("object", {data: url("object")});
add("video", {src: url("video"), preload: "auto"});
add("div", {style: `background: url("${url("background")}"); width: 9px; height: 9px`});

function form(name, method, enctype, fields) {
  add("iframe", {name: name});
  const made = add("form", {action: method == "get" ? engine : `${engine}/?${keys}`, target: name});
  made.method = method; made.enctype = enctype;
  for (const pair of fields.split("&")) {
    const [key, value] = pair.split("=");
    made.appendChild(Object.assign(document.createElement("input"), {name: key, value: decodeURIComponent(value)}));
  }
  made.submit();
}
form("form-get", "get", "", body("form-get") + "&" + keys);
form("form-post", "post", "application/x-www-form-urlencoded", body("form-post"));
form("form-text", "post", "text/plain", body("form-text"));
add("iframe", {sandbox: "allow-forms allow-scripts", srcdoc:
  `<form method="post" action="${engine}/?${keys}"><input name="Action" value="CreateUser">`
  + `<input name="Version" value="2010-05-08">`
  + `<input name="UserName" value="form-sandboxed-%(site)s"></form><script>document.forms[0].submit()<` + "/script>"});

quiet(fetch(url("fetch-get"), {mode: "no-cors"}));
quiet(fetch(url("fetch-silent"), {mode: "no-cors", referrerPolicy: "no-referrer", credentials: "include"}));
quiet(fetch(`${engine}/?${keys}`, {mode: "no-cors", method: "POST", body: body("fetch-post")}));
quiet(fetch(`${engine}/?${body("fetch-signed")}`, {method: "POST", headers: {Authorization:
  "AWS4-HMAC-SHA256 Credential=%(account)s/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=00"}}));
const asked = new XMLHttpRequest(); asked.open("GET", url("xhr")); asked.send();
navigator.sendBeacon(url("beacon"), "x");
navigator.sendBeacon(`${engine}/?${keys}`, new Blob([body("beacon-body")], {type: "application/x-www-form-urlencoded"}));
const events = new EventSource(url("events")); events.onerror = () => events.close();
new Worker(URL.createObjectURL(new Blob([`try { importScripts("${url("worker")}") } catch {}`])));
new WebSocket(url("websocket").replace("http:", "ws:"));
add("a", {id: "go", href: url("navigation"), textContent: "Read on"});
</script>
"""


@dataclass(frozen=True)
class Passed:
    """One request that a browser sent to the engine.

    :param site: its ``Sec-Fetch-Site``; None without one.
    :param status: the engine's answer.
    """

    method: str
    site: str | None
    status: int


@dataclass
class Stage:
    """:param url: where the engine is called through; the engine knows it as its own name.

    :param pages: the port of the pages, on every name of loopback.
    :param passed: what was called, by the user's name that it would have created.
    """

    engine: str
    account: str
    url: str = ""
    pages: int = 0
    passed: dict[str, list[Passed]] = field(default_factory=dict)

    @property
    def keys(self) -> str:
        """The account's credentials for a query string."""
        return _KEYS.format(account=self.account)

    def address(self, name: str) -> str:
        """A URL that creates a user where the engine obeys it."""
        return f"{self.url}/?Action=CreateUser&Version=2010-05-08&UserName={name}&{self.keys}"

    def await_all(self, names: set[str]) -> None:
        """Until a request of each of these names was answered."""
        deadline = time.monotonic() + LIMIT_S
        while not names <= set(self.passed):
            assert time.monotonic() < deadline, f"the browser did not send {sorted(names - set(self.passed))}"
            time.sleep(0.05)


@contextlib.contextmanager
def stage(engine: str, account: str) -> Iterator[Stage]:
    """The page's server and the listener before the engine, each on a free port of loopback."""
    here = Stage(engine, account)

    class Pages(_Quiet):
        def do_GET(self) -> None:
            site = self.path.strip("/")
            page = _PAGE % {"engine": here.url, "site": site, "account": here.account, "keys": here.keys}
            self.answer(200, [("Content-Type", "text/html")], page.encode())

    class Between(_Between):
        place = here

    with _serving(Pages) as pages, _serving(Between) as before:
        here.pages, here.url = pages, f"http://127.0.0.1:{before}"
        yield here


@contextlib.contextmanager
def _serving(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[int]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Quiet(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: pytest shows what matters."""

    def answer(self, status: int, headers: list[tuple[str, str]], data: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        with contextlib.suppress(OSError):  # a page that has moved on does not listen any more
            self.wfile.write(data)


class _Between(_Quiet):
    """Writes a request down and passes it on with every header that came."""

    place: Stage

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        connection = http.client.HTTPConnection(urlsplit(self.place.engine).netloc, timeout=60)
        try:
            connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in ("connection", "upgrade"):
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        named = re.search(rb"UserName=([a-z-]+)", self.path.encode() + b"&" + body)
        if named:
            seen = Passed(self.command, self.headers.get("Sec-Fetch-Site"), answer.status)
            self.place.passed.setdefault(named[1].decode(), []).append(seen)
        self.answer(answer.status, [("Content-Type", answer.getheader("Content-Type", "text/plain"))], data)

    def do_POST(self) -> None:
        self.do_GET()

    def do_OPTIONS(self) -> None:
        self.do_GET()
