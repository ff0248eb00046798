from hypothesis import given
from hypothesis import strategies as st

from watchfloor.cell.identity.proposals import Proposal, Term, prior, ranked
from watchfloor.core.messages import Reason


def proposal(one, *bits):
    terms = [prior(2, bits[0]), *(Term("name", each, prior(2, 0.0).reason) for each in bits[1:])]
    return Proposal(one, "person:z:9", ("", ""), tuple(terms), "test", "PB")


def test_the_prior_says_what_it_is_worth():
    assert prior(1024, -10.0).reason == Reason("linking.prior", {"count": 1024, "pairs": 1025})


def test_grounds_are_what_speaks_for_it_beside_the_prior():
    assert proposal("person:a:1", 3.0, 1.0, -2.0, 0.0, 5.0).grounds == 2


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=6))
def test_only_the_likely_stay_and_the_likeliest_leads(bits):
    made = [proposal(f"person:a:{number}", float(each)) for number, each in enumerate(bits)]
    found = ranked(made, 0.5)
    assert {one.one for one in found} == {one.one for one in made if one.bits >= 0}
    assert [one.bits for one in found] == sorted((one.bits for one in found), reverse=True)
