"""Writes dashboards/medley.json: `.venv/bin/python ops/grafana/build.py`."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

from grafana_foundation_sdk.builders.dashboard import (
    Dashboard,
    DatasourceVariable,
    QueryVariable,
    Row,
)
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    VariableOption,
    VariableRefresh,
    VariableSort,
)
from panels import SOURCE, Kind, bars, lines, number, state

PLACE = Path(__file__).parent / "dashboards" / "medley.json"


def of(metric: str, /, **labels: str) -> str:
    """A metric of the chosen lakes; a label's value is a regular expression."""
    wanted = "".join(f', {label}=~"{value}"' for label, value in labels.items())
    return f'medley_{metric}{{instance=~"$instance"{wanted}}}'


def age(metric: str, /, **labels: str) -> str:
    """Seconds since a moment."""
    return f"time() - {of(metric, **labels)}"


WELL: list[Kind] = [
    state("Steps", "Whether each step's last attempt went well.", of("step_failed"), "{{step}}"),
    number(
        "Since the last success",
        "The step that was done longest ago; documentation aside.",
        f"max({age('step_last_success_timestamp_seconds', step='ingest|build|train|publish')})",
        unit="s",
        warn=26 * 3600,
    ),
    number(
        "Age of what is served",
        "Since the landing of the newest data in the lists that the frontend reads.",
        f"max({age('layer_landed_timestamp_seconds', layer='serving')})",
        unit="s",
        warn=50 * 3600,
    ),
    number(
        "Recommender, NDCG against popularity",
        "How many times better its lists are; at 1 it is not worth its electricity.",
        f"max({of('recommender_quality', recommender='model', metric='ndcg')})"
        f" / max({of('recommender_quality', recommender='popularity', metric='ndcg')})",
        unit="none",
        warn_below=1.2,
    ),
    number(
        "Free on the disk",
        "Of the disk that the lake is on.",
        f"min({of('disk_free_bytes')} / {of('disk_total_bytes')})",
        unit="percentunit",
        warn_below=0.1,
    ),
]
DATA: list[Kind] = [
    lines("Rows of gold", "By model.", of("model_rows", layer="gold"), "{{model}}", "short"),
    lines(
        "Records read from the API",
        "By endpoint, at the last reading.",
        of("endpoint_records"),
        "{{endpoint}}",
        "short",
    ),
    lines(
        "Age of each layer's data",
        "Since the landing of the newest batch that it holds.",
        age("layer_landed_timestamp_seconds"),
        "{{layer}}",
        "s",
    ),
    bars(
        "Records set aside",
        "By endpoint and reason, all that are in the lake.",
        f"sum by (endpoint, reason) ({of('rejected_records')})",
        "{{endpoint}}: {{reason}}",
        "short",
    ),
    lines(
        "Rejected share of the newest batch",
        "By endpoint.",
        of("endpoint_reject_ratio"),
        "{{endpoint}}",
        "percentunit",
    ),
    bars(
        "Data tests",
        "By step and result, of the last attempt.",
        f"sum by (step, status) ({of('tests')})",
        "{{step}} {{status}}",
        "short",
    ),
]
TIME: list[Kind] = [
    lines("Seconds of each step", "Of its last work.", of("step_seconds"), "{{step}}", "s"),
    lines("CPU of each step", "The JVM included.", of("step_cpu_seconds"), "{{step}}", "s"),
    lines(
        "Peak memory of each step",
        "The JVM and Python's workers included.",
        of("step_peak_memory_bytes"),
        "{{step}}",
        "bytes",
    ),
    bars(
        "Slowest models",
        "Seconds of the last build.",
        f"topk(10, {of('model_seconds')})",
        "{{model}}",
        "s",
    ),
    lines(
        "Seconds of each endpoint", "Of its last reading.", of("endpoint_seconds"), "{{endpoint}}",
        "s",
    ),
    lines("Bytes of each layer", "Its Parquet files.", of("layer_bytes"), "{{layer}}", "bytes"),
]  # fmt: skip
TASTE: list[Kind] = [
    lines(
        "Quality of the recommender",
        "On discoveries that were held out, against popularity.",
        of("recommender_quality", metric="ndcg|recall|map"),
        "{{recommender}} {{metric}}",
        "none",
        span=6,
    ),
    lines(
        "Coverage",
        "Share of all tracks that is in somebody's list.",
        of("recommender_quality", metric="coverage"),
        "{{recommender}}",
        "percentunit",
        span=6,
    ),
    lines(
        "Published",
        "Users with recommendations, and recommendations.",
        '{__name__=~"medley_published_(users|rows)", instance=~"$instance"}',
        "{{__name__}}",
        "short",
        span=6,
    ),
    lines(
        "Publish lag",
        "From the landing of the newest data in the lists to readers.",
        of("publish_lag_seconds"),
        "lag",
        "s",
        span=6,
    ),
]


def dashboard() -> str:
    """The dashboard as JSON."""
    made = (
        Dashboard("Medley")
        .uid("medley")
        .description("The health of a music lakehouse: is the data in, is it right, who was told.")
        .tags(["medley"])
        .time("now-14d", "now")
        .refresh("1m")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .readonly()
        .with_variable(
            DatasourceVariable("source")
            .label("Prometheus")
            .type("prometheus")
            .current(VariableOption(text="Medley", value="medley"))
        )
        .with_variable(
            QueryVariable("instance")
            .label("Lake")
            .datasource(SOURCE)
            .query("label_values(medley_info, instance)")
            .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
            .sort(VariableSort.ALPHABETICAL_ASC)
            .multi(True)
            .include_all(True)
            .all_value(".*")
            .current(VariableOption(text="All", value="$__all"))
        )
    )
    rows = {"Is it well?": WELL, "The data": DATA, "Time and means": TIME, "The recommender": TASTE}
    number_of = count(1)
    for title, panels in rows.items():
        made.with_row(Row(title).id(next(number_of)))
        for panel in panels:
            made.with_panel(panel.id(next(number_of)))
    return json.dumps(made.build(), cls=JSONEncoder, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    PLACE.write_text(dashboard())
