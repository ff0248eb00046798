"""Class rules: named examples by their own definition, hits over the compounds of `chemicals`, speed.

Development data: the members that the Act names, and 14 substances that United States notices named before
the class was written into law. Held out: the spectra that NIST labelled by place of modification; at first
sight 29 of the 32 agreed, after it one reading was changed (a carbon more in the chain is B).

The compounds of `chemicals` (71,347 of PubChem, its "large" table) were looked at while the rules were
written: each of their hits is printed with a judgement made by hand, so that a reader can contradict it.
Peer: one plain SMARTS a definition, as one would write it first.
"""

import argparse
import re
import sys
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from rdkit import Chem, RDLogger

from watchfloor.reference.law import structures
from watchfloor.reference.substances import classes, molecules, novel

Rule = Callable[[Chem.Mol], set[str]]
SPECTRA = Path(__file__).resolve().parents[3] / "shared" / "data" / "lab" / "fentanyl_ei"
NAMED = re.compile(r"^(?:Name|Synon): (.*)$", re.MULTILINE)
KEYED = re.compile(r"^InChIKey: (\S+)", re.MULTILINE)
PEER = {
    "CDSA/I/16": "[CX3](=[OX1])[NX3](a)[CX4;R1]1CC[NX3](CC[R])CC1",
    "CDSA/II/2(1)": "[OX2]c1cc([#6,#7,#8,F,Cl,Br,I])ccc1C1CCCCC1",
    "CDSA/II/2(2)": "O=C(c1cn([!#1])c2ccccc12)c1cccc2ccccc12",
    "CDSA/II/2(3)": "O=C(c1ccn([!#1])c1)c1cccc2ccccc12",
    "CDSA/II/2(4)": "O=C(Cc1ccccc1)c1cn([!#1])c2ccccc12",
    "CDSA/II/2(5)": "O=C(c1ccccc1)c1cn([!#1])c2ccccc12",
    "CDSA/II/2(6)": "O=C(C1CC1)c1cn([!#1])c2ccccc12",
    "CDSA/II/2(7)": "O=C(Oc1cccc2cccnc12)c1cn([!#1])c2ccccc12",
    "CDSA/II/2(8)": "O=C(N)c1nn([!#1])c2ccccc12",
    "CDSA/II/2(9)": "O=C(N)c1cn([!#1])c2ccccc12",
    "CDSA/III/35": "NCCc1cc(O[#6])ccc1O[#6]",
    "CDSA/I/13": "c1ccccc1Cc1nc2ccccc2n1CCN",
}
NOTICED = """ethyl (1-phenethylpiperidin-4-yl)(phenyl)carbamate
N-(2-fluorophenyl)-N-(1-phenethylpiperidin-4-yl)acrylamide
N-(2-fluorophenyl)-N-(1-phenethylpiperidin-4-yl)isobutyramide
N-(4-fluorophenyl)-N-(1-phenethylpiperidin-4-yl)furan-2-carboxamide
N-(1-phenethylpiperidin-4-yl)-N-phenylcyclopentanecarboxamide
N-(1-phenethylpiperidin-4-yl)-N-phenylisobutyramide
N-(4-chlorophenyl)-N-(1-phenethylpiperidin-4-yl)isobutyramide
N-(4-methoxyphenyl)-N-(1-phenethylpiperidin-4-yl)butyramide
N-(1-phenethylpiperidin-4-yl)-N-phenylpentanamide
N-(4-fluorophenyl)-N-(1-phenethylpiperidin-4-yl)butyramide
N-(2-fluorophenyl)-2-methoxy-N-(1-phenethylpiperidin-4-yl)acetamide
N-(2-fluorophenyl)-N-(1-phenethylpiperidin-4-yl)propionamide
N-(1-phenethylpiperidin-4-yl)-N-phenyltetrahydrofuran-2-carboxamide
2-methoxy-N-(1-phenethylpiperidin-4-yl)-N-phenylacetamide"""
"""Named in notices of 21 CFR 1308.11(h) before the class of (h)(30); read as names by OPSIN."""

OUTSIDE = ("CDSA/I/16(5)", "CDSA/I/16(11.1)", "CDSA/I/16(14)", "CDSA/I/13(3)")
"""Item 16 names fentanyl itself, and two without the class's phenethyl and acyl: remifentanil and ANPP. Item
13 names bezitramide, which is no nitazene."""

