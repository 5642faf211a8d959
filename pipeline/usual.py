"""The key figures of a run, beside what they usually are: the median of the runs before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from statistics import median

from pipeline.record import Run, Step
from pipeline.words import count, seconds, share, size

PAST_RUNS = 60


@dataclass(frozen=True)
class Figure:
    """A figure, what it usually is, and of how many runs that is the median."""

    name: str
    value: str
    usual: str = ""
    runs: int = 0


def _rows(table: str) -> Callable[[Step], float | None]:
    return lambda step: next((node.rows for node in step.nodes if node.name == table), None)


def _quality(metric: str) -> Callable[[Step], float | None]:
    return lambda step: next(
        (it.value for it in step.quality if (it.recommender, it.metric) == ("model", metric)), None
    )


def _took(step: Step) -> float | None:
    return step.seconds


FIGURES: tuple[tuple[str, str, Callable[[Step], float | None], Callable[[float], str]], ...] = (
    ("records read", "ingest", lambda step: step.rows_in, count),
    ("records landed", "ingest", lambda step: step.rows_out, count),
    ("rejected on landing", "ingest", lambda step: step.rows_rejected, count),
    ("listens in gold", "build", _rows("fct_listen_history"), count),
    ("set aside in all", "build", lambda step: step.rows_rejected, count),
    ("quality (ndcg)", "train", _quality("ndcg"), share),
    ("recommendations served", "publish", lambda step: step.rows_out, count),
    ("lag of what is served", "publish",
     lambda step: step.publication.lag_seconds if step.publication else None, seconds),
    ("ingest took", "ingest", _took, seconds),
    ("build took", "build", _took, seconds),
    ("train took", "train", _took, seconds),
    ("publish took", "publish", _took, seconds),
    ("peak memory", "build", lambda step: step.peak_memory_bytes, size),
)  # fmt: skip


def figures(run: Run, before: Iterable[Run]) -> list[Figure]:
    """The figures of the steps that did their work, each beside the median of the runs before."""
    past = list(islice(before, PAST_RUNS))
    found = []
    for name, step, value_of, text in FIGURES:
        value = _value(run, step, value_of)
        if value is None:
            continue
        earlier = [it for other in past if (it := _value(other, step, value_of)) is not None]
        usual = text(median(earlier)) if earlier else ""
        found.append(Figure(name, text(value), usual, len(earlier)))
    return found


def _value(run: Run, name: str, value_of: Callable[[Step], float | None]) -> float | None:
    step = run.step(name)
    return value_of(step) if step and step.status == "success" else None
