"""A page of the API, cut into records that stay as they were sent, to the byte."""

from __future__ import annotations

import codecs
import json
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import inf
from operator import attrgetter
from typing import Annotated, Any, get_args

import msgspec
import pyarrow as pa
from msgspec import UNSET
from xxhash import xxh3_64_hexdigest

from ingest.endpoints import Endpoint
from ingest.errors import MalformedPageError
from ingest.walk import elements

TYPES: dict[str, Any] = {"string": str, "integer": int, "number": int | float, "boolean": bool,
                         "array": list, "object": dict}  # fmt: skip
_zone = attrgetter("tzinfo")
EARLIEST, MARGIN = datetime(1970, 1, 1), timedelta(days=2)  # noqa: DTZ001 - how far clocks differ
LONG = 4300  # digits past which Python reads no number
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
        stamp, pages = endpoint.timestamp, endpoint.pages
        self._items = _path(endpoint.items)
        self._listed = _getter(self._items)
        self._keys = [
            json.dumps(key).encode() for key in (*endpoint.id, *([stamp] if stamp else []))
        ]
        said = {"total": getattr(pages, "total", None), "next": getattr(pages, "next", None)}
        said |= getattr(pages, "echo", {})
        paths = {name: _path(key) for name, key in said.items() if key}
        self._said = {name: _getter(path) for name, path in paths.items()}
        kinds = {"total": Annotated[int, msgspec.Meta(ge=0)], "next": int | str | None}
        leaves = {path: kinds.get(name, int) for name, path in paths.items()}
        self._cut = msgspec.json.Decoder(_shape({**leaves, self._items: list[msgspec.Raw]}))
        fields = {key: TYPES[kind] | None for key, kind in endpoint.types.items()}
        given = str | None | msgspec.UnsetType
        fields |= ({stamp: given} if stamp else {}) | dict.fromkeys(endpoint.id, int | str)
        record = _shape({(key,): kind for key, kind in fields.items()})
        self._record = record
        self._records = msgspec.json.Decoder(_shape({self._items: list.__class_getitem__(record)}))
        self._id: Callable[[Any], Any] = attrgetter(*map(_attribute, endpoint.id))
        self._stamp = attrgetter(_attribute(stamp)) if stamp else lambda _record: None

    def cut(self, body: bytes, *, number: int, url: str) -> Page:
        """Take one body apart.

        Raises:
            MalformedPageError: cut short, not JSON, or without a declared key.
        """
        body = body.removeprefix(codecs.BOM_UTF8)
        try:
            columns, said = self._whole(body) or self._one_by_one(body)
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

    def _whole(self, body: bytes) -> tuple[dict[str, Any], Any] | None:
        try:
            _check_utf8(body)
            said, records = self._cut.decode(body), self._listed(self._records.decode(body))
        except (pa.ArrowInvalid, msgspec.DecodeError, RecursionError):
            return None
        stamps = list(map(self._stamp, records))
        sent = [len(records)] * len(self._keys)
        if absent := stamps.count(UNSET):
            sent[-1] -= absent
            stamps = [None if stamp is UNSET else stamp for stamp in stamps]
        # Each record has each key of these, so that none has one twice if there are no more.
        hidden = b"\\" in body and _escape.search(body)
        if hidden or list(map(body.count, self._keys)) != sent or not plausible(stamps):
            return None
        columns = {"payloads": self._listed(said), "ids": list(map(self._id, records))}
        return columns | {"stamps": stamps}, said

    def _one_by_one(self, body: bytes) -> tuple[dict[str, Any], Any]:
        payloads, envelope = elements(body, self._items)
        judged = [self._judge(payload) for payload in payloads]
        reasons, ids, stamps = zip(*judged, strict=True) if judged else ((), (), ())
        payloads = [payload.decode("utf-8", "backslashreplace").encode() for payload in payloads]
        columns = {"payloads": payloads, "ids": ids, "stamps": stamps}
        return columns | {"reasons": reasons if any(reasons) else ()}, self._cut.decode(envelope)

    def _judge(self, payload: bytes) -> tuple[str | None, Any, str | None]:
        """Why a record cannot be landed; if it can, its identity and its timestamp."""
        pairs: list[tuple[str, Any]] = []

        def outermost(found: list[tuple[str, Any]]) -> dict[str, Any]:
            pairs[:] = found  # the outermost object is closed last
            return dict(found)

        if not payload.startswith(b"{"):
            return "not_an_object", None, None
        try:
            parsed = json.loads(payload.decode(), parse_int=_number, parse_constant=_refuse,
                                object_pairs_hook=outermost)  # fmt: skip
            record = msgspec.convert(parsed, self._record)
        except RecursionError:
            return "nested_too_deep", None, None
        except msgspec.ValidationError as error:
            absent = "missing required field" in str(error) or "got `null`" in str(error)
            return "missing_id" if absent else "wrong_type", None, None
        except ValueError:
            return "invalid_json", None, None
        keys = [json.dumps(key).encode() for key, _ in pairs]
        if any(keys.count(key) > 1 for key in self._keys):
            return "duplicate_key", None, None
        stamp = self._stamp(record)
        stamp = None if stamp is UNSET else stamp
        if not plausible([stamp]):
            return "implausible_timestamp", None, None
        return None, self._id(record), stamp


