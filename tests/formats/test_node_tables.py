"""The tables of the nodes: payments, readings and declarations in our own columns."""

from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core.kinds import KINDS
from watchfloor.formats.base import HEAD_BYTES, Batch, Fault, FormatError, Head
from watchfloor.formats.lab import reading_csv
from watchfloor.formats.registry import recognise
from watchfloor.formats.statistics import statistic_csv
from watchfloor.formats.statistics.cells import dumped
from watchfloor.formats.statistics.vintage import DATED
from watchfloor.formats.tabular.fields import (
    ANSWERS,
    CATEGORIES,
    CHOSEN_BY,
    DIRECTIONS,
    FIELDS,
    FINDINGS,
    INSPECTED_BY,
    INSPECTION_RESULTS,
    LEVELS,
    MATRICES,
    MEANS,
    METHODS,
    MODES,
    REFERRAL_STATES,
)
from watchfloor.formats.tabular.own_csv import TABLES
from watchfloor.formats.tabular.propose import propose

TEXT = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
MAYBE = st.none() | TEXT
MASS = st.none() | st.floats(0, 1e6)
MONEY = st.decimals(0, Decimal("9999999999999999.99"), places=2)
BOTH = {
    "report_key": MAYBE,
    "origins": st.lists(TEXT, max_size=2),
    "observed_at": st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),  # noqa: DTZ001
}
PAIRED = st.none() | st.integers(1, 3).flatmap(
    lambda n: st.tuples(*(st.lists(st.floats(0, 1e4), min_size=n, max_size=n) for _ in range(2)))
)
MOMENT = st.none() | st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
SHARES = st.none() | st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted)
RESULT = st.fixed_dictionaries(
    {
        "substance": st.sampled_from([None, "substance:cas:437-38-7"]),
        "name": TEXT,
        "level": st.sampled_from(LEVELS),
        "score": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "shares": SHARES,
        "by": st.sampled_from([None, "weight", "signal"]),
    }
).map(
    lambda row: (
        {k: v for k, v in row.items() if k != "shares"}
        | dict(zip(("share_low", "share", "share_high"), row["shares"] or [None] * 3, strict=True))
    )
)
DEGREES = st.none() | st.floats(-90, 90)
PHONE = st.sampled_from([None, "phone:phone:16135550123"])
PLATE = st.sampled_from([None, "vehicle:plate:ABCD123"])
READING = st.fixed_dictionaries(
    {
        **BOTH,
        "subject": st.just("parcel:post:1"),
        "instrument": TEXT,
        "method": st.sampled_from(METHODS),
        "sample": MAYBE,
        "substance": st.sampled_from([None, "substance:cas:437-38-7"]),
        "level": st.sampled_from([None, *LEVELS]),
        "mass": MASS,
        "mass_error": MASS,
        **dict.fromkeys(
            ("serial", "firmware", "library", "operator", "place", "exhibit", "procedure"), MAYBE
        ),
        **dict.fromkeys(("calibrated_at", "calibrated_until"), MOMENT),
        "category": st.sampled_from([None, "A", "B", "C"]),
        "matrix": st.sampled_from([None, *MATRICES]),
        "results": st.none() | st.lists(RESULT, min_size=1, max_size=3),
        "quality": st.lists(TEXT, max_size=2),
        "file_hash": st.none() | st.binary(min_size=32, max_size=32).map(bytes.hex),
        "unit": st.sampled_from([None, "m/z", "cm-1"]),
        **dict.fromkeys(("latitude", "longitude"), DEGREES),
        "pairs": PAIRED,
    }
).map(
    lambda row: (
        {k: v for k, v in row.items() if k != "pairs"}
        | dict(zip(("peaks", "intensity"), row["pairs"] or (None, None), strict=True))
    )
)


def one_of(words):
    return st.sampled_from([None, *words])


