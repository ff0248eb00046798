"""The indicators over a whole file of payments, without a floor: hits, and what abstains and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.messages import Language, Message, Parameter, reason
from watchfloor.desks.finance import near
from watchfloor.desks.finance.messages import SENTENCES, defined
from watchfloor.desks.finance.surroundings import SIDES
from watchfloor.desks.finance.typologies import intake
from watchfloor.desks.finance.typologies.evaluate import Evaluation, Fired
from watchfloor.desks.finance.typologies.expressions import Window
from watchfloor.desks.finance.typologies.frame import Frame
from watchfloor.desks.finance.typologies.intake import Features
from watchfloor.desks.finance.typologies.typology import Indicator, catalogue

HITS = pa.schema(
    [
        *((name, pa.string()) for name in ("payment_id", "indicator", "account", "strength", "sentence")),
        ("at", pa.timestamp("us", "UTC")),
    ]
)
"""One row for each payment and indicator that fires on it."""


@dataclass(frozen=True)
class Firings:
    """Firings of indicators on a file.

    Attributes:
        fired: those that fire, with where.
        abstained: by indicator, the columns that it misses.
        frame: the payments.
        asked: ids of all that were asked.
    """

    fired: Sequence[Fired]
    abstained: Mapping[str, Sequence[str]]
    frame: Frame
    asked: Sequence[str]

    def hits(self, language: Language = "en") -> pa.Table:
        """The firings as `HITS`, in the order of time."""
        tables = [self._hits(one, language) for one in self.fired]
        made = pa.concat_tables(tables) if tables else HITS.empty_table()
        return made.sort_by([("at", "ascending"), ("payment_id", "ascending"), ("indicator", "ascending")])

    def _hits(self, one: Fired, language: Language) -> pa.Table:
        table = self.frame.table.select(["payment_id", "time", one.indicator.about]).take(pa.array(one.rows))
        accounts = table[one.indicator.about]
        sentences = [
            reason(_sentence(one.indicator), **parameters(one, at, account)).render(language)
            for at, account in enumerate(accounts.to_pylist())
        ]
        size = len(one.rows)
        columns = [
            table["payment_id"].cast(pa.string()),
            pa.array([one.indicator.id] * size, pa.string()),
            accounts,
            pa.array([one.indicator.bands[band][0] for band in one.band.tolist()], pa.string()),
            pa.array(sentences, pa.string()),
            table["time"].cast(pa.timestamp("us", "UTC")),
        ]
        return pa.table(columns, schema=HITS)


def parameters(
    fired: Fired, one: int, account: str, better: Mapping[str, float] | None = None
) -> dict[str, Parameter]:
    """Return a sentence's parameters: counts as whole numbers, sums as amounts; `better` replaces some."""
    told: dict[str, Parameter] = {"account": account}
    for name in _sentence(fired.indicator).parameters - {"account"}:
        value, of = float((better or {}).get(name, fired.values[name][one])), fired.indicator.let[name]
        sums = isinstance(of, Window) and of.what == "sum"
        told[name] = value if sums or not value.is_integer() else int(value)
    return told


def _sentence(one: Indicator) -> Message:
    """That of the catalogue, or what the definition that is asked says."""
    kept = SENTENCES.get(one.id)
    said = one.sentence["en"], one.sentence["fr"]
    return kept if kept is not None and said == (kept.en, kept.fr) else defined(*said)


def find(
    rows: pa.Table,
    accounts: pa.Table | None = None,
    listed: frozenset[str] | None = None,
    entries: frozenset[str] | None = None,
    indicators: Sequence[Indicator] | None = None,
) -> Firings:
    """Find the indicators that fire on a file's payments.

    Args:
        rows: as `payment_table.load` gives them.
        accounts: as `account_table.load_accounts` gives them.
        listed: accounts, or holders, that are on a list; None: nobody knows, and what asks for it abstains.
        entries: accounts, or holders, that have a customs entry; None: the same.
        indicators: which are asked; None: all.
    """
    asked = catalogue() if indicators is None else indicators
    table = intake.of_table(rows, accounts, entries)
    if listed is not None:
        table = _with_steps(table, listed)
    wanted = tuple(sorted({name for one in asked for name in one.engine}))
    looked = Evaluation(Frame(table, Features().compute(table, wanted) if wanted else {}))
    every = np.arange(table.num_rows)
    missing = {one.id: looked.missing(one) for one in asked}
    return Firings(
        list(looked.all_fired(asked, every)),
        {id_: names for id_, names in missing.items() if names},
        looked.frame,
        [one.id for one in asked],
    )


def _with_steps(table: pa.Table, listed: frozenset[str]) -> pa.Table:
    frame = Frame(table)
    payer, payee, size = frame.accounts
    known, marked = pa.array(sorted(listed), pa.string()), np.full((2, table.num_rows), -1)
    for k, side in enumerate(SIDES):
        for column in (side, f"{side}.holder"):
            if column in frame.names:
                marked[k, np.asarray(pc.is_in(table[column], known).to_numpy(), np.bool_)] = 0
    nobody = np.full(size, near.FARTHEST + 1), np.full(size, -1)
    found = near.steps(payer, payee, marked, *nobody)
    for k, side in enumerate(SIDES):
        table = table.append_column(f"{side}.steps", pa.array(found.of_side(k)))
    return table
