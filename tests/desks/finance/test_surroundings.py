"""Who is near to a listed entity, and whose imports have no entry: by records, from their place on."""

from datetime import timedelta

from tests.desks.finance.cases import START
from tests.desks.finance.test_proofs import numbers
from tests.desks.finance.test_watch import account, entry, history, key, listing, payment, record, said

from watchfloor.core.derived import last, net
from watchfloor.core.messages import Reason

NEAR = "near-listed-entity"
WAY = (payment(1, 0, "L", "b", 100), payment(2, 1, "b", "A", 100), payment(3, 2, "A", "z", 100))
WIRE = {"payer_seat": "CA", "payee_seat": "US", "memo": "Invoice 7"}
UNENTERED = "import-without-entry"


def decided(number, hours, subject, verdict="same", **columns):
    says = {"subject": subject, "about": "list:E1", "verdict": verdict, "basis": "", "why": "seen"}
    return record("judgement", number, hours, **(says | {"decided_by": "mlro"} | columns))


def test_two_steps_away_rest_on_the_path_and_on_the_list():
    found = said(net(history(*WAY, listing=[listing(90, -1, key("L"), marking="PB//TLP:RED")])), NEAR)
    told = {row["subjects"][0]: row for row in found}
    assert set(told) == {key("L"), key("b"), key("A")}
    assert numbers(told[key("A")]) == [1, 2, 90]
    assert (told[key("A")]["strength"], told[key("b")]["strength"]) == ("moderate", "strong")
    assert told[key("A")]["marking"].endswith("RED")
    assert told[key("A")]["at"] == START + timedelta(hours=2)
    why = Reason("finance.near-listed-entity", {"account": "A", "steps": 2})
    assert Reason.load(told[key("A")]["reason"]) == why


def test_without_a_list_nothing_is_said():
    assert not said(history(*WAY), NEAR)


def test_a_payment_before_the_entity_was_listed_ties_nobody():
    late = history(*WAY, listing=[listing(90, 0.5, key("L"))])
    assert not said(late, NEAR)


def test_a_name_alone_is_no_identity():
    named = listing(90, -1, key("x"), name="L", identifiers=None)
    assert not said(history(*WAY, listing=[named]), NEAR)


def test_a_person_who_decided_that_it_is_the_same_makes_it_so_until_that_expires_or_is_undone():
    item = listing(90, -2, key("x"), identifiers=[])
    holder = account(80, -2, "L", holder="person:core:7")
    for subject in (key("L"), "person:core:7"):
        same = decided(91, -1, subject)
        rows = said(net(history(*WAY, accounts=[holder], listing=[item], judgement=[same])), NEAR)
        assert {row["subjects"][0] for row in rows} == {key("L"), key("b"), key("A")}
        (far,) = [row for row in rows if row["subjects"] == [key("A")]]
        assert {90, 91} < set(numbers(far))
    same = decided(91, -1, key("L"))
    undone = decided(92, -0.5, key("L"), "withdrawn")
    expired = decided(91, -1, key("L"), expires_at=START)
    other = decided(92, -0.5, key("L"), "different")
    for judgement in ([same, undone], [expired], [same, other], [decided(91, -1, key("q"))]):
        assert not said(history(*WAY, listing=[item], judgement=judgement), NEAR)


def test_whoever_left_the_list_makes_nobody_near():
    edition = record("consolidation", 95, 1.5, list_id="list", entities=["E9"])
    item = listing(90, -1, key("L"))
    rows = said(history(*WAY, listing=[item], consolidation=[edition]), NEAR)
    assert {row["subjects"][0] for row in rows} == {key("L"), key("b")}  # who paid while it was listed
    ceased = listing(91, 1.5, key("L"), ceased=START.date())
    rows = said(history(*WAY, listing=[item, ceased]), NEAR)
    assert {row["subjects"][0] for row in rows} == {key("L"), key("b")}


def test_a_path_that_rested_on_a_wrong_payment_is_no_path():
    right = payment(9, 3, "L", "q", 100, report_key="T-1")
    rows = history(*WAY, right, payment(10, 4, "A", "z", 100), listing=[listing(90, -1, key("L"))])
    standing = {row["subjects"][0] for row in said(net(rows), NEAR)}
    assert standing == {key("L")}
    assert {row["subjects"][0] for row in said(last(rows), NEAR) if row["retracted"]} == {key("b"), key("A")}


def test_an_import_without_an_entry_is_told_where_entries_are_known_and_cleared_when_one_comes():
    paid = payment(1, 0, "A", "t", 6000, **WIRE)
    held = account(80, -2, "A", holder="company:core:9")
    assert not said(history(paid), UNENTERED)  # a bank has no declarations: it abstains
    other = entry(70, -1, "B")
    (row,) = said(net(history(paid, declaration=[other])), UNENTERED)
    assert numbers(row) == [1]
    own = entry(71, -1, "A")
    assert not said(history(paid, declaration=[other, own]), UNENTERED)
    late = record("declaration", 72, 48, subject="parcel:post:2", consignee="company:core:9", goods="tools")
    rows = history(paid, accounts=[held], declaration=[other, late])
    assert not said(net(rows), UNENTERED)
    (back,) = said(last(rows), UNENTERED)
    assert back["at"] == START + timedelta(hours=48)
    assert numbers(back) == [1, 80, 72]
    assert Reason.load(back["reason"]) == Reason("finance.entered", {"account": "A", "day": "2026-01-03"})