FACT = st.fixed_dictionaries(
    {
        "name": st.from_regex(r"paye[er]_[a-z]{1,9}", fullmatch=True),
        "value": st.floats(allow_nan=False, allow_infinity=False),
    }
)
ROWS = {
    "payment": st.fixed_dictionaries(
        {
            **BOTH,
            "payer": st.sampled_from([None, "account:account:999000010000002", "person:bank:7"]),
            "payee": st.sampled_from([None, "account:iban:FI2112345600000785"]),
            "amount": MONEY,
            "currency": st.sampled_from(["CAD", "USD"]),
            "means": st.sampled_from(MEANS),
            "conductor": st.sampled_from([None, "person:bank:7"]),
            "branch": MAYBE,
            "memo": MAYBE,
            "amount_fine": st.none() | st.decimals(0, 10**19, places=18),
            "payer_bank": MAYBE,
            "payee_bank": MAYBE,
            "payer_seat": st.sampled_from([None, "CA"]),
            "payee_seat": st.sampled_from([None, "CN"]),
            "channel": MAYBE,
            "purpose": MAYBE,
            "device": MAYBE,
            "ip": MAYBE,
            "handle": MAYBE,
            "facts": st.none() | st.lists(FACT, min_size=1, max_size=3),
            "phone": PHONE,
        }
    ),
    "account": st.fixed_dictionaries(
        {
            **BOTH,
            "subject": st.sampled_from(["account:iban:FI2112345600000785", "account:bank:7"]),
            "bank": MAYBE,
            "holder": st.sampled_from([None, "person:bank:7"]),
            "holder_type": MAYBE,
            "opened": st.none() | st.dates(),
            "occupation": MAYBE,
            "naics": MAYBE,
        }
    ),
    "reading": READING,
    "declaration": st.fixed_dictionaries(
        {
            **BOTH,
            "subject": st.sampled_from(["parcel:s10:RB123456785GB", "container:port:1"]),
            "importer": st.sampled_from([None, "company:bn:000000018"]),
            "consignee": st.sampled_from([None, "person:customs:7"]),
            "shipper": st.none(),
            "goods": TEXT,
            "hs": MAYBE,
            "origin": st.sampled_from([None, "FR"]),
            "value": st.none() | MONEY,
            "currency": st.sampled_from([None, "CAD"]),
            "mass": MASS,
            **dict.fromkeys(
                ("office", "carrier", "handler", "document", "master", "conveyance", "page"), MAYBE
            ),
            **dict.fromkeys(
                [
                    f"{who}_{what}"
                    for who in ("shipper", "consignee")
                    for what in ("name", "address", "phone")
                ],
                MAYBE,
            ),
            "direction": one_of(DIRECTIONS),
            "mode": one_of(MODES),
            **dict.fromkeys(("departure", "destination"), st.sampled_from([None, "CN", "CA"])),
            **dict.fromkeys(("route", "codes"), st.lists(TEXT, max_size=2)),
            "declarant": st.sampled_from([None, "company:customs:7"]),
            "pieces": st.none() | st.integers(0, 9999),
            "category": one_of(CATEGORIES),
            "rate": MASS,
            "expected_at": MOMENT,
            "plate": PLATE,
        }
    ),
    "inspection": st.fixed_dictionaries(
        {
            **BOTH,
            "subject": st.sampled_from(["parcel:s10:RB123456785GB", "container:port:1"]),
            **dict.fromkeys(
                ("referral", "document", "scheme", "grounds", "authority", "why", "by", "unit"), MAYBE
            ),
            "state": st.sampled_from(REFERRAL_STATES),
            "means": one_of(INSPECTED_BY),
            "chosen_by": one_of(CHOSEN_BY),
            "chance": st.none() | st.floats(0, 1),
            "result": one_of(INSPECTION_RESULTS),
            "found": st.lists(st.sampled_from(FINDINGS), max_size=2),
            "substance": st.sampled_from([None, "substance:cas:437-38-7"]),
            "edition": st.none() | st.integers(0, 9),
            "deadline": MOMENT,
            "place": MAYBE,
            **dict.fromkeys(("latitude", "longitude"), DEGREES),
            "plate": PLATE,
        }
    ),
    "response": st.fixed_dictionaries(
        {
            **BOTH,
            "subject": st.just("parcel:awb:014-12345675"),
            "answer": st.sampled_from(ANSWERS),
            **dict.fromkeys(("document", "code", "why", "by", "about"), MAYBE),
        }
    ),
    "volume": st.fixed_dictionaries(
        {
            **BOTH,
            "until": BOTH["observed_at"],
            "direction": st.sampled_from(DIRECTIONS),
            "mode": st.sampled_from(MODES),
            "office": MAYBE,
            "items": st.integers(0, 10**9),
            "counted_by": MAYBE,
        }
    ),
    "statistic": st.fixed_dictionaries(
        {
            **BOTH,
            "report_key": TEXT,
            **dict.fromkeys(("until", "published"), BOTH["observed_at"]),
            **dict.fromkeys(("series", "measure"), TEXT),
            **dict.fromkeys(("publisher", "unit"), MAYBE),
            "dated": st.sampled_from(DATED),
            "cell": st.dictionaries(TEXT, TEXT, max_size=3).map(dumped),
            "value": st.floats(0, 1e300),
            "to_date": st.sampled_from([None, True, False]),
        }
    ),
}
MODULES = {
    **{
        kind: TABLES[kind]
        for kind in ("payment", "account", "declaration", "inspection", "response", "volume")
    },
    "reading": reading_csv,
    "statistic": statistic_csv,
}
ONCE = {"statistic": lambda row: row["report_key"]}
"""Of which rows of one file have keys of their own."""
every_kind = pytest.mark.parametrize("kind", MODULES)


def written(kind, rows):
    body = KINDS[kind].body
    out = BytesIO()
    table = pa.Table.from_pylist([{"locator": "", **row} for row in rows], schema=body)
    MODULES[kind].write([Batch(KINDS[kind], table)], out)
    return out.getvalue()


def read(kind, data):
    found = list(MODULES[kind].read(BytesIO(data), "t.csv"))
    rows = [row for item in found if isinstance(item, Batch) for row in item.rows.to_pylist()]
    return rows, [item for item in found if isinstance(item, Fault)]