JUDGED = {
    "437-38-7": "true: fentanyl",
    "990-73-8": "true: fentanyl citrate",
    "42045-86-3": "true: 3-methylfentanyl, item 16(10)",
    "1443-44-3": "true: alpha-methylfentanyl, item 16(8)",
    "60561-17-3": "true: sufentanil citrate, item 16(12)",
    "3258-84-2": "true: acetylfentanyl",
    "5957-75-5": "true, and excepted: delta-8-THC",
    "1972-08-3": "true, and excepted: delta-9-THC",
    "13956-29-1": "true, and excepted: cannabidiol",
    "521-37-9": "true, and excepted if the natural form: cannabidiol",
    "6692-85-9": "true: hexahydrocannabinol, not on our list of phytocannabinoids",
    "117-51-1": "true: parahexyl, item 2(1)(ii)",
    "101565-05-3": "true by the words: ether at 1, hydroxyl at 5; an isomer of THC",
    "131513-18-3": "true: WIN 55,212, configuration not stated",
    "67697-31-8": "true by the words: 1-ethyl-3-benzoylindole; a dye's intermediate, no known agonist",
    "67697-32-9": "true by the words: 1-ethyl-3-benzoylindole; a dye's intermediate, no known agonist",
    "67697-49-8": "true by the words: 1-butyl-3-benzoylindole; a dye's intermediate, no known agonist",
    "51389-84-5": "true by the words: 1-ethyl-3-benzoylindole; a dye's intermediate, no known agonist",
    "6859-25-2": "true by the words: 3-phenylacetylindole with an acyl at nitrogen",
    "131-28-2": "true by the words: methylenedioxy, dimethylamino; narceine, an opium alkaloid (item 1)",
    "451-77-4": "true: N-methyl-3,4-methylenedioxyphenethylamine",
    "1484-85-1": "true: 3,4-methylenedioxyphenethylamine",
    "1653-64-1": "true: its hydrochloride",
    "3600-86-0": "true: 2,5-dimethoxyphenethylamine (2C-H)",
    "13406-60-5": "true core: a 5-acetyl nitazene; a person decides",
    "4929-77-5": "true core: a nitazene with S in place of CH2, no nitro group; a person decides",
    "28089-06-7": "true: a methoxybenzofuran with 2-aminoethyl, hydrochloride",
    "2053-25-0": "true core: etonitazene hydrochloride, item 13(2)",
    "15451-93-1": "true core: a 5-acetyl nitazene with NH in place of CH2; a person decides",
}
"""Hits over `chemicals` by CAS number, each judged by hand against the words of the definition."""


def examples() -> dict[str, list[tuple[str, Chem.Mol]]]:
    """Named examples by the definition they stand under."""
    found: dict[str, list[tuple[str, Chem.Mol]]] = {}
    for key, several in structures.structures().items():
        head = "CDSA/I/16" if key.startswith("CDSA/I/16(") else key[: key.rfind("(")]
        if head in PEER and several[0].smiles and key not in OUTSIDE:
            found.setdefault(head, []).append((key, Chem.MolFromSmiles(several[0].smiles)))
    return found


def opsin(names: list[str]) -> dict[str, Chem.Mol]:
    """Structures of names; what OPSIN cannot read is left out."""
    from py2opsin import py2opsin

    with TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of each name that is a trivial one
        drawn = py2opsin(names, "SMILES", tmp_fpath=str(Path(folder) / "names.txt"))
    return {name: Chem.MolFromSmiles(smiles) for name, smiles in zip(names, drawn, strict=True) if smiles}


def noticed() -> list[tuple[str, Chem.Mol]]:
    return list(opsin(NOTICED.splitlines()).items())


def held_out() -> list[tuple[str, str, Chem.Mol]]:
    """NIST's labelled fentanyls: letters of the folder, name, structure where OPSIN's key is the file's."""
    texts = [(path.parent.name, path.read_text("latin1")) for path in sorted(SPECTRA.rglob("*.MSP"))]
    names = {text: [name.removesuffix("#").strip() for name in NAMED.findall(text)] for _, text in texts}
    drawn = opsin(sorted({name for several in names.values() for name in several}))
    found = []
    for folder, text in texts:
        key = KEYED.search(text)
        for name in names[text]:
            if name in drawn and key and Chem.MolToInchiKey(drawn[name]) == key[1]:
                found.append((folder.rpartition("_")[2].removeprefix("Type"), name, drawn[name]))
                break
    return found


def show_held_out() -> None:
    if not SPECTRA.is_dir():
        print("labelled spectra of NIST: not there, nothing held out")
        return
    natural = [one for one in held_out() if not any(atom.GetIsotope() for atom in one[2].GetAtoms())]
    rows = [one for one in natural if set(one[0]) <= set("ABCDE")]
    agreed, inside = 0, 0
    for letters, name, mol in rows:
        detail = next((one.detail for one in classes.members(mol) if one.key == "CDSA/I/16"), None)
        inside += detail is not None
        agreed += detail == letters
        if detail != letters:
            print(f"    {letters:4} ours {detail or 'outside':8} {name}")
    print(
        f"labelled by NIST (55 files, {len(rows)} natural, read by OPSIN with the file's own key): "
        f"{inside} in the class, {agreed} with the same letters"
    )


