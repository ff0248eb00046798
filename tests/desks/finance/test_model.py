import re
import sys

import numpy as np
import pyarrow as pa
import pytest
from tests.desks.finance.worlds import START, world, written

from watchfloor.desks.finance import inputs, installed, ledger, model, reasons
from watchfloor.desks.finance.engine.stream import Plan
from watchfloor.formats.payment_table import load
from watchfloor.records.extras import MissingExtraError

DAY = 86_400_000_000
UNTIL = int(START.timestamp() * 1_000_000) + 14 * DAY


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    rows, ring = world()
    payments, _ = written(tmp_path_factory.mktemp("world"), rows, ring)
    table = load(payments).rows
    labels = np.array([one in ring for one in table["payment_id"].to_pylist()], np.int8)
    return table, labels, ledger.of(table).time


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
    said = reasons.sentences(found, 20)
    top = set(np.argsort(-found.raw, kind="stable")[:20].tolist())
    assert {at for at, one in enumerate(said) if one} == top
    assert not any("{" in text or text[0].islower() for one in said for text in one)


def test_every_input_has_a_sentence():
    names = (*Plan().names, "same_bank", "hour", "payer_tenure_days")
    said = [reasons.sentence(name, 3.0) for name in names]
    assert len(set(said)) == len(names)
    assert not any("{" in text for text in said)


def test_scoring_and_explaining_need_no_lightgbm(made, fitted, monkeypatch):
    table, labels, _ = made
    whole, stored = model.score(table, fitted), fitted.stored()
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    found = model.score(table, model.load(stored))
    assert found.raw.tobytes() == whole.raw.tobytes()
    assert any(reasons.sentences(found, 5))
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
    book = ledger.of(rows)
    assert len({*book.payer.tolist(), *book.payee.tolist()}) == 4
