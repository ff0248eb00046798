"""Formats of intelligence that others made: objects that are kept whole."""
