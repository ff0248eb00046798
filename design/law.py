"""Makes the table of the law's items: `./dev law`.

Every stored consolidation of the Controlled Drugs and Substances Act and of the Precursor Control Regulations
in `../shared/data/law` is read, and the wordings of each item are put in order of time. An item that is gone,
or has new words, ended the day before those began. An item of Schedule V ends with its period, or the day
before the substance is added to Schedules I to IV or VI (s. 60.1(4)(b) of the Act), also where the table it
stood in was replaced in between. The French names are joined by number, except where the texts number
siblings differently.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from design.law_french import with_french
from design.law_rows import ACTS, Row, between, entries, key_of, rows_of

from watchfloor.formats.lists.justice_schedules import Entry

ROOT = Path(__file__).parents[1]
LAW = ROOT.parent / "shared/data/law"
OUT = ROOT / "src/watchfloor/reference/law"
DAY = timedelta(1)
FOUR = "s. 60.1(4)(b)"
FOUR_SINCE = date(2026, 3, 26)
"""The day s. 60.1(4) came into force (2026, c. 4, s. 8); before, an order deleted the item."""

COLUMNS = """
    key act schedule part item item_fr sort names_en names_fr covers under
    since until period_until ended ended_by amended fid quantity
""".split()

HEAD = """\
# Items of the Controlled Drugs and Substances Act's schedules (CDSA) and of the schedule to the Precursor
# Control Regulations (PCR): facts read from Justice Laws XML by `./dev law`. Contains information licensed
# under the Open Government Licence – Canada. Not the official text. `since` is the day of the present
# wording, not of first control.
"""


def history(editions: list[list[Row]]) -> list[Row]:
    """The wordings of each item in order of time, each with the day it ended."""
    seen: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    for at, edition in enumerate(editions):
        for row in edition:
            seen[row.key].append((at, row))
    last = len(editions) - 1
    ended = [
        closed
        for versions in seen.values()
        for closed in _ended(versions, None if versions[-1][0] == last else editions[versions[-1][0] + 1])
    ]
    lasting = [row for row in ended if row.entry.schedule in {"I", "II", "III", "IV", "VI"}]
    ended = [replace(row, key=_key(row, seen[row.key])) for row in ended]
    temporary = {row.key: row for row in ended if row.period_until}
    return [
        out
        for row in ended
        for out in (_four(temporary.get(row.under, row), row, lasting) if row.period_until else [row])
    ]


def _key(row: Row, versions: list[tuple[int, Row]]) -> str:
    """The key of an item; with its year where another item had the number before and was repealed."""
    if row.sort == "repealed":
        return row.key
    again = any(one.sort == "repealed" and one.since < row.since for _, one in versions)
    return f"{row.key}/{row.since.year}" if again else row.key


def _ended(versions: list[tuple[int, Row]], without: list[Row] | None) -> Iterator[Row]:
    """The wordings of one item; `without` is the first edition that no longer has it."""
    distinct: list[Row] = []
    for _, row in versions:
        if distinct and _same(distinct[-1], row):
            distinct[-1] = replace(row, since=min(row.since, distinct[-1].since))
        else:
            distinct.append(row)
    for row, after in zip(distinct, [*distinct[1:], None], strict=True):
        if row.sort == "repealed":
            yield replace(row, until=_gone(row, after, without))
        elif after is not None:
            how = "repealed" if after.sort == "repealed" else "replaced"
            by = after.ended_by if how == "repealed" else cited(after.entry.amended)
            yield replace(row, until=_gone(row, after, without), ended=how, ended_by=by)
        elif without is not None:
            by = cited(_schedule(row, without).schedule_amended)
            yield replace(row, until=_gone(row, after, without), ended="replaced", ended_by=by)
        else:
            yield row


def _gone(row: Row, after: Row | None, without: list[Row] | None) -> date | None:
    """The last day of a wording: before the next one, or before a schedule without it replaced its own."""
    if after is not None:
        return after.since - DAY
    return None if without is None else _schedule(row, without).schedule_since - DAY


def _schedule(row: Row, edition: list[Row]) -> Entry:
    return next(one.entry for one in edition if one.entry.schedule == row.entry.schedule)


def _same(a: Row, b: Row) -> bool:
    return (a.names, a.covers, a.sort, a.period_until, a.entry.text) == (
        b.names,
        b.covers,
        b.sort,
        b.period_until,
        b.entry.text,
    )


def _four(above: Row, row: Row, lasting: list[Row]) -> Iterator[Row]:
    """A temporary item, to the end of its period or to the day before the substance is added elsewhere.

    Where its table was replaced in between, no stored edition shows its number in the new one.
    """
    assert row.period_until is not None
    if above.ended == "repealed":  # and what stands in it with it
        yield replace(row, until=above.until, ended=above.ended, ended_by=above.ended_by)
        return
    head = row.names[0].casefold()
    added = [
        other
        for other in lasting
        if other.names and other.names[0].casefold() == head and row.since <= other.since <= row.period_until
    ]
    new = min(added, key=lambda other: other.since, default=None)
    if new is None or new.since < FOUR_SINCE:
        yield replace(row, until=row.period_until, ended="period ended", ended_by="s. 60.1(4)(c)")
        return
    gone = replace(row, until=new.since - DAY, ended="replaced", ended_by=FOUR)
    if row.until is None or row.until >= new.since - DAY:
        yield gone
        return
    yield row
    part = "2" if new.entry.schedule == "VI" else "1"
    entry = replace(row.entry, part=part, labels=(), fid="", amended=tuple(row.ended_by.split("; ")))
    key = f"{key_of(entry)}/was-{row.entry.item}"
    yield replace(gone, entry=entry, key=key, since=row.until + DAY)


def line(row: Row) -> str:
    """A row of the file."""
    entry = row.entry
    days = (str(day) if day else "" for day in (row.since, row.until, row.period_until))
    since, until, period_until = days
    cells = {
        "key": row.key,
        "act": ACTS[entry.edition.instrument],
        "schedule": entry.schedule,
        "part": entry.part,
        "item": row.label or entry.item,
        "item_fr": row.item_fr,
        "sort": row.sort,
        "names_en": " | ".join(row.names),
        "names_fr": " | ".join(row.names_fr),
        "covers": " ".join(sorted(row.covers)),
        "under": row.under,
        "since": since,
        "until": until,
        "period_until": period_until,
        "ended": row.ended,
        "ended_by": row.ended_by,
        "amended": cited(entry.amended),
        "fid": entry.fid,
        "quantity": entry.columns[0] if entry.edition.instrument != "C-38.8" and entry.columns else "",
    }
    if any("\t" in cell or "\n" in cell for cell in cells.values()):
        raise SystemExit(f"{row.key}: a tab or a line break in a cell")
    return "\t".join(cells[name] for name in COLUMNS)


def cited(notes: Iterable[str]) -> str:
    """What brought a wording, an instrument with several sections that day without them.

    None where the schedule was restated as a whole, with all its history in one note.
    """
    sections: dict[str, list[str]] = defaultdict(list)
    for note in notes:
        if ";" not in note:
            instrument, _, section = note.rpartition(", s")
            sections[instrument or note].append(f", s{section}" if instrument else "")
    return "; ".join(one + (parts[0] if len(parts) == 1 else "") for one, parts in sections.items())


def table(found: dict[str, list[Entry]], folder: Path = LAW) -> list[Row]:
    """All rows, the Act first, each item's wordings together and in order of time."""
    rows: list[Row] = []
    french = [one for one in found.values() if one[0].edition.lang == "fr"]
    for instrument in ACTS:
        of = {file: one for file, one in found.items() if one[0].edition.instrument == instrument}
        english = {file: one for file, one in of.items() if one[0].edition.lang == "en"}
        rows += history([rows_of(one) for one in _with_between(english, folder)])
    order = {key: at for at, key in enumerate(dict.fromkeys(row.key for row in sorted(rows, key=_place)))}
    rows.sort(key=lambda row: (order[row.key], row.since))
    return with_french(rows, rows_of(french[-1]) if french else [])


