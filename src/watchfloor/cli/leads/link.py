"""`watchfloor leads link`: subjects that are likely one, proposed or, on a person's word, joined."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from watchfloor.cli.acting import writing
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
    err,
    fail,
    print_rows,
    reader,
    who,
)
from watchfloor.messages import chosen

if TYPE_CHECKING:
    import pyarrow as pa

    from watchfloor.cell.identity.proposals import Proposal, Term
    from watchfloor.records.messages import Language
    from watchfloor.store.floor import Floor

By = Literal["rules", "splink"]

WORDS = {
    "en": {
        "none": "No two subjects are likely one.",
        "more": "{count} more; --top shows them",
        "held": "{count} {count:pair|pairs} left out: somebody decided about that already",
    },
    "fr": {
        "none": "Il n’y a pas deux sujets qui n’en fassent vraisemblablement qu’un.",
        "more": "{count} de plus; --top les montre",
        "held": "{count} {count:paire laissée|paires laissées} de côté : quelqu’un en a déjà décidé",
    },
}


def link(
    floor: FloorOption = DEFAULT_FLOOR,
    by: Annotated[
        By,
        typer.Option("--with", help="Our own rules, or a Splink model of these records (the extra splink)."),
    ] = "rules",
    threshold: Annotated[
        float, typer.Option(min=0.01, max=0.9999, help="Least probability that two are one.")
    ] = 0.8,
    decide: Annotated[
        bool,
        typer.Option(
            "--decide/--propose",
            help="Join those for which two facts or more speak, instead of showing them only; needs --why.",
        ),
    ] = False,
    why: Annotated[str, typer.Option("--why", help="Why they are joined, in your words.")] = "",
    top: Annotated[int, typer.Option(min=1, help="How many to print; --decide joins all of them.")] = 20,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Subjects of different feeds that are likely one, and why. Proposals; `leads merge` decides on one.

    Example: watchfloor leads link --with splink --threshold 0.95

    Example: watchfloor leads link --decide --threshold 0.99 --why "batch of 24 November, 20 checked"
    """
    from watchfloor.store.floor import Floor

    if decide and not why.strip():
        fail("--decide needs --why: it is what the next officer reads")
    if why and not decide:
        fail("--why is the reason of a decision: add --decide, or leave it out")
    opened = Floor.open(floor)
    found = _found(opened.read("party", reader(opened, purpose), latest=True), by, threshold)
    open_, held = _open(opened, found, purpose)
    detail: dict[str, Any] = {"what": "link", "with": by, "threshold": threshold, "pairs": len(open_)}
    detail |= {"shown": sorted({name for one in open_[:top] for name in (one.one, one.other)})}
    opened.act(acting(purpose, authority), "query", detail)
    if decide:
        _join(opened, open_, why, purpose, authority, lang, as_json)
    elif as_json:
        print_rows((row(one, lang) for one in open_[:top]), "pairs")
    else:
        _show(open_, top, lang)
    if held:
        err.print(chosen(WORDS[lang]["held"], lang, {"count": held}).format(count=held), highlight=False)


def _found(parties: "pa.Table", by: By, threshold: float) -> "list[Proposal]":
    from watchfloor.cell.identity.likeness import likely_by_rules
    from watchfloor.cell.identity.splinked import NoSplinkError, likely_by_splink

    try:
        with busy("comparing") as say:
            if by == "rules":
                return likely_by_rules(parties, threshold)
            return likely_by_splink(parties, threshold, say)
    except NoSplinkError as error:
        fail(str(error))


def _open(opened: "Floor", found: "list[Proposal]", purpose: str) -> "tuple[list[Proposal], int]":
    """The pairs about which no judgement stands, and how many others there are."""
    from watchfloor.cell.identity.merges import standing

    judged = standing(opened.read("judgement", reader(opened, purpose)), datetime.now(UTC))
    held = {(pair.one, pair.other) for pair in judged}
    left = [one for one in found if (one.one, one.other) not in held]
    return left, len(found) - len(left)


def _join(
    opened: "Floor",
    found: "list[Proposal]",
    why: str,
    purpose: str,
    authority: str,
    lang: "Language",
    as_json: bool,
) -> None:
    """Write a judgement for each pair that rests on more than one fact; a name hit is never an identity."""
    from watchfloor.cell.identity.merges import judge_pair
    from watchfloor.cell.judgements import Judgement

    enough = [one for one in found if one.grounds > 1]
    rows = []
    with writing(opened, purpose, authority) as writer, busy("joining") as say:
        free, _ = _open(opened, enough, purpose)  # a colleague may have decided while they were compared
        for number, one in enumerate(free, 1):
            say(f"joining {number} of {len(free)}")
            said = f"{why.strip()} ({one.rule}: {one.bits:+.1f} bits)"
            judgement = Judgement("same", said, f"{one.rule} for {who()}", datetime.now(UTC))
            position = judge_pair(writer, (one.one, one.other), [one.marking], judgement)
            rows.append(row(one, lang) | {"position": position})
    if as_json:
        print_rows(rows, "joined")
    err.print(
        f"{len(rows)} pairs joined, one act each; `watchfloor leads unmerge ONE OTHER --why …` undoes one",
        highlight=False,
    )
    if left := len(found) - len(rows):
        err.print(
            f"{left} left: one fact alone speaks for them, or somebody decided meanwhile", highlight=False
        )


def _show(found: "list[Proposal]", top: int, lang: "Language") -> None:
    from watchfloor.cell.words import word

    console = Console()
    if not found:
        console.print(WORDS[lang]["none"])
    for rank, one in enumerate(found[:top], 1):
        head = f"{rank:>3}  {_chance(one.probability)} {word(one.probability, lang)}  {one.one}  {one.other}"
        console.print(Text(f"{head}   [{one.marking}]", style="bold"))
        for term in one.terms:
            line = f"{term.bits:+7.2f}  {term.what:<8} {term.reason.render(lang)}"
            console.print(Padding(Text(line), (0, 0, 0, 5)))
        console.print(Padding(Text(f"{one.bits:+7.2f}  {one.rule}"), (0, 0, 0, 5)))
    if len(found) > top:
        console.print(WORDS[lang]["more"].format(count=len(found) - top))


def _chance(probability: float) -> str:
    from watchfloor.cell.words import SUREST

    return " >99%" if probability > SUREST else f"{probability:5.0%}"


def row(one: "Proposal", lang: "Language") -> dict[str, Any]:
    """A proposal as JSON; its terms add up to its bits in the order they stand."""
    from watchfloor.cell.words import word

    return {
        "subjects": [one.one, one.other],
        "names": list(one.names),
        "probability": round(one.probability, 6),
        "word": word(one.probability, lang),
        "bits": one.bits,
        "rule": one.rule,
        "marking": one.marking,
        "terms": [_term(term, lang) for term in one.terms],
    }


def _term(term: "Term", lang: "Language") -> dict[str, Any]:
    return {
        "what": term.what,
        "bits": term.bits,
        "reason": term.reason.render(lang),
        "shared": term.shared,
        "count": term.count,
        "of": term.total,
        "evidence": [record_id.hex() for record_id in term.evidence],
    }
