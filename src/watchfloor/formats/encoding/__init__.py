"""Encodings of text, and names in plain Latin letters."""
