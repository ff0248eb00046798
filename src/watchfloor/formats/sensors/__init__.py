"""Formats of sensors: AIS, ADS-B, ASTERIX, KLV, SAPIENT, Cursor on Target, clips, detections as tables."""
