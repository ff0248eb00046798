"""Which record takes the place of which: by marking, against a definition that is written out."""

from itertools import product

import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from watchfloor.core.marking import covers, parse
from watchfloor.policy.policy import Reader, allowed
from watchfloor.store.segments.replacing import latest, told_apart

MARKINGS = (
    *("U//TLP:CLEAR", "PA//TLP:GREEN", "PB//TLP:AMBER", "PC//TLP:RED//COMP:GAMMA", "PA//TLP:GREEN//REL:CAN"),
    *("PA//TLP:GREEN//UNTIL:2030-01-01", "PA//TLP:GREEN//CAVEAT:NO-COPY", "PA//TLP:GREEN//ORCON:bank"),
)
READERS = tuple(
    Reader("r", protected=level, tlp=tlp, compartments=frozenset(rooms), consents=frozenset(owners))
    for level, tlp, rooms, owners in product(range(4), (0, 1, 2, 4), ((), ("GAMMA",)), ((), ("bank",)))
)
ROWS = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.sampled_from([None, "1", "2"]), st.sampled_from(MARKINGS)),
    max_size=12,
)

SAME_REPORT = st.lists(
    st.tuples(st.just("a"), st.sampled_from([None, "1"]), st.sampled_from(MARKINGS)), max_size=12
)
"""Rows of which most are of one report."""
HIGH_LOW_MIDDLE_LOW = [("a", "1", level) for level in (MARKINGS[3], MARKINGS[1], MARKINGS[2], MARKINGS[1])]


def table(rows):
    names = ("source", "report_key", "marking")
    columns = {name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate(names)}
    return pa.table({"record_id": pa.array([bytes([n]) * 16 for n in range(len(rows))]), **columns})


def standing(rows, lowered):
    """Numbers of the rows that none replaces, by the rule as it is said."""
    found = []
    for n, (source, key, marking) in enumerate(rows):
        stands_as = lowered.get(bytes([n]) * 16, marking)
        later = [m for s, k, m in rows[n + 1 :] if key is not None and (s, k) == (source, key)]
        if not any(covers(parse(m), parse(stands_as)) for m in later):
            found.append(n)
    return found


@given(ROWS, st.sets(st.integers(0, 11)))
def test_what_stands_is_what_no_row_of_the_same_or_a_higher_marking_follows(rows, down):
    lowered = {bytes([n]) * 16: "U//TLP:CLEAR" for n in down}
    kept = latest(table(rows), lowered)["record_id"].to_pylist()
    assert [one[0] for one in kept] == standing(rows, lowered)


@given(SAME_REPORT)
@example(HIGH_LOW_MIDDLE_LOW)
def test_no_row_that_a_desk_is_given_takes_away_one_marked_above_it(rows):
    last = {}
    for row in told_apart(table(rows)).to_pylist():
        n, name = row["record_id"][0], (row["source"], row["report_key"])
        if rows[n][1] and name in last:
            assert covers(parse(rows[n][2]), parse(rows[last[name]][2]))
        last[name] = n


@given(SAME_REPORT, st.sets(st.integers(0, 11)))
@example(HIGH_LOW_MIDDLE_LOW, set())
@example([("a", "1", "PB//TLP:AMBER"), ("a", "1", "PA//TLP:GREEN"), ("a", "1", "PB//TLP:AMBER")], set())
def test_the_last_rows_of_the_keys_that_a_desk_is_given_are_those_that_stand(rows, down):
    lowered = {bytes([n]) * 16: "U//TLP:CLEAR" for n in down}
    last = {}
    for row in told_apart(table(rows), lowered).to_pylist():
        n = row["record_id"][0]
        last[row["source"], row["report_key"] or n] = n
    assert sorted(last.values()) == standing(rows, lowered)


@given(st.sampled_from(MARKINGS), st.sampled_from(MARKINGS))
def test_a_marking_covers_another_exactly_where_each_of_its_readers_may_see_the_other(one, other):
    sees = [(allowed(r, parse(one)), allowed(r, parse(other))) for r in READERS]
    if covers(parse(one), parse(other)):
        assert all(theirs for mine, theirs in sees if mine)
    elif "REL" not in other:  # every reader here is of Canada
        assert any(mine and not theirs for mine, theirs in sees)
