"""A real HTTP server that speaks the API's contract and misbehaves on demand."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

NAMES = ("tracks", "users", "listen_history")


def record(number: int, *, id_field: str = "id") -> str:
    return json.dumps({id_field: number, "name": f"n° {number}"}, ensure_ascii=False)


def some(count: int) -> dict[str, list[str]]:
    """The JSON texts of `count` records for each endpoint."""
    ids = {"tracks": "id", "users": "id", "listen_history": "user_id"}
    return {name: [record(n, id_field=key) for n in range(count)] for name, key in ids.items()}


@dataclass
class Call:
    """One request being answered; a fault may change any of it, or answer by itself."""

    handler: BaseHTTPRequestHandler
    endpoint: str
    page: int
    size: int
    seen: int
    """How often this page was asked for before."""
    items: list[str]
    envelope: dict[str, Any]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    declared_length: int | None = None

    def answer(self) -> None:
        if self.body is None:
            envelope = json.dumps(self.envelope)[1:-1]
            self.body = f'{{"items": [{", ".join(self.items)}], {envelope}}}'.encode()
        length = len(self.body) if self.declared_length is None else self.declared_length
        self.handler.send_response(self.status)
        for name, value in {"Content-Length": str(length), **self.headers}.items():
            self.handler.send_header(name, value)
        self.handler.end_headers()
        self.handler.wfile.write(self.body)
        if length != len(self.body):
            self.handler.close_connection = True


Fault = Callable[[Call], object]


@dataclass
class Api:
    """What the test holds: the records, the fault, and what was asked."""

    url: str
    data: Mapping[str, list[str]]
    fault: Fault | None = None
    asked: list[tuple[str, int]] = field(default_factory=list)
    authorizations: set[str | None] = field(default_factory=set)
    connections: int = 0


def _handler(api: Api, lock: threading.Lock) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            with lock:
                api.connections += 1

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            name, page, size = parts.path[1:], int(query["page"][0]), int(query["size"][0])
            with lock:
                seen = api.asked.count((name, page))
                api.asked.append((name, page))
                api.authorizations.add(self.headers.get("Authorization"))
            if name not in api.data:
                self.send_error(404)
                return
            records = api.data[name]
            total = len(records)
            envelope = {"total": total, "page": page, "size": size, "pages": -(-total // size)}
            items = records[(page - 1) * size : page * size]
            call = Call(self, name, page, size, seen, items, envelope)
            if api.fault is not None:
                api.fault(call)
            with contextlib.suppress(ConnectionError):
                call.answer()

        def log_message(self, *args: object) -> None:
            """Keep the test output clean."""

    return Handler


@contextlib.contextmanager
def serving(data: Mapping[str, list[str]], *, fault: Fault | None = None) -> Iterator[Api]:
    api = Api("", data, fault)
    with _running(_handler(api, threading.Lock())) as api.url:
        yield api


@contextlib.contextmanager
def listening(
    answer: Callable[[BaseHTTPRequestHandler], object], *, tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """A server that answers every GET and POST by one function; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            with contextlib.suppress(OSError):
                answer(self)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *args: object) -> None:
            """Keep the test output clean."""

    with _running(Handler, tls) as url:
        yield url


def reply(
    handler: BaseHTTPRequestHandler, body: bytes | str, status: int = 200, **headers: str
) -> None:
    """Send a whole answer."""
    data = body.encode() if isinstance(body, str) else body
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(data)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(data)


class _Server(ThreadingHTTPServer):
    request_queue_size = 100

    def handle_error(self, *_args: object) -> None:
        """A client that goes is no news."""


@contextlib.contextmanager
def _running(
    handler: type[BaseHTTPRequestHandler], tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    server = _Server(("127.0.0.1", 0), handler)
    if tls:
        server.socket = tls.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
