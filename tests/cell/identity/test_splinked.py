"""Splink's sums beside Splink's own, its model beside the formula by hand; what it may read and needs."""

from math import log2

import pyarrow as pa
import pytest
from benchmarks.linking.persons import draw
from tests.cell.identity.test_likeness import OKONEDO, TAVISH, crowd, parties

pytest.importorskip("splink", reason="not installed: splink (the extra 'splink')")

import duckdb

from watchfloor.cell.identity import splinked
from watchfloor.cell.identity.profiles import profiles
from watchfloor.cell.identity.splinked import (
    FEWEST,
    HUB,
    NoSplinkError,
    fitted,
    frequencies,
    likely_by_splink,
    rule,
    table,
)

CLOSE = 1e-9
"""Bits: sums of a few doubles in another order."""


@pytest.fixture(scope="module")
def drawn():
    return draw(250, 4)


@pytest.fixture(scope="module")
def told():
    return []


@pytest.fixture(scope="module")
def found(drawn, told):
    return likely_by_splink(drawn.parties, 0.5, told.append)


@pytest.fixture(scope="module")
def model(drawn):
    """The model of the same records, and what it says of each pair."""
    linker = fitted(table(profiles(drawn.parties)))
    pairs = linker.inference.predict(threshold_match_probability=0.5).as_record_list()
    return linker, {tuple(sorted((row["unique_id_l"], row["unique_id_r"]))): row for row in pairs}


def test_each_sum_is_splinks_own(found, model):
    _, pairs = model
    assert len(found) > 100
    assert {(one.one, one.other) for one in found} == pairs.keys()
    for one in found:
        row = pairs[one.one, one.other]
        assert one.bits == pytest.approx(row["match_weight"], abs=CLOSE)
        assert one.probability == pytest.approx(row["match_probability"], abs=CLOSE)
        assert one.bits == sum(term.bits for term in one.terms)
        assert one.rule == rule()


def test_one_name_is_worth_m_by_how_common_it_is(drawn, found, model):
    """Fellegi and Sunter's log2(m / u), u the name's own: without the two, and with what chance adds."""
    linker, _ = model
    (exact,) = (
        level
        for comparison in linker.misc.save_model_to_json()["comparisons"]
        if comparison["output_column_name"] == "name"
        for level in comparison["comparison_levels"]
        if level["label_for_charts"] == "Exact match on name"
    )
    people = profiles(drawn.parties)
    checked = 0
    for one in found:
        term = next(term for term in one.terms if term.what == "name")
        if term.shared:
            bearers = sum(" ".join(person.words) == term.shared for person in people)
            common = (bearers - 2 + 0.25) / len(people)
            assert term.count == bearers
            assert term.bits == pytest.approx(log2(exact["m_probability"] / common), abs=1e-6)
            checked += 1
    assert checked > 50


def test_most_of_what_it_finds_is_so(drawn, found):
    """A floor for both, well under what `./dev bench linking` prints; by chance one in 500."""
    pairs = {(one.one, one.other) for one in found}
    assert len(pairs & drawn.same) > 0.75 * len(pairs)
    assert len(pairs & drawn.same) > 0.5 * len(drawn.same)


def test_every_reason_names_its_records(drawn, found):
    records = set(drawn.parties["record_id"].to_pylist())
    for term in (term for one in found for term in one.terms):
        assert len(term.evidence) == (0 if term.what == "prior" else 2)
        assert set(term.evidence) <= records


