"""The page as HTML: one file, styles and drawings in it, everything from outside escaped."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.report import charts, lineage
from pipeline.report.page import Page
from pipeline.words import count, moment, seconds, size


def html(page: Page) -> str:
    """Draw the page."""
    environment = Environment(
        loader=PackageLoader("pipeline.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"count": count, "moment": moment, "seconds": seconds, "size": size}
    template = environment.get_template("page.html.j2")
    return template.render(page=page, run=page.run, box=lineage, line=charts)
