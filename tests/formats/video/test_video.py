"""Clips of a fixed camera: what moves is found, what does not is not, and what cannot be read is said."""

import hashlib
import json
import re
import sys
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pyarrow as pa
import pytest
from tests.formats.video import made
from tests.formats.video.made import CAMERA, HEIGHT, SIDE, WIDTH

from watchfloor.core.kinds import DETECTION
from watchfloor.feeds import config
from watchfloor.feeds.intake import Orders, ingest_all
from watchfloor.feeds.original import original
from watchfloor.formats.base import Batch, FormatError, Head
from watchfloor.formats.registry import recognise
from watchfloor.formats.sensors.sapient import file as sapient
from watchfloor.formats.sensors.video import clip, motion
from watchfloor.formats.sensors.video import file as video
from watchfloor.formats.sensors.video.camera import Camera, direction
from watchfloor.formats.settings import SettingsError
from watchfloor.policy.policy import Reader
from watchfloor.store import Actor, Floor

START = datetime(2026, 11, 24, 10, tzinfo=UTC)
NAME = "T07_20261124T100000Z.avi"


@pytest.fixture
def cv2():
    return made.library()


def read(data, name=NAME, camera=CAMERA, **more):
    """Rows of coverage, rows of detections, and reasons of faults."""
    rows, why = {"coverage": [], "detection": []}, []
    for piece in video.read(BytesIO(data), name, camera=camera, **more):
        if isinstance(piece, Batch):
            rows[piece.kind.name] += piece.rows.to_pylist()
        else:
            assert piece.rest
            why.append(piece.reason)
    return rows["coverage"], rows["detection"], why


def said(row, name):
    infos = json.loads(row["says"])["object_info"]
    return json.loads(next(one["value"] for one in infos if one["type"] == name))


@pytest.mark.parametrize(
    ("suffix", "codec"), [(".avi", "MJPG"), (".mp4", "mp4v"), (".mkv", "mp4v"), (".webm", "VP80")]
)
def test_a_square_that_moves_over_noise_is_found_where_it_is(cv2, suffix, codec):
    data = made.clip() if codec == "MJPG" else made.written(made.pictures(), suffix, codec)
    (looked,), found, why = read(data)
    assert not why
    assert len(found) == 8  # every look of 0.2 s from the third after the 10 in which it learns
    assert len({row["object"] for row in found}) == 1
    for row in found:
        seconds = (row["observed_at"] - START).total_seconds()
        left, top = made.place(seconds)
        expected = (left, top, left + SIDE, top + SIDE)
        x, y, width, height = said(row, "box")
        assert (x, y, x + width, y + height) == pytest.approx(expected, abs=6)
        assert said(row, "frame") == round(seconds * made.RATE)
        middle = direction(CAMERA, left + SIDE / 2, top + SIDE / 2, WIDTH, HEIGHT)
        assert row["azimuth"] == pytest.approx(middle.azimuth, abs=1)
        assert row["elevation"] == pytest.approx(middle.elevation, abs=1)
        assert 0.5 < row["azimuth_error"] < 2
        assert (row["class"], row["confidence"], row["range"], row["latitude"]) == (None,) * 4
    assert (looked["state"], looked["azimuth_from"], looked["azimuth_to"]) == ("looking", 160, 200)
    assert (looked["observed_at"], looked["until"]) == (START, START + timedelta(seconds=3.8))


def test_a_still_scene_has_no_detections_and_its_coverage_says_that_somebody_looked(cv2):
    (looked,), found, why = read(made.written(made.pictures(80, moves=False)))
    assert (found, why, looked["state"]) == ([], [], "looking")
    assert json.loads(looked["says"])["looks"] == 40


def test_light_that_changes_is_no_motion_and_the_view_is_degraded(cv2):
    lit = made.pictures(60, moves=False, light=lambda number: 60 if number > 30 else 0)
    (looked,), found, _ = read(made.written(lit))
    assert (found, looked["state"]) == ([], "degraded")


def test_a_flash_that_is_seen_once_or_twice_is_no_object(cv2):
    gate, told = motion.Gate(), []
    for number, picture in enumerate(made.pictures(30, moves=False)):
        if number in (15, 16):
            picture[40:60, 40:60] = 255
        told += gate.look(picture)
    assert not told


