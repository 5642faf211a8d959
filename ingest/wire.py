"""HTTP, one answer at a time: bounded in size and time, no redirect followed.

requests settles who we are, whom we trust and which proxy leads there. Pages are then asked for on
its connections but not through its Session, which would cost more than all other work on a page.
"""

from __future__ import annotations

import io
import ssl
import time
import zlib
from collections.abc import Mapping
from http.client import HTTPException, IncompleteRead
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions as u3
from requests.auth import AuthBase

from ingest.answer import Answer, Bounded, check
from ingest.auth import Nobody
from ingest.errors import ApiError, ApiUnavailableError
from ingest.settings import IngestSettings

CHUNK_BYTES = 2**18
TRANSIENT = (OSError, HTTPException, u3.HTTPError, zlib.error)


class Wire:
    """The way to one place, for as many connections as are wanted."""

    def __init__(
        self, url: str, *, headers: dict[str, str], auth: AuthBase | None,
        session: requests.Session, settings: IngestSettings,
    ) -> None:  # fmt: skip
        usual = {"Accept": "application/json", "User-Agent": "medley-ingest"}
        self._session, self._auth, self.settings = session, auth, settings
        request = requests.Request("GET", url, usual | headers, auth=auth and Nobody())
        self._asked = session.prepare_request(request)
        self._asked.headers["Accept-Encoding"] = "gzip"
        self._asked.headers.setdefault("Host", urlsplit(self._asked.url or "").netloc)

    def open(self, url: str) -> Line:
        """Connect; may be called by many threads.

        Raises:
            ApiUnavailableError: no connection: worth another attempt.
            ApiError: the certificate proves nothing.
        """
        try:
            found = self._session.merge_environment_settings(url, {}, None, None, None)
            trust = {key: value for key, value in found.items() if key != "stream"}
            adapter: Any = self._session.get_adapter(url)
            pool = adapter.get_connection_with_tls_context(self._asked, **trust)
            connection = pool._get_conn()
            connection.timeout = self.settings.timeout_seconds
            if pool.proxy and pool.scheme == "https":
                pool._prepare_proxy(connection)
            else:
                connection.connect()
        except TRANSIENT as error:
            raise self.told(error, url) from error
        forwarded = "://" in adapter.request_url(self._asked, found["proxies"])
        return Line(self, connection, proxy=pool.proxy_headers if forwarded else None)

    def request(self, target: str, more: Mapping[str, str]) -> bytes:
        """The bytes of a request."""
        if self._auth:
            self._auth(self._asked)
        headers = {**self._asked.headers, **more}
        lines = [f"{name}: {value}\r\n" for name, value in headers.items()]
        return f"GET {target} HTTP/1.1\r\n{''.join(lines)}\r\n".encode("latin-1")

    def told(self, error: BaseException, url: str) -> ApiError:
        """What went wrong on the way, in the loader's terms."""
        if isinstance(error, ssl.SSLCertVerificationError):
            return ApiError(f"GET {url} failed: {error.verify_message}")
        while error.__cause__ or error.__context__:
            error = error.__cause__ or error.__context__ or error
        why = " ".join(str(error).split())[:200] or type(error).__name__
        if isinstance(error, TimeoutError | u3.TimeoutError):
            why = f"timed out (limit {self.settings.timeout_seconds:g} s)"
        return ApiUnavailableError(f"GET {url} failed: {why}")


class Line:
    """One connection: a request, then its answer. `open` tells whether another may follow.

    `proxy` are the headers for one that forwards what is asked of it.
    """

    def __init__(self, wire: Wire, connection: Any, *, proxy: Mapping[str, str] | None) -> None:
        self._wire, self._proxy, self._url = wire, proxy, ""
        self._connection, self.open = connection, True
        self.number = connection.sock.fileno()
        self._bounded = Bounded(connection.sock)
        self._stream = io.BufferedReader(self._bounded, 2**16)

    def ask(self, url: str) -> None:
        """Send a request."""
        self._url, parts = url, urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        if self._proxy is not None:
            target = url
        try:
            self._connection.sock.sendall(self._wire.request(target, self._proxy or {}))
        except TRANSIENT as error:
            raise self._wire.told(error, url) from error

    def take(self) -> bytes:
        """Give the body of a 200.

        Raises:
            ApiUnavailableError: silence, cut, 429, 5xx: worth another attempt.
            ApiError: anything else.
        """
        self._bounded.deadline = time.monotonic() + 10 * self._wire.settings.timeout_seconds
        answer = Answer(self._stream)
        try:
            answer.begin()
            check(answer, self._url)
            body = self._body(answer)
        except TRANSIENT as error:
            raise self._wire.told(error, self._url) from error
        self.open = not answer.will_close
        return body

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _body(self, answer: Answer) -> bytes:
        limit, expected = self._wire.settings.max_answer_bytes, answer.length or 0
        zipped = answer.headers.get("content-encoding", "identity").lower() == "gzip"
        unzip, pieces, size, received = zlib.decompressobj(31) if zipped else None, [], 0, 0
        while size <= limit >= expected and (chunk := answer.read1(CHUNK_BYTES)):
            received += len(chunk)
            pieces.append(unzip.decompress(chunk, limit + 1 - size) if unzip else chunk)
            size += len(pieces[-1])
        if max(size, expected) > limit:
            raise ApiError(f"GET {self._url} answered more than {limit} bytes")
        if received < expected or (unzip and not unzip.eof):
            raise IncompleteRead(b"", max(expected - received, 1))
        return b"".join(pieces)
