"""Fields that a table of text can fill, kind by kind, and how text becomes their values.

For every other kind they are columns of that kind. A listing is described as people write lists: one column
of aliases, one of weak aliases; `listing` rows are made of them here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.core.kinds import KINDS, OUTCOME, Kind
from watchfloor.core.results import RESULTS
from watchfloor.formats.lab.reading_results import LEVELS, results
from watchfloor.formats.lists.listing_rows import UNDATED, Identifier, Item, Name, distinct, midnight, table
from watchfloor.formats.lists.strength import strength_of
from watchfloor.formats.settings import nearest
from watchfloor.formats.statistics import cells, periods
from watchfloor.formats.statistics.rows import rows as statistic_rows
from watchfloor.formats.statistics.vintage import DATED
from watchfloor.formats.tabular import coordinates, measures, values
from watchfloor.formats.tabular.values import Column


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"columns": "from"}):
    """Where the value of a field comes from, and how it is written there.

    Attributes:
        columns: one column or several, which are joined.
        join: what stands between joined columns.
        split: what separates the members of a list in one cell.
        format: how dates are written, as `strptime` takes it; several are tried in turn; ISO 8601 always is.
        zone: the time zone of moments that state none.
        values: texts to be read as others: `{ "Ang." = "GB" }`; an empty one means that there is no value.
        system: for identifiers, the numbering system of the column; for a cell, its dimension.
        owner: for identifiers, who issues the number.
        unit: of numbers whose cells state none; where it is not stated, that of the column's name counts.
        unit_from: a column with the unit of each row's number.
        decimal: the decimal sign of numbers, `.` or `,`; either, where it is not stated.
        key: what a number becomes a subject with: `parcel:courier` makes `parcel:courier:1Z999` of `1Z999`.
    """

    columns: str | tuple[str, ...]
    join: str = " "
    split: str = ";"
    format: str | tuple[str, ...] = ()
    zone: str = "UTC"
    values: dict[str, str] = {}
    system: str | None = None
    owner: str | None = None
    unit: str = ""
    unit_from: str = ""
    decimal: Literal["", ".", ","] = ""
    key: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The columns, also where there is one."""
        return (self.columns,) if isinstance(self.columns, str) else self.columns

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats, also where there is one."""
        return (self.format,) if isinstance(self.format, str) else self.format


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a kind: its name, how its text is read, whether a row needs it, and its words, if few."""

    name: str
    read: Callable[[pa.Array, Source], Column]
    required: bool = False
    words: tuple[str, ...] = ()


def _text(texts: pa.Array, _: Source) -> Column:
    return values.text(texts)


def _list(texts: pa.Array, how: Source) -> Column:
    return values.split(texts, how.split)


def _moment(texts: pa.Array, how: Source) -> Column:
    return values.instant(texts, how.formats, how.zone)


def _since(texts: pa.Array, how: Source) -> Column:
    return periods.start(texts, how.formats, how.zone)


def _until(texts: pa.Array, how: Source) -> Column:
    return periods.end(texts, how.formats, how.zone)


def _partial(texts: pa.Array, how: Source) -> Column:
    return values.partial_date(texts, how.formats)


def _day(texts: pa.Array, how: Source) -> Column:
    return values.day(texts, how.formats)


def _simply(read: Callable[[pa.Array], Column]) -> Callable[[pa.Array, Source], Column]:
    return lambda texts, _: read(texts)


def _each(read: Callable[[pa.Array, Source], Column]) -> Callable[[pa.Array, Source], Column]:
    """A reader of lists, from a reader of single values."""

    def read_list(texts: pa.Array, how: Source) -> Column:
        def members(text: str) -> list[Any]:
            found = read(pa.array(values.pieces(text, how.split), pa.string()), how)
            if found.wrong:
                raise ValueError(next(iter(found.wrong.values())))
            return list(found.values.to_pylist())

        return values.by_distinct(texts, members, pa.list_(pa.string()), empty=[])

    return read_list


def _result(text: str) -> str:
    """A result of a lead, however its letters and spaces are written."""
    result = "-".join(text.lower().replace("-", " ").split())
    if result not in RESULTS:
        raise ValueError(f"{text!r} is no result{nearest(result, RESULTS)}")
    return result


