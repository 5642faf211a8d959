"""The page of a run: complete, right, in one file, and safe whatever the lake holds."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from pipeline.__main__ import main
from pipeline.lock import held
from pipeline.record import Reject
from pipeline.report import music
from pipeline.report.charts import HEIGHT, PAD, chart
from pipeline.report.command import after_run
from pipeline.settings import Settings
from tests.conftest import Replay
from tests.lake import rows
from tests.pipeline.notices.records import DAY, START, failed, good, written

EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)> & \"quoted\""
VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Reads a page: its text, its tags, and whether every tag is closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.tags, self.open = "", Counter[str](), list[str]()
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def asked(lake: Path, *words: str) -> Result:
    """What `medley report` answers."""
    return CliRunner().invoke(main, ["report", "--lake", str(lake), *words])


def report(lake: Path, *words: str) -> str:
    """The page that `medley report` wrote."""
    said = asked(lake, *words)
    assert said.exit_code == 0, said.output
    return Path(said.output.strip()).read_text()


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    """A lake of three tables more or less, in which every name is an attack."""

    def table(name: str, **columns: list[object]) -> None:
        folder = tmp_path / "gold" / name
        folder.mkdir(parents=True)
        pq.write_table(pa.table(columns), folder / "part.parquet")

    table(
        "fct_listen_history",
        track_key=[1, 1, 2, -1],
        user_key=[5, 5, 6, 5],
        user_id=["u5", "u5", EVIL, "u5"],
        play_count=[3, 4, 2, 90],
        is_orphan_user=[False, False, False, False],
    )
    table(
        "dim_track",
        track_key=[-1, 1, 2],
        track_id=["?", "t1", "t2"],
        track_name=["unknown", EVIL, "B"],
        artist_key=[-1, 8, 8],
        album_key=[-1, -1, -1],
    )
    table("dim_artist", artist_key=[-1, 8], artist_name=["unknown", EVIL])
    table("dim_album", album_key=[-1], album_title=["unknown"])
    table("dim_genre", genre_key=[-1, 3], genre_name=["unknown", EVIL])
    table("bridge_track_genre", track_key=[1, 2, 2], genre_key=[3, 3, -1])
    table(
        "recommendations",
        user_id=["u5", "u5", EVIL],
        rank=[2, 1, 1],
        track_id=["t1", "t2", "t1"],
        score=[0.1, 0.2, 0.3],
        reason=["als", "popular", "als"],
        model_version=["v"] * 3,
        generated_at=[START] * 3,
    )
    return tmp_path


def test_a_run_leaves_its_page_and_names_it(replay: Replay) -> None:
    place = replay.runs[0] / "report.html"
    assert f"report   {place}" in replay.first.stdout.replace("\n", "")
    page = Reader(place.read_text())
    for word in ("success", "als_scores", "fct_listen_history", "ndcg", "Most played genres"):
        assert word in page.text
    assert "5,000" in page.text


def test_its_tracks_and_lists_are_those_of_the_lake(replay: Replay) -> None:
    plays: Counter[int] = Counter()
    for row in rows(replay.lake, "gold/fct_listen_history", ["track_key", "play_count"]):
        plays[row["track_key"]] += row["play_count"]
    del plays[-1]
    top = music.top_tracks(replay.lake, n=10)
    assert [it.plays for it in top] == sorted(plays.values(), reverse=True)[:10]
    page = Reader((replay.runs[0] / "report.html").read_text())
    assert all(it.name in page.text for it in top)
    [first, *_] = music.sample(replay.lake, users=1, tracks=3)
    names = {row["track_id"]: row["track_name"] for row in rows(replay.lake, "gold/dim_track")}
    lists = rows(replay.lake, "gold/recommendations", ["user_id", "rank", "track_id"])
    mine = {row["rank"]: row["track_id"] for row in lists if row["user_id"] == first.user_id}
    assert [track for track, _, _ in first.recommended] == [names[mine[it]] for it in (1, 2, 3)]


def test_a_run_that_did_nothing_has_a_page_with_what_was_before(replay: Replay) -> None:
    page = (replay.runs[1] / "report.html").read_text()
    assert "nothing new" in page
    assert 'class="box recommender earlier"' in page


def test_it_is_one_file_that_fetches_and_runs_nothing(replay: Replay) -> None:
    page = (replay.runs[0] / "report.html").read_text()
    read = Reader(page)
    assert not {"script", "link", "img", "iframe", "object"} & set(read.tags)
    assert not [it for it in read.attributes if it[0] in ("src", "href", "srcset")]
    assert not re.search(r"url\(|@import|https?://", page)


def test_rankings_count_plays_and_leave_the_unknown_out(gold: Path) -> None:
    assert [(it.name, it.plays) for it in music.top_tracks(gold, n=5)] == [(EVIL, 7), ("B", 2)]
    assert [(it.name, it.plays) for it in music.top_genres(gold, n=5)] == [(EVIL, 9)]
    [most, other] = music.sample(gold, users=2, tracks=2)
    assert (most.user_id, other.user_id) == ("u5", EVIL)
    assert [track for track, _, _ in most.recommended] == ["B", EVIL]


def test_everything_from_outside_is_escaped(gold: Path) -> None:
    steps = good()
    steps[1].rejects = [Reject(endpoint=EVIL, reason=EVIL, severity=EVIL, records=3)]
    steps[0].message = EVIL
    written(gold, *steps, message=EVIL)
    page = report(gold)
    read = Reader(page)
    assert not {"script", "img"} & set(read.tags)
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    assert read.text.count(EVIL) > 6


def test_a_lake_with_nothing_but_a_failed_run_has_a_page(tmp_path: Path) -> None:
    written(tmp_path, *failed("the disk is full"))
    page = Reader(report(tmp_path))
    assert "the disk is full" in page.text
    assert "failed" in page.text


def test_a_run_that_died_before_its_first_step_has_a_page(tmp_path: Path) -> None:
    written(tmp_path, status="died", message="the process 1 died")
    assert "before its first step" in Reader(report(tmp_path)).text


def test_an_earlier_run_can_be_asked_for(tmp_path: Path) -> None:
    old = written(tmp_path, *good(records=11_111), at=START - DAY)
    written(tmp_path, *good(records=22_222))
    page = Reader(report(tmp_path, old.run_id, "--to", str(tmp_path / "a" / "b.html")))
    assert "11,111" in page.text
    assert "22,222" not in page.text
    assert "22,222" in Reader(report(tmp_path)).text


def test_without_a_run_it_says_so(tmp_path: Path) -> None:
    said = asked(tmp_path)
    assert said.exit_code == 1
    assert "no run" in said.output
    written(tmp_path, *good())
    said = asked(tmp_path, "nonesuch")
    assert said.exit_code == 1
    assert "nonesuch" in said.output


def test_a_page_that_cannot_be_written_is_said_and_fails_nothing(tmp_path: Path) -> None:
    run = written(tmp_path, *good())
    (run.folder / "report.html.part").mkdir()
    said: list[str] = []
    after_run(Settings(lake=tmp_path), say=said.append)
    assert said
    assert "no page of the run" in said[0]


def test_who_finds_the_lake_held_leaves_the_other_runs_page_alone(tmp_path: Path) -> None:
    run = written(tmp_path, *good(), status="running")
    with held(tmp_path):
        said = CliRunner().invoke(main, ["build", "--lake", str(tmp_path)])
    assert said.exit_code == 1
    assert not (run.folder / "report.html").exists()


def test_charts_start_at_zero_and_leave_gaps_out() -> None:
    drawn = chart("rows", [("rows", [0.0, None, 10.0])], ["a", "b", "c"], str)
    assert drawn
    [line] = drawn.lines
    assert [y for _, y, _ in line.dots] == [HEIGHT - PAD, PAD]
    assert line.newest == "10.0"
    assert chart("rows", [("rows", [None])], ["a"], str) is None
