"""Descriptions of scenes: both versions, their extensions, archives with files, and what is broken."""

import hashlib
import io
import json

import pytest
from tests.formats.imagery import made

from watchfloor.formats.base import Batch, Fault, FormatError, Head
from watchfloor.formats.imagery import stac


def read(data):
    """Return rows and faults of a delivery."""
    rows, faults = [], []
    for one in stac.read(io.BytesIO(data), "x.json"):
        if isinstance(one, Batch):
            rows += one.rows.to_pylist()
        else:
            faults.append(one)
    return rows, faults


def row(item):
    (found,), faults = read(json.dumps(item).encode())
    assert not faults
    return found


def test_an_item_of_sentinel_2_in_version_1_0():
    found = row(made.item_10())
    assert found["report_key"] == "14upv/20260914t172011z/sentinel-2b-msi"
    assert found["tile"] == "14UPV"
    assert (found["cloud"], found["sun_elevation"], found["incidence"]) == (0.125, 41.2, 5.5)
    assert (found["west"], found["south"], found["east"], found["north"]) == (-97.6, 48.2, -96.1, 49.2)
    assert (found["epsg"], found["resolution"], found["mode"]) == (32614, 10.0, "L2A")
    assert (found["bands"], found["licence"]) == (["red"], "CC-BY-4.0")
    assert [one["role"] for one in found["assets"]] == ["data", "quality", "overview"]


def test_an_item_of_a_radar_in_version_1_1_over_the_antimeridian():
    found = row(made.item_11())
    assert found["report_key"] == "n51e179/20260914t235001z/sentinel-1a-c-sar"
    assert found["west"] > found["east"]
    assert (found["west"], found["east"]) == (179.2, -179.4)
    assert json.loads(found["footprint"])["type"] == "MultiPolygon"
    assert (found["ended"] - found["started"]).total_seconds() == 25
    assert (found["mode"], found["side"], found["bands"]) == ("IW", "right", ["vv", "vh"])
    assert (found["epsg"], found["licence"]) == (32601, "https://x.test/terms")
    assert found["assets"][0]["digest"] == "ab" * 32


def test_what_signs_an_address_is_not_kept():
    assert "SECRET" not in json.dumps(row(made.item_10()), default=str)


def test_files_of_an_archive_have_the_digest_of_their_bytes():
    (found,), faults = read(made.archive(made.item_10(), **{"B04.tif": b"pixels", "SCL.tif": b""}))
    assert not faults
    assets = {one["name"]: one for one in found["assets"]}
    assert assets["red"]["digest"] == hashlib.sha256(b"pixels").hexdigest()
    assert assets["red"]["bytes"] == 6
    assert assets["thumbnail"]["digest"] is None


@pytest.mark.parametrize("share", [0.2, 0.6, 0.9])
def test_an_archive_that_ends_early_gives_the_scene_and_a_fault(share):
    data = made.archive(made.item_10(), **{"B04.tif": b"p" * 200_000})
    rows, faults = read(data[: int(share * len(data))])
    assert [one["scene"] for one in rows] == ["S2B_14UPV_20260914_0_L2A"]
    assert rows[0]["assets"][0]["digest"] is None
    assert [one.rest for one in faults] == [True]


def test_an_archive_without_a_description_is_refused():
    with pytest.raises(FormatError):
        read(made.archive(b"{")[:700])


def test_two_scenes_of_one_moment_are_told_apart_or_refused():
    twin = made.item_10() | {"id": "S2B_14UPV_20260914_1_L2A"}
    later = made.item_10(datetime="2026-09-14T17:20:12Z") | {"id": "later"}
    items = {"type": "FeatureCollection", "features": [made.item_10(), twin, later, made.item_11()]}
    rows, (fault,) = read(json.dumps(items).encode())
    assert [one["locator"] for one in rows] == ["item 1", "item 3", "item 4"]
    assert fault.locator == "item 2"
    assert "S2B_14UPV_20260914_0_L2A" in fault.reason


@pytest.mark.parametrize(
    "item",
    [
        made.item_10() | {"stac_version": "0.9.0"},
        made.item_10() | {"id": ""},
        made.item_10() | {"geometry": None},
        made.item_10() | {"geometry": {"type": "Polygon", "coordinates": [[[0, 0]] * 4]}},
        made.item_10() | {"geometry": {"type": "Polygon", "coordinates": [[[0, 95], [1, 0], [0, 95]] * 2]}},
        made.item_10() | {"properties": []},
        made.item_10() | {"assets": {"a": {"href": ""}}},
        made.item_10(datetime=None),
        made.item_10(datetime="2026-09-14"),
        made.item_10(platform=None, constellation=None),
        made.item_10(instruments=[]),
        made.item_10(**{"eo:cloud_cover": 101}),
        made.item_10(**{"view:sun_elevation": "high"}),
        made.item_11(end_datetime="2026-09-14T23:49:00Z"),
    ],
)
def test_a_broken_item_is_a_fault_that_says_what_is_wrong(item):
    rows, faults = read(json.dumps(item).encode())
    assert not rows
    assert len(faults) == 1
    assert isinstance(faults[0], Fault)
    assert "other types" not in faults[0].reason


def test_a_series_of_scenes_is_no_scene():
    with pytest.raises(FormatError):
        read(json.dumps({"type": "Collection", "stac_version": "1.0.0"}).encode())


@pytest.mark.parametrize(
    "wrong",
    [
        {"bbox": [1, 2, 3]},
        {"bbox": ["a", 1, 2, 3]},
        {"bbox": [0, 50, 1, 40]},
        {"bbox": [10, 10, 11, 11]},
        {"assets": {"B04": "B04.tif"}},
        {"assets": {"B04": {"title": "red"}}},
    ],
)
@pytest.mark.parametrize("item", [made.item_10, made.item_11])
def test_what_the_schemas_of_stac_forbid_is_put_aside(item, wrong):
    rows, faults = read(json.dumps(item() | wrong).encode())
    assert (len(rows), len(faults)) == (0, 1)


@pytest.mark.parametrize("missing", ["start_datetime", "end_datetime"])
def test_without_a_datetime_both_ends_are_needed(missing):
    moments = {
        "datetime": None,
        "start_datetime": "2026-05-01T17:00:00Z",
        "end_datetime": "2026-05-01T17:01:00Z",
    }
    item = made.item_10()
    item["properties"] |= moments
    assert row(item)
    del item["properties"][missing]
    rows, faults = read(json.dumps(item).encode())
    assert (len(rows), len(faults)) == (0, 1)


def test_pieces_are_descriptions():
    one = json.dumps(made.item_10()).encode()
    assert stac.piece(io.BytesIO(made.archive(one, **{"B04.tif": b"x"})), "item") == one
    assert stac.piece(io.BytesIO(one), "item") == one
    assert stac.piece(io.BytesIO(one), "item 2") is None
    items = json.dumps({"type": "FeatureCollection", "features": [made.item_10(), made.item_11()]}).encode()
    assert json.loads(stac.piece(io.BytesIO(items), "item 2"))["id"] == "S1A_IW_GRDH"


def test_other_json_is_not_taken_for_a_scene():
    assert stac.sniff(Head("x", b'{"type": "FeatureCollection"}')) == 0
    assert stac.sniff(Head("x", made.archive(made.item_10())[:1000])) > 0.9