def test_two_that_pass_are_two_and_more_boxes_than_one_can_believe_are_none(cv2, monkeypatch):
    def two():
        for number, picture in enumerate(made.pictures(30)):
            picture[90:106, 140 - 3 * number : 156 - 3 * number] = 200
            yield picture

    def numbers():
        gate = motion.Gate()
        return {box.number for picture in two() for box in gate.look(picture)}

    assert len(numbers()) == 2
    monkeypatch.setattr(motion, "MOST", 1)
    assert not numbers()


def test_a_wide_picture_is_reduced_and_its_boxes_are_in_its_own_pixels(cv2, monkeypatch):
    boxes = {}
    for width in (640, 80):
        monkeypatch.setattr(motion, "WIDTH", width)
        gate = motion.Gate()
        boxes[width] = [box for picture in made.pictures(20) for box in gate.look(picture)][-1]
    assert boxes[80] == pytest.approx(boxes[640], abs=5)


def test_clips_of_one_stated_start_are_told_apart_and_one_delivered_anew_takes_its_place(cv2):
    other = made.written(made.pictures(seed=8))
    keys = [
        {row["report_key"] for row in [*looked, *found]}
        for data in (made.clip(), other)
        for looked, found, _ in (read(data, base_time=START), read(data, "b.avi", base_time=START))
    ]
    assert keys[0] == keys[1]
    assert keys[2] == keys[3]
    assert not keys[0] & keys[2]
    named = [{row["report_key"] for row in read(data)[0]} for data in (made.clip(), other)]
    assert named[0] == named[1]


def test_what_moves_is_written_as_sapient_reports_and_read_again(cv2):
    _, found, _ = read(made.clip())
    log = BytesIO()
    sapient.write([Batch(DETECTION, pa.Table.from_pylist(found, DETECTION.body))], log)
    (again,) = sapient.read(BytesIO(log.getvalue()), "log")
    columns = ("observed_at", "sensor", "object", "azimuth", "elevation", "sensor_latitude", "report_key")
    for ours, theirs in zip(found, again.rows.to_pylist(), strict=True):
        assert {name: theirs[name] for name in columns} == {
            name: pytest.approx(ours[name]) if isinstance(ours[name], float) else ours[name]
            for name in columns
        }
        assert said(theirs, "box") == said(ours, "box")
        (file,) = json.loads(theirs["says"])["associated_file"]
        digest = urlsafe_b64encode(hashlib.sha256(made.clip()).digest()).decode().rstrip("=")
        assert file == {"type": "video", "url": f"ni:///sha-256;{digest}"}