def test_country_says_nothing(drawn):
    country = pa.array(["CA", "XU"] * (drawn.parties.num_rows // 2 + 1))[: drawn.parties.num_rows]
    place = drawn.parties.schema.get_field_index("country")
    other = drawn.parties.set_column(place, "country", country)
    assert table(profiles(other)) == table(profiles(drawn.parties))
    assert "country" not in table([]).column_names


def test_names_alone_can_be_compared():
    people = [(f"person:a:{i}", f"Quil{i} Mar{i}o", None) for i in range(FEWEST)]
    table_ = parties(*people, TAVISH[:3], ("person:bank:7", "OKONEDO, Tavish", None))
    (found,) = likely_by_splink(table_, 0.5)
    assert {found.one, found.other} == {TAVISH[0], OKONEDO[0]}
    assert [term.what for term in found.terms] == ["prior", "name"]


def test_names_and_telephones_can_be_compared():
    """Pairs of one name and telephone have nothing left that they could teach."""
    people = [
        (f"person:{feed}:{i}", f"Quil{i} Mar{i}o", None, ("phone", f"613 555 {i:04d}"))
        for feed in ("a", "b")
        for i in range(FEWEST // 2)
    ]
    found = likely_by_splink(parties(*people), 0.5)
    expected = {(f"person:a:{i}", f"person:b:{i}") for i in range(FEWEST // 2)}
    assert {(one.one, one.other) for one in found} == expected
    assert {tuple(term.what for term in one.terms) for one in found} == {("prior", "name", "contact")}


def test_a_number_that_many_gave_is_left_out():
    number = ("phone", "613 555 0114")
    people = [(f"person:a:{i}", f"Quil{i}", None, number) for i in range(HUB + 1)]
    assert table(profiles(parties(*people)))["phone"].null_count == HUB + 1
    assert table(profiles(parties(*people[:HUB])))["phone"].null_count == 0


def test_of_several_numbers_the_one_that_few_others_gave_is_compared():
    first, second = ("phone", "613 555 0114"), ("phone", "613 555 0115")
    people = [
        ("person:a:1", "Ada", None, first, second, ("phone", "613 555 0116")),
        ("person:a:2", "Oona", None, first),
        ("person:a:3", "Milo", None, first, second),
    ]
    assert table(profiles(parties(*people)))["phone"].to_pylist() == [
        "phone:phone:16135550115",
        "phone:phone:16135550114",
        "phone:phone:16135550115",
    ]


def test_frequencies_leave_out_the_two_who_are_compared():
    rows = table(profiles(parties(*[(f"person:a:{i}", "Ada", None) for i in range(4)], *crowd(6))))
    found = dict(zip(*(column.to_pylist() for column in frequencies(rows, "name").columns), strict=True))
    assert found["ada"] == pytest.approx((4 - 2 + 0.25) / 10)
    assert frequencies(rows, "phone").num_rows == 0


def test_it_reaches_no_file_and_no_network(tmp_path):
    (tmp_path / "a.csv").write_text("x\n1\n", encoding="utf-8")
    with pytest.raises(duckdb.PermissionException):
        splinked._connection().execute(f"SELECT * FROM read_csv('{(tmp_path / 'a.csv').as_posix()}')")


def test_too_few_are_told_what_to_do():
    with pytest.raises(NoSplinkError, match="leave out --with splink"):
        likely_by_splink(parties(*crowd(6)), 0.5)


def test_without_splink_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(splinked, "find_spec", lambda _: None)
    with pytest.raises(NoSplinkError, match="pip install"):
        likely_by_splink(parties(*crowd()), 0.5)


@pytest.mark.thorough
def test_a_training_that_fails_is_left_out(drawn, monkeypatch):
    learn = splinked._learn

    def fails(linker, columns, report):
        learn(linker, columns, report)
        return columns != ("name", "birth")

    monkeypatch.setattr(splinked, "_learn", fails)
    told = []
    linker = fitted(table(profiles(drawn.parties)), told.append)
    compared = [one["output_column_name"] for one in linker.misc.save_model_to_json()["comparisons"]]
    assert compared == ["name", "birth", "contact", "person"]
    assert told.count("learning from pairs with one name and birth") == 1
    assert told.count("counting how often strangers agree") == 2


def test_progress_is_told(found, told):
    assert found
    assert told[0] == "counting how often strangers agree"
    assert told[-1] == "comparing"
    assert "learning from pairs with one name and birth" in told
