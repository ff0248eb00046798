"""`watchfloor cargo fairness`: who is examined how often, what that finds, and who bears it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from watchfloor.cli.cargo.rates import InspectionsArgument, caution, gathered
from watchfloor.cli.common import (
    DEFAULT_AUTHORITY,
    DEFAULT_FLOOR,
    DEFAULT_PURPOSE,
    PARTLY,
    AuthorityOption,
    FloorOption,
    JsonOption,
    LangOption,
    PurposeOption,
    fail,
    print_json,
    print_table,
)

if TYPE_CHECKING:
    from watchfloor.planning.inspections.fairness import Group

HEADS: Final = {
    "en": ("by", "group", "items", "examined", "of them finds", "in vain", "true rate", "is examined"),
    "fr": ("par", "groupe", "articles", "examinés", "dont trouvés", "en vain", "taux vrai", "est examiné"),
}
TOLD: Final = {
    "en": {"more": "more than its rate", "less": "less than its rate", "as": "as its rate", "unknown": "?"},
    "fr": {"more": "plus que son taux", "less": "moins que son taux", "as": "selon son taux", "unknown": "?"},
}
NOTHING: Final = {"en": "no declaration", "fr": "aucune déclaration"}


def fairness(
    inspections: InspectionsArgument = None,
    declarations: Annotated[
        list[Path] | None,
        typer.Option("--declarations", exists=True, help="What was declared; else what the same files hold."),
    ] = None,
    picks: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="Picks of `watchfloor cargo target`: how far a country moved any of them.",
        ),
    ] = None,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """Compare how often groups are examined with what their even draws show, and who is examined in vain.

    Groups are countries of departure, modes with direction, and offices. A group is told to be examined more
    than its rate only where the whole interval of its rate says so.

    Example: watchfloor cargo fairness examined.csv --declarations today.csv --picks picks.parquet
    """
    from watchfloor.planning.inspections.fairness import groups
    from watchfloor.planning.inspections.items import items
    from watchfloor.planning.inspections.outcomes import outcomes

    acts, lines, faults = gathered(inspections, declarations, floor, purpose, authority, "cargo fairness")
    found = groups(items(lines), outcomes(acts))
    most = None if picks is None else _country(picks)
    if as_json:
        bits, count = most or (None, 0)
        told = {"country_bits": bits, "picks": count, "faults": faults, "caution": caution(lang)}
        print_json({"groups": len(found)} | told)
        for one in found:
            print_json(_row(one))
    else:
        print_table("", HEADS[lang], [_cells(one, lang) for one in found], NOTHING[lang])
        if most is not None:
            typer.echo(_said(most, lang))
        typer.echo(caution(lang))
    if faults:
        raise typer.Exit(PARTLY)


def _country(path: Path) -> tuple[float, int]:
    """Bits by which a country moved a pick at most, and how many picks there are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from watchfloor.planning.inspections.fairness import country_bits

    try:
        rows = pq.read_table(path, columns=["contributions"])["contributions"].to_pylist()
    except (pa.ArrowException, KeyError, OSError) as error:
        fail(f"{path.name} is no table of picks: {error}")
    names = [[part["name"] for part in parts or ()] for parts in rows]
    bits = [[part["bits"] for part in parts or ()] for parts in rows]
    return country_bits(names, bits), len(rows)


def _said(most: tuple[float, int], lang: Any) -> str:
    from watchfloor.core.messages import reason
    from watchfloor.desks.cargo.model.fitted import CAP
    from watchfloor.planning.inspections.messages import COUNTRY

    return reason(COUNTRY, bits=most[0], count=most[1], cap=CAP).render(lang)


def _row(one: "Group") -> dict[str, Any]:
    from math import isfinite

    rate, low, high = one.hits
    return {
        "by": one.by,
        "group": one.name,
        "items": one.items,
        "examined": one.examined,
        "finds": one.finds,
        "share": one.share,
        "hits": rate if isfinite(rate) else None,
        "hits_low": low,
        "hits_high": high,
        "burden": one.burden,
        "rate": one.true.rate if isfinite(one.true.rate) else None,
        "low": one.true.low,
        "high": one.true.high,
        "method": one.true.method,
        "selection": one.selection if isfinite(one.selection) else None,
        "deserved_low": one.deserved[0],
        "deserved_high": one.deserved[1] if isfinite(one.deserved[1]) else None,
        "told": one.told,
    }


def _cells(one: "Group", lang: str) -> tuple[object, ...]:
    rate, low, high = one.hits
    hits = f"{rate:.1%} ({low:.1%} – {high:.1%})" if one.examined else ""
    true = one.true
    rates = "?" if true.method == "none" else f"{true.rate:.2%} ({true.low:.2%} – {true.high:.2%})"
    shares = (f"{one.examined} ({one.share:.2%})", hits, f"{one.burden:.2%}", rates)
    return (one.by, one.name, one.items, *shares, TOLD[lang][one.told])
