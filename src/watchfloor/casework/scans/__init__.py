"""Scans: scenes on a floor compared, behind its masks, and what they show kept as changes."""
