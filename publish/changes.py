"""What of a list table is written: nothing, the lists that differ, or all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

Way = Literal["keep", "amend", "fill"]
AMENDED_SHARE = 0.1


@dataclass(frozen=True)
class Changes:
    """How to get from the served lists to the new ones.

    Attributes:
        way: keep the part as it is, amend it, or fill a new one.
        changed: subjects whose list is new or differs.
        ended: subjects whose served list is no longer so: of `changed` those served, and the gone.
    """

    way: Way
    changed: pa.Array[Any]
    ended: pa.Array[Any]


def changes(new: pa.Table, served: pa.Table | None) -> Changes:
    """Compare two profiles, of which `subject` and `fingerprint` count.

    Under a tenth of the served lists changed, they alone are written; else, or when nothing is
    served (None), all are.
    """
    subjects = _chunk(new["subject"])
    if served is None or not len(served):
        nothing = served is not None and not len(subjects)
        return Changes("keep" if nothing else "fill", subjects, subjects.slice(0, 0))
    old = _chunk(served["subject"])
    places = pc.index_in(subjects, value_set=old)
    same: Any = pc.equal(served["fingerprint"].take(places), new["fingerprint"])
    changed = subjects.filter(_chunk(pc.invert(_filled(same))))
    gone = old.filter(pc.invert(pc.is_in(old, value_set=subjects)))
    both = changed.filter(pc.is_in(changed, value_set=old))
    ended = pa.concat_arrays([both, gone])
    count = len(changed) + len(gone)
    way: Way = "keep" if not count else "amend" if count < AMENDED_SHARE * len(old) else "fill"
    return Changes(way, changed, ended)


def _filled(column: Any) -> Any:
    return pc.fill_null(column, False)


def _chunk(column: Any) -> pa.Array[Any]:
    whole = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(whole, pa.ChunkedArray):
        return pa.concat_arrays(whole.chunks) if whole.num_chunks else pa.array([], whole.type)
    return whole
