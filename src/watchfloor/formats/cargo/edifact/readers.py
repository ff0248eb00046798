"""Readers of segments: one function a tag, which puts it into a draft."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from watchfloor.formats.cargo import manifests
from watchfloor.formats.cargo.edifact import codes
from watchfloor.formats.cargo.edifact.drafts import Draft, Goods, Party
from watchfloor.formats.cargo.edifact.syntax import Segment


def draft_of(segments: Iterable[Segment]) -> Draft:
    """Draft a consignment from its segments; a value that cannot be read is noted, and not taken."""
    draft = Draft()
    for one in segments:
        reader = _READERS.get(one.tag)
        if reader is None:
            if one.tag not in codes.PASSED:
                draft.unknown.append(one)
            continue
        try:
            reader(draft, one)
        except ValueError as error:
            draft.notes.append((one, f"{one.tag}: {error}"))
        if draft.goods:
            draft.goods[-1].end = one.end
    return draft


def _consignment(draft: Draft, one: Segment) -> None:
    draft.number = one.element(2)


def _reference(draft: Draft, one: Segment) -> None:
    if number := one.element(1, 1):
        draft.refs.setdefault(one.element(1), number)


def _time(draft: Draft, one: Segment) -> None:
    draft.times[one.element(1)] = moment(one.element(1, 1), one.element(1, 2))


def _place(draft: Draft, one: Segment) -> None:
    place = one.element(2) or one.element(2, 3)
    if not place:
        return
    if one.element(1) == codes.ORIGIN:
        found = manifests.country_of(place)
        if found is None:
            raise ValueError(f"{place!r} is no country of origin by its two letters")
        if draft.goods:
            draft.goods[-1].origin = found
        else:
            draft.origin = found
    else:
        draft.places.setdefault(one.element(1), []).append(place)


def _transport(draft: Draft, one: Segment) -> None:
    if draft.stage == "20" or (draft.stage and one.element(1) != "20"):
        return
    draft.stage = one.element(1)
    draft.voyage, draft.mode = one.element(2), one.element(3).lstrip("0")
    draft.carrier = one.element(5) or draft.carrier
    draft.vessel = one.element(8, 3) or one.element(8)


def _party(draft: Draft, one: Segment) -> None:
    lines, name = one.all(3), manifests.line(one.all(4))
    if not name and lines:
        name, lines = lines[0], lines[1:]
    parts = [*lines, *one.all(5), one.element(6), one.element(7), one.element(8), one.element(9)]
    address = ", ".join(" ".join(part.split()) for part in parts if part)
    party = Party(one.element(1), one.element(2), name, address, manifests.country(one.element(9)))
    draft.parties.setdefault(party.role, party)
    draft.last = party
    if party.role == "CA" and not draft.carrier:
        draft.carrier = party.id


def _contact(draft: Draft, one: Segment) -> None:
    address, kind = one.element(1), one.element(1, 1)
    if draft.last is None or not address:
        return
    if kind in codes.PHONES and not draft.last.phone:
        draft.last.phone = address
    elif kind in codes.PAGES:
        draft.last.page = address


def _indicator(draft: Draft, one: Segment) -> None:
    draft.indicators.append(one)


def _text(draft: Draft, one: Segment) -> None:
    if draft.goods:
        if one.element(1) == "AAA":
            draft.goods[-1].texts += one.all(4) or one.all(3)
    else:
        draft.texts += one.all(4)


def _total(draft: Draft, one: Segment) -> None:
    if one.element(1) in codes.PACKAGES:
        draft.totals[one.element(1)] = manifests.count(one.element(1, 1))
    elif one.element(1) == codes.TOTAL_GROSS and draft.gross is None:
        draft.gross = manifests.kilograms(one.element(1, 1), one.element(1, 2).upper())


def _currency(draft: Draft, one: Segment) -> None:
    draft.currency = draft.currency or one.element(1, 1).upper()


def _measure(draft: Draft, one: Segment) -> None:
    what, unit = one.element(2), one.element(3).upper()
    if one.element(1) not in codes.MASSES or (not what and unit not in manifests.KILOGRAMS):
        return
    if draft.equipment and not draft.goods:  # it is that of the equipment
        return
    target = draft.goods[-1] if draft.goods else draft
    if what in codes.GROSS:
        target.gross = manifests.kilograms(one.element(3, 1), unit)
    elif what in codes.NET:
        target.net = manifests.kilograms(one.element(3, 1), unit)


def _money(draft: Draft, one: Segment) -> None:
    if one.element(1) not in codes.VALUES:
        return
    amount, currency = manifests.money(one.element(1, 1)), one.element(1, 2).upper()
    if draft.goods:
        draft.goods[-1].value, draft.goods[-1].currency = amount, currency
    else:
        draft.value = amount, currency


def _goods(draft: Draft, one: Segment) -> None:
    draft.goods.append(Goods(one, one.end))
    if one.element(2):
        draft.goods[-1].packages = manifests.count(one.element(2))


def _packages(draft: Draft, one: Segment) -> None:
    if draft.goods and one.element(1) and draft.goods[-1].packages is None:
        draft.goods[-1].packages = manifests.count(one.element(1))


def _tariff(draft: Draft, one: Segment) -> None:
    if draft.goods:
        codes = [one.element(place) for place in range(2, len(one.data))]
        _classify(draft.goods[-1], [code for code in codes if code])


def _article(draft: Draft, one: Segment) -> None:
    if draft.goods:
        places = range(2, len(one.data))
        _classify(draft.goods[-1], [one.element(place) for place in places if one.element(place, 1) == "HS"])


def _classify(goods: Goods, codes: list[str]) -> None:
    """The first code is the line's; further ones, and one that is no code, stay as they came."""
    for code in codes:
        if goods.hs is None:
            try:
                goods.hs = manifests.hs_code(code)
            except ValueError:
                goods.codes.append(f"hs={code}")
                raise
        else:
            goods.codes.append(f"hs={code}")


