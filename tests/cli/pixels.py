"""What commands of change are called with: a cleared pixel, a pair of scenes, two on a floor; and a clip."""

import json

from tests.casework import ground
from tests.desks.space.change import made
from tests.desks.space.change.made_up import table
from tests.formats.video import made as video

from watchfloor.store import Floor

CAMERA = """sensor = "T07/EO"
latitude = 45.0
longitude = -73.0
bearing = 180.0
field_of_view = 40.0
"""
FULL = {
    ("change", "monitor"): ["{pixel}"],
    ("change", "pair"): ["{before}", "{after}"],
    ("track", "motion"): ["{clip}", "--camera", "{camera}", "-o", "{new}"],
}
"""What each is called with where there is something to print."""

LEAVES = tuple(map(" ".join, FULL))
"""They read no floor, and leave no act."""


ON_FLOOR = {
    ("change", "scan"): [
        *("--km", "1495-1505", "--from", "2026-05-01", "--until", "2026-07-01", "--retain", "9999"),
        *("--shapes", "{shapes}", "--floor", "{floor}"),
    ]
}
"""What those are called with that read a floor."""


def imaged(home):
    """Two scenes on the floor, and shapes that were found between them."""
    for day in (0, 10):
        ground.add_scene(Floor.open(home / "floor"), day)
    shapes = home / "shapes.jsonl"
    shapes.write_text(json.dumps(ground.line()), "utf-8")
    return {"shapes": shapes}


def observed(home):
    """The files, by the names that `FULL` uses."""
    path = home / "pixel.csv"
    path.write_text(table(60, 40), "utf-8")
    before, after = made.pair(home, made.mask(96, 96, (20, 10, 2, 60)), rows=96, columns=96)
    clip, camera = home / "T07_20261124T100000Z.avi", home / "T07.toml"
    clip.write_bytes(video.clip())
    camera.write_text(CAMERA, "utf-8")
    return {"pixel": path, "before": before, "after": after, "clip": clip, "camera": camera}
