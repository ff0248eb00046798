"""`watchfloor crown`: disclosure of a case to the Crown, and the check of one."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watchfloor.cli.acting import writing
from watchfloor.cli.common import (
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    REFUSED,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    acting,
    busy,
    counted,
    err,
    fail,
    print_json,
    reader,
    who,
)

if TYPE_CHECKING:
    from watchfloor.cell.weights import Weights
    from watchfloor.exchange.crown.grounds import Stated
    from watchfloor.exchange.crown.items import Gathered
    from watchfloor.exchange.crown.keeping import Case
    from watchfloor.exchange.crown.pack import Packed
    from watchfloor.records.messages import Language
    from watchfloor.release.policy import Reader
    from watchfloor.store.floor import Floor

app = typer.Typer(
    help="Disclosure to the Crown: what is relevant to a case, with proofs; what is withheld, and why.",
    no_args_is_help=True,
)


@app.command()
def pack(
    about: Annotated[list[str], typer.Argument(metavar="LEAD|SUBJECT…", help="What the case is about.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", help="A new folder, or a new file that ends with .zip.")
    ],
    prosecutor: Annotated[str, typer.Option(help="To whom it goes: name and office.")],
    authority: AuthorityOption,
    grounds: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="CSV of what is kept back: item,ground,by,note."),
    ] = None,
    privileged: Annotated[
        Path | None, typer.Option(help="Where the privilege holder's own index goes, a new file.")
    ] = None,
    holder: Annotated[str, typer.Option(help="Who holds the privilege; the index is in that name.")] = "",
    consented: Annotated[
        list[str] | None, typer.Option(help="An owner who lets the Crown have what it controls; repeatable.")
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    as_json: JsonOption = False,
) -> None:
    """Pack everything about a case that is not clearly irrelevant, whichever way it speaks.

    It holds what you may see; who is cleared for the whole floor must pack what the court relies on.

    Example: watchfloor crown pack 3f2a -o case --prosecutor "A. Roy, PPSC" --authority "R. v. Stinchcombe"
    """
    from watchfloor.cell.weights import load
    from watchfloor.desks.registry import declare_messages
    from watchfloor.exchange.crown import keeping
    from watchfloor.exchange.crown import pack as packing
    from watchfloor.store import readers
    from watchfloor.store.floor import Floor

    for path in filter(None, (out, privileged)):
        if path.exists():
            fail(f"{path} is there already; name a new one", REFUSED)
    declare_messages()
    opened, weights, now = Floor.open(floor), load(), datetime.now(UTC)
    actor, mine = acting(purpose, authority), reader(opened, purpose)
    readers.refuse_writing(opened.root, actor.name)
    with busy("gathering what is relevant"):
        gathered = _gathered(opened, about, weights, mine)
    if not gathered.items:
        _nothing(as_json)
        return
    let = frozenset(consented or ())
    thirds = keeping.third_parties(opened, mine, gathered.items, prosecutor, now.date(), let)
    stated = _stated(gathered, grounds, lang)
    case = keeping.sort(opened, gathered, thirds | stated, weights, now)
    text = _index(case, privileged, holder)
    said = {"prepared_by": actor.name, "authority": authority, "purpose": purpose, "prosecutor": prosecutor}
    said["packed"] = now.isoformat()
    with (
        busy("writing the bundle"),
        packing.written(opened, case, out, said) as packed,
        packing.secret(privileged, text),
        writing(opened, purpose, authority) as writer,
    ):
        detail = _detail(packed, case, prosecutor, authority, actor.name)
        acts = [("disclosed", detail | {"purpose": purpose, "consented": sorted(let)})]
        writer.acts([*acts, *_committed(text, holder)])
    _told(packed, out, Counter(one.by for id_, one in thirds.items() if id_ not in stated), as_json)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, metavar="FILE", help="A bundle: its folder or .zip.")],
    key: Annotated[
        str | None,
        typer.Option(help="The node's public key, as it was read out; else the one that is in it."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a bundle: the signature, every file, every proof. `python verify.py` in it does the same alone.

    Example: watchfloor crown check case --key cell+1a2b3c4d+AQ…
    """
    from watchfloor.exchange.crown import pack as packing
    from watchfloor.store.standalone import Failed

    try:
        found = packing.check(file, [key] if key else [])
    except Failed as error:
        fail(f"{file}: {error}")
    if as_json:
        print_json({"file": file, "whole": True, "found": found})
    for line in [] if as_json else found:
        typer.echo(line)


