"""Acts about one case: judgements, outcomes, tasks, entries of the watch, reports.

Acts are found by the ids of the case's leads, also the ids its leads had before a merge, and judgements
by its subjects. So a merge and its reversal are both told, on either lead.
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

from watchfloor.casework.watch.sitrep import Records, Sentence, events
from watchfloor.cell.acts import Row
from watchfloor.cell.leads import Lead


def case_history(records: Records, matter: Iterable[Lead]) -> list[Sentence]:
    """Return the acts about a case, in the order of the log.

    Args:
        records: what the reader may see.
        matter: its leads, one a hypothesis.
    """
    leads = list(matter)
    ids = {id_ for one in leads for id_ in (one.lead_id, *one.took_up)}
    return history_of(records, ids, {name for one in leads for name in one.subjects})


def history_of(records: Records, leads: Set[str], subjects: Set[str]) -> list[Sentence]:
    """The same by ids of leads and keys of subjects, such as of a lead that stands no longer."""
    return list(events(_about(records, leads, subjects)))


def _about(records: Records, leads: Set[str], subjects: Set[str]) -> Records:
    tasks = [row for row in records.tasks if row["lead"] in leads]
    named = leads | {row["task"] for row in tasks}
    return replace(
        records,
        tasks=tasks,
        entries=_entries(records.entries, named),
        products=[row for row in records.products if not leads.isdisjoint(row["leads"])],
        judgements=[
            row for row in records.judgements if not subjects.isdisjoint((row["subject"], row["about"]))
        ],
        outcomes=[row for row in records.outcomes if row["lead"] in leads],
        triage=[row for row in records.triage if row["lead"] in leads],
    )


def _entries(rows: Sequence[Row], named: Set[str]) -> list[Row]:
    """Entries about a lead or task, and what answers them."""
    mine = {row["entry"] for row in rows if row["about"] in named}
    return [row for row in rows if row["entry"] in mine]
