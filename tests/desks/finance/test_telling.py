import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from tests.desks.finance.worlds import START, world, written

from watchfloor.desks.finance import ledger
from watchfloor.desks.finance.models import feature_sharing, levels, model, trees
from watchfloor.exchange.partnership.fields import FieldRow
from watchfloor.formats.payments.table import load

UNTIL = int(START.timestamp() * 1_000_000) + 14 * 86_400_000_000


@pytest.fixture(scope="module")
def views(tmp_path_factory):
    """What two banks see, with a fact of either side, and the labels of it."""
    rows, ring = world()
    rows = [row | {"payer_tenure_days": 9, "payee_tenure_days": 40} for row in rows]
    payments, _ = written(tmp_path_factory.mktemp("world"), rows, ring)
    table = load(payments).rows
    seen = {bank: ledger.seen_by(table, bank) for bank in ("north", "south")}
    labels = {
        bank: np.array([one in ring for one in rows["payment_id"].to_pylist()], np.int8)
        for bank, rows in seen.items()
    }
    return seen, labels


@pytest.fixture(scope="module")
def alone(views):
    seen, labels = views
    return {bank: model.fit(rows, labels[bank], UNTIL) for bank, rows in seen.items()}


@pytest.fixture(scope="module")
def told(views, alone):
    """What south tells north, by its own model."""
    return fields(views[0]["south"], alone["south"])


def fields(rows, fitted=None, facts=("tenure_days",)):
    return feature_sharing.fields(rows, "south", "north", *model.seen(rows, fitted), facts)


def test_a_level_is_read_back_as_something_of_that_level():
    scales = {**levels.ACCOUNT, **levels.SUSPICION, "tenure_days": levels.DAYS}
    for scale in scales.values():
        every = np.arange(scale.highest + 1)
        assert scale.level(scale.value(every)).tolist() == every.tolist()
        assert scale.level(np.array([np.nan])).tolist() == [-1]
        assert np.isnan(scale.value(np.array([-1]))).all()


def test_every_field_is_one_that_a_code_of_practice_may_name():
    for name, scale in {**levels.ACCOUNT, **levels.SUSPICION}.items():
        assert not list(FieldRow("number", low=0, high=scale.highest).wrong(name))


def test_only_payments_between_the_two_are_told_of(views, told):
    rows = views[0]["south"]
    banks = zip(rows["payer_bank"].to_pylist(), rows["payee_bank"].to_pylist(), strict=True)
    assert told.num_rows == sum(set(pair) == {"north", "south"} for pair in banks)
    assert set(told["subject"].to_pylist()) <= {f"payment:id:{one}" for one in rows["payment_id"].to_pylist()}
    assert set(told["tenure_days"].to_pylist()) == {
        levels.DAYS.level(np.array([days]))[0] for days in (9.0, 40.0)
    }


def test_what_is_told_rests_on_no_later_payment(views, alone):
    """The same for any cut of the rows, so it does not matter when they come."""
    rows = views[0]["south"]
    whole, part = fields(rows, alone["south"]), fields(rows.slice(0, 700), alone["south"])
    assert part.equals(whole.slice(0, part.num_rows).combine_chunks())


def test_told_of_nobody_a_model_is_that_of_the_bank_alone(views, alone, told):
    rows, labels = views[0]["north"], views[1]["north"]
    nothing = feature_sharing.heard(rows, "north", told.slice(0, 0))
    fitted = model.fit(rows, labels, UNTIL, heard=nothing)
    assert (fitted.first, fitted.second) == (alone["north"].first, alone["north"].second)
    found = model.score(rows, fitted, heard=nothing)
    assert found.raw.tobytes() == model.score(rows, alone["north"]).raw.tobytes()


