"""Cargo's feeds keep their purposes: who states another sees neither rows nor what was made of them."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from tests.formats.cargo import made

from watchfloor.cell.current_signals import signals
from watchfloor.core.derived import net
from watchfloor.core.kinds import READING
from watchfloor.core.marking import parse
from watchfloor.desks.registry import desks
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all, tally
from watchfloor.feeds.original import original
from watchfloor.feeds.references import references
from watchfloor.policy.policy import Reader, allowed
from watchfloor.run import run
from watchfloor.run.floor import run_desks
from watchfloor.store import Actor, Floor

PAGE = Path(__file__).parents[2] / "docs" / "cargo-feeds.md"
ACTOR = Actor("clerk", "test", "none needed")
CUSTOMS, SECURITY = Reader("roy", purpose="customs-enforcement"), Reader("lee", purpose="aviation-security")
FIRST, SECOND = made.Doc(), made.Doc(number=made.awb("160"), origin="HKG", destination="YVR")


def settings():
    """The lines of `feeds.toml` that the page gives."""
    lines = PAGE.read_text(encoding="utf-8").split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith("    [feeds."))
    end = next(i for i, line in enumerate(lines[start:], start) if line and not line.startswith("    "))
    return "\n".join(line[4:] for line in lines[start:end])


@pytest.fixture
def floor(tmp_path):
    """A pre-load waybill, a customs waybill, and a weighing for customs that fits neither."""
    opened = Floor.create(tmp_path / "floor", ACTOR, ceiling="PB//TLP:RED")
    (opened.root / config.NAME).write_text(settings(), encoding="utf-8")
    for folder, data in (("placi", made.fwb(FIRST)), ("aci-air", made.xfwb(SECOND))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "waybill").write_bytes(data)
    with opened.writer(ACTOR) as writer:
        paths = [tmp_path / "placi", tmp_path / "aci-air"]
        total = tally(ingest_all(writer, paths, config.load(opened.root), Orders())).total
        assert total.accepted == 6  # a declaration and two parties each
        rows = [weighing(i, doc) for i, doc in enumerate((FIRST, SECOND))]
        schema = READING.schema.remove(0)
        writer.append(READING, pa.Table.from_pylist(rows, schema).drop_columns(["delivery"]))
    return opened


def weighing(number, doc):
    plain = dict.fromkeys(READING.schema.names[1:])
    return plain | {
        "report_key": f"W-{number}",
        "source": "scales",
        "origins": [],
        "observed_at": datetime(2026, 11, 21, number, tzinfo=UTC),
        "marking": "PB//TLP:AMBER//PURPOSE:customs-enforcement",
        "locator": f"line {number}",
        "subject": f"parcel:awb:{doc.number}",
        "instrument": "scale 2",
        "method": "mass",
        "mass": 900_000.0,
    }


def test_every_feed_of_the_page_states_one_purpose_and_its_law(tmp_path):
    (tmp_path / config.NAME).write_text(settings(), encoding="utf-8")
    feeds = config.load(tmp_path).by_name
    assert len(feeds) == 6
    for name, feed in feeds.items():
        marking = parse(feed.marking)
        wanted = "aviation-security" if name == "pre-load-air" else "customs-enforcement"
        assert (marking.purposes, len(marking.authorities)) == (frozenset({wanted}), 1)
    purposes = re.findall(r"^    \[purposes\.([a-z-]+)\]$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(purposes) == ["aviation-security", "customs-enforcement"]


def test_a_reader_sees_the_waybills_of_his_purpose_alone(floor):
    def seen(reader, kind="declaration", column="document"):
        return floor.read(kind, reader).column(column).to_pylist()

    assert seen(SECURITY) == [FIRST.number]
    assert seen(CUSTOMS) == [SECOND.number]
    assert seen(Reader("none")) == []
    assert set(seen(CUSTOMS, "party", "source")) == {"air-waybills"}


def test_a_waybill_is_one_step_from_its_bytes(floor):
    (row,) = floor.read("declaration", SECURITY).to_pylist()
    assert original(floor, row["record_id"], SECURITY).piece == made.fwb(FIRST)


def test_a_desk_run_joins_markings_and_what_is_made_of_both_purposes_is_for_nobody(floor):
    desk = desks()["cargo"]
    tables = {
        kind: pa.concat_tables([floor.read(kind, reader) for reader in (CUSTOMS, SECURITY)])
        for kind in desk.reads
    }
    made_of = {
        subject: parse(row["marking"])
        for row in net(run(desk, tables, references(floor))["signal"]).to_pylist()
        if row["rule"] == "mass-differs"
        for subject in row["subjects"]
    }
    assert made_of[f"parcel:awb:{SECOND.number}"].purposes == {"customs-enforcement"}
    joined = made_of[f"parcel:awb:{FIRST.number}"]  # a pre-load waybill and a customs weighing
    assert joined.purposes == frozenset()
    assert len(joined.authorities) == 1
    assert not any(allowed(reader, joined) for reader in (CUSTOMS, SECURITY, Reader("none")))


def test_each_side_has_what_follows_from_its_own_rows(floor):
    with floor.writer(ACTOR) as writer:
        list(run_desks(floor, writer, [desks()["cargo"]], references(floor), [CUSTOMS, SECURITY]))
    about = {
        reader.name: {subject for row in signals(floor, reader).to_pylist() for subject in row["subjects"]}
        for reader in (CUSTOMS, SECURITY)
    }
    assert f"parcel:awb:{SECOND.number}" in about["roy"]
    assert f"parcel:awb:{FIRST.number}" not in about["roy"] | about["lee"]
