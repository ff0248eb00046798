"""The tables that `./dev bench listings` prints."""

from collections.abc import Iterable, Sequence

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from benchmarks.listings.measure import CLOCK, Run, fresh
from benchmarks.listings.perturb import CHANGES
from benchmarks.listings.questions import SCRIPTS, Question
from benchmarks.listings.scale import CHANGED, REPEATS, at_scale, change_seconds, hostile_times
from benchmarks.listings.verdicts import Judged, Says, above, alarms, cap, pick, recall, says_tier

PERTURBED_CAP = 0.003
SCRIPT_CAP = 0.01

EVIDENCE = (
    ("weak alias", "alone, want 0"),
    ("weak alias, birth date", "and the birth date, want 100"),
    ("other birth date", "true name, born 23 years earlier, want 0"),
    ("year off by one", "true name, want 100"),
    ("day and month swapped", "true name, want 100"),
)


def percent(share: float) -> str:
    return "–" if share != share else f"{100 * share:.1f}"


def grid(title: str, columns: Iterable[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for at, column in enumerate(columns):
        table.add_column(column, justify="right" if at else "left")
    for row in rows:
        table.add_row(*row)
    return table


def speed(runs: list[Run]) -> Table:
    ours = next((r for r in runs if r.label.startswith("watchfloor")), None)
    rows = [
        (
            run.label,
            f"{run.build:.2f}",
            f"{run.added:.0f}",
            f"{run.rate:,.0f}",
            f"{run.milliseconds(50):.2f}",
            f"{run.milliseconds(99):.2f}",
            f"{run.milliseconds(100):.1f}",
            f"{ours.rate / run.rate:.1f}×" if ours else "",
        )
        for run in runs
    ]
    columns = ("screener", "build s", "added MB", "screens/s", "p50 ms", "p99 ms", "max ms", "ours / it")
    return grid(f"Speed, one thread, {CLOCK}", columns, rows)


def deciders(run: Run, judged: list[Judged], rate: float, script: str) -> list[tuple[str, Says]]:
    """How a screener's hits are judged: by its tier where it has one, and by a threshold from development."""
    swept = above(cap(pick(judged, "development", "unrelated", script), rate))
    tiers = any(a.tier for answers in run.answers for a in answers)
    return [*([("as shipped", says_tier)] if tiers else []), ("at the cap", swept)]


def by_question(run: Run, questions: list[Question]) -> list[Judged]:
    return list(zip(questions, run.answers, strict=True))


def perturbations(runs: list[Run], questions: list[Question], half: str) -> Table:
    columns, shares = [], []
    for run in runs:
        judged = by_question(run, questions)
        for manner, says in deciders(run, judged, PERTURBED_CAP, "latin"):
            columns.append(f"{run.label}\n{manner}")
            kinds = [recall(pick(judged, half, kind), says) for kind in CHANGES]
            shares.append(
                [
                    alarms(pick(judged, half, "unrelated", "latin"), says),
                    alarms(pick(judged, half, "namesake", "latin"), says),
                    sum(kinds) / len(kinds),
                    *kinds,
                ]
            )
    names = ["false positives, unrelated Latin names", "namesakes", "mean recall", *CHANGES]
    title = f"Recall by perturbation, %; thresholds at ≤ {PERTURBED_CAP:.1%} false positives on development"
    return grid(title, (f"{half} half", *columns), turned(names, shares))


def turned(names: list[str], columns: list[list[float]]) -> list[list[str]]:
    return [[name, *(percent(column[at]) for column in columns)] for at, name in enumerate(names)]


def scripts(runs: list[Run], questions: list[Question], half: str) -> Table:
    columns, shares = [], []
    for run in runs:
        judged = by_question(run, questions)
        manners = {script: deciders(run, judged, SCRIPT_CAP, script) for script in SCRIPTS}
        for at, (manner, _) in enumerate(manners["arabic"]):
            columns.append(f"{run.label}\n{manner}")
            shares.append(
                [
                    share
                    for script in SCRIPTS
                    for share in script_row(judged, script, manners[script][at][1], half)
                ]
            )
    counted = by_question(runs[0], questions)
    names = [
        f"{script}: {what} ({len(pick(counted, half, group, script))})"
        for script in SCRIPTS
        for what, group in SCRIPT_ROWS
    ]
    title = f"Names in other scripts against Latin names, %; thresholds at ≤ {SCRIPT_CAP:.0%} on development"
    rows = [row for row in turned(names, shares) if any(cell != "–" for cell in row[1:])]
    return grid(title, (f"{half} half", *columns), rows)


SCRIPT_ROWS = (
    ("false positives", "unrelated"),
    ("namesakes", "namesake"),
    ("false positives, with a year", "unrelated, year"),
    ("recall, name alone", "original script"),
    ("recall, with the year", "original script, year"),
)


def script_row(judged: list[Judged], script: str, says: Says, half: str) -> list[float]:
    measures = (alarms, alarms, alarms, recall, recall)
    return [m(pick(judged, half, g, script), says) for m, (_, g) in zip(measures, SCRIPT_ROWS, strict=True)]


def stocks(runs: list[Run], questions: list[Question], half: str) -> Table:
    """False positives as shipped for every stock of names: none should alarm more than another."""
    asked = [
        (half, "unrelated", script, stock)
        for script, stock in sorted({(q.script, q.stock) for q in questions})
    ]
    rows = []
    for key in asked:
        at = [i for i, q in enumerate(questions) if (q.half, q.group, q.script, q.stock) == key]
        if at:
            shares = (alarms(((questions[i], run.answers[i]) for i in at), says_tier) for run in runs)
            rows.append((f"{key[2]}: {key[3]} ({len(at):,})", *map(percent, shares)))
    title = f"False positives by stock of names, {half} half, as shipped, %"
    return grid(title, ("stock", *(run.label for run in runs)), rows)


def evidence(runs: list[Run], questions: list[Question], half: str) -> Table:
    """Matches as shipped among questions that a birth date decides, and among everyday names."""
    rows = []
    for group, meaning in EVIDENCE:
        asked = [pick(by_question(run, questions), half, group) for run in runs]
        shares = [recall(judged, says_tier) for judged in asked]
        rows.append((f"{group} ({len(asked[0])}): {meaning}", *map(percent, shares)))
    benign = [i for i, q in enumerate(questions) if q.group == "benign collision"]
    shares = [alarms(((questions[i], run.answers[i]) for i in benign), says_tier) for run in runs]
    rows.append((f"everyday names like an alias ({len(benign)}), want 0", *map(percent, shares)))
    return grid("Matches as shipped, %", (f"{half} half", *(run.label for run in runs)), rows)


def endurance(listings: pa.Table) -> Iterable[Table]:
    """Ours alone: hostile names and a list change."""
    slowest_first = sorted(fresh(hostile_times, listings), key=lambda row: -row[1])
    rows = [(what, f"{took * 1e3:.2f}", str(hits)) for what, took, hits in slowest_first]
    yield grid(f"Hostile names, worst of three, {CLOCK}", ("name", "ms", "hits"), rows)
    changed = f"{fresh(change_seconds, listings) * 1e3:.1f}"
    yield grid(f"A change of {CHANGED} listings, median of {REPEATS}", ("", "ms"), [("apply", changed)])


def many(listings: pa.Table, questions: list[Question]) -> Table:
    """Ours alone: the lists and listings composed of their words."""
    asked = [q for q in questions if q.half == "test" and q.group in CHANGES][::2]
    size = fresh(at_scale, listings, asked)
    rows = [
        ("names", f"{size.names:,}"),
        ("build s", f"{size.build:.1f}"),
        ("added MB", f"{size.added:.0f}"),
        ("screens/s", f"{size.rate:,.0f}"),
        ("p99 ms", f"{size.p99 * 1e3:.2f}"),
        (f"true entity among five, of {len(asked)} perturbed names, %", percent(size.recall)),
    ]
    return grid("Many names", ("", "watchfloor"), rows)


def show(console: Console, runs: list[Run], questions: list[Question], half: str) -> None:
    console.print(speed(runs), perturbations(runs, questions, half), scripts(runs, questions, half))
    tiered = [run for run in runs if any(a.tier for answers in run.answers for a in answers)]
    if tiered:
        console.print(stocks(tiered, questions, half), evidence(tiered, questions, half))