def _gathered(opened: "Floor", about: list[str], weights: "Weights", mine: "Reader") -> "Gathered":
    from watchfloor.exchange.access import access
    from watchfloor.exchange.crown import items, relevance

    try:
        subjects = relevance.subjects_of(opened, mine, weights, about)
    except LookupError as error:
        fail(str(error.args[0]))
    return items.gather(opened, mine, access(opened, who(), mine), weights, subjects)


def _stated(gathered: "Gathered", path: Path | None, lang: "Language") -> dict[str, "Stated"]:
    from watchfloor.exchange.crown import grounds

    if path is None:
        return {}
    try:
        return grounds.chosen(grounds.read(path), (item.id for item in gathered.items), path.name)
    except grounds.GroundError as error:
        fail(error.reason.render(lang))


def _index(case: "Case", path: Path | None, holder: str) -> str:
    """The privilege holder's index; nothing where nothing is privileged."""
    from watchfloor.exchange.crown import pack as packing

    if not case.privileged:
        return ""
    if path is None or not holder.strip():
        fail("a privileged ground needs --privileged FILE and --holder NAME: the list is the holder’s own")
    return packing.index(case, holder)


def _committed(text: str, holder: str) -> list[tuple[str, dict[str, object]]]:
    """The act that fixes the holder's index; none where there is none."""
    from watchfloor.exchange.crown import pack as packing

    if not text:
        return []
    salt, committed = packing.commitment(text)
    return [("privilege-index", {"holder": holder, "salt": salt, "commitment": committed})]


def _detail(packed: "Packed", case: "Case", prosecutor: str, authority: str, by: str) -> dict[str, object]:
    from watchfloor.exchange import handover

    return {
        "bundle": packed.case,
        "gateway": "crown",
        "law": "common law",
        "section": "R. v. Stinchcombe, [1991] 3 SCR 326",
        "to": prosecutor,
        "recipient": {"name": prosecutor, "institution": "prosecution-service", "country": "CAN"},
        "test": "relevant to a prosecution: not clearly irrelevant",
        "stated_by": by,
        "description": f"case {packed.case}: {packed.items} items",
        "accuracy": "",
        "basis": authority,
        "subjects": sorted(case.relevant.subjects),
        "leads": sorted(case.relevant.leads),
        "forms": {"case": packed.items},
        "fields": ["whole rows"],
        "rows": packed.items,
        "withheld": [{"number": f"W-{n}", "item": one.item.id} for n, one in enumerate(case.withheld, 1)],
        "root": packed.root,
        "verifier": handover.verifier_digest(),
        "marking": packed.marking,
    }


def _nothing(as_json: bool) -> None:
    if as_json:
        print_json({"items": 0})
    else:
        typer.echo("Nothing that you may see names this; nothing was written.")


def _told(packed: "Packed", out: Path, thirds: Mapping[str, int], as_json: bool) -> None:
    if as_json:
        print_json({"file": out, **packed._asdict(), "third_parties": dict(thirds)})
        return
    typer.echo(
        f"{counted(packed.items, 'item')}, {packed.against:,} of which speak against the case or were taken "
        f"back; {packed.withheld:,} withheld, each with its ground; marked {packed.marking}. "
        f"Check it anywhere: python verify.py . in {out}"
    )
    told = [
        f"{counted(count, 'item')} withheld until {owner} consents (--consented, once it has): the duty to "
        "disclose remains, so ask it, or put it to the court"
        for owner, count in sorted(thirds.items())
    ]
    told += [
        "A person must read it before it goes: what free text says of others is not found by its words alone"
    ]
    for line in told:
        err.print(line, highlight=False, markup=False)
