"""A small sound file of each registered format, for what every format keeps.

A sample is made when it is asked for: some want a library that is an extra.
"""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from io import BytesIO

import pyarrow as pa
from tests.formats import (
    abroad,
    adsb,
    ais,
    alerts,
    instruments,
    lists,
    reports,
    test_capture,
    test_dicos,
    test_klv,
    test_ledger_csv,
    test_metar,
    test_nibrs,
)
from tests.formats import test_asterix as asterix
from tests.formats import test_autoferry as autoferry
from tests.formats.cargo import made as cargo
from tests.formats.cargo import test_tables as cargo_tables
from tests.formats.cot import made as cot
from tests.formats.edifact import made as edifact
from tests.formats.geography import made as geography
from tests.formats.imagery import made as imagery
from tests.formats.intelligence import made as intelligence
from tests.formats.iso20022 import made as iso20022
from tests.formats.sapient import made as sapient
from tests.formats.spectra import test_andi as andi
from tests.formats.spectra import test_files as spectra
from tests.formats.spectra import test_mzml as mzml
from tests.formats.spectra import test_n42 as n42
from tests.formats.spectra import test_spc as spc
from tests.formats.statistics import made as statistics
from tests.formats.statistics import test_usbp_monthly as usbp
from tests.formats.test_concern_csv import GOOD, HEADER
from tests.formats.test_cpa005 import GOOD as AFT
from tests.formats.test_customs_csv import TOLD
from tests.formats.test_dog_csv import SEARCH
from tests.formats.test_ims_log import ALARM, BLANK, CALIBRANT, CLEAR, log
from tests.formats.test_interac_csv import GOOD as TRANSFERS
from tests.formats.test_strip_csv import STRIP
from tests.formats.travel import lists as travel
from tests.formats.travel import specimens
from tests.formats.video import made as video
from tests.formats.x12 import made as x12

from watchfloor.core.kinds import KINDS
from watchfloor.formats.base import Batch
from watchfloor.formats.lab.spectra import wire
from watchfloor.formats.lab.spectra.reading import SpectraStatement
from watchfloor.formats.registry import FORMATS
from watchfloor.formats.sensors.adsb.encode import beast
from watchfloor.formats.tabular.fields import METHODS

AT = datetime(2026, 11, 24, 10, tzinfo=UTC)
LINES = ["Title: T", "Date: 2026-11-20", "(U) Seen by Ann Roy.", "(PB//REL TO CAN, USA) IMO 9074729, (B2)"]
NAME = "RB123456785CA_30V-2026-11-24.dat"
"""Of a file that says what was measured, and on which day."""
PLACE = {"latitude": 45.0, "longitude": -74.0}
OWN = {
    "party-csv": {"role": "consignee", "name": "Odo Valle", "schema": "Person"},
    "outcome-csv": {"lead": "0123456789ab", "result": "seized", "by": "K9"},
    "payment-csv": {
        "payer": "account:account:999000010000002",
        "payee": "account:iban:FI2112345600000785",
        "amount": Decimal("12.50"),
        "currency": "CAD",
        "means": "cash",
    },
    "account-csv": {"subject": "account:bank:7", "bank": "X", "opened": date(2020, 1, 31)},
    "declaration-csv": {"subject": "parcel:s10:RB123456785GB", "goods": "wooden toys", "value": Decimal(5)},
    "inspection-csv": {"subject": "parcel:s10:RB123456785GB", "state": "referred", "found": []},
    "response-csv": {"subject": "parcel:awb:014-12345675", "answer": "release"},
    "application-csv": {
        "application": "application:test:1",
        "number": "1",
        **{name: [] for name in ("telephones", "emails", "addresses")},
    },
    "letter-csv": {"letter": "document:test:1", "what": "acceptance"},
    "application-fee-csv": {"application": "application:test:1", "amount": Decimal(150), "currency": "CAD"},
    "removal-step-csv": {"order": "order:test:1", "step": "order-made", "on": date(2026, 1, 31)},
    "volume-csv": {"until": AT, "direction": "inbound", "mode": "post", "items": 9},
    "coverage-csv": {"sensor": "t1", "state": "looking", **PLACE},
    "weather-csv": {"station": "w1", "temperature": -3.5, **PLACE},
    "detection-csv": {"sensor": "t1", **PLACE},
    "detection-parquet": {"sensor": "t1", **PLACE},
    "seizure-csv": {"drug": "fentanyl", "mass": 1730.0, "count": 1},
    "reading-csv": {"subject": "parcel:post:1", "instrument": "ims", "method": METHODS[0]},
    "statistic-csv": {"until": AT, "published": AT, "series": "s", "measure": "people", "value": 12.0},
}
"""A row of the formats whose columns are ours, apart from what all have."""


