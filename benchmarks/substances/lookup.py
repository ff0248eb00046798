"""How long "controlled on D?" takes in a process that has asked before, by kind of query.

Queries: every English name, CAS number, InChIKey and SMILES of the law's own tables, the same with a salt's
word behind the name, and as many that are not there. One core, the index built, RDKit loaded.
"""

import argparse
import gc
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import date
from statistics import quantiles

from watchfloor.reference.law import structures
from watchfloor.reference.substances import index
from watchfloor.reference.substances.answer import ask
from watchfloor.reference.substances.outcome import QueryError, Taken

DAY = date(2026, 6, 10)


def asked() -> dict[str, tuple[Taken, list[str]]]:
    loaded = index.load()
    names = sorted({name for several in loaded.items.values() for item in several for name in item.names_en})
    known = [one for many in structures.structures().values() for one in many]
    smiles = sorted({one.smiles for one in known if one.smiles})
    return {
        "name": ("name", names),
        "name with a salt": ("name", [f"{name} hydrochloride" for name in names]),
        "name, misspelt": ("name", [f"{name[:3]}x{name[4:]}" for name in names if len(name) > 6]),
        "CAS number": ("cas", sorted(loaded.numbers)),
        "InChIKey": ("inchikey", sorted(loaded.keys)),
        "InChIKey, unknown": ("inchikey", [f"{key[13::-1]}-UHFFFAOYSA-N" for key in loaded.keys]),
        "HS code": ("hs", ["2933.39", "2933.33", "2939.11", "2915.24", "2921.46"] * 20),
        "SMILES": ("smiles", smiles),
        "SMILES, one carbon more": (
            "smiles",
            [f"C{text}" for text in smiles if text[:2] in ("CC", "CO", "CN")],
        ),
    }


def timed(queries: Iterable[str], taken: Taken) -> list[float]:
    found = []
    for query in queries:
        started = time.perf_counter()
        try:
            ask(query, DAY, taken)
        except QueryError:  # a carbon too many somewhere
            continue
        found.append(time.perf_counter() - started)
    return found


def main() -> int:
    argparse.ArgumentParser(prog="./dev bench substances.lookup", description=__doc__).parse_args()
    started = time.perf_counter()
    index.load()
    print(f"index built in {time.perf_counter() - started:.3f} s")
    ask("CCO", DAY, "smiles")
    gc.freeze()
    for title, (taken, queries) in asked().items():
        timed(queries[:50], taken)
        took = [1000 * one for one in timed(queries, taken)]
        cuts = quantiles(took, n=100)
        counted = f"{title:24} {len(took):5} queries"
        print(f"{counted}  p50 {cuts[49]:.3f} ms  p99 {cuts[98]:.3f} ms  max {max(took):.1f} ms")
    for query in ("fentanyl", "CCC(=O)N(c1ccccc1F)C1CCN(CCc2ccccc2)CC1"):
        started = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "watchfloor", "controlled", query, "--json"],
            check=True,
            capture_output=True,
        )
        print(f"a fresh process, {query[:20]}: {time.perf_counter() - started:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
