"""The cargo desk: masses that differ by more than scale and packing explain."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core.derived import last, net
from watchfloor.core.kinds import DECLARATION, KINDS, READING
from watchfloor.core.messages import Reason
from watchfloor.desks.base import Refs
from watchfloor.desks.cargo import goods_norms, margins
from watchfloor.desks.cargo.desk import DESK, allowed
from watchfloor.run import run

DAY = datetime(2026, 11, 20, tzinfo=UTC)
PARCEL, COMPANY = "parcel:s10:RR473124829GB", "company:bn:000000018"
REFS = Refs(
    bytes(32),
    {"margins": margins.reference(), "goods-norms": goods_norms.reference(), "cargo-model": b""},
)
(MARGINS,) = margins.reference().to_pylist()


def common(number, schema, **columns):
    plain = {
        "record_id": f"{schema.metadata[b'kind'].decode():8.8}{number:08}".encode(),
        "report_key": f"N-{number}",
        "source": "customs",
        "origins": [],
        "observed_at": DAY + timedelta(hours=number),
        "marking": "PB//TLP:AMBER",
        "delivery": bytes(32),
        "locator": f"line {number}",
        "subject": PARCEL,
    }
    return dict.fromkeys(schema.names) | plain | columns


def line(number, mass, **columns):
    mine = {"goods": "candle moulds", "importer": COMPANY, "consignee": "person:customs:7", "origin": "FR"}
    return common(number, DECLARATION.schema, mass=mass, **(mine | columns))


def weighing(number, grams, **columns):
    mine = {"instrument": "scale 2", "method": "mass"}
    return common(number, READING.schema, mass=grams, **(mine | columns))


def history(*rows):
    tables = {
        "declaration": pa.Table.from_pylist([row for row in rows if "goods" in row], DECLARATION.schema),
        "reading": pa.Table.from_pylist([row for row in rows if "method" in row], READING.schema),
        **{kind: KINDS[kind].schema.empty_table() for kind in ("inspection", "response")},
    }
    return run(DESK, tables, REFS)["signal"]


def standing(*rows):
    return net(history(*rows)).to_pylist()


def test_a_parcel_heavier_than_declared_is_a_signal():
    (signal,) = standing(line(1, 2.0), weighing(2, 3100.0))
    assert signal["subjects"] == [PARCEL, COMPANY]
    assert signal["strength"] == "heavier"
    assert Reason.load(signal["reason"]).render("en") == (
        "RR473124829GB weighs 3.10 kg and was declared with 2.00 kg: 1.10 kg apart, where scale and packing"
        " explain 0.12 kg."
    )
    assert "pèse 3,10 kg" in Reason.load(signal["reason"]).render("fr")


def test_neither_goods_nor_people_nor_origin_are_said():
    (signal,) = standing(line(1, 2.0, importer="person:customs:8"), weighing(2, 3100.0))
    assert signal["subjects"] == [PARCEL]
    said = str({name: value for name, value in signal.items() if name not in ("at", "since", "until")})
    assert not any(word in said for word in ("candle", "person:", "'FR'", "scale 2"))


def test_the_country_of_origin_changes_nothing():
    (one,), (other,) = (standing(line(1, 2.0, origin=of), weighing(2, 3100.0)) for of in ("FR", "CN"))
    assert one == other


def test_lines_of_one_parcel_add_up():
    assert standing(line(1, 1.0), line(2, 1.0), weighing(3, 2050.0)) == []
    assert len(standing(line(1, 1.0), weighing(3, 2050.0))) == 1


def test_an_unknown_mass_is_no_zero():
    assert standing(line(1, 1.0), line(2, None), weighing(3, 2050.0)) == []
    assert standing(line(1, 1.0), weighing(2, None)) == []
    assert standing(line(1, 1.0), weighing(2, 5000.0, method="gc-ms")) == []


def test_a_parcel_that_was_only_declared_or_only_weighed_is_nothing():
    assert standing(line(1, 1.0)) == []
    assert standing(weighing(1, 900.0)) == []


@settings(deadline=None, max_examples=draws(40))
@given(st.floats(0.05, 30), st.floats(0.05, 30))
def test_it_speaks_beyond_the_margins_and_not_within(declared, weighed):
    """Oracle: the margins by hand."""
    beyond = abs(weighed - declared) - (0.02 + max(0.10, 0.05 * declared))
    if abs(beyond) > 1e-9:
        assert bool(standing(line(1, declared), weighing(2, weighed * 1000))) == (beyond > 0)
    assert allowed(MARGINS, declared) == pytest.approx(0.02 + max(0.10, 0.05 * declared), abs=1e-12)


@pytest.mark.parametrize(
    "correction",
    [
        line(3, 3.0, report_key="N-1"),
        line(3, 2.0, report_key="N-1", subject="parcel:post:2"),
        line(3, None, report_key="N-1"),
        weighing(3, 2010.0, report_key="N-2"),
        weighing(3, 2010.0),
    ],
)
def test_what_is_put_right_takes_the_signal_back(correction):
    rows = (line(1, 2.0), weighing(2, 3100.0), correction)
    assert standing(*rows) == []
    (back,) = last(history(*rows)).to_pylist()
    assert back["retracted"]
    assert Reason.load(back["reason"]) == Reason("cargo.mass-fits", {"day": "2026-11-20"})


def test_a_declaration_and_a_weighing_of_one_number_do_not_replace_each_other():
    assert len(standing(line(1, 2.0), weighing(2, 3100.0, report_key="N-1"))) == 1
