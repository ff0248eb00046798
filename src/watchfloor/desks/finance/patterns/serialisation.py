"""Freeze and thaw patterns: their memory as tables and back, for a desk that is moved."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa

from watchfloor.desks.finance.patterns import memory
from watchfloor.desks.finance.patterns.fold import Find
from watchfloor.desks.finance.patterns.instances import Patterns
from watchfloor.desks.finance.patterns.registry import Burst, Payment, Registry, Ring, Scheme

_MEMBERS: Final = pa.list_(pa.int64())
_SQUARE: Final = pa.struct([("kind", pa.int64()), ("worth", pa.float64()), ("members", _MEMBERS)])
_BURSTS: Final = pa.schema(
    [(name, pa.int64()) for name in ("account", "kind", "busy", "partners", "watched", "born")]
    + [("worth", pa.float64()), ("members", _MEMBERS)]
)
_SCHEMES: Final = pa.schema(
    [("number", pa.int64()), ("born", pa.int64()), ("members", _MEMBERS), ("squares", pa.list_(_SQUARE))]
)
_RINGS: Final = pa.schema([("born", pa.int64()), ("worth", pa.float64()), ("members", _MEMBERS)])
_PAYMENTS: Final = pa.schema(
    [("number", pa.int64())]
    + [
        (name, pa.float64() if name in ("amount", "payer_off", "payee_off") else pa.int64())
        for name in Payment._fields
    ]
)
_ARRAYS: Final = pa.schema([("name", pa.string()), ("array", pa.large_binary())])


def frozen(patterns: Patterns) -> dict[str, pa.Table]:
    """Tables by name."""
    registry = patterns.registry
    bursts = [
        {"account": account, "kind": kind, **_plain(one)}
        for (account, kind), held in registry.bursts.items()
        for one in held
    ]
    schemes = [
        {
            "number": number,
            "born": one.born,
            "members": sorted(one.members),
            "squares": [{"kind": s.kind, "worth": s.worth, "members": list(s.members)} for s in one.squares],
        }
        for number, one in registry.schemes.items()
    ]
    payments = [{"number": e, **one._asdict()} for e, one in sorted(registry.payments.items())]
    arrays = [{"name": name, "array": array.tobytes()} for name, array in _arrays(patterns).items()]
    return {
        "arrays": pa.Table.from_pylist(arrays, _ARRAYS),
        "bursts": pa.Table.from_pylist(bursts, _BURSTS),
        "schemes": pa.Table.from_pylist(schemes, _SCHEMES),
        "rings": pa.Table.from_pylist([_plain(one) for one in registry.rings.values()], _RINGS),
        "payments": pa.Table.from_pylist(payments, _PAYMENTS),
    }


def _plain(one: Burst | Ring) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__slots__} | {"members": sorted(one.members)}


def _arrays(patterns: Patterns) -> dict[str, Any]:
    held = patterns.memory
    total = held.total[0]
    return {
        "total": held.total,
        "sides": held.sides,
        "pairs": held.pairs[: int(total["pairs"])],
        "edges": held.edges[: int(total["end"] - total["base"])],
        "taken": np.array([patterns.registry.taken, patterns.registry.start]),
    }


def thawed(_: Any, parts: Mapping[str, pa.Table]) -> Patterns:
    """The patterns back from `frozen`."""
    bytes_of = {row["name"]: row["array"] for row in parts["arrays"].to_pylist()}
    types = {"total": memory.TOTAL, "sides": memory.SIDE, "pairs": memory.PAIR, "edges": memory.EDGE}
    total, sides, pairs, edges = (np.frombuffer(bytes_of[name], of).copy() for name, of in types.items())
    patterns = Patterns()
    if total["rows"][0]:
        patterns.restored(memory.whole(total, sides.reshape(-1, 2), pairs, edges))
    patterns.registry = _registry(parts)
    taken, start = np.frombuffer(bytes_of["taken"], np.int64).tolist()
    patterns.registry.taken, patterns.registry.start = taken, start
    return patterns


def _registry(parts: Mapping[str, pa.Table]) -> Registry:
    registry = Registry()
    for row in parts["payments"].to_pylist():
        registry.keep(row.pop("number"), Payment(**row))
    for row in parts["bursts"].to_pylist():
        key = row.pop("account"), row.pop("kind")
        registry.bursts.setdefault(key, []).append(Burst(**row | {"members": frozenset(row["members"])}))
    for row in parts["schemes"].to_pylist():
        squares = [Find(one["kind"], one["worth"], tuple(one["members"]), 0, 0, 0) for one in row["squares"]]
        registry.schemes[row["number"]] = Scheme(set(row["members"]), squares, row["born"])
        registry.scheme_of.update(dict.fromkeys(row["members"], row["number"]))
    for row in parts["rings"].to_pylist():
        members = frozenset(row["members"])
        registry.rings[members] = Ring(members, row["worth"], row["born"])
    return registry
