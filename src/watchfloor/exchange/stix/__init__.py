"""STIX 2.1 (OASIS, 10 June 2021): rows as objects that every intelligence platform reads."""
