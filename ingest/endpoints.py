"""The declared endpoints, read from YAML; endpoints.yml explains the keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
import yaml

from ingest.errors import SettingsError

Variable = Annotated[str, msgspec.Meta(pattern="^[A-Z][A-Z0-9_]*$")]
Word = Annotated[str, msgspec.Meta(min_length=1)]
# RFC 9110, 5.6.2 and 5.5
HeaderName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_!#$%&'*+.^`|~-]+$")]
HeaderText = Annotated[str, msgspec.Meta(pattern=r"^([!-~]([\t -~]*[!-~])?)?$")]
Kind = Literal["string", "integer", "number", "boolean", "array", "object"]


class Declared(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What endpoints.yml may say and nothing else."""


class PageNumber(Declared, frozen=True, tag_field="style", tag="page"):
    """Pages by number; `total` counts the records, `echo` is what a page says of itself."""

    number: Word = "page"
    size: Word = "size"
    first: int = 1
    total: Word | None = "total"
    echo: dict[Literal["page", "size", "pages"], Word] = {}


class Offset(Declared, frozen=True, tag_field="style", tag="offset"):
    """Pages by the number of records before them."""

    number: Word = "offset"
    size: Word = "limit"
    total: Word | None = "total"


class NextLink(Declared, frozen=True, tag_field="style", tag="link"):
    """Each page holds the address of the next; null or nothing ends the list."""

    next: Word = "next"
    size: Word | None = None


class Cursor(Declared, frozen=True, tag_field="style", tag="cursor"):
    """Each page holds the token that asks for the next; null or nothing ends the list."""

    next: Word = "next_cursor"
    parameter: Word = "cursor"
    size: Word | None = None


class NoAuth(Declared, frozen=True, tag_field="type", tag="none"):
    """Nothing is sent."""


class Bearer(Declared, frozen=True, tag_field="type", tag="bearer"):
    """A token, in the environment."""

    token: Variable


class Basic(Declared, frozen=True, tag_field="type", tag="basic"):
    """A user and a password, both in the environment."""

    user: Variable
    password: Variable


class OAuth2(Declared, frozen=True, tag_field="type", tag="oauth2"):
    """Client credentials (RFC 6749, 4.4), both in the environment."""

    token_url: Annotated[str, msgspec.Meta(pattern="^https?://[^/?#@]+[^?#@]*$")]
    client_id: Variable
    client_secret: Variable
    scope: str | None = None


class Since(Declared, frozen=True):
    """How to ask for news alone: a query parameter, or pages that begin with the newest."""

    parameter: Word | None = None
    order: Literal["descending"] | None = None

    def __post_init__(self) -> None:
        """Refuse neither and both."""
        if (self.parameter is None) == (self.order is None):
            raise ValueError("give either parameter or order")


Paging: TypeAlias = PageNumber | Offset | NextLink | Cursor


class Endpoint(Declared, frozen=True):
    """One paged collection of the API."""

    name: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]*$")]
    path: Annotated[str, msgspec.Meta(pattern="^/[^?#]*$")]
    id: Annotated[list[Word], msgspec.Meta(min_length=1)]
    timestamp: Word | None = None
    items: str = "items"
    unique: bool = True
    types: dict[str, Kind] = {}
    pages: Paging = PageNumber()
    since: Since | None = None
    headers: dict[HeaderName, HeaderText] = {}
    auth: NoAuth | Bearer | Basic | OAuth2 | None = None

    @property
    def judged_on_arrival(self) -> bool:
        """Whether each page is judged as it comes, since a cursor is taken from it."""
        return self.since is not None


class _File(Declared, frozen=True):
    endpoints: Annotated[list[Endpoint], msgspec.Meta(min_length=1)]


def load_endpoints(path: Path, *, names: Sequence[str] = ()) -> list[Endpoint]:
    """Read the endpoints of a file: those named, or all.

    Raises:
        SettingsError: naming the file, the line and the key, or the name that is not declared.
    """
    root = None
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, yaml.SafeLoader)
        file = msgspec.convert(yaml.safe_load(text), _File)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path}, line {_line(root, str(error))}: {error}") from None
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
    known: dict[str, Endpoint] = {}
    for number, endpoint in enumerate(file.endpoints):
        if endpoint.name in known:
            line = _line(root, f"$.endpoints[{number}].name")
            raise SettingsError(f"{path}, line {line}: the name {endpoint.name!r} is taken")
        known[endpoint.name] = endpoint
    if unknown := [name for name in names if name not in known]:
        raise SettingsError(f"no endpoint {', '.join(unknown)} in {path}: use {', '.join(known)}")
    return [known[name] for name in dict.fromkeys(names or known)]


def _line(node: Any, told: str) -> int:
    """The line of what a message is about: its path `$.a[1].b`, and the key it does not know."""
    line = 0
    where = re.findall(r"\.(\w+)|\[(\d+)\]", told.rpartition("$")[2])
    for key, index in [*where, *re.findall(r"unknown field `(.+?)`()", told)]:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        found = [(item, item) for item in node.value[int(index) :]] if index else pairs
        named, node = next((pair for pair in found if index or pair[0].value == key), (node, node))
        line = named.start_mark.line
    return int(line) + 1
