"""Partners in two worlds that differ in what they may not see: the same bytes, places, dates and acts."""

import shutil
from datetime import timedelta

import pytest
from tests.exchange.nodes import NOW, WHO, keep, party
from tests.exchange.partners import add, agency, give
from tests.exchange.test_files import report
from tests.exchange.test_partners import told

from watchfloor.core.kinds import INTELLIGENCE_OBJECT, REPORT
from watchfloor.exchange.bundles import recalls
from watchfloor.exchange.partners import publisher
from watchfloor.exchange.partners.partner import known
from watchfloor.exchange.shelf import Shelf
from watchfloor.exchange.shelf_query import ALL
from watchfloor.store import Floor, clock

STEPS = (
    lambda one: keep(one, [party(0, marking="PA"), party(1, marking="PA")]),
    lambda one: keep(one, [told(1) | {"marking": "PA"}, told(2) | {"marking": "PA"}], INTELLIGENCE_OBJECT),
    lambda one: keep(one, [party(0, marking="PA", name="Another Name", observed_at=NOW)]),
    lambda one: recalled(one),
    lambda one: keep(one, [party(2, marking="PA")]),
)
HIDDEN = (
    lambda one: keep(one, [party(7, marking="PB"), party(0, report_key="P-70", marking="PB")]),
    lambda one: keep(one, [told(9) | {"marking": "PB"}], INTELLIGENCE_OBJECT),
    lambda one: keep(one, [report(7, marking="PB")], REPORT),
    lambda one: keep(one, [party(7, marking="PB", name="Hidden Name", observed_at=NOW)]),
    lambda one: one.act(WHO, "query", {"what": "leads"}),
)


def recalled(one):
    bundle = one.acts_of("disclosed")[0].detail["bundle"]
    with one.writer(WHO) as writer:
        recalls.recall(one, writer, bundle, (), "mixed up", recalls.due_in(7, NOW), one.now())


@pytest.fixture
def worlds(tmp_path, monkeypatch):
    """Two copies of a floor with one partner, whose clocks tick alike."""
    one = agency(tmp_path)
    add(one, ceiling="PA")
    shutil.copytree(one.root, tmp_path / "other")
    at = [NOW]
    monkeypatch.setattr(clock, "micros", lambda _: int(at[0].timestamp() * 1e6))
    monkeypatch.setattr(Floor, "now", lambda _: at[0])
    return one, Floor.open(tmp_path / "other"), at


def seen(one, to):
    """Everything that the partner can be told: entries with their places, and the acts about them."""
    with Shelf.open(one, to.shelf) as shelf:
        pages = {
            (standard, name): shelf.page(name, limit=10_000, match=ALL, standard=standard).entries
            for standard in ("stix", "geojson")
            for name in shelf.collections(standard)
        }
    left = ("partner", "rows_hash")  # positions, and a hash that the log alone has
    acts = [
        (act.act, {name: said for name, said in act.detail.items() if name not in left})
        for act in one.acts_of("disclosed", "withdrawn", "recalled")
    ]
    return pages, acts


def test_a_partner_learns_nothing_of_what_is_hidden_from_them(worlds):
    plain, more, at = worlds
    here, there = (the_partner(one) for one in (plain, more))
    for step, hidden in zip(STEPS, HIDDEN, strict=True):
        at[0] += timedelta(hours=1)
        step(plain)
        step(more)
        hidden(more)
        for one, partner in ((plain, here), (more, there)):
            give(one, partner)
        assert seen(plain, here) == seen(more, there)
    at[0] += timedelta(hours=1)
    before = seen(more, there)
    assert {len(entries) > 2 for entries in before[0].values()} == {True}
    keep(more, [party(8, marking="PB")])
    assert not publisher.refresh(more, there, more.now())
    assert seen(more, there) == before


def the_partner(one):
    (found,) = known(one).values()
    return found
