"""A bad record is a reject, and the others of its page land."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.service import ingest
from tests.ingest.helpers import payloads, rejects, settings_for
from tests.ingest.server import Call, Fault, serving

GOOD = ['{"id": 1, "name": "one"}', '{"id" : 2,"name":"zwei, größer"}', '{"id": 3}']
DEEP = "[" * 100_000 + "]" * 100_000


def page_with(record: bytes) -> Fault:
    """One page: a good record, the odd one, and two good ones."""

    def fault(call: Call) -> None:
        first, *others = [text.encode() for text in GOOD]
        items = b", ".join([first, record, *others])
        call.body = b'{"items": [%s], "total": 4, "page": 1, "size": 10, "pages": 1}' % items

    return fault


@pytest.mark.parametrize(
    ("record", "shown", "reason"),
    [
        (b'{"id": 9, "name": "caf\xe9"}', r'{"id": 9, "name": "caf\xe9"}', "invalid_json"),
        (b'{"id": 9, "\xff\xfe": 1}', r'{"id": 9, "\xff\xfe": 1}', "invalid_json"),
        (b'{"id": 9, "n": "\xed\xa0\x80"}', r'{"id": 9, "n": "\xed\xa0\x80"}', "invalid_json"),
        (b'{"id": 9, "score": NaN}', '{"id": 9, "score": NaN}', "invalid_json"),
        (b'{"id": 9, "score": -Infinity}', '{"id": 9, "score": -Infinity}', "invalid_json"),
        (b'{"id": 9, "name": nothing}', '{"id": 9, "name": nothing}', "invalid_json"),
        (b'{"id": 9, "tab": "\t"}', '{"id": 9, "tab": "\t"}', "invalid_json"),
        (b'{"id": 9 "name": 1}', '{"id": 9 "name": 1}', "invalid_json"),
        (b'{"id": 9, "id": 8}', '{"id": 9, "id": 8}', "duplicate_key"),
        (b'{"id": %s}' % (b"9" * 5000), '{"id": ' + "9" * 5000 + "}", "wrong_type"),
        (b'{"id": 9, "d": %s}' % DEEP.encode(), f'{{"id": 9, "d": {DEEP}}}', "nested_too_deep"),
        (DEEP.encode(), DEEP, "not_an_object"),
        (b'{"id": null}', '{"id": null}', "missing_id"),
        (b'{"id": 9, "updated_at": "31.12.2025"}', '{"id": 9, "updated_at": "31.12.2025"}',
         "implausible_timestamp"),
        (b"NaN", "NaN", "not_an_object"),
    ],
)  # fmt: skip
def test_a_bad_record_is_shown_and_costs_no_other(
    tmp_path: Path, record: bytes, shown: str, reason: str
) -> None:
    with serving({"tracks": []}, fault=page_with(record)) as api:
        (result,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert payloads(tmp_path, "tracks") == GOOD
    assert [text for text, _ in rejects(tmp_path, "tracks")] == [shown]
    assert {why for _, why in rejects(tmp_path, "tracks")} == {reason}
    assert (result.rows, result.rejected) == (3, 1)


@pytest.mark.parametrize(
    "record",
    [
        '{"id": 123456789012345678901234567890, "n": -123456789012345678901234567890}',
        '{"id": 9, "pi": 3.14159265358979323846264338327950288, "tiny": 1e-4000, "big": 1E+4000}',
        '{"id": 9, "zero": -0, "plays": 1.0, "more": 10e0}',
        '{"id": 9, "count": ' + "9" * 5000 + "}",
        '{"id": 9, "name": "first", "name": "second", "deep": {"id": 1, "id": 2}}',
        '{"z": 1, "id": 9, "a": 2, "": 3, "a b": 4}',
        '{\t"id"\n:\r9 ,  "name" :  "x"  }',
        r'{"id": 9, "name": "\u00e9\/\"\\ \ud83d\ude00 ]}{["}',
        '{"id": 9, "name": "\u2028\u0085\ufeff\u0000"}'.replace("\x00", "\\u0000"),
        '{"id": "9", "name": "' + "x" * 100_000 + '"}',
        '{"id": 9, "d": ' + "[" * 100 + "]" * 100 + "}",
    ],
)
def test_an_unusual_record_lands_as_it_was_sent(tmp_path: Path, record: str) -> None:
    with serving({"tracks": []}, fault=page_with(record.encode())) as api:
        (result,) = ingest(settings_for(api, tmp_path), endpoints=["tracks"])
    assert (result.rows, result.rejected) == (4, 0)
    assert payloads(tmp_path, "tracks") == [GOOD[0], record, *GOOD[1:]]
