"""The situation report: drafted from the log, each sentence beside the record that says so."""

from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec

from watchfloor.cell.acting import keeping
from watchfloor.cell.acting.acts import render
from watchfloor.cell.acting.orders import load
from watchfloor.cell.acting.sitrep import HEADINGS, Report, Section, records_of
from watchfloor.cell.acting.sitrep import sitrep as draft
from watchfloor.cell.moments import moment
from watchfloor.console.endpoint import Asker, Endpoint, Raw
from watchfloor.console.pages.watch import past


class SitrepAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of when.

    Attributes:
        since: a day or a moment; without it twelve hours before.
        at: a day or a moment of the past: as it would have been drafted then.
    """

    since: str = ""
    at: str = ""


class Said(msgspec.Struct, frozen=True):
    """A sentence, the record that says so, and that record's marking."""

    text: str
    record_id: str
    marking: str


class Part(msgspec.Struct, frozen=True):
    """A section: its name, its heading, its sentences."""

    section: Section
    heading: str
    sentences: list[Said]


class Sitrep(msgspec.Struct, frozen=True):
    """A situation report.

    Attributes:
        title: with its two moments.
        since, until: those.
        past: whether it is one of the past.
        parts: its sections, life at risk first.
        digest: SHA-256 of its Markdown, as the log keeps it.
        marking: the join of its sentences'.
    """

    title: str
    since: datetime
    until: datetime
    past: bool
    parts: list[Part]
    digest: str
    marking: str


def sitrep(asker: Asker, ask: SitrepAsk) -> Sitrep:
    """A situation report drafted from the log: what is open, life first, and what happened since."""
    report, since, until = _drafted(asker, ask)
    digest = _log(asker, ask, report)
    parts = [_part(report, section, asker) for section in HEADINGS]
    title = render(report.title, asker.language)
    return Sitrep(title, since, until, bool(ask.at), parts, digest, report.marking)


def text(asker: Asker, ask: SitrepAsk) -> Raw:
    """The same as Markdown, each sentence with the start of its record's id."""
    report, _, until = _drafted(asker, ask)
    _log(asker, ask, report)
    return Raw(report.markdown(asker.language).encode(), "text/markdown", f"sitrep-{until:%Y-%m-%dT%H%MZ}.md")


def _drafted(asker: Asker, ask: SitrepAsk) -> tuple[Report, datetime, datetime]:
    then = past(asker, ask.at)
    now = then or asker.at
    since = moment(ask.since, first=True) if ask.since else now - keeping.SHIFT
    records = records_of(asker.floor, asker.reader, then)
    return draft(load(asker.floor.root), records, since, now), since, now


def _log(asker: Asker, ask: SitrepAsk, report: Report) -> str:
    digest = sha256(report.markdown(asker.language).encode()).hexdigest()
    asker.log_query("sitrep", as_of=ask.at or None, digest=digest)
    return digest


def _part(report: Report, section: Section, asker: Asker) -> Part:
    told = [one for one in report.sentences if one.section == section]
    sentences = [Said(one.text(asker.language), one.record_id.hex(), one.marking) for one in told]
    return Part(section, HEADINGS[section][asker.language], sentences)


ENDPOINTS: Final = (
    Endpoint("watch.sitrep", "GET", "/watch/sitrep", SitrepAsk, Sitrep, sitrep, page="sitrep.html"),
    Endpoint("watch.sitrep-text", "GET", "/watch/sitrep.md", SitrepAsk, Raw, text),
)