def plausible(stamps: Sequence[str | None]) -> bool:
    """Whether all are moments in ISO 8601 from 1970 until now, or null."""
    given = [stamp for stamp in stamps if stamp is not None] if None in stamps else stamps
    try:
        moments = list(map(datetime.fromisoformat, given))
    except ValueError:
        return False
    if any(map(_zone, moments)):
        moments = [moment.replace(tzinfo=None) for moment in moments]
    latest = datetime.now(UTC).replace(tzinfo=None) + MARGIN
    return not moments or (min(moments) >= EARLIEST and max(moments) <= latest)


def moment(stamp: str) -> datetime:
    """A timestamp as a moment that can be compared; UTC where it has no zone."""
    found = datetime.fromisoformat(stamp)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _check_utf8(body: bytes) -> None:
    """Raise ArrowInvalid if it is not UTF-8; decoding would make a string of it as well."""
    ends = pa.py_buffer(struct.pack("=2i", 0, len(body)))
    pa.StringArray.from_buffers(1, ends, pa.py_buffer(body)).validate(full=True)


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) < LONG else inf


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _path(key: str) -> tuple[str, ...]:
    return tuple(filter(None, key.split(".")))


def _attribute(key: str) -> str:
    return f"f{key.encode().hex()}"


def _shape(leaves: Mapping[tuple[str, ...], Any]) -> Any:
    """A type for msgspec that reads the values at these paths and skips all others."""
    if () in leaves:
        return leaves[()]
    inner: dict[str, dict[tuple[str, ...], Any]] = {}
    for (key, *below), kind in leaves.items():
        inner.setdefault(key, {})[tuple(below)] = kind
    fields: list[Any] = []
    for key, kinds in inner.items():
        within, kind = [get_args(kind) for kind in kinds.values()], _shape(kinds)
        if all(msgspec.UnsetType in args for args in within):
            fields.append((_attribute(key), kind, UNSET))
        elif all(type(None) in args for args in within):
            fields.append((_attribute(key), kind | None, None))
        else:
            fields.append((_attribute(key), kind))
    names = {_attribute(key): key for key in inner}
    return msgspec.defstruct("Shape", fields, rename=names, kw_only=True, gc=False)


def _getter(path: tuple[str, ...]) -> Callable[[Any], Any]:
    """Gives the value at a path, or None."""
    keys = [_attribute(key) for key in path]

    def get(value: Any) -> Any:
        for key in keys:
            value = getattr(value, key, None)
        return value

    return get
