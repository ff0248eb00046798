"""Leads as a table: given signals linked, weighed and explained, one row a lead, likeliest first."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from string import Formatter
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.cell.bulk.input_signals import InputSignals
from watchfloor.cell.linking import NO_PAIRS, Floats, Links, Numbers, Pairs, Rules, link
from watchfloor.cell.nearby import Reach, near
from watchfloor.cell.texts import rarity, read_texts, without
from watchfloor.cell.weighing import circular_reporting
from watchfloor.cell.weighing.counting import (
    DEPENDENT,
    ECHO,
    REPEAT,
    WHOLE,
    Counted,
    Members,
    chances,
    count_once,
    probabilities,
    strongest_first,
    summed,
)
from watchfloor.cell.wording.estimative_language import log_odds
from watchfloor.core.kinds import column
from watchfloor.core.marking import join
from watchfloor.core.messages import Language, Message, declare

REPEATS = declare("cell.repeats-signal", "first")
DEPENDS = declare("cell.depends", "first", "share")
ECHOES = declare("cell.echo", "chance", "first")
CHANCES = declare("cell.chances", "subjects")
HUB = declare("cell.hub", "parties")

CONTRIBUTION: Final = pa.struct(
    [
        column("signal_id", pa.string(), "the signal; null for what the lead itself pays"),
        column("bits_given", pa.float64(), "as given"),
        column("bits", pa.float64(), "as counted", nullable=False),
        column("note", pa.string(), "why it counts less than given, or for nothing"),
    ]
)
LEADS: Final = pa.schema(
    [
        column("lead_id", pa.string(), "of the first of its subjects, or of its signal", nullable=False),
        column(
            "subjects", pa.list_(pa.string()), "what it is about, in the order of their keys", nullable=False
        ),
        column("probability", pa.float64(), "of the hypothesis: prior and bits", nullable=False),
        column("bits", pa.float64(), "the exact sum of its contributions, without the prior", nullable=False),
        column("contributions", pa.list_(CONTRIBUTION), "strongest first", nullable=False),
    ]
)
"""What `watchfloor weigh` writes; where signals are marked, also the join of each lead's markings."""

MARKING: Final = column("marking", pa.string(), "the join of its signals' markings", nullable=False)

