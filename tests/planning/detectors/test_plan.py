"""Placements by a history: what is read, what is refused, and why a team is where it is."""

import unicodedata
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.formats.workbooks import xlsx

from watchfloor.cell.acts import Unusable
from watchfloor.planning.detectors import history
from watchfloor.planning.detectors.history import read_history
from watchfloor.planning.detectors.plan import plan
from watchfloor.planning.detectors.record import Terms, summary
from watchfloor.planning.tables import PastedTable

HEAD = "area,season,found"
ROWS = [
    f"{area},FY{2019 + at},{found}"
    for area, counts in {
        "Blaine": (5, 6, 1, 4, 1, 3),
        "Buffalo": (47, 13, 31, 31, 7, 10),
        "Québec": (0, 1, 0, 0, 0, 0),
        "Spokane": (5, 11, 9, 4, 7, 38),
    }.items()
    for at, found in enumerate(counts)
]


def write(folder, rows, head=HEAD):
    path = folder / "history.csv"
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return path


def placed(folder, rows, season="FY2025", teams=9, head=HEAD, **terms):
    return plan(write(folder, rows, head), Terms(teams, season, **terms))


def refusal(folder, rows, **terms):
    with pytest.raises(Unusable) as refused:
        placed(folder, rows, **terms)
    for language in ("en", "fr"):
        assert refused.value.reason.render(language)
    return refused.value.reason.message


def ids(record, area):
    return [one.message for port in record.ports if port.area == area for one in port.why]


def notes(record):
    return {one.message for one in record.notes}


LABELS = st.sampled_from(["FY2023", "2024", "FY2026", "FY2031"])
LATER = st.lists(
    st.tuples(
        st.sampled_from(["Blaine", "Nowhere", "Spokane", "", "Québec"]),
        LABELS,
        st.sampled_from(["0", "9000", "-3", "2.5", "", "many"]),
    )
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(LATER, st.randoms())
def test_nothing_of_the_season_or_later_is_read(tmp_path, later, random):
    earlier = [row for row in ROWS if row.split(",")[1] < "FY2023"]
    mixed = [*earlier, *(",".join(one) for one in later)]
    random.shuffle(mixed)
    assert placed(tmp_path, mixed, "FY2023") == placed(tmp_path, sorted(earlier), "FY2023")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from("ABCDÉ"), st.integers(2001, 2006)), st.integers(0, 10**6), min_size=1
    ),
    st.integers(1, 30),
    st.integers(0, 3),
)
def test_every_team_is_placed_once_and_shares_add_up(tmp_path, history, teams, seed):
    record = placed(
        tmp_path, [f"{a},{s},{n}" for (a, s), n in history.items()], "2007", teams, seed=seed, explore=0.3
    )
    assert sum(record.placement.values()) == teams
    assert sum(record.robust.placement.values()) == sum(record.optimistic.placement.values()) == teams
    assert sum(port.share for port in record.ports) == pytest.approx(1)
    assert set(record.not_covered) == {area for area, count in record.placement.items() if not count}
    assert sum(port.share * port.covered for port in record.ports) == pytest.approx(record.expected)
    assert record.exploring == sum(port.exploring for port in record.ports) <= 0.3 * teams + 1
    assert all(port.low <= port.high for port in record.ports)
    assert record.worst_tenth <= record.expected + 0.05
    msgspec.json.encode(record)


def test_the_area_that_rose_has_teams_and_says_so(tmp_path):
    record = placed(tmp_path, ROWS, explore=0.0)
    assert record.placement["Spokane"] >= 2
    assert "detectors.changed" in ids(record, "Spokane")
    assert "detectors.few" in ids(record, "Québec")
    assert record.optimistic.believed > record.optimistic.expected
    assert record.read == tuple(f"FY{year}" for year in range(2019, 2025))


def test_the_share_that_explores_is_kept_on_average(tmp_path):
    path = write(tmp_path, ROWS)
    exploring = [plan(path, Terms(3, "FY2025", explore=0.5, seed=seed)).exploring for seed in range(80)]
    assert set(exploring) == {1, 2}
    assert sum(exploring) / 80 == pytest.approx(1.5, abs=0.2)
    assert {plan(path, Terms(3, "FY2025", explore=0.0, seed=seed)).exploring for seed in range(5)} == {0}


def test_one_seed_gives_one_plan_and_seasons_differ(tmp_path):
    path = write(tmp_path, ROWS)
    plans = [plan(path, Terms(4, season, explore=0.5, seed=7)) for season in ("FY2025", "FY2025", "FY2026")]
    assert plans[0] == plans[1]
    others = {str(plan(path, Terms(4, "FY2025", explore=0.5, seed=seed)).placement) for seed in range(20)}
    assert len(others) > 1


