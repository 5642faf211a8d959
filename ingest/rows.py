"""Records as they are kept until they are written: few objects, however many records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from xxhash import xxh3_64_intdigest

from ingest.columns import Values, cut, joined
from ingest.judge import Judge, legible
from ingest.pages import Page


class Rows(NamedTuple):
    """Payloads one after the other, and the hashes (XXH3, 64 bits) of contents and of versions.

    `refused` has the reasons of those that cannot be landed, by position.
    """

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
        contents[at] = versions[at] = _known_as(bytes(page.payloads[at]), why)
    return Rows(data, lengths, contents, versions, refused)


def gathered(parts: Sequence[Rows], judge: Judge | None) -> Rows:
    """All rows as one, once the judge has looked for more that is to be refused."""
    data = b"".join([part.data for part in parts])
    lengths = np.concatenate([part.lengths for part in parts])
    contents = np.concatenate([part.contents for part in parts])
    versions = np.concatenate([part.versions for part in parts])
    refused, start = dict[int, str](), 0
    for part in parts:
        refused |= {start + at: why for at, why in part.refused.items()}
        start += len(part.lengths)
    if late := judge.refused(data, lengths) if judge else {}:
        pieces = cut(data, lengths)
        for at, why in late.items():
            pieces[at] = legible(pieces[at])
            contents[at] = versions[at] = _known_as(pieces[at], why)
        data, lengths = joined(pieces)
    return Rows(data, lengths, contents, versions, refused | late)


def _known_as(payload: bytes, why: str) -> int:
    """The content of a reject, which is known as that, with a right to land one day."""
    return xxh3_64_intdigest(payload + why.encode())
