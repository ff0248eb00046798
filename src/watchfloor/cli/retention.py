"""`watchfloor retention`: how long records must be kept, how long they may, and what decides."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
    fail,
    keeper,
    print_rows,
    print_table,
)

if TYPE_CHECKING:
    from watchfloor.records.messages import Language
    from watchfloor.store.floor import Floor
    from watchfloor.store.retention import Retention

HEADS = (
    "records",
    "kind",
    "record",
    "may be kept until",
    "last used",
    "must be kept until",
    "holds",
    "what applies",
)


def retention(
    records: Annotated[
        list[str] | None, typer.Argument(metavar="[RECORD…]", help="Record ids, or their starts.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every record that you may see, grouped by what applies.")
    ] = False,
    floor: FloorOption = DEFAULT_FLOOR,
    lang: LangOption = "en",
    purpose: PurposeOption = DEFAULT_PURPOSE,
    authority: AuthorityOption = DEFAULT_AUTHORITY,
    as_json: JsonOption = False,
) -> None:
    """How long records are kept: what their marking allows, what the law wants, what is under legal hold.

    Example: watchfloor retention d64a3caa; watchfloor retention --all
    """
    from watchfloor.cli.erase import _one
    from watchfloor.store import Floor
    from watchfloor.store.retention import counted, on

    if bool(records) == everything:
        fail("name records, or say --all")
    opened = Floor.open(floor)
    ids = [_one(opened, text, purpose) for text in records or []]
    with busy("reading what was decided"):
        kept = counted(opened) if everything else ((one, 1) for one in on(opened, ids))
        found = _seen(opened, kept, purpose)
    shown = [] if everything else [one.record_id.hex() for one, _ in found]
    detail = {"what": "retention", "records": sum(count for _, count in found), "shown": shown}
    opened.act(acting(purpose, authority), "query", detail)
    rows = list(_rows(found, lang, single=not everything))
    if as_json:
        print_rows(rows, "records")
        return
    print_table("Retention", HEADS, (row.values() for row in rows), "No record that you may see is here.")


def _seen(
    opened: "Floor", found: "Iterable[tuple[Retention, int]]", purpose: str
) -> "list[tuple[Retention, int]]":
    """What this reader may see, with the holds that this reader may see."""
    from dataclasses import replace

    from watchfloor.cli.hold import visible
    from watchfloor.records.marking import parse
    from watchfloor.release.policy import allowed
    from watchfloor.store.holds import on

    me = keeper(opened, purpose)
    holds = {one.position for one in visible(opened, on(opened), purpose)}
    mine = ((one, count) for one, count in found if allowed(me, parse(one.marking)))
    return [(replace(one, holds=tuple(at for at in one.holds if at in holds)), count) for one, count in mine]


def _rows(
    found: "Iterable[tuple[Retention, int]]", lang: "Language", *, single: bool
) -> Iterable[dict[str, Any]]:
    today = datetime.now(UTC).date()
    groups: Counter[tuple[Any, ...]] = Counter()
    for one, count in found:
        group = (
            one.kind,
            one.record_id.hex() if single else "",
            one.ceiling,
            one.used.date() if one.used else None,
            one.floor,
            ", ".join(map(str, one.holds)),
            one.applies(today).render(lang),
        )
        groups[group] += count
    for (kind, record, ceiling, used, floor, holds, applies), count in sorted(groups.items(), key=str):
        days: list[date | None] = [ceiling, used, floor]
        yield {
            "records": count,
            "kind": kind,
            "record": record,
            **dict(zip(("ceiling", "used", "floor"), days, strict=True)),
            "holds": holds,
            "applies": applies,
        }
