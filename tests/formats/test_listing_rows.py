"""Items on their way to rows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchfloor.core.kinds import LISTING
from watchfloor.formats.base import Batch, Fault, FormatError
from watchfloor.formats.lists.listing_rows import BATCH_ROWS, UNDATED, Item, Name, batches, distinct, squeeze


def item(n: int) -> Item:
    return Item(
        report_key=f"L#{n}",
        locator=f"line {n}",
        observed_at=UNDATED,
        list_id="L",
        entity_id=str(n),
        instrument="L",
        name="Fen",
        names=[Name("Fen", "primary")],
    )


def shape(pieces) -> list:
    return [
        [r["entity_id"] for r in p.rows.to_pylist()] if isinstance(p, Batch) else p.locator for p in pieces
    ]


def test_faults_stand_between_the_rows_they_stood_between():
    found = [item(1), item(2), Fault("line 3", "broken", b""), item(4)]
    assert shape(batches(found)) == [["1", "2"], "line 3", ["4"]]
    assert next(iter(batches(found))).rows.schema.equals(LISTING.body)


def test_batches_are_bounded():
    assert [len(batch) for batch in shape(batches(map(item, range(BATCH_ROWS + 1))))] == [BATCH_ROWS, 1]


def test_what_was_found_before_an_error_is_not_lost():
    def breaking():
        yield item(1)
        raise FormatError("no more")

    pieces = batches(breaking())
    assert next(pieces).rows.num_rows == 1
    with pytest.raises(FormatError, match="no more"):
        next(pieces)


def test_distinct():
    names = [
        Name("Fen", "primary", "weak"),
        Name("Marsh", "gloss", "weak"),
        Name("Fen", "alias", "strong"),
        Name("Marsh", "alias", "strong"),
        Name("Marsh", "acronym", "weak"),
    ]
    assert distinct(names) == [Name("Fen", "primary", "weak"), Name("Marsh", "alias", "strong")]


@given(st.text())
def test_squeezed_text_is_settled(text):
    squeezed = squeeze(text)
    assert squeeze(squeezed) == squeezed
    assert squeezed == squeezed.strip()
    assert "  " not in squeezed


def test_squeeze_drops_what_nobody_sees():
    assert squeeze("\ufeffGuz\u200dman\u00a0 Lo\u00ader\u200ba\n") == "Guzman Loera"
