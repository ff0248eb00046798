"""Tours: instances as TSPLIB defines them, scores recomputed, small problems against all tours there are."""

import tracemalloc
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.refusals import refused

from watchfloor.cell.acts import Refusal, Unusable
from watchfloor.planning.patrols import collecting, instances, orienteering, tours


def written(tmp_path, text, name="one.oplib"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def op(tmp_path, places, scores, limit, kind="EUC_2D"):
    body = "\n".join(f"{number} {x} {y}" for number, (x, y) in enumerate(places, 1))
    prizes = "\n".join(f"{number} {score}" for number, score in enumerate(scores, 1))
    return written(
        tmp_path,
        f"NAME : made up\nTYPE : OP\nDIMENSION : {len(places)}\nCOST_LIMIT : {limit}\n"
        f"EDGE_WEIGHT_TYPE: {kind}\n"
        f"NODE_COORD_SECTION\n{body}\nNODE_SCORE_SECTION\n{prizes}\nDEPOT_SECTION\n1\n-1\nEOF\n",
    )


VRP = """NAME : made up
TYPE : PCVRPTW
DIMENSION : 4
VEHICLES : 2
CAPACITY : 10
SERVICE_TIME : 1
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
4 1 1
DEMAND_SECTION
1 0
2 6
3 4
4 1
TIME_WINDOW_SECTION
1 0 100
2 0 50
3 8 50
4 0 1
PRIZE_SECTION
1 0
2 9
3 30
4 1
DEPOT_SECTION
1
-1
EOF
"""


def test_distances_are_those_of_tsplib(tmp_path):
    places = [(0, 0), (3, 4), (10, 1)]
    assert instances.read(op(tmp_path, places, [1, 1, 1], 9)).distances.tolist() == [
        [0, 5, 10],
        [5, 0, 8],
        [10, 8, 0],
    ]
    assert instances.read(op(tmp_path, places, [1, 1, 1], 9, "CEIL_2D")).distances[0, 2] == 11
    assert instances.read(op(tmp_path, places, [1, 1, 1], 9, "ATT")).distances[0, 2] == 4  # sqrt(10.1), up
    # Augsburg and a place a degree of latitude north of it: 6378.388 km on a sphere, and one more.
    north = instances.read(op(tmp_path, [(48.23, 10.53), (49.23, 10.53)], [1, 1], 9, "GEO"))
    assert north.distances[0, 1] == int(6378.388 * 3.141592 / 180 + 1)


def test_explicit_distances_are_read_in_each_layout(tmp_path):
    for layout, numbers in {
        "FULL_MATRIX": "0 1 2 1 0 3 2 3 0",
        "LOWER_DIAG_ROW": "0 1 0 2 3 0",
        "UPPER_DIAG_ROW": "0 1 2 0 3 0",
        "UPPER_ROW": "1 2 3",
        "LOWER_ROW": "1 2 3",
    }.items():
        text = (
            "TYPE: OP\nDIMENSION: 3\nCOST_LIMIT: 6\nEDGE_WEIGHT_TYPE: EXPLICIT\n"
            f"EDGE_WEIGHT_FORMAT: {layout} \nEDGE_WEIGHT_SECTION\n{numbers}\n"
            "DISPLAY_DATA_SECTION\n1 2 3\nNODE_SCORE_SECTION \n1 0\n2 1\n3 1\n"
        )
        found = instances.read(written(tmp_path, text))
        assert found.distances.tolist() == [[0, 1, 2], [1, 0, 3], [2, 3, 0]]


def test_windows_prizes_and_distances_are_tenths_cut_off(tmp_path):
    found = instances.read(written(tmp_path, VRP, "one.vrp"))
    assert found.distances[0].tolist() == [0, 50, 100, 14]
    assert found.prizes.tolist() == [0, 90, 300, 10]
    assert (found.early.tolist(), found.late.tolist()) == ([0, 0, 80, 0], [1000, 500, 500, 10])
    assert found.service.tolist() == [0, 10, 10, 10]


def test_a_plan_at_least_cost_misses_what_does_not_pay(tmp_path):
    instance = instances.read(written(tmp_path, VRP, "one.vrp"))
    answer = tours.solve(instance, 0)
    # 2 and 3 on one way of 20; 4 closes before anybody is there.
    assert sorted(answer.routes[0]) == [1, 2]
    assert answer.score == 200 + 10
    assert answer.bound <= answer.score


@pytest.mark.parametrize(
    ("routes", "why"),
    [
        ([[3]], "too late"),
        ([[1], [1]], "twice"),
        ([[1], [2], []], "too many"),
        ([[4]], "none of"),
    ],
)
def test_tours_that_break_the_instance_have_no_score(tmp_path, routes, why):
    instance = instances.read(written(tmp_path, VRP, "one.vrp"))
    with pytest.raises(ValueError, match=why):
        tours.score_of(instance, routes)


def test_a_tour_that_carries_too_much_or_is_too_long_has_no_score(tmp_path):
    instance = instances.read(written(tmp_path, VRP.replace("CAPACITY : 10", "CAPACITY : 9"), "one.vrp"))
    with pytest.raises(ValueError, match="too much"):
        tours.score_of(instance, [[1, 2]])
    one = instances.read(op(tmp_path, [(0, 0), (3, 4)], [1, 1], 9))
    with pytest.raises(ValueError, match="too long"):
        tours.score_of(one, [[1, 2]])
    with pytest.raises(ValueError, match="depot"):
        tours.score_of(one, [[2]])


def most(instance):
    """The best score of one tour, by trying all."""
    best = int(instance.prizes[0])
    others = range(1, len(instance.prizes))
    for count in range(1, len(instance.prizes)):
        for chosen in combinations(others, count):
            collected = int(instance.prizes[[0, *chosen]].sum())
            if collected <= best:
                continue
            for order in permutations(chosen):
                ring = np.array([0, *order])
                if instance.distances[ring, np.roll(ring, -1)].sum() <= instance.limit:
                    best = collected
                    break
    return best


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=7),
    st.integers(0, 200),
    st.integers(0, 2**16),
)
def test_one_tour_is_the_best_there_is_and_the_bound_is_above_it(places, limit, seed):
    xy = np.array(places, float)
    distances = np.floor(np.hypot(*(xy[:, None] - xy).transpose(2, 0, 1)) + 0.5).astype(np.int32)
    count = len(places)
    prizes = np.random.default_rng(seed).integers(0, 30, count)
    zeros = np.zeros(count, np.int64)
    instance = instances.Instance(
        "made up", distances, prizes, limit, zeros, zeros, zeros, zeros, 0, 1, zeros == 1
    )
    answer = tours.solve(instance, 0.01, seed=seed)
    best = most(instance)
    assert answer.score == best
    assert answer.bound >= best
    assert tours.score_of(instance, answer.routes) == answer.score


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=3, max_size=6),
    st.integers(0, 2**16),
)
def test_the_bound_of_cost_is_below_every_plan(places, seed):
    rng = np.random.default_rng(seed)
    xy, count = np.array(places, float), len(places)
    distances = np.floor(np.hypot(*(xy[:, None] - xy).transpose(2, 0, 1)) + 0.5).astype(np.int32)
    zeros, late = np.zeros(count, np.int64), np.full(count, 10_000)
    prizes = rng.integers(1, 60, count)
    prizes[0] = 0
    instance = instances.Instance(
        "made up", distances, prizes, None, zeros, zeros, late, zeros, 0, count - 1, zeros == 1
    )
    # Without capacities or windows one tour is as good as several, where distances keep the triangle.
    best = int(prizes.sum())
    for size in range(1, count):
        for chosen in permutations(range(1, count), size):
            ring = np.array([0, *chosen])
            length = int(distances[ring, np.roll(ring, -1)].sum())
            best = min(best, length + int(prizes.sum() - prizes[list(chosen)].sum()))
    answer = tours.solve(instance, 0.01, seed=seed)
    assert answer.bound <= best
    assert answer.score >= answer.bound


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 50), st.integers(0, 2**32))
def test_tours_keep_windows_and_capacity_where_a_way_past_a_stop_is_longer_than_by_it(count, seed):
    rng = np.random.default_rng(seed)
    distances = rng.integers(0, 1000, (count, count)).astype(np.int32)
    np.fill_diagonal(distances, 0)
    early, prizes = rng.integers(0, 3000, count), rng.integers(1, 900, count)
    late = early + rng.integers(0, 3000, count)
    early[0], late[0], prizes[0] = 20, rng.integers(50, 6000), 0
    instance = instances.Instance(
        "made up",
        distances,
        prizes,
        None,
        rng.integers(0, 20, count),
        early,
        late,
        rng.integers(0, 90, count),
        int(rng.integers(5, 90)),
        int(rng.integers(1, max(2, count))),
        prizes < 0,
    )
    answer = tours.solve(instance, 0, seed=seed)  # raises if its own check finds that a tour breaks a limit
    assert answer.score >= answer.bound


