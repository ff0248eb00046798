"""Applications for study permits, and the letters that were filed with them: two files of one feed.

An adviser is known by a business number, a payer by an account. Who applies is known by the application's
number alone; no state, birthplace or language is written anywhere.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from watchfloor.core.kinds import APPLICATION, LETTER, Kind
from watchfloor.exercise.acts import Act, Application
from watchfloor.exercise.cast import Cast, keys
from watchfloor.exercise.feeds.base import Feed, Observation, Row, batches
from watchfloor.exercise.volumes import APPLICATIONS
from watchfloor.formats.tabular.own_csv import TABLES

NAME: Final = "applications"
LETTERS: Final = "application-letters"

SETTINGS: Final = """\
[feeds.applications]
paths = ["applications.csv", "application-letters.csv"]
marking = "PB//TLP:AMBER"
"""

COLLEGES: Final = (
    *("Port Ashby College", "Collège de Verrier", "Redwater Polytechnic", "Cape Tolland Institute"),
    *("Fort Amity College", "Prairie Gate Business School"),
)
OFFICES: Final = tuple(f"Office {number}" for number in range(1, 10))
OFFICERS: Final = 135
"""As many as decided the files of the public case, in nine offices."""
ADVISERS: Final = 8


def everyday(cast: Cast, count: int) -> Iterator[Act]:
    """Applications of people who have nothing to do with each other; every second has an adviser."""
    aside = cast.beside(NAME)
    advisers = [aside.importer() for _ in range(ADVISERS)]
    for _ in range(count):
        adviser = aside.one_of(advisers) if aside.random.random() < 0.5 else None
        yield application(aside, aside.one_of(COLLEGES), adviser=adviser)


def application(cast: Cast, college: str, **more: Any) -> Application:
    """Return an honest application; `more` is what differs."""
    random = cast.random
    made: dict[str, Any] = {
        "at": cast.at(1, 22),
        "number": f"E{random.randrange(10**9):09}",
        "office": cast.one_of(OFFICES),
        "officer": f"officer {random.randrange(OFFICERS):03}",
        "college": college,
        "adviser": None,
        "payer": ("account", f"999-{random.randrange(10**5):05}-{random.randrange(10**7):07}"),
        "device": f"{random.getrandbits(48):012x}",
        "email": f"{random.getrandbits(40):010x}@mail.example",
        "template": f"pdf:{blake2b(college.encode(), digest_size=8).hexdigest()}",
        "confirmed": "no" if random.random() < 0.02 else "yes" if random.random() < 0.5 else None,
        "outcome": cast.one_of(("granted", "granted", "refused", "pending")),
        "note": cast.one_of(
            ("Funds shown, ties shown.", "Dossier complet.", "Plan of study read; reasonable.")
        ),
    }
    return Application(**made | more)


def sees(act: Act) -> Iterator[Observation]:
    """The application, with the letter that came with it."""
    if isinstance(act, Application):
        numbers = (act.adviser.business if act.adviser else None, act.payer)
        yield Observation(act, None, tuple(one for one in numbers if one), {})


def write(folder: Path, rows: Sequence[Row]) -> None:
    """Write one CSV file of applications and one of letters."""
    _write(folder / f"{NAME}.csv", APPLICATION, rows, _application)
    _write(folder / f"{LETTERS}.csv", LETTER, rows, _letter)


def _application(row: Row) -> dict[str, Any]:
    act = row.seen.act
    assert isinstance(act, Application)
    (payer,) = keys(act.payer)
    (adviser,) = keys(act.adviser.business) if act.adviser else (None,)
    return {
        "report_key": row.report_key,
        "observed_at": act.at,
        "application": f"application:{NAME}:{act.number}",
        "number": act.number,
        "office": act.office,
        "what": "study-permit",
        "received": act.at - timedelta(days=40),
        "decided": None if act.outcome == "pending" else act.at,
        "outcome": act.outcome,
        "officer": act.officer,
        "applicant": f"person:{NAME}:{act.number}",
        "representative": adviser,
        "institution": f"company:{NAME}:{act.college}",
        "emails": [act.email],
        "payer": payer,
        "device": act.device,
        "officer_note": act.note,
    }


def _letter(row: Row) -> dict[str, Any]:
    act = row.seen.act
    assert isinstance(act, Application)
    return {
        "report_key": f"letter-{row.report_key}",
        "observed_at": act.at,
        "letter": f"document:{NAME}:LOA-{act.number}",
        "what": "acceptance",
        "issuer": f"company:{NAME}:{act.college}",
        "reference": f"LOA-{act.number}",
        "application": f"application:{NAME}:{act.number}",
        "template": act.template,
        "confirmed": act.confirmed,
    }


def _write(path: Path, kind: Kind, rows: Sequence[Row], cells: Callable[[Row], dict[str, Any]]) -> None:
    plain = dict.fromkeys(kind.body.names) | {"origins": [], "locator": ""}
    lists: dict[str, list[str]] = {field.name: [] for field in kind.body if pa.types.is_list(field.type)}
    with path.open("wb") as stream:
        TABLES[kind.name].write(batches(kind, rows, lambda row: plain | lists | cells(row)), stream)


FEED: Final = Feed(NAME, APPLICATIONS, SETTINGS, everyday, sees, write)
