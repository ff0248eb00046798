"""Names in running text: whether a listed name is found, and not in the name of something else; speed.

    ./dev bench substances.goods

Data: every name of every compound of the `chemicals` package (PubChem's), each taken as a line of goods. A
name of `trade.toml` should be found; the name of another compound (another connectivity, salts aside) should
not be called a row that it is not. The rules and words that undo a name were chosen after a look at the
compounds whose CAS number ends in 0: figures are for the others. What is left as false holds mixtures and
esters too ("nitroethene 2 M in toluene", "sulphuric acid dipropyl ester"): read them before you believe it.
Peers, over one name in ten: a regular expression of all our names with word borders; any of them anywhere.
"""

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import pyarrow as pa
from chemicals.identifiers import pubchem_db
from rdkit import Chem, RDLogger
from rich.console import Console
from rich.table import Table

from watchfloor.core.kinds import DECLARATION, INSTANT
from watchfloor.desks.base import Refs
from watchfloor.desks.substances.desk import DESK
from watchfloor.reference import goods as goods_reference
from watchfloor.reference.law import trade
from watchfloor.reference.law.matching import fold

SURE = ("name", "synonym")
LINES = 200_000
Find = Callable[[str], set[str]]


def compounds() -> Iterable[tuple[bool, str, list[str]]]:
    """Whether it was looked at, its key, and its names, of every compound of `chemicals`."""
    pubchem_db.finish_loading()
    seen = set()
    for one in pubchem_db.CAS_index.values():
        if one.pubchemid not in seen:
            seen.add(one.pubchemid)
            names = sorted(name for name in {*one.synonyms, one.common_name, one.iupac_name} if name)
            names = [name for name in names if not re.fullmatch(r"[\d\W]*", name)]
            yield one.CAS % 10 == 0, (one.InChI_key or "").removeprefix("InChIKey="), one.smiles, names


def pieces(smiles: str) -> set[str]:
    """Connectivity of a compound and of its parts: a salt of a row is no other substance."""
    mol = Chem.MolFromSmiles(smiles) if smiles else None
    parts = Chem.GetMolFrags(mol, asMols=True) if mol is not None else ()
    return {Chem.MolToInchiKey(part)[:14] for part in parts}


def ours(text: str) -> set[str]:
    return {found.id for found in trade.by_name(text) if found.strength in SURE}


def anywhere(table: dict[str, str]) -> Find:
    return lambda text: {id_ for name, id_ in table.items() if name in fold(text)}


def bordered(table: dict[str, str]) -> Find:
    words = "|".join(re.escape(name) for name in sorted(table, key=len, reverse=True))
    pattern = re.compile(rf"(?<![^\W_])(?:{words})(?![^\W_])")
    return lambda text: {table[one] for one in pattern.findall(fold(text))}


def measure(
    find: Find, told: list[tuple[set[str], str]], rows: dict[str, str], own: dict[str, str]
) -> tuple[int, ...]:
    """Own names looked for and found, other names, and those called a row that they are not."""
    wanted = right = others = wrong = 0
    for keys, name in told:
        claimed = find(name)
        mine = own.get(fold(name))
        if mine and rows.get(mine) in keys:
            wanted += 1
            right += mine in claimed
        false = {id_ for id_ in claimed if rows.get(id_) and rows[id_] not in keys}
        others += not mine
        wrong += bool(false) and not mine
    return wanted, right, others, wrong


def speed(find: Callable[[list[str]], object], lines: list[str]) -> float:
    find(lines[:1000])
    started = time.perf_counter()
    find(lines)
    return len(lines) / (time.perf_counter() - started)


def bulk(lines: list[str]) -> list[object]:
    matcher, texts = trade.matcher(), pa.array(lines)
    return [matcher.find(text) for text in texts.filter(pa.array(matcher.may(texts))).to_pylist()]


