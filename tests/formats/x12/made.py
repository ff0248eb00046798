"""X12 309 as a carrier writes it: the test side of the round trip."""

from io import BytesIO

from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.cargo.x12.file import read

BOX, BAD_BOX = ("CSQU", "3054383"), ("CSQU", "3054384")


def interchange(*sets, element="*", end="~", line="\n", count=None, release="006050"):
    """An interchange of texts with `*` and `~`, as bytes with other separators."""
    fields = ("00", " " * 10, "00", " " * 10, "ZZ", "LANTERN".ljust(15), "ZZ", "CUSTOMS".ljust(15))
    isa = "*".join(("ISA", *fields, "261124", "0930", "U", "00605", "000000077", "0", "P", ">"))
    group = f"GS*AQ*LANT*CUSTOMS*20261124*0930*5*X*{release}"
    text = [isa, group, *"".join(sets).split("~")[:-1], f"GE*{count or len(sets)}*5", "IEA*1*000000077"]
    return "".join(one.replace("*", element) + end + line for one in text).encode()


def manifest(*bills, reference="0001", count=None, mode="J", carrier="LANT"):
    """A transaction set 309."""
    head = [f"M10*{carrier}*{mode}*CA*9074729*NORTH QUAY*052E", "P4*0453*20261201**M029*0600"]
    parts = [*head, *(one for bill in bills for one in bill)]
    tail = f"SE*{count or len(parts) + 2}*{reference}"
    return "".join(f"{one}~" for one in (f"ST*309*{reference}", *parts, tail))


def bill(number="LANT0001", goods=("machine parts",), box=("CN", *BOX), more=(), line=1):
    """A bill of a manifest; `box` is a VID, or None."""
    return [
        f"LX*{line}",
        f"M11*{number}*CNSHA*10*CTN*1200*K*****LANT",
        "N9*MB*MAEU777",
        "N1*SH*LANTERN WORKS",
        "N3*1 QUAY ROAD",
        "N4*LAKE TOWN*MI*48201*US",
        "PER*IC*A B*TE*+1 313 555 0100",
        "N1*CN*VALE IMPORTS",
        "N3*5 ELM STREET",
        "N4*PORT ASHBY*ON*K1A0A0*CA",
        *more,
        *([f"VID*{'*'.join(box)}"] if box else []),
        *(f"N10*10*{text}**J*8483400000*2500*L*100**CTN*US**CAD" for text in goods),
    ]


def found(data, name="x"):
    """Declarations, parties and faults."""
    rows = {"declaration": [], "party": []}
    faults = []
    for one in read(BytesIO(data), name):
        if isinstance(one, Batch):
            rows[one.kind.name] += one.rows.to_pylist()
        else:
            assert isinstance(one, Fault)
            faults.append(one)
    return rows["declaration"], rows["party"], faults
