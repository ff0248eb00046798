"""Carriers' lists as a carrier writes them: PAXLST (D.02B) and PNRGOV. Nobody is real."""

from tests.formats.edifact.made import segment

VALE = ("VALE", "AVERY")
HALLOWAY = ("HALLOWAY", "WREN", "ODO")


def traveller(
    name=VALE, number="L898902C3", *, role="FL", birth="740812", expiry="350415", issuer="UTO", more=()
):
    """What a PAXLST says of a passenger, with what policy leaves out."""
    return [
        segment("NAD", role, "", "", name),
        segment("ATT", "2", "", "F"),
        segment("DTM", ("329", birth)),
        segment("LOC", "178", "LHR"),
        segment("LOC", "179", "YYZ"),
        segment("LOC", "174", "XYZ"),
        segment("NAT", "2", "XYZ"),
        segment("RFF", ("AVF", "PNR123")),
        segment("DOC", ("P", "110", "111"), number),
        segment("DTM", ("36", expiry)),
        segment("LOC", "91", issuer),
        *more,
    ]


def paxlst(
    *travellers,
    code="745",
    flight="WF123",
    ports=("LHR", "YYZ"),
    times=("2611240800", "2611241000"),
    count=None,
    function="",
):
    """A message of a flight and its travellers."""
    head = [
        segment("BGM", code, *([function] if function else [])),
        segment("NAD", "MS", "", "", "LANTERN AIR HELPDESK"),
        segment("COM", ("+1 604 555 0100", "TE")),
        segment("TDT", "20", flight),
        segment("LOC", "125", ports[0]),
        segment("DTM", ("189", times[0], "201")),
        segment("LOC", "87", ports[1]),
        segment("DTM", ("232", times[1], "201")),
    ]
    body = [part for one in travellers for part in one]
    body += [segment("CNT", ("42", str(len(travellers) if count is None else count)))]
    return wrapped("PAXLST", ("PAXLST", "D", "02B", "UN", "IATA"), head + body, "UNOA")


def docs(
    number="L898902C3",
    *,
    expires="15APR35",
    name=("VALE", "AVERY"),
    reference="1",
    issuer="UTO",
    born="12AUG74",
):
    """An SSR with a document, as a booking states it."""
    text = "/".join(("", "P", issuer, number, "XYZ", born, "F", expires, *name))
    return segment("SSR", ("DOCS", "HK", "1", "WF", "", "", "LHR", "YYZ", text), ("", "", reference))


def booking(*more, place="PNR123", travellers=(("VALE", "AVERY MRS", "1"),)):
    """A booking of some travellers."""
    named = [segment("TIF", surname, (given, "A", reference)) for surname, given, reference in travellers]
    return [segment("SRC"), segment("RCI", ("WF", place, "", "261101", "0900")), *named, *more]


def pnrgov(*bookings, ports=("LHR", "YYZ"), count=None, version="11"):
    """A message of a flight and its bookings."""
    head = [
        segment("MSG", ("", "22")),
        segment("ORG", ("WF", "LHR"), "12345"),
        segment("TVL", ("241126", "0800", "241126", "1000"), ports[0], ports[1], "WF", "123"),
        segment("EQN", str(len(bookings) if count is None else count)),
    ]
    body = [part for one in bookings for part in one]
    return wrapped("PNRGOV", ("PNRGOV", version, "1", "IA"), head + body, "IATA")


def wrapped(kind, type_, segments, charset):
    """An interchange of one message, as bytes."""
    head = segment("UNB", (charset, "4"), "WFAIR", "CBSA", ("261124", "0700"), "77", "", kind)
    begin, end = segment("UNH", "1", type_), segment("UNT", str(len(segments) + 2), "1")
    return "\n".join(("UNA:+.? '", head, begin, *segments, end, segment("UNZ", "1", "77"))).encode()
