"""What can go wrong between the API and bronze: one exception per fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class LoaderError(Exception):
    """Anything the loader raises on purpose."""


class SettingsError(LoaderError):
    """A setting, an argument or a line of endpoints.yml cannot be used."""


class LakeBusyError(LoaderError):
    """Another process is landing the same endpoint in the same lake."""


class ApiError(LoaderError):
    """The API refused, or answered outside its contract."""


class ApiUnavailableError(ApiError):
    """No usable answer: connection, timeout, cut body, 429 or 5xx. Worth another attempt."""

    def __init__(self, message: str, *, wait_seconds: float | None = None) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class MalformedPageError(ApiUnavailableError):
    """The body is not a page: cut, not UTF-8, not JSON, or without the envelope."""


class ShortReadError(ApiError):
    """The API sent another number of records than it announced."""

    def __init__(self, endpoint: str, *, page: int, expected: int, got: int) -> None:
        super().__init__(
            f"short read of {endpoint}: page {page} should hold {expected} records, got {got}; "
            "nothing was landed, run again"
        )
        self.endpoint, self.page, self.expected, self.got = endpoint, page, expected, got


class MovingPagesError(ApiError):
    """The collection changed while it was being read."""


class IngestError(LoaderError):
    """One or more endpoints failed; `results` holds the batches of the others."""

    def __init__(self, failures: Mapping[str, Exception], results: Sequence[object]) -> None:
        super().__init__("; ".join(f"{name}: {error}" for name, error in failures.items()))
        self.failures, self.results = dict(failures), list(results)
