"""Who listened to what, from a file: a fifth of it held out, the rest served as a music API.

The file has a row per user and item; ids are whatever they are. A play is a listen.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pyarrow as pa
import pyarrow.csv

USER, ITEM, PLAYS, TIME, PASSED_OVER = "user", "item", "plays", "time", "_"
HELD_OUT = 0.2
BEFORE = datetime(1990, 1, 1)  # noqa: DTZ001 - the API's timestamps have no zone
TIMELESS = 1_577_836_800  # 2020-01-01, in seconds since 1970: when what has no time was played
BETWEEN_PLAYS = 300  # seconds
KEPT = "interactions.npz"


@dataclass(frozen=True)
class Interactions:
    """A row per user and item, each pair once.

    Attributes:
        users: numbers from 0, without gaps, shape (pairs,).
        items: likewise.
        plays: at least 1.
        times: seconds since 1970 of the first play; None where the file has no time.
        held_out: whether Medley and the others do not see it.
    """

    users: Any
    items: Any
    plays: Any
    times: Any | None
    held_out: Any

    @classmethod
    def kept(cls, folder: Path) -> Interactions:
        """Read what `keep` wrote."""
        with np.load(folder / KEPT) as arrays:
            return cls(**{"times": None, **arrays})

    def keep(self, folder: Path) -> None:
        """Write it, so that ways in other environments get the same."""
        there = {name: values for name, values in vars(self).items() if values is not None}
        np.savez(folder / KEPT, **there)


def read(
    path: Path,
    columns: Sequence[str],
    *,
    delimiter: str,
    skip: int,
    share_of_plays: float,
    seed: int,
) -> Interactions:
    """Read a file and hold a fifth of each user's items out: the latest, or random ones.

    Items are numbered at random, for a number says nothing. Of users with fewer than five items
    nothing is held out.

    Args:
        path: of a text file, a row per user and item; of a pair that is repeated the plays are
            added and the first time counts.
        columns: what its columns are, in their order.
        delimiter: between them.
        skip: lines before the first row.
        share_of_plays: of each row's plays, rounded up.
        seed: of what is random.
    """
    names = [name if name != PASSED_OVER else f"_{place}" for place, name in enumerate(columns)]
    table = pa.csv.read_csv(
        path,
        read_options=pa.csv.ReadOptions(column_names=names, skip_rows=skip),
        parse_options=pa.csv.ParseOptions(delimiter=delimiter),
        convert_options=pa.csv.ConvertOptions(
            include_columns=[name for name in columns if name != PASSED_OVER],
            column_types={USER: pa.string(), ITEM: pa.string(), PLAYS: pa.float64()},
        ),
    )
    rng = np.random.default_rng(seed)
    users, items = (
        np.unique(table[name].to_numpy(zero_copy_only=False), return_inverse=True)[1]
        for name in (USER, ITEM)
    )
    items = rng.permutation(items.max() + 1)[items]
    plays = table[PLAYS].to_numpy() if PLAYS in columns else np.ones(len(users))
    times = table[TIME].to_numpy() if TIME in columns else None
    pairs, first, place = np.unique(
        users * (items.max() + 1) + items, return_index=True, return_inverse=True
    )
    plays = np.bincount(place, plays)
    if times is not None:
        earliest = np.full(len(pairs), np.inf)
        np.minimum.at(earliest, place, times)
        times = earliest
    users = users[first]
    return Interactions(
        users=users,
        items=items[first],
        plays=np.ceil(plays * share_of_plays).clip(1).astype(np.int64),
        times=times,
        held_out=_latest(users, rng.random(len(users)) if times is None else times),
    )


def _latest(users: Any, moments: Any) -> Any:
    """Which rows are among the latest fifth of their user."""
    order = np.lexsort((moments, users))
    counts = np.bincount(users)
    place = np.arange(len(users)) - np.repeat(np.cumsum(counts) - counts, counts)
    kept = counts - (counts * HELD_OUT).astype(int)
    held_out = np.zeros(len(users), bool)
    held_out[order] = place >= kept[users[order]]
    return held_out


@contextmanager
def serving(interactions: Interactions) -> Iterator[str]:
    """The address of an API that has what is not held out, as long as the block."""
    records = _records(interactions)

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            asked = {key: int(value) for key, [value] in parse_qs(address.query).items()}
            found, page, size = records[address.path], asked["page"], asked["size"]
            body = {"items": found[(page - 1) * size : page * size], "total": len(found)}
            told = body | {"page": page, "size": size, "pages": -(-len(found) // size)}
            sent = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_words: object) -> None:
            """Be quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def _records(interactions: Interactions) -> dict[str, list[dict[str, Any]]]:
    since = {name: BEFORE.isoformat() for name in ("created_at", "updated_at")}
    tracks = [
        {"id": item, "name": f"Item {item}", "artist": f"Maker {item}", "songwriters": "",
         "duration": "03:00", "genres": "", "album": f"Item {item}"} | since
        for item in range(interactions.items.max() + 1)
    ]  # fmt: skip
    users = [
        {"id": user, "first_name": f"User {user}", "last_name": "", "favorite_genres": "",
         "email": f"user{user}@example.com", "gender": ""} | since
        for user in range(interactions.users.max() + 1)
    ]  # fmt: skip
    return {"/tracks": tracks, "/users": users, "/listen_history": _sessions(interactions)}


def _sessions(interactions: Interactions) -> list[dict[str, Any]]:
    """Listens of one user at one moment, a record each; further plays follow the first."""
    rows = np.flatnonzero(~interactions.held_out)
    plays = interactions.plays[rows]
    times = TIMELESS if interactions.times is None else interactions.times[rows]
    number = np.arange(plays.sum()) - np.repeat(np.cumsum(plays) - plays, plays)
    rows = np.repeat(rows, plays)
    moments = np.repeat(np.broadcast_to(times, plays.shape), plays) + number * BETWEEN_PLAYS
    users, items = interactions.users[rows], interactions.items[rows]
    order = np.lexsort((items, moments, users))
    users, items, moments = users[order], items[order], moments[order].astype(int)
    begins = np.append(True, (np.diff(users) != 0) | (np.diff(moments) != 0))
    starts = np.flatnonzero(begins)
    return [
        {"user_id": int(users[start]), "items": listened.tolist()}
        | dict.fromkeys(("created_at", "updated_at"), _text(moments[start]))
        for start, listened in zip(starts, np.split(items, starts[1:]), strict=True)
    ]


def _text(seconds: int) -> str:
    return datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None).isoformat()
