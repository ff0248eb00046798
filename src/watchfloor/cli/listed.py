"""`watchfloor listed`: what stood on a list on a day, whom a name belongs to, what changed."""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from watchfloor.cli.common import PARTLY, JsonOption, err, fail, print_json, print_rows, print_table
from watchfloor.cli.lists.files import read_lists
from watchfloor.cli.moments import day

if TYPE_CHECKING:
    import pyarrow as pa

    from watchfloor.desks.listings.screener import Hit
    from watchfloor.reference.consolidations import Answer, Change

app = typer.Typer(rich_markup_mode=None)

EXAMPLES = """
Examples:

  watchfloor listed SOR-2002-284@*.xml --on 2025-02-20

  watchfloor listed lists/ --name "Los Caballeros Templarios" --json

  watchfloor listed diff SOR-2002-284@2025-02-06.xml SOR-2002-284@2025-03-28.xml
"""


@app.command(
    name="listed",
    epilog=EXAMPLES,
    help="What stood on official lists on a day, by any set of their consolidations. "
    "`listed diff OLD NEW` tells what changed between two.",
)
def listed(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE… | diff OLD NEW", help="Files or folders of lists.")
    ],
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="The day asked for; today.")] = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            help="Only items that have this name, case, accents and punctuation aside; near names where none "
            "has it.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Answer from the files alone; which consolidation was used is said with each answer."""
    if files[0] == "diff" and not Path("diff").exists():
        if len(files) != 3:
            fail("listed diff needs two files or folders: watchfloor listed diff OLD NEW")
        if on or name:
            fail("listed diff compares two consolidations whole; leave --on and --name away")
        _diff(Path(files[1]), Path(files[2]), as_json)
    elif name is not None and not name.strip():
        fail("--name is empty; write the name to look for, or leave it away for all items")
    else:
        _on(read_lists([Path(text) for text in files]), day(on, "--on"), name, as_json)


def _on(loaded: "tuple[pa.Table, int]", when: date, name: str | None, as_json: bool) -> None:
    from watchfloor.reference.consolidations import on

    rows, faults = loaded
    answers = on(rows, when)
    if not answers:
        err.print("the files hold no listed entity", highlight=False)
    if name is None:
        _all(answers, as_json)
    else:
        _named(answers, name, rows.schema, as_json)
    _end(faults)


def _all(answers: "list[Answer]", as_json: bool) -> None:
    """Every item of every list, each list with how it is known."""
    if as_json:
        print_rows((_line(answer, item) for answer in answers for item in answer.items), "items")
    for answer in answers:
        if not as_json:
            _table(answer, answer.items)
        err.print(answer.note + f"; {_items(len(answer.items))}", markup=False, highlight=False)


def _named(answers: "list[Answer]", name: str, schema: "pa.Schema", as_json: bool) -> None:
    """Items that have a name, the lists without one in a line, and near names where no list has it."""
    found = [(answer, [item for item in answer.items if _has(item, name)]) for answer in answers]
    hits = [(answer, items) for answer, items in found if items]
    near = [] if hits or not answers else _near(answers, name, schema)
    if as_json and near:
        print_json({"items": 0, "near": [_near_row(one) for one in near]})
    elif as_json:
        print_rows((_line(answer, item) for answer, items in hits for item in items), "items")
    for answer, items in hits:
        if not as_json:
            _table(answer, items)
        if answer.covered:  # the others stand in one line below
            err.print(answer.note + f"; {_items(len(items))}", markup=False, highlight=False)
    if without := [answer.list_id for answer, items in found if not items]:
        lists = "nor on" if hits else "on none of"
        err.print(f"{name}: {lists} {', '.join(without)}", markup=False, highlight=False)
    if near:
        err.print("near names: one of them may be it, and a person decides:", highlight=False)
    for one in near:
        place = ", ".join(filter(None, (one.list_id, one.item)))
        err.print(f"  {one.alias} ({one.name}; {place}), {one.score:.2f}", markup=False, highlight=False)
    if uncovered := [f"{one.list_id} ({one.window})" for one in answers if not one.covered]:
        text = f"not covered on {answers[0].day}, so a name may be listed since: {', '.join(uncovered)}"
        err.print(text, markup=False, highlight=False)


