"""What a record is to the rooms of this API."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]
"""One element of a page's `items`, keys in the order of the contract."""
