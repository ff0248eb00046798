"""A state that declares its fields as columns freezes and thaws by them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, NamedTuple

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.thorough import draws

from watchfloor.core.messages import declare
from watchfloor.desks.assertions import asserted, retracted
from watchfloor.desks.base import Refs
from watchfloor.desks.state import freeze, keyed, numbered, restored, rows, table_rows, tables, thaw, within

REFS = Refs(bytes(32))
SEEN = pa.schema([("name", pa.string()), ("size", pa.int32())])
BACK = declare("test.state-back", en="Back on {day}.", fr="De retour le {day}.")


class Place(NamedTuple):
    city: str | None
    at: datetime
    tags: tuple[str, ...]


class Stands(NamedTuple):
    signal: dict
    lines: tuple[int, ...]


@dataclass
class Inner:
    places: dict[tuple[str, int], Place] = keyed("street", "number")
    seen: list[dict] = rows(SEEN)


@dataclass
class Outer:
    given: str
    inner: Inner = within(Inner, "in.")
    nothing: Inner | None = within(lambda: None)
    by: dict[Annotated[int, pa.uint64()], tuple[int, ...]] = keyed("key", "members", part="keys")
    last: dict[str, dict] = rows(SEEN, lambda row: row["name"])
    numbers: dict[str, int] = numbered("account")
    ledger: pa.Table = table_rows(SEEN)
    told: dict[bytes, Stands] = asserted()
    sizes: dict[str, int] = field(init=False)

    def __post_init__(self):
        self.sizes = {name: row["size"] for name, row in self.last.items()}


@dataclass
class Alone:
    seen: list[dict] = rows(SEEN, part="")


texts = st.text("abc", max_size=3)
seen = st.fixed_dictionaries({"name": texts, "size": st.integers(0, 9)})
moments = st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
places = st.builds(Place, st.none() | texts, moments, st.lists(texts, max_size=2).map(tuple))


@settings(max_examples=draws(100, quick=10), deadline=None)
@given(
    st.dictionaries(st.tuples(texts, st.integers(0, 9)), places, max_size=4),
    st.lists(seen, max_size=4),
    st.dictionaries(st.integers(1 << 63, (1 << 64) - 1), st.lists(st.integers(0, 9)).map(tuple), max_size=3),
)
def test_what_is_thawed_is_what_was_frozen(places, seen, by):
    state = Outer("x", Inner(places, seen), None, by, {row["name"]: row for row in seen})
    state.numbers, state.ledger = {"b": 0, "a": 1}, pa.Table.from_pylist(seen, SEEN)
    again = thaw(lambda _: Outer("y"))(REFS, freeze(state, "table"))
    assert again == Outer("y", *(getattr(state, name) for name in list(vars(state))[1:-1]))
    assert freeze(again, "table").equals(freeze(state, "table"))
    assert again.sizes == {name: row["size"] for name, row in state.last.items()}


def test_columns_have_the_types_of_the_annotations():
    found = tables(Outer("x"))
    assert list(found) == ["in.places", "in.seen", "keys", "last", "numbers", "ledger", "told"]
    assert [str(one.type) for one in found["in.places"].schema] == [
        "string", "int64", "string", "timestamp[us, tz=UTC]", "list<item: string>",
    ]  # fmt: skip
    assert [str(one.type) for one in found["keys"].schema] == ["uint64", "list<item: int64>"]


def test_the_only_field_is_the_table_itself():
    state = Alone([{"name": "a", "size": 1}])
    assert freeze(state).schema == SEEN
    assert thaw(lambda _: Alone())(REFS, freeze(state)) == state


def test_what_is_asserted_comes_back_and_is_taken_back_by_a_record():
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    signal = dict.fromkeys(name for name in tables(Outer("x"))["told"].column_names if name != "at")
    del signal["lines"]
    signal |= {"row_id": bytes(16), "evidence": [bytes(16)], "marking": "PA//TLP:AMBER"}
    state = Outer("x", told={bytes(16): Stands(signal, (3, 4))})
    assert restored(Outer("x"), tables(state)) == state
    row = {"record_id": b"1" * 16, "marking": "PB//TLP:RED", "observed_at": moment}
    taken = retracted(signal, BACK, row, moment)
    assert (taken["evidence"], taken["marking"], taken["at"]) == (
        [bytes(16), b"1" * 16],
        "PB//TLP:RED",
        moment,
    )
