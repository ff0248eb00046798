"""Substances: what a structure is, which definitions of the law it meets, and what the law says of a query."""
