"""Makes the table of structures of the law's items: `./dev structures`.

Three sources are asked, each under the Act's own names: OPSIN (Java, systematic names), the `chemicals`
package (PubChem's names and structures) and records of MassBank. The name before a bracket and the name in it
are read apart: read as one they build a wrong fused molecule. Where two sources have the same connectivity
the item is two-source, and `agreed` says whether stereochemistry was stated by both too. Where they differ,
`structures.toml` decides, with a reason that can be checked, or the item stays unresolved. What is made by
hand says so.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from design.structure_names import RACEMIC, SEMI, decisions, readable, substances, unmarked
from design.structure_sources import (
    Reading,
    canonical,
    centres,
    extends,
    flattened,
    key_of,
    looked_up,
    mirrored,
    opsin,
    registry,
)

OUT = Path(__file__).parents[1] / "src/watchfloor/reference/law/structures.tsv"
COLUMNS = "key smiles inchikey stereo status agreed sources cas citation".split()
HEAD = """\
# Structures of the items of the Controlled Drugs and Substances Act's schedules and of the Precursor Control
# Regulations that name one substance, made by `./dev structures`. `reference/law/structures.py` says what the
# columns mean. Regulatory identifiers only.
"""


@dataclass
class Outcome:
    """What was made of one item."""

    key: str
    smiles: list[str] = field(default_factory=list)
    stereo: str = ""
    status: str = "unresolved"
    agreed: str = ""
    used: list[Reading] = field(default_factory=list)
    citation: str = ""
    conflict: str = ""


def read_by_opsin(names: list[str], smiles: dict[str, str]) -> list[Reading]:
    """Systematic names first: a head name counts only where no bracket holds one that OPSIN reads."""
    readings = [
        Reading("opsin", name, smiles[text])
        for name in [*names[1:], names[0]]
        if (text := unmarked(readable(name))) in smiles
    ]
    sure = [one for one in readings if not SEMI.search(one.name)]
    return (sure or readings)[:1]


def decide(key: str, names: list[str], smiles: dict[str, str], by_hand: dict[str, Any]) -> Outcome:
    """What the sources make of one item, and what was decided by hand."""
    made = Outcome(key, citation=by_hand.get("why", ""))
    if "none" in by_hand:
        made.citation = by_hand["none"]
        return made
    asked = [*(name for name in names if name not in by_hand.get("ignore", [])), *by_hand.get("lookup", [])]
    corrected = by_hand.get("name")
    o = [Reading("opsin", corrected, smiles[corrected])] if corrected else read_by_opsin(names, smiles)
    d, m = looked_up("chemicals", asked), looked_up("massbank", asked)
    made.conflict = conflict(read_by_opsin(names, smiles) if corrected else o, d, m)
    if "smiles" in by_hand:
        return by_hand_only(made, by_hand, [*d, *m])
    if take := by_hand.get("take"):
        chosen = {"opsin": o, "chemicals": d, "massbank": m}[take]
        o, d, m = ([one for one in many if one.skeleton == chosen[0].skeleton] for many in (o, d, m))
    agreeing = agreement(o, d, m)
    sources = {one.source for one in agreeing}
    if not agreeing or (len(sources) == 1 and len([many for many in (o, d, m) if many]) > 1):
        return made  # sources that say different things, and nobody decided
    made.status = "two-source" if len(sources) > 1 else "one-source"
    if corrected and len(sources) == 1 and corrected not in map(readable, names):
        made.status = "by hand"
    made.used = agreeing
    preferred = [one for one in agreeing if one.source == by_hand.get("take")] or agreeing
    made.smiles, made.stereo = stereochemistry(names, preferred, by_hand)
    made.smiles += map(canonical, by_hand.get("more", []))
    same = {one.source for one in agreeing if one.inchikey == key_of(made.smiles[0])}
    made.agreed = "" if len(sources) == 1 else "full" if len(same) > 1 else "connectivity"
    return made


def conflict(*sources: list[Reading]) -> str:
    """The structures of sources that have no connectivity in common."""
    said = [many for many in sources if many]
    if len(said) < 2 or set.intersection(*({one.skeleton for one in many} for many in said)):
        return ""
    return "; ".join(f"{one} = {canonical(one.smiles)}" for many in said for one in many)


def agreement(*sources: list[Reading]) -> list[Reading]:
    """The readings of the connectivity that most sources have, the first source's where they are as many."""
    votes: dict[str, set[str]] = defaultdict(set)
    for one in (one for many in sources for one in many):
        votes[one.skeleton].add(one.source)
    if not votes:
        return []
    best = max(votes, key=lambda skeleton: len(votes[skeleton]))
    return [one for many in sources for one in many if one.skeleton == best]


