from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.nodes import WHO, floor

from watchfloor.exchange import risk
from watchfloor.policy.gateways import RiskCheck

CHECK = RiskCheck("lisbon", "PRT", "mitigated", "assurances of 3 May", "C. Legault", date(2026, 5, 3))


@pytest.fixture
def cell(tmp_path):
    return floor(tmp_path, "cell")


def test_a_check_is_kept_as_it_was_decided(cell):
    made = replace(CHECK, caveats=frozenset({"no-removal", "no-death-penalty"}))
    cell.act(WHO, risk.ACT, risk.detail(made))
    assert risk.risk_check(cell, "lisbon") == made


def test_the_last_check_of_a_partner_stands(cell):
    later = replace(CHECK, risk="yes", on=date(2026, 6, 1))
    for one in (CHECK, replace(CHECK, partner="oslo", country="NOR"), later):
        cell.act(WHO, risk.ACT, risk.detail(one))
    assert risk.risk_check(cell, "lisbon") == later
    assert risk.risk_check(cell, "oslo").country == "NOR"
    assert list(risk.latest(cell)) == ["lisbon", "oslo"]
    assert len(risk.checks(cell)) == 3


def test_who_was_not_checked_has_none(cell):
    assert risk.risk_check(cell, "lisbon") is None
    assert risk.checks(cell) == []


@given(
    st.builds(
        RiskCheck,
        st.text(),
        st.text(),
        st.sampled_from(["no", "yes", "mitigated"]),
        st.text(),
        st.text(),
        st.dates(),
        st.frozensets(st.text()),
    )
)
def test_a_check_is_read_as_it_was_written(check):
    assert risk._check(risk.detail(check)) == check
