import pyarrow as pa
import pytest

from watchfloor.cell.identity import shared as module
from watchfloor.cell.identity.shared import keys_by_record, shared
from watchfloor.core.kinds import PARTY
from watchfloor.core.subjects import key_of


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


def test_records_without_a_signal_bridge_what_signals_are_about_and_all_records_are_counted():
    phone = {"system": "phone", "number": "6135550114", "owner": None}
    address = {"system": "address", "number": "1 Bank Square", "owner": None}
    common = {
        "source": "f",
        "marking": "U",
        "locator": "1",
        "role": "payee",
        "name": "A",
        "delivery": bytes(32),
    }
    rows = [
        common
        | {
            "record_id": i.to_bytes(16, "big"),
            "subject": f"person:f:{i}",
            "observed_at": i,
            "identifiers": numbers,
        }
        for i, numbers in enumerate([[phone], [phone, address], [address], [address]])
    ]
    cited = {(0).to_bytes(16, "big")}
    found = shared(
        pa.Table.from_pylist(rows, schema=PARTY.schema),
        cited,
        ["person:f:0", "address:address:1 bank square"],
    )
    assert found.keys == {(0).to_bytes(16, "big"): ("phone:phone:16135550114",)}
    assert found.bearers == {"phone:phone:16135550114": 2, "address:address:1 bank square": 3}
    assert found.records == 4
    (bridge,) = found.bridges
    assert (bridge.one, bridge.other) == ("address:address:1 bank square", "phone:phone:16135550114")
    assert bridge.record_id == (1).to_bytes(16, "big")


def test_the_first_record_bridges_however_many_are_looked_through_at_once(monkeypatch):
    numbers = [[{"system": "phone", "number": f"613555011{n}", "owner": None}] for n in range(3)]
    plain = {
        "source": "f",
        "marking": "U",
        "locator": "1",
        "role": "payee",
        "name": "A",
        "delivery": bytes(32),
    }
    rows = [
        plain
        | {"record_id": i.to_bytes(16, "big"), "subject": f"person:f:{i % 4}"}
        | {"observed_at": -i % 7, "identifiers": numbers[i % 3] + numbers[(i * i) % 3] if i % 5 else None}
        for i in range(60)
    ]
    parties = pa.Table.from_pylist(rows, schema=PARTY.schema)
    asked = parties, {rows[1]["record_id"], rows[9]["record_id"]}, ["person:f:2"]
    whole = shared(*asked)
    for bridge in whole.bridges:
        pair = {bridge.one, bridge.other}
        beside = [
            (row["observed_at"], row["record_id"])
            for row, keys in ((row, keys_by_record(parties).get(row["record_id"], ())) for row in rows)
            if pair <= {row["subject"], *keys} and row["record_id"] not in asked[1]
        ]
        assert bridge.record_id == min(beside)[1]
    assert len(whole.bridges) > 1
    monkeypatch.setattr(module, "PIECE", 7)
    assert shared(*asked) == whole