def _equipment(draft: Draft, one: Segment) -> None:
    draft.equipment[one.element(2)] = one.element(1)


def _container(draft: Draft, one: Segment) -> None:
    if draft.goods and one.element(1):
        draft.goods[-1].containers.append(one)


def _dangerous(draft: Draft, one: Segment) -> None:
    if draft.goods and (number := one.element(3)):
        draft.goods[-1].codes.append(f"undg={number}")


_READERS: Final[Mapping[str, Callable[[Draft, Segment], None]]] = {
    "CNI": _consignment,
    "RFF": _reference,
    "DTM": _time,
    "LOC": _place,
    "TDT": _transport,
    "NAD": _party,
    "COM": _contact,
    "GIS": _indicator,
    "GEI": _indicator,
    "FTX": _text,
    "CNT": _total,
    "CUX": _currency,
    "MEA": _measure,
    "MOA": _money,
    "GID": _goods,
    "PAC": _packages,
    "CST": _tariff,
    "PIA": _article,
    "EQD": _equipment,
    "SGP": _container,
    "DGS": _dangerous,
}

_FORMS: Final[Mapping[str, str]] = {
    "101": "%y%m%d",
    "102": "%Y%m%d",
    "201": "%y%m%d%H%M",
    "203": "%Y%m%d%H%M",
    "204": "%Y%m%d%H%M%S",
}
"""2379: how moments are written."""


@lru_cache(maxsize=4096)
def moment(text: str, form: str) -> datetime:
    """A moment of C507, taken as UTC: these forms state no zone. Raises `ValueError`."""
    if form not in _FORMS:
        raise ValueError(f"{form!r} is no form of a moment that is read; {', '.join(_FORMS)} are")
    try:
        return datetime.strptime(text, _FORMS[form]).replace(tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"{text!r} is no moment of form {form}, or one that does not exist") from error
