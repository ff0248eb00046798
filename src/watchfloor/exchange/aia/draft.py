"""A draft of the Algorithmic Impact Assessment: what the program knows of itself and of a floor, and no more.

What is asked of the program itself is answered, with the fact that the answer rests on; a person confirms it
by putting a name to it. Every other question stays unanswered, with who is to answer it and, where the floor
has a fact that bears on it, that fact.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import tomlkit

from watchfloor.cell.learning.fits import fits
from watchfloor.core.kinds import KINDS
from watchfloor.core.marking import CLASSIFIED, PROTECTED, parse
from watchfloor.desks.registry import desks
from watchfloor.exchange.aia.score import DRAFTED, Answer, Phase, Question, table
from watchfloor.policy.policy import Reader
from watchfloor.store.floor import Floor

PERSONAL: Final = ("party", "payment", "account", "declaration", "report", "task", "outcome")
"""Kinds whose records are about people."""

PROSE: Final = ("report", "product", "watch-entry")
"""Kinds whose records are prose."""

DISCLOSURES: Final = ("disclosed", "disseminated")
"""Acts by which something went to others."""


class DraftAnswer(NamedTuple):
    """An answer that the program can give, and the fact that it rests on."""

    answer: Answer
    because: str


@dataclass(frozen=True, slots=True)
class Facts:
    """A floor's holdings, in one reader's view.

    Attributes:
        rows: records of each kind, by its name.
        feeds: names of the feeds that delivered.
        markings: distinct markings of the records.
        desks: names of the registered desks.
        fitted: how many weight tables were fitted on the floor.
        drawn: whether leads were drawn for the audit sample.
        disclosures: how often something went to others.
        peers: how many nodes it exchanges bundles with.
    """

    rows: Mapping[str, int]
    feeds: tuple[str, ...]
    markings: frozenset[str]
    desks: tuple[str, ...]
    fitted: int
    drawn: bool
    disclosures: int
    peers: int


def facts(floor: Floor, reader: Reader) -> Facts:
    """Return the floor's holdings that a reader may see."""
    columns = {kind: floor.read(kind, reader, columns=["marking", "source"]) for kind in KINDS}
    held = {kind: rows for kind, rows in columns.items() if rows.num_rows}
    sources = {name for rows in held.values() for name in rows["source"].unique().to_pylist()}
    return Facts(
        {kind: rows.num_rows for kind, rows in held.items()},
        tuple(sorted(sources & floor.accounting().keys())),
        frozenset(text for rows in held.values() for text in rows["marking"].unique().to_pylist()),
        tuple(desks()),
        len(fits(floor, reader)),
        bool(floor.acts_of("audit-draw")),
        len(floor.acts_of(*DISCLOSURES)),
        len(floor.acts_of("peer")),
    )


def known(found: Facts) -> dict[str, DraftAnswer]:
    """The answers that the program can give about itself and about a floor."""
    return {**_program(found), **dict(_floor(found))}


def _program(found: Facts) -> dict[str, DraftAnswer]:
    """Return the answers that hold on every floor, from how the program is built."""
    based = ["rules", "patterns"] if found.fitted else ["rules"]
    fitted = f"; {found.fitted} weight tables were fitted to outcomes" if found.fitted else ""
    able = ["text-and-speech", "risk-assessment"]
    return {
        "aboutSystem1": DraftAnswer(able, "it reads reports, and weighs signals into leads"),
        "aboutAlgorithm1": DraftAnswer(
            "no", "desks, rules and weight table are files that anybody here can read"
        ),
        "aboutAlgorithm3": DraftAnswer(
            based, f"desks {', '.join(found.desks)} assert by written rules{fitted}"
        ),
        "aboutAlgorithm4": DraftAnswer(
            ["deterministic"],
            "the same records give the same signals, byte for byte: `watchfloor floor replay`",
        ),
        "aboutAlgorithm8": DraftAnswer(
            "no", "weights change only when a person refits them and loads the table"
        ),
        "impact30": DraftAnswer("partial", "a lead is an invitation to look; a person decides about each"),
        "aboutDataSourceType3": DraftAnswer(
            "yes", "a desk that reads nationality, birthplace, ethnicity, religion or language is refused"
        ),
        "fairness1": DraftAnswer("yes", "each act of the log states the authority that its actor gave"),
        "fairness2": DraftAnswer(
            "yes", "each run is kept with its rows, each queue that was asked for with its digest"
        ),
        "fairness3": DraftAnswer(
            "yes", "decisions, tasks, outcomes and reports are records with an author and a time"
        ),
        "fairness4": DraftAnswer("yes", "a decision against a lead is a record, with its reason"),
        "fairness5": DraftAnswer(
            "yes", "each run states the version of its desk and the digests of its references"
        ),
        "fairness7": DraftAnswer(
            "yes", "each lead lists contributions that sum to it, each with its records"
        ),
        "fairness10": DraftAnswer("yes", "each signal carries a reason, in English and in French"),
        "fairness8": DraftAnswer(
            "yes", "each run states the desk's version, each lead the digest of its weights"
        ),
    }


