"""Makes `design/massbank.tsv`: what MassBank records say of substances that the law names.

A third witness of names and structures, beside OPSIN and the `chemicals` package. By hand, with a clone of
MassBank/MassBank-data: `python design/massbank.py CLONE`. Names, keys and record numbers are kept, no
spectra.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from design.structure_names import folded, wanted

OUT = Path(__file__).with_name("massbank.tsv")
LICENCES = (
    "# The records are CC BY, CC0 or CC BY-NC-SA, each its own; names and InChIKeys are facts, and nothing "
    "else is here"
)
FIELDS = r"^(ACCESSION:|CH\$NAME:|CH\$SMILES:|CH\$LINK: INCHIKEY)"


def git(clone: str, *words: str) -> str:
    """What git says."""
    return subprocess.run(["git", "-C", clone, *words], check=True, capture_output=True, text=True).stdout


def records(lines: Iterator[str]) -> Iterator[tuple[str, list[str], str, str]]:
    """Accession, names, SMILES and InChIKey of each record that has all."""
    accession, names, smiles, key = "", [], "", ""
    for line in [*lines, "ACCESSION: end"]:
        label, _, value = line.strip().partition(": ")
        if label == "ACCESSION":
            if accession and names and smiles and key:
                yield accession, names, smiles, key
            accession, names, smiles, key = value, [], "", ""
        elif label == "CH$NAME":
            names.append(value)
        elif label == "CH$SMILES":
            smiles = value
        else:
            key = value.removeprefix("INCHIKEY ")


def main() -> None:
    """Write one line for each name and key, with the first record that says so."""
    clone = sys.argv[1]
    names = {folded(name): name for name in wanted()}
    found: dict[tuple[str, str], str] = {}
    lines = git(clone, "grep", "-h", "-E", FIELDS, "HEAD", "--", "*.txt").splitlines()
    for accession, said, smiles, key in records(iter(lines)):
        for name in said:
            if folded(name) in names:
                found.setdefault((names[folded(name)], key), f"{smiles}\t{accession}")
    rows = [f"{name}\t{key}\t{rest}" for (name, key), rest in sorted(found.items())]
    commit = git(clone, "rev-parse", "HEAD").strip()
    head = f"# MassBank/MassBank-data at {commit}: names and structures of records\n{LICENCES}"
    OUT.write_text("\n".join([head, "name\tinchikey\tsmiles\trecord", *rows]) + "\n", "utf-8")
    print(f"{len(rows)} names with structures")


if __name__ == "__main__":
    main()
