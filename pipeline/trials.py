"""The trials of `medley tune`: their table in a file, what the screen shows, and the verdict."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.box import SIMPLE_HEAD
from rich.table import Table

from pipeline.parameters import MODEL, MODELS
from pipeline.words import share
from recommender.blending import ALS, NEIGHBOURS, Mix
from recommender.judging import DEPTH, RECALL_DEPTH, Judged
from recommender.tuning import TELL, Trial

SET_IN = f"{MODELS}, in the `meta` of {MODEL}"
NAMES = (f"ndcg@{DEPTH}", f"recall@{RECALL_DEPTH}", f"map@{DEPTH}")
Z = 1.96  # of a 95 % confidence interval


def mean(values: NDArray[np.float64]) -> tuple[float, float]:
    """The mean over users, and half of its 95 % confidence interval."""
    error = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    return float(values.mean()), float(Z * error)


def changed(trial: Trial, start: Trial) -> dict[str, float]:
    """The parameters in which a trial differs from the first."""
    before = asdict(start.parameters)
    return {name: it for name, it in asdict(trial.parameters).items() if it != before[name]}


def ablation(title: str, popularity: Judged, trial: Trial, *, tracks: int) -> Table:
    """Popularity, each signal alone and both together, of the same parameters and users."""
    users = len(popularity.ndcg)
    evenly, recent = Mix(trial.mix.neighbour_share), trial.mix.recent_share > 0
    table = _table(
        f"{title}: {users:,} users' held-out discoveries, 95 % confidence",
        *("", *NAMES, f"coverage@{DEPTH}"),
    )
    rows = {
        "popularity": popularity,
        "ALS alone": trial.judged[ALS],
        "neighbours alone": trial.judged[NEIGHBOURS],
        f"both, {trial.mix.neighbour_share:g} of it neighbours": trial.judged[evenly],
        **({f"the newest weigh more, {trial.mix.recent_share:g}": trial.best} if recent else {}),
    }
    for name, judged in rows.items():
        told = (mean(values) for values in _measures(judged))
        each = [f"{share(value)} ± {share(error)}" for value, error in told]
        table.add_row(name, *each, share(judged.items / tracks))
    return table


def verdict(trials: Sequence[Trial]) -> Iterator[str]:
    """The best trial beside the first, whose parameters the YAML has; and how to set its own.

    One half of the users chose the best; what is gained is told by the other.
    """
    start, best = trials[0], best_of(trials)
    told = _named(changed(best, start), ": ")
    if not told:
        yield "best     the parameters as they are"
        return
    after, before = best.best.ndcg[TELL], start.best.ndcg[TELL]
    gain, error = mean(after - before)
    yield f"best     {told}"
    yield (
        f"gain     {NAMES[0]} {share(after.mean())} against {share(before.mean())} as they are:"
        f" {gain:+.3f} ± {error:.3f}, on {len(after):,} users who did not choose"
    )
    if gain <= error:
        yield "so       nothing: that may be chance; the parameters as they are are as good"
    else:
        yield f"so       set {told} in {SET_IN}, then `medley train`"


def best_of(trials: Sequence[Trial]) -> Trial:
    """The best trial; of those that tie, the first."""
    return max(trials, key=lambda trial: trial.ndcg)


def line(trial: Trial, start: Trial) -> str:
    """A trial, for whoever watches."""
    told = _named(changed(trial, start), " ")
    value, error = mean(trial.best.ndcg)
    return (
        f"{trial.seconds:6.1f} s  {NAMES[0]} {share(value)} ± {share(error)}"
        f"  {told or 'as it is'}, {trial.mix.neighbour_share:g} of it neighbours,"
        f" {trial.mix.recent_share:g} of these the newest"
    )


def write(path: Path, popularity: Judged, trials: Sequence[Trial], *, tracks: int) -> None:
    """Write a row per trial and mix as CSV; popularity has the first."""
    rows = [{"trial": 0, "recommender": "popularity", **_figures(popularity, tracks)}]
    for number, trial in enumerate(trials, start=1):
        parameters = asdict(trial.parameters)
        del parameters["neighbour_shares"], parameters["recent_shares"]
        for mix, judged in sorted(trial.judged.items(), key=lambda it: astuple(it[0])):
            named = {ALS: "als", NEIGHBOURS: "neighbours"}.get(mix, "both")
            told = {"trial": number, "recommender": named, **_figures(judged, tracks)}
            shares = {"neighbour_share": mix.neighbour_share, "recent_share": mix.recent_share}
            chosen = shares | {"is_chosen": mix == trial.mix}
            rows.append(told | parameters | chosen | {"seconds": round(trial.seconds, 1)})
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[-1]), restval="")
        writer.writeheader()
        writer.writerows(rows)


def _named(parameters: dict[str, float], between: str) -> str:
    return ", ".join(f"{name}{between}{value:g}" for name, value in parameters.items())


def _figures(judged: Judged, tracks: int) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name, values in zip(("ndcg", "recall", "map"), _measures(judged), strict=True):
        value, error = mean(values)
        figures[name] = round(value, 5)
        figures |= {f"{name}_low": round(value - error, 5), f"{name}_high": round(value + error, 5)}
    return figures | {"coverage": round(judged.items / tracks, 5), "users": len(judged.ndcg)}


def _measures(judged: Judged) -> tuple[NDArray[np.float64], ...]:
    return judged.ndcg, judged.recall, judged.precision


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False
    )
    for column in columns:
        table.add_column(column, justify="right" if column else "left", no_wrap=True)
    return table
