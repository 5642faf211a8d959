"""A table of an entity-relationship diagram, and how large it is drawn."""

from __future__ import annotations

from dataclasses import dataclass, replace

ROWS_SHOWN = 11
ROW_HEIGHT = 20
HEADER_HEIGHT = 28
CHARACTER_WIDTH = 7.2
PADDING = 12


@dataclass(frozen=True)
class Line:
    """A column that leads to a column of another table."""

    column: str
    parent: str
    parent_column: str


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        folder: the subfolder of models/gold that it is in; empty for none.
        columns: types by name.
        key: the columns that make a row unique, together or each by itself.
        lines: where its columns lead.
    """

    name: str
    folder: str
    columns: dict[str, str]
    key: frozenset[str]
    lines: tuple[Line, ...]

    def without_lines(self) -> Table:
        """The table by itself."""
        return replace(self, lines=())

    @property
    def shown(self) -> list[str]:
        """Names of the columns that are drawn: keys and those that lead somewhere, then others."""
        joining = {line.column for line in self.lines}
        first = [name for name in self.columns if name in self.key or name in joining]
        others = [name for name in self.columns if name not in first]
        room = max(ROWS_SHOWN - len(first), 0)
        return first + (others if len(others) <= room else others[: room - 1])

    @property
    def rest(self) -> str:
        """What is said of the columns that are not drawn; empty when all are."""
        hidden = len(self.columns) - len(self.shown)
        return f"… {hidden} more" if hidden else ""

    @property
    def width(self) -> float:
        """In pixels."""
        longest = max(len(name) + len(self.columns[name]) + 2 for name in self.shown)
        return 2 * PADDING + CHARACTER_WIDTH * max(longest, len(self.name) + 2) + 24

    @property
    def height(self) -> float:
        """In pixels."""
        return HEADER_HEIGHT + ROW_HEIGHT * (len(self.shown) + bool(self.rest)) + 6

    def row(self, column: str) -> float:
        """How far below the table's top the middle of a column's row is, in pixels."""
        place = self.shown.index(column) if column in self.shown else len(self.shown)
        return HEADER_HEIGHT + ROW_HEIGHT * (place + 0.5) + 2
