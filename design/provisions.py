"""Makes the table of cited provisions: `./dev law`.

Every stored consolidation of the laws that gateways and the register of removals rest on is read, in English,
oldest first; what they cite is kept, with the days on which each wording stood.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path

from watchfloor.casework.removals.law import provisions as removals
from watchfloor.casework.tasking import units
from watchfloor.policy.gateway_table import load_table
from watchfloor.reference.law.provisions import Provision, Statute, read
from watchfloor.reference.law.wordings import FILE, STATUTES_FILE, Consolidation, Wording

ROOT = Path(__file__).parents[1]
LAW = ROOT.parent / "shared/data/law"
OUT = ROOT / "src/watchfloor/reference/law"
DAY = timedelta(1)

HEAD = """\
# Provisions that the product cites, as the stored consolidations have them: made by `./dev law`. Contains
# information licensed under the Open Government Licence – Canada. Not the official text.
"""

ACTS = {
    "R.S.C. 1985, c. 1 (2nd Supp.)": "C-52.6",
    "S.C. 1996, c. 19": "C-38.8",
    "S.C. 1996, c. 31": "O-2.4",
    "S.C. 2001, c. 27": "I-2.5",
    "S.C. 2012, c. 19, s. 368": "I-14.7",
}
"""Numbers of the statutes that units have powers under, by citation, where their text is stored."""

ELSEWHERE = (
    ("customs", "C-52.6", "6(1) 6(1)(c) 97.01 97.01(1) 97.01(2) 97.01(3) 97.02"),
    ("substances", "C-38.8", "60 60.1 60.1(1) 60.1(2) 60.1(3) 60.1(4) 60.1(4)(b) 60.2"),
    ("coming-into-force", "S-22.5", "2 4 5(3) 20 24.1 25 26 27 28 29 31 64(1) 64(2) 75 124"),
    ("register", "S-22.5", "20 64(1) 75 75.1(1) 138(1)"),
    ("register", "I-2.5", "49(3) 49(4) 49(5) 101(1)(b.1)"),
    ("removals", "I-2.5", "44.1 49(1) 104.1(1)"),
    ("gateways", "I-2.5", "150.1(1)(f)"),
    ("legs", "I-14.7", "2 4 7(1) 8(1) 10 13 14 15"),
)
"""What is cited by other tables and by code: by what, of which law, which provisions."""


def others() -> Iterator[tuple[str, str, str]]:
    """Yield what is cited elsewhere than in the table of gateways: law, label, by what."""
    for by, number, labels in ELSEWHERE:
        yield from ((number, label, by) for label in labels.split())
    yield from (("I-2.5", label, "removals") for label in removals() if not label.startswith("R"))
    table = units.load()
    for unit in table.units.values():
        for power in unit.mandate:
            if number := ACTS.get(table.statutes[power.statute].citation):
                yield number, power.section, "units"


@cache
def cited() -> dict[str, dict[str, str]]:
    """Return by number of the law and label what cites it besides the gateways."""
    table = load_table()
    numbers = {name: law.number for name, law in table.laws.items() if law.source}
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for name, label, _ in table.citations():
        if name in numbers:
            found[numbers[name]].setdefault(label, "")
    for number, label, by in others():
        before = found[number].get(label, "").split()
        found[number][label] = " ".join(dict.fromkeys([*before, by]))
    return dict(sorted(found.items()))


def stored() -> dict[str, list[tuple[Statute, str]]]:
    """Return the stored consolidations in English, each with its file, by number of the law, oldest first."""
    wanted = cited()
    found: dict[str, list[tuple[Statute, str]]] = defaultdict(list)
    for path in sorted([*LAW.glob("gateways/*.xml"), *LAW.glob("C-38.8@*.xml")]):
        statute = read(path)
        if statute.lang == "en" and statute.number in wanted:
            found[statute.number].append((statute, path.name))
    return {number: sorted(each, key=lambda one: one[0].first) for number, each in sorted(found.items())}


def history(statutes: list[Statute], label: str) -> Iterator[Wording]:
    """Yield the wordings of a provision, oldest first; nothing where none of the consolidations has it."""
    number = statutes[0].number
    found = [(one.first, one.provisions.get(label)) for one in statutes]
    by = cited()[number][label]
    if not any(one for _, one in found):
        raise LookupError(f"{number} {label} is in no stored consolidation")
    if statutes[0].enacted:
        found.insert(0, (statutes[0].enacted - DAY, None))
    rows: list[Wording] = []
    for first, now in found:
        row = _row(number, label, by, now)
        if rows and (row.state, row.text, row.lead) == (rows[-1].state, rows[-1].text, rows[-1].lead):
            continue
        if rows:
            before = rows[-1].amended
            begun = row.amended if row.amended and (before is None or row.amended > before) else first
            rows[-1] = rows[-1]._replace(until=begun - DAY)
            row = row._replace(amended=begun)
        rows.append(row)
    yield from rows


def _row(number: str, label: str, by: str, found: Provision | None) -> Wording:
    if found is None:
        return Wording(number, label, "", None, None, None, "nothing", by, "", "")
    state = "repealed" if found.repealed else "in-force" if found.since else "not-in-force"
    days = found.since, found.amended, None
    return Wording(number, label, found.fid, *days, state, by, found.lead, found.text)


def write() -> Iterator[str]:
    """Write both tables, and yield what was written in them."""
    laws, wanted = stored(), cited()
    rows = [
        row
        for number, each in laws.items()
        for label in wanted[number]
        for row in history([statute for statute, _ in each], label)
    ]
    _table(FILE, HEAD, [*Wording._fields], rows)
    known = [(number, one.first, one.last, name) for number, each in laws.items() for one, name in each]
    _table(STATUTES_FILE, "", [*Consolidation._fields], known)
    yield f"{len(rows)} wordings of {sum(map(len, wanted.values()))} provisions, {len(known)} consolidations"


def _table(name: str, head: str, columns: list[str], rows: Iterable[Iterable[object]]) -> None:
    lines = ["\t".join(columns), *("\t".join("" if one is None else str(one) for one in row) for row in rows)]
    (OUT / name).write_text(head + "\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    for line in write():
        print(line)
