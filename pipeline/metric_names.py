"""Every metric: its name, what it says, and its labels. `docs/metrics.md` tells the same."""

from __future__ import annotations

STEP, ENDPOINT, MODEL, LAYER = ("step",), ("endpoint",), ("model", "layer"), ("layer",)

METRICS: dict[str, tuple[str, tuple[str, ...]]] = {
    "medley_info": ("1; the version and the target of the newest run.", ("version", "target")),
    # A step.
    "medley_step_failed": ("1 when the step failed or died at its last attempt, else 0.", STEP),
    "medley_step_last_end_timestamp_seconds": ("When the last attempt ended.", STEP),
    "medley_step_last_success_timestamp_seconds": (
        "When the step was last done, or found nothing new.",
        STEP,
    ),
    "medley_step_seconds": ("How long the last work took.", STEP),
    "medley_step_cpu_seconds": ("CPU time of the last work, JVM and workers included.", STEP),
    "medley_step_peak_memory_bytes": ("Most memory of the last work, JVM included.", STEP),
    "medley_step_rows_in": ("Rows that the last work read.", STEP),
    "medley_step_rows_out": ("Rows that the last work wrote.", STEP),
    "medley_step_rows_rejected": ("Rows that the last work set aside.", STEP),
    "medley_step_bytes": ("Bytes that the last work wrote, or ingest received.", STEP),
    # An endpoint of the API.
    "medley_endpoint_failed": ("1 when the endpoint failed at the last attempt, else 0.", ENDPOINT),
    "medley_endpoint_seconds": ("How long the last reading took.", ENDPOINT),
    "medley_endpoint_records": ("Records in the last reading.", ENDPOINT),
    "medley_endpoint_rows": ("Rows of the newest batch.", ENDPOINT),
    "medley_endpoint_pages": ("Pages of the last reading.", ENDPOINT),
    "medley_endpoint_bytes": ("Bytes of the last reading.", ENDPOINT),
    "medley_endpoint_retries": ("Requests of the last reading that were repeated.", ENDPOINT),
    "medley_endpoint_reject_ratio": ("Rejected share of the newest batch.", ENDPOINT),
    # A model, and the tests.
    "medley_model_seconds": ("How long the model's last build took.", MODEL),
    "medley_model_rows": ("Rows of the model's table.", MODEL),
    "medley_model_bytes": ("Bytes of the model's Parquet files.", MODEL),
    "medley_tests": ("Data tests by result, of the last attempt.", ("step", "status")),
    # What was set aside.
    "medley_rejected_records": (
        "Records that are set aside in the lake.",
        ("endpoint", "reason", "severity"),
    ),
    "medley_reject_ratio": ("Share of all landed records that is set aside.", ()),
    # A layer: bronze, silver, gold, recommendations, serving.
    "medley_layer_written_timestamp_seconds": ("When the layer was last written.", LAYER),
    "medley_layer_landed_timestamp_seconds": ("Landing of the newest batch it holds.", LAYER),
    "medley_layer_data_timestamp_seconds": ("The newest listen in it.", LAYER),
    "medley_layer_rows": ("Rows of its tables.", LAYER),
    "medley_layer_bytes": ("Bytes of its tables.", LAYER),
    # The recommender and its publication.
    "medley_recommender_quality": (
        "A measure of the newest evaluation, 0 to 1.",
        ("recommender", "metric"),
    ),
    "medley_recommender_info": ("1; the version of the model that is served.", ("model_version",)),
    "medley_published_users": ("Users who have recommendations.", ()),
    "medley_published_rows": ("Recommendations that are served.", ()),
    "medley_published_timestamp_seconds": ("When they were published.", ()),
    "medley_publish_lag_seconds": ("From the landing of the newest data in them to readers.", ()),
    # The lake's disk.
    "medley_disk_free_bytes": ("Free on the lake's disk, at the end of the newest run.", ()),
    "medley_disk_total_bytes": ("Used and free on the lake's disk, as df reckons.", ()),
}
