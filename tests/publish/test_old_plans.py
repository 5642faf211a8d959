"""PostgreSQL readers whose plan is older than what they look at: they know no new part of a list.

A statement is planned, and only then looks: what was committed in between it sees, but the plan has
no place to look for it in. In a transaction of several statements a prepared plan stays that old.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from publish.errors import NothingOlderError
from publish.rollback import rollback
from publish.service import publish
from tests.publish.test_generations import ALL_TABLES, many, seen_of, stored, write

__all__ = ["many"]  # the fixture
SEEN = ALL_TABLES.format("medley.").rstrip()
WAITING = 4711  # an advisory lock of the database
# Constant for the planner, which computes it after the parts of the lists before it are known.
LINGER = f"""
create function linger() returns bigint immutable language plpgsql as $$
begin
    perform pg_advisory_lock_shared({WAITING});
    perform pg_advisory_unlock_shared({WAITING});
    return 0;
end
$$
"""


@contextmanager
def publication(lake: Any, url: str) -> Iterator[None]:
    """One under way, as far as it comes before it waits for readers; done at the end."""
    with ThreadPoolExecutor(1) as aside, psycopg.connect(url, autocommit=True) as connection:
        published = aside.submit(publish, lake=lake.path, url=url)
        newest = "select max(generation) from medley_data.generations"
        until(lambda: connection.execute(newest).fetchone() == (2,))
        yield
        published.result()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def served(many: Any, url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The first generation, and the second in gold."""
    monkeypatch.setattr("publish.pgreaders.WAIT_SECONDS", 60)  # no test is that slow
    write(many, 1)
    publish(lake=many.path, url=url)
    write(many, 2)
    return many


def test_a_statement_that_was_planned_before_sees_one_generation_whole(
    served: Any, url: str
) -> None:
    """It lingers between planning and looking, until a new generation is in the database."""
    with (
        psycopg.connect(url, autocommit=True) as holder,
        psycopg.connect(url, autocommit=True) as reader,
        ThreadPoolExecutor(1) as aside,
    ):
        holder.execute(LINGER)
        holder.execute("select pg_advisory_lock(%s)", [WAITING])
        found = aside.submit(reader.execute, f"{SEEN}, (select linger())")
        waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted"
        until(lambda: holder.execute(waiting).fetchone() == (1,))
        with publication(served, url):
            holder.execute("select pg_advisory_unlock(%s)", [WAITING])
            assert found.result().fetchone() == (*seen_of(1), 0)
        assert reader.execute(SEEN).fetchone() == seen_of(2)


def test_a_transaction_of_several_statements_is_not_shown_an_empty_list(
    served: Any, url: str
) -> None:
    """Read committed, and its plan is prepared: it keeps the plan, but not what it looks at."""
    with psycopg.connect(url) as reader:
        reader.execute(SEEN, prepare=True)
        with publication(served, url):
            assert reader.execute(SEEN, prepare=True).fetchone() == seen_of(1)
            reader.commit()
        assert reader.execute(SEEN, prepare=True).fetchone() == seen_of(2)


def test_a_transaction_that_goes_on_is_named_and_holds_nothing_up(
    served: Any, url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("publish.pgreaders.WAIT_SECONDS", 0)
    with psycopg.connect(url) as reader:
        reader.execute(SEEN)
        assert publish(lake=served.path, url=url).generation == 2
        [warning] = [record for record in caplog.records if "a transaction" in record.message]
        assert vars(warning)["backends"] == [reader.info.backend_pid]


def test_what_was_written_and_never_shown_leaves_no_trace(
    served: Any, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends where it waits: a list was filled and one amended, and the next one clears both."""

    def ended(_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("publish.pgdb.wait_for_plans", ended)
        with pytest.raises(KeyboardInterrupt):
            publish(lake=served.path, url=url)
    with psycopg.connect(url, autocommit=True) as reader:
        assert reader.execute(SEEN).fetchone() == seen_of(1)
        with pytest.raises(NothingOlderError):
            rollback(url=url)
        write(served, 3)
        publish(lake=served.path, url=url, keep=1)
        assert reader.execute(SEEN).fetchone() == seen_of(3)
    assert stored(url, "recommendations") == [("recommendations_p3", 90)]
    assert stored(url, "similar_tracks") == [("similar_tracks_p3", 6)]
