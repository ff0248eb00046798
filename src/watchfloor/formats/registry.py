"""Every wire format, and which of them a file is of."""

from collections.abc import Mapping
from typing import Final

from watchfloor.formats import (
    adsb_avr,
    adsb_beast,
    adsb_sbs,
    ais_nmea,
    asterix,
    autoferry,
    capture,
    coverage_csv,
    declaration_csv,
    detection_csv,
    detection_parquet,
    ftm,
    justice_laws,
    klv,
    listing_csv,
    ofac_csv,
    ofac_xml,
    outcome_csv,
    party_csv,
    payment_csv,
    reading_csv,
    report_docx,
    report_eml,
    report_form,
    report_pdf,
    report_text,
    un_consolidated,
    weather_csv,
)
from watchfloor.formats.base import Format, Head
from watchfloor.formats.consolidation import whole
from watchfloor.formats.cot import file as cot
from watchfloor.formats.sapient import file as sapient

FORMATS: Final[Mapping[str, Format]] = {
    form.name: form
    for form in (
        whole(justice_laws.FORMAT),
        whole(un_consolidated.FORMAT),
        whole(ofac_csv.FORMAT),
        whole(ofac_xml.FORMAT),
        whole(ftm.FORMAT),
        whole(listing_csv.FORMAT, listing_csv.list_of),
        party_csv.FORMAT,
        report_pdf.FORMAT,
        report_docx.FORMAT,
        report_eml.FORMAT,
        report_form.FORMAT,
        report_text.FORMAT,
        outcome_csv.FORMAT,
        payment_csv.FORMAT,
        reading_csv.FORMAT,
        declaration_csv.FORMAT,
        coverage_csv.FORMAT,
        weather_csv.FORMAT,
        autoferry.FORMAT,
        ais_nmea.FORMAT,
        adsb_avr.FORMAT,
        adsb_beast.FORMAT,
        adsb_sbs.FORMAT,
        detection_csv.FORMAT,
        detection_parquet.FORMAT,
        asterix.FORMAT,
        klv.FORMAT,
        capture.FORMAT,
        sapient.FORMAT,
        cot.FORMAT,
    )
}
"""Formats by name. A new one is a module with a `FORMAT`, named here."""


GUESS: Final = 0.1
"""As sure as a format is that would read a file, but sees nothing in it that others do not have too."""


def recognise(head: Head, above: float = 0.0) -> Format | None:
    """The format that is surest of this start of a file; of two equally sure ones the first, or `None`.

    Args:
        head: the start of the file.
        above: it must be surer than this; `GUESS` where nobody has said what sort of file it is.
    """
    best = max(FORMATS.values(), key=lambda form: form.sniff(head))
    return best if best.sniff(head) > above else None
