"""Rings of organised fraud found in made-up worlds, beside connected components and Splink's clusters.

    python -m benchmarks.travel.rings [--seeds FIRST LAST] [--vary] [--no-splink]

Worlds are those of `benchmarks.travel.worlds`; the desk was developed on seeds 1 to 50, the report is on 51
to 250. All three read the same table. A ring is found where one answer has at least half of its applications
and is at least half of it. Components join what shares any tie that at most `FEW` applications have; Splink
is fitted without labels and clustered at `SURE`. Neither knows what is false nor names anybody, so their
clusters are counted from the size on from which a ring is one, and only ours have subjects. Seconds are
processor time; the threads of Splink's engine count.
"""

import argparse
import csv
import io
import logging
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from benchmarks.travel.worlds import Assumptions, Row, World, world
from watchfloor.desks.travel.filings import TIES, Filings
from watchfloor.desks.travel.rings import LEAST, Ring, rings
from watchfloor.desks.travel.tables import read

FEW = 20
"""Applications that share a value at most, for connected components to join them."""
SURE = 0.9
"""Probability at which Splink's pairs are clustered."""
COLUMNS = ("phone", "email", "address", "payer", "device", "consultant", "letter_template")
"""Columns that Splink compares: what this table has of people and their surroundings."""


@dataclass
class Score:
    """Counts over worlds."""

    rings: int = 0
    found: int = 0
    leads: int = 0
    true: int = 0
    traces: int = 0
    applicants: int = 0
    members: int = 0
    right: int = 0
    seconds: float = 0.0

    def line(self, name: str) -> str:
        """Return a row of the table."""
        cells = [
            f"{self.rings:6}",
            f"{self.found / max(self.rings, 1):8.1%}",
            f"{self.leads:8}",
            f"{self.true / max(self.leads, 1):10.1%}" if self.true else f"{'-':>10}",
            f"{self.traces:6}",
            f"{self.applicants:6}",
            f"{self.right / max(self.members, 1):8.1%}",
            f"{self.seconds:8.1f}",
        ]
        return " ".join((f"{name:<38}", *cells))


HEAD = " ".join(
    (" " * 38, " rings", "   found", " answers", " organiser", " trace", " appl.", " in ring", "       s")
)


def written(rows: Sequence[Row], folder: Path) -> Path:
    """Write a table as a CSV file."""
    path = folder / "applications.csv"
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(text.getvalue(), "utf-8")
    return path


def judged(score: Score, of: World, answers: Iterable[frozenset[str]]) -> None:
    """Count which rings are found by sets of applications."""
    answers = list(answers)
    score.rings += len(of.rings)
    score.leads += len(answers)
    for ring in of.rings:
        score.found += any(
            2 * len(ring & one) >= len(ring) and 2 * len(ring & one) >= len(one) for one in answers
        )
    every = frozenset().union(*of.rings) if of.rings else frozenset()
    score.members += sum(map(len, answers))
    score.right += sum(len(one & every) for one in answers)


def ours(score: Score, of: World, path: Path) -> None:
    """Judge our rings, and their subjects."""
    begin = time.process_time()
    filings = Filings(read([path]).filings)
    found = rings(filings)
    score.seconds += time.process_time() - begin
    members = [frozenset(filings.all[at].id for at in one.members) for one in found]
    judged(score, of, members)
    for one, mine in zip(found, members, strict=True):
        nearest = max(range(len(of.rings)), key=lambda n: len(mine & of.rings[n]), default=None)
        hit = nearest is not None and bool(mine & of.rings[nearest])
        score.true += hit and _is(one, of.organisers[nearest])
        score.traces += hit and _is(one, of.traces[nearest])
        score.applicants += one.subject in of.applicants


def _is(one: Ring, values: frozenset[str]) -> bool:
    return one.subject in {value.removeprefix("+") for value in values}


