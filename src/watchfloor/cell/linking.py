"""Linking: which signals and subjects belong to one matter.

Signals and subjects are the two sides of a graph. A subject joins the signals that name it as long as it is
rare enough to tell them apart; what very many name in ever other company (a bank's address) is a hub and
joins nobody. A union-find (Galler and Fisher 1964, with path halving) adds the strongest links first, so the
result depends on what is linked and never on the order of the rows, and a pair that is taken away again
leaves exactly what was there before.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from watchfloor.core.kernels import kernel

Numbers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

CAPS: Final = {"substance": 0.0, "place": 0.0}
"""Bits that a subject of a type is worth at most. These name kinds and regions, not one thing."""

FEW: Final = 1 << 13
"""Numbers that signals and links are told by, up to which they are gone through without numba."""

JOINED, CAP, APART = 0, 1, 2
"""What became of a link: joined, refused because the lead would grow too large, or held apart."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Thresholds of links.

    Attributes:
        least: bits that a shared subject, or a pair, must be worth to join.
        most: subjects that one lead may span.
        world: a file is part of a larger world; worth is reckoned among at least so many signals, or in a
            small file every subject that three signals name would pass for common.
    """

    least: float = 3.0
    most: int = 200
    world: int = 65_536


class Named(NamedTuple):
    """Subjects by signal: signal `i` names `subjects[start[i]:start[i + 1]]`, foremost first, none twice."""

    start: Numbers
    subjects: Numbers

    @property
    def signals(self) -> Numbers:
        """The signal of each entry."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))

    @property
    def foremost(self) -> npt.NDArray[np.bool_]:
        """Whether each entry is the first of its signal."""
        mask = np.zeros(len(self.subjects), bool)
        mask[self.start[:-1][np.diff(self.start) > 0]] = True
        return mask


class Pairs(NamedTuple):
    """Further links between nodes (subjects are 0 to m - 1, signal i is m + i), and their worth in bits."""

    one: Numbers
    other: Numbers
    bits: Floats


class RefusedLinks(NamedTuple):
    """Links that were worth it and were not made: their nodes, and `CAP` or `APART`."""

    one: Numbers
    other: Numbers
    why: Numbers


class Links(NamedTuple):
    """Leads.

    Attributes:
        lead: number of the lead of each subject; leads without a subject have the last numbers.
        start: the signals of lead `l` are `signals[start[l]:start[l + 1]]`, in ascending order.
        signals: of every lead. A signal whose subjects are held apart stands in the lead of each.
        size: subjects of each lead.
        parties: in how many different companies each subject is named.
        worth: bits that each subject is worth as a link.
        hubs: subjects that fall short, in ascending order.
        refused: links that the cap or a judgement prevented.
    """

    lead: Numbers
    start: Numbers
    signals: Numbers
    size: Numbers
    parties: Numbers
    worth: Floats
    hubs: Numbers
    refused: RefusedLinks


