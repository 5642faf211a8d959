"""The recommender's parameters: those of the project's YAML, and those that `tune` is to try."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path

import click
import msgspec
import yaml

from recommender.training import Parameters
from recommender.tuning import GRID, Grid

MODELS = Path("models") / "gold" / "recommender" / "_recommender__models.yml"
MODEL = "als_factors"


def parameters_of(project: Path) -> Parameters:
    """The parameters that the project's YAML gives the model."""
    models = yaml.safe_load((project / MODELS).read_text())["models"]
    (meta,) = (model["config"]["meta"] for model in models if model["name"] == MODEL)
    return Parameters.read({field.name: meta[field.name] for field in fields(Parameters)})


def grid_of(tries: tuple[str, ...], start: Parameters) -> Grid:
    """What is to be tried, from `name=value,value`; the usual grid when nothing is said.

    Raises:
        click.UsageError: there is no such parameter, or a value is none of it.
    """
    known = [name for name, it in asdict(start).items() if not isinstance(it, tuple)]
    grid = {}
    for said in tries:
        name, _, values = said.partition("=")
        if name not in known:
            raise click.UsageError(f"there is no parameter {name!r}; they are {', '.join(known)}")
        try:
            told = [Parameters.read(asdict(start) | {name: it}) for it in values.split(",")]
        except msgspec.ValidationError as error:
            raise click.UsageError(f"--try {said}: {error}") from error
        grid[name] = [getattr(it, name) for it in told]
    return grid or GRID