SHOWN_ECHO: Final = 0.01
"""Below this probability a signal is not called an echo, and counts whole."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """Leads and what was found on the way.

    Attributes:
        leads: rows of `LEADS`.
        links: of subjects and signals.
        counts: entries by what became of them: whole, repeats, dependent, echoes.
        nameless: signals without a subject.
        near: pairs that place and time linked.
    """

    leads: pa.Table
    links: Links
    counts: dict[str, int]
    nameless: int
    near: int


def weigh(
    given: InputSignals,
    prior: float,
    rules: Rules = Rules(),  # noqa: B008 - frozen
    reach: Reach | None = None,
    language: Language = "en",
    progress: Callable[[str], object] = lambda _: None,
) -> Weighed:
    """Link and weigh signals.

    Args:
        given: the signals.
        prior: probability of a lead before any signal, strictly between 0 and 1.
        rules: what a link must be worth.
        reach: how near in place and time signals must be to be linked by it; None: that links nothing.
        language: of the notes.
        progress: told what is being done.
    """
    progress(f"linking {len(given.ids):,} signals")
    pairs = _near(given, reach)
    links = link(given.named, len(given.keys), given.caps, pairs, rules=rules)
    progress(f"weighing {len(links.size):,} leads")
    members = strongest_first(Members(links.start, links.signals), given.bits, given.at)
    counted = count_once(members, given.bits, given.rests, given.group, given.rho)
    progress("looking for echoes")
    found = find_echoes(given, members, counted)
    prior_bits = log_odds(prior)
    parts, why, chance = _parts(given, members, counted, found, links.size, prior_bits)
    progress("writing explanations")
    bits = summed(members.start, parts, chances(links.size))
    rows = _Rows(given, links, members, parts, why, counted, found, chance, language)
    leads = _table(rows, bits, prior_bits)
    names = {"whole": WHOLE, "repeats": REPEAT, "dependent": DEPENDENT, "echoes": ECHO}
    counts = {name: int((why == code).sum()) for name, code in names.items()}
    nameless = int((np.diff(given.named.start) == 0).sum())
    return Weighed(leads, links, counts, nameless, len(pairs.one))


def find_echoes(given: InputSignals, members: Members, counted: Counted) -> circular_reporting.Echoes:
    """The odds that each counted entry is an echo of an earlier one of its lead."""
    open_ = given.known == circular_reporting.UNSTATED
    nothing = circular_reporting.Echoes(np.zeros(len(members.signals)), np.full(len(members.signals), -1))
    stated = (given.known == circular_reporting.REPEATS).any()
    if not open_.any() or (given.texts.null_count == len(given.texts) and not stated):
        return nothing
    texts = read_texts(given.texts)
    texts = without(texts, read_texts(_keys_of(given)))
    word_bits = rarity(texts, members.start, members.signals)
    likeness = circular_reporting.resemblance(members, given.bits, given.at, texts, word_bits)
    signals = members.signals
    ours = given.dated[signals] | ~given.dated.any()
    ours &= (counted.why != REPEAT) | (given.known[signals] == circular_reporting.REPEATS)
    return circular_reporting.infer(likeness, given.known[signals], given.source[signals], ours)


def _near(given: InputSignals, reach: Reach | None) -> Pairs:
    if reach is None:
        return NO_PAIRS
    found = near(given.latitude, given.longitude, given.radius, given.at, reach)
    return Pairs(found.one + len(given.keys), found.other + len(given.keys), found.bits)


def _keys_of(given: InputSignals) -> pa.Array:
    names = given.keys.take(pa.array(given.named.subjects))
    return pc.binary_join(pa.ListArray.from_arrays(given.named.start.astype(np.int32), names), " ")


def _parts(
    given: InputSignals,
    members: Members,
    counted: Counted,
    found: circular_reporting.Echoes,
    size: Numbers,
    prior_bits: float,
) -> tuple[Floats, npt.NDArray[np.int8], Floats]:
    """Bits that each entry adds, what became of it, and the probability that it is an echo.

    What an echo adds depends on how probable the lead is without it, so the leads are summed twice: first
    with echoes counted at the chance that they are none.
    """
    bits = counted.share * given.bits[members.signals]
    p = found.odds / (1 + found.odds)
    echo = (p >= SHOWN_ECHO) & (bits != 0)
    once = np.where(echo, (1 - p) * bits, bits)
    leads = members.leads
    totals = np.bincount(leads, once, len(size)) + chances(size) + prior_bits
    rest = probabilities(totals[leads] - once)
    parts = np.where(echo, circular_reporting.adds(bits, np.where(echo, found.odds, 0.0), rest), bits)
    return parts, np.where(echo, ECHO, counted.why).astype(np.int8), p


@dataclass(frozen=True, slots=True)
class _Rows:
    """Columns that the table is built from."""

    given: InputSignals
    links: Links
    members: Members
    parts: Floats
    why: npt.NDArray[np.int8]
    counted: Counted
    found: circular_reporting.Echoes
    chance: Floats
    language: Language


def _table(rows: _Rows, bits: Floats, prior_bits: float) -> pa.Table:
    subject_of, first = _subjects(rows)
    ids = _lead_ids(rows, first)
    order = np.lexsort((np.array(ids, "S16"), -bits))
    place = pa.array(order)
    columns = [
        pa.array(ids, pa.string()).take(place),
        subject_of.take(place),
        pa.array(probabilities(bits + prior_bits)).take(place),
        pa.array(bits).take(place),
        _contributions(rows, order),
    ]
    table = pa.table([c.cast(f.type) for c, f in zip(columns, LEADS, strict=True)], schema=LEADS)
    if rows.given.marking.null_count:
        return table
    return table.append_column(MARKING, _markings(rows).take(place))


def _markings(rows: _Rows) -> pa.Array:
    """The join of the markings of each lead's signals, reckoned once for each set of markings."""
    encoded = rows.given.marking.dictionary_encode()
    names = encoded.dictionary.to_pylist()
    codes = encoded.indices.to_numpy()[rows.members.signals].tolist()
    joined: dict[frozenset[int], str] = {}
    out = []
    for a, b in pairwise(rows.members.start.tolist()):
        some = frozenset(codes[a:b])
        if some not in joined:
            joined[some] = join(names[code] for code in some)
        out.append(joined[some])
    return pa.array(out, pa.string())


