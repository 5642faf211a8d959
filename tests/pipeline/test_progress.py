from __future__ import annotations

import io

from ingest.service import Step
from pipeline.progress import shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_a_bar_an_endpoint() -> None:
    stream = Terminal()
    with shown(stream) as on_progress:
        on_progress(Step("tracks", "reading", 1, 3, 10))
        on_progress(Step("users", "failed"))
        on_progress(Step("tracks", "landed", 3, 3, 25))
    drawn = stream.getvalue().splitlines()
    (tracks,) = [line for line in drawn[-4:] if "tracks landed" in line]
    assert "3/3" in tracks
    assert any("users failed" in line for line in drawn[-4:])


def test_elsewhere_the_middle_of_the_reading_is_not_told() -> None:
    stream = io.StringIO()
    with shown(stream) as on_progress:
        for page in range(4):
            on_progress(Step("tracks", "reading", page, 3, page * 10))
        on_progress(Step("tracks", "landed", 3, 3, 30))
    lines = ["tracks: reading, 0 records", "tracks: landed, page 3 of 3, 30 records"]
    assert stream.getvalue().splitlines()[-1] == lines[1]
    assert len(stream.getvalue().splitlines()) == 2
