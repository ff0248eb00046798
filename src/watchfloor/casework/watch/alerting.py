"""Alerts by rule: the rules of `watch.toml` are held against the leads of each reader.

A rule raises one alert for a matter. While one about any subject of the lead is open, what comes is added to
it; after it was closed the rule is silent until a signal speaks for the lead that did not then. Each view of
the floor is looked at with its own readers' eyes, those that see least first: the alert has the marking of
the lead as they see it, so nobody hears of what they may not see, and who sees more is not told twice.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from math import inf
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from watchfloor.casework.watch import watch
from watchfloor.casework.watch.orders import NAME, AlertRule, Watch, load
from watchfloor.casework.watch.repository import entries as lines_of
from watchfloor.casework.watch.watch import Cause
from watchfloor.cell.acts import Refusal, Row, write
from watchfloor.cell.entity_clusters import Context
from watchfloor.cell.leads import Contribution, Lead, leads
from watchfloor.cell.queue import context, context_of, every
from watchfloor.cell.weighing.weights import Weights
from watchfloor.cell.weighing.weights import load as load_weights
from watchfloor.core.derived import net
from watchfloor.core.kinds import KINDS, WATCH_ENTRY
from watchfloor.desks.registry import declare_messages
from watchfloor.formats.settings import SettingsError, nearest
from watchfloor.policy.policy import Reader
from watchfloor.run import published
from watchfloor.run.views import readers
from watchfloor.store import clock
from watchfloor.store.errors import NoView
from watchfloor.store.floor import Floor
from watchfloor.store.log import Actor
from watchfloor.store.views import digest, visible

PATIENCE: Final = 20.0
"""Seconds that an alert waits for whoever else writes to the floor."""
LOOKS: Final = 60.0
"""Seconds between two looks at who the policy names."""


class Match(NamedTuple):
    """A lead that a rule looks for, and what it says."""

    rule: AlertRule
    lead: Lead
    cause: Cause


def matches(chain: Watch, found: Sequence[Lead], weights: Weights, since: datetime | None) -> Iterator[Match]:
    """Yield what each rule finds in a queue, at most once a matter.

    Args:
        chain: with the rules.
        found: the heads of matters.
        weights: by which the leads were weighed.
        since: the moment of asking, from which a rule counts its hours; None: nothing is too old.
    """
    for rule in chain.alert:
        for head in found:
            for lead in every([head]):
                if (why := _why(rule, lead, weights)) and not _is_old(rule, lead, since):
                    yield Match(rule, lead, _cause(rule, lead, why))
                    break


def _why(rule: AlertRule, lead: Lead, weights: Weights) -> Contribution | None:
    """Return what of a lead a rule looks for; None: it is not there."""
    if rule.hypothesis:
        likely = lead.hypothesis == rule.hypothesis and lead.probability >= rule.probability
        return next(iter(lead.speaks_for), None) if likely else None
    return next((one for one in lead.signals if _is_strong(rule, one, weights)), None)


def _is_strong(rule: AlertRule, one: Contribution, weights: Weights) -> bool:
    """Return whether a signal is of the rule's, and as strong: strengths are ordered by what they weigh."""
    if one.rule != rule.signal or not rule.strength:
        return one.rule == rule.signal
    bits = (hypothesis.bits for hypothesis in weights.hypotheses.values())
    table = next((each for each in bits if (rule.signal, rule.strength) in each), {})
    least = table.get((rule.signal, rule.strength), inf)
    return one.strength == rule.strength or table.get((one.rule, one.strength), -inf) >= least


def _is_old(rule: AlertRule, lead: Lead, since: datetime | None) -> bool:
    return since is not None and lead.at < since - timedelta(hours=rule.hours)


def _cause(rule: AlertRule, lead: Lead, why: Contribution) -> Cause:
    speaking = tuple(dict.fromkeys(one.signal_id for one in (why, *lead.speaks_for)))
    here = (*why.place[:2], why.place[2] or 0.0) if why.place else watch.place_of(lead)
    return Cause(rule.name, why.reason, lead.subjects or (lead.subject,), speaking, here)


def rows_of(
    chain: Watch,
    entries: Sequence[Row],
    found: Iterable[Match],
    now: datetime,
    key: bytes,
    pace: float = 1.0,
) -> list[Row]:
    """Return the lines of the log that matches make: alerts, and what is added to those that are open."""
    rows: list[Row] = []
    for match in found:
        cause = match.cause
        earlier = [
            one
            for one in watch.alerts(chain, [*entries, *rows]).values()
            if one.rule == cause.rule and not set(cause.subjects).isdisjoint(one.subjects)
        ]
        fresh = set(cause.signals).difference(*(one.signals for one in earlier))
        standing = next((one for one in earlier if not one.acknowledged), None)
        if earlier and not fresh:
            continue
        if standing:
            rows.append(watch.added(standing, cause, now, match.lead.marking))
            continue
        about, marking = match.lead.lead_id, match.lead.marking
        rows.append(watch.alert_of(chain, entries, cause, match.rule.flags, now, key, marking, about, pace))
    return rows


