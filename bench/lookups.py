"""Lookups of a user's list by several clients, each a process with a connection of its own."""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
import time
from collections.abc import Callable

import numpy as np
import psycopg

PAUSE_SECONDS = 0.005
SELECT = """
select rank, track_id, track_name, artist_name, reason from {}recommendations
where user_id = {} and rank <= 10 order by rank
"""


def percentiles(url: str, *, clients: int, lookups: int, users: int) -> tuple[float, float]:
    """Median and 99th percentile of a lookup, in seconds; a client pauses 5 ms between two."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(clients) as pool:
        found = pool.starmap(_client, [(url, seed, lookups, users) for seed in range(clients)])
    taken = np.concatenate(found)
    return float(np.quantile(taken, 0.5)), float(np.quantile(taken, 0.99))


def _client(url: str, seed: int, lookups: int, users: int) -> list[float]:
    look_up, chance = _lookup(url), random.Random(seed)
    taken = []
    for number in range(lookups + 50):
        user = f"user-{chance.randint(1, users):07d}"
        started = time.perf_counter()
        rows = look_up(user)
        seconds = time.perf_counter() - started
        if rows != 10:
            raise ValueError(f"{rows} rows for {user}")
        if number >= 50:  # the first ones plan, and fill caches
            taken.append(seconds)
        time.sleep(chance.uniform(0, 2 * PAUSE_SECONDS))
    return taken


def _lookup(url: str) -> Callable[[str], int]:
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        sql = SELECT.format("", "?")
        return lambda user: len(reader.execute(sql, (user,)).fetchall())
    server = psycopg.connect(url, autocommit=True)
    sql = SELECT.format("medley.", "%s")
    return lambda user: len(server.execute(sql, (user,), prepare=True).fetchall())
