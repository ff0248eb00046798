"""Linkage of persons without labels: blocking, comparisons, the model, consistency."""

from datetime import date, timedelta
from itertools import combinations
from random import Random

import numpy as np
import pyarrow as pa
import pytest

from watchfloor.cell.identity.linkage import blocking, mixture
from watchfloor.cell.identity.linkage.addresses import read_address
from watchfloor.cell.identity.linkage.columns import columns_of, load_mapping
from watchfloor.cell.identity.linkage.dates import read_dates
from watchfloor.cell.identity.linkage.linkage import link
from watchfloor.cell.identity.linkage.records import records_of
from watchfloor.cell.identity.linkage.sentences import terms
from watchfloor.cell.identity.linkage.tables import as_persons
from watchfloor.formats.base import FormatError

GIVEN = "Ann Bo Cyril Dora Emil Fatou Gita Hugo Inga Jorge Kim Lea Max Nadia Omar Pia Rosa Sven Tara".split()
FAMILY = "Roy Lund Okoro Tamm Vidal Weber Xu Yilmaz Zola Abadi Brandt Cruz Dufour Eklund Fischer".split()


def people(count, seed):
    random = Random(seed)
    return [
        {
            "first_name": random.choice(GIVEN),
            "last_name": random.choice(FAMILY) + random.choice(("", "son", "ova", "ez")),
            "date_of_birth": str(date(1940, 1, 1) + timedelta(random.randrange(23_000))),
            "street_number": str(random.randint(1, 300)),
            "street_name": random.choice(FAMILY) + " Street",
        }
        for _ in range(count)
    ]


def table(name, rows):
    return as_persons(name, pa.Table.from_pylist(rows))


def numbered(rows, prefix):
    return [{"id": f"{prefix}{at}"} | row for at, row in enumerate(rows)]


def named(found):
    return {
        frozenset((found.records.ids[a], found.records.ids[b]))
        for a, b in zip(found.one.tolist(), found.other.tolist(), strict=True)
    }


def pairs(*tables, **how):
    return named(link(list(tables), **how))


@pytest.fixture(scope="module")
def two():
    rows = people(300, 1)
    return numbered(rows[:200], "a"), numbered(rows[100:], "b")


@pytest.fixture(scope="module")
def linked(two):
    one, other = two
    return link([table("a", one), table("b", other)])


def test_persons_of_two_tables_are_linked(linked):
    assert named(linked) == {frozenset((f"a{at + 100}", f"b{at}")) for at in range(100)}


def test_the_order_of_rows_and_of_tables_changes_nothing(two, linked):
    one, other = two
    assert named(linked) == pairs(table("b", other[::-1]), table("a", one[::-1]))


def test_a_duplicate_row_of_another_id_is_found():
    rows = numbered(people(600, 2), "a")
    found = pairs(table("a", [*rows, rows[7] | {"id": "again"}]), precision=0.99)
    assert found == {frozenset(("a7", "again"))}


def test_terms_add_up_to_the_bits(linked):
    for row in range(0, len(linked.one), 9):
        assert sum(bits for bits, _ in terms(linked, row)) == pytest.approx(linked.bits[row], abs=0.3)


def test_blocking_gives_each_pair_that_shares_a_key_of_a_rule_once(two):
    one, other = two
    records = records_of([table("a", one), table("b", other)])
    found = blocking.candidates(records, within=False, across=True)
    keys = blocking.atoms(records)
    expected = {
        (i, j)
        for i, j in combinations(range(len(records)), 2)
        if records.table[i] != records.table[j]
        and any(
            all(keys[name][i] == keys[name][j] and keys[name][i] >= 0 for name in rule.keys)
            for rule in found.rules
        )
    }
    given = list(zip(found.one.tolist(), found.other.tolist(), strict=True))
    assert len(given) == len(set(given))
    assert set(given) == expected


def test_the_fit_reaches_the_likelihood_that_an_optimiser_reaches():
    from scipy.optimize import minimize

    random = np.random.default_rng(3)
    size, share = 4_000, 0.2
    person = random.random(size) < share
    m, u = (0.9, 0.85, 0.9), (0.1, 0.3, 0.05)
    agree = np.stack(
        [
            np.where(person, random.random(size) < a, random.random(size) < b)
            for a, b in zip(m, u, strict=True)
        ],
        axis=1,
    )
    what = ("national_id", "document", "email")
    chances = np.ones((3, mixture.MOST))
    chances[:, 0], chances[:, 1], chances[:, 2] = [1 - b for b in u], 1e-9, u
    given = mixture.Pairs(
        np.where(agree, 2, 0).astype(np.int8),
        np.zeros((size, 3), np.float32),
        np.zeros(size, np.int64),
        np.array([float(size)]),
        what,
    )
    model = mixture.fit(given, chances, np.array([size / 10]))

    def unlikely(of):
        rate, *of_person = of
        one = np.prod(np.where(agree, of_person, 1 - np.array(of_person)), axis=1)
        none = np.prod(np.where(agree, u, 1 - np.array(u)), axis=1)
        return -np.log(rate * one + (1 - rate) * none).sum()

    best = minimize(unlikely, [0.3, 0.8, 0.8, 0.8], bounds=[(0.01, 0.99)] * 4, method="L-BFGS-B").x
    assert model.m[:, 2] == pytest.approx(best[1:], abs=0.06)  # held to what is known before, and households


