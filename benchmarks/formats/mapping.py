"""How much of an office's table the mapping wizard gets right before anybody has touched it.

    ./dev bench formats.mapping [--why]

Columns right: those that fill the field they say, and no field where they say nothing of ours. Rows right:
those that are read and say what the table says, out of those that can be read. Silent: values that are read
otherwise than they were written without a word; a wrong unit or a guessed order of day and month is one.

Tables and their truth are drawn by `tests/formats/office_tables.py`, no code of the wizard's. Each set has
names of columns, words and habits of its own, but for the last, which has names of its own. The words of
`columns.toml` grew by the first three sets, each time when their first figures had been written down; the
last one was drawn up at the end, and three general faults and two words followed from it.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.formats.office_tables import FRESH, SEEN, UNSEEN, Habit, judged, tables

from watchfloor.formats.tabular.fields import FIELDS

SETS = {"development": (SEEN, 0), "second": (UNSEEN, 1), "third": (FRESH, 2), "last": (FRESH, 3)}


def main() -> None:
    """Print a line for each set, and with `--why` what is not right."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--why", choices=SETS, help="tell what is not right in the tables of a set")
    why = parser.parse_args().why
    print(f"{'set':12} {'tables':>6} {'columns right':>20} {'rows right':>20} {'silent':>6}")
    for name, (habits, held) in SETS.items():
        measure(name, habits, held, why == name)


def measure(name: str, habits: list[Habit], held: int, why: bool) -> None:
    """Judge the tables of a set."""
    columns = right = rows = read = silent = 0
    made = tables(habits, held)
    with TemporaryDirectory() as folder:
        for one in made:
            if one.kind not in FIELDS:
                columns += len(one.columns)
                rows += sum(row is not None for row in one.rows) if not one.ask else 0
                continue
            verdict = judged(one, Path(folder))
            columns, right = columns + verdict.columns, right + verdict.right
            rows, read, silent = rows + verdict.rows, read + verdict.read, silent + len(verdict.silent)
            if why and (verdict.right < verdict.columns or verdict.read < verdict.rows or verdict.silent):
                print(f"  {one.topic}, {one.habit}: {verdict.read} of {verdict.rows} rows")
                for each in dict.fromkeys([*verdict.silent, *verdict.why][:8]):
                    print(f"      {each}")
    share = f"{right} of {columns} {right / columns:6.1%}"
    print(f"{name:12} {len(made):6} {share:>20} {f'{read} of {rows} {read / rows:6.1%}':>20} {silent:6}")


if __name__ == "__main__":
    main()