def _results(texts: pa.Array, _: Source) -> Column:
    return values.by_distinct(texts, _result, pa.string())


RELIABILITIES: Final = tuple("ABCDEF")
"""Admiralty codes of a source; F: cannot be judged."""
CREDIBILITIES: Final = tuple("123456")
"""Admiralty codes of an information; 6: cannot be judged."""
MEANS: Final = ("cash", "wire", "transfer", "cheque", "card", "virtual", "other")
"""How money moves."""
METHODS: Final = (
    *("gc-ms", "lc-ms", "gc", "lc", "ms", "dart-ms", "nmr", "ftir", "raman", "uv-vis", "ims"),
    *("immunoassay", "colour-test", "x-ray", "dog", "mass", "radiation"),
)
"""How something is measured; `ms` is mass spectrometry of a substance that nothing separated before, `gc` and
`lc` are chromatography with another detector."""
MATRICES: Final = (
    *("powder", "tablet", "swab", "liquid", "plant", "residue", "vapour", "other"),
    *("parcel", "vehicle", "blank", "calibrant"),
)
"""What a sample is of; a parcel or vehicle is searched as a whole; a blank and a calibrant are none."""

CLASSES: Final = ("person", "group", "vehicle", "boat", "aircraft", "drone", "animal", "unknown")
"""What a sensor may take an object for."""
STATES: Final = ("looking", "degraded", "off", "fault", "tampered", "gone")
"""What a sensor may say of itself."""
SENSORS: Final = ("camera", "radar", "ground-sensor", "drone", "aircraft", "vessel", "receiver")
"""What a sensor may be."""
PRECIPITATION: Final = ("none", "rain", "snow", "freezing-rain", "fog")
"""What may fall."""
DIRECTIONS: Final = ("inbound", "outbound", "in-transit", "domestic")
"""Which way goods go."""
MODES: Final = (
    *("post", "courier", "air-cargo", "marine-container", "vehicle", "rail", "person", "vessel", "other"),
)
"""How goods travel; `vehicle` is cargo by highway."""
CATEGORIES: Final = ("gift", "sale", "sample", "documents", "return", "other")
"""What CN 22 and CN 23 let a sender tick."""
REFERRAL_STATES: Final = ("referred", "amended", "withdrawn", "examined", "not-examined", "expired")
"""Acts in the life of a referral; one of the last three, or a withdrawal, ends it."""
INSPECTED_BY: Final = ("open", "x-ray", "dog", "trace", "weighing", "document")
"""How an item is examined; `document` is by its papers alone."""
CHOSEN_BY: Final = ("score", "rule", "lead", "lookout", "uncertainty", "random", "officer")
"""Why an item was chosen for inspection."""
INSPECTION_RESULTS: Final = ("nothing", "finding", "inconclusive")
"""What came of an examination; nothing found is no clearance."""
FINDINGS: Final = (
    *("controlled-substance", "precursor", "device", "currency", "weapon", "undeclared", "misdescribed"),
    *("undervalued", "misclassified", "wrong-origin", "counterfeit", "prohibited", "other"),
)
"""What an examination may find."""
ANSWERS: Final = (
    *("accepted", "rejected", "assessed", "refer-information", "refer-screening", "do-not-load"),
    *("hold", "examine", "release"),
)
"""Answers to advance data, after the referral types of the WCO SAFE Framework for air cargo."""

OUTCOMES: Final = ("granted", "refused", "pending", "withdrawn", "unknown")
"""What may come of an application."""
APPLIED_FOR: Final = ("study-permit", "work-permit", "visitor", "residence", "extension", "other")
"""What people apply for."""
LETTERS: Final = ("acceptance", "invitation", "employment", "funds", "other")
"""What a letter that is filed with an application says."""
CONFIRMED: Final = ("yes", "no", "unknown")
"""What the issuer of a letter answers; `unknown` is no answer."""
DOCUMENTS: Final = ("passport", "visa", "permit", "card", "other")
"""Documents of a person."""
PORTS: Final = ("air", "sea", "land", "rail")
"""How somebody passes the border."""

