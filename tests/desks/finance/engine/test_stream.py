import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.desks.finance.engine import oracle
from tests.thorough import draws

from watchfloor.desks.finance.engine import gathers
from watchfloor.desks.finance.engine.stream import KEPT, Plan, Stream, StreamError

WIDTH = 20
WINDOWS = (("short", 5), ("long", 50))
SIZES, LENGTHS, LONGEST = (2, 3), (2, 3, 5), 5


def plan(*groups):
    return Plan(WIDTH, WINDOWS, groups or Plan().groups, SIZES, LENGTHS, LONGEST, 10**9)


@st.composite
def streams(draw, most=14, accounts=5):
    size = draw(st.integers(1, most))
    steps = draw(st.lists(st.integers(0, 8), min_size=size, max_size=size))
    ends = st.integers(0, accounts - 1)
    amounts = st.sampled_from([5.0, 9.99, 10.01, 100.0, 9_900.0, 1e6])
    return [
        (draw(ends), draw(ends), int(time), draw(amounts)) for time in np.cumsum(np.array(steps, np.int64))
    ]


def take(rows, *groups):
    return Stream(plan(*groups)).features(*oracle.table(rows))


@settings(deadline=None, max_examples=draws(150))
@given(streams(most=25))
def test_statistics_equal_brute_force(rows):
    found = take(rows, "statistics")
    for i in range(len(rows)):
        want = [oracle.statistics(rows, i, width) for width in (WIDTH, *(w for _, w in WINDOWS))]
        assert found[i] == pytest.approx(np.concatenate(want), rel=1e-4, abs=1e-4)


@settings(deadline=None, max_examples=draws(200))
@given(streams(most=20))
def test_gathers_equal_brute_force(rows):
    found = take(rows, "gathers")
    for i in range(len(rows)):
        assert found[i].tolist() == oracle.gathers(rows, i, WIDTH, SIZES)


@settings(deadline=None, max_examples=draws(200))
@given(streams())
def test_cycles_equal_brute_force(rows):
    found = take(rows, "cycles")
    for i in range(len(rows)):
        want = oracle.cycles(rows, i, WIDTH, LENGTHS, LONGEST)
        assert found[i].tolist()[: len(want)] == want


def test_accounts_that_share_a_place_of_the_sieve_are_told_apart():
    payer, payee, time, amount = oracle.table(
        [(u, v, 0, 10.0) for u in range(5) for v in range(5) if (u + v) % 3]
        + [(0, 1, 1, 10.0), (4, 3, 1, 9.0)]
    )
    found, far = (
        Stream(plan("gathers")).features(payer * apart, payee * apart, time, amount)
        for apart in (1, gathers.SIEVE)
    )
    assert found[:, len(SIZES)].max() > 1
    assert far.tolist() == found.tolist()


@settings(deadline=None, max_examples=draws(100))
@given(streams(most=25, accounts=2))
def test_the_nearest_of_the_last_amounts_is_matched(rows):
    found = take(rows, "matches")
    for i, (payer, payee, now, amount) in enumerate(rows):
        want = []
        for one in (payer, payee):
            for way in (0, 1):
                paid = [row for row in rows[:i] if row[0] != row[1] and row[way] == one]
                places = sorted(
                    (at % KEPT, row) for at, row in enumerate(paid) if at >= len(paid) - KEPT
                )  # in the order in which they are looked at
                ratios = [(amount / row[3], (now - row[2]) * 1e-6) for _, row in places]
                ratio, age = min(ratios, key=lambda one: abs(np.log(one[0])), default=(-1.0, -1.0))
                want += [min(ratio, 100.0), age, sum(0.9 <= one <= 1.1 for one, _ in ratios)]
        assert found[i].tolist() == np.array(want, np.float32).tolist()


@settings(deadline=None, max_examples=draws(100))
@given(streams(most=40), st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=6))
def test_the_cut_does_not_matter(rows, cuts):
    """However the stream is cut, and wherever it is frozen and thawed, the bytes are the same."""
    whole = Stream(plan())
    want = whole.features(*oracle.table(rows))
    stream, found, done = Stream(plan()), [], 0
    for cut, frozen in sorted((min(cut, len(rows)), frozen) for cut, frozen in cuts):
        part = rows[done:cut]
        if part:
            found.append(stream.features(*oracle.table(part)))
        if frozen:
            stream = Stream(plan()).thaw(stream.freeze())
        done = cut
    if rows[done:]:
        found.append(stream.features(*oracle.table(rows[done:])))
    assert np.concatenate(found).tobytes() == want.tobytes()


@settings(deadline=None, max_examples=draws(50))
@given(streams(most=20))
def test_no_feature_rests_on_a_later_payment(rows):
    want = take(rows)
    for end in range(1, len(rows)):
        assert take(rows[:end]).tobytes() == want[:end].tobytes()


