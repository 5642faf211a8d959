"""JSON cut by its brackets alone, so that one bad record does not spoil its page."""

from __future__ import annotations

import json
import re

_space = re.compile(rb"[ \t\n\r]*")
_string = rb'"(?:[^"\\]|\\.)*+"'
_scalar = re.compile(_string + rb'|[^][{},:"\s]+', re.DOTALL)
_token = re.compile(_string + rb"|[][{}]", re.DOTALL)
_DEPTH = {b"{": 1, b"[": 1, b"}": -1, b"]": -1}


def elements(body: bytes, path: tuple[str, ...]) -> tuple[list[bytes], bytes]:
    """The elements of the array at a path, as sent, and the rest of the body with that array empty.

    Raises:
        IndexError: the body ends too early.
        ValueError: it is not built like JSON, or has nothing at the path.
    """
    start = at = _find(body, path)
    found: list[bytes] = []
    if body[at] != b"["[0]:
        raise ValueError(f"{'.'.join(path)!r} is no list")
    at = _expect(body, at, b"[")
    while body[at : at + 1] != b"]":
        at = _expect(body, at, b",") if found else at
        end = _end(body, at)
        found.append(body[at:end])
        at = _skip(body, end)
    return found, body[:start] + b"[" + body[at:]


def _find(body: bytes, path: tuple[str, ...]) -> int:
    at = _skip(body, 0)
    for wanted in path:
        at, key = _expect(body, at, b"{"), None
        while key != wanted:
            at = at if key is None else _skip(body, _end(body, at))
            if body[at] == b"}"[0]:
                raise ValueError(f"it has no {wanted!r}")
            at = at if key is None else _expect(body, at, b",")
            end = _end(body, at)
            key, at = json.loads(body[at:end]), _expect(body, _skip(body, end), b":")
    return at


def _end(body: bytes, at: int) -> int:
    """Where the value ends that starts here; it need not be valid, as long as its brackets are."""
    if body[at] not in b"{[":
        if match := _scalar.match(body, at):
            return match.end()
        raise ValueError(f"there is no value at byte {at}")
    depth = 0
    for token in _token.finditer(body, at):
        depth += _DEPTH.get(token[0], 0)
        if depth == 0:
            return token.end()
    raise IndexError


def _skip(body: bytes, at: int) -> int:
    match = _space.match(body, at)
    return match.end() if match else at


def _expect(body: bytes, at: int, char: bytes) -> int:
    if body[at] != char[0]:
        raise ValueError(f"there is no {char.decode()} at byte {at}")
    return _skip(body, at + 1)