@every_kind
@settings(deadline=None, max_examples=draws(100))
@given(data=st.data())
def test_what_is_written_is_read_back(kind, data):
    rows = data.draw(st.lists(ROWS[kind], max_size=4, unique_by=ONCE.get(kind)))
    found, faults = read(kind, written(kind, rows))
    assert not faults
    assert [{field.name: row[field.name] for field in FIELDS[kind]} for row in found] == rows


@every_kind
@settings(deadline=None, max_examples=draws(30))
@given(data=st.data())
def test_what_is_written_is_recognised(kind, data):
    form = recognise(Head("t.csv", written(kind, data.draw(st.lists(ROWS[kind], max_size=3)))[:HEAD_BYTES]))
    assert form is not None
    assert form.name == f"{kind}-csv"


@every_kind
@settings(deadline=None, max_examples=draws(100))
@given(data=st.data())
def test_damage_gives_faults_or_a_format_error(kind, data):
    good = written(kind, data.draw(st.lists(ROWS[kind], min_size=1, max_size=3)))
    damaged = bytearray(good)
    for _ in range(data.draw(st.integers(0, 3))):
        damaged[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    with suppress(FormatError):
        read(kind, bytes(damaged[: data.draw(st.integers(0, len(good)))]))


@every_kind
@pytest.mark.parametrize("data", [b"", b"id,name\n1,x\n", b"<xml/>", b"PK\x03\x04", b"\xff\xfe\x00"])
def test_other_files_are_not(kind, data):
    assert MODULES[kind].sniff(Head("t.csv", data)) == 0.0


@every_kind
def test_a_missing_column_is_named_with_what_to_do(kind):
    with pytest.raises(FormatError, match=f"has no column.*watchfloor feeds map FILE --kind {kind}"):
        read(kind, b"observed_at,memo\n")


def test_bad_payments_are_faults_with_a_reason():
    _, faults = read(
        "payment",
        b"observed_at,payee,amount,currency,means\n"
        b'2026-11-24,account:bank:1,"1,234",CAD,cash\n'
        b"2026-11-24,account:bank:1,1234.50,dollars,cash\n"
        b"2026-11-24,account:bank:1,1234.50,CAD,csh\n"
        b"2026-11-24,parcel:bank:1,1234.50,CAD,cash\n"
        b"2026-11-24,account:bank:1,,CAD,cash\n",
    )
    reasons = {fault.locator: fault.reason for fault in faults}
    assert "no amount such as 1234.50" in reasons["line 2"]
    assert "no currency code" in reasons["line 3"]
    assert "did you mean 'cash'" in reasons["line 4"]
    assert "the key of no account" in reasons["line 5"]
    assert reasons["line 6"] == "amount: is empty"


def test_peaks_that_are_no_pairs_are_a_fault_and_the_rest_is_read():
    rows, faults = read(
        "reading",
        b"observed_at,subject,instrument,method,peaks,intensity\n"
        b"2026-11-24,parcel:post:1,A,gc-ms,105.1;146.2,1;0.5\n"
        b"2026-11-24,parcel:post:1,A,gc-ms,105.1;146.2,1\n"
        b"2026-11-24,parcel:post:1,A,gc-ms,105.1,\n",
    )
    assert [row["peaks"] for row in rows] == [[105.1, 146.2]]
    assert [fault.reason for fault in faults] == [
        f"peaks: {n} of them have {m} intensities; each needs one" for n, m in ((2, 1), (1, 0))
    ]


def test_bad_readings_and_declarations_are_faults_with_a_reason():
    _, faults = read(
        "reading",
        b"observed_at,subject,instrument,method,substance,mass\n"
        b"2026-11-24,parcel:post:1,A,nose,,\n"
        b"2026-11-24,parcel:post:1,A,gc-ms,substance:cas:437-38-8,\n"
        b"2026-11-24,parcel:post:1,A,mass,,-3\n",
    )
    assert [fault.reason.split(":")[0] for fault in faults] == ["method", "substance", "mass"]
    _, faults = read(
        "declaration",
        b"observed_at,subject,goods,importer\n"
        b"2026-11-24,parcel:s10:RB123456789GB,tools,\n"
        b"2026-11-24,parcel:post:1,tools,company:bn:123456789\n"
        b"2026-11-24,parcel:post:1,,\n",
    )
    assert [fault.reason.split(":")[0] for fault in faults] == ["subject", "importer", "goods"]


def test_a_business_number_with_its_account_is_the_same_company():
    rows, _ = read(
        "declaration",
        b"observed_at,subject,goods,importer\n2026-11-24,parcel:post:1,tools,company:bn:000000018RM0001\n",
    )
    assert rows[0]["importer"] == "company:bn:000000018"


def test_a_table_of_a_bank_is_proposed_a_mapping():
    cells = pa.table({"Compte": ["account:b:1"], "Montant": ["5"], "Devise": ["CAD"], "Mode": ["cash"]})
    proposal = propose("payment", cells, "depots.csv", "2026-11-24")
    assert not proposal.missing
    assert set(proposal.mapping.fields) == {"payee", "amount", "currency", "means"}
