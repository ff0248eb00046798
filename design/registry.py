"""Makes `design/registry.tsv`: CAS numbers that public tables give to substances of the law and of trade.

A witness of numbers that had no part in making the table of structures, nor `trade.toml`. By hand, with the
tables in one folder: `python -m design.registry FOLDER`. They are DrugBank's open vocabulary (CC0;
samyama-ai/clinicaltrials-kg), and what mviehauser/ProgrammierProjekt collected of the catalogue of Cayman
Chemical, of monographs of SWGDRUG and of the Slovenian police's RESPONSE. Keys, numbers and where they
stand are kept, nothing else. A number stands with the whole key of what it was given to, never a salt's.
"""

import csv
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from watchfloor.reference.law import trade
from watchfloor.reference.law.structures import structures

OUT = Path(__file__).with_name("registry.tsv")
COLLECTED = {
    "CAYMANCHEM_Elias_Michael_2024-06-22.json": "Cayman",
    "Danzl_Zaja_swgdrg.json": "SWGDRUG",
    "Tim_Jonas_Policija.json": "RESPONSE",
}
NUMBER = re.compile(r"\d{2,7}-\d\d-\d")
HEAD = """\
# DrugBank open vocabulary (CC0) at samyama-ai/clinicaltrials-kg b6ae3d5; Cayman Chemical's catalogue, SWGDRUG
# and RESPONSE as collected at mviehauser/ProgrammierProjekt 08a2097: CAS numbers by InChIKey, facts alone"""


def rows(folder: Path) -> Iterator[tuple[str, str, str]]:
    """InChIKey, number and source of every entry."""
    with (folder / "db_vocab.csv").open(encoding="utf-8") as lines:
        for one in csv.DictReader(lines):
            yield one["Standard InChI Key"], one["CAS"], f"DrugBank {one['DrugBank ID']}"
    for file, name in COLLECTED.items():
        for entry in json.loads((folder / file).read_text("utf-8")):
            given = entry.get("cas_num") or []
            if "." not in (entry.get("smiles") or ""):
                key = (entry.get("inchi_key") or "").removeprefix("InChIKey=")
                for number in [given] if isinstance(given, str) else given:
                    yield key, number, name


def main() -> None:
    """Write one line for each key and number, with all that say so."""
    wanted = {one.inchikey for many in structures().values() for one in many} | set(trade.by_inchikey())
    found: dict[tuple[str, str], dict[str, None]] = {}
    for key, number, source in rows(Path(sys.argv[1])):
        if key and key in wanted and NUMBER.fullmatch(number.strip()):
            found.setdefault((key, number.strip()), {})[source] = None
    lines = ["\t".join((*pair, ", ".join(by))) for pair, by in sorted(found.items())]
    OUT.write_text("\n".join([HEAD, "inchikey\tcas\tsources", *lines]) + "\n", "utf-8")
    print(f"{len(lines)} numbers of {len({key for key, _ in found})} substances")


if __name__ == "__main__":
    main()