def components(score: Score, of: World, path: Path) -> None:
    """Judge connected components over every tie that few share."""
    begin = time.process_time()
    filings = Filings(read([path]).filings)
    above = list(range(len(filings.all)))

    def top(at: int) -> int:
        while above[at] != at:
            above[at] = above[above[at]]
            at = above[at]
        return at

    for (kind, _), members in filings.having.items():
        if kind in TIES and len(members) <= FEW:
            for at in members[1:]:
                above[top(at)] = top(members[0])
    sets: dict[int, set[str]] = {}
    for at, one in enumerate(filings.all):
        sets.setdefault(top(at), set()).add(one.id)
    score.seconds += time.process_time() - begin
    judged(score, of, (frozenset(one) for one in sets.values() if len(one) >= LEAST))


def splink_clusters(score: Score, of: World) -> None:
    """Judge Splink's clusters: expectation maximisation without labels, one training a column."""
    import splink.comparison_library as compare
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    begin = time.process_time()
    rows = [
        {"unique_id": row["application_id"]} | {name: row.get(name) or None for name in COLUMNS}
        for row in of.rows
    ]
    counts = {name: Counter(row[name] for row in rows if row[name]) for name in COLUMNS}
    blocks = [block_on(name) for name in COLUMNS if max(counts[name].values(), default=0) > 1]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[compare.ExactMatch(name).configure(term_frequency_adjustments=True) for name in COLUMNS],
        blocking_rules_to_generate_predictions=blocks,
    )
    api = DuckDBAPI()
    linker = Linker(api.register(pa.Table.from_pylist(rows)), settings)
    linker.training.estimate_probability_two_random_records_match([block_on("payer", "device")], recall=0.5)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for name in ("device", "payer", "email"):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(name))
    pairs = linker.inference.predict(threshold_match_probability=min(SURE, 0.5))
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, SURE)
    sets: dict[str, set[str]] = {}
    for row in clusters.as_record_list():
        sets.setdefault(str(row["cluster_id"]), set()).add(row["unique_id"])
    score.seconds += time.process_time() - begin
    judged(score, of, (frozenset(one) for one in sets.values() if len(one) >= LEAST))


def measured(
    seeds: Iterable[int], assumptions: Assumptions, folder: Path, *, splink: bool
) -> dict[str, Score]:
    """Return the scores of each method over seeds."""
    scores = {"watchfloor": Score(), "connected components": Score()} | (
        {"splink 5": Score()} if splink else {}
    )
    for seed in seeds:
        of = world(seed, assumptions)
        path = written(of.rows, folder)
        ours(scores["watchfloor"], of, path)
        components(scores["connected components"], of, path)
        if splink:
            splink_clusters(scores["splink 5"], of)
    return scores


VARIED = {
    "rings of 4 to 7": {"size": (4, 7)},
    "rings of 30 to 80": {"size": (30, 80)},
    "no organiser named": {"named": 0.0},
    "seven names of one organiser": {"named": 1.0, "names": 7},
    "every second adviser a client's all": {"served": 1.0, "advised": 0.8},
    "a third of cells lost, a tenth wrong": {"missing": 0.33, "wrong": 0.1},
    "issuers asked of one letter in ten": {"asked": 0.1},
    "one honest letter in five denied": {"denied": 0.2},
    "as many honest clients of organisers": {"clean": 1.0},
    "thrice as many honest clients": {"clean": 3.0},
    "half of a ring's letters genuine": {"true_letters": 0.5},
    "no ring at all": {"rings": (0, 0)},
    "300 honest applications": {"honest": 300},
}
"""What else the world may be like."""


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", nargs=2, type=int, default=(51, 250))
    parser.add_argument("--vary", action="store_true")
    parser.add_argument("--no-splink", action="store_true")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    seeds = range(asked.seeds[0], asked.seeds[1] + 1)
    print(HEAD)
    with TemporaryDirectory() as folder:
        for name, score in measured(seeds, Assumptions(), Path(folder), splink=not asked.no_splink).items():
            print(score.line(name), flush=True)
        for name, changed in VARIED.items() if asked.vary else ():
            of = replace(Assumptions(), **changed)
            print(measured(seeds, of, Path(folder), splink=False)["watchfloor"].line(name), flush=True)


if __name__ == "__main__":
    main()
