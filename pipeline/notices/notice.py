"""A notice: what is said of a piece of news, before it is a mail or a card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from pipeline.notices.clean import clean
from pipeline.notices.news import WHOLE_RUN, News
from pipeline.record import Run, Step
from pipeline.usual import figures
from pipeline.words import moment, seconds

Tone = Literal["bad", "good", "plain"]
MARKS = {"success": "done", "skipped": "nothing new", "failed": "failed", "died": "died"}


class Notice(msgspec.Struct, kw_only=True):
    """What is said.

    Attributes:
        title: the subject of a mail, the heading of a card.
        lead: one sentence: what it means.
        reason: why it failed, cleaned of what may not leave the house.
        facts: pairs of a name and a value: what ran, since when, which run.
        figures: rows of a name, the value, and the usual value with the runs it is the median of.
        link: address of the run's page, where there is one.
    """

    tone: Tone
    title: str
    lead: str
    reason: str = ""
    facts: list[tuple[str, str]] = []
    figures: list[tuple[str, str, str]] = []
    link: str | None = None


def notice_of(news: News, before: Sequence[Run], *, runs_url: str | None) -> Notice:
    """Put a piece of news into words.

    Args:
        news: what happened.
        before: the runs before, newest first.
        runs_url: where `runs/` can be read with a browser.
    """
    run, names = news.run, names_in(news.run)
    notice = Notice(
        tone="good",
        title="Medley: a run succeeded",
        lead="All that was new went through.",
        facts=[("ran", what_ran(run)), *_since(news), *_served(run, before), *_which(run)],
        figures=rows(run, before),
        link=f"{runs_url}/{run.run_id}/report.html" if runs_url else None,
    )
    if news.kind == "failure":
        word = "died" if run.status == "died" else "failed"
        notice.tone, notice.title = "bad", f"Medley: {news.step} {word}"
        notice.lead = f"The step {news.step} {word}; what was served before stays served."
        notice.reason = clean(news.reason, names=names)
    elif news.kind == "recovery" and news.trouble:
        notice.title = f"Medley: {news.step} works again"
        notice.lead = f"The step {news.step} works again."
        notice.reason = f"It had failed: {clean(news.trouble.message, names=names)}"
    elif news.kind == "warning":
        notice.tone, notice.title = "plain", f"Medley: {news.step} warns"
        notice.lead = f"The step {news.step} did its work, and warns."
        notice.reason = clean(news.reason, names=names)
    if news.step == WHOLE_RUN:
        notice.lead = notice.lead.replace(f"The step {WHOLE_RUN}", "The run")
    return notice


def names_in(run: Run) -> set[str]:
    """The names of tables, tests, endpoints and models in a run's record: no secrets."""
    nodes = {node.name for step in run.steps for node in step.nodes}
    models = {one.model_version for step in run.steps for one in step.quality}
    return nodes | models | {one.name for step in run.steps for one in step.endpoints}


def what_ran(run: Run) -> str:
    """`ingest done in 1.2 s, build failed after 8.0 s`."""
    return ", ".join(_step(step) for step in run.steps) or "nothing"


def rows(run: Run, before: Sequence[Run]) -> list[tuple[str, str, str]]:
    """The key figures, each with its usual value."""
    return [
        (it.name, it.value, f"{it.usual} (of {it.runs})" if it.runs else "first time")
        for it in figures(run, before)
    ]


def _step(step: Step) -> str:
    if step.status == "skipped" or step.seconds is None:
        return f"{step.name}: {MARKS.get(step.status, step.status)}"
    after = "in" if step.status == "success" else "after"
    return f"{step.name} {MARKS.get(step.status, step.status)} {after} {seconds(step.seconds)}"


def _since(news: News) -> list[tuple[str, str]]:
    if news.trouble:
        return [("failing since", moment(news.trouble.since))]
    return [("at", moment(news.run.ended_at))]


def _served(run: Run, before: Sequence[Run]) -> list[tuple[str, str]]:
    """When the lists that the frontend reads were published."""
    for other in (run, *before):
        step = other.step("publish")
        if step and step.publication:
            return [("lists served since", moment(step.publication.published_at))]
    return []


def _which(run: Run) -> list[tuple[str, str]]:
    return [("run", f"{run.run_id} on {run.host}" if run.host else run.run_id)]
