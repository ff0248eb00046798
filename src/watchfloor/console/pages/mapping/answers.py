"""Requests and answers of mapping."""

from typing import Annotated, Final

import msgspec

from watchfloor.formats.tabular.fields import FIELDS

KIND: Final = "party"
"""Kind of rows that a table is mapped to where nobody says."""

Text = Annotated[str, msgspec.Meta(max_length=500)]
JOINED: Final = 3
"""Columns that a form can join into a field, or sources of identifiers."""


class TableLine(msgspec.Struct, frozen=True):
    """A table of one's own that is being mapped."""

    id: str
    name: str
    kind: str


class SavedLine(msgspec.Struct, frozen=True):
    """A feed with a mapping, its file, and the kind that it maps to."""

    feed: str
    file: str
    kind: str


class MappingPage(msgspec.Struct, frozen=True):
    """Where mapping begins.

    Attributes:
        marking: of nothing that is shown here.
        kinds: that a table can be mapped to.
        tables: of one's own that are being mapped.
        saved: mappings of feeds.
        most: bytes of a file that may be dropped.
    """

    marking: str
    kinds: list[str]
    tables: list[TableLine]
    saved: list[SavedLine]
    most: int


class TableAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The id of a table of one's own."""

    table: str


class DropAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file, and the kind that its rows are."""

    name: Text = ""
    kind: Text = KIND


class OpenedTable(msgspec.Struct, frozen=True):
    """A table that can be mapped now: its id."""

    table: str
    said: str = ""
    marking: str = ""


class ColumnLine(msgspec.Struct, frozen=True):
    """A column of the table: its first cells, and the fields that it fills."""

    name: str
    cells: list[str]
    fields: list[str]


class WordLine(msgspec.Struct, frozen=True):
    """A text that stands in a column of words, in how many of the first rows, and which of our words it is.

    `ours` is empty for a text that goes to quarantine, and `-` for one that means that there is no value.
    """

    text: str
    rows: int
    ours: str


class FormLine(msgspec.Struct, frozen=True):
    """A way to write a date, and how it writes 25 November 2026, half past two in the afternoon."""

    form: str
    sample: str


class FieldLine(msgspec.Struct, frozen=True):
    """A field of the kind.

    Attributes:
        name: of the field; `required`: whether every row needs it.
        columns: that fill it, in their order; several are joined, or are several identifiers.
        systems: of identifiers, the numbering system of each column.
        dated: whether its cells are dates; `form`: as they are written; empty: ISO 8601.
        constant: that stands where its columns are empty.
        filled: rows that have it, as far as the table was tried.
        missing: whether it still needs a column or a constant.
        unit: of its numbers, `lb to kg` where they are converted; empty for a field without one.
        stated: unit that the mapping states; `units`: that it may.
        choices: our words, of a field that holds one of a few; `words`: what stands in its column.
    """

    name: str
    required: bool
    columns: list[str]
    systems: list[str]
    dated: bool
    form: str
    constant: str
    filled: int
    missing: bool
    unit: str
    stated: str
    units: list[str]
    choices: list[str]
    words: list[WordLine]


class Cell(msgspec.Struct, frozen=True):
    """A field of a row that was read, its value, and what stood in the table where that is another text."""

    field: str
    value: str
    was: str = ""


class ReasonLine(msgspec.Struct, frozen=True):
    """A sort of reason, and how many rows would go to quarantine for it."""

    why: str
    rows: int


class FaultLine(msgspec.Struct, frozen=True):
    """A row that would go to quarantine: where it stands, and why."""

    where: str
    why: str


class TablePage(msgspec.Struct, frozen=True):
    """A table as it is being mapped, and what comes of it.

    Attributes:
        marking: of the pieces in quarantine that it is made of; of a file of its own, what its feed's is.
        id: of the table; `name`: of its file; `size`: in bytes.
        kind: of its rows; `kinds`: that there are.
        columns: with their first cells.
        fields: of the kind.
        sheet: of a workbook, the one that is mapped; `sheets`: that hold anything.
        systems: numbering systems of identifiers; `forms`: ways to write a date.
        notes: what to look at.
        missing: fields that still need a column or a constant.
        problem: why it cannot be tried.
        rows: that were tried; `mapped`: that read; `quarantined`: that would not; `cut`: there are more.
        heads: fields of the rows that are shown; `first`: the first that read.
        reasons: why rows do not, by their sort; `faults`: the first that do not.
        text: the mapping as its file.
        feed: that the table comes from, where that is known; `feeds`: that there are.
        pieces: in quarantine that can be read again with it.
        writes: whether the reader may save it and take the table in.
    """

    marking: str
    id: str
    name: str
    size: int
    kind: str
    kinds: list[str]
    columns: list[ColumnLine]
    fields: list[FieldLine]
    sheet: str
    sheets: list[str]
    systems: list[str]
    forms: list[FormLine]
    notes: list[str]
    missing: list[str]
    problem: str
    rows: int
    mapped: int
    quarantined: int
    cut: bool
    heads: list[str]
    first: list[list[Cell]]
    reasons: list[ReasonLine]
    faults: list[FaultLine]
    text: str
    feed: str
    feeds: list[str]
    pieces: int
    writes: bool


class Fills(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the table is mapped; all that is not said is not filled.

    Attributes:
        table: its id.
        kind: of its rows; another than before has the mapping proposed anew.
        fill: `field=column`, once for each column of a field, in their order; `identifiers.2=column` says
            which of several identifiers it is.
        form: `field=%d/%m/%Y`: how its dates are written.
        system: `2=passport`: the numbering system of an identifier.
        unit: `field=lb`: of its numbers that state none.
        word: `mode=vehicle=car`: which of our words a text is; `mode=-=car`: that it means no value.
        sheet: of a workbook; another than before has the mapping proposed anew.
    """

    table: str
    kind: Text = ""
    fill: list[Text] = []
    form: list[Text] = []
    system: list[Text] = []
    unit: list[Text] = []
    word: list[Text] = []
    sheet: Text = ""


CONSTANT: Final = "constant_"
"""How fields of the form begin that hold what stands where a field's columns are empty."""

MapAsk: Final = msgspec.defstruct(
    "MapAsk",
    [
        (f"{CONSTANT}{name}", Text, "")
        for name in sorted({field.name for of_kind in FIELDS.values() for field in of_kind})
    ],
    bases=(Fills,),
    frozen=True,
    forbid_unknown_fields=True,
)


class TextAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The mapping as the text of its file."""

    table: str
    text: Annotated[str, msgspec.Meta(max_length=100_000)] = ""


class SaveAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The feed whose mapping it becomes; `anyway`: in place of another."""

    table: str
    feed: Text = ""
    anyway: bool = False


class TakeAsk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The feed that the table comes from, and the marking of its records; empty: found out."""

    table: str
    feed: Text = ""
    marking: Text = ""
