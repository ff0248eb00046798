"""Files of shared rows: which formats there are, and what goes into a file for its reader or for a partner.

A reader's own file holds what they may see, and is marked as the strictest of it. What goes to a partner goes
through their gateway and is logged as disclosed, as what they pull is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell import current_signals
from watchfloor.core.kinds import DISCLOSURE, EXHIBIT, INTELLIGENCE_OBJECT, KINDS
from watchfloor.core.marking import join
from watchfloor.core.messages import Language
from watchfloor.exchange.bundles import sending
from watchfloor.exchange.bundles.bundle import EVIDENCE
from watchfloor.exchange.bundles.offers import SIGNAL_FORM, Offer, offer
from watchfloor.exchange.bundles.peers import me
from watchfloor.exchange.bundles.sending import AllWithheld, Packed
from watchfloor.exchange.bundles.withholding import sift
from watchfloor.exchange.partners.partner import Partner, gateway_of, offered, permit
from watchfloor.exchange.sharing import Shared, Writer
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

if TYPE_CHECKING:
    from watchfloor.cell.leads import Lead

PLACED: Final = (
    "report",
    "seizure",
    "detection",
    "coverage",
    "weather",
    "scene",
    "scene-change",
    "map-feature",
)
"""Kinds with a place."""

TOLD: Final = tuple(kind for kind in EVIDENCE if kind == INTELLIGENCE_OBJECT.name or not KINDS[kind].bulk)
"""Kinds that somebody tells; what sensors see by the million is for maps."""


class Format(NamedTuple):
    """A format of files.

    Attributes:
        writer: where it is, `module:function`.
        kinds: of records that a file holds where nothing is chosen.
        leads: whether it can hold leads.
        other: ending of a file that has another writer, and that writer.
        signals: whether it holds signals apart from leads.
        fits: which rows leave something in a file, `module:function` of a kind and its rows; else all do.
    """

    writer: str
    kinds: tuple[str, ...]
    leads: bool = False
    other: tuple[str, str] = ("", "")
    signals: bool = True
    fits: str = ""

    def load(self, ending: str = "") -> Writer:
        """Return the writer for a file's ending; its module is imported now."""
        place = self.other[1] if ending and ending == self.other[0] else self.writer
        found: Writer = _found(place)
        return found

    def fitting(self, given: Offer) -> Offer:
        """Return what leaves something in a file: the rest is not disclosed with it."""
        if not self.fits:
            return given
        fits, rows, rests = _found(self.fits), {}, dict(given.rests_on)
        for kind, table in given.rows.items():
            mask = fits(kind, table)
            if kept := table.filter(mask):
                rows[kind], rests[kind] = kept, rests[kind].filter(mask)
        return Offer(rows, rests)


def _found(place: str) -> Any:
    module, _, function = place.partition(":")
    return getattr(import_module(f"watchfloor.exchange.{module}"), function)


FORMATS: Final[Mapping[str, Format]] = {
    "stix": Format("stix.write:write", TOLD, leads=True),
    "ftm": Format("ftm:write", TOLD, leads=True, other=(".csv", "ftm:statements"), fits="ftm:fits"),
    "misp": Format("misp:write", TOLD, leads=True, other=(".zip", "misp:feed"), fits="misp:fits"),
    "case": Format("case:write", (*TOLD, EXHIBIT.name), leads=True),
    "niem": Format("niem:write", ("party", "seizure", "incident", EXHIBIT.name), leads=True),
    **{
        form: Format(f"geo.files:{form}", PLACED, leads=True)
        for form in ("geojson", "kml", "gpkg", "geoparquet", "gpx", "pmtiles")
    },
    "prov": Format("prov:write", (), leads=True, signals=False),
}
"""Formats by the name that commands have."""


class Disclosed(NamedTuple):
    """Rows that go to a partner: to be rendered, and the bundle to be logged before they leave."""

    shared: Shared
    packed: Packed


def all_of(floor: Floor, reader: Reader, form: Format) -> Offer:
    """Everything that a reader may see of what a format holds."""
    signals = current_signals.signals(floor, reader) if form.signals else None
    records = {kind: floor.read(kind, reader, latest=True) for kind in form.kinds}
    return offer(floor, reader, signals=signals, records=records)


def own(floor: Floor, given: Offer, leads: "Iterable[Lead]", now: datetime, language: Language) -> Shared:
    """Return what a reader shares of what they may see, themselves answering for who gets it."""
    shown = tuple(leads)
    marks = [*_markings(given.rows), *(one.marking for one in shown)]
    return Shared(me(floor), floor.key, now, join(marks), given.rows, shown, language)


def disclosed(
    floor: Floor, reader: Reader, partner: Partner, given: Offer, now: datetime, language: Language
) -> Disclosed:
    """Return what may go to a partner of an offer.

    Raises:
        watchfloor.policy.gateways.Refusal: the gateway does not permit it.
        AllWithheld: nothing of it may go.
    """
    right = permit(floor, partner, now.astimezone(UTC).date())
    sifted = sift(floor, reader, partner, right, given, None)
    if not sifted.rows:
        raise AllWithheld(given.count, sifted.withheld)
    packed = sending.packed(floor, right, sifted, now)
    shared = Shared(me(floor), floor.key, now, packed.manifest.marking, sifted.rows, (), language)
    return Disclosed(shared, packed)


def for_partner(floor: Floor, reader: Reader, partner: Partner, form: Format) -> Offer:
    """Everything that a reader may see of what a format holds and a partner is offered."""
    may = offered(gateway_of(floor, partner))
    wanted = [one for one in may if not partner.kinds or one in partner.kinds]
    kinds = tuple(one for one in wanted if one in form.kinds)
    every = all_of(floor, reader, form._replace(kinds=kinds))
    if SIGNAL_FORM in wanted:
        return every
    rest = {kind: rows for kind, rows in every.rows.items() if kind != DISCLOSURE.name}
    return replace(every, rows=rest)


def _markings(rows: Mapping[str, pa.Table]) -> Iterator[str]:
    for table in rows.values():
        yield from pc.unique(table["marking"]).to_pylist()
