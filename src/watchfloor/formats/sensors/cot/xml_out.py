"""Events written in XML, many at once: columns are joined to texts, and no event is made by itself.

Beside what the protocol has, `detail` holds an element `watchfloor` with what it lacks: the marking, the
class where the type says another, probabilities, and variances where they are not those of a circle.
"""

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.formats.sensors.cot import kinds
from watchfloor.formats.sensors.cot.columns import DETAIL
from watchfloor.formats.sensors.cot.events import CARRIED, OURS, SENSOR, UNKNOWN

DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
"""What clients and servers of TAK want before each event of a stream."""

DIGITS: Final = {
    "lat": 8,
    "lon": 8,
    **dict.fromkeys(("hae", "le", "speed", "course", "climb", "heading"), 3),
    **dict.fromkeys(("confidence", "class_confidence"), 6),
}
"""Decimal places that numbers are rounded to: millimetres, and thousandths of a degree of a course."""

UP: Final = ("ce", "speed_error", "course_error", "var_east", "var_north")
"""Errors are rounded up and a covariance towards zero, to three places, so that they still can be."""

_ESCAPES: Final = (
    *(("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")),
    *(("\t", "&#9;"), ("\n", "&#10;"), ("\r", "&#13;")),
)
_NO_XML: Final = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
Part = Any


def events(table: pa.Table) -> pa.Array:
    """Each event of a table (`columns.EVENTS`) as XML, without a declaration."""
    return _joined(
        '<event version="2.0"',
        *(_attribute(as_, escaped(table.column(name))) for name, as_ in _ATTRIBUTES),
        *(_attribute(name, moments(table.column(name))) for name in ("time", "start", "stale")),
        "><point",
        *(_attribute(name, numerals(name, point(table, name))) for name in POINT),
        "/><detail>",
        *(typed(table)[name] for name in ("contact", "track")),
        rest(table),
        "</detail></event>",
    )


def stream(table: pa.Table) -> bytes:
    """The events behind each other, each behind a declaration."""
    texts = _joined(DECLARATION, events(table)).cast(pa.large_string())
    return texts.buffers()[2].to_pybytes() if len(texts) else b""


_ATTRIBUTES: Final = (
    *((name, name) for name in ("uid", "type", "how", "access", "qos", "opex", "caveat")),
    ("releasable", "releaseableTo"),
)
POINT: Final = ("lat", "lon", "hae", "ce", "le")
"""Numbers of a point."""


def point(table: pa.Table, name: str) -> pa.Array:
    """A number of the point, with what stands for one that is not known."""
    return pc.fill_null(plain(table.column(name)), 0.0 if name in ("lat", "lon") else UNKNOWN)


def typed(table: pa.Table) -> dict[str, pa.Array]:
    """The elements of `detail` that the other encoding has messages for, null where there are none.

    One that the event came with stands for the one of columns.
    """
    said = plain(table.column(DETAIL))
    motion = [
        (as_, numerals(name, plain(table.column(name))))
        for name, as_ in (
            ("speed", "speed"),
            ("course", "course"),
            ("speed_error", "eSpeed"),
            ("course_error", "eCourse"),
        )
    ]
    return {
        "contact": _unless(
            said, "<contact", _element("contact", [("callsign", escaped(table.column("callsign")))])
        ),
        "track": _unless(said, "<track", _element("track", motion)),
    }


def rest(table: pa.Table) -> pa.Array:
    """Return the other elements of `detail`."""
    said = plain(table.column(DETAIL))
    producer = _element(
        "link", [("uid", escaped(table.column("sensor")))], f' relation="p-p" type="{SENSOR}"'
    )
    remarks = pc.binary_join_element_wise("<remarks>", escaped(table.column("remarks")), "</remarks>", "")
    return _joined(
        _unless(said, 'relation="p-p"', producer), _ours(table), _unless(said, "<remarks", remarks), said
    )


def _ours(table: pa.Table) -> pa.Array:
    """The element with what the protocol lacks."""
    attributes = []
    for name in CARRIED:
        column = plain(table.column(name))
        if name == "class":
            column = pc.if_else(pc.equal(_classes(table.column("type")), column), None, column)
        attributes.append((name, numerals(name, column) if column.type == pa.float64() else escaped(column)))
    return _element(OURS, attributes)


def _classes(types: Any) -> pa.Array:
    """The class that each type says; a text that is none where it says none."""
    coded = plain(types).dictionary_encode()
    said = [kinds.klass(one) or "" for one in coded.dictionary.to_pylist()]
    return pa.array(said, pa.string()).take(coded.indices)


def escaped(column: Any) -> pa.Array:
    """Texts as they stand in XML; characters that XML cannot hold are replaced by U+FFFD."""
    texts = plain(column)
    if texts.null_count == len(texts):
        return texts
    for character, escape in _ESCAPES:
        texts = pc.replace_substring(texts, character, escape)
    return pc.replace_substring_regex(texts, _NO_XML, "\ufffd")


def moments(column: Any) -> pa.Array:
    """Moments in UTC as the protocol writes them."""
    return pc.replace_substring(plain(column).cast(pa.string()), " ", "T")


def numerals(name: str, column: pa.Array) -> pa.Array:
    """Numbers as decimal texts without an exponent, rounded as their column is."""
    if name in DIGITS:
        values = pc.round(column, DIGITS[name])
    elif name in UP:
        values = pc.divide(pc.ceil(pc.multiply(column, 1000.0)), 1000.0)
    else:
        values = pc.divide(pc.trunc(pc.multiply(column, 1000.0)), 1000.0)
    texts = values.cast(pa.string())
    scientific = pc.match_substring(texts, "e")
    if pc.any(scientific).as_py():
        long = [np.format_float_positional(one, trim="-") for one in values.filter(scientific).to_pylist()]
        texts = pc.replace_with_mask(texts, pc.fill_null(scientific, False), pa.array(long, pa.string()))
    return texts


def _element(tag: str, attributes: list[tuple[str, pa.Array]], more: str = "") -> pa.Array:
    """Elements without content; null where no attribute has a value."""
    any_ = pc.is_valid(attributes[0][1])
    for _, values in attributes[1:]:
        any_ = pc.or_(any_, pc.is_valid(values))
    whole = _joined(f"<{tag}", *(_attribute(name, values) for name, values in attributes), f"{more}/>")
    return pc.if_else(any_, whole, None)


def _attribute(name: str, values: pa.Array) -> pa.Array:
    """An attribute with its value; null where it has none."""
    return pc.binary_join_element_wise(f' {name}="', values, '"', "")


def _unless(said: pa.Array, mark: str, own: pa.Array) -> pa.Array:
    """Own elements, but where the event came with such a one."""
    return pc.if_else(pc.fill_null(pc.match_substring(said, mark), False), None, own)


def _joined(*parts: Part) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "", null_handling="replace", null_replacement="")


def numbers(column: Any) -> Any:
    """Numbers as numpy has them, NaN for null."""
    return plain(column).to_numpy(zero_copy_only=False).astype(np.float64)


def plain(column: Any) -> pa.Array:
    """A column as one array."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    whole = column.combine_chunks()
    return pa.concat_arrays(whole.chunks) if isinstance(whole, pa.ChunkedArray) else whole
