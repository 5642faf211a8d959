"""What leaves the house: reasons, without secrets and without persons."""

from __future__ import annotations

import pytest

from pipeline.notices.clean import LENGTH, clean, place

LEAKS = [
    ("GET https://api.example.com/users/78723?token=hush answered 500", ["78723", "hush"]),
    ("postgresql://medley:hush@db:5432/music: connection refused", ["medley:", "hush"]),
    ("mailtos://ops:hush@example.org", ["hush"]),
    ("Authorization: Bearer hush.hush.hush was refused", ["hush"]),
    ("the header is Bearer aGVsbG8gd29ybGQ", ["aGVsbG8"]),
    ("token=hush, password: sesame, api_key hush", ["hush", "sesame"]),
    ("3 known users have no recommendations, '78723' among them", ["78723"]),
    ("the list of user 78723 has gaps", ["78723"]),
    ("no rows for users 78723, 15648", ["78723", "15648"]),
    ("user_id=78723", ["78723"]),
    ("Key (user_id)=(78723) already exists", ["78723"]),
    ("user a3f9-11 has no list", ["a3f9"]),
    ("value 'Ada Lovelace' cannot be cast to INT", ["Ada", "Lovelace"]),
    ('[CAST_INVALID_INPUT] The value "ada@example.org" of the type', ["ada@"]),
    ("record of ada.lovelace+music@example.co.uk is no record", ["ada.lovelace", "example.co"]),
    ("user 8c6ed1f0-5b5e-4f0a-9a77-0d5c6a7a2b11 left", ["8c6ed1f0", "0d5c6a7a2b11"]),
    ("session 8c6ed1f05b5e4f0a9a770d5c6a7a2b11 ended", ["8c6ed1f05b5e"]),
    ("call +33 6 12 34 56 78", ["12 34"]),
    ("https://prod-1.example.com/workflows/ab12/triggers?sig=hush", ["ab12", "hush"]),
    ("https://example.com/u/hush-token-9/x", ["hush"]),
]
KEPT = [
    "short read: page 7 should hold 100 records, got 83",
    "dim_track: Runtime Error Column `track_name` is not there",
    "fct_listen_history breaks its contract and stays as it was: 2 rows are not unique",
    "not_null_dim_user_user_key: Got 3 results, configured to fail if != 0",
    "gave up after attempt 5: http://127.0.0.1:8000/tracks/ answered 503",
    "the batch is refused, share_of_missing_id is 100%; it is kept aside in /lake/bronze/_refused",
    "the process 4711 died",
    "Usually gold was built and the recommender was not: run `medley train --force`",
    "[UNRESOLVED_COLUMN] a column is missing; see the log of 20261124T031700123456Z",
    "No space left on device",
]


@pytest.mark.parametrize(("text", "secrets"), LEAKS)
def test_no_secret_and_no_person_is_left(text: str, secrets: list[str]) -> None:
    said = clean(text)
    assert [secret for secret in secrets if secret in said] == []


@pytest.mark.parametrize("text", KEPT)
def test_what_an_operator_needs_is_left(text: str) -> None:
    assert clean(text) == text


def test_known_names_may_stand_in_quotes() -> None:
    assert clean("the table 'Tracks' is gone", names={"Tracks"}) == "the table 'Tracks' is gone"


def test_it_is_one_line_and_short() -> None:
    said = clean("a word\n" * 1000)
    assert "\n" not in said
    assert len(said) <= LENGTH + 1


def test_of_a_receiver_only_its_kind_and_host_are_named() -> None:
    assert place("mailtos://ops:hush@smtp.example.org:587?to=ada@example.org") == (
        "mailtos://smtp.example.org:587"
    )
    assert "hush" not in place("hush") + place("mailto://[hush")
