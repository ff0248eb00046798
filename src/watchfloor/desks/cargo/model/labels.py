"""What examinations found, beside the declarations they were of."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc


class Labels(NamedTuple):
    """Labels beside the rows of a table of declarations.

    Attributes:
        found: 1 finding, 0 nothing, -1 not examined or not said.
        at: when that was said, µs since 1970; 0 where it was not.
        chance: probability with which the item was chosen, where known, else NaN.
        contradictory: items whose acts said different things; the later act stands.
        unknown: items examined that no declaration is about.
    """

    found: npt.NDArray[np.int8]
    at: npt.NDArray[np.int64]
    chance: npt.NDArray[np.float64]
    contradictory: int
    unknown: int


def beside(declarations: pa.Table, inspections: pa.Table) -> Labels:
    """The last result of each item, beside each of its declarations.

    An item is a subject and the number of a transport document; an inspection that names no document is of
    the subject whatever its document. An inconclusive examination and one that was not made say nothing.
    """
    acts = _examined(inspections)
    pairs, contradictory = _last(acts.filter(pc.is_valid(acts["document"])), ("subject", "document"))
    alone, more = _last(acts.filter(pc.is_null(acts["document"])), ("subject",))
    numbered = _document(declarations)
    keys = {"subject": declarations["subject"], "document": numbered}
    by_pair, lost = _places(keys, pairs, ("subject", "document"))
    by_subject, lost_too = _places(keys, alone, ("subject",))
    place = np.where(by_pair >= 0, by_pair, np.where(by_subject >= 0, by_subject + pairs.num_rows, -1))
    both = pa.concat_tables([pairs, alone])
    return Labels(
        np.append(both["found"].to_numpy(), np.int8(-1))[place],
        np.append(both["at"].to_numpy(), 0)[place],
        np.append(both["chance"].to_numpy(), np.nan)[place],
        contradictory + more,
        lost + lost_too,
    )


def _document(rows: pa.Table) -> pa.ChunkedArray:
    return pc.coalesce(rows["document"], rows["report_key"])


def _examined(inspections: pa.Table) -> pa.Table:
    """Acts that say finding or nothing, in the order of time, with `found`, `at` and `chance`."""
    said = pc.and_(
        pc.equal(inspections["state"], "examined"),
        pc.is_in(inspections["result"], pa.array(["finding", "nothing"])),
    )
    rows = inspections.filter(pc.fill_null(said, False))
    made = pa.table(
        {
            "subject": rows["subject"],
            "document": rows["document"],
            "found": pc.cast(pc.equal(rows["result"], "finding"), pa.int8()),
            "at": pc.cast(rows["observed_at"], pa.int64()),
            "chance": pc.fill_null(pc.cast(rows["chance"], pa.float64()), float("nan")),
        }
    )
    return made.take(pc.sort_indices(made, [("at", "ascending")]))


def _last(acts: pa.Table, key: tuple[str, ...]) -> tuple[pa.Table, int]:
    """The last act of each item, and how many items have acts of both sorts."""
    places = acts.append_column("place", pa.array(np.arange(acts.num_rows)))
    sums = places.group_by(list(key)).aggregate([("place", "max"), ("found", "min"), ("found", "max")])
    both = int(pc.sum(pc.not_equal(sums["found_min"], sums["found_max"])).as_py() or 0)
    return acts.take(sums["place_max"]), both


def _places(
    keys: dict[str, pa.ChunkedArray], acts: pa.Table, key: tuple[str, ...]
) -> tuple[npt.NDArray[np.int64], int]:
    """For each declaration the row of its act, -1 where none is; and how many acts have no declaration."""
    count = len(keys["subject"])
    if not acts.num_rows:
        return np.full(count, -1, np.int64), 0
    left = pa.table({name: keys[name] for name in key}).append_column("row", pa.array(np.arange(count)))
    right = acts.select(list(key)).append_column("act", pa.array(np.arange(acts.num_rows)))
    joined = left.join(right, list(key), join_type="inner")
    place = np.full(count, -1, np.int64)
    place[joined["row"].to_numpy()] = joined["act"].to_numpy()
    return place, acts.num_rows - len(pc.unique(joined["act"]))
