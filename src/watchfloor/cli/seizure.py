"""`watchfloor seizure`: seizures of operations as records, and their totals."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.acting import MarkingOption, refusals, writing
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    MISSING,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    err,
    fail,
    print_json,
    print_rows,
    print_table,
    reader,
)
from watchfloor.cli.moments import moment
from watchfloor.messages import number

if TYPE_CHECKING:
    from pathlib import Path

    from watchfloor.cell.custody.seizures import Group
    from watchfloor.records.messages import Language
    from watchfloor.release.policy import Reader
    from watchfloor.store.floor import Floor

app = typer.Typer(help="Seizures of operations: records and totals.", no_args_is_help=True)

FromOption = Annotated[str | None, typer.Option("--from", help="Only from this day or moment on.")]
UntilOption = Annotated[str | None, typer.Option("--until", help="Only until this day or moment.")]

NONE: Final = {
    "en": "No seizure that you may see is recorded for that.",
    "fr": "Aucune saisie que vous puissiez voir n’est inscrite pour cela.",
}
DIRECTIONS: Final = {
    "inbound": "entrée",
    "outbound": "sortie",
    "in-transit": "en transit",
    "domestic": "intérieur",
}
"""Directions in French."""

OVER: Final = {
    "en": "The parts of a record exceed the whole: rounded figures, or something is counted twice.",
    "fr": "Les parties d’un enregistrement dépassent le tout : chiffres arrondis, ou compté deux fois.",
}
NAMES: Final = {
    "operation": "opération",
    "drug": "drogue",
    "direction": "sens",
    "other": "pays",
    "mode": "mode",
    "place": "lieu",
}
"""What seizures are grouped by, in French."""

COLUMNS: Final = (
    *(
        "operation",
        "drug",
        "observed_at",
        "until",
        "count",
        "at_least",
        "share",
        "mass",
        "mass_error",
        "amount",
    ),
    *("arrests", "place", "direction", "other", "mode", "part_of", "file", "report_key", "source", "marking"),
)


@app.command()
def add(
    drug: Annotated[str, typer.Argument(help="What was seized, in words; all, for everything.")],
    at: Annotated[str, typer.Option("--at", help="When, or from when: a day or a moment.")],
    until: Annotated[
        str | None, typer.Option("--until", help="Until when, where several are counted.")
    ] = None,
    operation: Annotated[str | None, typer.Option("--operation", help="Name of the operation.")] = None,
    substance: Annotated[str | None, typer.Option("--substance", help="Typed key: substance:cas:….")] = None,
    count: Annotated[int | None, typer.Option("--count", min=0, help="How many seizures.")] = None,
    at_least: Annotated[bool, typer.Option("--at-least", help="More than --count.")] = False,
    mass: Annotated[str | None, typer.Option("--mass", help="In grams, or with its unit: 1.73kg.")] = None,
    mass_error: Annotated[
        str | None, typer.Option("--mass-error", help="Its standard uncertainty, likewise.")
    ] = None,
    amount: Annotated[str | None, typer.Option("--amount", help="As counted, such as: 100 tablets.")] = None,
    arrests: Annotated[int | None, typer.Option("--arrests", min=0, help="How many arrests.")] = None,
    place: Annotated[str | None, typer.Option("--place", help="Where.")] = None,
    direction: Annotated[
        str | None, typer.Option("--direction", help="inbound, outbound, in-transit or domestic.")
    ] = None,
    other: Annotated[
        str | None, typer.Option("--other", help="Country from or to which, such as US.")
    ] = None,
    mode: Annotated[
        str | None,
        typer.Option(
            "--mode", help="post, courier, air-cargo, marine-container, vehicle, rail, person, vessel."
        ),
    ] = None,
    part_of: Annotated[
        str | None, typer.Option("--part-of", help="Report key of the record that this is part of.")
    ] = None,
    file: Annotated[
        str | None, typer.Option("--file", help="File number, or where it was published.")
    ] = None,
    marking: MarkingOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Record a seizure, or several counted together. A table of them is ingested: format seizure-csv.

    Example: watchfloor seizure add fentanyl --at 2025-02-20 --operation "Operation Blizzard" --mass 12.4g
    --mass-error 0.1g --direction outbound --other US --mode post
    """
    from watchfloor.cell.acting.acts import common, new_id, write
    from watchfloor.cell.acting.ordering import at_least as marked
    from watchfloor.records.kinds import SEIZURE
    from watchfloor.store.floor import Floor

    typed = {
        "drug": drug,
        "operation": operation,
        "substance": substance,
        "mass": mass,
        "amount": amount,
        "mass_error": mass_error,
        "place": place,
        "direction": direction,
        "other": other,
        "mode": mode,
        "part_of": part_of,
        "file": file,
    }
    ends = {"until": moment(until, "--until") if until else None}
    row = (
        _read(typed)
        | ends
        | {"count": count, "at_least": at_least or None, "arrests": arrests, "share": None}
    )
    start = moment(at, "--at", first=True)
    if not drug.strip():
        fail("name what was seized, in words; all, for everything")
    if row["mass_error"] == 0:
        fail("--mass-error: a standard uncertainty is above 0; leave it out where nobody states one")
    if start > datetime.now(UTC):
        fail(f"--at {at}: that is still to come")
    if ends["until"] is not None and ends["until"] < start:
        fail(f"--until {until}: that is before --at {at}")
    opened = Floor.open(floor)
    with refusals(lang), writing(opened, purpose, authority) as writer:
        id_ = new_id(opened.key, "seizure", writer.moment().isoformat(), drug, at)
        if part_of is not None and not _there(opened, reader(opened, purpose), part_of):
            fail(f"--part-of {part_of}: no seizure that you may see has that report key", MISSING)
        made = common("seizures", id_, marked(None, marking), start) | row
        position = write(writer, SEIZURE, made)
    if as_json:
        print_json({"seizure": id_, "position": position} | row)
    else:
        typer.echo(f"{id_}: {drug}, {_mass(row['mass'], row['mass_error'], lang)}, position {position}")


