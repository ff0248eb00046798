"""Scenes in folders: one delivery each, with the files that lie beside the item and no others."""

import json
import os
import tarfile
from io import BytesIO

import pytest

from watchfloor.feeds import scene_folders
from watchfloor.feeds.scene_folders import scene
from watchfloor.feeds.streams import Changed
from watchfloor.feeds.walk import Aside, walk


def item(**hrefs):
    assets = {name: {"href": href} for name, href in hrefs.items()}
    return json.dumps({"type": "Feature", "stac_version": "1.1.0", "id": "S", "assets": assets})


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "in"
    (folder / "pixels").mkdir(parents=True)
    (folder / "a.json").write_text(
        item(red="./red.tif", far="https://example.org/x.tif", nir="pixels/nir.tif")
    )
    (folder / "red.tif").write_bytes(b"r" * 700)
    (folder / "pixels" / "nir.tif").write_bytes(b"n" * 513)
    return folder


def walked(*paths):
    """Members of each delivery by its name, and what was left aside."""
    found, aside = {}, []
    for one in walk(paths):
        if isinstance(one, Aside):
            aside.append((one.name.rsplit("/", 1)[-1], one.harmless))
            continue
        with one.open() as stream:
            data = stream.read()
            stream.check()
        if data.startswith(b"item.json"):
            with tarfile.open(fileobj=BytesIO(data)) as archive:
                data = {member.name: archive.extractfile(member).read() for member in archive}
        found[one.name.rsplit("/", 1)[-1]] = data
    return found, aside


def test_an_item_and_its_files_are_one_delivery(folder):
    (folder / "other.csv").write_text("a;b")
    found, aside = walked(folder)
    assert found == {
        "a.json": {
            "item.json": (folder / "a.json").read_bytes(),
            "./red.tif": b"r" * 700,
            "pixels/nir.tif": b"n" * 513,
        },
        "other.csv": b"a;b",
    }
    assert aside == []


def test_it_is_the_same_delivery_from_its_file_and_however_it_is_read(folder, tmp_path):
    whole = walked(folder / "a.json")[0]
    assert whole == walked(folder)[0]
    (one,) = walk([folder / "a.json"])
    with one.open() as stream:
        pieces = b"".join(iter(lambda: stream.read(100), b""))
    os.utime(folder / "red.tif", (1, 1))
    with one.open() as stream:
        assert stream.read() == pieces


def test_two_items_may_share_a_file(folder):
    (folder / "b.json").write_text(item(red="./red.tif"))
    found, aside = walked(folder)
    assert [set(members) for members in found.values()] == [
        {"item.json", "./red.tif", "pixels/nir.tif"},
        {"item.json", "./red.tif"},
    ]
    assert aside == []


@pytest.mark.parametrize(
    "href",
    ["../secret.tif", "/etc/hostname", "link.tif", "file:///etc/hostname", "a.json", "", "pixels", "\0"],
)
def test_no_item_reaches_out_of_its_folder(folder, href):
    (folder.parent / "secret.tif").write_bytes(b"s")
    (folder / "link.tif").symlink_to(folder.parent / "secret.tif")
    (folder / "a.json").write_text(item(bad=href))
    assert scene(folder / "a.json").files == {}


@pytest.mark.parametrize("href", ["item.json", "./item.json", "pixels/../ITEM.JSON"])
def test_no_file_takes_the_place_of_the_item(folder, href):
    for name in ("item.json", "ITEM.JSON"):
        (folder / name).write_text("{}")
    (folder / "a.json").write_text(item(thumbnail=href, red="./red.tif"))
    assert set(scene(folder / "a.json").files) == {"./red.tif"}


@pytest.mark.parametrize("kind", ["Catalog", "Collection"])
def test_a_collection_is_left_aside_without_harm(folder, kind):
    (folder / "collection.json").write_text(json.dumps({"type": kind, "stac_version": "1.0.0", "id": "C"}))
    assert walked(folder)[1] == [("collection.json", True)]


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b'{"type":"Feature"}',
        b'["stac_version"]',
        b'{"stac_version":',
        b'{"type":"X","stac_version":"1"}',
    ],
)
def test_other_json_is_a_delivery_of_its_own(folder, content):
    (folder / "a.json").write_bytes(content)
    assert scene(folder / "a.json") is None
    assert walked(folder)[0]["a.json"] == content
    assert "red.tif" in walked(folder)[0]


def test_a_description_that_is_too_long_is_none(folder, monkeypatch):
    monkeypatch.setattr(scene_folders, "LONGEST", 10)
    assert scene(folder / "a.json") is None


def test_a_file_that_changes_while_it_is_read_is_refused(folder):
    (one,) = walk([folder / "a.json"])
    with one.open() as stream:
        stream.read(10)
        (folder / "red.tif").write_bytes(b"x")
        assert len(stream.read()) % 512 == 502  # whole blocks, whatever became of the file
        with pytest.raises(Changed):
            stream.check()
