"""Lookups of a user's list by several clients, each a process with a connection of its own.

Each asks what is served and a bare table of the same rows in turns: where the processors are what
there is too little of, clients and servers wait for them in both alike.
"""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
import time
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from typing import NamedTuple

import numpy as np
import psycopg

PAUSE_SECONDS = 0.005
WARMING_UP = 50  # the first ones plan, and fill caches
SELECT = """
select rank, track_id, track_name, artist_name, reason from {}
where user_id = {} and rank <= 10 order by rank
"""


class Taken(NamedTuple):
    """Seconds of a lookup."""

    median: float
    p99: float


def percentiles(
    tables: dict[str, str], *, clients: int, lookups: int, users: int
) -> dict[str, Taken]:
    """How long a lookup takes; a client pauses 5 ms on average between two.

    Args:
        tables: For each name of a table or view the URL of its database.
        clients: How many ask at once.
        lookups: How often each asks each table.
        users: Whose lists there are: user-0000001 and so on.
    """
    context = multiprocessing.get_context("spawn")
    arguments = [(tables, seed, lookups, users) for seed in range(clients)]
    with context.Pool(clients, _prepare, [context.Barrier(clients)]) as pool:
        found = pool.starmap(_client, arguments, chunksize=1)
    joined = {name: np.concatenate([taken[name] for taken in found]) for name in tables}
    return {name: Taken(*map(float, np.quantile(t, [0.5, 0.99]))) for name, t in joined.items()}


def _prepare(start: Barrier) -> None:
    global _start
    _start = start


def _client(tables: dict[str, str], seed: int, lookups: int, users: int) -> dict[str, list[float]]:
    chance = random.Random(seed)
    ask = {name: _lookup(url, name) for name, url in tables.items()}
    taken: dict[str, list[float]] = {name: [] for name in tables}
    for number in range(lookups + WARMING_UP):
        if number == WARMING_UP:
            _start.wait()  # nobody is measured while others still import
            taken = {name: [] for name in tables}
        for name in chance.sample(list(tables), len(tables)):
            user = f"user-{chance.randint(1, users):07d}"
            started = time.perf_counter()
            rows = ask[name](user)
            taken[name].append(time.perf_counter() - started)
            if rows != 10:
                raise ValueError(f"{rows} rows for {user}")
            time.sleep(chance.uniform(0, 2 * PAUSE_SECONDS))
    return taken


def _lookup(url: str, table: str) -> Callable[[str], int]:
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
        sql = SELECT.format(table, "?")
        return lambda user: len(reader.execute(sql, (user,)).fetchall())
    server = psycopg.connect(url, autocommit=True)
    sql = SELECT.format(table, "%s")
    return lambda user: len(server.execute(sql, (user,), prepare=True).fetchall())