def _near(answers: "list[Answer]", name: str, schema: "pa.Schema") -> "list[Hit]":
    """Return what is spelt or sounds like the name, or has its rare words: no item has it as it stands."""
    import pyarrow as pa

    from watchfloor.desks.listings.screener import Query, Screener

    items = [item for answer in answers for item in answer.items]
    return Screener.build(pa.Table.from_pylist(items, schema)).screen(Query("", name))


def _near_row(one: "Hit") -> dict[str, object]:
    names = ("entity_id", "name", "alias", "list_id", "item", "score")
    return {name: getattr(one, name) for name in names}


def _diff(old: Path, new: Path, as_json: bool) -> None:
    from watchfloor.reference.consolidations import diff

    (before, faults), (after, more) = read_lists([old]), read_lists([new])
    changes = list(diff(before, after))
    if as_json:
        print_rows(map(_change, changes), "changes")
    else:
        rows = ((c.kind, c.item["list_id"], c.item["item"], c.item["name"], _what(c)) for c in changes)
        columns = ("change", "list", "item", "name", "what")
        print_table(f"{old.name} → {new.name}", columns, rows, "nothing changed")
    counts = (f"{sum(c.kind == kind for c in changes)} {kind}" for kind in ("added", "removed", "changed"))
    err.print(", ".join(counts), highlight=False)
    _end(faults + more)


def _end(faults: int) -> None:
    if faults:
        raise typer.Exit(PARTLY)


def _has(item: dict[str, Any], name: str) -> bool:
    from watchfloor.reference.listings import fold

    wanted = _joined(fold(name))
    return any(_joined(fold(known["text"])) == wanted for known in item["names"])


def _joined(text: str) -> str:
    """Letters and the digits beside them in one word, so that MS13 is MS-13."""
    return re.sub(r"(?<=[^\W\d]) (?=\d)|(?<=\d) (?=[^\W\d])", "", text)


def _line(answer: "Answer", item: dict[str, Any]) -> dict[str, Any]:
    """One item as JSON: what it says, and how we know."""
    columns = (
        "entity_id list_id instrument title provision item schema name names birth_dates countries "
        "identifiers listed_on in_force ceased version_id lang remarks source locator"
    ).split()
    return {
        **{column: item[column] for column in columns},
        "on": answer.day,
        "window": {"from": answer.window.first, "until": answer.window.last},
        "covered": answer.covered,
        "note": "covered" if answer.covered else "not covered",
    }


def _table(answer: "Answer", items: Iterable[dict[str, Any]]) -> None:
    rows = [(i["item"], i["name"], i["schema"], i["in_force"], "; ".join(_other(i))) for i in items]
    covered = "" if answer.covered else " (not covered)"
    title = f"{answer.list_id} on {answer.day}{covered}: {_items(len(rows))}"
    print_table(title, ("item", "name", "type", "in force", "other names"), rows, f"{title}")


def _items(count: int) -> str:
    return f"{count} item{'' if count == 1 else 's'}"


def _other(item: dict[str, Any]) -> list[str]:
    return [name["text"] for name in item["names"][1:]]


def _change(change: "Change") -> dict[str, Any]:
    """One change as JSON."""
    item = change.item
    return {
        "change": change.kind,
        **{column: item[column] for column in ("entity_id", "list_id", "item", "schema", "name", "in_force")},
        "fields": {column: {"was": was, "is": now} for column, (was, now) in change.fields.items()},
        "names_added": change.names_added,
        "names_removed": change.names_removed,
    }


def _what(change: "Change") -> str:
    if change.kind != "changed":
        return "; ".join(_other(change.item))
    said = [f"{column}: {was} → {now}" for column, (was, now) in change.fields.items()]
    said += [f"+ {name}" for name in change.names_added] + [f"- {name}" for name in change.names_removed]
    return "; ".join(said)
