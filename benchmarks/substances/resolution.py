"""How many of the law's single-substance items have a structure, by whom, and how many of those are wrong.

`./dev bench substances.resolution`. Everything is made anew here: OPSIN (Java), `chemicals` and MassBank
under the Act's names, and the decisions of `design/structures.toml`. The peers are given the Act's names as
they stand, each source alone: OPSIN the name in a bracket first, then the head name; `chemicals` the head
name first. What the peers make is compared with the table by connectivity, since none was meant to know the
stereochemistry.

`wrong` is counted against two lists of `tests/reference/law` that had no part in making the table:
`known.tsv`, keys written down from memory, and `known_structures.tsv`, keys of public tables (DrugBank,
DrugCentral, Cayman and others), whole where the item states a configuration. It is 0 or the table is not fit
to ship.
"""

from collections import defaultdict
from pathlib import Path

from design.structure_names import readable, substances
from design.structure_sources import key_of, looked_up, opsin, versions
from design.structures import Outcome, outcomes

LISTS = Path(__file__).parents[2] / "tests/reference/law"
SCHEDULES = ("I", "II", "III", "IV", "V", "VI")


def schedule(key):
    return key.split("/")[1].split(".")[0]


def lines(name):
    found = (LISTS / name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in found if not line.startswith("#")]


def disagreeing(made):
    """Items of public tables whose key is not ours: the whole one, or its first block where that is meant."""
    ours = {one.key: set(map(key_of, one.smiles)) for one in made}
    for key, name, inchikey, layer, source in lines("known_structures.tsv")[1:]:
        if key not in ours:
            continue
        held = ours[key] if layer == "full" else {one[:14] for one in ours[key]}
        if (inchikey if layer == "full" else inchikey[:14]) not in held:
            yield f"{key} {name}: {inchikey} by {source}"


def peers(named):
    """Skeleton by item, of each source alone."""
    texts = [readable(name) for names in named.values() for name in names]
    read = opsin(texts)
    alone = {"OPSIN": {}, "chemicals": {}, "MassBank": {}}
    for key, names in named.items():
        smiles = next((read[readable(n)] for n in [*names[1:], names[0]] if readable(n) in read), "")
        alone["OPSIN"][key] = key_of(smiles)[:14] if smiles else ""
        for source in ("chemicals", "massbank"):
            found = next((one.skeleton for name in names for one in looked_up(source, [name])), "")
            alone[{"chemicals": "chemicals", "massbank": "MassBank"}[source]][key] = found
    return alone


def skeletons(one: Outcome):
    return {key_of(smiles)[:14] for smiles in one.smiles}


def table(made, alone):
    """Counts of each schedule, and of all."""
    rows = defaultdict(lambda: defaultdict(int))
    for one in made:
        sources = {reading.source for reading in one.used}
        facts = {
            "items": True,
            "OPSIN alone": alone["OPSIN"][one.key] != "",
            "of it wrong": alone["OPSIN"][one.key] != "" and alone["OPSIN"][one.key] not in skeletons(one),
            "chemicals alone": alone["chemicals"][one.key] != "",
            "wrong ": alone["chemicals"][one.key] != "" and alone["chemicals"][one.key] not in skeletons(one),
            "by a source": bool(sources - {"hand"}),
            "by two": one.status == "two-source",
            "OPSIN + chemicals": one.status == "two-source" and {"opsin", "chemicals"} <= sources,
            "by hand": one.status == "by hand",
            "only drawn": sources == {"hand"},
            "conflicts": one.conflict != "",
        }
        for name in (schedule(one.key), "all"):
            for fact, holds in facts.items():
                rows[name][fact] += holds
    return rows


def main():
    named = {key: names for key, names in substances().items() if key.startswith("CDSA/")}
    made = [one for one in outcomes() if one.key in named]
    alone = peers(named)
    rows = table(made, alone)
    print(f"{versions()['opsin']}, {versions()['chemicals']}, MassBank records of design/massbank.tsv\n")
    columns = list(rows["all"])
    print(" " * 9 + "".join(f"{name.strip():>18}" for name in columns))
    for name in (*SCHEDULES, "all"):
        print(f"{name:9}" + "".join(f"{rows[name][column]:18}" for column in columns))
    of = rows["all"]["items"]
    by_one, by_two = rows["all"]["by a source"] / of, rows["all"]["by two"] / of
    print(
        f"\nby a source {by_one:.1%} (goal 97 %), by two {by_two:.1%} (60 %); a source may have been given a"
    )
    print(
        "corrected name (“by hand”, with the reason); “only drawn”: no source has it; the rest is unresolved"
    )
    keys = {}
    for one in made:
        keys.setdefault(named[one.key][0], set()).update(map(key_of, one.smiles))
    known = dict(lines("known.tsv"))
    wrong = {head: key for head, key in known.items() if key not in keys.get(head, set())}
    print(f"wrong: {len(wrong)} of {len(known)} names whose key was known beforehand {wrong or ''}")
    public = [row for row in lines("known_structures.tsv")[1:] if row[0] in {one.key for one in made}]
    differ = list(disagreeing(made))
    whole = sum(row[3] == "full" for row in public)
    print(f"wrong: {len(differ)} of {len(public)} items in public tables, {whole} by the whole key")
    print("".join(f"  {one}\n" for one in differ), end="")
    print("\nConflicts: sources without a connectivity in common, and what was done")
    for one in made:
        if one.conflict:
            print(f"  {one.key} {named[one.key][0]} ({one.status}): {one.conflict}\n      {one.citation}")


if __name__ == "__main__":
    main()