def _subjects(rows: _Rows) -> tuple[pa.Array, Numbers]:
    """The subjects of each lead in the order of their keys, and the number of the first, -1 for none."""
    lead, leads = rows.links.lead, len(rows.links.size)
    order = np.argsort(lead, kind="stable")
    start = np.searchsorted(lead[order], np.arange(leads + 1))
    lists = pa.ListArray.from_arrays(start.astype(np.int32), rows.given.keys.take(pa.array(order)))
    first = np.full(leads, -1)
    first[start[:-1] < start[1:]] = order[start[:-1][start[:-1] < start[1:]]]
    return lists, first


def _lead_ids(rows: _Rows, first: Numbers) -> list[str]:
    """A digest of the first subject of each lead, or of the first signal where it has none."""
    names = rows.given.keys.take(pa.array(first, mask=first < 0)).to_pylist()
    signals = rows.links.signals[rows.links.start[:-1][first < 0]]
    nameless = iter(rows.given.ids.take(pa.array(signals)).to_pylist())
    texts = (
        f"subject\x1f{name}" if of_subject else f"signal\x1f{next(nameless)}"
        for name, of_subject in zip(names, first >= 0, strict=True)
    )
    return [blake2b(text.encode(), digest_size=8, person=b"lead").hexdigest() for text in texts]


def _contributions(rows: _Rows, order: Numbers) -> pa.Array:
    """The entries of the leads in their order, and after them what the lead itself pays."""
    own_lead, own_bits, own_notes = _lead_pays(rows)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    signals, leads = rows.members.signals, rows.members.leads
    at = rank[np.concatenate([leads, own_lead])]
    sorted_ = np.argsort(at, kind="stable")
    start = np.searchsorted(at[sorted_], np.arange(len(order) + 1))
    place, nobody = pa.array(sorted_), pa.nulls(len(own_lead), pa.string())
    fields = [
        pa.concat_arrays([rows.given.ids.take(pa.array(signals)), nobody]),
        pa.concat_arrays([pa.array(rows.given.bits[signals]), pa.nulls(len(own_lead), pa.float64())]),
        pa.array(np.concatenate([rows.parts, own_bits])),
        pa.concat_arrays([_notes(rows), own_notes]),
    ]
    struct = pa.StructArray.from_arrays([field.take(place) for field in fields], fields=list(CONTRIBUTION))
    return pa.ListArray.from_arrays(start.astype(np.int32), struct)


def _lead_pays(rows: _Rows) -> tuple[Numbers, Floats, pa.Array]:
    """Leads of several subjects pay for their chances; a hub's lead says that it is one."""
    several = np.flatnonzero(rows.links.size > 1)
    hubs = rows.links.hubs[rows.links.parties[rows.links.hubs] > 0]
    lead = np.concatenate([several, rows.links.lead[hubs]])
    bits = np.concatenate([chances(rows.links.size[several]), np.zeros(len(hubs))])
    notes = [
        render(CHANCES, rows.language, subjects=pa.array(rows.links.size[several]).cast(pa.string())),
        render(HUB, rows.language, parties=pa.array(rows.links.parties[hubs]).cast(pa.string())),
    ]
    return lead, bits, pa.concat_arrays(notes)


def _notes(rows: _Rows) -> pa.Array:
    notes = pa.nulls(len(rows.why), pa.string())
    ids, why = rows.given.ids, rows.why

    def first(mask: npt.NDArray[np.bool_], of: Numbers) -> pa.Array:
        return ids.take(pa.array(of[mask]))

    def percent(mask: npt.NDArray[np.bool_], of: Floats) -> pa.Array:
        return pa.array(np.round(100 * of[mask]).astype(np.int64)).cast(pa.string())

    for code in (REPEAT, DEPENDENT, ECHO):
        mask = why == code
        if code == REPEAT:
            text = render(REPEATS, rows.language, first=first(mask, rows.counted.first))
        elif code == DEPENDENT:
            share = percent(mask, rows.counted.share)
            text = render(DEPENDS, rows.language, first=first(mask, rows.counted.first), share=share)
        else:
            chance = percent(mask, rows.chance)
            text = render(ECHOES, rows.language, first=first(mask, rows.found.of), chance=chance)
        notes = pc.replace_with_mask(notes, pa.array(mask), text)
    return notes


def render(message: Message, language: Language, **columns: pa.Array) -> pa.Array:
    """A message for every row at once; the parameters are columns of text."""
    template = message.en if language == "en" else message.fr
    pieces: list[pa.Array | str] = []
    for text, name, _, _ in Formatter().parse(template):
        pieces += [text] if text else []
        pieces += [columns[name]] if name else []
    return pc.binary_join_element_wise(*pieces, "")
