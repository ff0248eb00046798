"""Elements of made-up satellites, and files of them."""

from watchfloor.formats.orbits.tle import checksum

MSI, LANDSAT, RCM = 40697, 39084, 44322


def pair(norad, node, anomaly, *, motion=14.30810, day="26150.50000000", drag=" 60000-4", dot=" .00000100"):
    """Two lines of a sun-synchronous satellite: it has the number of a real one, and no real one's orbit."""
    first = f"1 {norad:05}U 15028A   {day} {dot}  00000+0 {drag} 0  999"
    second = f"2 {norad:05}  98.5700 {node:8.4f} 0001000  90.0000 {anomaly:8.4f} {motion:11.8f}  100"
    return "\n".join(line.ljust(68)[:68] + str(checksum(line.ljust(68))) for line in (first, second))


def elements(*pairs):
    return "".join(f"{name}\n{lines}\n" for name, lines in pairs)


THREE = elements(
    ("SENTINEL-2A", pair(MSI, 226.0, 270.0)),
    ("LANDSAT 8", pair(LANDSAT, 222.0, 90.0, motion=14.57)),
    ("RCM-1", pair(RCM, 330.0, 10.0, motion=14.92)),
)
MODES = """[[sensor]]
name = "RCM SC50"
satellites = ["RCM-*"]
incidence = [19.0, 58.0]
scene_km = 350
side = "right"
minutes = 12
[[sensor]]
name = "RCM SC30"
satellites = ["RCM-*"]
usual = false
incidence = [19.0, 47.0]
scene_km = 125
side = "right"
minutes = 12
"""
PLACES = "name,lat,lon\nEmerson,49.0,-97.2\nLacolle,45.01,-73.37\n"


def orbited(home):
    """Files of elements and places, by the names that commands are called with."""
    files = {"elements": home / "three.tle", "places": home / "places.csv"}
    files["elements"].write_text(THREE, "utf-8")
    files["places"].write_text(PLACES, "utf-8")
    return files
