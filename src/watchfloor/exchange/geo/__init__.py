"""Things with a place as files that maps read: GeoJSON, KML, GeoPackage, GeoParquet, GPX and CSV."""
