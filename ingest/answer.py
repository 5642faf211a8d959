"""What http.client makes of an answer, but quicker, and bounded in time."""

from __future__ import annotations

import io
import socket
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import client
from http.client import HTTPResponse
from typing import Any

import requests

from ingest.errors import ApiError, ApiUnavailableError, ThrottledError

LONGEST = 100  # no number of bytes has as many digits
HINTS = {401: "the credentials", 403: "the credentials", 404: "MEDLEY_API_URL and endpoints.yml",
         422: "the page size (--page-size)"}  # fmt: skip


class Answer(HTTPResponse):
    """An answer as http.client reads it, but for the headers, of which it would make an e-mail."""

    fp: Any
    headers: Any

    def __init__(self, stream: Any) -> None:
        self.fp, self.headers = stream, {}
        self.debuglevel, self._method, self.chunk_left, self.length = 0, "GET", None, None

    def begin(self) -> None:
        """Read the status and the headers: names in lower case, the first where one is repeated."""
        status = 100
        while status == 100:
            version, status, _reason = self._read_status()  # type: ignore[attr-defined]
            lines = client._read_headers(self.fp)  # type: ignore[attr-defined]
        self.status, self.version = status, 10 if version in ("HTTP/1.0", "HTTP/0.9") else 11
        headers = self.headers
        for line in lines:
            name, _, value = line.decode("latin-1").partition(":")
            headers.setdefault(name.lower(), value.strip())
        self.chunked = headers.get("transfer-encoding", "").lower() == "chunked"
        length = headers.get("content-length", "")
        told = length.isdecimal() and len(length) < LONGEST and not self.chunked
        self.length = int(length) if told else None
        ends = self._check_close()  # type: ignore[attr-defined]
        self.will_close = ends or (self.length is None and not self.chunked)

    def _close_conn(self) -> None:
        self.fp = None  # the stream goes on

    def close(self) -> None:
        """Leave the stream as it is."""


class Bounded(io.RawIOBase):
    """What a socket sends until a moment has come."""

    def __init__(self, sock: socket.socket) -> None:
        self._receive, self.deadline = sock.recv_into, 0.0

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer with what is there; raise TimeoutError once the moment has passed."""
        if time.monotonic() > self.deadline:
            raise TimeoutError
        return self._receive(buffer)


def check(answer: Answer, url: str) -> None:
    """Let a 200 pass.

    Raises:
        ApiUnavailableError: 429, 5xx: worth another attempt.
        ApiError: anything else.
    """
    status, headers = answer.status, answer.headers
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
