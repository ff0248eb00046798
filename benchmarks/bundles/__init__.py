"""Bundles between two nodes, measured beside STIX 2.1 and plain signed JSON."""