@app.command("list")
def list_(
    since: FromOption = None,
    until: UntilOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """List seizures, the oldest first.

    Example: watchfloor seizure list --from 2025-02-12 --until 2025-03-13
    """
    rows = _rows(floor, purpose, authority, since, until)
    if as_json:
        print_rows(({name: row[name] for name in COLUMNS} for row in rows), "seizures")
        return
    heads = {
        "en": (
            "key",
            "operation",
            "drug",
            "from",
            "count",
            "mass",
            "direction",
            "country",
            "mode",
            "part of",
        ),
        "fr": (
            "clé",
            "opération",
            "drogue",
            "depuis",
            "nombre",
            "masse",
            "sens",
            "pays",
            "mode",
            "partie de",
        ),
    }
    lines = (
        (
            *(row["report_key"], row["operation"], row["drug"], f"{row['observed_at']:%Y-%m-%d}"),
            *(_count(row["count"], bool(row["at_least"]), lang), _mass(row["mass"], row["mass_error"], lang)),
            *(row["direction"], row["other"], row["mode"], row["part_of"]),
        )
        for row in rows
    )
    print_table("", heads[lang], lines, NONE[lang])


@app.command()
def totals(
    by: Annotated[
        str, typer.Option("--by", help="Some of operation, drug, direction, other, mode, place, by commas.")
    ] = "drug",
    since: FromOption = None,
    until: UntilOption = None,
    public: Annotated[
        str | None,
        typer.Option("--public", help="Of published figures that come with the package: operation-blizzard."),
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Total seizures. What is part of another is not added twice, and what nobody states stays unknown.

    Shares are as published, or of the counts where every record says how many and they are 20 or more.

    Example: watchfloor seizure totals --by drug,direction --from 2025-02-12 --until 2025-03-13
    """
    from watchfloor.cell.custody.seizures import BY
    from watchfloor.cell.custody.seizures import totals as totalled

    names = [name.strip() for name in by.split(",") if name.strip()]
    if unknown := [name for name in names if name not in BY]:
        fail(f"--by {unknown[0]}: seizures are grouped by {', '.join(BY)}")
    rows = _public(public) if public else _rows(floor, purpose, authority, since, until)
    made = totalled(rows, names)
    if as_json:
        print_rows((_plain(one, names) for one in made), "seizures")
        return
    heads = {
        "en": (*names, "seizures", "share", "mass", "without mass", "heaviest one", "arrests"),
        "fr": (
            *(NAMES[name] for name in names),
            "saisies",
            "part",
            "masse",
            "sans masse",
            "la plus lourde",
            "arrestations",
        ),
    }
    print_table("", heads[lang], (_line(one, lang) for one in made), NONE[lang])
    if rows:
        typer.echo(_sum(totalled(rows), lang))
    if any(one.over for one in made):
        err.print(OVER[lang], highlight=False, markup=False)


def _there(opened: "Floor", reader_: "Reader", key: str) -> bool:
    """Whether a seizure that a reader may see has a report key."""
    return key in opened.read("seizure", reader_, latest=True)["report_key"].to_pylist()


def _rows(
    floor: "Path", purpose: str, authority: str, since: str | None, until: str | None
) -> list[dict[str, Any]]:
    """Seizures that this reader may see in a span of time, each report once; the look is logged."""
    from watchfloor.cell.custody.seizures import within
    from watchfloor.store.floor import Floor

    ends: tuple[datetime | None, datetime | None] = (
        moment(since, "--from", first=True) if since else None,
        moment(until, "--until") if until else None,
    )
    if ends[0] is not None and ends[1] is not None and ends[1] < ends[0]:
        fail(f"--until {until}: that is before --from {since}")
    opened = Floor.open(floor)
    table = opened.read("seizure", reader(opened, purpose), latest=True)
    rows = sorted(
        within(table.to_pylist(), *ends), key=lambda row: (row["observed_at"], row["report_key"] or "")
    )
    shown = [row["record_id"].hex() for row in rows]
    opened.act(acting(purpose, authority), "query", {"what": "seizures", "shown": shown})
    return [dict(row) for row in rows]


def _public(name: str) -> list[dict[str, Any]]:
    from watchfloor.reference import public_seizures

    if name not in (known := public_seizures.operations()):
        fail(f"--public {name}: the package has {', '.join(known)}")
    return public_seizures.rows(name)


def _read(typed: dict[str, str | None]) -> dict[str, Any]:
    """What was typed, read as a table of seizures would be; ends the command where a text is wrong."""
    import pyarrow as pa

    from watchfloor.formats.tabular.fields import FIELDS, Source

    fields, row = {field.name: field for field in FIELDS["seizure"]}, {}
    for name, text in typed.items():
        found = fields[name].read(pa.array([text], pa.string()), Source(name))
        if found.wrong:
            fail(f"--{name.replace('_', '-')}: {next(iter(found.wrong.values()))}")
        row[name] = found.values.to_pylist()[0]
    return row


def _plain(one: "Group", names: list[str]) -> dict[str, Any]:
    keyed = dict(zip(names, one.key, strict=True))
    return keyed | {
        "seizures": one.count,
        "at_least": one.at_least,
        "counted": one.counted,
        "share": one.share,
        "share_published": one.published,
        "grams": one.mass,
        "standard_uncertainty": one.mass_error,
        "rows": one.rows,
        "without_mass": one.unweighed,
        "heaviest_share": one.largest,
        "arrests": one.arrests,
        "parts_exceed_whole": one.over,
    }


def _line(one: "Group", lang: "Language") -> tuple[object, ...]:
    unsaid = {"en": "not stated", "fr": "non précisé"}[lang]
    share = "" if one.share is None else f"{number(100 * one.share, lang, 1)} %"
    if one.share is not None and one.published:
        share += {"en": " (published)", "fr": " (publié)"}[lang]
    return (
        *(_said(part, lang) or unsaid for part in one.key),
        *(_count(one.count, one.at_least, lang, unsaid), share, _mass(one.mass, one.mass_error, lang)),
        *(one.unweighed or "", "" if one.largest is None else f"{number(100 * one.largest, lang)} %"),
        one.arrests,
    )


def _said(part: str | None, lang: "Language") -> str | None:
    if part == "all":  # what of everything no other row itemises
        return {"en": "all, not itemised", "fr": "tout, sans détail"}[lang]
    return part if part is None or lang == "en" else DIRECTIONS.get(part, part)


def _sum(made: "list[Group]", lang: "Language") -> str:
    """One sentence of everything together."""
    all_ = made[0]
    seizures = _count(all_.count, all_.at_least, lang, "?")
    mass = _mass(all_.mass, all_.mass_error, lang)
    return {
        "en": f"together: {seizures} seizures; of what states a mass: {mass}",
        "fr": f"ensemble : {seizures} saisies; de ce qui indique une masse : {mass}",
    }[lang]


def _count(count: int | None, more: bool, lang: "Language", unsaid: str = "") -> str:
    if count is None:
        return unsaid
    text = number(count, lang)
    return {"en": f"over {text}", "fr": f"plus de {text}"}[lang] if more else text


def _mass(grams: float | None, error: float | None, lang: "Language") -> str:
    """A mass as it is stated: no digit is added, none is lost."""
    if grams is None:
        return {"en": "no mass", "fr": "sans masse"}[lang]
    unit, by = ("kg", 1000.0) if grams >= 100 else ("g", 1.0)
    text = number(f"{round(grams / by, 9):.9f}".rstrip("0").rstrip("."), lang, grouped=False)
    if error is not None:
        text += f" ± {number(f'{2 * error / by:.3g}', lang, grouped=False)}"
    return f"{text} {unit}"
