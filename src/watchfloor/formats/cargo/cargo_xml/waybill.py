"""XFWB and XFZB: what a consignment's elements say. Tables of paths, so that both read alike."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from lxml import etree

from watchfloor.formats.cargo.cargo_xml.paths import at, first, moment, text, texts
from watchfloor.formats.cargo.manifests import withdrawn
from watchfloor.formats.cargo.waybills.facts import (
    Consignment,
    Flight,
    Note,
    Party,
    add_tariff,
    air_waybill,
    set_mass,
    set_pieces,
    set_value,
)
from watchfloor.formats.lists.countries import country_code
from watchfloor.formats.xml_limits import text_of

_UNITS: Final = {"KGM": False, "LBR": True, "": False}
"""Units of mass (UN/ECE recommendation 20): whether they are pounds."""
_VOLUMES: Final = {"MTQ": "MC", "FTQ": "CF", "CMQ": "CC", "INQ": "CI"}
"""Units of volume, as Cargo-IMP writes them."""
_ADDRESS: Final = ("StreetName", "CityName", "CountrySubDivisionName", "PostcodeCode", "CountryID")
_NEW: Final = ("", "Creation", "9")
_WITHDRAWN: Final = ("Deletion", "Cancellation", "1", "3")
"""Purposes of a message: words, and codes of UN/EDIFACT 1225."""
_NAMED: Final = {"ssr": "HandlingSSRInstructions/Description", "osi": "HandlingOSIInstructions/Description"}


def waybill(consignment: etree._Element, observed: datetime, locator: str, awb: str) -> Consignment:
    """XFWB. Raises `ValueError` where the number of the waybill is none."""
    one = Consignment(air_waybill(awb), observed, locator)
    read_consignment(consignment, one)
    return one


def house(master: etree._Element, observed: datetime, locator: str, number: str) -> Consignment:
    """XFZB. Raises `ValueError` where the number of its master is none, or it has no house consignment."""
    awb = air_waybill(text(master, "TransportContractDocument/ID"))
    found = first(master, "IncludedHouseConsignment")
    if found is None:
        raise ValueError("no IncludedHouseConsignment is in this house waybill")
    one = Consignment(awb, observed, locator, house=number or text(found, "ID"))
    if not one.house:
        raise ValueError(
            f"the house waybill of master {awb} has no number: BusinessHeaderDocument/ID is empty"
        )
    read_consignment(found, one)
    return one


def read_consignment(element: etree._Element, one: Consignment) -> None:
    """Everything that a consignment's element says."""
    one.origin, one.destination = (
        text(element, "OriginLocation/ID"),
        text(element, "FinalDestinationLocation/ID"),
    )
    pieces(element, one)
    _value(element, one)
    one.shipper = _party(element, "ConsignorParty", one)
    one.consignee = _party(element, "ConsigneeParty", one)
    one.notify = _notified(element, one)
    _agent(element, one)
    for movement in at(element, "SpecifiedLogisticsTransportMovement"):
        _movement(movement, one)
    for item in [
        *at(element, "ApplicableRating/IncludedMasterConsignmentItem"),
        *at(element, "IncludedHouseConsignmentItem"),
    ]:
        for path, put in _ITEM.items():
            for found in at(item, path):
                put(found, one)
    one.goods = one.goods if any(one.goods) else texts(element, "SummaryDescription")
    if not any(code.startswith("volume=") for code in one.codes):
        for found in at(element, "GrossVolumeMeasure"):
            _volume(found, one)
    instructions(element, one)
    for name, path in _NAMED.items():
        one.codes += [f"{name}={said}" for said in texts(element, path)]


def instructions(element: etree._Element, one: Consignment) -> None:
    """Special handling, customs and security information, customs procedure."""
    one.handling = texts(element, "HandlingSPHInstructions/DescriptionCode")
    country = about = ""
    for note in at(element, "IncludedCustomsNote"):
        said = text(note, "CountryID"), text(note, "SubjectCode")
        if any(said):
            country, about = said[0] or country, said[1]
        one.notes.append(Note(country, about, text(note, "ContentCode"), text(note, "Content")))
    path = "AssociatedConsignmentCustomsProcedure/GoodsStatusCode"
    one.codes += [f"customs-origin={said}" for said in texts(element, path)]


def purpose(said: str, one: Consignment) -> None:
    """Note what a message is for, where it brings nothing new. Raises `ValueError` where it withdraws."""
    if said in _WITHDRAWN:
        raise ValueError(withdrawn(one.house or one.awb, said))
    if said not in _NEW:
        one.codes.append(f"purpose={said}")