@pytest.mark.parametrize(
    ("given", "order", "mixed", "texts"),
    [
        (["10/07/1972", "12/25/1980"], "mdy", False, ["19721007", "19801225"]),
        (["25/12/1980", "07/10/1972"], "dmy", False, ["19801225", "19721007"]),
        (["25/12/1980", "12/25/1980", "01/02/1990"], "mdy", True, ["19801225", "19801225", "19900102"]),
        (["19721007", "19801225"], "ymd", False, ["19721007", "19801225"]),
        (["12252018", "01212015"], "mdy", False, ["20181225", "20150121"]),
        (["1972-10-07", "12 janv. 1980"], "ymd", False, ["19721007", "19800112"]),
        (["08/27/19S9", "09/28/1960"], "mdy", False, ["19590827", "19600928"]),
    ],
)
def test_dates_are_read_in_the_order_of_their_column(given, order, mixed, texts):
    assert read_dates(given) == (texts, order, mixed)


def test_ids_are_distinct_whatever_a_table_calls_its_rows():
    rows = [{"id": one, "given": "Ann"} for one in ("A", "A", "A (2)", None, "A", "A (2)")]
    ids = link([table("t", rows)]).records.ids
    assert (ids[:2], len(set(ids))) == (["A", "A (2)"], len(ids))


@pytest.mark.parametrize("name", ["Ville de naissance", "Birth city", "NAT", "Passport issuer", "Dial code"])
def test_no_mapping_lets_in_what_stands_for_a_state(name):
    (found,) = columns_of([name], {name: "city"})
    assert (found.field, found.why) == ("", "policy")


def test_columns_are_known_by_name_and_policy_goes_before_a_mapping():
    names = [
        "First Name",
        "Nom de famille",
        "mailing_address_zipcode",
        "spouse_last_name",
        "Nationality",
        "Sex",
    ]
    found = {one.name: one.field or one.why for one in columns_of(names, {"Nationality": "city"})}
    assert list(found.values()) == ["given", "family", "postal", "other-person", "policy", "policy"]


def test_a_mapping_that_names_no_field_is_refused(tmp_path):
    path = tmp_path / "columns.toml"
    path.write_text("[columns]\nsurname = 'NAME'\n")
    with pytest.raises(FormatError, match="no field"):
        load_mapping(path)


def test_an_address_in_one_column_is_parted():
    read = read_address("4-123 Main Street, Ottawa K1A 0B1")
    assert read == ("123", "main st", "4", "", "ottawa", "k1a0b1")


@pytest.mark.parametrize(
    "tables",
    [
        [{"first_name": [], "last_name": []}],
        [{"first_name": ["Ann", "Bo"]}, {"passport": ["A1234567", "B7654321"]}],
        [{"colour": ["red", "red"]}],
        [{"first_name": ["Ann"], "last_name": ["Roy"]}],
        [{"first_name": ["Ann"] * 300}],
    ],
)
def test_tables_that_tell_nobody_apart_give_no_pair(tables):
    assert not pairs(*(as_persons(f"t{at}", pa.table(one)) for at, one in enumerate(tables)))


def test_one_person_very_often_is_compared_with_one_row_only():
    rows = people(150, 5)
    found = link([table("a", numbered([*rows, *rows[:1] * 2_000], "a"))])
    assert found.looked_at < 2_000 + 250 * 150
    assert frozenset(("a0", "a2149")) in named(found)


def test_missing_and_double_ids_are_told():
    rows = [{"id": one, "first_name": "Ann"} for one in ("x", "x", None)]
    records = records_of([table("a", rows)])
    assert records.ids == ["x", "x (2)", "a:3"]
    assert [note[0] for note in records.notes] == ["ids-missing", "ids-double"]


def test_a_reused_document_number_twins_and_a_family_at_one_address_are_not_one_person():
    rows = people(200, 4)
    home = {"street_number": "7", "street_name": "Elm Street", "last_name": "Quist"}
    rows += [
        rows[0] | home | {"first_name": "Otto", "date_of_birth": "2001-05-06"},
        rows[0] | home | {"first_name": "Selma", "date_of_birth": "2001-05-06"},
        rows[0] | home | {"first_name": "Ruben", "date_of_birth": "1970-01-02"},
    ]
    for at, row in enumerate(rows):
        row["passport"] = f"P{1000000 + 37 * at}"
    rows[11]["passport"] = rows[12]["passport"]
    assert not pairs(table("a", numbered(rows, "a")))
