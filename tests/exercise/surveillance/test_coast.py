"""The coast: true numbers, each object where its path says, in the order in which it came."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from watchfloor.exercise.surveillance import coast, truth
from watchfloor.exercise.surveillance.feeds import WIRES, write
from watchfloor.exercise.volumes import FLIGHTS, VESSELS_HEARD
from watchfloor.formats.registry import FORMATS
from watchfloor.reference import border

SEED, SCALE = 4, 20.0


@pytest.fixture(scope="module")
def far():
    return coast.draw(SEED, SCALE)


def test_it_begins_where_the_towers_see_no_more(far):
    assert coast.draw(SEED, coast.NEAR) is None
    assert far.vessels == VESSELS_HEARD.at(SCALE)
    assert len(far.kind) == far.vessels + FLIGHTS.at(SCALE)
    assert len(set(far.claimed.to_pylist())) == len(far.kind)


def test_nobody_on_it_crosses_the_line():
    points = [
        (one[0] + share * (one[2] - one[0]), one[1] + share * (one[3] - one[1]))
        for one in coast.LANES
        for share in np.linspace(0, 1, 40)
    ]
    for first, last in ((0, coast.EAST), (coast.EAST, len(coast.FIELDS))):
        group = coast.FIELDS[first:last]
        points += [
            (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))
            for a in group
            for b in group
            for share in np.linspace(0, 1, 60)
        ]
    latitude, longitude = np.array(points).T
    assert set(border.load().side(latitude, longitude)) == {"CAN"}


@pytest.mark.parametrize("feed", ["ais", "adsb"])
def test_what_is_heard_is_where_the_path_says(far, feed):
    found = list(coast.hours(far, feed, SEED))
    rows = pa.concat_tables([one.rows for one in found])
    entry = np.concatenate([one.entry for one in found])
    at = rows["observed_at"].cast(pa.int64()).to_numpy() / 1e6 - coast.DAY.timestamp()
    placed = rows["latitude"].is_valid().to_numpy()
    for one in np.unique(entry):
        mine = (entry == one) & placed
        times, latitude, _, height = far.turns(one).T
        north = (rows["latitude"].to_numpy()[mine] - np.interp(at[mine], times, latitude)) * 111_195
        assert abs(north).max() < 6 * coast.radio.SIGMA + 15  # a moment is written in whole seconds
        assert (np.interp(at[mine], times, height) > 800).all() == (feed == "adsb")


def test_its_reports_stand_among_those_of_the_line_in_the_order_of_receipt(day, far, tmp_path):
    whole = replace(day, coast=far, seed=SEED)
    objects = write(tmp_path, whole)
    for feed in ("ais", "adsb"):
        pieces = list(whole.pieces(feed))
        received = np.concatenate([one.rows["received_at"].cast(pa.int64()).to_numpy() for one in pieces])
        near, every = day.feeds[feed].objects, objects[feed]
        assert sorted(every[every < len(day.passages)].tolist()) == sorted(near.tolist())
        assert len(np.unique(every[every >= len(day.passages)])) > 20
        hours = np.split(received, np.cumsum([one.rows.num_rows for one in pieces])[:-1])
        assert all((np.diff(hour) >= 0).all() for hour in hours)
        wire = WIRES[feed]
        with (tmp_path / wire.file).open("rb") as stream:
            read = list(FORMATS[wire.form].read(stream, wire.file))
        assert not [one for one in read if hasattr(one, "reason")]
        assert sum(one.rows.num_rows for one in read) == len(every)
    keys = whole.pieces("adsb").__next__().rows["report_key"].to_pylist()
    assert keys[:2] == ["adsb-000001", "adsb-000002"]
    assert truth.rows("adsb", objects["adsb"])["row"].to_pylist()[: len(keys)] == keys


def test_the_key_has_the_turning_points_of_every_object(day, far):
    whole = replace(day, coast=far)
    paths = pa.concat_tables(truth.far(whole))
    assert set(paths["object"].to_pylist()) == {len(day.passages) + n for n in range(len(far.kind))}
