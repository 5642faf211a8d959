"""Data Docs of the checks, one page without a network: `python -m ingest.datadocs [LAKE]`."""

from __future__ import annotations

import html
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from ingest.storage import Bronze

PAGE = "_checks/index.html"
FROM_ELSEWHERE = re.compile(r"<(script|style|nav|footer)\b.*?</\1>|<(link|img)\b[^>]*>", re.S)
SECTIONS = re.compile(r'<div id="section-1".*(?=</body>)', re.S)


def build(lake: str) -> str:
    """Render what Great Expectations said of every batch, newest first; give the page's path."""
    bronze = Bronze(lake)
    files = [name for name in bronze.files("_checks") if name.endswith(".json")]
    newest_first = sorted(files, key=lambda name: name.rpartition("/")[2], reverse=True)
    told = [_told(json.loads(bronze.read(name)), name) for name in newest_first]
    style = Path(__file__).with_name("checks.css").read_text()
    head = f'<meta charset="utf-8"><title>Checks</title><style>{style}</style>'
    body = "".join(told) or "<p>No batch has been checked yet.</p>"
    with bronze.writing(PAGE) as stream:
        stream.write(f"<!doctype html>{head}<h1>Checks of the batches</h1>{body}".encode())
    return bronze.path(PAGE)


def _told(answer: dict[str, Any], name: str) -> str:
    from great_expectations.core import expectation_validation_result as results
    from great_expectations.render.renderer import ValidationResultsPageRenderer
    from great_expectations.render.view import DefaultJinjaPageView

    result = results.expectationSuiteValidationResultSchema.load(answer["result"])
    document = ValidationResultsPageRenderer().render(result)
    page = FROM_ELSEWHERE.sub("", DefaultJinjaPageView().render(document))
    page = re.sub(r' href="\.\.[^"]*"|Data asset: None<br>', "", page)
    found = SECTIONS.search(page)
    state = "failed" if answer["failed"] else "passed"
    title = html.escape(name.removeprefix("_checks/").removesuffix(".json"))
    opened = " open" if answer["failed"] else ""
    head = f'<details{opened}><summary><span class="{state}">{state}</span> {title}</summary>'
    return f"{head}{found[0] if found else page}</details>"


if __name__ == "__main__":
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    sys.stdout.write(build(*sys.argv[1:] or [os.environ.get("MEDLEY_LAKE") or "lake"]) + "\n")
