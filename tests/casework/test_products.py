from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.casework.world import KEY, UNITS, Log, at
from tests.refusals import because

from watchfloor.casework.reports import products
from watchfloor.casework.reports.product_page import page
from watchfloor.casework.reports.products import Portion, Text
from watchfloor.casework.tasking.units import reader
from watchfloor.cell.acts import Refusal
from watchfloor.cell.leads import Contribution, Lead
from watchfloor.cell.weighing.weights import Hypothesis, Weights, load
from watchfloor.core.marking import join, parse
from watchfloor.core.messages import Reason, declare, reason
from watchfloor.policy.policy import allowed

DAY = date(2026, 11, 24)
WHY = declare("test.product-why", en="it fits {name}.", fr="cela va à {name}.")
RCMP, US = (reader(UNITS.units[name], "border security", DAY) for name in ("rcmp-operations", "us-border"))


def lead(marking="PB//TLP:AMBER", bits=2.0):
    given = reason(WHY, name="X")
    one = Contribution(b"s", "person:f:1", "listed-name", "match", 9.0, None, at(0), given, (b"r",), ())
    two = replace(one, signal_id=b"t", bits=-1.0)
    return Lead("abc123", "person:f:1", "listed", -6.0, bits, (one, two), marking, "w")


ABOVE = Portion("PB//TLP:AMBER", "the whole story")


def text(below=(), above=(ABOVE,)):
    return Text("Parcels to one address", ("abc123",), tuple(above), tuple(below))


def drafted(log, *below):
    row = log.add(products.draft(text(below), "anna", at(0), KEY))
    return products.Product.fold(log.rows)[row["product"]]


def after(log, row):
    log.add(row)
    return products.Product.fold(log.rows)[row["product"]]


OPEN = Portion("U//TLP:GREEN//REL:CAN,USA", "look for blue labels")


def test_a_report_is_marked_as_the_join_of_its_portions():
    row = products.draft(text([Portion("U//TLP:GREEN//REL:CAN,USA", "x")]), "anna", at(0), KEY)
    assert row["marking"] == "PB//TLP:AMBER//REL:CAN,USA"


def test_each_receives_the_part_that_may_go_to_them():
    log = Log()
    row, parts = products.disseminate(drafted(log, OPEN), 1, {"rcmp": RCMP, "us": US}, "anna", at(1))
    assert parts == {"rcmp": "whole", "us": "tear-line"}
    assert row["recipients"] == ["rcmp", "us"]


def test_nothing_goes_to_anyone_where_one_may_not_have_it():
    log = Log()
    with pytest.raises(Refusal, check=because("cell.product-nothing-below")):
        products.disseminate(drafted(log), 1, {"us": US}, "anna", at(1))
    one = drafted(log, OPEN, Portion("U//REL:CAN", "at the back door"))
    why = str(Reason("cell.release-country", {"countries": "CAN", "country": "USA"}))
    with pytest.raises(Refusal, check=because("cell.product-not-releasable", name="us", number=2, why=why)):
        products.disseminate(one, 1, {"rcmp": RCMP, "us": US}, "anna", at(1))
    with pytest.raises(Refusal, check=because("cell.product-nobody")):
        products.disseminate(one, 1, {}, "anna", at(1))


def test_portions_that_may_go_one_by_one_may_still_not_go_together():
    both = Portion("U//PURPOSE:border security", "a"), Portion("U//REL:CAN,USA//PURPOSE:rescue", "b")
    with pytest.raises(Refusal, check=because("cell.product-not-releasable", number=2)):
        products.disseminate(drafted(Log(), *both), 1, {"us": US}, "anna", at(1))


def test_an_amendment_names_who_has_an_older_edition_and_a_recall_names_everyone():
    log = Log()
    one = drafted(log, OPEN)
    one = after(log, products.disseminate(one, 1, {"us": US}, "anna", at(1))[0])
    one = after(log, products.amend(one, 1, text([OPEN], [Portion("PA", "new")]), "anna", at(2), "shorter"))
    assert (one.edition, one.outdated) == (2, ("us",))
    one = after(log, products.disseminate(one, 2, {"rcmp": RCMP}, "anna", at(3))[0])
    assert one.received == {"us": (1,), "rcmp": (2,)}
    one = after(log, products.recall(one, 2, "anna", at(4), "withdrawn"))
    assert one.history[-1]["recipients"] == ["us", "rcmp"]
    assert one.received == {"us": (1,), "rcmp": (2,)}
    for act in (
        lambda: products.recall(one, 2, "ben", at(5), "again"),
        lambda: products.disseminate(one, 2, {"us": US}, "ben", at(5)),
        lambda: products.amend(one, 2, text(), "ben", at(5), "x"),
    ):
        with pytest.raises(
            Refusal,
            check=because("cell.product-recalled", by="anna", at="2026-11-24 03:04Z", why="withdrawn"),
        ):
            act()


