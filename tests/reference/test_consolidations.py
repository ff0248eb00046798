"""Lists over time, against a small model and against four consolidations of the law."""

from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.lists import CSV, LAW, SDN, public
from tests.thorough import draws

from watchfloor.core.kinds import LISTING
from watchfloor.formats.base import FormatError
from watchfloor.reference.consolidations import Window, diff, latest, nearest, on, windows
from watchfloor.reference.listings import read

DAY = date(2026, 1, 1)
DAYS = st.integers(0, 60).map(lambda n: DAY + timedelta(n))
WINDOWS = st.tuples(DAYS, st.integers(0, 10)).map(lambda w: Window(w[0], w[0] + timedelta(w[1])))
CARTELS = {
    "El Cartel del Golfo",
    "La Familia Michoacana",
    "La Mara Salvatrucha",
    "Cárteles Unidos",
    "El Cartel de Sinaloa",
    "Tren de Aragua",
    "Cartel Jalisco Nueva Generación",
}


def _table(*rows: dict) -> pa.Table:
    plain = {
        "source": "s",
        "marking": "U//TLP:CLEAR",
        "locator": "line 1",
        "list_id": "L",
        "instrument": "L",
        "schema": "Person",
        "observed_at": 0,
        "delivery": bytes(32),
    }
    full = []
    for n, row in enumerate(rows):
        name = row.get("name", row["entity_id"])
        names = [
            {"text": t, "role": "alias", "strength": "strong", "lang": None} for t in row.get("names", [name])
        ]
        full.append({**plain, **row, "name": name, "names": names, "record_id": n.to_bytes(16, "big")})
    return pa.Table.from_pylist(full, schema=LISTING.schema)


def _edition(window: Window, *entities: str) -> list[dict]:
    return [{"entity_id": e, "window_from": window.first, "window_until": window.last} for e in entities]


@settings(deadline=None)
@given(st.lists(WINDOWS, min_size=1, max_size=5), DAYS)
def test_nearest_against_a_look_at_every_day(known, day):
    found = nearest(known, day)
    covering = [window for window in known if window.first <= day <= window.last]
    if covering:
        assert found == max(covering)
    else:
        days = {
            window: min(abs((window.first - day).days), abs((window.last - day).days)) for window in known
        }
        assert days[found] == min(days.values())
        assert all(found <= window for window in known if days[window] == days[found])


def test_on_answers_each_list_from_its_own_windows():
    old, new = Window(DAY, DAY + timedelta(5)), Window(DAY + timedelta(20), DAY + timedelta(30))
    table = _table(*_edition(old, "a", "b"), *_edition(new, "b", "c"), {"entity_id": "x", "list_id": "M"})
    first, undated = on(table, DAY + timedelta(3))
    assert ([i["entity_id"] for i in first.items], first.covered, first.window) == (["a", "b"], True, old)
    assert (undated.covered, [i["entity_id"] for i in undated.items]) == (False, ["x"])
    assert "states no dates" in undated.note
    between = on(table, DAY + timedelta(8))[0]
    assert ([i["entity_id"] for i in between.items], between.covered) == (["a", "b"], False)
    assert (
        between.note
        == "L: 2026-01-09 is not covered; nearest is the consolidation of 2026-01-01 to 2026-01-06"
    )


def test_what_has_ceased_is_not_listed():
    window = Window(DAY, DAY + timedelta(30))
    gone = _edition(window, "a")[0] | {"ceased": DAY + timedelta(5)}
    table = _table(gone, *_edition(window, "b"))
    assert [i["entity_id"] for i in on(table, DAY + timedelta(4))[0].items] == ["a", "b"]
    assert [i["entity_id"] for i in on(table, DAY + timedelta(5))[0].items] == ["b"]


def test_windows_and_latest():
    old, new = Window(DAY, DAY), Window(DAY + timedelta(20), DAY + timedelta(30))
    table = _table(*_edition(new, "c"), *_edition(old, "a"))
    assert windows(table) == {"L": [old, new]}
    assert latest(table).column("entity_id").to_pylist() == ["c"]


ENTITIES = st.dictionaries(
    st.sampled_from("abcdef"), st.sets(st.sampled_from("pqrs"), min_size=1), max_size=6
)


@settings(max_examples=draws(50), deadline=None)
@given(ENTITIES, ENTITIES)
def test_diff_turns_the_old_state_into_the_new(old, new):
    tables = [
        _table(*({"entity_id": e, "name": e, "names": sorted(n)} for e, n in s.items())) for s in (old, new)
    ]
    state = {entity: set(names) for entity, names in old.items()}
    for change in diff(*tables):
        entity = change.item["entity_id"]
        if change.kind == "removed":
            del state[entity]
        elif change.kind == "added":
            state[entity] = {name["text"] for name in change.item["names"]}
        else:
            state[entity] = state[entity] - set(change.names_removed) | set(change.names_added)
    assert state == new
    assert list(diff(tables[1], tables[1])) == []


def test_diff_says_what_changed():
    was = _table({"entity_id": "a", "birth_dates": ["1971"], "item": "4", "countries": []})
    now = _table({"entity_id": "a", "birth_dates": ["1971-05-02"], "item": "3", "countries": None})
    (change,) = diff(was, now)
    assert change.fields == {"birth_dates": (["1971"], ["1971-05-02"])}


def test_lists_that_have_nothing_in_common_are_not_compared(tmp_path):
    (tmp_path / "a.csv").write_text(CSV, encoding="utf-8")
    (tmp_path / "sdn.csv").write_text(SDN, encoding="utf-8")
    with pytest.raises(FormatError, match="no list in common: a and OFAC-SDN"):
        list(diff(read([tmp_path / "a.csv"]), read([tmp_path / "sdn.csv"])))


def _law(language: str, *days: str) -> pa.Table:
    return read([public(LAW / f"{language}-2002-284@{day}.xml") for day in days])


ALL = ("2025-02-06", "2025-03-28", "2026-01-12", "2026-07-23")


@pytest.mark.parametrize(
    ("day", "count", "covered"),
    [
        (date(2024, 11, 27), 79, False),
        (date(2024, 11, 28), 79, True),
        (date(2024, 12, 23), 79, True),
        (date(2024, 12, 24), 79, False),
        (date(2025, 2, 18), 86, False),  # the day before: the nearest consolidation is of the day after
        (date(2025, 2, 19), 86, True),
        (date(2025, 3, 28), 86, False),  # the day the file was committed, which says nothing
        (date(2025, 12, 9), 90, True),
        (date(2026, 6, 14), 89, True),
        (date(2026, 11, 24), 89, False),
    ],
)
@pytest.mark.parametrize("language", ["SOR", "DORS"])
def test_the_law_on_a_day(language, day, count, covered):
    (answer,) = on(_law(language, *ALL), day)
    assert (len(answer.items), answer.covered) == (count, covered)


def test_the_first_change_of_the_law_is_the_seven_cartels():
    changes = list(diff(_law("SOR", ALL[0]), _law("SOR", ALL[1])))
    assert {(c.kind, c.item["name"]) for c in changes} == {("added", name) for name in CARTELS}
    assert {c.item["in_force"] for c in changes} == {date(2025, 2, 19)}


def test_an_alias_of_two_entities_is_of_both():
    (answer,) = on(_law("SOR", ALL[3]), date(2026, 6, 10))
    for alias in ("Los Caballeros Templarios", "La Nueva Familia Michoacana", "LNFM"):
        named = {i["name"] for i in answer.items if alias in (n["text"] for n in i["names"])}
        assert named == {"La Familia Michoacana", "Cárteles Unidos"}
