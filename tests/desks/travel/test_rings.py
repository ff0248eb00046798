"""Rings among filings: who is named, who never is, and what honest people share."""

from pathlib import Path
from random import Random

import pytest
from benchmarks.travel.rings import LEAST, Score, ours, written
from benchmarks.travel.worlds import Assumptions, world
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.desks.travel.filings import KNOWN, TIES, UNCONFIRMED, Filing, Filings, called
from watchfloor.desks.travel.rings import ORDER, rings


def filing(number, applicant=None, false=None, **ties):
    """A filing of a household of its own."""
    ties = {"address": f"{number} Elm Street"} | ties
    return Filing(
        id=f"A{number}",
        applicant=applicant or f"person {number}",
        ties={kind: (value,) for kind, value in ties.items()},
        false={} if false is None else {UNCONFIRMED: false},
        office=f"office {number % 3}",
        officer=f"officer {number}",
    )


def honest(many=200, start=1000):
    return [filing(start + n, false=n % 40 == 0, institution=f"college {n % 4}") for n in range(many)]


def ring(size=8, start=0, **ties):
    return [filing(start + n, false=True, **ties) for n in range(size)]


def test_a_ring_names_its_organiser_and_its_filings():
    (found,) = rings(Filings([*honest(), *ring(representative="Quick Visas", payer="card 1")]))
    assert (found.kind, found.subject, found.others) == (
        "representative",
        "Quick Visas",
        (("payer", "card 1"),),
    )
    assert (len(found.members), found.offices, found.officers) == (8, 3, 8)
    assert {one.kind for one in found.shared} == {"representative", "payer"}


@pytest.mark.parametrize("kind", ["payer", "device", "email", "telephone", "template", "photo_zone"])
def test_without_an_adviser_what_else_ties_them_is_named(kind):
    ties = {kind: "v"} | ({"device": "d"} if kind != "device" else {"email": "e"})
    (found,) = rings(Filings([*honest(), *ring(**ties)]))
    assert found.kind in ties


@pytest.mark.parametrize(
    ("applies", "pays"),
    [
        ("Ana Lopez", "Ana López"),
        ("LOPEZ, Ana", "Mr Ana Lopez"),
        ("Ana-Maria Lopez", "Lopez Ana Maria"),
        ("AB-12/3", "ab 12 3"),
        ("person:office:Ana Lopez", "account:office:López, Ana"),
    ],
)
def test_an_applicant_is_known_in_other_spellings_and_keys(applies, pays):
    applied = filing(500, applicant=applies, false=False)
    (found,) = rings(Filings([*honest(), applied, *ring(payer=pays, template="t")]))
    assert (found.kind, found.others) == ("template", ())


def test_a_number_of_another_type_is_somebody_else():
    applied = filing(500, applicant="person:office:12", false=False)
    (found,) = rings(Filings([*honest(), applied, *ring(payer="account:office:12", template="t")]))
    assert found.subject == "account:office:12"


def test_nobody_who_applies_is_named_whatever_they_pay_or_advise():
    applied = filing(500, applicant="Quick Visas", false=False)
    (found,) = rings(
        Filings([*honest(), applied, *ring(representative="QUICK VISAS", payer="person 3", template="t")])
    )
    assert (found.kind, found.others) == ("template", ())


def test_a_contact_is_not_named_where_somebody_who_applies_advises_for_the_ring():
    """The telephone may be theirs."""
    ties = {"representative": "Person 3", "telephone": "613-555-0123", "device": "d"}
    assert rings(Filings([*honest(), *ring(**ties)])) == []
    (found,) = rings(Filings([*honest(), *ring(**ties | {"template": "t"})]))
    assert (found.kind, found.others) == ("template", ())


@pytest.mark.parametrize(
    ("applicant", "names", "payer"),
    [
        ("Élodie Roy", (), "ROY, Elodie"),
        ("Roy", ("Élodie",), "Elodie  ROY"),
        ("P-17", ("Roy", "Élodie"), "Roy-Elodie"),
        ("P-17", ("Roy", "Élodie"), "p 17"),
    ],
)
def test_an_applicant_is_known_however_their_name_is_written(applicant, names, payer):
    applied = filing(500, applicant=applicant, false=False)._replace(names=names)
    (found,) = rings(Filings([*honest(), applied, *ring(payer=payer, template="t")]))
    assert (found.kind, found.others) == ("template", ())


