"""OGC API Features and Tiles: what has a place, as maps pull it (OGC 17-069r4, 18-058r1 and 20-057)."""