NO_PAIRS: Final = Pairs(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
NONE_APART: Final = np.empty((0, 2), np.int64)


def link(
    named: Named,
    count: int,
    caps: Floats | None = None,
    pairs: Pairs = NO_PAIRS,
    apart: Numbers = NONE_APART,
    rules: Rules = Rules(),
) -> Links:
    """Join what belongs together.

    A signal counts in the lead of its foremost subject and of every other subject that is no hub. So a hub
    has a lead of its own, with the signals that name it first or nothing but hubs, and glues nobody.

    Number subjects and signals in the order of their keys: ties between links of equal worth are broken by
    number, and the result is then the same whatever the order of the rows.

    Args:
        named: subjects of each signal.
        count: how many subjects there are.
        caps: bits that each subject is worth at most; None for no caps.
        pairs: what else belongs together, such as a judgement `same`; those below `rules.least` are left out.
        apart: rows of two subjects that a judgement holds apart. It beats every link: a lead that would hold
            both, even by a chain of others, is not joined.
        rules: thresholds.
    """
    parties = companies(named, count)
    signals = len(named.start) - 1
    worth = link_bits(parties, signals, rules.world)
    if caps is not None:
        worth = np.minimum(worth, caps)
    joins = worth >= rules.least
    edges = _edges(named, count, worth, joins, pairs, rules.least)
    root, why = _join(edges.one, edges.other, count, count + signals, rules.most, apart.astype(np.int64))
    kept = why != JOINED
    refused = RefusedLinks(edges.one[kept], edges.other[kept], why[kept])
    return _gather(named, root, count, joins, parties, worth, refused)


def link_bits(parties: Numbers, signals: int, world: int = 0) -> Floats:
    """Compute the worth in bits of a subject that `d` companies name among `n` signals, as a link.

    log2(n / d) that two signals name the same one by chance so rarely, less log2(d - 1) for the others that
    it might have joined instead. A subject that one company alone names joins it whatever happens.
    """
    d = np.maximum(parties, 2).astype(np.float64)
    bits = np.log2(max(signals, world, 1) / d) - np.log2(d - 1)
    return np.where(parties < 2, np.inf, bits)


def companies(named: Named, count: int) -> Numbers:
    """In how many different sets of several subjects each subject is named.

    Signals do not count but company does: a person and a telephone that a thousand signals name together
    are named in one company.
    """
    sizes = np.diff(named.start)
    sets = _set_hashes(named)
    several = np.repeat(sizes > 1, sizes)
    subjects = named.subjects[several]
    company = np.repeat(sets, sizes)[several]
    order = np.lexsort((company, subjects))
    subjects, company = subjects[order], company[order]
    new = np.ones(len(subjects), bool)
    new[1:] = (subjects[1:] != subjects[:-1]) | (company[1:] != company[:-1])
    return np.bincount(subjects[new], minlength=count).astype(np.int64)


def _edges(
    named: Named, count: int, worth: Floats, joins: npt.NDArray[np.bool_], pairs: Pairs, least: float
) -> Pairs:
    """Every link that is worth it, strongest first."""
    mine = joins[named.subjects]
    far = pairs.bits >= least
    one = np.concatenate([named.subjects[mine], pairs.one[far]])
    other = np.concatenate([named.signals[mine] + count, pairs.other[far]])
    bits = np.concatenate([worth[named.subjects[mine]], pairs.bits[far]])
    one, other = np.minimum(one, other), np.maximum(one, other)
    order = np.lexsort((other, one, -bits))
    return Pairs(one[order], other[order], bits[order])


def _gather(
    named: Named,
    root: Numbers,
    count: int,
    joins: npt.NDArray[np.bool_],
    parties: Numbers,
    worth: Floats,
    refused: RefusedLinks,
) -> Links:
    """Number the leads, and list the signals of each once."""
    total = len(named.start) - 1
    own = np.arange(total)
    counts_for = joins[named.subjects] | named.foremost
    roots = np.concatenate([root[count:], root[named.subjects[counts_for]]])
    signals = np.concatenate([own, named.signals[counts_for]])
    has_subject = np.zeros(len(root), bool)
    has_subject[root[:count]] = True
    nameless = np.zeros(len(root), bool)
    nameless[root[count:][np.diff(named.start) == 0]] = True
    is_lead = has_subject | nameless
    numbers = _numbered(has_subject, is_lead)
    kept = is_lead[roots]
    keys = np.unique(numbers[roots[kept]] * max(total, 1) + signals[kept])
    leads, members = np.divmod(keys, max(total, 1))
    amount = int(is_lead.sum())
    start = np.searchsorted(leads, np.arange(amount + 1))
    lead = numbers[root[:count]]
    size = np.bincount(lead, minlength=amount).astype(np.int64)
    return Links(lead, start, members, size, parties, worth, np.flatnonzero(~joins), refused)


def _numbered(has_subject: npt.NDArray[np.bool_], is_lead: npt.NDArray[np.bool_]) -> Numbers:
    """Numbers of leads by root; roots are the smallest node, so leads with subjects come first."""
    numbers = np.full(len(is_lead), -1)
    numbers[has_subject] = np.arange(int(has_subject.sum()))
    rest = is_lead & ~has_subject
    numbers[rest] = int(has_subject.sum()) + np.arange(int(rest.sum()))
    return numbers


def _set_hashes(named: Named) -> npt.NDArray[np.uint64]:
    """A hash of each signal's set of subjects, the same in every order: a sum that wraps."""
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(_mixed(named.subjects.astype(np.uint64)))])
    return np.asarray(sums[named.start[1:]] - sums[named.start[:-1]])


def _mixed(x: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))


@kernel
def _find(parent: Numbers, node: int) -> int:  # pragma: no cover - compiled
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


@kernel
def _would_meet(parent: Numbers, apart: Numbers, following: Numbers, half: int, root: int) -> bool:
    """Whether a chain of halves leads to one whose other half is in the component of `root`."""
    while half >= 0:
        if _find(parent, apart[half // 2, 1 - half % 2]) == root:
            return True
        half = following[half]
    return False


@kernel(few=FEW)
def _join(
    one: Numbers, other: Numbers, subjects: int, nodes: int, most: int, apart: Numbers
) -> tuple[Numbers, Numbers]:
    """The root of every node, its component's smallest node, and what became of each edge.

    Each component keeps a chain of the halves of its pairs held apart; a join walks the shorter chain.
    """
    parent = np.arange(nodes)
    size = np.zeros(nodes, np.int64)
    size[:subjects] = 1
    head, tail = np.full(nodes, -1), np.full(nodes, -1)
    following, length = np.full(2 * len(apart), -1), np.zeros(nodes, np.int64)
    for half in range(2 * len(apart)):
        node = apart[half // 2, half % 2]
        following[half] = head[node]
        tail[node] = half if head[node] < 0 else tail[node]
        head[node] = half
        length[node] += 1
    why = np.zeros(len(one), np.int64)
    for edge in range(len(one)):
        a, b = _find(parent, one[edge]), _find(parent, other[edge])
        if a == b:
            continue
        shorter, longer = (a, b) if length[a] <= length[b] else (b, a)
        if _would_meet(parent, apart, following, head[shorter], longer):
            why[edge] = APART
            continue
        if size[a] + size[b] > most:
            why[edge] = CAP
            continue
        low, high = min(a, b), max(a, b)
        parent[high] = low
        size[low] += size[high]
        length[low] += length[high]
        if head[high] >= 0:
            following[tail[high]] = head[low]
            tail[low] = tail[high] if head[low] < 0 else tail[low]
            head[low] = head[high]
    for node in range(nodes):
        parent[node] = _find(parent, node)
    return parent, why
