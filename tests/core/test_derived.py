"""Of the revisions of a row, each reader's last is kept: held against the history itself."""

import pyarrow as pa
import pyarrow.compute as pc
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.core.derived import last, last_of_each_marking, net

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


@given(st.lists(st.tuples(st.sampled_from([b"a", b"b", b"c"]), st.booleans()), max_size=12), st.randoms())
def test_the_highest_revision_stands_whatever_the_order_of_the_rows(revisions, random):
    rows = [{"row_id": row, "revision": i, "retracted": gone} for i, (row, gone) in enumerate(revisions)]
    stands = {row["row_id"]: row for row in rows}
    random.shuffle(rows)
    types = {"row_id": pa.binary(), "revision": pa.int32(), "retracted": pa.bool_()}
    table = pa.Table.from_pylist(rows, pa.schema(types))
    assert last(table).to_pylist() == [stands[row] for row in sorted(stands)]
    assert net(table).to_pylist() == [stands[row] for row in sorted(stands) if not stands[row]["retracted"]]