def pieces(element: etree._Element, one: Consignment) -> None:
    """Packages and gross mass."""
    if said := text(element, "TotalPieceQuantity"):
        set_pieces(one, said)
    for name in ("IncludedTareGrossWeightMeasure", "GrossWeightMeasure"):
        found = first(element, name)
        if found is not None:
            unit = str(found.get("unitCode", ""))
            if unit in _UNITS:
                set_mass(one, text_of(found), _UNITS[unit])
            else:
                one.problems.append(f"gross mass: {unit!r} is no unit of mass that is read: KGM and LBR are")
            return


def _value(element: etree._Element, one: Consignment) -> None:
    customs, carriage = (
        first(element, "DeclaredValueForCustomsAmount"),
        first(element, "DeclaredValueForCarriageAmount"),
    )
    currency = "" if customs is None else str(customs.get("currencyID", ""))
    set_value(
        one,
        _amount(customs, "NCV", text(element, "NilCustomsValueIndicator")),
        _amount(carriage, "NVD", text(element, "NilCarriageValueIndicator")),
        currency or text(element, "ApplicableOriginCurrencyExchange/SourceCurrencyCode"),
    )


def _amount(found: etree._Element | None, none: str, is_none: str) -> str:
    if found is not None:
        return text_of(found)
    return none if is_none.lower() in ("true", "1") else ""


def _party(element: etree._Element, name: str, one: Consignment) -> Party:
    found = first(element, name)
    return Party() if found is None else party(found, one)


def _notified(element: etree._Element, one: Consignment) -> Party:
    for found in at(element, "AssociatedParty"):
        if text(found, "RoleCode") in ("NI", ""):
            return party(found, one)
    return Party()


def party(found: etree._Element, one: Consignment) -> Party:
    """Name, address on one line, telephone, account with the carrier."""
    address = first(found, "PostalStructuredAddress")
    lines = [] if address is None else [text(address, name) for name in _ADDRESS]
    if address is not None and not lines[2]:
        lines[2] = text(address, "CountrySubDivisionID")
    country = country_code(lines[4]) if lines and lines[4] else ""
    if country is None:
        one.problems.append(f"{lines[4]!r} is no country of ISO 3166-1")
    return Party(
        text(found, "Name"),
        ", ".join(filter(None, lines)),
        bool(lines and lines[0]),
        country or "",
        text(found, "DefinedTradeContact/DirectTelephoneCommunication/CompleteNumber"),
        text(found, "AccountID"),
    )


def _agent(element: etree._Element, one: Consignment) -> None:
    found = first(element, "FreightForwarderParty")
    if found is None:
        return
    code, branch = text(found, "CargoAgentID"), text(found, "SpecifiedCargoAgentLocation/ID")
    if code:
        one.codes.append(f"agent={code}/{branch}" if branch else f"agent={code}")
    one.agent = text(found, "Name") or code


def _movement(found: etree._Element, one: Consignment) -> None:
    one.carriers += texts(found, "UsedLogisticsTransportMeans/Name")
    one.route += texts(found, "ArrivalEvent/OccurrenceArrivalLocation/ID")
    if flight := text(found, "ID"):
        try:
            leaves = moment(text(found, "DepartureEvent/ScheduledOccurrenceDateTime"))
        except ValueError as error:
            leaves = None
            one.problems.append(str(error))
        one.flights.append(Flight(flight, leaves))


def _volume(found: etree._Element, one: Consignment) -> None:
    unit = str(found.get("unitCode", ""))
    one.codes.append(f"volume={_VOLUMES.get(unit, unit)}{text_of(found)}")


def _made_in(found: etree._Element, one: Consignment) -> None:
    said = text_of(found)
    one.made_in = country_code(said) or ""
    if not one.made_in:
        one.problems.append(f"{said!r} is no country of ISO 3166-1")


_ITEM: Final[dict[str, Callable[[etree._Element, Consignment], None]]] = {
    "NatureIdentificationTransportCargo/Identification": lambda found, one: one.goods.append(text_of(found)),
    "TypeCode": lambda found, one: add_tariff(one, text_of(found)),
    "OriginCountry/ID": _made_in,
    "GrossVolumeMeasure": _volume,
    "PackageQuantity": lambda found, one: one.codes.append(f"slac={text_of(found)}"),
    "AssociatedUnitLoadTransportEquipment": lambda found, one: one.codes.append(f"uld={uld(found)}"),
}
"""Paths below an item of goods."""


def uld(found: etree._Element) -> str:
    """Number of a unit load device: type, number, owner: `PMC12541ET`."""
    names = ("CharacteristicCode", "ID", "OperatingParty/PrimaryID")
    return "".join(text(found, name) for name in names)
