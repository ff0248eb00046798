"""Makes the table of cited provisions: `./dev law`.

Every stored consolidation of the laws that gateways and the register of removals rest on is read, in English,
oldest first; what they cite is kept, with the days on which each wording stood.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

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

REMOVALS = """
    20.01 24(1) 24(4) 25(1.2) 28(1) 29(2) 33 34(1) 35(1) 36(1) 36(2) 37(1) 38(1) 39 40(1) 40.1(1) 41
    42(1) 44(1) 44(2) 44.1 45 45(d) 46(1) 47(c) 48(1) 48(2) 49(1) 49(1)(a) 49(1)(b) 49(1)(c) 49(2)
    49(2)(a) 49(2)(b) 49(2)(c) 49(2)(d) 49(2)(e) 49(2)(f) 49(2)(g) 49(2)(h) 49(3) 49(4) 49(5) 50
    50(a) 50(b) 50(c) 50(d) 50(e) 52(1) 53 54 55(1) 55(2) 55(3) 56(1) 57(1) 57(2) 57.1(1) 58(1)
    58(3) 59 60 61 63(2) 63(3) 63(5) 64(1) 68(1) 68(4) 70(1) 72(1) 72(2) 74 77(1) 87.3001 87.301(1)
    87.302(1) 87.303(1) 87.304(1) 95(1) 96 97(1) 97(2) 99(3) 99(3.1) 100(1) 100(2) 101(1)
    101(1)(b.1) 101(1)(b.2) 101(1)(e) 101(1.1) 101(1.2) 102(1) 103(1) 104(1) 104(1)(c) 104.1(1)
    104.1(2) 107(1) 109(1) 110(1) 110(2) 110(2.1) 111(1) 111(3) 112(1) 112(2) 112(2)(b.1) 112(2)(c)
    112(2.1) 112(3) 113 114(1) 115(1) 115(2) 150.1(1)(d) 150.1(1)(e) 150.1(1)(f) 168(1) 168(1.1)
    169(e)
""".split()
"""What the register of removals cites of the Immigration and Refugee Protection Act, before and after."""

OTHERS = {
    "I-2.5": ("removals", REMOVALS),
    "C-52.6": ("customs", "6(1) 6(1)(c) 97.01 97.01(1) 97.01(2) 97.01(3) 97.02".split()),
    "C-38.8": ("substances", "60 60.1 60.1(1) 60.1(2) 60.1(3) 60.1(4) 60.1(4)(b) 60.2".split()),
    "S-22.5": ("coming into force", "2 4 5(3) 20 24.1 25 26 27 28 29 31 64(1) 64(2) 75 124".split()),
}
"""What is cited elsewhere than in the table of gateways, by law: by what, and which provisions."""


def cited() -> dict[str, list[str]]:
    """Return the labels that are cited, by number of the law, in order."""
    table = load_table()
    numbers = {name: law.number for name, law in table.laws.items() if law.source}
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for name, label, _ in table.citations():
        if name in numbers:
            found[numbers[name]][label] = None
    for number, (_, labels) in OTHERS.items():
        found[number].update(dict.fromkeys(labels))
    return {number: list(labels) for number, labels in sorted(found.items())}


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
    by, found = (
        (OTHERS[number][0] if label in OTHERS.get(number, ("", []))[1] else ""),
        [(one.first, one.provisions.get(label)) for one in statutes],
    )
    if not any(one for _, one in found):
        raise LookupError(f"{number} {label} is in no stored consolidation")
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
