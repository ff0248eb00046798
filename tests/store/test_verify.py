import shutil
from io import BytesIO
from pathlib import PurePath

import pyarrow as pa
import pytest
from tests.store import tamper
from tests.store.rows import READER, ingest, parties

from watchfloor.formats.base import Fault
from watchfloor.store import Damaged, Floor, LayoutError, StoreError, catalogue, files, log, segments
from watchfloor.store.log import merkle
from watchfloor.store.verify import Witness, verify


@pytest.fixture
def filled(floor, actor, small_segments):
    with floor.writer(actor) as writer:
        ingest(writer, range(40))
        writer.append("party", parties([100, 101]), original=b"a message")
        with writer.delivery("feed", "bad", BytesIO(b"?" * 200)) as intake:
            intake.quarantine([Fault("line 1", "no date", b"raw")])
        writer.shown(
            "queue", bytes(32), b"what was shown", floor.read("party", READER)["record_id"].to_pylist()[:1]
        )
    return floor


def test_an_older_layout_is_no_damage(filled):
    settings = filled.root / "floor.toml"
    text = settings.read_text(encoding="utf-8").replace("layout = 2", "layout = 1")
    settings.write_text(text, encoding="utf-8")
    with pytest.raises(LayoutError, match="watchfloor floor upgrade"):
        list(filled.verify())


def test_a_whole_floor_has_no_damage(filled):
    assert list(filled.verify()) == []


def test_one_flipped_bit_in_any_file_is_named_to_the_byte(filled):
    endings = (".parquet", ".leaves", ".ids", ".zst")
    places = tamper.paths(filled, *endings)
    assert {PurePath(place).suffix for place in places} == set(endings)
    for place in places:
        data = tamper.read(filled, place)
        at = len(data) // 3
        tamper.write(filled, place, data[:at] + bytes([data[at] ^ 32]) + data[at + 1 :])
        first, *others = filled.verify()
        assert (first.file, first.start) == (place, at)
        assert str(first).endswith(f"byte {at}: one bit of this byte is flipped")
        assert first.file not in {found.file for found in others}, "it is told once"
        assert not any("watchfloor floor verify" in found.what for found in (first, *others)), (
            "who reads it did so"
        )
        tamper.write(filled, place, data)


@pytest.mark.parametrize("part", [0, 0.3, 0.77, 1])
def test_one_flipped_bit_in_a_small_segment_is_named_to_the_byte(filled, part):
    """In its payload or the check behind it; in a folder also where the catalogue's file holds that byte."""
    with catalogue.snapshot(filled.root) as database:
        number, data = database.execute("SELECT segment, payload FROM small ORDER BY segment").fetchone()
    at = int(part * (len(data) - 1))
    flipped = data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]
    tamper.forge(filled, "UPDATE small SET payload = ? WHERE segment = ?", flipped, number)
    with pytest.raises(Damaged, match=f"byte {at}"):
        filled.read("party", READER)
    (found,) = (one for one in filled.verify() if one.what.startswith("one bit of"))
    assert found.what == f"one bit of byte {at} of small segment {number} is flipped"
    place = filled.root / catalogue.NAME
    if not place.exists():
        assert found.start is None
        return
    whole = place.read_bytes()
    assert found.end == found.start + 1
    assert whole[found.start] == data[at] ^ 4
    place.write_bytes(whole[: found.start] + data[at : at + 1] + whole[found.end :])
    assert list(verify(filled.root)) == []


def test_a_small_segment_with_other_bytes_is_named(filled):
    with catalogue.snapshot(filled.root) as database:
        number, data = database.execute("SELECT segment, payload FROM small ORDER BY segment").fetchone()
    for other in (b"", b"abc", data[:-9], bytes(40) + data[40:]):
        tamper.forge(filled, "UPDATE small SET payload = ? WHERE segment = ?", other, number)
        (found,) = (one for one in filled.verify() if one.what.startswith("small segment"))
        assert found.what == f"small segment {number} is not what was written, in more than one bit"


@pytest.mark.parametrize("suffix", [".parquet", ".leaves", ".ids", ".zst"])
def test_a_missing_file_is_named(filled, suffix):
    place = tamper.paths(filled, suffix)[0]
    files.discard(filled.root, place)
    first, *others = filled.verify()
    assert first.file not in {found.file for found in others}
    assert first.file == place
    assert "missing" in first.what


