"""Typologies as data: the packaged ones are whole, and what is wrong in a file is told by line."""

import re

import pytest

from watchfloor.cell.weighing.weights import load
from watchfloor.core.protected import is_protected
from watchfloor.desks.finance.engine.stream import Plan
from watchfloor.desks.finance.messages import SENTENCES
from watchfloor.desks.finance.typologies.columns import FEATURES
from watchfloor.desks.finance.typologies.intake import PLAN
from watchfloor.desks.finance.typologies.typology import (
    BANDS,
    GROUPS,
    WIDEST,
    TypologyError,
    alerts,
    catalogue,
    read,
)
from watchfloor.messages import typeset

PLAIN = """
[[indicator]]
id = "x"
version = "1"
about = "payee"
title = { en = "a", fr = "b" }
sentence = { en = "{account} {n}", fr = "{n} {account}" }
source = [{ alert = "own", says = "so" }]
amltrix = ["T0016"]
on = "means = 'cash' and amount < most"
[indicator.parameters]
most = { is = 10_000, by = "own threshold" }
[indicator.let]
n = "count into over 7d where amount < most"
[indicator.bands]
moderate = "n >= 3"
"""


def test_about_thirty_five_indicators_in_four_groups():
    assert len(catalogue()) >= 35
    assert {one.group for one in catalogue()} == set(GROUPS)
    assert all(len(one.source) for one in catalogue())


def test_the_sentences_are_read_without_the_rest():
    said = {id_: {"en": message.en, "fr": message.fr} for id_, message in SENTENCES.items()}
    assert said == {one.id: one.sentence | {"fr": typeset(one.sentence["fr"])} for one in catalogue()}


def test_no_indicator_looks_at_who_people_are():
    for one in catalogue():
        assert not any(is_protected(name) or "seat" in name or "country" in name for name in one.looks)


def test_features_that_may_be_named_are_the_engines():
    assert set(FEATURES) <= set(Plan().names)
    assert {name for one in catalogue() for name in one.engine} <= set(PLAN.names)


def test_windows_are_no_wider_than_what_is_remembered():
    assert all(one.width <= WIDEST for one in catalogue())


def test_every_parameter_says_whose_it_is():
    assert all(p.by for one in catalogue() for p in one.parameters.values())


def test_sources_have_a_publisher_and_a_day():
    assert all(alert["who"] and alert["title"] and alert["date"] for alert in alerts().values())
    used = {source.alert for one in catalogue() for source in one.source}
    assert used <= set(alerts())


def test_every_rule_and_strength_has_a_weight_and_the_stronger_is_worth_more():
    tables = [hypothesis.bits for hypothesis in load().hypotheses.values()]
    for one in catalogue():
        mine = [bits for bits in tables if (one.id, "moderate") in bits]
        assert mine, one.id
        for bits in mine:
            assert 0 < bits[one.id, "moderate"] < bits[one.id, "strong"] <= 5
        assert [name for name, _ in one.bands] == list(BANDS)
    assert {one.id for one in catalogue()} <= load().dependent["typologies"].rules


def test_a_plain_one_is_read():
    (one,) = read(PLAIN, "t.toml", "placement", frozenset({"own"}))
    assert one.needs == ("means",)
    assert one.width == 7 * 86_400_000_000
    assert one.measured == ()


@pytest.mark.parametrize(
    ("old", "new", "where", "says"),
    [
        (
            'amount < most"\n[indicator.p',
            'amout < most"\n[indicator.p',
            "line 10, column 26",
            "like 'amount'",
        ),
        ("n >= 3", "m >= 3", "line 16, column 13", "no column 'm'"),
        ("n >= 3", "n + 3", "line 16, column 13", "this is a number, and should be a truth"),
        ("over 7d", "over 60d", "line 14, column 6", "30 days at most"),
        ("where amount < most", "where engine.lain < 3", "line 14, column 31", "not of earlier ones"),
        ("n >= 3", "engine.layn < 3", "line 16, column 13", "like 'lain'"),
        ("means = 'cash'", "memo = 'cash'", "line 10, column 7", "asked with 'has'"),
        ("means = 'cash'", "memo has precursor", "line 10, column 7", "like 'precursors'"),
        ("means = 'cash'", "count into over 7d > 3", "line 10, column 7", "give it a name under 'let'"),
        ("moderate", "weak", "line 15", "bands are moderate and strong"),
        ('about = "payee"', 'about = "bank"', "line 5", "payer or payee"),
        ("{n} {account}", "{account}", "line 7", "other names in English than in French"),
        ('{account} {n}", fr = "{n} {account}', '{x}", fr = "{x}', "line 7", "'let' does not name"),
        ('"own"', '"owl"', "line 8", "like 'own'"),
        ("T0016", "T16", "line 9", "no technique of AMLTRIX"),
        ("is = 10_000", "is = '10x'", "line 12", "no width"),
        ('version = "1"', 'versions = "1"', "line 4", "no field of an indicator; like 'version'"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(old, new, where, says):
    assert old in PLAIN
    with pytest.raises(TypologyError, match=f"t.toml, {re.escape(where)}.*{re.escape(says)}"):
        read(PLAIN.replace(old, new, 1), "t.toml", "placement", frozenset({"own"}))
