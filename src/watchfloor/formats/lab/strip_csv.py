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

from watchfloor.formats.base import Batch, Fault, Format
from watchfloor.formats.lab.instrument_table import (
    AT,
    CAS,
    EXHIBIT,
    ITEM,
    PLACE,
    Line,
    badge,
    batches,
    lines,
    measure,
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
from watchfloor.formats.tabular.lexicon import Cell, Lexicon
from watchfloor.formats.tabular.values import Column, by_distinct

CONCENTRATED: Final = 1.0
"""Milligrams a millilitre from which common stimulants answer too (Lockwood and others 2021)."""


def expiry(texts: pa.Array) -> Column:
    """Whole dates; of a month or a year alone, its last day, as labels mean it."""
    written = values.partial_date(texts)
    found = by_distinct(written.values, _last_day, pa.date32())
    return Column(found.values, written.wrong | found.wrong)


def _last_day(text: str) -> date:
    pieces = [int(piece) for piece in text.split("-")]
    if len(pieces) == 3:
        return date(*pieces)
    year, month = (*pieces, 12)[:2]
    return date.fromordinal(date(year + month // 12, month % 12 + 1, 1).toordinal() - 1)


_LINE: Final = words(
    yes=("line", "visible", "present", "faint", "true", "1", "y", "oui", "presente", "pale"),
    no=("no line", "none", "absent", "false", "0", "n", "non", "absente", "aucune"),
)

COLUMNS: Final = {
    "time": AT._replace(names=(*AT.names, "read at")),
    "item": ITEM._replace(needed=True),
    "target": Cell(("target", "strip for", "substance", "cible"), needed=True),
    "lot": Cell(("lot", "lot number", "batch", "numero de lot"), needed=True),
    "control": Cell(("control line", "control", "c line", "ligne de controle"), _LINE, needed=True),
    "test": Cell(("test line", "test", "t line", "ligne de test"), _LINE, needed=True),
    "strip": Cell(("strip", "strip number", "id", "reading", "bandelette", "numero")),
    "serial": Cell(("serial", "reader", "reader serial", "lecteur")),
    "cas": CAS,
    "expiry": Cell(("expiry", "expires", "use by", "peremption", "date de peremption"), expiry),
    "dilution": Cell(("dilution", "mg per ml", "mg/ml", "concentration"), measure),
    "sample": Cell(("sample", "sample number", "echantillon")),
    "exhibit": EXHIBIT,
    "matrix": Cell(("matrix", "sample of", "matrice"), words(**dict.fromkeys(MATRICES, ()))),
    "operator": Cell(("operator", "badge", "operateur"), badge),
    "place": PLACE,
    "instrument": Cell(("instrument", "make", "brand", "marque")),
}

LEXICON: Final = Lexicon("a table of test strips", COLUMNS, ("lot", "control", "test"))


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Readings and faults of one table. Raises `FormatError` where a needed column is missing."""
    found = lines(LEXICON, stream, name)
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


FORMAT: Final = Format("strip-csv", ("reading",), LEXICON.sniff, read)
