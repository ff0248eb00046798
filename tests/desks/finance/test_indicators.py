"""Each indicator fires on payments that just do, is silent on those that just do not, and abstains."""

import numpy as np
import pytest
from tests.desks.finance.cases import CASES, ledger

from watchfloor.desks.finance.typologies.expressions import Window
from watchfloor.desks.finance.typologies.indicators import find
from watchfloor.desks.finance.typologies.typology import catalogue

INDICATORS = {one.id: one for one in catalogue()}
every = pytest.mark.parametrize("id_", sorted(INDICATORS))


def fired(id_, payments, known=None, listed=None, entries=None):
    found = find(ledger(payments), known, listed, entries, [INDICATORS[id_]])
    assert not found.abstained
    return found.fired[0] if found.fired else None


def test_every_indicator_has_a_case():
    assert set(CASES) == set(INDICATORS)


@every
def test_it_fires_on_payments_that_just_do(id_):
    case = CASES[id_]
    one = fired(id_, case.fires, case.known, case.listed, case.entries)
    assert one is not None
    assert one.indicator.bands[one.band[0]][0] in ("moderate", "strong")


@every
def test_it_is_silent_on_a_near_miss(id_):
    case = CASES[id_]
    assert fired(id_, case.silent, case.silent_known, case.listed, case.silent_entries) is None


@every
def test_it_abstains_without_its_columns_and_says_so(id_):
    case, one = CASES[id_], INDICATORS[id_]
    rows = ledger(case.fires)
    known, listed, entries = case.known, case.listed, case.entries
    if case.without == "accounts":
        known = None
    elif case.without is not None:
        rows = rows.drop_columns([case.without])
    else:
        listed = None
    found = find(rows, known, listed, entries, [one])
    if case.without is None and case.listed is None:  # it rests on what every table has, and on the engine
        assert one.needs == ()
        return
    assert found.abstained[id_]
    assert set(found.abstained[id_]) <= set(one.needs)
    assert not found.fired


@every
def test_it_says_a_whole_sentence_in_both_languages(id_):
    case = CASES[id_]
    found = find(ledger(case.fires), case.known, case.listed, case.entries, [INDICATORS[id_]])
    for language in ("en", "fr"):
        (sentence, *_) = found.hits(language)["sentence"].to_pylist()
        assert sentence.endswith(".")
        assert "{" not in sentence


@every
def test_it_rests_on_the_payment_and_on_earlier_ones_alone(id_):
    """What comes later changes nothing: each payment, looked at when it is the last, gives the same."""
    case = CASES[id_]
    whole = ledger(case.fires)
    found = find(whole, case.known, case.listed, case.entries, [INDICATORS[id_]])
    rows = {int(row): int(band) for one in found.fired for row, band in zip(one.rows, one.band, strict=True)}
    for end in range(1, whole.num_rows + 1):
        part = find(whole.slice(0, end), case.known, case.listed, case.entries, [INDICATORS[id_]])
        mine = {int(r): int(b) for one in part.fired for r, b in zip(one.rows, one.band, strict=True)}
        assert mine == {row: band for row, band in rows.items() if row < end}


@every
def test_its_evidence_ends_with_the_payment_it_fired_on(id_):
    case = CASES[id_]
    one = fired(id_, case.fires, case.known, case.listed, case.entries)
    evidence = one.evidence(0)
    assert evidence[-1] == one.rows[0]
    assert (np.diff(evidence) > 0).all()
    if any(isinstance(of, Window) and of.what != "count" for of in one.indicator.let.values()):
        assert len(evidence) >= 1


def test_what_an_account_pays_itself_is_nothing():
    from tests.desks.finance.cases import pay

    loop = [pay(0, "A", "A", 3000, memo="casino"), pay(1, "A", "A", 3000, memo="casino")]
    assert fired("gambling-loop", loop) is None


def test_a_company_takes_small_sums_from_many():
    from tests.desks.finance.cases import accounts, into

    shop = accounts({"account_id": "A", "holder_type": "company"})
    assert fired("many-small-senders", into(30, 200), shop) is None