_amount, _measure, _currency = map(_simply, (measures.amount, measures.measure, measures.currency))
_key, _holder = _simply(values.subject_key), _simply(measures.key_of("account", "person", "company"))
_item = _simply(measures.key_of("parcel", "container"))
_party = _simply(measures.key_of("person", "company"))
_country = _simply(values.country)
_schema = _simply(values.schema)
_number, _length, _share = (_simply(measures.between(*ends)) for ends in ((), (0.0,), (0.0, 1.0)))
_latitude, _longitude = coordinates.reader("latitude"), coordinates.reader("longitude")
_phone, _plate = _simply(measures.phone), _simply(measures.plate)
_angle = _simply(measures.between(-360.0, 360.0))
_count = _simply(measures.whole)
_identifiers = _simply(values.identifiers)


_application, _paper = (_simply(measures.key_of(one)) for one in ("application", "document"))
_telephones, _emails, _addresses = (
    _each(_simply(one)) for one in (measures.telephone, measures.email, measures.address)
)


def _word(name: str, words: tuple[str, ...], required: bool = False) -> Field:
    """A field that holds one of some words."""
    return Field(name, _simply(measures.one_of(words)), required, words)


_REPORTED: Final = (
    Field("report_key", _text),
    Field("origins", _simply(values.escaped_list)),
    Field("observed_at", _moment, required=True),
)
"""What most kinds begin with: the source's own id, what it repeats, and when it was so."""

