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
    ("weak alias", "match only by a second fact"),
    ("weak alias, birth date", "that second fact"),
    ("other birth date", "the name, another birth date"),
    ("year off by one", "the name, birth year off by one"),
    ("day and month swapped", "the name, day and month swapped"),
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
    return grid(title, (f"{half} half", *columns), turned(names, shares))


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


def stocks(run: Run, questions: list[Question], half: str) -> Table:
    """False positives as shipped for every stock of names: none should alarm more than another."""
    judged = [j for j in by_question(run, questions) if (j[0].half, j[0].group) == (half, "unrelated")]
    rows = []
    for script, stock in sorted({(q.script, q.stock) for q, _ in judged}):
        mine = [(q, answers) for q, answers in judged if (q.script, q.stock) == (script, stock)]
        raised = sum(any(map(says_tier, answers)) for _, answers in mine)
        rows.append((f"{script}: {stock}", f"{len(mine):,}", str(raised), percent(raised / len(mine))))
    title = f"False positives by stock of names, {half} half, as shipped: {run.label}"
    return grid(title, ("stock", "names", "alarms", "%"), rows)


def evidence(run: Run, questions: list[Question], half: str) -> Table:
    judged = by_question(run, questions)
    rows = []
    for group, meaning in EVIDENCE:
        asked = pick(judged, half, group)
        shown = recall(asked, lambda _: True)
        rows.append(
            (f"{group}: {meaning}", str(len(asked)), percent(recall(asked, says_tier)), percent(shown))
        )
    asked = [j for j in judged if j[0].group == "benign collision"]
    raised, shown = alarms(asked, says_tier), alarms(asked, lambda _: True)
    rows.append(
        ("benign collision: an everyday name like an alias", str(len(asked)), percent(raised), percent(shown))
    )
    return grid(
        f"Evidence and weak names, as shipped, %: {run.label}",
        ("questions", "asked", "match", "shown in any tier"),
        rows,
    )


def scale(listings: pa.Table, questions: list[Question]) -> Iterable[Table]:
    """Ours alone: hostile names, a list change, and many names."""
    rows = [
        (what, f"{took * 1e3:.2f}", str(hits))
        for what, took, hits in sorted(fresh(hostile_times, listings), key=lambda row: -row[1])
    ]
    yield grid(f"Hostile names, worst of three, {CLOCK}", ("name", "ms", "hits"), rows)
    changed = fresh(change_seconds, listings)
    yield grid(
        f"A list change of {CHANGED} listings, median of {REPEATS}",
        ("", "ms"),
        [("apply", f"{changed * 1e3:.1f}")],
    )
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
    yield grid("Many names: the lists and listings composed of their words", ("", "watchfloor"), rows)


def show(console: Console, runs: list[Run], questions: list[Question], half: str) -> None:
    console.print(speed(runs), perturbations(runs, questions, half), scripts(runs, questions, half))
    for run in runs:
        if any(a.tier for answers in run.answers for a in answers):
            console.print(stocks(run, questions, half), evidence(run, questions, half))
