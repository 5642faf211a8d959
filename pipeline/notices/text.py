"""A notice as the HTML of a mail, and as text for all else that apprise speaks."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.notices.notice import Notice


def html(notice: Notice) -> str:
    """The mail; everything in it is escaped."""
    environment = Environment(
        loader=PackageLoader("pipeline.notices", "."),
        autoescape=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("mail.html.j2").render(notice=notice)


def text(notice: Notice) -> str:
    """Plain lines; the most telling come first, for a messenger may cut the rest."""
    lines = [notice.lead]
    if notice.reason:
        lines += ["", notice.reason]
    lines += ["", *(f"{name}: {value}" for name, value in notice.facts)]
    if notice.figures:
        lines += [
            "",
            *(f"{name}: {value}, usually {usual}" for name, value, usual in notice.figures),
        ]
    if notice.link:
        lines += ["", notice.link]
    return "\n".join(lines)
