import re
import sys
from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from tests.desks.finance.worlds import START, world, written

from watchfloor.core.extras import MissingExtraError
from watchfloor.desks.finance import ledger
from watchfloor.desks.finance.engine.stream import Plan, Stream
from watchfloor.desks.finance.models import inputs, installed, model, reasons, trust
from watchfloor.desks.finance.models.reasons import Basis
from watchfloor.formats.payments.table import load

DAY = 86_400_000_000
UNTIL = int(START.timestamp() * 1_000_000) + 14 * DAY


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    rows, ring = world()
    payments, _ = written(tmp_path_factory.mktemp("world"), rows, ring)
    table = load(payments).rows
    labels = np.array([one in ring for one in table["payment_id"].to_pylist()], np.int8)
    return table, labels, ledger.from_rows(table).time


@pytest.fixture(scope="module")
def fitted(made):
    table, labels, _ = made
    return model.fit(table, labels, UNTIL, origin="a generator")


def average_precision(labels, scores):
    """Area under precision and recall, as the mean precision at each positive."""
    hits = labels[np.argsort(-scores, kind="stable")] == 1
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())


def test_rings_after_the_moment_are_found(made, fitted):
    table, labels, time = made
    found = model.score(table, fitted)
    after = time >= UNTIL
    assert labels[after].mean() < 0.08
    assert average_precision(labels[after], found.raw[after]) > 0.6  # by chance: the share of rings


def test_no_label_at_or_after_the_moment_is_looked_at(made, fitted):
    table, labels, time = made
    other = np.where(time >= UNTIL, 1 - labels, labels).astype(np.int8)
    assert model.fit(table, other, UNTIL, origin="a generator") == fitted


def test_a_score_rests_on_no_later_payment(made, fitted):
    table, _, _ = made
    whole = model.score(table, fitted)
    part = model.score(table.slice(0, 900), fitted)
    assert part.score.tobytes() == whole.score[:900].tobytes()


def test_a_model_is_read_back(made, fitted):
    assert model.load(fitted.stored()) == fitted
    with pytest.raises(model.FitError, match="no model of payments"):
        model.load(b"{}")


def test_scores_are_chances_and_reasons_are_sentences(made, fitted):
    table, _, _ = made
    found = model.score(table, fitted)
    assert ((found.score >= 0) & (found.score <= 1)).all()
    said = reasons.explain(found, table, fitted.plan, fitted.words, 20)
    top = set(np.argsort(-found.raw, kind="stable")[:20].tolist())
    assert {at for at, one in enumerate(said) if one} == top
    texts = [one.sentence for each in said for one in each]
    assert not any("{" in text or text[0].islower() for text in texts)


def test_each_reason_names_the_payments_that_it_rests_on(made, fitted):
    """They are of its accounts, none is later, and the newest is the payment itself or one before it."""
    table, _, _ = made
    found = model.score(table, fitted)
    place = {one: at for at, one in enumerate(table["payment_id"].to_pylist())}
    ends = list(zip(table["payer"].to_pylist(), table["payee"].to_pylist(), strict=True))
    for at, each in enumerate(reasons.explain(found, table, fitted.plan, fitted.words, 30)):
        for one in each:
            assert one.total >= len(one.payments) == min(one.total, reasons.NAMED)
            rows = [place[name] for name in one.payments]
            assert rows == sorted(rows)
            assert all(row <= at and set(ends[row]) & set(ends[at]) for row in rows)


def test_the_payments_of_an_input_add_up_to_it(made):
    """What counts and sums of the engine are reckoned from is what is named, for every window and side."""
    table, _, _ = made
    book, plan = ledger.from_rows(table), Plan()
    values = dict(zip(plan.names, Stream(plan).features(*book[:4]).T, strict=True))
    rests = Basis(book, plan, table)
    for at in range(0, table.num_rows, 40):
        for side, way in product(("payer", "payee"), ("out", "in")):
            for window in ("graph", *(name for name, _ in plan.windows)):
                rows = rests.rows(f"{side}_{way}_payments_{window}", at)
                assert len(rows) == values[f"{side}_{way}_payments_{window}"][at]
                total = values[f"{side}_{way}_sum_{window}"][at]
                assert book.amount[rows].sum() == pytest.approx(total, rel=1e-5)
            earlier = rests.rows(f"{side}_ever_{way}", at)
            assert (earlier < at).sum() == values[f"{side}_ever_{way}"][at]
        for name in ("pair_ever", "back_ever"):
            assert (rests.rows(name, at) < at).sum() == values[name][at]


def test_every_input_has_a_sentence():
    names = (*Plan().names, *trust.TOLD, *(f"{one}_others" for one in inputs.SHARED), *inputs.WORDS)
    names += ("same_bank", "across_border", "to_self", "hour", "weekday")
    said = [reasons.sentence(name, 3.0) for name in names]
    assert len(set(said)) == len(names)
    assert not any("{" in text for text in said)
    plain = [name for name, text in zip(names, said, strict=True) if text.endswith(": 3")]
    assert not plain


