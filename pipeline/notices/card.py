"""A notice as an Adaptive Card 1.4, in the message that a Teams workflow takes.

apprise makes a card of two text blocks by itself; a table of figures needs a card of its own,
which its plugin takes as a `template`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.notices.notice import Notice

COLOURS = {"bad": "attention", "good": "good", "plain": "default"}
WIDTHS = (5, 3, 4)
Element = dict[str, Any]


def message(notice: Notice) -> Element:
    """The whole message: the card is its one attachment."""
    kind = "application/vnd.microsoft.card.adaptive"
    attachment = {"contentType": kind, "contentUrl": None, "content": card(notice)}
    return {"type": "message", "attachments": [attachment]}


def card(notice: Notice) -> Element:
    """The card: heading, reason, facts, figures beside the usual, a button."""
    heading = _text(notice.title, size="large", weight="bolder", color=COLOURS[notice.tone])
    body = [heading, _text(notice.lead, spacing="small")]
    if notice.reason:
        body.append({"type": "Container", "style": "emphasis", "items": [_as_is(notice.reason)]})
    if notice.facts:
        facts = [{"title": name, "value": _plain(value)} for name, value in notice.facts]
        body.append({"type": "FactSet", "facts": facts, "spacing": "medium"})
    if notice.figures:
        body.append(_row(("", "now", "usually"), isSubtle=True, size="small"))
        body += [_row(row) for row in notice.figures]
    made: Element = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "fallbackText": f"{notice.title}. {notice.lead}",
        "body": body,
    }
    if notice.link:
        made["actions"] = [{"type": "Action.OpenUrl", "title": "The run", "url": notice.link}]
    return made


def _row(cells: Sequence[str], **look: Any) -> Element:
    columns = [
        {
            "type": "Column",
            "width": width,
            "items": [_text(cell, horizontalAlignment="left" if first else "right", **look)],
        }
        for cell, width, first in zip(cells, WIDTHS, (True, False, False), strict=True)
    ]
    return {"type": "ColumnSet", "columns": columns, "spacing": "small"}


def _text(text: str, **look: Any) -> Element:
    return {"type": "TextBlock", "text": _plain(text) or " ", "wrap": True, **look}


def _as_is(text: str) -> Element:
    """A block that reads no Markdown: names of tables are full of underscores."""
    run = {"type": "TextRun", "text": _plain(text), "fontType": "monospace", "size": "small"}
    return {"type": "RichTextBlock", "inlines": [run]}


def _plain(text: str) -> str:
    """Keep apprise from reading its tokens, `{{ }}`, into what is said."""
    return text.replace("{{", "{ {").replace("}}", "} }")