def test_the_second_of_two_who_act_at_once_is_told():
    log = Log()
    seen = drafted(log, OPEN)
    present = after(log, products.amend(seen, 1, text(), "ben", at(1), "the lead is weaker"))
    with pytest.raises(Refusal, check=because("cell.product-stale", by="ben", edition=2, made_on=1)):
        products.disseminate(present, 1, {"rcmp": RCMP}, "anna", at(2))


def test_what_a_lead_says_is_told_with_what_speaks_against_it():
    sure = Weights({"listed": Hypothesis("listed", -2.0, {}, default_sd=0.0, prior_sd=0.0)}, "digest")
    (one,) = products.from_leads([lead()], sure, "en")
    assert one.marking == "PB//TLP:AMBER"
    assert "likely (80 %)" in one.text
    assert "Confidence in it is moderate (origins that do not repeat each other: 2; rules: 1)." in one.text
    assert "For it: it fits X." in one.text
    assert "Against it: it fits X." in one.text
    assert ".." not in one.text
    assert "not a finding" in one.text
    (french,) = products.from_leads([lead(bits=99.0)], load(), "fr")
    assert "(99\u00a0%)" in french.text
    assert "Contre" in french.text


BASE = parse("PB//TLP:AMBER//ORCON:CBP//PURPOSE:border security//UNTIL:2027-01-01")


def test_above_the_line_nothing_is_marked_below_the_leads_and_below_it_the_owner_still_binds():
    given = "(U) first\nline\n\nsecond without a marking"
    above = products.portions(given, BASE, below=False)
    assert [one.text for one in above] == ["first\nline", "second without a marking"]
    assert {one.marking for one in above} == {str(BASE)}
    below = products.portions(given, BASE, below=True)
    assert parse(below[0].marking).protected == 0
    assert parse(below[0].marking).originators == {"CBP"}
    assert parse(below[0].marking).retain_until == date(2027, 1, 1)
    assert below[1].marking == str(BASE)
    assert not allowed(US, parse(below[0].marking))


def test_a_marking_that_cannot_be_read_is_refused_by_its_paragraph():
    with pytest.raises(Refusal, check=because("cell.product-unreadable", number=2, text="TLP:PINK")):
        products.portions("(U) fine\n\n(TLP:PINK) not", BASE, below=True)


MARKS = st.sampled_from(
    ["U", "PA", "PB//TLP:AMBER", "U//REL:CAN,USA", "U//REL:CAN", "U//ORCON:RCMP", "U//COMP:SI"]
)
PORTIONS = st.lists(st.builds(Portion, MARKS, st.text("abc", min_size=1)), max_size=3)


@given(PORTIONS.filter(bool), PORTIONS)
def test_whoever_receives_a_part_may_see_every_portion_of_it(above, below):
    log = Log()
    row = log.add(products.draft(text(below, above), "anna", at(0), KEY))
    one = products.Product.fold(log.rows)[row["product"]]
    assert row["marking"] == join([portion.marking for portion in (*above, *below)])
    for receiver in (RCMP, US):
        try:
            part = products.part_for(one, "x", receiver)
        except Refusal:
            assert not allowed(receiver, parse(one.text.marking))
            assert not below or not allowed(receiver, parse(one.text.below_marking))
        else:
            sent = [*above, *below] if part == "whole" else below
            assert sent
            assert all(allowed(receiver, parse(portion.marking)) for portion in sent)


def test_a_torn_off_page_carries_nothing_from_above_the_line():
    log = Log()
    one = drafted(log, OPEN)
    whole, torn = page(one, "whole"), page(one, "tear-line", "fr", plain=True)
    assert whole.splitlines()[0] == whole.rstrip().splitlines()[-1] == one.text.marking
    assert "(PB//TLP:AMBER) the whole story" in whole
    assert "TEAR-LINE: U//TLP:GREEN//REL:CAN,USA" in whole
    for secret in ("whole story", "Parcels to one address", "abc123", "PB", "TLP:AMBER"):
        assert secret not in torn
    assert torn.splitlines()[0] == torn.rstrip().splitlines()[-1] == OPEN.marking
    one = after(log, products.recall(one, 1, "anna", at(1), "the source withdrew"))
    assert "the source withdrew" in page(one, "whole")
    assert "RAPPELÉ" in page(one, "tear-line", "fr")
    assert "the source withdrew" not in page(one, "tear-line", "fr")


def test_a_report_without_leads_title_or_reason_is_refused():
    with pytest.raises(Refusal, check=because("cell.product-no-leads")):
        products.draft(Text("t", (), (OPEN,), ()), "anna", at(0), KEY)
    with pytest.raises(Refusal, check=because("cell.empty-text", what_words="title")):
        products.draft(replace(text(), title=" "), "anna", at(0), KEY)
    with pytest.raises(Refusal, check=because("cell.empty-text", what_words="why")):
        products.recall(drafted(Log()), 1, "anna", at(1), None)