def test_a_column_of_words_is_told_by_its_word():
    words = {"means": ["cash", "wire"], "currency": ["CAD", "USD"]}
    assert "wire" in reasons.sentence("means", 1.0, words)
    assert "CAD" in reasons.sentence("currency", 0.0, words)
    assert "wire" not in reasons.sentence("means", float("nan"), words)


def test_amounts_are_told_in_their_currency_or_in_none():
    one, several = reasons.Money("5.10 CAD", ("CAD",)), reasons.Money("5.10 CAD", ("CAD", "USD"))
    assert reasons.sentence("amount", 5.0999, None, one) == "The amount is 5.10 CAD"
    assert "1,234.00 CAD" in reasons.sentence("payer_out_sum_7d", 1234.0, None, one)
    assert "CAD, USD" in reasons.sentence("payer_out_sum_7d", 1234.0, None, several)


def test_amounts_of_the_company_are_in_the_currencies_of_all_payments(made, fitted, monkeypatch):
    """They are of payments that nobody looks up, and had the currency of the two accounts' own."""
    table, _, _ = made
    found = model.score(table, fitted)
    ends = list(zip(table["payer"].to_pylist(), table["payee"].to_pylist(), strict=True))
    own = ends[int(np.argmax(found.raw))]
    codes = pa.array(["CAD" if set(own) & set(each) else "USD" for each in ends]).dictionary_encode()
    table = table.set_column(table.schema.get_field_index("currency"), "currency", codes)
    monkeypatch.setattr(
        reasons, "_named", lambda _: [(found.names.index("payer_paid_by_far_mean_in"), False)]
    )
    (said,) = (one.sentence for each in reasons.explain(found, table, fitted.plan, {}, 1) for one in each)
    assert "in CAD, USD, not converted" in said


def test_scoring_and_explaining_need_no_lightgbm(made, fitted, monkeypatch):
    table, labels, _ = made
    whole, stored = model.score(table, fitted), fitted.stored()
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    found = model.score(table, model.load(stored))
    assert found.raw.tobytes() == whole.raw.tobytes()
    assert any(reasons.explain(found, table, fitted.plan, fitted.words, 5))
    with pytest.raises(MissingExtraError):
        model.fit(table, labels, UNTIL)


def test_malformed_trees_are_refused(made, fitted):
    table, _, _ = made
    broken = re.sub(rb"left_child=\S+", b"left_child=50000000", fitted.stored())
    assert broken != fitted.stored()
    with pytest.raises(model.FitError, match="left_child"):
        model.score(table, model.load(broken))
    with pytest.raises(model.FitError, match="left_child"):
        installed.install(broken, 0.5, 0.9)


def test_too_few_labels_are_refused(made):
    table, labels, _ = made
    with pytest.raises(model.FitError, match="0 payments before the moment are labelled 1"):
        model.fit(table, np.zeros_like(labels), UNTIL)


def test_labels_that_name_nothing_or_two_things_are_counted(made):
    table, _, _ = made
    ids = table["payment_id"].to_pylist()
    named = pa.table({"payment_id": [ids[0], ids[1], ids[1], "nobody"], "label": [1, 0, 1, 1]})
    found = model.beside(table, named)
    assert (found.values[0], found.values[1], found.unknown, found.disagreeing) == (1, -1, 1, 1)


def test_a_view_holds_a_banks_own_payments_alone(made):
    table, _, _ = made
    seen = ledger.seen_by(table, "north")
    banks = zip(seen["payer_bank"].to_pylist(), seen["payee_bank"].to_pylist(), strict=True)
    assert all("north" in pair for pair in banks)
    with pytest.raises(ledger.ViewError, match="the banks are north, south, west"):
        ledger.seen_by(table, "east")


def test_others_with_the_same_device_are_those_before():
    keys, accounts = np.array([5, 5, -1, 5, 7, 5]), np.array([1, 2, 3, 1, 4, 9])
    assert inputs.others_before(keys, accounts).tolist()[:2] == [0, 1]
    assert inputs.others_before(keys, accounts).tolist()[3:] == [1, 0, 2]
    assert np.isnan(inputs.others_before(keys, accounts)[2])


def test_cash_over_a_counter_makes_no_hub():
    """Payments without a payer have one of their own for each account that they go to."""
    texts = pa.array(["x", "y"]).dictionary_encode()
    rows = pa.table(
        {
            "payer": pa.DictionaryArray.from_arrays(pa.array([None, None], pa.int32()), texts.dictionary),
            "payee": texts,
            "at": pa.array([START, START]),
            "amount_float": [1.0, 2.0],
        }
    )
    book = ledger.from_rows(rows)
    assert len({*book.payer.tolist(), *book.payee.tolist()}) == 4
