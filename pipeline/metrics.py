"""The metrics of a lake: what its run records say, as Prometheus gauges.

All are drawn from the records, the newest that can tell, so that a run that fails erases nothing
and a Pushgateway that forgot everything is told everything by the next run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pipeline.metric_names import METRICS
from pipeline.record import Endpoint, Run, Step

RUNS_LOOKED_AT = 200
DONE = ("success", "skipped")
ENDED = (*DONE, "failed", "died")

Sample = tuple[str, dict[str, str], float | int | None]


@dataclass
class _Told:
    """The newest steps of one name: ended, done (with work or none to do), and worked."""

    ended: Step | None = None
    done: Step | None = None
    worked: Step | None = None
    endpoints: dict[str, Endpoint] = field(default_factory=dict)

    def hear(self, step: Step) -> None:
        """Take in an older step than those before."""
        if step.status in ENDED:
            self.ended = self.ended or step
        if step.status in DONE:
            self.done = self.done or step
        if step.status == "success" or (step.name == "ingest" and step.status in DONE):
            self.worked = self.worked or step  # an API with nothing new was read all the same
        for endpoint in step.endpoints:
            if endpoint.status != "failed":
                self.endpoints.setdefault(endpoint.name, endpoint)


def registry(runs: Iterable[Run]) -> CollectorRegistry:
    """The metrics of a lake's runs, newest first; no runs give no metrics."""
    collected = CollectorRegistry()
    collected.register(_Records(list(islice(runs, RUNS_LOOKED_AT))))
    return collected


class _Records(Collector):
    def __init__(self, runs: list[Run]) -> None:
        self._runs = runs

    def collect(self) -> Iterator[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        for name, labels, value in samples(self._runs):
            if value is not None:
                text, names = METRICS[name]
                family = families.setdefault(name, GaugeMetricFamily(name, text, labels=names))
                family.add_metric([labels[key] for key in names], value)
        yield from families.values()


def samples(runs: list[Run]) -> Iterator[Sample]:
    """Name, labels and value of each metric; a value of None is not known."""
    if not runs:
        return
    told: dict[str, _Told] = {}
    for run in runs:
        for step in run.steps:
            told.setdefault(step.name, _Told()).hear(step)
    newest = runs[0]
    about = {"version": newest.medley_version or "", "target": newest.target or ""}
    yield "medley_info", about, 1
    for name, steps in told.items():
        yield from _of_step(name, steps)
        yield from _of_endpoints(steps)
        yield from _of_nodes(name, steps)
        yield from _of_results(steps.worked)
    yield from _of_layers(runs)


def _of_step(name: str, steps: _Told) -> Iterator[Sample]:
    label = {"step": name}
    if steps.ended:
        yield "medley_step_failed", label, int(steps.ended.status not in DONE)
        yield "medley_step_last_end_timestamp_seconds", label, _moment(steps.ended.ended_at)
    if steps.done:
        yield "medley_step_last_success_timestamp_seconds", label, _moment(steps.done.ended_at)
    if worked := steps.worked:
        yield "medley_step_seconds", label, worked.seconds
        yield "medley_step_cpu_seconds", label, worked.cpu_seconds
        yield "medley_step_peak_memory_bytes", label, worked.peak_memory_bytes
        yield "medley_step_rows_in", label, worked.rows_in
        yield "medley_step_rows_out", label, worked.rows_out
        yield "medley_step_rows_rejected", label, worked.rows_rejected
        yield "medley_step_bytes", label, worked.bytes


def _of_endpoints(steps: _Told) -> Iterator[Sample]:
    last = steps.ended.endpoints if steps.ended else []
    for endpoint in last:
        failed = int(endpoint.status == "failed")
        yield "medley_endpoint_failed", {"endpoint": endpoint.name}, failed
    for name, endpoint in steps.endpoints.items():
        label = {"endpoint": name}
        yield "medley_endpoint_seconds", label, endpoint.seconds
        yield "medley_endpoint_records", label, endpoint.records
        yield "medley_endpoint_rows", label, endpoint.rows
        yield "medley_endpoint_pages", label, endpoint.pages
        yield "medley_endpoint_bytes", label, endpoint.bytes
        yield "medley_endpoint_retries", label, endpoint.retries
        landed = (endpoint.rows or 0) + (endpoint.rejected or 0)
        share = (endpoint.rejected or 0) / landed if landed else None
        yield "medley_endpoint_reject_ratio", label, share


def _of_nodes(name: str, steps: _Told) -> Iterator[Sample]:
    for node in steps.worked.nodes if steps.worked else []:
        if node.kind == "model":
            label = {"model": node.name, "layer": node.layer or ""}
            yield "medley_model_seconds", label, node.seconds
            yield "medley_model_rows", label, node.rows
            yield "medley_model_bytes", label, node.bytes
    ended = steps.ended
    if ended and ended.status == "skipped":
        ended = steps.worked
    results = [node.status for node in ended.nodes if node.kind == "test"] if ended else []
    for status in ("pass", "warn", "fail") if results else ():
        yield "medley_tests", {"step": name, "status": status}, results.count(status)


def _of_results(worked: Step | None) -> Iterator[Sample]:
    """What a step's result is worth: rejects, the recommender's quality, what was published."""
    if not worked:
        return
    for reject in worked.rejects:
        label = {
            "endpoint": reject.endpoint,
            "reason": reject.reason,
            "severity": reject.severity,
        }
        yield "medley_rejected_records", label, reject.records
    if worked.name == "build" and not worked.rejects:
        yield "medley_rejected_records", dict.fromkeys(("endpoint", "reason", "severity"), ""), 0
    if worked.name == "build" and worked.rows_in:
        yield "medley_reject_ratio", {}, (worked.rows_rejected or 0) / worked.rows_in
    for one in worked.quality:
        label = {"recommender": one.recommender, "metric": one.metric}
        yield "medley_recommender_quality", label, one.value
    if published := worked.publication:
        yield "medley_recommender_info", {"model_version": published.model_version}, 1
        yield "medley_published_users", {}, published.users
        yield "medley_published_rows", {}, published.rows
        yield "medley_published_timestamp_seconds", {}, _moment(published.published_at)
        yield "medley_publish_lag_seconds", {}, published.lag_seconds


def _of_layers(runs: list[Run]) -> Iterator[Sample]:
    run = next((run for run in runs if run.freshness), None)
    for layer in run.freshness if run else []:
        label: dict[str, str] = {"layer": layer.layer}
        yield "medley_layer_written_timestamp_seconds", label, _moment(layer.written_at)
        yield "medley_layer_landed_timestamp_seconds", label, _moment(layer.landed_at)
        yield "medley_layer_data_timestamp_seconds", label, _moment(layer.data_at)
        yield "medley_layer_rows", label, layer.rows
        yield "medley_layer_bytes", label, layer.bytes
    measured = next((run for run in runs if run.disk_total_bytes), None)
    if measured:
        yield "medley_disk_free_bytes", {}, measured.disk_free_bytes
        yield "medley_disk_total_bytes", {}, measured.disk_total_bytes


def _moment(text: str | None) -> float | None:
    return datetime.fromisoformat(text).timestamp() if text else None
