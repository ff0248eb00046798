"""Exporters of concern in the listings desk: the same scorer, with their source, until they expire."""

from io import BytesIO

import pyarrow as pa
import pytest
from tests.desks.listings.test_desk import REFS, day, fold, history, party, row

from watchfloor.core.derived import net
from watchfloor.core.kinds import KINDS
from watchfloor.core.messages import Reason
from watchfloor.desks.listings.desk import DESK
from watchfloor.formats.lists.concern_csv import read
from watchfloor.testing import desks as contract
from watchfloor.testing.desks import Cut

HEADER = "id,name,source,asserted,expires,why,schema,identifiers\n"
LEI = "5493001KJTIIGC8Y1R12"


def assertion(number="X-1", expires="2026-01-10", name="Lindenrot Fine Chemicals GmbH"):
    said = (
        f"{number},{name},Europol notice 12/2026,2026-01-01,{expires},shipped NPP as a dye,Company,lei:{LEI}"
    )
    text = f"{HEADER}{said}\n"
    (batch,) = read(BytesIO(text.encode()), "concern.csv")
    (made,) = batch.rows.to_pylist()
    return row("listing", **made)


def supplier(at, name="Lindenrot Fine Chemicals", subject="company:parcels:9"):
    return party(name, at=at, subject=subject, schema="Company")


def test_a_party_meets_an_assertion_with_its_source():
    (signal,) = fold(assertion(), supplier(at=2))
    why = Reason.load(signal["reason"]).render("en")
    assert (signal["rule"], signal["strength"]) == ("exporter-of-concern", "exact")
    assert "shipped NPP as a dye" in why
    assert "Europol notice 12/2026, until 2026-01-10" in why
    assert signal["until"] == day(10)  # 11 January: the first day on which it no longer stands
    assert len(signal["evidence"]) == 2


@pytest.mark.parametrize(("at", "met"), [(0, True), (9, True), (10, False), (200, False)])
def test_expired_ones_no_longer_match(at, met):
    assert bool(fold(assertion(), supplier(at=at))) is met


def test_an_assertion_that_comes_late_meets_who_was_there_while_it_stood():
    late = assertion() | {"observed_at": day(30)}
    assert len(fold(supplier(at=5), late)) == 1
    assert fold(supplier(at=12), late) == []


def test_withdrawn_by_an_earlier_end():
    first, shorter = assertion(), assertion(expires="2026-01-03") | {"observed_at": day(4)}
    made = history(first, supplier(at=6), shorter)
    assert net(made).to_pylist() == []
    assert len(fold(first, supplier(at=1), shorter)) == 1


def numbered(at, system="lei", number=LEI, **over):
    one = {"system": system, "number": number, "owner": None}
    return supplier(at, name="Other Name Ltd.", **over) | {"identifiers": [one]}


def test_the_same_number_under_another_name():
    (signal,) = fold(assertion(), numbered(2))
    assert (signal["rule"], signal["strength"]) == ("exporter-of-concern", "same number")
    why = Reason.load(signal["reason"])
    assert (why.message, why.params["number"], why.params["system"]) == ("listings.same-number", LEI, "lei")
    assert why.params["entity"].startswith("Lindenrot")
    (by_key,) = fold(assertion(), supplier(2, "Other Name Ltd.", f"company:lei:{LEI}"))
    assert by_key["strength"] == "same number"
    (both,) = fold(assertion(), supplier(2, subject=f"company:lei:{LEI}"))
    assert both["strength"] == "same number"


def test_numbers_of_other_systems_or_past_the_end_do_not_meet():
    assert fold(assertion(), numbered(2, system="uscc")) == []
    assert fold(assertion(), numbered(2, number="5493001KJTIIGC8Y1R13")) == []
    assert fold(assertion(), numbered(10)) == []
    assert fold(assertion() | {"list_id": "toy", "ceased": None}, numbered(2)) == []


def test_a_number_is_met_again_when_the_assertion_comes_late_and_goes_with_it():
    late = assertion() | {"observed_at": day(5)}
    assert len(fold(numbered(3), late)) == 1
    without = late | {"observed_at": day(6), "identifiers": []}
    assert fold(numbered(3), late, without) == []


def test_an_item_of_an_official_list_that_has_left_is_still_gone():
    gone = assertion() | {"list_id": "toy"}
    assert fold(gone, supplier(at=2)) == []


def test_it_is_cut_and_frozen_as_any_list():
    """The shared contract over assertions that expire between parties."""
    rows = [assertion(), *(supplier(at=n, subject=f"company:parcels:{n}") for n in range(14))]
    rows += [numbered(n, subject=f"company:parcels:{n + 20}") for n in range(7, 13)]
    rows = [one | {"record_id": n.to_bytes(16, "big")} for n, one in enumerate(rows)]
    tables = {
        kind: pa.Table.from_pylist([one for one in rows if one["kind"] == kind], KINDS[kind].schema)
        for kind in DESK.reads
    }
    contract.check_cuts(DESK, tables, REFS, [Cut(4, 0.5, True), Cut(9, 1.0, True)])
