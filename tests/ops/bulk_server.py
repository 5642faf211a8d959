"""An endpoint that takes `_bulk` as Elasticsearch does for a data stream, and remembers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Stream:
    """What arrived: documents by `_index` and `_id`, how often each was sent, who sent them."""

    url: str = ""
    documents: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    sent: list[tuple[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    authorizations: set[str | None] = field(default_factory=set)

    def take(self, body: bytes) -> list[dict[str, Any]]:
        """Take a bulk request; as there, each document has an answer of its own."""
        lines = body.decode().split("\n")
        if lines.pop() != "" or len(lines) % 2:
            self.faults.append("the body is not pairs of lines, each ended")
        pairs = zip(lines[::2], lines[1::2], strict=True)
        return [{"create": self._create(action, document)} for action, document in pairs]

    def _create(self, action: str, document: str) -> dict[str, Any]:
        try:
            [(operation, where)] = json.loads(action).items()
            loaded = json.loads(document)
        except ValueError as error:
            self.faults.append(f"{error}: {action} {document[:200]}")
            return {"status": 400, "error": {"type": "parse_exception"}}
        if operation != "create" or set(where) != {"_index", "_id"} or not where["_id"]:
            self.faults.append(f"no data stream takes {action}")
        if "@timestamp" not in loaded:
            self.faults.append(f"without @timestamp: {document[:200]}")
        key = where["_index"], where["_id"]
        self.sent.append(key)
        if key in self.documents:
            return {"_id": key[1], "status": 409, "error": {"type": "version_conflict"}}
        self.documents[key] = loaded
        return {"_id": key[1], "status": 201}


@contextmanager
def taking(port: int = 0) -> Iterator[Stream]:
    """Run the endpoint on a port, a free one if none is given."""
    stream = Stream()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer({})

        do_GET = do_HEAD  # noqa: N815

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path.split("?")[0] != "/_bulk":
                stream.faults.append(f"nothing is at {self.path}")
            stream.authorizations.add(self.headers["Authorization"])
            items = stream.take(body)
            errors = any(item["create"]["status"] >= 400 for item in items)
            self._answer({"took": 1, "errors": errors, "items": items})

        def _answer(self, said: dict[str, Any]) -> None:
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    stream.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield stream
    finally:
        server.shutdown()
        server.server_close()