def by_hand_only(made: Outcome, by_hand: dict[str, Any], others: list[Reading]) -> Outcome:
    """A structure that was written down; a source that has it too is named."""
    made.smiles = [canonical(by_hand["smiles"])]
    made.status = "by hand"
    same = [one for one in others if one.skeleton == key_of(made.smiles[0])[:14]]
    made.used = [Reading("hand", "SMILES", made.smiles[0]), *same]
    made.agreed = "connectivity" if same else ""
    made.stereo = by_hand.get("stereo", "as named" if centres(made.smiles[0]) else "none stated")
    if by_hand.get("also") == "enantiomer":
        made.smiles.append(mirrored(made.smiles[0]))
    return made


def stereochemistry(
    names: list[str], readings: list[Reading], by_hand: dict[str, Any]
) -> tuple[list[str], str]:
    """The structure that says as much of stereochemistry as the names do, and how it is to be taken."""
    first = readings[0].smiles
    racemic = any(RACEMIC.match(name) for name in names)
    marked = any(unmarked(readable(name)) != readable(name) for name in names)
    if by_hand.get("flat") or (racemic and "also" not in by_hand):
        said = by_hand.get("stereo", "racemic" if racemic else "not resolved")
        return [flattened(first)], said
    stated = centres(first)
    if stated or readings[0].source != "opsin" or "take" in by_hand:
        first = fullest(first, readings)
    chosen = [canonical(first)]
    if by_hand.get("also") == "enantiomer":
        chosen.append(mirrored(first))
    if centres(first):
        return chosen, by_hand.get("stereo", "as named")
    return chosen, by_hand.get("stereo", "not resolved" if marked else "none stated")


def fullest(first: str, readings: list[Reading]) -> str:
    """The structure that states most of the configuration and contradicts nothing that the first one says."""
    fuller = [one for one in readings if extends(one.smiles, first)]
    most = max((centres(one.smiles) for one in fuller), default=0)
    best = {one.inchikey: one.smiles for one in fuller if centres(one.smiles) == most}
    if len(best) > 1:
        raise SystemExit(f"{readings[0].name}: configurations differ, and nobody decided: {best}")
    return next(iter(best.values()), first)


def cas_numbers(outcomes: list[Outcome], by_hand: dict[str, dict[str, Any]]) -> dict[tuple[str, str], str]:
    """CAS numbers by item and key: by hand, or of `chemicals`, or where that has none of public tables.

    `chemicals` gives that of its entry under the Act's name with the item's connectivity. An entry that
    several head names lead to gives none, unless they are one substance: `chemicals` has one entry for
    levomethorphan and dextromethorphan, and one for alphaprodine and betaprodine. Public tables give that of
    the whole key, where they give one and the structure leaves no configuration out that the names state.
    """
    numbers: dict[tuple[str, str], str] = {}
    heads = {key: names[0].casefold() for key, names in substances().items()}
    claimed: dict[str, set[str]] = defaultdict(set)
    for one in outcomes:
        plain = one.stereo in ("as named", "none stated")
        for reading in one.used:
            claimed[reading.cas].add(key_of(one.smiles[0]) if plain else heads[one.key])
    for one in outcomes:
        keys = [key_of(smiles) for smiles in one.smiles]
        decided = by_hand.get(heads[one.key], {})
        if number := decided.get("cas"):
            numbers[one.key, keys[0]] = checked(number)
        if "cas" not in decided:
            for reading in sorted(one.used, key=lambda used: used.inchikey != keys[0]):
                if reading.cas and len(claimed[reading.cas]) == 1:
                    exact = reading.inchikey if reading.inchikey in keys else keys[0]
                    numbers.setdefault((one.key, exact), checked(reading.cas))
        if one.stereo != "not resolved" and "cas" not in decided:
            for key in keys[:1] if "also" in decided else keys:  # tables give racemates a mirror image's key
                if len(given := registry().get(key, ())) == 1:
                    numbers.setdefault((one.key, key), checked(*given))
    return numbers


