import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchfloor.exercise.lists import bodies, fictitious, from_listings, persons, write
from watchfloor.formats.base import Batch
from watchfloor.formats.lists import listing_csv

NAMES = pa.list_(pa.struct([("text", pa.string()), ("strength", pa.string())]))
SCHEMA = pa.schema(
    [
        ("entity_id", pa.string()),
        ("schema", pa.string()),
        ("names", NAMES),
        ("birth_dates", pa.list_(pa.string())),
    ]
)


def listings(persons, bodies, strength="strong"):
    rows = [(f"p{n}", "Person") for n in range(persons)] + [(f"b{n}", "Company") for n in range(bodies)]
    return pa.Table.from_pylist(
        [
            {
                "entity_id": id_,
                "schema": schema,
                "names": [{"text": f"Made Up {id_}", "strength": strength}],
                "birth_dates": ["1970"] if schema == "Person" else [],
            }
            for id_, schema in rows
        ],
        schema=SCHEMA,
    )


@settings(deadline=None)
@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 9))
def test_half_of_what_is_drawn_is_persons_where_the_list_has_them(n_persons, n_bodies, seed):
    drawn = from_listings(listings(n_persons, n_bodies), seed, count=8)
    assert len({one.entity_id for one in drawn}) == len(drawn) == min(8, n_persons + n_bodies)
    assert len(persons(drawn)) >= min(4, n_persons)
    assert len(bodies(drawn)) >= min(4, n_bodies)


def test_a_weak_name_is_not_planted():
    assert from_listings(listings(3, 3, strength="weak"), seed=1) == ()


def test_the_fictitious_list_is_read_back_with_every_name(tmp_path):
    path = write(tmp_path / "lists" / "list.csv")
    with path.open("rb") as stream:
        pieces = list(listing_csv.read(stream, path.name))
    assert all(isinstance(piece, Batch) for piece in pieces)
    rows = {row["entity_id"]: row for piece in pieces for row in piece.rows.to_pylist()}
    assert set(rows) == {one.entity_id for one in fictitious()}
    for one in fictitious():
        assert set(one.names) <= {name["text"] for name in rows[one.entity_id]["names"]}


@pytest.mark.parametrize("chosen", [persons, bodies])
def test_every_target_is_a_person_or_a_body(chosen):
    assert len(persons(fictitious())) + len(bodies(fictitious())) == len(fictitious())
    assert chosen(fictitious())
