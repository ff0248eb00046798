import csv
import math
from collections import Counter, defaultdict

import msgspec
import pyarrow.parquet as pq
import pytest

from watchfloor.exercise.cast import Cast, keys
from watchfloor.exercise.feeds import feeds, mail_exports, mail_inspections
from watchfloor.exercise.lists import Target
from watchfloor.exercise.make import make
from watchfloor.exercise.names import LISTED
from watchfloor.exercise.plots import outbound_packets, pigment_parcel
from watchfloor.exercise.surveillance import scenes
from watchfloor.exercise.surveillance.feeds import WIRES
from watchfloor.feeds import config
from watchfloor.feeds.references import OWN
from watchfloor.formats.base import Fault
from watchfloor.formats.tabular.own_csv import TABLES
from watchfloor.reference import surroundings

SEES = ("towers", "ground", "patrols", "ais", "adsb")
OF_SENSORS = {wire.file for wire in WIRES.values()}
PARTIES = ("parcels", "payments", "travellers", "vessels")
MAIL = ("mail-declarations", "mail-exports", "mail-inspections", "mail-readings", "produced-holders")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make(tmp_path_factory.mktemp("exercise") / "here", seed=3, scale=0.2)


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(made, feed):
    with (made.feeds / f"{feed}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_a_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        make(tmp_path / name, seed=seed, scale=0.1)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert files(tmp_path / "a") != files(tmp_path / "c")


def test_without_sensors_all_else_is_the_same(made, tmp_path):
    without = make(tmp_path / "x", seed=3, scale=0.2, sensors=False)
    every = files(made.feeds).items()
    seen = {path for path, _ in every if path.name in OF_SENSORS or path.parts[0] == scenes.FOLDER}
    kept = {path: content for path, content in every if path not in seen}
    assert files(without.feeds) == kept
    assert set(config.read(without.settings).by_name) == set(feeds())
    assert [path.name for path in without.key.parent.iterdir()] == ["answer-key.json"]
    assert not [one for one in without.answers.storylines if one.traces]


def test_what_lies_around_the_sensors_is_a_file_for_the_floor(made):
    found = surroundings.parse(made.surroundings.read_bytes())
    assert made.surroundings.name == OWN["surroundings"]
    assert [path.name for path in made.force] == ["assets.toml", "coverage.toml"]
    counts = [one.num_rows for one in (found.harbours, found.aerodromes, found.receivers, found.ports)]
    assert counts == [6, 4, 2, 2]


def test_the_key_has_where_everything_was_and_which_row_is_of_what(made):
    paths, rows = (pq.read_table(made.key.parent / f"{name}.parquet") for name in ("paths", "rows"))
    named = defaultdict(set)
    for row in paths.select(["storyline", "object"]).to_pylist():
        named[row["storyline"]].add(row["object"])
    with_traces = {
        one.name: {each.object for each in one.traces} for one in made.answers.storylines if one.traces
    }
    assert {name: named[name] for name in named if name} == with_traces
    assert Counter(rows["feed"].to_pylist()) == {feed: made.rows[feed] for feed in SEES}
    seen = set(rows["object"].to_pylist())
    assert None in seen
    assert seen.issuperset(set().union(*with_traces.values()))


@pytest.mark.parametrize("feed", PARTIES)
def test_every_row_is_read_back_without_a_fault(made, feed):
    with (made.feeds / f"{feed}.csv").open("rb") as stream:
        pieces = list(TABLES["party"].read(stream, feed))
    assert not [piece for piece in pieces if isinstance(piece, Fault)]
    assert sum(piece.rows.num_rows for piece in pieces) == made.rows[feed]


def test_the_settings_are_those_of_a_floor_and_name_every_feed(made):
    assert set(config.read(made.settings).by_name) == {*feeds(), *WIRES, scenes.FOLDER}
    assert {name for name, feed in config.read(made.settings).by_name.items() if feed.screen} >= set(PARTIES)


def test_the_answer_key_lies_outside_the_feeds_and_names_rows_that_are_there(made):
    assert made.feeds not in made.key.parents
    key = msgspec.json.decode(made.key.read_bytes())
    there = {row["report_key"]: row for feed in (*PARTIES, *MAIL, "applications") for row in rows(made, feed)}
    for one in key["storylines"]:
        mine = [there[record] for record in one["records"] if record in there]
        assert mine or one["traces"]
        assert {row.get("subject") or row["representative"] for row in mine} <= set(one["subjects"])
        assert all(row["observed_at"] >= one["first_evidence"] for row in mine)


def test_nothing_but_the_key_tells_what_is_planted(made):
    """Planted rows have numbers of the same form, in the order of time like all others."""
    for feed in PARTIES:
        keys = [row["report_key"] for row in rows(made, feed)]
        assert keys == [f"{feed}-{number:06}" for number in range(1, len(keys) + 1)]
        times = [row["observed_at"] for row in rows(made, feed)]
        assert times == sorted(times)


def test_every_listed_entity_is_planted_once_as_a_storyline(made):
    listed = [one for one in made.answers.true if "listed-entity" in one.hypotheses]
    assert len(listed) == len(LISTED) - 1  # the front company's supplier is in its storyline


@pytest.mark.parametrize("name", ["precursors", "courier-boat", "stash-house"])
def test_a_storyline_crosses_feeds_and_is_joined_by_what_its_rows_share(made, name):
    (one,) = (one for one in made.answers.storylines if one.name == name)
    mine = {feed: [r for r in rows(made, feed) if r["report_key"] in one.records] for feed in PARTIES}
    assert sum(bool(found) for found in mine.values()) >= 2
    shared = Counter(
        part for found in mine.values() for row in found for part in set(row["identifiers"].split(";"))
    )
    assert shared.most_common(1)[0][1] >= 2


def test_a_parcel_is_declared_analysed_and_paid_for_by_name(made):
    """What joins the four feeds: the parcel's number, the importer's business number, its account."""
    (one,) = (one for one in made.answers.storylines if one.name == pigment_parcel.NAME)
    feeds_of = ("mail-declarations", "mail-readings", "produced-holders", "produced-payments")
    mine = {feed: [r for r in rows(made, feed) if r["report_key"] in one.records] for feed in feeds_of}
    (declared,), readings, (holder,), (payment,) = mine.values()
    assert {row["subject"] for row in readings} == {declared["subject"]}
    assert {row["substance"] for row in readings} == {f"substance:cas:{pigment_parcel.PIPERIDONE}"}
    assert declared["importer"] == holder["subject"]
    account = holder["identifiers"].removeprefix("account:")
    assert payment["payer"] == keys(("account", account))[0]
    assert {row["serial"][:3] for row in readings} == {"HA-", "GC-"}


def test_packets_abroad_share_a_telephone_and_the_first_was_found_to_hold_fentanyl(made):
    (one,) = (one for one in made.answers.storylines if one.name == outbound_packets.NAME)
    feeds_of = ("mail-exports", "mail-inspections", "mail-readings")
    mine = {feed: [r for r in rows(made, feed) if r["report_key"] in one.records] for feed in feeds_of}
    packets, (examined,), readings = mine.values()
    assert len({row["shipper_phone"] for row in packets}) == 1
    assert len({row["shipper_name"] for row in packets}) == len(packets) == outbound_packets.PACKETS
    assert {examined["subject"]} == {row["subject"] for row in readings} == {packets[0]["subject"]}
    assert examined["observed_at"] < min(row["observed_at"] for row in packets[1:])
    assert {row["direction"] for row in packets} == {"outbound"}


def test_telephones_of_a_cast_beside_are_nobody_elses():
    main = Cast(3)
    beside = main.beside("x")
    drawn = [cast.phone() for cast in (main, beside, main, beside)]
    assert len(set(drawn)) == 4
    assert Cast(3).phone() == drawn[0]


def test_a_look_alike_is_in_the_key_and_is_not_to_be_found(made):
    alike = {one.name for one in made.answers.storylines if not one.true}
    wanted = {"chemistry-wholesaler", "fishing-fleet", "payroll-bureau", "namesakes", "unlucky-names"}
    wanted |= {"honest-dealer", "honest-shop", "busy-adviser"}
    on_the_line = {"lake-ferry", "drifting-tugs", "patrol-meeting", "snowmobile-club"}
    assert alike == wanted | on_the_line
    (hub,) = (one for one in made.answers.storylines if one.name == "payroll-bureau")
    payers = [row for row in rows(made, "payments") if row["report_key"] in hub.records]
    assert len(payers) == 40
    assert len({row["identifiers"] for row in payers}) == 1


def test_no_subject_belongs_to_two_storylines(made):
    named = Counter(subject for one in made.answers.storylines for subject in one.subjects)
    assert max(named.values()) == 1


def test_scale_is_a_share_of_the_public_volumes(tmp_path):
    small, large = (make(tmp_path / str(scale), scale=scale, sensors=False) for scale in (0.5, 1.5))
    for name, feed in feeds().items():
        acts = feed.volume.at(1.5) - feed.volume.at(0.5)
        if name == mail_inspections.NAME:  # one in so many of what another feed has
            exports = (feeds()[mail_exports.NAME].volume.at(scale) for scale in (0.5, 1.5))
            few, many = (-(-count // mail_exports.EACH) for count in exports)
            acts = many - few
        added = large.rows[name] - small.rows[name]
        assert added == acts * {"payments": 2, "vessels": 2}.get(name, 1)


def test_targets_of_a_real_list_are_planted_instead(tmp_path):
    target = Target("list#1", "Organization", ("The Made Up Front",))
    made = make(tmp_path / "x", scale=0.1, targets=[target], sensors=False)
    assert made.lists is None
    names = {row["name"] for feed in PARTIES for row in rows(made, feed)}
    assert "The Made Up Front" in names
    assert not any(one.name.startswith(("listed", "namesakes")) for one in made.answers.storylines)


def test_bad_input_is_refused(tmp_path):
    for scale in (0, -1.0, math.nan, math.inf, 1000.5):
        with pytest.raises(ValueError, match="not positive, or more than 1000"):
            make(tmp_path / "x", scale=scale)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(FileExistsError, match="not empty"):
        make(tmp_path / "full")
