"""A batch is judged as a whole before anybody sees it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.errors import BatchRefusedError, IngestError
from ingest.service import BatchResult, ingest
from tests.ingest.helpers import declared, payloads, rejects, rows, settings_for
from tests.ingest.server import Api, record, serving

GOOD = [record(number) for number in range(20)]
NAMELESS = [f'{{"name": "nobody {number}"}}' for number in range(20)]
ROOT = Path(__file__).parents[2]


def load(api: Api, lake: Path, *, batch_id: str | None = None, **more: object) -> BatchResult:
    settings = settings_for(api, lake, **{"gate": True, **more})
    return ingest(settings, endpoints=["tracks"], batch_id=batch_id)[0]


def refused(api: Api, lake: Path, *, batch_id: str | None = None, **more: object) -> str:
    """What is said of a batch that is refused."""
    with pytest.raises(IngestError) as caught:
        load(api, lake, batch_id=batch_id, **more)
    assert type(caught.value.failures["tracks"]) is BatchRefusedError
    return str(caught.value)


def run(*words: str) -> subprocess.CompletedProcess[str]:
    clean = {key: text for key, text in os.environ.items() if not key.startswith("MEDLEY_")}
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=clean, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip


def test_a_batch_without_ids_is_refused_and_kept_aside(tmp_path: Path) -> None:
    data = {"tracks": list(GOOD)}
    with serving(data) as api:
        load(api, tmp_path)
        data["tracks"] = [record(99), *NAMELESS]
        told = refused(api, tmp_path, batch_id="b2")
        data["tracks"] = [*NAMELESS, record(98)]
        assert refused(api, tmp_path, batch_id="b2") == told, "the same, once more"
    (place,) = (tmp_path / "bronze" / "_refused" / "tracks_raw").glob("ingest_date=*/batch=b2")
    assert told == (
        f"tracks: the batch is refused, share_of_missing_id is 95%; it is kept aside in {place}"
    )
    assert [row["payload"] for row in rows(tmp_path, "tracks", below="bronze/_refused")] == [
        record(98)
    ]
    aside = rows(tmp_path, "tracks", below="bronze/_refused/_rejects")
    assert [(row["payload"], row["reason"]) for row in aside] == [
        (text, "missing_id") for text in NAMELESS
    ]
    assert (payloads(tmp_path, "tracks"), rejects(tmp_path, "tracks")) == (GOOD, [])


def test_a_refused_batch_id_lands_when_it_is_corrected(tmp_path: Path) -> None:
    data = {"tracks": list(NAMELESS)}
    with serving(data) as api:
        refused(api, tmp_path, batch_id="b1")
        data["tracks"] = list(GOOD)
        assert load(api, tmp_path, batch_id="b1").status == "landed"
    assert payloads(tmp_path, "tracks") == GOOD


def test_the_command_tells_a_refusal_in_one_line_and_exits_1(tmp_path: Path) -> None:
    with serving({"tracks": NAMELESS, "users": GOOD}) as api:
        words = ["tracks", "users", "--api-url", api.url, "--lake", str(tmp_path)]
        done = run("-m", "ingest", *words)
    lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout, len(lines)) == (1, "", 3)
    assert lines[:2] == ["tracks: failed, 0 records", "users: landed, 20 records"]
    assert lines[2].startswith("Error: tracks: the batch is refused, share_of_missing_id is 100%")
    assert payloads(tmp_path, "users") == GOOD


def test_bad_records_below_the_share_are_rejects_and_the_others_land(tmp_path: Path) -> None:
    file = declared(
        tmp_path / "e.yml",
        "{name: tracks, path: /tracks, id: [id], timestamp: updated_at, types: {name: string}}",
    )
    odd = {
        '{"name": "nobody"}': "missing_id",
        '{"id": 30, "updated_at": "2999-01-01T00:00:00Z"}': "implausible_timestamp",
        '{"id": 31, "updated_at": "0001-01-01T00:00:00Z"}': "implausible_timestamp",
        '{"id": 32, "name": 7}': "wrong_type",
        '{"id": 33, "name": ["x"]}': "wrong_type",
    }
    with serving({"tracks": [*odd, *GOOD]}) as api:
        result = load(api, tmp_path, endpoints_file=file)
    assert (result.status, result.rows, result.rejected) == ("landed", 20, 5)
    assert payloads(tmp_path, "tracks") == GOOD
    assert rejects(tmp_path, "tracks") == list(odd.items())


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("unparseable", '{{"id": {}, "n": NaN}}'),
        ("wrong_type", '{{"id": [{}]}}'),
        ("implausible_timestamp", '{{"id": {}, "updated_at": "yesterday"}}'),
        ("ambiguous", '{{"id": 1, "id": {}}}'),
        ("ambiguous", '{{"id": 1, "updated_at": null, "n": {}}}'),
    ],
)
def test_each_kind_of_bad_record_has_its_share(tmp_path: Path, kind: str, bad: str) -> None:
    few, many = ([bad.format(100 * count + n) for n in range(count)] for count in (4, 8))
    data = {"tracks": [*GOOD, *few]}
    with serving(data) as api:
        assert load(api, tmp_path).rows == 20
        data["tracks"] = [*GOOD, *many]
        assert f"share_of_{kind} is 29%;" in refused(api, tmp_path)
        assert load(api, tmp_path, max_rejected=0.3).rejected == 8


@pytest.mark.parametrize("unique", [True, False])
def test_of_conflicting_versions_the_known_or_first_stays(tmp_path: Path, unique: bool) -> None:
    entry = "name: tracks, path: /tracks, id: [id], timestamp: updated_at"
    file = declared(tmp_path / "e.yml", f"{{{entry}, unique: {str(unique).lower()}}}")
    made = '{{"id": 50, "updated_at": "2026-01-0{}T00:00:00Z", "name": "{}"}}'
    a, b, c, x, y = (made.format(*it) for it in ((1, "a"), (1, "b"), (1, "c"), (2, "x"), (2, "y")))
    data = {"tracks": [*GOOD, b]}
    with serving(data) as api:
        load(api, tmp_path, endpoints_file=file)
        data["tracks"] = [a, b, c, x, y, *GOOD]
        result = load(api, tmp_path, endpoints_file=file)
        assert load(api, tmp_path, endpoints_file=file).status == "unchanged"
    new = payloads(tmp_path, "tracks")[21:]
    if unique:
        assert (new, result.rows, result.rejected) == ([x], 1, 3)
        assert sorted(rejects(tmp_path, "tracks")) == [
            (text, "conflicting_version") for text in (a, c, y)
        ]
    else:
        assert (new, rejects(tmp_path, "tracks")) == ([a, c, x, y], [])


@pytest.mark.parametrize("full", [False, True])
def test_a_shrunken_reading_is_refused_until_it_is_accepted(tmp_path: Path, full: bool) -> None:
    data = {"tracks": [*GOOD, GOOD[0]]}
    with serving(data) as api:
        load(api, tmp_path)
        data["tracks"] = GOOD[:16]
        assert load(api, tmp_path, full=full).status == ("landed" if full else "unchanged")
        data["tracks"] = [*GOOD[:12], GOOD[0], GOOD[1]]
        for _ in range(2):
            told = refused(api, tmp_path, full=full)
            assert "share_of_last_reading is 75% of its 16 records" in told
            assert "--accept-shrinkage" in told
        accepted = load(api, tmp_path, full=full, accept_shrinkage=True)
        assert accepted.status == ("landed" if full else "unchanged")
        assert load(api, tmp_path).status == "unchanged", "what was accepted is what there is"
        data["tracks"] = []
        assert "0% of its 12 records" in refused(api, tmp_path, full=full)


def test_the_data_docs_are_one_page_that_loads_nothing(tmp_path: Path) -> None:
    data = {"tracks": list(GOOD)}
    with serving(data) as api:
        load(api, tmp_path, batch_id="good")
        data["tracks"] = [record(99), *NAMELESS]
        refused(api, tmp_path, batch_id="bad")
    done = run("-m", "ingest.datadocs", str(tmp_path))
    assert done.returncode == 0, done.stderr
    page = Path(done.stdout.strip()).read_text()
    assert re.findall(r"<summary>.*?</summary>", page) == [
        '<summary><span class="passed">passed</span> tracks/good</summary>',
        '<summary><span class="failed">failed</span> tracks/bad</summary>',
    ]
    failed = page[page.index("tracks/bad") :]
    assert "share_of_missing_id" in failed
    assert "0.952" in failed, "the share that was observed"
    assert "None" not in page
    assert not re.findall(r"(?:src|href|action)\s*=\s*[\"']?[^#\"'\s]|url\(|@import", page)
    assert not re.findall(r"<(?:script|link|img|iframe|object|embed)\b", page)


@pytest.mark.parametrize("executable", ["/nowhere/python", "/bin/false"])
def test_without_the_checks_nothing_lands(tmp_path: Path, executable: str) -> None:
    line = f"import sys; sys.executable = {executable!r}; from ingest.__main__ import command; "
    with serving({"tracks": GOOD, "users": GOOD}) as api:
        words = ["tracks", "users", "--api-url", api.url, "--lake", str(tmp_path)]
        done = run("-c", line + "command()", *words)
    assert done.returncode == 1
    why = "the checks could not be run, so nothing was landed: `python -m ingest.expectations`"
    assert done.stderr.splitlines()[-1] == (
        f"Error: tracks: {why} tells why; users: {why} tells why"
    )
    assert (payloads(tmp_path, "tracks"), payloads(tmp_path, "users")) == ([], [])
