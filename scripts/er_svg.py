"""A laid out diagram as SVG, by itself readable on light and dark pages."""

from __future__ import annotations

from html import escape

from er_layout import Layout
from er_table import HEADER_HEIGHT, PADDING, ROW_HEIGHT, Line, Table

COLOURS = {
    "fct": "#d4a017",
    "bridge": "#b08968",
    "dim": "#5c7c9c",
    "history": "#7b6ca8",
    "recommender": "#2a9d8f",
    "aggregates": "#e76f51",
}
STYLE = (
    "text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;"
    "fill:#222}.name{font-weight:bold;fill:#fff}.type{fill:#888;text-anchor:end}"
    ".key{font-weight:bold}.line{fill:none;stroke:#8a8f98;stroke-width:1.4}"
)
MARKERS = (
    '<marker id="many" viewBox="0 0 12 12" refX="0" refY="6" markerWidth="12" markerHeight="12" '
    'markerUnits="userSpaceOnUse" orient="auto"><path d="M0 1L11 6L0 11M0 6H11" class="line"/>'
    '</marker><marker id="one" viewBox="0 0 12 12" refX="12" refY="6" markerWidth="12" '
    'markerHeight="12" markerUnits="userSpaceOnUse" orient="auto">'
    '<path d="M6 1V11M0 6H12" class="line"/></marker>'
)


def drawn(layout: Layout, *, title: str) -> str:
    """The diagram; lines run from many rows (a crow's foot) to one (a bar)."""
    width, height = round(layout.width), round(layout.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        f"<defs>{MARKERS}</defs>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#fff"/>',
        *(_line(line, points) for line, points in layout.routes),
        *(_box(table, x, y) for table, x, y in layout.boxes),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def colour_of(table: Table) -> str:
    """The colour of a table's kind."""
    prefix = table.name.partition("_")[0]
    is_history = prefix == "dim" and table.name.endswith("_history")
    kind = table.folder or ("history" if is_history else prefix)
    return COLOURS.get(kind, COLOURS["dim"])


def _line(line: Line, points: tuple[tuple[float, float], ...]) -> str:
    (x, y), *others = points
    path = f"M{x:.1f} {y:.1f}"
    for number, (to_x, to_y) in enumerate(others):
        if number % 2:  # past a layer, straight
            path += f"L{to_x:.1f} {to_y:.1f}"
        else:
            bend = (to_x - x) / 2
            path += f"C{x + bend:.1f} {y:.1f} {to_x - bend:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
        x, y = to_x, to_y
    label = escape(f"{line.column} → {line.parent}.{line.parent_column}")
    return (
        f'<path class="line" d="{path}" marker-start="url(#many)" marker-end="url(#one)">'
        f"<title>{label}</title></path>"
    )


def _box(table: Table, x: float, y: float) -> str:
    colour = colour_of(table)
    width, height = table.width, table.height
    parts = [
        f'<g transform="translate({x:.1f} {y:.1f})">',
        f'<rect width="{width:.1f}" height="{height:.1f}" rx="5" fill="#fff" stroke="{colour}"/>',
        f'<path d="M0 {HEADER_HEIGHT}V5a5 5 0 0 1 5-5H{width - 5:.1f}a5 5 0 0 1 5 5'
        f'V{HEADER_HEIGHT}z" '
        f'fill="{colour}"/>',
        f'<text class="name" x="{PADDING}" y="19">{escape(table.name)}</text>',
    ]
    joining = {line.column for line in table.lines}
    for column in table.shown:
        base = table.row(column) + 4
        kind = "key" if column in table.key else ""
        mark = "●" if column in table.key else "○" if column in joining else ""
        parts.append(
            f'<text x="6" y="{base:.0f}" fill="{colour}">{mark}</text>'
            f'<text class="{kind}" x="{PADDING + 10}" y="{base:.0f}">{escape(column)}</text>'
            f'<text class="type" x="{width - PADDING:.1f}" y="{base:.0f}">'
            f"{escape(table.columns[column])}</text>"
        )
    if table.rest:
        base = HEADER_HEIGHT + ROW_HEIGHT * (len(table.shown) + 0.5) + 6
        parts.append(
            f'<text class="type" x="{width - PADDING:.1f}" y="{base:.0f}">{table.rest}</text>'
        )
    return "".join([*parts, "</g>"])
