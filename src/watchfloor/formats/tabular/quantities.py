"""Numbers as people write them, and the units they write beside them, as plain numbers in a field's unit.

A unit stands in the cell (`1.73 kg`), in the mapping, or in the column's name (`Qty (kg)`), and the first of
these that states one counts. A number may have a decimal comma and separated thousands where it reads in one
way only: `45,0081`, `1 234,5`, `1,234.5`. A lone `1,234` is refused unless the mapping states the decimal
sign, or the quantity has no thousands, as an angle has none. In a count, which has no decimals, `1,234` is
read with thousands; `2.000` may be 2 pieces of three decimals, and is refused there in the same way.
"""

import re
from collections.abc import Mapping
from decimal import Decimal, localcontext
from functools import cache, partial
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import KINDS
from watchfloor.formats.tabular import coordinates
from watchfloor.formats.tabular.values import Column, by_distinct


class Scale(NamedTuple):
    """A unit: `number * factor + offset` is in the base unit of its dimension."""

    factor: Decimal
    offset: Decimal = Decimal(0)


def _scales(**units: str | int) -> dict[str, Scale]:
    return {name.replace("_", " "): Scale(Decimal(factor)) for name, factor in units.items()}


_KNOT, _RADIAN = Decimal(1852) / 3600, Decimal("57.295779513082320877")
DIMENSIONS: Final[Mapping[str, Mapping[str, Scale]]] = {
    "mass": _scales(
        **dict.fromkeys(("g", "gm", "gram", "grams", "gramme", "grammes"), 1),
        **dict.fromkeys(("kg", "kgs", "kgm", "kilo", "kilos", "kilogram", "kilograms"), 1000),
        **dict.fromkeys(("kilogramme", "kilogrammes"), 1000),
        **dict.fromkeys(("mg", "milligram", "milligrams", "milligramme", "milligrammes"), "0.001"),
        **dict.fromkeys(("ug", "µg", "μg", "mcg", "microgram", "micrograms"), "0.000001"),
        **dict.fromkeys(("t", "tonne", "tonnes", "metric_ton", "metric_tons", "tonne_métrique"), 1_000_000),
        **dict.fromkeys(("lb", "lbs", "pound", "pounds", "livre", "livres"), "453.59237"),
        **dict.fromkeys(("oz", "ounce", "ounces", "once", "onces"), "28.349523125"),
        **dict.fromkeys(("st", "stone"), "6350.29318"),
    ),
    "length": _scales(
        **dict.fromkeys(("m", "metre", "metres", "meter", "meters", "mètre", "mètres"), 1),
        **dict.fromkeys(("km", "kilometre", "kilometres", "kilometer", "kilometers"), 1000),
        **dict.fromkeys(("kilomètre", "kilomètres"), 1000),
        **dict.fromkeys(("cm", "centimetre", "centimetres", "centimeters", "centimètres"), "0.01"),
        **dict.fromkeys(("mm", "millimetre", "millimetres", "millimeters", "millimètres"), "0.001"),
        **dict.fromkeys(("nm", "nmi", "nautical_mile", "nautical_miles", "milles_marins"), 1852),
        **dict.fromkeys(("ft", "foot", "feet", "pied", "pieds"), "0.3048"),
        **dict.fromkeys(("mi", "mile", "miles", "statute_miles"), "1609.344"),
        **dict.fromkeys(("in", "inch", "inches", "pouces"), "0.0254"),
        **dict.fromkeys(("yd", "yard", "yards"), "0.9144"),
    ),
    "speed": {
        **_scales(**dict.fromkeys(("mps", "ms", "m_s", "metres_per_second", "meters_per_second"), 1)),
        "m/s": Scale(Decimal(1)),
        **dict.fromkeys(("kn", "kt", "kts", "knot", "knots", "nœuds", "noeuds"), Scale(_KNOT)),
        **dict.fromkeys(("km/h", "kmh", "kph", "km h"), Scale(1 / Decimal("3.6"))),
        **dict.fromkeys(("mph", "mi/h"), Scale(Decimal("0.44704"))),
        **dict.fromkeys(("fpm", "ft/min", "ft min"), Scale(Decimal("0.00508"))),
        "ft/s": Scale(Decimal("0.3048")),
    },
    "angle": _scales(
        **dict.fromkeys(("deg", "degs", "degree", "degrees", "degré", "degrés", "°"), 1),
        **dict.fromkeys(("rad", "radian", "radians"), str(_RADIAN)),
        **dict.fromkeys(("mrad",), str(_RADIAN / 1000)),
    ),
    "temperature": {
        **dict.fromkeys(("°c", "c", "degc", "deg c", "celsius", "degrees celsius"), Scale(Decimal(1))),
        **dict.fromkeys(
            ("°f", "f", "degf", "deg f", "fahrenheit", "degrees fahrenheit"),
            Scale(Decimal(5) / 9, Decimal(-160) / 9),
        ),
        **dict.fromkeys(("k", "kelvin"), Scale(Decimal(1), Decimal("-273.15"))),
    },
    "share": _scales(**{"1": 1}, **dict.fromkeys(("%", "pct", "percent", "per_cent", "pour_cent"), "0.01")),
    "count": _scales(
        **dict.fromkeys(("pcs", "pc", "pieces", "units", "unit", "ea", "each", "items", "ct", "count"), 1),
        **dict.fromkeys(("pièces", "unités", "colis", "articles", "pkgs", "packages", "parcels"), 1),
    ),
    "volume": _scales(
        **dict.fromkeys(("l", "litre", "litres", "liter", "liters"), 1),
        **dict.fromkeys(("ml", "millilitre", "millilitres", "milliliters"), "0.001"),
        **dict.fromkeys(("gal", "gallon", "gallons"), "3.785411784"),
        **dict.fromkeys(("m3", "m³", "cubic_metres"), 1000),
    ),
    "thousands": _scales(
        **dict.fromkeys(("000", "000s", "'000", "thousand", "thousands", "milliers", "k$", "$k"), 1000),
        **dict.fromkeys(("million", "millions", "m$", "$m"), 1_000_000),
    ),
    "money": {},
    "": {},
}
"""By dimension, the units that are known, in lower case. A dimension without units takes numbers alone."""

