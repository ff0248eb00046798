"""EDIFACT as a sender writes it: the test side of the round trip."""

from io import BytesIO

from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.cargo.edifact.file import read
from watchfloor.formats.cargo.edifact.syntax import Signs

PLAIN = Signs()
ITEM = "LX123456785CN"
BOX, BAD_BOX = "CSQU3054383", "CSQU3054384"


def segment(*data, signs=PLAIN):
    """A segment of a tag and elements; an element is a text or a tuple of components."""

    def released(text):
        for sign in (signs.release, signs.component, signs.element, signs.terminator):
            text = text.replace(sign, signs.release + sign) if signs.release else text
        return text

    def element(one):
        return signs.component.join(map(released, one)) if isinstance(one, tuple) else released(one)

    return signs.element.join(map(element, data)) + signs.terminator


def message(kind, *segments, reference="1", release="96B", count=None, signs=PLAIN):
    """A message, whose segments are texts."""
    head = segment("UNH", reference, (kind, "D", release, "UN"), signs=signs)
    tail = segment("UNT", str(count or len(segments) + 2), reference, signs=signs)
    return "".join((head, *segments, tail))


def interchange(*messages, charset="UNOY", una=True, signs=PLAIN, end="\n", encoding="utf-8", count=None):
    """An interchange as bytes."""
    advice = f"UNA{signs.component}{signs.element}{signs.decimal}{signs.release or ' '} {signs.terminator}"
    head = segment("UNB", (charset, "4"), "CNPOST", "CAPOST", ("20261124", "0930"), "77", signs=signs)
    tail = segment("UNZ", str(count or len(messages)), "77", signs=signs)
    text = (advice if una else "") + end.join((head, *messages, tail)) + end
    return text.encode(encoding)


def item(number=ITEM, goods=("wooden toys",), **said):
    """A postal item with a line for each description; `said` adds to what stands before its first line."""
    lines = [part for index, text in enumerate(goods, 1) for part in content(index, text)]
    return [
        segment("CNI", "1", number),
        segment("NAD", "CZ", "", "", "Lantern Toys", "1 Quay Road", "Shenzhen", "", "518000", "CN"),
        segment("COM", ("+86 555 0100", "TE")),
        segment("NAD", "CN", "", "", "Avery Vale", "5 Elm Street", "Port Ashby", "ON", "K1A 0A0", "CA"),
        *said.get("more", ()),
        *lines,
    ]


def content(index, text, more=()):
    """A line of goods of a postal item."""
    return [
        segment("GID", str(index), "2"),
        *([segment("FTX", "AAA", "", "", text)] if text is not None else []),
        segment("CST", "", "950300"),
        segment("LOC", "27", "CN"),
        segment("MEA", "WT", "AAL", ("GRM", "500")),
        segment("MOA", ("40", "12.50", "USD")),
        *more,
    ]


def itmatt(*items, kind="ITMATT", function="9", **how):
    """A message of postal items."""
    head = [segment("BGM", "ITM", "M1", function), segment("DTM", ("137", "202611240800", "203"))]
    return message(kind, *head, *(part for one in items for part in one), **how)


def bill(number="SHA0001", goods=("machine parts",), boxes=(BOX,), master="MAEU777", kind="BM", more=()):
    """A consignment of a manifest."""
    lines = [
        part
        for index, text in enumerate(goods, 1)
        for part in (
            segment("GID", str(index), ("10", "BX")),
            segment("FTX", "AAA", "", "", text),
            segment("MEA", "AAE", "G", ("KGM", "1200")),
            *(segment("SGP", box, "10") for box in boxes),
        )
    ]
    return [
        segment("CNI", "1"),
        segment("RFF", (kind, number)),
        *([segment("RFF", ("MB", master))] if master else []),
        segment("LOC", "9", ("CNSHA", "139", "6")),
        segment("LOC", "13", ("KRPUS", "139", "6")),
        segment("LOC", "11", ("CAVAN", "139", "6")),
        segment("NAD", "CZ", "", "", "Lantern Works", "1 Quay Road", "Shanghai", "", "200000", "CN"),
        segment("NAD", "CN", "", "", "Vale Imports", "5 Elm Street", "Port Ashby", "BC", "V5K 0A1", "CA"),
        *more,
        *lines,
    ]


def cuscar(*bills, function="9", **how):
    """A marine manifest."""
    head = [
        segment("BGM", "85", "MAN1", function),
        segment("DTM", ("137", "20261120", "102")),
        segment("DTM", ("132", "202612010600", "203")),
        segment("LOC", "60", ("CAVAN", "139", "6")),
        segment(
            "TDT", "20", "052E", "1", "", ("MAEU", "172"), "", "", ("9074729", "146", "11", "NORTH QUAY")
        ),
    ]
    return message("CUSCAR", *head, *(part for one in bills for part in one), release="95B", **how)


def found(data, name="x"):
    """Rows by kind, and faults."""
    rows = {"declaration": [], "party": [], "response": []}
    faults = []
    for one in read(BytesIO(data), name):
        if isinstance(one, Batch):
            rows[one.kind.name] += one.rows.to_pylist()
        else:
            assert isinstance(one, Fault)
            faults.append(one)
    return rows, faults
