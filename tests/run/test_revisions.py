"""Numbers and corrections, beside a plain model: what is held at t is the last thing said with `at <= t`."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.desks.toys import at, table
from tests.thorough import draws

from watchfloor.run.revisions import corrected, numbered, settled, standing

IDS = "ab"
LAST = 12


def said(id_, minute, word, retracted=False, revision=0):
    """A derived row that differs in what it says by one word."""
    return {
        "row_id": id_.encode() * 16,
        "revision": revision,
        "at": at(minute),
        "retracted": retracted,
        "desk": "toy",
        "rule": word,
        "subjects": [],
        "strength": "",
        "reason": {"message": "", "params": ""},
        "evidence": [],
        "coverage": [],
        "origins": [],
        "marking": "",
    }


WORD = st.sampled_from("xy")


def histories(low, high):
    """Rows in the order of their moments, as folds derive them."""
    row = st.builds(said, st.sampled_from(IDS), st.integers(low, high), WORD, st.booleans())
    return st.lists(row, max_size=8).map(lambda rows: sorted(rows, key=lambda row: row["at"]))


def held(rows, t):
    """The model: the last row of each id up to a moment, in the order they were said."""
    last = {row["row_id"]: row for row in rows if row["at"] <= at(t)}
    return {id_: (row["at"], row["rule"]) for id_, row in last.items() if not row["retracted"]}


def standing_at(rows, t):
    """The same of numbered rows: the highest revision of each id up to a moment."""
    return held(sorted(rows, key=lambda row: row["revision"]), t)


@settings(max_examples=draws(60), deadline=None)
@given(histories(0, LAST))
def test_numbered_rows_hold_at_every_moment_what_was_derived_last(rows):
    numbers = settled(table(rows)).to_pylist()
    assert all(standing_at(numbers, t) == held(rows, t) for t in range(LAST + 1))


@settings(max_examples=draws(40), deadline=None)
@given(histories(0, LAST), st.integers(0, 8))
def test_numbering_in_two_goes_holds_the_same(rows, cut):
    first = settled(table(rows[:cut]))
    second = settled(table(rows[cut:]), standing(first))
    both = first.to_pylist() + second.to_pylist()
    assert all(standing_at(both, t) == held(rows, t) for t in range(LAST + 1))


@settings(max_examples=draws(60), deadline=None)
@given(histories(0, 4), histories(4, LAST), histories(4, LAST), histories(4, LAST))
def test_a_correction_leads_to_the_history_of_the_replay(before, old, new, newer):
    before = settled(table(before))
    published = [before, settled(table(old), standing(before))]
    tail = published[-1]
    for replay in (new, newer):
        derived = settled(table(replay), standing(before))
        correction = corrected(standing(before), tail, derived)
        published.append(correction.published)
        tail = correction.tail
        everything = [row for rows in published for row in rows.to_pylist()]
        expected = before.to_pylist() + derived.to_pylist()
        assert all(standing_at(everything, t) == held(expected, t) for t in range(LAST + 1))
        assert len({(row["row_id"], row["revision"]) for row in everything}) == len(everything)


def test_the_same_history_needs_no_correction():
    old = settled(table([said("a", 1, "x"), said("a", 5, "y"), said("b", 2, "x")]))
    assert corrected(old.slice(0, 0), old, old).published.num_rows == 0


def test_the_last_row_of_one_moment_counts_and_what_says_nothing_new_is_dropped():
    rows = [
        said("a", 0, "gone", retracted=True),  # nothing stood
        said("a", 1, "overtaken"),
        said("a", 1, "x"),
        said("a", 1, "x"),
        said("a", 2, "x"),  # a later moment is news: the row says when it was last known
        said("a", 3, "x", retracted=True),
        said("a", 4, "x", retracted=True),
    ]
    settled_rows = settled(table(rows)).to_pylist()
    assert [(r["at"], r["rule"], r["revision"], r["retracted"]) for r in settled_rows] == [
        (at(1), "x", 0, False),
        (at(2), "x", 1, False),
        (at(3), "x", 2, True),
    ]


def test_nothing_comes_of_nothing():
    empty = table([])
    assert settled(empty).num_rows == standing(empty).num_rows == 0
    assert corrected(empty, empty, empty).published.num_rows == 0
    assert numbered(empty, []).num_rows == 0