def said_of(numbers: dict[tuple[str, str], str]) -> Iterator[str]:
    """How many of the numbers public tables give to the same key, and where they give others only."""
    stated = {(key, number) for (_, key), number in numbers.items() if key in registry()}
    for key, number in sorted(stated):
        if number not in registry()[key]:
            yield f"number: {key} {number}, public tables: {', '.join(registry()[key])}"
    same = {(key, number) for key, number in stated if number in registry()[key]}
    every = {(key, number) for (_, key), number in numbers.items()}
    yield f"CAS numbers: {len(every)} of structures, {len(same)} of them in public tables for the same key"


def checked(number: str) -> str:
    """A CAS number written with hyphens, if its check digit is right."""
    digits = re.sub(r"\D", "", str(number))
    total = sum(place * int(digit) for place, digit in enumerate(reversed(digits[:-1]), 1))
    if len(digits) < 5 or total % 10 != int(digits[-1]):
        raise SystemExit(f"{number} is no CAS number")
    return f"{digits[:-3]}-{digits[-3:-1]}-{digits[-1]}"


def outcomes() -> list[Outcome]:
    """What was made of every item that names one substance."""
    by_hand = decisions()
    named = substances()
    texts = [unmarked(readable(name)) for names in named.values() for name in names]
    smiles = opsin([*texts, *(one["name"] for one in by_hand.values() if "name" in one)])
    heads = {names[0].casefold() for names in named.values()}
    if lost := [name for name in by_hand if name.casefold() not in heads]:
        raise SystemExit(f"decisions on what no item names: {lost}")
    folded_hand = {name.casefold(): one for name, one in by_hand.items()}
    return [
        decide(key, names, smiles, folded_hand.get(names[0].casefold(), {})) for key, names in named.items()
    ]


def main() -> None:
    """Write the table, and show every conflict and all that is unresolved."""
    made = outcomes()
    numbers = cas_numbers(made, {name.casefold(): one for name, one in decisions().items()})
    rows = []
    for one in made:
        sources = " | ".join(dict.fromkeys(map(str, one.used)))
        for smiles in one.smiles or [""]:
            key = key_of(smiles) if smiles else ""
            cas = numbers.get((one.key, key), "")
            rows.append(
                (one.key, smiles, key, one.stereo, one.status, one.agreed, sources, cas, one.citation)
            )
    lines = [HEAD.rstrip("\n"), "\t".join(COLUMNS), *("\t".join(row) for row in rows)]
    OUT.write_text("\n".join(lines) + "\n", "utf-8")
    for one in made:
        if one.conflict:
            print(f"conflict, {one.status}: {one.key} {substances()[one.key][0]}: {one.conflict}")
        if one.status == "unresolved":
            print(f"unresolved: {one.key} {' | '.join(substances()[one.key])} {one.citation}")
    act = [one for one in made if one.key.startswith("CDSA/")]
    for text in said_of(numbers):
        print(text)
    for status in ("two-source", "one-source", "by hand", "unresolved"):
        print(f"{status}: {sum(one.status == status for one in act)} of {len(act)} items of the Act")


if __name__ == "__main__":
    main()
