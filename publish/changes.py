"""What of a list table is written: nothing, the lists that differ, or all of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from publish.arrow import found_in, one_array

Way = Literal["keep", "amend", "fill"]
AMENDED_SHARE = 0.1


@dataclass(frozen=True)
class Changes:
    """How to get from the served lists to the new ones.

    Attributes:
        way: keep the part as it is, amend it, or fill a new one.
        changed: subjects whose list is new or differs.
        ended: subjects whose served list is no longer so: of `changed` those served, and the gone.
        rows: how many rows the served lists have.
    """

    way: Way
    changed: pa.Array[Any]
    ended: pa.Array[Any]
    rows: int = 0


def changes(new: pa.Table, served: pa.Table | None) -> Changes:
    """Compare two profiles, of which `subject`, `fingerprint` and `length` count.

    Under a tenth of the served lists changed, they alone are written; else, or when nothing is
    served (None), all are.
    """
    subjects = one_array(new["subject"])
    if served is None or not len(served):
        nothing = served is not None and not len(subjects)
        return everything(new) if not nothing else Changes("keep", subjects, subjects)
    old = one_array(served["subject"])
    places = found_in(subjects, old)
    same: Any = pc.equal(served["fingerprint"].take(places), new["fingerprint"])
    changed = subjects.filter(one_array(pc.invert(_filled(same))))
    gone = old.filter(pc.invert(pc.is_in(old, value_set=subjects)))
    both = changed.filter(pc.is_in(changed, value_set=old))
    ended = pa.concat_arrays([both, gone])
    count = len(changed) + len(gone)
    way: Way = "keep" if not count else "amend" if count < AMENDED_SHARE * len(old) else "fill"
    return Changes(way, changed, ended, rows=pc.sum(served["length"]).as_py())


def everything(new: pa.Table) -> Changes:
    """Fill a new part, whatever is served."""
    subjects = one_array(new["subject"])
    return Changes("fill", subjects, subjects.slice(0, 0))


def surely_many(sample: pa.Table, served: pa.Table | None) -> bool:
    """Whether so many lists differ that there is no use in comparing them all.

    A sample of rows cuts lists off, so those count that are as long as the served ones: they must
    be the most of the sample, and most of them must differ.
    """
    if served is None:
        return True
    places = found_in(one_array(sample["subject"]), one_array(served["subject"]))
    theirs = served.take(places)
    whole: Any = _filled(pc.equal(theirs["length"], sample["length"]))
    differs: Any = pc.and_(whole, pc.not_equal(theirs["fingerprint"], sample["fingerprint"]))
    count = [pc.sum(mask).as_py() or 0 for mask in (whole, differs)]
    return count[0] > len(sample) / 2 and count[1] > count[0] / 2


def _filled(column: Any) -> Any:
    return pc.fill_null(column, False)
