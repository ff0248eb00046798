import shutil
import tarfile
import threading
from hashlib import sha256
from io import BytesIO

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.store import tamper
from tests.store.rows import READER, ingest, parties
from tests.thorough import draws

from watchfloor.store import Damaged, Floor, NoFloor, StoreError
from watchfloor.store.backup import CONTENTS, SIGNATURE, backup, restore
from watchfloor.store.log import notes

POLICY = '[readers.tester]\nprotected = "PA"\nrole = "supervisor"\n'


@pytest.fixture
def filled(floor, actor, small_segments):
    with floor.writer(actor) as writer:
        ingest(writer, range(40))
        writer.append("party", parties([100]))
    (floor.root / "feeds.toml").write_text("# settings of the feeds\n", encoding="utf-8")
    return floor


def test_what_is_restored_is_what_was_backed_up(filled, actor, tmp_path):
    kept = backup(filled, tmp_path / "b.tar", actor, to=())
    restore(tmp_path / "b.tar", tmp_path / "again", actor)
    again = Floor.open(tmp_path / "again")
    assert again.read("party", READER).equals(filled.read("party", READER))
    assert again.log_root(kept.position) == filled.log_root(kept.position)
    assert again.settings == structs.replace(filled.settings, server="")
    assert (again.root / "feeds.toml").exists()
    assert [act.act for act in again.acts()][-1] == "restored"
    assert list(again.verify()) == []
    with again.writer(actor) as writer:
        assert ingest(writer, range(41)).account == (41, 1, 40, 0, 0)


def test_a_backup_is_one_state_while_a_writer_goes_on(filled, actor, tmp_path):
    stop = threading.Event()

    def write():
        with filled.writer(actor) as writer:
            n = 1000
            while not stop.is_set():
                ingest(writer, range(n, n + 20))
                writer.compact()
                n += 20

    thread = threading.Thread(target=write)
    thread.start()
    try:
        kept = [backup(filled, tmp_path / f"{n}.tar", actor, to=()) for n in range(4)]
    finally:
        stop.set()
        thread.join()
    for n, each in enumerate(kept):
        restore(tmp_path / f"{n}.tar", tmp_path / f"floor{n}", actor)
        then = filled.read("party", READER, each.position)
        assert Floor.open(tmp_path / f"floor{n}").read("party", READER).equals(then)


def test_erased_stays_erased_even_from_an_older_backup(filled, actor, tmp_path):
    backup(filled, tmp_path / "before.tar", actor, to=())
    record_id = filled.read("party", READER)["record_id"][3].as_py()
    with filled.writer(actor) as writer:
        writer.erase([record_id], "asked")
    backup(filled, tmp_path / "after.tar", actor, to=())
    restore(tmp_path / "after.tar", tmp_path / "after", actor)
    restore(tmp_path / "before.tar", tmp_path / "before", actor, erasures=filled)
    for name in ("after", "before"):
        again = Floor.open(tmp_path / name)
        assert record_id not in again.read("party", READER)["record_id"].to_pylist()
        assert list(again.verify()) == []


def test_nothing_is_overwritten(filled, actor, tmp_path):
    backup(filled, tmp_path / "b.tar", actor, to=())
    with pytest.raises(StoreError, match="never overwrites"):
        backup(filled, tmp_path / "b.tar", actor, to=())
    with pytest.raises(NoFloor, match="not empty"):
        restore(tmp_path / "b.tar", filled.root, actor)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.9, 0.999])
def test_a_damaged_backup_restores_nothing(filled, actor, tmp_path, share):
    backup(filled, tmp_path / "b.tar", actor, to=())
    with tarfile.open(tmp_path / "b.tar") as tar:
        end, last = tar.getmember(CONTENTS).offset_data, tar.getmember(SIGNATURE)
    data = bytearray((tmp_path / "b.tar").read_bytes())
    with tarfile.open(tmp_path / "b.tar") as tar:
        spots = [m.offset_data + int(share * (m.size - 1)) for m in tar if m.size and m.name != CONTENTS]
    for at in spots:
        assert at < last.offset_data + last.size
        (tmp_path / "c.tar").write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(Damaged):
            restore(tmp_path / "c.tar", tmp_path / "again", actor)
        assert not (tmp_path / "again").exists()
    (tmp_path / "d.tar").write_bytes(data[: int(share * end)])
    with pytest.raises(Damaged):
        restore(tmp_path / "d.tar", tmp_path / "again", actor)
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_dir()) == ["floor"]


def test_a_member_that_would_leave_the_floor(actor, tmp_path):
    with tarfile.open(tmp_path / "evil.tar", "w") as tar:
        (tmp_path / "x").write_text("x", encoding="utf-8")
        tar.add(tmp_path / "x", "../../escaped")
    with pytest.raises(Damaged, match="outside of the floor"):
        restore(tmp_path / "evil.tar", tmp_path / "again", actor)
    assert not (tmp_path.parent / "escaped").exists()