def _with_between(editions: dict[str, list[Entry]], folder: Path) -> Iterator[list[Entry]]:
    """The editions in order of time, and after each what its amendments not in force made of it."""
    for (file, one), newer in zip(editions.items(), [*list(editions.values())[1:], []], strict=True):
        yield one
        if amended := between(folder, file, one, newer):
            yield amended


def _place(row: Row) -> tuple[int, int, list[float]]:
    romans = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
    parts = [float(number) for number in row.entry.part.split(".") if number]
    return (list(ACTS).index(row.entry.edition.instrument), romans.index(row.entry.schedule), parts)


def main() -> None:
    """Write both tables, and say what they hold."""
    found = entries(LAW)
    rows = table(found)
    OUT.mkdir(exist_ok=True)
    lines = [HEAD.rstrip("\n"), "\t".join(COLUMNS), *map(line, rows)]
    (OUT / "items.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    editions = [(name, one[0].edition) for name, one in found.items()]
    said = ["\t".join((ACTS[e.instrument], e.lang, str(e.first), str(e.last), name)) for name, e in editions]
    (OUT / "editions.tsv").write_text("\n".join(["act\tlang\tfirst\tlast\tfile", *said]) + "\n", "utf-8")
    print(f"{len(rows)} wordings of {len({row.key for row in rows})} items, of {len(found)} editions")


if __name__ == "__main__":
    main()
