"""Lines computed from lists, law and the floor, against the real files and against rows a test writes."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.exchange.nodes import WHO, floor, trusting
from tests.exchange.partnership.banks import CODE
from tests.exchange.test_concern import HEADER, take_in

from watchfloor.cell.acts import common, write, write_all
from watchfloor.core.kinds import JUDGEMENT, OUTCOME, SEIZURE, TASK
from watchfloor.exchange import concern
from watchfloor.exchange.partnership import codes
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all, tally
from watchfloor.policy.policy import Reader
from watchfloor.reference import consolidations, listings
from watchfloor.reference.law import elsewhere
from watchfloor.reference.public_seizures import rows as published
from watchfloor.scorecard.computed import COMPUTED, RECORD, cartels, compute
from watchfloor.scorecard.computed.led import names_one

LAW = Path(__file__).parents[4] / "shared/data/law"
BEFORE, SAID, LATER = date(2025, 2, 18), date(2025, 3, 4), date(2026, 11, 26)
READER = Reader("officer", purpose="a test")
LOW = Reader("visitor", purpose="a test", protected=0, tlp=0)
MARKING = "PB//TLP:AMBER"


def law(pattern):
    found = sorted(LAW.glob(pattern))
    if not found:
        pytest.skip(f"needs {pattern} of ../shared/data/law")
    return found


@pytest.fixture
def cell(tmp_path):
    return floor(tmp_path, "cell")


def at(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


# ------------------------------------------------------------------ the list


@pytest.fixture(scope="module")
def editions():
    """The list in English and in French, every edition that is in the files."""
    return [listings.read(law(f"{name}-2002-284@*.xml"), report=lambda _: None) for name in ("SOR", "DORS")]


@pytest.fixture(scope="module")
def files_say(editions):
    """What is held of the list where it is read from the files."""
    rows = [row for table in editions for row in table.to_pylist() if row["list_id"] in cartels.LISTS]
    windows = defaultdict(set)
    for row in rows:
        windows[row["list_id"], row["window_from"], row["window_until"]].add(row["entity_id"])
    found = [cartels.Edition(*key, frozenset(ids)) for key, ids in sorted(windows.items())]
    keys = {key for one in cartels.CARTELS for key in one.keys}
    return cartels.ListHoldings([row for row in rows if row["entity_id"] in keys], found, packaged=False)


def test_the_packages_table_is_what_the_lists_files_say(editions):
    for column, table in enumerate(editions):
        mine = [row for row in table.to_pylist() if row["in_force"] == cartels.IN_FORCE]
        held = {(row["entity_id"], row["name"]) for row in mine}
        assert held == {(one.keys[column], one.name) for one in cartels.CARTELS}
        windows = consolidations.windows(table)[cartels.LISTS[column]]
        own = [one for one in cartels.EDITIONS if one.list_id == cartels.LISTS[column]]
        assert [(one.first, one.last) for one in own] == windows
        for one in own:
            here = {row["entity_id"] for row in table.to_pylist() if row["window_from"] == one.first}
            assert bool(here & {each.keys[column] for each in cartels.CARTELS}) == bool(one.entities)


def test_names_of_the_table_are_published_and_nobody_elses_and_three_aliases_are_of_two():
    files = [*law("SOR-2002-284@2026-07-23.xml"), *law("DORS-2002-284@2026-07-23.xml")]
    rows = listings.read(files, report=lambda _: None).to_pylist()
    of, shared = defaultdict(set), Counter()
    for row in rows:
        for name in row["names"]:
            of[listings.fold(name["text"])].add(row["entity_id"])
    for one in cartels.CARTELS:
        for name in one.names:
            owners = of[listings.fold(name)]
            assert one.keys[0] in owners
            assert owners == {one.keys[0]} or name == one.name
    for row in rows:
        own = {listings.fold(name["text"]) for name in row["names"] if name["role"] in ("alias", "acronym")}
        shared.update(own)
    english = {"caballeros templarios", "nueva familia michoacana", "lnfm"}
    assert english <= {name for name, count in shared.items() if count == 2}


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (date(2024, 12, 1), 0),
        (BEFORE, 0),
        (date(2025, 2, 19), 7),
        (SAID, 7),
        (date(2025, 12, 9), 7),
        (LATER, 7),
    ],
)
def test_seven_are_listed_from_their_day_by_the_package_as_by_the_files(files_say, day, count):
    own = compute("cartels-listed", None, None, day)
    assert own.value == count
    assert not own.rows
    read = cartels.listed(files_say, day)
    assert read.value == count
    assert len(own.evidence) == len(read.evidence) == count
    if count:
        assert {one.day for one in own.evidence} == {cartels.IN_FORCE}
        assert "19 February 2025" in own.found.en
        assert "19 février 2025" in own.found.fr
        assert "SOR/2025-31" in own.found.en


def test_a_list_held_by_the_floor_is_what_counts_and_its_records_are_told(cell):
    with cell.writer(WHO) as writer:
        tally(ingest_all(writer, law("SOR-2002-284@2025-03-28.xml"), config.load(cell.root), Orders()))
    found = compute("cartels-listed", cell, READER, SAID)
    assert (found.value, len(found.rows)) == (7, 7)
    assert all(one.source.startswith(RECORD) for one in found.evidence)
    kept = {row["record_id"].hex() for row in cell.read("listing", READER, columns=["record_id"]).to_pylist()}
    assert set(found.rows) <= kept
    assert "as held here, its edition of 19 February 2025 to 3 March 2025" in found.found.en
    assert compute("cartels-listed", cell, READER, BEFORE).value == 0
    assert compute("cartels-listed", cell, READER, BEFORE).rows == ()


def test_an_item_that_left_or_was_never_seen_is_not_counted():
    whole = cartels.packaged()
    left = frozenset(
        one for one in whole.editions[-1].entities if "1515764" not in one and "1503711" not in one
    )
    later = [cartels.Edition(list_id, date(2026, 9, 1), None, left) for list_id in cartels.LISTS]
    held = whole._replace(editions=[*whole.editions, *later])
    assert len(cartels.standing(held, date(2026, 8, 31))) == 7
    assert len(cartels.standing(held, date(2026, 9, 1))) == 6
    ceased = [row | {"ceased": date(2026, 1, 1)} for row in whole.rows[:2]] + whole.rows[2:]
    assert len(cartels.standing(whole._replace(rows=ceased), LATER)) == 5


# ------------------------------------------------------------------ what it led to


def outcome(cell, result, why, subjects=("person:name:x",), marking=MARKING, day=SAID):
    said = {"lead": why, "hypothesis": "h", "subjects": list(subjects), "result": result, "by": "officer"}
    rest = {"true": True, "task": None, "why": why, "chance": None}
    with cell.writer(WHO) as writer:
        write(writer, OUTCOME, common("outcomes", why, marking, at(day)) | said | rest)


def judged(cell, subject, about, verdict, expires=None):
    said = {"subject": subject, "about": about, "verdict": verdict, "basis": "b", "why": "w"}
    with cell.writer(WHO) as writer:
        row = common("judgements", subject + verdict, MARKING, at(SAID)) | said
        write(writer, JUDGEMENT, row | {"decided_by": "officer", "expires_at": expires})


def test_nothing_on_record_is_no_zero_and_says_what_would_tell(cell):
    found = compute("listings-led-to", cell, READER, SAID)
    assert found.value is None
    assert "no record held here says" in found.found.en.lower()
    assert "Part II.1 of the Criminal Code" in found.found.en
    assert compute("listings-led-to", None, None, SAID).value is None
    assert "no cartel was listed" in compute("listings-led-to", cell, READER, BEFORE).found.en.lower()


def test_records_that_name_a_cartel_are_counted_by_words_or_judgement_and_masked(cell):
    outcome(cell, "arrested", "two men of the Sinaloa Cartel")
    outcome(cell, "charged", "membre du CARTEL JALISCO NUEVA GENERACION", day=date(2025, 3, 3))
    outcome(cell, "seized", "judged", subjects=["person:name:y"])
    outcome(cell, "seized", "before the listing, MS-13", day=date(2025, 2, 18))
    outcome(cell, "seized", "afterwards, MS-13", day=date(2025, 3, 5))
    outcome(cell, "unfounded", "no Sinaloa Cartel after all")
    outcome(cell, "arrested", "MS-13, above the visitor", marking="PB//TLP:RED")
    judged(cell, "person:name:y", f"SOR/2002-284:{cartels.CARTELS[0].keys[0]}", "same")
    row = common("seizures", "s", MARKING, at(SAID)) | {"drug": "fentanyl", "operation": "Op. Tren de Aragua"}
    empty = dict.fromkeys(set(SEIZURE.schema.names) - set(row) - {"record_id", "delivery"})
    with cell.writer(WHO) as writer:
        write(writer, SEIZURE, row | empty)
    found = compute("listings-led-to", cell, READER, SAID)
    assert found.value == 5
    assert "with an arrest: 2" in found.found.en
    assert "seizures of operations: 1" in found.found.en
    assert "it says who, not why" in found.not_comparable.en
    assert len(found.rows) == len(found.evidence) == 5
    assert found.marking == "PB//TLP:RED"
    assert compute("listings-led-to", cell, LOW, SAID).value is None
    judged(cell, "person:name:y", f"SOR/2002-284:{cartels.CARTELS[0].keys[0]}", "withdrawn")
    assert compute("listings-led-to", cell, READER, SAID).value == 4


def test_a_judgement_that_has_expired_identifies_nobody(cell):
    outcome(cell, "seized", "judged", subjects=["person:name:y"])
    about = f"DORS/2002-284:{cartels.CARTELS[0].keys[1]}"
    judged(cell, "person:name:y", about, "same", at(SAID + timedelta(days=30)))
    assert compute("listings-led-to", cell, READER, SAID).value == 1
    assert compute("listings-led-to", cell, READER, SAID + timedelta(days=31)).value is None


@pytest.mark.parametrize("text", ["the Gulf Cartel", "cartel du golfe", "MS-13", "of MS 13.", "CJNG, again"])
def test_words_name_a_cartel(text):
    assert names_one(text)


@pytest.mark.parametrize(
    "text", ["", "CU", "La Familia", "Los Rojos", "MS-135", "knights templar", "gulf of x"]
)
def test_words_that_mean_other_things_or_two_of_them_name_none(text):
    assert not names_one(text)
    assert not names_one(None)


# ------------------------------------------------------------------ law


def test_the_two_precursors_by_the_tables_of_the_law():
    said = compute("precursors-scheduled", None, None, SAID)
    assert said.value == 0
    assert "Table I: 2 of 2" in said.found.en
    assert "1-boc-4-piperidone since 3 September 2024" in said.found.en
    assert "China, as cited: neither" in said.found.en
    later = compute("precursors-scheduled", None, None, date(2025, 7, 20))
    assert later.value == 2
    china = [
        one for one in elsewhere.measures() if "4-piperidone" in one.substances and one.jurisdiction == "CN"
    ]
    assert {one.day.isoformat() for one in later.evidence if one.source == china[0].citation} == {
        china[0].since
    }
    assert ("look it up" in later.found.en) == (china[0].checked == "memory")
    assert compute("precursors-scheduled", None, None, date(2025, 7, 19)).value == 0
    early = compute("precursors-scheduled", None, None, date(2024, 9, 2))
    assert "Schedule VI of the Controlled Drugs and Substances Act: 1 of 2" in early.found.en


# ------------------------------------------------------------------ partners


def test_exporters_of_concern_that_stand_and_with_whom_a_list_was_shared(cell, tmp_path):
    assert compute("exporters-of-concern", cell, READER, LATER).value is None
    take_in(
        cell,
        tmp_path,
        HEADER
        + "X-1,Lindenrot,Europol notice 12,2026-03-01,2027-02-28,shipped NPP as a dye,\n"
        + "X-2,Old Trading,CBSA file 7,2025-01-01,2025-12-31,was named in two seizures,\n",
    )
    found = compute("exporters-of-concern", cell, READER, LATER)
    assert (found.value, len(found.rows), found.marking) == (1, 1, "PB//TLP:AMBER")
    assert "the oldest of 1 March 2026" in found.found.en
    assert "No list of them was shared" in found.found.en
    cell.act(WHO, "disclosed", {"to": "border", "forms": {concern.FORM: 1}})
    today = datetime.now(UTC).date()
    assert "Shared with: border on" in compute("exporters-of-concern", cell, READER, today).found.en
    assert compute("exporters-of-concern", cell, LOW, LATER).value is None


def test_members_of_a_code_in_force_stand_beside_the_six_announced(tmp_path):
    one, _ = trusting(
        floor(tmp_path, "bank-a", institution="reporting-entity"),
        floor(tmp_path, "bank-b", institution="reporting-entity"),
    )
    today = datetime.now(UTC).date()
    assert compute("banks", one, READER, today).value is None
    assert "What would show it" in compute("banks", one, READER, today).found.en
    codes.adopt(one, WHO, CODE, "code.toml")
    found = compute("banks", one, READER, today)
    assert found.value == 3
    assert "banks announced: 6" in found.found.en
    assert "peers: 1" in found.found.en
    assert "names none" in found.not_comparable.en
    assert compute("banks", one, READER, date(2031, 9, 1)).value is None
    codes.withdraw(one, WHO, "partners", "over")
    assert compute("banks", one, READER, today).value is None


# ------------------------------------------------------------------ operations


def test_blizzard_is_told_from_its_publication_on_and_never_beside_us_weights(cell):
    assert compute("blizzard", None, None, SAID).value is None
    assert compute("blizzard", None, None, date(2025, 5, 27)).value is None
    found = compute("blizzard", None, None, date(2025, 5, 28))
    assert found.value == 2600
    assert "more than 2,600" in found.found.en
    assert "plus de 2\u00a0600" in found.found.fr
    assert "1.44 kg bound for the United States" in found.found.en
    assert "neither added nor divided" in found.not_comparable.en
    assert not found.rows
    rows = [
        row | {"origins": [], "marking": MARKING, "locator": "1"} for row in published("operation-blizzard")
    ]
    with cell.writer(WHO) as writer:
        write_all(writer, SEIZURE, rows)
    held = compute("blizzard", cell, READER, LATER)
    assert held.found == found.found
    assert len(held.rows) == 5
    assert held.marking == MARKING
    assert compute("blizzard", cell, LOW, LATER).rows == ()


def test_a_part_of_the_operation_is_told_as_a_part(cell):
    rows = [
        row | {"origins": [], "marking": MARKING, "locator": "1"} for row in published("operation-blizzard")
    ]
    with cell.writer(WHO) as writer:
        write_all(writer, SEIZURE, rows[4:6])
    found = compute("blizzard", cell, READER, SAID)
    assert found.value is None
    assert len(found.rows) == 2
    assert "not among them" in found.found.en


# ------------------------------------------------------------------ the cell


def test_the_cell_counts_what_was_done_in_the_week_and_in_all(cell):
    today = datetime.now(UTC).date()
    found = compute("cell", cell, READER, today)
    assert found.value is None
    assert "issued, 0 and 0" in found.found.en
    outcome(cell, "seized", "one", day=today - timedelta(days=1))
    outcome(cell, "unfounded", "two", day=today - timedelta(days=30))
    task = common("tasks", "t", MARKING, at(today - timedelta(days=2)))
    about = {
        "task": "t",
        "form": "task",
        "state": "issued",
        "subjects": [],
        "unit": "u",
        "instruction": "look",
    }
    rest = {"authority": "a", "flags": [], "by": "officer", "edition": 1}
    empty = dict.fromkeys(
        set(TASK.schema.names) - set(task) - set(about) - set(rest) - {"record_id", "delivery"}
    )
    with cell.writer(WHO) as writer:
        write(writer, TASK, task | about | rest | empty)
    found = compute("cell", cell, READER, today)
    assert found.value == 2
    assert (
        "issued, 1 and 1; outcomes reported, 1 and 2, of them seizures, arrests and charges, 1 and 1"
        in found.found.en
    )
    assert len(found.rows) == 3
    assert "invented" in found.not_comparable.en
    assert compute("cell", cell, LOW, today).value is None
    assert "began on" in compute("cell", cell, READER, SAID).found.en


# ------------------------------------------------------------------ all


@pytest.mark.parametrize("name", COMPUTED)
def test_every_line_has_a_sentence_in_both_languages_with_and_without_a_floor(name, cell):
    for day in (date(2020, 1, 1), SAID, LATER):
        for found in (compute(name, None, None, day), compute(name, cell, READER, day)):
            assert found.found.en.endswith(".")
            assert found.found.fr.endswith(".")
            assert found.found.en != found.found.fr
            assert "{" not in found.found.en + found.found.fr
            assert all(one.day <= day for one in found.evidence)


def test_an_unknown_name_and_a_floor_without_a_reader_are_refused(cell):
    with pytest.raises(KeyError, match="cartels-listed"):
        compute("cartels-lister", None, None, SAID)
    with pytest.raises(ValueError, match="give its reader"):
        compute("cell", cell, None, SAID)
