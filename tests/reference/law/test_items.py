"""The law's dated changes, in the shipped table and in the stored consolidations themselves."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from design import law

from watchfloor.reference.law import items
from watchfloor.reference.law.items import diff, known, on

LAW = Path(__file__).parents[4] / "shared/data/law"
DAY = timedelta(1)
SALTS_OF = {"salts-of-analogues", "salts-of-derivatives"}


def shipped():
    return {(one.key, one.since): one for one in items.items()}


@pytest.fixture(scope="module")
def rebuilt():
    """The rows that the stored consolidations give now, as lines of the file."""
    if not (LAW / "C-38.8@2026-07-23.xml").exists():
        pytest.skip("needs law/C-38.8@*.xml of ../shared/data")
    return [law.line(row) for row in law.table(law.entries(LAW))]


def test_the_shipped_table_is_what_the_consolidations_say(rebuilt):
    lines = (Path(items.__file__).parent / items.FILE).read_text("utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")][1:] == rebuilt


CHANGES = [
    # item, first day, last day, how it ended
    ("CDSA/V/1", "2022-08-31", "2023-08-29", "repealed"),  # analogues of 4-AP, for the period to 2023-08-30
    ("CDSA/V/1(3)", "2022-08-31", "2023-08-29", "repealed"),
    ("CDSA/VI.1/30(1)", "2023-08-30", None, None),  # 4-anilino-1-boc-piperidine
    ("CDSA/VI.1/30", "2017-12-27", "2023-08-29", "replaced"),
    ("CDSA/VI.1/30", "2023-08-30", None, None),
    ("CDSA/I/28", "2024-06-05", None, None),  # AP-237
    ("CDSA/VI.1/27", "2017-12-27", "2024-09-02", "replaced"),  # 4-piperidone and its salts
    ("CDSA/VI.1/27", "2024-09-03", None, None),  # and its derivatives and analogues
    ("CDSA/VI.1/27(1)", "2024-09-03", None, None),  # 1-boc-4-piperidone
    ("CDSA/V/1/2025", "2025-04-14", "2025-12-18", "repealed"),  # carisoprodol, added and repealed in between
    ("CDSA/V/2", "2025-04-14", "2026-03-25", "replaced"),  # phenethyl bromide
    ("CDSA/V.2/was-2", "2026-03-26", "2026-04-11", "replaced"),
    ("CDSA/VI.1/33", "2026-04-12", None, None),
    ("CDSA/V/4", "2025-05-29", "2026-03-25", "replaced"),  # benzyl chloride; added on 2025-04-14 for later
    ("CDSA/VI.2/7", "2026-04-12", None, None),  # class B
    ("CDSA/IX/1", "2017-05-18", "2025-12-16", "replaced"),
    ("CDSA/IX/1", "2025-12-17", None, None),
    ("CDSA/IX/5", "2025-12-17", None, None),
    ("CDSA/IV/28", "2025-12-19", None, None),  # carisoprodol
    ("CDSA/V.1/1", "2026-06-05", "2027-06-04", "period ended"),  # spirobrorphine
    ("CDSA/V.1/2", "2026-06-05", "2027-06-04", "period ended"),
    ("CDSA/V.2.1/1", "2026-06-05", "2027-06-04", "period ended"),  # R 29676
    ("CDSA/V.2.3/1", "2026-06-05", "2027-06-04", "period ended"),
]


@pytest.mark.parametrize(("key", "since", "until", "ended"), CHANGES)
def test_a_dated_change_in_the_shipped_table(key, since, until, ended):
    item = shipped()[key, date.fromisoformat(since)]
    last = date.fromisoformat(until) if until else None
    assert (item.until, item.ended) == (last, ended)
    assert [item in on(day) for day in (item.since - DAY, item.since)] == [False, True]
    if last:
        assert [item in on(day) for day in (last, last + DAY)] == [True, False]


@pytest.mark.parametrize(("key", "since", "until", "ended"), CHANGES)
def test_a_dated_change_in_the_consolidations(key, since, until, ended, rebuilt):
    column = law.COLUMNS.index
    rows = [line.split("\t") for line in rebuilt]
    (row,) = [one for one in rows if (one[0], one[column("since")]) == (key, since)]
    assert (row[column("until")], row[column("ended")]) == (until or "", ended or "")


def test_a_temporary_item_states_its_period():
    found = {one.key: one for one in on(date(2025, 6, 1)) if one.temporary}
    assert {key: str(one.period_until) for key, one in found.items()} == {
        "CDSA/V/1/2025": "2026-04-13",
        "CDSA/V/2": "2026-04-13",
        "CDSA/V/3": "2026-05-28",
        "CDSA/V/4": "2026-05-28",
    }


def test_each_day_has_one_wording_of_an_item():
    for day in (one.since for one in items.items()):
        keys = [one.key for one in on(day)]
        assert len(keys) == len(set(keys))


def test_the_difference_between_two_days():
    changes = {one.key: one for one in diff(date(2026, 3, 1), date(2026, 6, 14))}
    assert {key for key, one in changes.items() if one.what == "removed"} == {
        f"CDSA/V/{n}" for n in (2, 3, 4)
    }
    added = {one.after.name for one in changes.values() if one.what == "added" and one.after.act == "CDSA"}
    assert {"Spirobrorphine", "R 29676", "Phenethyl iodide", "Benzyl chloride"} <= added
    assert changes["CDSA/VI.2/7"].day == date(2026, 4, 12)
    assert changes["CDSA/V/2"].day == date(2026, 3, 26)
    assert diff(date(2026, 6, 14), date(2026, 6, 14)) == ()
    back = {one.key: one.what for one in diff(date(2026, 6, 14), date(2026, 3, 1))}
    assert (back["CDSA/V/2"], back["CDSA/VI.2/7"]) == ("added", "removed")
    (changed,) = [
        one
        for one in diff(date(2024, 9, 2), date(2024, 9, 3))
        if one.what == "changed" and one.after.act == "CDSA"
    ]
    assert (changed.key, "derivatives" in changed.before.covers, "derivatives" in changed.after.covers) == (
        "CDSA/VI.1/27", False, True)  # fmt: skip


def test_exceptions_are_items_of_their_own():
    out = {one.name for one in on(date(2026, 6, 14)) if one.sort == "excluded"}
    assert {
        "Dextromethorphan",
        "Naloxone",
        "Poppy seed",
        "phytocannabinoid",
        "123l-ioflupane",
        "peyote",
    } <= out
    assert "Levomethorphan" not in out
    assert shipped()["CDSA/I/10(10)", date(2018, 4, 4)].covers == {"salts"}


def test_a_substance_is_covered_as_the_item_it_stands_in_says():
    fentanyl = shipped()["CDSA/I/16(5)", date(2018, 4, 4)]
    assert fentanyl.covers == {"salts", "derivatives", "analogues", *SALTS_OF}
    assert shipped()["CDSA/I/1(5)", date(2018, 4, 4)].covers >= {"salts", "salts-of-derivatives"}
    assert shipped()["CDSA/IV/11", date(2018, 4, 4)].covers == frozenset()
    assert shipped()["CDSA/I/27(1)", date(2022, 3, 31)].covers == {"salts", "isomers", "salts-of-isomers"}


def test_french_names_go_by_code_where_the_texts_number_siblings_differently():
    item = shipped()["CDSA/II/2(4)(ii)", date(2018, 10, 17)]
    assert (item.names_en[-1], item.names_fr[-1], item.item_fr) == ("JWH-251", "JWH-251", "2(4)(iii)")
    assert item.cited("fr") == "L.C. 1996, ch. 19, annexe II, article 2(4)(iii)"


def test_citations():
    assert shipped()["CDSA/VI.1/27(1)", date(2024, 9, 3)].citation == (
        "S.C. 1996, c. 19, Schedule VI, Part 1, item 27(1) (SOR/2024-98, s. 2)"
    )
    assert shipped()["CDSA/V.2.1/1", date(2026, 6, 5)].cited("fr") == (
        "L.C. 1996, ch. 19, annexe V, partie 2, tableau 1, article 1"
    )
    assert shipped()["CDSA/V.2/was-2", date(2026, 3, 26)].citation == (
        "S.C. 1996, c. 19, Schedule V, Part 2 (2026, c. 4)"
    )


def test_quantities_of_the_regulations():
    held = {one.key: one.quantity for one in items.items() if one.act == "PCR"}
    assert (held["PCR/1"], held["PCR/17"], held["PCR/28(1)"]) == ("1000 kg", "3 g per package", "0")
    assert len(held) == 48
    assert all(held.values())


def test_classes_of_precursors():
    found = {one.key: one.precursor_class for one in on(date(2026, 6, 14))}
    keys = ("CDSA/VI.1/33", "CDSA/VI.2/7", "CDSA/V.2.1/1", "CDSA/VI.3/1", "CDSA/V.1/1", "CDSA/I/18")
    assert [found[key] for key in keys] == ["A", "B", "A", None, None, None]


def test_which_days_an_edition_speaks_for():
    assert known(date(2026, 6, 10)) == "read"
    assert known(date(2025, 1, 1)) == "between"
    assert known(date(2010, 1, 1)) == "before"
    assert known(date(2026, 11, 1)) == "after"


def test_the_mark_of_a_repeal_names_nothing_and_is_never_in_force():
    marks = [one for one in items.items() if one.sort == "repealed"]
    assert {"CDSA/III/1", "CDSA/III/25", "CDSA/III/26", "CDSA/VII"} <= {one.key for one in marks}
    assert not any(one.names_en or one.on(one.since) for one in marks)


def test_every_item_stands_in_one_that_is_there():
    held = items.items()
    keys = {one.key for one in held}
    assert all(one.under in keys for one in held if one.under)
    assert len({(one.key, one.since, one.sort) for one in held}) == len(held)


def test_when_an_item_is_known_to_have_begun():
    """None where it stood there before under words that no stored edition shows."""
    first = {one.key: items.began(one) for one in reversed(items.items())}
    assert first["CDSA/I/16(5)"] is first["CDSA/VI.1/27"] is None
    assert first["CDSA/VI.1/11"] is first["CDSA/VI.1/9"] is first["CDSA/VI.1/28"] is None
    assert first["CDSA/VI.1/32"] == first["CDSA/VI.1/11(2)"] == date(2019, 5, 15)
    assert first["CDSA/I/27"] == date(2022, 3, 31)
    (second,) = (one for one in items.items() if one.key == "CDSA/VI.1/27" and one.until is None)
    assert items.began(second) == date(2024, 9, 3)
