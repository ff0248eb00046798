import pyarrow as pa
import pytest

from watchfloor.cell.shared import key_of, keys_by_record
from watchfloor.records.kinds import PARTY


@pytest.mark.parametrize(
    ("system", "number", "owner", "key"),
    [
        ("iban", "GB82 WEST 1234 5698 7654 32", None, "account:iban:GB82WEST12345698765432"),
        ("IMO", "9074729", None, "vessel:imo:9074729"),
        ("phone", "(613) 555-0114", None, "phone:phone:16135550114"),
        ("phone", "+1 613 555 0114", None, "phone:phone:16135550114"),
        ("address", "12, Rue de l'Anse; Gaspé", None, "address:address:12 rue de l anse gaspé"),
        ("passport", "ab 123-456", "xu", "person:passport:XU-AB123456"),
        ("iban", "GB82 WEST 1234 5698 7654 33", None, None),  # its check digits are wrong
        ("PROS", "2026-117", "RCMP", None),  # a file number names no party
        ("address", " - ", None, None),
    ],
)
def test_the_key_of_an_identifier(system, number, owner, key):
    assert key_of(system, number, owner) == key


def test_each_record_with_its_keys_once():
    numbers = [
        {"system": "phone", "number": "6135550114", "owner": None},
        {"system": "phone", "number": "613-555-0114", "owner": None},
    ]
    common = {
        "source": "f",
        "marking": "U",
        "locator": "1",
        "subject": "person:f:1",
        "role": "payee",
        "name": "A",
    }
    rows = [
        common | {"record_id": b"a" * 16, "delivery": b"d" * 32, "observed_at": 0, "identifiers": numbers},
        common | {"record_id": b"b" * 16, "delivery": b"d" * 32, "observed_at": 0, "identifiers": None},
    ]
    found = keys_by_record(pa.Table.from_pylist(rows, schema=PARTY.schema))
    assert found == {b"a" * 16: ("phone:phone:16135550114",)}
