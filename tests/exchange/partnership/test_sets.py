from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.exchange.nodes import NOW, READER, floor, keep, party, trusting
from tests.exchange.partnership.banks import CODE

from watchfloor.cell.acts import Refusal
from watchfloor.exchange.bundles import peers
from watchfloor.exchange.partnership import sets
from watchfloor.exchange.partnership.code import read

CODE_ = read(CODE.replace('"account:test"', '"account:test", "account:iban", "person:parcels"'))


def test_a_file_has_a_subject_a_line():
    text = "subject\n# mules\naccount:test:1\n\naccount:iban:FI21 1234 5600 0007 85,x\n"
    assert sets.read(text, CODE_) == ["account:test:1", "account:iban:FI2112345600000785"]


@given(st.uuids(version=4))
def test_a_payment_between_banks_has_its_uetr_in_one_spelling(uetr):
    assert sets.normal(f"payment:uetr:{str(uetr).upper()}") == f"payment:uetr:{uetr}"
    assert sets.normal(f"payment:uetr:{uetr.hex}") == f"payment:uetr:{uetr}"


@pytest.mark.parametrize(
    "line",
    [
        "account",
        "name:x:1",
        "account:iban:FI2112345600000786",
        "account:other:1",
        "vessel:imo:9074729",
        "payment:uetr:1",
        f"payment:uetr:{UUID(int=17, version=1)}",
        "payment:ref:",
        "payment:Ref:1",
        "payment:ref:1",
    ],
)
def test_a_line_that_is_no_subject_of_the_code_is_refused_by_its_number(line):
    with pytest.raises(Refusal) as error:
        sets.read(f"account:test:1\n{line}\n", CODE_)
    assert error.value.reason.message == "partnership.other-identifier"
    assert error.value.reason.params["line"] == 2


def test_a_subject_twice_is_refused_however_it_is_written():
    with pytest.raises(Refusal) as error:
        sets.read("account:iban:FI2112345600000785\naccount:iban:FI21 1234 5600 0007 85\n", CODE_)
    assert error.value.reason.message == "partnership.doubled"


def test_of_a_floor_goes_what_its_reader_sees_and_the_partner_may_and_is_ours(tmp_path):
    a, _ = trusting(*(floor(tmp_path, name, institution="reporting-entity") for name in ("bank-a", "bank-b")))
    rows = [
        party(1),
        party(2, source="node:bank-c"),
        party(3, marking="PB//TLP:AMBER//REL:USA"),
        party(4, subject="person:visa:4"),
        party(5),
        party(6, subject="person:parcels:1"),
    ]
    keep(a, rows)
    there = peers.standing(a)["bank-b"]
    found = sets.of_floor(a, READER, there, CODE_, "party", NOW.date())
    assert found == ["person:parcels:1", "person:parcels:5"]
