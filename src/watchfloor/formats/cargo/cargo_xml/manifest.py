"""XFFM: a flight's manifest, one waybill at a time."""

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from watchfloor.formats.base import WHOLE_FILE, Fault
from watchfloor.formats.cargo.cargo_xml.paths import moment, text
from watchfloor.formats.cargo.cargo_xml.waybill import instructions, pieces, purpose, uld
from watchfloor.formats.cargo.waybills.facts import Aboard, Consignment, Flight, air_waybill
from watchfloor.formats.cargo.waybills.manifests import Manifest, Stop
from watchfloor.formats.lists.xml_items import fault
from watchfloor.formats.xml_limits import local, text_of


@dataclass(slots=True)
class Reading:
    """How far a manifest is read: its flight, the airport of unloading, the device that is unloaded there."""

    purpose: str = ""
    flight: Manifest | None = None
    stop: Stop | None = None
    arrives: datetime | None = None
    uld: str = ""
    cargo: etree._Element | None = None

    def read(self, element: etree._Element) -> Consignment | Fault | None:
        """Take an element in and return a whole waybill. Raises `ValueError` for a flight that is none."""
        name = local(element)
        if name == "LogisticsTransportMovement":
            self.flight = _flight(element)
        elif name == "ArrivalOccurrenceDateTime":
            self.arrives = moment(text_of(element))
        elif name == "OccurrenceArrivalLocation":
            self._stop(text(element, "ID"))
        elif name == "UtilizedUnitLoadTransportEquipment":
            self.uld, self.cargo = uld(element), element.getparent()
        elif name == "IncludedMasterConsignment":
            return self._waybill(element)
        return None

    def _stop(self, place: str) -> None:
        if self.flight is None:
            raise ValueError("an airport of unloading stands before the flight (LogisticsTransportMovement)")
        made = Stop(place, self.arrives, WHOLE_FILE)
        self.stop = self.flight.stops.setdefault(place, made)
        self.arrives = None

    def _waybill(self, element: etree._Element) -> Consignment | Fault:
        if self.flight is None or self.stop is None:
            raise ValueError("a waybill stands before the flight or the first airport of unloading")
        flight, stop = self.flight, self.stop
        flight.lines += 1
        where = f"consignment {flight.lines}"
        try:
            awb = air_waybill(text(element, "TransportContractDocument/ID"))
        except ValueError as error:
            return fault(element, where, str(error))
        aboard = Aboard(flight.flight, flight.leaves, flight.loading, stop.place, stop.arrives, flight.lines)
        one = Consignment(awb, flight.leaves, where, aboard=aboard)
        one.origin, one.destination = (
            text(element, "OriginLocation/ID"),
            text(element, "FinalDestinationLocation/ID"),
        )
        pieces(element, one)
        one.route = [flight.loading, stop.place]
        one.flights = [Flight(flight.flight, flight.leaves)]
        one.goods = [text(element, "SummaryDescription")]
        if split := text(element, "TransportSplitDescription"):
            one.codes.append(f"split={split}")
        if self.uld and element.getparent() is self.cargo:
            one.codes.append(f"uld={self.uld}")
        instructions(element, one)
        try:
            purpose(self.purpose, one)
        except ValueError as error:
            return fault(element, where, str(error))
        stop.waybills.add(awb)
        return one


def _flight(element: etree._Element) -> Manifest:
    number, loading = text(element, "ID"), text(element, "DepartureEvent/OccurrenceDepartureLocation/ID")
    leaves = moment(text(element, "DepartureEvent/DepartureOccurrenceDateTime"))
    if not number or not loading or leaves is None:
        raise ValueError("the flight's number, its airport of loading or its time of departure is missing")
    return Manifest(number, leaves, loading)
