"""The records of a page as they are kept until they are written: few objects, however many."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from xxhash import xxh3_64_intdigest

from ingest.columns import Values, joined
from ingest.pages import Page


class Rows(NamedTuple):
    """Payloads one after the other, and the hashes (XXH3, 64 bits) of contents and of versions.

    `refused` has the reasons of those that cannot be landed, by position.
    """

    number: int
    start: int
    url: str
    data: bytes
    lengths: Values
    contents: Values
    versions: Values
    refused: dict[int, str]


def rows_of(page: Page, *, unique: bool) -> Rows:
    """A page's rows; without `unique`, each content is a version of its own."""
    data, lengths = joined(page.payloads)
    contents = np.fromiter(map(xxh3_64_intdigest, page.payloads), np.uint64, len(lengths))
    versions = contents
    if unique:
        named = zip(page.ids, page.stamps, strict=True)
        texts = [f"{identity!r} {stamp}".encode() for identity, stamp in named]
        versions = np.fromiter(map(xxh3_64_intdigest, texts), np.uint64, len(lengths))
    refused = {at: why for at, why in enumerate(page.reasons) if why is not None}
    for at, why in refused.items():
        contents[at] = versions[at] = judged(bytes(page.payloads[at]), why)
    return Rows(page.number, page.start, page.url, data, lengths, contents, versions, refused)


def judged(payload: bytes, why: str) -> int:
    """The content of a reject, which is known as that, with a right to land one day."""
    return xxh3_64_intdigest(payload + why.encode())
