"""Partners: who they are, what they get, and what they get no more."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.exchange.nodes import MARKING, NOW, READER, WHO, assert_, holding, keep, party, signal
from tests.exchange.partners import TERMS, add, agency, give, on_shelf

from watchfloor.cell.acts import Refusal
from watchfloor.core.kinds import INTELLIGENCE_OBJECT
from watchfloor.exchange.bundles import recalls, sent, states
from watchfloor.exchange.deliveries import Deliveries
from watchfloor.exchange.partners import disclosures, partner, publication, publish, publisher, shelving
from watchfloor.exchange.shelf import Item, Shelf, delete, path_of
from watchfloor.exchange.shelf_query import ALL
from watchfloor.policy.gateways import Refusal as Unlawful


@pytest.fixture
def here(tmp_path):
    return agency(tmp_path)


@pytest.fixture(autouse=True)
def plain(monkeypatch):
    """Put rows on shelves by their names and nothing else, so that no format matters."""

    def items(shared):
        for kind, rows in shared.records.items():
            for name, row in zip(sent.row_names(kind, rows), rows.to_pylist(), strict=True):
                yield Item("shared", f"{kind}/{name}", kind, json.dumps(row, default=str).encode(), name)

    monkeypatch.setattr(shelving, "_items", items)


def acts(one, *names):
    return [act.detail for act in one.acts_of(*names)]


def text(one, to):
    return b"".join(on_shelf(one, to).values())


def test_a_key_opens_for_one_partner_and_is_kept_nowhere(here):
    (rcmp, key), (sq, other) = add(here), add(here, "sq", institution="provincial-police")
    assert partner.by_key(here, key) == rcmp
    assert partner.by_key(here, other) == sq
    assert len(key) == 43
    assert partner.by_key(here, key + "x") is None
    assert partner.by_key(here, "") is None
    assert all(key not in str(one) for one in acts(here, "partner"))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"name": "two words"}, "partner.bad-name"),
        ({"name": "agency"}, "partner.own-name"),
        ({"institution": "polise"}, "exchange.bad-institution"),
        ({"country": "CA"}, "exchange.bad-country"),
        ({"ceiling": "PROTECTED"}, "exchange.bad-ceiling"),
        ({"purpose": "smuggling"}, "partner.other-purpose"),
        ({"until": NOW.date() - timedelta(400)}, "partner.past-day"),
        ({"kinds": ("signal", "payment")}, "partner.bad-kind"),
        ({"gateway": "crown", "institution": "prosecution-service"}, "partner.no-kinds"),
    ],
)
def test_what_cannot_be_is_refused(here, said, why):
    said = dict(said)
    if said.get("gateway") == "crown":
        said["gateway"], said["institution"] = "customs-107-5-a", "prosecution-service"
        here.root.joinpath("gateways.toml").write_text('[gateway.customs-107-5-a]\nforms = ["pointer"]\n')
    with pytest.raises(Refusal) as error:
        add(here, said.pop("name", "rcmp"), **said)
    assert error.value.reason.message == why
    assert not acts(here, "partner")


def test_a_gateway_that_leads_elsewhere_wants_another(here):
    with pytest.raises(Unlawful) as error:
        add(here, gateway="customs-107-5-k")
    assert error.value.reason.message == "gateway.recipient"
    with pytest.raises(Unlawful) as error:
        add(
            here,
            "lisbon",
            institution="foreign-partner",
            country="PRT",
            gateway="customs-107-8",
            basis="an MOU",
        )
    assert error.value.reason.message == "gateway.no-risk-check"


def test_a_name_is_one_partner_at_a_time(here):
    first, key = add(here)
    with pytest.raises(Refusal) as error:
        add(here)
    assert error.value.reason.message == "partner.taken"
    partner.remove(here, WHO, "rcmp", "the file is closed")
    assert partner.by_key(here, key) is None
    second, fresh = add(here)
    assert second.shelf != first.shelf
    assert partner.by_key(here, fresh) == second
    assert partner.by_key(here, key) is None


def test_access_ends_by_itself(here, monkeypatch):
    rcmp, key = add(here, until=here.now().date())
    holding(here)
    give(here, rcmp)
    tomorrow = here.now() + timedelta(days=1)
    monkeypatch.setattr(type(here), "now", lambda _: tomorrow)
    assert partner.by_key(here, key) is None
    with pytest.raises(Refusal) as error:
        give(here, rcmp)
    assert error.value.reason.message == "partner.past-day"
    monkeypatch.undo()


def test_access_ends_with_the_gateway(here):
    _, key = add(here)
    here.root.joinpath("gateways.toml").write_text("[gateway.customs-107-5-a]\nexpires = 2026-01-01\n")
    assert partner.by_key(here, key) is None
    assert partner.standing(here) == {}


def test_what_may_go_is_disclosed_once(here):
    rcmp, _ = add(here)
    holding(here, 3)
    made = give(here, rcmp)
    assert (made.rows, made.withdrawn, made.standing) == (6, 0, 6)
    assert len(on_shelf(here, rcmp)) == 6
    said = acts(here, "disclosed")
    assert {one["to"] for one in said} == {"rcmp"}
    assert sum(one["rows"] for one in said) == 6
    assert said[0]["test"] == TERMS["test"]
    assert states.states(here, READER, NOW.date()) == []  # nobody waits for a receipt
    position = here.position
    again = give(here, rcmp)
    assert (again.rows, again.standing) == (0, 6)
    assert here.position == position
    keep(here, [party(7)])
    assert give(here, rcmp).rows == 1


def test_only_the_kinds_that_were_named_go(here):
    rcmp, _ = add(here, kinds=("signal",))
    holding(here, 2)
    assert give(here, rcmp).rows == 2
    assert {one.partition("/")[0] for one in on_shelf(here, rcmp)} == {"disclosure"}


def test_a_later_version_takes_the_place_of_the_one_before(here):
    rcmp, _ = add(here)
    holding(here, 2)
    give(here, rcmp)
    keep(here, [party(0, name="Another Name", observed_at=NOW)])
    made = give(here, rcmp)
    assert (made.rows, made.withdrawn, made.standing) == (1, 0, 4)
    assert b"Another Name" in text(here, rcmp)
    assert b"Zarbek Tolunay 0" not in text(here, rcmp)


def test_a_retracted_signal_is_withdrawn(here):
    rcmp, _ = add(here)
    ids = keep(here, [party(0)])
    assert_(here, [signal(here, 0, ids)])
    give(here, rcmp)
    assert_(here, [signal(here, 0, ids, revision=1, retracted=True)])
    made = give(here, rcmp)
    assert (made.rows, made.withdrawn, made.standing) == (0, 1, 1)
    assert acts(here, "withdrawn")[0]["marking"] == MARKING
    assert not any(one.startswith("disclosure/") for one in on_shelf(here, rcmp))


def test_what_is_marked_above_the_partner_is_withdrawn(here):
    rcmp, _ = add(here, ceiling="PA")
    keep(here, [party(0, marking="PA"), party(1, marking="PA"), party(2, marking="PB")])
    first = give(here, rcmp)
    assert (first.rows, first.standing, sum(one.rows for one in first.withheld)) == (2, 2, 1)
    keep(here, [party(0, marking="PB")])
    made = give(here, rcmp)
    assert (made.rows, made.withdrawn, made.standing) == (0, 1, 1)
    assert b"Zarbek Tolunay 0" not in text(here, rcmp)
    keep(here, [party(0, marking="PA", name="Another Name")])
    assert give(here, rcmp).rows == 1  # marked below what it would replace, it stands beside that
    assert b"Another Name" in text(here, rcmp)


@pytest.mark.parametrize(
    ("ceiling", "rows", "said"),
    [("PB", 3, "PB//TLP:RED"), ("PB//TLP:GREEN", 1, "PB//TLP:GREEN"), ("PB//TLP:AMBER", 2, "PB//TLP:AMBER")],
)
def test_a_label_in_the_ceiling_is_a_bar(here, ceiling, rows, said):
    rcmp, _ = add(here, ceiling=ceiling)
    labels = ("TLP:GREEN", "TLP:AMBER", "TLP:RED")
    keep(here, [party(number, marking=f"PB//{one}") for number, one in enumerate(labels)])
    assert give(here, rcmp).rows == rows
    assert str(rcmp.ceiling) == said


def test_an_erased_record_is_withdrawn(here):
    rcmp, _ = add(here)
    ids = keep(here, [party(0), party(1)])
    give(here, rcmp)
    with here.writer(WHO) as writer:
        writer.erase(ids[:1], "asked for", category="consent")
    made = give(here, rcmp)
    assert made.withdrawn == 1 or made.standing == 0  # one delivery brought both
    assert b"Zarbek Tolunay 0" not in text(here, rcmp)


def test_a_narrower_gateway_takes_columns_back(here):
    rcmp, _ = add(here, kinds=("party",))
    keep(here, [party(0, birth_date="1970-01-01")])
    give(here, rcmp)
    assert b"1970-01-01" in text(here, rcmp)
    here.root.joinpath("gateways.toml").write_text(
        '[fields.names]\nparty = ["subject", "role", "name"]\n'
        '[gateway.customs-107-5-a]\nfields = ["signals", "names"]\n'
    )
    made = give(here, rcmp)
    assert (made.rows, made.standing) == (1, 1)
    assert b"1970-01-01" not in text(here, rcmp)


def test_what_the_partner_added_does_not_come_back(here):
    rcmp, _ = add(here)
    keep(here, [party(0), party(1, source=rcmp.source)])
    assert give(here, rcmp).rows == 1
    assert b"Zarbek Tolunay 1" not in text(here, rcmp)


def test_a_crash_between_log_and_shelf_loses_nothing_and_shows_nothing(here, monkeypatch):
    rcmp, _ = add(here)
    holding(here, 3)

    def cut(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shelving, "put", cut)
        with pytest.raises(KeyboardInterrupt):
            give(here, rcmp)
    assert len(acts(here, "disclosed")) == 1
    assert on_shelf(here, rcmp) == {}
    made = give(here, rcmp)
    assert made.standing == 6
    assert len(on_shelf(here, rcmp)) == 6
    assert sum(one["rows"] for one in acts(here, "disclosed")) == 6


def test_a_crash_before_the_log_shows_nothing(here, monkeypatch):
    rcmp, _ = add(here)
    holding(here, 3)

    def cut(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(publish.sending, "log", cut)
        with pytest.raises(KeyboardInterrupt):
            give(here, rcmp)
    assert on_shelf(here, rcmp) == {}
    assert give(here, rcmp).rows == 6


def test_a_lost_shelf_is_filled_again_without_a_further_disclosure(here):
    rcmp, _ = add(here)
    holding(here, 3)
    give(here, rcmp)
    before = on_shelf(here, rcmp)
    keep(here, [party(0, name="Another Name", observed_at=NOW)])
    give(here, rcmp)
    stands, position = on_shelf(here, rcmp), here.position
    assert before != stands
    delete(here, rcmp.shelf)
    give(here, rcmp)
    assert on_shelf(here, rcmp) == stands
    assert here.position == position


def test_two_partners_have_a_shelf_each(here):
    rcmp, _ = add(here)
    sq, _ = add(here, "sq", institution="provincial-police", ceiling="PA")
    keep(here, [party(0, marking="PA"), party(1, marking="PB")])
    assert (give(here, rcmp).rows, give(here, sq).rows) == (2, 1)
    assert path_of(here, rcmp.shelf) != path_of(here, sq.shelf)


def test_a_refresh_looks_only_where_something_happened(here, monkeypatch):
    rcmp, _ = add(here)
    holding(here, 1)
    assert publisher.refresh(here, rcmp, here.now())
    here.act(WHO, "query", {"what": "leads"})
    with monkeypatch.context() as patch:
        patch.setattr(publisher, "publish", lambda *_: pytest.fail("nothing happened"))
        assert not publisher.refresh(here, rcmp, here.now())
    keep(here, [party(5)])
    assert publisher.refresh(here, rcmp, here.now())


def test_a_publication_that_fails_is_told_and_keeps_nobody_else_from_theirs(here, monkeypatch):
    rcmp, _ = add(here)
    sq, _ = add(here, "sq", institution="provincial-police", ceiling="PA")
    keep(here, [party(0, marking="PA")])
    told, looks = [], iter([False, False, False, True])
    with monkeypatch.context() as patch:
        patch.setattr(publisher, "AGAIN", 0.0)
        patch.setattr(publisher, "publish", _unless(rcmp.name))
        publisher.watch(here, lambda _: next(looks), told.append)
    assert [repr(error) for error in told] == ["ZeroDivisionError('Zarbek')"], "once, however often"
    assert (len(on_shelf(here, sq)), publication.last(here, sq).problem) == (1, "")
    assert publication.last(here, rcmp).problem == "ZeroDivisionError", "what it says may be of anybody"
    assert publication.failing(here) == 1
    publisher.publish_all(here, patient=True)
    assert (len(on_shelf(here, rcmp)), publication.failing(here)) == (1, 0)


def test_an_erasure_goes_on_past_a_shelf_that_fails(here, monkeypatch):
    rcmp, _ = add(here)
    sq, _ = add(here, "sq", institution="provincial-police", ceiling="PA")
    ids = keep(here, [party(0, marking="PA")])
    publisher.publish_all(here)
    with here.writer(WHO) as writer:
        writer.erase(ids, "asked for", category="consent")
    looks, cleansed = iter([False, False, True]), []
    with monkeypatch.context() as patch:
        patch.setattr(publisher, "AGAIN", 0.0)
        patch.setattr(publisher, "publish", _unless(rcmp.name))
        publisher.watch(here, lambda _: next(looks))
    for one in (rcmp, sq):
        with Shelf.open(here, one.shelf) as shelf:
            cleansed.append(shelf.cleansed)
    assert cleansed == [0, here.newest_act("erasure")]


def _unless(name):
    """A publication that fails for one partner."""

    def done(floor, one, now):
        if one.name == name:
            raise ZeroDivisionError("Zarbek")
        return publish.publish(floor, one, now)

    return done


def test_a_floor_that_tells_of_nobody_any_more_has_no_partner(here):
    rcmp, key = add(here)
    assert partner.ended(here, replace(rcmp, statement=replace(rcmp.statement, by=""))) is not None
    assert partner.by_key(here, key)


def test_tokens_tell_versions_markings_and_columns_apart(here):
    rcmp, _ = add(here)
    holding(here, 2)
    give(here, rcmp)
    rows = shelving.stand(here, rcmp).rows
    assert len(set(rows["token"].to_pylist())) == 4
    assert set(rows["bundle"].to_pylist()) == {one["bundle"] for one in acts(here, "disclosed")}
    assert disclosures.without(rows, rows).num_rows == 0


@pytest.fixture
def in_stix(here, monkeypatch):
    """A floor with objects of intelligence and a partner, whose shelf has what it has outside of tests."""
    monkeypatch.undo()
    rcmp, _ = add(here)
    return here, rcmp


def test_a_recall_takes_rows_off_the_shelf_at_once_and_says_what_went(in_stix):
    here, rcmp = in_stix
    holding(here, 3)
    give(here, rcmp)
    before = on_shelf(here, rcmp)
    notes = {id_ for id_, body in before.items() if b"Zarbek" in body or id_.startswith("note--")}
    bundle = acts(here, "disclosed")[0]["bundle"]
    pulled(here, rcmp, 2)
    with here.writer(WHO) as writer:
        recalls.recall(here, writer, bundle, (), "mixed up", recalls.due_in(7, NOW), here.now())
    (said,) = acts(here, "recalled")
    assert said["partner"] == rcmp.position
    assert said["delivered"] in range(3)
    after = on_shelf(here, rcmp)
    gone = {id_ for id_ in notes if id_ not in after or b'"revoked":true' in after[id_]}
    assert gone
    assert any(b'"revoked":true' in body for body in after.values())
    assert not any(b"Zarbek" in body for id_, body in after.items() if id_ in gone)
    made = give(here, rcmp)
    assert made.rows == 0  # it is not offered again
    assert on_shelf(here, rcmp) == after
    delete(here, rcmp.shelf)
    give(here, rcmp)
    heads = "extension-definition--"  # of a type of row that is there no more
    assert on_shelf(here, rcmp).items() >= {k: v for k, v in after.items() if not k.startswith(heads)}.items()


def test_a_recalled_row_comes_back_as_another_version_alone(in_stix):
    here, rcmp = in_stix
    keep(here, [party(0), party(1)])
    give(here, rcmp)
    bundle = acts(here, "disclosed")[0]["bundle"]
    with here.writer(WHO) as writer:
        recalls.recall(here, writer, bundle, (), "mixed up", recalls.due_in(7, NOW), here.now())
    assert not any(b"Zarbek" in body for body in on_shelf(here, rcmp).values())
    keep(here, [party(0, name="Another Name", observed_at=NOW)])
    assert give(here, rcmp).rows == 1
    assert b"Another Name" in text(here, rcmp)


def test_what_others_made_leaves_without_a_version_of_ours(in_stix):
    here, rcmp = in_stix
    keep(here, [told(1), told(2)], INTELLIGENCE_OBJECT)
    give(here, rcmp)
    assert len([one for one in on_shelf(here, rcmp) if one.startswith("indicator--")]) == 2
    with here.writer(WHO) as writer:
        bundle = acts(here, "disclosed")[0]["bundle"]
        recalls.recall(here, writer, bundle, (), "mixed up", recalls.due_in(7, NOW), here.now())
    assert not any(one.startswith("indicator--") for one in on_shelf(here, rcmp))


def pulled(one, to, count):
    """Note that a partner pulled some objects."""
    with Shelf.open(one, to.shelf) as shelf, Deliveries.open(one) as journal:
        journal.served(to.shelf, "shared", shelf.joined("shared", 0, count, ALL), one.now())


def told(number):
    id_ = f"indicator--00000000-0000-4000-8000-{number:012}"
    body = {"type": "indicator", "spec_version": "2.1", "id": id_, "created": WHEN, "modified": WHEN}
    body |= {"pattern": "[url:value = 'a']", "pattern_type": "stix", "valid_from": WHEN}
    return party(number, report_key=f"{id_}/{WHEN}", source="feed") | {
        "standard": "stix",
        "object_id": id_,
        "object_type": "indicator",
        "revoked": False,
        "object_refs": [],
        "object_marking": [],
        "subjects": [],
        "body": json.dumps(body, sort_keys=True),
    }


WHEN = "2026-01-01T00:00:00.000Z"


def test_an_erasure_goes_through_every_shelf_and_its_file(here):
    stays, _ = add(here, "sq", institution="provincial-police", kinds=("party",))
    before, _ = add(here)
    ids = keep(here, [party(number) for number in range(300)])
    keep(here, [party(number) for number in range(300, 304)])
    give(here, stays)
    give(here, before)
    partner.remove(here, WHO, "rcmp", "the file is closed")
    add(here)
    (short, _), today = add(here, "opp", institution="provincial-police", until=here.now().date()), here.now()
    give(here, short)
    publisher.cleanse(here, today)
    kept = set(on_shelf(here, stays))
    with here.writer(WHO) as writer:
        writer.erase(ids, "asked for", category="consent")
    publisher.cleanse(here, today)
    folder = path_of(here, stays.shelf).parent
    data = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    assert b"Zarbek Tolunay 30" in data
    assert not any(b'Zarbek Tolunay %d"' % number in data for number in range(30))
    assert kept > set(on_shelf(here, stays)) > set()
    with Shelf.open(here, stays.shelf) as shelf:
        assert shelf.cleansed == here.newest_act("erasure")


def test_a_shelf_of_who_has_no_access_goes_with_an_erasure(here, monkeypatch):
    rcmp, _ = add(here, until=here.now().date())
    ids = keep(here, [party(0)])
    give(here, rcmp)
    with here.writer(WHO) as writer:
        writer.erase(ids, "asked for", category="consent")
    tomorrow = here.now() + timedelta(days=1)
    monkeypatch.setattr(type(here), "now", lambda _: tomorrow)
    publisher.cleanse(here, tomorrow)
    assert not path_of(here, rcmp.shelf).exists()
