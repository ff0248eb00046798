"""Waybills as they are sent, in both families of messages: what the rules say of them."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pyarrow as pa
import pytest
from tests.formats.cargo import made
from tests.formats.cargo.made import Doc, Who

from watchfloor.core.kinds import DECLARATION
from watchfloor.formats.base import Batch
from watchfloor.formats.cargo.cargo_imp import file as imp
from watchfloor.formats.cargo.cargo_xml import file as xml
from watchfloor.reference.preload import check

HOME = Who("EXAMPLE IMPORTS LTD", "100 SAMPLE STREET", "TORONTO", "ON", "M5V0A0", "CA")
AWAY = Who("MUSTER GMBH", "BEISPIELWEG 4", "FRANKFURT", "HE", "60549", "DE")
DOC = Doc(
    origin="FRA",
    destination="YYZ",
    legs=(("YYZ", "AC"),),
    flights=(("AC0873", 2),),
    goods=("STEEL LATHE CHUCKS",),
    shipper=AWAY,
    consignee=HOME,
)


def declared(pieces):
    rows = [piece.rows for piece in pieces if isinstance(piece, Batch) and piece.kind == DECLARATION]
    return pa.concat_tables(rows)


def of_imp(doc, **changed):
    text = made.fwb(replace(doc, **changed))
    return text if isinstance(text, bytes) else text.encode()


def broken(table):
    return set(check(table).findings["rule"].to_pylist())


def read_imp(data):
    return declared(imp.read(BytesIO(data), "x", base_time=datetime(2026, 11, 20, tzinfo=UTC)))


def test_a_good_waybill_of_either_family_breaks_no_rule():
    assert broken(read_imp(of_imp(DOC))) == set()
    data = made.xfwb(DOC)
    assert (
        broken(declared(xml.read(BytesIO(data if isinstance(data, bytes) else data.encode()), "x"))) == set()
    )


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"goods": ("SPARE PARTS",)}, "goods-unacceptable"),
        ({"goods": ("CONSOL",)}, "consolidation-unmarked"),
        ({"consignee": replace(HOME, name="TO ORDER")}, "placeholder"),
        ({"pieces": 0}, "pieces-none"),
    ],
)
def test_a_bad_one_breaks_the_rule_that_it_should(changed, rule):
    assert rule in broken(read_imp(of_imp(DOC, **changed)))


def test_a_master_that_its_message_marks_as_a_consolidation_is_marked():
    """NC in a FWB; then only its house waybills are missing."""
    data = of_imp(DOC, goods=("CONSOL",)).replace(b"NG/CONSOL", b"NC/CONSOL")
    assert broken(read_imp(data)) == {"houses-missing"}