def show_novel() -> None:
    """Whether OPSIN still reads the systematic names of new substances as their stored structures."""
    rows = list(novel.rows())
    read = opsin([systematic for _, systematic, _ in rows])
    same = [
        names[0]
        for names, systematic, smiles in rows
        if systematic in read
        and Chem.MolToInchiKey(read[systematic]) == Chem.MolToInchiKey(Chem.MolFromSmiles(smiles))
    ]
    other = sorted({names[0] for names, _, _ in rows} - set(same))
    print(f"new substances, systematic name read as stored: {len(same)} of {len(rows)} {other or ''}")


def compounds() -> list[tuple[str, str, str]]:
    """CAS number, SMILES and a name of each compound of `chemicals`."""
    path = files("chemicals") / "Identifiers" / "chemical identifiers pubchem large.tsv"
    rows = (line.split("\t") for line in path.read_text("utf-8").splitlines())
    return [(row[1], row[4], row[8] if len(row) > 8 else row[7]) for row in rows]


def ours(mol: Chem.Mol) -> set[str]:
    return {one.key for one in classes.members(mol) if one.key != "US/FRS"}


def peer() -> Callable[[Chem.Mol], set[str]]:
    queries = {key: Chem.MolFromSmarts(smarts) for key, smarts in PEER.items()}
    return lambda mol: {key for key, query in queries.items() if mol.HasSubstructMatch(query)}


def show_examples(rule: Rule, named: Mapping[str, list[tuple[str, Chem.Mol]]]) -> None:
    for scope in ("CDSA/I/16", "CDSA/II/2", "CDSA/III/35", "CDSA/I/13"):
        rows = [
            (head, key, mol) for head, many in named.items() if head.startswith(scope) for key, mol in many
        ]
        own = sum(head in rule(mol) for head, _, mol in rows)
        wrong = [key for head, key, mol in rows if rule(mol) - {head}]
        missed = [key for head, key, mol in rows if head not in rule(mol)]
        told = f"{own}/{len(rows)} by their own definition; {len(wrong)} also by another"
        print(f"    {scope:12} {told} {' '.join(wrong)}{' missed: ' if missed else ''}{' '.join(missed)}")


def rate(rule: Callable[[Chem.Mol], object], mols: Iterable[Chem.Mol], repeats: int = 3) -> float:
    mols, best = list(mols), float("inf")
    for _ in range(repeats):
        started = time.process_time()
        for mol in mols:
            rule(mol)
        best = min(best, time.process_time() - started)
    return len(mols) / best


def from_smiles(smiles: list[str]) -> float:
    """Molecules a second from the text of a SMILES to an answer of the rules, limits and salts included."""
    started = time.process_time()
    for text in smiles:
        try:
            molecule = molecules.parse(text)
        except molecules.MoleculeError:
            continue
        for part in molecule.substances:
            classes.members(part)
    return len(smiles) / (time.process_time() - started)


def main() -> int:
    argparse.ArgumentParser(prog="./dev bench substances.classes", description=__doc__).parse_args()
    RDLogger.DisableLog("rdApp.*")
    print(", ".join(f"{name} {version(name)}" for name in ("rdkit", "chemicals", "py2opsin")), "one core")
    naive, named = peer(), examples()
    us = noticed()
    for title, rule in (("watchfloor", ours), ("one SMARTS a definition", naive)):
        print(title)
        show_examples(rule, named)
        print(
            f"    fentanyl class with the {len(us)} noticed: "
            f"{sum('CDSA/I/16' in rule(mol) for _, mol in (*named['CDSA/I/16'], *us))}"
            f"/{len(named['CDSA/I/16']) + len(us)}"
        )
    show_held_out()
    show_novel()
    table = compounds()
    mols = [(cas, name, mol) for cas, smiles, name in table if (mol := Chem.MolFromSmiles(smiles))]
    hits = {cas: (name, ours(mol)) for cas, name, mol in mols if ours(mol)}
    print(f"{len(mols):,} compounds of chemicals: {len(hits)} hits")
    for cas, (name, keys) in hits.items():
        print(f"    {cas:12} {', '.join(sorted(keys)):14} {name[:50]:50} {JUDGED.get(cas, 'NOT JUDGED')}")
    false = [cas for cas in hits if not JUDGED.get(cas, "").startswith("true")]
    theirs = {cas for cas, _, mol in mols if naive(mol)}
    print(f"false or not judged: {len(false)} {false or ''}")
    print(
        f"one SMARTS a definition: {len(theirs)} hits, {len(theirs - hits.keys())} that ours has not, "
        f"{len(hits.keys() - theirs)} that it has not"
    )
    bare = [mol for _, _, mol in mols]
    fast, slow = rate(classes.members, bare), rate(naive, bare)
    print(f"prepared molecules: {fast:,.0f}/s; one SMARTS a definition {slow:,.0f}/s: {fast / slow:.1f}x")
    print(f"from SMILES: {from_smiles([smiles for _, smiles, _ in table]):,.0f}/s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
