"""Who controls what, since when."""

from datetime import date

import pytest

from watchfloor.core.partial_date import is_written
from watchfloor.reference.law import elsewhere, structures, trade
from watchfloor.reference.law.elsewhere import Elsewhere

PIPERIDONE = "VRJHQPZVIGNGMX-UHFFFAOYSA-N"
BOC = "ROUYFJUVMYHXFJ-UHFFFAOYSA-N"


def dated(key: str) -> dict[str, str]:
    return {one.jurisdiction: one.since for one in elsewhere.controlled_elsewhere(key) if one.until is None}


def test_the_two_seed_precursors() -> None:
    assert dated(PIPERIDONE) == {
        "CA": "2024-09-03",
        "UN": "2024-12-03",
        "US": "2023-05-12",
        "CN": "2025-07-20",
    }
    assert dated(BOC) == {"CA": "2024-09-03", "UN": "2024-12-03", "US": "2023-05-12", "CN": "2025-07-20"}


@pytest.mark.parametrize(
    ("id_", "jurisdiction", "since"),
    [
        ("npp", "UN", "2017-10-18"),
        ("anpp", "US", "2010-08-30"),
        ("norfentanyl", "UN", "2022-11-23"),
        ("4-anilinopiperidine", "CN", "2024-09-01"),
        ("benzylfentanyl", "US", "2020-05-15"),
        ("fentanyl", "UN", "1964"),
    ],
)
def test_dates(id_: str, jurisdiction: str, since: str) -> None:
    assert dated(trade.substances()[id_].inchikey)[jurisdiction] == since


def test_every_measure_is_cited_dated_and_about_something() -> None:
    ids = trade.substances().keys()
    for one in elsewhere.measures():
        assert len(one.citation) > 10, one
        assert is_written(one.since), one
        assert one.until is None or (is_written(one.until) and one.until > one.since), one
        assert bool(one.substances) != bool(one.controlled_class), one
        assert set(one.substances) <= ids, one
        assert one.jurisdiction in elsewhere.JURISDICTIONS, one


def test_a_move_between_lists_leaves_one_in_force() -> None:
    """A substance stands on one list of a law at a time."""
    for id_ in trade.substances():
        for jurisdiction in elsewhere.JURISDICTIONS:
            open_ = [
                one.list
                for one in elsewhere.measures()
                if one.jurisdiction == jurisdiction and id_ in one.substances and one.until is None
            ]
            assert len(open_) <= 1, (id_, open_)


def test_the_tables_of_1988_are_whole_before_december_2024() -> None:
    """33 substances then (25 and 8), and of the 18 that came with 3 December 2024 the six named in trade."""
    open_ = [m for m in elsewhere.measures() if m.list.startswith("1988") and m.until is None]
    before = [(m.list, i) for m in open_ if m.since != "2024-12-03" for i in m.substances]
    assert len({i for where, i in before if where.endswith("Table I")}) == 25
    assert len({i for where, i in before if where.endswith("Table II")}) == 8
    assert len({i for m in open_ if m.since == "2024-12-03" for i in m.substances}) == 6


def test_on_a_day() -> None:
    fact = Elsewhere("UN", "Table I", "2024-12-03", None, "x", "text")
    assert (fact.on(date(2024, 12, 2)), fact.on(date(2024, 12, 3))) == (False, True)
    coarse = Elsewhere("UN", "Table I", "1992-11", "2001", "x", "memory")
    days = [date(1992, 10, 31), date(1992, 11, 15), date(1992, 12, 1), date(2001, 6, 1), date(2002, 1, 1)]
    assert [coarse.on(day) for day in days] == [False, None, True, None, False]


def test_stereo_is_said_and_two_isomers_are_not_one() -> None:
    s = trade.substances()["methamphetamine"].inchikey
    flat = s[:14] + "-UHFFFAOYSA-N"
    assert {one.how for one in elsewhere.controlled_elsewhere(s)} == {"listed"}
    assert {one.how for one in elsewhere.controlled_elsewhere(flat)} == {"stereo"}
    other = s[:14] + "-SECBINFHSA-N"
    assert elsewhere.controlled_elsewhere(other) == ()
    assert elsewhere.controlled_elsewhere("nothing") == ()


def test_classes() -> None:
    assert {one.jurisdiction for one in elsewhere.of_class("fentanyls")} == {"US", "CN"}
    (nitazenes,) = elsewhere.of_class("nitazenes")
    assert (nitazenes.jurisdiction, nitazenes.since) == ("CN", "2025-07-01")


def test_both_forms_of_one_item():
    """The Act's erythro form of ephedrine has two mirror images; the conventions' fact reaches both."""
    for structure in structures.structures()["CDSA/VI.1/4"]:
        assert {"UN", "US", "CN", "CA"} <= {
            one.jurisdiction for one in elsewhere.controlled_elsewhere(structure.inchikey)
        }
