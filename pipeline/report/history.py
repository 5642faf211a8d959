"""Past runs as charts: what came in and out of each, and how good its model was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from pipeline.record import Run, Step
from pipeline.report.charts import Chart, chart
from pipeline.usual import FIGURES
from pipeline.words import moment, share

RUNS = 40
DRAWN = (
    "records read",
    "records landed",
    "listens in gold",
    "set aside in all",
    "recommendations served",
    "ingest took",
    "build took",
    "train took",
)
METRICS = ("ndcg", "recall", "map", "coverage")
RECOMMENDERS = ("model", "popularity")


def volumes(runs: Sequence[Run]) -> list[Chart]:
    """A chart of each figure over the runs in which its step did work; runs are newest first."""
    past = list(reversed(runs[:RUNS]))
    charts = []
    for name, step, value_of, text in FIGURES:
        if name in DRAWN:
            known = _known(past, step, value_of)
            labels = [moment(run.started_at) for run, _ in known]
            drawn = chart(name, [(name, [it for _, it in known])], labels, text, usual=True)
            charts += [drawn] if drawn else []
    return charts


def quality(runs: Sequence[Run]) -> list[Chart]:
    """A chart of each metric over the versions of the model, beside popularity."""
    trained = [(run, step) for run in reversed(runs[:RUNS]) if (step := run.step("train"))]
    trained = [(run, step) for run, step in trained if step.quality]
    versions = groupby(trained, lambda it: it[1].quality[0].model_version)
    trained = [next(same) for _, same in versions]
    charts = []
    for metric in METRICS:
        series = [
            (name, [_measured(step, name, metric) for _, step in trained]) for name in RECOMMENDERS
        ]
        drawn = chart(metric, series, [moment(run.started_at) for run, _ in trained], share)
        charts += [drawn] if drawn else []
    return charts


def _known(
    runs: Sequence[Run], name: str, value_of: Callable[[Step], float | None]
) -> list[tuple[Run, float]]:
    found = []
    for run in runs:
        step = run.step(name)
        if step and step.status == "success" and (value := value_of(step)) is not None:
            found.append((run, value))
    return found


def _measured(step: Step, recommender: str, metric: str) -> float | None:
    wanted = (recommender, metric)
    return next((it.value for it in step.quality if (it.recommender, it.metric) == wanted), None)
