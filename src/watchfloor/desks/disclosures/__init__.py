"""Disclosures of other nodes, as signals of this floor."""
