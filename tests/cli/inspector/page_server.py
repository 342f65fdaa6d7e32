"""The page with the data that a test writes, for what no agent shows on demand."""

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files

type Json = dict[str, object]

_PATIENCE = 60.0
_PAGE = files("mirastack_sdk._cli.inspector") / "page"
_TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
_POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


@dataclass(slots=True, kw_only=True)
class PageServer:
    """A server whose state the test sets, and which records what the page sends."""

    state: Json
    url: str = ""
    requests: queue.Queue[tuple[str, str, Json]] = field(default_factory=queue.Queue)
    answers: dict[str, Json] = field(default_factory=dict)
    refuses_streams: bool = False
    streams: set[queue.Queue[bytes | None]] = field(default_factory=set)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def send(self, kind: str, data: object) -> None:
        """Send an event to every open page; wait until there is one."""
        message = f"event: {kind}\ndata: {json.dumps(data)}\n\n".encode()
        with self.changed:
            assert self.changed.wait_for(lambda: self.streams, timeout=_PATIENCE)
            for stream in self.streams:
                stream.put(message)

    def drop_streams(self) -> None:
        """End every stream, as a server does that restarts."""
        with self.changed:
            for stream in self.streams:
                stream.put(None)

    def next_request(self, method: str, path: str) -> Json:
        """Wait for a request, and return its body."""
        while True:
            found = self.requests.get(timeout=_PATIENCE)
            if found[:2] == (method, path):
                return found[2]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, server: PageServer, *arguments: object) -> None:
        self._page = server
        super().__init__(*arguments)  # type: ignore[arg-type]  # what http.server hands on

    def do_GET(self) -> None:
        """Serve the page, its files, the state, the stream and single executions."""
        if self.path == "/api/stream" and self._page.refuses_streams:
            self._answer("application/json", b"{}", HTTPStatus.SERVICE_UNAVAILABLE)
        elif self.path == "/api/stream":
            self._stream()
        elif self.path == "/api/state":
            self._answer("application/json", json.dumps(self._page.state).encode())
        elif self.path.startswith("/api/"):
            self._answer_request()
        else:
            name = "index.html" if self.path == "/" else self.path.removeprefix("/assets/")
            self._answer(_TYPES[name.rpartition(".")[2]], _PAGE.joinpath(name).read_bytes())

    def do_POST(self) -> None:
        """Record the request, and answer as the test said."""
        length = int(self.headers.get("Content-Length", "0"))
        body = json.loads(self.rfile.read(length) or b"{}")
        self._page.requests.put((self.command, self.path, body))
        self._answer_request()

    def do_PUT(self) -> None:
        """As POST."""
        self.do_POST()

    def do_DELETE(self) -> None:
        """As POST."""
        self.do_POST()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Log nothing."""

    def _answer_request(self) -> None:
        answer = self._page.answers.get(f"{self.command} {self.path}", {})
        status = HTTPStatus.BAD_REQUEST if set(answer) == {"error"} else HTTPStatus.OK
        self._answer("application/json", json.dumps(answer).encode(), status)

    def _answer(self, kind: str, body: bytes, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", _POLICY)
        self.end_headers()
        with suppress(ConnectionError):  # the page was closed or left
            self.wfile.write(body)

    def _stream(self) -> None:
        self.close_connection = True
        messages: queue.Queue[bytes | None] = queue.Queue()
        first = f"retry: 50\nevent: state\ndata: {json.dumps(self._page.state)}\n\n"
        messages.put(first.encode())
        with self._page.changed:
            self._page.streams.add(messages)
            self._page.changed.notify_all()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            while (message := messages.get()) is not None:
                self.wfile.write(message)
        except OSError:
            return  # the page is closed
        finally:
            with self._page.changed:
                self._page.streams.discard(messages)


@contextmanager
def page_server(state: Json) -> Iterator[PageServer]:
    """Serve the page during the block."""
    page = PageServer(state=state)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, page))
    server.daemon_threads = True
    page.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=partial(server.serve_forever, 0.05), name="page")
    thread.start()
    try:
        yield page
    finally:
        page.drop_streams()
        server.shutdown()
        thread.join()
        server.server_close()
