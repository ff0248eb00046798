"""Of the revisions of a row, each reader's last is kept: held against the history itself."""

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.records.derived import last, last_of_each_marking

REVISIONS = st.lists(
    st.tuples(st.sampled_from([b"a", b"b"]), st.sampled_from(["U", "PA", "PB"])), max_size=12
)


def table(revisions):
    ids, markings = zip(*revisions, strict=True) if revisions else ((), ())
    columns = {"row_id": pa.array(ids, pa.binary()), "marking": pa.array(markings, pa.string())}
    return pa.table(columns | {"revision": pa.array(range(len(revisions)), pa.int32())})


@given(REVISIONS, st.sets(st.sampled_from(["U", "PA", "PB"])))
def test_who_may_not_see_a_revision_has_the_one_before(revisions, allowed):
    history = table(revisions)

    def masked(rows):
        return rows.filter(pc.is_in(rows["marking"], value_set=pa.array(sorted(allowed), pa.string())))

    kept = last_of_each_marking(history)
    assert last(masked(kept)).to_pylist() == last(masked(history)).to_pylist()
    assert kept.num_rows == len(set(revisions))
