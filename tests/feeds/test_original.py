"""A large file and an id that repeats in it: the very element, in memory that does not grow with the file."""

import itertools
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pytest
from tests.formats.samples import NAME, read, sample
from tests.thorough import THOROUGH

from watchfloor.core.marking import parse
from watchfloor.feeds import config, health, isolation
from watchfloor.feeds.complete import Completion
from watchfloor.feeds.intake import Orders, ingest_all
from watchfloor.feeds.original import locate, original
from watchfloor.formats.base import Batch, Fault
from watchfloor.formats.registry import FORMATS
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor, NoOriginal, UnknownRecord

SIZE = (50 if THOROUGH else 28) << 20
"""Bytes of a large file: more than the process of readers may grow by."""
STATUS = Path("/proc/self/statm")


def entry(uid, name):
    words = "some remarks of an entry; " * 60
    return (
        f"<sdnEntry><uid>{uid}</uid><lastName>{name}</lastName><sdnType>Entity</sdnType><akaList><aka>"
        f"<uid>7</uid><lastName>Alias</lastName></aka></akaList><remarks>{words}</remarks></sdnEntry>\n"
    )


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "sdn.xml"
    with path.open("w", encoding="ascii") as file:
        file.write("<sdnList>")
        number = 8
        while file.tell() < SIZE:
            file.writelines(entry(number + i, f"Name {number + i}") for i in range(500))
            number += 500
            if number in (508, 9508):
                file.write(entry(7, f"Seven after {number}"))
        file.write("</sdnList>")
    return path


@pytest.mark.skipif(not STATUS.exists(), reason="memory is read from /proc, which only Linux has")
def test_the_second_of_a_number_is_found_in_constant_memory(large):
    assert large.stat().st_size >= SIZE
    isolation.close()  # the process begins anew: what it had at most is of these files alone
    with BytesIO(f"<sdnList>{entry(7, 'Seven')}</sdnList>".encode()) as small:
        assert b"Seven" in locate(small, "item 7")
    before = isolation.last().memory
    for locator, expected in (("item 7", b"Seven after 508"), ("item 7 (2)", b"Seven after 9508")):
        with large.open("rb") as file:
            assert expected in locate(file, locator)
    with large.open("rb") as file:
        assert locate(file, "item 7 (3)") is None
    grown = isolation.last().memory - before
    assert grown < 24 << 20  # the text alone is more


def test_a_detection_is_found_by_its_id_and_by_the_start_of_it_and_only_by_who_may_see_it(tmp_path):
    actor = Actor("clerk", "test", "none needed")
    floor = Floor.create(tmp_path / "floor", actor, ceiling="PB//TLP:RED")
    path = tmp_path / "night.csv"
    lines = [f"2026-11-24T08:{k // 60:02}:{k % 60:02}Z,t1,45.{k:04},-73.1,boat" for k in range(3000)]
    path.write_text("t,sensor,lat,lon,class\n" + "\n".join(lines) + "\n")
    with floor.writer(actor) as writer:
        list(ingest_all(writer, [path], config.load(floor.root), Orders()))
    rows = floor.read("detection", Reader("clerk", protected=2, tlp=4)).to_pylist()
    assert len(rows) == 3000
    for at in (0, 1234, 2999):
        found = original(floor, rows[at]["record_id"], Reader("clerk", protected=2, tlp=4))
        assert (found.kind, found.piece.decode()) == ("detection", lines[at])
    names = sorted(row["record_id"].hex() for row in rows)
    unique = next(a[:8] for a, b in itertools.pairwise(names) if a[:8] != b[:8])
    assert original(floor, unique, Reader("clerk", protected=2, tlp=4)).row["record_id"].hex() == names[0]
    with pytest.raises(UnknownRecord, match="or more start with"):
        original(floor, names[0][:1], Reader("clerk", protected=2, tlp=4))
    with pytest.raises(UnknownRecord, match="that you may see"):
        original(floor, rows[0]["record_id"], Reader("other", protected=0, tlp=0))


LOW, HIGH = Reader("low", protected=1, tlp=1), Reader("high", protected=2, tlp=4)
OPEN, SHUT = "PA//TLP:GREEN", "PB//TLP:RED"


def mixed(path, name):
    """A floor with one delivery: every second row, and a piece that cannot be read, are not for everybody."""
    actor, data = Actor("clerk", "test", "none needed"), sample(name)
    floor = Floor.create(path / "floor", actor, ceiling=SHUT)
    marks = itertools.cycle((OPEN, SHUT))
    with floor.writer(actor) as writer, writer.delivery(name, NAME, BytesIO(data)) as intake:
        completion = Completion(name, parse(OPEN), None, writer.key)
        intake.quarantine([Fault("elsewhere", "it is no row", b"?")], parse(SHUT))
        for piece in read(name, data):
            if isinstance(piece, Batch):
                own = pa.array(itertools.islice(marks, piece.rows.num_rows), pa.string())
                rows = piece.rows.select([one for one in piece.rows.column_names if one != "marking"])
                rows, _ = completion.complete(Batch(piece.kind, rows.append_column("marking", own)))
                intake.accept(piece.kind, rows)
    return floor


@pytest.mark.parametrize("name", FORMATS)
def test_of_a_delivery_of_several_markings_each_format_gives_a_record_its_own_bytes(tmp_path, name):
    floor = mixed(tmp_path, name)
    rows = [row for kind in FORMATS[name].kinds for row in floor.read(kind, HIGH).to_pylist()]
    shut = [original(floor, row["record_id"], HIGH) for row in rows if row["marking"] != OPEN]
    hidden = {found.row["locator"]: found.piece for found in shut}
    for row in rows:
        if row["marking"] != OPEN:
            continue
        found = original(floor, row["record_id"], LOW)
        assert (found.digest, found.row["delivery"]) == (None, None)
        if row["locator"] in hidden:
            assert found.piece is None
        if found.piece is None:
            with pytest.raises(NoOriginal):
                found.open(floor, LOW)
        else:  # equal rows have equal bytes
            assert not [one for one in hidden.values() if one and one in found.piece and one != found.piece]
        with pytest.raises(NoOriginal):
            floor.original(row["delivery"], LOW, found.position)


def test_that_something_hidden_was_erased_is_for_who_keeps_the_floor(tmp_path):
    floor = mixed(tmp_path, "party-csv")
    actor = Actor("clerk", "test", "none needed")
    (gone,) = [row for row in floor.read("party", HIGH).to_pylist() if row["marking"] != OPEN]
    with floor.writer(actor) as writer:
        writer.erase([gone["record_id"]], "asked", category="consent")
    came = [health.came(floor, LOW, "party-csv", keeper=keeper)[0] for keeper in (False, True)]
    assert [newest.erased for newest, *_ in came] == [False, True]
    (left,) = floor.read("party", LOW).to_pylist()
    found = original(floor, left["record_id"], LOW)
    assert (found.piece, found.digest) == (None, None)
