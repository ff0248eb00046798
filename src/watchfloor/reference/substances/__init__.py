"""Substances: what a structure is, which definitions it meets, and what the law says of a query."""
