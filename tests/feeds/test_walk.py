import gzip
import os
import zipfile
from io import BytesIO

import pytest

from watchfloor.feeds import streams
from watchfloor.feeds.streams import Budget, Gunzip, Unreadable, WholeLines
from watchfloor.feeds.walk import Aside, Item, walk


def seen(*paths):
    """Name and bytes of each item, name and reason of what is left aside."""
    found = {}
    for one in walk(paths):
        if isinstance(one, Aside):
            found[one.name.rsplit("/", 1)[-1]] = one.reason
        else:
            with one.open() as stream:
                found[one.name.rsplit("/in/", 1)[-1]] = stream.read(1 << 20)
    return found


def zipped(**members):
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_DOT_", "."), data)
    return out.getvalue()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def test_folders_are_walked_in_order(folder):
    (folder / "b").mkdir()
    (folder / "b" / "2.csv").write_bytes(b"2")
    (folder / "a.csv").write_bytes(b"1")
    names = [one.name for one in walk([folder])]
    assert [name.rsplit("/in/")[-1] for name in names] == ["a.csv", "b/2.csv"]


def test_archives_are_opened_one_level_into_another(folder):
    (folder / "x.csv.gz").write_bytes(gzip.compress(b"plain") + gzip.compress(b" twice") + b"\0\0")
    inner = zipped(deep_DOT_csv=b"deep")
    (folder / "a.zip").write_bytes(
        zipped(m_DOT_csv=b"member", g_DOT_csv_DOT_gz=gzip.compress(b"both"), z_DOT_zip=inner)
    )
    (folder / "d.zip").write_bytes(zipped(z_DOT_zip=zipped(y_DOT_zip=inner)))
    found = seen(folder)
    assert found["x.csv.gz"] == b"plain twice"
    assert found["a.zip!m.csv"] == b"member"
    assert found["a.zip!g.csv.gz"] == b"both"
    assert found["a.zip!z.zip!deep.csv"] == b"deep"
    assert any("unpack it first" in str(reason) for reason in found.values())


def test_the_inner_name_is_what_formats_see(folder):
    (folder / "x.csv.gz").write_bytes(gzip.compress(b"1"))
    (item,) = walk([folder])
    assert isinstance(item, Item)
    assert item.file == "x.csv"


def test_links_do_not_lead_in_circles(folder):
    (folder / "x.csv").write_bytes(b"1")
    try:
        (folder / "up").symlink_to(folder, target_is_directory=True)
        (folder / "self").symlink_to(folder / "self")
        (folder / "gone").symlink_to(folder / "nowhere")
    except OSError:
        pytest.skip("this system makes no symbolic links for us")
    found = seen(folder)
    assert found["x.csv"] == b"1"
    assert "lies in" in found["up"]
    assert "leads back" in found["self"]
    assert "nothing" in found["gone"]


def test_an_empty_folder_and_archive_say_so(folder):
    assert seen(folder) == {"in": "is an empty folder"}
    (folder / "e.zip").write_bytes(zipped())
    assert seen(folder) == {"e.zip": "is an empty archive"}


def test_a_folder_that_cannot_be_listed(folder, monkeypatch):
    def refused(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(folder), "iterdir", refused)
    assert seen(folder) == {"in": "cannot be listed: Permission denied"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_no_file(folder):
    os.mkfifo(folder / "pipe")
    assert "no file" in seen(folder)["pipe"]


@pytest.mark.skipif(os.name == "nt", reason="names of files are Unicode on Windows")
def test_a_name_that_is_no_utf8_is_shown_with_its_bytes(folder):
    with open(os.path.join(os.fsencode(folder), b"caf\xe9.csv"), "wb") as file:  # noqa: PTH118, PTH123
        file.write(b"1")
    assert seen(folder) == {"caf\\xe9.csv": b"1"}


def test_what_a_desktop_leaves_is_harmless(folder):
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "a.zip").write_bytes(zipped(**{"__MACOSX/m": b"x"}, m_DOT_csv=b"1"))
    aside = [one for one in walk([folder]) if isinstance(one, Aside)]
    assert [one.harmless for one in aside] == [True, True]


def test_a_bomb_is_stopped(folder, monkeypatch):
    monkeypatch.setattr(streams, "FREE", 1000)
    (folder / "b.gz").write_bytes(gzip.compress(b"0" * 10_000_000))
    (folder / "b.zip").write_bytes(zipped(b_DOT_csv=b"0" * 10_000_000))
    for one in walk([folder]):
        with pytest.raises(Unreadable, match="250 times"), one.open() as stream:
            sum(len(chunk) for chunk in iter(lambda: stream.read(1 << 16), b""))


@pytest.mark.parametrize("cut", [3, 12, 200, 900])
def test_a_cut_gzip_gives_what_there_is(cut):
    data = os.urandom(1000)
    whole = gzip.compress(data)
    stream = Gunzip(BytesIO(whole[:cut]), Budget("x", 1000))
    got = b"".join(iter(lambda: stream.read(64), b""))
    assert data.startswith(got)
    assert "cut" in stream.damage


