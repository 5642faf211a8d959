from __future__ import annotations

import json
import random
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ingest.settings import IngestSettings
from tests.ingest import killing
from tests.ingest.helpers import rows, settings_for
from tests.ingest.server import Api, Call, serving

Outcome = tuple[Counter[str], Counter[str]]
BAD = ['{"id": null}', '{"id": 300, "id": 301}', '{"id": null, "n": 2}']
PAGE_SIZE = 10


def track(number: int, version: int = 0) -> str:
    return json.dumps({"id": number, "v": version, "updated_at": "2026-01-01T00:00:00Z"})


def yesterday() -> list[str]:
    """Rejects, a record on two pages, a reject on two pages, two versions of one track."""
    records = [track(number) for number in range(90)]
    records[10], records[30], records[85] = BAD[0], BAD[1], BAD[0]
    records[60], records[40] = records[5], track(7, 1)
    return records


def today() -> list[str]:
    """As yesterday, with one track changed into two versions, a new reject and two new tracks."""
    records = yesterday()
    records[35], records[70], records[75] = track(35, 2), BAD[2], track(35, 3)
    return [*records, track(200), track(201)]


def nothing_but_a_reject() -> list[str]:
    return [*yesterday()[:89], BAD[2]]


SCHEDULES = {
    "first": (None, yesterday()),
    "later": (yesterday(), today()),
    "reject": (yesterday(), nothing_but_a_reject()),
    "rejects": (None, BAD * 15),
}


def outcome(lake: Path) -> Outcome:
    kept = (rows(lake, "tracks"), rows(lake, "tracks", below="bronze/_rejects"))
    landed, rejected = (Counter(row["payload"] for row in some) for some in kept)
    return landed, rejected


def difference(got: Outcome, expected: Outcome) -> list[str]:
    told = []
    for name, mine, theirs in zip(("rows", "rejects"), got, expected, strict=True):
        if mine != theirs:
            missing, extra = (theirs - mine).total(), (mine - theirs).total()
            told.append(f"{name}: {missing} missing, {extra} too many")
    return told


@contextmanager
def watched(lake: Path) -> Iterator[None]:
    """Read each batch as soon as it is visible: it is whole."""
    torn: list[str] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            for batch in (lake / "bronze" / "tracks_raw").glob("ingest_date=*/batch=*"):
                promised = json.loads((batch / "_batch.json").read_text())["rows"]
                found = sum(pq.read_metadata(part).num_rows for part in batch.glob("*.parquet"))
                if found != promised:
                    torn.append(f"{batch}: {found} of {promised} rows")
            over.wait(0.005)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
    assert torn == []


@dataclass
class Stand:
    """A server, the lake before the run that is killed, and what that run would have made of it."""

    api: Api
    before: Path
    lake: Path
    asked: list[tuple[str, int]]
    stride: int = 1
    expected: Outcome = field(default_factory=lambda: (Counter(), Counter()))
    changes: int = 0
    seconds: float = 0.0

    def settings(self, token: str, **more: Any) -> IngestSettings:
        return settings_for(self.api, self.lake, token=token, workers=2, **more)

    def fresh(self) -> None:
        shutil.rmtree(self.lake, ignore_errors=True)
        if self.before.exists():
            shutil.copytree(self.before, self.lake)

    def repaired(self) -> None:
        """Run again, and see that all is there, once, and that no safe page was asked for again."""
        safe = self.safe()
        self.asked.clear()
        killing.run(self.settings("again"), endpoints=["tracks"])
        again = [page for token, page in self.asked if token == "Bearer again"]
        assert safe & set(again) <= self.looked_at_twice()
        assert difference(outcome(self.lake), self.expected) == []
        assert not (self.lake / "bronze/_staging/tracks").exists()

    def safe(self) -> set[int]:
        """The pages of the parts that count: those of a batch that is not visible yet."""
        window = self.lake / "bronze/_staging/tracks/_batch.json"
        shown = {path.parent.name for path in self.lake.glob("bronze/tracks_raw/*/*/_batch.json")}
        if not window.exists() or f"batch={json.loads(window.read_text())['batch_id']}" in shown:
            return set()
        staged = window.parent.glob("rows/*.parquet")
        return {page for part in staged for page in pq.read_table(part)["_page"].to_pylist()}

    def looked_at_twice(self) -> set[int]:
        """Page 1, and the pages that share records, are compared with what they were."""
        records = self.api.data["tracks"]
        often = Counter(records)
        return {1, *(at // PAGE_SIZE + 1 for at, text in enumerate(records) if often[text] > 1)}


@pytest.fixture
def stand(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stand]:
    first, then = SCHEDULES[request.param]
    asked: list[tuple[str, int]] = []

    def note(call: Call) -> None:
        asked.append((str(call.handler.headers["Authorization"]), call.page))

    with serving({"tracks": first or []}, fault=note) as api:
        stand = Stand(api, tmp_path / "before", tmp_path / "lake", asked)
        stand.stride = 2 if request.param == "later" else 5
        if first:
            killing.run(stand.settings("first"), endpoints=["tracks"])
            stand.lake.rename(stand.before)
        api.data = {"tracks": then}
        stand.fresh()
        clock = time.monotonic()
        stand.changes = killing.run(stand.settings("whole"), endpoints=["tracks"])
        stand.seconds = time.monotonic() - clock
        stand.expected = outcome(stand.lake)
        yield stand


@pytest.mark.parametrize("stand", SCHEDULES, indirect=True)
def test_a_run_killed_at_any_change_of_the_lake_is_taken_up_again(stand: Stand) -> None:
    broken: dict[int, str] = {}
    for deadline in range(0, stand.changes, stand.stride):
        stand.fresh()
        with watched(stand.lake):
            options = {"deadline": deadline, "endpoints": ["tracks"]}
            assert killing.run(stand.settings("killed"), **options) is None
            try:
                stand.repaired()
            except AssertionError as error:
                broken[deadline] = str(error).splitlines()[0][:120]
    assert broken == {}


@pytest.mark.parametrize("stand", ["later"], indirect=True)
def test_a_run_killed_at_any_moment_is_taken_up_again(stand: Stand) -> None:
    dice = random.Random(1)
    for _ in range(50):
        stand.fresh()
        with watched(stand.lake):
            process, _told = killing.start(stand.settings("killed"), endpoints=["tracks"])
            process.join(dice.uniform(0, stand.seconds))
            process.kill()
            process.join()
            stand.repaired()
