"""The key figures of a run, beside what they usually are: the median of the runs before."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from statistics import median

from pipeline.record import Run, Step

PAST_RUNS = 60


@dataclass(frozen=True)
class Figure:
    """A figure, what it usually is, and of how many runs that is the median."""

    name: str
    value: str
    usual: str = ""
    runs: int = 0


def count(value: float) -> str:
    """12,345."""
    return f"{value:,.0f}"


def seconds(value: float) -> str:
    """0.4 s, 54 s, 12 min, 3.5 h."""
    if value < 10:
        return f"{value:.1f} s"
    if value < 120:
        return f"{value:.0f} s"
    return f"{value / 60:.0f} min" if value < 7200 else f"{value / 3600:.1f} h"


def size(value: float) -> str:
    """310 KiB, 27 MiB, 2.4 GiB."""
    for unit, name in ((2**30, "GiB"), (2**20, "MiB")):
        if value >= unit:
            return (
                f"{value / unit:.1f} {name}" if value < 10 * unit else f"{value / unit:.0f} {name}"
            )
    return f"{value / 2**10:.0f} KiB"


def share(value: float) -> str:
    """0.191."""
    return f"{value:.3f}"


def _rows(table: str) -> Callable[[Step], float | None]:
    return lambda step: next((node.rows for node in step.nodes if node.name == table), None)


def _quality(metric: str) -> Callable[[Step], float | None]:
    return lambda step: next(
        (it.value for it in step.quality if (it.recommender, it.metric) == ("als", metric)), None
    )


def _took(step: Step) -> float | None:
    return step.seconds


FIGURES: tuple[tuple[str, str, Callable[[Step], float | None], Callable[[float], str]], ...] = (
    ("records read", "ingest", lambda step: step.rows_in, count),
    ("records landed", "ingest", lambda step: step.rows_out, count),
    ("no records", "ingest", lambda step: step.rows_rejected, count),
    ("listens in gold", "build", _rows("fct_listen_history"), count),
    ("records set aside", "build", lambda step: step.rows_rejected, count),
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