def test_a_damaged_gzip_says_so():
    whole = bytearray(gzip.compress(b"hello " * 1000))
    whole[-6] ^= 0xFF
    stream = Gunzip(BytesIO(bytes(whole)), Budget("x", 1000))
    assert b"".join(iter(lambda: stream.read(64), b"")).startswith(b"hello")
    assert "damaged" in stream.damage


def test_a_damaged_member_says_so(folder):
    data = bytearray(zipped(m_DOT_csv=b"hello " * 10_000))
    data[60] ^= 0xFF
    (folder / "a.zip").write_bytes(data)
    for item in walk([folder]):
        with item.open() as stream:
            while stream.read(100):
                pass
            assert "damaged" in stream.damage


def test_a_cut_zip_is_left_aside(folder):
    (folder / "a.zip").write_bytes(zipped(m_DOT_csv=b"hello " * 1000)[:-30])
    assert "damaged or cut" in seen(folder)["a.zip"]


def test_half_a_line_is_held_back():
    stream = WholeLines(BytesIO(b"one\ntwo\nthr"))
    assert b"".join(iter(lambda: stream.read(3), b"")) == b"one\ntwo\n"
    assert stream.tail == b"thr"


def test_a_floor_inside_a_folder_is_left_aside(tmp_path):
    (tmp_path / "floor").mkdir()
    (tmp_path / "floor" / "floor.toml").write_text("layout = 1\n", "utf-8")
    (tmp_path / "floor" / "key").write_bytes(b"secret")
    (tmp_path / "a.csv").write_text("id,name\n1,A\n", "utf-8")
    found = list(walk([tmp_path]))
    assert [type(one).__name__ for one in found] == ["Item", "Aside"]
    assert "is a floor" in found[1].reason


def changed(data, what):
    """The archive of `in.csv` with its directory, or its member's own header, said otherwise."""
    local, directory = data.index(b"PK\x03\x04"), data.index(b"PK\x01\x02")
    made = bytearray(data)
    if what == "no name":
        at = directory + 46
        made[at : at + 6] = b""
        made[directory + 28 : directory + 30] = bytes(2)
        size = len(made) - 22 - directory
        made[-10:-6] = size.to_bytes(4, "little")
        made[local + 26 : local + 28] = (0).to_bytes(2, "little")
    elif what == "no UTF-8 in its header":
        made[local + 6 : local + 8] = made[directory + 8 : directory + 10] = (0x800).to_bytes(2, "little")
        made[local + 30] = 0xFF
    elif what == "a password":
        made[local + 6] |= 1
        made[directory + 8] |= 1
    elif what == "another method":
        made[local + 8] = made[directory + 10] = 99
    elif what == "absurd sizes":
        made[directory + 20 : directory + 28] = b"\xfe\xff\xff\xff" * 2
    elif what == "another place":
        made[directory + 42 : directory + 46] = b"\xf0\xff\xff\x7f"
    elif what == "a wrong sum":
        made[directory + 16] ^= 1
    return bytes(made)


@pytest.mark.parametrize(
    "what",
    [
        "no name",
        "no UTF-8 in its header",
        "a password",
        "another method",
        "another place",
        "a wrong sum",
    ],
)
def test_one_bad_member_costs_itself_and_the_rest_of_the_folder_is_walked(folder, what):
    (folder / "a.zip").write_bytes(changed(zipped(in_DOT_csv=b"a,b\n1,2\n" * 99), what))
    (folder / "b.csv").write_bytes(b"kept")
    found = {}
    for one in walk([folder]):
        if isinstance(one, Aside):
            found[one.name.rpartition("/")[2]] = one.reason
            continue
        with one.open() as stream:
            content = stream.read(1 << 20)
            found[one.name.rpartition("/")[2]] = stream.damage or content
    assert found.pop("b.csv") == b"kept"
    ((_, reason),) = found.items()
    assert isinstance(reason, str), what


def test_a_member_that_says_it_is_larger_than_there_is_room_is_left_aside(folder):
    """Some versions of Python read it, others say that it overlaps what comes behind it."""
    (folder / "a.zip").write_bytes(changed(zipped(in_DOT_csv=b"a,b\n1,2\n" * 99), "absurd sizes"))
    assert seen(folder) == {"a.zip!in.csv": "overlaps what comes behind it"}


def test_a_name_of_the_directory_that_is_no_utf8_costs_its_archive(folder):
    data = bytearray(zipped(é_DOT_csv=b"x"))
    at = data.index(b"PK\x01\x02") + 46
    data[at] = 0xFF
    (folder / "a.zip").write_bytes(bytes(data))
    (folder / "b.csv").write_bytes(b"kept")
    found = seen(folder)
    assert found.pop("b.csv") == b"kept"
    assert [isinstance(reason, str) for reason in found.values()] == [True]
