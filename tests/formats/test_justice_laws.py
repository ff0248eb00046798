"""Justice Laws XML: what is read of it, what is refused, and the law itself where it is at hand."""

from datetime import date
from io import BytesIO
from itertools import islice

import pytest
from lxml import etree
from tests.formats.lists import JUSTICE, LAW, SCHEDULES, faults, listed, public, rows_of

from watchfloor.formats.base import FormatError, Head
from watchfloor.formats.lists.justice_laws import FORMAT, LIMS, read


def _read(text: str) -> list:
    return list(read(BytesIO(text.encode()), "list.xml"))


def test_an_item_of_the_list_in_the_body():
    (row, other) = listed(_read(JUSTICE))
    assert row["entity_id"] == "SOR/2099-1#11"
    assert (row["list_id"], row["instrument"], row["title"]) == (
        "SOR/2099-1",
        "SOR/2099-1",
        "Regulations Listing Nobody Real",
    )
    assert (row["version_id"], row["item"], row["provision"]) == ("21", "1", "section 1")
    assert (row["in_force"], row["window_from"], row["window_until"]) == (
        date(2024, 2, 1),
        date(2026, 1, 10),
        date(2026, 1, 20),
    )
    assert [name["text"] for name in row["names"]] == [
        "Harrow Vale Front",
        "HVF",
        "Vale Front",
        "Front du val",
        "The Lamp",
    ]
    assert (other["schema"], other["lang"], other["locator"]) == ("Organization", "en", "item 12")


def test_schedules_hold_individuals_entities_and_ships():
    pieces = _read(SCHEDULES)
    assert faults(pieces) == []
    rows = listed(pieces)
    assert [(r["schema"], r["name"], r["item"], r["provision"]) for r in rows] == [
        ("Person", "Odo VALLE", "1", "Schedule 1, Part 1"),
        ("Person", "Rilla Marsh", "3", "Schedule 1, Part 1"),
        ("Organization", "Vale Tile Works", "1", "Schedule 1, Part 2"),
        ("Vessel", "Sea Lantern", "1", "Schedule 2"),
    ]
    assert [row["birth_dates"] for row in rows[:2]] == [["1971-05-02"], ["1960"]]
    assert rows[3]["identifiers"] == [{"system": "imo", "number": "9074729", "owner": "IMO"}]
    assert rows[3]["entity_id"] == "SOR/2099-2#imo-9074729"


def test_an_item_without_its_id_or_a_name_is_a_fault():
    broken = JUSTICE.replace(' lims:fid="11"', "").replace("Lantern Society", "()")
    assert [fault.locator for fault in faults(_read(broken))] == ["item 1", "item 12"]


@pytest.mark.parametrize(
    "text",
    [
        JUSTICE.replace("C-46", "C-38.8"),
        SCHEDULES.replace("S-14.5", "F-11"),
        JUSTICE.replace("Item", "Thing"),
    ],
)
def test_an_instrument_that_lists_nobody_is_refused_by_name(text):
    with pytest.raises(FormatError, match=r"list\.xml is SOR/2099-\d .* lists no persons, entities or ships"):
        _read(text)


def test_sniff():
    assert FORMAT.sniff(Head("a.xml", JUSTICE.encode())) == 0.9
    assert FORMAT.sniff(Head("a.xml", JUSTICE.encode("utf-16"))) == 0.9
    assert FORMAT.sniff(Head("a.xml", b"<Regulation/>")) == 0


@pytest.mark.parametrize(
    ("day", "count"), [("2025-02-06", 79), ("2025-03-28", 86), ("2026-01-12", 90), ("2026-07-23", 89)]
)
@pytest.mark.parametrize("file", ["SOR-2002-284", "DORS-2002-284"])
def test_all_items_of_the_criminal_code_list(file, day, count):
    rows = rows_of(read, public(LAW / f"{file}@{day}.xml"))
    assert len({row["entity_id"] for row in rows}) == len(rows) == count


SANCTIONS = [
    ("2007-285", 149, 92, 0),
    ("2008-248", 77, 4, 0),
    ("2010-165", 222, 258, 0),
    ("2011-114", 230, 32, 0),
    ("2014-58", 1717, 876, 731),
    ("2014-60", 493, 60, 0),
    ("2017-204", 123, 0, 0),
    ("2017-233", 80, 0, 0),
    ("2020-214", 231, 89, 0),
    ("2022-226", 34, 0, 0),
]


@pytest.mark.parametrize(("number", "persons", "entities", "ships"), SANCTIONS)
def test_sanctions_schedules_of_the_law(number, persons, entities, ships):
    with public(LAW / f"SOR-{number}@2026-07-23.xml").open("rb") as stream:
        pieces = list(read(stream, number))
    assert faults(pieces) == []
    schemas = [row["schema"] for row in listed(pieces)]
    vessels = schemas.count("Vessel")
    assert (schemas.count("Person"), len(schemas) - schemas.count("Person") - vessels, vessels) == (
        persons,
        entities,
        ships,
    )


def _of_goods(item: etree._Element) -> bool:
    """Whether the schedule, or the nearest heading before the item's list, speaks of goods."""
    schedule = next(item.iterancestors("Schedule"), None)
    if schedule is None:
        return False
    if next(item.iterancestors("table"), None) is not None:
        return True
    above = [*islice(item.getparent().itersiblings("Heading", preceding=True), 1), schedule[0]]
    return any("Goods" in "".join(heading.itertext()) for heading in above)


@pytest.mark.parametrize("number", [number for number, *_ in SANCTIONS])
def test_no_item_in_force_is_passed_over(number):
    """Counted apart, by a plain look at the tree: items that are neither repealed nor goods."""
    path = public(LAW / f"SOR-{number}@2026-07-23.xml")
    items = (item for item in etree.parse(path).iter("Item") if item.find(".//Repealed") is None)
    expected = [item.get(LIMS + "fid") for item in items if not _of_goods(item)]
    found = [row["entity_id"].rpartition("#")[2] for row in rows_of(read, path) if row["schema"] != "Vessel"]
    assert found == expected


@pytest.mark.parametrize(
    "file", ["C-38.8@2026-07-23.xml", "fra-C-38.8@2026-07-23.xml", "SOR-2002-359@2026-07-23.xml"]
)
def test_laws_about_substances_are_no_lists_of_entities(file):
    with pytest.raises(FormatError, match="lists no persons"):
        rows_of(read, public(LAW / file))