FIELDS: Final[Mapping[str, tuple[Field, ...]]] = {
    "party": (
        *_REPORTED,
        Field("subject", _simply(values.subject_key)),
        Field("role", _text, required=True),
        Field("name", _text, required=True),
        Field("schema", _schema),
        Field("birth_date", _partial),
        Field("country", _country),
        Field("identifiers", _identifiers),
        Field("context", _text),
    ),
    "listing": (
        Field("report_key", _text),
        Field("observed_at", _moment),
        Field("list_id", _text, required=True),
        Field("entity_id", _text, required=True),
        Field("version_id", _text),
        Field("instrument", _text, required=True),
        Field("title", _text),
        Field("provision", _text),
        Field("item", _text),
        Field("schema", _schema),
        Field("name", _text, required=True),
        Field("aliases", _list),
        Field("weak_aliases", _list),
        Field("birth_dates", _each(_partial)),
        Field("countries", _each(_country)),
        Field("identifiers", _identifiers),
        Field("listed_on", _day),
        Field("in_force", _day),
        Field("ceased", _day),
        Field("lang", _text),
        Field("remarks", _text),
    ),
    "report": (
        *_REPORTED,
        Field("text", _text, required=True),
        Field("title", _text),
        Field("author", _text),
        _word("reliability", RELIABILITIES),
        _word("credibility", CREDIBILITIES),
        Field("references", _identifiers),
        Field("hypothesis", _text),
        Field("subjects", _each(_key)),
        Field("phone", _phone),
        Field("plate", _plate),
        Field("place", _text),
        Field("latitude", _latitude),
        Field("longitude", _longitude),
    ),
    "outcome": (
        *_REPORTED,
        Field("lead", _text, required=True),
        Field("result", _results, required=True),
        Field("task", _text),
        Field("why", _text),
        Field("by", _text, required=True),
    ),
    "payment": (
        *_REPORTED,
        Field("payer", _holder),
        Field("payee", _holder),
        Field("amount", _amount, required=True),
        Field("currency", _currency, required=True),
        _word("means", MEANS, required=True),
        Field("conductor", _simply(measures.key_of("person"))),
        Field("branch", _text),
        Field("memo", _text),
        Field("amount_fine", _simply(measures.fine)),
        Field("payer_bank", _text),
        Field("payee_bank", _text),
        Field("payer_seat", _country),
        Field("payee_seat", _country),
        Field("channel", _text),
        Field("purpose", _text),
        Field("device", _text),
        Field("ip", _text),
        Field("handle", _text),
        Field("facts", _simply(measures.facts)),
        Field("phone", _phone),
    ),
    "account": (
        *_REPORTED,
        Field("subject", _simply(measures.key_of("account")), required=True),
        Field("bank", _text),
        Field("holder", _party),
        Field("holder_type", _text),
        Field("opened", _day),
        Field("occupation", _text),
        Field("naics", _text),
    ),
    "reading": (
        *_REPORTED,
        Field("subject", _key, required=True),
        Field("instrument", _text, required=True),
        _word("method", METHODS, required=True),
        Field("sample", _text),
        Field("substance", _simply(measures.key_of("substance"))),
        _word("level", LEVELS),
        Field("mass", _measure),
        Field("peaks", _simply(measures.measures)),
        Field("intensity", _simply(measures.measures)),
        Field("mass_error", _measure),
        Field("serial", _text),
        Field("firmware", _text),
        Field("calibrated_at", _moment),
        Field("calibrated_until", _moment),
        Field("library", _text),
        Field("operator", _text),
        Field("place", _text),
        Field("exhibit", _text),
        _word("category", ("A", "B", "C")),
        _word("matrix", MATRICES),
        Field("results", _simply(results)),
        Field("quality", _simply(values.escaped_list)),
        Field("file_hash", _text),
        Field("unit", _text),
        Field("latitude", _latitude),
        Field("longitude", _longitude),
        Field("procedure", _text),
    ),
    "declaration": (
        *_REPORTED,
        Field("subject", _item, required=True),
        Field("importer", _party),
        Field("consignee", _party),
        Field("shipper", _party),
        Field("goods", _text, required=True),
        Field("hs", _text),
        Field("origin", _country),
        Field("value", _amount),
        Field("currency", _currency),
        Field("mass", _measure),
        Field("office", _text),
        _word("direction", DIRECTIONS),
        _word("mode", MODES),
        Field("departure", _country),
        Field("destination", _country),
        Field("route", _simply(values.escaped_list)),
        Field("carrier", _text),
        Field("handler", _text),
        Field("declarant", _party),
        Field("document", _text),
        Field("master", _text),
        Field("conveyance", _text),
        Field("pieces", _simply(measures.natural)),
        Field("shipper_name", _text),
        Field("shipper_address", _text),
        Field("shipper_phone", _text),
        Field("consignee_name", _text),
        Field("consignee_address", _text),
        Field("consignee_phone", _text),
        Field("page", _text),
        _word("category", CATEGORIES),
        Field("rate", _measure),
        Field("codes", _simply(values.escaped_list)),
        Field("expected_at", _moment),
        Field("plate", _plate),
    ),
    "inspection": (
        *_REPORTED,
        Field("subject", _item, required=True),
        Field("referral", _text),
        _word("state", REFERRAL_STATES, required=True),
        Field("document", _text),
        _word("means", INSPECTED_BY),
        _word("chosen_by", CHOSEN_BY),
        Field("chance", _share),
        Field("scheme", _text),
        _word("result", INSPECTION_RESULTS),
        Field("found", _each(_simply(measures.one_of(FINDINGS))), words=FINDINGS),
        Field("substance", _simply(measures.key_of("substance"))),
        Field("grounds", _text),
        Field("authority", _text),
        Field("why", _text),
        Field("by", _text),
        Field("edition", _simply(measures.natural)),
        Field("deadline", _moment),
        Field("unit", _text),
        Field("place", _text),
        Field("latitude", _latitude),
        Field("longitude", _longitude),
        Field("plate", _plate),
    ),
    "response": (
        *_REPORTED,
        Field("subject", _item, required=True),
        Field("document", _text),
        _word("answer", ANSWERS, required=True),
        Field("code", _text),
        Field("why", _text),
        Field("by", _text),
        Field("about", _text),
    ),
    "volume": (
        *_REPORTED,
        Field("until", _moment, required=True),
        _word("direction", DIRECTIONS, required=True),
        _word("mode", MODES, required=True),
        Field("office", _text),
        Field("items", _simply(measures.natural), required=True),
        Field("counted_by", _text),
    ),
    "statistic": (
        Field("report_key", _text),
        Field("origins", _simply(values.escaped_list)),
        Field("observed_at", _since, required=True),
        Field("until", _until, required=True),
        Field("series", _text, required=True),
        Field("publisher", _text),
        Field("published", _moment, required=True),
        _word("dated", DATED),
        Field("cell", _simply(cells.cell)),
        Field("measure", _text, required=True),
        Field("unit", _text),
        Field("value", _length, required=True),
        Field("to_date", _simply(measures.truth)),
    ),
    "application": (
        *_REPORTED,
        Field("application", _application, required=True),
        Field("number", _text, required=True),
        Field("office", _text),
        _word("what", APPLIED_FOR),
        Field("received", _moment),
        Field("decided", _moment),
        _word("outcome", OUTCOMES),
        Field("officer", _text),
        Field("applicant", _party),
        Field("representative", _party),
        Field("declared", _simply(measures.truth)),
        Field("institution", _party),
        Field("employer", _party),
        Field("telephones", _telephones),
        Field("emails", _emails),
        Field("addresses", _addresses),
        Field("payer", _holder),
        Field("device", _text),
        Field("bank", _text),
        Field("officer_note", _text),
    ),
    "letter": (
        *_REPORTED,
        Field("letter", _paper, required=True),
        _word("what", LETTERS, required=True),
        Field("issuer", _party),
        Field("reference", _text),
        Field("written", _day),
        Field("application", _application),
        Field("wording", _simply(measures.hashes)),
        Field("template", _text),
        _word("confirmed", CONFIRMED),
        Field("confirmed_at", _moment),
    ),
    "application-fee": (
        *_REPORTED,
        Field("application", _application, required=True),
        Field("payer", _holder),
        Field("instrument", _text),
        Field("bank", _text),
        Field("amount", _amount),
        Field("currency", _currency),
        Field("paid", _moment),
    ),
    "detection": (
        *_REPORTED,
        Field("sensor", _text),
        Field("received_at", _moment),
        Field("scan", _count),
        Field("latitude", _latitude),
        Field("longitude", _longitude),
        Field("altitude", _number),
        Field("var_east", _length),
        Field("var_north", _length),
        Field("cov_east_north", _number),
        Field("sensor_latitude", _latitude),
        Field("sensor_longitude", _longitude),
        Field("sensor_altitude", _number),
        Field("azimuth", _angle),
        Field("azimuth_error", _length),
        Field("elevation", _simply(measures.between(-90.0, 90.0))),
        Field("range", _length),
        Field("range_error", _length),
        Field("range_rate", _number),
        Field("range_rate_error", _length),
        Field("speed", _length),
        Field("speed_error", _length),
        Field("course", _angle),
        Field("course_error", _length),
        Field("climb", _number),
        Field("heading", _angle),
        _word("class", CLASSES),
        Field("class_confidence", _share),
        Field("confidence", _share),
        Field("object", _text),
        Field("claimed", _key),
        Field("name", _text),
        Field("status", _text),
        Field("says", _text),
        Field("authority", _text),
    ),
    "coverage": (
        *_REPORTED,
        Field("sensor", _text, required=True),
        Field("received_at", _moment),
        Field("until", _moment),
        Field("scan", _count),
        _word("state", STATES, required=True),
        Field("mode", _text),
        Field("latitude", _latitude),
        Field("longitude", _longitude),
        Field("altitude", _number),
        Field("nearest", _length),
        Field("farthest", _length),
        Field("azimuth_from", _angle),
        Field("azimuth_to", _angle),
        Field("detects", _share),
        Field("weather", _text),
        _word("class", SENSORS),
        Field("says", _text),
        Field("authority", _text),
    ),
    "removal-step": (
        *_REPORTED,
        Field("order", _simply(measures.key_of("order")), required=True),
        Field("step", _text, required=True),
        Field("on", _day),
        Field("until", _day),
        Field("zone", _text),
        _word("order_kind", ("departure", "exclusion", "deportation")),
        Field("office", _text),
        Field("region", _text),
        Field("section", _text),
        Field("instrument", _text),
        Field("grounds", _text),
        Field("way", _text),
        Field("person", _simply(measures.key_of("person"))),
        Field("claimant", _simply(measures.truth)),
        Field("of", _text),
        Field("reference", _text),
        Field("reason", _text),
    ),
    "weather": (
        *_REPORTED,
        Field("station", _text, required=True),
        Field("received_at", _moment),
        Field("until", _moment),
        Field("latitude", _latitude),
        Field("longitude", _longitude),
        Field("radius", _length),
        Field("temperature", _simply(measures.between(-100.0, 100.0))),
        Field("wind_speed", _length),
        Field("wind_from", _angle),
        Field("visibility", _length),
        _word("precipitation", PRECIPITATION),
        Field("water_temperature", _simply(measures.between(-100.0, 100.0))),
        Field("ice", _length),
        Field("wave_height", _length),
        Field("ceiling", _length),
    ),
    "seizure": (
        *_REPORTED,
        Field("operation", _text),
        Field("drug", _text, required=True),
        Field("substance", _simply(measures.key_of("substance"))),
        Field("until", _moment),
        Field("count", _simply(measures.natural)),
        Field("at_least", _simply(measures.truth)),
        Field("share", _share),
        Field("mass", _simply(measures.mass)),
        Field("mass_error", _simply(measures.mass)),
        Field("amount", _text),
        Field("arrests", _simply(measures.natural)),
        Field("place", _text),
        _word("direction", DIRECTIONS),
        Field("other", _country),
        _word("mode", MODES),
        Field("part_of", _text),
        Field("file", _text),
        Field("latitude", _latitude),
        Field("longitude", _longitude),
        Field("phone", _phone),
        Field("plate", _plate),
    ),
}
"""The fields of each kind that a table can be mapped to."""