def main() -> None:
    RDLogger.DisableLog("rdApp.*")
    rows = {one.id: one.inchikey[:14] for one in trade.load().substance if one.inchikey}
    own = {
        fold(name.text): name.what for name in trade.names() if name.strength in SURE and name.what in rows
    }
    listed = set(rows.values())
    told: list[tuple[set[str], str]] = []
    for looked_at, key, smiles, names in compounds():
        if not looked_at:
            keys = {key[:14]} | (pieces(smiles) if "." in (smiles or "") else set())
            told += [(keys & listed | {key[:14]}, name) for name in names]
    console = Console(width=110)
    tenth = told[::10]
    peers = {"re with word borders": bordered(own), "anywhere": anywhere(own)}
    table = Table(title=f"names of compounds of chemicals {version('chemicals')}")
    for column in ("", "own names", "found", "other names", "called a row that they are not"):
        table.add_column(column)
    for name, find, given in (
        ("this, all", ours, told),
        ("this, one in ten", ours, tenth),
        *((name, find, tenth[:: 1 if name != "anywhere" else 20]) for name, find in peers.items()),
    ):
        wanted, right, others, wrong = measure(find, given, rows, own)
        label = f"{name} (one in 200)" if name == "anywhere" else name
        table.add_row(label, f"{wanted:,}", f"{right:,}", f"{others:,}", f"{wrong:,} ({wrong / others:.3%})")
    console.print(table)
    lines = [name for _, name in told][:LINES]
    fast, one = speed(bulk, lines), speed(lambda some: [trade.matcher().find(text) for text in some], lines)
    peer = speed(lambda some: [peers["re with word borders"](text) for text in some], lines[:20_000])
    console.print(
        f"chemical names, the hard case: {fast:,.0f} lines/s in bulk, {one:,.0f} one by one;"
        f" re with word borders {peer:,.0f}; ratio {fast / peer:.1f}"
    )
    goods = everyday(LINES)
    fast, one = speed(bulk, goods), speed(lambda some: [trade.matcher().find(text) for text in some], goods)
    peer = speed(lambda some: [peers["re with word borders"](text) for text in some], goods[:20_000])
    console.print(
        f"everyday goods, made up of words, one in 1,000 with a name: {fast:,.0f} lines/s in bulk,"
        f" {one:,.0f} one by one; re with word borders {peer:,.0f}; ratio {fast / peer:.1f}"
    )
    made, rate = folded_by_desk(declared(goods))
    console.print(f"the substances desk over these as declarations: {made:,} signals, {rate:,.0f} a second")
    wrongly = Counter(
        id_
        for keys, name in told
        for id_ in ours(name)
        if rows.get(id_) and rows[id_] not in keys and fold(name) not in own
    )
    console.print("most often wrongly:", dict(wrongly.most_common(12)))


def declared(lines: list[str]) -> pa.Table:
    """The lines as declarations, each of a parcel of its own."""
    count = len(lines)
    columns = {field.name: pa.nulls(count, field.type) for field in DECLARATION.schema}
    start = datetime(2026, 11, 1, tzinfo=UTC)
    columns |= {
        "record_id": pa.array([at.to_bytes(16, "big") for at in range(count)], pa.binary(16)),
        "report_key": pa.array([f"D-{at}" for at in range(count)]),
        "source": pa.array(["customs"] * count),
        "observed_at": pa.array([start + timedelta(seconds=at) for at in range(count)], INSTANT),
        "marking": pa.array(["PB"] * count),
        "subject": pa.array([f"parcel:post:{at}" for at in range(count)]),
        "goods": pa.array(lines),
        "hs": pa.array(["610910"] * count),
    }
    return pa.table({name: columns[name] for name in DECLARATION.schema.names})


def folded_by_desk(rows: pa.Table) -> tuple[int, float]:
    """Signals, and declarations a second, in batches of 20,000."""
    refs = Refs(bytes(32), {"goods": goods_reference.content()})
    state, made, started = DESK.begin(refs), 0, time.perf_counter()
    for at in range(0, rows.num_rows, 20_000):
        made += DESK.step(refs, state, rows.slice(at, 20_000), datetime.now(UTC))["signal"].num_rows
    return made, rows.num_rows / (time.perf_counter() - started)


WORDS = (
    "polyester woven fabric cotton shirts mens parts of machinery steel bolts ethernet cable plastic toys"
    " auto spare led lamps 12v battery lithium furniture wooden chair 4 drawer cabinet books printed matter"
    " coffee beans shoes rubber sole 100 % new kitchenware stainless tea medical masks n95 usb charger phone"
    " case glass ceramic tiles m2"
).split()


def everyday(count: int) -> list[str]:
    from random import Random

    random = Random(1)
    lines = [" ".join(random.choices(WORDS, k=random.randint(3, 9))) for _ in range(count)]
    return [f"{line} piperidine" if at % 1000 == 0 else line for at, line in enumerate(lines)]


if __name__ == "__main__":
    main()
