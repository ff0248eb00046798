"""`watchfloor cases custody report`, `label`, `hazard`, `continuity`, `alert`: papers about exhibits."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import typer

from watchfloor.cli.acting import minute, refusals, write_new
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    MISSING,
    REFUSED,
    USAGE,
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
    reader,
    who,
)

if TYPE_CHECKING:
    from watchfloor.casework.custody.alerts import Alert
    from watchfloor.casework.custody.exhibits import Exhibit, World
    from watchfloor.core.messages import Language
    from watchfloor.store.floor import Floor

ExhibitArgument = Annotated[
    str, typer.Argument(metavar="EXHIBIT", help="The exhibit's number, its id, or the start of its id.")
]
ExhibitsArgument = Annotated[
    list[str], typer.Argument(metavar="EXHIBIT…", help="Numbers or ids of exhibits, or starts of ids.")
]
PdfOption = Annotated[Path, typer.Option("-o", "--output", help="A new PDF file.")]
TextOption = Annotated[
    Path | None, typer.Option("-o", "--output", help="Write it to a new file; else it is printed.")
]

NOT_NEW: Final = {
    "en": "not new here: {what} is named by {kind} {record} of {at}",
    "fr": "pas nouvelle ici\u00a0: {what} est nommée par {kind} {record} du {at}",
}
NOTHING_NAMED: Final = {
    "en": "It names no substance: there is nothing to alert to.",
    "fr": "Aucune substance n’y est nommée\u00a0: rien à signaler.",
}


def add(app: typer.Typer) -> None:
    """Put these commands into a group."""
    for command in (report, label, hazard, continuity, proven, alert):
        app.command(command.__name__)(command)


def report(
    exhibit: ExhibitsArgument,
    section: Annotated[
        Literal["12.1", "29"],
        typer.Option("--section", help="12.1: of a seizure; 29: of a disposition."),
    ] = "12.1",
    output: TextOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Draft a report of the Act, with exactly what its section names; what is missing is listed. You send it.

    Example: watchfloor cases custody report 2026-118-1 --section 12.1 -o report.txt
    """
    from watchfloor.casework.custody import reports
    from watchfloor.casework.custody.clocks import files_with_justice
    from watchfloor.casework.custody.exhibits import root
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    found, chosen = several(opened, exhibit, purpose, lang)
    make = reports.seizure if section == "12.1" else reports.disposition
    with refusals(lang):
        drafts = [make(found, one, lang) for one in chosen]
    copy = section == "12.1" and any(files_with_justice(root(found, one).first["law"]) for one in chosen)
    made = reports.text(drafts, copy, lang)
    looked(opened, purpose, authority, "exhibit", chosen)
    if output is not None:
        write_new(output, made)
    if as_json:
        rows = (
            {
                "section": one.section,
                "exhibit": one.exhibit.id,
                "particulars": {each.provision: each.value for each in one.particulars},
                "missing": one.missing,
                "copy_to_justice": copy,
                "draft": True,
            }
            for one in drafts
        )
        print_rows(rows, "drafts")
    elif output is None:
        typer.echo(made, nl=False)