def test_an_honest_adviser_with_many_clients_a_college_and_a_family_are_no_rings():
    served = [
        filing(
            n, false=n % 30 == 0, representative="Fair Advice", payer="firm", device="desk", email="office"
        )
        for n in range(90)
    ]
    family = [filing(2000 + n, false=True, address="1 Oak", telephone="1", payer="parent") for n in range(6)]
    assert rings(Filings([*honest(), *served, *family])) == []


def test_one_tie_alone_makes_no_ring():
    assert rings(Filings([*honest(), *ring(representative="Quick Visas")])) == []


def test_an_organisers_honest_clients_are_no_members():
    clients = [filing(50 + n, false=False, representative="Quick Visas", payer="card 1") for n in range(10)]
    (found,) = rings(Filings([*honest(), *clients, *ring(representative="Quick Visas", payer="card 1")]))
    assert len(found.members) == 8


def test_names_of_one_organiser_are_told_together():
    two = [*ring(6, 0, representative="A", payer="card"), *ring(6, 10, representative="B", payer="card")]
    (found,) = rings(Filings([*honest(), *two]))
    assert {found.subject, *(value for _, value in found.others)} == {"A", "B", "card"}


def test_two_rings_of_one_college_stay_two():
    two = [
        *ring(8, 0, representative="A", payer="card a", institution="college 1"),
        *ring(8, 20, representative="B", payer="card b", institution="college 1"),
    ]
    assert {one.subject for one in rings(Filings([*honest(), *two]))} == {"A", "B"}


VALUES = st.sampled_from(["a", "b", "c", "person 1", "PERSON 2"])


@given(
    st.lists(
        st.builds(
            Filing,
            id=st.text("0123456789", min_size=1, max_size=4),
            applicant=st.sampled_from([f"person {n}" for n in range(12)]),
            ties=st.dictionaries(st.sampled_from(TIES), st.tuples(VALUES), max_size=5),
            issuer=st.sampled_from([None, "college", "school"]),
            false=st.dictionaries(st.sampled_from([UNCONFIRMED, "checks"]), st.booleans()),
        ),
        max_size=60,
    ).map(lambda some: [*some, *some])
)
def test_no_ring_is_about_somebody_who_applies(some):
    filings = Filings([*some, *honest(60), *ring(representative="a", payer="PERSON 2")])
    for one in rings(filings):
        assert called(one.subject) not in filings.applicants
        assert one.kind in ORDER
        assert all(called(value) not in filings.applicants for _, value in one.others)
        assert filings.strangers(one.members) >= LEAST


def test_worlds_of_the_benchmark(tmp_path: Path):
    score = Score()
    for seed in (51, 52):
        of = world(seed, Assumptions(honest=600, rings=(2, 3), size=(10, 20)))
        ours(score, of, written(of.rows, tmp_path))
    assert score.applicants == 0
    assert score.found >= 0.75 * score.rings
    assert score.true >= 0.75 * score.leads


def test_what_is_expected_of_a_fact_is_what_the_others_of_its_issuers_have():
    rng = Random(3)
    some = [
        Filing(str(n), f"p{n}", {}, rng.choice([None, "a", "b", "c"]), {"checks": rng.random() < 0.3})
        if rng.random() < 0.8
        else Filing(str(n), f"p{n}", {})
        for n in range(200)
    ]
    filings, members = Filings(some), sorted(rng.sample(range(200), 60))
    told = [one for one in some if one.false]
    mine = [some[at] for at in members if some[at].false]
    false = sum(one.false["checks"] for one in mine)
    rate = (sum(one.false["checks"] for one in told) - false + 0.5) / (len(told) - len(mine) + 1)
    expected = 0.0
    for issuer in dict.fromkeys(one.issuer for one in mine):
        ours = [one for one in mine if one.issuer == issuer]
        theirs = [one for one in told if one.issuer == issuer and one not in ours] if issuer else []
        bad = sum(one.false["checks"] for one in theirs)
        expected += len(ours) * (bad + KNOWN * rate) / (len(theirs) + KNOWN)
    assert filings.expected("checks", members) == (len(mine), false, expected)