_OURS: Final[Mapping[str, tuple[str, str]]] = {
    "gram": ("mass", "g"),
    "kilogram": ("mass", "kg"),
    "metre": ("length", "m"),
    "metre a second": ("speed", "m/s"),
    "degree": ("angle", "deg"),
    "degree Celsius": ("temperature", "°c"),
    "percent": ("share", "%"),
}
_SHARES: Final = frozenset({"confidence", "class_confidence", "detects", "chance", "share"})
_NO_THOUSANDS: Final = ("angle", "temperature", "share")
"""Dimensions whose numbers stay below a thousand: a comma in them is a decimal sign."""


UNSURE: Final = ("mass", "length", "speed", "temperature")
"""Dimensions that people measure in several units, so that a number alone leaves a doubt."""


_MEASURED: Final = (*UNSURE, "angle", "volume")


CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "mass": ("g", "kg", "mg", "lb", "oz", "t"),
    "length": ("m", "km", "nm", "ft", "mi"),
    "speed": ("m/s", "km/h", "kn", "mph"),
    "temperature": ("°c", "°f"),
}
"""By dimension, the units that a person may choose from for numbers that state none."""


class Quantity(NamedTuple):
    """Quantity of a field's numbers: their dimension, and the unit that the kind keeps them in."""

    dimension: str
    unit: str


@cache
def of_field(kind: str, field: str) -> Quantity | None:
    """Return what the numbers of a field are; None where it holds no single number."""
    body = KINDS[kind].body
    place = body.get_field_index(field)
    if kind == "statistic" or place < 0:  # whose values have the unit that the row itself states
        return None
    if field in coordinates.FIELDS:
        return None
    column = body.field(place)
    if field in _SHARES:
        return Quantity("share", "1")
    if unit := (column.metadata or {}).get(b"unit", b"").decode():
        return Quantity(*_OURS.get(unit, ("", "")))
    if pa.types.is_decimal(column.type) and column.type.scale == 2:
        return Quantity("money", "")
    if pa.types.is_floating(column.type):
        return Quantity("", "")
    return Quantity("count", "pcs") if pa.types.is_int64(column.type) else None


