"""Segments that waybills, house waybills and manifests share: parties, values, customs information."""

import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from watchfloor.formats.cargo.cargo_imp.lines import Line, Segment
from watchfloor.formats.cargo.waybills.facts import Consignment, Note, Party, set_mass, set_pieces, set_value
from watchfloor.formats.lists.countries import country_code

MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DATED: Final = re.compile(rf"(\d\d)({'|'.join(MONTHS)})(\d\d)?(\d\d)?", re.ASCII)

SHIPMENT: Final = re.compile(
    r"(?P<awb>\d{3}-?\d{8})(?P<origin>[A-Z]{3})(?P<destination>[A-Z]{3})"
    r"/(?P<split>[A-Z])(?P<pieces>\d{1,9})(?P<unit>[KL])(?P<weight>[\d.]{1,20})"
    r"(?:(?P<volume>(?:MC|CF|CC|CI)[\d.]{1,12}))?(?:DG\d{1,2})?(?:T(?P<total>\d{1,9}))?(?:/(?P<goods>.*))?",
    re.ASCII | re.DOTALL,
)
"""A waybill's number, ends, pieces, weight and volume, as FWB, FHL (MBI) and FFM write them."""
EXPECTED: Final = "014-12345675YVRFRA/T4K245"

_CODED: Final = re.compile(r"[A-Z]{2}(?:/.*)?", re.DOTALL)
_PHONES: Final = ("TE", "TEL", "PHO")
_HANDLING: Final = re.compile(r"[A-Z]{3}(?:/[A-Z]{3})*")


class Quantity(NamedTuple):
    """Quantities and goods of one line, beside the waybill's number."""

    split: str
    total: str
    volume: str
    goods: str


def take_shipment(one: Consignment, text: re.Match[str]) -> Quantity:
    """Ends, pieces and mass of a consignment from its line."""
    one.origin, one.destination = text["origin"], text["destination"]
    set_pieces(one, text["pieces"])
    set_mass(one, text["weight"], pounds=text["unit"] == "L")
    return Quantity(text["split"], text["total"] or "", text["volume"] or "", text["goods"] or "")


def party(segment: Segment, one: Consignment, named_first: bool) -> Party:
    """A party, in the parts of the later versions (NAM, ADR, LOC) or line by line as in the earlier ones.

    Args:
        segment: its lines.
        one: whose it is; what is wrong is told there.
        named_first: whether a name may stand behind the identifier; else it is the account with the carrier.
    """
    tagged = any(name for name, _ in segment.parts)
    found = Party()
    lines = segment.parts
    if tagged or not named_first:
        found.account = segment.head.strip()
    elif segment.head.strip():
        lines = [("", segment.head), *lines]
    lines = [(name, text.strip()) for name, text in lines]
    coded = lines.pop()[1] if lines and _is_coded(lines[-1]) else ""
    names = [text for name, text in lines if name == "NAM"] if tagged else [t for _, t in lines[:1]]
    rest = [text for name, text in lines if name != "NAM"] if tagged else [t for _, t in lines[1:]]
    country, post, *contacts = [*(piece.strip() for piece in coded.split("/")), ""]
    found.name = " ".join(filter(None, names))
    places = [piece.strip() for text in rest for piece in text.split("/")]
    found.address = ", ".join(filter(None, (*places, post, country)))
    found.street = any(text for name, text in lines if name == "ADR") if tagged else len(rest) > 1
    found.phone = _phone(contacts)
    if country:
        found.country = country_code(country) or ""
        if not found.country:
            one.problems.append(f"{segment.name}: {country!r} is no country of ISO 3166-1")
    return found


def _is_coded(line: tuple[str, str]) -> bool:
    """Whether a line holds country, post code and contacts: one without a part of its own, last of all."""
    return bool(_CODED.fullmatch(line[1])) and line[0] in ("", "LOC")


def _phone(contacts: list[str]) -> str:
    pairs = zip(contacts[::2], contacts[1::2], strict=False)
    return next((number for how, number in pairs if how in _PHONES and number), "")


def take_value(segment: Segment, one: Consignment) -> None:
    """Declared values (CVD): the last three are for carriage, for customs, insurance."""
    pieces = segment.head.split("/")
    if len(pieces) < 4:
        one.problems.append(f"CVD: {segment.head!r} does not end in three values such as NVD/NCV/XXX")
        return
    carriage, customs = (piece.strip() for piece in pieces[-3:-1])
    set_value(one, customs, carriage, pieces[0].strip())


def notes(segment: Segment) -> Iterator[Note]:
    """Customs information (OCI); a line without country and subject continues the one above it."""
    country = about = ""
    for text in segment.texts:
        pieces = [piece.strip() for piece in text.split("/", 3)]
        if len(pieces) < 4:
            if any(pieces):
                yield Note(country, about, "", text.strip())
            continue
        if pieces[0] or pieces[1]:
            country, about = pieces[0] or country, pieces[1]
        yield Note(country, about, pieces[2], pieces[3])


def handling(text: str) -> list[str]:
    """Special handling codes in a line `EAW/SPX`; none where it is no line of such codes."""
    plain = text.strip().strip("/")
    return plain.split("/") if _HANDLING.fullmatch(plain) else []


def moment(text: str, near: datetime) -> datetime:
    """`14APR`, `14APR0130`: the one nearest to a day. Raises `ValueError` where no calendar has it."""
    match = DATED.fullmatch(text)
    if match is None or (match[3] and not match[4]):
        raise ValueError(f"{text!r} is no day such as 14APR, or moment such as 14APR0130")
    found = []
    for year in (near.year - 1, near.year, near.year + 1):
        try:
            found.append(_at(year, match[2], match[1], match[3] or "0", match[4] or "0"))
        except ValueError:  # 29 February, or no day at all
            continue
    if not found:
        raise ValueError(f"{text!r} is a day or time that does not exist")
    return min(found, key=lambda one: abs(one - near))


def _at(year: int, month: str, day: str, hour: str, minute: str) -> datetime:
    return datetime(year, MONTHS.index(month) + 1, int(day), int(hour), int(minute), tzinfo=UTC)


def issued(text: str) -> datetime:
    """`08DEC26` of a waybill's execution. Raises `ValueError`."""
    match = DATED.fullmatch(text.strip())
    try:
        if match and match[3] and not match[4]:
            return _at(2000 + int(match[3]), match[2], match[1], "0", "0")
    except ValueError:
        pass
    raise ValueError(f"ISU: {text!r} is no day such as 08DEC26, or one that does not exist")


def departure(day: str, since: datetime) -> datetime | None:
    """The first such day of a month from a moment on; None where it is none."""
    if not (day.isascii() and day.isdecimal()) or not 1 <= int(day) <= 31:
        return None
    ahead = int(day) - since.day
    if ahead >= 0 and (one := since + timedelta(days=ahead)).month == since.month:
        return one
    days = (since + timedelta(days=i) for i in range(32 - since.day, 63))
    return next((one for one in days if one.day == int(day)), None)


def unknown(segments: list[Segment], known: Collection[str]) -> str:
    """A sentence about lines under identifiers that the message has not; empty where there are none."""
    strange = [_told(one.name, one.first) for one in segments if one.name not in known]
    if not strange:
        return ""
    some = ", ".join(strange[:5]) + ("…" if len(strange) > 5 else "")
    return f"lines under identifiers that this message does not have: {some}"


def _told(name: str, line: Line) -> str:
    return f"{name or line.text[:20]!r} in line {line.number}"
