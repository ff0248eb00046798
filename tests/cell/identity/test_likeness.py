"""Our own rules against sums by hand and a double loop; the order of records, and what must not matter."""

from itertools import combinations
from math import log2

import pyarrow as pa
import pytest
from benchmarks.linking.persons import draw
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.cell.identity.likeness import CHANCE, NO_FIT_BITS, Crowd, alike, likely_by_rules
from watchfloor.cell.identity.namesakes import TOP
from watchfloor.cell.identity.profiles import profiles
from watchfloor.core.kinds import PARTY

BITS = 1e-12
"""Sums of a few doubles below 100."""


def parties(*people, **more):
    """Rows of subject, name, birth date and identifiers as (system, number)."""
    common = {
        "source": "f",
        "marking": "PB",
        "locator": "1",
        "role": "payee",
        "delivery": bytes(32),
        "observed_at": 0,
        "schema": "Person",
    }
    rows = [
        common
        | {"record_id": i.to_bytes(16, "big"), "subject": subject, "name": name, "birth_date": born}
        | {"identifiers": [{"system": s, "number": n, "owner": None} for s, n in numbers]}
        | more
        for i, (subject, name, born, *numbers) in enumerate(people)
    ]
    return pa.Table.from_pylist(rows, schema=PARTY.schema)


def crowd(count=60):
    return [
        (f"person:x:{i}", f"{first}{i}a {last}{i}o", f"19{40 + i}-03-01")
        for i, (first, last) in enumerate([("Quil", "Mar"), ("Oon", "Lund"), ("Petr", "Vas")] * (count // 3))
    ]


TAVISH = ("person:mail:1", "Tavish Okonedo", "1971-04-12", ("phone", "613 555 0114"))
OKONEDO = ("person:bank:7", "OKONEDO, Tavish", "1971-04-12", ("phone", "+1 (613) 555-0114"))


def test_a_proposal_is_the_sum_of_what_it_says():
    (found,) = likely_by_rules(parties(*crowd(), TAVISH, OKONEDO), 0.5)
    assert (found.one, found.other) == ("person:bank:7", "person:mail:1")
    expected = [-log2(62), log2(62 / CHANCE["name"]), log2(62 / CHANCE["birth"]), log2(62 / CHANCE["phone"])]
    assert [term.bits for term in found.terms] == pytest.approx(expected, abs=BITS)
    assert found.bits == sum(term.bits for term in found.terms)
    assert found.grounds == 3
    phone = found.terms[-1]
    assert (phone.shared, phone.count, phone.total) == ("phone:phone:16135550114", 2, 62)
    assert phone.evidence == ((61).to_bytes(16, "big"), (60).to_bytes(16, "big"))
    assert found.marking == "PB//TLP:CLEAR"


def test_what_more_subjects_share_says_less():
    """The name of two, of three and of four: log2(n / c), log2(n / (1 + c)), log2(n / (2 + c))."""
    for bearers in (2, 3, 4):
        people = [(f"person:mail:{i}", "Tavish Okonedo", None) for i in range(bearers)]
        found = likely_by_rules(parties(*crowd(), *people), 0.01)
        bits = log2((60 + bearers) / (bearers - 2 + CHANCE["name"]))
        assert {round(one.terms[1].bits, 9) for one in found} == {round(bits, 9)}
        assert len(found) == bearers * (bearers - 1) // 2


def test_a_household_is_not_one_person():
    """One telephone and one address, two names: the address counts nothing and the names speak against it."""
    home = ("phone", "613 555 0114"), ("address", "12 Rue de l'Anse")
    one = ("person:mail:1", "Tavish Okonedo", "1971-04-12", *home)
    other = ("person:bank:7", "Maren Okonedo", "1973-09-30", *home)
    table = parties(*crowd(), one, other)
    assert likely_by_rules(table, 0.3) == []
    (found,) = likely_by_rules(table, 0.0001)
    bits = {term.what: term.bits for term in found.terms}
    assert bits["name"] == NO_FIT_BITS
    assert bits["address"] == 0.0
    assert found.terms[-1].reason.message == "linking.counted"


def test_a_name_alone_is_one_ground():
    (found,) = likely_by_rules(parties(*crowd(), TAVISH[:3], ("person:bank:7", "Tavish Okonedo", None)), 0.5)
    assert found.grounds == 1


def test_a_person_is_no_company_and_no_account():
    person = ("person:mail:1", "Tavish Okonedo", None, ("phone", "613 555 0114"))
    account = ("account:bank:7", "Tavish Okonedo", None, ("phone", "613 555 0114"))
    assert likely_by_rules(parties(*crowd(), person, account), 0.01) == []


@pytest.mark.parametrize("country", ["CA", "XU", None])
def test_country_says_nothing(country):
    plain = likely_by_rules(parties(*crowd(), TAVISH, OKONEDO), 0.01)
    assert likely_by_rules(parties(*crowd(), TAVISH, OKONEDO, country=country), 0.01) == plain


@pytest.mark.parametrize("count", [0, 1])
def test_nobody_and_one_alone_are_no_pair(count):
    assert likely_by_rules(parties(*crowd()[:count]), 0.01) == []


def test_pairs_of_one_number_are_those_of_a_double_loop():
    people = profiles(draw(150, 2).parties)
    held = {key: [p.subject for p in people if key in p.numbers] for one in people for key in one.numbers}
    expected = {
        tuple(sorted((one.subject, other.subject)))
        for one, other in combinations(people, 2)
        if any(len(held[key]) <= TOP for key in set(one.numbers) & set(other.numbers))
    }
    assert expected
    assert Crowd.from_profiles(people).sharing() == expected


@given(st.randoms(use_true_random=False))
@settings(max_examples=draws(10), deadline=None)
def test_the_order_of_the_records_does_not_matter(random):
    drawn = draw(60, 3).parties
    order = list(range(drawn.num_rows))
    random.shuffle(order)
    assert likely_by_rules(drawn.take(order), 0.5) == likely_by_rules(drawn, 0.5)


PEOPLE = st.lists(
    st.tuples(
        st.sampled_from([f"person:f:{i}" for i in range(6)] + ["company:f:1", "vessel:f:2"]),
        st.text(max_size=12) | st.sampled_from(["Ada Quill", "Quill, Ada", "王伟", "محمد علي", "-"]),
        st.none() | st.sampled_from(["1971", "1971-04-12", "0000", "12/04/1971", "never", ""]),
        st.tuples(st.sampled_from(["phone", "address", "passport", "iban", "?"]), st.text(max_size=8)),
    ),
    max_size=10,
)


@given(PEOPLE)
@settings(max_examples=draws(80), deadline=None)
def test_whatever_is_delivered_gives_sums_that_hold(people):
    for found in likely_by_rules(parties(*people), 0.0):
        assert found.one < found.other
        assert found.bits == sum(term.bits for term in found.terms)
        assert 0 <= found.probability <= 1
        for term in found.terms:
            assert term.reason.render("en")
            assert term.reason.render("fr")


def test_names_of_other_words_are_not_alike():
    one, same, other = profiles(
        parties(
            ("person:a:1", "Tavish Okonedo", None),
            ("person:a:2", "okonedo TAVISH Maren", None),
            ("person:a:3", "Tavish Lunde", None),
        )
    )
    assert alike(one, same)
    assert not alike(one, other)