def test_what_was_told_stands_for_the_account_elsewhere_alone(views, told):
    rows = views[0]["north"]
    heard = feature_sharing.heard(rows, "north", told)
    values, names = model.seen(rows, None)
    filled, _ = model.seen(rows, None, heard=heard)
    assert heard.told.sum() == told.num_rows
    assert heard.unknown == 0
    assert (filled[~heard.told].view(np.int32) == values[~heard.told].view(np.int32)).all()
    away = np.flatnonzero(heard.elsewhere.payee & heard.told)
    own = [k for k, name in enumerate(names) if name.startswith("payer_")]
    assert np.array_equal(filled[away][:, own], values[away][:, own], equal_nan=True)
    age, untold = names.index("payee_age"), names.index("payee_out_kurtosis_7d")
    assert np.array_equal(filled[away, age], heard.values["age"][away], equal_nan=True)
    assert np.isnan(filled[away, untold]).all()


def test_what_cannot_be_told_is_refused_and_what_is_unknown_counted(views, told):
    rows = views[0]["north"]
    first = told.slice(0, 1).to_pylist()[0]

    def heard(*changed):
        return feature_sharing.heard(rows, "north", pa.Table.from_pylist([first | one for one in changed]))

    with pytest.raises(
        feature_sharing.ToldError, match=r"age of payment:id:p\d+ is 99: its levels are 0 to 15"
    ):
        heard({"age": 99})
    with pytest.raises(feature_sharing.ToldError, match="is told of twice"):
        heard({}, {})
    assert heard({"subject": "payment:id:nobody"}).unknown == 1
    inside = pc.equal(pc.cast(rows["payer_bank"], pa.string()), pc.cast(rows["payee_bank"], pa.string()))
    own = rows.filter(inside)["payment_id"].to_pylist()[0]
    assert heard({"subject": f"payment:id:{own}"}).unknown == 1


def test_a_uetr_is_named_as_one():
    uetr = "6c1c6ba2-7e4e-4f5a-9b53-0d3a5b0c1e11"
    assert feature_sharing.subjects(pa.table({"payment_id": [uetr, "p1"]})) == [
        f"payment:uetr:{uetr}",
        "payment:id:p1",
    ]
    assert feature_sharing.subjects(pa.table({"payment_id": [uetr.upper()]})) == [f"payment:uetr:{uetr}"]


def test_a_view_has_no_facts_of_accounts_elsewhere(views):
    rows = views[0]["north"]
    for side in ("payer", "payee"):
        own = pc.equal(pc.cast(rows[f"{side}_bank"], pa.string()), "north")
        assert rows.filter(pc.invert(own))[f"{side}_tenure_days"].null_count == pc.sum(pc.invert(own)).as_py()
        assert rows.filter(own)[f"{side}_tenure_days"].null_count == 0


def test_joined_models_think_the_mean_of_what_each_does(views, alone):
    rows, both = views[0]["north"], [alone["north"], alone["south"]]
    joined = model.joined(both)
    assert joined.labelled[0] == sum(one.labelled[0] for one in both)
    assert (len(joined.first), len(joined.second)) == (2, 6)
    found = model.score(rows, joined)
    each = [trees.odds([one], found.inputs) for one in found.models]
    assert np.allclose(found.raw, trees.as_chance(np.mean(each, axis=0)))
    other = model.fit(rows.drop_columns(["payer_tenure_days"]), views[1]["north"], UNTIL)
    with pytest.raises(model.FitError, match="the models differ in facts"):
        model.joined([alone["north"], other])


def test_a_model_that_is_only_begun_is_gone_on_with(views, alone):
    rows, labels = views[0]["north"], views[1]["north"]
    begun = model.fit(rows, labels, UNTIL, seeds=())
    with pytest.raises(model.FitError, match="only begun"):
        model.score(rows, begun)
    assert model.fit(rows, labels, UNTIL, begun=begun) == alone["north"]


def test_bits_are_bounds(told, views):
    scales = feature_sharing.scales(views[0]["south"])
    most, entropy = feature_sharing.bits(told, scales)
    assert most == pytest.approx(sum(math.log2(scales[n].highest + 2) for n in told.column_names[1:]))
    assert 0 < entropy < most
