"""The contracts, for every format and desk that other installed distributions bring."""

from importlib import import_module
from importlib.metadata import entry_points
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.desks import registry as desk_registry
from watchfloor.desks.base import ROWS, Desk
from watchfloor.formats import registry
from watchfloor.formats.base import HEAD_BYTES, Batch, Format, Head
from watchfloor.run.order import arranged, clock
from watchfloor.testing import desks, formats
from watchfloor.testing.desks import Cut
from watchfloor.testing.formats import Mutation

ENTRIES = {entry.name: entry for entry in entry_points(group=registry.GROUP)}
DESKS = list(desk_registry.found_outside())
MUTATIONS = st.lists(
    st.builds(
        Mutation,
        st.sampled_from(["flip", "cut", "insert", "duplicate", "end"]),
        st.floats(0, 1),
        st.integers(1, 40),
        st.binary(min_size=1, max_size=6),
    ),
    min_size=1,
    max_size=4,
)
CUTS = st.lists(
    st.builds(Cut, st.integers(1, 400), st.floats(0, 1), st.booleans()),
    max_size=12,
    unique_by=lambda cut: cut.end,
)
OTHERS = [b"", b"\n", b"a,b\n1,2\n", b'{"type": "Feature"}\n', b"<a/>", bytes(range(256)) * 8]
"""Starts of files that are nobody's in particular."""

every_format = pytest.mark.parametrize("name", sorted(ENTRIES))
every_desk = pytest.mark.parametrize("desk", DESKS, ids=lambda desk: desk.name)


def sample(name: str) -> tuple[Format, bytes, str]:
    """The format, and bytes and name of a sound file, from the module `sample` beside it."""
    assert name not in registry.REFUSED, registry.REFUSED[name]
    module = f"{ENTRIES[name].module.rpartition('.')[0]}.sample".removeprefix(".")
    made = import_module(module)
    return registry.FORMATS[name], made.sample(), getattr(made, "NAME", "file")


def test_something_is_brought() -> None:
    """A run that tests nothing says so."""
    groups = f"{registry.GROUP} or {desk_registry.PACKAGE}"
    assert ENTRIES or DESKS, f"no installed distribution names anything in the entry point group {groups}"


@every_format
def test_a_sample_is_recognised_and_read_to_its_end(name: str) -> None:
    form, data, file = sample(name)
    taken = registry.recognise(Head(file, data[:HEAD_BYTES]), registry.GUESS)
    assert taken is form, f"{name}: its sample is taken for {taken.name if taken else 'nothing'}"
    formats.check_sample(form, data, file)


@every_format
def test_no_other_file_is_claimed(name: str) -> None:
    form = sample(name)[0]
    for data in OTHERS:
        sure = form.sniff(Head("file", data))
        assert sure <= registry.GUESS, f"{name}: sniff gives {sure} for {data[:40]!r}"


@every_format
@settings(max_examples=200, deadline=None)
@given(mutations=MUTATIONS)
def test_damaged_bytes_give_rows_and_faults_and_nothing_else(name: str, mutations: list[Mutation]) -> None:
    form, data, file = sample(name)
    formats.check_damaged(form, data, file, mutations)


@every_format
def test_what_is_written_is_read_again(name: str) -> None:
    form, data, file = sample(name)
    if form.write is None:
        pytest.skip("it is not written")
    found = [piece for piece in formats.pieces(form, data, file) if isinstance(piece, Batch)]
    stream = BytesIO()
    form.write(found, stream)
    again = [piece for piece in formats.pieces(form, stream.getvalue(), file) if isinstance(piece, Batch)]
    assert [one.rows.drop_columns(["locator"]) for one in again] == [
        one.rows.drop_columns(["locator"]) for one in found
    ]


@every_desk
@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 3), cuts=CUTS)
def test_the_cut_does_not_matter(desk: Desk[Any], seed: int, cuts: list[Cut]) -> None:
    desks.check_cuts(desk, *desk_registry.sample(desk, seed), cuts)


@every_desk
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 3), share=st.floats(0, 1))
def test_what_was_held_does_not_depend_on_what_came_later(desk: Desk[Any], seed: int, share: float) -> None:
    inputs, refs = desk_registry.sample(desk, seed)
    at = clock(desk, arranged(desk, inputs))
    desks.check_causality(desk, inputs, refs, int(at.min() + share * (at.max() - at.min())))


@every_desk
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 3), count=st.integers(desks.FINEST, 40), drawn=st.integers(0, 99))
def test_parts_are_folded_apart(desk: Desk[Any], seed: int, count: int, drawn: int) -> None:
    if desk.cut is None:
        pytest.skip("it is one fold over everything")
    desks.check_parts(desk, *desk_registry.sample(desk, seed), count, drawn)


@every_desk
def test_order_does_not_matter_where_each_row_is_judged_by_itself(desk: Desk[Any]) -> None:
    if desk.cut is not ROWS:
        pytest.skip("rows are judged together")
    desks.check_order(desk, *desk_registry.sample(desk, 0), 0)


@every_desk
def test_nothing_ambient_is_looked_at(desk: Desk[Any]) -> None:
    desks.check_nothing_ambient(desk, *desk_registry.sample(desk, 0))


@every_desk
def test_each_row_says_why_and_rests_on_records(desk: Desk[Any]) -> None:
    derived = desks.check_reasons(desk, *desk_registry.sample(desk, 0))
    assert any(rows.num_rows for rows in derived.values()), f"{desk.name}: the sample makes it say nothing"
