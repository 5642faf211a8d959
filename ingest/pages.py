"""A page of the API, cut into records without rewriting them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from ingest.endpoints import Endpoint
from ingest.errors import MalformedPageError

_after_space = re.compile(r"[ \t\n\r]*").match
_envelope = json.JSONDecoder()


@dataclass(kw_only=True)
class Page:
    """Records in the order sent; `payloads`, `reasons` (None: landable) and `ids` run parallel."""

    url: str
    bytes: int
    retries: int = 0
    page: int = 0
    size: int = 0
    total: int = 0
    pages: int = 0
    payloads: list[str] = field(default_factory=list)
    reasons: list[str | None] = field(default_factory=list)
    ids: list[Any] = field(default_factory=list)


def parse_page(body: bytes, endpoint: Endpoint, *, url: str) -> Page:
    """Walk the envelope once; each payload is the exact slice of the text, whatever it holds.

    Raises:
        MalformedPageError: not UTF-8, not JSON, nested too deep, or an envelope key is missing.
    """
    page = Page(url=url, bytes=len(body))
    try:
        envelope = _walk(body.decode("utf-8-sig"), endpoint, page)
    except IndexError:
        raise MalformedPageError(f"GET {url} answered JSON that ends too early") from None
    except RecursionError:
        raise MalformedPageError(f"GET {url} answered JSON that is nested too deep") from None
    except ValueError as error:
        raise MalformedPageError(f"GET {url} answered no valid JSON: {error}") from error
    for key in ("page", "size", "total", "pages"):
        value = envelope.get(key)
        if type(value) is not int or value < 0:
            raise MalformedPageError(f"GET {url} answered without a whole number in {key!r}")
        setattr(page, key, value)
    if endpoint.items not in envelope:
        raise MalformedPageError(f"GET {url} answered without {endpoint.items!r}")
    return page


def _walk(text: str, endpoint: Endpoint, page: Page) -> dict[str, Any]:
    envelope: dict[str, Any] = {}
    at = _expect(text, _skip(text, 0), "{")
    while text[at] != "}":
        at = _expect(text, at, ",") if envelope else at
        key, at = _envelope.raw_decode(text, at)
        at = _expect(text, _skip(text, at), ":")
        if key in envelope or not isinstance(key, str):
            raise ValueError(f"key {key!r} is sent twice or is no text")
        if key == endpoint.items:
            envelope[key], at = None, _walk_records(text, at, endpoint, page)
        else:
            envelope[key], at = _envelope.raw_decode(text, at)
        at = _skip(text, at)
    if _expect(text, at, "}") != len(text):
        raise ValueError("there is more text after the page")
    return envelope


def _walk_records(text: str, at: int, endpoint: Endpoint, page: Page) -> int:
    constants: list[str] = []  # NaN, Infinity: Python reads them, JSON does not know them
    # Numbers stay text: nobody needs their value here, and 5000 digits are no error.
    records = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=constants.append)
    at = _expect(text, at, "[")
    while text[at] != "]":
        at = _expect(text, at, ",") if page.payloads else at
        constants.clear()
        record, end = records.raw_decode(text, at)
        ids = [record.get(key) for key in endpoint.id] if isinstance(record, dict) else None
        page.payloads.append(text[at:end])
        page.ids.append(ids)
        page.reasons.append(_reason(ids, invalid_number=bool(constants)))
        at = _skip(text, end)
    return at + 1


def _reason(ids: list[Any] | None, *, invalid_number: bool) -> str | None:
    if ids is None:
        return "not_an_object"
    if invalid_number:
        return "invalid_number"
    return "missing_id" if None in ids else None


def _skip(text: str, at: int) -> int:
    match = _after_space(text, at)
    return match.end() if match else at


def _expect(text: str, at: int, char: str) -> int:
    if text[at] != char:
        raise json.JSONDecodeError(f"Expecting {char!r}", text, at)
    return _skip(text, at + 1)