def test_a_million_leaves_no_rounding_behind():
    """The kurtosis of small amounts is right after a huge one left the window."""
    rows = [(0, 1, 18, 1e6), *((0, 1, 30 + k, 5.0 + k % 7) for k in range(15))]
    found = take(rows, "statistics")
    assert found[-1][:8] == pytest.approx(oracle.statistics(rows, len(rows) - 1, WIDTH)[:8], rel=1e-5)


def test_a_hub_is_cut_short_and_it_is_told():
    rows = [(k, 1000, k, 10.0) for k in range(300)] + [(1000, 2000 + k, 300 + k, 9.0) for k in range(300)]
    rows += [(2000 + k, k, 700 + k, 8.0) for k in range(50)]
    small = Stream(Plan(10_000, (), ("gathers", "cycles"), SIZES, LENGTHS, LONGEST, 100))
    small.features(*oracle.table(rows))
    assert small.cut > 0
    ample = Stream(Plan(10_000, (), ("gathers", "cycles"), SIZES, LENGTHS, LONGEST, 10**9))
    ample.features(*oracle.table(rows))
    assert ample.cut == 0


def test_a_hub_with_too_many_neighbours_to_mark_is_counted_all_the_same():
    rows = [(k % 7, 100 + k, k, 10.0) for k in range(300)] + [(100 + k, 99, 300 + k, 9.0) for k in range(300)]
    rows += [(99, 500 + k, 600 + k, 9.0) for k in range(300)] + [
        (500 + k, k % 5, 900 + k, 9.0) for k in range(9)
    ]
    rows += [(50, 99, 1000, 9.0), (0, 50, 1001, 9.0), (50, 99, 1002, 9.0)]
    found = Stream(Plan(10_000, (), ("gathers",), SIZES, LENGTHS, LONGEST, 10**9)).features(
        *oracle.table(rows)
    )
    for i in (599, 899, 903, len(rows) - 1):
        assert found[i].tolist() == oracle.gathers(rows, i, 10_000, SIZES)


def test_a_payment_to_oneself_moves_nothing():
    rows = [(0, 1, 0, 10.0), (1, 1, 1, 99.0), (1, 0, 2, 5.0)]
    without = [rows[0], rows[2]]
    assert take(rows)[[0, 2]].tobytes() == take(without).tobytes()


@pytest.mark.parametrize("amount", [0.0, -1.0, np.nan, np.inf])
def test_an_amount_that_is_none_is_refused(amount):
    with pytest.raises(StreamError, match="not above zero"):
        take([(0, 1, 0, amount)])


def test_time_does_not_run_back():
    stream = Stream(plan())
    stream.features(*oracle.table([(0, 1, 5, 1.0)]))
    with pytest.raises(StreamError, match="earlier than the one before"):
        stream.features(*oracle.table([(0, 1, 4, 1.0)]))


def test_names_and_columns_agree():
    for groups in ((), *((group,) for group in Plan().groups)):
        made = plan(*groups)
        assert take([(0, 1, 0, 1.0)], *groups).shape[1] == len(made.names) == len(set(made.names))


@settings(deadline=None, max_examples=draws(60))
@given(streams(most=40))
def test_a_group_alone_says_what_it_says_among_the_others(rows):
    """What is not kept up for it, it does not need."""
    whole, names = take(rows), plan().names
    for group in Plan().groups:
        columns = [names.index(name) for name in plan(group).names]
        assert take(rows, group).tobytes() == np.ascontiguousarray(whole[:, columns]).tobytes()


def test_pairs_that_left_every_window_are_forgotten():
    """Strangers who pay once take the room of those before them, unless what ever was is asked for."""
    rows = [(2 * k, 2 * k + 1, k, 10.0) for k in range(3000)]
    made = {}
    for group in ("cycles", "passing"):
        stream = Stream(plan(group))
        stream.features(*oracle.table(rows))
        made[group] = int(stream.graph.clock[0]["pairs"])
    assert made == {"cycles": 50, "passing": 3000}


def test_sums_made_anew_are_of_differences_from_the_amount_nearest_the_mean():
    """Another, the newest say, could be so far off that every payment had them made anew."""
    amounts = [1e6, *(5.0 + k % 7 for k in range(98)), 900.0, 5.0]
    rows = [(0, 1, k, amount) for k, amount in enumerate(amounts)]
    stream = Stream(Plan(len(rows) - 1, (), ("statistics",), SIZES, LENGTHS, LONGEST, 10**9))
    found = stream.features(*oracle.table(rows))
    assert found[-1][:8] == pytest.approx(oracle.statistics(rows, len(rows) - 1, len(rows) - 1)[:8], rel=1e-5)
    assert stream.graph.sums[0, 0, 0, -1] == 11.0


def test_one_payment_at_a_time_finds_room_however_many_partners_an_account_has():
    """A block of neighbours that doubles needs more room than one payment brings."""
    rows = [(0, k + 1, k, 10.0) for k in range(300)]
    stream = Stream(Plan(10_000, (), ("gathers",), SIZES, LENGTHS, LONGEST, 100))
    for row in rows:
        stream.features(*oracle.table([row]))
    assert stream.graph.sides[0, 0]["size"] == len(rows)
