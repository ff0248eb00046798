"""Every wire format, and which of them a file is of.

A format that lives in another distribution is named in the entry point group `watchfloor.formats`, under its
own name: `gauge = "lab_gauge.reader:FORMAT"`. One that cannot be loaded or breaks a rule stands in `REFUSED`.
"""

from importlib.metadata import EntryPoint, entry_points
from typing import Final

from watchfloor.core.kinds import KINDS
from watchfloor.formats import byte_ranges
from watchfloor.formats.base import Format, Head
from watchfloor.formats.cargo import customs_csv
from watchfloor.formats.cargo.declared_tables import table as declared_tables
from watchfloor.formats.documents import docx as report_docx
from watchfloor.formats.documents import eml as report_eml
from watchfloor.formats.documents import form as report_form
from watchfloor.formats.documents import pdf as report_pdf
from watchfloor.formats.documents import text as report_text
from watchfloor.formats.lab import dog_csv, ims_log, reading_csv, strip_csv
from watchfloor.formats.lab.spectra import wire as spectra
from watchfloor.formats.lazy_import import Later, later
from watchfloor.formats.lists import (
    au_dfat,
    ch_seco,
    concern_csv,
    eu_fsf,
    ftm,
    ftm_statements,
    justice_laws,
    listing_csv,
    ofac_csv,
    ofac_xml,
    uk_sanctions,
    un_consolidated,
)
from watchfloor.formats.lists.consolidation import whole
from watchfloor.formats.payments import (
    cpa005,
    interac_csv,
    ledger_accounts_csv,
    ledger_csv,
)
from watchfloor.formats.sensors import autoferry, capture, metar
from watchfloor.formats.sensors.asterix import file as asterix
from watchfloor.formats.sensors.detections import csv_file as detection_csv
from watchfloor.formats.sensors.detections import parquet_file as detection_parquet
from watchfloor.formats.sensors.klv import file as klv
from watchfloor.formats.statistics import cbp_drugs, cbp_encounters, nibrs, statistic_csv, usbp_monthly
from watchfloor.formats.tabular import own_csv

GROUP: Final = "watchfloor.formats"