def test_stops_without_a_prize_are_visited_or_the_plan_is_refused(tmp_path):
    text = VRP.replace("2 9\n3 30\n4 1\n", "2 0\n3 0\n4 1\n")
    answer = tours.solve(instances.read(written(tmp_path, text, "one.vrp")), 0)
    assert sorted(stop for route in answer.routes for stop in route) == [1, 2]
    closed = instances.read(written(tmp_path, text.replace("4 1\nDEPOT", "4 0\nDEPOT"), "one.vrp"))
    params = refused("patrols.unreached", tours.solve, closed, 0)
    assert (params["count"], params["stop"]) == (1, 4)


def test_two_threads_give_the_better_of_two_searches(tmp_path):
    rng = np.random.default_rng(5)
    places, scores = rng.integers(0, 100, (40, 2)).tolist(), rng.integers(1, 20, 40).tolist()
    instance = instances.read(op(tmp_path, places, scores, 200))
    answer = tours.solve(instance, 0.05, threads=2)
    assert answer.score == tours.score_of(instance, answer.routes)


GOOD = """TYPE : OP
DIMENSION : 2
COST_LIMIT : 9
NODE_COORD_SECTION
1 0 0
2 3 4
NODE_SCORE_SECTION
1 0
2 1
EOF
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (GOOD, "a poem\n", "patrols.instance-unreadable"),
        (GOOD, "", "patrols.instance-no-key"),
        ("TYPE : OP", "TYPE : TSP", "patrols.instance-type"),
        ("DIMENSION : 2\n", "", "patrols.instance-no-key"),
        ("DIMENSION : 2", "DIMENSION : two", "patrols.instance-type"),
        ("DIMENSION : 2", "DIMENSION : 1", "patrols.instance-type"),
        ("DIMENSION : 2", "DIMENSION : 3", "patrols.instance-size"),
        ("DIMENSION : 2", "DIMENSION : 99999", "patrols.instance-too-large"),
        ("COST_LIMIT : 9\n", "", "patrols.instance-no-key"),
        ("COST_LIMIT : 9", "COST_LIMIT : -9", "patrols.instance-type"),
        ("2 3 4", "2 3 x", "patrols.instance-unreadable"),
        ("2 3 4", "1 3 4", "patrols.instance-node"),
        ("2 3 4", "2 nan 4", "patrols.instance-value"),
        ("2 1\nEOF", "2 -1\nEOF", "patrols.instance-value"),
        ("NODE_SCORE_SECTION\n1 0\n2 1\n", "", "patrols.instance-no-key"),
        ("NODE_SCORE", "BACKHAUL", "patrols.instance-section"),
        ("EOF", "DEPOT_SECTION\n2\n-1\nEOF", "patrols.instance-section"),
        ("DIMENSION", "EDGE_WEIGHT_TYPE : XRAY1\nDIMENSION", "patrols.instance-type"),
    ],
)
def test_an_instance_that_cannot_be_is_refused(tmp_path, old, new, message):
    refused(message, instances.read, written(tmp_path, GOOD.replace(old, new)))


ODD = "-1 nan inf 1e400 99999999999999999999 2147483647 0 x EOF : 1_0 NODE_COORD_SECTION 0.5 \u0663".split()


@settings(max_examples=100, deadline=None)
@given(st.sampled_from((GOOD, VRP)), st.data())
def test_a_damaged_instance_is_refused_or_gives_tours_that_keep_it(tmp_path_factory, text, data):
    tokens = text.replace("\n", " \n ").split(" ")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(tokens) - 1))
        match data.draw(st.sampled_from(("cut", "drop", "twice", "odd"))):
            case "cut":
                tokens = [*tokens[: at + 1], "\n"]
            case "drop":
                tokens = [*tokens[:at], *tokens[at + 1 :], "\n"]
            case "twice":
                tokens.insert(at, tokens[at])
            case "odd":
                tokens[at] = data.draw(st.sampled_from(ODD))
    path = written(tmp_path_factory.getbasetemp(), " ".join(tokens), "damaged.vrp")
    try:
        instance = instances.read(path)
        answer = tours.solve(instance, 0)
    except (Unusable, Refusal):
        return
    assert answer.score == tours.score_of(instance, answer.routes)


def test_more_stops_than_are_planned_are_refused_in_little_memory(tmp_path):
    head, section, _ = GOOD.partition("NODE_COORD_SECTION\n")
    lines = "".join(f"{number} 0 0\n" for number in range(200_000))
    for count, message in ((200_000, "patrols.instance-too-large"), (2, "patrols.instance-size")):
        path = written(tmp_path, head.replace("ION : 2", f"ION : {count}") + section + lines)
        tracemalloc.start()
        refused(message, instances.read, path)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert most < 12e6  # the text alone is kept as 60 MB if it is read whole


def test_what_is_compiled_ahead_is_all_that_a_search_calls(tmp_path):
    for compile_ in tours.KERNELS:
        compile_()
    kernels = (collecting.anneal, orienteering.anneal, orienteering.reduce)
    before = [len(one.signatures) for one in kernels]
    tours.solve(instances.read(written(tmp_path, VRP, "one.vrp")), 0)
    tours.solve(instances.read(op(tmp_path, [(0, 0), (3, 4), (10, 1)], [1, 1, 1], 9)), 0)
    assert [len(one.signatures) for one in kernels] == before