@pytest.mark.parametrize(
    ("labels", "season"),
    [
        (("2019", "2020"), "2021"),
        (("FY2019", "FY2020"), "2021"),
        (("2019", "2020 (FYTD)"), "FY2021"),
        (("FY19", "fy20"), "FY2021"),
        (("2019-11", "2019-12"), "2020-01"),
        (("2009-10", "2010-11"), "2011-12"),
        (("2019/20", "2020/21"), "2021/22"),
        (("2019-Q3", "2019-Q4"), "2020-Q1"),
        (("2019-W50", "2019-W51"), "2019-W52"),
    ],
)
def test_seasons_are_ordered_by_what_they_say(tmp_path, labels, season):
    rows = [f"{area},{label},{found}" for label in reversed(labels) for area, found in (("A", 9), ("B", 1))]
    record = placed(tmp_path, [*rows, f"A,{season},5"], season, explore=0.0)
    assert record.read == labels
    assert "detectors.gaps" not in notes(record)
    assert record.placement["A"] > record.placement["B"]


def test_a_missing_season_is_a_season_in_which_all_may_have_changed(tmp_path):
    near = placed(tmp_path, ROWS, "FY2025", explore=0.0)
    far = placed(tmp_path, ROWS, "FY2031", explore=0.0)
    assert "detectors.gaps" in notes(far)

    def spread(record):
        return max(port.share for port in record.ports) - min(port.share for port in record.ports)

    assert spread(far) < spread(near)


def test_one_area_has_all_and_more_teams_than_areas_share_them(tmp_path):
    assert placed(tmp_path, ["Emerson,2020,3"], "2021").placement == {"Emerson": 9}
    assert min(placed(tmp_path, ROWS, teams=40).placement.values()) >= 1


def test_an_area_is_one_however_it_is_spelt(tmp_path):
    rows = ["Québec,2020,3", unicodedata.normalize("NFD", "Québec") + ",2021,4", "QUÉBEC ,2022,4"]
    assert list(placed(tmp_path, rows, "2023").placement) == ["Québec"]
    assert refusal(tmp_path, [*rows, "québec,2022,1"], season="2023") == "detectors.twice"


def test_zeros_everywhere_are_a_draw_and_a_row_left_out_means_what_the_file_means(tmp_path):
    record = placed(tmp_path, ["A,2020,0", "B,2020,0", "C,2020,0"], "2021", 3, explore=0.0)
    assert set(record.placement.values()) == {1}
    assert {"detectors.all-zero", "detectors.one-season"} <= notes(record)
    events = ["A,2020,3", "A,2021,3", "A,2022,4", "B,2020,3"]
    without = placed(tmp_path, events, "2023")
    assert "detectors.zero-is-absent" in notes(without)
    reported = placed(tmp_path, [*events, "C,2021,0"], "2023")
    assert "detectors.absent-is-unknown" in notes(reported)
    assert "detectors.not-looked" in ids(reported, "B")

    def rate(record):
        return next(port.rate for port in record.ports if port.area == "B")

    assert rate(reported) > rate(without)


def test_where_nobody_looked_nothing_found_says_nothing(tmp_path):
    """With a column of teams an area without any keeps the rate of all; without it, it seems empty."""
    rows = [
        f"{area},{year},{n},{teams}"
        for year in range(2019, 2023)
        for area, n, teams in (("A", 20, 2), ("B", 0, 0))
    ]
    known = placed(tmp_path, rows, "2023", head=HEAD + ",teams")
    assert "detectors.no-history" in ids(known, "B")
    assert "detectors.no-effort" not in notes(known)
    blind = placed(tmp_path, rows, "2023", head=HEAD + ",others")
    share = {one.area: one.share for one in known.ports}["B"]
    assert share > 3 * {one.area: one.share for one in blind.ports}["B"]


def test_a_team_that_never_found_is_not_sent_home_by_chance(tmp_path):
    rows = ["A,2020,1", "A,2021,1", "A,2022,0", "B,2020,0", "B,2021,0", "B,2022,0"]
    record = placed(tmp_path, rows, "2023", 3)
    assert "detectors.nothing-by-chance" in ids(record, "B")
    assert record.placement["B"] >= 1
    many = [row.replace(",1", ",60") for row in rows]
    assert "detectors.nothing-found" in ids(placed(tmp_path, many, "2023", 3), "B")


def ports(folder, *rows, head="area,region,flow,now"):
    path = folder / "ports.csv"
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return path


