"""Files of shared rows, in the formats that partners and tools read."""

import io
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, ClassVar, Final

from watchfloor.actions.base import Action, Answer, Context, lawful, new_stream, note, option, refuse_existing
from watchfloor.actions.bundles import STAYS, Chosen, offered
from watchfloor.cell.acts import Refusal, refuse
from watchfloor.core.messages import declare
from watchfloor.exchange import files
from watchfloor.exchange.bundles import sending
from watchfloor.exchange.bundles.offers import Offer
from watchfloor.exchange.bundles.sending import AllWithheld, Packed
from watchfloor.exchange.partners import partner as partners
from watchfloor.exchange.sharing import Shared

if TYPE_CHECKING:
    from watchfloor.cell.leads import Lead

NOTHING: Final = declare("partner.nothing-to-share", "format")
NO_OBJECT: Final = declare("partner.no-object-to-share", "format", "rows")
STDOUT: Final = "-"


class SharedFile(Answer, frozen=True, kw_only=True):
    """A file of shared rows.

    Attributes:
        objects: in the file; `rows`: they were made from, and leads.
        marking: the strictest of them.
        to: the partner it is for; none: it is the reader's own.
        bundle: the disclosure, to recall it by.
        content: the file's bytes, where they go to standard output.
    """

    texts: ClassVar = "partner.file"
    unprinted: ClassVar = ("content",)

    file: str
    format: str
    objects: int
    rows: int
    marking: str
    to: str | None
    bundle: str | None
    content: bytes | None

    def done(self, key: str) -> str:
        """Return the key of the text for a reader's own file, or a partner's."""
        return f"{key}_to" if self.to else key

    def copy_bytes_to(self, stream: BinaryIO, context: Context, *, terminal: bool) -> bool:  # noqa: ARG002
        """Write the file to standard output where that was asked for."""
        if self.content is None:
            return False
        stream.write(self.content)
        return True


class ShareFile(Chosen, frozen=True, kw_only=True):
    """Rows to share, and with whom; where nothing is chosen, everything that the format holds."""

    output: Annotated[Path, option("A new file; - for standard output.", spelling="--out -o")]
    to: Annotated[str, option("A partner: it goes through their gateway, and is logged as disclosed.")] = ""


def _action(form: str) -> Action[ShareFile, SharedFile]:
    """Return the action that writes a format."""

    def run(context: Context, ask: ShareFile) -> SharedFile:
        return share(context, form, ask)

    run.__doc__ = HELP[form] + MORE
    example = f"share {form} -o shared.{ENDING.get(form, form)}"
    return Action(f"share {form}", run, ShareFile, SharedFile, example, writes=True, done="partner.shared")


def share(context: Context, form: str, ask: ShareFile) -> SharedFile:
    """Write what is chosen into a file of a format, for the reader or for a partner."""
    aside = str(ask.output) == STDOUT
    if not aside:
        refuse_existing(ask.output)
    with context.busy("partner.gathering"):
        shared, packed = (_disclosed if ask.to else _own)(context, form, ask)
    rows = sum(table.num_rows for table in shared.records.values()) + len(shared.leads)
    if not rows:
        refuse(NOTHING, format=form)
    write = files.FORMATS[form].load(ask.output.suffix)

    def finish(stream: BinaryIO) -> int:
        """Write the file, and log it: when this returns, the log has it, and nobody else has the file yet."""
        with context.busy("partner.writing"):
            objects = write(shared, stream)
        if not objects:
            refuse(NO_OBJECT, format=form, rows=rows)
        stream.seek(0)
        digest = sha256(b"")
        while part := stream.read(1 << 20):
            digest.update(part)
        _log(context, form, ask, shared, packed, rows, digest.hexdigest())
        return objects

    content = None
    if aside:
        memory = io.BytesIO()
        objects, content = finish(memory), memory.getvalue()
    else:
        with new_stream(ask.output) as stream:
            objects = finish(stream)
    return SharedFile(
        file=str(ask.output),
        format=form,
        objects=objects,
        rows=rows,
        marking=shared.marking,
        to=ask.to or None,
        bundle=packed.manifest.bundle if packed else None,
        content=content,
    )


