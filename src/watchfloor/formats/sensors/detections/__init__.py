"""Detections as tables: CSV, Parquet, and lines as they come."""
