"""How generations are kept behind what readers see; both engines share it.

The rows of a list table are kept in *parts*, tables named `<list>_p<number of the generation that
filled it>`. A row is of every generation from `since_generation` on, up to but not including
`until_generation` (null: no end). A generation in which many lists differ fills a part of its own;
one in which few do adds its rows to the part of the generation before it, and ends the old ones.
So going back is to name another number, and what did not change is not written again.
"""

from __future__ import annotations

from publish.schema import GENERATION, LISTS, Column, Table

SINCE, UNTIL = "since_generation", "until_generation"
VERSIONS = (
    Column(SINCE, "integer", "first generation of the row"),
    Column(UNTIL, "integer", "first generation without it; null: none yet", nullable=True),
)
PARTS = tuple(
    Column(f"{table.name}_part", "integer", f"where its rows of {table.name} are")
    for table in LISTS
)
GENERATIONS = Table(
    name="generations",
    note="One row per generation that is kept; `generation` shows the served one.",
    columns=(*GENERATION.columns, *PARTS),
    key=("generation",),
)
SERVED = Table(
    name="served",
    note="One row: the generation that readers see.",
    columns=(Column("generation", "integer", "of generations"), *PARTS),
)


def part_name(table: Table, part: int) -> str:
    """The table that holds a part of a list."""
    return f"{table.name}_p{part}"


def stored(table: Table) -> tuple[Column, ...]:
    """The columns of a part: those that are served, and since when and until when."""
    return (*table.columns, *VERSIONS)


def stored_key(table: Table) -> tuple[str, ...]:
    """The key of a part: in this order a list is found and read by rank without sorting."""
    return (*table.key, SINCE)


def visible(generation: str) -> str:
    """The condition for rows of a part that are of the generation, an SQL expression."""
    return f"{SINCE} <= {generation} and ({UNTIL} is null or {UNTIL} > {generation})"