def test_a_cut_clip_gives_what_can_be_read_and_says_so(cv2):
    whole = made.clip()
    (looked,), _, (why,) = read(whole[: len(whole) * 3 // 4])
    assert re.search(r"40 pictures, and (29|30) could", why)
    assert START < looked["until"] < START + timedelta(seconds=3.2)
    mp4 = made.written(made.pictures(5), ".mp4", "mp4v")
    with pytest.raises(FormatError, match="index"):
        read(mp4[: len(mp4) // 2])


def test_files_that_are_none_or_hold_no_picture_are_refused(cv2):
    for data in (b"no video", b"", b"#EXTM3U\n/etc/passwd\n", b"\0\0\0\x1cftypheic" + bytes(99)):
        with pytest.raises(FormatError, match="is no clip"):
            read(data)
    with pytest.raises(FormatError, match=r"no video|no picture"):
        read(made.written([], ".mp4", "mp4v"))
    with pytest.raises(FormatError, match=r"no video|no picture"):
        read(made.written([]))
    with pytest.raises(FormatError, match="cut or damaged"):
        read(b"\xff\xd8\xff\xe0" + bytes(50))


def test_sizes_and_lengths_have_limits(cv2, monkeypatch):
    with monkeypatch.context() as small:
        small.setattr(clip, "MAX_PIXELS", WIDTH * HEIGHT - 1)
        with pytest.raises(FormatError, match="160 by 120 pixels"):
            read(made.clip())
    with monkeypatch.context() as short:
        short.setattr(clip, "MAX_FRAMES", 30)
        assert "more than 30 pictures" in read(made.clip())[2][0]
    with monkeypatch.context() as brief:
        brief.setattr(clip, "MAX_SECONDS", 2)
        assert "picture 21 is at 2.100 s" in read(made.clip())[2][0]
    monkeypatch.setattr(clip, "MAX_BYTES", 1000)
    with pytest.raises(FormatError, match="cut it into shorter clips"):
        read(made.clip())


def test_without_a_camera_or_a_time_it_is_refused(cv2):
    with pytest.raises(FormatError, match="which camera took"):
        read(made.clip(), camera=None)
    for name in ("clip.avi", "T07_20261124T100000.avi", "T07_20261324T100000Z.avi"):
        with pytest.raises(FormatError, match=r"when .* began"):
            read(made.clip(), name)
    (looked,), _, _ = read(made.clip(), "clip.avi", base_time=START + timedelta(hours=1))
    assert looked["observed_at"] == START + timedelta(hours=1)
    assert video._started("cam 2026-11-24_10-00-00.250Z.mkv") == START + timedelta(milliseconds=250)


def test_without_opencv_one_sentence_says_what_to_install(monkeypatch):
    clip.library.cache_clear()
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "cv2", None)
        with pytest.raises(FormatError, match=r"watchfloor\[video\]"):
            read(b"RIFF\0\0\0\0AVI ")
    clip.library.cache_clear()


def test_directions_of_a_picture():
    level = Camera("c", 45.0, -73.0, 350.0, 90.0)
    assert direction(level, 50, 50, 100, 100) == pytest.approx((350, 0))
    assert direction(level, 100, 50, 100, 100) == pytest.approx((35, 0))  # the edge of 90 degrees
    assert direction(level, 50, 0, 100, 100) == pytest.approx((350, 45))
    down = Camera("c", 45.0, -73.0, 350.0, 90.0, tilt=-30.0)
    assert direction(down, 50, 50, 100, 100) == pytest.approx((350, -30))
    assert direction(down, 50, 0, 100, 100) == pytest.approx((350, 15))


def test_clips_and_stills_are_recognised(cv2):
    still = cv2.imencode(".png", next(made.pictures()))[1].tobytes()
    assert recognise(Head("x", still)).name == "video"
    assert recognise(Head("x", made.clip()[:4096])).name == "video"
    (looked,), found, why = read(still)
    assert (looked["until"], looked["mode"], found, why) == (START, "image", [], [])


SETTINGS = """
[feeds.tower-7]
marking = "PA//TLP:GREEN"
[feeds.tower-7.camera]
sensor = "T07/EO"
latitude = 45.0
longitude = -73.0
bearing = 180.0
field_of_view = 40.0
"""


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("40.0", "190.0", "field_of_view"),
        ("45.0", "95.0", "latitude"),
        ("180.0", "-20.0", "bearing"),
        ('"T07/EO"', '""', "sensor"),
        ("bearing = 180.0\n", "", "camera"),
        ("40.0", "40.0\ntilt = nan", "tilt"),
        ("40.0", "40.0\nbearing_error = 0.0", "bearing_error"),
        ("40.0", "40.0\nbaering = 1.0", "baering"),
    ],
)
def test_a_camera_that_cannot_be_is_refused(tmp_path, old, new, key):
    (tmp_path / config.NAME).write_text(SETTINGS.replace(old, new), "utf-8")
    with pytest.raises(SettingsError, match=key):
        config.load(tmp_path)


def test_a_clip_is_kept_by_its_hash_under_its_marking_and_taken_in_once(cv2, tmp_path):
    actor = Actor("clerk", "test", "none needed")
    floor = Floor.create(tmp_path / "floor", actor, ceiling="PB//TLP:RED")
    (floor.root / config.NAME).write_text(SETTINGS, "utf-8")
    path = tmp_path / NAME
    path.write_bytes(made.clip())
    orders = Orders(source="tower-7")
    for _ in range(2):
        with floor.writer(actor) as writer:
            list(ingest_all(writer, [path], config.load(floor.root), orders))
    reader = Reader("clerk", protected=2, tlp=4)
    rows = floor.read("detection", reader).to_pylist()
    assert len(rows) == 8
    assert {row["marking"] for row in rows} == {"PA//TLP:GREEN"}
    found = original(floor, rows[0]["record_id"], reader)
    assert found.digest == hashlib.sha256(made.clip()).digest()
    with found.open(floor, reader) as stream:
        assert stream.read() == made.clip()
    assert not floor.read("detection", Reader("other", protected=0, tlp=0)).num_rows