def plain_rows(kind: Kind) -> Callable[[Mapping[str, pa.Array], pa.Array], pa.Table]:
    """Rows of a kind whose fields are its columns. A party's `subject` may be null; the feed makes one."""
    body = kind.body

    def rows(columns: Mapping[str, pa.Array], locators: pa.Array) -> pa.Table:
        arrays = [locators if field.name == "locator" else columns[field.name] for field in body]
        return pa.Table.from_arrays(
            [a if a.type == f.type else pc.cast(a, f.type) for a, f in zip(arrays, body, strict=True)],
            schema=body,
        )

    return rows


def listing_rows(columns: Mapping[str, pa.Array], locators: pa.Array) -> pa.Table:
    """Rows of `LISTING.body`. Aliases are weak where the table says so, and where they are too short."""
    rows = pa.table({**columns, "locator": locators}).to_pylist()
    return table(_listing(row) for row in rows)


def _listing(row: dict[str, Any]) -> Item:
    weak = [Name(text, "alias", "weak") for text in row.pop("weak_aliases")]
    aliases = [Name(text, "alias", strength_of(text)) for text in row.pop("aliases")]
    since = row["in_force"] or row["listed_on"]
    row["report_key"] = row["report_key"] or f"{row['list_id']}#{row['entity_id']}"
    row["observed_at"] = row["observed_at"] or (midnight(since) if since else UNDATED)
    row["schema"] = row["schema"] or "LegalEntity"
    row["identifiers"] = [Identifier(**one) for one in row["identifiers"]]
    return Item(**row, names=distinct([Name(row["name"], "primary"), *aliases, *weak]))


