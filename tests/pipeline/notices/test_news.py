"""What is news, and what has been told already."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pipeline.notices.news import QUIET, News, news_of
from pipeline.notices.notice import notice_of
from pipeline.notices.told import Told
from tests.pipeline.notices.records import DAY, START, failed, good, step, written


def kinds(news: list[News]) -> list[tuple[str, str]]:
    return [(item.kind, item.step) for item in news]


def test_a_failure_is_told_at_once_and_again_only_after_a_while(tmp_path: Path) -> None:
    first = written(tmp_path, *failed("why"))
    retry = written(tmp_path, *failed("why"), at=START + timedelta(minutes=10))
    night = written(tmp_path, *failed("why"), at=START + QUIET + timedelta(hours=1))
    told, seen = Told(), []
    for run in (first, retry, night):
        news, told = news_of([run], told)
        seen.append(kinds(news))
    assert seen == [[("failure", "build")], [], [("failure", "build")]]
    assert told.troubles["build"].since == first.started_at


def test_another_reason_is_another_failure(tmp_path: Path) -> None:
    runs = [
        written(tmp_path, *failed("why")),
        written(tmp_path, *failed("else"), at=START + timedelta(minutes=1)),
    ]
    assert kinds(news_of(runs, Told())[0]) == [("failure", "build"), ("failure", "build")]


def test_a_recovery_names_the_step_and_what_it_had(tmp_path: Path) -> None:
    _, told = news_of([written(tmp_path, *failed("why"))], Told())
    other = written(tmp_path, step("ingest"), at=START + timedelta(hours=1))
    news, told = news_of([other], told)
    assert kinds(news) == [("success", "run")]
    news, told = news_of([written(tmp_path, step("build", "skipped"), at=START + DAY)], told)
    assert kinds(news) == [("recovery", "build")]
    assert news[0].trouble
    assert news[0].trouble.message == "why"
    assert told.troubles == {}


def test_a_death_is_a_failure_and_told_with_its_recovery_it_is_one_notice(tmp_path: Path) -> None:
    dead = written(tmp_path, step("build", "died", message="the process 1 died"))
    assert kinds(news_of([dead], Told())[0]) == [("failure", "build")]
    well = written(tmp_path, *good(), at=START + timedelta(minutes=5))
    news, _ = news_of([dead, well], Told())
    assert kinds(news) == [("recovery", "build"), ("success", "run")]


def test_a_run_that_died_before_its_first_step_is_a_failure_too(tmp_path: Path) -> None:
    dead = written(tmp_path, status="died", message="the process 1 died")
    assert kinds(news_of([dead], Told())[0]) == [("failure", "run")]


def test_ctrl_c_is_no_news(tmp_path: Path) -> None:
    assert news_of([written(tmp_path, *failed("KeyboardInterrupt"))], Told())[0] == []


def test_a_run_with_nothing_new_is_no_success_to_tell_of(tmp_path: Path) -> None:
    idle = written(tmp_path, step("ingest", "skipped"), step("build", "skipped"))
    assert news_of([idle], Told())[0] == []


def test_a_warning_is_told_once_and_beside_a_success(tmp_path: Path) -> None:
    warned = step("train", warning="als-2 is not served: NDCG 0.250 against 0.300 of als-1")
    run = written(tmp_path, warned)
    news, told = news_of([run], Told())
    assert kinds(news) == [("warning", "train"), ("success", "run")]
    notice = notice_of(news[0], [], runs_url=None)
    assert (notice.tone, notice.title) == ("plain", "Medley: train warns")
    assert notice.reason == "als-2 is not served: NDCG 0.250 against 0.300 of als-1"
    later = written(tmp_path, step("train", "skipped"), at=START + timedelta(hours=1))
    assert news_of([later], told)[0] == []
