"""Listening follows taste, so that a recommender has something to find."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from sample_api.catalog import catalog_of
from sample_api.listens import Sessions, sessions
from sample_api.noise import Floats, Ints
from sample_api.settings import SampleSettings

SETTINGS = SampleSettings()


@dataclass(frozen=True)
class Split:
    """What users heard (users x tracks, 0 or 1), and what they heard for the first time later."""

    heard: Floats
    later: dict[int, set[int]]
    plays: Ints
    activity: Ints
    first_hearings: int


@pytest.fixture(scope="module")
def split() -> Split:
    found = sessions(SETTINGS, np.arange(SETTINGS.listens))
    first = first_hearings(found)
    heard = np.zeros((SETTINGS.users, SETTINGS.tracks))
    later = {}
    for user, tracks in first.items():
        kept = len(tracks) - len(tracks) // 5
        heard[user, tracks[:kept]] = 1.0
        later[user] = set(tracks[kept:])
    return Split(
        heard=heard,
        later=later,
        plays=np.bincount([track for row in found.tracks for track in row]),
        activity=np.bincount(found.user),
        first_hearings=sum(map(len, first.values())),
    )


def first_hearings(found: Sessions) -> dict[int, list[int]]:
    tracks: dict[int, dict[int, None]] = {}
    for place in np.argsort(found.created).tolist():
        own = tracks.setdefault(int(found.user[place]), {})
        own.update(dict.fromkeys(found.tracks[place]))
    return {user: list(own) for user, own in tracks.items()}


def ndcg_at_10(split: Split, scores: Floats) -> float:
    fresh = np.where(split.heard > 0, -np.inf, scores)
    best = np.argsort(-fresh, axis=1, kind="stable")[:, :10]
    discount = 1 / np.log2(np.arange(2, 12))
    gains = [
        discount[[track in later for track in best[user].tolist()]].sum()
        / discount[: len(later)].sum()
        for user, later in split.later.items()
        if later
    ]
    return float(np.mean(gains))


def popularity(split: Split) -> Floats:
    counts: Floats = split.heard.sum(axis=0)
    return np.tile(counts, (SETTINGS.users, 1))


def item_cosine(split: Split) -> Floats:
    together = split.heard.T @ split.heard
    length = np.sqrt(np.maximum(together.diagonal(), 1))
    np.fill_diagonal(together, 0)
    scores: Floats = split.heard @ (together / length / length[:, None])
    return scores


def genre_popularity(split: Split) -> Floats:
    catalog = catalog_of(SETTINGS.tracks)
    member = np.eye(17)[catalog.genre_of(np.arange(SETTINGS.tracks))]
    scores: Floats = (split.heard @ member @ member.T) * split.heard.sum(axis=0)
    return scores


@pytest.mark.parametrize("recommend", [item_cosine, genre_popularity])
def test_knowing_the_user_beats_popularity(split: Split, recommend: object) -> None:
    assert callable(recommend)
    assert ndcg_at_10(split, recommend(split)) > 1.5 * ndcg_at_10(split, popularity(split))


def test_popularity_says_something_too(split: Split) -> None:
    chance = np.random.default_rng(0).random(split.heard.shape)
    assert ndcg_at_10(split, popularity(split)) > 5 * ndcg_at_10(split, chance)


@pytest.mark.parametrize(("counts", "ranks"), [("plays", 1000), ("activity", 900)])
def test_plays_and_activity_follow_a_power_law(split: Split, counts: str, ranks: int) -> None:
    ordered = np.sort(getattr(split, counts))[::-1][9:ranks]
    slope = np.polyfit(np.log(np.arange(10, ranks + 1)), np.log(ordered), 1)[0]
    assert -1.1 < slope < -0.7


def test_users_hear_tracks_again(split: Split) -> None:
    again = 1 - split.first_hearings / split.plays.sum()
    assert 0.3 < again < 0.7


def test_a_few_users_never_listen(split: Split) -> None:
    assert SETTINGS.users - np.count_nonzero(split.activity) == 30
