"""`watchfloor marking`: the words that markings may use on a floor, and marking a record anew."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.acting import refusals, write_new, writing
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
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
    print_rows,
    print_table,
    reader,
    who,
)

if TYPE_CHECKING:
    from watchfloor.records.marking import Marking
    from watchfloor.records.messages import Language, Reason
    from watchfloor.release.policy import Reader
    from watchfloor.release.terms import Terms
    from watchfloor.store.log import Act

SHOWN = 12
"""Digits of the digest of a proposed policy that are printed."""
PROPOSED = ("digest", "proposed by", "differs")

app = typer.Typer(
    help="What markings may say on a floor and who its readers are; marking a record anew.",
    no_args_is_help=True,
)

RecordArgument = Annotated[str, typer.Argument(metavar="RECORD", help="The record's id, or the start of it.")]
ToOption = Annotated[str, typer.Option("--to", help="Its new marking, whole, such as PA//TLP:AMBER.")]
WhyOption = Annotated[str, typer.Option("--why", help="The reason; it stays in the log.")]

HEADS = {"en": ("what", "word", "says"), "fr": ("quoi", "mot", "texte")}
TABLES = ("compartments", "coalitions", "caveats", "owners", "purposes", "authorities")
EMPTY = {
    "en": "This floor's policy names no word and no reader, so nobody may use it: fill in its policy.toml.",
    "fr": "La politique de ce plateau ne nomme ni mot ni lecteur; nul ne peut s’en servir : remplissez son "
    "policy.toml.",
}
NONE = {
    "en": "This floor has no policy: its markings may use any word, and everybody is cleared to Protected B.",
    "fr": "Ce plateau n’a pas de politique : ses cotes disent tout mot, et chacun est habilité Protégé B.",
}


@app.command("init")
def init_(
    file: Annotated[Path, typer.Argument(help="The new file.")] = Path("policy.toml"),
    as_json: JsonOption = False,
) -> None:
    """Write a policy to begin with: each word explained, to be filled in.

    Example: watchfloor marking init policy.toml
    """
    from watchfloor.release.terms import template

    write_new(file, template())
    err.print(f"Next: fill it in; watchfloor marking check {file}", highlight=False, markup=False)
    if as_json:
        print_json({"file": file})


@app.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The policy.")],
    as_json: JsonOption = False,
) -> None:
    """Check a policy without setting it: what is wrong is named with its line.

    Example: watchfloor marking check policy.toml
    """
    from watchfloor.formats.settings import read_text
    from watchfloor.release import terms

    made = terms.read(read_text(file), str(file))
    terms.check_usable(made, str(file))
    change = sorted(name for name, one in made.readers.items() if one.role == "supervisor")
    if as_json:
        words = sum(len(getattr(made, table)) for table in TABLES)
        print_json({"file": file, "readers": len(made.readers), "words": words, "supervisors": change})
        return
    typer.echo(
        f"{file} can be used. It names {counted(len(made.readers), 'reader')}; "
        f"{', '.join(change) or 'nobody'} may change it on a floor"
    )


@app.command("set")
def set_(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The policy.")],
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Give a floor its policy; where it has one, a supervisor proposes another, and a second one approves it.

    Example: watchfloor marking set policy.toml --floor floor
    """
    from watchfloor.cell.acting import policies
    from watchfloor.formats.settings import read_text
    from watchfloor.release import terms
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    text = read_text(file)
    made = terms.read(text, str(file))
    terms.check_usable(made, str(file), who())
    reader(opened, purpose)  # also where somebody took the policy away
    actor = acting(purpose, authority)
    if terms.load(opened.root) is None:
        done = policies.Change(policies.install(opened, actor, text), in_force=True)
    else:
        with refusals("en"):
            done = policies.propose(opened, actor, text)
    position, second = done.position, not done.in_force
    if as_json:
        print_json({"readers": len(made.readers), "position": position, "proposed": second})
    elif second:
        err.print(
            f"the policy is proposed. Another supervisor approves it: watchfloor marking approve "
            f"{done.digest[:SHOWN]}",
            highlight=False,
        )
    else:
        err.print(
            f"the policy names {counted(len(made.readers), 'reader')}. Next: watchfloor run", highlight=False
        )


