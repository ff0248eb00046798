"""Which record takes the place of which: a later one of its report, unless it is marked below it.

Who may write only what is marked low must not be able to take away what is marked high (the strict integrity
rule of K. J. Biba, Integrity Considerations for Secure Computer Systems, 1977). So a record replaces an
earlier one of the same kind, source and report key where everybody who may see it may see the earlier one;
else both stand, for those who may see both. Of a record that was downgraded the new marking counts.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.marking import Marking, covers, parse, readable
from watchfloor.store import log
from watchfloor.store.database import Database

Lowered = Mapping[bytes, str]
"""What records were downgraded to, by their ids."""

NOTHING: Final[Lowered] = {}
COLUMNS: Final = ("record_id", "source", "report_key", "marking")
"""What `latest` reads."""


def lowered(database: Database, upto: int | None = None) -> Lowered:
    """Return the records that were downgraded up to a position, see `casework.remarking`."""
    said = (act.detail for act in log.acts_named(database, ["downgraded"], upto) if act.detail)
    return {bytes.fromhex(one["record"]): one["to"] for one in said}


def latest(rows: pa.Table, lowered: Lowered = NOTHING) -> pa.Table:
    """Return of the rows with one source and report key those that none replaces; those without a key stay.

    Args:
        rows: with `COLUMNS`, in the order of the log.
        lowered: what some were downgraded to.
    """
    every = _numbered(rows)
    keyed = every.filter(pc.is_valid(every["report_key"]))
    free = every.filter(pc.is_null(every["report_key"]))["n"].to_numpy()
    several = _several(keyed)
    if several is None:
        kept = _newest(keyed)
    else:
        mixed, plain = keyed.filter(several), keyed.filter(pc.invert(several))
        stand = [n for heads in _heads(rows, mixed, lowered).values() for n in heads]
        kept = np.concatenate([_newest(plain), np.array(stand, np.int64)])
    return rows.take(np.sort(np.concatenate([kept, free])))


def told_apart(rows: pa.Table, lowered: Lowered = NOTHING) -> pa.Table:
    """Return the rows with a key of its own for each that may not replace what stands under its report key.

    A desk lets the last row of a key stand. So a row that is marked below a standing one is given to it under
    a key that names its marking, and what it says stands beside the other, until a row comes that replaces
    both: then it is left out. So the last rows of the keys are those of `latest`.
    """
    every = _numbered(rows)
    keyed = every.filter(pc.is_valid(every["report_key"]))
    several = _several(keyed)
    if several is None:
        return rows
    chains: defaultdict[Any, dict[str, _Chain]] = defaultdict(dict)
    keys, kept = {}, np.ones(rows.num_rows, np.bool_)
    for one in _marked(rows, keyed.filter(several)):
        heads, key = chains[one["source"], one["report_key"]], one["report_key"]
        marking = parse(one["marking"])
        may = [name for name, chain in heads.items() if covers(marking, chain.marking)]
        name = may[0] if may else _free_key(heads, key, one["marking"])
        for other in may[1:]:
            kept[heads.pop(other).rows] = False
        numbers = heads[name].rows if name in heads else []
        numbers.append(one["n"])
        heads[name] = _Chain(parse(lowered.get(one["record_id"], one["marking"])), numbers)
        keys[one["n"]] = name
    told = pa.array(np.isin(np.arange(rows.num_rows), list(keys)))
    column = rows.schema.get_field_index("report_key")
    field = rows.schema.field(column)
    named = pc.replace_with_mask(rows["report_key"], told, pa.array(list(keys.values()), field.type))
    return rows.set_column(column, field, named).filter(pa.array(kept))


class _Chain(NamedTuple):
    """The rows that are given to a desk under one key, and the marking of the one that stands."""

    marking: Marking
    rows: list[int]


def _free_key(heads: Mapping[str, Any], key: str, marking: str) -> str:
    """Return a key under which nothing stands; the report's own where it is free."""
    if key not in heads:
        return key
    ends = ("", *(f", {n}" for n in range(2, len(heads) + 2)))
    named = (f"{key} ({readable(marking)}{end})" for end in ends)
    return next(name for name in named if name not in heads)


def _numbered(rows: pa.Table) -> pa.Table:
    """Numbers of the rows, with source, key, and by whom they may be read."""
    coded = pc.dictionary_encode(rows["marking"].cast(pa.string())).combine_chunks()
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.chunk(0) if coded.num_chunks else pa.array([], pa.string()).dictionary_encode()
    who = pa.array([readable(text) for text in coded.dictionary.to_pylist()], pa.string())
    return pa.table(
        {
            "source": rows["source"],
            "report_key": rows["report_key"],
            "who": who.take(coded.indices) if len(coded) else pa.array([], pa.string()),
            "n": np.arange(rows.num_rows),
        }
    )


def _several(keyed: pa.Table) -> pa.Array | None:
    """Whether the report of each row is marked in several ways; None where no report is."""
    if len(pc.unique(keyed["who"])) < 2:
        return None
    ways = keyed.group_by(["source", "report_key"]).aggregate([("who", "count_distinct")])
    mixed = ways.filter(pc.greater(ways["who_count_distinct"], 1))
    if not mixed.num_rows:
        return None
    joined = pc.binary_join_element_wise(keyed["source"], keyed["report_key"], "\x1f")
    return pc.is_in(joined, pc.binary_join_element_wise(mixed["source"], mixed["report_key"], "\x1f"))


def _newest(keyed: pa.Table) -> Any:
    return keyed.group_by(["source", "report_key"]).aggregate([("n", "max")])["n_max"].to_numpy()


def _heads(rows: pa.Table, mixed: pa.Table, lowered: Lowered) -> dict[Any, list[int]]:
    """By source and report key the rows that stand, of reports that are marked in several ways."""
    found: defaultdict[Any, list[int]] = defaultdict(list)
    marked: dict[int, Marking] = {}
    for one in _marked(rows, mixed):
        marking, number = parse(one["marking"]), one["n"]
        heads = found[one["source"], one["report_key"]]
        heads[:] = [*(head for head in heads if not covers(marking, marked[head])), number]
        marked[number] = parse(lowered.get(one["record_id"], one["marking"]))
    return found


def _marked(rows: pa.Table, mixed: pa.Table) -> list[dict[str, Any]]:
    """The rows that `mixed` numbers, with what decides what each replaces."""
    found = rows.select(COLUMNS).take(mixed["n"]).append_column("n", mixed["n"])
    return list(found.to_pylist())
