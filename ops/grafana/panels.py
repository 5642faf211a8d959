"""The kinds of panels that the dashboard is made of."""

from __future__ import annotations

from grafana_foundation_sdk.builders import bargauge, common, stat, timeseries
from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    LineInterpolation,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMappingResult,
)

Kind = stat.Panel | timeseries.Panel | bargauge.Panel
SOURCE = DataSourceRef(type_val="prometheus", uid="${source}")
GOOD, BAD = "green", "red"


def _query(expression: str, legend: str, *, at_once: bool) -> Dataquery:
    query = Dataquery().expr(expression).legend_format(legend).ref_id("A")
    return query.instant() if at_once else query.range()


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"])


def _colours(*, warn: float | None = None, warn_below: float | None = None) -> ThresholdsConfig:
    limit = warn if warn is not None else warn_below
    first, then = (GOOD, BAD) if warn_below is None else (BAD, GOOD)
    steps = [Threshold(value=None, color=first)]
    if limit is not None:
        steps.append(Threshold(value=limit, color=then))
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def state(title: str, description: str, expression: str, legend: str) -> stat.Panel:
    """A tile per series: 0 is well, 1 is not."""
    words = {
        "0": ValueMappingResult(text="well", color=GOOD, index=0),
        "1": ValueMappingResult(text="failed", color=BAD, index=1),
    }
    return (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .with_target(_query(expression, legend, at_once=True))
        .reduce_options(_last())
        .mappings([ValueMap(options=words)])
        .color_mode(BigValueColorMode.BACKGROUND)
        .graph_mode(BigValueGraphMode.NONE)
        .orientation(VizOrientation.HORIZONTAL)
        .thresholds(_colours(warn=1))
        .span(8)
        .height(6)
    )


def number(
    title: str,
    description: str,
    expression: str,
    *,
    unit: str,
    warn: float | None = None,
    warn_below: float | None = None,
) -> stat.Panel:
    """One number, red past a limit."""
    return (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .with_target(_query(expression, "", at_once=True))
        .reduce_options(_last())
        .unit(unit)
        .decimals(1)
        .color_mode(BigValueColorMode.VALUE)
        .graph_mode(BigValueGraphMode.NONE)
        .thresholds(_colours(warn=warn, warn_below=warn_below))
        .span(4)
        .height(6)
    )


def lines(
    title: str, description: str, expression: str, legend: str, unit: str, *, span: int = 8
) -> timeseries.Panel:
    """Series over time; what a run says holds until the next."""
    return (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .with_target(_query(expression, legend, at_once=False))
        .unit(unit)
        .axis_soft_min(0)
        .line_interpolation(LineInterpolation.STEP_AFTER)
        .fill_opacity(8)
        .legend(
            common.VizLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .span(span)
        .height(8)
    )


def bars(title: str, description: str, expression: str, legend: str, unit: str) -> bargauge.Panel:
    """A bar per series, as of now."""
    return (
        bargauge.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .with_target(_query(expression, legend, at_once=True))
        .reduce_options(_last())
        .unit(unit)
        .min(0)
        .orientation(VizOrientation.HORIZONTAL)
        .thresholds(_colours())
        .span(8)
        .height(8)
    )
