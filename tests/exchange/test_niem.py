"""NIEM: what is shared is valid under the model, marked, and without anything of a person's descent."""

import io
import re
import tarfile
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.thorough import draws

from watchfloor.core.kinds import EXHIBIT, INCIDENT, PARTY, SEIZURE
from watchfloor.exchange import niem
from watchfloor.exchange.sharing import Shared
from watchfloor.policy.gateways import Party

MODEL = Path(__file__).parents[3] / "shared" / "data" / "exchange" / "niem6_xsd.tar.xz"
MISSING = {
    "codes/ncic.xsd": "codes/ncic/6.0/",
    "domains/mo-usmtf.xsd": "domains/militaryOperations/mo-usmtf/6.0/",
}
"""Two code lists that the archive lacks; nothing here uses them, so stand-ins of bare names will do."""
AT = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
COMMON = {
    "record_id": bytes(16),
    "source": "a",
    "observed_at": AT,
    "marking": "PB//TLP:AMBER",
    "delivery": bytes(32),
    "locator": "line 1",
}
TEXT = st.text(max_size=30)
DAY = st.dates(date(1900, 1, 1), date(2100, 1, 1))
NUMBERS = st.lists(
    st.fixed_dictionaries(
        {"system": st.sampled_from(["passport", "imo", "x"]), "number": TEXT, "owner": TEXT}
    ),
    max_size=3,
)
ROWS = {
    PARTY: st.fixed_dictionaries(
        {
            "subject": TEXT,
            "schema": st.sampled_from(["Person", "Organization", "Vessel"]),
            "name": TEXT,
            "role": TEXT,
            "birth_date": st.sampled_from([None, "1971", "1971-05", "1971-05-02", "1971-02-30"]),
            "identifiers": NUMBERS,
        }
    ),
    SEIZURE: st.fixed_dictionaries(
        {
            "report_key": TEXT,
            "drug": TEXT,
            "operation": st.none() | TEXT,
            "mass": st.none() | st.floats(0, 1e12),
            "count": st.none() | st.integers(0, 10**9),
            "at_least": st.booleans(),
            "until": st.none() | st.just(AT),
            "place": st.none() | TEXT,
            "latitude": st.none() | st.floats(-90, 90),
            "longitude": st.none() | st.floats(-180, 180),
            "mode": st.none() | st.just("post"),
            "direction": st.none() | st.just("inbound"),
            "amount": st.none() | TEXT,
        }
    ),
    INCIDENT: st.fixed_dictionaries(
        {
            "agency": TEXT,
            "category": st.just("incident"),
            "action": st.sampled_from(["initial", "delete"]),
            "offences": st.just([]),
            "property": st.just([]),
            "victims": st.just([]),
            "offenders": st.just(1),
            "arrests": st.lists(
                st.fixed_dictionaries(
                    {"number": TEXT, "on": st.none() | DAY, "code": st.none() | TEXT, "category": st.none()}
                ),
                max_size=2,
            ),
        }
    ),
    EXHIBIT: st.fixed_dictionaries(
        {
            "exhibit": st.just("x-1"),
            "act": st.just("seized"),
            "edition": st.just(1),
            "by": st.just("lee"),
            "day": st.just(AT.date()),
            "number": st.none() | TEXT,
            "name": st.none() | TEXT,
            "place": st.none() | TEXT,
            "amount": st.none() | TEXT,
            "mass": st.none() | st.floats(0.001, 1e6),
            "mass_error": st.just(0.001),
            "flags": st.just([]),
            "doubts": st.just([]),
        }
    ),
}


def shared(rows):
    tables = {
        kind.name: pa.Table.from_pylist(
            [dict.fromkeys(kind.schema.names) | COMMON | one for one in found], kind.schema
        )
        for kind, found in rows.items()
    }
    return Shared(Party("watchfloor.example", "border-agency", "CAN"), b"k" * 32, AT, "PB//TLP:AMBER", tables)


def written(given):
    stream = io.BytesIO()
    count = niem.write(given, stream)
    return count, stream.getvalue()


