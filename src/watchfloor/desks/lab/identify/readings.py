"""Samples that were identified, as readings that a floor takes in as `reading-csv`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal

from watchfloor.core.subjects import SubjectError, subject
from watchfloor.desks.lab.identify.answer import Answer, Component
from watchfloor.desks.lab.identify.compounds import Compound
from watchfloor.desks.lab.identify.law import control, controls, level
from watchfloor.desks.lab.identify.samples import IdentifiedSample
from watchfloor.desks.lab.techniques import category
from watchfloor.formats.lab import reading_csv
from watchfloor.formats.lab.instrument_table import batch, item
from watchfloor.formats.lab.spectra import reading
from watchfloor.formats.lab.spectra.base import Spectrum

FAMILIES: Final = {"CDSA/I/16": "fentanyl", "CDSA/I/13": "nitazene"}
"""Items of which a member that no clause names is a finding by itself."""
UNLISTED: Final = ("class", "analogue")


class ReadingError(ValueError):
    """A sample that makes no reading.

    Attributes:
        kind: `techniques`, it has spectra of several; `subject`, that key is none; `unstated`, something that
            a reading needs is said neither by the files nor by the person.
    """

    def __init__(self, kind: Literal["techniques", "subject", "unstated"], sentence: str) -> None:
        super().__init__(sentence)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Stated:
    """Facts of the spectra that a person states where their files do not.

    Attributes:
        subject: key or number of what was sampled.
        instrument: which one took them.
        technique: of spectra whose files do not state it.
        taken: when.
        library: what was searched.
    """

    subject: str | None
    instrument: str | None
    technique: str
    taken: datetime | None
    library: str


def write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Rows of `row` as a file that `watchfloor ingest` reads."""
    with path.open("wb") as stream:
        reading_csv.write([batch({**one, "locator": path.name} for one in rows)], stream)


def row(found: IdentifiedSample, stated: Stated) -> dict[str, Any]:
    """Return one sample as a row of `reading`.

    Each substance is presumptive, with its share of the signal, or inconclusive: see `law.level`.
    Where nothing of the library is found the reading is inconclusive: a library that does not hold a
    substance says nothing of its absence. The hash is that of all files of the sample, one after the other in
    their order, as `cat FILES | sha256sum` gives it. Raises `ReadingError`.
    """
    name, group = found.name, found.spectra
    said = _placed(name, group, stated)
    digest = sha256(b"".join(Path(file).read_bytes() for file in _files(group))).hexdigest()
    results = list(_results(found, said["observed_at"].date()))
    single = {} if len(group) == 1 else {"peaks": None, "intensity": None, "unit": None}
    return {
        **said,
        **single,
        "report_key": f"identify:{sha256(f'{digest} {name}'.encode()).hexdigest()[:32]}",
        "sample": said["sample"] or name,
        "library": stated.library,
        "category": category(said["method"]),
        "level": None if results else "inconclusive",
        "results": results,
        "quality": [*said["quality"], *_remarks(found.answer)],
        "file_hash": digest,
    }


def _placed(name: str, group: Sequence[Spectrum], stated: Stated) -> dict[str, Any]:
    """The measurement, with what, how and when: of the first spectrum, and as a person states."""
    techniques = sorted({one.technique or stated.technique or "ms" for one in group})
    if len(techniques) > 1:
        raise ReadingError("techniques", f"{name} has spectra of {', '.join(techniques)}")
    one = group[0]
    if stated.subject:
        one = replace(one, said={**one.said, "subject": _item(stated.subject)})
    say = reading.SpectraStatement(instrument=stated.instrument, method=techniques[0], at=stated.taken)
    try:
        return reading.reading(one, say, _files(group)[0])
    except ValueError as error:
        missing = str(error).split(":")[0].split(".")[0]
        raise ReadingError("unstated", f"{name}: {missing}") from error


def _item(text: str) -> str:
    try:
        return item(text)
    except ValueError as error:
        raise ReadingError("subject", f"subject {text}: {error}") from error


def _files(group: Sequence[Spectrum]) -> list[str]:
    return list(dict.fromkeys(one.said["file"] for one in group))


def _results(found: IdentifiedSample, on: date) -> Iterator[dict[str, Any]]:
    """The substances, by the law of the day of the measurement."""
    answer, family = found.answer, found.family
    for one, law in zip(answer.components, controls(answer, family, on), strict=True):
        known = level(law, one, answer)
        yield _result(one, one.compound, known, law)
        for other in one.alternatives:
            yield _result(one, other, known, control(other, on))
    if family is not None and family.verdict == "yes" and not answer.components:
        sites = f" ({', '.join(family.sites)})" if family.sites else ""
        yield {**_EMPTY, "name": f"class:fentanyl{sites}", "level": "presumptive", "score": family.score}


_EMPTY: Final = dict.fromkeys(("substance", "score", "share", "share_low", "share_high", "by"))


def _result(one: Component, compound: Compound, of_level: str, law: dict[str, Any] | None) -> dict[str, Any]:
    found = {**_EMPTY, "substance": _key(compound), "name": _name(compound, law), "level": of_level}
    if of_level == "inconclusive":
        return found
    ends = {"share_low": min(one.low, one.share), "share_high": max(one.high, one.share)}
    shares = {"share": one.share, **ends, "by": "signal"}
    return found | {"score": one.match} | shares


def _name(compound: Compound, law: dict[str, Any] | None) -> str:
    """As the library calls it; a member of a family that no clause names says so."""
    clauses = law["clauses"] if law and law["outcome"] in UNLISTED else ()
    family = next((FAMILIES[clause] for clause in clauses if clause in FAMILIES), None)
    return f"class:{family} ({compound.name})" if family else compound.name


def _key(compound: Compound) -> str | None:
    for system, number in (("cas", compound.cas), ("inchikey", compound.inchikey)):
        try:
            return str(subject("substance", system, number))
        except SubjectError:
            continue
    return None


def _remarks(answer: Answer) -> Iterator[str]:
    yield from answer.doubts
    if answer.unknown:
        yield f"{answer.unexplained:.0%} of the signal is unexplained"
