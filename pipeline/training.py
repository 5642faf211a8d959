"""What the recommender is owed: a training, new lists of the model there is, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import yaml

from pipeline import contents, state
from pipeline.record import now
from pipeline.versions import choice, kept, listed, trained_at
from pipeline.words import seconds

NOTHING_NEW = "nothing new"
HOUR = 3600.0


@dataclass(frozen=True)
class Plan:
    """What the step has to do.

    Attributes:
        work: `train` anew and make lists, make `lists` of the model there is, or `nothing`.
        listens: a digest of the listens and the project, from which a model is trained.
        all: a digest of all that the lists are made from.
        version: the version to make lists of; None for the one that dbt chooses.
        word: why it is no training, or nothing.
    """

    work: Literal["train", "lists", "nothing"]
    listens: str
    all: str
    version: str | None = None
    word: str | None = None


def plan(lake: Path, project: Path, *, forced: bool, version: str | None) -> Plan:
    """Compare gold with what the last training, and the last lists, were made from.

    Args:
        lake: the lake.
        project: the dbt project's folder.
        forced: train even when nothing is new.
        version: make lists of this version, whatever else is new.
    """
    listens, everything = _contents(lake, project)
    if version:
        return Plan("lists", listens, everything, version, f"lists of {version}")
    made = (lake / "gold" / "recommendations").exists()
    models = state.project_digest(project)
    if forced or not made or models != state.done(lake, "trained_by"):
        return Plan("train", listens, everything)
    word = NOTHING_NEW
    if listens != state.done(lake, "trained_on"):
        wait = _seconds_left(lake, project)
        if wait <= 0:
            return Plan("train", listens, everything)
        word = f"the next training is due in {seconds(wait)}"
    if everything == state.done(lake, "listed_from"):
        return Plan("nothing", listens, everything, word=word)
    word = "lists alone" if word == NOTHING_NEW else f"lists alone, {word}"
    return Plan("lists", listens, everything, _same(lake), word)


def begin(lake: Path, plan: Plan) -> None:
    """Note that what the plan makes is in doubt until it is done."""
    state.forget(lake, "listed_from")
    if plan.work == "train":
        state.forget(lake, "trained_on")


def done(lake: Path, project: Path, plan: Plan) -> None:
    """Note that the plan is carried out."""
    if plan.work == "train":
        state.remember(lake, "trained_on", plan.listens)
        state.remember(lake, "trained_by", state.project_digest(project))
    state.remember(lake, "listed_from", plan.all)


def _same(lake: Path) -> str | None:
    """New lists are of the model that the lists there are have, also if it was chosen by hand."""
    now_listed = listed(lake)
    return now_listed if now_listed in kept(lake) and now_listed != choice(lake) else None


def _seconds_left(lake: Path, project: Path) -> float:
    """Until the var `retrain_after_hours` allows another training."""
    variables = yaml.safe_load((project / "dbt_project.yml").read_text())["vars"]
    last = trained_at(lake)
    hours = float(variables["retrain_after_hours"])
    return hours * HOUR - (now() - last).total_seconds() if last else 0.0


def _contents(lake: Path, project: Path) -> tuple[str, str]:
    """Digests of the listens, and of all that lists are made from; read only if gold was built."""
    built = state.inputs_of_training(lake, project)
    known = (state.done(lake, "contents") or "").split()
    if len(known) == 3 and known[0] == built:
        return known[1], known[2]
    listens = contents.digest(lake, "fct_listen_history", contents.LISTENS)
    others = [contents.digest(lake, name) for name in state.LEARNED_FROM[1:]]
    everything = ",".join([listens, *others])
    state.remember(lake, "contents", f"{built} {listens} {everything}")
    return listens, everything