def _floor(found: Facts) -> Iterator[tuple[str, DraftAnswer]]:
    """Yield the answers that follow from the floor's holdings."""
    personal = {kind: found.rows[kind] for kind in PERSONAL if kind in found.rows}
    if personal:
        yield "aboutDataSource1", DraftAnswer("yes", f"the floor holds {_counted(personal)}")
    if found.feeds:
        several = "yes" if len(found.feeds) > 1 else "no"
        yield "aboutDataSource4", DraftAnswer(several, f"feeds: {', '.join(found.feeds)}")
    if found.markings:
        word = highest(found.markings)
        yield "aboutDataSource2", DraftAnswer(word, "the highest level among the markings of its records")
    prose = {kind: found.rows[kind] for kind in PROSE if kind in found.rows}
    if prose:
        yield "aboutDataSourceType1", DraftAnswer("yes", f"the floor holds {_counted(prose)}")
        yield (
            "aboutDataSourceType2",
            DraftAnswer(["audio-and-text"], "reports are text; no desk reads images"),
        )


def hints(found: Facts) -> dict[str, str]:
    """Facts that bear on questions that people answer."""
    disclosed = f"{found.disclosures} acts of the log disclosed something to others"
    drawn = "an audit sample was drawn" if found.drawn else "no audit sample was drawn yet"
    return {
        "aboutAlgorithm2": "each lead lists what it adds up to, to the record",
        "aboutAlgorithm9": "birth date and citizenship only confirm or clear that two records are one person",
        "aboutDataSource6": f"{found.peers} nodes were named as partners of bundles",
        "aboutDataSource14": disclosed,
        "fairness16": "the log holds runs, refits and erasures; changes to the program itself are not in it",
        "fairness23": "`watchfloor leads refit` makes a new table from outcomes when somebody orders it",
        "fairness24": f"`watchfloor leads calibration` measures it; {drawn}",
        "privacy2": "masks before reading, a signed log, certified erasure; who designed what is yours",
        "privacy4": disclosed,
    }


def highest(markings: Iterable[str]) -> str:
    """The level with the most points among markings, as the question names levels; the higher one of two."""
    question = table().by_id["aboutDataSource2"]
    levels = {"none"}
    for marking in map(parse, markings):
        levels |= {PROTECTED[marking.protected], CLASSIFIED[marking.classified]} - {""}
    order = list(question.answers)
    return max(levels, key=lambda word: (question.points[word], order.index(word)))


def drafted(found: Facts, phase: Phase, project: str = "") -> str:
    """An assessment's file, drafted: TOML with the questions as comments."""
    source, answers, hinted = table().source, known(found), hints(found)
    lines = [
        f"# {source.name}, version {source.version} of {source.date}.",
        "# Answer each question, and put your name to it; a name also confirms what is drafted.",
        "# Then: watchfloor scorecard aia score FILE",
        f"tool = {_toml(source.version)}",
        f"phase = {_toml(phase)}",
        f"project = {_toml(project)}",
    ]
    for question in table().question:
        if question.phase in ("", phase):
            lines += ["", *_asked(question, answers.get(question.id), hinted.get(question.id, ""))]
    return "\n".join([*lines, ""])


def _asked(question: Question, answer: DraftAnswer | None, hint: str) -> Iterator[str]:
    yield f"[answers.{question.id}]"
    yield from (f"# {line}" for line in _about(question))
    if hint:
        yield f"# The floor says: {hint}"
    yield f"answer = {_toml(answer.answer if answer else '')}"
    yield f"by = {_toml(DRAFTED if answer else '')}"
    if answer:
        yield f"because = {_toml(answer.because)}"


def _toml(value: Answer) -> str:
    return tomlkit.item(value).as_string()


def _about(question: Question) -> Iterator[str]:
    several = ", several may be given as a list, [] for none" if question.several else ""
    yield f"{question.text} ({question.area}, {question.counts})"
    yield f"Ask {table().asks[question.asks].en}."
    choice = ", ".join(f"{word} ({points})" for word, points in question.points.items())
    yield f"Answers and points{several}: {choice}"
    for other, wanted in question.when.items():
        yield f"Only where {other} is {' or '.join(wanted)}."


def _counted(rows: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {kind} records" for kind, count in sorted(rows.items()))