def test_another_tar_file_is_no_backup(actor, tmp_path):
    with tarfile.open(tmp_path / "photos.tar", "w") as tar:
        (tmp_path / "x").write_text("x", encoding="utf-8")
        tar.add(tmp_path / "x", "x")
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "nowhere"
        tar.addfile(link)
    with pytest.raises(Damaged, match="is no backup: it holds no floor"):
        restore(tmp_path / "photos.tar", tmp_path / "again", actor)
    assert not (tmp_path / "again").exists()


@settings(max_examples=draws(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_in_the_file_nothing_but_a_backup_is_restored(filled, actor, tmp_path, data):
    whole = tmp_path / "whole.tar"
    if not whole.exists():
        backup(filled, whole, actor, to=())
    good = whole.read_bytes()
    at = data.draw(st.integers(0, len(good) - 1) | st.integers(0, 1023))
    piece = data.draw(st.binary(min_size=1, max_size=600))
    (tmp_path / "bad.tar").write_bytes(good[:at] + piece + good[at + data.draw(st.integers(0, 600)) :])
    try:
        restore(tmp_path / "bad.tar", tmp_path / "again", actor)
    except StoreError:
        assert not (tmp_path / "again").exists()
    else:  # what was written over was padding, or a member's date
        assert list(Floor.open(tmp_path / "again").verify()) == []
        shutil.rmtree(tmp_path / "again")


def test_a_rotten_file_makes_no_backup(filled, actor, tmp_path):
    rotten = tamper.paths(filled, ".zst")[0]
    data = bytearray(tamper.read(filled, rotten))
    data[len(data) // 2] ^= 4
    tamper.write(filled, rotten, data)
    with pytest.raises(Damaged, match=rf"{rotten} is broken at byte {len(data) // 2}"):
        backup(filled, tmp_path / "b.tar", actor, to=())
    assert not list(tmp_path.glob("*b.tar*"))


def changed(source, target, *, name="policy.toml", data=b"x", sign=None):
    """A copy of a backup in which a member has other bytes, and the list of contents the digest of these."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        members = {one.name: old.extractfile(one).read() for one in old}
        members[name] = data
        contents = msgspec.json.decode(members[CONTENTS])
        contents["files"][name] = sha256(data).hexdigest()
        members[CONTENTS] = msgspec.json.encode(contents)
        if sign is not None:
            text = f"watchfloor backup\n{sha256(members[CONTENTS]).hexdigest()}\n"
            members[SIGNATURE] = notes.note(text, sign).encode()
        for each, content in members.items():
            member = tarfile.TarInfo(each)
            member.size = len(content)
            new.addfile(member, BytesIO(content))


def test_a_backup_whose_policy_and_list_were_changed_together_restores_nothing(filled, actor, tmp_path):
    (filled.root / "policy.toml").write_text(POLICY, "utf-8")
    backup(filled, tmp_path / "b.tar", actor, to=())
    stranger = notes.Signer(filled.settings.name, bytes(32))
    other = POLICY.replace("PA", "PC").encode()
    changed(tmp_path / "b.tar", tmp_path / "renewed.tar", data=other)
    changed(tmp_path / "b.tar", tmp_path / "forged.tar", data=other, sign=stranger)
    for name in ("renewed", "forged"):
        with pytest.raises(Damaged):
            restore(tmp_path / f"{name}.tar", tmp_path / "again", actor)
        assert not (tmp_path / "again").exists()
    changed(tmp_path / "b.tar", tmp_path / "same.tar", data=POLICY.encode())
    kept = restore(tmp_path / "same.tar", tmp_path / "again", actor)
    assert kept.signer == filled.signer.verifier.text


def test_a_backup_is_held_against_the_key_that_is_named(filled, actor, tmp_path):
    backup(filled, tmp_path / "b.tar", actor, to=())
    stranger = notes.Signer(filled.settings.name, bytes(32)).verifier
    with pytest.raises(Damaged):
        restore(tmp_path / "b.tar", tmp_path / "again", actor, signer=stranger)
    elsewhere = Floor.create(tmp_path / "elsewhere", actor, name=filled.settings.name)
    with pytest.raises(Damaged):
        restore(tmp_path / "b.tar", tmp_path / "again", actor, erasures=elsewhere)
    kept = restore(tmp_path / "b.tar", tmp_path / "again", actor, signer=filled.signer.verifier)
    assert kept.signer == filled.signer.verifier.text


def test_a_backup_without_a_signature_is_restored_where_somebody_says_so(filled, actor, tmp_path):
    backup(filled, tmp_path / "b.tar", actor, to=())
    with tarfile.open(tmp_path / "b.tar") as old, tarfile.open(tmp_path / "bare.tar", "w") as new:
        for one in old:
            if one.name != SIGNATURE:
                new.addfile(one, old.extractfile(one))
    with pytest.raises(Damaged):
        restore(tmp_path / "bare.tar", tmp_path / "again", actor)
    assert restore(tmp_path / "bare.tar", tmp_path / "again", actor, unsigned=True).signer == ""
