"""Files of places: GeoJSON, KML, GPX, GeoPackage and GeoParquet, as features on a map."""
