"""Immunoassay test strips, as whoever dips them notes them down: CSV, a line a strip.

These columns are read, in any order and under the words of `COLUMNS`:

    time, item, target, lot, control line, test line, strip, serial, cas, expiry, dilution, sample, exhibit,
    matrix, operator, place, instrument

`time`, `item`, `target`, `lot`, `control line` and `test line` are needed. A strip is positive where NO
test line appears: what is sought keeps the antibodies from binding there. A faint line is a line. Without a
control line the strip has said nothing: it is inconclusive and marked so. `expiry` is the last good day of
the lot; `dilution` is milligrams of sample in a millilitre of water: at 1 mg/ml and above, methamphetamine,
MDMA and diphenhydramine answer as fentanyl does (Lockwood, Vervoordt and Lieberman, Harm Reduction Journal
18:30, 2021), so a positive there, or where nobody noted it, is marked. A class answers, not a substance:
`cas` is the one that the strip is named for. A strip has no serial number: its lot stands in for one.
"""

from collections.abc import Iterator
from datetime import UTC, date
from typing import Any, BinaryIO, Final

import pyarrow as pa

from watchfloor.formats.base import Batch, Fault, Format, Head
from watchfloor.formats.lab.instrument_table import (
    Cell,
    Layout,
    Line,
    badge,
    batches,
    cas,
    item,
    lines,
    measure,
    moment,
    words,
)
from watchfloor.formats.lab.reading_quality import (
    CONTROL_LINE_INVALID,
    DILUTION_UNKNOWN,
    STRIP_EXPIRED,
    TOO_CONCENTRATED,
)
from watchfloor.formats.tabular import values
from watchfloor.formats.tabular.fields import MATRICES

CONCENTRATED: Final = 1.0
"""Milligrams a millilitre from which common stimulants answer too (Lockwood and others 2021)."""


def day(text: str) -> date:
    """A whole date, ISO 8601; of a month alone, its last day, as labels mean it."""
    read = values.partial_date(pa.array([text], pa.string()))
    if read.wrong:
        raise ValueError(read.wrong[0])
    pieces = [int(piece) for piece in read.values[0].as_py().split("-")]
    if len(pieces) == 3:
        return date(*pieces)
    year, month = (*pieces, 12)[:2]
    return date.fromordinal(date(year + month // 12, month % 12 + 1, 1).toordinal() - 1)


_LINE: Final = words(
    yes=("line", "visible", "present", "faint", "true", "1", "y", "oui", "presente", "pale"),
    no=("no line", "none", "absent", "false", "0", "n", "non", "absente", "aucune"),
)

COLUMNS: Final = {
    "time": Cell(
        ("time", "timestamp", "date time", "date", "read at", "horodatage", "heure"), moment, needed=True
    ),
    "item": Cell(
        ("item", "subject", "parcel", "tracking number", "article", "colis", "envoi"), item, needed=True
    ),
    "target": Cell(("target", "strip for", "substance", "cible"), needed=True),
    "lot": Cell(("lot", "lot number", "batch", "numero de lot"), needed=True),
    "control": Cell(("control line", "control", "c line", "ligne de controle"), _LINE, needed=True),
    "test": Cell(("test line", "test", "t line", "ligne de test"), _LINE, needed=True),
    "strip": Cell(("strip", "strip number", "id", "reading", "bandelette", "numero")),
    "serial": Cell(("serial", "reader", "reader serial", "lecteur")),
    "cas": Cell(("cas", "cas number", "numero cas"), cas),
    "expiry": Cell(("expiry", "expires", "use by", "peremption", "date de peremption"), day),
    "dilution": Cell(("dilution", "mg per ml", "mg/ml", "concentration"), measure),
    "sample": Cell(("sample", "sample number", "echantillon")),
    "exhibit": Cell(("exhibit", "exhibit number", "piece", "numero de piece")),
    "matrix": Cell(("matrix", "sample of", "matrice"), words(**dict.fromkeys(MATRICES, ()))),
    "operator": Cell(("operator", "badge", "operateur"), badge),
    "place": Cell(("place", "location", "lieu")),
    "instrument": Cell(("instrument", "make", "brand", "marque")),
}

LAYOUT: Final = Layout("a table of test strips", COLUMNS, ("lot", "control", "test"))


def sniff(head: Head) -> float:
    """Sure where a header has a lot, a control line and a test line."""
    return LAYOUT.sniff(head)


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Readings and faults of one table. Raises `FormatError` where a needed column is missing."""
    found = lines(LAYOUT, stream, name)
    return batches(piece if isinstance(piece, Fault) else _reading(piece) for piece in found)


def _reading(line: Line) -> dict[str, Any]:
    said = line.said
    level = "presumptive" if said["test"] == "no" else "not-detected"
    level = level if said["control"] == "yes" else "inconclusive"
    return {
        **{word: said[word] for word in ("sample", "exhibit", "operator", "place", "matrix")},
        "report_key": said["strip"],
        "observed_at": said["time"],
        "subject": said["item"],
        "instrument": said["instrument"] or f"test strip, {said['target']}",
        "method": "immunoassay",
        "category": "C",
        "serial": said["serial"] or f"lot {said['lot']}",
        "library": f"lot {said['lot']}",
        "substance": said["cas"],
        "level": level,
        "results": [{"substance": said["cas"], "name": said["target"], "level": level}],
        "quality": list(_doubts(said, level)),
        "locator": line.locator,
    }


def _doubts(said: Any, level: str) -> Iterator[str]:
    if said["control"] == "no":
        yield CONTROL_LINE_INVALID
    if said["expiry"] is not None and said["time"].astimezone(UTC).date() > said["expiry"]:
        yield STRIP_EXPIRED
    if level == "presumptive":
        if said["dilution"] is None:
            yield DILUTION_UNKNOWN
        elif said["dilution"] >= CONCENTRATED:
            yield TOO_CONCENTRATED


FORMAT: Final = Format("strip-csv", ("reading",), sniff, read)
