"""The partitions of PostgreSQL that no kept generation needs: away without anybody waiting.

`drop table` of a partition would wait for all readers of its list, and all later readers for it.
So it is detached concurrently first, which only waits for the readers that were there before. If
one of them does not end in time, or the process is killed, the next publication goes on from there.
"""

from __future__ import annotations

import logging

from psycopg import errors, sql

from publish.layout import part_name
from publish.pglayout import DATA, Connection
from publish.schema import LISTS, Table

logger = logging.getLogger(__name__)

WAIT = "2s"
FOUND = """
select
    pg_class.relname,
    pg_inherits.inhrelid is not null as is_attached,
    coalesce(pg_inherits.inhdetachpending, false) as is_pending
from pg_class
left join pg_inherits on pg_inherits.inhrelid = pg_class.oid
where pg_class.relnamespace = to_regnamespace(%s) and pg_class.relkind = 'r'
    and pg_class.relname ~ %s
order by pg_class.oid
"""


def drop_unused(connection: Connection) -> None:
    """Remove the parts that no row of `generations` names; the connection is in autocommit."""
    connection.execute("select set_config('lock_timeout', %s, false)", [WAIT])
    connection.execute("select set_config('statement_timeout', %s, false)", [WAIT])
    for table in LISTS:
        used = connection.execute(
            sql.SQL("select distinct {} from generations").format(
                sql.Identifier(f"{table.name}_part")
            )
        ).fetchall()
        keep = {part_name(table, part) for (part,) in used}
        pattern = f"^{part_name(table, 0)[:-1]}[0-9]+$"
        for name, is_attached, is_pending in connection.execute(FOUND, [DATA, pattern]).fetchall():
            if name not in keep and not _dropped(
                connection, table, name, is_attached=is_attached, is_pending=is_pending
            ):
                return


def _dropped(
    connection: Connection, table: Table, name: str, *, is_attached: bool, is_pending: bool
) -> bool:
    parent, part = sql.Identifier(DATA, table.name), sql.Identifier(DATA, name)
    detach = sql.SQL("alter table {} detach partition {} {}")
    try:
        if is_attached:
            how = sql.SQL("finalize" if is_pending else "concurrently")
            connection.execute(detach.format(parent, part, how))
        connection.execute(sql.SQL("drop table {}").format(part))
    except (errors.QueryCanceled, errors.LockNotAvailable):
        logger.info(
            "a reader that began before holds a former part; the next publication removes it",
            extra={"part": name},
        )
        return False
    return True
