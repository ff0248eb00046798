"""Rules that count along chains: said once a party and a window, again when the count has doubled.

A correction takes its part back: what rests on the line that it ends is counted anew without it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

import pyarrow as pa

from watchfloor.desks.assertions import retracted
from watchfloor.desks.cargo.assertions import Standings, StandingSignal, place_of, signal_of
from watchfloor.desks.cargo.chains import CONSIGNEE_NAMES, SAME_GOODS, SAME_PAGE, SHIPPER_NAMES, SPLIT
from watchfloor.desks.cargo.columns import SHIPPER
from watchfloor.desks.cargo.goods_norms import Norms
from watchfloor.desks.cargo.ledger import KEPT, Ledger
from watchfloor.desks.cargo.messages import PUT_RIGHT
from watchfloor.desks.cargo.rules import many_spellings, page_reused, repeated_consignment, split_consignment
from watchfloor.desks.cargo.rules.group import Counted, Counting, Group
from watchfloor.desks.state import Row, keyed, within

RULES: Final[dict[int, Counting]] = {
    SPLIT: split_consignment.SAYS,
    SAME_GOODS: repeated_consignment.SAYS,
    SAME_PAGE: page_reused.SAYS,
    CONSIGNEE_NAMES: many_spellings.CONSIGNEES,
    SHIPPER_NAMES: many_spellings.SHIPPERS,
}


@dataclass(slots=True)
class Grown:
    """State: signals that stand, and which is the newest of each rule and key, since when."""

    told: Standings = within(Standings, "grown")
    open: dict[tuple[int, Annotated[int, pa.uint64()]], tuple[bytes, int]] = keyed(
        "rule", "key", "id", "first"
    )

    def forget(self, base: int, now: int) -> None:
        """Let go of what nothing to come can touch."""
        self.told.forget(base)
        widest = max(one.width for one in RULES.values())
        self.open = {key: one for key, one in self.open.items() if now - one[1] <= widest}


@dataclass(frozen=True, slots=True)
class RuleLines:
    """The lines that the rules look at."""

    key: bytes
    ledger: Ledger
    norms: Norms

    def group(self, line: int, rule: int, chain: int, as_of: int) -> Group:
        """A line and those before it along a chain that stood when `as_of` came."""
        width = RULES[rule].width
        return Group(self.ledger, self.norms, self.ledger.before(line, chain, width, as_of), chain)


def grew(state: Grown, asked: RuleLines, line: int, rule: int, chain: int) -> Iterator[dict[str, Any]]:
    """The signal of a line whose count grew; none where it adds nothing to the one that stands."""
    found = RULES[rule].say(asked.group(line, rule, chain, line))
    if found is None:
        return
    (row,) = asked.ledger.rows([line])
    time = asked.ledger.when(line)
    keys = _keys(asked.ledger, line, rule, chain)
    known = (state.open.get((rule, key)) for key in keys)
    before = next((one for one in known if one and time - one[1] <= RULES[rule].width), None)
    if before is None:
        about = f"{chain}:{asked.ledger.keys(line)[chain]}"
        signal = signal_of(asked.key, about, place_of(row), found.said)
        before = signal["row_id"], time
    elif (standing := state.told.lately(before[0], asked.ledger, time)) and found.many < 2 * standing.many:
        state.open |= {(rule, key): before for key in keys}
        return
    state.open |= {(rule, key): before for key in keys}
    yield _put(state, asked, found, StandingSignal({}, rule, chain, before[1], 0, ()), before[0], row)


def _put(
    state: Grown, asked: RuleLines, found: Counted, as_: StandingSignal, id_: bytes, row: Row
) -> dict[str, Any]:
    signal = signal_of(asked.key, "", "", found.said) | {"row_id": id_}
    state.told.put(as_._replace(signal=signal, many=found.many, lines=found.lines))
    return signal | {"at": row["observed_at"]}


def _keys(ledger: Ledger, line: int, rule: int, chain: int) -> list[int]:
    """Keys under which a signal is known: of a party all that the line has, else that of the chain."""
    keys = ledger.keys(line)
    if rule in (SAME_GOODS, SAME_PAGE):
        return [keys[chain]]
    start = SHIPPER if chain >= SHIPPER else 0
    return [keys[chain], *(key for key in keys[start : start + 3] if key and key != keys[chain])]


def corrected(state: Grown, asked: RuleLines, old: int, line: int) -> Iterator[dict[str, Any]]:
    """Signals that rest on a line that another ended, counted anew from the newest line that still stands."""
    resting = state.told.resting(old)
    if not resting:
        return
    (row,) = asked.ledger.rows([line])
    for one in resting:
        found = _anew(asked, one, line)
        if found is None:
            state.told.drop(one.signal["row_id"])
            yield retracted(one.signal, PUT_RIGHT, row, row["observed_at"])
        else:
            yield _put(state, asked, found, one, one.signal["row_id"], row)


def _anew(asked: RuleLines, one: StandingSignal, line: int) -> Counted | None:
    ledger, since = asked.ledger, asked.ledger.when(line) - KEPT
    known = [n for n in one.lines if n >= ledger.base and ledger.when(n) >= since]
    for left in sorted((n for n in known if ledger.book.died[n - ledger.base] > line), reverse=True):
        if found := RULES[one.group].say(asked.group(left, one.group, one.chain, line)):
            return found
    return None