def outcome_rows(columns: Mapping[str, pa.Array], locators: pa.Array) -> pa.Table:
    """Rows of `OUTCOME.body`, without hypothesis and subjects, which are those of the lead."""
    rows = pa.table({**columns, "locator": locators}).to_pylist()
    return pa.Table.from_pylist([_outcome(row) for row in rows], schema=OUTCOME.body)


def _outcome(row: dict[str, Any]) -> dict[str, Any]:
    key = row["report_key"] or outcome_key(row["lead"], row["by"], row["task"])
    true = RESULTS[row["result"]].true
    return row | {"report_key": key, "hypothesis": "", "subjects": [], "true": true, "chance": None}


def report_rows(columns: Mapping[str, pa.Array], locators: pa.Array) -> pa.Table:
    """Rows of `REPORT.body`, each with the marking of its portions, and numbers and names found in them.

    A telephone or plate in a column of its own is a subject that the author states.
    """
    from watchfloor.formats.documents.rows import of_cells  # it reads names, which few tables need

    rows = pa.table({**columns, "locator": locators}).to_pylist()
    for row in rows:
        stated = (row.pop("phone"), row.pop("plate"))
        row["subjects"] = list(dict.fromkeys([*row["subjects"], *filter(None, stated)]))
    return of_cells(rows)


def outcome_key(lead: str, by: str, task: str | None = None) -> str:
    """The report that one officer makes of one lead, or of one task that followed from it."""
    return ":".join((lead, by, *([task] if task else [])))


ROWS: Final[Mapping[str, Callable[[Mapping[str, pa.Array], pa.Array], pa.Table]]] = {
    **{kind: plain_rows(KINDS[kind]) for kind in FIELDS},
    "listing": listing_rows,
    "outcome": outcome_rows,
    "report": report_rows,
    "statistic": statistic_rows,
}
"""For each kind, the columns of its fields to rows of its body."""
