"""The HTTP API, as a process that serves a real database."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from publish.rollback import rollback
from publish.service import publish

ROOT = Path(__file__).parents[2]
USERS = ["u1", "u2", "u3"]
EXAMPLES = 40


@contextmanager
def serving(place: str) -> Iterator[str]:
    command = [sys.executable, "-m", "publish.serve", "--port", "0", "--to", place]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, make_any_lake: Any) -> Any:
    """A lake whose gold is published to SQLite, and stays as it is."""
    lake = make_any_lake(tmp_path_factory.mktemp("world") / "lake")
    lake.alike(["t1", "a/b c"])
    publish(lake=lake.path)
    return lake


@pytest.fixture(scope="module")
def served(world: Any) -> Iterator[str]:
    with serving(f"sqlite:///{world.served}") as url:
        yield url


def get(url: str, *, status: int = 200, **headers: str) -> requests.Response:
    answer = requests.get(url, headers=headers, timeout=10)
    assert answer.status_code == status, answer.text
    return answer


def test_an_identifier_may_hold_slashes_and_line_breaks(served: str) -> None:
    found = get(f"{served}/users/a%0Ab%2Fc/recommendations").json()
    assert (found["user_id"], found["source"]) == ("a\nb/c", "popular")


def test_a_user_gets_the_list_and_how_fresh_it_is(world: Any, served: str) -> None:
    found = get(f"{served}/users/u2/recommendations?n=2").json()
    assert (found["user_id"], found["source"]) == ("u2", "recommendations")
    assert found["tracks"][1] == {
        "rank": 2,
        "track_id": "r2",
        "track_name": "Choice 2",
        "artist_name": "Even",
        "album_title": "First",
        "score": 1.0,
        "reason": "als",
        "because_track_id": "t1",
        "because_track_name": "Track 1",
        "because_artist_name": "Odd",
    }
    fresh = found["freshness"]
    assert (fresh["generation"], fresh["model_version"]) == (1, "m1")
    assert datetime.fromisoformat(fresh["generated_at"]) == world.generated_at
    health = get(f"{served}/health").json()
    assert health["freshness"] == fresh
    age = (datetime.now(UTC) - world.generated_at).total_seconds()
    assert health["age_seconds"] == pytest.approx(age, abs=60)


def test_who_has_no_list_gets_what_is_popular_marked_as_such(served: str) -> None:
    for user in ("nobody", "%00", "%ff", "", "a%2Fb", "..%2f", "\u00fc"):
        found = get(f"{served}/users/{user}/recommendations?n=3").json()
        assert found["source"] == "popular"
        assert [row["track_id"] for row in found["tracks"]] == ["t2", "t1", "t3"]
        assert {row["reason"] for row in found["tracks"]} == {"popular"}


def test_similar_and_popular_are_served_and_what_is_missing_says_what_helps(served: str) -> None:
    assert get(f"{served}/tracks/a%2Fb%20c/similar?n=1").json()["tracks"][0]["score"] == 1.0
    assert get(f"{served}/popular?genre=Jazz").json()["tracks"][0]["track_id"] == "t4"
    assert get(f"{served}/popular").json()["genre"] == "all"
    assert get(f"{served}/genres").json()["genres"] == ["Jazz", "Rock", "all"]
    missing = get(f"{served}/tracks/x/similar", status=404).json()["detail"]
    assert "'x'" in missing
    assert "/popular" in missing
    assert "/genres" in get(f"{served}/popular?genre=x", status=404).json()["detail"]
    assert "n" in str(get(f"{served}/popular?n=0", status=422).json()["detail"])


def test_it_follows_what_is_published(lake: Any, place: str) -> None:
    """Started on nothing; an ETag lasts as long as its generation, and comes back with it."""
    with serving(place) as served:
        url = f"{served}/users/u1/recommendations"
        answer = get(url, status=503)
        assert "medley publish" in answer.json()["detail"]
        assert answer.headers["Retry-After"]
        get(f"{served}/health", status=503)

        publish(lake=lake.path, url=place)
        first = get(url)
        assert first.json()["source"] == "recommendations"
        assert "medley run" in get(f"{served}/tracks/t1/similar", status=404).json()["detail"]
        tag = first.headers["ETag"]
        for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
            same = get(url, status=304, **{"If-None-Match": known})
            assert (same.content, same.headers["ETag"]) == (b"", tag)

        lake.recommend(USERS, version="m2", score=2.0)
        publish(lake=lake.path, url=place)
        second = get(url, **{"If-None-Match": tag})
        assert second.headers["ETag"] != tag
        assert second.json()["freshness"]["model_version"] == "m2"
        assert second.json()["tracks"][0]["score"] == 2.0

        rollback(url=place)
        get(url, status=304, **{"If-None-Match": tag})


def test_it_is_read_only(served: str) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = requests.request(method, f"{served}/users/u1/recommendations", timeout=10)
        assert answer.status_code == 405


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_keeps_the_contract(served: str, mode: GenerationMode) -> None:
    """What the OpenAPI document allows, and what it does not: each answer is as it says."""
    contract = schemathesis.openapi.from_url(f"{served}/openapi.json")
    asked = set()
    for found in contract.get_all_operations():
        operation = found.ok()

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate()
            asked.add(case.operation.path)

        with suppress(Unsatisfiable):  # nothing can be wrong in a path without parameters
            ask()
    assert "/users/{user_id}/recommendations" in asked


def test_a_port_in_use_is_one_line(world: Any, served: str) -> None:
    port = served.rpartition(":")[2]
    command = [sys.executable, "-m", "publish.serve", "--port", port, "--lake", str(world.path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "choose another" in done.stderr


def test_other_commands_do_not_pay_for_the_web_framework() -> None:
    code = "import sys, publish.__main__, publish.serve; sys.exit('fastapi' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
