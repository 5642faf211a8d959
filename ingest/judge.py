"""Whether a record can be landed: looked at one by one where there is a doubt."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from math import inf
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np
import pyarrow.compute as pc
from msgspec import UNSET

from ingest.columns import Values, cut, is_utf8, strings
from ingest.endpoints import Endpoint
from ingest.moments import plausible
from ingest.shapes import attribute, shape

TYPES: dict[str, Any] = {"string": str, "integer": int, "number": int | float, "boolean": bool,
                         "array": list, "object": dict}  # fmt: skip
LONG = 4300  # digits past which Python reads no number


class Judge:
    """What an endpoint declares of its records.

    `record` is their type; `identity` and `stamp` take these from one.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        stamp = endpoint.timestamp
        keys = [json.dumps(key) for key in (*endpoint.id, *([stamp] if stamp else []))]
        self._keys = [key.encode() for key in keys]
        self._twice = "(?s)" + "|".join(f"{key}.*{key}" for key in map(re.escape, keys))
        fields = {key: TYPES[kind] | None for key, kind in endpoint.types.items()}
        given = str | None | msgspec.UnsetType
        fields |= ({stamp: given} if stamp else {}) | dict.fromkeys(endpoint.id, int | str)
        self.record = shape({(key,): kind for key, kind in fields.items()})
        self.identity: Callable[[Any], Any] = attrgetter(*map(attribute, endpoint.id))
        self.stamp = attrgetter(attribute(stamp)) if stamp else lambda _record: None

    def verdict(self, payload: bytes) -> tuple[str | None, Any, str | None]:
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
            record = msgspec.convert(parsed, self.record)
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
        stamp = self.stamp(record)
        stamp = None if stamp is UNSET else stamp
        if not plausible([stamp]):
            return "implausible_timestamp", None, None
        return None, self.identity(record), stamp

    def refused(self, data: bytes, lengths: Values) -> dict[int, str]:
        """Why records of well-formed JSON cannot be landed: by position, those that cannot.

        They are no UTF-8, or have a key twice that must be there once. It is looked for in all
        records at once, outside Python, and so while other threads run.
        """
        doubtful: Any = range(len(lengths))
        if is_utf8(data):
            twice = pc.match_substring_regex(strings(data, lengths), self._twice)
            at: Any = pc.indices_nonzero(twice)
            doubtful = np.frombuffer(at.buffers()[1], np.uint64, len(at)).tolist()
        texts = cut(data, lengths) if doubtful else []
        reasons = {at: self.verdict(texts[at])[0] for at in doubtful}
        return {at: why for at, why in reasons.items() if why}


def legible(payload: bytes) -> bytes:
    """A record as UTF-8, with what is none as escapes."""
    return payload.decode("utf-8", "backslashreplace").encode()


def _number(digits: str) -> int | float:
    return int(digits) if len(digits) < LONG else inf


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