FORMATS: Final[dict[str, Format]] = {
    form.name: form
    for form in (
        whole(justice_laws.FORMAT),
        whole(un_consolidated.FORMAT),
        whole(ofac_csv.FORMAT),
        whole(ofac_xml.FORMAT),
        whole(uk_sanctions.XML),
        whole(uk_sanctions.CSV),
        whole(eu_fsf.XML),
        whole(eu_fsf.CSV),
        whole(au_dfat.FORMAT),
        whole(ch_seco.FORMAT),
        whole(ftm.FORMAT),
        whole(ftm_statements.FORMAT),
        whole(listing_csv.FORMAT, listing_csv.list_of),
        concern_csv.FORMAT,
        *(table.format for table in own_csv.TABLES.values()),
        report_pdf.FORMAT,
        report_docx.FORMAT,
        report_eml.FORMAT,
        report_form.FORMAT,
        report_text.FORMAT,
        ledger_csv.FORMAT,
        ledger_csv.AMLWORLD_FORMAT,
        ledger_accounts_csv.FORMAT,
        interac_csv.FORMAT,
        cpa005.FORMAT,
        reading_csv.FORMAT,
        ims_log.FORMAT,
        strip_csv.FORMAT,
        dog_csv.FORMAT,
        later("dicos", ("reading",), "lab.dicos", rb"\A.{128}DICM"),
        customs_csv.FORMAT,
        cbp_drugs.FORMAT,
        cbp_encounters.FORMAT,
        usbp_monthly.FORMAT,
        nibrs.FORMAT,
        statistic_csv.FORMAT,
        *declared_tables.FORMATS,
        later(
            "cargo-imp",
            ("declaration", "party", "volume"),
            "cargo.cargo_imp.file",
            rb"^(?:\xef\xbb\xbf)?F(?:WB|HL|FM)/\d{1,2}[ \t]*\r?$",
            piece=byte_ranges.piece,
        ),
        later(
            "cargo-xml",
            ("declaration", "party", "volume"),
            "cargo.cargo_xml.file",
            rb"iata:(?:waybill|housewaybill|flightmanifest):|\A(?:\xff\xfe|\xfe\xff)",
            piece=Later("cargo.cargo_xml.file", "piece"),
        ),
        later(
            "edifact",
            ("declaration", "party", "response"),
            "cargo.edifact.file",
            rb"\A(?:\xef\xbb\xbf)?\s*UN[AB]",
            piece=byte_ranges.piece,
        ),
        later("mrz", ("travel-document", "party"), "travel.zone_file", rb"<<"),
        later(
            "paxlst",
            ("crossing", "travel-document", "party"),
            "travel.paxlst",
            rb"UN[AB].*PAXLST",
            piece=byte_ranges.piece,
        ),
        later(
            "pnrgov",
            ("crossing", "travel-document", "party"),
            "travel.pnrgov",
            rb"UN[AB].*PNRGOV",
            piece=byte_ranges.piece,
        ),
        later(
            "x12-309",
            ("declaration", "party"),
            "cargo.x12.file",
            rb"\A(?:\xef\xbb\xbf)?\s*ISA",
            piece=byte_ranges.piece,
        ),
        autoferry.FORMAT,
        later(
            "ais-nmea",
            ("detection",),
            "sensors.ais.nmea",
            rb"![A-Z][A-Z0-9]VD[MO],",
            write=True,
            piece=Later("sensors.ais.nmea", "piece"),
        ),
        later("adsb-avr", ("detection",), "sensors.adsb.avr", rb"[0-9A-Fa-f]{14};|[,; \t]\"?[0-9A-Fa-f]{28}"),
        later("adsb-beast", ("detection",), "sensors.adsb.beast", rb"\A\x1a", piece=byte_ranges.piece),
        later("adsb-sbs", ("detection",), "sensors.adsb.sbs", rb"^MSG,"),
        detection_csv.FORMAT,
        detection_parquet.FORMAT,
        asterix.FORMAT,
        klv.FORMAT,
        later(
            "video",
            ("coverage", "detection"),
            "sensors.video.file",
            rb"\A(?:.{4}ftyp|RIFF.{4}AVI |\x1a\x45\xdf\xa3|\xff\xd8\xff|\x89PNG\r\n)",
        ),
        metar.FORMAT,
        later(
            "cap",
            ("public-alert",),
            "alerts.cap",
            rb"urn:oasis:names:tc:emergency:cap|\A(?:\xff\xfe|\xfe\xff)",
            piece=Later("alerts.cap", "piece"),
        ),
        later(
            "stac",
            ("scene",),
            "imagery.stac",
            rb"\Aitem\.json\x00|\"stac_version\"",
            piece=Later("imagery.stac", "piece"),
        ),
        later(
            "geojson",
            ("map-feature",),
            "geography.geojson",
            rb"\A[\s\x1e\xef\xbb\xbf]*\{.*\"(?:features|geometry|coordinates)\"",
        ),
        later("kml", ("map-feature",), "geography.kml", rb"[<:]kml[\s>]|\A(?:\xff\xfe|\xfe\xff)"),
        later("gpx", ("map-feature",), "geography.gpx", rb"[<:]gpx[\s>]|\A(?:\xff\xfe|\xfe\xff)"),
        later("gpkg", ("map-feature",), "geography.geopackage", rb"\ASQLite format 3\x00"),
        later("geoparquet", ("map-feature",), "geography.geoparquet", rb"\APAR1.*\"primary_column\""),
        capture.FORMAT,
        later(
            "stix",
            ("intelligence-object",),
            "intelligence.stix",
            rb"--[0-9a-f]{8}-[0-9a-f]{4}-",
            piece=byte_ranges.piece,
        ),
        later(
            "misp",
            ("intelligence-object",),
            "intelligence.misp",
            rb'"Event"\s*:\s*\{|\A\s*\{\s*"[0-9a-fA-F-]{36}"\s*:\s*\{',
        ),
        later(
            "iso20022",
            ("payment", "party"),
            "payments.iso20022.file",
            rb"CstmrCdtTrf|FICdtTrf|FinInstnCdtTrf|BkToCstmr|\A(?:\xff\xfe|\xfe\xff)",
            write=True,
            piece=Later("payments.iso20022.file", "piece"),
        ),
        later(
            "mt103",
            ("payment", "party"),
            "payments.mt103",
            rb"\{1:F01",
            piece=Later("payments.mt103", "piece"),
        ),
        later(
            "sapient",
            ("detection", "coverage"),
            "sensors.sapient.file",
            rb"\A(?:\xef\xbb\xbf)?\s*\{[^\n]*\"timestamp\"|\A..[\x00-\x10]\x00",
            write=True,
            piece=byte_ranges.piece,
        ),
        later(
            "cot",
            ("detection",),
            "sensors.cot.file",
            rb"\A(?:\xef\xbb\xbf)?\xbf|<event\s",
            write=True,
            piece=byte_ranges.piece,
        ),
        *spectra.FORMATS,
    )
}
"""Formats by name. A new one is a module with a `FORMAT`, named here; with numba, by `lazy_import`."""

REFUSED: Final[dict[str, str]] = {}
"""Formats of other distributions that may not be used, by name, and why not."""


def _found_outside() -> None:
    """Add the formats that installed distributions bring."""
    for entry in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        form, why = _loaded(entry)
        if form is None:
            place = f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value
            REFUSED[entry.name] = f"format {entry.name!r} of {place}: {why}"
        else:
            FORMATS[form.name] = form


def _loaded(entry: EntryPoint) -> tuple[Format | None, str]:
    """The format of an entry point; None, and why it may not be used."""
    try:
        form = entry.load()
    except Exception as error:
        return None, f"{entry.value} cannot be loaded: {type(error).__name__}: {error}"
    if not isinstance(form, Format):
        return None, f"{entry.value} is no watchfloor.formats.base.Format"
    if form.name != entry.name:
        return None, f"it calls itself {form.name!r}"
    if form.name in FORMATS:
        return None, "its name is taken"
    if unknown := sorted(set(form.kinds) - KINDS.keys()):
        return None, f"it yields {', '.join(unknown)}, which is no kind: see watchfloor.core.kinds"
    return form, ""


_found_outside()


GUESS: Final = 0.1
"""As sure as a format is that would read a file, but sees nothing in it that others do not have too."""


def recognise(head: Head, above: float = 0.0) -> Format | None:
    """The format that is surest of this start of a file; of two equally sure ones the first, or `None`.

    Args:
        head: the start of the file.
        above: it must be surer than this; `GUESS` where nobody has said what sort of file it is.
    """
    best, sure = surest(head)
    return best if sure > above else None


def surest(head: Head) -> tuple[Format, float]:
    """The format that is surest of this start of a file, and how sure it is; of two the first."""
    sure = {name: form.sniff(head) for name, form in FORMATS.items()}
    name = max(sure, key=sure.__getitem__)
    return FORMATS[name], sure[name]