def read(name, data):
    """Read a file with what somebody says under its feed where its bytes do not: when, and with what."""
    more = {"base_time": AT} if name in ("adsb-beast", "mrz") else {}
    if name == "video":
        more = {"base_time": AT, "camera": video.CAMERA}
    if name in wire.READERS:
        more = {"told": SpectraStatement(instrument="Raman R-2", method=METHODS[0], at=AT)}
    return FORMATS[name].read(BytesIO(data), NAME, **more)


def own(name):
    """The row of `OWN`, as the format itself writes it."""
    (kind, *_) = FORMATS[name].kinds
    body, out = KINDS[kind].body, BytesIO()
    row = {field.name: [] for field in body if pa.types.is_list(field.type)}
    row |= {"locator": "", "report_key": "R-1", "observed_at": AT} | OWN[name]
    rows = pa.Table.from_pylist([row], schema=body)
    FORMATS[name].write([Batch(KINDS[kind], pa.concat_tables([rows, rows]))], out)
    return out.getvalue()


SAMPLES = {
    "justice-laws": lambda: lists.JUSTICE.encode(),
    "un-consolidated": lambda: lists.UN.encode(),
    "ofac-csv": lambda: lists.SDN.encode(),
    "ofac-xml": lambda: lists.SDN_XML.encode(),
    "uk-sanctions-xml": lambda: abroad.UK_XML.encode(),
    "uk-sanctions-csv": lambda: abroad.UK_CSV.encode(),
    "eu-fsf-xml": lambda: abroad.EU_XML.encode(),
    "eu-fsf-csv": lambda: abroad.EU_CSV.encode(),
    "au-dfat": abroad.au_xlsx,
    "ch-seco": lambda: abroad.CH_XML.encode(),
    "ftm": lambda: lists.FTM.encode(),
    "ftm-statements": lambda: lists.STATEMENTS.encode(),
    "listing-csv": lambda: lists.CSV.encode(),
    "concern-csv": lambda: (HEADER + GOOD).encode(),
    "report-pdf": lambda: reports.pdf(LINES, LINES, flate=False),
    "report-docx": lambda: reports.docx(*LINES, header=("PROTECTED B",)),
    "report-eml": lambda: reports.eml("\n\n".join(LINES), "<p>x</p>", [("a.pdf", reports.pdf(LINES))]),
    "report-form": lambda: reports.FORM.encode(),
    "report-text": lambda: "\n".join(LINES).encode(),
    "ledger-csv": lambda: test_ledger_csv.LEDGER.encode(),
    "amlworld-csv": lambda: test_ledger_csv.AMLWORLD.encode(),
    "ledger-accounts-csv": lambda: test_ledger_csv.ACCOUNTS.encode(),
    "interac-csv": lambda: TRANSFERS.encode(),
    "cpa005": lambda: AFT,
    "ims-log": lambda: log(CALIBRANT, BLANK, ALARM, CLEAR).encode(),
    "strip-csv": lambda: instruments.table(STRIP).encode(),
    "dog-csv": lambda: instruments.table(SEARCH).encode(),
    "dicos": lambda: test_dicos.GOOD,
    "customs-csv": lambda: TOLD,
    "cbp-drug-seizures": lambda: statistics.table(statistics.DRUG),
    "cbp-encounters": lambda: statistics.table(statistics.PEOPLE),
    "usbp-monthly": lambda: usbp.made(usbp.line()),
    **{name: lambda row=row: cargo_tables.table(row, row) for name, row in cargo_tables.SAMPLES.items()},
    "cargo-imp": lambda: cargo.fwb(cargo.Doc()),
    "cargo-xml": lambda: cargo.xfwb(cargo.Doc()),
    "edifact": lambda: edifact.interchange(edifact.itmatt(edifact.item(), edifact.item(goods=("toys",)))),
    "mrz": lambda: "\n".join((*specimens.TD3, *specimens.TD1_LONG)).encode(),
    "paxlst": lambda: travel.paxlst(travel.traveller(), travel.traveller(travel.HALLOWAY, "C1234567")),
    "pnrgov": lambda: travel.pnrgov(travel.booking(travel.docs())),
    "x12-309": lambda: x12.interchange(x12.manifest(x12.bill(), x12.bill("LANT0002"))),
    "autoferry-json": lambda: json.dumps(
        [autoferry.look(2, [[100.0, 0.0], [0.0, 200.0]]), autoferry.look(0, [0.3], time=1.621e9)]
    ).encode(),
    "ais-nmea": lambda: ais.log(ais.random_messages(7, 6)),
    "adsb-avr": lambda: adsb.log(adsb.flight(seconds=2)),
    "adsb-beast": lambda: b"".join(beast(one) for one in adsb.random_messages(7, 6)),
    "adsb-sbs": lambda: (
        b"MSG,3,1,1,C0FFEE,1,2026/09/21,14:13:20.250,2026/09/21,14:13:21.000,,10000,,,44.5,-76.25,,,0,0,0,0\r\n"
        * 2
    ),
    "asterix": asterix.sample,
    "klv": lambda: test_klv.plain(**test_klv.STANDARD) * 2,
    "video": video.clip,
    "metar": lambda: test_metar.SAMPLE.encode(),
    "nibrs": lambda: test_nibrs.submission(test_nibrs.report(test_nibrs.incident())),
    "cap": lambda: alerts.message(alerts.info(), alerts.info(language="fr-CA")),
    "stac": lambda: json.dumps(imagery.item_10()).encode(),
    **{
        name: lambda name=name: geography.file_of(name)
        for name in ("geojson", "kml", "gpx", "gpkg", "geoparquet")
    },
    "capture": lambda: test_capture.DATA,
    "stix": lambda: intelligence.SAMPLE,
    "misp": lambda: intelligence.MISP,
    "iso20022": lambda: iso20022.message([{}, {}]),
    "mt103": lambda: iso20022.mt103() + iso20022.mt103(reference="REF2"),
    "sapient": lambda: sapient.frames(sapient.registration(), sapient.status(), sapient.detection()),
    "cot": lambda: cot.event() + cot.event('<contact callsign="A"/>', uid="ANDROID-2"),
    "jcamp-dx": lambda: spectra.JCAMP,
    "mzml": lambda: mzml.file(mzml.spectrum()),
    "andi": andi.run,
    "n42": lambda: n42.SAMPLE,
    "spc": lambda: spc.file([(20, None, [1, 5, 9])]),
    "msp": lambda: spectra.MSP,
    "mgf": lambda: spectra.MGF,
    "spectrum-csv": lambda: spectra.TABLE,
    "spectrum-text": lambda: spectra.PLAIN,
    **{name: lambda name=name: own(name) for name in OWN},
}


@cache
def sample(name):
    """Return the bytes of a small sound file."""
    return SAMPLES[name]()