def test_ports_bring_flow_regions_and_what_it_costs_to_move(tmp_path):
    table = ports(tmp_path, "Blaine,West,90000,", "Spokane,West,0,1", "Québec,East,,2", "Calais,East,5000,")
    record = placed(tmp_path, ROWS, teams=4, ports=table, least=2, explore=0.0)
    assert {one.region: one.teams >= 2 for one in record.regions} == {"East": True, "West": True}
    assert record.fairness_cost > 0
    assert "detectors.flow" in ids(record, "Blaine")
    assert "detectors.closed" in ids(record, "Spokane")
    assert "detectors.no-flow" in ids(record, "Buffalo")
    assert "detectors.no-history" in ids(record, "Calais")
    assert "detectors.no-region" in notes(record)
    assert record.moves is not None
    still = placed(tmp_path, ROWS, teams=4, ports=table, explore=0.0, move=1.0)
    assert still.moves == 1  # three are there; the fourth has to come from somewhere
    for language in ("en", "fr"):
        assert all(one.render(language) for one in summary(record))


@pytest.mark.parametrize(
    ("rows", "terms", "message"),
    [
        ([], {}, "table.empty"),
        (["A,2020,-1"], {}, "detectors.bad-count"),
        (["A,2020,1.5"], {}, "detectors.bad-count"),
        (["A,2020,"], {}, "detectors.bad-count"),
        (["A,2020,nan"], {}, "detectors.bad-count"),
        (["A,2020,1e400"], {}, "detectors.bad-count"),
        (["A,2020"], {}, "table.unreadable"),
        ([" ,2020,3"], {}, "detectors.no-area"),
        (["A,spring,3"], {}, "detectors.unknown-season"),
        (["A,2020,3"], {"season": "soon"}, "detectors.no-season"),
        (["A,2020,3", "A,2020-03,3"], {}, "detectors.mixed-seasons"),
        (["A,2020,3", "A,FY2020,3"], {}, "detectors.twice"),
        (["A,2025,3"], {}, "detectors.no-earlier"),
        (["A,2020,3"], {"teams": 0}, "detectors.no-teams"),
        (["A,2020,3"], {"teams": 10**9}, "detectors.no-teams"),
        (["A,2020,3"], {"hit": 0.0}, "detectors.bad-share"),
        (["A,2020,3"], {"explore": float("nan")}, "detectors.bad-share"),
        (["A,2020,3"], {"least": 1}, "detectors.no-regions"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path, rows, terms, message):
    assert refusal(tmp_path, rows, **({"season": "2025"} | terms)) == message


@pytest.mark.parametrize(
    ("rows", "terms", "message"),
    [
        (["A,West,,"], {"teams": 1, "least": 2}, "detectors.least-too-many"),
        (["A,West,,12"], {}, "detectors.too-many-present"),
        (["A,West,,", "a,West,,"], {}, "detectors.twice-port"),
        (["A,West,-2,"], {}, "detectors.bad-count"),
        ([",West,2,"], {}, "detectors.no-area"),
    ],
)
def test_ports_that_cannot_be_used_are_refused(tmp_path, rows, terms, message):
    assert refusal(tmp_path, ["A,2020,3"], season="2025", ports=ports(tmp_path, *rows), **terms) == message


def test_files_that_are_no_tables_are_refused(tmp_path):
    path = tmp_path / "history.csv"
    for text, message in (
        (b"", "table.empty"),
        (b"area,season,found\n,,\n", "table.empty"),
        (b"area,season,found,events,found\nA,2020,3,4,5\n", "table.column-twice"),
        (b"\xff\xfe\x00", "table.not-utf8"),
        (b"port,events\nA,3\n", "detectors.no-column"),
    ):
        Path(path).write_bytes(text)
        with pytest.raises(Unusable) as refused:
            plan(path, Terms(9, "2021"))
        assert refused.value.reason.message == message


def test_a_table_of_more_rows_than_are_read_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(history, "MOST_ROWS", len(ROWS) - 1)
    assert refusal(tmp_path, ROWS) == "detectors.too-many-rows"


@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_table_of_a_french_spreadsheet_is_read(tmp_path, mark):
    rows = (("Saint-Armand", "2020", "4"), ("Lacolle", "2020", "9"))
    record = placed(tmp_path, map(mark.join, rows), "2021", head=HEAD.replace(",", mark))
    assert set(record.placement) == {"Lacolle", "Saint-Armand"}


def test_workbooks_decimal_commas_and_pasted_tables_are_the_same_history(tmp_path):
    rows = [["area", "season", "found", "teams"], ["A, B", 2019, 2, 0.5], ["C", 2019, 1, 1]]
    books = tmp_path / "history.xlsx", tmp_path / "history.csv"
    books[0].write_bytes(xlsx(first=rows))
    text = "\ufeff" + "".join(";".join(map(str, row)) + "\r\n" for row in rows).replace("0.5", "0,5")
    books[1].write_bytes(text.encode())
    one, *others = (read_history(each, "2020") for each in (*books, PastedTable("pasted", text)))
    assert one.areas == ("A, B", "C")
    assert one.effort.tolist() == [[0.5], [1.0]]
    assert [other.digest for other in others] == [one.digest] * 2
