"""The rules: when each speaks, when it is silent, what a correction takes back."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.desks.cargo.cases import DAY, REFS, examined, history, line, row, said, standing
from tests.thorough import draws

from watchfloor.cell.weighing.weights import load as weights
from watchfloor.core.derived import last
from watchfloor.core.messages import Reason
from watchfloor.desks.base import Refs
from watchfloor.desks.cargo import goods_norms, measuring, routes
from watchfloor.desks.cargo.messages import WAYS
from watchfloor.desks.cargo.rules import (
    many_spellings,
    page_reused,
    repeated_consignment,
    responded,
    split_consignment,
)
from watchfloor.desks.cargo.rules.many_spellings import different
from watchfloor.desks.cargo.rules.past_finding import BANDS, GUILT

HERE = {"consignee_address": "9 Teal Road, Ottawa ON K1A 0B9"}
INBOUND = {"direction": "inbound"} | HERE


def phone(one):
    return {"shipper_phone": f"613-555-01{one:02}"}


def test_items_just_under_the_threshold_to_one_address_are_one_signal():
    rows = [line(n, n, value=3000, **INBOUND) for n in range(3)]
    (signal,) = standing(*rows, rule="split-consignment")
    assert signal["subjects"] == [f"parcel:post:{n}" for n in (2, 1, 0)]
    why = Reason.load(signal["reason"])
    assert (why.message, why.params["count"], why.params["days"]) == ("cargo.split-address", 3, 7)
    assert (why.params["threshold"], why.params["total"]) == (3300.0, 9000.0)
    assert "3300,00\u00a0$ CA" in said(signal, "fr")
    assert len(signal["evidence"]) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"value": 3400},
        {"value": 1000},
        {"direction": "outbound"},
        {"goods": "candles"},
        {"consignee_address": "8 Teal Road, Ottawa ON K1A 0B9"},
        {"observed_at": DAY + timedelta(days=8)},
        {"currency": "EUR"},
        {"subject": "parcel:post:0"},
    ],
)
def test_what_is_no_part_of_a_split_makes_none(change):
    rows = [line(n, n, **({"value": 3000} | INBOUND)) for n in range(2)]
    assert standing(*rows, line(2, 2, **({"value": 3000} | INBOUND | change)), rule="split-consignment") == []


def test_a_rate_of_the_node_lets_other_currencies_count():
    norms = msgspec.structs.replace(goods_norms.read(), rates={"CAD": 1.0, "EUR": 1.5})
    refs = Refs(bytes(32), {**REFS.contents, "goods-norms": msgspec.json.encode(norms)})
    rows = [line(n, n, value=2000, currency="EUR", **INBOUND) for n in range(3)]
    assert standing(*rows, rule="split-consignment") == []
    assert len(standing(*rows, rule="split-consignment", refs=refs)) == 1


def test_a_correction_takes_its_part_back():
    rows = [line(n, n, value=3000, **INBOUND) for n in range(3)]
    right = line(7, 5, value=400, report_key="declaration-1", **INBOUND)
    assert standing(*rows, right, rule="split-consignment") == []
    (back,) = [one for one in last(history(*rows, right)).to_pylist() if one["rule"] == "split-consignment"]
    assert back["retracted"]
    assert Reason.load(back["reason"]) == Reason("cargo.put-right", {"day": "2026-03-02"})
    (signal,) = standing(*rows, right, line(8, 6, value=3000, **INBOUND), rule="split-consignment")
    assert len(signal["evidence"]) == 3


def test_a_hub_with_hundreds_of_parcels_is_a_handful_of_signals():
    rows = [line(n, n / 10, value=19, **INBOUND) for n in range(400)]
    found = [one for one in history(*rows).to_pylist() if one["rule"] == "split-consignment"]
    assert len({one["row_id"] for one in found}) == 1
    assert len(found) <= 5
    assert max(len(one["evidence"]) for one in found) <= 20


def test_equal_declarations_of_shippers_that_share_nothing():
    rows = [line(n, n, value=12.34, mass=0.217) for n in range(6)]
    (signal,) = standing(*rows, rule="repeated-consignment")
    why = Reason.load(signal["reason"])
    assert (why.message, why.params["shippers"]) == ("cargo.repeated", 6)
    shop = {"shipper_address": "1 Shop Street, Southtown"}
    assert standing(*(one | shop for one in rows), rule="repeated-consignment") == []
    assert standing(*rows[:5], rule="repeated-consignment") == []
    other = [one | {"mass": 0.2 + number} for number, one in enumerate(rows)]
    assert standing(*other, rule="repeated-consignment") == []


def test_one_page_of_three_consignors():
    rows = [line(n, n, page="https://shop.example/a") for n in range(3)]
    (signal,) = standing(*rows, rule="page-reused")
    assert signal["strength"] == "few"
    assert standing(*(one | {"page": "https://shop.example/"} for one in rows), rule="page-reused") == []


def test_five_hundred_spellings_are_one_party():
    spelled = [
        "Wren Halloway",
        "HALLOWAY Wren",
        "Wrén Hallowáy",
        "Wren Haloway",
        "Wern Halloway",
        "Рен Халлоуэй",
    ]
    rows = [
        line(n, n / 2, consignee_name=f"{spelled[n % 6]}{' ' * (n % 3)}{'a' * (n % 7)}", **HERE)
        for n in range(500)
    ]
    found = standing(*rows, rule="many-spellings")
    assert {one["strength"] for one in found} == {"spellings"}
    assert len({one["row_id"] for one in history(*rows).to_pylist() if one["rule"] == "many-spellings"}) == 1
    assert all(
        weights().hypotheses[of].bits["many-spellings", "spellings"] == 0
        for of in ("trafficking-by-post", "misdeclared-goods")
    )


def test_many_names_with_one_telephone_stay_apart():
    names = ("Wren Halloway", "Marlow Dune", "Tansy Birch", "Ash Fenwick", "Rowan Pike")
    assert different(names) == 5
    rows = [line(n, n, shipper_name=name, **phone(1)) for n, name in enumerate(names)]
    (signal,) = standing(*rows, rule="many-spellings")
    assert signal["strength"] == "few names"
    why = Reason.load(signal["reason"])
    assert (why.message, why.params["names"], why.params["days"]) == ("cargo.names-shipper-phone", 5, 30)


@pytest.mark.parametrize(
    ("shared", "way"),
    [
        ({"shipper": "company:bn:000000018"}, "number"),
        (phone(1), "phone"),
        ({"consignee_address": "9 Teal Road, Ottawa ON K1A 0B9"}, "address"),
        ({"page": "https://shop.example/a"}, "page"),
        ({"shipper_name": "Wren Halloway"}, "name"),
    ],
)
def test_an_item_that_shares_something_with_a_finding(shared, way):
    rows = [line(1, 0, **shared), examined(1, 2), line(2, 30, **shared), line(3, 31)]
    (signal,) = standing(*rows, rule="past-finding")
    assert signal["subjects"][0] == "parcel:post:2"
    assert signal["strength"] == f"{way}, recent"
    why = Reason.load(signal["reason"])
    assert why.message == f"cargo.past-finding-{way}-controlled-substance"
    assert (why.params["day"], why.params["age"]) == ("2026-03-02", 1)


SHARED = [line(1, 0, **phone(1)), examined(1, 2)]
OTHERS = [line(n, 3 + n, shipper_name=f"Q{n} Z{n}", **phone(1)) for n in range(2, 8)]


def test_a_sentence_says_what_makes_a_finding_worth_less():
    """One sentence stood beside 6 bits and 0.4 of the same finding: six names share the telephone."""
    few = standing(*SHARED, line(2, 30, **phone(1)), rule="past-finding")
    many = standing(*SHARED, *OTHERS, rule="past-finding")
    said = {one["strength"]: Reason.load(one["reason"]) for one in (*few, *many)}
    assert set(said) == {"phone, recent", "shared place"}
    assert said["phone, recent"].message == "cargo.past-finding-phone-controlled-substance"
    assert said["shared place"].message == "cargo.past-finding-phone-controlled-substance-shared-place"
    assert said["shared place"].params["names"] >= 5


@pytest.mark.parametrize(
    ("clean", "strength"), [(0, "phone, recent"), (3, "some-of-many"), (20, "few-of-many")]
)
def test_a_sentence_says_that_most_of_what_was_examined_held_nothing(clean, strength):
    rows = [line(1, 0, **phone(1)), examined(1, 2)]
    for n in range(10, 10 + clean):
        rows += [line(n, 3 + n / 10, **phone(1)), examined(n, 4 + n / 10, "nothing")]
    found = standing(*rows, line(99, 40, **phone(1)), rule="past-finding")
    why = Reason.load(next(one for one in found if one["subjects"][0] == "parcel:post:99")["reason"])
    assert why.message.endswith("controlled-substance" if not clean else f"controlled-substance-{strength}")
    assert ("nothing" in why.render("en")) == bool(clean)


def test_a_sentence_says_that_others_held_nothing_only_where_there_are_others():
    """One finding of one examined, where a tenth of all that is examined holds something."""
    rows = [line(1, 0, **phone(1)), examined(1, 2)]
    for n in range(100, 220):
        rows += [line(n, 3 + n / 100), examined(n, 6 + n / 100, "nothing" if n % 10 else "finding")]
    (one,) = standing(*rows, line(99, 40, **phone(1)), rule="past-finding")
    why = Reason.load(one["reason"])
    assert (one["strength"], why.params["found"], why.params["examined"]) == ("some of many", 1, 1)
    assert why.message == "cargo.past-finding-phone-controlled-substance-found-often"
    assert "nothing" not in why.render("en")


def test_who_sent_may_receive():
    rows = [line(1, 0, **phone(1)), examined(1, 2), line(2, 30, consignee_phone="+1 (613) 555-0101")]
    assert standing(*rows, rule="past-finding")[0]["strength"] == "phone, recent"


def test_a_finding_fades_and_goes():
    first = [line(1, 0, **phone(1)), examined(1, 2)]
    for days, band in ((100, "within a year"), (400, "older"), (BANDS[-1][0] + 2, None)):
        found = standing(*first, line(2, 24 * days, **phone(1)), rule="past-finding")
        assert [one["strength"] for one in found] == ([f"phone, {band}"] if band else [])


def test_the_later_of_two_outcomes_stands_and_is_said():
    rows = [line(1, 0, **phone(1)), line(2, 30, **phone(1))]
    nothing, finding = (
        examined(8, 3, "nothing", subject="parcel:post:1"),
        examined(9, 4, subject="parcel:post:1"),
    )
    (signal,) = standing(*rows, nothing, finding, rule="past-finding")
    assert (
        Reason.load(signal["reason"]).message == "cargo.past-finding-phone-controlled-substance-contradicted"
    )
    later = examined(8, 5, "nothing", subject="parcel:post:1")
    assert standing(*rows, finding, later, rule="past-finding") == []


def test_a_finding_put_right_is_taken_back_and_one_that_comes_late_reaches_items_before_it():
    rows = [line(1, 0, **phone(1)), line(2, 1, **phone(1)), examined(1, 4)]
    (signal,) = standing(*rows, rule="past-finding")
    assert signal["subjects"][0] == "parcel:post:2"
    assert standing(*rows, examined(1, 9, "nothing"), rule="past-finding") == []
    assert (
        standing(*rows, line(9, 9, report_key="declaration-1", subject="parcel:post:1"), rule="past-finding")
        == []
    )


def test_a_busy_place_is_said_once_and_not_of_every_parcel():
    rows = [line(1, 0, **HERE), examined(1, 1), *(line(n, 2 + n / 20, **HERE) for n in range(2, 300))]
    found = standing(*rows, rule="past-finding")
    busy = [one for one in found if one["strength"] == "busy place"]
    assert len(busy) == 1
    assert len(found) < 70


def test_a_value_that_such_goods_never_have():
    few, cases = measuring.CASES - 1, measuring.CASES + 64
    rows = [line(n, n / 4, hs="610910", value=10 + n % 7, mass=1.0) for n in range(cases)]
    odd = line(9999, cases / 4, hs="610910", value=9000, mass=1.0)
    (signal,) = standing(*rows, odd, rule="value-for-goods")
    assert signal["subjects"] == ["parcel:post:9999"]
    assert signal["strength"] == "high"
    assert "heading 6109" in said(signal)
    assert standing(*rows[: few - 64], odd, rule="value-for-goods") == []
    right = line(10_000, 300, hs="610910", value=9, mass=1.0, report_key="declaration-9999")
    assert standing(*rows, odd, right, rule="value-for-goods") == []


def test_equal_declarations_of_one_shipper_do_not_make_a_norm():
    shop = {"shipper_address": "1 Shop Street, Southtown"}
    rows = [line(n, n / 60, hs="610910", value=10, mass=1.0, **shop) for n in range(measuring.CASES + 100)]
    assert standing(*rows, line(9999, 11, hs="610910", value=9000), rule="value-for-goods") == []


def test_masses_of_nothing_and_of_a_ship():
    assert standing(*(line(n, n, mass=0.0) for n in range(5))) == []
    (signal,) = standing(line(1, 0, mass=1e9))
    assert (signal["rule"], signal["strength"]) == ("mass-for-goods", "impossible")


def test_a_nodes_own_norm_needs_no_cases():
    norm = goods_norms.Norm("6109", "CAD", 5.0, 80.0, "the node's valuation unit", "2026-03-01")
    norms = msgspec.structs.replace(goods_norms.read(), norm=(norm,))
    refs = Refs(bytes(32), {**REFS.contents, "goods-norms": msgspec.json.encode(norms)})
    (signal,) = standing(line(1, 0, hs="6109.10", value=1, mass=2.0), rule="value-for-goods", refs=refs)
    assert signal["strength"] == "low"


def trip(number, hours, **columns):
    mine = {"departure": "FRA", "handler": "YOW 1", "direction": "inbound"} | phone(1)
    return line(number, hours, **(mine | columns))


def test_a_way_that_a_steady_shipper_never_took():
    rows = [trip(n, n) for n in range(routes.TRIPS)]
    (signal,) = standing(*rows, trip(99, 99, departure="USA"), rule="odd-route")
    why = Reason.load(signal["reason"])
    assert (why.message, why.params["trips"]) == ("cargo.new-way", routes.TRIPS)
    assert standing(*rows[:-1], trip(99, 99, departure="USA"), rule="odd-route") == []
    assert len(standing(*rows, trip(99, 99, handler="YOW 2"), rule="odd-route")) == 1


def test_who_goes_everywhere_has_no_odd_way():
    rows = [trip(n, n, departure=f"X{n:02}" if n % 4 == 0 else "FRA") for n in range(60)]
    assert standing(*rows, trip(99, 99, departure="USA"), rule="odd-route") == []


def test_the_way_is_bounded_at_a_bit():
    for hypothesis in weights().hypotheses.values():
        assert all(bits <= 1.0 for (rule, _), bits in hypothesis.bits.items() if rule == "odd-route")
        assert all(bits == 0.0 for (rule, _), bits in hypothesis.bits.items() if rule == "new-party")


def test_a_new_party_is_a_fact_beside_something_else_and_alone_is_nothing():
    first = line(1, 0)
    alone = [first, line(2, 24 * 20)]
    assert standing(*alone) == []
    (signal,) = standing(
        first, line(2, 24 * 20, mass=1e9, shipper_address=first["shipper_address"]), rule="new-party"
    )
    assert signal["strength"] == "consignee"


def test_an_answer_is_outstanding_until_a_release():
    held = row("response", 1, 0, answer="hold", by="CBSA")
    (signal,) = standing(held, rule="responded")
    by = {"by": "CBSA", "answer": "hold", "item": "1", "day": "2026-03-02"}
    assert Reason.load(signal["reason"]) == Reason("cargo.responded", by)
    assert standing(held, row("response", 2, 1, answer="release", by="CBSA", subject="parcel:post:1")) == []
    assert (
        len(standing(held, row("response", 2, 1, answer="release", by="carrier", subject="parcel:post:1")))
        == 1
    )


def test_names_and_origin_change_nothing_but_who_is_who():
    """The same stream with every name in another script and every country of origin another says the same."""
    rows = [line(1, 0, **phone(1)), examined(1, 2)]
    rows += [line(n, 30 + n, value=3000, **INBOUND, **phone(1)) for n in range(2, 6)]
    names = [
        {"origin": "FRA", "consignee_name": f"Имя {n}", "shipper_name": f"名 {n}"} for n in range(len(rows))
    ]
    other = [one | (name if "goods" in one else {}) for one, name in zip(rows, names, strict=True)]
    assert standing(*rows) == standing(*other)


@pytest.mark.parametrize("goods", ["", "賀卡 открытки بطاقات שלום cartes " * 2000, "gift"])
def test_any_description_is_folded(goods):
    rows = [line(n, n, value=3000, goods=goods, hs="490900", **INBOUND) for n in range(3)]
    assert len(standing(*rows, rule="split-consignment")) == 1


STRENGTHS = {
    "split-consignment": {*split_consignment.STRENGTHS, "packets"},
    "repeated-consignment": {*repeated_consignment.STRENGTHS},
    "page-reused": {*page_reused.STRENGTHS},
    "many-spellings": {*many_spellings.STRENGTHS, "spellings"},
    "value-for-goods": {"low", "high"},
    "mass-for-goods": {"low", "high", "impossible"},
    "odd-route": {"odd", "very odd"},
    "new-party": {"consignee", "shipper"},
    "hs-withdrawn": {"withdrawn"},
    "responded": {*responded.ASKING},
    "like-found": {"moderate", "strong"},
    "mass-differs": {"heavier", "lighter"},
    "past-finding": {
        "busy place",
        *(f"{one}{more}" for one in GUILT.values() for more in ("", ", other goods")),
        *(
            f"{way}, {band}{more}"
            for way, _, _ in WAYS
            for _, band in BANDS
            for more in ("", ", other goods")
        ),
    },
}


@pytest.mark.parametrize("rule", STRENGTHS)
def test_each_strength_has_a_weight_and_each_weight_a_strength(rule):
    found = [
        {strength for name, strength in hypothesis.bits if name == rule}
        for hypothesis in weights().hypotheses.values()
    ]
    assert any(found)
    assert all(one in (set(), STRENGTHS[rule]) for one in found)


def test_what_else_was_examined_with_a_party_counts():
    """One in one is told by its way, 3 in 13 as some, 1 in 9 as few."""
    first, last_ = [line(1, 0, **phone(1)), examined(1, 1)], line(999, 100, **phone(1))
    for clean, strength in (
        (0, "phone, recent"),
        (1, "phone, recent"),
        (3, "some of many"),
        (8, "few of many"),
    ):
        others = [line(n, n, **phone(1)) for n in range(2, 2 + clean)]
        more = [examined(n, n + 1, "nothing") for n in range(2, 2 + clean)]
        (signal,) = [
            one
            for one in standing(*first, *others, *more, last_, rule="past-finding")
            if one["subjects"][0] == "parcel:post:999"
        ]
        assert signal["strength"] == strength
        why = Reason.load(signal["reason"]).params
        assert (why["found"], why["examined"]) == (1, 1 + clean)


def test_a_party_in_which_no_more_was_found_than_elsewhere_is_not_told():
    """Of 120 items with parties of their own every fourth holds something: one in one is chance."""
    rows = [line(n, n / 9, shipper=f"company:seller:{n}") for n in range(120)]
    rows += [examined(n, n / 9 + 1, "finding" if n % 4 == 0 else "nothing") for n in range(120)]
    new = line(999, 20, shipper="company:seller:0")
    assert standing(*rows, new, rule="past-finding") == []
    assert len(standing(*rows[:99], *rows[120:219], new, rule="past-finding")) == 1  # too few to know


@pytest.mark.parametrize(
    ("names", "strength"),
    [
        (("Wren Halloway", "Marlow Dune", "Tansy Birch", "Ash Fenwick", "Rowan Pike"), "shared place"),
        (
            ("Wren Halloway", "Wren Haloway", "HALLOWAY Wren", "Wern Halloway", "Wrenn Halloway"),
            "address, recent",
        ),
    ],
)
def test_an_address_of_many_names_says_little_of_each(names, strength):
    """A tower or a mailbox shop is full of strangers; spellings of one name are no crowd."""
    rows = [line(n, n, consignee_name=name, **HERE) for n, name in enumerate(names)]
    found = standing(*rows, examined(0, 5), line(99, 9, consignee_name=names[0], **HERE), rule="past-finding")
    (signal,) = [one for one in found if one["subjects"][0] == "parcel:post:99"]
    assert signal["strength"] == strength


@pytest.mark.parametrize(
    ("hs", "says"),
    [("2939.71", "since 2022; such goods are now under 2939"), ("490900", None), ("29", None), (None, None)],
)
def test_a_code_of_a_withdrawn_edition_is_a_fact_beside_something_else(hs, says):
    assert standing(line(1, 0, hs=hs), rule="hs-withdrawn") == []
    found = standing(line(1, 0, hs=hs, mass=1e9), rule="hs-withdrawn")
    assert [says in said(one) for one in found] == ([True] if says else [])
    assert all(one.bits.get(("hs-withdrawn", "withdrawn"), 0) == 0 for one in weights().hypotheses.values())


def _by_hand(rows):
    """Shippers, each by its address, that gave a page up to some line within 30 days: the most there are."""
    counts = [0]
    for at, one in enumerate(rows):
        lately = [
            row for row in rows[: at + 1] if one["observed_at"] - row["observed_at"] <= timedelta(days=30)
        ]
        counts.append(len({row["shipper_address"] for row in lately if row["page"] == one["page"]}))
    return max(counts)


@settings(deadline=None, max_examples=draws(40))
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1), st.integers(0, 200)), max_size=14),
)
@example([(0, 0, 1), (1, 0, 1), (1, 0, 1), (0, 0, 1), (2, 0, 1)])
def test_a_page_is_told_whatever_the_order_of_its_shippers(drawn):
    """Oracle: shippers counted row by row."""
    rows, hours = [], 0
    for number, (shipper, page, later) in enumerate(drawn):
        hours += later
        of = {"shipper_address": f"{shipper} Mill Lane, Northtown", "page": f"https://shop.example/{page}"}
        rows.append(line(number, hours, **of))
    said_of = [one for one in history(*rows).to_pylist() if one["rule"] == "page-reused"]
    assert bool(said_of) == (_by_hand(rows) >= 3)
