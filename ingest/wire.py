"""HTTP, one answer at a time: bounded in size and time, no redirect followed.

requests settles who we are, whom we trust and which proxy leads there. Pages are then asked for on
its connections but not through its Session, which would cost more than all other work on a page.
"""

from __future__ import annotations

import io
import socket
import ssl
import threading
import time
import zlib
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse, IncompleteRead
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions as u3
from requests.auth import AuthBase

from ingest.auth import Nobody
from ingest.errors import ApiError, ApiUnavailableError, ThrottledError
from ingest.settings import IngestSettings

CHUNK_BYTES = 2**18
HINTS = {401: "the credentials", 403: "the credentials", 404: "MEDLEY_API_URL and endpoints.yml",
         422: "the page size (--page-size)"}  # fmt: skip
TRANSIENT = (OSError, HTTPException, u3.HTTPError, zlib.error)


class Wire:
    """Connections to one place, one for each thread that calls."""

    def __init__(
        self, url: str, *, headers: dict[str, str], auth: AuthBase | None,
        session: requests.Session, settings: IngestSettings,
    ) -> None:  # fmt: skip
        usual = {"Accept": "application/json", "User-Agent": "medley-ingest"}
        self._session, self._settings, self._local = session, settings, threading.local()
        self._auth = auth
        request = requests.Request("GET", url, usual | headers, auth=auth and Nobody())
        self._asked = session.prepare_request(request)
        self._asked.headers["Accept-Encoding"] = "gzip"

    def get(self, url: str) -> bytes:
        """Give the body of a 200.

        Raises:
            ApiUnavailableError: no connection, silence, cut, 429, 5xx: worth another attempt.
            ApiError: anything else.
        """
        if self._auth:
            self._auth(self._asked)
        try:
            connection, target = self._connect(url)
            # urllib3's connections are http.client's: asked as such they answer in half the time.
            HTTPConnection.request(connection, "GET", target, headers=self._asked.headers)
            with HTTPConnection.getresponse(connection) as response:
                self._check(response, url)
                return self._body(response, url)
        except BaseException as error:
            if broken := self._local.__dict__.pop("connection", None):
                broken.close()
            if isinstance(error, ssl.SSLCertVerificationError):
                raise ApiError(f"GET {url} failed: {error.verify_message}") from error
            if isinstance(error, TRANSIENT):
                raise ApiUnavailableError(f"GET {url} failed: {self._cause(error)}") from error
            raise

    def _connect(self, url: str) -> tuple[HTTPConnection, str]:
        local = self._local
        if not hasattr(local, "connection"):
            found = self._session.merge_environment_settings(url, {}, None, None, None)
            trust = {key: value for key, value in found.items() if key != "stream"}
            adapter: Any = self._session.get_adapter(url)
            pool = adapter.get_connection_with_tls_context(self._asked, **trust)
            connection = pool._get_conn()
            connection.timeout = self._settings.timeout_seconds
            connection.response_class = partial(Answer, seconds=10 * connection.timeout)
            if pool.proxy and pool.scheme == "https":
                pool._prepare_proxy(connection)
            local.absolute = "://" in adapter.request_url(self._asked, found["proxies"])
            local.connection = connection
        parts = urlsplit(url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        return local.connection, url if local.absolute else target

    def _check(self, response: HTTPResponse, url: str) -> None:
        status, headers = response.status, response.headers
        if status == requests.codes.too_many_requests or status >= requests.codes.server_error:
            wait = retry_after_seconds(headers.get("retry-after"), now=datetime.now(UTC))
            asks_for_less = status in (requests.codes.too_many_requests, requests.codes.unavailable)
            told = "" if wait is None else f" and asks to wait {wait:.0f} s"
            kind = ThrottledError if asks_for_less else ApiUnavailableError
            error = kind(f"GET {url} answered {status}{told}")
            error.wait_seconds = wait
            raise error
        if "location" in headers and status // 100 == 3:
            raise ApiError(f"GET {url} redirects, which is not followed: correct MEDLEY_API_URL")
        if status != requests.codes.ok:
            hint = HINTS.get(status, "the API")
            raise ApiError(f"GET {url} answered {status}, not 200: check {hint}")
        if headers.get("content-encoding", "gzip").lower() not in ("gzip", "identity"):
            raise ApiError(f"GET {url} answered in an encoding that was not asked for")

    def _body(self, response: HTTPResponse, url: str) -> bytes:
        limit, expected = self._settings.max_answer_bytes, response.length or 0
        zipped = response.headers.get("content-encoding", "identity").lower() == "gzip"
        unzip, body, received = zlib.decompressobj(31) if zipped else None, bytearray(), 0
        while len(body) <= limit >= expected and (chunk := response.read1(CHUNK_BYTES)):
            received += len(chunk)
            body += unzip.decompress(chunk, limit + 1 - len(body)) if unzip else chunk
        if max(len(body), expected) > limit:
            raise ApiError(f"GET {url} answered more than {limit} bytes")
        if received < expected or (unzip and not unzip.eof):
            raise IncompleteRead(b"", max(expected - received, 1))
        return bytes(body)

    def _cause(self, error: BaseException) -> str:
        while error.__cause__ or error.__context__:
            error = error.__cause__ or error.__context__ or error
        if isinstance(error, TimeoutError | u3.TimeoutError):
            return f"timed out (limit {self._settings.timeout_seconds:g} s)"
        return " ".join(str(error).split())[:200] or type(error).__name__


class Answer(HTTPResponse):
    """An answer that has so many seconds from its first byte to its last."""

    def __init__(self, sock: socket.socket, *args: Any, seconds: float, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_Bounded(self.fp.detach(), time.monotonic() + seconds), 2**16)


class _Bounded(io.RawIOBase):
    def __init__(self, raw: io.RawIOBase, deadline: float) -> None:
        self._raw, self._deadline = raw, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if time.monotonic() > self._deadline:
            raise TimeoutError
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def retry_after_seconds(value: str | None, *, now: datetime) -> float | None:
    """Seconds to wait for a Retry-After header (seconds or HTTP date); None if it says nothing."""
    text = (value or "").strip()
    if text.isdecimal():
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())
