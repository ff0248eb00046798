"""Erasing records: what keeps them, what names a person, what goes, and the certificate of it."""
