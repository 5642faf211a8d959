"""dlt's `rest_api` source into Parquet on the local disk: as documented, and as fast as it gets."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Imported before the clock runs, or each of its worker processes would import them again.
import dlt
import dlt.common.libs.pandas
import dlt.common.libs.pyarrow
import pyarrow.parquet as pq
import requests
from dlt.common import jsonpath
from dlt.destinations import filesystem
from dlt.sources.helpers.requests import Client
from dlt.sources.rest_api import rest_api_source

from bench.medley_load import PAGE_SIZE, workers

FAN_OUT = workers()  # as many answers awaited at once as by Medley
ADVISED = {  # the page "Optimizing dlt" of its documentation
    "SOURCES__DATA_WRITER__DISABLE_COMPRESSION": "true",
    "SOURCES__DATA_WRITER__FILE_MAX_ITEMS": "10000",
    "NORMALIZE__WORKERS": "3",
    "NORMALIZE__START_METHOD": "fork",
    "EXTRACT__WORKERS": str(FAN_OUT),
    "EXTRACT__MAX_PARALLEL_ITEMS": str(5 * FAN_OUT),
    "RUNTIME__DLTHUB_TELEMETRY": "false",
}
CHOICES = (
    f"as advised: to Parquet, page size {PAGE_SIZE}, page_number paginator with total_path, no",
    "  progress, no telemetry, files rotated so that processes normalize them, no compression",
    "tuned, beyond that: max_table_nesting 0; timestamps hinted as text, which nothing parses;",
    "  data_selector compiled once, not for each page; page_number paginator without total_path,",
    "  which parses a page twice: an empty page is the end; dlt's own session, told by",
    "  session_attrs to leave the environment (proxies, netrc) alone",
)


def load_as_advised(url: str, endpoint: str, folder: Path) -> int:
    """As the documentation has it, its advice for speed included; returns the rows landed."""
    paginator = {"type": "page_number", "base_page": 1, "total_path": "pages"}
    path = {"path": endpoint, "params": {"size": PAGE_SIZE}, "data_selector": "items"}
    resource = {"name": endpoint, "endpoint": path | {"paginator": paginator}}
    return _run(folder, endpoint, {"client": {"base_url": url}, "resources": [resource]})


def load_tuned(url: str, endpoint: str, folder: Path) -> int:
    """By the fastest settings found; pages one after the other."""
    paginator = {"type": "page_number", "base_page": 1, "total_path": None}
    resource = _resource(endpoint, paginator=paginator, params={"size": PAGE_SIZE})
    return _run(folder, endpoint, _client(url) | {"resources": [resource]}, max_table_nesting=0)


def load_fanned_out(url: str, endpoint: str, folder: Path) -> int:
    """Page numbers as a parent resource, and each page a `parallelized` child of its number."""
    first = requests.get(f"{url}/{endpoint}?page=1&size={PAGE_SIZE}", timeout=60).json()

    def numbers() -> Iterator[list[dict[str, int]]]:
        yield [{"number": number} for number in range(1, first["pages"] + 1)]

    pages = dlt.resource(numbers, name="pages", selected=False)
    params = {"size": PAGE_SIZE, "page": "{resources.pages.number}"}
    resource = _resource(endpoint, paginator="single_page", params=params)
    resources = [pages, resource | {"parallelized": True}]
    return _run(folder, endpoint, _client(url) | {"resources": resources}, max_table_nesting=0)


def _resource(endpoint: str, *, paginator: Any, params: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": endpoint,
        "columns": {name: {"data_type": "text"} for name in ("created_at", "updated_at")},
        "endpoint": {
            "path": endpoint,
            "params": params,
            "paginator": paginator,
            "data_selector": jsonpath.compile_path("items"),
        },
    }


def _client(url: str) -> dict[str, Any]:
    session = Client(raise_for_status=False, session_attrs={"trust_env": False}).session
    return {"client": {"base_url": url, "session": session}}


def _run(folder: Path, endpoint: str, config: Any, **options: Any) -> int:
    os.environ.update(ADVISED, DLT_DATA_DIR=str(folder / "data"))
    source = rest_api_source(config, **options)
    pipeline = dlt.pipeline(
        "bench",
        destination=filesystem(bucket_url=(folder / "lake").as_uri()),
        dataset_name="bronze",
        pipelines_dir=str(folder / "pipelines"),
    )
    pipeline.run(source, loader_file_format="parquet")
    files = (folder / "lake" / "bronze" / endpoint).rglob("*.parquet")
    return sum(pq.read_metadata(file).num_rows for file in files)