@pytest.fixture(scope="module")
def schema(tmp_path_factory):
    """The schema of the message over the model, with stand-ins for the two lists that the archive lacks."""
    if not MODEL.is_file():
        pytest.skip("the shared data is not here")
    folder = tmp_path_factory.mktemp("niem")
    with tarfile.open(MODEL) as archive:
        for member in filter(tarfile.TarInfo.isfile, archive):
            path = folder / member.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(archive.extractfile(member).read())
    texts = {one: one.read_text("utf-8") for one in (folder / "xsd").rglob("*.xsd")}
    for name, end in MISSING.items():
        space = f"{niem.MODEL}/{end}"
        _stand_in(folder / "xsd" / name, space, texts)
    message = (Path(niem.__file__).with_suffix(".xsd")).read_text("utf-8")
    (folder / "niem.xsd").write_text(message, encoding="utf-8")
    return etree.XMLSchema(etree.parse(folder / "niem.xsd"))


def _stand_in(path, space, texts):
    """Write a schema with a simple type or an element under each name by which others refer to the list."""
    types, elements = set(), set()
    for text in texts.values():
        for prefix in re.findall(rf'xmlns:([\w-]+)="{re.escape(space)}"', text):
            types.update(re.findall(rf'(?:type|base)="{prefix}:([\w-]+)"', text))
            elements.update(re.findall(rf'ref="{prefix}:([\w-]+)"', text))
            elements.update(re.findall(rf'substitutionGroup="{prefix}:([\w-]+)"', text))
    xs = 'xmlns:xs="http://www.w3.org/2001/XMLSchema"'
    body = "".join(
        f'<xs:complexType name="{one}"><xs:simpleContent><xs:extension base="xs:token"/></xs:simpleContent>'
        "</xs:complexType>"
        if not one.endswith("SimpleType")
        else f'<xs:simpleType name="{one}"><xs:restriction base="xs:token"/></xs:simpleType>'
        for one in sorted(types)
    )
    body += "".join(f'<xs:element name="{one}" abstract="true"/>' for one in sorted(elements))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'<xs:schema {xs} targetNamespace="{space}">{body}</xs:schema>', encoding="utf-8")


@settings(max_examples=draws(200, 20), deadline=None)
@given(
    rows=st.fixed_dictionaries(
        {kind: st.lists(one, max_size=1 if kind is EXHIBIT else 3) for kind, one in ROWS.items()}
    )
)
def test_whatever_is_shared_is_valid_and_each_entry_is_marked(schema, rows):
    count, data = written(shared(rows))
    message = etree.fromstring(data)
    assert schema.validate(message), schema.error_log
    entries = message.findall("w:Entry", niem.SPACES)
    assert len(entries) == count
    assert all(one[0].text == "PB//TLP:AMBER" for one in entries)
    assert message.findtext("nc:DocumentSupplementalMarkingText", namespaces=niem.SPACES) == "PB//TLP:AMBER"


def test_what_is_said_comes_out():
    told = {
        PARTY: [
            {
                "subject": "person:id:7",
                "schema": "Person",
                "name": "Wren Halloway",
                "birth_date": "1971-05-02",
                "citizenships": ["XX"],
                "countries": ["YY"],
                "identifiers": [{"system": "passport", "number": "P-9", "owner": "ZZ"}],
            }
        ],
        SEIZURE: [
            {"report_key": "s-1", "drug": "heroin", "mass": 1500.25, "place": "Emerson", "mode": "post"}
        ],
    }
    told[PARTY][0] = {name: value for name, value in told[PARTY][0].items() if name in PARTY.schema.names}
    _, data = written(shared(told))
    message = etree.fromstring(data)

    def text(path):
        return [one.text for one in message.iterfind(f".//{path}", niem.SPACES)]

    assert text("nc:PersonFullName") == ["Wren Halloway"]
    assert text("nc:PersonBirthDate/nc:Date") == ["1971-05-02"]
    assert text("nc:PersonPassportIdentification/nc:IdentificationID") == ["P-9"]
    assert text("j:ItemSeizureItem/nc:ItemDescriptionText") == ["heroin"]
    assert text("nc:MeasureDecimalValue") == ["1500.25"]
    assert text("nc:LocationDescriptionText") == ["Emerson"]
    assert not any(word in data for word in (b"XX", b"YY", b"Citizen", b"Nationality"))
    assert written(shared(told))[1] == data


def test_a_wrong_message_is_not_valid(schema):
    """The schemas refuse what is out of order, so that the test above can fail."""
    _, data = written(shared({SEIZURE: [{"drug": "heroin", "mode": "post", "mass": 1.0}]}))
    message = etree.fromstring(data)
    seizure = message.find(".//j:ItemSeizure", niem.SPACES)
    seizure.append(seizure[0])
    assert not schema.validate(message)