def spaced(name: str) -> str:
    """Return a column's name with spaces where capitals start words and for underscores."""
    parted = re.sub(r"(?<=[a-zà-ÿ0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return " ".join(parted.replace("_", " ").split())


_BRACKETS: Final = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_BEFORE: Final = re.compile(r"^(?:in|en)\s+", re.IGNORECASE)


def bracketed(column: str) -> str:
    """Return what stands in the last brackets of a column's name, in lower case; empty where none do."""
    found = _BRACKETS.findall(column)
    return _plain_unit(_BEFORE.sub("", found[-1])) if found else ""


def unit_alone(text: str) -> str:
    """Return the unit that a text is, in brackets or not; empty where it is more, or none that is known."""
    unit = _plain_unit(text.strip().strip("()[]"))
    return unit if known_in(unit, "") and not unit[0].isdigit() else ""


def in_name(column: str, dimension: str) -> str:
    """Return the unit that a column's name states, in lower case; empty where it states none.

    A unit in brackets, or of two letters or more at the end, counts whatever it measures, so that one which
    measures something else is found; a single letter at the end, and a name that is a unit alone (`kg`), only
    where it is one of the dimension.
    """
    if known_in(inside := bracketed(column), dimension):
        return inside
    words = _plain_unit(_BRACKETS.sub(" ", spaced(column))).split()
    for size in (2, 1):
        unit = " ".join(words[-size:])
        own = unit in DIMENSIONS[dimension]
        if own or (len(words) > size and len(unit) > 1 and known_in(unit, dimension) and unit not in _WORDS):
            return unit
    return ""


def in_cells(texts: pa.ChunkedArray) -> str:
    """Return the unit behind the number in the first text of a column; empty where it is a number alone."""
    first = next((text for text in texts.to_pylist() if text and text.strip()), "")
    if len(first) > LONGEST:
        return ""
    found = re.fullmatch(r"[-+]?\d[\d.,\s\u00a0\u202f']*?\s*([^\d\s.,]\D{0,14})", first.strip())
    return _plain_unit(found[1]) if found else ""


_WORDS: Final = frozenset(
    "in st ms pieces units unit items count each articles packages parcels colis livre livres once".split()
    + "pied unités pièces million degree".split()
)
"""Units that are words too, which at the end of a name say nothing of another dimension."""


def all_known(texts: pa.Array, dimension: str) -> bool:
    """Return whether a column holds units of one dimension, and nothing else."""
    units = texts.drop_null().unique().to_pylist()
    return bool(units) and all(_plain_unit(one) in DIMENSIONS[dimension] for one in units)


def without_unit(column: str) -> str:
    """Return a column's name without brackets, and without a unit of something measured at its end."""
    bare = _BRACKETS.sub(" ", spaced(column)).strip()
    words = bare.split()
    while len(words) > 1 and any(words[-1].lower() in DIMENSIONS[one] for one in _MEASURED):
        words.pop()
        if words[-1].lower() in ("in", "en") and len(words) > 1:
            words.pop()
    return " ".join(words)


def known_in(unit: str, dimension: str) -> str:
    """Return the dimension of a unit: the one given where it has it, else another; empty for no unit."""
    if unit in DIMENSIONS[dimension]:
        return dimension
    return next((name for name, units in DIMENSIONS.items() if unit in units), "")


def _plain_unit(text: str) -> str:
    """Return a unit in lower case; `Mg` stays as it is and is not known, as it is no milligram."""
    if text.strip() == "Mg":
        return "Mg"
    return " ".join(text.casefold().replace(".", " ").replace("º", "°").split())


def problem(quantity: Quantity, unit: str) -> str:
    """Return why numbers in a unit cannot fill a field; empty where they can."""
    unit = _plain_unit(unit)
    if not unit or unit in DIMENSIONS[quantity.dimension]:
        return ""
    if quantity.dimension == "money" and not known_in(unit, "money"):
        return ""
    ours = quantity.unit or "plain numbers"
    return f"{unit!r} has no factor to {ours}: name another column, or state the unit of this one"


def numbers(texts: pa.Array, quantity: Quantity, unit: str = "", decimal: str = "") -> Column:
    """Return texts as plain numbers in the field's unit, and a sentence for each that is none.

    Args:
        texts: a number each, with or without a unit of its own; null where there is none.
        quantity: of the field.
        unit: of texts that state none; of money the currency; empty: the field's own, or not known.
        decimal: the decimal sign, `.` or `,`; empty: either, where a text reads in one way only.
    """
    unit = _plain_unit(unit) or quantity.unit
    if (unit == quantity.unit or quantity.dimension == "money") and not decimal:
        try:
            pc.cast(texts, pa.float64())
            return Column(texts, {})
        except pa.ArrowInvalid:  # some text is more than a number
            pass
    return by_distinct(texts, partial(_number, quantity=quantity, unit=unit, decimal=decimal), pa.string())


def with_units(texts: pa.Array, units: pa.Array, usual: str = "") -> tuple[pa.Array, dict[int, str]]:
    """Return numbers with the units that a column beside them states, and a sentence for each that has two.

    Args:
        texts: a number each, with or without a unit of its own; null where there is none.
        units: of the same rows; null where none is stated.
        usual: the unit of numbers for which neither states one; empty: there must be one.
    """
    texts = pc.utf8_trim_whitespace(texts)  # a file whose cells are not trimmed has blanks behind a number
    bare = pc.match_substring_regex(texts, r"[\d.,]$")
    found: dict[int, str] = {}
    rows = zip(texts.to_pylist(), bare.to_pylist(), units.to_pylist(), strict=True)
    for row, (text, alone, unit) in enumerate(rows):
        if alone and not (unit or usual):
            found[row] = f"{text!r} has no unit, and the column of units is empty"
        own = in_cells(pa.chunked_array([[text]])) if unit and alone is False else ""
        if own and own != _plain_unit(unit) and _scale(own) != _scale(_plain_unit(unit)):
            found[row] = f"{text!r} stands beside the unit {unit!r}: they contradict each other"
    joined = pc.binary_join_element_wise(texts, units, " ")
    return pc.if_else(pc.and_(bare, pc.is_valid(units)), joined, texts), found


def _scale(unit: str) -> tuple[str, Scale | None]:
    """Return the dimension of a unit, and what it is there."""
    dimension = known_in(unit, "")
    return dimension or unit, DIMENSIONS[dimension].get(unit)


def says_more(why: str, quantity: Quantity) -> bool:
    """Return whether a sentence about a text says more than the one that the field itself has for it."""
    return not why.endswith(_NO_NUMBER) and quantity.dimension != "money"


LONGEST: Final = 100
"""Characters of a number with its unit; Python's decimals overflow at a million digits."""
_NO_NUMBER: Final = "is no number such as 12.5"
_GROUPS: Final = r"\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+"
_WRITTEN: Final = re.compile(
    rf"(?P<sign>[-+−]?)\s*(?P<body>{_GROUPS}(?:[.,]\d+)?|\d[\d.,]*(?:e[-+]?\d{{1,3}})?|\.\d+)\s*(?P<unit>\D*)",
    re.ASCII | re.IGNORECASE,
)
_DOLLAR: Final = re.compile(r"^\$\s*|\s*\$$")
"""The one sign that names no currency by itself: that of a cell with another must not be lost."""
DOLLARS: Final = frozenset(
    "ars aud bbd bmd bnd bsd bzd cad clp cop fjd gyd hkd jmd kyd lrd mxn nad nzd sbd sgd srd ttd twd usd uyu"
    " xcd".split()
)
"""Currencies whose sign it is."""


def _number(text: str, quantity: Quantity, unit: str, decimal: str) -> str:
    text = text.strip()
    if len(text) > LONGEST:
        raise ValueError(f"{text[:20]!r}… {_NO_NUMBER}")
    dollars = quantity.dimension == "money" and (not unit or unit in DOLLARS)
    found = _WRITTEN.fullmatch(_DOLLAR.sub("", text) if dollars else text)
    if not found or ("e" in found["body"].lower() and quantity.dimension in ("money", "count")):
        raise ValueError(f"{text!r} {_NO_NUMBER}")
    own = _plain_unit(found["unit"])
    if own and own not in DIMENSIONS[quantity.dimension]:
        why = problem(quantity, own) or "a number alone is needed; a currency has a column of its own"
        raise ValueError(f"{text!r}: {why}")
    value = Decimal(f"{found['sign'].replace('−', '-')}{_decimal(found['body'], quantity, decimal)}")
    return _plain(_converted(value, quantity, own or unit))


def _decimal(body: str, quantity: Quantity, decimal: str) -> str:
    """Return the digits of a number with a full stop and without separators. Raises `ValueError`."""
    body = re.sub(r"[ \u00a0\u202f'’]", "", body)
    points, commas = body.count("."), body.count(",")
    if points and commas:
        last = max(".", ",", key=body.rfind)
        other = "," if last == "." else "."
        if body.count(last) > 1 or (decimal and decimal != last) or not _grouped(body.split(last)[0], other):
            raise ValueError(f"{body!r} is no number: its thousands are not parted as numbers are")
        return body.replace(other, "").replace(last, ".")
    if not points and not commas:
        return body
    sign = "." if points else ","
    if sign == decimal and body.count(sign) == 1:
        return body.replace(sign, ".")
    grouped = _grouped(body, sign) and quantity.dimension not in _NO_THOUSANDS
    several = body.count(sign) > 1
    if decimal or several or (quantity.dimension == "count" and sign == ","):
        if grouped:
            return body.replace(sign, "")
        if decimal or several:
            raise ValueError(f"{body!r} is no number whose decimal sign is {decimal or sign!r}")
    if grouped and (sign == "," or quantity.dimension == "count"):
        raise ValueError(
            f'{body!r} reads in two ways: state the decimal sign of its column, such as decimal = ","'
        )
    return body.replace(sign, ".")


def _grouped(whole: str, sign: str) -> bool:
    """Whether a sign parts thousands in a number."""
    return bool(re.fullmatch(rf"[1-9]\d{{0,2}}(?:{re.escape(sign)}\d{{3}})+|\d+", whole)) and whole != ""


def _converted(value: Decimal, quantity: Quantity, unit: str) -> Decimal:
    if unit == quantity.unit or quantity.dimension == "money":
        return value
    units = DIMENSIONS[quantity.dimension]
    if unit not in units or quantity.unit not in units:
        raise ValueError(problem(quantity, unit))
    here, ours = units[unit], units[quantity.unit]
    if here == ours:  # two words for one unit
        return value
    converted = (value * here.factor + here.offset - ours.offset) / ours.factor
    with localcontext(prec=17):  # no measure is finer; a count or an amount that is not converted keeps all
        return +converted


def _plain(value: Decimal) -> str:
    """Return a number without an exponent and without zeros at its end."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimal_sign(texts: pa.Array) -> str:
    """Return the decimal sign that a column of numbers has, where a text of it leaves no doubt; else empty.

    A comma is one where other than three digits follow it, or a full stop parts thousands before it.
    """
    comma = pc.match_substring_regex(
        texts, r"\d,(?:\d{1,2}|\d{4,})(?:\D|$)|^0,\d|\d{4,},\d|\.\d{3},\d|[ \x{a0}\x{202f}]\d{3},\d"
    )
    point = pc.match_substring_regex(
        texts, r"\d\.(?:\d{1,2}|\d{4,})(?:\D|$)|^0\.\d|\d{4,}\.\d|,\d{3}\.\d|^\.\d"
    )
    found = (pc.any(comma).as_py() or False, pc.any(point).as_py() or False)
    return {(True, False): ",", (False, True): "."}.get(found, "")
