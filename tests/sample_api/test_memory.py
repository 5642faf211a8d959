from __future__ import annotations

import tracemalloc

from sample_api.pages import page_bytes
from sample_api.settings import SampleSettings


def peak_of_a_page(settings: SampleSettings, kind: str) -> int:
    page_bytes(settings, kind, page=3, size=100)
    tracemalloc.start()
    try:
        page_bytes(settings, kind, page=3, size=100)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_page_of_a_huge_world_needs_no_more_memory() -> None:
    small = SampleSettings(dirty=True)
    huge = SampleSettings(users=10**7, tracks=10**7, listens=10**9, dirty=True)
    for kind in ("tracks", "users", "listen_history"):
        assert peak_of_a_page(huge, kind) < 1.5 * peak_of_a_page(small, kind)
