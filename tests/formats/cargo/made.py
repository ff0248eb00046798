"""Waybills, house waybills and manifests as a sender writes them, in both families of IATA's messages."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from xml.sax.saxutils import escape

LEAVES = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()


def awb(prefix="014", serial=1234567):
    """A number with its check digit."""
    return f"{prefix}-{serial:07d}{serial % 7}"


@dataclass
class Who:
    name: str = "NORTHERN PARTS LTD"
    street: str = "200 EXAMPLE STREET"
    city: str = "VANCOUVER"
    state: str = "BC"
    post: str = "V5K0A1"
    country: str = "CA"
    phone: str = "16045550123"
    account: str = ""


@dataclass
class Doc:
    number: str = field(default_factory=awb)
    house: str = ""
    issued: datetime = datetime(2026, 11, 20, tzinfo=UTC)
    origin: str = "YVR"
    destination: str = "FRA"
    legs: tuple = (("LHR", "AC"), ("FRA", "LH"))
    flights: tuple = (("AC0848", 2), ("LH014", 3))  # number, days after the issue
    pieces: int = 4
    unit: str = "K"
    weight: str = "245"
    volume: str = "0.92"
    slac: str = "12"
    goods: tuple = ("SPARE PARTS FOR", "LATHES")
    consolidated: bool = False
    hs: tuple = ("846693",)
    made_in: str = "CA"
    customs: str = "1200.50"
    currency: str = "CAD"
    shipper: Who = field(default_factory=Who)
    consignee: Who = field(
        default_factory=lambda: Who(
            "MUSTER GMBH", "BEISPIELWEG 4", "FRANKFURT", "HE", "60549", "DE", "49695550100"
        )
    )
    agent: str = "EXAMPLE FORWARDERS"
    agent_code: str = "3360525"
    branch: str = "0151"
    handling: tuple = ("EAW", "SPX")
    notes: tuple = (
        ("CA", "ISS", "RA", "RA00001-01"),
        ("", "", "ED", "0115"),
        ("CA", "SHP", "T", "123456782"),
    )


def telex(*lines):
    return ("\r\n".join(lines) + "\r\n").encode()


def _iso(moment):
    return f"{moment:%Y-%m-%dT%H:%M:%S}"


def _day(moment):
    return f"{moment.day:02d}{MONTHS[moment.month - 1]}"


def _place(who):
    return f"{who.city}/{who.state}" if who.state else who.city


def _coded(who):
    return f"/{who.country}/{who.post}" + (f"/TE/{who.phone}" if who.phone else "")


def _tagged(name, who, account):
    head = f"{name}/{who.account}" if account and who.account else name
    return [head, f"NAM/{who.name}", f"ADR/{who.street}", f"LOC/{_place(who)}", _coded(who)]


def _plain(name, who, account):
    if not account:  # a house list has the name behind the identifier
        return [f"{name}/{who.name}", f"/{who.street}", f"/{_place(who)}", _coded(who)]
    head = f"{name}/{who.account}" if who.account else name
    return [head, f"/{who.name}", f"/{who.street}", f"/{_place(who)}", _coded(who)]


def _notes(doc):
    lines = ["/".join(note) for note in doc.notes]
    return [("OCI/" if i == 0 else "/") + line for i, line in enumerate(lines)]


def fwb(doc, version=17):
    party = _tagged if version == 17 else _plain
    kind = "NC" if doc.consolidated else "NG"
    rated = [*(f"{kind}/{text}" for text in doc.goods), *(f"NH/{code}" for code in doc.hs)]
    rated += [f"NO/{doc.made_in}"] if doc.made_in else []
    rated += [f"NV/MC{doc.volume}"] if doc.volume else []
    rated += [f"NS/{doc.slac}"] if doc.slac else []
    flights = [f"{n}/{(doc.issued + timedelta(days=d)).day:02d}" for n, d in doc.flights]
    return telex(
        f"FWB/{version}",
        f"{doc.number}{doc.origin}{doc.destination}/T{doc.pieces}{doc.unit}{doc.weight}",
        *(["FLT/" + "/".join(flights)] if flights else []),
        "RTG/" + "/".join(place + carrier for place, carrier in doc.legs),
        *party("SHP", doc.shipper, True),
        *party("CNE", doc.consignee, True),
        *([f"AGT//{doc.agent_code}/{doc.branch}", f"/{doc.agent}", "/VANCOUVER"] if doc.agent else []),
        "ACC/GEN/SPOT 1",
        f"CVD/{doc.currency}/PP/PP/NVD/{doc.customs}/XXX",
        f"RTD/1/P{doc.pieces}/{doc.unit}{doc.weight}/CQ/W245/R3/T735",
        *(f"/{text}" if i == 1 else f"/{i}/{text}" for i, text in enumerate(rated, 1)),
        "OTH/P/MYC196",
        "PPD/WT735",
        "/CT735",
        f"ISU/{_day(doc.issued)}{doc.issued:%y}/VANCOUVER/A SIGNATURE",
        "REF//C00141929/FFW",
        *(["SPH/" + "/".join(doc.handling)] if doc.handling else []),
        *_notes(doc),
    )


def fhl(docs, version=5):
    party = _tagged if version == 5 else _plain
    first = docs[0]
    lines = [f"FHL/{version}", f"MBI/{first.number}{first.origin}{first.destination}/T{first.pieces}K1"]
    for doc in docs:
        lines.append(
            f"HBS/{doc.house}/{doc.origin}{doc.destination}/{doc.pieces}/{doc.unit}{doc.weight}/{doc.slac}/BRIEF"
        )
        lines += ["/" + "/".join(doc.handling)] if doc.handling else []
        lines += [("TXT/" if i == 0 else "/") + text for i, text in enumerate(doc.goods)]
        lines += [("HTS/" if i == 0 else "/") + code for i, code in enumerate(doc.hs)]
        lines += _notes(doc)
        lines += party("SHP", doc.shipper, False) + party("CNE", doc.consignee, False)
        lines.append(f"CVD/{doc.currency}/PP/NVD/{doc.customs}/XXX")
    return telex(*lines)


def ffm(docs, flight="AC0848", leaves=LEAVES, loading="YVR", end="LAST", sequence=1):
    """Stops in order of the documents; each is unloaded at its destination."""
    lines = ["FFM/8", f"{sequence}/{flight}/{_day(leaves)}{leaves:%H%M}/{loading}/CFAAA"]
    stop = ""
    for doc in docs:
        if doc.destination != stop:
            stop = doc.destination
            arrives = leaves + timedelta(hours=9)
            lines.append(f"{stop}//{_day(arrives)}{arrives:%H%M}")
            lines.append("ULD/PMC12345AC/REMARK")
        quantity = f"T{doc.pieces}{doc.unit}{doc.weight}"
        lines.append(f"{doc.number}{doc.origin}{doc.destination}/{quantity}/{' '.join(doc.goods)}")
        lines += ["/" + "/".join(doc.handling)] if doc.handling else []
        lines += _notes(doc)
    return telex(*lines, end)


def _tag(name, text, **attributes):
    said = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<ram:{name}{said}>{escape(text)}</ram:{name}>" if text else ""


def _within(name, *parts):
    return f"<ram:{name}>{''.join(parts)}</ram:{name}>"


def _mass(name, doc):
    return _tag(name, doc.weight, unitCode="KGM" if doc.unit == "K" else "LBR")


def _who(name, who):
    address = _within(
        "PostalStructuredAddress",
        _tag("PostcodeCode", who.post),
        _tag("StreetName", who.street),
        _tag("CityName", who.city),
        _tag("CountryID", who.country),
        _tag("CountrySubDivisionName", who.state),
    )
    phone = _within("DirectTelephoneCommunication", _tag("CompleteNumber", who.phone))
    contact = _within("DefinedTradeContact", phone) if who.phone else ""
    return _within(name, _tag("Name", who.name), _tag("AccountID", who.account), address, contact)


def _customs(doc):
    for country, about, code, text in doc.notes:
        yield _within(
            "IncludedCustomsNote",
            _tag("ContentCode", code),
            _tag("Content", text),
            _tag("SubjectCode", about),
            _tag("CountryID", country),
        )


def _instructions(doc):
    return "".join(
        (
            *(_within("HandlingSPHInstructions", _tag("DescriptionCode", code)) for code in doc.handling),
            *_customs(doc),
        )
    )


def _values(doc):
    none = doc.customs == "NCV"
    return _tag("NilCarriageValueIndicator", "true") + (
        _tag("NilCustomsValueIndicator", "true")
        if none
        else _tag("DeclaredValueForCustomsAmount", doc.customs, currencyID=doc.currency)
    )


def _ends(doc):
    return _within("OriginLocation", _tag("ID", doc.origin)) + _within(
        "FinalDestinationLocation", _tag("ID", doc.destination)
    )


def _item(name, doc):
    return _within(
        name,
        *(_tag("TypeCode", code, listAgencyID="1") for code in doc.hs),
        _mass("GrossWeightMeasure", doc),
        _tag("GrossVolumeMeasure", doc.volume, unitCode="MTQ"),
        _tag("PackageQuantity", doc.slac),
        _tag("PieceQuantity", str(doc.pieces)),
        _within("OriginCountry", _tag("ID", doc.made_in)) if doc.made_in else "",
        _within("NatureIdentificationTransportCargo", _tag("Identification", " ".join(doc.goods))),
    )


def _movements(doc):
    count = max(len(doc.legs), len(doc.flights))
    for i in range(count):
        place, carrier = doc.legs[i] if i < len(doc.legs) else ("", "")
        number, days = doc.flights[i] if i < len(doc.flights) else ("", 0)
        leaves = _iso(doc.issued + timedelta(days=days)) if number else ""
        yield _within(
            "SpecifiedLogisticsTransportMovement",
            _tag("StageCode", "Main-Carriage"),
            _tag("ID", number),
            _within("UsedLogisticsTransportMeans", _tag("Name", carrier)) if carrier else "",
            _within("ArrivalEvent", _within("OccurrenceArrivalLocation", _tag("ID", place))) if place else "",
            _within("DepartureEvent", _tag("ScheduledOccurrenceDateTime", leaves)),
        )


def _document(root, space, body, number, doc, purpose="Creation"):
    sort = "741" if doc.consolidated else "740"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<rsm:{root} xmlns:rsm="{space}" xmlns:ram="iata:datamodel:3">'
        f"<rsm:MessageHeaderDocument>{_tag('ID', number)}{_tag('IssueDateTime', _iso(doc.issued))}"
        f"{_tag('TypeCode', sort)}{_tag('PurposeCode', purpose)}</rsm:MessageHeaderDocument>"
        f"<rsm:BusinessHeaderDocument>{_tag('ID', number)}"
        + _within("SignatoryCarrierAuthentication", _tag("ActualDateTime", _iso(doc.issued)))
        + f"</rsm:BusinessHeaderDocument>{body}</rsm:{root}>"
    ).encode()


def xfwb(doc, purpose="Creation"):
    agent = _within(
        "FreightForwarderParty",
        _tag("Name", doc.agent),
        _tag("CargoAgentID", doc.agent_code),
        _within("SpecifiedCargoAgentLocation", _tag("ID", doc.branch)),
    )
    body = "".join(
        (
            _values(doc),
            _mass("IncludedTareGrossWeightMeasure", doc),
            _tag("TotalPieceQuantity", str(doc.pieces)),
            _who("ConsignorParty", doc.shipper),
            _who("ConsigneeParty", doc.consignee),
            agent if doc.agent else "",
            _ends(doc),
            *_movements(doc),
            _instructions(doc),
            _within("ApplicableRating", _item("IncludedMasterConsignmentItem", doc)),
        )
    )
    consignment = f"<rsm:MasterConsignment>{body}</rsm:MasterConsignment>"
    return _document("Waybill", "iata:waybill:1", consignment, doc.number, doc, purpose)


def xfzb(doc):
    house = _within(
        "IncludedHouseConsignment",
        _values(doc),
        _mass("IncludedTareGrossWeightMeasure", doc),
        _tag("TotalPieceQuantity", str(doc.pieces)),
        _tag("SummaryDescription", "BRIEF"),
        _who("ConsignorParty", doc.shipper),
        _who("ConsigneeParty", doc.consignee),
        _ends(doc),
        _instructions(doc),
        _item("IncludedHouseConsignmentItem", doc),
    )
    master = _within("TransportContractDocument", _tag("ID", doc.number.replace("-", "")))
    body = f"<rsm:MasterConsignment>{master}{house}</rsm:MasterConsignment>"
    return _document("HouseWaybill", "iata:housewaybill:1", body, doc.house, doc)


def xffm(docs, flight="AC0848", leaves=LEAVES, loading="YVR"):
    departure = _within(
        "DepartureEvent",
        _tag("DepartureOccurrenceDateTime", _iso(leaves)),
        _within("OccurrenceDepartureLocation", _tag("ID", loading)),
    )
    stops = {}
    for doc in docs:
        stops.setdefault(doc.destination, []).append(doc)
    arrives = _iso(leaves + timedelta(hours=9))
    body = f"<rsm:LogisticsTransportMovement>{_tag('ID', flight)}{departure}</rsm:LogisticsTransportMovement>"
    for place, there in stops.items():
        device = _within(
            "UtilizedUnitLoadTransportEquipment",
            _tag("ID", "12345"),
            _tag("CharacteristicCode", "PMC"),
            _within("OperatingParty", _tag("PrimaryID", "AC")),
        )
        cargo = _within(
            "AssociatedTransportCargo", _tag("TypeCode", "ULD"), device, *(_aboard(doc) for doc in there)
        )
        body += (
            f"<rsm:ArrivalEvent>{_tag('ArrivalOccurrenceDateTime', arrives)}"
            f"{_within('OccurrenceArrivalLocation', _tag('ID', place))}{cargo}</rsm:ArrivalEvent>"
        )
    return _document("FlightManifest", "iata:flightmanifest:1", body, f"{flight}X", docs[0])


def _aboard(doc):
    return _within(
        "IncludedMasterConsignment",
        _mass("GrossWeightMeasure", doc),
        _tag("TotalPieceQuantity", str(doc.pieces)),
        _tag("SummaryDescription", " ".join(doc.goods)),
        _tag("TransportSplitDescription", "T"),
        _within("TransportContractDocument", _tag("ID", doc.number)),
        _ends(doc),
        _instructions(doc),
    )
