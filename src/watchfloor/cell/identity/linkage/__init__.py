"""Linkage of the persons of any tables, without labels: which rows are of one person, and why, in bits."""