@app.command()
def approve(
    digest: Annotated[
        str | None, typer.Argument(help="The proposed policy, by the start of its digest; without it, list.")
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Put a policy in force that another supervisor has proposed; without a digest, list what is proposed.

    Example: watchfloor marking approve 5f0c77ab --floor floor
    """
    from watchfloor.cell.acting import policies
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    reader(opened, purpose)
    with refusals("en"):
        present = policies.supervised(opened, who())
    if digest is not None:
        with refusals("en"):
            done = policies.approve(opened, acting(purpose, authority), digest)
        if as_json:
            print_json({"digest": done.digest, "proposed_by": done.proposed_by, "position": done.position})
        else:
            err.print("the policy is in force. Next: watchfloor run", highlight=False)
        return
    found = {policies.digest_of(act): act for act in opened.proposed_policies()}
    opened.act(acting(purpose, authority), "query", {"what": "policies", "shown": list(found)})
    rows = [
        (key[:SHOWN], f"{act.actor.name if act.actor else ''}", "; ".join(_differs(present, act)))
        for key, act in found.items()
    ]
    if as_json:
        print_rows((dict(zip(PROPOSED, row, strict=True)) for row in rows), "proposed")
    else:
        print_table("", PROPOSED, rows, "no policy is proposed")


@app.command()
def restore(
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Put the policy back that was approved last, where the file is another one. Anybody may.

    Example: watchfloor marking restore --floor floor
    """
    from watchfloor.cell.acting import policies
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    text = opened.approved_policy()
    if text is None:
        fail("the log of this floor holds no policy; set one with `watchfloor marking set`")
    policies.put(opened, text)
    position = opened.act(acting(purpose, authority), "policy-restored", {})
    if as_json:
        print_json({"position": position})
    else:
        err.print("the approved policy is in its place again", highlight=False)


@app.command()
def confirm(
    floor: FloorOption = DEFAULT_FLOOR,
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Confirm settings of feeds, gateways and the console, and rights of accounts, as they are now.

    Two supervisors do: the second one's word puts them into the log. Where there is one, that one does.

    Example: watchfloor marking confirm --floor floor
    """
    from watchfloor.cell.acting import policies
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    reader(opened, purpose)
    with refusals("en"):
        done = policies.confirm(opened, acting(purpose, authority))
    if as_json:
        print_json(
            {"confirmed": done.in_force, "proposed_by": done.proposed_by or None, "position": done.position}
        )
    else:
        said = (
            "they are confirmed"
            if done.in_force
            else "another supervisor confirms them too: watchfloor marking confirm"
        )
        err.print(said, highlight=False)


@app.command("list")
def list_(
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    as_json: JsonOption = False,
) -> None:
    """List the words that markings may use here, with what they say, and the readers.

    Example: watchfloor marking list --floor floor --lang fr
    """
    from watchfloor.release import terms
    from watchfloor.store.floor import Floor

    policy = terms.load(Floor.open(floor).root)
    rows = [] if policy is None else _rows(policy, lang)
    if as_json:
        print_rows((dict(zip(HEADS["en"], row, strict=True)) for row in rows), "words")
    else:
        print_table("", HEADS[lang], rows, (NONE if policy is None else EMPTY)[lang])


@app.command()
def downgrade(
    record: RecordArgument,
    to: ToOption,
    why: WhyOption,
    portions: Annotated[
        bool,
        typer.Option("--portions", help="Mark those of its portions that are above it anew too."),
    ] = False,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Mark a record less strictly: by its originator only, with the reason. A new record takes its place.

    Refused while a portion of its text is marked above the new marking; --portions marks it anew too.

    Example: watchfloor marking downgrade 5f0c --to PA//TLP:GREEN --why "published on 3 March"
    """
    from watchfloor.release.remarking import why_not_lower

    def judged(old: "Marking", new: "Marking", row: dict[str, Any], mine: "Reader") -> "Reason | None":
        return why_not_lower(old, new, mine.organisation, _sender(row))

    _remark(floor, record, to, why, judged, lang, purpose, authority, as_json, portions=portions)


@app.command()
def upgrade(
    record: RecordArgument,
    to: ToOption,
    why: WhyOption,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Mark a record more strictly; anybody may. Who could see it before keeps what was seen.

    Example: watchfloor marking upgrade 5f0c --to PB//TLP:RED --why "names a source"
    """
    from watchfloor.release.remarking import why_not_higher

    def judged(old: "Marking", new: "Marking", row: dict[str, Any], mine: "Reader") -> "Reason | None":  # noqa: ARG001
        return why_not_higher(old, new)

    _remark(floor, record, to, why, judged, lang, purpose, authority, as_json)


def _differs(present: "Terms", act: "Act") -> list[str]:
    from watchfloor.release import terms

    return terms.differences(present, terms.read(str((act.detail or {})["text"]), terms.NAME))


def _rows(policy: "Terms", lang: "Language") -> list[tuple[str, str, str]]:
    words = [
        (table, word, says.called(lang))
        for table in TABLES
        for word, says in sorted(getattr(policy, table).items())
    ]
    return words + [("readers", name, _cleared(policy, name)) for name in sorted(policy.readers)]


def _cleared(policy: "Terms", name: str) -> str:
    from watchfloor.records.marking import TLP
    from watchfloor.release.policy import Reader, level

    one = policy.reader(Reader(name))
    inside = f", in {', '.join(sorted(one.compartments))}" if one.compartments else ""
    return f"{policy.readers[name].role}, {level(one)}//TLP:{TLP[one.tlp]}{inside}"


def _remark(
    floor: Path,
    record: str,
    to: str,
    why: str,
    judged: "Callable[[Marking, Marking, dict[str, Any], Reader], Reason | None]",
    lang: "Language",
    purpose: str,
    authority: str,
    as_json: bool,
    *,
    portions: bool = False,
) -> None:
    """Write the record again under its new marking, log why, and run the desks on it."""
    from watchfloor.cell.acting.remarking import remark
    from watchfloor.cell.rerun import rerun
    from watchfloor.feeds.original import find
    from watchfloor.records.marking import MarkingError, parse
    from watchfloor.store.floor import Floor

    opened = Floor.open(floor)
    mine = reader(opened, purpose)
    try:
        new = parse(to)
    except MarkingError as error:
        fail(f"--to: {error}")
    kind, row = find(opened, record, mine)
    old = parse(row["marking"])
    with refusals(lang), writing(opened, purpose, authority) as writer:
        made = remark(writer, kind, row, new, why, judged(old, new, row, mine), portions=portions)
        with busy("running the desks"):
            rerun(opened, writer, reader(opened, purpose))
    if as_json:
        print_json({"record": row["record_id"], "from": str(old), "to": str(new), "act": made})
        return
    err.print(f"{row['record_id'].hex()}: {old} is {new} now", highlight=False, markup=False)
    if made == "upgraded":
        err.print(
            "who could see it before still sees it as it was: to take it away, erase it "
            f"(watchfloor erase {row['record_id'].hex()[:12]})",
            highlight=False,
        )


def _sender(row: dict[str, Any]) -> str | None:
    """The node that sent a record here; None for a record of this node."""
    from watchfloor.exchange.origins import node_of

    return node_of(row["source"])
