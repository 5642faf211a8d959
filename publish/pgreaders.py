"""Readers whose plan is older than a part: they get time to end before the part is served.

PostgreSQL plans a statement first and takes its snapshot afterwards. One that was planned before a
part was attached, and looks after it is served, sees the new generation and a list without a row.
So a part is committed first, with nobody looking at it; and before it is served, those transactions
end that were at the lists when it came. Readers wait for nothing meanwhile.
"""

from __future__ import annotations

import logging
import time

from publish.pglayout import DATA, Connection
from publish.schema import LISTS

logger = logging.getLogger(__name__)

WAIT_SECONDS = 5.0
PAUSE_SECONDS = 0.02
AT_THE_LISTS = """
select distinct pg_locks.virtualtransaction, pg_locks.pid
from pg_locks
inner join pg_class on pg_class.oid = pg_locks.relation
inner join pg_database on pg_database.oid = pg_locks.database
where pg_locks.locktype = 'relation' and pg_locks.pid != pg_backend_pid()
    and pg_database.datname = current_database()
    and pg_class.relnamespace = to_regnamespace(%s) and pg_class.relname = any(%s)
"""


def wait_for_plans(connection: Connection) -> None:
    """Return when nobody has a plan without the parts that are committed, or after `WAIT_SECONDS`.

    Who has been in a transaction for that long is not planning: it is a long statement, a
    transaction that keeps its snapshot (repeatable read), or one that should. The connection is in
    no transaction.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    waiting = _readers(connection)
    while waiting and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
        waiting &= _readers(connection)
    if waiting:
        logger.warning(
            "a transaction that reads the lists goes on; unless it is repeatable read, its prepared"
            " statements find new lists empty until it ends",
            extra={"backends": sorted(pid for _, pid in waiting)},
        )


def _readers(connection: Connection) -> set[tuple[str, int]]:
    """The transactions at the lists: name, and process."""
    names = [table.name for table in LISTS]
    with connection.transaction():
        return set(connection.execute(AT_THE_LISTS, [DATA, names]).fetchall())
