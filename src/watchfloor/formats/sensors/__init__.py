"""Formats of sensors: AIS, ADS-B, ASTERIX, KLV, SAPIENT, Cursor on Target, and detections as tables."""
