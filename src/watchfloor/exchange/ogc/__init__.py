"""OGC API Features: what has a place, as maps pull it (OGC 17-069r4 and 18-058r1)."""
