"""The JSON Schema of a run's record, made from its types."""

from __future__ import annotations

import inspect
import json
from typing import Any

import msgspec

from pipeline.record import Record
from pipeline.settings import PROJECT

PLACE = PROJECT / "docs" / "run-record.schema.json"


def schema() -> dict[str, Any]:
    """The schema, JSON Schema 2020-12, with the types' own words as descriptions."""
    made = msgspec.json.schema(Record)
    for kind in made["$defs"].values():
        kind["description"] = inspect.cleandoc(kind["description"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Record of a run of Medley",
        **made,
    }


def text() -> str:
    """The schema as it is kept."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PLACE.write_text(text())