FORGERIES = [
    (
        "UPDATE log SET body = CAST(replace(CAST(body AS TEXT), 'tester', 'nobody') AS BLOB)",
        "position 1 of the log",
    ),
    ("UPDATE nodes SET hash = zeroblob(32) WHERE level = 1 AND number = 0", "subtree 0 of level 1"),
    ("DELETE FROM nodes WHERE level = 1 AND number = 1", "subtrees of level 1"),
    (
        "UPDATE segments SET manifest = CAST(replace(CAST(manifest AS TEXT), '16', '15') AS BLOB)",
        "segment 1",
    ),
    ("UPDATE deliveries SET accepted = 39, duplicate = 1 WHERE position = 2", "other numbers"),
    ("UPDATE quarantine SET reason = 'fine'", "is not the one that came"),
    ("DELETE FROM quarantine", "quarantined piece is missing"),
    ("UPDATE shown SET content = x'00'", "not what is kept"),
    ("DELETE FROM small WHERE segment = (SELECT max(segment) FROM small)", "lie"),
    ("UPDATE small SET leaves = zeroblob(64)", "do not hash to its root"),
    ("UPDATE blobs SET data = x'00' WHERE data IS NOT NULL", "does not decompress"),
]


@pytest.mark.parametrize(("statement", "message"), FORGERIES)
def test_a_forged_catalogue_is_noticed(filled, statement, message):
    assert tamper.forge(filled, statement)
    assert any(message in str(found) for found in filled.verify())


def test_a_forger_who_mends_the_checks_is_still_noticed(filled, actor):
    """A changed row in a well-formed file with fitting CRCs does not hash to its leaf."""
    with catalogue.snapshot(filled.root) as database:
        path, number = database.execute(
            "SELECT payload, id FROM segments WHERE payload IS NOT NULL"
        ).fetchone()
    rows = segments.pq.read_table(pa.BufferReader(tamper.read(filled, path)))
    at = rows.column_names.index("name")
    forged = rows.set_column(at, rows.schema.field(at), [["nobody", *rows["name"].to_pylist()[1:]]])
    stored = files.store(filled.root, "segments/forged", segments.to_parquet(forged))
    tamper.write(filled, path, tamper.read(filled, stored.path))
    files.discard(filled.root, stored.path)
    tamper.forge(filled, "UPDATE files SET size = ?, checks = ? WHERE path = ?", *stored[1:], path)
    assert [str(found) for found in filled.verify()] == [
        f"{path}: row 0 of segment {number} does not hash to its leaf"
    ]


@pytest.mark.folder
def test_a_flipped_bit_anywhere_in_the_catalogue_never_escapes_as_an_error(filled):
    """It is named, or it changed nothing: then every answer is what it was."""
    place = filled.root / catalogue.NAME
    data = place.read_bytes()
    rows, acts = filled.read("party", READER), filled.acts()
    noticed = 0
    for at in range(7, len(data), len(data) // 60):
        place.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        if list(verify(filled.root)):
            noticed += 1
            continue
        assert filled.read("party", READER).equals(rows)
        assert filled.acts() == acts
    assert noticed
    place.write_bytes(data)


@pytest.mark.folder
def test_a_catalogue_that_is_none(filled):
    place = filled.root / catalogue.NAME
    place.write_bytes(b"X" + place.read_bytes()[1:])
    (found,) = verify(filled.root)
    assert (found.file, found.start) == (catalogue.NAME, 0)
    with pytest.raises(Damaged, match="restore a backup"):
        Floor.open(filled.root)
    place.unlink()
    assert next(verify(filled.root)).file == catalogue.NAME
    with pytest.raises(StoreError):
        Floor.open(filled.root)


@pytest.mark.folder
def test_an_older_copy_looks_whole_but_not_to_a_witness(filled, actor, tmp_path):
    shutil.copytree(filled.root, tmp_path / "old")
    filled.act(actor, "query", {"what": "something"})
    size, root = filled.position, filled.log_root()
    old = Floor.open(tmp_path / "old")
    assert list(old.verify()) == []
    assert [found.what for found in old.verify(Witness(size, root))] == [
        f"the log has {size - 1} acts, and had {size} before: acts are gone"
    ]
    assert list(filled.verify(Witness(size, root))) == []
    old.act(actor, "query", {"what": "something else"})
    assert "not the ones that were witnessed" in next(old.verify(Witness(size, root))).what


def test_the_log_of_a_verified_floor_is_the_tree(filled):
    with catalogue.snapshot(filled.root) as database:
        leaves = b"".join(act.leaf for act in log.read(database))
        assert log.root(database) == merkle.root_of(leaves)
