"""Reports that units write: a form or a message each, with the Admiralty pair and a file number."""

from collections.abc import Iterator, Sequence
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Final

from watchfloor.exercise.acts import Act, Sighting
from watchfloor.exercise.cast import Cast, keys
from watchfloor.exercise.feeds.base import Feed, Observation, Row
from watchfloor.exercise.volumes import REPORTS

NAME: Final = "reports"

SETTINGS: Final = """\
[feeds.reports]
paths = ["reports/*.txt", "reports/*.eml"]
marking = "PB//TLP:AMBER"
"""

UNITS: Final = ("Highway patrol, Fort Amity", "Port Ashby police", "Marine unit, Cape Tolland", "Public line")
FILES: Final = ("PROS", "PRIME", "CPIC", "ICES")

STORIES: Final = (
    ("Van at a boat ramp", "A van stood at the ramp for an hour and left without a boat.", None),
    (
        "Parcels left on a porch",
        "Parcels have lain on a porch for days.",
        "trafficking-by-post",
    ),
    (
        "Cash at a counter",
        "A customer changed a large sum and would not say whose.",
        "laundering",
    ),
    ("Strange smell", "A smell of solvent by a garage; it may be a body shop.", "precursor-import"),
    (
        "Walkers near the line",
        "Two people with rucksacks walked along it at dusk.",
        "unlawful-crossing",
    ),
    ("Licence that looks wrong", "A driving licence felt thick and its print was blurred.", "document-fraud"),
)
"""Title, text and hypothesis of what is written every day and seldom leads anywhere."""

EVERYDAY_PAIRS: Final = (
    *("A2", "B2", "B3", "B3", "C2", "C3", "C3", "C3", "C3", "C4"),
    *("D3", "D3", "D4", "D4", "E4", "E4", "F3", "F3", "F6", "F6"),
)
"""Their Admiralty pairs: one in ten is by a good source and confirmed, and leads nowhere all the same."""


def everyday(cast: Cast, count: int) -> Iterator[Act]:
    """Reports about anybody, of middling worth."""
    for _ in range(count):
        title, text, speaks_to = cast.one_of(STORIES)
        about, file = cast.anybody(), (cast.one_of(FILES), f"{cast.number(10**5, 10**6)}")
        named = keys(cast.one_of((about.address, about.phone)))
        pair, by_mail = cast.one_of(EVERYDAY_PAIRS), cast.random.random() < 0.3
        yield Sighting(
            cast.at(), cast.one_of(UNITS), title, text, pair, named, speaks_to, file, by_mail=by_mail
        )


def sees(act: Act) -> Iterator[Observation]:
    """Yield the reports that a unit wrote."""
    if isinstance(act, Sighting):
        yield Observation(act, None, (), {})


def write(folder: Path, rows: Sequence[Row]) -> None:
    """A file a report."""
    (folder / NAME).mkdir(exist_ok=True)
    for row in rows:
        if isinstance(row.seen.act, Sighting):
            text, end = (message, "eml") if row.seen.act.by_mail else (form, "txt")
            path = folder / NAME / f"{row.report_key}.{end}"
            path.write_text(text(row.report_key, row.seen.act), encoding="utf-8", newline="\n")


def form(number: str, one: Sighting) -> str:
    """The typed form."""
    head = {"Title": one.title, "Author": one.unit, "Date": one.at.isoformat(), "Report number": number}
    return f"{_lines(head | _rated(one))}\n\n(PB) {one.text}\n"


def message(number: str, one: Sighting) -> str:
    """The same as electronic mail; its header says who wrote it, when and of what."""
    mail = EmailMessage()
    mail["From"] = f"{one.unit.replace(',', '')} <unit@exercise.example>"
    mail["To"] = "Watch <watch@exercise.example>"
    mail["Date"] = format_datetime(one.at)
    mail["Subject"] = one.title
    mail["Message-ID"] = f"<{number}@exercise.example>"
    mail.set_content(f"{_lines({'Report number': number} | _rated(one))}\n\n(PB) {one.text}\n", cte="8bit")
    return mail.as_string()


def _rated(one: Sighting) -> dict[str, str]:
    """The pair, as two judgements, and what the author states."""
    stated = {
        "Source reliability": one.pair[0],
        "Information credibility": one.pair[1],
        "Files": " ".join(one.file),
        "Subjects": "; ".join(one.subjects),
    }
    return stated | ({"Hypothesis": one.speaks_to} if one.speaks_to else {})


def _lines(head: dict[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in head.items())


FEED: Final = Feed(NAME, REPORTS, SETTINGS, everyday, sees, write)
