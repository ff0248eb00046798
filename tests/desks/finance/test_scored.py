"""A model on a floor: the score of the desk is the score of the file, and says why."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from tests.desks.finance.test_watch import COMMON, key
from tests.desks.finance.worlds import world, written

from watchfloor.core.derived import last, net
from watchfloor.core.kinds import KINDS, PAYMENT
from watchfloor.core.messages import Reason
from watchfloor.desks.base import Refs
from watchfloor.desks.finance.desk import DESK
from watchfloor.desks.finance.models import installed, model, scored, trees
from watchfloor.desks.finance.typologies import watch
from watchfloor.desks.state import restored, tables
from watchfloor.formats.payments.answers import labels
from watchfloor.formats.payments.table import load
from watchfloor.run import run
from watchfloor.testing import desks as contract

UNTIL = int(datetime(2026, 1, 15, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.fixture(scope="module")
def made():
    rows, ring = world()
    for at, row in enumerate(rows):
        row |= {"device": f"d{at % 7}" if at % 3 else "", "channel": ("online", "branch")[at % 2]}
    return rows, ring


@pytest.fixture(scope="module")
def table(made, tmp_path_factory):
    payments, answers = written(tmp_path_factory.mktemp("world"), *made)
    return load(payments).rows, labels(answers)


@pytest.fixture(scope="module")
def fitted(table):
    rows, answers = table
    return model.fit(rows, model.beside(rows, answers).values, UNTIL, origin="planted by a test")


def records(rows):
    """The world as records of a floor."""
    found = [
        {
            "record_id": at.to_bytes(16, "big"),
            "report_key": row["payment_id"],
            "observed_at": row["at"],
            "payer": key(row["payer"]),
            "payee": key(row["payee"]),
            "amount": row["amount"],
            "means": "transfer",
            "device": row["device"] or None,
            **{name: row[name] for name in ("currency", "payer_bank", "payee_bank", "channel")},
        }
        for at, row in enumerate(rows)
    ]
    return [dict.fromkeys(PAYMENT.schema.names) | COMMON | row for row in found]


def inputs_of(payments):
    return {
        kind: pa.Table.from_pylist(payments if kind == "payment" else [], KINDS[kind].schema)
        for kind in DESK.reads
    }


NOTHING = {"payment-model": b"", "exchange-rates": b""}


def refs(fitted, level=0.5, strong=0.9):
    content = installed.install(fitted.stored(), level, strong).stored()
    return Refs(bytes(32), NOTHING | {"payment-model": content})


def said(rows):
    return [row for row in rows.to_pylist() if row["rule"] == scored.RULE]


def test_the_desk_scores_as_the_file_bit_for_bit(made, table, fitted):
    """In batches of any size: what the second models are told, and so the chance."""
    whole = model.score(table[0], fitted)
    one = installed.of_reference(refs(fitted).contents["payment-model"])
    for size in (2000, 37):
        state = scored.begin(one)
        kept = []
        ordered = sorted(records(made[0]), key=lambda row: row["observed_at"])
        for start in range(0, len(ordered), size):
            payments = pa.Table.from_pylist(ordered[start : start + size], PAYMENT.schema)
            places = np.arange(payments.num_rows)
            beside = watch.intake.of_records(payments, places, {}, None)
            kept.append(state.inputs.features(one, payments, beside))
        values = np.concatenate(kept)
        names = one.second[0].names
        at = {name: k for k, name in enumerate(whole.names)}
        np.testing.assert_array_equal(values, whole.inputs[:, [at[name] for name in names]])
        raw = trees.as_chance(trees.odds(one.second, values))
        np.testing.assert_array_equal(fitted.calibration.chance(raw), whole.score)


def test_a_payment_above_the_level_is_a_signal_with_reasons_and_payments(made, fitted):
    rows, ring = made
    signals = said(net(run(DESK, inputs_of(records(rows)), refs(fitted))["signal"]))
    assert signals
    assert {row["strength"] for row in signals} <= {"moderate", "strong"}
    names = [row["payment_id"] for row in rows]
    right = [names[int.from_bytes(row["evidence"][-1], "big")] in ring for row in signals]
    assert np.mean(right) > 0.5
    one = signals[0]
    assert 0.5 <= one["score"] <= 1
    sentence = Reason.load(one["reason"]).render()
    digest = installed.install(fitted.stored(), 0.5, 0.9).digest
    for part in (digest[:12], "before 2026-01-15", "labelled by: planted by a test", "Against", "Without"):
        assert part in sentence
    assert "étiquetés par\u00a0: planted by a test" in Reason.load(one["reason"]).render("fr")
    accounts = {one["subjects"][0], one["subjects"][1]}
    for id_ in one["evidence"]:
        paid = rows[int.from_bytes(id_, "big")]
        assert accounts & {key(paid["payer"]), key(paid["payee"])}


def test_the_cut_does_not_matter(made, fitted):
    payments = records(made[0][:900])
    cuts = [contract.Cut(at, 0.5, at % 2 == 0) for at in range(130, 900, 130)]
    contract.check_cuts(DESK, inputs_of(payments), refs(fitted, 0.2, 0.5), cuts)


def test_a_scored_payment_that_is_put_right_takes_its_signal_back(made, fitted):
    payments = records(made[0])
    before = said(net(run(DESK, inputs_of(payments), refs(fitted))["signal"]))
    record = max(before, key=lambda row: row["until"])["evidence"][-1]
    (wrong,) = [row for row in payments if row["record_id"] == record]
    right = wrong | {
        "record_id": (10**6).to_bytes(16, "big"),
        "amount": Decimal("1.00"),
        "observed_at": max(row["observed_at"] for row in payments) + timedelta(hours=1),
    }
    rows = run(DESK, inputs_of([*payments, right]), refs(fitted))["signal"]
    assert record not in {row["evidence"][-1] for row in said(net(rows))}
    (back,) = [row for row in said(last(rows)) if row["retracted"]]
    assert Reason.load(back["reason"]).message == "finance.no-longer-scored"


def test_without_a_model_nothing_is_scored(made):
    rows = run(
        DESK,
        inputs_of(records(made[0][:300])),
        Refs(bytes(32), {"payment-model": b"", "exchange-rates": b""}),
    )["signal"]
    assert not said(rows)


def test_what_is_no_model_is_refused(fitted):
    with pytest.raises(model.FitError, match="no model of payments"):
        installed.install(b"{}", 0.5, 0.9)
    with pytest.raises(model.FitError, match="install it anew"):
        installed.of_reference(b"[]")
    with pytest.raises(model.FitError, match="only begun"):
        installed.install(msgspec.structs.replace(fitted, second=()).stored(), 0.5, 0.9)
    for levels in ((0, 0.5), (0.9, 0.5), (0.5, 1.5)):
        with pytest.raises(model.FitError, match="level"):
            installed.install(fitted.stored(), *levels)


def test_what_is_frozen_goes_on_as_it_was(made, fitted):
    one = installed.of_reference(refs(fitted).contents["payment-model"])
    state = scored.begin(one)
    payments = pa.Table.from_pylist(records(made[0][:200]), PAYMENT.schema)
    beside = watch.intake.of_records(payments, np.arange(200), {}, None)
    state.inputs.features(one, payments, beside)
    again = restored(scored.begin(one).inputs, tables(state.inputs))
    more = pa.Table.from_pylist(records(made[0][200:400]), PAYMENT.schema)
    beside = watch.intake.of_records(more, np.arange(200), {}, None)
    np.testing.assert_array_equal(again.features(one, more, beside), state.inputs.features(one, more, beside))
