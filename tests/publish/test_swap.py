"""Readers see one generation or the next, whole, whatever happens to the publisher."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from publish import gold
from publish.errors import NotAServingDatabaseError, NothingPublishedError
from publish.reader import generation, recommendations_for
from publish.service import publish
from publish.sqlite import SqliteEngine

USERS = ["u1", "u2", "u3"]
EARLIER = """
create table generation (model_version text not null, generated_at text not null,
    published_at text not null, user_count integer not null, recommendation_count integer not null);
create table recommendations (user_id text, rank integer, primary key (user_id, rank));
create table popular_by_genre (genre_name text, rank integer, primary key (genre_name, rank));
insert into generation values ('m0', '2026-11-01', '2026-11-01', 1, 1);
"""


def test_a_file_of_the_earlier_version_is_replaced(lake: Any) -> None:
    lake.served.parent.mkdir()
    with closing(sqlite3.connect(lake.served)) as connection:
        connection.executescript(EARLIER)
    lake.served.chmod(0o640)
    with pytest.raises(NothingPublishedError, match=r"earlier version.*run `medley publish`"):
        generation(lake.served)
    publish(lake=lake.path)
    assert generation(lake.served).generation == 1
    assert lake.served.stat().st_mode & 0o777 == 0o640


def test_a_file_of_a_later_version_is_left_alone(lake: Any) -> None:
    publish(lake=lake.path)
    with closing(sqlite3.connect(lake.served)) as connection:
        connection.execute("pragma user_version = 4")
    before = lake.served.read_bytes()
    for use in (lambda: publish(lake=lake.path), lambda: generation(lake.served)):
        with pytest.raises(NotAServingDatabaseError, match="update Medley"):
            use()
    assert lake.served.read_bytes() == before


def test_a_file_that_was_removed_leaves_nothing_that_spoils_the_next(lake: Any) -> None:
    publish(lake=lake.path)
    with closing(sqlite3.connect(lake.served)) as connection:
        connection.execute("create table theirs (x)")
        connection.execute("insert into theirs values (1)")
        connection.commit()
        wal = lake.served.with_name("medley.db-wal").read_bytes()
    lake.served.unlink()
    lake.served.with_name("medley.db-wal").write_bytes(wal)
    publish(lake=lake.path)
    with closing(sqlite3.connect(lake.served)) as connection:
        assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
        names = connection.execute("select name from sqlite_master where name = 'theirs'")
        assert names.fetchall() == []
    assert generation(lake.served).generation == 1


def test_kept_readers_follow_a_file_that_was_replaced(lake: Any) -> None:
    publish(lake=lake.path)
    with SqliteEngine(lake.served).readers(size=2) as readers:
        with readers.reading() as query:
            assert query("select max(score) from recommendations") == [(1.0,)]
        lake.served.unlink()
        with pytest.raises(NothingPublishedError), readers.reading() as query:
            pass
        lake.recommend(USERS, score=2.0)
        publish(lake=lake.path)
        with readers.reading() as query:
            assert query("select max(score) from recommendations") == [(2.0,)]


def test_a_part_that_goes_is_not_written_once_more(lake: Any) -> None:
    """As SQLite does by default where it is built, as Debian's is, to overwrite what is deleted."""
    many = [f"u{number}" for number in range(1, 5001)]
    lake.recommend(many)
    publish(lake=lake.path)
    lake.recommend(many, score=2.0)
    size = lake.served.stat().st_size
    with SqliteEngine(lake.served).reading():  # so that what is written stays in the WAL
        publish(lake=lake.path, keep=1)
        assert lake.served.with_name("medley.db-wal").stat().st_size < 1.5 * size


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter and only the owner may write to."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_a_folder_that_a_reader_may_not_write_is_named(lake: Any, open_folder: Path) -> None:
    path = open_folder / "medley.db"
    publish(lake=lake.path, url=f"sqlite:///{path}")
    path.chmod(0o644)
    code = "import os, sys; from publish.reader import generation;"
    code += "os.setuid(65534); generation(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "to write to its folder" in done.stderr


def test_a_reader_cannot_write(lake: Any) -> None:
    publish(lake=lake.path)
    with pytest.raises(Exception, match="readonly"), SqliteEngine(lake.served).reading() as query:
        query("delete from generations")
    assert len(recommendations_for(lake.served, "u1")) == 3


def test_leftovers_of_other_targets_are_not_touched(lake: Any) -> None:
    lake.served.parent.mkdir()
    ours = lake.served.with_name("medley.db.building-7")
    theirs = lake.served.with_name("other.db.building-7")
    ours.touch()
    theirs.touch()
    publish(lake=lake.path)
    assert not ours.exists()
    assert theirs.exists()


def test_permissions_of_the_served_file_are_kept(lake: Any) -> None:
    publish(lake=lake.path)
    for mode in (0o640, 0o604):
        lake.served.chmod(mode)
        publish(lake=lake.path)
        assert lake.served.stat().st_mode & 0o777 == mode


def test_a_link_stays_a_link(lake: Any) -> None:
    target, link = lake.path / "disk" / "real.db", lake.path / "medley.db"
    link.symlink_to(target)
    publish(lake=lake.path, url=f"sqlite:///{link}")
    publish(lake=lake.path, url=f"sqlite:///{link}")
    assert link.is_symlink()
    assert target.is_file()
    assert recommendations_for(link, "u1") == recommendations_for(target, "u1") != []


def test_a_gold_link_switched_while_publishing_does_not_mix(lake: Any) -> None:
    """What is opened is one version: the next one only counts when opened again."""
    opened = gold.open_table(lake.path, "recommendations")
    lake.recommend(USERS, length=5, version="m2")
    assert {row["model_version"] for batch in opened.batches() for row in batch.to_pylist()} == {
        "m1"
    }
    assert os.path.realpath(lake.folder("recommendations")).endswith("-2")
