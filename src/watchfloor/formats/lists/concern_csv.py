"""Exporters of concern: assertions about who supplies what the law controls, with their source and end.

CSV: `id,name,source,asserted,expires,why`, and where known `aliases,weak_aliases,schema,identifiers`. An
assertion says who asserts it, on which day, until when it stands (the last day) and why, in words: a row
without one of these is a fault and lists nobody. It stands three years at most; whoever still holds it then
asserts it again. Identifiers are written `system:number`, split by `;`: `uscc`, `lei`, `ofac`, `wallet`,
`address`… What somebody is by birth, belief or citizenship is no reason and no column.

The records are `listing`s of the list `EXPORTERS-OF-CONCERN`, so the listings desk matches names by its own
scorer; `ceased` is the first day on which an assertion no longer stands. To withdraw one, deliver it again
with an earlier `expires`.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from io import TextIOWrapper
from typing import Any, BinaryIO, Final

from stdnum import lei
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from watchfloor.core.concern import LIST
from watchfloor.core.protected import IDENTITY_ONLY, is_protected
from watchfloor.core.schemas import BY_WORD, SCHEMAS
from watchfloor.formats.base import Batch, Fault, Format, FormatError, Head
from watchfloor.formats.lists.listing_rows import Identifier, Item, Name, batches, distinct, items, midnight
from watchfloor.formats.settings import nearest
from watchfloor.formats.tabular import delimited
from watchfloor.formats.tabular.table import column_names, each
from watchfloor.formats.tabular.values import read_identifiers, read_list, write_identifiers, write_list

NEEDED: Final = ("id", "name", "source", "asserted", "expires", "why")
COLUMNS: Final = (*NEEDED, "aliases", "weak_aliases", "schema", "identifiers")

LONGEST: Final = timedelta(days=3 * 366)
"""How long an assertion may stand before somebody looks at it again. Judgement."""

_WHY: Final = 12
"""Letters that a reason has at least: a word is no reason."""

_MOST: Final = 400
"""Letters that a reason may have: it stands in the sentence of every hit."""

_NO_REASON: Final = re.compile(
    r"\b(nationalit|citizen|citoyen|ethni|race\b|racial|relig|muslim|musulman|jew(ish)?\b|juifs?\b|juive"
    r"|christians?\b|chrétien|hindu(s|ism)?\b|hindou|sikhs?\b|castes?\b|tribes?\b|tribus?\b|born in|née? en\b"
    r"|née? à\b|mother tongue|langue maternelle)",
    re.IGNORECASE,
)
"""Words for what nobody may be listed for."""


def sniff(head: Head) -> float:
    """Sure of a header with the needed columns."""
    found = {column.lower() for column in delimited.header_of(head.data)}
    return 0.97 if found.issuperset(NEEDED) else 0.0


def read(stream: BinaryIO, name: str) -> Iterator[Batch | Fault]:
    """Rows of `listing`. Raises `FormatError` where a needed column is missing or one is not ours."""
    return batches(_items(stream, name))


def _items(stream: BinaryIO, name: str) -> Iterator[Item | Fault]:
    sheet = delimited.read(stream, name)
    columns = column_names([column.lower() for column in sheet.names])
    if missing := [column for column in NEEDED if column not in columns]:
        raise FormatError(
            f"{name} has no column {' and no column '.join(missing)}. An assertion about an exporter has"
            f" {', '.join(NEEDED)}: who says it, since when, until when and why"
        )
    for column in columns:
        if is_protected(column) or column in IDENTITY_ONLY:
            raise FormatError(
                f"{name} has a column {column!r}: nobody is listed for what he is; leave it out"
            )
        if column not in COLUMNS:
            like = nearest(column, COLUMNS)
            raise FormatError(f"{name} has a column {column!r} that an assertion has not{like}")
    yield from each(sheet.pieces, lambda rows: items(rows, columns, _item))


def _item(value: dict[str, str], locator: str) -> Item:
    """One assertion. Raises `ValueError` with what is wrong with it."""
    for needed in NEEDED:
        if not value[needed]:
            raise ValueError(f"this assertion has no {needed}, and without it nobody is listed")
    asserted, expires = _day(value, "asserted"), _day(value, "expires")
    _check_span(asserted, expires)
    _check_why(value["why"])
    if found := _NO_REASON.search(value["source"]):
        raise ValueError(f"source speaks of “{found[0]}”: nobody is listed for what he is")
    schema = BY_WORD.get((value.get("schema") or "LegalEntity").lower())
    if schema is None:
        raise ValueError(f"schema {value['schema']!r} is none of {', '.join(SCHEMAS)}")
    aliases = (Name(text) for text in read_list(value.get("aliases", "")))
    weak = (Name(text, "alias", "weak") for text in read_list(value.get("weak_aliases", "")))
    return Item(
        report_key=f"{LIST}#{value['id']}",
        locator=locator,
        observed_at=midnight(asserted),
        list_id=LIST,
        entity_id=value["id"],
        instrument=f"exporters of concern, “{value['why']}” ({value['source']}, until {expires})",
        title=value["source"],
        item=value["id"],
        schema=schema,
        name=value["name"],
        names=distinct([Name(value["name"], "primary"), *weak, *aliases]),
        identifiers=_identifiers(value.get("identifiers", "")),
        listed_on=asserted,
        in_force=asserted,
        ceased=expires + timedelta(days=1),
        remarks=value["why"],
    )


def _day(value: dict[str, str], column: str) -> date:
    try:
        return date.fromisoformat(value[column])
    except ValueError:
        raise ValueError(f"{column} {value[column]!r} is no day; write 2026-06-01") from None


def _check_span(asserted: date, expires: date) -> None:
    if expires < asserted:
        raise ValueError(f"it expires on {expires}, before it is asserted on {asserted}")
    if expires - asserted > LONGEST:
        raise ValueError(f"it would stand until {expires}, more than three years; assert it anew by then")


def _check_why(why: str) -> None:
    if len(why) < _WHY:
        raise ValueError(f"why is {why!r}: say in words what rests on what; a word alone is a bare flag")
    if len(why) > _MOST:
        raise ValueError(f"why has {len(why)} letters; {_MOST} are the most, as it stands in every hit")
    if found := _NO_REASON.search(why):
        raise ValueError(f"why speaks of “{found[0]}”: nobody is listed for what he is; say what was done")


def _identifiers(text: str) -> list[Identifier]:
    found = [Identifier(**one) for one in read_identifiers(text)]  # type: ignore[arg-type]
    for one in found:
        check = _CHECKED.get(one.system)
        try:
            if check:
                check(one.number)
        except ValidationError:
            raise ValueError(f"{one.number!r} is no {one.system}: its check digit is another") from None
    return found


_CHECKED: Final = {"uscc": uscc.validate, "lei": lei.validate}


def write(found: Iterable[Batch], stream: BinaryIO) -> None:
    """Rows as UTF-8 CSV with a header, which `read` reads back."""
    text = TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for batch in found:
        writer.writerows(cells(row) for row in batch.rows.to_pylist())
    text.flush()
    text.detach()


def cells(row: dict[str, Any]) -> list[str]:
    """One assertion as it is written."""
    others = [name for name in row["names"] if name["text"] != row["name"]]
    return [
        row["entity_id"],
        row["name"],
        row["title"],
        row["listed_on"].isoformat(),
        (row["ceased"] - timedelta(days=1)).isoformat(),
        row["remarks"],
        write_list([name["text"] for name in others if name["strength"] != "weak"]),
        write_list([name["text"] for name in others if name["strength"] == "weak"]),
        row["schema"],
        write_identifiers(row["identifiers"] or []),
    ]


FORMAT: Final = Format("concern-csv", ("listing",), sniff, read, write)
