"""The declared endpoints, read from YAML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from ingest.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One paged collection of the API; the fields are explained in endpoints.yml."""

    name: str
    path: str
    items: str
    id: tuple[str, ...]
    timestamp: str


def load_endpoints(path: Path, *, names: Sequence[str] = ()) -> list[Endpoint]:
    """Read the endpoints of a file: those named, or all.

    Raises:
        SettingsError: naming the file and the key at fault, or the name that is not declared.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error
    entries = document.get("endpoints") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not entries:
        raise SettingsError(f"{path}: key 'endpoints' must be a list of endpoints")
    known: dict[str, Endpoint] = {}
    for number, entry in enumerate(entries, start=1):
        endpoint = _endpoint(entry, where=f"{path}: endpoint {number}")
        if endpoint.name in known:
            raise SettingsError(f"{path}: endpoint {number}: name {endpoint.name!r} is taken")
        known[endpoint.name] = endpoint
    if unknown := [name for name in names if name not in known]:
        raise SettingsError(f"no endpoint {', '.join(unknown)} in {path}: use {', '.join(known)}")
    return [known[name] for name in dict.fromkeys(names or known)]


def _endpoint(entry: Any, *, where: str) -> Endpoint:
    keys = [field.name for field in fields(Endpoint)]
    if not isinstance(entry, dict):
        raise SettingsError(f"{where}: must be a mapping with the keys {', '.join(keys)}")
    where = f"{where} ({entry.get('name', 'without a name')})"
    if odd := [str(key) for key in entry if key not in keys]:
        raise SettingsError(f"{where}: unknown key {', '.join(odd)}; known: {', '.join(keys)}")
    if absent := [key for key in keys if key not in entry]:
        raise SettingsError(f"{where}: missing key {', '.join(absent)}")
    ids = [entry["id"]] if isinstance(entry["id"], str) else entry["id"]
    if not (isinstance(ids, list) and ids and all(isinstance(name, str) for name in ids)):
        raise SettingsError(f"{where}: key id must be a field name or a list of them")
    rules = {"name": "[a-z][a-z0-9_]*", "path": "/[^?#]*", "items": ".+", "timestamp": ".+"}
    for key, rule in rules.items():
        if not (isinstance(entry[key], str) and re.fullmatch(rule, entry[key])):
            raise SettingsError(f"{where}: key {key} must match {rule}, not {entry[key]!r}")
    return Endpoint(**entry | {"id": tuple(ids)})
