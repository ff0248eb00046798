"""The rules over columns find what the same rules find row by row, whatever stands in a waybill."""

from datetime import timedelta

from benchmarks.cargo.waybills import plain, waybills
from benchmarks.cargo.waybills_by_row import findings
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.reference.preload.waybill import AT, CASES, GOOD, NEAR, house, own, table
from tests.thorough import draws

from watchfloor.reference.preload import check
from watchfloor.reference.preload.vague_words import phrases

LETTERS = "aBcXx09 \t.,-/&'?*éÅßÖжОρΩ货物ｇ٣½“”\u200b\u00a0\u0301_()#"
WORDS = st.one_of(
    st.none(),
    st.text(LETTERS, max_size=12),
    st.sampled_from(
        [
            *(
                "to order",
                "P.O. Box 12, Canada",
                "12 Main Street, Ontario, Canada",
                "Canada",
                "CA",
                "N/A",
                "XXX",
                "PDF.",
                ".pdf",
                "OIL.",
            ),
            *(
                "Nord Freight",
                "SPX EAP",
                "014-12345675",
                "ABC77",
                "ABC 77",
                "consol",
                "STC shoes",
                "10 kΩ",
                "COTTОN",
            ),
        ]
    ),
    st.lists(
        st.sampled_from([*phrases("unacceptable"), *phrases("filler"), *phrases("general"), "shirts", "12"]),
        max_size=4,
    ).map(" ".join),
)
NUMBERS = st.sampled_from(
    [None, "", "ABC77", "ABC78", "014-12345675", "01412345675", "014-12345674", "-", "H" * 40]
)
ROWS = st.fixed_dictionaries(
    {
        "goods": WORDS.map(lambda text: text or ""),
        **dict.fromkeys(("shipper_name", "consignee_name", "shipper_address", "consignee_address"), WORDS),
        "document": NUMBERS,
        "master": NUMBERS,
        "pieces": st.sampled_from([None, -1, 0, 1, 12, 9_999, 10_000]),
        "mass": st.sampled_from([None, float("nan"), -1.0, 0.0, 0.1, 84.5, 250_000.0, 1e9]),
        "expected_at": st.sampled_from([None, AT, AT + timedelta(hours=1)]),
        "codes": st.sampled_from([None, [], ["sph=SPX"], ["consolidation=yes"]]),
        "route": st.sampled_from(
            [None, [], ["FRA", "YYZ"], ["FRA", "JFK"], ["FRA", "???"], ["DEFRA", "USNYC"]]
        ),
        "departure": st.sampled_from([None, "DE"]),
        "subject": st.sampled_from(["parcel:hawb:1", "parcel:awb:014-12345675"]),
    }
)


def both(rows):
    made = table(*rows)
    return plain(check(made, everything=True).findings), findings(made.to_pylist())


def test_the_cases_of_every_rule_come_out_alike():
    """All of them as one delivery, so that they also meet each other."""
    cases = (row for rows in CASES.values() for case in rows for row in case)
    ours, theirs = both([*cases, *(row for rows in NEAR.values() for row in rows), house(), own()])
    assert {rule for _, rule, _ in ours} >= CASES.keys() - {"houses-missing", "forwarders-unmarked"}
    assert ours == theirs


def test_made_up_waybills_come_out_alike():
    made = waybills(400, 3)
    assert plain(check(made).findings) == findings(made.to_pylist())


@settings(max_examples=draws(12))
@example([GOOD | {"goods": "\t", "document": "-"}])  # nothing is left of either, and that is no number
@given(st.lists(st.one_of(ROWS.map(lambda row: GOOD | row), ROWS), min_size=1, max_size=12))
def test_whatever_stands_in_a_waybill(rows):
    ours, theirs = both([{"observed_at": AT, **row} for row in rows])
    assert ours == theirs


@given(
    st.lists(st.tuples(st.sampled_from(["goods", "consignee_name", "shipper_address"]), WORDS), max_size=6)
)
def test_a_good_waybill_with_one_field_changed(changes):
    ours, theirs = both(
        [house(document=f"A{at}", **{name: text or ""}) for at, (name, text) in enumerate(changes)]
    )
    assert ours == theirs