def _own(context: Context, form: str, ask: ShareFile) -> tuple[Shared, None]:
    """Return what the reader shares of what they may see."""
    floor, holds = context.floor, files.FORMATS[form]
    if _chosen(ask):
        given: Offer = offered(context, ask)
        leads = [context.lead(start) for start in ask.leads] if holds.leads else []
    else:
        given = files.all_of(floor, context.reader, holds)
        leads = context.queue if holds.leads else []
    return files.own(floor, _fitting(form, given, leads), leads, floor.now(), context.language), None


def _fitting(form: str, given: Offer, leads: "Sequence[Lead]" = ()) -> Offer:
    """Return what a format can say of an offer; refuse where rows were chosen and it can say none of them."""
    fits = files.FORMATS[form].fitting(given)
    if given.count and not fits.count and not leads:
        refuse(NO_OBJECT, format=form, rows=given.count)
    return fits


def _disclosed(context: Context, form: str, ask: ShareFile) -> tuple[Shared, Packed]:
    """Return what may go to a partner."""
    floor, reader = context.floor, context.reader
    one = partners.partner_of(partners.known(floor), ask.to)
    if (why := partners.ended(floor, one)) is not None:
        raise Refusal(why)
    given = (
        offered(context, ask) if _chosen(ask) else files.for_partner(floor, reader, one, files.FORMATS[form])
    )
    given = _fitting(form, given)
    if not given.count:
        refuse(NOTHING, format=form)
    try:
        with lawful():
            made = files.disclosed(floor, reader, one, given, floor.now(), context.language)
    except AllWithheld as error:
        for each in error.withheld:
            note(context, STAYS, rows=each.rows, why=each.reason.render(context.language))
        raise
    return made.shared, made.packed


def _log(
    context: Context, form: str, ask: ShareFile, shared: Shared, packed: Packed | None, rows: int, digest: str
) -> None:
    if packed is None:
        kinds = {kind: table.num_rows for kind, table in shared.records.items()}
        detail = {"format": form, "rows": rows, "kinds": kinds, "marking": shared.marking}
        context.log_query("shared file", **detail, sha256=digest, shown=[one.lead_id for one in shared.leads])
        return
    with context.writer() as writer:
        one = partners.partner_of(partners.known(context.floor), ask.to)
        sending.log(writer, packed, one, format=form, sha256=digest)


def _chosen(ask: ShareFile) -> bool:
    return bool(ask.leads or ask.subjects or ask.signals or ask.records or ask.pointers)


HELP: Final = {
    "stix": "Write leads, signals and evidence as a bundle of STIX 2.1, each object with its marking.",
    "ftm": "Write leads, signals and evidence as entities of FollowTheMoney, one JSON object a line.",
    "misp": "Write leads, signals and evidence as an event of MISP; into a .zip as a feed of it.",
    "case": "Write leads, signals, evidence and exhibits as a graph of CASE/UCO in JSON-LD.",
    "niem": "Write leads, persons, seizures, exhibits and arrests as a message of NIEM 6 (XML).",
    "prov": "Write where leads come from, signals and records, as PROV-O in JSON-LD.",
    "geojson": "Write what has a place as GeoJSON (RFC 7946), each thing with its marking.",
    "kml": "Write what has a place as KML 2.2, each thing with its marking.",
    "gpkg": "Write what has a place as a GeoPackage, a layer a kind, each thing with its marking.",
    "geoparquet": "Write what has a place as GeoParquet 1.1, each thing with its marking.",
    "gpx": "Write what has a place as GPX 1.1: waypoints, tracks and outlines, each with its marking.",
    "pmtiles": "Write what has a place as vector tiles (PMTiles), each thing with its marking.",
}
ENDING: Final = {
    "stix": "json",
    "ftm": "jsonl",
    "misp": "json",
    "case": "jsonld",
    "niem": "xml",
    "prov": "jsonld",
    "geoparquet": "parquet",
}
MORE: Final = (
    "\n\nWithout --to it holds what you may see, and you answer for who gets it; with --to it goes through "
    "the partner's gateway, and what may not go is left out."
)

stix, ftm, misp, case, niem, geojson, kml, gpkg, geoparquet, gpx, pmtiles, prov = map(_action, files.FORMATS)
