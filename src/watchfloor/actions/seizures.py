"""Seizures of operations: records and totals."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final

import pyarrow as pa
from msgspec import UNSET, UnsetType

from watchfloor.actions.base import Answer, Context, Request, action, argument, note, option, words
from watchfloor.casework.custody.seizures import BY, Group, totals, within
from watchfloor.casework.life_cycle import at_least
from watchfloor.cell.acts import EMPTY, NO_SUCH, NotFound, Unusable, common, new_id, write
from watchfloor.cell.wording.dates import NO_MOMENT, TO_COME, moment_of_field
from watchfloor.core.kinds import SEIZURE
from watchfloor.core.messages import Language, declare, reason
from watchfloor.messages import number

NO_ERROR: Final = declare("seizures.no-error")
BEFORE: Final = declare("seizures.ends-before", "until", "start")
NOT_AMONG: Final = declare("seizures.not-among", "text", "known")
WRONG_FIELD: Final = declare("seizures.wrong-field", "field", "problem")
OVER: Final = declare("seizures.parts-exceed")

PartWord = Annotated[str, words("seizures.part_")]
Key = str | UnsetType | None


class Weighed(Answer, frozen=True):
    """The base of an answer with a number of seizures and a mass in words; null: nobody states it."""

    texts: ClassVar = "seizures"

    count_text: str | None
    mass_text: str | None

    def nothing(self, column: str) -> str:
        """Return the key of the text for what nobody states."""
        return {"mass_text": "seizures.no_mass", "count_text": "seizures.part_unsaid"}.get(column, "")


class SeizureView(Weighed, frozen=True):
    """A seizure, or several counted together; see `core.kinds.SEIZURE`."""

    columns: ClassVar = (
        *("report_key", "operation", "drug", "observed_at", "count_text", "mass_text", "direction"),
        *("other", "mode", "part_of"),
    )

    operation: str | None
    drug: PartWord
    observed_at: datetime
    until: datetime | None
    count: int | None
    at_least: bool | None
    share: float | None
    mass: float | None
    mass_error: float | None
    amount: str | None
    arrests: int | None
    place: str | None
    direction: PartWord | None
    other: str | None
    mode: str | None
    part_of: str | None
    file: str | None
    report_key: str | None
    source: str
    marking: str


class NewSeizure(SeizureView, frozen=True):
    """A seizure that was recorded."""

    seizure: str
    position: int | None
    substance: str | None


class SeizureList(Answer, frozen=True):
    """Seizures, the oldest first."""

    seizures: list[SeizureView]


class GroupView(Weighed, frozen=True, kw_only=True):
    """Totals of a `group` of seizures, whose keys stand apart too; see `casework.custody.seizures.Group`."""

    columns: ClassVar = (
        *("group", "count_text", "share_text", "share_published", "mass_text", "without_mass"),
        *("heaviest_text", "arrests"),
    )

    group: list[PartWord]
    operation: Key = UNSET
    drug: Key = UNSET
    direction: Key = UNSET
    other: Key = UNSET
    mode: Key = UNSET
    place: Key = UNSET
    seizures: int | None
    at_least: bool
    counted: int
    share: float | None
    share_published: bool
    grams: float | None
    standard_uncertainty: float | None
    rows: int
    without_mass: int
    heaviest_share: float | None
    arrests: int | None
    parts_exceed_whole: bool
    share_text: str
    heaviest_text: str


class SeizureTotals(Weighed, frozen=True):
    """Totals by group; the number of seizures and the mass are those of all together."""

    seizures: list[GroupView]


class RecordSeizure(Request, frozen=True, kw_only=True):
    """A seizure, or several counted together."""

    drug: Annotated[str, argument("DRUG", "What was seized, in words; all, for everything.")]
    at: Annotated[str, option("When, or from when: a day or a moment.")]
    until: Annotated[str, option("Until when, where several are counted.")] = ""
    operation: Annotated[str | None, option("Name of the operation.")] = None
    substance: Annotated[str | None, option("Typed key: substance:cas:….")] = None
    count: Annotated[int | None, option("How many seizures.", minimum=0)] = None
    at_least: Annotated[bool, option("More than --count.")] = False
    mass: Annotated[str | None, option("In grams, or with its unit: 1.73kg.")] = None
    mass_error: Annotated[str | None, option("Its standard uncertainty, likewise.")] = None
    amount: Annotated[str | None, option("As counted, such as: 100 tablets.")] = None
    arrests: Annotated[int | None, option("How many arrests.", minimum=0)] = None
    place: Annotated[str | None, option("Where.")] = None
    direction: Annotated[str | None, option("inbound, outbound, in-transit or domestic.")] = None
    other: Annotated[str | None, option("Country from or to which, such as US.")] = None
    mode: Annotated[
        str | None, option("post, courier, air-cargo, marine-container, vehicle, rail, person, vessel.")
    ] = None
    part_of: Annotated[str | None, option("Report key of the record that this is part of.")] = None
    file: Annotated[str | None, option("File number, or where it was published.")] = None
    marking: Annotated[
        str | None, option("Its marking, such as PB//TLP:AMBER; never below its subject's.")
    ] = None


TYPED: Final = (
    *("drug", "operation", "substance", "mass", "amount", "mass_error", "place", "direction", "other"),
    *("mode", "part_of", "file"),
)
"""Fields that are read as a table of seizures is."""


@action(
    "seizure add",
    'seizure add fentanyl --at 2025-02-20 --operation "Operation Blizzard" --mass 12.4g --mass-error 0.1g '
    "--direction outbound --other US --mode post",
    writes=True,
    done="seizures.done",
)
def add(context: Context, ask: RecordSeizure) -> NewSeizure:
    """Record a seizure, or several counted together. A table of them is ingested: format seizure-csv."""
    if not ask.drug.strip():
        raise Unusable(reason(EMPTY, what_words="drug"))
    typed = _read({name: getattr(ask, name) for name in TYPED})
    if typed["mass_error"] == 0:
        raise Unusable(reason(NO_ERROR))
    start, until = _span("at", ask.at, ask.until)
    if start is None:
        raise Unusable(reason(NO_MOMENT))
    if start > context.now:
        raise Unusable(reason(TO_COME, at=ask.at))
    counted = {"until": until, "count": ask.count, "at_least": ask.at_least or None, "arrests": ask.arrests}
    with context.writer() as writer:
        id_ = new_id(context.floor.key, "seizure", writer.moment().isoformat(), ask.drug, ask.at)
        if ask.part_of is not None and all(row["report_key"] != ask.part_of for row in _held(context)):
            raise NotFound(
                reason(NO_SUCH, what_words="seizure", start=ask.part_of, command="cases seizure list")
            )
        row = common("seizures", id_, at_least(None, ask.marking), start) | typed | counted | {"share": None}
        position = context.known_position(write(writer, SEIZURE, row))
    fields = _fields(row, context.language)
    return NewSeizure(**fields, seizure=id_, position=position, substance=row["substance"])


class ListSeizures(Request, frozen=True):
    """Which span of time."""

    from_: Annotated[str, option("Only from this day or moment on.")] = ""
    until: Annotated[str, option("Only until this day or moment.")] = ""


@action(
    "seizure list",
    "seizure list --from 2025-02-12 --until 2025-03-13",
    rows="seizures",
    empty="seizures.none",
)
def list_seizures(context: Context, ask: ListSeizures) -> SeizureList:
    """List seizures, the oldest first."""
    found = _rows(context, ask)
    return SeizureList(seizures=[SeizureView(**_fields(row, context.language)) for row in found])


class TotalSeizures(ListSeizures, frozen=True):
    """Which seizures are totalled, and by what they are grouped."""

    by: Annotated[str, option("Some of operation, drug, direction, other, mode, place, by commas.")] = "drug"
    public: Annotated[str, option("Of published figures that come with the package: operation-blizzard.")] = (
        ""
    )


@action(
    "seizure totals",
    "seizure totals --by drug,direction --from 2025-02-12 --until 2025-03-13",
    rows="seizures",
    empty="seizures.none",
    title="seizures.together",
)
def total(context: Context, ask: TotalSeizures) -> SeizureTotals:
    """Total seizures. What is part of another is not added twice, and what nobody states stays unknown.

    Shares are as published, or of the counts where every record says how many and they are 20 or more.
    """
    names = [name.strip() for name in ask.by.split(",") if name.strip()]
    for name in names:
        _refuse_none_of(name, BY)
    rows = _public(ask.public) if ask.public else _rows(context, ask)
    made, language = totals(rows, names), context.language
    if any(one.over for one in made):
        note(context, OVER)
    return SeizureTotals(
        seizures=[_group(one, names, language) for one in made],
        **(_texts(totals(rows)[0], language) if rows else {"count_text": None, "mass_text": None}),
    )


def _held(context: Context) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = context.floor.read("seizure", context.reader, latest=True).to_pylist()
    return rows


def _rows(context: Context, ask: ListSeizures) -> list[dict[str, Any]]:
    """Return the seizures that this reader may see in a span of time, each once; the look is logged."""
    start, until = _span("from", ask.from_, ask.until)
    rows = [dict(row) for row in within(_held(context), start, until)]
    rows.sort(key=lambda row: (row["observed_at"], row["report_key"] or ""))
    context.log_query("seizures", shown=[row["record_id"].hex() for row in rows])
    return rows


def _span(name: str, start: str, until: str) -> tuple[datetime | None, datetime | None]:
    """Return two moments as they are typed, the first in the field of a name. Raises `Refusal`."""
    first, last = moment_of_field(start, name, first=True), moment_of_field(until, "until")
    if first is not None and last is not None and last < first:
        raise Unusable(reason(BEFORE, until=until, start=start))
    return first, last


def _public(name: str) -> list[dict[str, Any]]:
    from watchfloor.reference import public_seizures

    _refuse_none_of(name, public_seizures.operations())
    return public_seizures.rows(name)


def _refuse_none_of(text: str, known: Collection[str]) -> None:
    if text not in known:
        raise Unusable(reason(NOT_AMONG, text=text, known=", ".join(known)))


def _read(typed: Mapping[str, str | None]) -> dict[str, Any]:
    """Return what was typed, read as a table of seizures would be. Raises `Unusable`."""
    from watchfloor.formats.tabular.fields import FIELDS, Source

    fields, row = {field.name: field for field in FIELDS["seizure"]}, {}
    for name, text in typed.items():
        found = fields[name].read(pa.array([text], pa.string()), Source(name))
        if found.wrong:
            raise Unusable(reason(WRONG_FIELD, field=name, problem=str(next(iter(found.wrong.values())))))
        row[name] = found.values.to_pylist()[0]
    return row


def _fields(row: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """Return the fields of a `SeizureView`."""
    return {
        **{name: row[name] for name in SeizureView.__struct_fields__ if name in row},
        "count_text": _count(row["count"], row["at_least"], language) or "",
        "mass_text": _mass(row["mass"], row["mass_error"], language),
    }


def _group(one: Group, names: list[str], language: Language) -> GroupView:
    return GroupView(
        group=[part or "unsaid" for part in one.key],
        **dict(zip(names, one.key, strict=True)),
        **_texts(one, language),
        seizures=one.count,
        at_least=one.at_least,
        counted=one.counted,
        share=one.share,
        share_published=one.published,
        grams=one.mass,
        standard_uncertainty=one.mass_error,
        rows=one.rows,
        without_mass=one.unweighed,
        heaviest_share=one.largest,
        arrests=one.arrests,
        parts_exceed_whole=one.over,
        share_text="" if one.share is None else f"{number(100 * one.share, language, 1)} %",
        heaviest_text="" if one.largest is None else f"{number(100 * one.largest, language)} %",
    )


def _texts(one: Group, language: Language) -> dict[str, Any]:
    return {
        "count_text": _count(one.count, one.at_least, language),
        "mass_text": _mass(one.mass, one.mass_error, language),
    }


def _count(count: int | None, more: bool | None, language: Language) -> str | None:
    return None if count is None else f"{'> ' if more else ''}{number(count, language)}"


def _mass(grams: float | None, error: float | None, language: Language) -> str | None:
    """Return a mass as it is stated: no digit is added, none is lost."""
    if grams is None:
        return None
    unit, by = ("kg", 1000.0) if grams >= 100 else ("g", 1.0)
    text = number(f"{round(grams / by, 9):.9f}".rstrip("0").rstrip("."), language, grouped=False)
    if error is not None:
        text += f" ± {number(f'{2 * error / by:.3g}', language, grouped=False)}"
    return f"{text} {unit}"