def raise_alerts(floor: Floor, actor: Actor) -> int:
    """Raise what the rules find in the leads of the desks' kept runs; gives how many lines it wrote.

    Every view that is kept is looked at. One whose signals say nothing that a rule looks for is not weighed.
    """
    declare_messages()
    weights, position = load_weights(), floor.position
    chain = rules(floor.root, weights)
    asking = floor.reader(actor.name, actor.purpose)
    views = {floor.view(one, position): one for one in readers(floor, asking)} if chain.alert else {}
    written = 0
    for reader in sorted(views.values(), key=lambda one: len(floor.seen(one))):
        try:
            stand = net(floor.revised("signal", reader))
        except NoView:
            continue
        if telling(chain, stand, weights):
            now = floor.now()
            found = leads(stand, weights, now, floor.key, context(floor, reader, stand, now))
            written += _raise(floor, actor, reader, chain, found)
    return written


def rules(root: Path, weights: Weights) -> Watch:
    """Return how the watch is kept on a floor. Raises `SettingsError`, also where a rule can find nothing."""
    chain = load(root)
    named = [(f"alert {rule.name!r}", rule.hypothesis) for rule in chain.alert if rule.hypothesis]
    named += [("task", one) for task in chain.lead_tasks for one in task.hypotheses]
    for row, hypothesis in named:
        if hypothesis not in weights.hypotheses:
            near = nearest(hypothesis, weights.hypotheses)
            raise SettingsError(f"{NAME}: {row}: no hypothesis {hypothesis!r}{near}")
    return chain


def telling(chain: Watch, stand: pa.Table, weights: Weights) -> frozenset[tuple[bytes, str]]:
    """Return the signals that may make a rule's lead, each with its strength; the same raise nothing new."""
    tables = [weights.hypotheses[one.hypothesis].bits for one in chain.alert if one.hypothesis]
    wanted = {rule for table in tables for (rule, _), bits in table.items() if bits > 0}
    wanted |= {one.signal for one in chain.alert if one.signal}
    rows = stand.filter(pc.is_in(stand["rule"], pa.array(sorted(wanted), pa.string())))
    return frozenset(zip(rows["row_id"].to_pylist(), rows["strength"].to_pylist(), strict=True))


def _raise(floor: Floor, actor: Actor, reader: Reader, chain: Watch, found: Sequence[Lead]) -> int:
    """Write what a reader's leads raise; what others wrote meanwhile is read behind the writer's lock."""
    of_any_day = floor.settings.exercise and clock.exercise_clock(floor.root) is None
    since, pace = None if of_any_day else floor.now(), clock.rate(floor.root)
    hits = list(matches(chain, found, load_weights(), since))
    if not hits or not rows_of(chain, lines_of(floor, reader), hits, floor.now(), floor.key):
        return 0
    written = 0
    with floor.writer(actor, PATIENCE) as writer:
        entries = lines_of(floor, reader)
        for row in rows_of(chain, entries, hits, writer.moment(), floor.key, pace):
            with suppress(Refusal):  # a marking above the floor's ceiling: nobody here may be told
                write(writer, WATCH_ENTRY, row)
                written += 1
    return written


class LiveAlerts:
    """Raises what the rules find in what the live folds publish, view by view.

    Args:
        root: the floor's folder.
        actor: whom the log names.
    """

    def __init__(self, root: Path, actor: Actor) -> None:
        declare_messages()
        self._floor, self._actor = Floor.open(root), actor
        self._known: dict[str, frozenset[tuple[bytes, str]]] = {}
        self._readers: list[Reader] = []
        self._looked = -inf

    def look(self) -> int:
        """Raise what is new since the last look; gives how many lines it wrote."""
        written = 0
        weights, now = load_weights(), self._floor.now()
        chain = rules(self._floor.root, weights)
        for view, reader in self._views() if chain.alert else ():
            stand = published.read(self._floor.root, reader, "signal", now)
            said = frozenset() if stand is None else telling(chain, stand, weights)
            if said and said != self._known.get(view):
                found = leads(stand, weights, now, self._floor.key, self._context(reader, stand, now))
                written += _raise(self._floor, self._actor, reader, chain, found)
            self._known[view] = said
        return written

    def _views(self) -> list[tuple[str, Reader]]:
        """Return a reader of each view, who sees least first; whom the policy names is asked now and then."""
        if time.monotonic() - self._looked > LOOKS:
            asking = self._floor.reader(self._actor.name, self._actor.purpose)
            self._readers, self._looked = readers(self._floor, asking), time.monotonic()
        markings = published.markings(self._floor.root)
        found = {digest(markings, one): one for one in self._readers}
        return sorted(found.items(), key=lambda one: len(visible(markings, one[1])))

    def _context(self, reader: Reader, stand: pa.Table, now: datetime) -> Context:
        """Return what joins live signals: what people decided and found; sensors name no party."""
        judgements = self._floor.read("judgement", reader)
        outcomes = self._floor.read("outcome", reader, latest=True)
        none = (KINDS[kind].schema.empty_table() for kind in ("party", "report"))
        parties, reports = none
        return context_of(stand, now, judgements, parties, outcomes, reports)
