"""FFM/8: what is aboard a flight, by airport of unloading; in several messages where one is too short.

Days have no year: the nearest to when the file began (`base_time`) is taken.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from watchfloor.formats.base import Fault
from watchfloor.formats.byte_ranges import locator
from watchfloor.formats.cargo.cargo_imp import common
from watchfloor.formats.cargo.cargo_imp.lines import Line, Message
from watchfloor.formats.cargo.waybills.facts import Aboard, Consignment, Flight, Note, air_waybill
from watchfloor.formats.cargo.waybills.manifests import Manifest, Stop

_FLIGHT: Final = re.compile(
    r"\d{1,2}/(?P<flight>[A-Z0-9]{2,3}\d{1,4}[A-Z]?)/(?P<day>\d\d[A-Z]{3}(?:\d{4})?)/(?P<loading>[A-Z]{3})(?:/.*)?",
    re.ASCII | re.DOTALL,
)
_STOP: Final = re.compile(
    r"(?P<place>[A-Z]{3})(?:/(?:NIL)?(?:/(?P<arrives>\d\d[A-Z]{3}(?:\d{4})?))?(?:/\d\d[A-Z]{3}(?:\d{4})?)?)?",
    re.ASCII,
)
_ENDS: Final = ("LAST", "CONT")
_BELOW: Final = ("OSI", "COR", "DIM")
"""Identifiers of lines about the waybill above them."""


def begin(message: Message, near: datetime) -> Manifest:
    """The flight of a message. Raises `ValueError` where its line says none."""
    first = message.lines[0].text if message.lines else ""
    match = _FLIGHT.fullmatch(first)
    if match is None:
        raise ValueError(f"its line 2 is {first[:60]!r}, and no flight such as 1/AC007/14APR0130/YVR")
    return Manifest(match["flight"], common.moment(match["day"], near), match["loading"])


def read(message: Message, manifest: Manifest) -> Iterator[Consignment | Fault]:
    """The waybills of a message, which are counted in its manifest."""
    stop: Stop | None = None
    one: Consignment | None = None
    uld = ""
    strange: list[Line] = []
    for number, line in enumerate(message.lines[1:], 2):
        text = line.text
        if text in _ENDS:
            strange += message.lines[number:]
            break
        if text.startswith("ULD/"):
            uld = text[4:].split("/")[0].split("-")[0]
        elif shipment := common.SHIPMENT.fullmatch(text):
            if one:
                yield one
            made = _waybill(shipment, manifest, stop, line, uld)
            one = made if isinstance(made, Consignment) else None
            if isinstance(made, Fault):
                yield made
        elif one is None and (match := _STOP.fullmatch(text)):
            stop, uld = _stop(match, manifest, line), ""
        elif one and (match := _STOP.fullmatch(text)) and text[:3] not in _BELOW:
            yield one
            one, stop, uld = None, _stop(match, manifest, line), ""
        elif one is None or not _take(one, text):
            strange.append(line)
    if one:
        yield one
    if not manifest.stops:
        why = f"the manifest {manifest.key} names no airport of unloading: nothing is counted"
        yield Fault(_whole(message), why, message.data[: 1 << 16], partly=True)
    if strange:
        some = ", ".join(repr(line.text[:20]) for line in strange[:5])
        why = f"{len(strange)} lines of the manifest {manifest.key} are none that it may have: {some}"
        yield Fault(locator(strange[0].start, strange[-1].end), why, b"", partly=True)


def _whole(message: Message) -> str:
    return locator(message.start, message.start + len(message.data))


def _stop(match: re.Match[str], manifest: Manifest, line: Line) -> Stop:
    arrives = None
    if match["arrives"]:
        try:
            arrives = common.moment(match["arrives"], manifest.leaves)
        except ValueError:
            arrives = None
    made = Stop(match["place"], arrives, locator(line.start, line.end))
    return manifest.stops.setdefault(made.place, made)


def _waybill(
    said: re.Match[str], manifest: Manifest, stop: Stop | None, line: Line, uld: str
) -> Consignment | Fault:
    where, raw = locator(line.start, line.end), line.text.encode()[: 1 << 16]
    if stop is None:
        return Fault(where, "a waybill stands before the first airport of unloading", raw)
    try:
        awb = air_waybill(said["awb"])
    except ValueError as error:
        return Fault(where, str(error), raw)
    manifest.lines += 1
    stop.waybills.add(awb)
    aboard = Aboard(
        manifest.flight, manifest.leaves, manifest.loading, stop.place, stop.arrives, manifest.lines
    )
    one = Consignment(awb, manifest.leaves, where, aboard=aboard)
    quantity = common.take_shipment(one, said)
    one.route = [manifest.loading, stop.place]
    one.flights = [Flight(manifest.flight, manifest.leaves)]
    one.goods = [quantity.goods.strip()]
    facts = ("split", quantity.split), ("total-pieces", quantity.total), ("volume", quantity.volume)
    one.codes = [f"{name}={value}" for name, value in (*facts, ("uld", uld)) if value]
    return one


def _take(one: Consignment, text: str) -> bool:
    """Take a line about the waybill above it; false where it is none of that."""
    name, _, rest = text.partition("/")
    if name == "OCI" or (not name and one.notes):
        one.notes.append(_note(one, rest))
        return True
    if not name and (codes := common.handling(rest)):
        one.handling += codes
        return True
    if name in _BELOW or (not name and one.codes and one.codes[-1].startswith("osi=")):
        if name != "DIM":
            one.codes.append(f"{'customs-origin' if name == 'COR' else 'osi'}={rest.strip()}")
        return True
    return not name and any(sign.isdigit() for sign in rest)  # continued dimensions


def _note(one: Consignment, text: str) -> Note:
    country, about, code, said = [*(piece.strip() for piece in text.split("/", 3)), "", "", ""][:4]
    above = one.notes[-1] if one.notes else Note("", "", "", "")
    if not country and not about:
        country, about = above.country, above.about
    return Note(country or above.country, about, code, said)
