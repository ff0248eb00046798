"""Every rule of the table has a check, a clause, and a waybill that breaks it; a good waybill breaks none."""

import pytest
from tests.reference.preload.waybill import CASES, GOOD, MARKED, NEAR, house, own, table

from watchfloor.core.kinds import DECLARATION
from watchfloor.formats.tabular.fields import ANSWERS
from watchfloor.reference.preload import check, rules
from watchfloor.reference.preload.check import CHECKS
from watchfloor.reference.preload.rules import answers, clause
from watchfloor.reference.preload.waybills import Waybills

RULES = rules()


def broken(*rows, **how):
    return set(check(table(*rows), **how).findings["rule"].to_pylist())


def fires(rule, *rows):
    """Whether a rule's own check, and no other, finds something: a whole check compiles every pattern."""
    return any(found.any() for found in CHECKS[rule](Waybills(table(*rows))).values())


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_fires_on_each_of_its_cases(rule):
    """A rule of the table without a case fails here."""
    for rows in CASES[rule]:
        assert fires(rule, *rows), rows


def test_a_check_gives_the_findings_of_every_rule():
    cases = [row for rule in RULES for row in CASES[rule][0]]
    rows = table(*cases)
    found = check(rows).findings
    assert set(found["rule"].to_pylist()) == {rule for rule in RULES if fires(rule, *cases)}
    assert len(set(found["rule"].to_pylist())) >= len(RULES) - 4  # some fire only where others do not


@pytest.mark.parametrize("rule", NEAR)
def test_a_rule_is_silent_on_what_comes_near(rule):
    assert not fires(rule, *NEAR[rule])


def test_a_good_waybill_breaks_no_rule_at_all():
    """So every rule is silent on it."""
    for rows in ([house()], [own()], [own(**MARKED), house()]):
        got = check(table(*rows))
        assert got.findings.num_rows == 0, got.findings.to_pylist()
        assert (got.rows, got.failing) == (len(rows), 0)


def test_cases_checks_and_rules_are_of_the_same_ids():
    assert RULES.keys() == CASES.keys() == CHECKS.keys()
    assert NEAR.keys() <= RULES.keys()


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_says_where_it_stands_and_what_is_right(rule):
    said = RULES[rule]
    assert said.cited
    assert said.answer in ANSWERS
    assert said.answer not in ("do-not-load", "refer-screening"), "a bad field is no threat"
    for words in (said.demands, said.right):
        assert words.en
        assert words.fr != words.en
    assert set(said.fields) <= set(DECLARATION.schema.names)
    for field in said.fields or ("",):
        assert "{" not in said.code(field)


def test_most_rules_rest_on_a_text_that_was_read():
    read = [rule for rule, said in RULES.items() if said.cited[0].checked == "text"]
    assert RULES.keys() - set(read) == {"goods-characters", "pieces-many", "weight-absurd", "weight-light"}


@pytest.mark.parametrize("answer", answers())
def test_an_answer_says_what_it_requires_and_what_lifts_it(answer):
    said = answers()[answer]
    assert answer in ANSWERS
    assert said.cited
    assert set(said.lifted) <= set(ANSWERS)
    assert said.lifted
    assert answer not in said.lifted


def test_a_clause_of_no_document_is_refused():
    with pytest.raises(KeyError):
        clause("hearsay 1")


def test_an_error_names_its_field_as_the_guide_does():
    assert RULES["name-missing"].code("consignee_name") == "MISSING_CNE_NAME"
    assert RULES["address-without-country"].code("shipper_address") == "MISSING_SHP_CTRY"
    assert RULES["goods-unacceptable"].code("goods") == "MISSING_CARGO_DESC"


def test_no_rule_reads_who_somebody_is():
    """Origins, categories and telephone numbers are in no check; a country is only there or not."""
    shipped = house(shipper_address="Musterweg 12, Frankfurt, Germany")
    for country in ("Iran", "China", "Mexique"):
        other = house(shipper_address=f"Musterweg 12, Frankfurt, {country}", origin="RU", departure="KP")
        assert broken(other) == broken(shipped) == set()
    assert GOOD["goods"]
