"""Types for msgspec that read the values at some paths of a JSON text and skip all others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

import msgspec
from msgspec import UNSET


def shape(leaves: Mapping[tuple[str, ...], Any]) -> Any:
    """A type of the values at these paths."""
    if () in leaves:
        return leaves[()]
    inner: dict[str, dict[tuple[str, ...], Any]] = {}
    for (key, *below), kind in leaves.items():
        inner.setdefault(key, {})[tuple(below)] = kind
    fields: list[Any] = []
    for key, kinds in inner.items():
        within, kind = [get_args(kind) for kind in kinds.values()], shape(kinds)
        if all(msgspec.UnsetType in args for args in within):
            fields.append((attribute(key), kind, UNSET))
        elif all(type(None) in args for args in within):
            fields.append((attribute(key), kind | None, None))
        else:
            fields.append((attribute(key), kind))
    names = {attribute(key): key for key in inner}
    return msgspec.defstruct("Shape", fields, rename=names, kw_only=True, gc=False)


def getter(path: tuple[str, ...]) -> Callable[[Any], Any]:
    """Gives the value at a path, or None."""
    keys = [attribute(key) for key in path]

    def get(value: Any) -> Any:
        for key in keys:
            value = getattr(value, key, None)
        return value

    return get


def path_of(key: str) -> tuple[str, ...]:
    """A key with dots, as a path."""
    return tuple(filter(None, key.split(".")))


def attribute(key: str) -> str:
    """The name of a key's attribute, whatever the key."""
    return f"f{key.encode().hex()}"
