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

    wait_seconds: float | None = None


class ThrottledError(ApiUnavailableError):
    """The API asks for fewer requests: 429 or 503."""


class MalformedPageError(ApiUnavailableError):
    """The body is not a page: cut, not JSON, or without a declared key."""


class ShortReadError(ApiError):
    """The API sent another number of records than it announced."""


class MovingPagesError(ApiError):
    """The collection kept changing while it was being read."""


class BatchRefusedError(LoaderError):
    """A batch failed its checks as a whole; it is kept aside, and what was visible stays."""


class IngestError(LoaderError):
    """One or more endpoints failed; `results` holds the batches of the others."""

    def __init__(self, failures: Mapping[str, Exception], results: Sequence[object]) -> None:
        super().__init__("; ".join(f"{name}: {error}" for name, error in failures.items()))
        self.failures, self.results = dict(failures), list(results)