def label(
    exhibit: ExhibitsArgument,
    output: PdfOption,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Make labels to print: the exhibit's id as Code 128 and QR code, its number, seal, mass and dangers.

    Example: watchfloor cases custody label 2026-118-1 2026-118-1.1 -o labels.pdf
    """
    from watchfloor.casework.custody import papers
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    _, chosen = several(opened, exhibit, purpose, lang)
    with refusals(lang):
        made = papers.pdf(papers.labels(chosen, lang), datetime.now(UTC))
    looked(opened, purpose, authority, "exhibit", chosen)
    write_pdf(output, made)
    if as_json:
        print_rows(({"exhibit": one.id, "barcode": one.id, "file": output} for one in chosen), "labels")


def hazard(
    exhibit: ExhibitsArgument,
    output: PdfOption,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Make the hazard sheet that goes with an exhibit: what is known to be dangerous, and how it is handled.

    Example: watchfloor cases custody hazard 2026-118-1 -o hazard.pdf
    """
    from watchfloor.casework.custody import papers, readings
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    _, chosen = several(opened, exhibit, purpose, lang)
    with refusals(lang):
        mine = reader(opened, purpose)
        taken = {one.id: readings.of_exhibit(opened, mine, one) for one in chosen}
        made = papers.pdf(papers.hazard(chosen, taken, lang), datetime.now(UTC))
    looked(opened, purpose, authority, "exhibit", chosen)
    write_pdf(output, made)
    if as_json:
        rows = ({"exhibit": one.id, "flags": list(one.flags), "file": output} for one in chosen)
        print_rows(rows, "sheets")


def continuity(
    exhibit: ExhibitArgument,
    output: PdfOption,
    proofs: Annotated[
        Path | None, typer.Option("--proofs", help="Write the proof of every act to a new file, JSON.")
    ] = None,
    case_uco: Annotated[
        Path | None, typer.Option("--case-uco", help="Write it as CASE/UCO JSON-LD to a new file, too.")
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Make the continuity report of an exhibit for a court: every act, seal, signature, position and proof.

    It tells how long the log is, so it is for who keeps the floor.

    Example: watchfloor cases custody continuity 2026-118-1.1 -o continuity.pdf --proofs continuity.proofs
    --case-uco continuity.jsonld
    """
    import json

    from watchfloor.casework.custody import case_uco as graph
    from watchfloor.casework.custody import papers, proving, readings
    from watchfloor.casework.custody.exhibits import lineage
    from watchfloor.exchange.log.access import keeping
    from watchfloor.store.floor import Floor

    for path in filter(None, (output, proofs, case_uco)):
        if path.exists():
            fail(f"{path} is there already; name a new file", REFUSED)
    opened = Floor.open(floor)
    keeping(opened, who())
    found, one = one_of(opened, exhibit, purpose, lang)
    line, mine = lineage(found, one), reader(opened, purpose)
    taken = [row for each in line for row in readings.of_exhibit(opened, mine, each)]
    proven_ = proving.proofs_of(opened, found, one)
    now = datetime.now(UTC)
    made = {"at": minute(now), "by": who(), "purpose": purpose, "authority": authority}
    with refusals(lang):
        report = papers.continuity(opened, found, one, taken, proven_, made, lang)
        pdf = papers.pdf(report, now)
    looked(opened, purpose, authority, "exhibit", line)
    write_pdf(output, pdf)
    if proofs is not None:
        write_new(proofs, proven_)
    if case_uco is not None:
        document = graph.document(line, opened.settings.id)
        write_new(case_uco, json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    if as_json:
        acts = sum(len(each.history) for each in line)
        gaps = [gap for chapter in report["chapters"] for gap in chapter["gaps"]]
        files = {"file": output, "proofs": proofs, "case_uco": case_uco}
        print_json({"exhibit": one.id, "acts": acts, "gaps": gaps, **files})


def proven(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="PROOFS", exists=True, dir_okay=False, help="What `continuity --proofs` wrote."
        ),
    ],
    key: Annotated[
        list[str], typer.Option("--key", help="The node's public key, as it was read out to you.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Check a file of proofs without the floor: every act stands in the log that the node has signed.

    Example: watchfloor cases custody proven continuity.proofs --key cell+1a2b3c4d+AQ…
    """
    from watchfloor.casework.custody import proving
    from watchfloor.store.log.standalone import Failed

    try:
        rows = proving.check_proofs(file.read_text(encoding="utf-8"), key)
    except (Failed, UnicodeDecodeError) as error:
        fail(f"{file}: {error}")
    if as_json:
        print_rows(
            ({name: row[name] for name in ("exhibit", "edition", "act", "by", "day")} for row in rows), "acts"
        )
        return
    for row in rows:
        typer.echo(f"ok {row['exhibit']} {row['edition']} {row['act']} {row['by']} {row['day']}")


def alert(
    exhibit: Annotated[
        str | None, typer.Argument(metavar="EXHIBIT", help="Number or id of the exhibit.")
    ] = None,
    reading: Annotated[
        str | None, typer.Option("--reading", help="Record of a reading, or the start of its id, instead.")
    ] = None,
    output: TextOption = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Draft an alert to Health Canada where a substance or class is new here. Facts alone; you send it.

    New is what no earlier reading, exhibit or seizure that you may see names.

    Example: watchfloor cases custody alert 2026-118-1 -o alert.txt
    """
    from watchfloor.casework.custody import alerts
    from watchfloor.casework.custody.exhibits import root
    from watchfloor.store.floor import Floor

    if (exhibit is None) == (reading is None):
        fail("name an exhibit, or a reading with --reading")
    opened = Floor.open(floor)
    mine = reader(opened, purpose)
    if exhibit is not None:
        known, one = one_of(opened, exhibit, purpose, lang)
        found, agency = alerts.of_exhibit(opened, mine, known, one), root(known, one).first["agency"] or ""
        shown = [one.id]
    else:
        row = _reading(opened, reading or "", purpose)
        found, agency, shown = alerts.of_reading(opened, mine, row), "", [row["record_id"].hex()]
    opened.act(acting(purpose, authority), "query", {"what": "alert", "shown": shown})
    new = [each for each in found if each.before is None]
    made = "\n".join(alerts.text(each, opened.settings.name, agency, lang) for each in new)
    if output is not None and made:
        write_new(output, made)
    if as_json:
        print_rows((_alert(each, made) for each in found), "substances")
        return
    for each in found:
        if each.before is not None:
            typer.echo(_not_new(each, lang), err=True)
    if not found:
        typer.echo(NOTHING_NAMED[lang])
    elif made and output is None:
        typer.echo(made, nl=False)


def _reading(opened: "Floor", start: str, purpose: str) -> dict[str, Any]:
    """A reading by the start of its record's id; ends the command where there is not one."""
    from watchfloor.cell.acts import read
    from watchfloor.core.kinds import READING

    rows = read(opened, reader(opened, purpose), READING)
    found = [row for row in rows if row["record_id"].hex().startswith(start.lower())] if start else []
    if len(found) != 1:
        fail(
            f"{len(found)} readings that you may see have ids that start with {start!r}; `watchfloor search`",
            USAGE if found else MISSING,
        )
    return found[0]


def _alert(each: "Alert", draft: str) -> dict[str, Any]:
    return {
        "substance": each.about.key,
        "name": each.about.name,
        "new": each.before is None,
        "named_before_by": each.before.row["record_id"] if each.before else None,
        "compared": each.compared,
        "draft": draft if each.before is None else None,
    }


def _not_new(each: "Alert", lang: "Language") -> str:
    assert each.before is not None
    row, what = each.before.row, each.about.name or each.about.key or "?"
    told = {"kind": each.before.kind, "record": row["record_id"].hex()[:12], "at": minute(row["observed_at"])}
    return NOT_NEW[lang].format(what=what, **told)


def one_of(opened: "Floor", start: str, purpose: str, lang: "Language") -> "tuple[World, Exhibit]":
    """Every exhibit, and the one that was asked for; ends the command where there is none."""
    found, (one,) = several(opened, [start], purpose, lang)
    return found, one


def several(
    opened: "Floor", starts: Iterable[str], purpose: str, lang: "Language"
) -> "tuple[World, list[Exhibit]]":
    """The same of several."""
    from watchfloor.casework.custody.exhibits import Exhibit
    from watchfloor.casework.custody.repository import pick_one

    found = Exhibit.read(opened, reader(opened, purpose))
    with refusals(lang):
        return found, [pick_one(found, start) for start in starts]


def looked(opened: "Floor", purpose: str, authority: str, what: str, shown: "Iterable[Exhibit]") -> None:
    """Log that somebody looked, and at what."""
    detail = {"what": what, "shown": [one.id for one in shown]}
    opened.act(acting(purpose, authority), "query", detail)


def write_pdf(path: Path, made: bytes) -> None:
    """Write a PDF to a file that is not there yet."""
    try:
        with path.open("xb") as file:
            file.write(made)
    except FileExistsError:
        fail(f"{path} is there already; name a new file", REFUSED)
    err.print(f"wrote {path}", highlight=False, markup=False)
