"""A page of the API, cut into records that stay as they were sent, to the byte."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import UNSET
from xxhash import xxh3_64_hexdigest

from ingest.columns import joined
from ingest.endpoints import Endpoint
from ingest.errors import MalformedPageError
from ingest.judge import Judge, legible
from ingest.moments import plausible
from ingest.shapes import getter, path_of, shape
from ingest.walk import elements

_escape = re.compile(rb"\\u00[2-7]")  # of a letter that needs none: a key may hide behind it


@dataclass(slots=True, kw_only=True)
class Page:
    """Records in the order sent: `payloads` (JSON in UTF-8), `ids`, `stamps`, `reasons` in step.

    A reason says why its record cannot be landed; none are given where all can. `total` and
    `next` are None where the API does not say. `start` is the position of the first record.
    """

    number: int
    url: str
    bytes: int
    payloads: Sequence[Any]
    ids: Sequence[Any]
    stamps: Sequence[str | None]
    reasons: Sequence[str | None] = ()
    total: int | None
    next: int | str | None
    echo: Mapping[str, int]
    retries: int = 0
    start: int = 0

    @property
    def who(self) -> str:
        """Tells who stands on the page, in whatever order."""
        return xxh3_64_hexdigest("\n".join(sorted(map(repr, self.ids))).encode())


class Cutter:
    """Cuts the pages of one endpoint: whole, or record by record where one is not as it should."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._judge, pages = Judge(endpoint), endpoint.pages
        self._items = path_of(endpoint.items)
        self._listed = getter(self._items)
        said = {"total": getattr(pages, "total", None), "next": getattr(pages, "next", None)}
        said |= getattr(pages, "echo", {})
        paths = {name: path_of(key) for name, key in said.items() if key}
        self._said = {name: getter(path) for name, path in paths.items()}
        kinds = {"total": Annotated[int, msgspec.Meta(ge=0)], "next": int | str | None}
        leaves = {path: kinds.get(name, int) for name, path in paths.items()}
        records = list.__class_getitem__(self._judge.record)
        self._cut = msgspec.json.Decoder(shape({**leaves, self._items: list[msgspec.Raw]}))
        self._records = msgspec.json.Decoder(shape({self._items: records}))

    def cut(self, body: bytes, *, number: int, url: str, closely: bool = True) -> Page:
        """Take one body apart; if not closely, what `Judge.refused` sees is still to be looked for.

        Raises:
            MalformedPageError: cut short, not JSON, or without a declared key.
        """
        body = body.removeprefix(codecs.BOM_UTF8)
        try:
            columns, said = self._whole(body, closely) or self._one_by_one(body)
        except IndexError:
            raise MalformedPageError(f"GET {url} answered JSON that ends too early") from None
        except (ValueError, msgspec.DecodeError, RecursionError) as error:
            raise MalformedPageError(f"GET {url} answered no page of JSON: {error}") from error
        found = {name: get(said) for name, get in self._said.items()}
        total, following = found.pop("total", None), found.pop("next", None)
        return Page(
            number=number,
            url=url,
            bytes=len(body),
            total=total,
            next=following,
            echo=found,
            **columns,
        )

    def _whole(self, body: bytes, closely: bool) -> tuple[dict[str, Any], Any] | None:
        if b"\\" in body and _escape.search(body):
            return None
        try:
            said, records = self._cut.decode(body), self._listed(self._records.decode(body))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        stamps = list(map(self._judge.stamp, records))
        if UNSET in stamps:
            stamps = [None if stamp is UNSET else stamp for stamp in stamps]
        payloads = self._listed(said)
        if not plausible(stamps) or (closely and self._judge.refused(*joined(payloads))):
            return None
        ids = list(map(self._judge.identity, records))
        return {"payloads": payloads, "ids": ids, "stamps": stamps}, said

    def _one_by_one(self, body: bytes) -> tuple[dict[str, Any], Any]:
        payloads, envelope = elements(body, self._items)
        judged = [self._judge.verdict(payload) for payload in payloads]
        reasons, ids, stamps = zip(*judged, strict=True) if judged else ((), (), ())
        columns = {"payloads": list(map(legible, payloads)), "ids": ids, "stamps": stamps}
        return columns | {"reasons": reasons if any(reasons) else ()}, self._cut.decode(envelope)
